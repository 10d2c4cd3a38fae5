/** The bills of all days, one after the other, as a school has them each morning; what was found is put right. */
import { CivilTime, Reconciliation, Reconciling } from "@yikatong/core"
import { Effect } from "effect"
import { office } from "../support/campus.ts"
import type { Looks } from "./Broken.ts"

/** UnionPay's day ends at 23:00. */
const termsOf = (channel: string): Reconciliation.Terms =>
  channel === "unionpay" ? { ...Reconciliation.terms, cutOff: -CivilTime.hour } : Reconciliation.terms

/** Every day from one instant to another. */
export const daysFrom = (first: CivilTime.Instant, last: CivilTime.Instant): ReadonlyArray<CivilTime.Day> => {
  const [from, to] = [CivilTime.dayOf(first), CivilTime.dayOf(last)]
  return Array.from({ length: to - from + 1 }, (_, at) => CivilTime.addDays(from, at))
}

/** How many differences there were. Once they were put right, the same day has none. */
export const reconciled = Effect.fnUntraced(function*(
  channels: ReadonlyArray<string>,
  days: ReadonlyArray<CivilTime.Day>,
  looks: Looks
) {
  let found = 0
  for (const channel of channels) {
    let carried: ReadonlyArray<Reconciliation.Carried> = []
    for (const day of days) {
      const compared = yield* Reconciling.compare({ channel, day, carried, terms: termsOf(channel) })
      found += compared.outcome.findings.length
      const { after } = yield* Reconciling.correct(compared, office)
      const { findings } = after.outcome
      looks.holds(3, findings.length === 0, "what was found is not put right, and nobody has it", findings)
      carried = after.outcome.carried
    }
  }
  return found
})
