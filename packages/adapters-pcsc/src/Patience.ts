/**
 * A card that was pulled away too early 拔卡等待, and comes back a moment later: most holders put it back when the terminal beeps.
 *
 * A channel with patience waits that long where it wakes the card up anew; so a torn write is settled in the same tap. Whether
 * it is the same card is looked at afterwards, by whoever reads it.
 */
import { Duration, Effect, Schedule } from "effect"
import * as CardChannel from "./CardChannel.ts"
import { type CardFault, isLost } from "./CardFault.ts"

const comesBack = (fault: CardFault): boolean => isLost(fault) || fault._tag === "CardMute"

/** The same channel, whose `reset` asks every `every` until the card is there, for so long at most. */
export const withPatience = (
  channel: CardChannel.CardChannel,
  long: Duration.Input,
  every: Duration.Input = "100 millis"
): CardChannel.CardChannel =>
  CardChannel.withReset(
    channel,
    Effect.retry(channel.reset, {
      while: comesBack,
      // By number as well: a clock that stands still must not make a till wait for ever.
      schedule: Schedule.upTo(Schedule.spaced(every), {
        duration: long,
        times: Math.ceil(Duration.toMillis(long) / Duration.toMillis(every))
      })
    })
  )
