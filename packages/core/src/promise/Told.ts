/**
 * What a caller is told, as plain values 应答: an approval or a decline of an account, and of any other subject; and with what
 * a promise is rejected.
 */
import type { Cause } from "effect"
import type { AccountState } from "../AccountState.ts"
import type * as Answered from "../Answer.ts"
import type * as Declines from "../Decline.ts"
import type * as Faults from "../Fault.ts"
import type * as Misuses from "../Misuse.ts"
import type * as Recharge from "../Recharge.ts"
import type { Plain } from "./Plain.ts"

/** What an account answers. */
export type Answer = typeof Answered.Answer.Encoded
export type Approved = Extract<Answer, { readonly _tag: "Approved" }>
export type Declined = Extract<Answer, { readonly _tag: "Declined" }>
/** Why not. */
export type Decline = typeof Declines.Decline.Encoded
/** What a batch, a terminal or a phone answers: it was done, or why not. */
export type Done = { readonly _tag: "Approved" } | Declined
/** An account as it is now. */
export type Account = typeof AccountState.Encoded
/** A recharge order. */
export type Order = typeof Recharge.Order.Encoded

/** What is thrown, as an error with its own fields and no more. */
type Thrown<One extends Error> = One extends Error ? Error & Plain<Omit<One, keyof Cause.YieldableError>>
  : never
/** The caller contradicts itself: nothing has changed, and the program has to be mended. */
export type Misuse = Thrown<Misuses.Misuse>
/** Something is broken: it is open whether the command took effect, and the same command may be sent again. */
export type Fault = Thrown<Faults.Fault>

/** What another subject than an account answered; its events are its own. */
export const done = (
  answer: { readonly _tag: "Approved" } | { readonly _tag: "Declined"; readonly decline: Decline }
): Done => answer._tag === "Declined" ? answer : { _tag: "Approved" }
