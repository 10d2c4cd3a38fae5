/**
 * A virtual card that is kept in a file 虚拟卡文件: written after every command that changes it, as a whole or not at all.
 *
 * A chip whose memory can not be written says so (6581) and is as it was: so does this one where its file can not be
 * written, or was changed by somebody else in the meantime. One process has a card at a time, as one reader has.
 */
import { Bytes, CampusSlot, type CardProgram, CardSetup, VirtualCpuCard, VirtualMemory } from "@yikatong/adapters-pcsc"
import { CivilTime, Flaw, Money } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import { randomBytes } from "node:crypto"
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import * as Files from "./Bytes.ts"
import { both, Failed } from "./Failure.ts"

/** No memory of a card is larger by far. */
const limit = 256 * 1024

/** What is on a card that is made here, in fen. */
const given = Money.yuan("50.00")
/** So many years is it good for. */
const years = 4

/** A card that lies in a file. `isNew`: it was made just now. */
export interface VirtualCard {
  readonly program: CardProgram.CardProgram
  readonly isNew: boolean
}

/** A file beside it that is older was left by a process that died while it wrote, in milliseconds. */
const forgotten = 10_000

/**
 * Writes the file as a whole, for its owner alone; throws where it can not, or where it no longer holds `before`
 * (nothing: is not there), since somebody else has written it. Of two who write at once the second finds the first
 * one's file beside it.
 */
const replace = (file: string, before: string | undefined, text: string): void => {
  const beside = `${file}.tmp`
  const left = statSync(beside, { throwIfNoEntry: false })
  if (left !== undefined && Date.now() - left.mtimeMs > forgotten) rmSync(beside)
  writeFileSync(beside, text, { mode: 0o600, flag: "wx", flush: true })
  try {
    const now = existsSync(file) ? readFileSync(file, "utf8") : undefined
    if (now !== before) throw new Error("somebody else has written it")
    renameSync(beside, file)
  } catch (cause) {
    rmSync(beside)
    throw cause
  }
}

/** EEPROM at fault: nothing was written. */
const faulty = Bytes.of("6581")

/** A card whose memory is this file. `text`: what stands in it now. */
const kept = (file: string, text: string, memory: VirtualMemory.VirtualMemory): CardProgram.CardProgram => {
  let saved = { text, memory }
  let isSaved = true
  const on = (memory: VirtualMemory.VirtualMemory): VirtualCpuCard.VirtualCpuCard =>
    VirtualCpuCard.make({
      memory,
      random: (length) => new Uint8Array(randomBytes(length)),
      kept: (memory) => {
        const text = VirtualMemory.write(memory)
        try {
          replace(file, saved.text, text)
          saved = { text, memory }
        } catch {
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

/** The card in this file; where there is no such file, a test card is made. */
export const open = Effect.fnUntraced(function*(
  file: string,
  setup: CardSetup.CardSetup
): Effect.fn.Return<VirtualCard, Failed> {
  if (!existsSync(file)) {
    const memory = yield* made(setup)
    const text = VirtualMemory.write(memory)
    yield* Effect.try({ try: () => replace(file, undefined, text), catch: unwritable(file) })
    return { program: kept(file, text, memory), isNew: true }
  }
  const text = yield* Files.text(file, limit)
  const memory = VirtualMemory.parse(text)
  if (Result.isFailure(memory)) {
    return yield* new Failed({
      message: `${file}: ${both("不是虚拟卡，或已损坏", "this is no virtual card, or a damaged one")}: ${
        Flaw.told(memory.failure.flaws.slice(0, 3))
      }`
    })
  }
  return { program: kept(file, text, memory.success), isNew: false }
})
