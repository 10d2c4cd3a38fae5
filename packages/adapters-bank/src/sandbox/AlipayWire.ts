/**
 * The Alipay gateway of the sandbox 支付宝沙箱: one address for all calls, notices that are sent for a day, bills in GBK.
 *
 * What it answers to each call stands in `AlipayCalls`.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { createHash, createPrivateKey, createPublicKey } from "node:crypto"
import type * as Alipay from "../alipay/Alipay.ts"
import * as AlipayNotice from "../alipay/AlipayNotice.ts"
import * as AlipayRequest from "../alipay/AlipayRequest.ts"
import * as AlipayResponse from "../alipay/AlipayResponse.ts"
import type * as AlipaySignature from "../alipay/AlipaySignature.ts"
import * as FormBody from "../FormBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import { AlipayBills } from "./AlipayBills.ts"
import * as AlipayCalls from "./AlipayCalls.ts"
import type { Happening } from "./House.ts"
import type { Forgery } from "./Mischief.ts"
import { returned } from "./Trade.ts"
import type { Answer, Wire } from "./Wire.ts"

const { seller } = AlipayCalls
const application = "2021000000000001"
const gateway = "/alipay/gateway.do"
const bills = "/alipay/bill/"

/** 4 and 10 minutes, and so on: 25 hours in all. */
const resends = [4, 10, 10, 60, 120, 360, 900].map((minutes) => minutes * CivilTime.minute)

const json = { "content-type": "application/json;charset=utf-8" }
const text = (body: string): Answer => ({ status: 200, headers: json, body: Buffer.from(body) })

/** A gateway with keys of its own. */
export const make = (): Wire => {
  const ours = SandboxMark.keyPair()
  const merchant = SandboxMark.keyPair()
  const foreign = SandboxMark.keyPair()
  const statements = new AlipayBills(seller)
  const answers = AlipayCalls.answers((day, here) => {
    const name = statements.write(day, here)
    return name === undefined ? undefined : `${here.origin}${bills}${name}`
  })

  const signed = (method: string, body: AlipayCalls.Body, forgery: Forgery | undefined): string => {
    switch (forgery) {
      case "otherKey":
      case "ownCertificate":
      case "probe":
        return AlipayResponse.write(method, body, foreign.privateKey)
      case "unknownKey":
        return AlipayResponse.write(method, body, ours.privateKey, "0".repeat(32))
      case "tamper":
        return raised(AlipayResponse.write(method, body, ours.privateKey))
      case "wrongAmount":
        return AlipayResponse.write(method, JSON.parse(raised(JSON.stringify(body))), ours.privateKey)
      case "otherMerchant":
        return AlipayResponse.write(method, { ...body, out_trade_no: "another1" }, ours.privateKey)
      default:
        return AlipayResponse.write(method, body, ours.privateKey)
    }
  }

  const noticed = (
    { refund, trade, what }: Happening,
    now: CivilTime.Instant
  ): AlipayNotice.AlipayNotice | undefined => {
    const { amount, number, paidAt, reference } = trade
    const name = createHash("sha256").update(`${reference} ${what} ${refund?.number ?? ""}`).digest("hex")
    const told: AlipayNotice.Told = { id: name.slice(0, 34), sentAt: now, number, reference, amount }
    if (what === "paid" && paidAt !== undefined) return { ...told, _tag: "Paid", paidAt, isFinished: false }
    if (what !== "refunded" || refund === undefined) return undefined
    return {
      ...told,
      _tag: "Refunded",
      refunded: Money.of(returned(trade)),
      refundNumber: refund.number,
      refundedAt: refund.at
    }
  }

  const written = (notice: AlipayNotice.AlipayNotice, forgery: Forgery | undefined): string => {
    const receiver = { application, seller }
    switch (forgery) {
      case "otherKey":
      case "ownCertificate":
      case "probe":
        return AlipayNotice.write(notice, receiver, foreign.privateKey)
      case "unknownKey":
        return `${AlipayNotice.write(notice, receiver, ours.privateKey)}&${
          FormBody.encode([["alipay_cert_sn", "0".repeat(32)]])
        }`
      case "tamper":
        return AlipayNotice.write(notice, receiver, ours.privateKey).replace("total_amount=", "$&9")
      case "wrongAmount":
        return AlipayNotice.write({ ...notice, amount: Money.amount(notice.amount + 1) }, receiver, ours.privateKey)
      case "otherMerchant":
        return AlipayNotice.write(notice, { ...receiver, seller: "2088000000000002" }, ours.privateKey)
      case "skewPast":
      case "skewFuture": {
        const skew = forgery === "skewPast" ? -6 * CivilTime.minute : 6 * CivilTime.minute
        const sentAt = (notice.sentAt + skew) as CivilTime.Instant
        return AlipayNotice.write({ ...notice, sentAt }, receiver, ours.privateKey)
      }
      case undefined:
        return AlipayNotice.write(notice, receiver, ours.privateKey)
    }
  }

  const trustOf = (asked: string): AlipaySignature.Trust | undefined =>
    asked === application ? [{ key: merchant.publicKey }] : undefined

  return {
    name: "alipay",
    nameZh: "支付宝",
    resends,
    route: ({ body, method, url }) => {
      const path = url.replace(/\?.*$/, "")
      if (method === "GET" && path.startsWith(bills)) {
        return { operation: "download", run: ({ now }) => statements.fetch(path.slice(bills.length), now) }
      }
      if (path !== gateway) return undefined
      const request = AlipayRequest.read({ body, url }, trustOf)
      if (Result.isFailure(request)) {
        const isUnknown = request.failure.reason === "unknownKey"
        const detail = isUnknown
          ? "isv.invalid-app-id"
          : request.failure.reason === "forged"
          ? "isv.invalid-signature"
          : "isv.invalid-parameter"
        return { operation: "refused", run: () => text(AlipayResponse.writeUnsigned(AlipayCalls.wrong(detail))) }
      }
      const { method: asked } = request.success
      const [operation, run] = answers.get(asked) ?? AlipayCalls.unknown
      return { operation, run: (here) => text(signed(asked, run(here, request.success), here.forgery)) }
    },
    notice: (happening, here) => {
      const { notifyTo } = happening.trade
      const notice = noticed(happening, here.now)
      if (notifyTo === undefined || notice === undefined) return undefined
      const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
      return { to: notifyTo, method: "POST", headers, body: Buffer.from(written(notice, here.forgery)) }
    },
    bill: (day, here) => {
      const file = statements.write(day, here)
      return file === undefined ? undefined : statements.fetch(file, here.now)
    },
    isTaken: ({ body }) => Buffer.from(body).toString() === "success",
    terms: (origin) => ({
      sandbox: "true",
      gateway: `${origin}${gateway}`,
      app_id: application,
      seller_id: seller,
      app_private_key: merchant.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      alipay_public_key: ours.publicKey.export({ type: "spki", format: "pem" }).toString()
    })
  }
}

/** A larger amount, or another code where there is none. */
const raised = (written: string): string => {
  const changed = written.replace(/"(?:total_amount|refund_amount|refund_fee)":"/, "$&9")
  return changed === written ? written.replace("\"code\":\"", "$&1") : changed
}

/** The settings of a channel that speaks to this gateway. */
export const settingsOf = (
  terms: Readonly<Record<string, string>>,
  own: Pick<Alipay.Settings, "name" | "title"> & Partial<Alipay.Settings> & { readonly notifyUrl?: string }
): Alipay.Settings => {
  const { notifyUrl, ...rest } = own
  const term = (name: string): string => {
    const value = terms[name]
    if (value === undefined) throw new RangeError(`The terms of Alipay's sandbox lack ${name}`)
    return value
  }
  return {
    gateway: term("gateway"),
    seller: term("seller_id"),
    application: {
      id: term("app_id"),
      key: createPrivateKey(term("app_private_key")),
      ...(notifyUrl === undefined ? {} : { notifyUrl })
    },
    trust: [{ key: createPublicKey(term("alipay_public_key")) }],
    ...rest
  }
}
