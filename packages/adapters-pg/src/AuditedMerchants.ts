/**
 * Who was paid, held against where it was bought 商户核对: a purchase is paid to the merchant whom the profile names for its point. The
 * point is under the fingerprint of the command; the merchant of a packed purchase stands in columns only, and whoever moves
 * it there to another one moves money that no sum misses.
 *
 * It takes the versions of the profile under which the lines were decided. Lines of others are not compared.
 */
import { type AccountStore, SchoolProfile } from "@yikatong/core"
import type { Break, Place } from "./Break.ts"

/** Compares the purchases of a line; nothing where there are none, or their version of the profile is not known. */
export type Compare = (place: Place, entry: AccountStore.Entry) => ReadonlyArray<Break> | undefined

/** By these versions. */
export const make = (versions: ReadonlyArray<SchoolProfile.SchoolProfile>): Compare => {
  const profiles = new Map(versions.map((profile) => [profile.version, profile]))
  return (place, { events, profile: version }) => {
    const profile = profiles.get(version)
    if (profile === undefined) return undefined
    const purchases = events.filter((event) => event._tag === "Purchased" || event._tag === "OfflinePurchaseRecorded")
    if (purchases.length === 0) return undefined
    return purchases.flatMap(({ merchant, point }): ReadonlyArray<Break> => {
      const said = SchoolProfile.pointOf(profile, point)?.merchant ?? null
      return merchant === said ? [] : [{ _tag: "MerchantDiffers", ...place, point, stored: merchant, said }]
    })
  }
}
