/**
 * What UnionPay says of a transaction that is done: the notification 后台通知, and the same fields in the answer to a
 * query.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0, 后台通知接口. Only success is notified, so no notification says nothing; and the one that
 * comes through the payer's browser (前台通知) is no proof at all.
 */
import { Callback, CivilTime, type Money } from "@yikatong/core"
import { Result } from "effect"
import * as Code from "./UnionPayCode.ts"
import * as Fields from "./UnionPayFields.ts"
import * as Message from "./UnionPayMessage.ts"
import type { Named } from "./UnionPayOrder.ts"
import * as Signature from "./UnionPaySignature.ts"
import * as Time from "./UnionPayTime.ts"

/** A transaction that is done. */
export interface Done extends Named {
  readonly merId: string
  /** What was ordered, in fen. */
  readonly amount: Money.Amount
  /** UnionPay's number of it: a refund names it. */
  readonly queryId: string
  /** When UnionPay passed it on to the bank 交易传输时间, to the second. */
  readonly tracedAt: CivilTime.Instant | undefined
  /** The day in whose file it will stand 清算日期. */
  readonly settleDay: CivilTime.Day | undefined
  /** Done with a defect (A6), which is UnionPay's matter. */
  readonly isFlawed: boolean
}

/** What a notification is about: a payment, a refund, or a void. */
export interface Notice extends Done {
  readonly kind: "payment" | "refund" | "void"
}

const kinds: ReadonlyMap<string, Notice["kind"]> = new Map([["01", "payment"], ["04", "refund"], ["31", "void"]])

/** Nothing stays nothing. */
const maybe = <A, B>(
  value: A | undefined,
  read: (value: A) => Result.Result<B, Callback.Refusal>
): Result.Result<B | undefined, Callback.Refusal> => value === undefined ? Result.succeed(undefined) : read(value)

/** The merchant is compared before anything else is read: what is for another says nothing here. */
export const forMerchant = (message: Message.Message, merId: string): Result.Result<string, Callback.Refusal> =>
  Result.flatMap(
    Fields.text(message, "merId"),
    (named) =>
      named === merId ? Result.succeed(named) : Result.fail(Callback.refusal("otherMerchant", "the field merId"))
  )

/** How far the clocks of UnionPay and of ours may be apart, in milliseconds; nothing is passed on that was not ordered. */
const slack = CivilTime.dayLength
/** The most days from when it was passed on until it is settled: the longest holidays of banks are shorter. */
const longestSettling = 15

/**
 * Whether something may be settled so many days after it was passed on. A refund is ordered once and may be passed on much
 * later: where nothing says when, any day after its order may be right.
 */
const isPlausible = (days: number, tracedAt: CivilTime.Instant | undefined): boolean =>
  days >= -1 && (tracedAt === undefined || days <= longestSettling)

const implausible = (name: Fields.Name) => Result.fail(Callback.refusal("malformed", `the field ${name}`))

/** Reads what is said of a transaction that is done. `code`: the field that says that it is. */
export const readDone = (
  message: Message.Message,
  code: "respCode" | "origRespCode",
  merId: string
): Result.Result<Done, Callback.Refusal> =>
  Result.flatMap(
    Result.all([
      forMerchant(message, merId),
      Fields.inYuan(message),
      Fields.text(message, "orderId"),
      Fields.time(message, "txnTime"),
      Fields.amount(message, "txnAmt"),
      Fields.text(message, "queryId"),
      Fields.find(message, "settleDate"),
      Fields.find(message, "traceTime")
    ]),
    ([, , orderId, txnTime, amount, queryId, settleDate, traceTime]) => {
      const traced = maybe(traceTime, (text) => Time.readTrace(text, txnTime))
      if (Result.isFailure(traced)) return Result.fail(traced.failure)
      const tracedAt = traced.success
      if (tracedAt !== undefined && tracedAt < txnTime - slack) return implausible("traceTime")
      const day = CivilTime.dayOf(tracedAt ?? txnTime)
      const settled = maybe(settleDate, (text) => Time.readMonthDay(text, day))
      if (Result.isFailure(settled)) return Result.fail(settled.failure)
      const settleDay = settled.success
      if (settleDay !== undefined && !isPlausible(settleDay - day, tracedAt)) return implausible("settleDate")
      const isFlawed = Code.classOf(message.get(code) ?? "") === "flawed"
      return Result.succeed({ merId, orderId, txnTime, amount, queryId, settleDay, tracedAt, isFlawed })
    }
  )

/** Reads a notification that was verified. */
export const read = (message: Message.Message, merId: string): Result.Result<Notice, Callback.Refusal> =>
  Result.flatMap(
    Result.all([forMerchant(message, merId), Fields.text(message, "txnType"), Fields.text(message, "respCode")]),
    ([, txnType, respCode]) => {
      const kind = kinds.get(txnType)
      if (kind === undefined) return Result.fail(Callback.refusal("unsupported", "the field txnType"))
      if (Code.submitted(respCode) !== "accepted") {
        return Result.fail(Callback.refusal("unsupported", "a respCode that is no success"))
      }
      return Result.map(readDone(message, "respCode", merId), (done) => ({ kind, ...done }))
    }
  )

/** Reads and verifies the body of a notification. */
export const receive = (
  body: Uint8Array,
  verifier: Signature.Verifier,
  merId: string
): Result.Result<Notice, Callback.Refusal> =>
  Message.parseForm(body).pipe(
    Result.flatMap((message) => Signature.verify(message, verifier)),
    Result.flatMap((message) => read(message, merId))
  )

/** The fields of a transaction that is done, as UnionPay's side writes them. */
export const doneFields = (
  { amount, queryId, settleDay, tracedAt }: Pick<Done, "amount" | "queryId" | "settleDay" | "tracedAt">,
  traceNo: string
): Readonly<Record<string, string | undefined>> => ({
  txnAmt: String(amount),
  currencyCode: Fields.yuan,
  queryId,
  settleAmt: String(amount),
  settleCurrencyCode: Fields.yuan,
  settleDate: settleDay === undefined ? undefined : Time.writeMonthDay(settleDay),
  traceNo,
  traceTime: tracedAt === undefined ? undefined : Time.writeTrace(tracedAt)
})
