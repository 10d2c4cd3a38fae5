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
  let base = 0
  /** The lines of all of these, the last one first. Those that the row holds are taken from there, neighbours in one piece. */
  const linesOf = <One>(all: ReadonlyArray<One>, before: ReadonlyArray<One>, write: (one: One) => string): string => {
    let text = ""
    // Lines of the row, the first that is not taken yet and the next that may be.
    let from = base
    let to = base
    const end = base += before.length
    const taken = (): string => held === undefined || from === to ? "" : held.text.slice(held.ends[from], held.ends[to])
    for (let at = all.length - 1; at >= 0; at--) {
      const one = all[at] as One
      const known = to === end ? -1 : before.lastIndexOf(one, end - to - 1)
      const line = known === -1 ? to : end - known - 1
      if (known === -1 || line !== to) {
        text += taken()
        from = to = line
      }
      if (known === -1) text += write(one)
      else to++
    }
    return text + taken()
  }
  const { cells } = tallies
  const known = held?.tallies.cells ?? []
  // Sums of older days stand behind the records, which only grow. Where a record goes, all that follows is logged anyway.
  const latest = held === undefined || held.posted[0] !== posted[0]
    ? ofLastDay(cells)
    : Math.max(0, cells.length - known.length + held.latest)
  const body = linesOf(recent, held?.recent ?? [], purchase) +
    linesOf(last(latest, cells), last(held?.latest ?? 0, known), tally) +
    linesOf(posted, held?.posted ?? [], record) +
    linesOf(first(latest, cells), first(held?.latest ?? 0, known), tally)
  const before = tallies.before === undefined ? 0 : whole(tallies.before, Checks.isDay)
  const head = `${since},${before},${recent.length},${latest},${posted.length},${cells.length - latest}`
  return isSound ? `${head}\n${body}${words}\n` : undefined
}

const last = <One>(count: number, all: ReadonlyArray<One>): ReadonlyArray<One> => all.slice(all.length - count)
/** How many at the end are of one day. */
const ofLastDay = (cells: ReadonlyArray<Tally.Cell>): number => {
  let count = 0
  while (count < cells.length && cells.at(-1 - count)?.day === cells.at(-1)?.day) count++
  return count
}
/** Those before the last ones. */
const first = <One>(count: number, all: ReadonlyArray<One>): ReadonlyArray<One> => all.slice(0, all.length - count)

/** The card and the count of a record that is named after them. */
const tapIn = (record: string): { readonly card: string; readonly count: number } | undefined => {
  const from = record.indexOf(":") + 1
  const to = record.lastIndexOf(":")
  const count = Number(record.slice(to + 1))
  const card = record.slice(from, to)
  return Checks.isSequence(count) && Checks.isId(card) && record === tapOf(card) + count ? { card, count } : undefined
}
