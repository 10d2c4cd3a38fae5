/**
 * One call on a handle 读卡调用: with its time limit, and its failure in the words of the house.
 *
 * A call that does not end in time keeps its handle; the reader is set aside until it ends, and only then is the handle let go.
 */
import { Cause, Effect, Exit, Option } from "effect"
import {
  AnswerLost,
  CardBusy,
  type CardFault,
  ReaderFailed,
  ReaderGone,
  ReaderStuck,
  ServiceGone
} from "./CardFault.ts"
import type { Disposition, PcscCard, PcscError } from "./PcscBinding.ts"
import * as PcscFault from "./PcscFault.ts"
import type { ReaderBoard } from "./ReaderBoard.ts"
import type { ReaderOptions } from "./ReaderOptions.ts"
import * as ReaderSlot from "./ReaderSlot.ts"

/** What a hold needs around it. */
export interface Surroundings {
  readonly board: ReaderBoard
  readonly options: ReaderOptions
  /** Those that have a handle. */
  readonly holds: Set<CardHold>
  /** A call that was late has ended. */
  readonly recovered: (slot: ReaderSlot.ReaderSlot) => void
  /** The client has no handle left: it is to be renewed when that hurts nobody. */
  readonly exhausted: () => void
}

/** The word of the binding for a client that has no handle left, and of the `ReaderFailed` for it. */
export const exhausted = "HandlesExhausted" satisfies PcscError["code"]

/**
 * A handle, while somebody has it. `isFresh`: no command was sent since its transaction began. `isLate`: a call on it has not ended
 * in time.
 */
export interface CardHold {
  readonly around: Surroundings
  readonly slot: ReaderSlot.ReaderSlot
  card: PcscCard | undefined
  isFresh: boolean
  /** An answer was lost: the card may be gone, and the transaction with it. */
  isTorn: boolean
  isLate: boolean
}

export const make = (around: Surroundings, slot: ReaderSlot.ReaderSlot): CardHold => ({
  around,
  slot,
  card: undefined,
  isFresh: false,
  isTorn: false,
  isLate: false
})

/** Makes a call, unless nobody would hear its answer. */
export const limited = <A>(
  hold: CardHold,
  operation: PcscFault.Operation,
  effect: Effect.Effect<A, PcscError>
): Effect.Effect<A, CardFault> =>
  Effect.suspend(() => {
    const { around, slot } = hold
    if (operation !== "disconnect") {
      // Nothing is sent where nobody would hear the answer.
      if (slot.aside !== undefined) return Effect.fail(slot.aside.fault)
      if (slot.left !== undefined) return Effect.fail(goneOf(slot, slot.left))
    }
    const milliseconds = around.options.commandTime
    return Effect.flatMap(ReaderSlot.call(slot, effect, milliseconds), (called) => {
      switch (called._tag) {
        case "Ended":
          return Exit.isSuccess(called.exit) ? Effect.succeed(called.exit.value) : Effect.fail(
            failureOf(hold, operation, called.exit.cause)
          )
        case "Left":
          if (PcscFault.sends(operation)) return lost(hold, "link")
          return Effect.fail(goneOf(slot, called.leave))
        case "Late":
          return Effect.andThen(late(hold, called.ended, operation, milliseconds), (fault) => Effect.fail(fault))
      }
    })
  })

export const goneOf = (slot: ReaderSlot.ReaderSlot, leave: ReaderSlot.Leave): CardFault =>
  leave === "service" ? new ServiceGone({ code: "died" }) : new ReaderGone({ reader: slot.name })

const lost = (hold: CardHold, how: AnswerLost["how"]): Effect.Effect<never, AnswerLost> =>
  Effect.suspend(() => {
    hold.isTorn = true
    return Effect.fail(new AnswerLost({ reader: hold.slot.name, how }))
  })

const failureOf = (hold: CardHold, operation: PcscFault.Operation, cause: Cause.Cause<PcscError>): CardFault => {
  const reader = hold.slot.name
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  // A binding that dies instead of failing has a bug; the terminal goes on.
  if (error === undefined) return new ReaderFailed({ reader, operation, code: "Defect" })
  if (error.code === exhausted) hold.around.exhausted()
  if (PcscFault.sends(operation)) hold.isTorn = true
  return PcscFault.of(reader, operation, error)
}

const late = Effect.fnUntraced(function*(
  hold: CardHold,
  ended: Effect.Effect<unknown>,
  operation: PcscFault.Operation,
  milliseconds: number
) {
  const { around, slot } = hold
  const reader = slot.name
  hold.isLate = true
  hold.isTorn = true
  // pcsc-lite lets everybody wait for as long as somebody else has begun a transaction.
  const isWaiting = (operation === "connect" || operation === "begin") && slot.status.inUse
  const fault = isWaiting ? new CardBusy({ reader, tries: 1 }) : new ReaderStuck({ reader, milliseconds })
  around.board.setAside(slot, fault, milliseconds)
  yield* Effect.forkDetach(Effect.gen(function*() {
    yield* ended
    hold.isLate = false
    if (hold.card !== undefined) {
      // Nobody else is let in before the handle is given back; one that hangs as well stays set aside.
      yield* Effect.exit(letGo(hold, hold.card, "reset"))
      hold.card = undefined
    }
    around.recovered(slot)
  }))
  return PcscFault.sends(operation) ? new AnswerLost({ reader, how: "late" }) : fault
})

/** Gives the handle back. */
export const letGo = (hold: CardHold, card: PcscCard, then: Disposition): Effect.Effect<void, PcscError> =>
  Effect.ensuring(
    card.disconnect(then),
    Effect.sync(() => {
      hold.slot.handles--
      hold.around.holds.delete(hold)
    })
  )
