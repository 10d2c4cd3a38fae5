/**
 * A deposit that a bank began, from its message to its end 充值、冲正与查询: written down (`BankDeposit`), ordered,
 * confirmed and credited by the flow of all recharges.
 *
 * Each step is known by the bank's day and serial number: whoever is cut off goes on with the next message about it,
 * whichever that is. What is credited is not taken back here; the books of the day settle it.
 */
import {
  AccountStore,
  type Callback,
  Id,
  Money,
  type Person,
  PersonRegister,
  RechargeOrder,
  Recharging,
  SubjectStore,
  Submit
} from "@yikatong/core"
import { Effect, Option, Result } from "effect"
import * as BankDeposit from "./BankDeposit.ts"
import * as BankTime from "./BankTime.ts"
import * as DepositLookup from "./DepositLookup.ts"
import type { DepositCode, DepositState } from "./DepositMessages.ts"
import * as DepositRecord from "./DepositRecord.ts"
import * as DepositRefusal from "./DepositRefusal.ts"
import type { Asked, Returned, Settings } from "./DepositSettings.ts"

/** What the answer says. */
export interface Told {
  readonly code: DepositCode
  readonly campusSerial?: string
  readonly balance?: Money.Money
  readonly state?: DepositState
  readonly amount?: Money.Amount
}

const told = (key: BankDeposit.Key, deposit: BankDeposit.BankDeposit | undefined): Told => {
  switch (deposit?._tag) {
    case "Credited":
      return { code: "accepted", campusSerial: BankDeposit.idOf(key), balance: deposit.balance }
    case "Refused":
    case "TurnedAway":
      return { code: deposit.code }
    case "TakingBack":
    case "Reversed":
    case "Tombstone":
      return { code: "reversedBefore" }
    case "Received":
    case undefined:
      return { code: "outOfOrder" }
  }
}

const orderOf = Effect.fnUntraced(function*(key: BankDeposit.Key) {
  const store = yield* SubjectStore.SubjectStore
  return Option.getOrUndefined(yield* store.find(RechargeOrder.decider, BankDeposit.orderOf(key)))
})

/** Writes down what the order has come to, where that ends the deposit. */
const settled = Effect.fnUntraced(function*(key: BankDeposit.Key, account: Id.AccountId) {
  const order = yield* orderOf(key)
  switch (order?._tag) {
    case "Credited":
    case "Written": {
      const store = yield* AccountStore.AccountStore
      const found = yield* store.find({ _tag: "Account", account })
      const balance = Option.isSome(found) ? DepositLookup.balanceOf(found.value.pockets) : Money.zero
      return (yield* DepositRecord.tell(key, { _tag: "Credit", balance })).deposit
    }
    case "RefundDue":
    case "Refunded": {
      const code = order._tag === "RefundDue" && order.reason !== "accountClosed" ? "outOfOrder" : "closed"
      return (yield* DepositRecord.tell(key, { _tag: "Refuse", code })).deposit
    }
    case "Reversed":
      return (yield* DepositRecord.tell(key, { _tag: "Reverse" })).deposit
    default:
      return yield* DepositRecord.find(key)
  }
})

const personOf = Effect.fnUntraced(function*(id: Id.AccountId) {
  const account = yield* (yield* AccountStore.AccountStore).find({ _tag: "Account", account: id })
  if (Option.isNone(account)) return undefined
  return Option.getOrUndefined(yield* (yield* PersonRegister.PersonRegister).find(account.value.person))
})

/** Orders a deposit; the same again is the same order, however far it has come. */
const placed = Effect.fnUntraced(function*(
  settings: Settings,
  key: BankDeposit.Key,
  { account, amount }: BankDeposit.Known,
  person: Person.Person
) {
  // The bank's own claim was held against the register when it looked the holder up; the account wants one with each
  // order.
  const claim: Person.Claim = { number: person.number, name: person.name, document: person.document }
  const asks = DepositLookup.statement(settings, BankDeposit.idOf(key), yield* Submit.arrival, account, "own", amount)
  return yield* Recharging.place(asks, { claim })
})

/**
 * Leads a deposit that was received to its end: ordered, confirmed, credited. `raw`: its message, as it came; without
 * it the record is asked.
 */
const credit = Effect.fnUntraced(function*(
  settings: Settings,
  key: BankDeposit.Key,
  received: BankDeposit.Known,
  raw?: Uint8Array
) {
  const person = yield* personOf(received.account)
  if (person === undefined) return (yield* DepositRecord.tell(key, { _tag: "Refuse", code: "notFound" })).deposit
  const order = yield* placed(settings, key, received, person)
  if (order._tag === "Refused") {
    const code = DepositRefusal.of(order.answer.decline)
    return (yield* DepositRecord.tell(key, { _tag: "Refuse", code })).deposit
  }
  if (raw === undefined) yield* Recharging.confirm(order.order, settings.point)
  else {
    const message: Callback.Raw = { method: "TCP", url: "", headers: {}, body: raw }
    const { outcome } = yield* Recharging.hear(settings.adapter, message, settings.point)
    if (Result.isFailure(outcome)) yield* Effect.logWarning("A deposit is not credited yet", outcome.failure._tag)
  }
  return yield* settled(key, received.account)
})

/** Why a deposit is not even taken in; nothing where it is. */
const turnedAway = Effect.fnUntraced(function*(settings: Settings, asked: Asked<"Deposit">): Returned<
  DepositCode | undefined
> {
  const found = yield* DepositLookup.holderOf(asked.studentNumber)
  if (found === undefined || found.account.id !== asked.account) return "notFound" as const
  if (!(yield* DepositLookup.isLookedUp(settings, found.account.id))) return "nameMismatch" as const
  const isOwn = asked.ownCard && DepositLookup.isPayer(found.person.name, asked.payerNameHash, settings.payerName)
  return isOwn ? undefined : "notOwnCard" as const
})

/** Takes a deposit. `raw`: its message, as it came. */
export const deposit = Effect.fnUntraced(function*(
  settings: Settings,
  asked: Asked<"Deposit">,
  raw: Uint8Array
): Returned<Told> {
  const { amount, payerTail } = asked
  const key = { bank: settings.bank, date: asked.bankDate, serial: asked.bankSerial }
  const known = yield* DepositRecord.find(key)
  if (known !== undefined && known.amount !== amount) return { code: "duplicateMismatch" }
  if (known === undefined) {
    const code = yield* turnedAway(settings, asked)
    const paidAt = BankTime.instant(asked.bankDate, asked.bankTime)
    // Either is written down before the bank hears of it: the same number again has the same answer.
    const { weighed } = yield* DepositRecord.tell(
      key,
      code === undefined
        ? { _tag: "Receive", account: Id.AccountId.make(asked.account), amount, paidAt, payerTail }
        : { _tag: "TurnAway", amount, code }
    )
    if (weighed === "refused") return told(key, yield* DepositRecord.find(key))
  } else if (BankDeposit.isTakenIn(known) && known.account !== asked.account) {
    return { code: "duplicateMismatch" }
  }
  const now = yield* DepositRecord.find(key)
  return told(key, now?._tag === "Received" ? yield* credit(settings, key, now, raw) : now)
})

/** A deposit as it is, led on where somebody was cut off from it. */
export const caughtUp = Effect.fnUntraced(function*(
  settings: Settings,
  key: BankDeposit.Key
): Returned<BankDeposit.BankDeposit | undefined> {
  const known = yield* DepositRecord.find(key)
  if (known?._tag === "Received") return yield* credit(settings, key, known)
  if (known?._tag !== "TakingBack") return known
  const person = yield* personOf(known.account)
  if (person !== undefined && (yield* orderOf(key)) !== undefined) {
    // Whoever ordered it may have been cut off before the channel was told.
    yield* placed(settings, key, known, person)
    // What was credited before it was taken back stands, and that is no failure: it is told as the order has it.
    yield* Effect.catchTag(
      Recharging.confirm({ id: BankDeposit.orderOf(key) }, settings.point),
      "PaymentUnmatched",
      () => Effect.void
    )
  }
  return yield* settled(key, known.account)
})

/** Takes a deposit back, where that is still possible. */
export const reverse = Effect.fnUntraced(function*(settings: Settings, asked: Asked<"Reverse">): Returned<Told> {
  const key = { bank: settings.bank, date: asked.originalDate, serial: asked.originalSerial }
  const { weighed } = yield* DepositRecord.tell(key, { _tag: "TakeBack", amount: asked.amount })
  if (weighed === "refused") return { code: "duplicateMismatch" }
  const now = yield* caughtUp(settings, key)
  const campusSerial = BankDeposit.idOf(key)
  switch (now?._tag) {
    case "TakingBack": {
      // Nobody can credit it any more: without an order there is nothing to close, and its order asks the record.
      if ((yield* orderOf(key)) !== undefined) return { code: "outOfOrder" }
      yield* DepositRecord.tell(key, { _tag: "Reverse" })
      return { code: "accepted", campusSerial }
    }
    case "Credited":
      yield* Effect.logWarning("A bank would have a deposit back that is credited: the books of the day settle it")
      return { code: "spent", campusSerial }
    case "Received":
    case undefined:
      return { code: "outOfOrder" }
    case "Refused":
    case "Reversed":
    case "Tombstone":
    case "TurnedAway":
      return { code: "accepted", campusSerial }
  }
})

/** Says what became of a deposit. */
export const inquire = Effect.fnUntraced(function*(settings: Settings, asked: Asked<"Inquiry">): Returned<Told> {
  const key = { bank: settings.bank, date: asked.originalDate, serial: asked.originalSerial }
  const now = yield* caughtUp(settings, key)
  const campusSerial = BankDeposit.idOf(key)
  switch (now?._tag) {
    case "Credited":
      return { code: "accepted", state: "credited", campusSerial, amount: now.amount } as const
    case "Refused":
    case "TurnedAway":
      return { code: "accepted", state: "refused", campusSerial, amount: now.amount } as const
    case "Reversed":
    case "Tombstone":
      return { code: "accepted", state: "reversed", campusSerial, amount: now.amount } as const
    case undefined:
      return { code: "accepted", state: "none" } as const
    case "Received":
    case "TakingBack":
      return { code: "outOfOrder" } as const
  }
})
