/**
 * Something is bought 消费, with a card or with a code (R1-R7), and undone at the same terminal 冲正 (D5).
 */
import { Effect, Schema } from "effect"
import * as Codes from "../flows/Codes.ts"
import * as Reversing from "../flows/Reversing.ts"
import * as Submit from "../flows/Submit.ts"
import type { Medium } from "../Medium.ts"
import * as Money from "../Money.ts"
import { Link } from "../Point.ts"
import { type ChipReading, type Write, writing, type Written, written } from "./Chips.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Answer } from "./Told.ts"

/**
 * A purchase by card or by code. `amount` in fen; `chip`: what the terminal has just read; `pin`: the card password, if
 * typed.
 */
export type Payment =
  & Input.Stated
  & { readonly amount: number; readonly link?: "up" | "down" | undefined; readonly pin?: string | undefined }
  & (
    | { readonly card: string; readonly chip?: ChipReading | undefined }
    | { readonly medium: Exclude<Medium, "physicalCard">; readonly subject: Input.Subject }
  )

/** What a camera saw at a point. */
export interface ScanInput extends Omit<Input.Stated, "attendance"> {
  readonly text: string
}

/** What a camera saw, and what is to be paid with it. */
export type ScanPayment = ScanInput & {
  readonly amount: number
  readonly link?: "up" | "down" | undefined
  readonly pin?: string | undefined
}

/**
 * A purchase that is undone at its terminal, on the same day and in the same meal, or whenever its card shows that it never paid. With the card on the reader its part
 * goes back to the chip; else, named by `subject`, to where the money waits for a tap. `purchase`: caller and id of the
 * payment, joined by a colon.
 */
export type Reversal =
  & Input.Stated
  & { readonly purchase: string }
  & (
    | {
      readonly card: string
      /** What the chip reads now; what it read before the purchase shows nothing of it. */
      readonly chip: ChipReading
      readonly write: Write
      /** The card has shown by its own proof that it never paid this, where its reading could not tell any more: on any day. */
      readonly unpaid?: true | undefined
      /** The terminal keeps every write that it begins, began none for this, and has not ended it as paid: its word, and no proof. */
      readonly unasked?: true | undefined
      readonly subject?: never
    }
    | { readonly subject: Input.Subject; readonly card?: never }
  )

/** What was answered, and what became of the chip's part. */
export interface Reversed extends Written {
  readonly reversed: Answer
}

/** The code of a payment service, and none of ours: whether it pays, that service says. */
export type Foreign = Codes.Foreign

const Scanned = Schema.Struct({ ...Input.unattended, text: Schema.String })
const Bought = Schema.Struct({ amount: Money.Amount, link: Link })

/** Buys something with a card or a code. */
export const pay = (host: Host, payment: Payment): Promise<Answer> =>
  host.run(() => {
    const { amount, link = "up" } = payment
    const secrets = Input.secrets(secretOf(payment))
    if ("card" in payment) {
      const { card, chip } = payment
      const body = { _tag: "PayByCard", card, amount, link, ...(chip === undefined ? {} : { chip }) } as const
      return Submit.submit(host.read(payment, { _tag: "Card", card }, body), secrets)
    }
    const { medium, subject } = payment
    return Submit.submit(host.read(payment, subject, { _tag: "PayByCode", medium, amount, link }), secrets)
  })

/** Pays with what a camera saw. */
export const payByScan = (host: Host, seen: ScanPayment): Promise<Answer | Foreign> =>
  host.run(() => {
    const { amount, link = "up" } = seen
    return Codes.pay(
      { ...scan(host, seen), ...Input.decode(Bought, { amount, link }) },
      Input.secrets(secretOf(seen))
    )
  })

/** Undoes a purchase at its terminal. */
export const reverse = (host: Host, reversal: Reversal): Promise<Reversed> =>
  host.run(() => {
    const body = { _tag: "ReversePurchase", purchase: reversal.purchase } as const
    if (reversal.card === undefined) {
      return Effect.map(Submit.submit(host.read(reversal, reversal.subject, body)), (reversed) => ({ reversed }))
    }
    const { card, chip, unasked, unpaid, write } = reversal
    const claimed = { ...(unpaid === undefined ? {} : { unpaid }), ...(unasked === undefined ? {} : { unasked }) }
    const statement = host.read(reversal, { _tag: "Card", card }, { ...body, chip, ...claimed })
    return Effect.map(Reversing.reverse(statement, writing(write)), ({ reversed, settled }) => ({
      reversed,
      ...written(settled)
    }))
  })

const secretOf = ({ pin }: { readonly pin?: string | undefined }): Input.SecretInput => pin === undefined ? {} : { pin }

/** What a camera saw. */
export const scan = (host: Host, { at, caller, id, point, retryOf, text }: ScanInput): Codes.Scan =>
  Input.decode(Scanned, {
    at: at ?? host.now,
    caller: caller ?? point,
    id,
    point,
    text,
    ...(retryOf === undefined ? {} : { retryOf })
  })
