/** The school of the benchmark: the shipped preset, with a canteen hall of twenty merchants. */
import { Csmzxy, Id, SchoolProfile } from "@yikatong/core"
import { Result } from "effect"

const canteen = Csmzxy.csmzxy.points["canteen-1"]
if (canteen === undefined) throw new Error("the preset has no canteen")

/** Each is a terminal and the merchant whose book it moves. */
export const tills: ReadonlyArray<string> = Array.from({ length: 20 }, (_, at) => `canteen-${at + 1}`)

export const profile: SchoolProfile.SchoolProfile = {
  ...Csmzxy.csmzxy,
  points: {
    ...Csmzxy.csmzxy.points,
    ...Object.fromEntries(tills.map((till) => [till, { ...canteen, merchant: Id.MerchantId.make(till) }]))
  },
  // Business time passes a thousand times faster than time: nobody is to fall asleep meanwhile.
  dormancy: { months: 120 }
}

export const profiles: SchoolProfile.History = Result.getOrThrow(SchoolProfile.history([profile]))
