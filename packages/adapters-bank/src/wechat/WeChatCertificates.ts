/**
 * The list of platform certificates 平台证书列表 (GET /v3/certificates), each encrypted with the merchant's APIv3 key.
 *
 * Only a merchant without WeChat Pay's public key needs it. The first list of all is signed by a key that it brings
 * itself; there the tags of the ciphertexts are the proof, and its signature is verified afterwards with the keys that
 * were read. Source: WeChat Pay APIv3, 获取平台证书列表.
 */
import { Callback, type CivilTime } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { KeyObject, X509Certificate } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatClock from "./WeChatClock.ts"
import * as WeChatKeys from "./WeChatKeys.ts"
import * as WeChatResource from "./WeChatResource.ts"
import * as WeChatSignature from "./WeChatSignature.ts"

const decode = JsonBody.decode(
  Schema.Struct({
    data: Schema.Array(Schema.Struct({ serial_no: Schema.String, encrypt_certificate: Schema.Unknown }))
  }),
  "the list of certificates"
)

/** Reads the list. `known`: the keys so far, empty at the first time; `issuer`: see {@link WeChatKeys.certificate}. */
export const read = (
  answer: WeChatSignature.Answer,
  { apiKey, issuer, known }: {
    readonly apiKey: KeyObject
    readonly known: WeChatKeys.WeChatKeys
    readonly issuer?: X509Certificate
  },
  now: CivilTime.Instant
): JsonBody.Read<WeChatKeys.WeChatKeys> =>
  Result.gen(function*() {
    if (known.size > 0) yield* WeChatSignature.verifyAnswer(answer, known, now)
    const { data } = yield* Result.flatMap(JsonBody.parse(answer.body), decode)
    const keys: Array<WeChatKeys.VerifyingKey> = []
    for (const { encrypt_certificate, serial_no } of data) {
      const pem = yield* WeChatResource.open(apiKey, encrypt_certificate)
      const key = yield* WeChatKeys.certificate(Buffer.from(pem).toString("latin1"), issuer)
      if (key.serial !== WeChatKeys.canonical(serial_no)) {
        return yield* Result.fail(Callback.refusal("certificate", "the serial is not the certificate's"))
      }
      keys.push(key)
    }
    const ring = yield* WeChatKeys.join(known, keys)
    if (known.size === 0) yield* WeChatSignature.verifyAnswer(answer, ring, now)
    return ring
  })

/** Writes the list. `nonces`: 12 characters for each. */
export const write = (
  certificates: ReadonlyArray<{ readonly pem: string; readonly nonce: string }>,
  apiKey: KeyObject
): Uint8Array =>
  JsonBody.write({
    data: certificates.map(({ nonce, pem }) => {
      const key = Result.getOrThrow(WeChatKeys.certificate(pem))
      if (key._tag !== "Certificate") throw new RangeError("Only certificates stand in the list")
      return {
        serial_no: key.serial,
        effective_time: WeChatClock.format(key.from),
        expire_time: WeChatClock.format(key.until),
        encrypt_certificate: WeChatResource.seal(apiKey, Buffer.from(pem, "latin1"), {
          nonce,
          associated: "certificate"
        })
      }
    })
  })
