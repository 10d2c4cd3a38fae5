/**
 * How a payer stands before a channel 支付场景, and what a channel sends on its own 支付通知, as plain values.
 */
import { Redacted, Schema } from "effect"
import type * as Callback from "../Callback.ts"
import { Words } from "../Id.ts"
import type { Payer } from "../ports/RechargeChannel.ts"
import * as Input from "./Input.ts"

const PayerIn = Schema.TaggedUnion({
  Scan: {},
  PayCode: { code: Words },
  InApp: { openId: Words },
  Browser: { returnTo: Words }
})
/**
 * The payer scans a code that is shown (`Scan`), shows a code of theirs (`PayCode`), is in the channel's own app or mini
 * program (`InApp`), or comes from a browser (`Browser`). None of it is kept.
 */
export type PayerInput = typeof PayerIn.Encoded

/** The payer, with what is secret hidden from logs. */
export const payer = (input: PayerInput | undefined): Payer => {
  const read = Input.decode(PayerIn, input ?? { _tag: "Scan" }, "payer")
  switch (read._tag) {
    case "PayCode":
      return { _tag: "PayCode", code: Redacted.make(read.code) }
    case "InApp":
      return { _tag: "InApp", openId: Redacted.make(read.openId) }
    default:
      return read
  }
}

/** A callback as it came in over HTTP: path and query as sent, and the bytes of the body, which nobody has read or parsed. */
export interface CallbackInput {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array
}

const RawIn = Schema.Struct({
  method: Schema.String,
  url: Schema.String,
  headers: Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Undefined])),
  body: Schema.Uint8Array
})

/** The callback, its headers by their names in lower case. */
export const raw = (input: CallbackInput): Callback.Raw => {
  const { headers, ...rest } = Input.decode(RawIn, input, "callback")
  return {
    ...rest,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  }
}
