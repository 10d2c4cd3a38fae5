/** Writes the counters of an account as their text 计数成文. */
import { CivilTime, type Posted, type RecentPurchase, type Tally } from "@yikatong/core"
import * as Checks from "./Checks.ts"
import {
  type Counters,
  hasAmount,
  hasCard,
  hasChip,
  hasPoint,
  hasPurchase,
  type Held,
  isConfirmed,
  isTap,
  isUndone,
  tapOf
} from "./Counters.ts"
import { type Check, Words } from "./Words.ts"

/**
 * Packs them, or tells that something is there which could not be read again. `held`: what the row holds, if its text is to be
 * kept as far as it says the same; it is of no use afterwards. Words that nothing says any more stay in such a text, so that
 * from time to time all has to be packed anew.
 */
export const pack = ({ posted, recent, tallies }: Counters, held?: Held): string | undefined => {
  const words = held?.words ?? new Words()
  const since = held?.since ?? tallies.cells[0]?.day ?? 0
  let isSound = true
  const whole = (value: number, isGood: (value: number) => boolean): number => {
    if (!isGood(value)) isSound = false
    return value
  }
  const instant = (value: number): number => whole(value, Checks.isInstant) - since * CivilTime.dayLength
  const text = (value: string, isGood: Check): string => {
    if (!isGood(value)) isSound = false
    return value
  }
  const word = (value: string, isGood: Check): number => {
    const place = words.placeOf(value, isGood)
    if (place === -1) isSound = false
    return place
  }
  const cell = ({ category, day, mealDay, medium, window }: Tally.Cell): string =>
    `${whole(day, Checks.isDay) - since},${word(window, Checks.isText)},${whole(mealDay, Checks.isDay) - since},` +
    `${word(category, Checks.isCategory)},${word(medium, Checks.isMedium)}`
  const tally = (one: Tally.Tally): string =>
    `${cell(one)},${whole(one.sum, Checks.isMoney)},${whole(one.count, Checks.isWhole)}\n`
  const purchase = (one: RecentPurchase.RecentPurchase): string => {
    const { amount, at, card, chip, confirmed, point, purchase, transfers, undoneAt } = one
    const has = (card === undefined ? 0 : hasCard) + (chip === undefined ? 0 : hasChip) +
      (undoneAt === undefined ? 0 : isUndone) + (confirmed === undefined ? 0 : isConfirmed)
    let line = `${has},${instant(at)},${word(point, Checks.isId)},${cell(one.cell)},${whole(amount, Checks.isAmount)},`
    if (card !== undefined) line += `${word(card, Checks.isId)},`
    if (chip !== undefined) {
      line += `${whole(chip.balance, Checks.isMoney)},${whole(chip.loadSequence, Checks.isSequence)},` +
        `${whole(chip.purchaseSequence, Checks.isSequence)},`
    }
    if (undoneAt !== undefined) line += `${instant(undoneAt)},`
    line += `${transfers.length},`
    for (const { amount, from, to } of transfers) {
      if (from === to) isSound = false
      line += `${word(from, Checks.isBook)},${word(to, Checks.isBook)},${whole(amount, Checks.isMoved)},`
    }
    return `${line}${text(purchase, Checks.isPurchaseId)}\n`
  }
  const record = ({ amount, at, point, purchase, record }: Posted.Posted): string => {
    const tap = tapIn(record)
    const has = (tap === undefined ? 0 : isTap) + (amount === undefined ? 0 : hasAmount) +
      (point === undefined ? 0 : hasPoint) + (purchase === undefined ? 0 : hasPurchase)
    let line = `${has},${instant(at)},`
    line += tap === undefined ? `${word(record, Checks.isText)},` : `${word(tap.card, Checks.isId)},${tap.count},`
    if (amount !== undefined) line += `${whole(amount, Checks.isAmount)},`
    if (point !== undefined) line += `${word(point, Checks.isId)},`
    return `${line}${purchase === undefined ? "" : text(purchase, Checks.isPurchaseId)}\n`
  }
  let first = 0
  /** The lines of all of these; those that the row holds are taken from there, in one piece where they follow each other. */
  const linesOf = <One>(
    all: ReadonlyArray<One>,
    before: ReadonlyArray<One> | undefined,
    write: (one: One) => string
  ): string => {
    if (held === undefined || before === undefined) return all.reduce((text, one) => text + write(one), "")
    let text = ""
    let from = 0
    let to = 0
    const taken = (): string => from === to ? "" : held.text.slice(held.ends[first + from], held.ends[first + to])
    for (const one of all) {
      const known = before.indexOf(one, to)
      if (known !== to) {
        text += taken()
        from = to = known === -1 ? to : known
      }
      if (known === -1) text += write(one)
      else to++
    }
    text += taken()
    first += before.length
    return text
  }
  const body = linesOf(tallies.cells, held?.tallies.cells, tally) + linesOf(recent, held?.recent, purchase) +
    linesOf(posted, held?.posted, record)
  const last = tallies.before === undefined ? 0 : whole(tallies.before, Checks.isDay)
  const head = `${since},${last},${tallies.cells.length},${recent.length},${posted.length}`
  return isSound ? `${words}\n${head}\n${body}` : undefined
}

/** The card and the count of a record that is named after them. */
const tapIn = (record: string): { readonly card: string; readonly count: number } | undefined => {
  const from = record.indexOf(":") + 1
  const to = record.lastIndexOf(":")
  const count = Number(record.slice(to + 1))
  const card = record.slice(from, to)
  return Checks.isSequence(count) && Checks.isId(card) && record === tapOf(card) + count ? { card, count } : undefined
}
