/**
 * Keeps a client of the service alive 读卡服务监护: opens one, listens to it until it dies, and opens another one.
 *
 * A client that has died is never used again: pcsc-mini's can not even be started again (traps of pcsc-mini, README). All its readers are detached, and attached anew by the next one.
 */
import { Effect, type Fiber, FiberSet, Queue, type Scope } from "effect"
import * as CardHold from "./CardHold.ts"
import * as CardLook from "./CardLook.ts"
import { PcscBinding, type PcscClient, PcscError, type ReaderStatus } from "./PcscBinding.ts"
import * as PcscFault from "./PcscFault.ts"
import * as ReaderBoard from "./ReaderBoard.ts"
import type { ReaderOptions } from "./ReaderOptions.ts"
import type * as ReaderSlot from "./ReaderSlot.ts"

type Message =
  | { readonly _tag: "Changed"; readonly status: ReaderStatus }
  | { readonly _tag: "Died"; readonly error: PcscError }
  | { readonly _tag: "Renew" }

/** A count of readers that takes longer is none. */
const censusTime = "2 seconds"
/** The service may need a while to open; one that does not answer at all is as good as dead. */
const openTime = "10 seconds"

/** Supervises for as long as the scope, and gives what uses of its readers need. */
export const start = Effect.fnUntraced(function*(
  options: ReaderOptions
): Effect.fn.Return<CardHold.Surroundings, never, PcscBinding | Scope.Scope> {
  const binding = yield* PcscBinding
  const board = ReaderBoard.make(options.backlog)
  const looks = yield* FiberSet.make<void, never>()
  const run = yield* FiberSet.runtime(looks)()
  const holds = new Set<CardHold.CardHold>()
  let exhaustions: Queue.Queue<void> | undefined
  const look = (slot: ReaderSlot.ReaderSlot): Fiber.Fiber<void> => run(CardLook.look(around, slot))
  const around: CardHold.Surroundings = {
    board,
    options,
    holds,
    recovered: (slot) => {
      if (board.back(slot)) look(slot)
    },
    exhausted: () => {
      if (exhaustions !== undefined) Queue.offerUnsafe(exhaustions, undefined)
    }
  }

  const count = Effect.map(
    Effect.timeoutOption(binding.census, censusTime),
    (there) => board.counted(there._tag === "Some" ? there.value : undefined, binding.most.readers)
  )

  const live = Effect.scoped(Effect.gen(function*() {
    const inbox = yield* Queue.unbounded<Message>()
    const recount = yield* Queue.sliding<void>(1)
    const client: PcscClient = yield* Effect.timeoutOrElse(
      // A binding that dies instead of failing has a bug; it is tried again as one that fails.
      Effect.catchDefect(
        binding.open({
          changed: (status) => void Queue.offerUnsafe(inbox, { _tag: "Changed", status }),
          died: (error) => void Queue.offerUnsafe(inbox, { _tag: "Died", error })
        }),
        () => Effect.fail(new PcscError({ operation: "open", code: "Other", detail: "Defect" }))
      ),
      {
        duration: openTime,
        orElse: () => Effect.fail(new PcscError({ operation: "open", code: "Timeout", detail: "Timeout" }))
      }
    )
    const exhausted = yield* Queue.sliding<void>(1)
    exhaustions = exhausted
    board.up()
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(
      Queue.take(exhausted),
      Effect.map(idle(board, options.idleTime), () => Queue.offerUnsafe(inbox, { _tag: "Renew" }))
    )))
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(Effect.timeoutOption(Queue.take(recount), options.censusEvery), count))
    )
    for (;;) {
      const message = yield* Queue.take(inbox)
      if (message._tag === "Died") return yield* message.error
      if (message._tag === "Renew") {
        if (isCalled(board)) {
          around.exhausted()
          continue
        }
        board.down(PcscFault.ofService(renewed))
        const ours = [...holds].filter(({ slot }) => slot.client === client)
        yield* Effect.forEach(ours, CardHold.takeBack, { concurrency: "unbounded", discard: true })
        return yield* renewed
      }
      const readers = board.slots.size
      const slot = board.changed(client, message.status)
      if (slot !== undefined) look(slot)
      if (board.slots.size !== readers) Queue.offerUnsafe(recount, undefined)
    }
  }))

  const supervise = Effect.gen(function*() {
    let pause = options.firstRetry
    for (;;) {
      const error = yield* Effect.flip(live)
      if (exhaustions !== undefined) pause = options.firstRetry
      exhaustions = undefined
      board.down(PcscFault.ofService(error))
      yield* Effect.sleep(pause)
      pause = Math.min(pause * 2, options.longestRetry)
    }
  })
  yield* Effect.forkScoped(supervise)
  yield* Effect.addFinalizer(() => Effect.sync(() => board.down(PcscFault.ofService(closed))))
  return around
})

const closed = new PcscError({ operation: "close", code: "Other", detail: "Closed" })
const renewed = new PcscError({ operation: "connect", code: CardHold.exhausted, detail: "renewed" })

const parts = 10

/**
 * Waits until a client can be renewed without hurting anybody: nobody has a card, or whoever has one has not spoken to it for so
 * long, as a till with its PSAM between two taps. Counted in pauses, since a clock may stand still.
 */
const idle = Effect.fnUntraced(function*(board: ReaderBoard.ReaderBoard, milliseconds: number) {
  let before = -1
  for (let quiet = 0; quiet < parts;) {
    const held = [...board.slots.values()].filter(({ handles }) => handles > 0)
    const isSpeaking = isCalled(board)
    if (held.length === 0 && !isSpeaking) return
    const calls = held.reduce((sum, slot) => sum + slot.calls, 0)
    quiet = calls === before && !isSpeaking ? quiet + 1 : 0
    before = calls
    if (quiet < parts) yield* Effect.sleep(milliseconds / parts)
  }
})

/** A call that was given up because it hangs is nobody's any more. */
const isCalled = ({ slots }: ReaderBoard.ReaderBoard): boolean =>
  [...slots.values()].some(({ aside, underWay }) => underWay > 0 && aside === undefined)
