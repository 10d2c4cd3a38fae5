/**
 * What became of a payment by card 支付结果: what the campus said, and what the chip did.
 */
import type { Answer, Chip } from "@yikatong/core"
import type { Evidence, Outcome } from "./Outcome.ts"
import type { Failure } from "./PurseCard.ts"

/**
 * `Paid`: campus and chip agree. `Unpaid`: the campus has approved it, and the chip has provably not paid, so
 * that nothing is handed out; with `again` the same sale may be taken again, else it can only be undone. `Unknown`: the campus has approved
 * it, and nobody knows yet whether the chip has paid; the next tap tells. `Undone`: it was given back before, and is over.
 */
export type Payment =
  | { readonly _tag: "Declined"; readonly answer: Answer.Declined }
  | {
    readonly _tag: "Paid"
    readonly answer: Answer.Approved
    readonly reading: Chip.Reading
    readonly tac?: string
  }
  | { readonly _tag: "Unpaid"; readonly answer: Answer.Approved; readonly again: boolean; readonly cause: Failure }
  | { readonly _tag: "Unknown"; readonly answer: Answer.Approved; readonly evidence: Evidence }
  | { readonly _tag: "Undone"; readonly answer: Answer.Approved }

/** The payment that an outcome of its debit makes. `first`: what the chip read as it was begun. */
export const of = (answer: Answer.Approved, first: Chip.Reading, outcome: Outcome): Payment => {
  switch (outcome._tag) {
    case "Done": {
      const { reading, tac } = outcome
      return { _tag: "Paid", answer, reading, ...(tac === undefined ? {} : { tac }) }
    }
    case "NotDone": {
      const { cause = { _tag: "CardChanged" }, reading } = outcome
      return { _tag: "Unpaid", answer, again: reading.purchaseSequence === first.purchaseSequence, cause }
    }
    case "Unknown":
      return { _tag: "Unknown", answer, evidence: outcome.evidence }
  }
}
