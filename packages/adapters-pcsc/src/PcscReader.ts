/**
 * The readers of this machine 读卡器: who is there, what lies on them, and a card for one user at a time.
 *
 * It recovers by itself from what happens at a canteen: a service that dies and returns, a reader that is unplugged, a card that
 * is pulled away, another program that holds the card, a reader that never answers again. What it can not repair is told as a
 * `CardFault`, or as an event. Facts and traps: PC/SC as pcsc-lite does it.
 */
import { Context, Effect, Layer, Option, type Schema, Stream } from "effect"
import type { Bytes } from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import type { CardFault } from "./CardFault.ts"
import * as CardUse from "./CardUse.ts"
import { PcscBinding } from "./PcscBinding.ts"
import type { ReaderState } from "./ReaderBoard.ts"
import type { Of, ReaderEvent } from "./ReaderEvent.ts"
import * as ReaderOptions from "./ReaderOptions.ts"
import * as ReaderSupervisor from "./ReaderSupervisor.ts"

/** A card that answers. `insertion`: a number that grows with every card that comes. */
export interface Insertion {
  readonly reader: string
  readonly atr: Bytes
  readonly insertion: number
}

/** Which insertion is waited for: on this reader, or any; with a greater number than `after`, or whichever lies there. */
export interface Awaited {
  readonly reader?: string
  readonly after?: number
}

export class PcscReader extends Context.Service<PcscReader, {
  /** First how things stand, then every change, in order. Any number may listen; each gets all of it. */
  readonly events: Stream.Stream<ReaderEvent>
  /** The readers as they stand now. */
  readonly readers: Effect.Effect<ReadonlyArray<ReaderState>>
  /** Waits until a card that answers lies there, for ever if need be. */
  readonly insertion: (awaited?: Awaited) => Effect.Effect<Insertion>
  /**
   * Gives the card on a reader to one user: nobody else speaks to it until the effect ends, and then it is reset. Others wait in line.
   * A reader that was set aside fails at once. When it is interrupted, a command under way is waited for no longer than
   * `commandTime`.
   */
  readonly use: <A, E, R>(
    reader: string,
    body: (channel: CardChannel, control: CardUse.Control) => Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E | CardFault, R>
}>()("@yikatong/adapters-pcsc/PcscReader") {}

/** Over a binding; options that make no sense do not start. */
export const layerWith = (options: ReaderOptions.Given): Layer.Layer<PcscReader, Schema.SchemaError, PcscBinding> =>
  Layer.effect(
    PcscReader,
    Effect.gen(function*() {
      const { most } = yield* PcscBinding
      const around = yield* ReaderSupervisor.start(yield* ReaderOptions.decode(options))
      const { board } = around
      return {
        events: board.events,
        readers: board.readers,
        insertion: ({ after = 0, reader } = {}) =>
          board.events.pipe(
            Stream.filter((event): event is Of<"CardInserted"> =>
              event._tag === "CardInserted" && event.insertion > after &&
              (reader === undefined || event.reader === reader)
            ),
            Stream.runHead,
            Effect.flatMap(Option.match({
              // The service has ended, and with it whoever waits.
              onNone: () => Effect.interrupt,
              onSome: ({ atr, insertion, reader }) => Effect.succeed({ atr, insertion, reader })
            }))
          ),
        use: (reader, body) =>
          Effect.suspend(() => {
            const slot = board.slots.get(reader)
            return slot === undefined
              ? Effect.fail(board.absence(reader))
              : CardUse.use(around, slot, most.bytes, body)
          })
      }
    })
  )

/** With the times that fit a terminal at a canteen. */
export const layer: Layer.Layer<PcscReader, never, PcscBinding> = Layer.orDie(layerWith({}))
