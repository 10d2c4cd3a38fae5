/**
 * What a page or mini program hands to WeChat so that a payment opens 调起支付 (paySign), signed by the merchant and
 * verified.
 *
 * Four lines are signed: application, time in seconds, nonce, `prepay_id=` and the id. Source: WeChat Pay APIv3, JSAPI
 * 调起支付.
 */
import { Callback } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { KeyObject } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatSignature from "./WeChatSignature.ts"

/** The parameters of `requestPayment`, by the names that WeChat gives them. */
export const WeChatPaySign = Schema.Struct({
  appId: Schema.String,
  timeStamp: Schema.String.check(Schema.makeFilter(WeChatSignature.isTimestamp)),
  nonceStr: Schema.String.check(Schema.isPattern(/^[0-9A-Za-z]{1,32}$/)),
  package: Schema.String.check(Schema.isPattern(/^prepay_id=[!-~]{1,128}$/)),
  signType: Schema.Literal("RSA"),
  paySign: Schema.String
})
export interface WeChatPaySign extends Schema.Schema.Type<typeof WeChatPaySign> {}

const message = (said: Omit<WeChatPaySign, "paySign" | "signType">): Uint8Array =>
  // The package stands where a body would: it too ends with a line feed.
  WeChatSignature.message([said.appId, said.timeStamp, said.nonceStr], Buffer.from(said.package, "utf8"))

/** Signs for one payment. `prepayId`: what the order was answered with 预支付交易会话标识. */
export const sign = (
  key: KeyObject,
  { appId, prepayId }: { readonly appId: string; readonly prepayId: string },
  { nonce, now }: WeChatSignature.Occasion
): WeChatPaySign => {
  WeChatSignature.assertNonce(nonce)
  const said = {
    appId,
    timeStamp: WeChatSignature.timestamp(now),
    nonceStr: nonce,
    package: `prepay_id=${prepayId}`
  }
  return { ...said, signType: "RSA", paySign: WeChatSignature.sign(key, message(said)) }
}

const decode = JsonBody.decode(WeChatPaySign, "the parameters of the payment")

/** Verifies as WeChat does; tells the id of the order. */
export const verify = (value: unknown, key: KeyObject): JsonBody.Read<string> =>
  Result.flatMap(decode(value), (said) =>
    WeChatSignature.isSigned(key, message(said), said.paySign)
      ? Result.succeed(said.package.slice("prepay_id=".length))
      : Result.fail(Callback.refusal("forged", "the signature of the payment")))
