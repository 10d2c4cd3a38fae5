/**
 * What a person reads when the campus says no 拒绝说明, and what a clerk reads in a report (R73, D1, D14).
 *
 * First the fact with its numbers, then what to do next: the manual's remedies, with the windows, documents, hours and
 * phone of the school's profile. Readers are the small display of a terminal and somebody in a hurry, so it is short,
 * blames nobody and shows no tag. A sentence bears no full stop at its end; {@link inWords} sets it. A text that came
 * from outside unchecked (an unknown channel, an unknown meal) is not repeated, and names, numbers of persons and
 * passwords never come here.
 *
 * The words themselves stand in files by the groups of `Decline.ts`, the names, figures and places that they share beside
 * them.
 *
 * Money is written "30.00 元" and "¥30.00". A time from which something may be done is rounded up to the minute, so that
 * nobody comes too early.
 */
import type { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { type Discrepancy, groupOf } from "./Discrepancy.ts"
import { acceptance } from "./internal/words/Acceptance.ts"
import { accounts } from "./internal/words/Accounts.ts"
import { balances } from "./internal/words/Balances.ts"
import { cards } from "./internal/words/Cards.ts"
import { codes } from "./internal/words/Codes.ts"
import { corrections } from "./internal/words/Corrections.ts"
import * as Discrepancies from "./internal/words/Discrepancies.ts"
import { doors } from "./internal/words/Doors.ts"
import type { Declines, Entry } from "./internal/words/Entry.ts"
import { facts } from "./internal/words/Facts.ts"
import { hall } from "./internal/words/Hall.ts"
import { ofSeason, status } from "./internal/words/Hours.ts"
import { limitName, limits } from "./internal/words/Limits.ts"
import * as OpenRecords from "./internal/words/OpenRecords.ts"
import { passwords } from "./internal/words/Passwords.ts"
import { recharges } from "./internal/words/Recharges.ts"
import { replacements } from "./internal/words/Replacements.ts"
import { reports } from "./internal/words/Reports.ts"
import { inOrder } from "./internal/words/Rules.ts"
import { type LineInWords, ofLine as lineInWords } from "./internal/words/Statements.ts"
import { stranded } from "./internal/words/Stranded.ts"
import { subjects } from "./internal/words/Subjects.ts"
import { temporary } from "./internal/words/Temporary.ts"
import { spaced, type Text, text } from "./internal/words/Text.ts"
import type { Quota } from "./LimitPolicy.ts"
import type { Report } from "./Report.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import type { Refusal } from "./Sequence.ts"
import type { Line } from "./Statement.ts"
import type { Stuck } from "./StuckRecharge.ts"
import type { Step } from "./Trace.ts"

export type { LineInWords } from "./internal/words/Statements.ts"
export type { Text } from "./internal/words/Text.ts"

/** `what`: the fact with its numbers. `remedy`: what the reader does next. */
export interface Explanation {
  readonly what: Text
  readonly remedy: Text
}

/** In the order of `Decline.ts`. A decline without a text does not compile, nor does a text without a decline. */
const declines: Declines = {
  ...accounts,
  ...hall,
  ...temporary,
  ...acceptance,
  ...cards,
  ...codes,
  ...doors,
  ...limits,
  ...passwords,
  ...balances,
  ...recharges,
  ...replacements,
  ...facts,
  ...corrections,
  ...subjects
}

/**
 * Explains a decline in the words and places of this school. `now`, if it is given: a remedy that sends people to a
 * counter also says whether somebody sits there, or when the next time, and names the hours of this season (R33, A19, A20).
 *
 * @example
 * ```ts
 * import { CivilTime, Csmzxy, Explanation } from "@yikatong/core"
 *
 * const saturday = CivilTime.instant("2025-11-29 10:00")
 * const { remedy } = Explanation.explain({ _tag: "CardNotActivated" }, Csmzxy.csmzxy, saturday)
 * remedy.zh.split("。").at(-1) // => "下次开放：周一 9:30"
 * ```
 */
export const explain = (decline: Decline.Decline, profile: SchoolProfile, now?: Instant): Explanation => {
  const entry = declines[decline._tag] as (decline: Decline.Decline, profile: SchoolProfile) => Entry
  const [what, remedy] = entry(decline, now === undefined ? profile : ofSeason(profile, now))
  const timely = now === undefined || remedy.attended !== true
    ? remedy
    : text("{}。{}", "{}. {}", remedy, status(profile, now))
  return { what: spaced(what), remedy: spaced(timely) }
}

const inBoth = ([what, remedy]: Entry): Explanation => ({ what: spaced(what), remedy: spaced(remedy) })

/**
 * Tells the office about a record of a terminal that waits since its account declined it (D11): what is the matter, and how
 * it comes to its end. {@link explain} has the words for the payer at the till, who can do none of this.
 *
 * @example
 * ```ts
 * import { Csmzxy, Explanation } from "@yikatong/core"
 *
 * const { remedy } = Explanation.ofSuspended({ _tag: "RecordContested" }, Csmzxy.csmzxy)
 * remedy.en // => "Find out who paid: pay nothing by hand that was posted. Then explain the record"
 * ```
 */
export const ofSuspended = (decline: Decline.Decline, profile: SchoolProfile): Explanation =>
  inBoth([explain(decline, profile).what, OpenRecords.suspended(decline)])

/** Tells the office about a record that was refused for its number, and how it comes to its end (I15). */
export const ofRefused = (refusal: Refusal): Explanation => inBoth(OpenRecords.refused(refusal))

/** Tells the office about a record under a number that another one has (I15). */
export const ofConflict = (): Explanation => inBoth(OpenRecords.conflicting)

/** Tells the office about a record that came, and nothing more is known of it (I15). */
export const ofTaken = (): Explanation => inBoth(OpenRecords.taken)

/** Tells whoever reconciles what does not agree, and what is done about it. */
export const ofDiscrepancy = (difference: Discrepancy): Explanation => {
  const entry = Discrepancies.differences[difference._tag] as (difference: Discrepancy) => Entry
  return inBoth(entry(difference))
}

/** Tells the office about a recharge that waits for a person, and what somebody can do. */
export const ofStuck = (stuck: Stuck): Explanation => {
  const entry = stranded[stuck._tag] as (stuck: Stuck) => Entry
  return inBoth(entry(stuck))
}

/** What a difference is called where books are kept 差异类别, such as "长款". */
export const ofGroup = (difference: Discrepancy): Text => spaced(Discrepancies.groups[groupOf(difference)])

/** Tells a clerk what was out of order about a fact that was posted all the same (D11). */
export const describe = (report: Report, profile: Pick<SchoolProfile, "mediumNames">): Text => {
  const entry = reports[report._tag] as (report: Report, profile: Pick<SchoolProfile, "mediumNames">) => Text
  return spaced(entry(report, profile))
}

/**
 * Two lines for a display: Chinese, then English.
 *
 * @example
 * ```ts
 * import { Csmzxy, Explanation } from "@yikatong/core"
 *
 * const explained = Explanation.explain({ _tag: "NothingToLoad" }, Csmzxy.csmzxy)
 * Explanation.inWords(explained).split("\n").length // => 2
 * ```
 */
export const inWords = ({ remedy, what }: Explanation): string =>
  `${what.zh}。${remedy.zh}。\n${what.en}. ${remedy.en}.`

/** Tells a trace: what refused, what had passed before it, and what nobody looked at any more (D14). */
export const inTrace = (steps: ReadonlyArray<Step>): Text => spaced(inOrder(steps))

/** A line of a statement in words, as the school calls things (R56). */
export const ofLine = (line: Line, profile: Pick<SchoolProfile, "mediumNames">): LineInWords => {
  const { medium, status, what, ...rest } = lineInWords(line, profile)
  return {
    ...rest,
    what: spaced(what),
    ...(medium === undefined ? {} : { medium: spaced(medium) }),
    status: spaced(status)
  }
}

/** What a limit is called 限额名称, such as "日限" (R50). */
export const ofQuota = (quota: Quota): Text => spaced(limitName(quota))
