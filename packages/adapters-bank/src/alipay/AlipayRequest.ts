/**
 * Requests to the Alipay gateway 请求报文: one address for all methods, the common parameters in the query, `biz_content`
 * in the form.
 *
 * The gateway reads parameters from both places; so does this module, and it refuses a name that stands in both. Times
 * are Beijing's. Source: Alipay open platform, 公共请求参数.
 */
import { Callback, CivilTime } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { KeyObject } from "node:crypto"
import * as FormBody from "../FormBody.ts"
import * as JsonBody from "../JsonBody.ts"
import * as AlipaySignature from "./AlipaySignature.ts"
import type { Call } from "./AlipayTrade.ts"

/**
 * Who asks. `notifyUrl`: where notices go, which is told with the calls that have any. `certificates`: the serials of our
 * certificate and of Alipay's roots, where certificates are used: see `AlipayCertificates`.
 */
export interface Application {
  readonly id: string
  readonly key: KeyObject
  readonly notifyUrl?: string
  readonly authorisation?: string
  readonly certificates?: { readonly application: string; readonly root: string }
}

/** What is sent, by POST. `query`: without the question mark. */
export interface Written {
  readonly query: string
  readonly contentType: "application/x-www-form-urlencoded;charset=utf-8"
  readonly body: string
}

const version = "1.0"
const charset = "utf-8"

/** Writes a call. Throws RangeError for a content that its schema does not allow. */
export const write = <C, A>(
  application: Application,
  { Content, isNotified = false, method }: Call<C, A>,
  content: C,
  at: CivilTime.Instant
): Written => {
  const encoded = Schema.encodeResult(Content)(content)
  if (Result.isFailure(encoded)) throw new RangeError(`No content of ${method}`)
  const { authorisation, certificates, id, key, notifyUrl } = application
  const common = new Map(Object.entries({
    app_id: id,
    method,
    format: "JSON",
    charset,
    sign_type: AlipaySignature.algorithm,
    timestamp: CivilTime.format(at),
    version,
    ...(notifyUrl === undefined || !isNotified ? {} : { notify_url: notifyUrl }),
    ...(authorisation === undefined ? {} : { app_auth_token: authorisation }),
    ...(certificates === undefined
      ? {}
      : { app_cert_sn: certificates.application, alipay_root_cert_sn: certificates.root })
  }))
  const content_ = ["biz_content", JSON.stringify(encoded.success)] as const
  const signature = AlipaySignature.sign(AlipaySignature.requestText(new Map([...common, content_])), key)
  return {
    query: FormBody.encode([...common, ["sign", signature]]),
    contentType: "application/x-www-form-urlencoded;charset=utf-8",
    body: FormBody.encode([content_])
  }
}

/** A request that is believed. `content`: as it came; `contentOf` reads it. */
export interface AlipayRequest {
  readonly application: string
  readonly method: string
  readonly at: CivilTime.Instant
  readonly content: unknown
  readonly notifyUrl?: string
  /** What it names where certificates are used. */
  readonly certificates?: NonNullable<Application["certificates"]>
}

/** The other side: believes a request, or says why not. `trustOf`: the keys of an application, if there is one. */
export const read = (
  { body, url }: Pick<Callback.Raw, "body" | "url">,
  trustOf: (application: string) => AlipaySignature.Trust | undefined
): Result.Result<AlipayRequest, Callback.Refusal> =>
  Result.flatMap(parameters(url, body), (all) => {
    if (all.get("charset")?.toLowerCase() !== charset) return refused("unsupported", "the charset of a request")
    if (all.get("sign_type") !== AlipaySignature.algorithm) return refused("unsupported", "the kind of signature")
    if (all.get("version") !== version) return refused("unsupported", "the version of a request")
    const application = all.get("app_id")
    const trust = application === undefined ? undefined : trustOf(application)
    if (application === undefined || trust === undefined) return refused("unknownKey", "the application")
    return Result.flatMap(
      AlipaySignature.verify(
        AlipaySignature.requestText(all),
        all.get("sign"),
        trust,
        trust.some(({ certificate }) => certificate !== undefined) ? all.get("app_cert_sn") : undefined
      ),
      () => believed(application, all)
    )
  })

const believed = (
  application: string,
  all: AlipaySignature.Parameters
): Result.Result<AlipayRequest, Callback.Refusal> => {
  const method = all.get("method")
  if (method === undefined || method === "") return refused("malformed", "the method of a request")
  const at = CivilTime.parse(all.get("timestamp") ?? "")
  if (Result.isFailure(at)) return refused("malformed", "the time of a request")
  const notifyUrl = all.get("notify_url")
  const certificate = all.get("app_cert_sn")
  const root = all.get("alipay_root_cert_sn")
  return Result.map(JsonBody.parse(Buffer.from(all.get("biz_content") ?? "{}")), (content) => ({
    application,
    method,
    at: at.success,
    content,
    ...(notifyUrl === undefined || notifyUrl === "" ? {} : { notifyUrl }),
    ...(certificate === undefined && root === undefined
      ? {}
      : { certificates: { application: certificate ?? "", root: root ?? "" } })
  }))
}

/** The other side: the content of a request as what its call says. */
export const contentOf = <C, A>(call: Call<C, A>, { content }: AlipayRequest): Result.Result<C, Callback.Refusal> =>
  JsonBody.decode(call.Content, "biz_content")(content)

const parameters = (url: string, body: Uint8Array): Result.Result<AlipaySignature.Parameters, Callback.Refusal> => {
  const question = url.indexOf("?")
  return Result.flatMap(
    FormBody.parse(Buffer.from(question < 0 ? "" : url.slice(question + 1))),
    (inQuery) =>
      Result.flatMap(FormBody.parse(body), (inBody) =>
        [...inBody.keys()].some((name) => inQuery.has(name))
          ? refused("duplicateKey", "a parameter in query and form")
          : Result.succeed(new Map([...inQuery, ...inBody])))
  )
}

const refused = (reason: Callback.Reason, what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal(reason, what))
