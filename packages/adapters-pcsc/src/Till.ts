/**
 * A till that is connected 联机消费机: a card lies on its reader, the campus decides, and the chip is written (R3, R27-R29).
 *
 * The order is always the same: read the chip, let the campus decide, write the chip once, tell what became of it. A card that is pulled
 * away in between ends in all or nothing. Where nobody knows yet, the books hold the money of a load (D8), and of a payment the till
 * keeps what it was about to do (`PendingWrite`) and asks the card at its next tap, with the same sale.
 *
 * Each tap to load or to undo has an id of its own, also when the one before was cut off: what that one has done, the chip tells. A sale
 * keeps its id until it has its end.
 */
import {
  AccountStore,
  CardLoad,
  type Chip,
  Command,
  Correction,
  type Id,
  Loading,
  type Money,
  type PasswordHasher,
  type PasswordVault,
  type PersonRegister,
  Reversing,
  type SchoolProfile,
  Submit
} from "@yikatong/core"
import { Effect, Option, type Redacted, Result } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardProblem } from "./CardProblem.ts"
import * as LoadWrite from "./LoadWrite.ts"
import type { Outcome } from "./Outcome.ts"
import * as Payment from "./Payment.ts"
import type * as PendingWrite from "./PendingWrite.ts"
import type { Failure, PurseCard } from "./PurseCard.ts"
import * as TillCounters from "./TillCounters.ts"

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
export const writing = (card: PurseCard): Loading.Write => LoadWrite.make(card).write

/**
 * A tap to load 圈存: all that waits is written, or stays where it was, or is held until the next tap tells (R27, R28).
 *
 * `pin`: as it was typed at this tap, where the cards' loads need one; a wrong one is told before the campus is asked. Left out, the
 * till's own is shown where something is to be written; where it has none, or the card refuses it, the tap fails with that
 * (`PinNeeded`, `PinWrong`), and what was waiting waits on. Where the card is pulled as well, so that nothing shows what is on it, the
 * money is held until the next tap, and why stands beside that (`cause`).
 */
export const load = Effect.fn("Till.load")(function*(
  card: PurseCard,
  named: Named,
  pin?: Redacted.Redacted<Bytes>
): Effect.fn.Return<Loaded, Failure | Submit.Failure, Campus> {
  yield* LoadWrite.show(card, pin)
  const chip = yield* card.reading
  const { wanted, write } = LoadWrite.make(card, pin)
  const loaded = yield* Loading.load({
    ...named,
    at: yield* Submit.arrival,
    subject: { _tag: "Card", card: card.card },
    body: { _tag: "BeginLoad", card: card.card, chip }
  }, write)
  const problem = yield* wanted
  if (problem === undefined) return loaded
  return isHeld(loaded) ? { ...loaded, cause: problem } : yield* Effect.fail(problem)
})

/** `cause`: the card wanted its PIN, and was pulled before it could be read: the money is held until the next tap. */
export interface Loaded extends Loading.Loaded {
  readonly cause?: CardProblem
}

const isHeld = ({ begun, settled }: Loading.Loaded): boolean =>
  begun._tag === "Approved" && Option.match(settled, {
    onNone: () => true,
    onSome: (answer) => answer._tag === "Approved" && CardLoad.outcomeOf(answer.events) === "unknown"
  })

/** A payment by card, as it is stated to the campus: with what its chip read at the first tap. */
export interface Sale extends Submit.Statement<Command.Of<"PayByCard">> {
  readonly body: Command.Of<"PayByCard"> & { readonly chip: Chip.Reading }
}

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

/**
 * `kept`: the write that this till began for the sale (`CpuCard.Options.keep`), one of anything else counts for nothing; `none`, where it keeps
 * each of them, has none, and the sale has not ended: then the chip was never asked to pay. Left out, where it does not know.
 */
export interface Kept {
  readonly kept?: PendingWrite.PendingWrite | "none"
}

/** What a till knows of a payment. `secrets`: the password, where it was typed (D15). */
export interface Known extends Kept {
  readonly profile: SchoolProfile.SchoolProfile
  readonly secrets?: Submit.Secrets
}

/**
 * A tap to pay 消费. It fails before the campus was asked, or with the campus' own misuse and faults, and then the same sale is sent
 * again; once the chip may have been written every end is a `Payment`.
 *
 * The same sale again, with the card that lies there, ends the same payment: the campus gives its first answer, and a chip that has
 * paid, or was given back what it paid, is not debited.
 */
export const pay = Effect.fn("Till.pay")(function*(
  card: PurseCard,
  sale: Sale,
  { kept, profile, secrets }: Known
): Effect.fn.Return<Payment.Payment, Failure | Submit.Failure, Campus> {
  const { amount, chip: first } = sale.body
  const earlier = yield* settled(card, sale, kept)
  // A card that can not be read is told before the campus is asked.
  const counters = yield* TillCounters.read(card)
  const answer = yield* Submit.submit(sale, secrets)
  if (answer._tag === "Declined") return { _tag: "Declined", answer }
  if (yield* isUndone(sale)) return { _tag: "Undone", answer }
  if (earlier?._tag === "Done" || earlier?._tag === "Unknown") return Payment.of(answer, first, earlier)
  const { reading } = counters
  // It counts its purchases: money may have come onto it meanwhile, but where this number was given, it was given to something.
  if (reading.purchaseSequence !== first.purchaseSequence) {
    return Payment.of(answer, first, earlier === undefined ? used(first, reading) : notDone(reading, earlier))
  }
  if (reading.balance < amount) {
    const cause: CardProblem = { _tag: "BalanceShort", amount, balance: reading.balance }
    return { _tag: "Unpaid", answer, again: true, cause }
  }
  const at = yield* Submit.arrival
  const after = yield* TillCounters.after(counters, profile, sale, at)
  const debited = yield* Effect.result(card.debit({
    amount,
    before: reading,
    at,
    reference: Command.purchaseOf(sale),
    ...(after === undefined ? {} : { after })
  }))
  return Result.isSuccess(debited)
    ? Payment.of(answer, first, debited.success)
    : { _tag: "Unpaid", answer, again: true, cause: debited.failure }
})

/** What is known of an earlier tap of this sale. */
type Earlier = Outcome | { readonly _tag: "NeverBegun" }

/** What the card says of the write that was kept for this sale. First of all, since it forgets its proof when something new begins. */
const settled = Effect.fnUntraced(function*(
  card: PurseCard,
  sale: Sale,
  kept: PendingWrite.PendingWrite | "none" | undefined
): Effect.fn.Return<Earlier | undefined, Failure> {
  if (sale.body.card !== card.card) return yield* Effect.fail<CardProblem>({ _tag: "AnotherCard" })
  if (kept === "none") return { _tag: "NeverBegun" }
  const isOurs = kept?.kind === "debit" && kept.card === card.card && kept.reference === Command.purchaseOf(sale)
  return isOurs ? yield* card.settle(kept) : undefined
})

/** Whether the books have given it back, by this till or by the office. */
const isUndone = Effect.fnUntraced(function*(sale: Sale) {
  const account = yield* (yield* AccountStore.AccountStore).find(sale.subject)
  return Option.isSome(account) && Correction.returned(account.value, Command.purchaseOf(sale)) > 0
})

/** The chip has bought something since the first tap, and nothing was kept that says what: it may be this, or something else. */
const used = (before: Chip.Reading, after: Chip.Reading): Outcome => ({
  _tag: "Unknown",
  evidence: { before, after, proof: "notAsked", cause: { _tag: "CardChanged" } }
})

const notDone = (
  reading: Chip.Reading,
  earlier: Extract<Earlier, { readonly _tag: "NeverBegun" | "NotDone" }>
): Outcome => earlier._tag === "NotDone" ? earlier : { _tag: "NotDone", reading }

/**
 * `paid`: the sale ended as `Paid`. `pin`: as it was typed at this tap, where the cards' loads need one; a wrong one is told before
 * anything is given back.
 */
export interface Undoing extends Kept {
  readonly paid?: boolean
  readonly pin?: Redacted.Redacted<Bytes>
}

/** `cause`: the card wanted its PIN. The sale is given back, and what was meant for the chip waits for its next load. */
export interface Undone extends Reversing.Reversed {
  readonly cause?: CardProblem
}

/**
 * Gives a sale back with its card on the reader 冲正 (D5): to the chip, where it has paid and this point may write it; in the books alone,
 * where it has not, then on whatever day. `paid`: it ended as `Paid`. Where nothing shows whether the chip has paid, nothing is given back
 * (`PaymentUnproven`), since it could be given twice.
 */
export const undo = Effect.fn("Till.undo")(function*(
  card: PurseCard,
  named: Named,
  sale: Sale,
  { kept, paid = false, pin }: Undoing = {}
): Effect.fn.Return<Undone, Failure | Submit.Failure, Campus> {
  const earlier = yield* settled(card, sale, kept)
  yield* LoadWrite.show(card, pin)
  const chip = yield* card.reading
  const isCounted = chip.purchaseSequence !== sale.body.chip.purchaseSequence
  // What ended as `Paid` has no kept write any more either: nothing that is missing speaks against it.
  const isProved = !paid && earlier?._tag === "NotDone"
  const isUnasked = !paid && earlier?._tag === "NeverBegun"
  if (isCounted && !isProved && !isUnasked && !paid && earlier?._tag !== "Done") {
    return yield* Effect.fail<CardProblem>({ _tag: "PaymentUnproven" })
  }
  const { wanted, write } = LoadWrite.make(card, pin)
  const undone = yield* Reversing.reverse({
    ...named,
    at: yield* Submit.arrival,
    subject: { _tag: "Card", card: card.card },
    body: {
      _tag: "ReversePurchase",
      purchase: Command.purchaseOf(sale),
      chip,
      ...(isCounted && isProved ? { unpaid: true as const } : {}),
      ...(isCounted && isUnasked ? { unasked: true as const } : {})
    }
  }, write)
  const cause = yield* wanted
  return cause === undefined ? undone : { ...undone, cause }
})
