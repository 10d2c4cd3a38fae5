/**
 * The bills of Alipay, fetched 下载账单: an answer that is signed names the place, and the file there is not signed.
 */
import { type CivilTime, Fault, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as AlipayArchive from "./AlipayArchive.ts"
import * as AlipayBill from "./AlipayBill.ts"
import * as AlipayBillRow from "./AlipayBillRow.ts"
import type { AlipayGateway } from "./AlipayGateway.ts"
import * as AlipayTrade from "./AlipayTrade.ts"
import type { AlipayTrades } from "./AlipayTrades.ts"

/** Where bills come from. `address`: of the gateway; `hosts`: of others where a bill may lie; `seller`: whose they are. */
export interface Source {
  readonly name: string
  readonly gateway: AlipayGateway
  readonly address: string
  readonly hosts: ReadonlyArray<string>
  readonly seller: string
}

type Bill = Effect.Effect<RechargeChannel.Bill, Fault.ChannelFailed | Fault.BillNotReady>

/** What was paid and refunded on a day. Only rows of payments under our numbers are evidence. */
export const make = (
  { address, gateway, hosts, name, seller }: Source,
  { ask, failed }: AlipayTrades,
  mint: RechargeChannel.Mint
): (day: CivilTime.Day) => Bill =>
  Effect.fnUntraced(function*(day) {
    const { content, outcome } = yield* ask("bill", AlipayTrade.bill, { kind: "trade", day }, {})
    if (content === undefined) {
      return outcome._tag === "Declined" && outcome.reason === "noBill"
        ? yield* new Fault.BillNotReady({ channel: name, day })
        : yield* failed("bill", outcome)
    }
    const url = placeOf(content.url, address, hosts)
    if (url === undefined) return yield* failed("bill", { _tag: "Unknown", detail: "a bill at another host" })
    const archive = yield* Effect.catch(
      gateway.download(url, AlipayArchive.limits.bytes),
      (cause) => failed("bill", cause)
    )
    const bill = AlipayBill.read(archive, { account: seller, day })
    if (Result.isFailure(bill)) return yield* failed("bill", bill.failure)
    for (const { flaws, line } of bill.success.rows) {
      if (flaws === undefined) continue
      yield* Effect.logWarning(
        `${name}: a row of the bill has no number that can be read: row ${line}, ${flaws.join(", ")}`
      )
    }
    const rows = bill.success.rows.map((row) => {
      const number = row.kind === "payment" ? PaymentAttempt.numberIn(row.number) : undefined
      const { amount, at: paidAt, reference } = row
      return {
        row: AlipayBillRow.toBillRow(row, day),
        ...(number === undefined || paidAt === undefined
          ? {}
          : { receipt: mint({ number, amount, paidAt, reference, witness: "statement" }) })
      }
    })
    return { day, rows }
  })

/**
 * Where a bill is fetched from, if it may be: nothing but the channel's own hosts, and never in the clear where the gateway
 * itself is not, since a bill bears no signature.
 */
export const placeOf = (url: string, gateway: string, hosts: ReadonlyArray<string>): string | undefined => {
  const place = URL.parse(url)
  const own = URL.parse(gateway)
  if (place === null || own === null) return undefined
  if (place.host !== own.host && !hosts.includes(place.host)) return undefined
  if (own.protocol === "https:") place.protocol = own.protocol
  return place.href
}
