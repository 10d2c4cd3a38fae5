/**
 * WeChat Pay in the sandbox 微信支付沙箱: orders in three kinds, queries, ends, refunds, bills, certificates and
 * notices.
 *
 * Of the codes that payers show, one that ends in 1 asks for a password first, one that ends in 9 has expired, and
 * every other pays at once, out of the purse that is called like the code.
 */
import { type Callback, CivilTime } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createPrivateKey, X509Certificate } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as WeChatAnswer from "../wechat/WeChatAnswer.ts"
import * as WeChatAuthorization from "../wechat/WeChatAuthorization.ts"
import * as WeChatBillFile from "../wechat/WeChatBillFile.ts"
import * as WeChatClock from "../wechat/WeChatClock.ts"
import * as WeChatKeys from "../wechat/WeChatKeys.ts"
import * as WeChatNotice from "../wechat/WeChatNotice.ts"
import * as WeChatOrder from "../wechat/WeChatOrder.ts"
import type * as WeChatPay from "../wechat/WeChatPay.ts"
import { toAnswer } from "../wechat/WeChatRefund.ts"
import * as WeChatResource from "../wechat/WeChatResource.ts"
import type { Happening, Refused } from "./House.ts"
import type { Forgery } from "./Mischief.ts"
import type { Trade, TradeRefund } from "./Trade.ts"
import { WeChatLedgers } from "./WeChatLedgers.ts"
import { WeChatSeals } from "./WeChatSeals.ts"
import { appid, isReversed, mchid, otherMerchant, refundOf, transactionOf } from "./WeChatTold.ts"
import type { Answer, Here, Notice, Wire } from "./Wire.ts"

const serial = SandboxMark.serial("00000000000000000000000001")

/** What is answered, before it is signed. `unsigned`: a file, or an answer to nobody known. */
interface Said {
  readonly status: number
  readonly body: Uint8Array
  /** What it would be if one fen more had been paid, for whoever changes it after it was signed. */
  readonly changed?: Uint8Array
  readonly unsigned?: "application/json" | "application/octet-stream"
}

const none = new Uint8Array()
/** What is no percent-encoding is a number that nobody has. */
const decoded = (text: string): string => Result.getOrElse(Result.try(() => decodeURIComponent(text)), () => text)
const json = (value: unknown, status = 200): Said => ({ status, body: JsonBody.write(value) })
const fails = (status: number, code: string, message = code): Said => json({ code, message }, status)

const refusedAs = (refused: Refused): Said => {
  switch (refused._tag) {
    case "NotThere":
      return fails(404, "ORDER_NOT_EXIST", "订单不存在")
    case "NumberUsed":
      return fails(403, "OUT_TRADE_NO_USED", "商户订单号重复")
    case "AlreadyPaid":
      return fails(400, "ORDER_PAID", "该订单已支付")
    case "AlreadyClosed":
      return fails(400, "ORDER_CLOSED", "该订单已关闭")
    case "Declined":
      return refused.why === "insufficient" ? fails(403, "NOT_ENOUGH", "余额不足") : fails(403, "TRADE_ERROR")
    case "NotPaid":
    case "TooMuch":
    case "RefundDiffers":
      return fails(400, "INVALID_REQUEST", "请求参数符合参数格式，但不符合业务规则")
  }
}

const key = (number: string) => ({ wire: "wechat", merchant: mchid, number })

/** WeChat Pay with keys of its own. */
export const make = (now: CivilTime.Instant): Wire => {
  const seals = new WeChatSeals(now)
  const ledgers = new WeChatLedgers()
  const merchant = SandboxMark.keyPair()
  /** Bills that may be fetched, by what stands in their address. */
  const files = new Map<string, { readonly zipped: Uint8Array; readonly until: CivilTime.Instant }>()
  // As whoever asked last wants it.
  let byPublicKey = true

  const told = (trade: Trade, forgery: Forgery | undefined, status = 200): Said => ({
    ...json(transactionOf(trade, forgery), status),
    changed: JsonBody.write(transactionOf(trade, "wrongAmount"))
  })

  const ordered = (
    here: Here,
    order: WeChatOrder.Native | WeChatOrder.CodePay,
    extra: Readonly<Record<string, string>>
  ): Result.Result<Trade, Said> => {
    if (order.mchid !== mchid || order.appid !== appid) return Result.fail(fails(400, "APPID_MCHID_NOT_MATCH"))
    const expiry = "time_expire" in order && order.time_expire !== undefined
      ? CivilTime.parse(order.time_expire)
      : Result.succeed(CivilTime.later(here.now, WeChatClock.prepayLife))
    if (Result.isFailure(expiry) || expiry.success <= here.now) return Result.fail(fails(400, "PARAM_ERROR"))
    const opened = here.house.open({
      ...key(order.out_trade_no),
      amount: order.amount.total,
      description: order.description,
      expiresAt: expiry.success,
      notifyTo: "notify_url" in order ? order.notify_url : undefined,
      extra: { appid, ...extra }
    }, here.now)
    if (Result.isFailure(opened)) return Result.fail(refusedAs(opened.failure))
    const trade = opened.success
    const isSame = Object.entries(extra).every(([name, value]) => trade.extra[name] === value)
    return isSame ? Result.succeed(trade) : Result.fail(fails(403, "OUT_TRADE_NO_USED"))
  }
  const asked = (trade: Trade, answer: unknown): Said =>
    trade.state === "paid"
      ? fails(400, "ORDER_PAID")
      : trade.state === "closed"
      ? fails(400, "ORDER_CLOSED")
      : json(answer)

  const codePay = (here: Here, order: WeChatOrder.CodePay): Said => {
    const code = order.payer.auth_code
    const known = here.house.find(key(order.out_trade_no))
    if (code.endsWith("9")) return fails(400, "AUTH_CODE_EXPIRED", "付款码已过期")
    if (known === undefined && here.house.all.some(({ extra }) => extra["code"] === code)) {
      return fails(400, "AUTH_CODE_INVALID", "付款码已使用")
    }
    return Result.match(ordered(here, order, { type: "MICROPAY", code }), {
      onFailure: (said) => said,
      onSuccess: (trade) => {
        if (trade.state === "paid") return told(trade, here.forgery)
        if (trade.state === "closed") return fails(400, "ORDER_REVERSED")
        const isAsked = code.endsWith("1")
        const paid = isAsked ? here.house.ask(trade.token, here.now) : here.house.pay(trade.token, code, here.now)
        if (Result.isFailure(paid)) return refusedAs(paid.failure)
        return isAsked ? fails(202, "USERPAYING", "需要用户输入支付密码") : told(paid.success, here.forgery)
      }
    })
  }

  const close = (here: Here, number: string): Said => {
    if (here.house.find(key(number))?.state === "asking") return fails(429, "FREQUENCY_LIMITED", "频率超限")
    const closed = here.house.close(key(number), here.now)
    return Result.isSuccess(closed) ? { status: 204, body: none } : refusedAs(closed.failure)
  }

  const reverse = (here: Here, number: string): Said => {
    const trade = here.house.find(key(number))
    if (trade === undefined) return fails(404, "ORDER_NOT_EXIST")
    if (trade.extra["type"] !== "MICROPAY" || here.now < trade.createdAt + WeChatClock.codePay.reverseFrom) {
      return fails(400, "INVALID_REQUEST", "该订单暂不可撤销")
    }
    if (trade.state === "paid" && !isReversed(trade)) {
      const back = { number: `${number}V`, amount: trade.amount, extra: { by: "reverse" } }
      Result.getOrThrow(here.house.refund(key(number), back, here.now))
    } else here.house.close(key(number), here.now)
    return { status: 204, body: none }
  }

  const refund = (here: Here, wanted: WeChatOrder.Refund): Said => {
    const trade = here.house.find(key(wanted.out_trade_no))
    if (trade === undefined) return fails(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    if (wanted.amount.total !== trade.amount) return fails(400, "INVALID_REQUEST", "订单金额不一致")
    const isNew = !trade.refunds.some(({ number }) => number === wanted.out_refund_no)
    const extra: Record<string, string> = wanted.notify_url === undefined ? {} : { notify_url: wanted.notify_url }
    const number = wanted.out_refund_no
    const done = here.house.refund(key(wanted.out_trade_no), { number, amount: wanted.amount.refund, extra }, here.now)
    return Result.isFailure(done)
      ? refusedAs(done.failure)
      : refundSaid(done.success.trade, done.success.refund, here.forgery, isNew)
  }
  const refundSaid = (trade: Trade, refund: TradeRefund, forgery: Forgery | undefined, isNew = false): Said => ({
    ...json(toAnswer(refundOf(trade, refund, forgery, isNew), refund.at)),
    changed: JsonBody.write(toAnswer(refundOf(trade, refund, "wrongAmount", isNew), refund.at))
  })

  const queryRefund = (here: Here, number: string): Said => {
    for (const trade of here.house.all) {
      if (trade.wire !== "wechat") continue
      const found = trade.refunds.find((refund) => refund.number === number)
      if (found !== undefined) return refundSaid(trade, found, here.forgery)
    }
    return fails(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
  }

  const bill = (here: Here, url: URL): Said => {
    const day = CivilTime.parseDay(url.searchParams.get("bill_date") ?? "")
    if (Result.isFailure(day)) return fails(400, "PARAM_ERROR")
    if (here.now < WeChatClock.billFrom(day.success)) return fails(400, "STATEMENT_CREATING", "账单生成中")
    if (CivilTime.dayOf(here.now) > WeChatClock.billUntil(day.success)) return fails(400, "INVALID_REQUEST")
    const kind = url.searchParams.get("bill_type") ?? "ALL"
    const account = url.searchParams.get("account_type") ?? "BASIC"
    if (!["ALL", "SUCCESS", "REFUND"].includes(kind) || !["BASIC", "OPERATION", "FEES"].includes(account)) {
      return fails(400, "PARAM_ERROR")
    }
    const bytes = url.pathname.endsWith("/tradebill")
      ? ledgers.trades(here.house, mchid, day.success, kind as "ALL", here.flaw)
      : ledgers.movements(here.house, mchid, day.success, account as "BASIC")
    if (bytes === undefined) return fails(400, "NO_STATEMENT_EXIST", "账单文件不存在")
    const { sha1, zipped } = WeChatBillFile.pack(bytes)
    const token = here.name("B")
    const isZipped = url.searchParams.get("tar_type") === "GZIP"
    files.set(token, { zipped: isZipped ? zipped : bytes, until: CivilTime.later(here.now, 5 * CivilTime.minute) })
    const address = `${here.origin}/v3/billdownload/file?token=${token}`
    return { status: 200, body: WeChatAnswer.writeBillAddress({ url: address, sha1 }) }
  }

  const download = (here: Here, url: URL): Said => {
    const file = files.get(url.searchParams.get("token") ?? "")
    return file === undefined || here.now > file.until
      ? fails(400, "INVALID_REQUEST", "链接已失效")
      : { status: 200, body: file.zipped, unsigned: "application/octet-stream" }
  }

  const reading = <A>(read: JsonBody.Read<A>, then: (value: A) => Said): Said =>
    Result.match(read, { onFailure: ({ what }) => fails(400, "PARAM_ERROR", what), onSuccess: then })
  const ending = (body: Uint8Array, then: () => Said): Said =>
    reading(WeChatOrder.read.end(body), (end) => end.mchid === mchid ? then() : fails(400, "PARAM_ERROR"))

  type Run = (here: Here) => Said
  const known = ({ body, method, url: target }: Callback.Raw): readonly [operation: string, run: Run] | undefined => {
    const url = new URL(target, "http://sandbox.test")
    const path = url.pathname
    const ofNumber = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close|\/reverse)?$/.exec(path)
    if (ofNumber !== null) {
      const number = decoded(ofNumber[1] ?? "")
      if (method === "POST" && ofNumber[2] === "/close") {
        return ["close", (here) => ending(body, () => close(here, number))]
      }
      if (method === "POST" && ofNumber[2] === "/reverse") {
        return ["reverse", (here) => ending(body, () => reverse(here, number))]
      }
      return method === "GET" && ofNumber[2] === undefined
        ? ["query", (here) => found(here.house.find(key(number)), here, url)]
        : undefined
    }
    const reference = /^\/v3\/pay\/transactions\/id\/(\w+)$/.exec(path)?.[1]
    if (method === "GET" && reference !== undefined) {
      return ["query", (here) => found(here.house.byReference("wechat", reference), here, url)]
    }
    const refundNumber = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(path)?.[1]
    if (method === "GET" && refundNumber !== undefined) {
      return ["queryRefund", (here) => queryRefund(here, decoded(refundNumber))]
    }
    switch (`${method} ${path}`) {
      case "POST /v3/pay/transactions/native":
        return [
          "create",
          (here) =>
            reading(WeChatOrder.read.native(body), (order) =>
              Result.match(ordered(here, order, { type: "NATIVE" }), {
                onFailure: (said) => said,
                onSuccess: (trade) => asked(trade, { code_url: `${here.origin}/pay/${trade.token}` })
              }))
        ]
      case "POST /v3/pay/transactions/jsapi":
        return [
          "create",
          (here) =>
            reading(
              WeChatOrder.read.jsapi(body),
              (order) =>
                Result.match(ordered(here, order, { type: "JSAPI", openid: order.payer.openid }), {
                  onFailure: (said) => said,
                  onSuccess: (trade) => asked(trade, { prepay_id: `wx${trade.token}` })
                })
            )
        ]
      case "POST /v3/pay/transactions/codepay":
        return ["create", (here) => reading(WeChatOrder.read.codePay(body), (order) => codePay(here, order))]
      case "POST /v3/refund/domestic/refunds":
        return ["refund", (here) => reading(WeChatOrder.read.refund(body), (wanted) => refund(here, wanted))]
      case "GET /v3/bill/tradebill":
        return ["bill", (here) => bill(here, url)]
      case "GET /v3/bill/fundflowbill":
        return ["fundFlow", (here) => bill(here, url)]
      case "GET /v3/billdownload/file":
        return ["download", (here) => download(here, url)]
      case "GET /v3/certificates":
        return ["certificates", (here) => ({ status: 200, body: seals.certificates(here.now) })]
      case "POST /v3/security/echo":
        return ["echo", () => reading(JsonBody.parse(body), (value) => json(value))]
      default:
        return undefined
    }
  }
  const found = (trade: Trade | undefined, here: Here, url: URL): Said =>
    url.searchParams.get("mchid") !== mchid
      ? fails(400, "PARAM_ERROR")
      : trade === undefined
      ? fails(404, "ORDER_NOT_EXIST", "订单不存在")
      : told(trade, here.forgery)

  const signed = ({ body, changed, status, unsigned }: Said, { forgery, now }: Here, isOldest: boolean): Answer => {
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
            return { status, headers: { "content-type": "application/json; charset=utf-8" }, body }
          }
          const name = headers["wechatpay-serial"]
          byPublicKey = name === seals.publicKeyId
          return signed(run(here), here, operation === "certificates")
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
