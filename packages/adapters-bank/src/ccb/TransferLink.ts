/**
 * The debit of a contracted card over a described link 圈存 (银校通): sign-in, transfer, and its reversal until it is
 * answered. The channel around it is `TransferChannel`; contracts are made and ended here.
 *
 * No specification is public; what a branch wants is its layout. A transfer is named by the school's day and serial
 * number, and so are the reversal, under a number of its own, and every other message. An answer that is late, cut off,
 * or of another message is none.
 */
import { type CivilTime, Fault, type Money } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import type { Redacted } from "effect"
import type { LineLost } from "../BankClient.ts"
import type * as BlockCipher from "../BlockCipher.ts"
import type { LinkUnfit } from "../LinkUnfit.ts"
import type { Pan } from "../Pan.ts"
import type { SandboxKeys } from "../SandboxMark.ts"
import * as TransferChannel from "../TransferChannel.ts"
import type * as TransferRecord from "../TransferRecord.ts"
import * as BankTime from "./BankTime.ts"
import type { Link } from "./Layout.ts"
import * as LinkDialogue from "./LinkDialogue.ts"
import * as LinkFit from "./LinkFit.ts"
import * as ListFile from "./ListFile.ts"
import * as TransferFile from "./TransferFile.ts"
import * as TransferMessages from "./TransferMessages.ts"

/** Whose card it is, as the bank wants to hear it with each transfer. */
export interface Holder {
  readonly name: Redacted.Redacted<string>
  readonly idNumber: Redacted.Redacted<string>
  readonly bankCard: Pan
}

export interface Settings {
  readonly link: Link
  /** Of the MAC. Without one (`mac: "none"`) whoever is on the line can say that a debit was done: see `LinkFit`. */
  readonly key?: BlockCipher.Key
  /** Whether the line leads to a sandbox: then a sandbox's key is taken (`SandboxMark`). */
  readonly isSandbox?: boolean
  /** The school's channel and its number at the bank. */
  readonly channel: string
  readonly organisation: string
  /** Sends a message without its length, and waits for the answer to it: `BankClient.client`. */
  readonly ask: (message: Uint8Array) => Effect.Effect<Uint8Array, LineLost>
  /** The holder of a contract; nothing where it is not there any more. */
  readonly holderOf: (contract: string) => Effect.Effect<Holder | undefined>
  /**
   * How the bank's list of a day is laid out, and how its file comes, once the bank has named it 明细下载; nothing where it is not
   * there yet. Without it the channel has no bill.
   */
  readonly list?: {
    readonly layout: ListFile.ListLayout
    readonly of: (file: string) => Effect.Effect<Uint8Array | undefined, Fault.ChannelFailed>
  }
}

type Message<Tag> = Extract<TransferMessages.TransferMessage, { readonly _tag: Tag }>
type RequestTag = TransferMessages.TransferRequest["_tag"]

/** What came back: an answer, none, or nothing had been sent. */
type Heard<A> = { readonly _tag: "Answered"; readonly answer: A } | { readonly _tag: "NoAnswer" | "NotSent" }

/** A school's number of a message: the round of the count, and the count. */
const serialOf = ({ batch, number }: { readonly batch: number; readonly number: number }): string =>
  `${String(batch).padStart(6, "0")}${String(number).padStart(6, "0")}`

/** The round and the count of a serial number, where it is one of ours. */
const numbersOf = (serial: string) => {
  const [, batch, number] = /^([0-9]{6})([0-9]{6})$/.exec(serial) ?? []
  return batch === undefined ? {} : { sent: { batch: Number(batch), number: Number(number) } }
}

const now = Effect.map(Clock.currentTimeMillis, (at) => BankTime.of(at as CivilTime.Instant))

/** The wire, and what is done about contracts. */
export interface TransferLink extends TransferChannel.Wire {
  /** 签约 and 解约. What became of them is the bank's answer; nothing, where it gave none. */
  readonly contract: (
    account: string,
    holder: Holder,
    number: TransferChannel.Numbering
  ) => Effect.Effect<TransferMessages.TransferCode | undefined, Fault.ChannelFailed>
  readonly terminate: (
    account: string,
    card: Pan,
    number: TransferChannel.Numbering
  ) => Effect.Effect<TransferMessages.TransferCode | undefined, Fault.ChannelFailed>
}

/** What the settings lack: every branch has other words, but none does without the one for "done". */
const check = (settings: Settings) =>
  LinkFit.check("transfers", TransferMessages.TransferMessage, settings, {
    messages: ["SignIn", "Transfer", "Reversal", ...(settings.list === undefined ? [] : ["Download"])],
    words: { code: ["accepted"] }
  })

/** The wire of one school; fails where its layout, its words or its key can not carry the dialogue. */
export const make = (settings: Settings): Effect.Effect<TransferLink, LinkUnfit | SandboxKeys> =>
  Effect.as(check(settings), wireOf(settings))

const wireOf = (settings: Settings): TransferLink => {
  const { ask, channel, holderOf, key, link, list, organisation } = settings
  const { TransferMessage, same } = TransferMessages
  let isSignedIn = false

  const asked = Effect.fnUntraced(function*<Tag extends RequestTag>(message: Message<Tag> & { readonly _tag: Tag }) {
    type Answer = Message<`${Tag}Answer`>
    const bytes = LinkDialogue.write(TransferMessage, link, message as TransferMessages.TransferMessage, key)
    if (Result.isFailure(bytes)) {
      yield* Effect.logError("A message can not be written", bytes.failure.what)
      return { _tag: "NotSent" } as Heard<Answer>
    }
    const got = yield* Effect.result(ask(bytes.success))
    if (Result.isFailure(got)) {
      // The other side forgets who is signed in with the connection.
      isSignedIn = false
      return { _tag: got.failure.isSent ? "NoAnswer" : "NotSent" } as Heard<Answer>
    }
    const read = LinkDialogue.readAnswer<TransferMessages.TransferMessage, RequestTag>(
      TransferMessage,
      link,
      message as TransferMessages.TransferRequest,
      same,
      got.success,
      key
    )
    if (Result.isSuccess(read)) {
      // The bank may also forget who is signed in while the connection stands: its day has changed, or it was started anew.
      if (read.success.code === "outOfOrder") isSignedIn = false
      return { _tag: "Answered", answer: read.success as Answer } as Heard<Answer>
    }
    yield* Effect.logWarning("An answer of the bank is not believed", read.failure.reason, read.failure.what)
    return { _tag: "NoAnswer" } as Heard<Answer>
  })

  const head = Effect.fnUntraced(function*(numbering: TransferChannel.Numbering) {
    return { ...yield* now, campusSerial: serialOf(yield* numbering), channel, organisation }
  })

  const ready: TransferChannel.Wire["ready"] = (numbering) =>
    Effect.gen(function*() {
      if (isSignedIn) return undefined
      const got = yield* asked<"SignIn">({ _tag: "SignIn", ...yield* head(numbering) })
      isSignedIn = got._tag === "Answered" && got.answer.code === "accepted"
      return isSignedIn ? undefined : "the bank has not accepted the sign-in"
    }).pipe(Effect.orElseSucceed(() => "no number could be taken for the sign-in"))

  const transferOf = Effect.fnUntraced(function*(sent: TransferRecord.Sent) {
    const holder = yield* holderOf(sent.contract)
    if (holder === undefined) return undefined
    const named = { ...BankTime.of(sent.sentAt), campusSerial: serialOf(sent), channel, organisation }
    return { _tag: "Transfer", ...named, ...holder, account: sent.account, amount: sent.amount } as const
  })

  const debit: TransferChannel.Wire["debit"] = Effect.fnUntraced(function*(sent: TransferRecord.Sent) {
    const transfer = yield* transferOf(sent)
    if (transfer === undefined) return declined("noContract", "the contract has no card any more")
    const got = yield* asked<"Transfer">(transfer)
    if (got._tag !== "Answered") {
      return got._tag === "NotSent"
        ? declined("notSent", "the line to the bank is not there; nothing was sent")
        : { _tag: "Unknown", reason: "98" }
    }
    const { bankSerial, code } = got.answer
    switch (code) {
      case "accepted":
        return { _tag: "Paid", reference: bankSerial ?? transfer.campusSerial }
      case "outOfOrder":
      case "tooLate":
      // A number that was used before may be this very transfer, told twice by the line.
      case "duplicate":
        return { _tag: "Unknown", reason: "98" }
      default:
        return declined(code, "the bank declined the transfer")
    }
  })

  const takeBack: TransferChannel.Wire["takeBack"] = Effect.fnUntraced(
    function*(sent: TransferRecord.Sent, _: TransferRecord.Reason, numbering: TransferChannel.Numbering) {
      if ((yield* ready(numbering)) !== undefined) return false
      const own = yield* Effect.option(head(numbering))
      if (own._tag === "None") return false
      const { campusSerial, date, time } = own.value
      const original = BankTime.of(sent.sentAt)
      const got = yield* asked<"Reversal">({
        _tag: "Reversal",
        date,
        time,
        campusSerial,
        channel,
        organisation,
        originalDate: original.date,
        originalSerial: serialOf(sent),
        originalAmount: sent.amount as Money.Amount
      })
      if (got._tag !== "Answered") return false
      // Of another day: the books settle it with a person, and until then nobody may call it done.
      if (got.answer.code === "tooLate") yield* TransferChannel.tooLate(sent)
      return got.answer.code === "accepted"
    }
  )

  const failed = (problem: unknown) => new Fault.ChannelFailed({ operation: "read the list of a day", cause: problem })

  /** What stands in the list that the bank names, if the file is what the bank says of it: day, count and sum. */
  const listed = (
    { layout, of }: NonNullable<Settings["list"]>
  ): NonNullable<TransferChannel.Wire["list"]> =>
    Effect.fnUntraced(function*(day, numbering) {
      const problem = yield* ready(numbering)
      if (problem !== undefined) return yield* failed(problem)
      const got = yield* asked<"Download">({ _tag: "Download", ...yield* head(numbering), day })
      if (got._tag !== "Answered") return yield* failed("the bank gave no answer")
      const { code, count, file, sum } = got.answer
      if (code !== "accepted") return yield* failed(`the bank gives no list: ${code}`)
      const bytes = file === undefined ? undefined : yield* of(file)
      if (bytes === undefined) return undefined
      const read = yield* Effect.mapError(Effect.fromResult(TransferFile.read(layout, bytes)), failed)
      if (read.day !== day) return yield* failed("the list is of another day")
      if (Number(count) !== read.rows.length) return yield* failed("the bank said another count of rows")
      if (sum !== ListFile.total(read.rows)) return yield* failed("the bank said another sum")
      const standing = read.rows.filter(({ state }) => state === "credited")
      return standing.map(({ amount, bankSerial, campusSerial, date, time }) => ({
        ...numbersOf(campusSerial),
        serial: campusSerial,
        reference: bankSerial ?? campusSerial,
        amount,
        at: BankTime.instant(date, time)
      }))
    })

  return {
    ready,
    debit,
    takeBack,
    ...(list === undefined ? {} : { list: listed(list) }),
    contract: Effect.fnUntraced(function*(account: string, holder: Holder, numbering: TransferChannel.Numbering) {
      if ((yield* ready(numbering)) !== undefined) return undefined
      const got = yield* asked<"Contract">({ _tag: "Contract", ...yield* head(numbering), account, ...holder })
      return got._tag === "Answered" ? got.answer.code : undefined
    }),
    terminate: Effect.fnUntraced(function*(account: string, bankCard: Pan, numbering: TransferChannel.Numbering) {
      if ((yield* ready(numbering)) !== undefined) return undefined
      const got = yield* asked<"Terminate">({ _tag: "Terminate", ...yield* head(numbering), account, bankCard })
      return got._tag === "Answered" ? got.answer.code : undefined
    })
  }
}

const declined = (code: string, problem: string): TransferChannel.Outcome => ({ _tag: "Declined", code, problem })
