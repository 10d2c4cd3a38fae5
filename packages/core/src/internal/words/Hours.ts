/**
 * When somebody sits at the counter 办理时间, and whom to call (R32, R34, A19, A20).
 */
import { Option } from "effect"
import { dayOf, type Instant, lastInstant, minuteOf } from "../../CivilTime.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import * as ServiceDesk from "../../ServiceDesk.ts"
import { clock, soon, weekday } from "./Figures.ts"
import { joined, type Text, text } from "./Text.ts"

/** The week's hours and the phone: "办理时间：周一至周五 9:30—12:00, 13:00—17:30，电话：…". */
export const hours = ({ hours: { spans, weekdays }, phone }: Pick<SchoolProfile, "hours" | "phone">): Text => {
  if (weekdays.length === 0 || spans.length === 0) return text("电话：{}", "Phone {}", phone)
  const runs: Array<{ readonly from: number; to: number }> = []
  for (const day of [...new Set(weekdays)].sort((one, other) => one - other)) {
    const last = runs.at(-1)
    if (last?.to === day - 1) last.to = day
    else runs.push({ from: day, to: day })
  }
  const days = runs.map(({ from, to }) =>
    from === to ? weekday(from) : text("{}至{}", "{}–{}", weekday(from), weekday(to))
  )
  const times = spans.map(({ from, to }) => text("{}—{}", "{}–{}", clock(from), clock(to)))
  return text(
    "办理时间：{} {}，电话：{}",
    "Open {} {}, phone {}",
    joined(days, "、", ", "),
    joined(times, ", ", ", "),
    phone
  )
}

/** The profile with the hours of this time of the year as its only ones: in a vacation those of the vacation (R33). */
export const ofSeason = (profile: SchoolProfile, now: Instant): SchoolProfile => {
  const today = dayOf(now)
  const vacation = profile.hours.vacations.find(({ from, to }) => from <= today && today <= to)
  if (vacation === undefined) return profile
  const { spans, weekdays } = vacation
  return { ...profile, hours: { ...profile.hours, spans, weekdays } }
}

/** Whether somebody sits there now, or from when on: "现在办理中，至 12:00", "下次开放：周一 9:30". */
export const status = (profile: SchoolProfile, now: Instant): Text => {
  const desk = ServiceDesk.statusAt(profile, now)
  if (desk._tag === "Open") {
    return desk.until === lastInstant
      ? text("现在办理中", "Open now")
      : text("现在办理中，至 {}", "Open now, until {}", closing(desk.until, now))
  }
  return Option.match(desk.opensAt, {
    onNone: () => text("目前没有开放时间", "No opening is planned"),
    onSome: (at) => text("下次开放：{}", "Next open: {}", soon(at, now))
  })
}

/** Midnight ends the day that it closes. */
const closing = (until: Instant, now: Instant): Text | string => {
  const days = dayOf(until) - dayOf(now)
  if (days === 0) return clock(minuteOf(until))
  return days === 1 && minuteOf(until) === 0 ? clock(1_440) : soon(until, now)
}
