/**
 * The close of a day 日结: one settlement for each merchant, from the journal of the accounts (R76, D21, I16).
 *
 * Each merchant is closed by a command of its own, named after day and merchant, so that a close that was cut off is
 * simply done again: what is closed already is told as it was. Afterwards it holds what was settled against the records
 * and the books.
 *
 * Where the journal holds less of a merchant than was settled, that merchant is not closed and is told as a break. It holds
 * nobody else up: the others are closed, on that day and on those after it.
 */
import { Effect, Stream } from "effect"
import { type Day, formatDay, lastDay } from "../CivilTime.ts"
import type { Decline } from "../Decline.ts"
import { CallerId, CommandId, MerchantId } from "../Id.ts"
import type * as Ledger from "../Ledger.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Settlement from "../Settlement.ts"
import * as Takings from "../Takings.ts"
import * as Submit from "./Submit.ts"

/** What became of a day. `breaks`: what does not agree afterwards; empty, or a person has to look. */
export type Closing =
  | {
    readonly _tag: "Closed"
    readonly day: Day
    readonly settlements: ReadonlyArray<Settlement.DayClosed>
    readonly breaks: ReadonlyArray<Break>
  }
  | { readonly _tag: "Refused"; readonly decline: Decline }

/** Something that does not agree about a merchant. Amounts in fen. */
export type Break =
  /** More was settled than the journal has. */
  | {
    readonly _tag: "RecordsMissing"
    readonly merchant: MerchantId
    readonly records: Takings.Turnover
    readonly settled: Takings.Turnover
  }
  /** What was paid, with the fees and what is carried, is not what was settled (I16). */
  | { readonly _tag: "PaidOtherwise"; readonly merchant: MerchantId; readonly settled: number; readonly paid: number }
  /** The books moved something else than the settlements say. */
  | {
    readonly _tag: "BookDiffers"
    readonly book: string
    readonly byPostings: number
    readonly bySettlements: number
  }

/**
 * Closes a day for all merchants. It is refused as a whole while the day is not over, and while a day before it is open; a
 * day that is closed already gives the same settlements again. A merchant whose records are missing does not count there:
 * once they are restored, the days that it missed are closed one after the other.
 */
export const close = Effect.fn("Settling.close")(function*(day: Day) {
  const now = yield* Submit.arrival
  const books = yield* booksNow
  const missing: Array<Missing> = []
  const over = Settlement.refuse(undefined, day, now)
  if (over !== undefined) return { _tag: "Refused", decline: over } satisfies Closing
  for (const [merchant, book] of books) {
    const decline = Settlement.refuse(book, day, now)
    if (decline === undefined || decline._tag === "DayAlreadyClosed") continue
    const [itsDay] = yield* folded(Settlement.nextDay(book))
    const gone = missingOf(merchant, book, Takings.of(itsDay, merchant))
    if (gone === undefined) return { _tag: "Refused", decline } satisfies Closing
    missing.push(gone)
  }
  const [ofDay, all] = yield* folded(day)
  const settlements: Array<Settlement.DayClosed> = []
  for (const merchant of merchantsOf(SchoolProfile.inForce(yield* Profiles, now), day, books, ofDay)) {
    const book = books.get(merchant)
    const takings = Takings.of(ofDay, merchant)
    if (missing.some((one) => one.merchant === merchant)) continue
    const gone = book === undefined || Settlement.nextDay(book) > day ? undefined : missingOf(merchant, book, takings)
    // It is not asked for: a refusal would stand under its name for ever (D18), also when the records are back.
    if (gone !== undefined) {
      missing.push(gone)
      continue
    }
    const settlement = yield* settle(merchant, day, book, takings)
    if (settlement !== undefined) settlements.push(settlement)
  }
  const decline = [...books.values()].map((book) => Settlement.refuse(book, day, now)).find((one) => one !== undefined)
  // A day before the first one that was ever closed: nothing of it stands alone.
  if (settlements.length === 0 && decline !== undefined) return { _tag: "Refused", decline } satisfies Closing
  const breaks = yield* verify(all)
  // What comes in on later days may hide it in the sum of all.
  const unsaid = missing.filter(({ merchant }) => !breaks.some((one) => isMissing(one) && one.merchant === merchant))
  return { _tag: "Closed", day, settlements, breaks: [...unsaid, ...breaks] } satisfies Closing
})

type Missing = Extract<Break, { readonly _tag: "RecordsMissing" }>
const isMissing = (one: Break): one is Missing => one._tag === "RecordsMissing"

/** That records of this merchant are missing, or nothing. `before`: what the journal has of all days before its next one. */
const missingOf = (
  merchant: MerchantId,
  { settled }: Settlement.State,
  { before: records }: Takings.Takings
): Missing | undefined =>
  Settlement.isLess(records, settled) ? { _tag: "RecordsMissing", merchant, records, settled } : undefined

/** Whether all that was ever settled agrees with the records and with the books. */
export const check = Effect.fn("Settling.check")(function*() {
  const [, all] = yield* folded(lastDay)
  return yield* verify(all)
})

/** The settlements of a merchant, in the order of its days. */
export const settlements = (merchant: MerchantId) =>
  Stream.unwrap(Effect.map(SubjectStore, (store) =>
    store.journal(Settlement.decider, merchant).pipe(
      Stream.filter(({ answer }) => answer._tag === "Approved"),
      Stream.flatMap(({ answer }) => Stream.fromIterable(answer._tag === "Approved" ? answer.events : []))
    )))

type Books = ReadonlyMap<MerchantId, Settlement.State>

const booksNow = Effect.gen(function*() {
  const books = new Map<MerchantId, Settlement.State>()
  yield* Stream.runForEach(
    (yield* SubjectStore).all(Settlement.decider),
    ({ state, subject }) => Effect.sync(() => void books.set(MerchantId.make(subject), state))
  )
  return books as Books
})

/** The journal, read once: the takings of the day, and those of all time. */
const folded = Effect.fnUntraced(function*(day: Day) {
  const ofDay = Takings.begin(day)
  const all = Takings.begin(lastDay)
  yield* Stream.runForEach((yield* AccountStore).journal(), (entry) =>
    Effect.sync(() => {
      Takings.take(ofDay, entry)
      Takings.take(all, entry)
    }))
  return [ofDay, all] as const
})

/**
 * Those who have a book, and whoever sells here or has sold. A book is begun only on the latest day, so that days which
 * were closed before stay as they are.
 */
const merchantsOf = (
  { points }: SchoolProfile.SchoolProfile,
  day: Day,
  books: Books,
  { merchants }: Takings.Fold
): ReadonlyArray<MerchantId> => {
  const all = new Set(books.keys())
  if ([...books.values()].every((book) => Settlement.nextDay(book) <= day + 1)) {
    for (const { merchant } of Object.values(points)) if (merchant !== undefined) all.add(merchant)
    for (const merchant of merchants.keys()) all.add(merchant)
  }
  return [...all].sort()
}

/** The settlement of a merchant for this day: made now, or as it was made before. */
const settle = Effect.fnUntraced(function*(
  merchant: MerchantId,
  day: Day,
  book: Settlement.State | undefined,
  { before, rows }: Takings.Takings
) {
  const known = Stream.runCollect(Stream.filter(settlements(merchant), (one) => one.day === day))
  if (book !== undefined && Settlement.nextDay(book) > day) return (yield* known)[0]
  const body: Settlement.Command = { _tag: "CloseDay", day, rows, before }
  const answer = yield* (yield* SubjectStore).transact(Settlement.decider, {
    caller: CallerId.make("yikatong:settling"),
    id: CommandId.make(`close:${formatDay(day)}:${merchant}`),
    subject: merchant,
    receivedAt: yield* Submit.arrival,
    body
  }).pipe(
    // Somebody else has just closed it, and had read less of the journal: that settlement stands.
    Effect.catchTag("CommandIdReused", () => Effect.void)
  )
  return answer?._tag === "Approved" ? answer.events[0] : (yield* known)[0]
})

/** Holds what was settled against the records, and against what the books moved. */
const verify = Effect.fnUntraced(function*(all: Takings.Fold) {
  const breaks: Array<Break> = []
  const balances = yield* (yield* SubjectStore).balances
  let [fees, paid] = [0, 0]
  for (const [merchant, book] of yield* booksNow) {
    const { before: records } = Takings.of(all, merchant)
    const { settled } = book
    if (Settlement.isLess(records, settled)) {
      breaks.push({ _tag: "RecordsMissing", merchant, records, settled })
    }
    const given = book.paid + book.fees
    if (given + book.carried !== Takings.net(settled)) {
      breaks.push({ _tag: "PaidOtherwise", merchant, settled: Takings.net(settled), paid: given + book.carried })
    }
    breaks.push(...bookBreak(balances, `merchant:${merchant}`, -given))
    fees += book.fees
    paid += book.paid
  }
  return [
    ...breaks,
    ...bookBreak(balances, Settlement.feeBook, fees),
    ...bookBreak(balances, Settlement.paidFrom, paid)
  ]
})

const bookBreak = (balances: Ledger.Balances, book: string, bySettlements: number): ReadonlyArray<Break> => {
  const byPostings = balances.get(book) ?? 0
  return byPostings === bySettlements ? [] : [{ _tag: "BookDiffers", book, byPostings, bySettlements }]
}
