/**
 * Writing money to the card 圈存: the two seconds at a canteen terminal (R27-R29, D2, D8).
 *
 * Two phases, so that a card pulled away in between ends in all or nothing. Beginning moves what waits to `held`; only
 * what the chip itself says afterwards moves it on: to the chip if it was written, back to where it waited if not. A
 * write whose answer was lost stays held until the next tap, or a late record of the card, settles it. The money is
 * never in two places.
 *
 * What became of a write only its own terminal can tell: the caller that began it, at the point where it began it. Anybody
 * else could say that nothing was written, and what is on the chip could be spent by code as well.
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import { type AccountState, openLoad } from "./AccountState.ts"
import type * as Chip from "./Chip.ts"
import { dayOf, type Instant } from "./CivilTime.ts"
import * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import type { CardId, LoadId } from "./Id.ts"
import { type Pocket, transfer } from "./Ledger.ts"
import * as Money from "./Money.ts"
import * as OpenLoad from "./OpenLoad.ts"
import type { Point } from "./Point.ts"
import type { Setting } from "./Setting.ts"
import * as Subsidy from "./Subsidy.ts"
import * as Wallet from "./Wallet.ts"

type Events = ReadonlyArray<AccountEvent>

/**
 * The event that settles the open load of a card as its proof says. `held` money goes to the chip or back to where it
 * waited; on a lost card it is in `frozen` by now, and only goes back if it was never written.
 */
export const settleAs = (
  account: AccountState,
  card: CardId,
  outcome: "written" | "notWritten",
  by: "reading" | "record",
  at: Instant
): Events => {
  const load = openLoad(account, card)
  if (load === undefined) return []
  const settled = { _tag: "LoadSettled", at, card, load: load.id, outcome, by } as const
  const loaded = account.cards.find(({ id }) => id === card)
  // A fact may have eaten into it while the card was lost: what is left of it moves on, own money last.
  const [from, left]: readonly [Pocket, Money.Money] = loaded?._tag === "Lost"
    ? ["frozen", loaded.held]
    : ["held", account.pockets.held]
  if (outcome === "written") return [{ ...settled, transfers: from === "held" ? transfer(from, "chip", left) : [] }]
  const subsidy = Money.min(load.subsidy, left)
  return [{
    ...settled,
    transfers: [...transfer(from, "subsidy", subsidy), ...transfer(from, "transit", Money.minus(left, subsidy))]
  }]
}

/** What a reading of the chip settles: nothing, the open load, or that it contradicts both outcomes. */
export const settleByReading = (
  account: AccountState,
  card: CardId,
  reading: Chip.Reading,
  at: Instant
): Result.Result<Events, Decline.Of<"LoadUnprovable">> => {
  const load = openLoad(account, card)
  if (load === undefined) return Result.succeed([])
  const proof = OpenLoad.proveByReading(load, reading)
  return proof === "written" || proof === "notWritten"
    ? Result.succeed(settleAs(account, card, proof, "reading", at))
    : Result.fail({ _tag: "LoadUnprovable", held: OpenLoad.amountOf(load) })
}

/**
 * Whether a load may begin at this tap of a card that is in order, once an older one is settled (`account`: as it is
 * after that). All that waits is written, up to the ceiling of the chip.
 */
export const begin = (
  account: AccountState,
  command: Command.Of<"BeginLoad">,
  { envelope, now, profile }: Setting
): Result.Result<Extract<AccountEvent, { readonly _tag: "LoadBegun" }>, Decline.Decline> => {
  const { card, chip } = command
  const pockets = Wallet.spendable(account.pockets, Subsidy.usable(account.lots, dayOf(now)))
  const waiting = Money.plus(pockets.transit, pockets.subsidy)
  if (waiting === 0) return Result.fail({ _tag: "NothingToLoad" })
  const { subsidy, transit } = Wallet.loadable(pockets, chip.balance, profile.purseCeiling)
  if (transit === 0 && subsidy === 0) {
    return Result.fail({ _tag: "PurseCeiling", ceiling: profile.purseCeiling, chip: chip.balance, waiting })
  }
  return Result.succeed({
    _tag: "LoadBegun",
    at: now,
    card,
    load: Command.loadOf(envelope),
    point: envelope.point,
    transit,
    subsidy,
    before: chip,
    transfers: [...transfer("transit", "held", transit), ...transfer("subsidy", "held", subsidy)]
  })
}

/** A load that an answer opened. `amount`: the fen to write to a card that still reads `before`. */
export interface Opened {
  readonly card: CardId
  readonly load: LoadId
  readonly before: Chip.Reading
  readonly amount: Money.Amount
}

/** The load that these events opened, by a tap to load or by a reversal (D5), if they opened one. */
export const opened = (events: Events): Opened | undefined => {
  for (const event of events) {
    if (event._tag === "LoadBegun") {
      const { before, card, load, subsidy, transit } = event
      return { card, load, before, amount: Money.amount(Money.plus(transit, subsidy)) }
    }
    if (event._tag === "PurchaseReversed" && event.load !== undefined) return event.load
  }
  return undefined
}

/**
 * What became of a write, as the chip itself says: `written`, or `notWritten` and the money is where it waited before, or
 * `unknown`, and it is held until the next tap tells (D8).
 */
export type Outcome = "written" | "notWritten" | "unknown"

type Settled =
  | Pick<Extract<AccountEvent, { readonly _tag: "LoadSettled" }>, "_tag" | "outcome">
  | { readonly _tag: Exclude<AccountEvent["_tag"], "LoadSettled"> }

/** What these events say of a load that was begun: those that its settling was answered with. */
export const outcomeOf = (events: ReadonlyArray<Settled>): Outcome => {
  for (const event of events) if (event._tag === "LoadSettled") return event.outcome
  return "unknown"
}

/** Why this point writes nothing to cards, or nothing (R29). */
export const refusePoint = ({ category, loads }: Point): Decline.Of<"PointCannotLoad"> | undefined =>
  loads ? undefined : { _tag: "PointCannotLoad", category }

/**
 * What became of a load, told by who began it, where it was begun: proven by the chip after the write, or torn when nothing
 * could be read any more. To all others no such load is open (I17).
 */
export const settle = (
  account: AccountState,
  { card, chip, load }: Command.Of<"SettleLoad">,
  { envelope, now }: Setting
): Result.Result<Events, Decline.Decline> => {
  const open = openLoad(account, card)
  if (open?.id !== load || open.point !== envelope.point || !Command.isLoadOf(load, envelope)) {
    return Result.fail({ _tag: "LoadNotOpen" })
  }
  return chip === undefined
    ? Result.succeed([{ _tag: "LoadTorn", at: now, card, load }])
    : settleByReading(account, card, chip, now)
}
