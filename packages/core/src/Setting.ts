/**
 * What a rule of the account needs beside account and command 决策环境: the profile in force, the point, and the time of
 * decision.
 */
import type { Result } from "effect"
import type { AccountEvent } from "./AccountEvent.ts"
import type { Instant } from "./CivilTime.ts"
import type { Envelope } from "./Command.ts"
import type { Decline } from "./Decline.ts"
import type { AccountId } from "./Id.ts"
import type { Point } from "./Point.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"

/** `now`: the arrival of a request, or the time at which a fact happened (D16). */
export interface Setting {
  readonly profile: SchoolProfile
  readonly envelope: Envelope
  readonly point: Point
  readonly now: Instant
  /** The account that has the card which the command would hand out, if one has (D20). */
  readonly holder: AccountId | undefined
}

/** What a rule says: what happens, or why not. */
export type Outcome = Result.Result<ReadonlyArray<AccountEvent>, Decline>
