/**
 * WeChat Pay in the sandbox 微信支付沙箱: requests that are verified, answers and notices that are signed.
 *
 * What it answers to each call stands in `WeChatCalls` and `WeChatCounter`.
 */
import type { CivilTime } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createPrivateKey, X509Certificate } from "node:crypto"
import * as SandboxMark from "../SandboxMark.ts"
import * as WeChatAuthorization from "../wechat/WeChatAuthorization.ts"
import * as WeChatClock from "../wechat/WeChatClock.ts"
import * as WeChatKeys from "../wechat/WeChatKeys.ts"
import * as WeChatNotice from "../wechat/WeChatNotice.ts"
import type * as WeChatPay from "../wechat/WeChatPay.ts"
import * as WeChatResource from "../wechat/WeChatResource.ts"
import type { Happening } from "./House.ts"
import type { Forgery } from "./Mischief.ts"
import * as WeChatCalls from "./WeChatCalls.ts"
import { fails, type Said } from "./WeChatSaid.ts"
import { WeChatSeals } from "./WeChatSeals.ts"
import { appid, mchid, otherMerchant, refundOf, transactionOf } from "./WeChatTold.ts"
import type { Answer, Here, Notice, Wire } from "./Wire.ts"

const serial = SandboxMark.serial("00000000000000000000000001")

/** Errors that answer what was asked, and refuse nothing. */
const answers: ReadonlySet<string> = new Set([
  "USERPAYING",
  "ORDER_NOT_EXIST",
  "RESOURCE_NOT_EXISTS",
  "STATEMENT_CREATING",
  "NO_STATEMENT_EXIST"
])

/** One line for whoever reads the sandbox's log, of what is refused: its code, and nothing of what was sent. */
const noteOf = (operation: string, code: string | undefined): Pick<Answer, "note"> =>
  code === undefined || answers.has(code) ? {} : { note: `The sandbox's WeChat Pay refuses ${operation}: ${code}` }

/** WeChat Pay with keys of its own. */
export const make = (now: CivilTime.Instant): Wire => {
  const seals = new WeChatSeals(now)
  const merchant = SandboxMark.keyPair()
  const known = WeChatCalls.make((at) => seals.certificates(at))
  // As whoever asked last wants it.
  let byPublicKey = true

  const signed = (
    { body, changed, status, unsigned }: Said,
    { forgery, now }: Here,
    isOldest: boolean
  ): Answer => {
    if (unsigned !== undefined) return { status, headers: { "content-type": unsigned }, body }
    const headers = {
      ...(status === 204 ? {} : { "content-type": "application/json; charset=utf-8" }),
      ...seals.sign(body, now, { byPublicKey, forgery, isOldest })
    }
    const isTampered = forgery === "tamper" && status !== 204
    return { status, headers, body: isTampered ? changed ?? Buffer.concat([body, Buffer.from(" ")]) : body }
  }

  return {
    name: "wechat",
    nameZh: "微信支付",
    route: (request) => {
      const one = known(request)
      if (one === undefined) return undefined
      const [operation, run] = one
      return {
        operation,
        run: (here) => {
          const { body, headers, method, url: target } = request
          const keyOf = (id: string, name: string) =>
            id === mchid && name === WeChatKeys.canonical(serial) ? merchant.publicKey : undefined
          const said = WeChatAuthorization.verify(headers["authorization"], { body, method, target }, keyOf, here.now)
          if (Result.isFailure(said)) {
            const { body, status } = fails(401, "SIGN_ERROR", said.failure.what)
            return {
              status,
              headers: { "content-type": "application/json; charset=utf-8" },
              body,
              ...noteOf(operation, "SIGN_ERROR")
            }
          }
          const name = headers["wechatpay-serial"]
          byPublicKey = name === seals.publicKeyId
          const answered = run(here)
          return { ...signed(answered, here, operation === "certificates"), ...noteOf(operation, answered.code) }
        }
      }
    },
    notice: ({ refund, trade }: Happening, { forgery, now }: Here): Notice | undefined => {
      const to = refund?.extra["notify_url"] ?? trade.notifyTo
      if (to === undefined || refund?.extra["by"] === "reverse") return undefined
      const eventOf = (forgery: Forgery | undefined): WeChatNotice.Event =>
        refund === undefined
          ? {
            type: "TRANSACTION.SUCCESS",
            // What is told is what happened then, whatever became of it since.
            transaction: transactionOf({ ...trade, refunds: [] }, forgery)
          }
          : {
            type: "REFUND",
            refund: refundOf(trade, refund, forgery),
            mchid: forgery === "otherMerchant" ? otherMerchant : mchid
          }
      const id = `EV-${refund?.reference ?? trade.reference}`
      const bodyOf = (forgery: Forgery | undefined) =>
        WeChatNotice.body(eventOf(forgery), { apiKey: seals.apiKey, id, resourceNonce: seals.nonce() }, now)
      const body = bodyOf(forgery)
      return {
        to,
        method: "POST",
        headers: { "content-type": "application/json", ...seals.sign(body, now, { byPublicKey, forgery }) },
        body: forgery === "tamper" ? bodyOf("wrongAmount") : body
      }
    },
    resends: WeChatClock.noticeAgain,
    isTaken: ({ status }) => status === 200 || status === 204,
    terms: (origin) => ({
      sandbox: "true",
      host: origin,
      mchid,
      appid,
      merchant_serial: serial,
      merchant_private_key: merchant.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      api_v3_key: seals.apiKeyValue,
      public_key_id: seals.publicKeyId,
      public_key: seals.publicKeyPem,
      root_certificate: seals.rootPem
    }),
    rotate: (now) => seals.rotate(now)
  }
}

/**
 * The settings of a channel that speaks to this WeChat Pay. `trust`: by its public key, or by certificates that are
 * fetched, as merchants of before 2024 do.
 */
export const settingsOf = (
  terms: Readonly<Record<string, string>>,
  own:
    & Pick<WeChatPay.Settings, "description" | "name" | "notifyUrl" | "scene">
    & Partial<WeChatPay.Settings>
    & { readonly trust?: "certificates" | "publicKey" }
): WeChatPay.Settings => {
  const { trust = "publicKey", ...rest } = own
  const term = (name: string): string => {
    const value = terms[name]
    if (value === undefined) throw new RangeError(`The terms of WeChat Pay's sandbox lack ${name}`)
    return value
  }
  return {
    hosts: [term("host")],
    appid: term("appid"),
    merchant: {
      mchid: term("mchid"),
      serial: term("merchant_serial"),
      key: createPrivateKey(term("merchant_private_key"))
    },
    apiKey: Result.getOrThrow(WeChatResource.apiKey(Redacted.make(term("api_v3_key")))),
    keys: trust === "certificates"
      ? new Map()
      : Result.getOrThrow(
        WeChatKeys.ring([Result.getOrThrow(WeChatKeys.publicKey(term("public_key_id"), term("public_key")))])
      ),
    ...(trust === "certificates" ? { certificates: { issuer: new X509Certificate(term("root_certificate")) } } : {}),
    ...rest
  }
}
