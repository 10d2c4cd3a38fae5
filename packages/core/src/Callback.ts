/**
 * A callback of a recharge channel 支付通知: bytes that anybody can send, until the channel's adapter has verified them.
 *
 * It is handed over raw, since a signature is made over bytes and not over what was read out of them.
 */
import { Schema } from "effect"

/** What came in over HTTP, byte for byte. `url`: path and query as sent. `headers`: by their names in lower case. */
export interface Raw {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

/** What goes back. A channel reads more into it than its status: see the adapter's `acknowledge`. */
export interface Reply {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

/** Why something that came over a wire is not believed. */
export const Reason = Schema.Literals([
  /** Not of this shape at all, cut off, or a value that can not be. */
  "malformed",
  /** More bytes, or deeper, than this kind of message ever has. */
  "tooLarge",
  /** Bytes that are no text of the charset that was agreed. */
  "charset",
  /** One name twice: two readers would read two things. */
  "duplicateKey",
  /** The signature, MAC or tag is not the sender's. */
  "forged",
  /** Signed under a key that is not known here. */
  "unknownKey",
  /** Its certificate is expired, not yet valid, of another subject, or of another issuer. */
  "certificate",
  /** Signed too long ago, or in the future. */
  "stale",
  /** A probe of the channel's own, wrongly signed on purpose 探测流量. */
  "probe",
  /** For another merchant or application. */
  "otherMerchant",
  /** Of a payment that another channel has. */
  "otherChannel",
  /** Not in yuan. */
  "otherCurrency",
  /** A kind of message, algorithm or version that this adapter does not read. */
  "unsupported"
])
export type Reason = typeof Reason.Type

/** Something from outside that was not believed. `what`: which part of it, in words without data. */
export interface Refusal {
  readonly _tag: "Refusal"
  readonly reason: Reason
  readonly what: string
}

export const refusal = (reason: Reason, what: string): Refusal => ({ _tag: "Refusal", reason, what })
