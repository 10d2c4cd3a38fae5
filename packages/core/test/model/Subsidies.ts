/**
 * Subsidies as the model tells them (D6): each batch is a lot; what ends first is spent first, what comes back goes where
 * it was spent last.
 */
import type * as Command from "../../src/Command.ts"
import { dayAt } from "./Dates.ts"
import { type Expected, no, yes } from "./Expected.ts"
import type { Model } from "./Model.ts"

export const grant = (model: Model, { amount, batch, until }: Command.Of<"GrantSubsidy">): Expected => {
  const debt = Math.min(model.pockets.receivable, amount)
  model.pockets.receivable -= debt
  model.pockets.subsidy += amount - debt
  model.addLot({ batch, until, granted: amount - debt, left: amount - debt })
  return yes
}

/** Of a batch, once its last day is over; of all, at any time. */
export const expire = (model: Model, { batch }: Command.Of<"ExpireSubsidy">): Expected => {
  const lots = model.lots.filter((lot) => (batch === undefined || lot.batch === batch) && lot.left > 0)
  // A batch that was granted twice ends with the later of its days.
  const days = lots.flatMap((lot) => lot.until ?? [])
  const until = days.length === 0 ? undefined : Math.max(...days)
  if (batch !== undefined && until !== undefined && dayAt(model.now) <= until) return no("SubsidyNotEnded", { until })
  if (lots.length === 0) return yes
  model.pockets.subsidy -= lots.reduce((sum, { left }) => sum + left, 0)
  model.lots = model.lots.filter((lot) => batch !== undefined && lot.batch !== batch)
  return yes
}
