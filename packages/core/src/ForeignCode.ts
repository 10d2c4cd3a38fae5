/**
 * What a camera saw 扫码识别: a code of ours, or a payment code 付款码 of a payment service, told by its digits.
 *
 * Nothing is judged: whether the code pays, its service says. The looks, in this order: WeChat 微信支付, 18 digits that
 * begin with 10-15; 龙支付 of China Construction Bank, 19 digits `62`, one digit, `0105`; UnionPay 云闪付, 19 digits that
 * begin with 62; Alipay 支付宝, 16 to 24 digits that begin with 25-30. Sources: R4-R7; the WeChat and Alipay merchants'
 * documents, and for 龙支付 the field notes of merchants, since the bank publishes none.
 */
import { Schema } from "effect"
import { prefix } from "./PresentedCode.ts"

/** Whose code it looks like. `campus`: ours, good or not. `unknown`: nothing that we know. */
export const ForeignCode = Schema.Literals(["campus", "weChat", "longPay", "unionPay", "alipay", "unknown"])
export type ForeignCode = typeof ForeignCode.Type

const looks: ReadonlyArray<readonly [ForeignCode, RegExp]> = [
  ["weChat", /^1[0-5][0-9]{16}$/],
  ["longPay", /^62[0-9]0105[0-9]{12}$/],
  ["unionPay", /^62[0-9]{17}$/],
  ["alipay", /^(2[5-9]|30)[0-9]{14,22}$/]
]

/**
 * Whose code a text looks like; every text has an answer. Line ends that a scanner appends have to be taken off before.
 *
 * @example
 * ```ts
 * import { ForeignCode } from "@yikatong/core"
 *
 * ForeignCode.recognise("134567890123456789") // => "weChat"
 * ForeignCode.recognise("6210105123456789012") // => "longPay"
 * ForeignCode.recognise("https://example.com") // => "unknown"
 * ```
 */
export const recognise = (text: string): ForeignCode =>
  text.startsWith(prefix) ? "campus" : looks.find(([, look]) => look.test(text))?.[0] ?? "unknown"
