/**
 * The two slots of a purse on an M1 card 主备区: main and backup. The one in force is the intact one of the higher
 * generation; in quiet times both are the same.
 *
 * A change is first written to the slot that is not in force, its record last, and that moment decides: before it the
 * old slot counts, after it the new one, and a record torn in between has no seal. Then the other slot is made the
 * same. So a card that is pulled away at any byte has the balance from before or from after, and a block that dies of
 * age has a twin.
 */
import { Effect, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type * as CardProblem from "./CardProblem.ts"
import type { Failure } from "./Exchange.ts"
import type { MifareClassic } from "./MifareClassic.ts"
import * as MifareLayout from "./MifareLayout.ts"
import * as MifareMap from "./MifareMap.ts"
import * as MifareSlot from "./MifareSlot.ts"

/** Where a pair lies. Its sectors open with key B, which the reader has. */
export interface Place {
  readonly card: MifareClassic
  readonly layout: MifareLayout.MifareLayout
  readonly seal: MifareSlot.Seal
}

/** What was found in a slot. `blocks`: as they were read, the record first. */
export type Found =
  | { readonly _tag: "Intact"; readonly slot: MifareSlot.MifareSlot; readonly blocks: ReadonlyArray<Bytes.Bytes> }
  | { readonly _tag: "Damaged"; readonly problem: string }

export type MifarePair = Readonly<Record<MifareLayout.SlotName, Found>>

/** The slot that counts. `damaged`: the other one, where it is. */
export interface InForce {
  readonly name: MifareLayout.SlotName
  readonly slot: MifareSlot.MifareSlot
  readonly damaged?: MifareLayout.SlotName
}

/** The slot beside this one. */
export const other = (name: MifareLayout.SlotName): MifareLayout.SlotName => name === "main" ? "backup" : "main"

const openFor = ({ card }: Place, block: number): Effect.Effect<void, Failure> =>
  card.authenticate(MifareMap.sectorOf(block), "B")

const readBlock = (place: Place, block: number): Effect.Effect<Bytes.Bytes, Failure> =>
  Effect.andThen(openFor(place, block), place.card.read(block))

const readSlot = Effect.fnUntraced(function*(place: Place, name: MifareLayout.SlotName) {
  const [first = 0, ...rest] = MifareLayout.blocksOf(place.layout, name)
  const record = yield* readBlock(place, first)
  // Of what is no record not even the length is known.
  const count = MifareSlot.countOf(record) ?? 0
  const blocks = [record]
  for (const block of rest.slice(0, count)) blocks.push(yield* readBlock(place, block))
  const slot = MifareSlot.decode(place.seal, blocks)
  return Result.isSuccess(slot)
    ? { _tag: "Intact", slot: slot.success, blocks } as const
    : { _tag: "Damaged", problem: slot.failure } as const
})

/** Reads both slots. A block that can not be read fails the whole: its slot may be the newer one. */
export const read = Effect.fnUntraced(function*(place: Place) {
  const main: Found = yield* readSlot(place, "main")
  const backup: Found = yield* readSlot(place, "backup")
  return { main, backup } satisfies MifarePair
})

const purseDamaged = (problem: string): Result.Result<never, CardProblem.CardProblem> =>
  Result.fail({ _tag: "FileDamaged", file: "purse", problem })

const isSame = (one: ReadonlyArray<Bytes.Bytes>, another: ReadonlyArray<Bytes.Bytes>): boolean =>
  Bytes.equal(Bytes.join(...one), Bytes.join(...another))

/** Which slot counts. */
export const inForce = ({ backup, main }: MifarePair): Result.Result<InForce, CardProblem.CardProblem> => {
  if (main._tag === "Damaged") {
    return backup._tag === "Damaged"
      ? purseDamaged(`main: ${main.problem}; backup: ${backup.problem}`)
      : Result.succeed({ name: "backup", slot: backup.slot, damaged: "main" })
  }
  if (backup._tag === "Damaged") return Result.succeed({ name: "main", slot: main.slot, damaged: "backup" })
  if (backup.slot.generation > main.slot.generation) return Result.succeed({ name: "backup", slot: backup.slot })
  if (backup.slot.generation === main.slot.generation && !isSame(main.blocks, backup.blocks)) {
    return purseDamaged("main and backup are of one generation and differ")
  }
  return Result.succeed({ name: "main", slot: main.slot })
}

/**
 * Writes what belongs to a record, where it differs from what was found, and opens the sector of the record. From the
 * first byte on that slot does not count any more.
 */
export const prepare = Effect.fnUntraced(function*(
  place: Place,
  name: MifareLayout.SlotName,
  image: ReadonlyArray<Bytes.Bytes>,
  found: Found
) {
  const [first = 0, ...rest] = MifareLayout.blocksOf(place.layout, name)
  for (const [at, data] of image.slice(1).entries()) {
    const lies = found._tag === "Intact" ? found.blocks[at + 1] : undefined
    const block = rest[at]
    if (block === undefined || lies !== undefined && Bytes.equal(lies, data)) continue
    yield* openFor(place, block)
    yield* place.card.update(block, data)
  }
  yield* openFor(place, first)
})

/** Writes the record. Its slot counts from then on. */
export const writeRecord = (
  { card, layout }: Place,
  name: MifareLayout.SlotName,
  [record = new Uint8Array()]: ReadonlyArray<Bytes.Bytes>
): Effect.Effect<void, Failure> => {
  const [first = 0] = MifareLayout.blocksOf(layout, name)
  return card.update(first, record)
}

/** Reads a slot again: it must be what was written. */
export const verify = Effect.fnUntraced(function*(
  place: Place,
  name: MifareLayout.SlotName,
  image: ReadonlyArray<Bytes.Bytes>
) {
  const found = yield* readSlot(place, name)
  if (found._tag === "Intact" && isSame(found.blocks, image)) return
  return yield* Effect.fail<CardProblem.CardProblem>({
    _tag: "FileDamaged",
    file: "purse",
    problem: `${name}: it does not read as it was written`
  })
})
