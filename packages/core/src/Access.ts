/**
 * Who may come in 身份识别: dorm gates, room locks, library readers (R10-R18, R62-R64).
 *
 * A decision says who was admitted, or why not. It cannot express money: no event and no decline of it has an amount in
 * its type, so a pay code that a gate takes as proof of identity (R12) can never be charged there (A22, I10).
 *
 * It looks in this order, and the first refusal wins: medium → standing of card or holder → hours of the door → grant →
 * anti-passback. What is not stated is refused.
 */
import { Option, Result } from "effect"
import * as AccessGrant from "./AccessGrant.ts"
import type { AccessRule } from "./AccessRule.ts"
import type { AccountState } from "./AccountState.ts"
import type { Calendar } from "./Calendar.ts"
import { dayOf, type Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { CardId, PointId } from "./Id.ts"
import type { Medium } from "./Medium.ts"
import type { AccountClass } from "./Person.ts"
import type { Door, Point } from "./Point.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Standing from "./Standing.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as WeeklySchedule from "./WeeklySchedule.ts"

/** Somebody was admitted. `passback`: against the order of in and out, where the door only marks it. */
export interface Admitted {
  readonly _tag: "Admitted"
  readonly at: Instant
  readonly door: PointId
  readonly medium: Medium
  readonly card?: CardId
  readonly area?: string
  readonly side?: "in" | "out"
  readonly passback: boolean
}

/** Why somebody is not admitted. None of them has an amount. */
export type Refusal = Decline.Of<
  | "NotAnAccessPoint"
  | "MediumNotForDoor"
  | "WrongCodeKind"
  | "NotConfirmed"
  | "DoorClosed"
  | "NoGrantForDoor"
  | "OutsideGrantWindow"
  | "AntiPassback"
  | "MediumNotForHolder"
  | Standing.Refusal["_tag"]
>

/** What is shown where. `card`: the plastic, if that is it. `confirmed`: the pick on the key ring (R16). */
export interface Attempt {
  readonly door: PointId
  readonly point: Point
  readonly medium: Medium
  readonly card: CardId | undefined
  readonly confirmed: boolean
  readonly now: Instant
}

/** What a door may know of a holder: no money, no name. A lock that is cut off keeps it of those who have grants there. */
export interface View {
  readonly class: AccountClass
  /** Why this holder does not show this medium (R8). */
  readonly unheld: Decline.Of<"MediumNotForHolder"> | undefined
  /** Why card or holder is not in order. */
  readonly standing: Standing.Standing
  readonly grants: ReadonlyArray<AccessGrant.AccessGrant>
  readonly presence: AccountState["presence"]
}

/** The view of an account, for this card, or for a code or the key ring. */
export const viewOf = (
  profile: SchoolProfile,
  account: AccountState,
  medium: Medium,
  card: CardId | undefined,
  now: Instant
): View => ({
  class: account.class,
  unheld: TemporaryCard.refuseMedium(profile.temporary, account, medium),
  standing: card === undefined
    ? Standing.ofCode(profile, account, medium, dayOf(now))
    : Standing.ofCard(profile, account, card, dayOf(now)),
  grants: account.grants,
  presence: account.presence
})

/** May this person come in here and now. */
export const decide = (
  profile: Pick<SchoolProfile, "access" | "calendar">,
  view: View,
  attempt: Attempt
): Result.Result<Admitted, Refusal> => {
  const { card, confirmed, door: id, medium, now, point } = attempt
  const { door } = point
  const rule = door === undefined ? undefined : ruleOf(profile, door)
  if (door === undefined || rule === undefined) {
    return Result.fail({ _tag: "NotAnAccessPoint", category: point.category })
  }
  if (!rule.media.includes(medium)) return Result.fail(wrongMedium(rule, door, medium))
  if (medium === "keyRing" && !confirmed) return Result.fail({ _tag: "NotConfirmed" })
  if (view.unheld !== undefined) return Result.fail(view.unheld)
  const standing = Standing.refuse(view.standing, {
    dormant: (door.dormant ?? rule.dormant) === "admitted",
    lost: (door.lost ?? rule.lost) === "admitted"
  })
  if (standing !== undefined) return Result.fail(standing)
  const { calendar } = profile
  const grants = rule[view.class] === "granted"
    ? view.grants.filter((grant) => AccessGrant.isFor(grant, { card, door: id }))
    : undefined
  if (rule.hours !== undefined && !WeeklySchedule.covers(rule.hours, calendar, now)) {
    return Result.fail({ _tag: "DoorClosed", ...opening({ hours: rule.hours, grants }, calendar, now) })
  }
  if (grants !== undefined && !grants.some((grant) => AccessGrant.holds(grant, calendar, now))) {
    return Result.fail(
      grants.length === 0
        ? { _tag: "NoGrantForDoor" }
        : { _tag: "OutsideGrantWindow", ...opening({ hours: rule.hours, grants }, calendar, now) }
    )
  }
  const passed = passback(rule, door, view.presence, now)
  if (passed !== undefined && rule.passback?.mode === "hard") return Result.fail(passed)
  return Result.succeed({
    _tag: "Admitted",
    at: now,
    door: id,
    medium,
    ...(card === undefined ? {} : { card }),
    ...(door.area === undefined ? {} : { area: door.area }),
    ...(door.side === undefined ? {} : { side: door.side }),
    passback: passed !== undefined
  })
}

/** The rule of a door's class, if the profile has it. */
export const ruleOf = ({ access }: Pick<SchoolProfile, "access">, door: Door): AccessRule | undefined =>
  Object.hasOwn(access, door.class) ? access[door.class] : undefined

const wrongMedium = (rule: AccessRule, door: Door, medium: Medium): Refusal =>
  medium === "ecodePayCode" && rule.media.includes("ecodeIdentityCode")
    ? { _tag: "WrongCodeKind", medium }
    : { _tag: "MediumNotForDoor", medium, class: door.class, allowed: rule.media }

/** When hours and grants will let this holder in, which is what he wants to know; nothing where they never will. */
const opening = (
  openings: AccessGrant.Openings,
  calendar: Calendar,
  now: Instant
): { readonly opensAt?: Instant } => {
  const at = AccessGrant.agreeAt(openings, calendar, now)
  return Option.isSome(at) ? { opensAt: at.value } : {}
}

const passback = (
  rule: AccessRule,
  { area, side }: Door,
  presence: AccountState["presence"],
  now: Instant
): Decline.Of<"AntiPassback"> | undefined => {
  if (rule.passback === undefined || area === undefined || side === undefined) return undefined
  const last = presence.find((one) => one.area === area)
  return last !== undefined && last.side === side && last.at <= now && now - last.at < rule.passback.forgetAfter
    ? { _tag: "AntiPassback", side, since: last.at }
    : undefined
}

/**
 * The doors on the holder's key ring 钥匙串 now: exactly those that would open if they were picked and confirmed (R16, I18).
 */
export const keyRing = (profile: SchoolProfile, account: AccountState, now: Instant): ReadonlyArray<PointId> => {
  const view = viewOf(profile, account, "keyRing", undefined, now)
  return Object.entries(profile.points).flatMap(([id, point]) => {
    const door = id as PointId
    const attempt: Attempt = { door, point, medium: "keyRing", card: undefined, confirmed: true, now }
    return Result.isSuccess(decide(profile, view, attempt)) ? [door] : []
  })
}
