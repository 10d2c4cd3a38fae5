/**
 * One handle on a card, from connecting to letting go 卡片句柄.
 */
import { Effect } from "effect"
import type { Bytes } from "./Bytes.ts"
import { type CardHold, goneOf, letGo, limited } from "./CardCall.ts"
import { AnswerLost, CardBusy, type CardFault, CardGone } from "./CardFault.ts"
import type { Disposition, PcscCard, PcscError } from "./PcscBinding.ts"
import type * as PcscFault from "./PcscFault.ts"

export { type CardHold, exhausted, make, type Surroundings } from "./CardCall.ts"

const firstPause = 20
const longestPause = 320
/** Another program may reset the card just as we begin; one that does so for ever is not waited for. */
const mostResets = 5

/** Connects, and reads what the card said as it woke up. With `alone` nobody else comes in between from here on. */
export const open = Effect.fnUntraced(function*(hold: CardHold, alone: boolean) {
  yield* connect(hold)
  for (let resets = 0;; resets++) {
    const opened = yield* Effect.result(begun(hold, alone))
    if (opened._tag === "Success") return opened.success
    if (!(opened.failure._tag === "AnswerLost" && opened.failure.how === "reset") || resets === mostResets) {
      return yield* opened.failure
    }
    yield* call(hold, "reconnect", (card) => card.reconnect("leave"))
  }
})

const begun = Effect.fnUntraced(function*(hold: CardHold, alone: boolean) {
  if (alone) {
    yield* call(hold, "begin", (card) => card.begin)
    hold.isFresh = true
  }
  return yield* call(hold, "atr", (card) => card.atr)
})

/** Asks again while another program has the card alone. The pauses are added up: a clock may stand still. */
const connect = Effect.fnUntraced(function*(hold: CardHold) {
  const { around, slot } = hold
  let pause = firstPause
  let waited = 0
  for (let tries = 1;; tries++) {
    const connected = yield* Effect.result(limited(
      hold,
      "connect",
      // Kept even when it comes too late, so that it is let go.
      Effect.tap(slot.client.connect(slot.name, "shared"), (card) =>
        Effect.sync(() => {
          hold.card = card
          slot.handles++
          around.holds.add(hold)
        }))
    ))
    if (connected._tag === "Success") return
    if (connected.failure._tag !== "CardBusy" || slot.aside !== undefined) return yield* connected.failure
    if (waited + pause > around.options.patience) return yield* new CardBusy({ reader: slot.name, tries })
    yield* Effect.sleep(pause)
    waited += pause
    pause = Math.min(longestPause, pause * 2)
  }
})

/** A call on the card. */
export const call = <A>(
  hold: CardHold,
  operation: PcscFault.Operation,
  asked: (card: PcscCard) => Effect.Effect<A, PcscError>
): Effect.Effect<A, CardFault> =>
  Effect.suspend(() => {
    const { card, slot } = hold
    if (card !== undefined) return limited(hold, operation, asked(card))
    return Effect.fail(slot.left === undefined ? new CardGone({ reader: slot.name }) : goneOf(slot, slot.left))
  })

/** Sends a command. An answer of less than two bytes is none, whatever the reader says of it (trap 4). */
export const transmit = (hold: CardHold, command: Bytes): Effect.Effect<Bytes, CardFault> =>
  Effect.flatMap(agreed(hold, command), (answer) => {
    if (answer.length >= 2) return Effect.succeed(answer)
    hold.isTorn = true
    return Effect.fail(new AnswerLost({ reader: hold.slot.name, how: "empty" }))
  })

/**
 * What another program did to the card before our transaction began may show with our first command only: the protocol of the handle
 * is not the card's any more (trap 6). The service compares them before it sends anything, so the command goes out once more, over the
 * protocol of the card; for another one its bytes would be others. Later in a transaction nobody else can have done it: then it is
 * a fault like all others.
 */
const agreed = Effect.fnUntraced(function*(hold: CardHold, command: Bytes) {
  const { isFresh } = hold
  hold.isFresh = false
  const sent = call(hold, "transmit", (card) => card.transmit(command))
  if (!isFresh) return yield* sent
  const spoken = hold.card?.protocol()
  const first = yield* call(hold, "transmit", (card) =>
    Effect.catchIf(
      card.transmit(command),
      ({ code }) => code === "ProtocolMismatch",
      () => Effect.undefined
    ))
  if (first !== undefined) return first
  yield* call(hold, "reconnect", (card) => card.reconnect("leave"))
  if (hold.card?.protocol() !== spoken) return yield* new AnswerLost({ reader: hold.slot.name, how: "reset" })
  return yield* sent
})

/**
 * Wakes the card up anew. While nothing was torn the transaction goes on; else it was lost with the card, and can only be had
 * again with another handle.
 */
export const reset = Effect.fnUntraced(function*(hold: CardHold) {
  if (hold.card !== undefined && !hold.isTorn) {
    const again = yield* Effect.result(call(hold, "reconnect", (card) => card.reconnect("reset")))
    if (again._tag === "Success") return
    if (hold.slot.aside !== undefined || hold.slot.left !== undefined) return yield* again.failure
  }
  yield* close(hold, "reset")
  yield* open(hold, true)
  hold.isTorn = false
})

/** Lets go of the card, whatever state it is in. A call that is late lets go by itself, when it ends. */
export const close = (hold: CardHold, then: Disposition): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { card } = hold
    if (card === undefined || hold.isLate) return Effect.void
    hold.card = undefined
    // Where it is already over, so much the better. The handle is given back in any case.
    return Effect.andThen(
      Effect.ignore(limited(hold, "end", card.end("leave"))),
      Effect.suspend(() =>
        hold.isLate ? keep(hold, card) : Effect.ignore(limited(hold, "disconnect", letGo(hold, card, then)))
      )
    )
  })

/**
 * Gives the handle of a client back that is to be closed, under whoever has it and says nothing: left open, its transaction would
 * keep the next client from the card.
 */
export const takeBack = (hold: CardHold): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { around, card } = hold
    if (card === undefined || hold.isLate) return Effect.void
    hold.card = undefined
    return Effect.ignore(Effect.timeoutOption(letGo(hold, card, "reset"), around.options.commandTime))
  })

const keep = (hold: CardHold, card: PcscCard): Effect.Effect<void> =>
  Effect.sync(() => {
    hold.card = card
  })
