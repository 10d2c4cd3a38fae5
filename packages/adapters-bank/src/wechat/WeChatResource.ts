/**
 * What WeChat Pay encrypts 加密报文 (AEAD_AES_256_GCM): the resource of a callback and the platform certificates.
 *
 * The key is the merchant's APIv3 key 商户 APIv3 密钥, 32 characters; the nonce is 12 characters; the tag is the last 16
 * bytes of the ciphertext. Source: WeChat Pay APIv3, 如何解密回调报文和平台证书.
 */
import { Callback } from "@yikatong/core"
import { Redacted, Result, Schema } from "effect"
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto"
import * as Base64 from "../Base64.ts"
import * as JsonBody from "../JsonBody.ts"

/** The only algorithm that is used. */
export const algorithm = "AEAD_AES_256_GCM"

/** The encrypted thing, by its names on the wire. */
export const WeChatResource = Schema.Struct({
  algorithm: Schema.Literal(algorithm),
  ciphertext: Schema.String,
  associated_data: Schema.optionalKey(Schema.NullOr(Schema.String)),
  nonce: Schema.String,
  original_type: Schema.optionalKey(Schema.String)
})
export interface WeChatResource extends Schema.Schema.Type<typeof WeChatResource> {}

const tagLength = 16
/** Longer than what may come in one body, in characters. */
const longest = 131_072
const cipherName = "aes-256-gcm"

/** The merchant's APIv3 key from its text. */
export const apiKey = (text: Redacted.Redacted): JsonBody.Read<KeyObject> => {
  const bytes = Buffer.from(Redacted.value(text), "utf8")
  return bytes.length === 32
    ? Result.succeed(createSecretKey(bytes))
    : Result.fail(Callback.refusal("malformed", "the APIv3 key is not 32 bytes"))
}

/** Encrypts. `nonce`: 12 characters, never twice under one key. */
export const seal = (
  key: KeyObject,
  plain: Uint8Array,
  { associated = "", kind, nonce }: { readonly nonce: string; readonly associated?: string; readonly kind?: string }
): WeChatResource => {
  if (Buffer.byteLength(nonce) !== 12) throw new RangeError("The nonce of a resource is 12 bytes")
  const cipher = createCipheriv(cipherName, key, Buffer.from(nonce, "utf8"), { authTagLength: tagLength })
  cipher.setAAD(Buffer.from(associated, "utf8"))
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  return {
    algorithm,
    ciphertext: sealed.toString("base64"),
    associated_data: associated,
    nonce,
    ...(kind === undefined ? {} : { original_type: kind })
  }
}

const decode = JsonBody.decode(WeChatResource, "the resource")

/** Decrypts; of another algorithm not even the fields are looked at. */
export const open = (key: KeyObject, value: unknown): JsonBody.Read<Uint8Array> => {
  const said = typeof value === "object" && value !== null && "algorithm" in value ? value.algorithm : undefined
  if (typeof said === "string" && said !== algorithm) {
    return Result.fail(Callback.refusal("unsupported", "the algorithm of the resource"))
  }
  const resource = decode(value)
  return Result.isFailure(resource) ? Result.fail(resource.failure) : decipher(key, resource.success)
}

const decipher = (key: KeyObject, resource: WeChatResource): JsonBody.Read<Uint8Array> => {
  const nonce = Buffer.from(resource.nonce, "utf8")
  const sealed = Base64.read(resource.ciphertext, longest)
  if (sealed === undefined || sealed.length < tagLength) {
    return Result.fail(Callback.refusal("malformed", "the resource: ciphertext"))
  }
  if (nonce.length !== 12) return Result.fail(Callback.refusal("malformed", "the nonce of the resource"))
  const decipher = createDecipheriv(cipherName, key, nonce, { authTagLength: tagLength })
  decipher.setAAD(Buffer.from(resource.associated_data ?? "", "utf8"))
  decipher.setAuthTag(sealed.subarray(-tagLength))
  try {
    const plain = decipher.update(sealed.subarray(0, -tagLength))
    // In this mode nothing is left for the end, which only looks at the tag.
    decipher.final()
    return Result.succeed(plain)
  } catch {
    return Result.fail(Callback.refusal("forged", "the tag of the resource"))
  }
}
