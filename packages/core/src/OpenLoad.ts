/**
 * A load under way, and what the chip can prove about it (R28, D8).
 *
 * The load counter of the chip decides, and the balance must agree. Where the chip cannot be read any more, an offline
 * record that it made afterwards may still prove the write.
 */
import { Schema } from "effect"
import * as Chip from "./Chip.ts"
import { Instant } from "./CivilTime.ts"
import { LoadId, PointId } from "./Id.ts"
import * as Money from "./Money.ts"

/**
 * A load under way. `point`: where it was begun; `transit` and `subsidy`: the fen it took from each; `before`: what the chip
 * said when it began.
 */
export const OpenLoad = Schema.Struct({
  id: LoadId,
  point: PointId,
  transit: Money.Money,
  subsidy: Money.Money,
  before: Chip.Reading,
  begunAt: Instant,
  /** `unknown` once its answer has been missing: a torn write. */
  outcome: Schema.Literals(["writing", "unknown"])
})
export interface OpenLoad extends Schema.Schema.Type<typeof OpenLoad> {}

/** What became of a load, as far as the evidence goes. `contradiction`: the chip fits neither outcome. */
export type Proof = "written" | "notWritten" | "unproven" | "contradiction"

/** The fen that a load writes. */
export const amountOf = (load: OpenLoad): Money.Money => Money.plus(load.transit, load.subsidy)

/** What a later reading of the chip proves: the load counter decides, the balance must agree. */
export const proveByReading = (load: OpenLoad, now: Chip.Reading): Proof => {
  const { balance, loadSequence, purchaseSequence } = load.before
  const bought = now.purchaseSequence - purchaseSequence
  const loads = now.loadSequence - loadSequence
  if (bought < 0 || (loads !== 0 && loads !== 1)) return "contradiction"
  const expected = loads === 1 ? Money.plus(balance, amountOf(load)) : balance
  const agrees = bought === 0 ? now.balance === expected : now.balance <= expected
  if (!agrees) return "contradiction"
  return loads === 1 ? "written" : "notWritten"
}

/**
 * What an offline record made after the load began proves: the chip had more than before, so it was written; it was the
 * very next purchase and the chip had as much as before, so it was not.
 */
export const proveByRecord = (
  load: OpenLoad,
  record: { readonly chipBefore: Money.Money; readonly purchaseSequence: number }
): Proof => {
  if (record.purchaseSequence <= load.before.purchaseSequence) return "unproven"
  if (record.chipBefore > load.before.balance) return "written"
  return record.purchaseSequence === load.before.purchaseSequence + 1 && record.chipBefore === load.before.balance
    ? "notWritten"
    : "unproven"
}
