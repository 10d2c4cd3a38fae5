/**
 * The school's side of the deposit that a bank begins 银行发起充值服务端: reads the bank's messages, has them done, and
 * answers.
 *
 * Over which stream they come is the line's business. A message that is not believed has no answer; one that is
 * believed and says nothing that can be is answered so. Whatever is broken here, the bank is told to ask again.
 */
import { Cause, Effect, Option, Result } from "effect"
import * as BankLine from "../BankLine.ts"
import * as DoorLog from "../DoorLog.ts"
import * as BankDeposit from "./BankDeposit.ts"
import * as DepositDealing from "./DepositDealing.ts"
import * as DepositLookup from "./DepositLookup.ts"
import {
  type DepositAnswer,
  DepositCode,
  DepositMessage,
  type DepositRequest,
  DepositState
} from "./DepositMessages.ts"
import type { Needs, Settings } from "./DepositSettings.ts"
import * as LinkDialogue from "./LinkDialogue.ts"
import * as LinkFit from "./LinkFit.ts"
import * as LinkMessage from "./LinkMessage.ts"

/** Where a connection stands. */
export interface Session {
  /** The answer to a message, without lengths; nothing to one that is not believed. */
  readonly answer: (message: Uint8Array) => Effect.Effect<Uint8Array | undefined, never, Needs>
}

/** Whether a message names its dealing in a way that books can hold. */
const isNamed = (asked: DepositRequest): boolean =>
  BankDeposit.isSerial(asked.bankSerial) && (!("originalSerial" in asked) || BankDeposit.isSerial(asked.originalSerial))

/** A fault by its name, a defect as one. */
const kindOf = (cause: Cause.Cause<{ readonly _tag: string }>): string =>
  Option.match(Cause.findErrorOption(cause), { onNone: () => "a defect", onSome: ({ _tag }) => _tag })

const isRequest = (message: DepositMessage): message is DepositRequest => !message._tag.endsWith("Answer")

/** Hears of what was turned away: of what is not believed, and of what the school's rules refuse. */
export type Hearing = (refused: Pick<DoorLog.Refused, "reason" | "what">) => Effect.Effect<void>

const logged: Hearing = ({ reason, what }) => Effect.logWarning("A bank's message is turned away", reason, what)

/**
 * One connection with the bank. Its messages are answered one after the other. What the settings lack for that is found by
 * {@link listen}, or by `LinkFit`.
 */
export const session = (settings: Settings, refused: Hearing = logged): Session => {
  const { key, link, school } = settings
  let isSignedIn = settings.signIn === "optional"

  const says = Effect.fnUntraced(function*(asked: DepositRequest, raw: Uint8Array) {
    if (asked.school !== school || !isNamed(asked)) return { code: "malformed" } as const
    switch (asked._tag) {
      case "SignIn":
        isSignedIn = true
        return { code: "accepted" } as const
      case "SignOut":
        isSignedIn = false
        return { code: "accepted" } as const
      case "Heartbeat":
        return { code: "accepted" } as const
    }
    if (!isSignedIn) return { code: "outOfOrder" } as const
    switch (asked._tag) {
      case "Lookup":
        return yield* DepositLookup.lookup(settings, asked)
      case "Deposit":
        return yield* DepositDealing.deposit(settings, asked, raw)
      case "Reverse":
        return yield* DepositDealing.reverse(settings, asked)
      case "Inquiry":
        return yield* DepositDealing.inquire(settings, asked)
    }
  })

  /** The MAC is right and the content is not: the bank is told, if it can be told apart to what. */
  const malformed = (raw: Uint8Array): Uint8Array | undefined => {
    const read = LinkMessage.read(link, raw, key)
    const code = link.words["code"]?.["malformed"]
    if (Result.isFailure(read) || read.success.kind.endsWith("Answer") || code === undefined) return undefined
    const head = link.head.map(({ name }) => [name, read.success.values[name]] as const)
    const values = Object.fromEntries(head.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))
    return Option.getOrUndefined(
      Option.getSuccess(
        LinkMessage.write(link, { kind: `${read.success.kind}Answer`, values: { ...values, code } }, key)
      )
    )
  }

  const answer: Session["answer"] = Effect.fnUntraced(function*(raw: Uint8Array) {
    const read = LinkDialogue.read(DepositMessage, link, raw, key)
    if (Result.isFailure(read)) {
      const { reason, what } = read.failure
      yield* refused({ reason, what })
      return reason === "forged" ? undefined : malformed(raw)
    }
    const asked = read.success
    if (!isRequest(asked)) {
      yield* refused({ reason: "unsupported", what: "an answer, where nothing was asked" })
      return undefined
    }
    const declined = Effect.tap(
      says(asked, raw),
      ({ code }) => code === "accepted" ? Effect.void : refused({ reason: "declined", what: `${asked._tag}, ${code}` })
    )
    const said = yield* Effect.catchCause(declined, (cause) =>
      // Whatever is broken here, the bank asks again, and the answer is then found.
      // A cause may hold anything, so that its kind alone is told.
      Effect.as(refused({ reason: "unavailable", what: kindOf(cause) }), { code: "outOfOrder" } as const))
    const { bankDate, bankSerial, bankTime } = asked
    const reply = { _tag: `${asked._tag}Answer`, bankSerial, bankDate, bankTime, school: asked.school, ...said }
    const written = LinkDialogue.write(DepositMessage, link, reply as DepositAnswer, key)
    if (Result.isFailure(written)) yield* Effect.logError("An answer can not be written", written.failure.what)
    return Option.getOrUndefined(Option.getSuccess(written))
  })
  return { answer }
}

/** What the settings lack for the dialogue: words for every code, since the bank has to be told any of them. */
export const check = (settings: Settings) =>
  LinkFit.check("deposits", DepositMessage, settings, {
    messages: ["Lookup", "Deposit", "Reverse", "Inquiry", ...(settings.signIn === "wanted" ? ["SignIn"] : [])],
    words: { code: DepositCode.literals, state: DepositState.literals }
  })

/** Where it listens, and how. */
export interface Where {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  readonly manners?: Partial<Omit<BankLine.Manners, "prefix">>
  /** How often the log tells of one who comes again and again. */
  readonly log?: DoorLog.Options
}

/**
 * Listens for the bank over TCP, as long as the scope; each connection is a session. Behind a line of the bank's own, or a
 * tunnel: a MAC is no encryption. Fails where the port can not be had, and where the settings can not carry the dialogue.
 */
export const listen = Effect.fn("DepositServer.listen")(
  function*(settings: Settings, { log, manners, ...where }: Where) {
    yield* check(settings)
    const door = yield* DoorLog.make("deposits", log)
    const { prefix } = settings.link
    return yield* BankLine.serve(
      where,
      { ...BankLine.manners, ...manners, prefix },
      (peer) => session(settings, (refused) => door.refused({ ...refused, channel: settings.adapter, peer })).answer,
      door
    )
  }
)
