/**
 * The debit of a contracted card over ISO 8583 圈存 (指定账户圈存): sign-in, 0200, and 0400 until it is answered. The
 * channel around it is `TransferChannel`.
 *
 * Source: 银联POS终端规范 (Q/CUP 009). The working keys live in memory: after a start, after an answer whose MAC is
 * wrong, and where the host says that ours is (A0, 99), the terminal signs in again.
 */
import type { Callback } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { LineLost } from "../BankClient.ts"
import type * as BlockCipher from "../BlockCipher.ts"
import type * as BlockMac from "../BlockMac.ts"
import type { LinkUnfit } from "../LinkUnfit.ts"
import type { Pan } from "../Pan.ts"
import type { SandboxKeys } from "../SandboxMark.ts"
import type * as TransferChannel from "../TransferChannel.ts"
import type * as TransferRecord from "../TransferRecord.ts"
import * as IsoAnswer from "./IsoAnswer.ts"
import * as IsoFit from "./IsoFit.ts"
import * as IsoFrame from "./IsoFrame.ts"
import * as IsoMac from "./IsoMac.ts"
import * as IsoMessage from "./IsoMessage.ts"
import type { IsoProfile } from "./IsoProfile.ts"
import * as IsoReply from "./IsoReply.ts"
import * as IsoTransfer from "./IsoTransfer.ts"
import * as WorkingKeys from "./WorkingKeys.ts"

export interface Settings {
  readonly profile: IsoProfile
  readonly framing: IsoFrame.Framing
  /** Eight and fifteen characters. */
  readonly terminal: string
  readonly merchant: string
  readonly operator: string
  readonly master: BlockCipher.Key
  readonly keys: WorkingKeys.Layout
  /** What the host is asked for with field 60. */
  readonly keysWanted: IsoTransfer.SignIn["keys"]
  readonly mac: BlockMac.Method
  /** Whether the line leads to a sandbox: then a sandbox's master key is taken (`SandboxMark`). */
  readonly isSandbox?: boolean
  /** Sends a frame without its length, and waits for the answer to it: `BankClient.client`. */
  readonly ask: (frame: Uint8Array) => Effect.Effect<Uint8Array, LineLost>
  /** The card of a contract, which is kept where nobody else looks; nothing where it is not there any more. */
  readonly cardOf: (contract: string) => Effect.Effect<Pan | undefined>
}

/** How a card comes into a debit that its holder is not there for: typed, without a PIN. */
const entry = "012"

/** The length stands before the frame, and is the line's. */
const lengthSize = 2

/** The wire of one terminal; fails where its profile, its names or its keys can not carry the dialogue. */
export const make = (settings: Settings): Effect.Effect<TransferChannel.Wire, LinkUnfit | SandboxKeys> =>
  Effect.as(IsoFit.check(settings), wireOf(settings))

const wireOf = (settings: Settings): TransferChannel.Wire => {
  const { ask, cardOf, framing, mac, master, merchant, profile, terminal } = settings
  let keys: WorkingKeys.WorkingKeys | undefined

  const framed = (message: Uint8Array): Uint8Array => IsoFrame.write(framing, message).subarray(lengthSize)
  const unframed = (bytes: Uint8Array) => Result.map(IsoFrame.read(framing, bytes), ({ message }) => message)

  const signIn = Effect.fnUntraced(function*(numbering: TransferChannel.Numbering) {
    const { batch, number } = yield* numbering
    const { keysWanted, operator } = settings
    const request = IsoTransfer.write({ _tag: "SignIn", batch, number, terminal, merchant, operator, keys: keysWanted })
    const message = yield* Effect.fromResult(IsoMessage.pack(request, profile))
    const bytes = yield* ask(framed(message))
    const answer = yield* Effect.fromResult(Result.gen(function*() {
      return yield* IsoAnswer.read(request, yield* IsoMessage.unpack(yield* unframed(bytes), profile))
    }))
    if (answer.reply.kind !== "ok" || answer.keys === undefined) {
      return `the host refused the sign-in: ${answer.reply.en}`
    }
    keys = yield* Effect.fromResult(WorkingKeys.open(answer.keys, master, settings.keys))
    return undefined
  })

  const ready: TransferChannel.Wire["ready"] = (numbering) =>
    keys !== undefined
      ? Effect.void as Effect.Effect<undefined>
      : signIn(numbering).pipe(Effect.catch((cause) =>
        Effect.succeed(
          cause._tag === "Refusal" ? `the sign-in was not answered rightly: ${cause.what}` : "the host does not answer"
        )
      ))

  /** Sends a request under the day's keys. A wrong MAC, on either side, ends their day. */
  const asked = Effect.fnUntraced(function*(request: IsoMessage.IsoMessage) {
    const day = keys
    if (day === undefined) return { _tag: "NotSent" } as const
    const signing = { method: mac, key: day.mak }
    const message = IsoMac.seal(request, profile, signing)
    if (Result.isFailure(message)) return { _tag: "NotSent" } as const
    const got = yield* Effect.result(ask(framed(message.success)))
    if (Result.isFailure(got)) return { _tag: got.failure.isSent ? "NoAnswer" : "NotSent" } as const
    const opened = Result.flatMap(unframed(got.success), (bytes) => IsoMac.open(bytes, profile, signing))
    if (Result.isFailure(opened)) {
      yield* disbelieved(opened.failure)
      keys = undefined
      return { _tag: "Forged" } as const
    }
    const answer = IsoAnswer.read(request, opened.success)
    if (Result.isFailure(answer)) {
      yield* disbelieved(answer.failure)
      return { _tag: "NoAnswer" } as const
    }
    if (answer.success.reply.kind === "keys") keys = undefined
    return { _tag: "Answered", ...answer.success } as const
  })

  const transferOf = Effect.fnUntraced(function*({ account, amount, batch, contract, number }: TransferRecord.Sent) {
    const pan = yield* cardOf(contract)
    if (pan === undefined) return undefined
    return { _tag: "Transfer", terminal, merchant, batch, number, pan, amount, account, entry } as const
  })

  const debit: TransferChannel.Wire["debit"] = Effect.fnUntraced(function*(sent: TransferRecord.Sent) {
    const transfer = yield* transferOf(sent)
    if (transfer === undefined) return declined("noCard", "the contract has no card any more")
    const got = yield* asked(IsoTransfer.write(transfer))
    switch (got._tag) {
      case "NotSent":
        return declined("notSent", "the line to the bank is not there; nothing was sent")
      case "NoAnswer":
        return { _tag: "Unknown", reason: "98" }
      case "Forged":
        return { _tag: "Unknown", reason: "96" }
    }
    const { reference, reply } = got
    switch (reply.kind) {
      case "ok":
        return { _tag: "Paid", reference: reference ?? `${sent.batch}.${sent.number}` }
      case "declined":
      case "format":
      case "keys":
        return declined(reply.code, reply.en)
      // A number that was used before may be this very debit, told twice by the line.
      case "duplicate":
      case "unknown":
        return { _tag: "Unknown", reason: "98" }
    }
  })

  const takeBack: TransferChannel.Wire["takeBack"] = Effect.fnUntraced(
    function*(sent: TransferRecord.Sent, reason: TransferRecord.Reason, numbering: TransferChannel.Numbering) {
      const transfer = yield* transferOf(sent)
      if (transfer === undefined) return false
      const request = IsoTransfer.write(IsoTransfer.reversal(transfer, reason, sent.sentAt))
      // The host's keys may be others by now: that is found once, and then they are the same.
      for (let round = 0; round < 2; round++) {
        const problem = yield* ready(numbering)
        if (problem !== undefined) {
          yield* Effect.logWarning("A reversal waits for the sign-in", problem)
          return false
        }
        const got = yield* asked(request)
        if (got._tag === "Answered" && got.reply.kind !== "keys") return IsoReply.endsReversal(got.reply)
        if (got._tag === "NoAnswer" || got._tag === "NotSent") return false
      }
      return false
    }
  )
  return { ready, debit, takeBack }
}

const declined = (code: string, problem: string): TransferChannel.Outcome => ({ _tag: "Declined", code, problem })

const disbelieved = ({ reason, what }: Callback.Refusal) =>
  Effect.logWarning("An answer of the host is not believed", reason, what)
