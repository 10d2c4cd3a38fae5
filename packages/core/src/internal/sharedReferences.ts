/**
 * One number of the channel's that more than one payment claims 流水号重用: in a bill, in our own attempts, or between the two.
 * It is one payment, and nobody but a person can tell whose.
 */
import { dayAt } from "../BillDay.ts"
import type { BillRow } from "../BillRow.ts"
import type { Of } from "../Discrepancy.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { Sides } from "../Reconciliation.ts"

type Shared = Of<"SharedReference">
type Claim = Pick<BillRow, "amount" | "kind" | "number" | "reference">

export const claimOf = (kind: BillRow["kind"], reference: string): string => `${kind} ${reference}`

/** The references that are shared, each under its {@link claimOf}. `isOfDay`: it is of this day, and told in its comparison. */
export const sharedReferences = (
  { attempts, day, rows, terms }: Pick<Sides, "attempts" | "day" | "rows" | "terms">
): ReadonlyMap<string, { readonly difference: Shared; readonly isOfDay: boolean }> => {
  const claims = new Map<string, { readonly first: Claim; readonly numbers: Set<string>; isOfDay: boolean }>()
  const claim = (one: Claim, isOfDay: boolean): void => {
    const name = claimOf(one.kind, one.reference)
    const known = claims.get(name)
    if (known === undefined) claims.set(name, { first: one, numbers: new Set([one.number]), isOfDay })
    else {
      known.numbers.add(one.number)
      known.isOfDay ||= isOfDay
    }
  }
  for (const row of rows) claim(row, true)
  for (const one of attempts) {
    if (!PaymentAttempt.isPaid(one)) continue
    const { number, paidAmount: amount, paidAt, reference } = one
    claim({ kind: "payment", number, reference, amount }, dayAt(paidAt, terms) === day)
  }
  const shared = [...claims].filter(([, { numbers }]) => numbers.size > 1)
  return new Map(shared.map(([name, { first: { amount, kind, reference }, isOfDay, numbers }]) => [name, {
    difference: { _tag: "SharedReference", kind, reference, numbers: [...numbers].sort(), amount },
    isOfDay
  }]))
}
