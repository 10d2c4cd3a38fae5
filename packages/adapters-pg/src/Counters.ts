/**
 * The part of an account's state that each payment changes 计数, packed: the sums of seven days, the purchases of today, and
 * the records that are known. It is one text of JSON without names of fields, in which each word stands once; packed it
 * takes a quarter of the bytes, and of the time to write and read them.
 *
 * What goes in and what comes back is looked at value by value, as its schema would, but in a fiftieth of the time: it is
 * written and read at every payment.
 */
import {
  type AccountState,
  type Chip,
  type CivilTime,
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

type Check = (value: string) => boolean

/** What is packed. */
export type Counters = Pick<AccountState.AccountState, "tallies" | "recent" | "posted">

/** Compiles as long as every field of what is packed is named here: a new one must not be lost silently. */
type Named<Type, Fields extends keyof Type> = [Exclude<keyof Type, Fields>] extends [never] ? true : never
const named: {
  readonly tally: Named<Tally.Tally, keyof Tally.Cell | "sum" | "count">
  readonly cell: Named<Tally.Cell, "day" | "window" | "mealDay" | "category" | "medium">
  readonly tallies: Named<Tally.Tallies, "cells" | "before">
  readonly recent: Named<
    RecentPurchase.RecentPurchase,
    | "purchase"
    | "at"
    | "point"
    | "card"
    | "chip"
    | "cell"
    | "amount"
    | "transfers"
    | "undoneAt"
    | "confirmed"
  >
  readonly chip: Named<Chip.Reading, "balance" | "loadSequence" | "purchaseSequence">
  readonly transfer: Named<Ledger.Transfer, "from" | "to" | "amount">
  readonly posted: Named<Posted.Posted, "record" | "at" | "amount" | "point" | "purchase">
} = { tally: true, cell: true, tallies: true, recent: true, chip: true, transfer: true, posted: true }
void named

/**
 * Packs them, or tells that something is there which could not be read again. The text is put together by hand: arrays that
 * live for one call would cost more than the rest of it.
 */
export const pack = ({ posted, recent, tallies }: Counters): string | undefined => {
  const places = new Map<string, number>()
  const looked: Array<Check> = []
  let words = ""
  let isSound = true
  const whole = (value: number, isGood: (value: number) => boolean): number => {
    if (!isGood(value)) isSound = false
    return value
  }
  const text = (value: string, isGood: Check): string => {
    if (!isGood(value)) isSound = false
    return JSON.stringify(value)
  }
  const word = (value: string, isGood: Check): number => {
    const known = places.get(value)
    if (known !== undefined && looked[known] === isGood) return known
    if (!isGood(value)) isSound = false
    const place = known ?? places.size
    looked[place] = isGood
    if (known !== undefined) return known
    places.set(value, place)
    words += (place === 0 ? "" : ",") + JSON.stringify(value)
    return place
  }
  const id = (value: string | undefined): number => value === undefined ? -1 : word(value, Checks.isId)
  const cell = ({ category, day, mealDay, medium, window }: Tally.Cell): string =>
    `${whole(day, Checks.isDay)},${word(window, Checks.isText)},${whole(mealDay, Checks.isDay)},` +
    `${word(category, Checks.isCategory)},${word(medium, Checks.isMedium)}`
  let cells = ""
  for (const tally of tallies.cells) {
    cells += `${cells === "" ? "" : ","}[${cell(tally)},${whole(tally.sum, Checks.isMoney)},` +
      `${whole(tally.count, Checks.isWhole)}]`
  }
  let purchases = ""
  for (const one of recent) {
    const { amount, at, card, chip, confirmed, point, purchase, transfers, undoneAt } = one
    let moves = ""
    for (const { amount, from, to } of transfers) {
      if (from === to) isSound = false
      moves += `${moves === "" ? "" : ","}[${word(from, Checks.isBook)},${word(to, Checks.isBook)},` +
        `${whole(amount, Checks.isMoved)}]`
    }
    const read = chip === undefined
      ? "0"
      : `[${whole(chip.balance, Checks.isMoney)},${whole(chip.loadSequence, Checks.isSequence)},` +
        `${whole(chip.purchaseSequence, Checks.isSequence)}]`
    purchases +=
      `${purchases === "" ? "" : ","}[${text(purchase, Checks.isPurchaseId)},${whole(at, Checks.isInstant)},` +
      `${word(point, Checks.isId)},${id(card)},${read},[${cell(one.cell)}],${
        whole(amount, Checks.isAmount)
      },[${moves}],` +
      `${undoneAt === undefined ? 0 : whole(undoneAt, Checks.isInstant)},${confirmed === undefined ? 0 : 1}]`
  }
  const isCard: Check = (card) => looked[places.get(card) ?? -1] === Checks.isId || Checks.isId(card)
  let records = ""
  let last = 0
  for (const { amount, at, point, purchase, record } of posted) {
    const tap = tapOf(record, isCard)
    const key = purchase === undefined ? undefined : keyOf(purchase)
    records += `${records === "" ? "" : ","}[` +
      `${tap === undefined ? `${text(record, Checks.isText)},0` : `${word(tap.card, Checks.isId)},${tap.count}`},` +
      `${whole(at, Checks.isInstant) - last},${amount === undefined ? 0 : whole(amount, Checks.isAmount)},${
        id(point)
      },` +
      `${key === undefined ? "-1,0" : `${word(key.caller, Checks.isCaller)},${text(key.id, Checks.isCommandId)}`}]`
    last = at
  }
  const before = tallies.before === undefined ? 0 : whole(tallies.before, Checks.isDay)
  return isSound ? `[[${words}],${before},[${cells}],[${purchases}],[${records}]]` : undefined
}

/** The record of a tap is named after its card and what the chip has counted, both of which say themselves shorter. */
const tapOf = (record: string, isCard: Check): { readonly card: string; readonly count: number } | undefined => {
  const colon = record.lastIndexOf(":")
  const count = Number(record.slice(colon + 1))
  const card = record.slice(tapPrefix.length, colon)
  return record.startsWith(tapPrefix) && Checks.isSequence(count) && isCard(card) && record === nameOf(card, count)
    ? { card, count }
    : undefined
}
const tapPrefix = "card:"
const nameOf = (card: string, count: number): string => `${tapPrefix}${card}:${count}`

/** A purchase is named after the key of its command; a caller has no colon but for that of our own flows. */
const keyOf = (purchase: string): { readonly caller: string; readonly id: string } => {
  const colon = purchase.indexOf(":", purchase.startsWith("yikatong:") ? "yikatong:".length : 0)
  return { caller: purchase.slice(0, Math.max(0, colon)), id: purchase.slice(colon + 1) }
}

/** Unpacks them; throws where they are not what `pack` has written. */
export const unpack = (text: string): Counters => {
  const [words, before, cells, purchases, records] = tuple(JSON.parse(text), 5)
  const dictionary = list(words)
  const looked: Array<Check> = []
  const word = (place: unknown, isGood: Check): string => {
    const at = whole(place, Checks.isWhole)
    const value = dictionary[at]
    if (looked[at] === isGood) return value as string
    looked[at] = isGood
    return string(value, isGood)
  }
  const cell = (day: unknown, window: unknown, mealDay: unknown, category: unknown, medium: unknown): Tally.Cell => ({
    day: whole(day, Checks.isDay) as CivilTime.Day,
    window: word(window, Checks.isText),
    mealDay: whole(mealDay, Checks.isDay) as CivilTime.Day,
    category: word(category, Checks.isCategory) as Point.Category,
    medium: word(medium, Checks.isMedium) as Medium.Medium
  })
  const purchase = (packed: unknown): RecentPurchase.RecentPurchase => {
    const [purchase, at, point, card, chip, where, amount, transfers, undoneAt, confirmed] = tuple(packed, 10)
    const [day, window, mealDay, category, medium] = tuple(where, 5)
    return {
      purchase: string(purchase, Checks.isPurchaseId) as Id.PurchaseId,
      at: whole(at, Checks.isInstant) as CivilTime.Instant,
      point: word(point, Checks.isId) as Id.PointId,
      ...(card === -1 ? {} : { card: word(card, Checks.isId) as Id.CardId }),
      ...(chip === 0 ? {} : { chip: reading(chip) }),
      cell: cell(day, window, mealDay, category, medium),
      amount: whole(amount, Checks.isAmount) as Money.Amount,
      transfers: list(transfers).map((transfer) => {
        const [from, to, amount] = tuple(transfer, 3)
        if (word(from, Checks.isBook) === word(to, Checks.isBook)) not("a transfer between two books")
        return {
          from: word(from, Checks.isBook) as Ledger.Book,
          to: word(to, Checks.isBook) as Ledger.Book,
          amount: whole(amount, Checks.isMoved) as Money.Money
        }
      }),
      ...(undoneAt === 0 ? {} : { undoneAt: whole(undoneAt, Checks.isInstant) as CivilTime.Instant }),
      ...(flag(confirmed) ? { confirmed: true as const } : {})
    }
  }
  let last = 0
  const record = (packed: unknown): Posted.Posted => {
    const [name, count, later, amount, point, caller, id] = tuple(packed, 7)
    const at = last = whole(whole(later, Checks.isWhole) + last, Checks.isInstant)
    return {
      record: typeof name === "string" ? name : nameOf(word(name, Checks.isId), whole(count, Checks.isSequence)),
      at: at as CivilTime.Instant,
      ...(amount === 0 ? {} : { amount: whole(amount, Checks.isAmount) as Money.Amount }),
      ...(point === -1 ? {} : { point: word(point, Checks.isId) as Id.PointId }),
      ...(caller === -1 ? {} : {
        purchase: `${word(caller, Checks.isCaller)}:${string(id, Checks.isCommandId)}` as Id.PurchaseId
      })
    }
  }
  return {
    tallies: {
      cells: list(cells).map((packed) => {
        const [day, window, mealDay, category, medium, sum, count] = tuple(packed, 7)
        return {
          ...cell(day, window, mealDay, category, medium),
          sum: whole(sum, Checks.isMoney) as Money.Money,
          count: whole(count, Checks.isWhole)
        }
      }),
      ...(before === 0 ? {} : { before: whole(before, Checks.isDay) as CivilTime.Day })
    },
    recent: list(purchases).map(purchase),
    posted: list(records).map(record)
  }
}

const reading = (packed: unknown): Chip.Reading => {
  const [balance, loadSequence, purchaseSequence] = tuple(packed, 3)
  return {
    balance: whole(balance, Checks.isMoney) as Money.Money,
    loadSequence: whole(loadSequence, Checks.isSequence),
    purchaseSequence: whole(purchaseSequence, Checks.isSequence)
  }
}

/** It names what was looked for, never the value. */
const not = (what: string): never => {
  throw new Error(`it is not ${what}`)
}
const list = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : not("a list")
const tuple = (value: unknown, length: number): ReadonlyArray<unknown> =>
  Array.isArray(value) && value.length === length ? value : not(`a list of ${length}`)
const whole = (value: unknown, isGood: (value: number) => boolean): number =>
  typeof value === "number" && isGood(value) ? value : not("a number that may stand there")
const string = (value: unknown, isGood: Check): string =>
  typeof value === "string" && isGood(value) ? value : not("a text that may stand there")
const flag = (value: unknown): boolean => value === 1 || (value !== 0 && not("0 or 1"))
