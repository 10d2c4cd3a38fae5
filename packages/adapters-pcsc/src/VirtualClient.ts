/**
 * One client of the virtual service 虚拟读卡客户端: which readers it sees, and how many cards it is connected to. Both have an end, as with
 * pcsc-mini, and a client whose service has died stays dead.
 */
import { Effect } from "effect"
import type { PcscClient, PcscError, Watch } from "./PcscBinding.ts"
import * as VirtualHandle from "./VirtualHandle.ts"
import * as VirtualReader from "./VirtualReader.ts"

/** `seen`: the names of its readers; `held`: so many cards is it connected to, or has lost the handle of. */
export interface VirtualClient {
  readonly watch: Watch
  readonly seen: Set<string>
  isDead: boolean
  held: number
}

export const make = (watch: Watch): VirtualClient => ({ watch, seen: new Set(), isDead: false, held: 0 })

/** The readers that are plugged in, by their names. */
type Readers = ReadonlyMap<string, VirtualReader.VirtualReader>

/** It keeps those that it sees, and takes in others where it has room. */
export const show = (client: VirtualClient, readers: Readers, most: number): void => {
  for (const reader of readers.values()) {
    if (client.seen.size >= most) return
    if (client.seen.has(reader.name)) continue
    client.seen.add(reader.name)
    client.watch.changed(VirtualReader.status(reader))
  }
}

/** `handles`: so many cards may it be connected to at once; every call takes `latency` milliseconds. */
export interface Options {
  readonly readers: Readers
  readonly handles: number
  readonly latency: number
}

/** How it connects to a card. */
export const connecting = (
  client: VirtualClient,
  { handles, latency, readers }: Options
): PcscClient["connect"] => {
  const guard = <A>(operation: string, call: Effect.Effect<A, PcscError>): Effect.Effect<A, PcscError> =>
    Effect.andThen(
      pause(latency),
      Effect.suspend(() => client.isDead ? Effect.fail(VirtualReader.failure(operation, "NoService")) : call)
    )
  return (name, share) =>
    Effect.suspend(() => {
      const reader = client.seen.has(name) ? readers.get(name) : undefined
      if (reader === undefined) {
        return guard("connect", Effect.fail(VirtualReader.failure("connect", "UnknownReader")))
      }
      if (client.held >= handles) {
        return Effect.fail(VirtualReader.failure("connect", "HandlesExhausted"))
      }
      return Effect.map(VirtualHandle.connect(reader, share, guard), (card) => {
        client.held++
        return {
          ...card,
          disconnect: (then) => Effect.tap(card.disconnect(then), () => Effect.sync(() => client.held--))
        }
      })
    })
}

/** A call into a service is never done at once. */
export const pause = (latency: number): Effect.Effect<void> => latency === 0 ? Effect.yieldNow : Effect.sleep(latency)
