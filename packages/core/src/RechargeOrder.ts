/**
 * A recharge order as a subject of its own 充值订单 (D21): stored before its channel is asked, and led from step to step by
 * the life that stands in {@link Recharge}.
 *
 * Its subject is the id of the order. What the channel confirmed is journaled as what it says (amount, time, reference);
 * only evidence itself moves the order, and evidence read back from a journal is none. An order is credited at most once,
 * under whatever command, however long ago that was.
 */
import { Result, Schema } from "effect"
import { hour, Instant, lastInstant, later } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import type { Decline } from "./Decline.ts"
import { AccountId, OrderId, Words } from "./Id.ts"
import * as Money from "./Money.ts"
import * as Recharge from "./Recharge.ts"
import { channelOf } from "./SchoolProfile.ts"

export const kind = "rechargeOrder"

/** How long a payer has, in milliseconds: two hours, as the channels' own orders live. */
export const life = 2 * hour

/** What happens to an order: the steps of {@link Recharge.Step}, whose time is that of their arrival. */
export const Command = Schema.TaggedUnion({
  /** The account was asked and may be recharged; no money has moved. */
  Place: { account: AccountId, channel: Words, source: Recharge.FundingSource, amount: Money.Amount },
  /** The channel has it. */
  Sent: {},
  /** The channel did not answer: nobody knows whether it has it. */
  AnswerLost: {},
  /** The channel closed it, unpaid. */
  Closed: {},
  /** The channel confirmed a payment. `paid` has to be its `PaidEvidence`; anything that only looks like it is `NotPaid`. */
  Confirmed: { paid: Recharge.Paid },
  /** The account was credited. */
  Credited: {},
  /** The account can not take it any more (D2). */
  CreditDeclined: {},
  /** A tap wrote it to the card; information only (D2). */
  WrittenToCard: {},
  /** The channel sent the money back. */
  RefundSent: {},
  /** The bank took its payment back 冲正. */
  TakenBack: {}
})
export type Command = typeof Command.Type

const at = { at: Instant }
const payment = { paidAt: Instant, reference: Words }

/** What happened to an order. */
export const Event = Schema.TaggedUnion({
  Placed: {
    ...at,
    order: OrderId,
    account: AccountId,
    channel: Words,
    source: Recharge.FundingSource,
    amount: Money.Amount,
    expiresAt: Instant
  },
  Sent: at,
  AnswerLost: at,
  Closed: at,
  Paid: { ...at, ...payment },
  /** Paid too late, or another amount than ordered: it has to go back. */
  RefundDue: {
    ...at,
    ...payment,
    paidAmount: Money.Amount,
    reason: Schema.Literals(["accountClosed", "late", "mismatch"])
  },
  Credited: at,
  CreditDeclined: at,
  WrittenToCard: at,
  RefundSent: at,
  TakenBack: at
})
export type Event = typeof Event.Type

const isOrderId = Schema.is(OrderId)

const decide: Decider.Decider<Recharge.Order, Command, Event>["decide"] = (order, command, setting) => {
  const { now, profile, subject } = setting
  if (command._tag === "Place") {
    if (order !== undefined) return Result.fail({ _tag: "SubjectExists", kind })
    if (!isOrderId(subject)) return Result.fail({ _tag: "UnknownSubject", kind })
    const { account, amount, channel, source } = command
    const placed = {
      order: subject,
      account,
      channel,
      source,
      amount,
      expiresAt: now > lastInstant - life ? lastInstant : later(now, life)
    }
    return Result.succeed([{ _tag: "Placed", at: now, ...placed }])
  }
  if (order === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
  if (command._tag === "Confirmed") {
    const { paid } = command
    return Recharge.PaidEvidence.is(paid)
      ? confirm(order, paid, channelOf(profile, order.channel)?.latePayment ?? "credit", now)
      : Result.fail({ _tag: "NotPaid" })
  }
  return Result.mapBoth(Recharge.advance(order, { _tag: command._tag, at: now }, "credit"), {
    onFailure: refused,
    // A step that changes nothing, such as a second answer that was lost, is no event.
    onSuccess: (next): ReadonlyArray<Event> => next === order ? [] : [{ _tag: command._tag, at: now }]
  })
}

/** What a payment makes of an order; the same payment again is nothing new, another one is refused. */
const confirm = (
  order: Recharge.Order,
  evidence: Recharge.PaidEvidence,
  late: Recharge.Channel["latePayment"],
  now: Instant
): Result.Result<ReadonlyArray<Event>, Decline> =>
  Result.mapBoth(Recharge.advance(order, { _tag: "Confirmed", evidence }, late), {
    onFailure: refused,
    onSuccess: (next): ReadonlyArray<Event> => {
      if (next === order) return []
      const { amount: paidAmount, paidAt, reference } = evidence
      return next._tag === "RefundDue"
        ? [{ _tag: "RefundDue", at: now, paidAt, reference, paidAmount, reason: next.reason }]
        : [{ _tag: "Paid", at: now, paidAt, reference }]
    }
  })

const refused = ({ order, step }: Recharge.StepRefused): Decline => ({ _tag: "OrderStepRefused", order, step })

const evolve = (order: Recharge.Order | undefined, event: Event): Recharge.Order => {
  if (event._tag === "Placed") {
    const { account, amount, at, channel, expiresAt, order: id, source } = event
    return { _tag: "Created", id, account, channel, source, amount, createdAt: at, expiresAt }
  }
  if (order === undefined) throw new Error(`An order begins with Placed, not with ${event._tag}`)
  const { account, amount, channel, createdAt, expiresAt, id, source } = order
  const ordered = { id, account, channel, source, amount, createdAt, expiresAt }
  if (event._tag === "Paid") {
    return { _tag: "Paid", ...ordered, paidAt: event.paidAt, reference: event.reference }
  }
  if (event._tag === "RefundDue") {
    const { paidAmount, paidAt, reason, reference } = event
    return { _tag: "RefundDue", ...ordered, paidAt, reference, paidAmount, reason }
  }
  // The other steps need no policy: what they make of an order stands in its life alone.
  const next = Recharge.advance(order, { _tag: event._tag, at: event.at }, "credit")
  if (Result.isFailure(next)) throw new Error(`An order that is ${order._tag} is never ${event._tag}`)
  return next.success
}

/** The decider of recharge orders. Its events post nothing: the money moves in the books of the account. */
export const decider: Decider.Decider<Recharge.Order, Command, Event> = {
  kind,
  state: Recharge.Order,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => [],
  isOpen: (order) => isOpen(order)
}

/** Whether something has still to be asked or done before the order is over, the sending back of its money included. */
export const isOpen = ({ _tag }: Recharge.Order): boolean =>
  _tag === "Created" || _tag === "Paying" || _tag === "Unknown" || _tag === "Paid" || _tag === "RefundDue"
