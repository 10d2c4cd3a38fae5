/**
 * The cards that may not pay 黑名单 (挂失名单): reported lost, replaced, cancelled, or of an account that is being closed.
 *
 * A terminal that is cut off cannot ask, so it keeps this list and refuses what stands on it (I9). The list is folded
 * from the journal of the accounts and has its version: the sequence of the newest entry that is folded in. A terminal
 * takes the whole list once, and after that what has changed since its version. What it does not know yet it cannot
 * refuse: `LiabilityWindow` says from when to when that was.
 *
 * A card that was replaced stays on the list for good: its chip still says that it is in order.
 */
import { HashMap, Option, Result, Schema } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { type AccountId, CardId } from "./Id.ts"
import type { DeltaDoesNotFollow } from "./Revocations.ts"

const Version = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** One line of the list: why the card may not pay, and since when. */
export const Blocked = Schema.Struct({
  card: CardId,
  reason: Schema.Literals(["lost", "superseded", "cancelled", "accountClosed"]),
  since: Instant
})
export interface Blocked extends Schema.Schema.Type<typeof Blocked> {}

/** The list as a terminal keeps it. `asOf`: when the server said that nothing newer was there. */
export const Listing = Schema.Struct({ version: Version, asOf: Instant, cards: Schema.Array(Blocked) })
export interface Listing extends Schema.Schema.Type<typeof Listing> {}

/** What leads from one version to a later one. `released`: cards that may pay again. */
export const Delta = Schema.Struct({
  from: Version,
  to: Version,
  asOf: Instant,
  blocked: Schema.Array(Blocked),
  released: Schema.Array(CardId)
})
export interface Delta extends Schema.Schema.Type<typeof Delta> {}

/** What of a line of the journal is looked at; `AccountStore.Entry` is one. */
export interface Line {
  readonly sequence: number
  readonly account?: AccountId
  readonly events: ReadonlyArray<AccountEvent>
}

/** A card and the version at which it changed last. */
interface Known {
  readonly blocked: Blocked | undefined
  readonly changed: number
}

/** The list as the server folds it, with all cards that there ever were. */
export interface BlockedCards {
  readonly version: number
  readonly cards: HashMap.HashMap<CardId, Known>
  readonly accounts: HashMap.HashMap<AccountId, ReadonlyArray<CardId>>
}

/** Nothing folded in yet. */
export const none: BlockedCards = { version: 0, cards: HashMap.empty(), accounts: HashMap.empty() }

/** The list with one more line of the journal; lines come in the order of the whole journal, an older one is nothing new. */
export const take = (list: BlockedCards, { account, events, sequence }: Line): BlockedCards => {
  if (sequence <= list.version) return list
  let next: BlockedCards = { ...list, version: sequence }
  if (account !== undefined) { for (const event of events) next = fold(next, account, event) }
  return next
}

const fold = (list: BlockedCards, account: AccountId, event: AccountEvent): BlockedCards => {
  switch (event._tag) {
    case "CardIssued": {
      const cards = Option.getOrElse(HashMap.get(list.accounts, account), () => [])
      return { ...list, accounts: HashMap.set(list.accounts, account, [...cards, event.card]) }
    }
    case "CardActivated":
      return set(list, event.replaces, "superseded", event.at)
    case "CardCancelled":
      return set(list, [event.card], "cancelled", event.at)
    case "CardReportedLost":
      return set(list, [event.card], "lost", event.at)
    case "CardReportedFound":
      return set(list, [event.card], undefined, event.at)
    case "AccountClosing":
      return set(list, Option.getOrElse(HashMap.get(list.accounts, account), () => []), "accountClosed", event.at)
    default:
      return list
  }
}

const set = (
  list: BlockedCards,
  cards: ReadonlyArray<CardId>,
  reason: Blocked["reason"] | undefined,
  since: Instant
): BlockedCards => ({
  ...list,
  cards: cards.reduce(
    (known, card) =>
      HashMap.set(known, card, {
        blocked: reason === undefined ? undefined : { card, reason, since },
        changed: list.version
      }),
    list.cards
  )
})

const inOrder = (cards: Iterable<Blocked>): ReadonlyArray<Blocked> =>
  [...cards].sort((one, other) => one.card < other.card ? -1 : 1)

/** The whole list, for a terminal that has none. */
export const full = ({ cards, version }: BlockedCards, asOf: Instant): Listing => ({
  version,
  asOf,
  cards: inOrder([...HashMap.values(cards)].flatMap(({ blocked }) => blocked ?? []))
})

/** What has changed since a version; none for a version that this journal never had: then the terminal takes it all. */
export const since = ({ cards, version }: BlockedCards, from: number, asOf: Instant): Option.Option<Delta> => {
  if (from > version) return Option.none()
  const changed = [...HashMap.entries(cards)].filter(([, known]) => known.changed > from)
  return Option.some({
    from,
    to: version,
    asOf,
    blocked: inOrder(changed.flatMap(([, { blocked }]) => blocked ?? [])),
    released: changed.flatMap(([card, { blocked }]) => blocked === undefined ? card : []).sort()
  })
}

/** The list of a terminal after a change, which has to follow on. */
export const apply = (list: Listing, delta: Delta): Result.Result<Listing, DeltaDoesNotFollow> => {
  const { asOf, blocked, from, released, to } = delta
  if (from !== list.version) return Result.fail({ _tag: "DeltaDoesNotFollow", have: list.version, from })
  const changed = new Set([...released, ...blocked.map(({ card }) => card)])
  return Result.succeed({
    version: to,
    asOf,
    cards: inOrder([...list.cards.filter(({ card }) => !changed.has(card)), ...blocked])
  })
}

/** Why a terminal with this list refuses a card, or nothing. */
export const refuse = (list: Listing, card: CardId): Decline.Decline | undefined => {
  const blocked = list.cards.find((one) => one.card === card)
  switch (blocked?.reason) {
    case undefined:
      return undefined
    case "lost":
      return { _tag: "CardLost", reportedAt: blocked.since }
    case "superseded":
      return { _tag: "CardSuperseded" }
    case "cancelled":
      return { _tag: "CardCancelled" }
    case "accountClosed":
      return { _tag: "AccountClosed", since: blocked.since }
  }
}

/** How old the list of a terminal is, in milliseconds; negative where its clock is behind. */
export const age = ({ asOf }: Listing, now: Instant): number => now - asOf

/** The version since which the list says of a card what it says now; none where it never stood on it. */
export const changedAt = ({ cards }: BlockedCards, card: CardId): Option.Option<number> =>
  Option.map(HashMap.get(cards, card), ({ changed }) => changed)
