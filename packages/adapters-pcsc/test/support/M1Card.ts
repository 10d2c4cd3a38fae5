// A campus card on M1, issued as the card centre would, and what the tests do with it.
import { Chip, CivilTime, Money, type Tally } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import * as Bytes from "../../src/Bytes.ts"
import * as MifareIssue from "../../src/MifareIssue.ts"
import * as MifareKeys from "../../src/MifareKeys.ts"
import * as MifareLayout from "../../src/MifareLayout.ts"
import * as MifarePurse from "../../src/MifarePurse.ts"
import * as ReaderProfile from "../../src/ReaderProfile.ts"
import * as VirtualMifare from "../../src/VirtualMifare.ts"
import { over } from "./MifareChannel.ts"

export const uid = Bytes.of("11223344")

const master = (digits: string) => Redacted.make(Bytes.of(digits.repeat(16)))
export const keys = MifareKeys.ofMasters({ A: master("A1"), B: master("B2"), seal: master("5E") })

export const options: MifarePurse.Options = {
  profile: ReaderProfile.acs,
  keys,
  layout: MifareLayout.usual,
  windows: ["other", "breakfast", "lunch", "dinner"]
}

const day = CivilTime.day("2026-03-02")

export const lunch: Tally.Cell = { day, window: "lunch", mealDay: day, category: "canteen", medium: "physicalCard" }
export const shopping: Tally.Cell = { ...lunch, window: "other", category: "shop" }

/** A chip in the middle of its life: breakfast and lunch were bought today. */
export const chip: Chip.Chip = {
  card: MifarePurse.cardOf(uid),
  standing: "active",
  purse: { balance: Money.yuan("20.00"), loadSequence: 3, purchaseSequence: 7 },
  tallies: {
    cells: [
      { ...lunch, window: "breakfast", sum: Money.yuan("3.50"), count: 1 },
      { ...lunch, sum: Money.yuan("12.00"), count: 1 }
    ]
  },
  validUntil: CivilTime.day("2026-06-02")
}

export const at = CivilTime.instant("2026-03-02 12:10")

/** The chip after this was bought, as core has it. */
export const bought = (before: Chip.Chip, cell: Tally.Cell, fen: number): Chip.Chip =>
  Chip.debit(before, cell, Money.of(fen), 3)

/** The memory of a card that was issued with this chip. */
export const issued = (of: Chip.Chip = chip, how: MifareIssue.Options = options) =>
  Effect.suspend(() => {
    const program = VirtualMifare.make(VirtualMifare.blank("1K", uid), how.profile)
    return Effect.map(MifareIssue.issue(over(program).channel, how, of), () => program.memory())
  })

/** Lays a card with this memory on a reader. */
export const lay = (memory: VirtualMifare.Memory, profile: ReaderProfile.ReaderProfile = ReaderProfile.acs) => {
  const program = VirtualMifare.make(memory, profile)
  return { program, on: over(program) }
}

/** The memory with one block changed. */
export const withBlock = (memory: VirtualMifare.Memory, block: number, data: string): VirtualMifare.Memory => ({
  ...memory,
  blocks: memory.blocks.map((old, at) => at === block ? data : old)
})

/** The memory with one bit of a block gone over. */
export const withFlaw = (memory: VirtualMifare.Memory, block: number, byte = 5): VirtualMifare.Memory => {
  const data = Bytes.of(memory.blocks[block] ?? "")
  data[byte] = (data[byte] ?? 0) ^ 0x10
  return withBlock(memory, block, Bytes.hex(data))
}
