/**
 * The bills of WeChat Pay, fetched 下载账单: first their address and their sum, which are signed, then the file, which
 * is not.
 *
 * A day without any movement has no bill at all, as WeChat Pay says it; of a day whose bill is not made yet it
 * says so, and before ten in the morning after nobody asks. Source: WeChat Pay APIv3, 申请交易账单, 申请资金账单, 下载账单.
 */
import { type Callback, type CivilTime, Fault, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import type * as JsonBody from "../JsonBody.ts"
import * as WeChatAnswer from "./WeChatAnswer.ts"
import * as WeChatBillFile from "./WeChatBillFile.ts"
import * as WeChatCall from "./WeChatCall.ts"
import * as WeChatClock from "./WeChatClock.ts"
import * as WeChatFundBill from "./WeChatFundBill.ts"
import type { WeChatGateway } from "./WeChatGateway.ts"
import * as WeChatTradeBill from "./WeChatTradeBill.ts"
import * as WeChatTradeRow from "./WeChatTradeRow.ts"
import type { Payee } from "./WeChatTransaction.ts"

/** Where bills come from. `hosts`: no file is fetched from elsewhere, whatever an answer says. */
export interface Source {
  readonly name: string
  readonly gateway: WeChatGateway
  readonly payee: Payee
  readonly hosts: ReadonlyArray<string>
}

const failed = (operation: string, cause: unknown) => new Fault.ChannelFailed({ operation, cause })

/** The bytes of a bill, compared with their sum; nothing for a day without movements. */
const fetch = Effect.fnUntraced(function*(
  { gateway, hosts, name }: Source,
  operation: string,
  call: WeChatCall.WeChatCall,
  day: CivilTime.Day
) {
  const notReady = new Fault.BillNotReady({ channel: name, day })
  if ((yield* Clock.currentTimeMillis) < WeChatClock.billFrom(day)) return yield* notReady
  const unanswered = Effect.mapError((cause: unknown) => failed(operation, cause))
  const { body, code, outcome } = yield* unanswered(gateway.ask(call))
  if (outcome.class === "pending") return yield* notReady
  if (code === "NO_STATEMENT_EXIST") return undefined
  if (outcome.class !== "done") return yield* failed(operation, outcome.en)
  const address = yield* believed(WeChatAnswer.billAddress(body), operation)
  const at = WeChatCall.download(address.url, hosts)
  if (at === undefined) return yield* failed(operation, "the bill lies on another host than WeChat Pay's")
  const zipped = yield* unanswered(gateway.download(at, WeChatBillFile.biggest))
  return yield* believed(WeChatBillFile.unpack(zipped, { sha1: address.sha1, isZipped: true }), operation)
})

const believed = Effect.fnUntraced(function*<A>(read: JsonBody.Read<A>, operation: string) {
  if (Result.isSuccess(read)) return read.success
  return yield* refused(read.failure, operation)
})

const refused = Effect.fnUntraced(function*({ reason, what }: Callback.Refusal, operation: string) {
  yield* Effect.logWarning("A bill of WeChat Pay is not believed", operation, reason, what)
  return yield* failed(operation, `${reason}: ${what}`)
})

/** What was paid and refunded on a day. Only rows of payments under our numbers, in our applications, are evidence. */
export const trades = Effect.fnUntraced(function*(
  source: Source,
  mint: RechargeChannel.Mint,
  day: CivilTime.Day
): Effect.fn.Return<RechargeChannel.Bill, Fault.ChannelFailed | Fault.BillNotReady> {
  const bytes = yield* fetch(source, "bill", WeChatCall.tradeBill(day, "ALL"), day)
  const { appids, mchid } = source.payee
  const read = bytes === undefined ? [] : yield* believed(WeChatTradeBill.read(bytes, mchid), "bill")
  const rows: Array<RechargeChannel.Bill["rows"][number]> = []
  for (const line of read) {
    const row = WeChatTradeRow.toBillRow(line, day)
    if (row === undefined) continue
    const number = PaymentAttempt.numberIn(line.number)
    const isEvidence = line._tag === "Payment" && number !== undefined && appids.includes(line.appid)
    const { amount, at: paidAt, reference } = line
    rows.push(
      isEvidence ? { row, receipt: mint({ number, amount, paidAt, reference, witness: "statement" }) } : { row }
    )
  }
  return { day, rows }
})

/** Every movement on an account of the merchant's there, on a day. */
export const movements = Effect.fnUntraced(function*(
  source: Source,
  day: CivilTime.Day,
  account: WeChatFundBill.Account
) {
  const bytes = yield* fetch(source, "fundFlow", WeChatCall.fundBill(day, account), day)
  return bytes === undefined ? [] : yield* believed(WeChatFundBill.read(bytes), "fundFlow")
})
