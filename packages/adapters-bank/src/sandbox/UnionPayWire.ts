/**
 * UnionPay's gateway in the sandbox 银联沙箱: pages, codes, refunds and voids, queries, notifications and the files of the days.
 *
 * A transaction is known by its number and its time together: the same number at another time is another one, also of a
 * refund. Of the codes that payers show, one that ends in 1 asks for a password first, one that ends in 9 has expired, and
 * every other pays at once, out of the purse that is called like the code. Only success is notified.
 */
import { type Callback, CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { createPrivateKey, X509Certificate } from "node:crypto"
import type * as UnionPay from "../unionpay/UnionPay.ts"
import * as UnionPayAnswer from "../unionpay/UnionPayAnswer.ts"
import * as Gateway from "../unionpay/UnionPayGateway.ts"
import * as Message from "../unionpay/UnionPayMessage.ts"
import * as Request from "../unionpay/UnionPayRequest.ts"
import * as Signature from "../unionpay/UnionPaySignature.ts"
import type { Happening } from "./House.ts"
import * as Counter from "./UnionPayCounter.ts"
import * as UnionPayDays from "./UnionPayDays.ts"
import { type Randomness, UnionPaySeals } from "./UnionPaySeals.ts"
import type { Answer, Here, Wire } from "./Wire.ts"

const merId = "SANDBOX00000001"
const paths = {
  front: "/unionpay/gateway/api/frontTransReq.do",
  back: "/unionpay/gateway/api/backTransReq.do",
  query: "/unionpay/gateway/api/queryTrans.do",
  file: "/unionpay/file/"
}
/** What each kind of request is called in the rules of mischief. */
const operations: Readonly<Record<Request.Request["kind"], string>> = {
  front: "create",
  qr: "create",
  payCode: "create",
  query: "query",
  refund: "refund",
  void: "refund",
  file: "bill"
}

/** Where each kind is sent. */
const pathOf = (kind: Request.Request["kind"]): string =>
  kind === "front" || kind === "query" || kind === "file" ? paths[kind] : paths.back

const html = (status: number, text: string, location?: string): Answer => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...(location === undefined ? {} : { location }) },
  body: Buffer.from(`<!doctype html><meta charset="utf-8"><title>银联沙箱</title><p>${text}</p>`)
})

/** The payer's browser is sent on to where the payer pays. The same form again is the same payment. */
const front = (here: Here, asked: Extract<Counter.Paying, { readonly kind: "front" }>): Answer =>
  Result.match(Counter.open(here, asked), {
    onFailure: (refused) => html(400, `交易失败 / refused: ${Counter.refusedAs(refused)}`),
    onSuccess: ({ token }) => html(303, "正在跳转 / going on", `${here.origin}/pay/${token}`)
  })

/** The other side. `randomness`: for serial numbers. Four RSA keys are made here, which takes a moment. */
export const make = (randomness: Randomness, began: CivilTime.Instant): Wire => {
  const seals = new UnionPaySeals(randomness, began, merId)
  const days = new UnionPayDays.UnionPayDays()
  const merchants = Signature.registered([seals.merchant.certificate])

  /** The request, or with which code it is refused: 11 where its signature is not the merchant's. */
  const believed = (message: Message.Message, path: string): Result.Result<Request.Request, string> => {
    const verified = Signature.verify(message, merchants)
    if (Result.isFailure(verified)) {
      return Result.fail(["forged", "unknownKey"].includes(verified.failure.reason) ? "11" : "10")
    }
    // A certificate speaks for its own merchant alone.
    if (message.get("merId") !== merId) return Result.fail("31")
    return Request.read(verified.success).pipe(
      Result.filterOrFail(({ kind }) => pathOf(kind) === path, () => "10"),
      Result.mapError(() => "10")
    )
  }
  const written = (request: Message.Message, [respCode, fields]: Counter.Said, here: Here): Answer => {
    // Whatever was asked in, it is answered in what is spoken here.
    const { encoding, version } = Signature
    const answer = UnionPayAnswer.to(request, respCode, { ...fields, encoding, version })
    return {
      status: 200,
      headers: { "content-type": "text/html; charset=UTF-8" },
      body: Buffer.from(Message.write(seals.sign(answer, here.forgery)))
    }
  }

  const noticed = ({ refund, trade, what }: Happening) => {
    const of = (extra: Readonly<Record<string, string>>, txnType: string, fields: object) =>
      Message.of({
        version: Signature.version,
        encoding: Signature.encoding,
        txnType,
        txnSubType: txnType === "01" ? "01" : "00",
        bizType: "000000",
        accessType: "0",
        merId: trade.merchant,
        orderId: extra["orderId"],
        txnTime: extra["txnTime"],
        respCode: "00",
        respMsg: "成功[0000000]",
        ...fields
      })
    if (what === "paid" && trade.paidAt !== undefined) {
      const message = of(trade.extra, "01", Counter.doneFields({ ...trade, at: trade.paidAt }))
      return { to: trade.notifyTo, message }
    }
    if (what !== "refunded" || refund === undefined) return undefined
    const txnType = refund.extra["kind"] === "void" ? "31" : "04"
    const message = of(refund.extra, txnType, {
      ...Counter.doneFields(refund),
      origQryId: UnionPayDays.queryIdOf(trade)
    })
    return { to: refund.extra["backUrl"], message }
  }

  const route = ({ body, method, url }: Callback.Raw): ReturnType<Wire["route"]> => {
    const path = url.replace(/\?.*$/, "")
    const isFront = path === paths.front
    if (!Object.values(paths).includes(path) || method !== "POST") return undefined
    const message = Result.getOrElse(Message.parseForm(body), (): Message.Message => new Map())
    const request = believed(message, path)
    if (Result.isFailure(request)) {
      const respCode = request.failure
      return {
        operation: "refused",
        run: (here) => isFront ? html(400, `报文不被接受 / refused: ${respCode}`) : written(message, [respCode], here)
      }
    }
    const asked = request.success
    return {
      operation: operations[asked.kind],
      run: (here) =>
        asked.kind === "front" ? front(here, asked) : written(message, Counter.answer(here, asked, days), here)
    }
  }

  return {
    name: Counter.wire,
    nameZh: "银联",
    resends: Gateway.notification.again.map((minutes) => minutes * CivilTime.minute),
    route,
    notice: (happening, { forgery }) => {
      const told = noticed(happening)
      if (told?.to === undefined) return undefined
      const body = Buffer.from(Message.writeForm(seals.sign(told.message, forgery)), "latin1")
      return { to: told.to, method: "POST", headers: { "content-type": Message.formType }, body }
    },
    isTaken: ({ status }) => status === 200 || status === 302,
    rotate: (now) => seals.rotate(now),
    terms: (origin) => ({
      sandbox: "true",
      merId,
      certId: Signature.certId(seals.merchant.certificate),
      privateKey: seals.merchant.key.export({ type: "pkcs8", format: "pem" }).toString(),
      rootCertificate: seals.root,
      middleCertificate: seals.middle,
      ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [`${name}Url`, `${origin}${path}`]))
    })
  }
}

/** The settings of a channel that speaks to this gateway. */
export const settingsOf = (
  terms: Readonly<Record<string, string>>,
  own: Pick<UnionPay.Settings, "name" | "notifyUrl"> & Partial<UnionPay.Settings>
): UnionPay.Settings => {
  const term = (name: string): string => {
    const value = terms[name]
    if (value === undefined) throw new RangeError(`The terms of UnionPay's sandbox lack ${name}`)
    return value
  }
  return {
    merId: term("merId"),
    signer: { method: "01", key: createPrivateKey(term("privateKey")), certId: term("certId") },
    pinned: {
      environment: "test",
      roots: [new X509Certificate(term("rootCertificate"))],
      middles: [new X509Certificate(term("middleCertificate"))]
    },
    gateway: { front: term("frontUrl"), back: term("backUrl"), query: term("queryUrl"), file: term("fileUrl") },
    termId: "00000001",
    ...own
  }
}
