/** A campus with virtual CPU cards: its terminals, its keys, and a card that has a campus file. */
import { Chip, CivilTime, Money, type Tally } from "@yikatong/core"
import { Effect, Ref, Result } from "effect"
import * as Bytes from "../../src/Bytes.ts"
import * as CampusSlot from "../../src/CampusSlot.ts"
import type { CardChannel } from "../../src/CardChannel.ts"
import { CardKeys, type Keys } from "../../src/CardKeys.ts"
import * as CpuCard from "../../src/CpuCard.ts"
import * as CpuProfile from "../../src/CpuProfile.ts"
import * as SeededRandom from "../../src/SeededRandom.ts"
import * as SoftwareKeys from "../../src/SoftwareKeys.ts"
import * as VirtualCpuCard from "../../src/VirtualCpuCard.ts"
import { testMasters } from "../../src/VirtualKeys.ts"
import type * as VirtualMemory from "../../src/VirtualMemory.ts"

export const windows = ["breakfast", "lunch", "dinner", "other"]
export const terminal = Bytes.of("112233445566")
export const profile = CpuProfile.fmcos
export const settings: CpuCard.Options = { profile, terminal, windows }

/** What a terminal with a PSAM and a host knows: all but the key of the TAC. */
export const withoutTac = {
  of: "school",
  purchase: testMasters.purchase,
  load: testMasters.load,
  file: testMasters.maintenance
} as const satisfies SoftwareKeys.KeyFile

/** What a school's key file says, with the keys of the virtual cards. */
export const keyFile: SoftwareKeys.KeyFile = { ...withoutTac, tac: testMasters.tac }

/** Keys that count from 1. */
export const keys = (file: SoftwareKeys.KeyFile = keyFile): Keys =>
  SoftwareKeys.make(file, SoftwareKeys.counting(Ref.makeUnsafe(1)))

export const at = CivilTime.instant("2026-03-02 12:00:07")
export const lunch: Tally.Cell = {
  day: CivilTime.day("2026-03-02"),
  window: "lunch",
  mealDay: CivilTime.day("2026-03-02"),
  category: "canteen",
  medium: "physicalCard"
}

const fresh: CampusSlot.CampusSlot = {
  standing: "active",
  purchaseSequence: 0,
  stamp: 0,
  validUntil: CivilTime.day("2026-06-01"),
  tallies: { cells: [] }
}

/** A card with so much money and an active slot. */
export const cardOf = (
  balance: number,
  options: Partial<VirtualCpuCard.Personalisation> = {}
): VirtualCpuCard.VirtualCpuCard => {
  const campusFile = Result.getOrThrow(CampusSlot.encode(fresh, windows))
  const memory = VirtualCpuCard.testCard({ balance, campusFile, ...options })
  return VirtualCpuCard.make({ memory, random: SeededRandom.make(balance) })
}

/** A copy of a card as it is now, or as somebody has made it, that goes its own way. */
export const copyOf = (
  card: VirtualCpuCard.VirtualCpuCard,
  memory: VirtualMemory.VirtualMemory = card.memory()
): VirtualCpuCard.VirtualCpuCard => VirtualCpuCard.make({ memory, random: SeededRandom.make(7) })

export const open = (channel: CardChannel, options: Partial<CpuCard.Options> = {}, with_: Keys = keys()) =>
  Effect.provideService(CpuCard.open(channel, { ...settings, ...options }), CardKeys, with_)

/** The chip after a lunch for so many fen. */
export const afterLunch = (chip: Chip.Chip, amount: number): Chip.Chip => Chip.debit(chip, lunch, Money.of(amount), 3)

/** The purse of a card as it really is, whatever it told. */
export const purseOf = (card: VirtualCpuCard.VirtualCpuCard): Chip.Reading => {
  const { balance, loads, purchases } = card.memory().purses.ep
  return { balance: Money.of(balance), loadSequence: loads, purchaseSequence: purchases }
}
