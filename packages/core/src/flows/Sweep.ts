/**
 * The nightly sweep 夜间扫描: who is dormant today (R46, D17). It tells, and changes nothing.
 */
import { Effect, Stream } from "effect"
import { dayOf } from "../CivilTime.ts"
import * as Dormancy from "../Dormancy.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Submit from "./Submit.ts"

/** The accounts that are dormant today, and since when. */
export const dormant = Stream.unwrap(Effect.gen(function*() {
  const { accounts } = yield* AccountStore
  const now = yield* Submit.arrival
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  return Stream.flattenIterable(Stream.map(accounts, (one) => Dormancy.sweep(profile, [one], dayOf(now))))
}))
