/**
 * What the sandbox's UnionPay answers to a request that it believes 沙箱交易应答: what happened in the house, as UnionPay's codes
 * say it.
 */
import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as UnionPayNotice from "../unionpay/UnionPayNotice.ts"
import { kinds, type Named } from "../unionpay/UnionPayOrder.ts"
import type * as Request from "../unionpay/UnionPayRequest.ts"
import * as Time from "../unionpay/UnionPayTime.ts"
import type { Refused } from "./House.ts"
import type { Trade, TradeRefund } from "./Trade.ts"
import * as UnionPayDays from "./UnionPayDays.ts"
import type { Here } from "./Wire.ts"

/** What the house calls this channel. */
export const wire = "unionpay"

/** How long a code may be paid, where the merchant says nothing. */
const codeLife = 2 * CivilTime.hour

/** Number and time in one: what the house knows a transaction by. */
export const keyOf = ({ orderId, txnTime }: Named): string => `${orderId} ${Time.write(txnTime)}`

/** What is answered, before it is written: a code, and what goes with it. */
export type Said = readonly [respCode: string, fields?: Readonly<Record<string, string | undefined>>]

export const refusedAs = (refused: Refused): string => {
  switch (refused._tag) {
    case "NumberUsed":
      return "12"
    case "NotThere":
    case "NotPaid":
      return "35"
    case "AlreadyPaid":
      return "12"
    case "AlreadyClosed":
      return "69"
    case "Declined":
      return refused.why === "insufficient" ? "64" : "30"
    case "TooMuch":
      return refused.left === 0 ? "45" : "36"
    case "RefundDiffers":
      return "12"
  }
}

export type Paying = Extract<Request.Request, { readonly kind: "front" | "payCode" | "qr" }>

export const open = (here: Here, asked: Paying) =>
  here.house.open({
    wire,
    merchant: asked.merId,
    number: keyOf(asked),
    amount: asked.amount,
    description: asked.kind,
    expiresAt: "payTimeout" in asked && asked.payTimeout !== undefined
      ? asked.payTimeout
      : CivilTime.later(here.now, codeLife),
    notifyTo: asked.backUrl,
    extra: { kind: asked.kind, orderId: asked.orderId, txnTime: Time.write(asked.txnTime) }
  }, here.now)

const find = ({ house }: Here, asked: Named, merchant: string): Trade | undefined =>
  house.find({ wire, merchant, number: keyOf(asked) })

/** A code to show. Its number once more is refused: the code was told, and is not told again. */
const qr = (here: Here, asked: Paying): Said => {
  if (find(here, asked, asked.merId) !== undefined) return ["12"]
  return Result.match(open(here, asked), {
    onFailure: (refused): Said => [refusedAs(refused)],
    onSuccess: ({ token }) => ["00", { qrCode: `${here.origin}/pay/${token}` }]
  })
}

const payCode = (here: Here, asked: Extract<Paying, { readonly kind: "payCode" }>): Said => {
  if (find(here, asked, asked.merId) !== undefined) return ["12"]
  if (asked.qrNo.endsWith("9")) return ["44"]
  const paid = Result.flatMap(
    open(here, asked),
    ({ token }) =>
      asked.qrNo.endsWith("1") ? here.house.ask(token, here.now) : here.house.pay(token, asked.qrNo, here.now)
  )
  return Result.match(paid, {
    onFailure: (refused): Said => [refusedAs(refused)],
    onSuccess: (trade) => [trade.state === "asking" ? "05" : "00", { queryId: UnionPayDays.queryIdOf(trade) }]
  })
}

const back = (here: Here, asked: Extract<Request.Request, { readonly kind: "refund" | "void" }>): Said => {
  const trade = here.house.all.find((trade) =>
    trade.wire === wire && trade.merchant === asked.merId && UnionPayDays.queryIdOf(trade) === asked.origQryId
  )
  if (trade === undefined) return ["35"]
  const number = keyOf(asked)
  const known = here.house.all.flatMap(({ refunds }) => refunds).find((refund) => refund.number === number)
  // One that could not be done may be tried again under its number.
  if (known?.state === "done") return ["12"]
  const isSameDay = trade.paidAt !== undefined &&
    UnionPayDays.settleDayOf(trade.paidAt) === UnionPayDays.settleDayOf(here.now)
  if (asked.kind === "void" && !isSameDay) return ["35"]
  if (asked.kind === "void" && asked.amount !== trade.amount) return ["36"]
  const extra = {
    kind: asked.kind,
    orderId: asked.orderId,
    txnTime: Time.write(asked.txnTime),
    backUrl: asked.backUrl
  }
  return Result.match(here.house.refund(trade, { number, amount: asked.amount, extra }, here.now), {
    onFailure: (refused): Said => [refusedAs(refused)],
    onSuccess: ({ refund }) => ["00", { queryId: UnionPayDays.queryIdOf(refund), origQryId: asked.origQryId }]
  })
}

export const doneFields = (
  { amount, at, reference }:
    & { readonly amount: TradeRefund["amount"]; readonly at: CivilTime.Instant }
    & Pick<
      Trade,
      "reference"
    >
) => {
  const settleDay = UnionPayDays.settleDayOf(at)
  const queryId = UnionPayDays.queryIdOf({ reference })
  return UnionPayNotice.doneFields({ amount, queryId, settleDay, tracedAt: at }, reference.slice(-6))
}

/** What a query found: the answer bears the kind of what was asked about, not that of the query. */
const found = ({ kind }: Trade["extra"], fields: Readonly<Record<string, string | undefined>>): Said => {
  const of = kind === "void" || kind === "refund" || kind === "qr" || kind === "payCode" ? kind : "front"
  const { txnSubType, txnType } = kinds[of]
  return ["00", { txnType, txnSubType, ...fields }]
}

const query = (here: Here, asked: Extract<Request.Request, { readonly kind: "query" }>): Said => {
  const number = keyOf(asked)
  const refund = here.house.all.filter(({ merchant }) => merchant === asked.merId)
    .flatMap(({ refunds }) => refunds).find((refund) => refund.number === number)
  if (refund !== undefined) {
    return refund.state === "done"
      ? found(refund.extra, { origRespCode: "00", ...doneFields(refund) })
      : found(refund.extra, { origRespCode: "63" })
  }
  const trade = find(here, asked, asked.merId)
  if (trade === undefined) return ["34"]
  const { extra } = trade
  if (trade.state === "paid" && trade.paidAt !== undefined) {
    return found(extra, { origRespCode: "00", ...doneFields({ ...trade, at: trade.paidAt }) })
  }
  if (trade.state === "asking") return found(extra, { origRespCode: "05" })
  if (trade.declined !== undefined) {
    return found(extra, { origRespCode: trade.declined === "insufficient" ? "64" : "30" })
  }
  // A code that nobody has scanned is no transaction yet.
  if (extra["kind"] === "qr") return ["34"]
  return found(extra, { origRespCode: here.now > trade.expiresAt ? "69" : "70" })
}

export const answer = (
  here: Here,
  asked: Exclude<Request.Request, { readonly kind: "front" }>,
  days: UnionPayDays.UnionPayDays
): Said => {
  switch (asked.kind) {
    case "qr":
      return qr(here, asked)
    case "payCode":
      return payCode(here, asked)
    case "refund":
    case "void":
      return back(here, asked)
    case "query":
      return query(here, asked)
    case "file": {
      const file = days.write(asked.merId, asked.settleDay, here)
      return file === undefined ? ["98"] : ["00", { fileName: file.name, fileContent: file.content }]
    }
  }
}
