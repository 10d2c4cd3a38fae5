/**
 * Secret keys that are mixed into every password hash and lie outside the database 胡椒. Six digits are few: whoever
 * steals the hashes alone, without the pepper, cannot try them all.
 *
 * Each key has an id that stands in the hash, so a new one can be made current while hashes of the older ones still
 * verify. The database keeps a check value of each key, so that another key under a known id is told when the campus
 * opens, and not by correct passwords that are refused.
 */
import { Fault } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import { createHmac } from "node:crypto"

/**
 * `current` names the key for new hashes, `keys` holds it and all older ones. A key has 32 bytes at least: as many
 * random bytes in base64 or hexadecimal do. Plain ones are redacted at once.
 */
export interface Peppers {
  readonly current: string
  readonly keys: Readonly<Record<string, Redacted.Redacted<string> | string>>
}

/** Peppers that were checked. */
export interface Checked {
  readonly current: string
  readonly keys: ReadonlyMap<string, Redacted.Redacted<string>>
}

const shortest = 32

/** The peppers, or what is wrong with them; a key is not repeated. */
export const check = ({ current, keys }: Peppers): Effect.Effect<Checked, Fault.PepperRefused> => {
  const redacted = Object.entries(keys).map(([id, key]) => [id, redact(key)] as const)
  const checked: Checked = { current, keys: new Map(redacted) }
  const problem = problemOf(checked)
  return problem === undefined
    ? Effect.succeed(checked)
    : Effect.fail(new Fault.PepperRefused({ problem }))
}

/**
 * What the database may know of a key: enough to tell it from another one, too little to find it.
 * @internal
 */
export const checkValue = (key: Redacted.Redacted<string>): string =>
  // A PIN is six digits, so this text is never hashed as one.
  createHmac("sha256", Redacted.value(key)).update("yikatong pepper check").digest("base64")

const redact = (key: Redacted.Redacted<string> | string): Redacted.Redacted<string> =>
  typeof key === "string" ? Redacted.make(key) : key

const problemOf = ({ current, keys }: Checked): string | undefined => {
  if (!keys.has(current)) return "`current` must be the id of one of the keys, and is not among the keys"
  for (const [at, [id, key]] of [...keys].entries()) {
    const named = nameOf(id, at)
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) return `the id of ${named} is not 1 to 32 letters, digits, _ or -`
    if (Buffer.byteLength(Redacted.value(key)) < shortest) {
      return `${named} has less than ${shortest} bytes; 32 random bytes in base64 or hexadecimal will do`
    }
  }
  return undefined
}

/**
 * Whether an id may be told. Whoever confuses keys and ids has written a secret as an id, which is a long one.
 * @internal
 */
export const mayBeTold = (id: string): boolean => id.length < 16

/** What a key is called in a message. */
const nameOf = (id: string, at: number): string => mayBeTold(id) ? `the key "${id}"` : `key ${at + 1}`
