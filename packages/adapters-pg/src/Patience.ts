/**
 * How long something may take 时限, as an option says it: looked at when a store is opened, and not when the first payment fails of it.
 */
import type { Fault } from "@yikatong/core"
import { Duration, Effect, Option } from "effect"
import * as Faults from "./Faults.ts"

/** The longest that a timer can count, in milliseconds: a longer one would end at once. */
const longest = 2 ** 31 - 1

/** The time that an option says, 1 millisecond to 24 days; any other value is refused as `StoreBroken`, which names the option. */
export const of = (name: string, input: Duration.Input): Effect.Effect<Duration.Duration, Fault.StoreBroken> => {
  const time = isGood(input) ? Duration.fromInput(input) : Option.none()
  if (Option.isSome(time)) return Effect.succeed(time.value)
  const problem = `\`${name}\` is a time of 1 millisecond to 24 days, such as "10 seconds"`
  return Effect.fail(Faults.refused("read the options", problem))
}

/** Whether it is such a time. */
export const isGood = (input: unknown): input is Duration.Input => {
  const time = Option.map(Duration.fromInput(input as Duration.Input), Duration.toMillis)
  return Option.isSome(time) && time.value >= 1 && time.value <= longest
}
