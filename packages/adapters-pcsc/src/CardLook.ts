/**
 * Looking at a card that has come 识别卡片: what it said as it woke up is asked of the card, never taken from the event that told of
 * it (trap 1).
 */
import { Effect, Result, Semaphore } from "effect"
import * as CardHold from "./CardHold.ts"
import type * as ReaderSlot from "./ReaderSlot.ts"

/** So often it is looked again at a card that could not be looked at, although it answers for all we know, in milliseconds. */
const again = 1000

/** Finds out what lies on a reader, and tells the board. */
export const look = (around: CardHold.Surroundings, slot: ReaderSlot.ReaderSlot): Effect.Effect<void> =>
  Effect.gen(function*() {
    const turn = ++slot.looks
    for (;;) {
      const { card } = slot
      if (card._tag === "None" || slot.left !== undefined || slot.looks !== turn) return
      const { insertion } = card
      const seen = yield* Semaphore.withPermit(
        slot.line,
        Effect.suspend(() => {
          if (slot.looks !== turn) return Effect.undefined
          const hold = CardHold.make(around, slot)
          return Effect.result(Effect.ensuring(CardHold.open(hold, false), CardHold.close(hold, "leave")))
        })
      )
      if (seen === undefined) return
      if (Result.isSuccess(seen)) return around.board.found(slot, { _tag: "Inserted", insertion, atr: seen.success })
      // It is looked at again when it is back.
      if (slot.aside !== undefined) return
      switch (seen.failure._tag) {
        case "CardBusy":
          around.board.found(slot, { _tag: "Held", insertion })
          break
        case "ReaderFailed":
          // That is the client's fault and not the card's: it is renewed, or somebody gives a handle back.
          if (seen.failure.code === CardHold.exhausted) break
          return around.board.found(slot, { _tag: "Unreadable", insertion })
        case "CardMute":
          return around.board.found(slot, { _tag: "Unreadable", insertion })
        default:
          // It has gone, or the reader has, which is told by itself; or it came and went too fast for one look.
          break
      }
      yield* Effect.sleep(again)
      if (slot.card._tag === "Inserted" || slot.card._tag === "Unreadable") return
    }
  })
