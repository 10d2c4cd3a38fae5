/**
 * The campus purse on an M1 card M1 钱包: a card that knows no transactions, made so that a write can not be torn.
 *
 * **It can be forged.** MIFARE Classic is broken (see `MifareClassic`): whoever has held a card for a minute can copy
 * it whole and set it back to an older balance. The seal of the purse keeps strangers from inventing balances, and
 * binds a balance to its UID; it does not help against a whole copy with the same UID. Copies are found by the books
 * and the purse chain (`PurseChain` in core). Such a card signs nothing: there is no TAC, and an outcome has none.
 * Schools should move to CPU cards.
 *
 * What a terminal needs to decide alone lies beside the purse in the same slot (`MifareBody`), and both change in one
 * moment (`MifarePair`). After a write whose answer is lost, the card is selected anew and both slots are read: that
 * tells done from not done (R28, D8). Reading never writes: a damaged slot is reported (`recovered`), and mended by
 * the next write.
 *
 * A tap from the UID to the purchase takes 28 commands with two counters on the card: a CPU card takes eight, and is
 * faster.
 *
 * A write is carried out to its end, also where its fiber is interrupted. The card keeps no log, and no time of a
 * transaction.
 */
import { type Chip, Id, MealWindow } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type { CardChannel } from "./CardChannel.ts"
import { isLost } from "./CardFault.ts"
import type * as CardProblem from "./CardProblem.ts"
import * as MifareBody from "./MifareBody.ts"
import * as MifareChange from "./MifareChange.ts"
import * as MifareClassic from "./MifareClassic.ts"
import type { MifareKeys } from "./MifareKeys.ts"
import * as MifareLayout from "./MifareLayout.ts"
import * as MifarePair from "./MifarePair.ts"
import * as MifareSlot from "./MifareSlot.ts"
import type { Outcome } from "./Outcome.ts"
import * as PendingWrite from "./PendingWrite.ts"
import type { Failure, Load, PurseCard } from "./PurseCard.ts"
import type { ReaderProfile } from "./ReaderProfile.ts"

/** A purse was read from one slot alone, since the other is damaged: by a write that was torn, or by age. */
export interface Recovered {
  readonly card: Id.CardId
  readonly damaged: MifareLayout.SlotName
  readonly reading: Chip.Reading
}

/**
 * `windows`: the names of the meal windows, also "other", each at the place that is its number on the cards; names
 * are only ever added at the end. `recovered`: told whenever a card is read from one slot alone. `keep`: called right
 * before a block is written; only then can a terminal that loses its own power say at the next tap what became of it
 * (`settle`). What it fails with, nothing was written. `terminal`: its number, 6 bytes, which stands in what is kept.
 */
export interface Options {
  readonly profile: ReaderProfile
  readonly keys: MifareKeys
  readonly layout: MifareLayout.MifareLayout
  readonly windows?: ReadonlyArray<string>
  readonly recovered?: (recovered: Recovered) => Effect.Effect<void>
  readonly keep?: (write: PendingWrite.PendingWrite) => Effect.Effect<void, Failure>
  readonly terminal?: Bytes.Bytes
}

/** For a school that counts by the day alone. */
export const defaultWindows: ReadonlyArray<string> = [MealWindow.other]

/** How a card of this UID is named. */
export const cardOf = (uid: Bytes.Bytes): Id.CardId => Id.CardId.make(`m1-${Bytes.hex(uid).toLowerCase()}`)

/** Sees that the card is one of this campus: its sectors open with our keys. */
const recognise = Effect.fnUntraced(function*(
  card: MifareClassic.MifareClassic,
  { backup: [backup = 0], main: [main = 0] }: MifareLayout.MifareLayout
) {
  yield* card.authenticate(main, "B").pipe(
    Effect.catchTag("SectorKeyWrong", (wrong) =>
      card.authenticate(backup, "B").pipe(
        Effect.catchTag("SectorKeyWrong", () => Effect.fail<CardProblem.CardProblem>({ _tag: "NotACampusCard" })),
        Effect.andThen(Effect.fail(wrong))
      ))
  )
})

/** Takes up a card of the campus. Other cards are told by their kind or by their keys, and stay as they are. */
export const open = Effect.fnUntraced(function*(channel: CardChannel, options: Options) {
  const { layout, windows = defaultWindows } = options
  const card = yield* MifareClassic.open(channel, options.profile)
  if (!MifareLayout.fits(layout, card.size)) return yield* Effect.fail(tooSmall)
  const keys = yield* options.keys.of(card.uid)
  const place: MifarePair.Place = { card, layout, seal: { uid: card.uid, key: keys.seal } }
  const id = cardOf(card.uid)
  const paper: MifareChange.Paper = { card: id, windows, room: MifareLayout.roomOf(layout) }
  // Only key B is used: it may read and write.
  const giveKey = card.loadKey("B", keys.B)
  yield* giveKey
  yield* recognise(card, layout)

  const state = Effect.gen(function*() {
    const pair = yield* MifarePair.read(place)
    const now = yield* Effect.fromResult(MifarePair.inForce(pair))
    if (now.damaged !== undefined && options.recovered !== undefined) {
      yield* options.recovered({ card: id, damaged: now.damaged, reading: now.slot.purse })
    }
    return { pair, now }
  })

  /** The same of a card that is selected anew. */
  const selected = card.select.pipe(Effect.andThen(giveKey), Effect.andThen(state))

  /**
   * Makes the other slot the same. Whether it succeeds changes nothing: the next reading tells, the next write mends.
   */
  const mirror = Effect.fnUntraced(
    function*(name: MifareLayout.SlotName, image: ReadonlyArray<Bytes.Bytes>, found: MifarePair.Found) {
      yield* MifarePair.prepare(place, name, image, found)
      yield* MifarePair.writeRecord(place, name, image)
    },
    (writing) => Effect.ignore(writing)
  )

  /** What became of a record whose writing did not end well, from the card itself. Nothing is written to find out. */
  const settle = Effect.fnUntraced(function*(
    before: MifareSlot.MifareSlot,
    next: MifareSlot.MifareSlot,
    cause: Failure
  ) {
    const found = yield* Effect.result(selected)
    if (Result.isFailure(found)) {
      return MifareChange.unknown({ before: before.purse, proof: "notAsked", cause: found.failure })
    }
    const { slot } = found.success.now
    const is = (one: MifareSlot.MifareSlot): boolean =>
      one.generation === slot.generation && PendingWrite.isSame(one.purse, slot.purse) &&
      Bytes.equal(one.body, slot.body)
    if (is(next)) return { _tag: "Done", reading: slot.purse } satisfies Outcome
    if (is(before)) return { _tag: "NotDone", reading: slot.purse, cause } satisfies Outcome
    return MifareChange.unknown({ before: before.purse, after: slot.purse, proof: "notAsked", cause })
  })

  const commit = Effect.fnUntraced(function*(
    { now, pair }: Effect.Success<typeof state>,
    next: MifareSlot.MifareSlot
  ) {
    const target = MifarePair.other(now.name)
    const image = MifareSlot.encode(place.seal, next)
    const prepared = yield* Effect.result(MifarePair.prepare(place, target, image, pair[target]))
    // The record was never sent: the slot in force is what it was, wherever the card may be.
    if (Result.isFailure(prepared)) {
      return { _tag: "NotDone", reading: now.slot.purse, cause: prepared.failure } satisfies Outcome
    }
    const written = yield* Effect.result(Effect.andThen(
      MifarePair.writeRecord(place, target, image),
      MifarePair.verify(place, target, image)
    ))
    if (Result.isFailure(written)) return yield* settle(now.slot, next, written.failure)
    yield* mirror(now.name, image, pair[now.name])
    return { _tag: "Done", reading: next.purse } satisfies Outcome
  })

  /** Changes the slot in force. Fails only before the first byte. */
  const write = Effect.fnUntraced(function*(
    before: Chip.Reading | undefined,
    change: (slot: MifareSlot.MifareSlot) => MifareChange.Changed,
    keep: Effect.Effect<void, Failure> = Effect.void
  ) {
    const found = yield* state
    const { slot } = found.now
    if (before !== undefined && !PendingWrite.isSame(slot.purse, before)) {
      return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "CardChanged" })
    }
    if (slot.generation >= MifareSlot.last.generation) return yield* Effect.fail(wornOut)
    const changed = yield* Effect.fromResult(change(slot))
    yield* keep
    const outcome: Outcome = yield* Effect.uninterruptible(
      commit(found, { ...changed, generation: slot.generation + 1 })
    )
    return outcome
  })

  const pendingOf = (
    kind: PendingWrite.PendingWrite["kind"],
    { amount, at, before, reference }: Load
  ): PendingWrite.PendingWrite => ({
    kind,
    card: id,
    amount,
    before,
    at,
    terminal: Bytes.hex(options.terminal ?? new Uint8Array(6)),
    ...(reference === undefined ? {} : { reference })
  })
  const keep = (write: PendingWrite.PendingWrite): Effect.Effect<void, Failure> =>
    options.keep === undefined ? Effect.void : options.keep(write)

  const purse: PurseCard = {
    card: id,
    // A card that was pulled and lies there again is asked once more: reading changes nothing.
    reading: Effect.map(Effect.catchIf(state, isLost, () => selected), ({ now }) => now.slot.purse),
    chip: Effect.gen(function*() {
      const { slot } = (yield* state).now
      const { counted, ...body } = yield* Effect.fromResult(MifareBody.decode(slot.body, windows))
      const purchases = slot.purse.purchaseSequence - counted
      if (purchases !== 0) {
        return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "CountersBehind", purchases })
      }
      return { card: id, purse: slot.purse, ...body }
    }),
    load: (load) => {
      const pending = pendingOf("load", load)
      return write(load.before, (slot) => MifareChange.load(slot, pending), keep(pending))
    },
    debit: (debit) => {
      const pending = pendingOf("debit", debit)
      return write(debit.before, (slot) => MifareChange.debit(slot, pending, debit.after, paper), keep(pending))
    },
    settle: Effect.fnUntraced(function*(write) {
      if (write.card !== id) return yield* Effect.fail<CardProblem.CardProblem>({ _tag: "AnotherCard" })
      return MifareChange.outcomeOf(write, (yield* state).now.slot)
    }),
    stamp: Effect.fnUntraced(function*(standing) {
      const outcome = yield* write(undefined, (slot) => MifareChange.stamp(slot, standing, paper))
      if (outcome._tag !== "Done") return yield* Effect.fail(causeOf(outcome))
    })
  }
  return purse
})

const tooSmall: CardProblem.CardProblem = {
  _tag: "NoRoomOnCard",
  file: "purse",
  problem: "the card has fewer sectors than its layout"
}

const wornOut: CardProblem.CardProblem = {
  _tag: "NoRoomOnCard",
  file: "purse",
  problem: "it was written as often as it can be"
}

const causeOf = (outcome: Exclude<Outcome, { readonly _tag: "Done" }>): Failure =>
  outcome._tag === "Unknown" ? outcome.evidence.cause : outcome.cause ?? { _tag: "CardChanged" }
