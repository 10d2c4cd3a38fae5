/**
 * A payment attempt 支付单: one try to pay a recharge order through one channel, under one merchant order number 商户订单号
 * (D2, D21).
 *
 * An order is the campus's, an attempt is the channel's: it says what the channel knows, and it is written down before the
 * channel is asked, so that whatever becomes of the caller, the number is known and can be asked about. An order whose payer
 * turns to another channel has several; of those that are paid one is kept and every other one goes back.
 *
 * Its subject is its number. As with orders, only evidence moves it to Paid, and what is read back from a journal is none.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { Result, Schema } from "effect"
import { dayOf, formatDay, Instant } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import { OrderId, OrderNumber, Words } from "./Id.ts"
import { mintKey } from "./internal/mint.ts"
import * as Money from "./Money.ts"
import { is as isReceipt, type Receipt, Witness } from "./Receipt.ts"
import { FundingSource, type Order, PaidEvidence } from "./Recharge.ts"

export const kind = "paymentAttempt"

const isNumber = Schema.is(OrderNumber)
/** The number in a text that came from outside, if it can be one of ours. */
export const numberIn = (text: string): OrderNumber | undefined => isNumber(text) ? text : undefined

/** Without the letters that are taken for digits. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** The number of an order's first attempt, its second, and so on: the same whoever computes it, so that a cut loses none. */
export const numberOf = ({ createdAt, id }: Pick<Order, "createdAt" | "id">, index: number): OrderNumber => {
  const digest = sha256(utf8ToBytes(`${id}\n${index}`))
  let text = formatDay(dayOf(createdAt)).replaceAll("-", "")
  // Five bits of each byte: a digest has more than are needed.
  for (let at = 0; at < 20; at++) text += alphabet.charAt((digest[at] ?? 0) & 31)
  return OrderNumber.make(text)
}

/** The number under which the money of an attempt goes back 商户退款单号: one for ever, so that it goes back once. */
export const refundNumberOf = (number: OrderNumber): string => `${number}R`

/** The attempt whose money goes back under this number, if it is one of ours. */
export const numberOfRefund = (refund: string): OrderNumber | undefined =>
  refund.endsWith("R") ? numberIn(refund.slice(0, -1)) : undefined

/** What a payer has to be shown, to pay 支付参数. Data of the channel: an app hands it on as it is. */
export const Instruction = Schema.TaggedUnion({
  /** The text of a QR code that the payer scans. */
  QrCode: { text: Schema.String },
  /** What the channel's own app or mini program is called with. */
  AppParameters: { parameters: Schema.Record(Schema.String, Schema.String) },
  /** A page of the channel to which the payer's browser is sent. `fields`: of a form, for POST. */
  Page: {
    method: Schema.Literals(["GET", "POST"]),
    url: Schema.String,
    fields: Schema.Record(Schema.String, Schema.String)
  },
  /** Nothing to show: the payer does the rest at the channel. */
  Nothing: {}
})
export type Instruction = typeof Instruction.Type

/** Why money goes back: of an order that could not take it, or paid a second time through another channel. */
export const ReturnReason = Schema.Literals(["accountClosed", "duplicate", "late", "mismatch", "takenBack"])
export type ReturnReason = typeof ReturnReason.Type

const opened = {
  number: OrderNumber,
  order: OrderId,
  /** Which of the order's attempts: 1, 2, 3. */
  index: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000 })),
  channel: Words,
  source: FundingSource,
  amount: Money.Amount,
  /** When it was written down; some channels know a transaction by number and time only. */
  openedAt: Instant,
  expiresAt: Instant
}
const paid = { ...opened, paidAt: Instant, paidAmount: Money.Amount, reference: Words, witness: Witness }
const returning = { ...paid, reason: ReturnReason, dueAt: Instant, since: Instant }

/** An attempt in each state of its life. */
export const Attempt = Schema.TaggedUnion({
  /** Written down; the channel may not have been asked yet. */
  Opened: opened,
  /** The channel has it and waits for the payer. */
  Waiting: { ...opened, instruction: Instruction },
  /** The channel did not answer: it may have it. */
  Unknown: { ...opened, since: Instant },
  /** The channel closed it, unpaid, or never had it. A payment that comes all the same is believed. */
  Closed: { ...opened, closedAt: Instant },
  /** Paid; what becomes of the money is being decided. */
  Paid: paid,
  /** Its order was credited with it: done. */
  Kept: { ...paid, keptAt: Instant },
  /**
   * Its money goes back. `dueAt`: when that began, which is also the time of the refund at channels that want one. `since`:
   * when the channel was last told to, after somebody has seen to it.
   */
  Returning: returning,
  /** The channel has sent it back: done. */
  Returned: { ...returning, returnedAt: Instant },
  /** The channel can not send it back, such as to an account that was closed 退款异常: a person has to. */
  ReturnFailed: { ...returning, failedAt: Instant }
})
export type Attempt = typeof Attempt.Type

/** An attempt of which is known what was paid. */
export type Paid = Extract<Attempt, { readonly paidAmount: number }>

export const isPaid = (attempt: Attempt): attempt is Paid => "paidAmount" in attempt

/** Whether the channel has still to be asked, or something has to be done with what it said. */
export const isOpen = ({ _tag }: Attempt): boolean =>
  _tag !== "Closed" && _tag !== "Kept" && _tag !== "Returned" && _tag !== "ReturnFailed"

export const Command = Schema.TaggedUnion({
  /** One try more to pay this order; no money has moved. */
  Open: {
    order: OrderId,
    index: opened.index,
    channel: Words,
    source: FundingSource,
    amount: Money.Amount,
    expiresAt: Instant
  },
  /** The channel has it. */
  Sent: { instruction: Instruction },
  /** The channel did not answer. */
  AnswerLost: {},
  /** The channel says that it is closed, or that it never had it. */
  Closed: {},
  /** The channel confirmed a payment. `receipt` has to be its `Receipt`; anything that only looks like it is `NotPaid`. */
  Confirmed: {
    receipt: Schema.Struct({
      number: OrderNumber,
      amount: Money.Amount,
      paidAt: Instant,
      reference: Words,
      witness: Witness
    })
  },
  /** The order was credited with it. */
  Kept: {},
  /** Its money has to go back. */
  ReturnDue: { reason: ReturnReason },
  /** The channel has sent it back. */
  Returned: {},
  /** The channel can not. */
  ReturnFailed: {},
  /** A person has seen to it, and the channel is asked once more. */
  ReturnAgain: {}
})
export type Command = typeof Command.Type

const at = { at: Instant }

export const Event = Schema.TaggedUnion({
  Opened: { ...at, ...opened },
  Sent: { ...at, instruction: Instruction },
  AnswerLost: at,
  Closed: at,
  Paid: { ...at, paidAt: Instant, paidAmount: Money.Amount, reference: Words, witness: Witness },
  Kept: at,
  ReturnDue: { ...at, reason: ReturnReason },
  Returned: at,
  ReturnFailed: at,
  ReturnAgain: at
})
export type Event = typeof Event.Type

/** The states that each step may be taken from; from any other it is refused, and from its own it is nothing new. */
const steps: Record<Exclude<Command["_tag"], "Confirmed" | "Open">, ReadonlyArray<Attempt["_tag"]>> = {
  Sent: ["Opened", "Unknown"],
  AnswerLost: ["Opened"],
  Closed: ["Opened", "Unknown", "Waiting"],
  Kept: ["Paid"],
  ReturnDue: ["Paid"],
  Returned: ["Returning", "ReturnFailed"],
  ReturnFailed: ["Returning"],
  ReturnAgain: ["ReturnFailed"]
}
/** Where each step leads: what is there already needs no second event. */
const ends: Record<keyof typeof steps, Attempt["_tag"]> = {
  Sent: "Waiting",
  AnswerLost: "Unknown",
  Closed: "Closed",
  Kept: "Kept",
  ReturnDue: "Returning",
  Returned: "Returned",
  ReturnFailed: "ReturnFailed",
  ReturnAgain: "Returning"
}

/** A step that no evidence is needed for. */
export type Step = Exclude<Command, { readonly _tag: "Confirmed" | "Open" }>

/** What a step would be to an attempt as it stands: something new, nothing new, or nothing that can be. */
export const weigh = ({ _tag }: Attempt, step: Step["_tag"]): "new" | "known" | "refused" =>
  _tag === ends[step] ? "known" : steps[step].includes(_tag) ? "new" : "refused"

/** Whether a confirmation speaks of the payment that the attempt knows already. */
export const isSame = (attempt: Paid, { amount, reference }: Pick<Receipt, "amount" | "reference">): boolean =>
  attempt.paidAmount === amount && attempt.reference === reference

const decide: Decider.Decider<Attempt, Command, Event>["decide"] = (attempt, command, { now, subject }) => {
  if (command._tag === "Open") {
    if (attempt !== undefined) return Result.fail({ _tag: "SubjectExists", kind })
    if (!isNumber(subject)) return Result.fail({ _tag: "UnknownSubject", kind })
    const { _tag: _, ...body } = command
    return Result.succeed([{ _tag: "Opened", at: now, number: subject, openedAt: now, ...body }])
  }
  if (attempt === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
  if (command._tag === "Confirmed") {
    const { receipt } = command
    if (!isReceipt(receipt) || receipt.number !== attempt.number) return Result.fail({ _tag: "NotPaid" })
    if (isPaid(attempt)) return isSame(attempt, receipt) ? Result.succeed([]) : refused(attempt, command)
    const { amount: paidAmount, paidAt, reference, witness } = receipt
    return Result.succeed([{ _tag: "Paid", at: now, paidAt, paidAmount, reference, witness }])
  }
  const weighed = weigh(attempt, command._tag)
  if (weighed !== "new") return weighed === "known" ? Result.succeed([]) : refused(attempt, command)
  const { _tag, ...body } = command
  return Result.succeed([{ _tag, at: now, ...body } as Event])
}

const refused = (attempt: Attempt, command: Command) =>
  Result.fail({ _tag: "OrderStepRefused", order: attempt._tag, step: command._tag } as const)

const evolve = (attempt: Attempt | undefined, event: Event): Attempt => {
  if (event._tag === "Opened") {
    const { at: _, ...all } = event
    return { ...all, _tag: "Opened" }
  }
  if (attempt === undefined) throw new Error(`An attempt begins with Opened, not with ${event._tag}`)
  const { amount, channel, expiresAt, index, number, openedAt, order, source } = attempt
  const ordered = { amount, channel, expiresAt, index, number, openedAt, order, source }
  switch (event._tag) {
    case "Sent":
      return { _tag: "Waiting", ...ordered, instruction: event.instruction }
    case "AnswerLost":
      return { _tag: "Unknown", ...ordered, since: event.at }
    case "Closed":
      return { _tag: "Closed", ...ordered, closedAt: event.at }
    case "Paid": {
      const { paidAmount, paidAt, reference, witness } = event
      return { _tag: "Paid", ...ordered, paidAmount, paidAt, reference, witness }
    }
  }
  if (!isPaid(attempt)) throw new Error(`An attempt that is ${attempt._tag} is never ${event._tag}`)
  const { paidAmount, paidAt, reference, witness } = attempt
  const payment = { ...ordered, paidAmount, paidAt, reference, witness }
  if (event._tag === "Kept") return { _tag: "Kept", ...payment, keptAt: event.at }
  if (event._tag === "ReturnDue") {
    return { _tag: "Returning", ...payment, reason: event.reason, dueAt: event.at, since: event.at }
  }
  if (!("reason" in attempt)) throw new Error(`An attempt that is ${attempt._tag} is never ${event._tag}`)
  const back = { ...payment, reason: attempt.reason, dueAt: attempt.dueAt, since: attempt.since }
  switch (event._tag) {
    case "Returned":
      return { _tag: "Returned", ...back, returnedAt: event.at }
    case "ReturnFailed":
      return { _tag: "ReturnFailed", ...back, failedAt: event.at }
    case "ReturnAgain":
      return { _tag: "Returning", ...back, since: event.at }
  }
}

/** The decider of attempts. Its events post nothing: the money moves in the books of the account. */
export const decider: Decider.Decider<Attempt, Command, Event> = {
  kind,
  state: Attempt,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}

/**
 * What an order is credited from: the channel's receipt, for the order of which this is an attempt.
 *
 * @throws RangeError for the receipt of another attempt, or for what only looks like one.
 */
export const evidence = ({ channel, number, order }: Attempt, receipt: Receipt): PaidEvidence => {
  if (!isReceipt(receipt) || receipt.number !== number) throw new RangeError("Expected the receipt of this attempt")
  const { amount, paidAt, reference } = receipt
  return new PaidEvidence(mintKey, { order, channel, amount, paidAt, reference })
}

/**
 * What becomes of the money of a paid attempt, by its order: `kept` where the order was credited with it, a reason where it
 * has to go back, nothing while that is open.
 */
export const fateOf = (attempt: Paid, order: Order): ReturnReason | "kept" | undefined => {
  if (!("reference" in order)) return undefined
  const isOurs = order.reference === attempt.reference && order.channel === attempt.channel
  // The order stands by another payment than this one.
  if (!isOurs) return "duplicate"
  switch (order._tag) {
    case "Credited":
    case "Written":
      return "kept"
    case "RefundDue":
      return order.reason
    case "Reversed":
      return "takenBack"
    // Sent back already: nobody may send it back once more.
    case "Refunded":
    case "Paid":
      return undefined
  }
}
