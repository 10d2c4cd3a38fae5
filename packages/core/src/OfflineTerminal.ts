/**
 * A terminal that is cut off decides alone 脱机消费 (R3, R7, A21, D12): by its profile, its memory and what is held to it, as
 * one pure function that runs on the terminal, and on a server that wants to know what the terminal should have said.
 *
 * First comes what only a cut-off terminal must ask: is its clock good, was it away for too long, is its memory full, is
 * the card on its list, is the amount too much to risk. Then `Purchase.decide` judges, the same function as online. What
 * is approved comes with the record to be written, before the chip is.
 *
 * Amounts in fen, clocks in milliseconds, `offline.days` in civil days of Shanghai.
 */
import { Result, Schema } from "effect"
import * as Acceptance from "./Acceptance.ts"
import * as BlockedCards from "./BlockedCards.ts"
import * as Chip from "./Chip.ts"
import { dayOf } from "./CivilTime.ts"
import type { Decline } from "./Decline.ts"
import type { Handle } from "./Id.ts"
import type { OfflineMedium } from "./Medium.ts"
import * as Money from "./Money.ts"
import * as Purchase from "./Purchase.ts"
import { pointOf, type SchoolProfile } from "./SchoolProfile.ts"
import * as Spending from "./Spending.ts"
import * as Tally from "./Tally.ts"
import * as TerminalMemory from "./TerminalMemory.ts"
import * as Wallet from "./Wallet.ts"

/** A card on the reader. `clock`: what the terminal's own clock shows. */
export const Tap = Schema.Struct({ clock: Schema.Finite, chip: Chip.Chip, amount: Money.Amount })
export interface Tap extends Schema.Schema.Type<typeof Tap> {}

/** A tap from plain values. Throws where one is none. */
export const tapOf: (plain: typeof Tap.Encoded) => Tap = Schema.decodeSync(Tap)

/** It may be bought: the record is written first, then the chip. */
export interface Taken extends TerminalMemory.Written {
  readonly chip: Chip.Chip
}

/**
 * May this card buy here and now? Nothing is written by this.
 *
 * @example
 * ```ts
 * import { CivilTime, Csmzxy, Id, Money, OfflineTerminal, Tally } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const morning = CivilTime.instant("2026-03-02 06:00")
 * const memory = {
 *   station: Id.PointId.make("canteen-1"),
 *   device: 40,
 *   terminal: 12,
 *   unsent: 0,
 *   signedIn: { at: morning, offset: 0 },
 *   list: { version: 0, asOf: morning, cards: [] },
 *   recent: []
 * }
 * const chip = {
 *   card: Id.CardId.make("card-1"),
 *   standing: "active",
 *   purse: { balance: Money.yuan("20.00"), loadSequence: 1, purchaseSequence: 7 },
 *   tallies: Tally.none,
 *   validUntil: CivilTime.day("2026-06-01")
 * } as const
 * const lunch = { clock: CivilTime.instant("2026-03-02 12:00"), chip, amount: Money.amount(1_200) }
 * const taken = Result.getOrThrow(OfflineTerminal.take(Csmzxy.csmzxy, lunch, memory))
 * taken.record.device // => 41
 * Money.format(taken.chip.purse.balance) // => "8.00"
 * ```
 */
export const take = (
  profile: SchoolProfile,
  { amount, chip, clock }: Tap,
  memory: TerminalMemory.TerminalMemory
): Result.Result<Taken, Decline> =>
  Result.gen(function*() {
    const request = yield* permit(profile, memory, "physicalCard", amount, clock)
    const { now } = request
    yield* refused(BlockedCards.refuse(memory.list, chip.card) ?? refuseAmount(profile, amount))
    yield* Purchase.decide(profile, Spending.fromChip(profile, chip, dayOf(now)), request)
    // A second beep is looked for as the server does: only where the payment would be good in itself.
    yield* refused(TerminalMemory.refuseRepeat(profile, memory, chip.card, now))
    const cell = Purchase.cellOf(profile, request)
    const after = Chip.debit(chip, cell, amount, profile.dormancy.months)
    const written = TerminalMemory.write(profile, memory, now, {
      _tag: "CardPurchase",
      purchase: {
        _tag: "RecordCardPurchase",
        card: chip.card,
        amount,
        chipBefore: chip.purse.balance,
        chipAfter: after.purse.balance,
        purchaseSequence: after.purse.purchaseSequence,
        window: cell.window
      },
      loadSequence: chip.purse.loadSequence
    })
    return { ...written, chip: after }
  })

/** Alipay has taken the money already, under its own number `reference`; `payer`: who that was. */
export interface AlipayPayment {
  readonly clock: number
  readonly payer: Handle
  readonly reference: string
  readonly amount: Money.Amount
}

/** All that a terminal knows of who pays by Alipay: nothing. */
const stranger: Spending.Spending = {
  refusal: undefined,
  unheld: undefined,
  tallies: Tally.none,
  pockets: Wallet.empty,
  payers: [],
  account: undefined,
  password: undefined
}

/** May this be bought by Alipay here and now (R7)? To be asked before the code is charged. */
export const takeAlipay = (
  profile: SchoolProfile,
  { amount, clock, payer, reference }: AlipayPayment,
  memory: TerminalMemory.TerminalMemory
): Result.Result<TerminalMemory.Written, Decline> =>
  Result.gen(function*() {
    const request = yield* permit(profile, memory, "alipayCode", amount, clock)
    yield* refused(refuseAmount(profile, amount))
    yield* Purchase.decide(profile, stranger, request)
    const { window } = Purchase.cellOf(profile, request)
    return TerminalMemory.write(profile, memory, request.now, {
      _tag: "AlipayPurchase",
      purchase: { _tag: "RecordAlipayPurchase", reference, amount, window },
      payer
    })
  })

/** What comes before anybody is looked at: does such a medium pay here, and may the terminal go on alone at all. */
const permit = (
  profile: SchoolProfile,
  memory: TerminalMemory.TerminalMemory,
  medium: OfflineMedium,
  amount: Money.Amount,
  clock: number
): Result.Result<Purchase.Request, Decline> =>
  Result.gen(function*() {
    const point = pointOf(profile, memory.station)
    if (point === undefined) return yield* Result.fail({ _tag: "UnknownPoint", point: memory.station } as const)
    yield* refused(Acceptance.refuse(profile.acceptance, medium, point.category, "down"))
    const time = yield* TerminalMemory.timeOf(memory, clock)
    yield* refused(TerminalMemory.refuse(profile, memory, time))
    return { medium, point, link: "down", amount, now: time.now, proof: undefined }
  })

const refuseAmount = ({ offline: { cap } }: SchoolProfile, amount: Money.Amount): Decline | undefined =>
  amount > cap ? { _tag: "OfflineCapExceeded", amount, cap } : undefined

const refused = (decline: Decline | undefined): Result.Result<void, Decline> =>
  decline === undefined ? Result.void : Result.fail(decline)
