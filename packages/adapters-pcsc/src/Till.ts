/**
 * A till that is connected 联机消费机: a card lies on its reader, the campus decides, and the chip is written (R3, R27-R29).
 *
 * The order is always the same: read the chip, let the campus decide, write the chip once, tell what became of it. A card that is pulled
 * away in between ends in all or nothing; where nobody knows yet, the books hold the money (a load, D8) or the till keeps what it
 * was about to do (`PendingWrite`) and asks the card at its next tap (`again`).
 */
import type { Answer, Command, Id, PasswordHasher, PasswordVault, PersonRegister } from "@yikatong/core"
import {
  AccountStore,
  Chip,
  CivilTime,
  Inscription,
  Loading,
  Money,
  Purchase,
  Reversing,
  SchoolProfile,
  Submit
} from "@yikatong/core"
import { Effect, Option, Result } from "effect"
import type { CardProblem } from "./CardProblem.ts"
import type { Evidence, Outcome } from "./Outcome.ts"
import type * as PendingWrite from "./PendingWrite.ts"
import type { Failure, PurseCard } from "./PurseCard.ts"

/** Who tells what happened, and where; the host authenticated both. `id`: its own name for this tap. */
export interface Named {
  readonly caller: Id.CallerId
  readonly id: Id.CommandId
  readonly point: Id.PointId
}

/** What the campus needs, to be asked. */
export type Campus =
  | AccountStore.AccountStore
  | PasswordHasher.PasswordHasher
  | PasswordVault.PasswordVault
  | PersonRegister.PersonRegister

/** How money is written to this card, for the flows of the core: the reading afterwards, or nothing where the card was gone. */
export const writing = (card: PurseCard): Loading.Write => (amount, before) =>
  Effect.gen(function*() {
    const outcome = yield* card.load({ amount, before, at: yield* Submit.arrival })
    return outcome._tag === "Unknown" ? Option.none() : Option.some(outcome.reading)
  }).pipe(
    // Nothing was written: what the chip says now is the proof of it.
    Effect.catch(() => Effect.option(card.reading))
  )

/** A tap to load 圈存: all that waits is written, or stays where it was, or is held until the next tap tells (R27, R28). */
export const load = Effect.fn("Till.load")(function*(
  card: PurseCard,
  named: Named
): Effect.fn.Return<Loading.Loaded, Failure | Submit.Failure, Campus> {
  const chip = yield* card.reading
  return yield* Loading.load({
    ...named,
    at: yield* Submit.arrival,
    subject: { _tag: "Card", card: card.card },
    body: { _tag: "BeginLoad", card: card.card, chip }
  }, writing(card))
})

/** Gives a purchase back with its card on the reader 冲正 (D5): to the chip where this point may write it. */
export const undo = Effect.fn("Till.undo")(function*(
  card: PurseCard,
  named: Named,
  purchase: Id.PurchaseId
): Effect.fn.Return<Reversing.Reversed, Failure | Submit.Failure, Campus> {
  const chip = yield* card.reading
  return yield* Reversing.reverse({
    ...named,
    at: yield* Submit.arrival,
    subject: { _tag: "Card", card: card.card },
    body: { _tag: "ReversePurchase", purchase, chip }
  }, writing(card))
})

/**
 * What became of a payment. `Paid`: campus and chip agree. `Unpaid`: the campus has approved it, and the chip has provably not paid: it is
 * taken again with the same sale, or undone (`undo`), and nothing is handed out. `Unknown`: the campus has approved it, and nobody knows yet whether the
 * chip has paid; the next tap tells.
 */
export type Payment =
  | { readonly _tag: "Declined"; readonly answer: Answer.Declined }
  | {
    readonly _tag: "Paid"
    readonly answer: Answer.Approved
    readonly reading: Chip.Reading
    readonly tac?: string
  }
  | { readonly _tag: "Unpaid"; readonly answer: Answer.Approved; readonly cause: Failure }
  | { readonly _tag: "Unknown"; readonly answer: Answer.Approved; readonly evidence: Evidence }

/** A payment by card, as it is stated to the campus: with what its chip read at the first tap. */
export type Sale = Submit.Statement<Command.Of<"PayByCard">>

/** A sale to the card that lies here, in fen. Plain data without secrets: a till keeps it until the payment has its end. */
export const sale = Effect.fn("Till.sale")(function*(card: PurseCard, named: Named, amount: Money.Amount) {
  const chip = yield* card.reading
  const stated: Sale = {
    ...named,
    at: yield* Submit.arrival,
    subject: { _tag: "Card", card: card.card },
    body: { _tag: "PayByCard", card: card.card, amount, link: "up", chip }
  }
  return stated
})

/** What a till knows of a payment. `secrets`: the password, where it was typed (D15). `kept`: the last write that this till began and
 * does not know the end of; one of something else counts for nothing. */
export interface Known {
  readonly profile: SchoolProfile.SchoolProfile
  readonly secrets?: Submit.Secrets
  readonly kept?: PendingWrite.PendingWrite
}

/**
 * A tap to pay 消费. It fails before the campus was asked, or with the campus' own misuse and faults, and then the same sale is
 * sent again; after an approval every end is a `Payment`.
 *
 * The same sale again, with the card that lies there, ends the same payment: the campus gives its first answer, and a chip that has
 * paid is not debited again.
 */
export const pay = Effect.fn("Till.pay")(function*(
  card: PurseCard,
  sale: Sale,
  { kept, profile, secrets }: Known
): Effect.fn.Return<Payment, Failure | Submit.Failure, Campus> {
  const { amount } = sale.body
  if (sale.body.card !== card.card) return yield* Effect.fail<CardProblem>({ _tag: "AnotherCard" })
  // First of all, since a card forgets its proof when something new begins. A card that can not be read is told before the campus is asked.
  const earlier = kept !== undefined && isOf(sale, kept) ? yield* card.settle(kept) : undefined
  const counters = yield* readCounters(card)
  const answer = yield* Submit.submit(sale, secrets)
  if (answer._tag === "Declined") return { _tag: "Declined", answer }
  if (earlier !== undefined && earlier._tag !== "NotDone") return ended(answer, earlier)
  const { reading } = counters
  const first = sale.body.chip ?? reading
  // It counts its purchases: money may have come onto it meanwhile, but where this number was given, it was given to something.
  if (reading.purchaseSequence !== first.purchaseSequence) {
    return ended(answer, earlier ?? used(first, reading))
  }
  const at = yield* Submit.arrival
  const after = yield* inscribed(card, sale, profile, counters, at)
  const debited = yield* Effect.result(
    card.debit({ amount, before: reading, at, ...(after === undefined ? {} : { after }) })
  )
  return Result.isSuccess(debited)
    ? ended(answer, debited.success)
    : { _tag: "Unpaid", answer, cause: debited.failure }
})

/** Whether a kept write is the debit of this sale. A till keeps the last one that it began, which may have been a load or another sale. */
const isOf = ({ body: { amount, card, chip } }: Sale, kept: PendingWrite.PendingWrite): boolean =>
  kept.kind === "debit" && kept.card === card && kept.amount === amount &&
  kept.before.purchaseSequence === chip?.purchaseSequence

/** The chip has bought something since the first tap, and nothing was kept that says what: it may be this, or something else. */
const used = (before: Chip.Reading, after: Chip.Reading): Outcome => ({
  _tag: "Unknown",
  evidence: { before, after, proof: "notAsked", cause: { _tag: "CardChanged" } }
})

const ended = (answer: Answer.Approved, outcome: Outcome): Payment => {
  switch (outcome._tag) {
    case "Done": {
      const { reading, tac } = outcome
      return { _tag: "Paid", answer, reading, ...(tac === undefined ? {} : { tac }) }
    }
    case "NotDone":
      return { _tag: "Unpaid", answer, cause: outcome.cause ?? { _tag: "CardChanged" } }
    case "Unknown":
      return { _tag: "Unknown", answer, evidence: outcome.evidence }
  }
}

/** What the chip says of itself. `lost`: it has lost count of what was bought; `none`: it counts nothing. */
type Counters =
  | { readonly _tag: "whole"; readonly chip: Chip.Chip; readonly reading: Chip.Reading }
  | { readonly _tag: "lost" | "none"; readonly reading: Chip.Reading }

const readCounters = Effect.fnUntraced(function*(card: PurseCard): Effect.fn.Return<Counters, Failure> {
  const reading = yield* card.reading
  const chip = yield* Effect.result(card.chip)
  if (Result.isSuccess(chip)) return { _tag: "whole", chip: chip.success, reading }
  const { failure } = chip
  if (failure._tag === "CountersBehind" || failure._tag === "FileDamaged") return { _tag: "lost", reading }
  const hasNone = failure._tag === "CardRefused" && failure.status._tag === "FileNotFound"
  return hasNone ? { _tag: "none", reading } : yield* Effect.fail(failure)
})

/** The chip as it is to be after the debit: by its own counters, or by those of the books where it has lost count. */
const inscribed = Effect.fnUntraced(function*(
  card: PurseCard,
  { body: { amount }, point: id }: Sale,
  profile: SchoolProfile.SchoolProfile,
  counters: Counters,
  now: CivilTime.Instant
) {
  const point = SchoolProfile.pointOf(profile, id)
  if (counters._tag === "none" || point === undefined) return undefined
  if (counters._tag === "whole") {
    const cell = Purchase.cellOf(profile, { medium: "physicalCard", now, point })
    return Chip.debit(counters.chip, cell, amount, profile.dormancy.months)
  }
  const store = yield* AccountStore.AccountStore
  // Approved is approved: where the books can not be asked again, the chip goes on without its counters.
  const found = yield* Effect.orElseSucceed(store.find({ _tag: "Card", card: card.card }), Option.none)
  const account = Option.getOrUndefined(found)
  const { balance, loadSequence, purchaseSequence } = counters.reading
  const purse = { balance: Money.minus(balance, amount), loadSequence, purchaseSequence: purchaseSequence + 1 }
  return account === undefined ? undefined : Inscription.of(profile, account, card.card, purse, CivilTime.dayOf(now))
})
