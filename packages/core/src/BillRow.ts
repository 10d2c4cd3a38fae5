/**
 * One row of a channel's bill 对账单, in the words of all channels: so much came in, or went back, under this number.
 *
 * Every channel's bill looks otherwise; its adapter reads it faithfully and says what it says in this form, by which books
 * and channels are compared.
 */
import { Schema } from "effect"
import { Day, Instant } from "./CivilTime.ts"
import { Words } from "./Id.ts"
import * as Money from "./Money.ts"

export const BillRow = Schema.Struct({
  /** `payment`: money that came in 收款. `refund`: money that went back 退款. */
  kind: Schema.Literals(["payment", "refund"]),
  /** The day of the bill, which is the channel's 账期: its cut-off need not be midnight. */
  day: Day,
  /** The channel's own number of this transaction. Of a refund: of the refund. */
  reference: Words,
  /** The merchant order number 商户订单号, as it stands there: it may be nobody's of ours. */
  number: Words,
  /** The merchant refund number 商户退款单号, of refunds where the channel tells it. */
  refundNumber: Schema.optionalKey(Words),
  /** What was ordered, or what went back, in fen. */
  amount: Money.Amount,
  /** What the channel keeps 手续费, in fen; negative where it gives some back. */
  fee: Schema.Int,
  /** When it was paid or sent back, where the bill tells it. */
  at: Schema.optionalKey(Instant),
  /** Of a refund that the channel has taken, and that is not done as far as its bill says 退款处理中. */
  isUnderWay: Schema.optionalKey(Schema.Literal(true))
})
export interface BillRow extends Schema.Schema.Type<typeof BillRow> {}
