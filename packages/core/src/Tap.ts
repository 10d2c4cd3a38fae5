/**
 * A card on the reader or a code before the camera 刷卡与扫码: pay, load, undo.
 *
 * Whatever a tap is for, what the chip says first settles a load whose outcome was not known (D8).
 */
import { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import { type AccountState, evolve, openLoad } from "./AccountState.ts"
import * as Card from "./Card.ts"
import * as CardLoad from "./CardLoad.ts"
import type * as Chip from "./Chip.ts"
import { dayOf, later } from "./CivilTime.ts"
import { loadOf, type Of, purchaseOf } from "./Command.ts"
import * as Correction from "./Correction.ts"
import type * as Decline from "./Decline.ts"
import type { CardId } from "./Id.ts"
import type { Medium } from "./Medium.ts"
import * as MissedDebit from "./MissedDebit.ts"
import * as Original from "./Original.ts"
import * as Password from "./Password.ts"
import * as Posted from "./Posted.ts"
import * as Purchase from "./Purchase.ts"
import * as Reversal from "./Reversal.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Spending from "./Spending.ts"

/** An online purchase by card. */
export const payByCard = (account: AccountState, body: Of<"PayByCard">, setting: Setting): Outcome => {
  const settled = settleFirst(account, body.card, body.chip, setting)
  const outcome = Result.flatMap(
    pay(settled.reduce(evolve, account), "physicalCard", body, setting, {
      card: body.card,
      chip: body.chip,
      refusal: recorded(account, body, setting)
    }),
    (events): Outcome => {
      const repeated = repeats(account, body.card, setting)
      return repeated === undefined ? Result.succeed(events) : Result.fail(repeated)
    }
  )
  return Result.map(outcome, (events) => settled.length === 0 ? events : [...settled, ...events])
}

/**
 * A payment whose record has come already, since the chip gives each number once: its terminal was cut off in between and
 * has debited it, and asks again with what it read before (D11). Of another amount, elsewhere or later it is another one, and
 * the chain of the chip tells that two have one number.
 */
const recorded = (
  { posted }: AccountState,
  { amount, card, chip }: Of<"PayByCard">,
  { envelope: { at, point } }: Setting
): Decline.Of<"PaymentAlreadyRecorded"> | undefined =>
  chip !== undefined &&
    Posted.hasRecordOf(posted, Posted.ofCard(card, chip.purchaseSequence + 1), { amount, at, point })
    ? { _tag: "PaymentAlreadyRecorded", amount }
    : undefined

/** A payment that is good in itself, but comes too soon after one of the same card at the same terminal. */
const repeats = (
  account: AccountState,
  card: CardId,
  { envelope, now, profile }: Setting
): Decline.Of<"RepeatTap"> | undefined => {
  const { repeatTapWithin } = profile
  if (repeatTapWithin === 0) return undefined
  const last = account.recent.filter((one) => one.card === card && one.point === envelope.point).at(-1)
  return last === undefined || now < last.at || now - last.at >= repeatTapWithin ||
      Correction.returned(account, last.purchase) > 0
    ? undefined
    : { _tag: "RepeatTap", waitUntil: later(last.at, repeatTapWithin) }
}

/** An online purchase by code. */
export const payByCode = (account: AccountState, body: Of<"PayByCode">, setting: Setting): Outcome =>
  pay(account, body.medium, body, setting)

/** A card at the terminal. `refusal`: why it may not pay this, though it could pay. */
interface Tapped {
  readonly card?: CardId
  readonly chip?: Chip.Reading | undefined
  readonly refusal?: Decline.Decline | undefined
}

const pay = (
  account: AccountState,
  medium: Medium,
  { amount, link }: Pick<Of<"PayByCode">, "amount" | "link">,
  { envelope, now, point, profile }: Setting,
  { card, chip, refusal }: Tapped = {}
): Outcome => {
  const proof = envelope.proofs?.password
  const request: Purchase.Request = { medium, point, link, amount, now, proof }
  const spending = Spending.fromAccount(profile, account, medium, card, chip, dayOf(now))
  const transfers = Purchase.decide(profile, { ...spending, refusal: spending.refusal ?? refusal }, request)
  if (Result.isFailure(transfers)) return Result.fail(transfers.failure)
  const purchased: AccountEvent = {
    _tag: "Purchased",
    at: now,
    purchase: purchaseOf(envelope),
    point: envelope.point,
    // Only a point with a merchant sells.
    merchant: point.merchant as NonNullable<typeof point.merchant>,
    medium,
    amount,
    cell: Purchase.cellOf(profile, request),
    link,
    transfers: transfers.success,
    ...(card === undefined ? {} : { card }),
    ...(chip === undefined ? {} : { chip })
  }
  const channel = Password.channelAt(point.category)
  return Result.succeed(
    proof !== undefined && account.password.tries[channel] !== undefined
      ? [{ _tag: "PasswordTried", at: now, channel, right: true }, purchased]
      : [purchased]
  )
}

/** What the chip settles before anything else. A contradiction stays open: it is told when somebody wants to load. */
const settleFirst = (
  account: AccountState,
  card: CardId,
  chip: Chip.Reading | undefined,
  setting: Setting
): ReadonlyArray<AccountEvent> => {
  if (chip === undefined) return []
  const settled = Result.getOrElse(settleLoad(account, card, chip, setting), () => [])
  return disprove(account, settled, card, chip, setting)
}

/** The open load by this reading. What another terminal read before it began, and tells late, proves nothing of it (D8). */
const settleLoad = (account: AccountState, card: CardId, chip: Chip.Reading, { envelope, now }: Setting): Outcome => {
  const load = openLoad(account, card)
  return load !== undefined && envelope.at < load.begunAt
    ? Result.fail({ _tag: "ReadingOutdated" })
    : CardLoad.settleByReading(account, card, chip, now)
}

/** What a reading has settled, and then what it shows of debits that never were. */
const disprove = (
  account: AccountState,
  settled: ReadonlyArray<AccountEvent>,
  card: CardId,
  chip: Chip.Reading,
  { envelope: { at: readAt }, now: at }: Setting
): ReadonlyArray<AccountEvent> => [
  ...settled,
  ...MissedDebit.settleByReading(settled.reduce(evolve, account), card, chip, { at, readAt })
]

/** A tap to load: settles the load before, then begins a new one with all that waits. */
export const beginLoad = (account: AccountState, body: Of<"BeginLoad">, setting: Setting): Outcome => {
  const { now, point, profile } = setting
  const unable = CardLoad.refusePoint(point)
  if (unable !== undefined) return Result.fail(unable)
  const refusal = Spending.refuseCard(profile, account, body.card, dayOf(now))
  if (refusal !== undefined) return Result.fail(refusal)
  const settled = settleLoad(account, body.card, body.chip, setting)
  if (Result.isFailure(settled)) return Result.fail(settled.failure)
  const first = disprove(account, settled.success, body.card, body.chip, setting)
  const begun = CardLoad.begin(first.reduce(evolve, account), body, setting)
  if (Result.isSuccess(begun)) return Result.succeed([...first, begun.success])
  // The tap has settled something, though nothing new waits or fits: that alone was worth it.
  const { _tag } = begun.failure
  return first.length > 0 && (_tag === "NothingToLoad" || _tag === "PurseCeiling")
    ? Result.succeed(first)
    : Result.fail(begun.failure)
}

/**
 * Undoes a purchase; the money goes back to the chip only while the active card is there, at a point that can write it (D5,
 * R29). A load of unknown outcome is settled before. Where the chip cannot prove it, the card takes no second one: what
 * the chip says later would prove neither. A chip that says that it never paid is not written at all, and meal and day do not
 * matter to it.
 */
export const reverse = (account: AccountState, body: Of<"ReversePurchase">, setting: Setting): Outcome => {
  const { envelope, now, point, profile } = setting
  const { subject } = envelope
  const active = Card.active(account.cards)
  const present = body.chip !== undefined && (subject._tag !== "Card" || subject.card === active?.id)
    ? active
    : undefined
  const settled = present === undefined ? [] : settleFirst(account, present.id, body.chip, setting)
  const after = settled.reduce(evolve, account)
  const card = present !== undefined && CardLoad.refusePoint(point) === undefined &&
      openLoad(after, present.id) === undefined
    ? present.id
    : undefined
  const reversed = Reversal.decide(after, body.purchase, {
    point: envelope.point,
    cell: Purchase.cellOf(profile, { medium: "physicalCard", now, point }),
    reads: present === undefined || body.chip === undefined
      ? undefined
      : { card: present.id, chip: body.chip, readAt: envelope.at },
    writes: card === undefined || body.chip === undefined
      ? undefined
      : { card, load: loadOf(envelope), before: body.chip },
    unpaid: body.unpaid === true,
    unasked: body.unasked === true,
    ceiling: profile.purseCeiling,
    now
  }, Original.purchaseOf(envelope.proofs?.original, account.id, body.purchase)?.online)
  return Result.map(reversed, (event) => [...settled, event])
}
