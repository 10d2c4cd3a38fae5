/**
 * China Construction Bank in the sandbox 建行沙箱: the address of an order leads to the page where a person pays, the school's
 * server is told once, and codes that payers show are charged by PAY100 to PAY103.
 *
 * Of the codes, one that ends in 1 asks for a password first, one that ends in 9 has expired, and every other pays at once,
 * out of the purse that is called like the code. The real bank keeps the school's addresses in its own records, by its
 * merchants' platform 商户服务平台: here they are given to {@link make}, or told by {@link registration}.
 */
import { type Callback, CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as CcbParam from "../ccb/CcbParam.ts"
import * as CcbPay from "../ccb/CcbPay.ts"
import type * as Loongpay from "../ccb/Loongpay.ts"
import * as LoongpayKey from "../ccb/LoongpayKey.ts"
import * as LoongpayNotice from "../ccb/LoongpayNotice.ts"
import * as LoongpayOrder from "../ccb/LoongpayOrder.ts"
import * as FormBody from "../FormBody.ts"
import * as JsonBody from "../JsonBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import type { Forgery } from "./Mischief.ts"
import type { Trade } from "./Trade.ts"
import type { Answer, Here, Wire } from "./Wire.ts"

const merchant = "105000000000001"
const pos = "100000001"
const branch = "430000000"
const main = "/ccb/CCBIS/ccbMain"
const till = "/ccb/CCBIS/B2CMainPlat_00_BEPAY"
const platform = "/ccb/merchant"

/** The bank's own keys are no longer than this. */
const bits = 1_024

/** What the bank's records say of the school. `noticesTo`: where its server is told; `pageTo`: where its payers return. */
export interface Records {
  readonly noticesTo?: string
  readonly pageTo?: string
}

const text = (status: number, words: string): Answer => ({
  status,
  headers: { "content-type": "text/plain;charset=utf-8" },
  body: Buffer.from(words)
})
const key = (number: string) => ({ wire: "ccb", merchant, number })
const digits = (at: CivilTime.Instant): string => CivilTime.format(at).replaceAll(/\D/g, "").slice(0, 14)

/** When an order ends: as it says, or after two hours. */
const endOf = (order: LoongpayOrder.LoongpayOrder, now: CivilTime.Instant): CivilTime.Instant => {
  const told = order._tag === "Scan" ? order.timeout : ""
  const [, day = "", hour, minute, second] = /^(\d{8})(\d\d)(\d\d)(\d\d)$/.exec(told) ?? []
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
  return Result.getOrElse(
    CivilTime.parse(`${date} ${hour}:${minute}:${second}`),
    () => CivilTime.later(now, 2 * CivilTime.hour)
  )
}

/** The payer opens the address, and is led to the page where it is paid. */
const enter = ({ house, now, origin }: Here, order: LoongpayOrder.LoongpayOrder, { noticesTo }: Records): Answer => {
  if (order.merchant !== merchant || order.pos !== pos || order.branch !== branch) return text(400, "MERCHANTID")
  const opened = house.open({
    ...key(order.order),
    amount: order.amount,
    description: order._tag === "Page" ? order.product : "龙支付",
    expiresAt: endOf(order, now),
    notifyTo: noticesTo,
    extra: { remark1: order.remark1, remark2: order.remark2 }
  }, now)
  return Result.isFailure(opened)
    ? text(400, "ORDERID")
    : { status: 302, headers: { location: `${origin}/pay/${opened.success.token}` }, body: new Uint8Array() }
}

/** The fields of a notice. `cameBy`: the server's has ACC_TYPE, the browser's has not. */
const fieldsOf = (
  { amount, extra, number, paidAt }: Trade,
  cameBy: "server" | "browser"
): ReadonlyMap<string, string> =>
  new Map([
    ["POSID", pos],
    ["BRANCHID", branch],
    ["ORDERID", number],
    ["PAYMENT", Money.format(amount)],
    ["CURCODE", "01"],
    ["REMARK1", extra["remark1"] ?? ""],
    ["REMARK2", extra["remark2"] ?? ""],
    ...(cameBy === "server" ? [["ACC_TYPE", "12"] as const] : []),
    ["SUCCESS", "Y"],
    ["TYPE", "1"],
    ["REFERER", ""],
    ["CLIENTIP", ""],
    ...(paidAt === undefined ? [] : [["ACCDATE", digits(paidAt).slice(0, 8)] as const])
  ])

type Outcome = "Y" | "N" | "U" | "Q"

const told = (ask: CcbPay.CcbPay, result: Outcome, forgery: Forgery | undefined, trade?: Trade): Answer => ({
  status: 200,
  headers: { "content-type": "application/json;charset=utf-8" },
  body: Buffer.from(JSON.stringify({
    RESULT: result,
    ORDERID: forgery === "otherMerchant" ? "another1" : ask.order,
    ...(trade === undefined
      ? {}
      : { AMOUNT: Money.format(forgery === "wrongAmount" ? Money.amount(trade.amount + 1) : trade.amount) }),
    ...(result === "Q" || result === "U" ? { WAITTIME: "5" } : {}),
    ...(result === "N" ? { ERRCODE: "9004", ERRMSG: "未支付" } : {})
  }))
})

const charged = (here: Here, ask: CcbPay.CcbPay, { noticesTo }: Records): Answer => {
  const { forgery, house, now } = here
  const found = house.find(key(ask.order))
  switch (ask._tag) {
    case "Pay": {
      if (ask.code.endsWith("9")) return told(ask, "N", forgery)
      const opened = house.open({
        ...key(ask.order),
        amount: ask.amount,
        description: "龙支付",
        expiresAt: CivilTime.later(now, 2 * CivilTime.hour),
        notifyTo: noticesTo,
        extra: {}
      }, now)
      const paid = Result.flatMap(
        opened,
        ({ token }) => ask.code.endsWith("1") ? house.ask(token, now) : house.pay(token, ask.code, now)
      )
      if (Result.isSuccess(paid)) return told(ask, paid.success.state === "paid" ? "Y" : "Q", forgery, paid.success)
      // Nobody pays later what was refused at the till.
      house.close(key(ask.order), now)
      return told(ask, "N", forgery)
    }
    case "Poll":
    case "Look":
      return found?.state === "paid"
        ? told(ask, "Y", forgery, found)
        : told(ask, found?.state === "asking" ? "Q" : "N", forgery)
    case "Close":
      return told(ask, Result.isSuccess(house.close(key(ask.order), now)) ? "Y" : "N", forgery, found)
  }
}

const operations = { Pay: "create", Poll: "query", Look: "query", Close: "close" } as const

/** A bank with keys of its own. */
export const make = (given: Records = {}): Wire => {
  let records = given
  const pair = SandboxMark.keyPair(bits)
  const foreign = SandboxMark.keyPair(bits)
  const shown = LoongpayKey.hex(pair.publicKey)
  const ours = Result.getOrThrow(LoongpayKey.parse(shown))

  const written = (trade: Trade, cameBy: "server" | "browser", forgery?: Forgery): string => {
    const fields = new Map(fieldsOf(trade, cameBy))
    if (forgery === "wrongAmount") fields.set("PAYMENT", Money.format(Money.amount(trade.amount + 1)))
    if (forgery === "otherMerchant") fields.set("POSID", "100000002")
    const isForeign = forgery === "otherKey" || forgery === "unknownKey" || forgery === "ownCertificate"
    const notice = LoongpayNotice.write(fields, isForeign ? foreign.privateKey : pair.privateKey)
    return forgery === "tamper" ? notice.replace("PAYMENT=", "$&9") : notice
  }

  return {
    name: "ccb",
    nameZh: "建设银行龙支付",
    // Told once: nothing is promised beyond that.
    resends: [],
    route: ({ body, method, url }) => {
      const path = url.replace(/\?.*$/, "")
      if (path === main && method === "GET") {
        const order = LoongpayOrder.read(url, ours)
        return {
          operation: "create",
          run: (here) => Result.isFailure(order) ? text(400, order.failure.what) : enter(here, order.success, records)
        }
      }
      if (path === platform && method === "POST") {
        const told = Result.flatMap(CcbParam.open(Buffer.from(body).toString(), ours), addresses)
        return {
          operation: "register",
          run: () => {
            if (Result.isFailure(told)) return text(400, told.failure.what)
            records = told.success
            return text(200, "success")
          }
        }
      }
      if (path !== till) return undefined
      const form = FormBody.parse(method === "GET" ? Buffer.from(url.slice(path.length + 1)) : body)
      const asked = Result.flatMap(
        form,
        (fields) => Result.flatMap(CcbParam.open(fields.get("ccbParam") ?? "", ours), CcbPay.read)
      )
      if (Result.isFailure(asked)) return { operation: "refused", run: () => text(400, asked.failure.what) }
      const ask = asked.success
      return { operation: operations[ask._tag], run: (here) => charged(here, ask, records) }
    },
    notice: ({ trade, what }, { forgery }) =>
      what !== "paid" || trade.notifyTo === undefined ? undefined : {
        to: trade.notifyTo,
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        // A probe is what came through a browser, at the address of the server.
        body: Buffer.from(written(trade, forgery === "probe" ? "browser" : "server", forgery))
      },
    isTaken: ({ status }) => status === 200,
    front: (trade) =>
      records.pageTo === undefined ? undefined : {
        to: records.pageTo,
        method: "GET",
        fields: Object.fromEntries(new URLSearchParams(written(trade, "browser")))
      },
    terms: (origin) => ({
      sandbox: "true",
      bank: `${origin}${main}`,
      till: `${origin}${till}`,
      platform: `${origin}${platform}`,
      merchant,
      pos,
      branch,
      public_key: shown
    })
  }
}

/** The addresses that the school tells the bank, for nobody but the bank to read. To be sent by POST. */
export const registration = (
  terms: Readonly<Record<string, string>>,
  { noticesTo = "", pageTo = "" }: Records
): { readonly url: string; readonly body: string } => {
  const { key } = settingsOf(terms, { name: "ccb", title: "" })
  return { url: terms["platform"] ?? "", body: CcbParam.seal(JSON.stringify({ noticesTo, pageTo }), key) }
}

const addresses = (written: string): Result.Result<Records, Callback.Refusal> =>
  Result.map(Result.flatMap(JsonBody.parse(Buffer.from(written)), readAddresses), (told) =>
    // An empty one is none.
    Object.fromEntries(Object.entries(told).filter(([, address]) => address !== "")))
const readAddresses = JsonBody.decode(
  Schema.Struct({ noticesTo: Schema.String, pageTo: Schema.String }),
  "the addresses"
)

/** The settings of a channel that speaks to this bank. */
export const settingsOf = (
  terms: Readonly<Record<string, string>>,
  own: Pick<Loongpay.Settings, "name" | "title"> & Partial<Loongpay.Settings>
): Loongpay.Settings => {
  const term = (name: string): string => {
    const value = terms[name]
    if (value === undefined) throw new RangeError(`The terms of the sandbox's bank lack ${name}`)
    return value
  }
  return {
    merchant: term("merchant"),
    pos: term("pos"),
    branch: term("branch"),
    key: Result.getOrThrow(LoongpayKey.parse(term("public_key"))),
    bank: term("bank"),
    ...own,
    ...(own.shownCodes === undefined ? {} : { shownCodes: { address: term("till"), ...own.shownCodes } })
  }
}
