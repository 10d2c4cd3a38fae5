/** How this school's cards are set up, and a card of it for those who have none: with test keys, which open nothing else. */
import {
  Bytes,
  CampusSlot,
  type CpuCard,
  CpuProfile,
  SeededRandom,
  SoftwareKeys,
  VirtualCpuCard,
  VirtualKeys
} from "@yikatong/adapters-pcsc"
import { CivilTime } from "@yikatong/core"
import { Ref, Result } from "effect"

/** Meal windows by their numbers on the cards: names are only ever added at the end. */
const windows = ["breakfast", "lunch", "dinner", "other"]

export const options: CpuCard.Options = {
  profile: CpuProfile.fmcos,
  terminal: Bytes.of("112233445566"),
  windows
}

const { load, maintenance, purchase, tac } = VirtualKeys.testMasters
export const testKeys: SoftwareKeys.KeyFile = { of: "school", purchase, load, tac, file: maintenance }

/** A real terminal has a PSAM, or keeps the count of its transactions: no number may come twice. */
export const keys = (file: SoftwareKeys.KeyFile) => SoftwareKeys.layer(file, SoftwareKeys.counting(Ref.makeUnsafe(1)))

/** A new card, active until the summer. */
export const card = () =>
  VirtualCpuCard.make({
    memory: VirtualCpuCard.testCard({
      campusFile: Result.getOrThrow(CampusSlot.encode({
        standing: "active",
        purchaseSequence: 0,
        stamp: 0,
        validUntil: CivilTime.day("2026-06-02"),
        tallies: { cells: [] }
      }, windows))
    }),
    random: SeededRandom.make(2026)
  })
