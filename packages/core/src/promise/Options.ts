/**
 * What a campus is opened with 开园参数: a backend, a profile, its channels and a clock.
 */
import { Result } from "effect"
import * as Flaw from "../Flaw.ts"
import type { Backend, Channel } from "../ports/Backend.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import type { IssuerInput } from "./Issuer.ts"

export interface Options {
  readonly backend: Backend
  /** The school's profile, or several versions of it; checked as a whole, and refused with all its flaws. */
  readonly profile: unknown
  readonly channels?: ReadonlyArray<Channel>
  /** Who issues the school's codes; nobody, if left out. */
  readonly issuer?: IssuerInput
  /** The host's clock; the machine's, if left out. */
  readonly now?: () => number
}

/** The profile was refused: `flaws` says where and why. */
export class ProfileRejected extends Error {
  readonly _tag = "ProfileRejected"
  readonly flaws: SchoolProfile.ProfileRejected["flaws"]
  constructor({ flaws }: SchoolProfile.ProfileRejected) {
    super(`The profile is refused: ${Flaw.told(flaws)}`)
    this.flaws = flaws
  }
}

/**
 * A profile as the rules of `@yikatong/core` take it, such as those of a cut-off terminal; checked as a whole.
 * @throws ProfileRejected with all its flaws.
 */
export const profileOf = (plain: unknown): SchoolProfile.SchoolProfile => orReject(SchoolProfile.load(plain))

/** All versions of a profile, checked. */
export const history = (profile: unknown): SchoolProfile.History => {
  const versions = Array.isArray(profile) ? profile : [profile]
  return orReject(SchoolProfile.history(versions.map((version) => orReject(SchoolProfile.load(version)))))
}

const orReject = <A>(result: Result.Result<A, SchoolProfile.ProfileRejected>): A => {
  if (Result.isFailure(result)) throw new ProfileRejected(result.failure)
  return result.success
}
