/**
 * When a channel is asked about an attempt 轮询时刻 (D2): by its patience, from what is known of the attempt alone, so that whoever
 * was started again holds the same schedule.
 */
import { hour, type Instant, later } from "../CivilTime.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { longest, type Patience } from "../ports/RechargeChannel.ts"

/**
 * When an attempt is to be asked about next: an instant that may be past, which means now. `lastAsked`: nothing where nobody
 * knows, such as after a start. Nothing comes back where nothing is to be asked any more.
 */
export const nextAsk = (
  attempt: PaymentAttempt.Attempt,
  patience: Patience,
  lastAsked: Instant | undefined,
  now: Instant
): Instant | undefined => {
  if (!PaymentAttempt.isOpen(attempt)) return undefined
  if (lastAsked === undefined) return now
  // What is paid and not concluded was cut off; what goes back is asked for as often as refunds are.
  if (attempt._tag === "Paid") return after(lastAsked, patience.refunds, lastAsked)
  if (attempt._tag === "Returning") return after(attempt.since, patience.refunds, lastAsked)
  const end = attempt.expiresAt
  // From the first millisecond after its grace it may be closed.
  const over = later(end, patience.grace + 1)
  const asks = patience.asks.map((wait) => later(attempt.openedAt, wait)).filter((at) => at < end)
  const next = [...asks, end, over].find((at) => at > lastAsked)
  // Its channel does not say what became of it, and has to; but less and less often, since nobody may ever know.
  return next ?? after(over, growing(patience), lastAsked)
}

/** The distances between questions about an unpaid attempt past its end: twice as long each, up to the longest. */
const growing = ({ most = longest, refunds }: Patience): ReadonlyArray<number> => {
  const waits = refunds.map((wait) => Math.min(wait, most))
  for (let last = Math.max(refunds.at(-1) ?? hour, 1_000); last < most;) {
    last = Math.min(last * 2, most)
    waits.push(last)
  }
  return waits
}

/** The first instant after `lastAsked`, of those that lie so far after each other; the last distance again and again. */
const after = (from: Instant, waits: ReadonlyArray<number>, lastAsked: Instant): Instant => {
  let at = from
  for (const wait of waits) {
    at = later(at, wait)
    if (at > lastAsked) return at
  }
  // Patience without a distance, or of nothing, must not become a question without a pause.
  const last = Math.max(waits.at(-1) ?? hour, 1_000)
  return later(at, (Math.floor((lastAsked - at) / last) + 1) * last)
}
