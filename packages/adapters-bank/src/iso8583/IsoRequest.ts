/**
 * What a terminal asks for 终端请求, read by the host: every field is looked at, and a value that no terminal of this
 * profile sends is refused.
 *
 * Source: 银联POS终端规范 (Q/CUP 009). Whether the MAC was right is known before (`IsoMac.open`).
 */
import { Callback, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as Pan from "../Pan.ts"
import * as IsoMessage from "./IsoMessage.ts"
import {
  type Reason,
  type Request,
  type Reversal,
  type Sender,
  type SignIn,
  type SignOut,
  sixDigits,
  type Transfer
} from "./IsoTransfer.ts"

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

/** The part of a field that a pattern finds, or all of it. */
const field = (
  message: IsoMessage.IsoMessage,
  at: number,
  pattern: RegExp
): Result.Result<string, Callback.Refusal> => {
  const found = pattern.exec(IsoMessage.get(message, at) ?? "")
  return found === null ? malformed(`field ${at}`) : Result.succeed(found[1] ?? found[0])
}

const printable = /^[\x20-\x7e]+$/
const reasons: ReadonlyArray<string> = ["98", "96", "06", "17"] satisfies ReadonlyArray<Reason>
const isReason = (code: string): code is Reason => reasons.includes(code)

const readSender = (message: IsoMessage.IsoMessage, batch: RegExp): Result.Result<Sender, Callback.Refusal> =>
  Result.gen(function*() {
    return {
      terminal: yield* field(message, 41, printable),
      merchant: yield* field(message, 42, printable),
      number: Number(yield* field(message, 11, /^(?!000000)[0-9]{6}$/)),
      batch: Number(yield* field(message, 60, batch))
    }
  })

const readSignIn = (message: IsoMessage.IsoMessage): Result.Result<SignIn, Callback.Refusal> =>
  Result.gen(function*() {
    const from = yield* readSender(message, /^00(?!000000)([0-9]{6})00[134]$/)
    const keys = (yield* field(message, 60, /00[134]$/)) as SignIn["keys"]
    return { _tag: "SignIn", ...from, keys, operator: yield* field(message, 63, /^.+$/u) }
  })

/** What transfer and reversal have in common. */
const readMoved = (message: IsoMessage.IsoMessage): Result.Result<Omit<Transfer, "_tag">, Callback.Refusal> =>
  Result.gen(function*() {
    const from = yield* readSender(message, /^45(?!000000)([0-9]{6})$/)
    yield* field(message, 3, /^600000$/)
    yield* field(message, 25, /^91$/)
    const currency = yield* field(message, 49, /^.+$/)
    if (currency !== "156") return yield* Result.fail(Callback.refusal("otherCurrency", "field 49"))
    const fen = Number(yield* field(message, 4, /^[0-9]{12}$/))
    if (fen < 1 || fen > Money.largestAmount) return yield* malformed("field 4")
    return {
      ...from,
      pan: yield* Pan.parse(yield* field(message, 2, /^[0-9]+$/)),
      amount: Money.amount(fen),
      account: Buffer.from(yield* field(message, 62, /^(?:[2-7][0-9A-F])+$/), "hex").toString("latin1"),
      entry: yield* field(message, 22, /^[0-9]{3}$/)
    }
  })

const readTransfer = (message: IsoMessage.IsoMessage): Result.Result<Transfer, Callback.Refusal> =>
  Result.gen(function*() {
    const what = yield* readMoved(message)
    const block = IsoMessage.get(message, 52)
    if (block === undefined) return { _tag: "Transfer", ...what }
    const security = yield* field(message, 53, /^[0-9]+$/)
    const pin = { block: Redacted.make(Uint8Array.from(Buffer.from(block, "hex")), { label: "PinBlock" }), security }
    return { _tag: "Transfer", ...what, pin }
  })

const readReversal = (message: IsoMessage.IsoMessage): Result.Result<Reversal, Callback.Refusal> =>
  Result.gen(function*() {
    const what = yield* readMoved(message)
    const reason = yield* field(message, 39, /^.+$/)
    if (!isReason(reason)) return yield* malformed("field 39")
    const original = yield* field(message, 61, /^[0-9]{16}$/)
    // Batch and number of the reversal are those of the transfer: two that differ would name two transfers.
    if (!original.startsWith(sixDigits(what.batch) + sixDigits(what.number))) return yield* malformed("field 61")
    return { _tag: "Reversal", ...what, reason, day: original.slice(12) }
  })

/** Reads a request. */
export const read = (message: IsoMessage.IsoMessage): Result.Result<Request, Callback.Refusal> => {
  switch (message.type) {
    case "0800":
      return readSignIn(message)
    case "0820":
      return Result.map(
        readSender(message, /^00(?!000000)([0-9]{6})002$/),
        (from): SignOut => ({ _tag: "SignOut", ...from })
      )
    case "0200":
      return readTransfer(message)
    case "0400":
      return readReversal(message)
  }
  return Result.fail(Callback.refusal("unsupported", "the type of the message"))
}
