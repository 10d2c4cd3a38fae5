/**
 * What a caller is told 应答: approved or declined, once and for ever the same for one command (D18).
 *
 * An answer is kept under the command's id and given again to every retry. It carries no name, no number and no secret.
 */
import { Schema } from "effect"
import type { Decision } from "./Account.ts"
import { AccountEvent } from "./AccountEvent.ts"
import { Decline } from "./Decline.ts"
import { AccountId } from "./Id.ts"
import { Quota } from "./LimitPolicy.ts"
import { Report } from "./Report.ts"
import { Pockets } from "./Wallet.ts"

export const Answer = Schema.TaggedUnion({
  /**
   * It happened. `pockets`: what the account holds now; `remaining`: what is left of the limits there, after a
   * purchase.
   */
  Approved: {
    account: AccountId,
    events: Schema.Array(AccountEvent),
    pockets: Pockets,
    remaining: Schema.Array(Quota),
    /** What was out of order about a fact (D11). */
    reports: Schema.Array(Report)
  },
  /** It did not, and money, counters and cards are as they were (D13). */
  Declined: { decline: Decline }
})
export type Answer = typeof Answer.Type
export type Approved = typeof Answer.cases.Approved.Type
export type Declined = typeof Answer.cases.Declined.Type

/** The answer to a decision. */
export const of = (decision: Decision): Answer => {
  if (decision._tag === "Declined") return { _tag: "Declined", decline: decision.decline }
  const { account, events, remaining } = decision
  return {
    _tag: "Approved",
    account: account.id,
    events,
    pockets: account.pockets,
    remaining,
    reports: events.flatMap((event) => "reports" in event ? event.reports : [])
  }
}

/** A refusal that a store gives itself, where no account could be asked (D20). */
export const declined = (decline: Decline): Answer => ({ _tag: "Declined", decline })
