/**
 * A recharge that waits for a person 待人工处理的充值 (D2): what no program may put right, with what somebody can do about it.
 */
import { dayLength, type Instant, later } from "./CivilTime.ts"
import type { OrderId, OrderNumber } from "./Id.ts"
import type * as Money from "./Money.ts"
import * as PaymentAttempt from "./PaymentAttempt.ts"
import type { FundingSource } from "./Recharge.ts"

/**
 * What a person can do. `returnAgain`: have the channel try once more. `returned`: send the money back by hand, then say so.
 * `tellTakenBack`: give it back in the channel's back office, then tell `TakenBack`. `askHolder`: have the holder pay it again,
 * since no command takes a recharge back from an account. `giveUp`: end it, after a look at the channel's bill, or once the
 * holder has paid it again or never will.
 */
export type Deed = "askHolder" | "giveUp" | "returnAgain" | "returned" | "tellTakenBack"

/** `amount`: in fen; what was paid, or ordered where nobody paid. `since`: from when on it waits. */
interface Waiting {
  readonly order: OrderId
  /** Of the attempt, by which its channel knows it. */
  readonly number: OrderNumber
  readonly channel: string
  readonly source: FundingSource
  readonly amount: Money.Amount
  readonly since: Instant
  readonly can: ReadonlyArray<Deed>
}

export type Stuck =
  /** The channel can not send it back, such as to an account that was closed 退款异常. */
  | Waiting & { readonly _tag: "ReturnFailed"; readonly reason: PaymentAttempt.ReturnReason }
  /** It has to go back, and its channel makes no refunds. */
  | Waiting & { readonly _tag: "ReturnByHand"; readonly reason: PaymentAttempt.ReturnReason }
  /** Paid, and the account would not have it, for a reason by which nothing goes back on its own. */
  | Waiting & { readonly _tag: "NotCredited" }
  /** Credited, and afterwards the bank took it back 冲正. */
  | Waiting & { readonly _tag: "TakenBack" }
  /** A day past its end its channel says nothing final. */
  | Waiting & { readonly _tag: "Undecided" }

/** What is known of an attempt beside itself. */
export interface Sides {
  readonly now: Instant
  /** Whether its channel makes refunds. */
  readonly canRefund: boolean
  /** Whether its account was asked to take it, and would not, though it is not closed. */
  readonly isNotCredited: boolean
}

/** Whether nobody has said for a day after its end what became of it. */
export const isUndecided = (attempt: PaymentAttempt.Attempt, now: Instant): boolean =>
  PaymentAttempt.isUnpaid(attempt) && now > later(attempt.expiresAt, dayLength)

/** What of an attempt waits for a person, if anything. */
export const of = (attempt: PaymentAttempt.Attempt, { canRefund, isNotCredited, now }: Sides): Stuck | undefined => {
  const { channel, number, order, source } = attempt
  const amount = PaymentAttempt.isPaid(attempt) ? attempt.paidAmount : attempt.amount
  const shared = { order, number, channel, source, amount }
  switch (attempt._tag) {
    case "ReturnFailed": {
      const { failedAt: since, reason } = attempt
      const can: ReadonlyArray<Deed> = canRefund ? ["returnAgain", "returned"] : ["returned"]
      return { _tag: "ReturnFailed", ...shared, since, reason, can }
    }
    case "Returning": {
      const { reason, since } = attempt
      return canRefund ? undefined : { _tag: "ReturnByHand", ...shared, since, reason, can: ["returned"] }
    }
    case "Paid":
      return isNotCredited
        ? { _tag: "NotCredited", ...shared, since: attempt.paidAt, can: ["tellTakenBack"] }
        : undefined
    case "TakenBack":
      return { _tag: "TakenBack", ...shared, since: attempt.takenBackAt, can: ["askHolder", "giveUp"] }
    default:
      return isUndecided(attempt, now)
        ? { _tag: "Undecided", ...shared, since: attempt.expiresAt, can: ["giveUp"] }
        : undefined
  }
}
