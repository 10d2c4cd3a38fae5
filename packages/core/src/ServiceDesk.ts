/**
 * Is the service hall open 服务大厅办理时间 (R32, R33, A19, A20)?
 *
 * The profile gives weekdays and half-open spans of the day; between two spans is the lunch break, and it counts as
 * closed. On holidays it is closed, on a make-up working day 调休 open as from Monday to Friday. A vacation 寒暑假 may have
 * hours of its own, which then hold instead; the manual has the same ones all year. Of vacations that overlap, the first
 * in the list holds. Hours advise: only what the profile binds to them is refused outside (A19).
 */
import { Option } from "effect"
import * as CivilTime from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import type { Procedure } from "./Procedure.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as WeeklySchedule from "./WeeklySchedule.ts"

type Hours = SchoolProfile["hours"]
type Spans = Pick<Hours, "weekdays" | "spans">

/** Open, and until when (the end of time, where it never closes); or closed, and when it opens, if ever again. */
export type Status =
  | { readonly _tag: "Open"; readonly until: CivilTime.Instant }
  | { readonly _tag: "Closed"; readonly opensAt: Option.Option<CivilTime.Instant> }

/**
 * What somebody at the door of the hall wants to know (A20).
 *
 * @example
 * ```ts
 * import { CivilTime, Csmzxy, ServiceDesk } from "@yikatong/core"
 * import { Option } from "effect"
 *
 * const status = ServiceDesk.statusAt(Csmzxy.csmzxy, CivilTime.instant("2025-11-28 17:30")) // a Friday
 * status._tag // => "Closed"
 * const opens = status._tag === "Closed" ? status.opensAt : Option.none()
 * CivilTime.format(Option.getOrThrow(opens)) // => "2025-12-01 09:30:00"
 * ```
 */
export const statusAt = (profile: Pick<SchoolProfile, "hours" | "calendar">, at: CivilTime.Instant): Status => {
  const opensAt = first(WeeklySchedule.opensAt, profile, at)
  if (Option.isNone(opensAt) || opensAt.value > at) return { _tag: "Closed", opensAt }
  const closesAt = first(WeeklySchedule.closesAt, profile, at)
  return { _tag: "Open", until: Option.getOrElse(closesAt, () => CivilTime.lastInstant) }
}

/** Why this has to wait for the hall to open, or nothing. */
export const refuse = (
  profile: Pick<SchoolProfile, "hours" | "calendar">,
  procedure: Procedure,
  at: CivilTime.Instant
): Decline.Of<"OutsideServiceHours"> | undefined => {
  if (!profile.hours.binds.includes(procedure)) return undefined
  const status = statusAt(profile, at)
  if (status._tag === "Open") return undefined
  return {
    _tag: "OutsideServiceHours",
    ...(Option.isSome(status.opensAt) ? { nextOpening: status.opensAt.value } : {})
  }
}

const weekly = ({ spans, weekdays }: Spans): WeeklySchedule.WeeklySchedule =>
  spans.flatMap(({ from, to }) => from < to ? [{ weekdays, from, to, holidays: "closed" as const }] : [])

/** The hours in force on a day, and the last day before others may be. */
const inForce = (hours: Hours, day: CivilTime.Day): { readonly spans: Spans; readonly last: CivilTime.Day } => {
  let last = CivilTime.lastDay
  for (const { from, to } of hours.vacations) {
    if (from > day && from <= last) last = CivilTime.addDays(from, -1)
    if (to >= day && to < last) last = to
  }
  return { spans: hours.vacations.find(({ from, to }) => from <= day && day <= to) ?? hours, last }
}

/** Asks one time of year after the other. No span crosses midnight, so each can be asked on its own. */
const first = (
  ask: typeof WeeklySchedule.opensAt,
  { calendar, hours }: Pick<SchoolProfile, "hours" | "calendar">,
  at: CivilTime.Instant
): Option.Option<CivilTime.Instant> => {
  for (let from = at;;) {
    const { last, spans } = inForce(hours, CivilTime.dayOf(from))
    const found = ask(weekly(spans), calendar, from)
    if (Option.isSome(found) && CivilTime.dayOf(found.value) <= last) return found
    if (last === CivilTime.lastDay) return Option.none()
    from = CivilTime.startOf(CivilTime.addDays(last, 1))
  }
}
