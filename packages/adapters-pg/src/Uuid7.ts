/**
 * Ids that a host makes 时间有序标识: of commands, accounts, persons. A UUIDv7 (RFC 9562) is unique without asking anybody and
 * begins with the time, so that the index by which a command is known for ever is written at its end and not all over; with
 * ids in no order a large journal makes each payment slower.
 *
 * It holds no personal data, and nothing but the time can be read from it.
 */
import { randomBytes } from "node:crypto"

/** Chance is drawn in large pieces: a till makes one id, a gateway thousands a second. */
const piece = 16_384
/** Forty-eight bits of milliseconds: until the year 10889. */
const latest = 2 ** 48 - 1
let chance = randomBytes(0)
let drawn = 0

/**
 * A new id. `now`: whole milliseconds since 1970-01-01 UTC, this machine's clock unless told.
 * @throws RangeError where `now` is no whole number of milliseconds from 0 to 2^48 - 1, which an id has room for.
 *
 * @example
 * ```ts
 * import { Uuid7 } from "@yikatong/adapters-pg"
 *
 * const [one, next] = [Uuid7.make(1_772_424_300_000), Uuid7.make(1_772_424_300_001)]
 * one.slice(0, 15) // => "019cacb8-85e0-7"
 * one < next // => true
 * ```
 */
export const make = (now: number = Date.now()): string => {
  if (!Number.isSafeInteger(now) || now < 0 || now > latest) {
    throw new RangeError(`\`now\` is a whole number of milliseconds since 1970, 0 to ${latest}, and not ${now}`)
  }
  if (drawn + 10 > chance.length) {
    chance = randomBytes(piece)
    drawn = 0
  }
  const random = chance.toString("hex", drawn, drawn += 10)
  const time = now.toString(16).padStart(12, "0")
  const variant = "89ab"[Number.parseInt(random.slice(3, 4), 16) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${
    random.slice(7, 19)
  }`
}
