/**
 * Readers and cards in the process 虚拟读卡服务: a `PcscBinding` without hardware, service or Node. Examples and demonstrations run on it,
 * browsers as well, and tests can make happen what at a canteen happens by itself.
 *
 * It is no better than the real thing, on purpose: two calls of one card at once are refused, a card that is pulled gives an empty
 * answer with success, handles of a dead service stay dead, and only so many readers are seen (traps 2 to 8 of pcsc-mini and
 * pcsc-lite).
 */
import { Context, Effect, Layer } from "effect"
import type { CardProgram } from "./CardProgram.ts"
import type * as Mischief from "./Mischief.ts"
import { PcscBinding } from "./PcscBinding.ts"
import * as VirtualClient from "./VirtualClient.ts"
import * as VirtualReader from "./VirtualReader.ts"

/** `readers`: those that are plugged in from the start. `most`: so many does a client see, so many bytes may a command have. */
export interface Options {
  readonly readers?: ReadonlyArray<string>
  readonly most?: { readonly readers: number; readonly bytes: number }
  /** So many cards may one client be connected to at once. */
  readonly handles?: number
  /** Every call takes so long, in milliseconds. */
  readonly latency?: number
  /** Whether the service tells how many readers it has. */
  readonly census?: boolean
}

/** The hands at the virtual readers. A reader that is not plugged in is a mistake of the caller, and a defect. */
export class VirtualPcsc extends Context.Service<VirtualPcsc, {
  readonly plug: (reader: string) => Effect.Effect<void>
  /** Calls that hang stay so. */
  readonly unplug: (reader: string) => Effect.Effect<void>
  /** Puts a card on a reader; one that lies there is exchanged so fast that the service sees one change (trap 8). `mute`: it does not answer. */
  readonly insert: (reader: string, program: CardProgram, lying?: { readonly mute?: boolean }) => Effect.Effect<void>
  readonly remove: (reader: string) => Effect.Effect<void>
  /** The service dies; all that was connected to it stays dead. */
  readonly kill: Effect.Effect<void>
  /** It runs again, with the readers and cards as they lie there. */
  readonly restart: Effect.Effect<void>
  /** Whether the service refuses this user. */
  readonly refuse: (refused: boolean) => Effect.Effect<void>
  /** Another program takes the card. */
  readonly hold: (reader: string, how: VirtualReader.Holding) => Effect.Effect<void>
  readonly letGo: (reader: string) => Effect.Effect<void>
  /** Another program resets the card. */
  readonly resetCard: (reader: string) => Effect.Effect<void>
  /** What is to go wrong with the commands from here on; they are counted from 0. */
  readonly plan: (reader: string, plan: Mischief.Plan) => Effect.Effect<void>
  /** So many handles of every client are lost, as pcsc-mini loses those whose end has failed. */
  readonly leak: (handles: number) => Effect.Effect<void>
  /** A card that hangs gives its answer. */
  readonly release: (reader: string) => Effect.Effect<void>
}>()("@yikatong/adapters-pcsc/VirtualPcsc") {}

const defaults = { readers: 4, bytes: 264 }

/** The hands, and the binding that they work on. */
export const make = (options: Options = {}): {
  readonly hands: VirtualPcsc["Service"]
  readonly binding: PcscBinding["Service"]
} => {
  const { census = true, handles = 4, latency = 0, most = defaults } = options
  const readers = new Map<string, VirtualReader.VirtualReader>()
  const clients = new Set<VirtualClient.VirtualClient>()
  let isRunning = true
  let isRefused = false

  const tell = (reader: VirtualReader.VirtualReader): void => {
    // One that is unplugged tells no more; another of its name may be there already.
    if (readers.get(reader.name) !== reader) return
    for (const client of clients) {
      if (client.seen.has(reader.name)) client.watch.changed(VirtualReader.status(reader))
    }
  }
  const plug = (name: string): void => {
    if (readers.has(name)) throw new RangeError(`A reader of this name is plugged in already: ${name}`)
    const reader = VirtualReader.make(name, () => tell(reader))
    readers.set(name, reader)
    for (const client of clients) VirtualClient.show(client, readers, most.readers)
  }
  for (const name of options.readers ?? []) plug(name)

  const at = (name: string): VirtualReader.VirtualReader => {
    const reader = readers.get(name)
    if (reader === undefined) throw new RangeError(`No reader of this name is plugged in: ${name}`)
    return reader
  }
  const broken = Effect.fail(VirtualReader.failure("transmit", "CommError"))

  const open: PcscBinding["Service"]["open"] = (watch) =>
    Effect.gen(function*() {
      yield* VirtualClient.pause(latency)
      if (!isRunning) return yield* VirtualReader.failure("open", "NoService")
      if (isRefused) return yield* VirtualReader.failure("open", "AccessDenied")
      const client = VirtualClient.make(watch)
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          clients.add(client)
          VirtualClient.show(client, readers, most.readers)
        }),
        () => Effect.sync(() => clients.delete(client))
      )
      return { connect: VirtualClient.connecting(client, { readers, handles, latency }) }
    })

  const act = (change: () => void): Effect.Effect<void> => Effect.sync(change)
  return {
    binding: { most, open, census: Effect.sync(() => census && isRunning ? readers.size : undefined) },
    hands: {
      plug: (name) => act(() => plug(name)),
      unplug: (name) =>
        act(() => {
          const reader = at(name)
          reader.isPlugged = false
          tell(reader)
          readers.delete(name)
          VirtualReader.wake(reader)
          for (const client of clients) {
            client.seen.delete(name)
            VirtualClient.show(client, readers, most.readers)
          }
        }),
      insert: (name, program, { mute = false } = {}) => act(() => VirtualReader.insert(at(name), program, mute)),
      remove: (name) => act(() => VirtualReader.remove(at(name))),
      kill: act(() => {
        isRunning = false
        for (const reader of readers.values()) {
          VirtualReader.endHanging(reader, broken)
          reader.handles.clear()
          reader.owner = undefined
          if (reader.card?.isPowered === true) {
            reader.card.isPowered = false
            reader.card.program.power("off")
          }
          VirtualReader.wake(reader)
        }
        for (const client of clients) {
          client.isDead = true
          client.watch.died(VirtualReader.failure("watch", "CommError", "Reader monitoring loop failed."))
        }
        clients.clear()
      }),
      restart: act(() => {
        isRunning = true
      }),
      refuse: (refused) =>
        act(() => {
          isRefused = refused
        }),
      hold: (name, how) =>
        act(() => {
          at(name).outsider = how
          tell(at(name))
        }),
      letGo: (name) =>
        act(() => {
          at(name).outsider = undefined
          VirtualReader.wake(at(name))
          tell(at(name))
        }),
      resetCard: (name) => act(() => VirtualReader.reset(at(name))),
      plan: (name, plan) =>
        act(() => {
          at(name).plan = plan
          at(name).commands = 0
        }),
      leak: (lost) =>
        act(() => {
          for (const client of clients) client.held += lost
        }),
      release: (name) => act(() => VirtualReader.endHanging(at(name), VirtualReader.answers))
    }
  }
}

/** Both as services. */
export const layer = (options: Options = {}): Layer.Layer<VirtualPcsc | PcscBinding> =>
  Layer.unwrap(Effect.sync(() => {
    const { binding, hands } = make(options)
    return Layer.merge(Layer.succeed(VirtualPcsc, hands), Layer.succeed(PcscBinding, binding))
  }))
