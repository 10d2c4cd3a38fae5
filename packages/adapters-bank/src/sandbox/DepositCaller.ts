/**
 * The bank that begins deposits in the sandbox 沙箱银行端: looks a holder up, debits the payer, tells the school, and writes the
 * list of the day; over the {@link Purses}.
 *
 * It does what a careful bank does: the payer's money is held until the school has answered, and given back where the
 * school refuses, or accepts the reversal. While neither is known, it stays with the bank, and is asked about again. It
 * signs in as soon as the school answers that it has to.
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { createHash } from "node:crypto"
import type { LineLost } from "../BankClient.ts"
import * as BlockCipher from "../BlockCipher.ts"
import * as BankTime from "../ccb/BankTime.ts"
import type { DepositRow } from "../ccb/DepositFile.ts"
import {
  type DepositAnswer,
  type DepositCode,
  DepositMessage,
  type DepositRequest,
  same
} from "../ccb/DepositMessages.ts"
import type { Link } from "../ccb/Layout.ts"
import * as LinkDialogue from "../ccb/LinkDialogue.ts"
import type { Rules } from "./Mischief.ts"
import type { Purses } from "./Purses.ts"
import { Spoiling } from "./Spoiling.ts"

/** The name under which rules of mischief mean this bank. Operations are the names of the messages: "Deposit". */
export const wire = "ccbApp"

type Message<Tag> = Extract<DepositMessage, { readonly _tag: Tag }>

/** One deposit as the bank has it. */
export interface Dealing {
  readonly serial: string
  readonly day: CivilTime.Day
  /** HHmmss. */
  readonly time: string
  readonly payer: string
  readonly studentNumber: string
  readonly amount: Money.Amount
  /** `asked`: nobody knows yet. `disputed`: the school will not give it back. */
  readonly state: "asked" | "credited" | "refused" | "reversed" | "disputed"
  /** What the school said last; nothing, where it never answered. */
  readonly code?: DepositCode
}

export interface Terms {
  readonly link: Link
  readonly key?: BlockCipher.Key
  readonly school: string
  /** Sends a message without its length, and waits for the answer to it. */
  readonly ask: (message: Uint8Array) => Effect.Effect<Uint8Array, LineLost>
  /** What it does wrong (`Abilities`), and how it waits so many milliseconds for that. */
  readonly mischief?: { readonly rules: Rules; readonly sleep: (milliseconds: number) => Effect.Effect<void> }
}

/** Who pays, for whom. */
export interface Paying {
  readonly payer: string
  readonly payerTail: string
  readonly payerName: Redacted.Redacted<string>
  readonly studentNumber: string
  readonly account: string
  readonly amount: Money.Amount
}

export class DepositCaller {
  readonly dealings = new Map<string, Dealing>()
  readonly #terms: Terms
  readonly #purses: Purses
  readonly #spoiling = new Spoiling()
  #serials = 0

  constructor(terms: Terms, purses: Purses) {
    this.#terms = terms
    this.#purses = purses
  }

  /** Who is it? Nothing, where the school gives no answer. */
  lookup(
    claim: Pick<Message<"Lookup">, "idNumber" | "name" | "studentNumber">,
    now: CivilTime.Instant
  ): Effect.Effect<Message<"LookupAnswer"> | undefined> {
    return this.#ask<"Lookup">({ _tag: "Lookup", ...this.#head(now), ...claim })
  }

  /**
   * Debits the payer and tells the school; what the school refuses, or does not answer, is given back or taken back.
   */
  deposit(paying: Paying, now: CivilTime.Instant): Effect.Effect<Dealing | undefined> {
    return Effect.gen({ self: this }, function*() {
      const { account, amount, payer, payerName, payerTail, studentNumber } = paying
      if (!this.#debited(payer, amount)) return undefined
      const head = this.#head(now)
      const { bankDate: day, bankSerial: serial, bankTime: time } = head
      const dealing: Dealing = { serial, day, time, payer, studentNumber, amount, state: "asked" }
      this.dealings.set(dealing.serial, dealing)
      const payerNameHash = createHash("sha256").update(Redacted.value(payerName)).digest("hex")
      const body = { studentNumber, account, amount, payerTail, payerNameHash, ownCard: true }
      const answer = yield* this.#ask<"Deposit">({ _tag: "Deposit", ...head, ...body })
      return yield* this.#ended(dealing, answer?.code, now)
    })
  }

  /** Takes a deposit back that nobody knows of; asked again and again until the school has answered. */
  reverse(serial: string, now: CivilTime.Instant): Effect.Effect<Dealing | undefined> {
    return Effect.gen({ self: this }, function*() {
      const dealing = this.dealings.get(serial)
      if (dealing === undefined || dealing.state === "refused" || dealing.state === "reversed") return dealing
      const original = { originalSerial: dealing.serial, originalDate: dealing.day, amount: dealing.amount }
      const answer = yield* this.#ask<"Reverse">({ _tag: "Reverse", ...this.#head(now), ...original })
      if (answer === undefined || answer.code === "outOfOrder") return dealing
      const { code } = answer
      return code === "accepted"
        ? this.#back(dealing, "reversed", code)
        : this.#keep({ ...dealing, state: "disputed", code })
    })
  }

  /** What became of it, as the school has it; nothing, where it gives no answer. */
  inquire(serial: string, now: CivilTime.Instant): Effect.Effect<Message<"InquiryAnswer"> | undefined> {
    return Effect.suspend(() => {
      const dealing = this.dealings.get(serial)
      if (dealing === undefined) return Effect.undefined
      const original = { originalSerial: dealing.serial, originalDate: dealing.day }
      return this.#ask<"Inquiry">({ _tag: "Inquiry", ...this.#head(now), ...original })
    })
  }

  /** The list of a day: what stands, and what was taken back. */
  list(day: CivilTime.Day): ReadonlyArray<DepositRow> {
    return [...this.dealings.values()].flatMap((dealing): ReadonlyArray<DepositRow> => {
      const { amount, serial: bankSerial, state, studentNumber, time: bankTime } = dealing
      if (dealing.day !== day || state === "asked" || state === "refused") return []
      return [{
        bankDate: day,
        bankTime,
        bankSerial,
        studentNumber,
        amount,
        state: state === "reversed" ? "reversed" : "credited"
      }]
    })
  }

  #debited(payer: string, amount: Money.Amount): boolean {
    return Result.isSuccess(this.#purses.move(`payer:${payer}`, `merchant:${this.#terms.school}`, amount))
  }

  #ended(dealing: Dealing, code: DepositCode | undefined, now: CivilTime.Instant) {
    if (code === "accepted") return Effect.succeed(this.#keep({ ...dealing, state: "credited", code }))
    return code === undefined || code === "outOfOrder"
      ? this.reverse(dealing.serial, now)
      : Effect.succeed(this.#back(dealing, "refused", code))
  }

  #keep(dealing: Dealing): Dealing {
    this.dealings.set(dealing.serial, dealing)
    return dealing
  }

  #back(dealing: Dealing, state: "refused" | "reversed", code: DepositCode): Dealing {
    this.#purses.move(`merchant:${this.#terms.school}`, `payer:${dealing.payer}`, dealing.amount)
    return this.#keep({ ...dealing, state, code })
  }

  #head(now: CivilTime.Instant) {
    const { date, time } = BankTime.of(now)
    return { bankSerial: this.#serial(), bankDate: date, bankTime: time, school: this.#terms.school }
  }

  #serial(): string {
    return `CCB${String(++this.#serials).padStart(9, "0")}`
  }

  /** Asks, and where the school wants a sign-in 签到 first, signs in and asks the same once more. */
  #ask<Tag extends DepositRequest["_tag"]>(
    message: Message<Tag> & { readonly _tag: Tag }
  ): Effect.Effect<Message<`${Tag}Answer`> | undefined> {
    return Effect.gen({ self: this }, function*() {
      const asked = message as DepositRequest
      let got = yield* this.#told(asked)
      if (got?.code === "outOfOrder") {
        const { bankDate, bankTime, school } = asked
        const bankSerial = this.#serial()
        const signedIn = yield* this.#told({ _tag: "SignIn", bankSerial, bankDate, bankTime, school })
        if (signedIn?.code === "accepted") got = yield* this.#told(asked)
      }
      return got as Message<`${Tag}Answer`> | undefined
    })
  }

  /** One message and its answer, if it is believed. */
  #told(asked: DepositRequest): Effect.Effect<DepositAnswer | undefined> {
    return Effect.gen({ self: this }, function*() {
      const { key, link, mischief } = this.#terms
      const does = mischief?.rules.take(wire, asked._tag, this.#spoiling.isFit)
      if (does?._tag === "Drop" && !does.after) return undefined
      if (does?._tag === "Delay") yield* mischief?.sleep(does.milliseconds) ?? Effect.void
      const isForged = does?._tag === "Forge" && does.how === "otherKey"
      const used = isForged && key !== undefined ? foreign(key) : key
      const whole = Result.getOrThrow(LinkDialogue.write(DepositMessage, link, asked, used))
      const bytes = this.#spoiling.spoil(whole, does)
      let got = yield* Effect.result(this.#terms.ask(bytes))
      for (let times = 1; does?._tag === "Duplicate" && times < does.times; times++) {
        got = yield* Effect.result(this.#terms.ask(bytes))
      }
      if (Result.isFailure(got) || does?._tag === "Drop") return undefined
      const read = LinkDialogue.readAnswer<DepositMessage, DepositRequest["_tag"]>(
        DepositMessage,
        link,
        asked,
        same,
        got.success,
        key
      )
      return Result.getOrUndefined(read)
    })
  }
}

const foreign = (key: BlockCipher.Key): BlockCipher.Key =>
  BlockCipher.key(key.algorithm, BlockCipher.bytes(key).map((byte) => byte ^ 0x5a))
