/**
 * The load of a campus account from a bank card 圈存, as a terminal asks for it over ISO 8583: sign-in, transfer,
 * reversal and sign-out. The host reads them with `IsoRequest`.
 *
 * Source: 银联POS终端规范 (Q/CUP 009): 指定账户圈存 is 0200 with processing code 600000 and condition 91, its reversal 冲正 0400 with
 * the same fields, a reason in field 39 and the original in field 61. A reversal bears the number of the transfer that
 * it takes back and is never reversed itself. The account that is loaded stands in field 62, which the standard leaves
 * free. Amounts are fen.
 */
import { CivilTime, type Money } from "@yikatong/core"
import { Redacted } from "effect"
import * as Pan from "../Pan.ts"
import * as IsoMessage from "./IsoMessage.ts"

/** Which terminal asks, and under which numbers. `number`: its own of the message (1 to 999999); `batch`: likewise. */
export interface Sender {
  /** Eight characters. */
  readonly terminal: string
  /** Fifteen characters. */
  readonly merchant: string
  readonly batch: number
  readonly number: number
}

/** A PIN block, and what field 53 says of it. */
export interface EncipheredPin {
  readonly block: Redacted.Redacted<Uint8Array>
  readonly security: string
}

/** What field 53 says of PIN blocks of format 0. */
export const security = { single: "2000000000000000", double: "2600000000000000" } as const

/** The transfer that is asked for. It is all that its reversal needs, and is kept before it is sent. */
export interface Transfer extends Sender {
  readonly _tag: "Transfer"
  readonly pan: Pan.Pan
  readonly amount: Money.Amount
  /** The campus account, in ASCII. */
  readonly account: string
  /** How card and PIN came in: 011 typed with PIN, 021 stripe with PIN, 051 chip with PIN. */
  readonly entry: string
  readonly pin?: EncipheredPin
}

/** Why a transfer is taken back: no answer, a wrong MAC in the answer, the card was not written, or given up. */
export type Reason = "98" | "96" | "06" | "17"

/** A reversal. `day`: of the transfer, MMDD. */
export interface Reversal extends Sender {
  readonly _tag: "Reversal"
  readonly pan: Pan.Pan
  readonly amount: Money.Amount
  readonly account: string
  readonly entry: string
  readonly reason: Reason
  readonly day: string
}

/** A sign-in 签到. `keys`: 001 single, 003 double length. */
export interface SignIn extends Sender {
  readonly _tag: "SignIn"
  readonly operator: string
  readonly keys: "001" | "003" | "004"
}

/** A sign-out 签退. */
export interface SignOut extends Sender {
  readonly _tag: "SignOut"
}

export type Request = SignIn | SignOut | Transfer | Reversal

/** A number of message or batch, as the wire has it; throws RangeError for one that does not fit. */
export const sixDigits = (value: number): string => {
  if (!Number.isInteger(value) || value < 1 || value > 999_999) throw new RangeError("A number has one to six digits")
  return String(value).padStart(6, "0")
}

const sender = (from: Sender): Readonly<Record<number, string>> => ({
  11: sixDigits(from.number),
  41: from.terminal,
  42: from.merchant
})

const moved = (of: Transfer | Reversal): Readonly<Record<number, string>> => ({
  ...sender(of),
  2: Pan.digits(of.pan),
  3: "600000",
  4: String(of.amount).padStart(12, "0"),
  22: of.entry,
  25: "91",
  49: "156",
  60: `45${sixDigits(of.batch)}`,
  62: Buffer.from(of.account, "ascii").toString("hex").toUpperCase()
})

/** The message of a request. Sign-in and sign-out are sent without a MAC, the others are sealed (`IsoMac.seal`). */
export const write = (request: Request): IsoMessage.IsoMessage => {
  switch (request._tag) {
    case "SignIn":
      return IsoMessage.make("0800", {
        ...sender(request),
        60: `00${sixDigits(request.batch)}${request.keys}`,
        63: request.operator
      })
    case "SignOut":
      return IsoMessage.make("0820", { ...sender(request), 60: `00${sixDigits(request.batch)}002` })
    case "Transfer": {
      const { pin } = request
      return IsoMessage.make("0200", {
        ...moved(request),
        26: pin === undefined ? undefined : "12",
        52: pin === undefined ? undefined : Buffer.from(Redacted.value(pin.block)).toString("hex").toUpperCase(),
        53: pin?.security
      })
    }
    case "Reversal":
      return IsoMessage.make("0400", {
        ...moved(request),
        39: request.reason,
        61: `${sixDigits(request.batch)}${sixDigits(request.number)}${request.day}`
      })
  }
}

/** The reversal of a transfer. `at`: when the transfer was sent. The PIN is not in it. */
export const reversal = (transfer: Transfer, reason: Reason, at: CivilTime.Instant): Reversal => {
  const { account, amount, batch, entry, merchant, number, pan, terminal } = transfer
  const day = CivilTime.format(at).replace(/^\d+-(\d\d)-(\d\d) .*$/, "$1$2")
  return { _tag: "Reversal", account, amount, batch, day, entry, merchant, number, pan, reason, terminal }
}
