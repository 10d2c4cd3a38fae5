/**
 * The key of a merchant at China Construction Bank 商户公钥: an RSA key whose public half the merchant platform shows in
 * hexadecimal.
 *
 * The bank signs its notices with the private half. The last thirty digits of the public half (PUB) are besides that a
 * secret between bank and merchant: orders are checked and parameters enciphered with them, so they are `Redacted` and
 * never sent. Source: 建设银行网上支付商户接口规范.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createPublicKey, type KeyObject } from "node:crypto"

/** Both uses of the key. `secret`: PUB, thirty hexadecimal digits. */
export interface LoongpayKey {
  readonly verifying: KeyObject
  readonly secret: Redacted.Redacted<string>
}

/** A public key in hexadecimal (DER, SubjectPublicKeyInfo), as the merchant platform shows it. */
export const hex = (key: KeyObject): string => key.export({ type: "spki", format: "der" }).toString("hex")

/** Reads the key; what is no RSA key in hexadecimal is refused. */
export const parse = (text: string): Result.Result<LoongpayKey, Callback.Refusal> => {
  const refused = Callback.refusal("malformed", "the merchant's public key")
  if (!/^(?:[0-9a-fA-F]{2}){64,1024}$/.test(text)) return Result.fail(refused)
  const verifying = Result.try({
    try: () => createPublicKey({ key: Buffer.from(text, "hex"), format: "der", type: "spki" }),
    catch: () => refused
  })
  return Result.flatMap(verifying, (verifying) =>
    verifying.asymmetricKeyType === "rsa"
      ? Result.succeed({ verifying, secret: Redacted.make(text.slice(-30), { label: "PUB" }) })
      : Result.fail(refused))
}
