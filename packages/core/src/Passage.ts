/**
 * The account's side of doors 通行: rights are granted and revoked, and who is admitted is written down (R10-R17).
 *
 * What is decided stands in `Access`, where nothing can be charged. A refused attempt stays in the journal as the command
 * with its answer, so every attempt is logged with its verdict. What a cut-off door decided alone is a fact, and is written
 * down as it was (D11).
 */
import { Option, Result } from "effect"
import * as Access from "./Access.ts"
import type { Of } from "./AccountEvent.ts"
import type { AccountState } from "./AccountState.ts"
import * as BurnedCodes from "./BurnedCodes.ts"
import * as Card from "./Card.ts"
import { dayLength, type Instant } from "./CivilTime.ts"
import * as CodeTerms from "./CodeTerms.ts"
import * as Command from "./Command.ts"
import type * as Decline from "./Decline.ts"
import type { CardId } from "./Id.ts"
import * as Posted from "./Posted.ts"
import { pointOf } from "./SchoolProfile.ts"
import type { Outcome, Setting } from "./Setting.ts"
import type * as Standing from "./Standing.ts"
import { daysKept } from "./Tally.ts"

/** A card or a code at a door or a reader. A card is looked at as that card, whoever's account was found. */
export const identify = (
  account: AccountState,
  { card, medium }: Command.Of<"Identify">,
  { envelope, now, point, profile }: Setting
): Outcome => {
  if (medium === "physicalCard" && card === undefined) return Result.fail({ _tag: "UnknownCard" })
  const shown = medium === "physicalCard" ? card : undefined
  const attempt: Access.Attempt = { door: envelope.point, point, medium, card: shown, confirmed: false, now }
  return Result.map(
    Access.decide(profile, Access.viewOf(profile, account, medium, shown, now), attempt),
    (admitted) => [admitted]
  )
}

/** The key ring opens a door from afar: picked, and confirmed (R16). */
export const openByKeyRing = (
  account: AccountState,
  { confirmed, door }: Command.Of<"OpenByKeyRing">,
  { now, profile }: Setting
): Outcome => {
  const point = pointOf(profile, door)
  if (point === undefined) return Result.fail({ _tag: "UnknownPoint", point: door })
  const attempt: Access.Attempt = { door, point, medium: "keyRing", card: undefined, confirmed, now }
  return Result.map(
    Access.decide(profile, Access.viewOf(profile, account, "keyRing", undefined, now), attempt),
    (admitted) => [admitted]
  )
}

/**
 * What a cut-off door decided alone, once. It is kept as it was; that it opened against what is known of the account by now
 * is reported. Refused is only what cannot be true or kept apart: no door, no card of this account, from the future, from too
 * long ago, a copy.
 */
export const record = (
  account: AccountState,
  { card, code, medium, opened, sequence }: Command.Of<"RecordPassage">,
  { envelope, point, profile }: Setting
): Outcome => {
  const { point: id, receivedAt } = envelope
  const { category, door } = point
  if (door === undefined) return Result.fail({ _tag: "NotAnAccessPoint", category })
  // A clock that is a moment ahead loses nothing: it was now (D16).
  const ahead = envelope.at - receivedAt
  if (ahead > profile.clockTolerance) return Result.fail({ _tag: "RecordDatedInFuture", at: envelope.at, receivedAt })
  const at = ahead > 0 ? receivedAt : envelope.at
  if (receivedAt - at > daysKept * dayLength) return Result.fail({ _tag: "RecordTooOld", at, days: daysKept })
  const shown = medium === "physicalCard" ? card : undefined
  const plastic = shown === undefined ? undefined : Option.getOrUndefined(Card.find(account.cards, shown))
  if (medium === "physicalCard" && plastic === undefined) return Result.fail({ _tag: "UnknownCard" })
  // A code has been read from a phone, and of an authorisation that was in force: else it would burn what nobody showed.
  const isShown = code === undefined ||
    (medium !== "physicalCard" && medium !== "keyRing" && code.notAfter - at <= CodeTerms.lifetime + dayLength)
  if (!isShown) return Result.fail({ _tag: "CodeMalformed" })
  const record = Posted.ofDoor(id, sequence)
  if (Posted.has(account.posted, record)) return Result.fail({ _tag: "RecordAlreadyPosted" })
  const view = Access.viewOf(profile, account, medium, shown, at)
  // Doors that were cut off did not hear of each other, so the order of in and out is no reproach.
  const then: Access.View = { ...view, standing: standingThen(view.standing, account, plastic, at), presence: [] }
  const attempt: Access.Attempt = { door: id, point, medium, card: shown, confirmed: true, now: at }
  const decided = Access.decide(profile, then, attempt)
  const refusal = (code === undefined ? undefined : BurnedCodes.refuse(account.codes, code)) ??
    (Result.isFailure(decided) ? decided.failure : undefined)
  const reports: Of<"PassageRecorded">["reports"] = opened && refusal !== undefined
    ? [{ _tag: "OpenedAgainstRule", reason: refusal._tag }]
    : []
  return Result.succeed([{
    _tag: "PassageRecorded",
    at,
    receivedAt,
    door: id,
    medium,
    ...(shown === undefined ? {} : { card: shown }),
    ...(code === undefined ? {} : { code }),
    ...(door.area === undefined ? {} : { area: door.area }),
    ...(door.side === undefined ? {} : { side: door.side }),
    opened,
    record,
    reports
  }])
}

/** What was the matter at that time: a loss, an end or an activation that came later counts from then on. */
const standingThen = (
  standing: Standing.Standing,
  account: AccountState,
  card: Card.Card | undefined,
  at: Instant
): Standing.Standing => {
  const was = standing.filter((refusal) => {
    switch (refusal._tag) {
      case "CardLost":
        return card === undefined && refusal.reportedAt <= at
      case "AccountClosed":
        return refusal.since <= at
      case "CardSuperseded":
      case "CardCancelled":
        return card === undefined || !("activatedAt" in card)
      default:
        return true
    }
  })
  if (!wasActivated(account, card, at)) return [{ _tag: "CardNotActivated" }, ...was]
  const reportedAt = card !== undefined && "lost" in card ? Card.lostFrom(card, at) : undefined
  return reportedAt === undefined ? was : [{ _tag: "CardLost", reportedAt }, ...was]
}

/** That the card was activated by then, or any card of an account whose codes wait for one (R31). */
const wasActivated = (account: AccountState, card: Card.Card | undefined, at: Instant): boolean => {
  const by = (one: Card.Card) => "activatedAt" in one && one.activatedAt <= at
  if (card !== undefined) return card._tag === "Cancelled" || by(card)
  return account.class === "temporary" || account.cards.some(by)
}

/** Grants the right to open a door, to a card of this account or to its holder's key ring. */
export const grant = (
  account: AccountState,
  body: Command.Of<"GrantAccess">,
  { envelope, now, profile }: Setting
): Outcome => {
  const { card, door, from, until, windows } = body
  const point = pointOf(profile, door)
  if (point === undefined) return Result.fail({ _tag: "UnknownPoint", point: door })
  if (point.door === undefined) return Result.fail({ _tag: "NotAnAccessPoint", category: point.category })
  const refused = card === undefined ? undefined : refuseCard(account, card)
  if (refused !== undefined) return Result.fail(refused)
  return Result.succeed([{
    _tag: "AccessGranted",
    at: now,
    grant: {
      id: Command.grantOf(envelope),
      door,
      ...(card === undefined ? {} : { card }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...(windows === undefined ? {} : { windows })
    }
  }])
}

/**
 * Why a card is given no rights, or nothing: it is nobody's here, or will never open a door again. One that waits for its
 * activation is given them, and a lost one, whose successor takes them over.
 */
const refuseCard = (account: AccountState, id: CardId): Decline.Decline | undefined => {
  const card = Option.getOrUndefined(Card.find(account.cards, id))
  if (card === undefined) return { _tag: "UnknownCard" }
  switch (card._tag) {
    case "Issued":
    case "Active":
    case "Lost":
      return undefined
    case "Replaced":
    case "Returned":
    case "Cancelled":
      return Card.refusal(card)
  }
}

/** Takes a right back. */
export const revoke = (
  { grants }: AccountState,
  { grant }: Command.Of<"RevokeAccess">,
  { now }: Setting
): Outcome =>
  grants.some(({ id }) => id === grant)
    ? Result.succeed([{ _tag: "AccessRevoked", at: now, grant }])
    : Result.fail({ _tag: "UnknownGrant" })
