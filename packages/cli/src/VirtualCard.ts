/**
 * A virtual card that is kept in a file 虚拟卡: written after every command that changes it, as a whole or not at all.
 *
 * A chip whose memory can not be written says so (6581) and is as it was: so does this one where its file can not be
 * written, or was changed by somebody else in the meantime. One program has a card at a time, as one reader has.
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

/** A file by the name that people call it, and where it truly is. */
interface Place {
  readonly file: string
  readonly path: string
}

/** EEPROM at fault: nothing was written. */
const faulty = Bytes.of("6581")

const troubleOf = (file: string, cause: unknown): string =>
  cause instanceof CardFile.NotWritten && !cause.isChanged
    ? unwritable(file)(cause.cause).message
    : `${file}: ${
      both("已被其他程序改动，未写入，请重试", "another program has changed it; nothing was written, try again")
    }`

/** A card whose memory is this file. `text`: what stands in it now. */
const kept = (
  { file, path }: Place,
  text: string,
  memory: VirtualMemory.VirtualMemory
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

/**
 * The card in this file, which is this program's as long as the scope; where there is no such file, a test card is made.
 * Another program that has it is waited for so many seconds.
 */
export const open = Effect.fnUntraced(function*(
  file: string,
  setup: CardSetup.CardSetup,
  wait: number
): Effect.fn.Return<VirtualCard, Failed | Unknown, Scope.Scope> {
  const path = yield* Effect.try({
    try: () => CardFile.pathOf(file),
    catch: (cause) => cause instanceof Failed ? cause : unwritable(file)(cause)
  })
  const place = { file, path }
  yield* FileHold.acquire({ ...place, wait, unwritable: unwritable(file) })
  if (!existsSync(path)) {
    const memory = yield* made(setup)
    const text = VirtualMemory.write(memory)
    yield* Effect.try({
      try: () => CardFile.replace(path, undefined, text),
      catch: (cause) => new Failed({ message: troubleOf(file, cause) })
    })
    return { ...kept(place, text, memory), isNew: true }
  }
  // What could not be deleted does no harm.
  yield* Effect.ignore(Effect.try({ try: () => CardFile.tidy(path), catch: unwritable(file) }))
  const text = yield* Files.textOfFile(file, limit)
  const memory = VirtualMemory.parse(text)
  if (Result.isFailure(memory)) {
    return yield* new Failed({
      message: `${file}: ${both("不是虚拟卡，或已损坏", "this is no virtual card, or a damaged one")}: ${
        Flaw.told(memory.failure.flaws.slice(0, 3))
      }`
    })
  }
  return { ...kept(place, text, memory.success), isNew: false }
})
