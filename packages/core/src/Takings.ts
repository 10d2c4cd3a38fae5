/**
 * The takings of merchants 商户营业额, folded from the journal of the accounts: by terminal and business day for one posting
 * day, and as a sum for all days before it (I16, R76).
 *
 * The posting day of a record is the civil day on which it arrived, the business day that on which it was bought. Whatever
 * moves money of a merchant counts, whatever the name of its event. Money in fen.
 */
import { Schema } from "effect"
import { type AccountEvent, transfers } from "./AccountEvent.ts"
import { Day, dayOf, type Instant } from "./CivilTime.ts"
import { MerchantId, PointId } from "./Id.ts"
import * as Money from "./Money.ts"

/** How many, and how much money. */
const Sum = Schema.Struct({ count: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), amount: Money.Money })
type Sum = typeof Sum.Type

/** The takings of one terminal on one business day. `returns`: reversals and refunds, where they were made. */
export const Row = Schema.Struct({ point: PointId, businessDay: Day, purchases: Sum, returns: Sum })
export interface Row extends Schema.Schema.Type<typeof Row> {}

/** What came in, and what went back. */
export const Turnover = Schema.Struct({ purchases: Money.Money, returns: Money.Money })
export interface Turnover extends Schema.Schema.Type<typeof Turnover> {}

/** Nothing taken. */
export const none: Turnover = { purchases: Money.zero, returns: Money.zero }

/** Both together. */
export const plus = (one: Turnover, other: Turnover): Turnover => ({
  purchases: Money.plus(one.purchases, other.purchases),
  returns: Money.plus(one.returns, other.returns)
})

/** What is left of takings after what went back; below zero where more went back. */
export const net = ({ purchases, returns }: Turnover): number => purchases - returns

/** The sums of rows. */
export const turnover = (rows: Iterable<Row>): Turnover => {
  let sum = none
  for (const row of rows) sum = plus(sum, { purchases: row.purchases.amount, returns: row.returns.amount })
  return sum
}

/** What of a line of the journal counts; `AccountStore.Entry` is one. */
export interface Line {
  readonly command: { readonly receivedAt: Instant; readonly point: PointId }
  readonly events: ReadonlyArray<AccountEvent>
}

/** What one merchant took on a posting day, and on all days before it. */
export interface Takings {
  readonly rows: ReadonlyArray<Row>
  readonly before: Turnover
}

interface Growing {
  readonly rows: Map<string, Row>
  before: Turnover
}

/** A fold of the journal for one posting day: {@link take} adds a line, {@link of} tells a merchant's takings. */
export interface Fold {
  readonly day: Day
  readonly merchants: Map<MerchantId, Growing>
}

/** A fold with nothing in it. */
export const begin = (day: Day): Fold => ({ day, merchants: new Map() })

/** Adds a line to a fold, which is changed in place: folds are long. Lines of later days are passed over. */
export const take = ({ day, merchants }: Fold, { command, events }: Line): void => {
  const posted = dayOf(command.receivedAt)
  if (posted > day) return
  for (const event of events) {
    for (const [merchant, moved] of movedBy(event)) {
      const growing = merchants.get(merchant) ?? { rows: new Map(), before: none }
      merchants.set(merchant, growing)
      if (posted < day) growing.before = plus(growing.before, moved)
      else addRow(growing.rows, "point" in event ? event.point : command.point, dayOf(event.at), moved)
    }
  }
}

const nothing: Sum = { count: 0, amount: Money.zero }
const more = (sum: Sum, by: Money.Money): Sum =>
  by === 0 ? sum : { count: sum.count + 1, amount: Money.plus(sum.amount, by) }

const addRow = (rows: Map<string, Row>, point: PointId, businessDay: Day, { purchases, returns }: Turnover): void => {
  const key = `${businessDay}/${point}`
  const row = rows.get(key) ?? { point, businessDay, purchases: nothing, returns: nothing }
  rows.set(key, { ...row, purchases: more(row.purchases, purchases), returns: more(row.returns, returns) })
}

const isMerchant = Schema.is(MerchantId)
const prefix = "merchant:"

/** What an event gives to each merchant, and takes back. */
const movedBy = (event: AccountEvent): ReadonlyMap<MerchantId, Turnover> => {
  const moved = new Map<MerchantId, Turnover>()
  const add = (book: string, by: Turnover) => {
    const merchant = book.slice(prefix.length)
    if (book.startsWith(prefix) && isMerchant(merchant)) moved.set(merchant, plus(moved.get(merchant) ?? none, by))
  }
  for (const { amount, from, to } of transfers(event)) {
    add(to, { purchases: amount, returns: Money.zero })
    add(from, { purchases: Money.zero, returns: amount })
  }
  return moved
}

/** The takings of a merchant, its rows by business day and terminal in order. */
export const of = ({ merchants }: Fold, merchant: MerchantId): Takings => {
  const growing = merchants.get(merchant)
  if (growing === undefined) return { rows: [], before: none }
  const rows = [...growing.rows.values()].sort((one, other) =>
    one.businessDay - other.businessDay || (one.point < other.point ? -1 : 1)
  )
  return { rows, before: growing.before }
}
