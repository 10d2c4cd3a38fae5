// Readers without hardware that were made worse: what a call of the binding does is changed by a test, and every call is written down.
import { Clock, Effect, Layer } from "effect"
import * as PcscBinding from "../../src/PcscBinding.ts"
import type { PcscReader } from "../../src/PcscReader.ts"
import * as PcscReaders from "../../src/PcscReader.ts"
import type { Given } from "../../src/ReaderOptions.ts"
import * as VirtualPcsc from "../../src/VirtualPcsc.ts"

/** A call of a card or a client, by its name. */
export type Call = "connect" | "atr" | "transmit" | "begin" | "end" | "reconnect" | "disconnect"

/** What is put around every call; it may be changed at any time. */
export type Change = <A>(
  call: Call,
  as: Effect.Effect<A, PcscBinding.PcscError>
) => Effect.Effect<A, PcscBinding.PcscError>

export interface Worse {
  change: Change
  /** Every call as it begins, and with a full stop as it ends, however. */
  readonly calls: Array<string>
  /** When a client was opened, in milliseconds. */
  readonly opened: Array<number>
  /** What is put around the opening of a client, and around what it tells. */
  open: Change
  status: (status: PcscBinding.ReaderStatus) => PcscBinding.ReaderStatus
  /** Tells once more how the reader stands that was told last. */
  tellAgain: () => void
  readonly hands: VirtualPcsc.VirtualPcsc["Service"]
  readonly binding: PcscBinding.PcscBinding["Service"]
}

export const asIs: Change = (_, as) => as
export const never: Change = () => Effect.never
export const fails = (of: Call, code: PcscBinding.Code): Change => (call, as) =>
  call === of ? Effect.fail(new PcscBinding.PcscError({ operation: call, code, detail: code })) : as
/** The calls of this name wait for something before they are made. */
export const waits = (of: Call, gate: Effect.Effect<unknown>): Change => (call, as) =>
  call === of ? Effect.andThen(gate, as) : as

/** One reader R is plugged in unless the options say otherwise. */
export const make = (options: VirtualPcsc.Options = {}): Worse => {
  const { binding, hands } = VirtualPcsc.make({ readers: ["R"], ...options })
  const made = <A>(call: Call, as: Effect.Effect<A, PcscBinding.PcscError>) =>
    Effect.suspend(() => {
      worse.calls.push(call)
      return Effect.ensuring(worse.change(call, as), Effect.sync(() => worse.calls.push(`${call}.`)))
    })
  const cardOf = (card: PcscBinding.PcscCard): PcscBinding.PcscCard => ({
    ...card,
    atr: made("atr", card.atr),
    transmit: (command) => made("transmit", card.transmit(command)),
    begin: made("begin", card.begin),
    end: (then) => made("end", card.end(then)),
    reconnect: (first) => made("reconnect", card.reconnect(first)),
    disconnect: (then) => made("disconnect", card.disconnect(then))
  })
  const worse: Worse = {
    change: asIs,
    calls: [],
    opened: [],
    open: asIs,
    status: (status) => status,
    tellAgain: () => {},
    hands,
    binding: {
      ...binding,
      open: (watch) =>
        Effect.gen(function*() {
          worse.opened.push(yield* Clock.currentTimeMillis)
          const changed = (status: PcscBinding.ReaderStatus): void => {
            worse.tellAgain = () => changed(status)
            watch.changed(worse.status(status))
          }
          yield* worse.open("connect", Effect.void)
          const client = yield* binding.open({ ...watch, changed })
          return { connect: (name, share) => Effect.map(made("connect", client.connect(name, share)), cardOf) }
        })
    }
  }
  return worse
}

/** `binding`: another one in the place of its own. */
export const layer = (worse: Worse, given: Given = {}, binding = worse.binding): Layer.Layer<PcscReader> =>
  Layer.orDie(Layer.provide(PcscReaders.layerWith(given), Layer.succeed(PcscBinding.PcscBinding, binding)))
