/**
 * A virtual card that is kept in a file 虚拟卡: written after every command that changes it, as a whole or not at all.
 *
 * A chip whose memory can not be written says so (6581) and is as it was: so does this one where its file can not be
 * written, or was changed by somebody else in the meantime. One program has a card at a time, as one reader has; whoever
 * only looks at it does so as well where nothing can be written.
 */
import { Bytes, CampusSlot, type CardProgram, CardSetup, VirtualCpuCard, VirtualMemory } from "@yikatong/adapters-pcsc"
import { CivilTime, Flaw, Money } from "@yikatong/core"
import { Clock, Effect, Result, type Scope } from "effect"
import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import * as Files from "./Bytes.ts"
import * as CardFile from "./CardFile.ts"
import { both, Failed, type Unknown } from "./Failure.ts"
import * as FileHold from "./FileHold.ts"

/** No memory of a card is larger by far. */
const limit = 256 * 1024

/** What is on a card that is made here, in fen. */
const given = Money.yuan("50.00")
/** So many years is it good for. */
const years = 4

/**
 * A card that lies in a file. `isNew`: it was made just now. `trouble`: why its file could not be written, if that has
 * happened.
 */
export interface VirtualCard {
  readonly program: CardProgram.CardProgram
  readonly isNew: boolean
  readonly trouble: () => string | undefined
}

/**
 * What it is wanted for. To pay and to load it has to be ours alone. Looking leaves it as it is but for a wrong PIN, which
 * is counted: it is ours where it can be, and else is not written. Watching never writes it.
 */
export type Use = "deal" | "look" | "watch"

/** A file by the name that people call it, and where it truly is. */
interface Place {
  readonly file: string
  readonly path: string
}

/** EEPROM at fault: nothing was written. */
const faulty = Bytes.of("6581")

const troubleOf = (file: string, cause: unknown): string =>
  cause instanceof Failed ? cause.message : cause instanceof CardFile.NotWritten && !cause.isChanged
    ? unwritable(file)(cause.cause).message
    : `${file}: ${
      both("已被其他程序改动，未写入，请重试", "another program has changed it; nothing was written, try again")
    }`

/** A card whose memory is this file. `text`: what stands in it now. `locked`: why it is not to be written, if so. */
const kept = (
  { file, path }: Place,
  text: string,
  memory: VirtualMemory.VirtualMemory,
  locked: Failed | undefined
): Pick<VirtualCard, "program" | "trouble"> => {
  let saved = { text, memory }
  let trouble: string | undefined
  let isSaved = true
  const on = (memory: VirtualMemory.VirtualMemory): VirtualCpuCard.VirtualCpuCard =>
    VirtualCpuCard.make({
      memory,
      random: (length) => new Uint8Array(randomBytes(length)),
      kept: (memory) => {
        const text = VirtualMemory.write(memory)
        try {
          if (locked !== undefined) throw locked
          CardFile.replace(path, saved.text, text)
          saved = { text, memory }
        } catch (cause) {
          trouble = troubleOf(file, cause)
          isSaved = false
        }
      }
    })
  let card = on(memory)
  /** What the chip remembers is what the file holds. */
  const settle = (): boolean => {
    if (isSaved) return true
    isSaved = true
    card = on(saved.memory)
    return false
  }
  return {
    trouble: () => trouble,
    program: {
      atr: card.atr,
      power: (change) => card.power(change),
      answer: (command) => {
        const answer = card.answer(command)
        return settle() ? answer : faulty
      },
      interrupt: (command, written) => {
        card.interrupt(command, written)
        settle()
      }
    }
  }
}

/** A test card as this school has them, with the keys that everybody knows, in force from today. */
const made = Effect.fnUntraced(function*(setup: CardSetup.CardSetup) {
  const today = CivilTime.dayOf((yield* Clock.currentTimeMillis) as CivilTime.Instant)
  const { dormancy } = CardSetup.profileOf(setup)
  const slot: CampusSlot.CampusSlot = {
    standing: "active",
    validUntil: CivilTime.addMonths(today, dormancy.months),
    tallies: { cells: [] },
    purchaseSequence: 0,
    stamp: 0
  }
  return yield* Effect.try({
    try: () =>
      VirtualCpuCard.testCard({
        profile: CardSetup.cpuProfileOf(setup),
        dates: { from: today, until: CivilTime.addMonths(today, 12 * years) },
        balance: given,
        campusFile: Result.getOrThrow(CampusSlot.encode(slot, CardSetup.windowsOf(setup)))
      }),
    catch: () => new Failed({ message: both("没有卡片能照此设置", "no card can be set up as --cards says") })
  })
})

const unwritable = (file: string) => (cause: unknown): Failed => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? ` (${String(cause.code)})` : ""
  return new Failed({ message: `${file}: ${both("无法写入", "it can not be written")}${code}` })
}

/** Makes a test card in this file, unless another program has made one in the meantime. Says whether it did. */
const laid = Effect.fnUntraced(function*({ file, path }: Place, setup: CardSetup.CardSetup) {
  if (existsSync(path)) return false
  const text = VirtualMemory.write(yield* made(setup))
  yield* Effect.try({
    try: () => CardFile.replace(path, undefined, text),
    catch: (cause) => new Failed({ message: troubleOf(file, cause) })
  })
  return true
})

const watched = (file: string): Failed =>
  new Failed({ message: `${file}: ${both("只监视，不写入", "it is only watched, and not written")}` })

/** Sees that it is there, and ours as far as this use needs it. `locked`: why it is not to be written, if so. */
const had = Effect.fnUntraced(function*(place: Place, setup: CardSetup.CardSetup, { use, wait }: Wanted) {
  const { file, path } = place
  const hold = FileHold.acquire({ ...place, wait, unwritable: unwritable(file) })
  if (use === "watch") {
    const isNew = existsSync(path) ? false : yield* Effect.scoped(Effect.andThen(hold, laid(place, setup))).pipe(
      // Whoever has it has made it by now.
      Effect.catchTag("Unknown", (held) => existsSync(path) ? Effect.succeed(false) : held)
    )
    return { isNew, locked: watched(file) }
  }
  const locked = use === "look" && existsSync(path)
    ? yield* Effect.as(hold, undefined).pipe(Effect.catchTag("Failed", (why) => Effect.succeed(why)))
    : yield* Effect.as(hold, undefined)
  const isNew = yield* laid(place, setup)
  // What could not be deleted does no harm.
  if (locked === undefined) {
    yield* Effect.ignore(Effect.try({ try: () => CardFile.tidy(path), catch: unwritable(file) }))
  }
  return { isNew, locked }
})

/** What it is wanted for; another program that has it is waited for so many seconds. */
export interface Wanted {
  readonly use: Use
  readonly wait: number
}

/**
 * The card in this file, which is this program's as long as the scope, if it may be written; where there is no such
 * file, a test card is made.
 */
export const open = Effect.fnUntraced(function*(
  file: string,
  setup: CardSetup.CardSetup,
  wanted: Wanted
): Effect.fn.Return<VirtualCard, Failed | Unknown, Scope.Scope> {
  const path = yield* Effect.try({
    try: () => CardFile.pathOf(file),
    catch: (cause) => cause instanceof Failed ? cause : unwritable(file)(cause)
  })
  const place = { file, path }
  const { isNew, locked } = yield* had(place, setup, wanted)
  const text = yield* Files.textOfFile(file, limit)
  const memory = VirtualMemory.parse(text)
  if (Result.isFailure(memory)) {
    return yield* new Failed({
      message: `${file}: ${both("不是虚拟卡，或已损坏", "this is no virtual card, or a damaged one")}: ${
        Flaw.told(memory.failure.flaws.slice(0, 3))
      }`
    })
  }
  return { ...kept(place, text, memory.success, locked), isNew }
})
