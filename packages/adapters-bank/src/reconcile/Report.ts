/**
 * A reconciliation report 对账报告: one day of one channel, for the people who keep its books. Data only; `ReportHtml` prints
 * it, `ReportCsv` hands it to a spreadsheet.
 */
import { CivilTime, type Explanation, type Reconciliation } from "@yikatong/core"
import type { Corrected, DayCompared } from "@yikatong/core/promise"
import * as ReportLine from "./ReportLine.ts"

/** What stands above the lines. `school`, `channel`: as people call them. `madeAt`: milliseconds, as anywhere. */
export interface Heading {
  readonly school: Explanation.Text
  readonly channel: Explanation.Text
  readonly madeAt: number
}

export interface Report {
  readonly school: Explanation.Text
  readonly channel: Explanation.Text
  readonly madeAt: CivilTime.Instant
  readonly day: CivilTime.Day
  readonly totals: Reconciliation.Totals
  readonly matched: number
  /** How many differences were suspended before. */
  readonly suspended: number
  readonly lines: ReadonlyArray<ReportLine.ReportLine>
}

/** A day that was compared, and what was put right, as `Reconciling` tells it or the promise door does. */
export interface Reconciled {
  readonly outcome: DayCompared
  readonly corrected?: ReadonlyArray<Corrected>
}

const statusOf: Record<Corrected["_tag"], ReportLine.Status> = {
  Corrected: "corrected",
  Suspended: "suspended",
  Waiting: "waiting",
  Failed: "failed"
}

/**
 * The report of a day. What was put right comes first; what was found and not looked at yet is open.
 *
 * @throws RangeError where the heading's time is no instant.
 */
export const of = ({ corrected = [], outcome }: Reconciled, heading: Heading): Report => {
  // The promise door tells the same values without their brands.
  const { carried, day, findings, matched, suspended, totals } = outcome as Reconciliation.Outcome
  const done = corrected as ReadonlyArray<{
    readonly _tag: Corrected["_tag"]
    readonly finding: Reconciliation.Finding
  }>
  const told = new Set(done.map(({ finding: { key } }) => key))
  const { channel, madeAt, school } = heading
  if (!(madeAt >= CivilTime.firstInstant && madeAt <= CivilTime.lastInstant)) {
    throw new RangeError("Expected the time at which the report was made")
  }
  return {
    school,
    channel,
    madeAt: madeAt as CivilTime.Instant,
    day,
    totals,
    matched,
    suspended: suspended - done.filter(({ _tag }) => _tag === "Suspended").length,
    lines: [
      ...done.map(({ _tag, finding }) => ReportLine.ofFinding(finding, statusOf[_tag])),
      ...findings.filter(({ key }) => !told.has(key)).map((finding) => ReportLine.ofFinding(finding, "open")),
      ...carried.map(ReportLine.ofCarried)
    ]
  }
}
