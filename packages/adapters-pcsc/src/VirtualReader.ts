/**
 * One reader without hardware 虚拟读卡器, with a card program on it: what `VirtualPcsc` is made of. It is as awkward as pcsc-lite is
 * with a real one.
 */
import { Effect } from "effect"
import type * as Bytes from "./Bytes.ts"
import type { CardProgram } from "./CardProgram.ts"
import * as Mischief from "./Mischief.ts"
import { type Code, PcscError, type ReaderStatus } from "./PcscBinding.ts"

/** Another program that has the card: alone from the start, or for the length of a transaction. */
export type Holding = "exclusive" | "transaction"

/** One connection to a card. `coming` and `resets`: what it knows of; a newer number at the reader makes it stale. */
export interface Handle {
  readonly share: "shared" | "exclusive"
  coming: number
  resets: number
  isBusy: boolean
  hasBegun: boolean
}

export interface VirtualReader {
  readonly name: string
  /** Whom to tell that something has changed. */
  readonly changed: () => void
  readonly handles: Set<Handle>
  /** Calls that wait: for a transaction to end, or for a card that hangs. */
  readonly waiting: Set<() => void>
  readonly hanging: Set<(end: Effect.Effect<Bytes.Bytes, PcscError>) => void>
  card: { readonly program: CardProgram; readonly isMute: boolean; isPowered: boolean } | undefined
  comings: number
  resets: number
  outsider: Holding | undefined
  owner: Handle | undefined
  plan: Mischief.Plan
  commands: number
  isPlugged: boolean
}

export const make = (name: string, changed: () => void): VirtualReader => ({
  name,
  changed,
  handles: new Set(),
  waiting: new Set(),
  hanging: new Set(),
  card: undefined,
  comings: 0,
  resets: 0,
  outsider: undefined,
  owner: undefined,
  plan: Mischief.none,
  commands: 0,
  isPlugged: true
})

export const status = (reader: VirtualReader): ReaderStatus => ({
  name: reader.name,
  attached: reader.isPlugged,
  present: reader.card !== undefined,
  mute: reader.card?.isMute ?? false,
  exclusive: reader.outsider === "exclusive",
  inUse: reader.outsider !== undefined || reader.handles.size > 0,
  comings: reader.comings
})

export const failure = (operation: string, code: Code, detail: string = code): PcscError =>
  new PcscError({ operation, code, detail })

/** Where a card lies already, it is exchanged so fast that only one change is told (trap 8). */
export const insert = (reader: VirtualReader, program: CardProgram, isMute: boolean): void => {
  takeAway(reader, nothing)
  reader.card = { program, isMute, isPowered: false }
  reader.comings++
  power(reader)
  reader.changed()
}

/** Whoever waits for its answer gets an empty one, and with success: so it is with real readers (trap 4). */
export const remove = (reader: VirtualReader, end: Effect.Effect<Bytes.Bytes, PcscError> = nothing): void => {
  if (reader.card === undefined) return
  takeAway(reader, end)
  reader.changed()
}

const takeAway = (reader: VirtualReader, end: Effect.Effect<Bytes.Bytes, PcscError>): void => {
  if (reader.card === undefined) return
  if (reader.card.isPowered) reader.card.program.power("off")
  reader.card = undefined
  reader.comings++
  reader.owner = undefined
  endHanging(reader, end)
  wake(reader)
}

/** An answer of no bytes at all. */
export const nothing = Effect.sync((): Bytes.Bytes => new Uint8Array())

export const endHanging = (reader: VirtualReader, end: Effect.Effect<Bytes.Bytes, PcscError>): void => {
  const hanging = [...reader.hanging]
  reader.hanging.clear()
  for (const resume of hanging) resume(end)
}

export const wake = (reader: VirtualReader): void => {
  const waiting = [...reader.waiting]
  reader.waiting.clear()
  for (const resume of waiting) resume()
}

/** Somebody resets the card; everybody else's connection is stale. */
export const reset = (reader: VirtualReader): void => {
  reader.resets++
  if (reader.card?.isPowered === true) reader.card.program.power("reset")
}

/** Wakes the card up, if it sleeps. */
export const power = (reader: VirtualReader): void => {
  if (reader.card === undefined || reader.card.isPowered || reader.card.isMute) return
  reader.card.isPowered = true
  reader.card.program.power("on")
}

/** The card that hangs gives its answer after all. */
export const answers: Effect.Effect<Bytes.Bytes, PcscError> = Effect.never
