/**
 * Something is broken 故障: the infrastructure, not the campus. It is never a decline, and asking again with the same id
 * is safe.
 *
 * After a fault it is open whether the command took effect; its one answer is found by sending it again (I3).
 */
import { Schema } from "effect"
import { Reason } from "./Callback.ts"
import { Day, formatDay } from "./CivilTime.ts"
import { OrderId } from "./Id.ts"
import { Medium } from "./Medium.ts"

const because = { operation: Schema.String, cause: Schema.Defect() }

/**
 * `problem`: what is wrong and what helps against it, where the store knows; words of ours, without data. `cause` is for whoever
 * looks closer.
 */
const ofStore = { ...because, problem: Schema.optionalKey(Schema.String) }

const told = ({ operation, problem }: { readonly operation: string; readonly problem?: string }): string =>
  problem === undefined ? `(${operation})` : `(${operation}): ${problem}`

/** The store can not be reached, or did not answer in time. Try again. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", ofStore) {
  override get message() {
    return `The store can not be reached ${told(this)}; the same command may be sent again`
  }
}

/**
 * More commands wait than the store has room for, and this one was not taken: nothing was written. `waiting`: how many wait.
 * Send the same command again, a little later; if it lasts, the database is too slow for this campus.
 */
export class Overloaded extends Schema.TaggedError<Overloaded>()("Overloaded", {
  operation: Schema.String,
  waiting: Schema.Int
}) {
  override get message() {
    return `The store is overloaded (${this.operation}): ${this.waiting} commands wait already; send this one again a little later`
  }
}

/**
 * An embedded database is open already, in another process or in this one; it is open once at a time. `process`: its
 * number, where it is known.
 */
export class FolderInUse extends Schema.TaggedError<FolderInUse>()("FolderInUse", {
  folder: Schema.String,
  lock: Schema.String,
  process: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    const where = this.process === undefined ? `whoever holds ${this.lock}` : `process ${this.process}`
    return `${this.folder} is open already, by ${where}: close it there first`
  }
}

/** The store has no room left, or may only be read. An operator is needed. */
export class StoreFull extends Schema.TaggedError<StoreFull>()("StoreFull", ofStore) {
  override get message() {
    return `The store has no room left or is read-only ${told(this)}; nothing was written`
  }
}

/**
 * The store refused or holds something that it should not: a defect of ours or a damaged database. An operator is
 * needed.
 */
export class StoreBroken extends Schema.TaggedError<StoreBroken>()("StoreBroken", ofStore) {
  override get message() {
    return `The store refused this or gave something that can not be ${told(this)}; nothing was written`
  }
}

/** The password could not be checked: hasher or vault failed. */
export class VaultFailed extends Schema.TaggedError<VaultFailed>()("VaultFailed", because) {
  override get message() {
    return `The password could not be checked or kept (${this.operation})`
  }
}

/** The keys that go into every password's hash are not what they must be, or not those of this database: it does not open. */
export class PepperRefused extends Schema.TaggedError<PepperRefused>()("PepperRefused", { problem: Schema.String }) {
  override get message() {
    return `The peppers are refused: ${this.problem}`
  }
}

/** A recharge channel did not answer: the outcome is unknown until it is asked again. */
export class ChannelFailed extends Schema.TaggedError<ChannelFailed>()("ChannelFailed", because) {
  override get message() {
    return `The recharge channel did not answer (${this.operation}); the outcome is unknown`
  }
}

/**
 * A recharge channel has not taken an order, and says so: nothing will be paid under its number. `code`: the channel's own.
 * `problem`: what is wrong and what helps, in words of ours.
 */
export class ChannelRefused extends Schema.TaggedError<ChannelRefused>()("ChannelRefused", {
  operation: Schema.String,
  code: Schema.String,
  problem: Schema.String
}) {
  override get message() {
    return `The recharge channel refused (${this.operation}, ${this.code}): ${this.problem}; no money was asked for`
  }
}

/** A callback that is not believed. Nothing was changed. `what`: which part of it, in words without data. */
export class CallbackRefused extends Schema.TaggedError<CallbackRefused>()("CallbackRefused", {
  channel: Schema.String,
  reason: Reason,
  what: Schema.String
}) {
  override get message() {
    return `A callback of ${this.channel} is not believed (${this.reason}: ${this.what}); nothing was changed`
  }
}

/** A channel has no bill of this day, or not yet. Ask again later. */
export class BillNotReady extends Schema.TaggedError<BillNotReady>()("BillNotReady", {
  channel: Schema.String,
  day: Day
}) {
  override get message() {
    return `${this.channel} has no bill of ${formatDay(this.day)} yet: ask again later`
  }
}

/**
 * There is no way to this recharge channel. `lacks`: the running system was given no adapter for it (`source`: for money from
 * there), nobody called so hears callbacks, or the profile in force does not list it. `has`: the channels that the running
 * system was given, where that helps. The order stays as it was, and nothing was credited.
 */
export class ChannelMissing extends Schema.TaggedError<ChannelMissing>()("ChannelMissing", {
  channel: Schema.String,
  source: Schema.optionalKey(Schema.String),
  lacks: Schema.Literals(["adapter", "callback", "profile"]),
  has: Schema.optionalKey(Schema.Array(Schema.String))
}) {
  override get message() {
    const { channel, has, lacks, source } = this
    const there = has === undefined ? "" : ` (here are: ${has.length === 0 ? "none" : has.join(", ")})`
    switch (lacks) {
      case "adapter":
        return source === undefined
          ? `No adapter was given for ${channel}: pass it in \`channels\`${there}; no money was asked for`
          : `No adapter was given for ${source} of ${channel}: pass one in \`channels\` that is called ${channel}, or whose \`serves\` names both${there}; no money was asked for`
      case "callback":
        return `No channel called ${channel} hears callbacks: pass its adapter in \`channels\`, or mend the notify URL at the channel${there}; nothing was changed`
      case "profile":
        return `The profile in force lists no recharge channel ${channel}: list it under \`recharge\` and confirm the order again`
    }
  }
}

/** A channel confirmed something that does not fit the order as it stands, such as a second payment: a person must look. */
export class PaymentUnmatched extends Schema.TaggedError<PaymentUnmatched>()("PaymentUnmatched", {
  order: OrderId,
  state: Schema.String,
  step: Schema.String
}) {
  override get message() {
    return `Order ${this.order} is ${this.state} and can not be ${this.step}: no account was changed, its money needs a person`
  }
}

/** No code could be authorised: the issuer's keys or its source of randomness failed. */
export class IssuerFailed extends Schema.TaggedError<IssuerFailed>()("IssuerFailed", because) {
  override get message() {
    return `The issuer of codes failed (${this.operation}); nothing was authorised`
  }
}

/**
 * The school issues no codes of this medium: the running system was given no key that signs them, or the profile in force
 * lists none. Nothing was authorised.
 */
export class IssuerMissing extends Schema.TaggedError<IssuerMissing>()("IssuerMissing", {
  medium: Medium,
  lacks: Schema.Literals(["keys", "profile"])
}) {
  override get message() {
    return this.lacks === "keys"
      ? `No secret key was given that signs ${this.medium}: pass it in \`issuer.secretKeys\`; nothing was authorised`
      : `The profile in force lists no key that issues ${this.medium}: list it under \`codes.issuers\`; nothing was authorised`
  }
}

export type Fault =
  | StoreUnavailable
  | Overloaded
  | FolderInUse
  | StoreFull
  | StoreBroken
  | VaultFailed
  | PepperRefused
  | ChannelFailed
  | ChannelRefused
  | ChannelMissing
  | PaymentUnmatched
  | IssuerFailed
  | IssuerMissing
/** What a store may fail with. */
export type StoreFault = StoreUnavailable | Overloaded | StoreFull | StoreBroken
