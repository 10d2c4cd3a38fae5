/**
 * The nightly sweep 夜间扫描: who is dormant today (R46, D17), and what is over: temporary accounts whose last day is past
 * (R48, A16), the phones of accounts that were closed (D20), closed accounts whose money is due (D7), and subsidies whose
 * batch has ended (D6).
 *
 * What it does, it does by commands that are named after what they do, so that a sweep that was cut off is simply run
 * again. It tells each thing as it goes. What is told is collected first: a store may have no second connection while it
 * is still telling.
 */
import { Effect, Option, Stream } from "effect"
import type { AccountState } from "../AccountState.ts"
import { holdEnds } from "../Calendar.ts"
import { type Day, dayLength, dayOf, formatDay, type Instant } from "../CivilTime.ts"
import * as CodeIssuance from "../CodeIssuance.ts"
import * as CodeTerms from "../CodeTerms.ts"
import type { Decline } from "../Decline.ts"
import * as Dormancy from "../Dormancy.ts"
import { type AccountId, type BatchId, CallerId, CommandId, type PointId } from "../Id.ts"
import * as Money from "../Money.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Authorising from "./Authorising.ts"
import * as Submit from "./Submit.ts"
import * as Subsidies from "./Subsidies.ts"

/** Whose steps these are. */
const caller = CallerId.make("yikatong:sweep")

/** The accounts that are dormant today, and since when. */
export const dormant = Stream.unwrap(Effect.gen(function*() {
  const { accounts } = yield* AccountStore
  const now = yield* Submit.arrival
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  return Stream.flattenIterable(Stream.map(accounts, (one) => Dormancy.sweep(profile, [one], dayOf(now))))
}))

/** What is over. Amounts in fen. */
export type Over =
  /** A temporary account was closed; `until` was its last day. */
  | { readonly _tag: "AccountClosed"; readonly account: AccountId; readonly until: Day }
  /** It could not be closed today, and is asked again tomorrow: no program may do it there, for one. */
  | { readonly _tag: "AccountNotClosed"; readonly account: AccountId; readonly until: Day; readonly decline: Decline }
  /** So many phones of a closed account stand on the revocation list now: terminals that are cut off refuse them too. */
  | { readonly _tag: "PhonesEnded"; readonly account: AccountId; readonly phones: number }
  /** Its money may be paid out since then: `amount`, less than it holds where there is a debt. */
  | {
    readonly _tag: "PayOutDue"
    readonly account: AccountId
    readonly amount: Money.Money
    readonly availableAt: Instant
  }
  /** What was not spent of a batch went back; `undone`: how many accounts are asked again tomorrow. */
  | { readonly _tag: "BatchEnded"; readonly batch: BatchId; readonly returned: Money.Money; readonly undone: number }

/**
 * Closes, lists and ends what is over. `point`: where accounts are closed by a program, such as the office; the profile has
 * to name it among the places of `closeAccount`.
 */
export const ended = (point: PointId) =>
  temporaryEnded(point).pipe(Stream.concat(phonesEnded), Stream.concat(payOutDue), Stream.concat(subsidiesEnded))

/** Closes the temporary accounts whose last day is over (D7, A16). */
export const temporaryEnded = (point: PointId) =>
  Stream.unwrap(Effect.gen(function*() {
    const today = dayOf(yield* Submit.arrival)
    const over = yield* collect(({ closing, id: account, until }) =>
      closing === undefined && until !== undefined && until < today ? [{ account, until }] : []
    )
    return Stream.mapEffect(Stream.fromIterable(over), ({ account, until }) => close(account, until, point, today))
  }))

/**
 * Revokes what the phones of closed accounts may show (D20). Online they are refused anyway; what a phone was authorised
 * to before is over a day after the account was closed, so that older ones are not looked at. Whatever was ended and not
 * listed yet, since somebody was cut off, is listed now.
 */
export const phonesEnded = Stream.unwrap(Effect.gen(function*() {
  const subjects = yield* SubjectStore
  const now = yield* Submit.arrival
  const closed = yield* collect(({ closing, id: account }) =>
    closing !== undefined && now - closing.since <= CodeTerms.lifetime + dayLength ? [account] : []
  )
  return Stream.flattenIterable(
    Stream.mapEffect(Stream.fromIterable(closed), (account) =>
      Effect.gen(function*() {
        const issuance = yield* subjects.find(CodeIssuance.decider, account)
        const live = Option.isNone(issuance) ? [] : [...issuance.value.leaving, ...issuance.value.issued]
        const newest = live.at(-1)
        if (newest === undefined) return []
        // Named after the newest, so that one that was authorised later is ended by a command of its own.
        yield* Authorising.revoke({ account, caller, id: CommandId.make(`revoke:${newest.pseudonym}:${account}`) })
        // What has run out meanwhile is settled too, and stands on no list.
        const listed = live.filter((one) => !CodeIssuance.isOver(one, now))
        const phones = new Set(listed.map((one) => one.deviceKey)).size
        return phones === 0 ? [] : [{ _tag: "PhonesEnded", account, phones } satisfies Over]
      }))
  )
}))

/** The closed accounts whose money may be paid out, until it is (D7). */
export const payOutDue = Stream.unwrap(Effect.gen(function*() {
  const now = yield* Submit.arrival
  const { calendar, replacement } = SchoolProfile.inForce(yield* Profiles, now)
  return Stream.flattenIterable(Stream.map((yield* AccountStore).accounts, ({ closing, id, pockets }) => {
    if (closing === undefined || closing.paidOutAt !== undefined) return []
    const availableAt = holdEnds(calendar, replacement.hold, closing.since)
    const amount = Money.minus(pockets.frozen, Money.min(pockets.frozen, pockets.receivable))
    return now < availableAt ? [] : [{ _tag: "PayOutDue", account: id, amount, availableAt } satisfies Over]
  }))
}))

/** Takes back what was not spent of the batches whose last day is over (D6). */
export const subsidiesEnded = Stream.unwrap(
  Effect.map(
    Stream.runCollect(Subsidies.overdue),
    (batches) =>
      Stream.flattenIterable(Stream.mapEffect(Stream.fromIterable(batches), ({ batch }) =>
        Effect.gen(function*() {
          const outcome = yield* Subsidies.end(batch)
          if (outcome._tag === "Refused") return []
          const { undone } = outcome
          const returned = Money.sum(
            outcome.batch.rows.map(({ outcome }) => outcome._tag === "Ended" ? outcome.returned : Money.zero)
          )
          return [{ _tag: "BatchEnded", batch, returned, undone: undone.length } satisfies Over]
        })))
  )
)

const collect = Effect.fnUntraced(function*<A>(found: (account: AccountState) => ReadonlyArray<A>) {
  return yield* Stream.runCollect(Stream.flattenIterable(Stream.map((yield* AccountStore).accounts, found)))
})

/**
 * Closes an account, under a name of its own for each day and point: a no of today is none of tomorrow. The length tells
 * where the point ends: both names may hold colons.
 */
const close = Effect.fnUntraced(function*(account: AccountId, until: Day, point: PointId, today: Day) {
  const answer = yield* Submit.transact({
    caller,
    id: CommandId.make(`close:${formatDay(today)}:${point.length}:${point}:${account}`),
    at: yield* Submit.arrival,
    point,
    subject: { _tag: "Account", account },
    body: { _tag: "CloseAccount" }
  }, {})
  return answer._tag === "Approved"
    ? { _tag: "AccountClosed", account, until } satisfies Over
    : { _tag: "AccountNotClosed", account, until, decline: answer.decline } satisfies Over
})
