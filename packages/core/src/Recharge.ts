/**
 * Recharge 充值: which channel takes money from where, and the life of an order (R19-R26, R67-R69, A8-A10, A26, D2).
 *
 * An order goes created → paying → paid → credited → written; `credited` ends it as far as money goes, `written` is
 * information. Beside the straight way stand payment after expiry, an outcome nobody knows yet, a payment of another
 * amount, refund and reversal. No wire is spoken here: a channel adapter brings {@link PaidEvidence} and nothing else
 * makes a credit.
 */
import { Result, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { AccountId, OrderId, Words } from "./Id.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"
import { Pocket } from "./Ledger.ts"
import * as Money from "./Money.ts"

/** Where the money of a recharge comes from 资金来源. */
export const FundingSource = Schema.Literals(["unionPayCard", "ccbCard", "weChat", "alipay"])
export type FundingSource = typeof FundingSource.Type

/**
 * One way to pay within a channel. `holder`: whose bank card (R23). `binding`: what has to be bound first (R22, R26).
 */
export const Source = Schema.Struct({
  source: FundingSource,
  holder: Schema.Literals(["own", "anyone"]),
  binding: Schema.Literals(["none", "transfer", "wallet"])
})
export interface Source extends Schema.Schema.Type<typeof Source> {}

/**
 * A recharge channel 充值渠道, as the profile lists it. Amounts in fen; `choices` where the amount is picked from a list
 * (R20).
 */
export const Channel = Schema.Struct({
  nameZh: Schema.NonEmptyString,
  nameEn: Schema.NonEmptyString,
  sources: Schema.Array(Source),
  /** Where its money waits: `transit` until a tap writes it to the card, or the `wallet` at once (A10, A26). */
  endsIn: Pocket.pick(["transit", "wallet"]),
  /** Number and identity document must belong to one person (R24). */
  checksIdentity: Schema.Boolean,
  min: Money.Amount,
  max: Money.Amount,
  choices: Schema.optionalKey(Schema.Array(Money.Amount)),
  /** What is paid after the order expired is credited all the same, or sent back. */
  latePayment: Schema.Literals(["credit", "refund"])
})
export interface Channel extends Schema.Schema.Type<typeof Channel> {}

/** What a holder asks a channel for. */
export interface Request {
  readonly channel: string
  readonly source: FundingSource
  /** Whose card pays, as the channel says. */
  readonly holder: "own" | "other"
  readonly amount: Money.Money
}

/**
 * Whether a channel may take this money, looked at before any money moves (R67-R69, D2). The card's standing is looked
 * at before.
 */
export const refuse = (
  channel: Channel | undefined,
  account: { readonly wallet: "none" | "opened" | "bound"; readonly transferBound: boolean },
  request: Request
): Decline.Decline | undefined => {
  if (channel === undefined) return { _tag: "ChannelUnknown", channel: request.channel }
  const source = channel.sources.find(({ source }) => source === request.source)
  if (source === undefined) {
    return {
      _tag: "FundingSourceNotAccepted",
      channel: request.channel,
      source: request.source,
      accepted: channel.sources.map(({ source }) => source)
    }
  }
  if (source.holder === "own" && request.holder !== "own") return { _tag: "NotOwnBankCard" }
  if (source.binding === "wallet" && account.wallet === "none") return { _tag: "EWalletNotOpened" }
  if (
    (source.binding === "wallet" && account.wallet !== "bound") ||
    (source.binding === "transfer" && !account.transferBound)
  ) return { _tag: "BankCardNotBound", channel: request.channel }
  return refuseAmount(channel, request.amount)
}

const refuseAmount = ({ choices, max, min }: Channel, amount: Money.Money): Decline.Decline | undefined =>
  amount >= min && amount <= max && (choices === undefined || (choices as ReadonlyArray<number>).includes(amount))
    ? undefined
    : { _tag: "AmountNotAllowed", amount, min, max, ...(choices === undefined ? {} : { choices }) }

/** What a channel says about a payment. */
export const Paid = Schema.Struct({
  order: OrderId,
  channel: Words,
  amount: Money.Amount,
  paidAt: Instant,
  reference: Words
})
export interface Paid extends Schema.Schema.Type<typeof Paid> {}
const isPaid = Schema.is(Paid)

/**
 * That a channel confirmed a payment: by a verified callback, a query answer or a row of its statement. Only a
 * `RechargeChannel` layer is handed the right to make one; it has no schema, so none can be read from a file or a
 * request.
 */
export class PaidEvidence {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly order: OrderId
  readonly channel: string
  readonly amount: Money.Amount
  readonly paidAt: Instant
  /** The channel's own serial number of the payment. */
  readonly reference: string
  constructor(key: MintKey, paid: Paid) {
    assertMinted(key, "Recharge.PaidEvidence")
    if (!isPaid(paid)) throw new RangeError("A channel said what no payment can be: see Recharge.Paid")
    this.order = paid.order
    this.channel = paid.channel
    this.amount = paid.amount
    this.paidAt = paid.paidAt
    this.reference = paid.reference
    Object.freeze(this)
  }
  static is(value: unknown): value is PaidEvidence {
    return typeof value === "object" && value !== null && #minted in value
  }
}

const ordered = {
  id: OrderId,
  /** The account that it is for. */
  account: AccountId,
  channel: Schema.String,
  source: FundingSource,
  amount: Money.Amount,
  createdAt: Instant,
  expiresAt: Instant
}
const paid = { ...ordered, paidAt: Instant, reference: Schema.String }

/** An order 充值订单 in each state of its life. */
export const Order = Schema.TaggedUnion({
  /** Placed; the channel has not been asked yet. */
  Created: ordered,
  /** The channel has it and waits for the payer. */
  Paying: ordered,
  /** Nobody knows whether it was paid: ask the channel, never guess. `since`: when that began. */
  Unknown: { ...ordered, since: Instant },
  /** The payer did not pay in time, and the channel closed it. */
  Expired: { ...ordered, closedAt: Instant },
  /** Paid; the credit to the account is under way. */
  Paid: paid,
  /** In its pocket: the order is done. */
  Credited: { ...paid, creditedAt: Instant },
  /** On the card as well; information only (D2). */
  Written: { ...paid, creditedAt: Instant, writtenAt: Instant },
  /**
   * Too late, another amount than ordered, or a closed account: nothing is credited and the channel must send it back.
   */
  RefundDue: {
    ...paid,
    paidAmount: Money.Amount,
    reason: Schema.Literals(["accountClosed", "late", "mismatch"])
  },
  /** Sent back by the channel under its own number. */
  Refunded: { ...paid, paidAmount: Money.Amount, refundedAt: Instant },
  /** The bank took its payment back after it was confirmed 冲正, before it was credited. */
  Reversed: { ...paid, reversedAt: Instant }
})
export type Order = typeof Order.Type

/** What happens to an order from outside. */
export type Step =
  | { readonly _tag: "Sent" }
  | { readonly _tag: "AnswerLost"; readonly at: Instant }
  | { readonly _tag: "Closed"; readonly at: Instant }
  | { readonly _tag: "Confirmed"; readonly evidence: PaidEvidence }
  | { readonly _tag: "Credited"; readonly at: Instant }
  | { readonly _tag: "CreditDeclined" }
  | { readonly _tag: "WrittenToCard"; readonly at: Instant }
  | { readonly _tag: "RefundSent"; readonly at: Instant }
  | { readonly _tag: "TakenBack"; readonly at: Instant }

/** A step that an order in this state can not take. */
export interface StepRefused {
  readonly _tag: "StepRefused"
  readonly order: Order["_tag"]
  readonly step: Step["_tag"]
}

/** A new order; it is late from the first millisecond after `expiresAt`. */
export const create = (
  request: Request & { readonly id: OrderId; readonly account: AccountId; readonly amount: Money.Amount },
  now: Instant,
  expiresAt: Instant
): Order => ({
  _tag: "Created",
  id: request.id,
  account: request.account,
  channel: request.channel,
  source: request.source,
  amount: request.amount,
  createdAt: now,
  expiresAt
})

/**
 * The order after a step. A confirmation that comes twice changes nothing; one of another payment of the same order is
 * refused here, since it is money of its own that has to be sent back.
 */
export const advance = (
  order: Order,
  step: Step,
  latePayment: Channel["latePayment"]
): Result.Result<Order, StepRefused> => {
  switch (order._tag) {
    case "Created":
    case "Paying":
    case "Unknown":
      switch (step._tag) {
        case "Sent":
          return Result.succeed(strip(order, { _tag: "Paying" }))
        case "AnswerLost":
          return Result.succeed(order._tag === "Unknown" ? order : strip(order, { _tag: "Unknown", since: step.at }))
        case "Closed":
          return Result.succeed(strip(order, { _tag: "Expired", closedAt: step.at }))
        case "Confirmed":
          return confirm(order, step.evidence, latePayment)
      }
      break
    case "Expired":
      if (step._tag === "Confirmed") return confirm(order, step.evidence, latePayment)
      break
    case "Paid":
      if (step._tag === "Confirmed" && isSame(order, step.evidence)) return Result.succeed(order)
      if (step._tag === "Credited") return Result.succeed({ ...order, _tag: "Credited", creditedAt: step.at })
      if (step._tag === "TakenBack") return Result.succeed({ ...order, _tag: "Reversed", reversedAt: step.at })
      if (step._tag === "CreditDeclined") {
        return Result.succeed({ ...order, _tag: "RefundDue", paidAmount: order.amount, reason: "accountClosed" })
      }
      break
    case "Credited":
      if (step._tag === "WrittenToCard") return Result.succeed({ ...order, _tag: "Written", writtenAt: step.at })
      if (step._tag === "Confirmed" && isSame(order, step.evidence)) return Result.succeed(order)
      break
    case "RefundDue":
      if (step._tag === "RefundSent") {
        const { reason: _, ...rest } = order
        return Result.succeed({ ...rest, _tag: "Refunded", refundedAt: step.at })
      }
      // The bank was faster than we: it must not go back twice.
      if (step._tag === "TakenBack") {
        const { paidAmount: __, reason: _, ...rest } = order
        return Result.succeed({ ...rest, _tag: "Reversed", reversedAt: step.at })
      }
      if (step._tag === "Confirmed" && isSame(order, step.evidence)) return Result.succeed(order)
      break
    case "Written":
    case "Refunded":
    case "Reversed":
      if (step._tag === "Confirmed" && isSame(order, step.evidence)) return Result.succeed(order)
  }
  return Result.fail({ _tag: "StepRefused", order: order._tag, step: step._tag })
}

/** Whether a confirmation speaks of the payment that the order knows already. */
const isSame = (order: Extract<Order, { readonly reference: string }>, evidence: PaidEvidence): boolean =>
  evidence.order === order.id && evidence.channel === order.channel && evidence.reference === order.reference &&
  evidence.amount === ("paidAmount" in order ? order.paidAmount : order.amount)

type Open = Extract<Order, { readonly _tag: "Created" | "Paying" | "Unknown" | "Expired" }>

/** The order in another state, without what was true only in the one before. */
const strip = <const S extends object>(
  { account, amount, channel, createdAt, expiresAt, id, source }: Open,
  state: S
) => ({
  id,
  account,
  channel,
  source,
  amount,
  createdAt,
  expiresAt,
  ...state
})

const confirm = (
  order: Open,
  evidence: PaidEvidence,
  latePayment: Channel["latePayment"]
): Result.Result<Order, StepRefused> => {
  if (evidence.order !== order.id || evidence.channel !== order.channel) {
    return Result.fail({ _tag: "StepRefused", order: order._tag, step: "Confirmed" })
  }
  const payment = { paidAt: evidence.paidAt, reference: evidence.reference }
  if (evidence.amount !== order.amount) {
    const refund = { _tag: "RefundDue", ...payment, paidAmount: evidence.amount, reason: "mismatch" } as const
    return Result.succeed(strip(order, refund))
  }
  // Late is what was paid late, not what was told late.
  if (evidence.paidAt > order.expiresAt && latePayment === "refund") {
    return Result.succeed(
      strip(order, { _tag: "RefundDue", ...payment, paidAmount: evidence.amount, reason: "late" } as const)
    )
  }
  return Result.succeed(strip(order, { _tag: "Paid", ...payment } as const))
}
