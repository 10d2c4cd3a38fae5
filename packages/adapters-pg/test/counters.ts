// Random counters, as a state may have them; most of them of few words, as those of a person are.
import {
  type Chip,
  CivilTime,
  Id,
  Ledger,
  Medium,
  Money,
  Point,
  type Posted,
  type RecentPurchase,
  type Tally
} from "@yikatong/core"
import * as fc from "fast-check"
import type { Counters } from "../src/Counters.ts"

const optional = <Key extends string, A>(key: Key, value: fc.Arbitrary<A>): fc.Arbitrary<{ readonly [K in Key]?: A }> =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [key]: one }) as never)

const letters = [..."abcXYZ019._-"]
const name = fc.tuple(fc.constantFrom("a", "Z", "7"), fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }))
  .map(([first, rest]) => first + rest)
const point = fc.oneof(fc.constantFrom("canteen-1", "bath-2"), name).map((id) => Id.PointId.make(id))
const card = name.map((id) => Id.CardId.make(id))
const purchase = fc.tuple(name, name).map(([caller, id]) => Id.PurchaseId.make(`${caller}:${id}`))
const day = fc.integer({ min: CivilTime.firstDay, max: CivilTime.lastDay }).map((one) => one as CivilTime.Day)
const at = fc.integer({ min: CivilTime.firstInstant, max: CivilTime.lastInstant }).map((one) =>
  one as CivilTime.Instant
)
const money = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.maxSafeNat()).map((fen) => fen as Money.Money)
const amount = fc.integer({ min: 1, max: 1_000_000_000 }).map((fen) => Money.amount(fen))
const sequence = fc.integer({ min: 0, max: 0xffff_fffe })
const books: ReadonlyArray<Ledger.Book> = [...Ledger.Pocket.literals, "receivable", "merchant:north", "school:bears"]

const cell: fc.Arbitrary<Tally.Cell> = fc.record({
  day,
  // A school may call its meals what it likes.
  window: fc.oneof(fc.constantFrom("lunch", "晚餐", ""), fc.string(), fc.constantFrom("\"", "\\", "],[", "\u0000")),
  mealDay: day,
  category: fc.constantFrom(...Point.Category.literals),
  medium: fc.constantFrom(...Medium.Medium.literals)
})

const transfer: fc.Arbitrary<Ledger.Transfer> = fc.tuple(
  fc.shuffledSubarray([...books], { minLength: 2, maxLength: 2 }),
  amount
)
  .map(([[from = "chip", to = "held"], amount]) => ({ from, to, amount }))

const recent: fc.Arbitrary<RecentPurchase.RecentPurchase> = fc.tuple(
  fc.record({ purchase, at, point, cell, amount, transfers: fc.array(transfer, { maxLength: 3 }) }),
  optional("card", card),
  optional(
    "chip",
    fc.record({ balance: money, loadSequence: sequence, purchaseSequence: sequence }) satisfies fc.Arbitrary<
      Chip.Reading
    >
  ),
  optional("undoneAt", at),
  optional("confirmed", fc.constant(true as const))
).map((parts) => Object.assign({}, ...parts) as RecentPurchase.RecentPurchase)

/** What looks like the record of a tap, and nearly so. */
const tap: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom("card:", "card", "carD:"),
  fc.oneof(name, fc.constantFrom("", "a:b", ":")),
  fc.constantFrom(":", "::", ""),
  fc.oneof(fc.nat().map(String), fc.constantFrom("", "007", "1e3", "-1", "4294967295", " 5", "0x10"))
).map((parts) => parts.join(""))

const posted: fc.Arbitrary<Posted.Posted> = fc.tuple(
  fc.record({ record: fc.oneof(tap, name, fc.string()), at }),
  optional("amount", amount),
  optional("point", point),
  optional("purchase", purchase)
).map((parts) => Object.assign({}, ...parts) as Posted.Posted)

export const counters: fc.Arbitrary<Counters> = fc.record({
  tallies: fc.tuple(
    fc.record({
      cells: fc.array(
        fc.tuple(cell, fc.record({ sum: money, count: fc.nat() })).map(([one, sums]) => ({ ...one, ...sums }))
      )
    }),
    optional("before", day)
  ).map(([one, before]) => ({ ...one, ...before })),
  recent: fc.array(recent, { maxLength: 5 }),
  posted: fc.array(posted, { maxLength: 5 })
})
