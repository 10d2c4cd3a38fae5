/**
 * One proposed correction is done 差错处理 (D2, I3): each is a step that happens once, however often it is asked for.
 */
import { Effect, Option, Result } from "effect"
import type * as Discrepancy from "../Discrepancy.ts"
import type { Fault } from "../Fault.ts"
import type { PointId } from "../Id.ts"
import type { CommandIdReused, MalformedCommand } from "../Misuse.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import type { Bill } from "../ports/RechargeChannel.ts"
import type * as Reconciliation from "../Reconciliation.ts"
import * as Attempting from "./Attempting.ts"
import { receiptOf } from "./Gathering.ts"
import * as Recharging from "./Recharging.ts"

/** What became of a difference. `reason`: why it could not be put right now, so that it is tried again. */
export type Corrected =
  | { readonly _tag: "Corrected"; readonly finding: Reconciliation.Finding }
  | { readonly _tag: "Suspended"; readonly finding: Reconciliation.Finding }
  /** A refund is on its way; it is asked about until it is there. */
  | { readonly _tag: "Waiting"; readonly finding: Reconciliation.Finding }
  | { readonly _tag: "Failed"; readonly finding: Reconciliation.Finding; readonly reason: string }

/** One correction; that a person is needed shows when the day is compared again. */
export const attempted = Effect.fnUntraced(function*(finding: Reconciliation.Finding, bill: Bill, point: PointId) {
  const done = yield* Effect.result(apply(finding, bill, point))
  if (Result.isSuccess(done)) return { _tag: "Corrected", finding } as const
  const fault: CommandIdReused | Fault | MalformedCommand = done.failure
  // The caller's mistake, such as a point where nothing may be credited: nobody has to look at an order for that.
  if (fault._tag === "MalformedCommand") return yield* fault
  return fault._tag === "PaymentUnmatched" || fault._tag === "CommandIdReused"
    ? { _tag: "Corrected", finding } as const
    : { _tag: "Failed", finding, reason: fault._tag } as const
})

const apply = Effect.fnUntraced(
  function*({ correction, difference }: Reconciliation.Finding, bill: Bill, point: PointId) {
    switch (correction._tag) {
      case "Confirm":
        return yield* believe(correction, difference, bill, point)
      case "ConfirmBack":
        return yield* believeBack(correction, point)
      case "AskChannel":
        return void (yield* Recharging.confirm({ id: correction.order }, point))
      case "GiveBack":
      case "GoOn":
        return void (yield* Recharging.pursue(correction.order, point))
      case "AskRefund": {
        const attempt = yield* Attempting.find(correction.number)
        const isFailed = Option.isSome(attempt) && attempt.value._tag === "ReturnFailed"
        if (isFailed) yield* Recharging.returnAgain(correction.number, point)
        else yield* Recharging.pursue(correction.order, point)
        return
      }
      case "Suspend":
        return
    }
  }
)

type Of<Tag extends Discrepancy.Correction["_tag"]> = Extract<Discrepancy.Correction, { readonly _tag: Tag }>

/** First the channel is asked, which may know that it was given back; then the row of its own bill is believed. */
const believe = Effect.fnUntraced(function*(
  { number, order }: Of<"Confirm">,
  difference: Discrepancy.Discrepancy,
  bill: Bill,
  point: PointId
) {
  yield* Recharging.confirm({ id: order }, point)
  const attempt = yield* Attempting.find(number)
  if (Option.isSome(attempt) && PaymentAttempt.isPaid(attempt.value)) return
  const receipt = "row" in difference ? receiptOf(bill, difference.row) : undefined
  if (receipt !== undefined) yield* Recharging.settleReceipt(receipt, point)
})

/**
 * The row of the bill is believed, by whomever the money was sent back. First the attempt, then its order: cut off between
 * the two, nothing is sent back once more.
 */
const believeBack = Effect.fnUntraced(function*({ number }: Of<"ConfirmBack">, point: PointId) {
  const attempt = yield* Attempting.known(number)
  if ("reason" in attempt) yield* Attempting.step(attempt, { _tag: "Returned" })
  yield* Recharging.inquire(number, point)
})
