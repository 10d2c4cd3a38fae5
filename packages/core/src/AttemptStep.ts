/**
 * What happens to a try to pay an order 支付单步骤 (D2, D21): the steps, what they leave in the journal, and from which state each
 * may be taken.
 */
import { Schema } from "effect"
import { type Attempt, Instruction, opened, ReturnReason } from "./AttemptState.ts"
import { Instant } from "./CivilTime.ts"
import { OrderId, OrderNumber, Words } from "./Id.ts"
import * as Money from "./Money.ts"
import { Witness } from "./Receipt.ts"
import { FundingSource } from "./Recharge.ts"

export const Command = Schema.TaggedUnion({
  /** One try more to pay this order; no money has moved. */
  Open: {
    order: OrderId,
    index: opened.index,
    channel: Words,
    source: FundingSource,
    amount: Money.Amount,
    expiresAt: Instant
  },
  /** The channel has it. */
  Sent: { instruction: Instruction },
  /** The channel did not answer. */
  AnswerLost: {},
  /** The channel says that it is closed, or that it never had it. */
  Closed: {},
  /** The channel confirmed a payment. `receipt` has to be its `Receipt`; anything that only looks like it is `NotPaid`. */
  Confirmed: {
    receipt: Schema.Struct({
      number: OrderNumber,
      amount: Money.Amount,
      paidAt: Instant,
      reference: Words,
      witness: Witness
    })
  },
  /** The order was credited with it. */
  Kept: {},
  /** The bank took it back, after its order was credited. */
  TakenBack: {},
  /** A person has seen to that. */
  SeenTo: {},
  /** Its money has to go back. */
  ReturnDue: { reason: ReturnReason },
  /** It is back: sent by the channel, taken by the bank itself, or sent by hand. */
  Returned: {},
  /** The channel can not send it back. */
  ReturnFailed: {},
  /** A person has seen to it, and the channel is asked once more. */
  ReturnAgain: {}
})
export type Command = typeof Command.Type

const at = { at: Instant }

export const Event = Schema.TaggedUnion({
  Opened: { ...at, ...opened },
  Sent: { ...at, instruction: Instruction },
  AnswerLost: at,
  Closed: at,
  Paid: { ...at, paidAt: Instant, paidAmount: Money.Amount, reference: Words, witness: Witness },
  Kept: at,
  TakenBack: at,
  SeenTo: at,
  ReturnDue: { ...at, reason: ReturnReason },
  Returned: at,
  ReturnFailed: at,
  ReturnAgain: at
})
export type Event = typeof Event.Type

/** The states that each step may be taken from; from any other it is refused, and from its own it is nothing new. */
const steps: Record<Exclude<Command["_tag"], "Confirmed" | "Open">, ReadonlyArray<Attempt["_tag"]>> = {
  Sent: ["Opened", "Unknown"],
  AnswerLost: ["Opened"],
  Closed: ["Opened", "Unknown", "Waiting"],
  Kept: ["Paid"],
  TakenBack: ["Kept"],
  SeenTo: ["TakenBack"],
  ReturnDue: ["Paid"],
  Returned: ["Returning", "ReturnFailed"],
  ReturnFailed: ["Returning"],
  ReturnAgain: ["ReturnFailed"]
}
/** Where each step leads: what is there already needs no second event. */
const ends: Record<keyof typeof steps, Attempt["_tag"]> = {
  Sent: "Waiting",
  AnswerLost: "Unknown",
  Closed: "Closed",
  Kept: "Kept",
  TakenBack: "TakenBack",
  SeenTo: "SeenTo",
  ReturnDue: "Returning",
  Returned: "Returned",
  ReturnFailed: "ReturnFailed",
  ReturnAgain: "Returning"
}

/** A step that no evidence is needed for. */
export type Step = Exclude<Command, { readonly _tag: "Confirmed" | "Open" }>

/** What a step would be to an attempt as it stands: something new, nothing new, or nothing that can be. */
export const weigh = ({ _tag }: Attempt, step: Step["_tag"]): "new" | "known" | "refused" =>
  _tag === ends[step] ? "known" : steps[step].includes(_tag) ? "new" : "refused"
