/**
 * The counters of a chip at a connected till 限额累计 (D12): those that stand on it, or the books' where it has lost count, as they are to be
 * after a purchase.
 */
import {
  AccountStore,
  Chip,
  CivilTime,
  type Command,
  Inscription,
  Money,
  Purchase,
  SchoolProfile,
  type Submit
} from "@yikatong/core"
import { Effect, Option, Result } from "effect"
import type { Failure, PurseCard } from "./PurseCard.ts"

/** What the chip says of itself. `lost`: it has lost count of what was bought; `none`: it counts nothing. */
export type TillCounters =
  | { readonly _tag: "whole"; readonly chip: Chip.Chip; readonly reading: Chip.Reading }
  | { readonly _tag: "lost" | "none"; readonly reading: Chip.Reading }

export const read = Effect.fnUntraced(function*(card: PurseCard): Effect.fn.Return<TillCounters, Failure> {
  const reading = yield* card.reading
  const chip = yield* Effect.result(card.chip)
  if (Result.isSuccess(chip)) return { _tag: "whole", chip: chip.success, reading }
  const { failure } = chip
  if (failure._tag === "CountersBehind" || failure._tag === "FileDamaged") return { _tag: "lost", reading }
  const hasNone = failure._tag === "CardRefused" && failure.status._tag === "FileNotFound"
  return hasNone ? { _tag: "none", reading } : yield* Effect.fail(failure)
})

/**
 * The chip as it is to be after this purchase, whose amount it has; nothing where it counts nothing, or where the books can not be asked:
 * what is approved is approved, and the chip goes on without its counters.
 */
export const after = Effect.fnUntraced(function*(
  counters: TillCounters,
  profile: SchoolProfile.SchoolProfile,
  { body: { amount, card }, point: id }: Submit.Statement<Command.Of<"PayByCard">>,
  now: CivilTime.Instant
) {
  const point = SchoolProfile.pointOf(profile, id)
  if (counters._tag === "none" || point === undefined) return undefined
  if (counters._tag === "whole") {
    const cell = Purchase.cellOf(profile, { medium: "physicalCard", now, point })
    return Chip.debit(counters.chip, cell, amount, profile.dormancy.months)
  }
  const store = yield* AccountStore.AccountStore
  const found = yield* Effect.orElseSucceed(store.find({ _tag: "Card", card }), Option.none)
  const { balance, loadSequence, purchaseSequence } = counters.reading
  const purse = { balance: Money.minus(balance, amount), loadSequence, purchaseSequence: purchaseSequence + 1 }
  return Option.isNone(found)
    ? undefined
    : Inscription.of(profile, found.value, card, purse, CivilTime.dayOf(now))
})
