/**
 * A callback of WeChat Pay 支付结果通知: from bytes to what happened, and the other way for a sandbox.
 *
 * First the signature on the raw bytes, then the JSON, then the tag of what is encrypted in it, then the comparison
 * with our own merchant number. The same callback comes again until it is taken; whoever acts on it looks up what is
 * known already. Source: WeChat Pay APIv3, 支付成功回调通知, 退款结果通知.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { KeyObject } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatClock from "./WeChatClock.ts"
import type { WeChatKeys } from "./WeChatKeys.ts"
import * as WeChatRefund from "./WeChatRefund.ts"
import * as WeChatResource from "./WeChatResource.ts"
import * as WeChatSignature from "./WeChatSignature.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"

/** What a callback says, once it is believed. `id`: the same whenever it comes again. */
export type WeChatNotice =
  | { readonly _tag: "Paid"; readonly id: string; readonly payment: WeChatTransaction.Payment }
  /** A refund ended: went, was closed, or needs a person; its state says which. */
  | { readonly _tag: "RefundEnded"; readonly id: string; readonly refund: WeChatRefund.WeChatRefund }
  /** WeChat Pay tests whether we verify and answer. */
  | { readonly _tag: "Echo"; readonly id: string }
  /** Something else that the merchant is told. `event`: its name on the wire. */
  | { readonly _tag: "Other"; readonly id: string; readonly event: string }

const Envelope = Schema.Struct({
  id: Schema.String.check(Schema.isPattern(/^[!-~]{1,64}$/)),
  create_time: Schema.optionalKey(Schema.String),
  event_type: Schema.String.check(Schema.isPattern(/^[A-Z0-9_.]{1,64}$/)),
  resource_type: Schema.optionalKey(Schema.String),
  summary: Schema.optionalKey(Schema.String),
  resource: Schema.optionalKey(Schema.Unknown)
})

const decode = JsonBody.decode(Envelope, "the notice")
const biggest = 65_536

const refusal = (reason: Callback.Reason, what: string): JsonBody.Read<never> =>
  Result.fail(Callback.refusal(reason, what))

/** What is needed to believe one. `keys`: WeChat Pay's; `apiKey`: of the merchant. */
export interface Trust {
  readonly keys: WeChatKeys
  readonly apiKey: KeyObject
  readonly payee: WeChatTransaction.Payee
}

/** Reads a callback. */
export const read = (
  answer: WeChatSignature.Answer,
  { apiKey, keys, payee }: Trust,
  now: CivilTime.Instant
): JsonBody.Read<WeChatNotice> => {
  if (answer.body.length > biggest) return refusal("tooLarge", "the notice")
  const signer = WeChatSignature.verifyAnswer(answer, keys, now)
  if (Result.isFailure(signer)) return Result.fail(signer.failure)
  const envelope = Result.flatMap(JsonBody.parse(answer.body), decode)
  if (Result.isFailure(envelope)) return Result.fail(envelope.failure)
  const { event_type: event, id, resource } = envelope.success
  if (event.startsWith("SECURITY_ECHO.")) return Result.succeed({ _tag: "Echo", id })
  const isRefund = event.startsWith("REFUND.")
  if (event !== "TRANSACTION.SUCCESS" && !isRefund) return Result.succeed({ _tag: "Other", id, event })
  const value = Result.flatMap(WeChatResource.open(apiKey, resource), (plain) => JsonBody.parse(plain))
  if (Result.isFailure(value)) return Result.fail(value.failure)
  return isRefund ? refunded(id, event, value.success, payee) : paid(id, value.success, payee)
}

const refunded = (
  id: string,
  event: string,
  value: unknown,
  { mchid }: WeChatTransaction.Payee
): JsonBody.Read<WeChatNotice> =>
  Result.flatMap(
    WeChatRefund.ofNotice(value, mchid),
    (refund) =>
      event === `REFUND.${refund.state}`
        ? Result.succeed({ _tag: "RefundEnded", id, refund })
        : refusal("malformed", "the notice is of another state than its refund")
  )

const paid = (id: string, value: unknown, payee: WeChatTransaction.Payee): JsonBody.Read<WeChatNotice> =>
  Result.flatMap(
    WeChatTransaction.decode(value),
    (transaction) =>
      Result.map(
        WeChatTransaction.payment(transaction, payee),
        // Something of it was sent back since: how much is nobody's word here, and the channel is asked.
        (payment) =>
          transaction.trade_state === "REFUND" ? { _tag: "Other", id, event: "REFUND" } : { _tag: "Paid", id, payment }
      )
  )

/** That a callback was taken; WeChat Pay then sends it no more. */
export const taken: Callback.Reply = { status: 204, body: "" }

/** That it was not: it comes again. Why, is for our log alone. */
export const refused: Callback.Reply = {
  status: 401,
  contentType: "application/json",
  body: "{\"code\":\"FAIL\",\"message\":\"失败\"}"
}

/** That we could not take it just now: it comes again. */
export const unavailable: Callback.Reply = { ...refused, status: 503 }

/** What WeChat Pay has to tell. */
export type Event =
  | { readonly type: "TRANSACTION.SUCCESS"; readonly transaction: WeChatTransaction.WeChatTransaction }
  | { readonly type: "REFUND"; readonly refund: WeChatRefund.WeChatRefund; readonly mchid: string }
  /** Anything else, such as SECURITY_ECHO.SUCCESS. `plain`: what it holds. */
  | { readonly type: "OTHER"; readonly event: string; readonly plain: unknown }

/** Writes the body of a callback. `id`: EV- and digits; `resourceNonce`: 12 characters. */
export const body = (
  event: Event,
  { apiKey, id, resourceNonce }: { readonly id: string; readonly apiKey: KeyObject; readonly resourceNonce: string },
  now: CivilTime.Instant
): Uint8Array => {
  const [name, kind, plain] = contents(event)
  return JsonBody.write({
    id,
    create_time: WeChatClock.format(now),
    resource_type: "encrypt-resource",
    event_type: name,
    summary: name,
    resource: WeChatResource.seal(apiKey, JsonBody.write(plain), { nonce: resourceNonce, associated: kind, kind })
  })
}

/** Writes a callback, signed. */
export const write = (
  event: Event,
  { signer, ...how }: Parameters<typeof body>[1] & { readonly signer: WeChatSignature.Signer },
  occasion: WeChatSignature.Occasion
): { readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array } => {
  const written = body(event, how, occasion.now)
  return {
    headers: { "content-type": "application/json", ...WeChatSignature.signAnswer(signer, written, occasion) },
    body: written
  }
}

const contents = (event: Event): readonly [name: string, kind: string, plain: unknown] => {
  switch (event.type) {
    case "TRANSACTION.SUCCESS":
      return [event.type, "transaction", event.transaction]
    case "REFUND":
      return [`REFUND.${event.refund.state}`, "refund", WeChatRefund.toNotice(event.refund, event.mchid)]
    case "OTHER":
      return [event.event, "other", event.plain]
  }
}
