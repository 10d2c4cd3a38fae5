/**
 * What a merchant is paid for a day 商户结算 (R76, D21, I16): its takings of that day, less the school's fee.
 *
 * A day is the **posting day**: the civil day on which a record arrived. So a day that was closed never changes; a record
 * that a cut-off terminal brings later belongs to the day on which it comes, and stands there under its business day, on
 * which it was bought. The takings are folded from the journal of the accounts. Each settlement begins where the one
 * before ended: what the journal has of earlier days and no settlement has yet, as on the very first one, is settled with
 * it. Days are closed one after the other.
 *
 * The fee is a part of the net takings, rounded to the fen, a half in the merchant's favour. A day on which more went back
 * than came in pays nothing, and is carried over to the next. Money in fen. The subject is the merchant.
 */
import { Result, Schema } from "effect"
import { addDays, Day, Instant, startOf } from "./CivilTime.ts"
import type * as Decider from "./Decider.ts"
import type { Decline } from "./Decline.ts"
import { MerchantId } from "./Id.ts"
import type { Posting } from "./Ledger.ts"
import * as Money from "./Money.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Takings from "./Takings.ts"

export const kind = "settlement"

/** Where fees go. */
export const feeBook = "fees:merchants"
/** The clearing with the bank that pays the merchants. */
export const paidFrom = "channel:settlement"

/** `rows`: the takings of the day. `before`: what the journal has of all days before it, settled or not. */
export const Command = Schema.TaggedUnion({
  CloseDay: { day: Day, rows: Schema.Array(Takings.Row), before: Takings.Turnover }
})
export type Command = typeof Command.Type

/**
 * A settlement 结算单: `earlier` came in on earlier days and was not settled yet, `rate` is in parts of ten thousand,
 * `carriedIn` and `carriedOut` are at most zero. It pays `paid`; with `fee` that is all of the takings.
 */
export const DayClosed = Schema.TaggedStruct("DayClosed", {
  at: Instant,
  merchant: MerchantId,
  day: Day,
  rows: Schema.Array(Takings.Row),
  purchases: Money.Money,
  returns: Money.Money,
  earlier: Takings.Turnover,
  rate: Schema.Int,
  carriedIn: Schema.Int,
  fee: Money.Money,
  paid: Money.Money,
  carriedOut: Schema.Int
})
export interface DayClosed extends Schema.Schema.Type<typeof DayClosed> {}

/**
 * A merchant's book 商户账: all that was settled so far. `since`: the first day that was closed; `closedAt`: when that day
 * was closed, and each after it.
 */
export const State = Schema.Struct({
  since: Day,
  closedAt: Schema.Array(Instant),
  settled: Takings.Turnover,
  fees: Money.Money,
  paid: Money.Money,
  carried: Schema.Int
})
export interface State extends Schema.Schema.Type<typeof State> {}

/** The day to be closed next. */
export const nextDay = ({ closedAt, since }: State): Day => addDays(since, closedAt.length)

/** Why this day can not be closed now, or nothing. What lies before the first day was settled with it. */
export const refuse = (book: State | undefined, day: Day, now: Instant): Decline | undefined => {
  if (now < startOf(addDays(day, 1))) return { _tag: "DayNotOver", day }
  if (book === undefined) return undefined
  const next = nextDay(book)
  if (day > next) return { _tag: "DayBeforeOpen", day: next }
  const closedAt = book.closedAt[Math.max(0, day - book.since)]
  return closedAt === undefined ? undefined : { _tag: "DayAlreadyClosed", day, closedAt }
}

/**
 * The fee on net takings, rounded to the fen, a half downwards; in two steps, so that no product is inexact.
 *
 * @example
 * ```ts
 * import { Money, Settlement } from "@yikatong/core"
 *
 * Settlement.feeOf(Money.yuan("2.50"), 60) // => 1
 * Settlement.feeOf(Money.yuan("2.51"), 60) // => 2
 * ```
 */
export const feeOf = (takings: Money.Money, rate: number): Money.Money => {
  const rest = takings % 10_000
  return Money.of((takings - rest) / 10_000 * rate + Math.ceil((rest * rate - 5_000) / 10_000))
}

const rateOf = ({ merchantFee }: SchoolProfile, merchant: string): number =>
  (Object.hasOwn(merchantFee, merchant) ? merchantFee[merchant] : undefined) ?? 0

/** Whether a journal has less than was settled: it was restored from an older copy, and its merchant is not closed. */
export const isLess = (records: Takings.Turnover, settled: Takings.Turnover): boolean =>
  records.purchases < settled.purchases || records.returns < settled.returns

const isMerchant = Schema.is(MerchantId)

const decide: Decider.Decider<State, Command, DayClosed>["decide"] = (book, command, setting) => {
  const { now, profile, subject: merchant } = setting
  const { before, day, rows } = command
  if (!isMerchant(merchant)) return Result.fail({ _tag: "UnknownSubject", kind })
  const refused = refuse(book, day, now)
  if (refused !== undefined) return Result.fail(refused)
  if (book !== undefined && isLess(before, book.settled)) return Result.fail({ _tag: "RecordsMissing" })
  const { purchases, returns } = Takings.turnover(rows)
  const earlier = {
    purchases: Money.minus(before.purchases, book?.settled.purchases ?? Money.zero),
    returns: Money.minus(before.returns, book?.settled.returns ?? Money.zero)
  }
  const carriedIn = book?.carried ?? 0
  const takings = carriedIn + purchases + earlier.purchases - returns - earlier.returns
  const rate = rateOf(profile, merchant)
  const fee = takings > 0 ? feeOf(Money.of(takings), rate) : Money.zero
  const paid = takings > 0 ? Money.minus(Money.of(takings), fee) : Money.zero
  const carriedOut = Math.min(0, takings)
  return Result.succeed([{
    _tag: "DayClosed",
    at: now,
    merchant,
    day,
    rows,
    purchases,
    returns,
    earlier,
    rate,
    carriedIn,
    fee,
    paid,
    carriedOut
  }])
}

const evolve = (book: State | undefined, event: DayClosed): State => {
  const { at, carriedOut, day, earlier, fee, paid, purchases, returns } = event
  const before = book ??
    {
      since: day,
      closedAt: [],
      settled: { purchases: Money.zero, returns: Money.zero },
      fees: Money.zero,
      paid: Money.zero
    }
  return {
    since: before.since,
    closedAt: [...before.closedAt, at],
    settled: {
      purchases: Money.sum([before.settled.purchases, earlier.purchases, purchases]),
      returns: Money.sum([before.settled.returns, earlier.returns, returns])
    },
    fees: Money.plus(before.fees, fee),
    paid: Money.plus(before.paid, paid),
    carried: carriedOut
  }
}

const postings = ({ fee, merchant, paid }: DayClosed): ReadonlyArray<Posting> => {
  const from = `merchant:${merchant}`
  return [{ from, to: feeBook, amount: fee }, { from, to: paidFrom, amount: paid }].filter(({ amount }) => amount > 0)
}

/** The decider of merchants' books. */
export const decider: Decider.Decider<State, Command, DayClosed> = {
  kind,
  state: State,
  command: Command,
  event: DayClosed,
  decide,
  evolve,
  postings
}
