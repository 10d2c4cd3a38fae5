/**
 * The reference model: one account as a careful clerk would keep it with paper and pencil, and the things that are not
 * in any book: the money really on each chip, and the slips in terminals that nobody has uploaded yet.
 *
 * It restates the requirements naively, by lists that are searched from end to end; it knows none of the core's rules.
 * Money in fen.
 */
import type { Answer } from "../../src/Answer.ts"
import type { Burned } from "../../src/BurnedCodes.ts"
import type * as Chip from "../../src/Chip.ts"
import type { Envelope } from "../../src/Command.ts"
import * as Money from "../../src/Money.ts"
import { dayAt, monthsAfter } from "./Dates.ts"
import type { Phone } from "./Phones.ts"
import { type School, schoolAt } from "./School.ts"

export interface Pockets {
  chip: number
  transit: number
  wallet: number
  subsidy: number
  frozen: number
  held: number
  receivable: number
}

/** A load that began: where, what was taken for it, what the chip said before, and whether it was really written. */
export interface Load {
  readonly id: string
  readonly point: string
  readonly own: number
  readonly subsidy: number
  readonly before: Chip.Reading
  written: boolean
}

/** One piece of plastic: its standing in the books, and its chip as it really is. */
export interface Plastic {
  readonly id: string
  standing: "issued" | "active" | "lost" | "replaced" | "cancelled" | "returned"
  activatedAt?: number
  /** Times during which it was reported lost: [from, until). */
  readonly lost: Array<{ readonly from: number; until?: number }>
  /** Its part of the frozen pocket: of the chip, and of a load nobody knows about. */
  frozen: number
  frozenLoad: number
  /** Spent after the loss at the school's cost, since it was reported lost. */
  borne: number
  /** Fen that its records took and the books no longer had, as far as nothing was put right since; how much of it became a debt. */
  short: number
  owed: number
  completedAt?: number
  claimedAt?: number
  load?: Load
  balance: number
  loads: number
  purchases: number
}

export interface Bought {
  readonly id: string
  readonly point: string
  readonly at: number
  readonly day: number
  readonly meal: string
  readonly category: "canteen" | "shop"
  readonly medium: string
  readonly amount: number
  readonly online: boolean
  readonly paid: ReadonlyArray<readonly [pocket: keyof Pockets, amount: number]>
  /** The card that was read for it, and what its chip said before. */
  readonly before?: { readonly card: string; readonly chip: Chip.Reading } | undefined
  /** The card was gone before it was debited: its chip has what the books took. */
  pulled?: boolean
  /** Its record has come as well. */
  recorded?: boolean
  /** It was undone then: a reading or a record may show that its chip never paid. */
  undoneAt?: number
  /** Fen of it that went back, by reversal or refunds. */
  returned: number
  /** It does not count: nothing of it is left, or it was never the holder's. */
  reversed: boolean
  /** The school bears it: it was never the holder's. */
  readonly borne: boolean
  /** Nothing of it is left, but that something was bought on its day is remembered. */
  dated?: boolean
}

/** A right to open a door. */
export interface Grant {
  readonly id: string
  readonly door: string
  card: string | undefined
  readonly from: number | undefined
  readonly until: number | undefined
}

/** What one batch granted, what is left of it, and its last day. */
export interface Lot {
  readonly batch: string | undefined
  readonly until: number | undefined
  readonly granted: number
  left: number
}

/** A purchase in the memory of a terminal that is cut off. */
export interface Slip {
  readonly card: Plastic
  readonly amount: number
  readonly at: number
  readonly point: string
  readonly before: number
  readonly after: number
  readonly sequence: number
  posted: boolean
}

export class Model {
  readonly account: string
  now: number
  opened = false
  readonly pockets: Pockets = { chip: 0, transit: 0, wallet: 0, subsidy: 0, frozen: 0, held: 0, receivable: 0 }
  readonly cards: Array<Plastic> = []
  readonly purchases: Array<Bought> = []
  readonly slips: Array<Slip> = []
  grants: Array<Grant> = []
  lots: Array<Lot> = []
  /** The holder's phones, how many pseudonyms they had, and the codes that they made. */
  readonly phones: Array<Phone> = []
  pseudonyms = 0
  readonly made: Array<Burned> = []
  /** The codes that were seen, and when. */
  readonly burnt: Array<Burned & { readonly at: number }> = []
  /** What a second copy of a posted record is known by. */
  readonly posted = new Map<string, { readonly amount: number; readonly at: number; readonly point: string }>()
  /** Which purchase told online has which number of which chip: the last one that asked for it. */
  readonly numbers = new Map<string, Bought>()
  /** The day of the last activation or extension. */
  validFrom: number | undefined
  wallet: "none" | "opened" | "bound" = "none"
  transferBound = false
  alipayBound = false
  /** Being closed since then, and paid out since. */
  closing: { readonly since: number; paidOutAt?: number } | undefined
  readonly password = { version: 1, mustChange: false }
  /** Wrong passwords in a row, where they were typed. */
  readonly wrong = new Map<string, { readonly times: number; readonly last: number }>()
  /** All that was sent and answered, for retries. */
  readonly history: Array<{ readonly envelope: Envelope; readonly answer: Answer }> = []

  constructor(account: string, now: number) {
    this.account = account
    this.now = now
  }

  get school(): School {
    return schoolAt(this.now)
  }

  get active(): Plastic | undefined {
    return this.cards.find(({ standing }) => standing === "active")
  }

  card(id: string): Plastic | undefined {
    return this.cards.find((card) => card.id === id)
  }

  /** The first day without validity under these rules; none before the first activation (A3, A4). */
  dormantFrom(school: School): number | undefined {
    if (this.validFrom === undefined) return undefined
    let last = this.validFrom
    for (const { dated, day, reversed } of this.purchases) if ((!reversed || dated === true) && day > last) last = day
    return monthsAfter(last, school.dormantAfterMonths)
  }

  /**
   * Nothing of a purchase is left: it does not count. What was bought is counted for a week, and then its last day alone is
   * remembered, which nobody can take back any more (D17).
   */
  undo(bought: Bought): void {
    bought.reversed = true
    if (bought.borne) return
    bought.dated = this.purchases.some(({ borne, day }) => !borne && day > bought.day + 7)
  }

  /** Whether the account is dormant on the day of an instant, under the rules of that time. */
  isDormant(at: number): boolean {
    const from = this.dormantFrom(schoolAt(at))
    return from !== undefined && dayAt(at) >= from
  }

  /** Fen counted in this meal: canteens, and every medium but Alipay (A7, D3). */
  eaten(day: number, meal: string): number {
    let sum = 0
    for (const one of this.purchases) {
      if (
        !one.reversed && one.category === "canteen" && one.medium !== "alipayCode" && one.day === day &&
        one.meal === meal
      ) {
        sum += one.amount - one.returned
      }
    }
    return sum
  }

  /** Fen counted on this day: everywhere, by everything (A7). */
  spent(day: number): number {
    let sum = 0
    for (const one of this.purchases) if (!one.reversed && one.day === day) sum += one.amount - one.returned
    return sum
  }

  /** Moves fen between two pockets, in from outside, or out. */
  move(from: keyof Pockets | "in", to: keyof Pockets | "out", amount: number): void {
    if (from !== "in") this.pockets[from] -= amount
    if (to !== "out") this.pockets[to] += amount
    if (from === "subsidy") this.#spendLots(amount)
    if (to === "subsidy") this.refillLots(amount)
  }

  /** One lot more; of two that end on one day the older comes first. */
  addLot(lot: Lot): void {
    if (lot.granted === 0) return
    this.lots.push(lot)
    this.lots.sort((one, other) => (one.until ?? Infinity) - (other.until ?? Infinity))
  }

  /** What was spent last comes back first; what no lot was short of does not end. */
  refillLots(amount: number): void {
    let rest = amount
    for (const lot of [...this.lots].reverse()) {
      const part = Math.min(lot.granted - lot.left, rest)
      lot.left += part
      rest -= part
    }
    this.addLot({ batch: undefined, until: undefined, granted: rest, left: rest })
  }

  /** What of the subsidy may be spent today, once so much of it has come back: what is over is not. */
  spendable(back = 0): number {
    const lots = this.lots.map((lot) => ({ ...lot }))
    let rest = back
    for (const lot of [...lots].reverse()) {
      const part = Math.min(lot.granted - lot.left, rest)
      lot.left += part
      rest -= part
    }
    const today = dayAt(this.now)
    return rest + lots.reduce((sum, { left, until = Infinity }) => until < today ? sum : sum + left, 0)
  }

  /** What ends first is spent first, and what is over only when all is taken; eight spent lots are remembered. */
  #spendLots(amount: number): void {
    let rest = amount
    const today = dayAt(this.now)
    const over = ({ until = Infinity }: Lot) => until < today
    for (const lot of [...this.lots.filter((lot) => !over(lot)), ...this.lots.filter(over)]) {
      const part = Math.min(lot.left, rest)
      lot.left -= part
      rest -= part
    }
    const old = this.lots.filter(({ left }) => left === 0).slice(0, -8)
    this.lots = this.lots.filter((lot) => !old.includes(lot))
  }

  /** Money that comes in, or comes back from being frozen, repays the debt first (D10). */
  receive(from: keyof Pockets | "in", to: keyof Pockets, amount: number): void {
    const debt = Math.min(this.pockets.receivable, amount)
    this.pockets.receivable -= debt
    this.move(from, "out", debt)
    this.move(from, to, amount - debt)
  }
}

/** What a reader reads from a chip now. */
export const read = ({ balance, loads, purchases }: Plastic): Chip.Reading => ({
  balance: Money.of(balance),
  loadSequence: loads,
  purchaseSequence: purchases
})

/** What of a card's own purchases stands in slips that are not posted: gone from the chip, still in the books. */
export const unsent = (model: Model, card: Plastic): number => {
  let sum = 0
  for (const slip of model.slips) if (slip.card === card && !slip.posted) sum += slip.amount
  return sum
}

/** What the books took, and this card's chip never paid. */
export const undebited = (model: Model, card: Plastic): number => {
  let sum = 0
  for (const { amount, before, pulled } of model.purchases) {
    if (pulled === true && before?.card === card.id) sum += amount
  }
  return sum
}
