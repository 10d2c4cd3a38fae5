/**
 * One transaction 交易 as the sandbox's other side knows it: what a merchant asked for under a number, and what became of it.
 */
import type { CivilTime, Money } from "@yikatong/core"

/** Money that went back, under a number of the merchant's. */
export interface TradeRefund {
  readonly number: string
  /** The channel's own number of it. */
  readonly reference: string
  readonly amount: Money.Amount
  readonly at: CivilTime.Instant
  /** `stuck`: it was taken and can not be done, until a person says otherwise 退款异常. */
  readonly state: "done" | "stuck"
  /** What the wire has to repeat in answers and notices, such as the merchant's time of it. */
  readonly extra: Readonly<Record<string, string>>
}

/** What a merchant asks for. `extra`: what the wire has to repeat later, such as an attachment or the merchant's time. */
export interface Wanted {
  /** The channel of the sandbox: "wechat", "unionpay". */
  readonly wire: string
  readonly merchant: string
  /** The merchant's number of it; a wire whose transactions are known by more puts that in as well. */
  readonly number: string
  readonly amount: Money.Amount
  readonly description: string
  readonly expiresAt: CivilTime.Instant
  /** Where notices go. */
  readonly notifyTo: string | undefined
  readonly extra: Readonly<Record<string, string>>
}

export interface Trade extends Wanted {
  /** By which a payer finds it: what stands in the QR code or in the address of the page. */
  readonly token: string
  /** The channel's own number of it. */
  readonly reference: string
  readonly createdAt: CivilTime.Instant
  /** `asking`: the payer is being asked for a password, and nobody knows yet. */
  readonly state: "waiting" | "asking" | "paid" | "closed" | "failed"
  readonly paidAt?: CivilTime.Instant
  readonly payer?: string
  readonly closedAt?: CivilTime.Instant
  /** Why it was declined last, for the wire's words. */
  readonly declined?: "declined" | "insufficient"
  readonly refunds: ReadonlyArray<TradeRefund>
}

/** What has gone back of it. */
export const returned = ({ refunds }: Trade): number =>
  refunds.reduce((sum, { amount, state }) => state === "done" ? sum + amount : sum, 0)
