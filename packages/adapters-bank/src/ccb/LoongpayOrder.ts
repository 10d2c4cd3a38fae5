/**
 * An order of 龙支付, the cashier of China Construction Bank 建行龙支付订单: an address that the payer opens, signed by MD5.
 *
 * 530550 is the code that any wallet scans 聚合扫码, 520100 the page of the bank 网上银行. The MAC is MD5 over the names and
 * values in the bank's own order, with the secret PUB among them; PUB itself is never sent. What the payer sees there
 * moves no money: only the notice and a query do. Amounts are yuan with two decimals. Source: 建设银行网上支付商户接口规范.
 *
 * REGINFO and PROINFO go as the bank's own samples write them: escaped like ECMAScript's `escape` does (%uXXXX), and
 * not escaped again for the address.
 */
import { Callback, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import type { LoongpayKey } from "./LoongpayKey.ts"

interface Common {
  readonly merchant: string
  readonly pos: string
  readonly branch: string
  readonly order: string
  readonly amount: Money.Amount
  readonly remark1: string
  readonly remark2: string
}

/**
 * A code to scan. `returnType`: what the bank answers with; `timeout`: when the order ends, as the bank writes it, or
 * empty.
 */
export interface ScanOrder extends Common {
  readonly _tag: "Scan"
  readonly returnType: string
  readonly timeout: string
}

/** The bank's page. */
export interface PageOrder extends Common {
  readonly _tag: "Page"
  readonly gateway: string
  readonly clientIp: string
  readonly registrant: string
  readonly product: string
  readonly referer: string
}

export type LoongpayOrder = ScanOrder | PageOrder

const common = ["MERCHANTID", "POSID", "BRANCHID", "ORDERID", "PAYMENT", "CURCODE", "TXCODE", "REMARK1", "REMARK2"]
/** What the MAC is made over, in its order; PUB is in another place for each. */
const signed: Readonly<Record<string, ReadonlyArray<string>>> = {
  "530550": [...common, "RETURNTYPE", "TIMEOUT", "PUB"],
  "520100": [...common, "TYPE", "PUB", "GATEWAY", "CLIENTIP", "REGINFO", "PROINFO", "REFERER"]
}
const escapedNames: ReadonlyArray<string> = ["REGINFO", "PROINFO"]

/** Escapes as `escape` of ECMAScript, annex B.2.1.1. */
export const escaped = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9@*_+\-./]/g, (unit) => {
    const code = unit.charCodeAt(0)
    return code < 256
      ? `%${code.toString(16).toUpperCase().padStart(2, "0")}`
      : `%u${code.toString(16).toUpperCase().padStart(4, "0")}`
  })

/** The way back; what is no escape stays. */
export const unescaped = (text: string): string =>
  text.replaceAll(
    /%u([0-9A-Fa-f]{4})|%([0-9A-Fa-f]{2})/g,
    (_, four?: string, two?: string) => String.fromCharCode(Number.parseInt(four ?? two ?? "", 16))
  )

const values = (order: LoongpayOrder): Readonly<Record<string, string>> => ({
  MERCHANTID: order.merchant,
  POSID: order.pos,
  BRANCHID: order.branch,
  ORDERID: order.order,
  PAYMENT: Money.format(order.amount),
  CURCODE: "01",
  REMARK1: order.remark1,
  REMARK2: order.remark2,
  ...(order._tag === "Scan"
    ? { TXCODE: "530550", RETURNTYPE: order.returnType, TIMEOUT: order.timeout }
    : {
      TXCODE: "520100",
      TYPE: "1",
      GATEWAY: order.gateway,
      CLIENTIP: order.clientIp,
      REGINFO: escaped(order.registrant),
      PROINFO: escaped(order.product),
      REFERER: order.referer
    })
})

const mac = (
  names: ReadonlyArray<string>,
  value: (name: string) => string | undefined,
  key: Pick<LoongpayKey, "secret">
): string => {
  const text = names.map((name) => `${name}=${name === "PUB" ? Redacted.value(key.secret) : value(name) ?? ""}`)
  return createHash("md5").update(text.join("&"), "utf8").digest("hex")
}

/** The address of an order under the bank's, with its MAC. A value with "&" is refused: it would be read as two. */
export const address = (
  bank: string,
  order: LoongpayOrder,
  key: Pick<LoongpayKey, "secret">
): Result.Result<string, Callback.Refusal> => {
  const given = values(order)
  const bad = Object.keys(given).find((name) => given[name]?.includes("&"))
  if (bad !== undefined) return Result.fail(Callback.refusal("malformed", `the value of ${bad}`))
  const names = signed[given["TXCODE"] ?? ""] ?? []
  const query = names.filter((name) => name !== "PUB").map((name) => {
    const value = given[name] ?? ""
    return `${name}=${escapedNames.includes(name) ? value : encodeURIComponent(value)}`
  })
  return Result.succeed(`${bank}?CCB_IBSVersion=V6&${query.join("&")}&MAC=${mac(names, (name) => given[name], key)}`)
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

const largest = 8_192

/** Names and values of an address: its own reader, since no other takes %uXXXX. */
const query = (url: string): Result.Result<ReadonlyMap<string, string>, Callback.Refusal> => {
  if (url.length > largest) return Result.fail(Callback.refusal("tooLarge", "the address"))
  const fields = new Map<string, string>()
  for (const pair of url.slice(url.indexOf("?") + 1).split("&")) {
    const [name = "", ...rest] = pair.split("=")
    if (fields.has(name)) return Result.fail(Callback.refusal("duplicateKey", "a name of the address"))
    const raw = rest.join("=")
    const value = escapedNames.includes(name) ? raw : Result.getOrUndefined(Result.try(() => decodeURIComponent(raw)))
    if (value === undefined || value.includes("&")) return malformed("a value of the address")
    fields.set(name, value)
  }
  return Result.succeed(fields)
}

/** Reads an address whose MAC is right, as the bank does. */
export const read = (
  url: string,
  key: Pick<LoongpayKey, "secret">
): Result.Result<LoongpayOrder, Callback.Refusal> =>
  Result.gen(function*() {
    const fields = yield* query(url)
    const code = fields.get("TXCODE") ?? ""
    const names = Object.hasOwn(signed, code) ? signed[code] ?? [] : []
    if (names.length === 0) return yield* Result.fail(Callback.refusal("unsupported", "TXCODE"))
    if (fields.get("CCB_IBSVersion") !== "V6") {
      return yield* Result.fail(Callback.refusal("unsupported", "CCB_IBSVersion"))
    }
    const told = Buffer.from(fields.get("MAC") ?? "", "latin1")
    const made = Buffer.from(mac(names, (name) => fields.get(name), key), "latin1")
    if (told.length !== made.length || !timingSafeEqual(told, made)) {
      return yield* Result.fail(Callback.refusal("forged", "the MAC"))
    }
    const known = [...names.filter((name) => name !== "PUB"), "CCB_IBSVersion", "MAC"]
    // A name that is not signed could be changed on the way, one that is missing was signed as empty.
    if (fields.size !== known.length || !known.every((name) => fields.has(name))) return yield* malformed("its names")
    if (fields.get("CURCODE") !== "01") return yield* Result.fail(Callback.refusal("otherCurrency", "CURCODE"))
    const text = (name: string): string => fields.get(name) ?? ""
    const written = text("PAYMENT")
    const amount = Result.getOrElse(Money.parse(written), () => Money.zero)
    if (!/\.[0-9]{2}$/.test(written) || amount < 1 || amount > Money.largestAmount) return yield* malformed("PAYMENT")
    const shared = {
      merchant: text("MERCHANTID"),
      pos: text("POSID"),
      branch: text("BRANCHID"),
      order: text("ORDERID"),
      amount: Money.amount(amount),
      remark1: text("REMARK1"),
      remark2: text("REMARK2")
    }
    if (code === "530550") {
      return { _tag: "Scan" as const, ...shared, returnType: text("RETURNTYPE"), timeout: text("TIMEOUT") }
    }
    return {
      _tag: "Page" as const,
      ...shared,
      gateway: text("GATEWAY"),
      clientIp: text("CLIENTIP"),
      registrant: unescaped(text("REGINFO")),
      product: unescaped(text("PROINFO")),
      referer: text("REFERER")
    }
  })
