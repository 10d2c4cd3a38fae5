/**
 * The signature of a message 签名, as Standard Webhooks 1.0 has it: `v1,` and the base64 of HMAC-SHA256 over
 * `id.timestamp.body`, one for each secret that is current, so that a secret can be changed without a gap.
 *
 * The receiver's half is here too. It reads no clock: a receiver passes the time in.
 */
import { Redacted, Result } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"

/** Base64 of 24 to 64 random bytes, with `whsec_` before it or without. */
export type Secret = Redacted.Redacted<string>

/** What is signed. `timestamp`: when it was sent, in seconds since 1970 UTC; `body`: as it travels, byte for byte. */
export interface Signed {
  readonly id: string
  readonly timestamp: number
  readonly body: string
}

/** The bytes of a secret; none where it is no secret. */
export const keyOf = (secret: Secret): Uint8Array | undefined => {
  // Whoever reads it from the environment has easily forgotten to redact it, or the variable is not set.
  if (!Redacted.isRedacted(secret)) return undefined
  const text = Redacted.value(secret)
  if (typeof text !== "string") return undefined
  const base64 = text.replace(/^whsec_/, "")
  const key = Buffer.from(base64, "base64")
  // What is not quite base64 would be read as something else, and sign differently in another language.
  const isExact = key.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "")
  return isExact && key.length >= 24 && key.length <= 64 ? key : undefined
}

const signatureOf = (key: Uint8Array, { body, id, timestamp }: Signed): string =>
  `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`

/**
 * The headers of a message, with one signature for each of the keys.
 *
 * @example
 * ```ts
 * import { Webhook } from "@yikatong/adapters-pg"
 * import { Redacted } from "effect"
 *
 * const key = Webhook.keyOf(Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
 * const message = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1614265330, body: `{"test": 2432232314}` }
 * const headers = Webhook.sign(message, key === undefined ? [] : [key])
 * headers["webhook-signature"] // => "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
 * ```
 */
export const sign = (message: Signed, keys: ReadonlyArray<Uint8Array>) => ({
  "webhook-id": message.id,
  "webhook-timestamp": `${message.timestamp}`,
  "webhook-signature": keys.map((key) => signatureOf(key, message)).join(" ")
})

/** Why a message is not believed. `SecretRefused`: one of the receiver's own secrets is none. */
export type Refusal = "HeaderMissing" | "SecretRefused" | "TooOld" | "FromTheFuture" | "SignatureWrong"

/** What a receiver has. */
export interface Received {
  /** As the server gives them, names in small letters. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The body as it came, before anybody parsed it. */
  readonly body: string
  /** All secrets that are good now; a signature by any of them will do. */
  readonly secrets: ReadonlyArray<Secret>
  /** The receiver's clock, in milliseconds since 1970 UTC. */
  readonly now: number
  /** How far the sender's clock may be from it, in seconds; 300 unless told. */
  readonly tolerance?: number
}

/**
 * The id of the message, if it is from whoever has the secret, unchanged and fresh. A message that was recorded is refused once it
 * is older than the tolerance; within it the receiver knows it by its id, which every repetition has again.
 *
 * @example
 * ```ts
 * import { Webhook } from "@yikatong/adapters-pg"
 * import { Redacted, Result } from "effect"
 *
 * const received = {
 *   headers: {
 *     "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
 *     "webhook-timestamp": "1614265330",
 *     "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
 *   },
 *   body: `{"test": 2432232314}`,
 *   secrets: [Redacted.make("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
 *   now: 1614265340_000
 * }
 * Result.isSuccess(Webhook.verify(received)) // => true
 * Webhook.verify({ ...received, now: 1614269999_000 }) // => Result.fail("TooOld")
 * ```
 */
export const verify = (
  { body, headers, now, secrets, tolerance = 300 }: Received
): Result.Result<{ readonly id: string; readonly timestamp: number }, Refusal> => {
  const header = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === "string" && value !== "" ? value : undefined
  }
  const [id, stamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header)
  if (id === undefined || signatures === undefined || stamp === undefined || !/^\d{1,12}$/.test(stamp)) {
    return Result.fail("HeaderMissing")
  }
  const keys = secrets.map(keyOf)
  if (keys.length === 0 || !keys.every((key) => key !== undefined)) return Result.fail("SecretRefused")
  const timestamp = Number(stamp)
  // The header as it came is what was signed: 01 is not 1.
  const given = signatures.split(" ").slice(0, 16)
  let isOne = false
  for (const key of keys) {
    const right = createHmac("sha256", key).update(`${id}.${stamp}.${body}`).digest()
    for (const one of given) {
      const [version, base64 = ""] = one.split(",")
      const claimed = Buffer.from(base64, "base64")
      if (version === "v1" && claimed.length === right.length && timingSafeEqual(claimed, right)) isOne = true
    }
  }
  if (!isOne) return Result.fail("SignatureWrong")
  const age = now / 1_000 - timestamp
  if (!(age <= tolerance)) return Result.fail("TooOld")
  if (!(age >= -tolerance)) return Result.fail("FromTheFuture")
  return Result.succeed({ id, timestamp })
}
