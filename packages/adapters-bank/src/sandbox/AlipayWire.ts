/**
 * The Alipay gateway of the sandbox 支付宝沙箱: one address for all calls, notices that are sent for a day, bills in GBK.
 *
 * What it answers to each call stands in `AlipayCalls`.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import { createHash, createPrivateKey, createPublicKey } from "node:crypto"
import type * as Alipay from "../alipay/Alipay.ts"
import * as AlipayCertificates from "../alipay/AlipayCertificates.ts"
import type * as AlipayNotice from "../alipay/AlipayNotice.ts"
import * as AlipayRequest from "../alipay/AlipayRequest.ts"
import * as AlipayResponse from "../alipay/AlipayResponse.ts"
import type * as AlipaySignature from "../alipay/AlipaySignature.ts"
import { AlipayBills } from "./AlipayBills.ts"
import * as AlipayCalls from "./AlipayCalls.ts"
import { wrong } from "./AlipaySaid.ts"
import { AlipaySeals } from "./AlipaySeals.ts"
import { seller } from "./AlipayTrading.ts"
import type { Happening } from "./House.ts"
import { returned } from "./Trade.ts"
import type { Answer, Wire } from "./Wire.ts"

const application = "2021000000000001"
const receiver = { application, seller }
/** The certificates of a sandbox are valid whatever its clock says. */
const validAt = CivilTime.instant("2026-01-01 00:00")
const gateway = "/alipay/gateway.do"
const bills = "/alipay/bill/"

/** 4 and 10 minutes, and so on: 25 hours in all. */
const resends = [4, 10, 10, 60, 120, 360, 900].map((minutes) => minutes * CivilTime.minute)

const json = { "content-type": "application/json;charset=utf-8" }
const text = (body: string): Answer => ({ status: 200, headers: json, body: Buffer.from(body) })

/** What is answered to a request that names other certificates than those that were handed out. */
const otherCertificates = "isv.invalid-app-cert-sn"

/** A gateway with keys of its own. */
export const make = (): Wire => {
  const seals = new AlipaySeals(application)
  const { merchant, ours } = seals
  const statements = new AlipayBills(seller)
  const answers = AlipayCalls.answers((day, here) => {
    const name = statements.write(day, here)
    return name === undefined ? undefined : `${here.origin}${bills}${name}`
  })

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
        return { operation: "refused", run: () => text(AlipayResponse.writeUnsigned(wrong(detail))) }
      }
      const { certificates, method: asked } = request.success
      if (certificates !== undefined && !seals.isKnown(certificates)) {
        return { operation: "refused", run: () => text(AlipayResponse.writeUnsigned(wrong(otherCertificates))) }
      }
      const [operation, run] = answers.get(asked) ?? AlipayCalls.unknown
      const isCertified = certificates !== undefined
      return {
        operation,
        run: (here) => text(seals.answer(asked, run(here, request.success), isCertified, here.forgery))
      }
    },
    notice: (happening, here) => {
      const { notifyTo } = happening.trade
      const notice = noticed(happening, here.now)
      if (notifyTo === undefined || notice === undefined) return undefined
      const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
      return { to: notifyTo, method: "POST", headers, body: Buffer.from(seals.notice(notice, receiver, here.forgery)) }
    },
    bill: (day, here) => {
      const file = statements.write(day, here)
      return file === undefined ? undefined : statements.fetch(file, here.now)
    },
    isTaken: ({ body }) => Buffer.from(body).toString() === "success",
    rotate: () => seals.rotate(),
    terms: (origin) => ({
      sandbox: "true",
      gateway: `${origin}${gateway}`,
      app_id: application,
      seller_id: seller,
      app_private_key: merchant.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      alipay_public_key: ours.publicKey.export({ type: "spki", format: "pem" }).toString(),
      app_certificate: seals.files.application,
      alipay_certificate: String(seals.files.alipay),
      alipay_root_certificate: seals.files.root
    })
  }
}

/** The settings of a channel that speaks to this gateway. `mode`: by bare keys, or by certificates 公钥证书模式. */
export const settingsOf = (
  terms: Readonly<Record<string, string>>,
  own: Pick<Alipay.Settings, "name" | "title"> & Partial<Alipay.Settings> & {
    readonly notifyUrl?: string
    readonly mode?: "certificates" | "keys"
  }
): Alipay.Settings => {
  const { mode = "keys", notifyUrl, ...rest } = own
  const term = (name: string): string => {
    const value = terms[name]
    if (value === undefined) throw new RangeError(`The terms of Alipay's sandbox lack ${name}`)
    return value
  }
  const key = createPrivateKey(term("app_private_key"))
  const files = {
    application: term("app_certificate"),
    alipay: term("alipay_certificate"),
    root: term("alipay_root_certificate")
  }
  const read = mode === "keys"
    ? { trust: [{ key: createPublicKey(term("alipay_public_key")) }] }
    : Result.getOrThrow(AlipayCertificates.read(files, { key }, validAt))
  return {
    gateway: term("gateway"),
    seller: term("seller_id"),
    application: {
      id: term("app_id"),
      key,
      ...(notifyUrl === undefined ? {} : { notifyUrl }),
      ...("certificates" in read ? { certificates: read.certificates } : {})
    },
    trust: read.trust,
    ...rest
  }
}
