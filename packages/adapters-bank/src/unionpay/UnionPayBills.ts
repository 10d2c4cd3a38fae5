/**
 * The files of UnionPay's days, fetched 对账文件下载: which payments it will settle, and which of them are ours.
 *
 * UnionPay writes no file for a day on which nobody paid, so one that is not there is believed to be none only after a
 * while.
 */
import { CivilTime, Fault, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import * as Answer from "./UnionPayAnswer.ts"
import * as Archive from "./UnionPayArchive.ts"
import type { UnionPayCalls } from "./UnionPayCalls.ts"
import * as File from "./UnionPayFile.ts"
import * as Order from "./UnionPayOrder.ts"

/** When a file that is not there is believed to be none. */
const fileDue = 2 * CivilTime.dayLength

type Bill = Effect.Effect<RechargeChannel.Bill, Fault.ChannelFailed | Fault.BillNotReady>

/** What was paid and given back on a day of UnionPay's. Only rows of payments under our numbers are evidence. */
export const make = (
  { ask, failed, gateway, merchant, settings }: UnionPayCalls,
  mint: RechargeChannel.Mint
): (day: CivilTime.Day) => Bill => {
  const { merId, name } = settings

  const rowOf = (row: File.Row, day: CivilTime.Day): ReadonlyArray<RechargeChannel.Bill["rows"][number]> => {
    const billed = row.merId === merId ? File.toBillRow(row, day) : undefined
    if (billed === undefined) return []
    const number = billed.kind === "payment" ? PaymentAttempt.numberIn(billed.number) : undefined
    if (number === undefined) return [{ row: billed }]
    const { amount, reference } = billed
    return [{ row: billed, receipt: mint({ number, amount, paidAt: row.at, reference, witness: "statement" }) }]
  }

  return Effect.fnUntraced(function*(day: CivilTime.Day) {
    const txnTime = (yield* Clock.currentTimeMillis) as CivilTime.Instant
    const message = Order.file(merchant, { settleDay: day, txnTime })
    const file = yield* ask("bill", {
      url: gateway.file,
      message,
      isRepeatable: true,
      largest: Archive.largestMessage,
      read: (answer) => Answer.file(answer, message)
    })
    if (file === "none") {
      return txnTime < CivilTime.later(CivilTime.startOf(day), fileDue)
        ? yield* new Fault.BillNotReady({ channel: name, day })
        : { day, rows: [] }
    }
    const rows = Result.flatMap(Archive.open(file.content), (files) =>
      Result.all(
        [...files].filter(([fileName]) => File.kindOf(fileName) === "ZM")
          .map(([, bytes]) => File.readZm(bytes, day, settings.layout))
      ))
    if (Result.isFailure(rows)) return yield* failed("bill", rows.failure)
    return { day, rows: rows.success.flat().flatMap((row) => rowOf(row, day)) }
  })
}
