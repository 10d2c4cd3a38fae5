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

/** Reads what is said of a transaction that is done. `code`: the field that says that it is. */
export const readDone = (
  message: Message.Message,
  code: "respCode" | "origRespCode",
  merId: string
): Result.Result<Done, Callback.Refusal> =>
  Result.gen(function*() {
    yield* forMerchant(message, merId)
    yield* Fields.inYuan(message)
    const orderId = yield* Fields.text(message, "orderId")
    const txnTime = yield* Fields.time(message, "txnTime")
    const amount = yield* Fields.amount(message, "txnAmt")
    const queryId = yield* Fields.text(message, "queryId")
    const settleDate = yield* Fields.find(message, "settleDate")
    const traceTime = yield* Fields.find(message, "traceTime")
    const settleDay = yield* maybe(settleDate, (text) => Time.readMonthDay(text, CivilTime.dayOf(txnTime)))
    const tracedAt = yield* maybe(traceTime, (text) => Time.readTrace(text, txnTime))
    const isFlawed = Code.classOf(message.get(code) ?? "") === "flawed"
    return { merId, orderId, txnTime, amount, queryId, settleDay, tracedAt, isFlawed }
  })

/** Reads a notification that was verified. */
export const read = (message: Message.Message, merId: string): Result.Result<Notice, Callback.Refusal> =>
  Result.gen(function*() {
    yield* forMerchant(message, merId)
    const kind = kinds.get(yield* Fields.text(message, "txnType"))
    if (kind === undefined) return yield* Result.fail(Callback.refusal("unsupported", "the field txnType"))
    const said = Code.submitted(yield* Fields.text(message, "respCode"))
    if (said !== "accepted") return yield* Result.fail(Callback.refusal("unsupported", "a respCode that is no success"))
    return { kind, ...(yield* readDone(message, "respCode", merId)) }
  })

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
