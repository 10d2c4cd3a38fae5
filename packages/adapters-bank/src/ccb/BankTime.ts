/**
 * Day and time as such links write them: a civil day, and six digits hhmmss, both of China.
 */
import { CivilTime } from "@yikatong/core"

/** The instant of a day and six digits that were read from a message. */
export const instant = (day: CivilTime.Day, time: string): CivilTime.Instant =>
  CivilTime.later(
    CivilTime.startOf(day),
    Number(time.slice(0, 2)) * CivilTime.hour + Number(time.slice(2, 4)) * CivilTime.minute +
      Number(time.slice(4, 6)) * CivilTime.second
  )

/** The day of an instant, and its six digits. */
export const of = (at: CivilTime.Instant): { readonly date: CivilTime.Day; readonly time: string } => {
  const [, time = ""] = CivilTime.format(at).split(" ")
  return { date: CivilTime.dayOf(at), time: time.replaceAll(":", "").slice(0, 6) }
}
