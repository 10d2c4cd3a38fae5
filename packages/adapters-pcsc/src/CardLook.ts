/**
 * Looking at a card that has come 识别卡片: what it said as it woke up is asked of the card, never taken from the event that told of
 * it (trap 1).
 */
import { Effect, Result, Semaphore } from "effect"
import * as CardHold from "./CardHold.ts"
import type * as ReaderSlot from "./ReaderSlot.ts"

/** So often it is looked again at a card that another program holds, in milliseconds. */
const again = 1000

/** Finds out what lies on a reader, and tells the board. */
export const look = (around: CardHold.Surroundings, slot: ReaderSlot.ReaderSlot): Effect.Effect<void> =>
  Effect.gen(function*() {
    for (;;) {
      const { card } = slot
      if (card._tag === "None" || slot.left !== undefined) return
      const { insertion } = card
      const seen = yield* Semaphore.withPermit(
        slot.line,
        Effect.suspend(() => {
          const hold = CardHold.make(around, slot)
          return Effect.result(Effect.ensuring(CardHold.open(hold, false), CardHold.close(hold, "leave")))
        })
      )
      if (Result.isSuccess(seen)) return around.board.found(slot, { _tag: "Inserted", insertion, atr: seen.success })
      // It is looked at again when it is back.
      if (slot.aside !== undefined) return
      switch (seen.failure._tag) {
        case "CardBusy":
          around.board.found(slot, { _tag: "Held", insertion })
          break
        case "CardMute":
        case "ReaderFailed":
          return around.board.found(slot, { _tag: "Unreadable", insertion })
        default:
          // It has gone, or the reader has: that is told by itself.
          return
      }
      yield* Effect.sleep(again)
      if (slot.card._tag !== "Held") return
    }
  })
