/**
 * The right to open one door 门禁授权 (R15): for a card on this lock, or for the holder's key ring.
 *
 * A grant holds from an instant on, perhaps until another, and within its windows. When a card is replaced, its grants
 * go over to the new card: the plastic has changed, not who lives there.
 */
import { Option, Schema } from "effect"
import type { Calendar } from "./Calendar.ts"
import * as CivilTime from "./CivilTime.ts"
import { CardId, GrantId, PointId } from "./Id.ts"
import * as WeeklySchedule from "./WeeklySchedule.ts"

/** What is granted, beside whom. Half-open: `until` is no longer in it. No windows: at all hours. */
export const terms = {
  door: PointId,
  /** For this card, and for the holder's own phone too: the key ring, and codes where the door takes them; without it for those only. */
  card: Schema.optionalKey(CardId),
  from: Schema.optionalKey(CivilTime.Instant),
  until: Schema.optionalKey(CivilTime.Instant),
  windows: Schema.optionalKey(
    WeeklySchedule.WeeklySchedule.check(
      Schema.makeFilter(
        (windows: WeeklySchedule.WeeklySchedule) => WeeklySchedule.contradictions(windows).length === 0,
        {
          expected: "windows that are open at some time"
        }
      )
    )
  )
}

/** A grant of an account, named after the command that gave it. */
export const AccessGrant = Schema.Struct({ id: GrantId, ...terms })
export interface AccessGrant extends Schema.Schema.Type<typeof AccessGrant> {}

/** Whether the grant is for this door and what is shown there: this card, or nothing but the holder's own phone. */
export const isFor = (
  grant: AccessGrant,
  { card, door }: { readonly door: PointId; readonly card: CardId | undefined }
): boolean => grant.door === door && (card === undefined || grant.card === card)

/** Whether it holds now. */
export const holds = ({ from, until, windows }: AccessGrant, calendar: Calendar, now: CivilTime.Instant): boolean =>
  (from === undefined || now >= from) && (until === undefined || now < until) &&
  (windows === undefined || WeeklySchedule.covers(windows, calendar, now))

/** The first instant from now on at which it holds; none where it never will again. */
export const opensAt = (
  { from, until, windows }: AccessGrant,
  calendar: Calendar,
  now: CivilTime.Instant
): Option.Option<CivilTime.Instant> => {
  const start = from !== undefined && from > now ? from : now
  const opens = windows === undefined ? Option.some(start) : WeeklySchedule.opensAt(windows, calendar, start)
  return Option.filter(opens, (at) => until === undefined || at < until)
}

/** What has to agree before a door opens. `hours`: always, if left out; `grants`: none is needed, if left out. */
export interface Openings {
  readonly hours: WeeklySchedule.WeeklySchedule | undefined
  readonly grants: ReadonlyArray<AccessGrant> | undefined
}

/**
 * The first instant from now on at which the door is open and, where that is needed, one of the grants holds; none where
 * there never is one.
 *
 * Hours and windows repeat every week, but for the days that the calendar lists and where a grant begins. So the first
 * instant comes within a week of now or of such a change: who could not come in through a whole week in which nothing
 * changes, cannot come in before the next change.
 */
export const agreeAt = (
  { grants, hours }: Openings,
  calendar: Calendar,
  now: CivilTime.Instant
): Option.Option<CivilTime.Instant> => {
  for (const change of changes(grants ?? [], calendar, now)) {
    for (let at = change; at - change <= 7 * CivilTime.dayLength;) {
      const open = hours === undefined ? Option.some(at) : WeeklySchedule.opensAt(hours, calendar, at)
      const held = Option.flatMap(open, (from) => grants === undefined ? open : earliest(grants, calendar, from))
      if (Option.isNone(open) || Option.isNone(held)) break
      if (held.value === open.value) return held
      at = held.value
    }
  }
  return Option.none()
}

/** Now, and every later instant from which on the weeks are no longer as they were, in order. */
const changes = (
  grants: ReadonlyArray<AccessGrant>,
  { holidays, workdays }: Calendar,
  now: CivilTime.Instant
): ReadonlyArray<CivilTime.Instant> => {
  // A window of a listed day may run on through the day after it.
  const listed = [...holidays, ...workdays].flatMap((day) =>
    [day, Math.min(day + 2, CivilTime.lastDay) as CivilTime.Day].map(CivilTime.startOf)
  )
  const later = [...listed, ...grants.flatMap(({ from }) => from ?? [])].filter((at) => at > now)
  return [now, ...new Set(later.sort((one, other) => one - other))]
}

const earliest = (
  grants: ReadonlyArray<AccessGrant>,
  calendar: Calendar,
  now: CivilTime.Instant
): Option.Option<CivilTime.Instant> =>
  grants.map((grant) => opensAt(grant, calendar, now)).reduce(
    (first, at) => Option.isNone(first) || (Option.isSome(at) && at.value < first.value) ? at : first,
    Option.none()
  )
