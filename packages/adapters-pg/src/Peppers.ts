/**
 * Secret keys that are mixed into every password hash and lie outside the database 胡椒. Six digits are few: whoever
 * steals the hashes alone, without the pepper, cannot try them all.
 *
 * Each key has an id that stands in the hash, so a new one can be made current while hashes of the older ones still
 * verify.
 */
import { Fault } from "@yikatong/core"
import { Effect, Redacted } from "effect"

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
export const check = ({ current, keys }: Peppers): Effect.Effect<Checked, Fault.VaultFailed> => {
  const redacted = Object.entries(keys).map(([id, key]) => [id, redact(key)] as const)
  const checked: Checked = { current, keys: new Map(redacted) }
  const problem = problemOf(checked)
  return problem === undefined
    ? Effect.succeed(checked)
    : Effect.fail(new Fault.VaultFailed({ operation: `peppers: ${problem}`, cause: new Error("refused") }))
}

const redact = (key: Redacted.Redacted<string> | string): Redacted.Redacted<string> =>
  typeof key === "string" ? Redacted.make(key) : key

const problemOf = ({ current, keys }: Checked): string | undefined => {
  if (!keys.has(current)) return `"${current}" is to be the current one and is not among the keys`
  for (const [id, key] of keys) {
    if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) return `the id "${id}" is not 1 to 32 letters, digits, _ or -`
    if (Buffer.byteLength(Redacted.value(key)) < shortest) return `the key "${id}" has less than ${shortest} bytes`
  }
  return undefined
}
