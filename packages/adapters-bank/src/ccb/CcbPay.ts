/**
 * Payment by a code that the payer shows, at China Construction Bank 被扫支付: PAY100 pays, PAY101 asks until it is final
 * and books it for the merchant, PAY102 only looks, PAY103 closes what was not paid.
 *
 * Source: 建设银行聚合支付商户接口规范, 被扫支付 3.2. Amounts are yuan with two decimals. One order gets one PAY100 and never a second:
 * whatever is not clear is asked for by PAY101, counted from 1. PAY102 and PAY103 know WeChat and Alipay only. Which
 * further fields a branch wants differs: they may be given, and follow in the order in which they are given.
 */
import { Callback, Money } from "@yikatong/core"
import { Result } from "effect"
import * as JsonBody from "../JsonBody.ts"

/** Whose code it was 二维码类型: 1 龙支付, 2 WeChat, 3 Alipay, 4 UnionPay. */
export type CodeKind = "1" | "2" | "3" | "4"

/** What the bank is asked. */
export type CcbPay =
  | { readonly _tag: "Pay"; readonly order: string; readonly code: string; readonly amount: Money.Amount }
  | { readonly _tag: "Poll"; readonly order: string; readonly times: number; readonly kind: CodeKind }
  | { readonly _tag: "Look"; readonly order: string; readonly kind: "2" | "3" }
  | { readonly _tag: "Close"; readonly order: string; readonly kind: "2" | "3" }

const fields = (ask: CcbPay): ReadonlyArray<readonly [string, string]> => {
  switch (ask._tag) {
    case "Pay":
      return [["TXCODE", "PAY100"], ["ORDERID", ask.order], ["QRCODE", ask.code], ["AMOUNT", Money.format(ask.amount)]]
    case "Poll":
      return [["TXCODE", "PAY101"], ["ORDERID", ask.order], ["QRYTIME", String(ask.times)], ["QRCODETYPE", ask.kind]]
    case "Look":
      return [["TXCODE", "PAY102"], ["ORDERID", ask.order], ["QRCODETYPE", ask.kind]]
    case "Close":
      return [["TXCODE", "PAY103"], ["ORDERID", ask.order], ["QRCODETYPE", ask.kind]]
  }
}

/** The clear text that `CcbParam.seal` takes. `further`: MERFLAG, TERMNO1, PROINFO and the like. */
export const write = (
  ask: CcbPay,
  further: ReadonlyArray<readonly [string, string]> = []
): Result.Result<string, Callback.Refusal> => {
  const all = [...fields(ask), ...further]
  return all.some(([name, value]) => /[&=]/.test(name) || value.includes("&"))
    ? Result.fail(Callback.refusal("malformed", "a value with &"))
    : Result.succeed(all.map(([name, value]) => `${name}=${value}`).join("&"))
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

const kinds: ReadonlyArray<string> = ["1", "2", "3", "4"] satisfies ReadonlyArray<CodeKind>
const isKind = (text: string): text is CodeKind => kinds.includes(text)
const isForeign = (text: string): text is "2" | "3" => text === "2" || text === "3"

/** Reads the clear text, as the bank does; names that are not known here are left to the branch. */
export const read = (text: string): Result.Result<CcbPay, Callback.Refusal> => {
  const given = new Map<string, string>()
  for (const pair of text.split("&")) {
    const middle = pair.indexOf("=")
    const name = pair.slice(0, Math.max(middle, 0))
    if (given.has(name)) return Result.fail(Callback.refusal("duplicateKey", "a name of the parameter"))
    given.set(name, pair.slice(middle + 1))
  }
  const order = given.get("ORDERID") ?? ""
  if (!/^[0-9A-Za-z_-]{1,30}$/.test(order)) return malformed("ORDERID")
  const kind = given.get("QRCODETYPE") ?? ""
  switch (given.get("TXCODE")) {
    case "PAY100": {
      const code = given.get("QRCODE") ?? ""
      const fen = Result.getOrElse(Money.parse(given.get("AMOUNT") ?? ""), () => Money.zero)
      if (code === "") return malformed("QRCODE")
      if (fen < 1 || fen > Money.largestAmount) return malformed("AMOUNT")
      return Result.succeed({ _tag: "Pay", order, code, amount: Money.amount(fen) })
    }
    case "PAY101": {
      const times = given.get("QRYTIME") ?? ""
      if (!/^[1-9][0-9]?$/.test(times)) return malformed("QRYTIME")
      return isKind(kind)
        ? Result.succeed({ _tag: "Poll", order, times: Number(times), kind })
        : malformed("QRCODETYPE")
    }
    case "PAY102":
      return isForeign(kind) ? Result.succeed({ _tag: "Look", order, kind }) : malformed("QRCODETYPE")
    case "PAY103":
      return isForeign(kind) ? Result.succeed({ _tag: "Close", order, kind }) : malformed("QRCODETYPE")
  }
  return Result.fail(Callback.refusal("unsupported", "TXCODE"))
}

/** RESULT: Y paid, N not, U nobody knows, Q under way. The last two are asked for again. */
export type Outcome = "paid" | "failed" | "unknown" | "pending"

const outcomes: Readonly<Record<string, Outcome>> = { Y: "paid", N: "failed", U: "unknown", Q: "pending" }

/**
 * The bank's answer. `wait`: milliseconds until it may be asked again. `code`: its own of an error, as 9002 or 9004.
 */
export interface Answer {
  readonly outcome: Outcome
  readonly order: string
  readonly wait: number
  readonly kind?: CodeKind
  readonly code?: string
  readonly amount?: Money.Amount
}

/** How long to wait where the bank does not say it. */
const usualWait = 5_000

const answered = (body: unknown, order: string): Result.Result<Answer, Callback.Refusal> => {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return malformed("the answer")
  const given = new Map<string, unknown>(Object.entries(body))
  const text = (name: string): string => {
    const value = given.get(name)
    return typeof value === "string" ? value : ""
  }
  const result = text("RESULT")
  const outcome = Object.hasOwn(outcomes, result) ? outcomes[result] : undefined
  if (outcome === undefined) return malformed("RESULT")
  // A payment is of the order that was asked for, or it is not believed.
  if (text("ORDERID") !== order && (outcome === "paid" || given.has("ORDERID"))) return malformed("ORDERID")
  const fen = Result.getOrElse(Money.parse(text("AMOUNT")), () => Money.zero)
  if (outcome === "paid" && (fen < 1 || fen > Money.largestAmount)) return malformed("AMOUNT")
  const kind = text("QRCODETYPE")
  const wait = /^[0-9]{1,3}$/.test(text("WAITTIME")) ? Number(text("WAITTIME")) * 1_000 : usualWait
  return Result.succeed({
    outcome,
    order,
    wait,
    ...(isKind(kind) ? { kind } : {}),
    ...(text("ERRCODE") === "" ? {} : { code: text("ERRCODE") }),
    ...(fen < 1 || fen > Money.largestAmount ? {} : { amount: Money.amount(fen) })
  })
}

/** Reads the answer of the bank, JSON in UTF-8. It bears no signature: TLS alone says that it is the bank's. */
export const readAnswer = (bytes: Uint8Array, order: string): Result.Result<Answer, Callback.Refusal> =>
  Result.flatMap(JsonBody.parse(bytes), (body) => answered(body, order))
