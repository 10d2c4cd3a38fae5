/**
 * The day of a channel's bill 账期: it ends at the channel's own cut-off 日切, and what comes close to that may stand in the bill
 * of the next day.
 */
import { Schema } from "effect"
import { type Day, dayLength, dayOf, firstInstant, hour, type Instant } from "./CivilTime.ts"

/** How a channel cuts its days, and how long something may come later than it should. */
export const Terms = Schema.Struct({
  /** When a day of the channel ends, in milliseconds after midnight; 0 is midnight, 23:00 the day before is negative. */
  cutOff: Schema.Int.check(Schema.isBetween({ minimum: 1 - dayLength, maximum: dayLength - 1 })),
  /** How close to the cut-off, in milliseconds, a payment may still come with the next day's bill. */
  window: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: dayLength })),
  /** How many bills later a refund may come. */
  refunds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
})
export interface Terms extends Schema.Schema.Type<typeof Terms> {}

/** Midnight, half an hour, three days. */
export const terms: Terms = { cutOff: 0, window: 1_800_000, refunds: 3 }

/** The day of the channel at an instant. */
export const dayAt = (at: Instant, { cutOff }: Terms): Day => dayOf(Math.max(at - cutOff, firstInstant) as Instant)

/** How long before the cut-off, in milliseconds. */
export const beforeCutOff = (at: Instant, terms: Terms): number => {
  const shifted = at - terms.cutOff
  return dayLength - (((shifted + 8 * hour) % dayLength) + dayLength) % dayLength
}
