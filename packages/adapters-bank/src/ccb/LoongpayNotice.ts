/**
 * What China Construction Bank says of a payment 支付结果通知: names and values with a signature, to the school's server, or
 * in the payer's browser when it comes back.
 *
 * SIGN is RSA with MD5 (PKCS #1 v1.5) in hexadecimal, over the fields in the bank's own order; some of them are there
 * only now and then. Source: 建设银行网上支付商户接口规范, 反馈参数. The server's notice alone has ACC_TYPE; what came through a browser
 * is told apart, and proves nothing to a careful school. Amounts are yuan with two decimals. MD5 and keys of 1024 bits
 * are weak: this signature is believed for this bank's notices and nowhere else.
 */
import { Callback, Money } from "@yikatong/core"
import { Result } from "effect"
import { type KeyObject, sign as signed, verify as isSigned } from "node:crypto"
import * as FormBody from "../FormBody.ts"
import * as Gbk from "../Gbk.ts"
import type { LoongpayKey } from "./LoongpayKey.ts"

/** A notice whose signature is right. `cameBy`: the bank's server, or the payer's browser. */
export interface LoongpayNotice {
  readonly pos: string
  readonly branch: string
  readonly order: string
  readonly amount: Money.Amount
  readonly isPaid: boolean
  readonly cameBy: "server" | "browser"
  /** All fields that were signed, as they came. */
  readonly fields: ReadonlyMap<string, string>
}

/** The fields that are signed, in their order. */
const always = ["POSID", "BRANCHID", "ORDERID", "PAYMENT", "CURCODE", "REMARK1", "REMARK2"]
const then = ["SUCCESS", "TYPE", "REFERER", "CLIENTIP"]
const sometimes = ["ACCDATE", "USRMSG", "INSTALLNUM", "ERRMSG", "USRINFO", "DISCOUNT", "PAYTYPE"]
const order = [...always, "ACC_TYPE", ...then, ...sometimes]
const required = [...always, ...then]

/** The text that is signed: the bank's order, and what is not there left out. */
export const text = (fields: ReadonlyMap<string, string>): string =>
  order.filter((name) => fields.has(name)).map((name) => `${name}=${fields.get(name)}`).join("&")

const bytes = (fields: ReadonlyMap<string, string>, charset: FormBody.Charset): Uint8Array =>
  charset === "gbk" ? Gbk.encode(text(fields)) : Buffer.from(text(fields), "utf8")

/** A signed form, as the bank sends it. Throws RangeError for a character that the charset lacks. */
export const write = (
  fields: ReadonlyMap<string, string>,
  key: KeyObject,
  charset: FormBody.Charset = "utf-8"
): string => FormBody.encode([...fields, ["SIGN", signed("md5", bytes(fields, charset), key).toString("hex")]], charset)

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

/** The form of a callback: the query of a GET, the body of a POST. */
const form = (raw: Callback.Raw): Uint8Array =>
  raw.method === "GET" ? Buffer.from(raw.url.includes("?") ? raw.url.slice(raw.url.indexOf("?") + 1) : "") : raw.body

/** Reads a notice whose signature is right; the rest of it is looked at only then. `charset`: as the bank was told. */
export const read = (
  raw: Callback.Raw,
  key: Pick<LoongpayKey, "verifying">,
  charset: FormBody.Charset = "utf-8"
): Result.Result<LoongpayNotice, Callback.Refusal> =>
  Result.gen(function*() {
    if (raw.method !== "GET" && raw.method !== "POST") {
      return yield* Result.fail(Callback.refusal("unsupported", "the method"))
    }
    const all = yield* FormBody.parse(form(raw), charset)
    const fields = new Map(order.flatMap((name) => {
      const value = all.get(name)
      return value === undefined ? [] : [[name, value] as const]
    }))
    // A value with "&" could be read as a field of its own, and the signature would be the same.
    if ([...fields.values()].some((value) => value.includes("&"))) return yield* malformed("a value with &")
    const sign = all.get("SIGN") ?? ""
    if (!/^(?:[0-9a-fA-F]{2}){64,512}$/.test(sign)) return yield* Result.fail(Callback.refusal("forged", "SIGN"))
    if (!isSigned("md5", bytes(fields, charset), key.verifying, Buffer.from(sign, "hex"))) {
      return yield* Result.fail(Callback.refusal("forged", "SIGN"))
    }
    const missing = required.find((name) => !fields.has(name))
    if (missing !== undefined) return yield* malformed(missing)
    const value = (name: string): string => fields.get(name) ?? ""
    if (value("CURCODE") !== "01") return yield* Result.fail(Callback.refusal("otherCurrency", "CURCODE"))
    if (!/^[YN]$/.test(value("SUCCESS"))) return yield* malformed("SUCCESS")
    const fen = Result.getOrElse(Money.parse(value("PAYMENT")), () => Money.zero)
    if (fen < 1 || fen > Money.largestAmount) return yield* malformed("PAYMENT")
    return {
      pos: value("POSID"),
      branch: value("BRANCHID"),
      order: value("ORDERID"),
      amount: Money.amount(fen),
      isPaid: value("SUCCESS") === "Y",
      cameBy: fields.has("ACC_TYPE") ? "server" as const : "browser" as const,
      fields
    }
  })

/** Refuses a notice for another counter or branch than the school's own. */
export const forMerchant = (
  notice: LoongpayNotice,
  { branch, pos }: { readonly pos: string; readonly branch: string }
): Result.Result<LoongpayNotice, Callback.Refusal> =>
  notice.pos === pos && notice.branch === branch
    ? Result.succeed(notice)
    : Result.fail(Callback.refusal("otherMerchant", "POSID or BRANCHID"))
