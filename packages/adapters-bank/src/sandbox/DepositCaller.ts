/**
 * The bank that begins deposits in the sandbox 沙箱银行端: looks a holder up, debits the payer, and tells the school;
 * over the {@link Purses}.
 *
 * It does what a careful bank does: the payer's money is held until the school has answered, and given back where the
 * school refuses, or accepts the reversal. While neither is known, it stays with the bank, and is asked about again.
 */
import type { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { createHash } from "node:crypto"
import type { LineLost } from "../BankClient.ts"
import type * as BlockCipher from "../BlockCipher.ts"
import * as BankTime from "../ccb/BankTime.ts"
import { type DepositCode, DepositMessage, type DepositRequest, same } from "../ccb/DepositMessages.ts"
import type { Link } from "../ccb/Layout.ts"
import * as LinkDialogue from "../ccb/LinkDialogue.ts"
import type { Purses } from "./Purses.ts"

type Message<Tag> = Extract<DepositMessage, { readonly _tag: Tag }>

/** One deposit as the bank has it. */
export interface Dealing {
  readonly serial: string
  readonly day: CivilTime.Day
  readonly payer: string
  readonly amount: Money.Amount
  /** `asked`: nobody knows yet. `disputed`: the school will not give it back. */
  readonly state: "asked" | "credited" | "refused" | "reversed" | "disputed"
}

export interface Terms {
  readonly link: Link
  readonly key?: BlockCipher.Key
  readonly school: string
  /** Sends a message without its length, and waits for the answer to it. */
  readonly ask: (message: Uint8Array) => Effect.Effect<Uint8Array, LineLost>
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
      const dealing: Dealing = { serial: head.bankSerial, day: head.bankDate, payer, amount, state: "asked" }
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
      return answer.code === "accepted" ? this.#back(dealing, "reversed") : this.#keep(dealing, "disputed")
    })
  }

  #debited(payer: string, amount: Money.Amount): boolean {
    return Result.isSuccess(this.#purses.move(`payer:${payer}`, `merchant:${this.#terms.school}`, amount))
  }

  #ended(dealing: Dealing, code: DepositCode | undefined, now: CivilTime.Instant) {
    if (code === "accepted") return Effect.succeed(this.#keep(dealing, "credited"))
    return code === undefined || code === "outOfOrder"
      ? this.reverse(dealing.serial, now)
      : Effect.succeed(this.#back(dealing, "refused"))
  }

  #keep(dealing: Dealing, state: Dealing["state"]): Dealing {
    const after = { ...dealing, state }
    this.dealings.set(dealing.serial, after)
    return after
  }

  #back(dealing: Dealing, state: "refused" | "reversed"): Dealing {
    this.#purses.move(`merchant:${this.#terms.school}`, `payer:${dealing.payer}`, dealing.amount)
    return this.#keep(dealing, state)
  }

  #head(now: CivilTime.Instant) {
    const { date, time } = BankTime.of(now)
    const bankSerial = `CCB${String(++this.#serials).padStart(9, "0")}`
    return { bankSerial, bankDate: date, bankTime: time, school: this.#terms.school }
  }

  #ask<Tag extends DepositRequest["_tag"]>(
    message: Message<Tag> & { readonly _tag: Tag }
  ): Effect.Effect<Message<`${Tag}Answer`> | undefined> {
    const { ask, key, link } = this.#terms
    const asked = message as DepositRequest
    const bytes = Result.getOrThrow(LinkDialogue.write(DepositMessage, link, asked as DepositMessage, key))
    return Effect.map(Effect.result(ask(bytes)), (got) => {
      const read = Result.flatMap(
        Result.mapError(got, () => undefined),
        (answer) =>
          Result.mapError(
            LinkDialogue.readAnswer<DepositMessage, DepositRequest["_tag"]>(
              DepositMessage,
              link,
              asked,
              same,
              answer,
              key
            ),
            () => undefined
          )
      )
      return Result.isSuccess(read) ? read.success as Message<`${Tag}Answer`> : undefined
    })
  }
}
