/**
 * The times of WeChat Pay 时间规则: how long things live there and when to ask. In milliseconds, as data; who waits uses
 * the clock of Effect.
 *
 * Sources: WeChat Pay APIv3, Native 下单, 付款码支付, 支付通知, 申请退款, 申请交易账单.
 */
import { CivilTime } from "@yikatong/core"

const { addDays, hour, minute, second, startOf } = CivilTime

/** How long a QR code and a prepay id can be paid with. */
export const prepayLife = 2 * hour

/** When to ask for an order whose callback has not come, counted from one question to the next. */
export const queryAfter = [
  5 * second,
  15 * second,
  30 * second,
  minute,
  3 * minute,
  10 * minute,
  30 * minute
] as const

/**
 * While a payer types a password 用户支付中. `every`, `until`: when to ask; `reverseFrom`: no reversal 撤销 earlier than this
 * after the charge; `afterSystemError`: how long to wait before the first question.
 */
export const codePay = {
  every: 10 * second,
  until: 45 * second,
  reverseFrom: 15 * second,
  afterSystemError: 5 * second
} as const

/** Refunds. `queryFrom`: no question earlier; `apart`: two refunds of an order; `within`: after the payment. */
export const refund = { queryFrom: minute, apart: minute, within: 365 * CivilTime.dayLength, most: 50 } as const

/** A callback has to be answered within this time. */
export const noticeAnswer = 5 * second

/** When a callback comes again that was not taken, counted from one to the next: 24 hours and 4 minutes in all. */
export const noticeAgain = [
  15 * second,
  15 * second,
  30 * second,
  3 * minute,
  10 * minute,
  20 * minute,
  30 * minute,
  30 * minute,
  30 * minute,
  60 * minute,
  3 * hour,
  3 * hour,
  3 * hour,
  6 * hour,
  6 * hour
] as const

/** When the bill of a day can be asked for: at ten on the next morning. */
export const billFrom = (day: CivilTime.Day): CivilTime.Instant => CivilTime.later(startOf(addDays(day, 1)), 10 * hour)

/** The last day on which the bill of a day can be asked for. */
export const billUntil = (day: CivilTime.Day): CivilTime.Day => CivilTime.addMonths(day, 3)

/** How long the address of a bill lives: newer texts say five minutes, older ones this. */
export const billAddressLife = 30 * second

/** A time as WeChat Pay writes it: 2025-11-30T10:00:05+08:00. */
export const format = (at: CivilTime.Instant): string => `${CivilTime.format(at).replace(" ", "T")}+08:00`
