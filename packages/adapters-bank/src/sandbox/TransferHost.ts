/**
 * The bank's side of the described transfer link in the sandbox 沙箱银校通前置: contracts, debits and their reversals,
 * over the {@link Purses}.
 *
 * It debits a serial number once, accepts the reversal of what it does not know and of what is reversed, and takes back
 * only what is of its day. Over which stream is the line's business.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as BlockCipher from "../BlockCipher.ts"
import type { Link } from "../ccb/Layout.ts"
import * as LinkDialogue from "../ccb/LinkDialogue.ts"
import type { TransferRow } from "../ccb/TransferFile.ts"
import {
  type TransferAnswer,
  type TransferCode,
  TransferMessage,
  type TransferRequest
} from "../ccb/TransferMessages.ts"
import * as Pan from "../Pan.ts"
import type { Rules } from "./Mischief.ts"
import type { Purses } from "./Purses.ts"
import { Spoiling } from "./Spoiling.ts"
import { TransferLists } from "./TransferLists.ts"

/** A card of the bank: whose purse it opens, and whose it is. */
export interface TransferCard {
  readonly payer: string
  readonly name: Redacted.Redacted<string>
  readonly idNumber: Redacted.Redacted<string>
}

interface Debit extends Omit<TransferRow, "state"> {
  readonly payer: string
  readonly state: "done" | "reversed" | "refused"
}

/** The name under which rules of mischief mean this host. Operations are the names of the messages: "Transfer". */
export const wire = "transferLink"

/** What goes back; nothing, where it is lost on the way. `delay`: milliseconds. */
export interface Said {
  readonly message: Uint8Array | undefined
  readonly delay: number
}

const otherKey = (key: BlockCipher.Key): BlockCipher.Key =>
  BlockCipher.key(key.algorithm, BlockCipher.bytes(key).map((byte) => byte ^ 0x5a))

export class TransferHost {
  readonly cards = new Map<string, TransferCard>()
  /** By the school's account: the card that it may draw from. */
  readonly contracts = new Map<string, string>()
  /** Its lists of the days, by the names of their files. */
  readonly lists: TransferLists
  readonly #debits = new Map<string, Debit>()
  readonly #link: Link
  readonly #key: BlockCipher.Key | undefined
  readonly #purses: Purses
  readonly #rules: Rules
  readonly #spoiling = new Spoiling()
  #serials = 0

  constructor(link: Link, key: BlockCipher.Key | undefined, purses: Purses, rules: Rules) {
    this.#link = link
    this.#key = key
    this.#purses = purses
    this.#rules = rules
    this.lists = new TransferLists((day) => this.#listed(day), rules)
  }

  /** How many debits stand. */
  get standing(): number {
    return [...this.#debits.values()].filter(({ state }) => state === "done").length
  }

  /** The answer to a message; what is not believed has none. */
  answer(message: Uint8Array, now: CivilTime.Instant): Said {
    const nothing: Said = { message: undefined, delay: 0 }
    const read = LinkDialogue.read(TransferMessage, this.#link, message, this.#key)
    if (Result.isFailure(read) || !isRequest(read.success)) return nothing
    const asked = read.success
    const mischief = this.#rules.take(wire, asked._tag, this.#spoiling.isFit)
    if (mischief?._tag === "Drop" && !mischief.after) return nothing
    const { campusSerial, channel, date, organisation, time } = asked
    const bankSerial = `B${String(++this.#serials).padStart(12, "0")}`
    const code = this.#done(asked, bankSerial, now)
    const head = { _tag: `${asked._tag}Answer`, date, time, campusSerial, channel, organisation, code, bankSerial }
    const isList = asked._tag === "Download" && code === "accepted" && asked.day < CivilTime.dayOf(now)
    const answer = isList ? { ...head, ...this.lists.write(organisation, asked.day) } : head
    const isForged = mischief?._tag === "Forge" && mischief.how === "otherKey" && this.#key !== undefined
    const key = isForged && this.#key !== undefined ? otherKey(this.#key) : this.#key
    const written = LinkDialogue.write(TransferMessage, this.#link, answer as TransferAnswer, key)
    if (Result.isFailure(written) || mischief?._tag === "Drop") return nothing
    return {
      message: this.#spoiling.spoil(written.success, mischief),
      delay: mischief?._tag === "Delay" ? mischief.milliseconds : 0
    }
  }

  /** What stands and what was reversed of a day. */
  #listed(day: CivilTime.Day): ReadonlyArray<TransferRow> {
    return [...this.#debits.values()].flatMap(({ payer, state, ...row }) =>
      row.date !== day || payer === "" || state === "refused"
        ? []
        : [{ ...row, state: state === "done" ? "credited" as const : "reversed" as const }]
    )
  }

  #done(asked: TransferRequest, bankSerial: string, now: CivilTime.Instant): TransferCode {
    switch (asked._tag) {
      case "SignIn":
      case "SignOut":
      // A list of a day that is not over has no file yet.
      case "Download":
        return "accepted"
      case "Contract": {
        const code = this.#refusedHolder(asked)
        if (code !== undefined) return code
        if (this.contracts.has(asked.account)) return "contractExists"
        this.contracts.set(asked.account, Pan.digits(asked.bankCard))
        return "accepted"
      }
      case "Terminate":
        if (this.contracts.get(asked.account) !== Pan.digits(asked.bankCard)) return "noContract"
        this.contracts.delete(asked.account)
        return "accepted"
      case "Transfer":
        return this.#debit(asked, bankSerial)
      case "Reversal":
        return this.#reverse(asked, now)
    }
  }

  #refusedHolder(
    asked: Extract<TransferRequest, { readonly _tag: "Contract" | "Transfer" }>
  ): TransferCode | undefined {
    const card = this.cards.get(Pan.digits(asked.bankCard))
    if (card === undefined) return "cardRefused"
    const isSame = Redacted.value(card.name) === Redacted.value(asked.name) &&
      Redacted.value(card.idNumber) === Redacted.value(asked.idNumber)
    return isSame ? undefined : "nameMismatch"
  }

  #debit(asked: Extract<TransferRequest, { readonly _tag: "Transfer" }>, bankSerial: string): TransferCode {
    const { amount, campusSerial, date, time } = asked
    const name = nameOf(asked.date, asked.campusSerial)
    if (this.#debits.has(name)) return "duplicate"
    const digits = Pan.digits(asked.bankCard)
    const payer = this.cards.get(digits)?.payer ?? ""
    const refused = this.contracts.get(asked.account) === digits ? this.#refusedHolder(asked) : "noContract"
    const isMoved = refused === undefined &&
      Result.isSuccess(this.#purses.move(`payer:${payer}`, `merchant:${asked.organisation}`, asked.amount))
    const state = isMoved ? "done" : "refused"
    this.#debits.set(name, { payer, date, time, campusSerial, bankSerial, amount, state })
    return refused ?? (isMoved ? "accepted" : "notEnoughMoney")
  }

  #reverse(asked: Extract<TransferRequest, { readonly _tag: "Reversal" }>, now: CivilTime.Instant): TransferCode {
    const name = nameOf(asked.originalDate, asked.originalSerial)
    const debit = this.#debits.get(name)
    if (debit === undefined) {
      // Should it come late, it is not done any more.
      const { originalAmount: amount, originalDate: date, originalSerial: campusSerial, time } = asked
      this.#debits.set(name, { payer: "", date, time, campusSerial, amount, state: "reversed" })
      return "accepted"
    }
    if (debit.state !== "done") return "accepted"
    if (debit.amount !== asked.originalAmount) return "malformed"
    if (asked.originalDate !== CivilTime.dayOf(now)) return "tooLate"
    this.#purses.move(`merchant:${asked.organisation}`, `payer:${debit.payer}`, Money.amount(debit.amount))
    this.#debits.set(name, { ...debit, state: "reversed" })
    return "accepted"
  }
}

const isRequest = (message: TransferMessage): message is TransferRequest => !message._tag.endsWith("Answer")

const nameOf = (day: CivilTime.Day, serial: string): string => `${day}/${serial}`
