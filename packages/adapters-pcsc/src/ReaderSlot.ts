/**
 * One reader of one client, from its coming to its going 读卡器槽位: what is known of it, and how it is called.
 *
 * A call to a reader may never end and can not be taken back. So nobody waits for the call itself, but for the first of: its
 * end, the end of its time, the going of the reader. A reader that was plugged in anew, or belongs to a new client, is a new
 * slot: what hangs in the old one does not matter to it.
 */
import { Deferred, Effect, type Exit, Fiber, Semaphore } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardFault } from "./CardFault.ts"
import type { PcscClient, PcscError, ReaderStatus } from "./PcscBinding.ts"

/** What lies on a reader. `Unknown`: something came and is being looked at. */
export type Card =
  | { readonly _tag: "None" }
  | { readonly _tag: "Unknown"; readonly insertion: number }
  | { readonly _tag: "Inserted"; readonly insertion: number; readonly atr: Bytes }
  | { readonly _tag: "Unreadable"; readonly insertion: number }
  | { readonly _tag: "Held"; readonly insertion: number }

/** Why a slot is over. */
export type Leave = "reader" | "service"

export interface ReaderSlot {
  readonly name: string
  readonly client: PcscClient
  /** One at a time; the others wait in line. */
  readonly line: Semaphore.Semaphore
  status: ReaderStatus
  card: Card
  /** A call that never ended: what others are told until it does. */
  aside: { readonly fault: CardFault; readonly milliseconds: number } | undefined
  left: Leave | undefined
  /** So many handles are open on it now, or hang. */
  handles: number
  /** So many calls were begun, and so many of them have not ended. */
  calls: number
  underWay: number
  /** So often was it looked at its card: only the newest look goes on. */
  looks: number
  readonly onLeave: Set<(leave: Leave) => void>
}

export const make = (client: PcscClient, status: ReaderStatus): ReaderSlot => ({
  name: status.name,
  client,
  line: Semaphore.makeUnsafe(1),
  status,
  card: { _tag: "None" },
  aside: undefined,
  left: undefined,
  handles: 0,
  calls: 0,
  underWay: 0,
  looks: 0,
  onLeave: new Set()
})

/** The reader or its client is gone: whoever waits for it is told. */
export const leave = (slot: ReaderSlot, why: Leave): void => {
  slot.left = why
  for (const tell of slot.onLeave) tell(why)
  slot.onLeave.clear()
}

/** What came of a call. `Late`: it goes on, and `ended` will be its end. */
export type Called<A> =
  | { readonly _tag: "Ended"; readonly exit: Exit.Exit<A, PcscError> }
  | { readonly _tag: "Late"; readonly ended: Effect.Effect<Exit.Exit<A, PcscError>> }
  | { readonly _tag: "Left"; readonly leave: Leave }

/** Makes a call and waits for it no longer than `milliseconds`. It is not given up when its caller is interrupted. */
export const call = <A>(
  slot: ReaderSlot,
  operation: Effect.Effect<A, PcscError>,
  milliseconds: number
): Effect.Effect<Called<A>> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const settled = Deferred.makeUnsafe<Called<A>>()
    const settle = (called: Called<A>) => void Deferred.doneUnsafe(settled, Effect.succeed(called))
    const onLeave = (leave: Leave) => settle({ _tag: "Left", leave })
    if (slot.left !== undefined) onLeave(slot.left)
    else slot.onLeave.add(onLeave)
    slot.calls++
    slot.underWay++
    const running = yield* Effect.forkDetach(
      Effect.interruptible(Effect.onExit(operation, (exit) =>
        Effect.sync(() => {
          slot.underWay--
          settle({ _tag: "Ended", exit })
        }))),
      { startImmediately: true }
    )
    const timer = yield* Effect.forkDetach(
      Effect.interruptible(
        Effect.andThen(
          Effect.sleep(milliseconds),
          Effect.sync(() => settle({ _tag: "Late", ended: Fiber.await(running) }))
        )
      )
    )
    const called = yield* Deferred.await(settled)
    slot.onLeave.delete(onLeave)
    timer.interruptUnsafe()
    return called
  }))
