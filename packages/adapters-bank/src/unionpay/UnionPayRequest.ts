/**
 * What a merchant asks 交易请求, as UnionPay's side reads it: the other side of UnionPayOrder, for a sandbox.
 *
 * The signature is verified before, by `UnionPaySignature.verify` with the certificates that are registered.
 */
import { Callback, CivilTime, type Money } from "@yikatong/core"
import { Result } from "effect"
import * as Fields from "./UnionPayFields.ts"
import type { Message } from "./UnionPayMessage.ts"
import { type Kind, kinds, type Named } from "./UnionPayOrder.ts"
import * as Time from "./UnionPayTime.ts"

interface Sent extends Named {
  readonly merId: string
  readonly amount: Money.Amount
  readonly backUrl: string
  readonly reqReserved: string | undefined
}

export type Request =
  | Sent & { readonly kind: "front"; readonly frontUrl: string; readonly payTimeout: CivilTime.Instant }
  | Sent & { readonly kind: "qr"; readonly payTimeout: CivilTime.Instant | undefined }
  | Sent & { readonly kind: "payCode"; readonly qrNo: string; readonly termId: string }
  | Sent & { readonly kind: "refund" | "void"; readonly origQryId: string }
  | Named & { readonly kind: "query"; readonly merId: string }
  | {
    readonly kind: "file"
    readonly merId: string
    readonly txnTime: CivilTime.Instant
    readonly settleDay: CivilTime.Day
  }

/** Which kind of request a message is. */
export const kindOf = (message: Message): Kind | undefined =>
  (Object.keys(kinds) as Array<Kind>).find((kind) =>
    kinds[kind].txnType === message.get("txnType") && kinds[kind].txnSubType === message.get("txnSubType")
  )

const named = (message: Message) =>
  Result.all({
    merId: Fields.text(message, "merId"),
    orderId: Fields.text(message, "orderId"),
    txnTime: Fields.time(message, "txnTime")
  })

const sent = (message: Message): Result.Result<Sent, Callback.Refusal> =>
  Result.flatMap(Fields.inYuan(message), () =>
    Result.all({
      merId: Fields.text(message, "merId"),
      orderId: Fields.text(message, "orderId"),
      txnTime: Fields.time(message, "txnTime"),
      amount: Fields.amount(message, "txnAmt"),
      backUrl: Fields.text(message, "backUrl"),
      reqReserved: Fields.find(message, "reqReserved")
    }))

/** In days: of a year that ends with tomorrow every day is nearer to its middle than that of another year. */
const halfYear = 181

/** Reads a request that was verified. */
export const read = (message: Message): Result.Result<Request, Callback.Refusal> => {
  const kind = kindOf(message)
  switch (kind) {
    case undefined:
      return Result.fail(Callback.refusal("unsupported", "the kind of transaction"))
    case "front":
      return Result.map(
        Result.all([sent(message), Fields.text(message, "frontUrl"), Fields.time(message, "payTimeout")]),
        ([sent, frontUrl, payTimeout]) => ({ kind, ...sent, frontUrl, payTimeout })
      )
    case "qr":
      return Result.map(
        Result.all([
          sent(message),
          message.has("payTimeout") ? Fields.time(message, "payTimeout") : Result.succeed(undefined)
        ]),
        ([sent, payTimeout]) => ({ kind, ...sent, payTimeout })
      )
    case "payCode":
      return Result.map(
        Result.all([sent(message), Fields.text(message, "qrNo"), Fields.text(message, "termId")]),
        ([sent, qrNo, termId]) => ({ kind, ...sent, qrNo, termId })
      )
    case "refund":
    case "void":
      return Result.map(
        Result.all([sent(message), Fields.text(message, "origQryId")]),
        ([sent, origQryId]) => ({ kind, ...sent, origQryId })
      )
    case "query":
      return Result.map(named(message), (named) => ({ kind, ...named }))
    case "file":
      // A file is of a day that is past, or of the next where the day of settlement has begun in the evening.
      return Result.map(
        Result.all([
          Fields.text(message, "merId"),
          Fields.time(message, "txnTime"),
          Fields.text(message, "settleDate")
        ]).pipe(
          Result.flatMap(([merId, txnTime, settleDate]) =>
            Result.map(
              Time.readMonthDay(settleDate, CivilTime.addDays(CivilTime.dayOf(txnTime), -halfYear)),
              (settleDay) => ({ merId, txnTime, settleDay })
            )
          )
        ),
        (asked) => ({ kind, ...asked })
      )
  }
}
