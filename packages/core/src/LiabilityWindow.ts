/**
 * How long a card could still be used after its loss report 责任期 (I9, D11): a terminal that is cut off refuses only what
 * its list knows. So the window ends when the last terminal was seen with a list that has the report in it.
 *
 * What was spent in it is posted as `SpendAfterLoss`. It can never be more than what was on the chip: nothing is loaded on
 * a card that is reported lost.
 */
import type { Instant } from "./CivilTime.ts"

/** From the report, until no terminal took the card any more; open as long as one of them is waited for. */
export interface LiabilityWindow {
  readonly from: Instant
  readonly until?: Instant
  readonly waiting: ReadonlyArray<string>
}

/** A terminal that was there with a list of this version. */
export interface Sighting {
  readonly terminal: string
  readonly at: Instant
  readonly list: number
}

/**
 * The window of a report. `version`: that of the list which has it (`BlockedCards.changedAt`); `terminals`: all that
 * there are.
 *
 * @example
 * ```ts
 * import { CivilTime, LiabilityWindow } from "@yikatong/core"
 *
 * const at = CivilTime.instant
 * const report = { version: 7, reportedAt: at("2025-11-03 12:00") }
 * const seen = [
 *   { terminal: "pos-1", at: at("2025-11-03 12:05"), list: 7 },
 *   { terminal: "pos-2", at: at("2025-11-03 12:06"), list: 6 }
 * ]
 * LiabilityWindow.of(report, ["pos-1"], seen) // => { from: report.reportedAt, until: at("2025-11-03 12:05"), waiting: [] }
 * LiabilityWindow.of(report, ["pos-1", "pos-2"], seen) // => { from: report.reportedAt, waiting: ["pos-2"] }
 * ```
 */
export const of = (
  report: { readonly version: number; readonly reportedAt: Instant },
  terminals: ReadonlyArray<string>,
  sightings: Iterable<Sighting>
): LiabilityWindow => {
  const told = new Map<string, Instant>()
  for (const { at, list, terminal } of sightings) {
    const before = told.get(terminal)
    if (list >= report.version && (before === undefined || at < before)) told.set(terminal, at)
  }
  const waiting = terminals.filter((terminal) => !told.has(terminal))
  const from = report.reportedAt
  if (waiting.length > 0) return { from, waiting }
  let until = from
  for (const terminal of terminals) {
    const at = told.get(terminal)
    if (at !== undefined && at > until) until = at
  }
  return { from, until, waiting }
}
