/**
 * Promises that the compiler keeps about doors: no decision there can express money (I10, A22). Each line below
 * `@ts-expect-error` must not compile, and the line before it shows that only that is wrong. Nothing here runs; `tsc -b` is
 * the test.
 */
import type { Effect, Result } from "effect"
import type {
  Access,
  AccountEvent,
  Decline,
  Doors,
  Id,
  Ledger,
  Money,
  Spending,
  VerifiedCode,
  Wallet
} from "../src/index.ts"
import type * as Purchase from "../src/Purchase.ts"

/** Everything that can be reached in a value of this type, however deep. */
type Within<Value> = Value extends Money.Money ? Value
  : Value extends ReadonlyArray<infer Item> ? Value | Within<Item>
  : Value extends (...args: never) => unknown ? Value
  : Value extends object ? Value | { [Key in keyof Value]: Within<Exclude<Value[Key], undefined>> }[keyof Value]
  : Value
/** Whether any part of the value is money, or moves it. */
type HasMoney<Value> = true extends
  (Within<Value> extends infer Part ? Part extends Money.Money | Ledger.Transfer ? true : false : never) ? true
  : false

// The question can be answered with yes, so that no means something.
export const purchaseHasMoney: HasMoney<AccountEvent.Of<"Purchased">> = true
export const insufficientHasMoney: HasMoney<Decline.Of<"InsufficientWallet">> = true
export const nestedHasMoney: HasMoney<{ readonly one: ReadonlyArray<{ readonly two: Wallet.Pockets }> }> = true
// @ts-expect-error I10 and only with yes
export const purchaseHasNone: HasMoney<AccountEvent.Of<"Purchased">> = false

// I10 What a door decides has none, in either way it may end.
type Decided = ReturnType<typeof Access.decide>
export const admittedHasMoney: HasMoney<Access.Admitted> = false
export const refusalHasMoney: HasMoney<Access.Refusal> = false
export const decidedSucceeds: HasMoney<Result.Result.Success<Decided>> = false
export const decidedFails: HasMoney<Result.Result.Failure<Decided>> = false
export const eventHasMoney: HasMoney<AccountEvent.Of<"Admitted">> = false
export const recordHasMoney: HasMoney<AccountEvent.Of<"PassageRecorded">> = false
export const viewHasMoney: HasMoney<Access.View> = false
export const attemptHasMoney: HasMoney<Access.Attempt> = false
// @ts-expect-error I10
export const admittedHasSome: HasMoney<Access.Admitted> = true

declare const admitted: Access.Admitted
declare const refusal: Access.Refusal
declare const poor: Decline.Of<"InsufficientWallet">
declare const limited: Decline.Of<"MealLimitExceeded">

// I10 Who was admitted is written down, and has bought nothing.
export const written: AccountEvent.Of<"Admitted"> = admitted
// @ts-expect-error I10 a visit is no purchase
export const bought: AccountEvent.Of<"Purchased"> = admitted
// @ts-expect-error I10 and has no transfers
export const moved = admitted.transfers
declare const transfers: ReadonlyArray<Ledger.Transfer>
// @ts-expect-error I10 nor can any be written beside it
export const paid: Access.Admitted = { ...admitted, transfers }
// I17 A door refuses for its own reasons, and never for want of money or for a limit.
export const refused: Decline.Decline = refusal
// @ts-expect-error I17
export const refusedForMoney: Access.Refusal = poor
// @ts-expect-error I17
export const refusedForLimit: Access.Refusal = limited
declare const decided: Decided
declare const atTill: ReturnType<typeof Purchase.decide>
declare const spending: Spending.Spending
export const atDoor: Result.Result<Access.Admitted, Decline.Decline> = decided
// @ts-expect-error I10 a till's decision is none of a door's
export const atTillAsAtDoor: Decided = atTill
// @ts-expect-error I10 nor does a door see what a till sees
export const seen: Access.View = spending

// R12 R13 A22 Who a code says somebody is cannot be charged; a pay code that is to say so is downgraded first.
declare const identity: VerifiedCode.VerifiedIdentity
declare const pay: VerifiedCode.VerifiedPay
export const charge = (code: VerifiedCode.VerifiedPay): Money.Money => code.offlineCap
export const charged = charge(pay)
// @ts-expect-error A22 an identity pays nothing
export const chargedIdentity = charge(identity)
// @ts-expect-error A22 it has no cap to be charged up to
export const cap = identity.offlineCap
// @ts-expect-error R13 and a pay code is no identity as it is
export const asIdentity: VerifiedCode.VerifiedIdentity = pay
// @ts-expect-error A22 a copy of what was verified is not
export const copied: VerifiedCode.VerifiedIdentity = { ...identity }

// A22 What the flow tells a door: who came in where and when. It has no pockets, no events, no name.
type Opened = Extract<Doors.Verdict, { readonly _tag: "Opened" }>
export const openedHasMoney: HasMoney<Opened> = false
export const openedSays: [keyof Opened] extends ["_tag" | "account" | "door" | "at" | "passback"] ? true : false = true
declare const opened: Opened
export const who: Id.AccountId = opened.account
// @ts-expect-error A22 not what the account holds
export const pockets: Wallet.Pockets = opened.pockets
// @ts-expect-error D24 nor who it belongs to
export const person = opened.person
declare const verdict: Effect.Success<ReturnType<typeof Doors.identify>>
export const told: Doors.Verdict = verdict
// @ts-expect-error A22 nothing of it stands on every verdict but the tag
export const answer = verdict.pockets
// I10 The log of attempts has none either.
export const attemptsHaveMoney: HasMoney<Doors.Attempt> = false
