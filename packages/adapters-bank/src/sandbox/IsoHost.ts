/**
 * The bank's host of ISO 8583 in the sandbox 沙箱 8583 前置: gives out working keys, looks at MAC and PIN, debits
 * cards, and takes debits back; the money is in the {@link Purses}.
 *
 * It does what a host does, not what a school hopes for: a number that comes twice is told so and debited once, a
 * reversal of what never came is answered with 25, and the debit refused should it come after all. Over which stream is
 * the line's business.
 */
import { type CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as BlockCipher from "../BlockCipher.ts"
import type * as BlockMac from "../BlockMac.ts"
import * as IsoAnswer from "../iso8583/IsoAnswer.ts"
import * as IsoFrame from "../iso8583/IsoFrame.ts"
import * as IsoMac from "../iso8583/IsoMac.ts"
import * as IsoMessage from "../iso8583/IsoMessage.ts"
import type { IsoProfile } from "../iso8583/IsoProfile.ts"
import * as IsoRequest from "../iso8583/IsoRequest.ts"
import type * as IsoTransfer from "../iso8583/IsoTransfer.ts"
import * as PinBlock from "../iso8583/PinBlock.ts"
import * as WorkingKeys from "../iso8583/WorkingKeys.ts"
import * as Pan from "../Pan.ts"
import type { Mischief, Rules } from "./Mischief.ts"
import type { Purses } from "./Purses.ts"
import { Spoiling } from "./Spoiling.ts"

/** A card of the bank: whose purse it opens, and its PIN. */
export interface BankCard {
  readonly payer: string
  readonly pin: Redacted.Redacted<string>
}

export interface Terms {
  readonly profile: IsoProfile
  readonly framing: IsoFrame.Framing
  readonly master: BlockCipher.Key
  readonly keys: WorkingKeys.Layout
  readonly mac: BlockMac.Method
  /** So many bytes that nobody can foresee, or, for one seed, the same each time. */
  readonly random: (size: number) => Uint8Array
}

/** What goes back; nothing, where it is lost on the way. `delay`: milliseconds. */
export interface Said {
  readonly frame: Uint8Array | undefined
  readonly delay: number
}

interface Debit {
  readonly pan: string
  readonly amount: number
  readonly state: "done" | "reversed" | "refused"
}

/** The name under which rules of mischief mean this host, and its operations. */
export const wire = "iso8583"
const operations = { SignIn: "signIn", SignOut: "signOut", Transfer: "debit", Reversal: "reverse" } as const

const lengthSize = 2

export class IsoHost {
  readonly cards = new Map<string, BankCard>()
  readonly #keys = new Map<string, WorkingKeys.WorkingKeys>()
  readonly #debits = new Map<string, Debit>()
  readonly #purses: Purses
  readonly #rules: Rules
  readonly #terms: Terms
  readonly #spoiling = new Spoiling()
  #references = 0

  constructor(terms: Terms, purses: Purses, rules: Rules) {
    this.#terms = terms
    this.#purses = purses
    this.#rules = rules
  }

  /** The keys of all terminals change, and none is told 密钥更换. */
  rotate(): void {
    for (const terminal of this.#keys.keys()) this.#keys.set(terminal, this.#newKeys())
  }

  /** How often a card was really debited and not given back. */
  standing(pan: Pan.Pan): number {
    const digits = Pan.digits(pan)
    return [...this.#debits.values()].filter((debit) => debit.pan === digits && debit.state === "done").length
  }

  /** The answer to a frame that came without its length; what is no message at all has none. */
  answer(frame: Uint8Array, now: CivilTime.Instant): Said {
    const { framing, profile } = this.#terms
    const read = Result.gen(function*() {
      const { message, tpdu } = yield* IsoFrame.read(framing, frame)
      return { message, tpdu, plain: yield* IsoMessage.unpack(message, profile) }
    })
    if (Result.isFailure(read)) return { frame: undefined, delay: 0 }
    const { message, plain, tpdu } = read.success
    const asked = IsoRequest.read(plain)
    const mischief = Result.isSuccess(asked)
      ? this.#rules.take(wire, operations[asked.success._tag], this.#spoiling.isFit)
      : undefined
    if (mischief?._tag === "Drop" && !mischief.after) return { frame: undefined, delay: 0 }
    const answer = Result.isFailure(asked)
      ? this.#told("30", now)
      : this.#isSealed(asked.success, message)
      ? this.#done(asked.success, now)
      : this.#told("A0", now)
    const written = this.#written(plain, answer, mischief)
    if (written === undefined || mischief?._tag === "Drop") return { frame: undefined, delay: 0 }
    const whole = IsoFrame.write(framing, written, IsoFrame.returned(tpdu)).subarray(lengthSize)
    return {
      frame: this.#spoiling.spoil(whole, mischief),
      delay: mischief?._tag === "Delay" ? mischief.milliseconds : 0
    }
  }

  #told(code: string, at: CivilTime.Instant, keys?: string): IsoAnswer.Answer {
    const reference = String(++this.#references).padStart(12, "0")
    return { code, at, reference, ...(keys === undefined ? {} : { keys }) }
  }

  #newKeys(): WorkingKeys.WorkingKeys {
    const { keys, random } = this.#terms
    const key = (size: number) => BlockCipher.key(keys.algorithm, random(size))
    return { pik: key(keys.pik), mak: key(keys.mak) }
  }

  /** Sign-in and sign-out bear no MAC. */
  #isSealed(asked: IsoTransfer.Request, message: Uint8Array): boolean {
    if (asked._tag === "SignIn" || asked._tag === "SignOut") return true
    const keys = this.#keys.get(asked.terminal)
    return keys !== undefined &&
      Result.isSuccess(IsoMac.open(message, this.#terms.profile, { method: this.#terms.mac, key: keys.mak }))
  }

  #done(asked: IsoTransfer.Request, now: CivilTime.Instant): IsoAnswer.Answer {
    switch (asked._tag) {
      case "SignIn": {
        const keys = this.#newKeys()
        this.#keys.set(asked.terminal, keys)
        return this.#told("00", now, WorkingKeys.make(keys, this.#terms.master, this.#terms.keys))
      }
      case "SignOut":
        this.#keys.delete(asked.terminal)
        return this.#told("00", now)
      case "Transfer":
        return this.#told(this.#debit(asked), now)
      case "Reversal":
        return this.#told(this.#reverse(asked), now)
    }
  }

  #debit(asked: IsoTransfer.Transfer): string {
    const name = nameOf(asked)
    if (this.#debits.has(name)) return "94"
    const card = this.cards.get(Pan.digits(asked.pan))
    const code = card === undefined
      ? "14"
      : !this.#isPin(asked, card)
      ? "55"
      : Result.isFailure(this.#purses.move(`payer:${card.payer}`, `merchant:${asked.merchant}`, asked.amount))
      ? "51"
      : "00"
    this.#keep(name, asked, code === "00" ? "done" : "refused")
    return code
  }

  #isPin({ pan, pin, terminal }: IsoTransfer.Transfer, card: BankCard): boolean {
    if (pin === undefined) return true
    const keys = this.#keys.get(terminal)
    if (keys === undefined) return false
    const opened = PinBlock.open(Redacted.value(pin.block), pan, keys.pik)
    return Result.isSuccess(opened) && Redacted.value(opened.success) === Redacted.value(card.pin)
  }

  #reverse(asked: IsoTransfer.Reversal): string {
    const name = nameOf(asked)
    const debit = this.#debits.get(name)
    if (debit === undefined) {
      // Should it come late, it is not done any more.
      this.#keep(name, asked, "reversed")
      return "25"
    }
    if (debit.pan !== Pan.digits(asked.pan) || debit.amount !== asked.amount) return "12"
    if (debit.state === "refused") return "25"
    const card = this.cards.get(debit.pan)
    if (debit.state === "done" && card !== undefined) {
      this.#purses.move(`merchant:${asked.merchant}`, `payer:${card.payer}`, Money.amount(debit.amount))
      this.#keep(name, asked, "reversed")
    }
    return "00"
  }

  #keep(name: string, { amount, pan }: Pick<IsoTransfer.Transfer, "amount" | "pan">, state: Debit["state"]): void {
    this.#debits.set(name, { pan: Pan.digits(pan), amount, state })
  }

  #written(
    request: IsoMessage.IsoMessage,
    answer: IsoAnswer.Answer,
    mischief: Mischief | undefined
  ): Uint8Array | undefined {
    const { mac, profile, random } = this.#terms
    const message = IsoAnswer.write(request, answer)
    const keys = this.#keys.get(IsoMessage.get(request, 41) ?? "")
    const isPlain = request.type === "0800" || request.type === "0820" || keys === undefined
    if (isPlain) return Result.getOrUndefined(IsoMessage.pack(message, profile))
    const isForged = mischief?._tag === "Forge" && mischief.how === "otherKey"
    const key = isForged ? BlockCipher.key(keys.mak.algorithm, random(BlockCipher.length(keys.mak))) : keys.mak
    return Result.getOrUndefined(IsoMac.seal(message, profile, { method: mac, key }))
  }
}

const nameOf = ({ batch, number, terminal }: IsoTransfer.Sender): string => JSON.stringify([terminal, batch, number])
