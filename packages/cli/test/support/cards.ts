/** Virtual cards in files, and what no output about them may hold. */
import { Bytes, CampusSlot, VirtualCpuCard, VirtualMemory } from "@yikatong/adapters-pcsc"
import { CivilTime, Csmzxy, MealWindow, Money } from "@yikatong/core"
import { Result } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import type { Ended } from "./yikatong.ts"

export const windows = [...Csmzxy.csmzxy.meals.map(({ name }) => name), MealWindow.other]

/** A slot of an active card that has bought nothing yet. */
export const slot: CampusSlot.CampusSlot = {
  standing: "active",
  validUntil: CivilTime.day("2099-01-01"),
  tallies: { cells: [] },
  purchaseSequence: 0,
  stamp: 0
}

/** A test card with ¥50.00, but for this. */
export const memory = (
  options: Partial<VirtualCpuCard.Personalisation> = {},
  change: Partial<VirtualMemory.VirtualMemory> = {}
): VirtualMemory.VirtualMemory => ({
  ...VirtualCpuCard.testCard({
    balance: Money.yuan("50.00"),
    campusFile: Result.getOrThrow(CampusSlot.encode(slot, windows)),
    ...options
  }),
  ...change
})

/** What the card in this file remembers now. */
export const remembered = (file: string): VirtualMemory.VirtualMemory =>
  Result.getOrThrow(VirtualMemory.parse(readFileSync(file, "utf8")))

/** Waits until there is such a file: from then on its process hears signals. */
export const soon = async (file: string): Promise<void> => {
  while (!existsSync(file)) await sleep(5)
}

/** Keys that are nobody's, as a setup writes them; and a PIN. */
export const secrets = { purchase: "A1", load: "B2", tac: "C3", file: "D4" } as const
export const pin = "918273"
const key = (of: string): string => of.repeat(8) + "0F1E2D3C4B5A6978"
export const strangersKeys = {
  of: "school",
  purchase: key(secrets.purchase),
  load: key(secrets.load),
  tac: key(secrets.tac),
  file: key(secrets.file)
}

const { keys: testKeys, external, pin: testPin } = memory()
const secretTexts = [
  ...Object.values(testKeys),
  external.key,
  testPin.value,
  ...Object.values(strangersKeys).slice(1),
  pin
]

/** Whether any key or PIN has come out, in whatever case. */
export const leaks = ({ err, out }: Ended): ReadonlyArray<string> =>
  secretTexts.filter((secret) => (out + err).toUpperCase().includes(secret.toUpperCase()))

export const serial = "00061998081700000030"
export const other = Bytes.of("00061998081700000099")
