/**
 * A door asks, and opens or not 门禁流程 (R10-R17). What it is told has no money in it: neither what was charged, which is
 * nothing, nor what the account holds (I10, A22).
 */
import { Effect, Option, Stream } from "effect"
import * as Access from "../Access.ts"
import type { Answer } from "../Answer.ts"
import type { Instant } from "../CivilTime.ts"
import type { Of } from "../Command.ts"
import type { Decline } from "../Decline.ts"
import type { StoreFault } from "../Fault.ts"
import type { AccountId, PointId } from "../Id.ts"
import type { Medium } from "../Medium.ts"
import { AccountStore, type Which } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Submit from "./Submit.ts"

/** What a door is told. `passback`: admitted against the order of in and out. */
export type Verdict =
  | {
    readonly _tag: "Opened"
    readonly account: AccountId
    readonly door: PointId
    readonly at: Instant
    readonly passback: boolean
  }
  | { readonly _tag: "Refused"; readonly decline: Decline }

/**
 * One attempt, as the journal has it. `account`: none where nobody was found. `verdict`: of a door that was cut off only
 * whether it opened; `at` is when it was there.
 */
export interface Attempt {
  /** The number of its line in the journal. */
  readonly sequence: number
  readonly at: Instant
  readonly door: PointId
  readonly medium: Medium
  readonly account: AccountId | undefined
  readonly verdict: "opened" | "refused" | Decline["_tag"]
}

/** A card or a code is held to a door. */
export const identify = (statement: Submit.Statement<Of<"Identify">>) => Effect.map(Submit.submit(statement), verdictOf)

/** The doors that the holder's key ring lists now: exactly those that would open (R16, I18). */
export const keyRing = Effect.fn("Doors.keyRing")(function*(subject: Submit.Statement["subject"]) {
  const store = yield* AccountStore
  const now = yield* Submit.arrival
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  const account = yield* store.find(subject)
  return Option.isNone(account) ? [] : Access.keyRing(profile, account.value, now)
})

/** A door that was picked on the key ring and confirmed opens (R16). */
export const openByKeyRing = (statement: Submit.Statement<Of<"OpenByKeyRing">>) =>
  Effect.map(Submit.submit(statement), verdictOf)

/** What a door is told of the account's answer. */
export const verdictOf = (answer: Answer): Verdict => {
  if (answer._tag === "Declined") return { _tag: "Refused", decline: answer.decline }
  const { account, events } = answer
  const admitted = events.find((event) => event._tag === "Admitted")
  if (admitted === undefined) throw new Error("A door that opens says who came in")
  const { at, door, passback } = admitted
  return { _tag: "Opened", account, door, at, passback }
}

/**
 * Every attempt at any door, or at one, admitted or not, in the order of the journal; of cards and codes that nobody has
 * too. What a cut-off door tells late stands where it was told, with the time when it was. A signed code
 * that was no good stood for nobody, and is not here: see `RefusedScan`. `which`: those of one account, or those after an
 * attempt that was read before.
 */
export const attempts = (
  door?: PointId,
  which: Which = {}
): Stream.Stream<Attempt, StoreFault, AccountStore> =>
  Stream.unwrap(
    Effect.map(AccountStore, (store) =>
      Stream.flattenIterable(
        Stream.map(store.journal(which), ({ account, answer, command, sequence }): ReadonlyArray<Attempt> => {
          const { body, point, receivedAt: at } = command
          if (body._tag === "RecordPassage") {
            return isTold(answer) && (door === undefined || point === door)
              ? [{
                sequence,
                at: command.at,
                door: point,
                medium: body.medium,
                account,
                verdict: body.opened ? "opened" : "refused"
              }]
              : []
          }
          if (body._tag !== "Identify" && body._tag !== "OpenByKeyRing") {
            return []
          }
          const where = body._tag === "Identify" ? point : body.door
          if (door !== undefined && where !== door) {
            return []
          }
          return [{
            sequence,
            at,
            door: where,
            medium: body._tag === "Identify" ? body.medium : "keyRing",
            account,
            verdict: answer._tag === "Approved" ? "opened" : answer.decline._tag
          }]
        })
      ))
  )

/** Whether a record of a cut-off door is an attempt: it is, whatever the account made of it, unless it is a copy. */
const isTold = (answer: Answer): boolean => answer._tag === "Approved" || answer.decline._tag !== "RecordAlreadyPosted"
