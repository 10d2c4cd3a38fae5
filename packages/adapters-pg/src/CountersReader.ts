/** Reads the counters of an account from their text 计数解读, and believes nothing of it. */
import {
  CivilTime,
  type Id,
  type Ledger,
  type Medium,
  type Money,
  type Point,
  type Posted,
  type RecentPurchase,
  type Tally
} from "@yikatong/core"
import * as Checks from "./Checks.ts"
import {
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
import { comma, lineFeed, Scan } from "./Scan.ts"
import { type Check, Words } from "./Words.ts"

/** What is read field by field. */
type Growing<Type> = { -readonly [Field in keyof Type]: Type[Field] }

/** Unpacks them; throws where they are not what `pack` has written. */
export const unpack = (text: string): Held => {
  // Without its last line feed it was cut off.
  const numbers = text.lastIndexOf("\n", text.length - 2) + 1
  const words = text.endsWith("\n") ? Words.read(text.slice(numbers, -1)) : not("a text with an end")
  const scan = new Scan(text)
  const since = checked(scan.number(comma), Checks.isWhole)
  const before = scan.number(comma)
  const purchases = scan.number(comma)
  const latest = scan.number(comma)
  const records = scan.number(comma)
  const older = scan.number(lineFeed)
  const word = (isGood: Check): string => words.at(scan.number(comma), isGood)
  const fen = (isGood: (value: number) => boolean): Money.Amount => checked(scan.number(comma), isGood) as Money.Amount
  const day = (): CivilTime.Day => checked(scan.number(comma) + since, Checks.isDay) as CivilTime.Day
  const instant = (): CivilTime.Instant =>
    checked(scan.number(comma) + since * CivilTime.dayLength, Checks.isInstant) as CivilTime.Instant
  const cell = (): Tally.Cell => ({
    day: day(),
    window: word(Checks.isText),
    mealDay: day(),
    category: word(Checks.isCategory) as Point.Category,
    medium: word(Checks.isMedium) as Medium.Medium
  })
  const tally = (): Tally.Tally => ({
    day: day(),
    window: word(Checks.isText),
    mealDay: day(),
    category: word(Checks.isCategory) as Point.Category,
    medium: word(Checks.isMedium) as Medium.Medium,
    sum: fen(Checks.isMoney),
    count: checked(scan.number(lineFeed), Checks.isWhole)
  })
  const purchase = (): RecentPurchase.RecentPurchase => {
    const has = flags(scan.number(comma), hasCard + hasChip + isUndone + isConfirmed)
    const one: Growing<RecentPurchase.RecentPurchase> = {
      purchase: "" as Id.PurchaseId,
      at: instant(),
      point: word(Checks.isId) as Id.PointId,
      cell: cell(),
      amount: fen(Checks.isAmount),
      transfers: []
    }
    if (has & hasCard) one.card = word(Checks.isId) as Id.CardId
    if (has & hasChip) {
      one.chip = {
        balance: fen(Checks.isMoney),
        loadSequence: checked(scan.number(comma), Checks.isSequence),
        purchaseSequence: checked(scan.number(comma), Checks.isSequence)
      }
    }
    if (has & isUndone) one.undoneAt = instant()
    if (has & isConfirmed) one.confirmed = true
    one.transfers = listOf(scan.number(comma), () => {
      const from = word(Checks.isBook)
      const to = word(Checks.isBook)
      if (from === to) not("a transfer between two books")
      return { from: from as Ledger.Book, to: to as Ledger.Book, amount: fen(Checks.isMoved) }
    })
    one.purchase = name(scan.rest(), Checks.isPurchaseId) as Id.PurchaseId
    return one
  }
  // Nearly all are of one card.
  let card = ""
  let tap = ""
  const tapped = (by: string): string => {
    if (by !== card) {
      card = by
      tap = tapOf(by)
    }
    return tap
  }
  const record = (): Posted.Posted => {
    const has = flags(scan.number(comma), isTap + hasAmount + hasPoint + hasPurchase)
    const at = instant()
    const first = word(has & isTap ? Checks.isId : Checks.isText)
    const one: Growing<Posted.Posted> = {
      record: has & isTap ? tapped(first) + checked(scan.number(comma), Checks.isSequence) : first,
      at
    }
    if (has & hasAmount) one.amount = fen(Checks.isAmount)
    if (has & hasPoint) one.point = word(Checks.isId) as Id.PointId
    const rest = scan.rest()
    if (has & hasPurchase) one.purchase = name(rest, Checks.isPurchaseId) as Id.PurchaseId
    else if (rest !== "") not("a record without a purchase")
    return one
  }
  const ends = [scan.at]
  const lines = <One>(length: number, read: () => One): ReadonlyArray<One> =>
    listOf(length, () => {
      const one = read()
      ends.push(scan.at)
      return one
    }).reverse()
  const recent = lines(purchases, purchase)
  const newer = lines(latest, tally)
  const posted = lines(records, record)
  const tallies: Growing<Tally.Tallies> = { cells: [...lines(older, tally), ...newer] }
  if (before !== 0) tallies.before = checked(before, Checks.isDay) as CivilTime.Day
  return scan.at === numbers ? { tallies, recent, posted, text, words, since, latest, ends } : not("the end")
}

/** It names what was looked for, never the value. */
const not = (what: string): never => {
  throw new Error(`it is not ${what}`)
}
const checked = (value: number, isGood: (value: number) => boolean): number =>
  isGood(value) ? value : not("a number that may stand there")
const name = (value: string, isGood: Check): string => isGood(value) ? value : not("a text that may stand there")
const flags = (value: number, known: number): number =>
  (value & ~known) === 0 && value >= 0 && value <= known ? value : not("a line of ours")
/** What is read as often as was said; a number that is too large ends at the end of the text. */
const listOf = <One>(length: number, read: () => One): Array<One> => {
  const all: Array<One> = []
  while (all.length < length) all.push(read())
  return all
}
