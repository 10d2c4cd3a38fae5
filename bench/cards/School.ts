/** The school of the benchmark: a till, its keys, and a card with money and a whole campus file. */
import {
  Bytes,
  CampusSlot,
  type CpuCard,
  CpuProfile,
  SoftwareKeys,
  VirtualCpuCard,
  VirtualKeys
} from "@yikatong/adapters-pcsc"
import { CivilTime, Csmzxy, TerminalMemory } from "@yikatong/core"
import { Ref, Result } from "effect"

const windows = ["breakfast", "lunch", "dinner", "other"]
export const profile = Csmzxy.csmzxy
export const settings: CpuCard.Options = {
  profile: CpuProfile.fmcos,
  terminal: Bytes.of("112233445566"),
  windows
}

export const keys = SoftwareKeys.layer({
  of: "school",
  purchase: VirtualKeys.testMasters.purchase,
  load: VirtualKeys.testMasters.load,
  tac: VirtualKeys.testMasters.tac,
  file: VirtualKeys.testMasters.maintenance
}, SoftwareKeys.counting(Ref.makeUnsafe(1)))

export const card = VirtualCpuCard.testCard({
  balance: 10_000_000,
  campusFile: Result.getOrThrow(CampusSlot.encode({
    standing: "active",
    purchaseSequence: 0,
    stamp: 0,
    validUntil: CivilTime.day("2026-06-01"),
    tallies: { cells: [] }
  }, windows))
})

export const noon = CivilTime.instant("2026-03-02 12:00")

/** The memory of a till that is cut off, since a moment ago. */
export const memory = TerminalMemory.fromPlain({
  station: "canteen-1",
  device: 0,
  terminal: 0,
  unsent: 0,
  signedIn: { at: noon, offset: 0 },
  list: { version: 0, asOf: noon, cards: [] },
  recent: []
})
