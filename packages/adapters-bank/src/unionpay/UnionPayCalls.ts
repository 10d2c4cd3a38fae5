/**
 * What is asked of UnionPay's gateway 交易调用, as one merchant: each with an answer that counts, or with none.
 */
import { Fault, type RechargeChannel } from "@yikatong/core"
import { Effect } from "effect"
import { HttpClient } from "effect/http"
import * as Circuit from "../Circuit.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as Answer from "./UnionPayAnswer.ts"
import * as Certificate from "./UnionPayCertificate.ts"
import * as Gateway from "./UnionPayGateway.ts"
import type * as Layout from "./UnionPayLayout.ts"
import * as Line from "./UnionPayLine.ts"
import type * as Message from "./UnionPayMessage.ts"
import * as Order from "./UnionPayOrder.ts"
import type * as Signature from "./UnionPaySignature.ts"

/** What the school has agreed with UnionPay. Times in milliseconds. */
export interface Settings extends Pick<RechargeChannel.RechargeChannel, "name" | "serves"> {
  /** 商户代码, 15 letters and digits. */
  readonly merId: string
  /** The merchant's own key 签名私钥, and the number of its certificate by which UnionPay knows it. */
  readonly signer: Extract<Signature.Signer, { readonly certId: string }>
  /** By whose certificates UnionPay is known. */
  readonly pinned: Certificate.Pinned
  /** Where notifications come in 后台通知地址. */
  readonly notifyUrl: string
  readonly gateway?: Gateway.Gateway
  /** What payers come with from their browsers. */
  readonly device?: "pc" | "mobile"
  /** Our terminal 终端号, 8 letters and digits: for codes that payers show. */
  readonly termId?: string
  /** Of which product refunds are. UnionPay's own samples differ; it finds the payment by its queryId. */
  readonly product?: Order.Product
  /** Of which age the files are. */
  readonly layout?: Layout.Layout
  readonly timeout?: number
  readonly policy?: Circuit.Policy
  readonly patience?: RechargeChannel.Patience
  /** With shown codes. */
  readonly codePatience?: RechargeChannel.Patience
}

/** How long an answer is waited for. */
export const timeout = 10_000

/** Asks as this merchant. Keys of a sandbox are refused where the gateway is a real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { merId, name, pinned, signer } = settings
  const gateway = settings.gateway ?? Gateway.production
  const certificates = Object.fromEntries(
    [...pinned.roots, ...pinned.middles].map((certificate, at) => [`certificate ${at + 1}`, certificate])
  )
  for (const address of Object.values(gateway)) {
    yield* Effect.fromResult(SandboxMark.refuse(address, { signer: signer.key, merId, ...certificates }))
  }
  const trust = Certificate.trust(pinned)
  const line = yield* Line.make(yield* HttpClient.HttpClient, {
    signer,
    trust,
    timeout: settings.timeout ?? timeout,
    policy: settings.policy ?? Circuit.policy
  })
  const merchant: Order.Merchant = { merId }

  const failed = (operation: string, cause: unknown): Effect.Effect<never, Fault.ChannelFailed> =>
    Effect.andThen(
      Effect.logWarning(`${name}: ${operation} has no outcome: ${reasonOf(cause)}`),
      Effect.fail(new Fault.ChannelFailed({ operation, cause }))
    )
  const ask = <A>(operation: string, question: Line.Question<A>): Effect.Effect<A, Fault.ChannelFailed> =>
    Effect.catch(line.ask(question), (cause) => failed(operation, cause))

  /** Asks for money, once. */
  const submit = (operation: string, message: Message.Message) =>
    ask(operation, {
      url: gateway.back,
      message,
      isRepeatable: false,
      read: (answer) => Answer.submitted(answer, message)
    })
  /** What became of a payment or a refund. */
  const find = (operation: string, named: Order.Named, about: Answer.Asked) => {
    const message = Order.query(merchant, named)
    return ask(operation, {
      url: gateway.query,
      message,
      isRepeatable: true,
      read: (answer) => Answer.queried(answer, message, about)
    })
  }

  return { ask, failed, find, gateway, merchant, settings, submit, trust }
})

export type UnionPayCalls = Effect.Success<ReturnType<typeof make>>

const reasonOf = (cause: unknown): string => {
  if (typeof cause !== "object" || cause === null) return "unknown"
  if ("why" in cause) return String(cause.why)
  // Where a file of a day is wrong, which of its lines.
  if ("what" in cause && "reason" in cause) return `${String(cause.reason)}: ${String(cause.what)}`
  if ("respCode" in cause) return `respCode ${String(cause.respCode)}`
  return "_tag" in cause ? String(cause._tag) : "unknown"
}
