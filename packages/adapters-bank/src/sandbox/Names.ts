/**
 * Names that nobody has 编号生成: for transactions, refunds and pages. With one seed they are the same in each run.
 */
import type { Chance } from "./Chance.ts"

const digits = "0123456789"
const letters = "23456789abcdefghjkmnpqrstuvwxyz"

/** How long a name is with its prefix: as long as WeChat Pay's transaction numbers are. */
const length = 28

/** How much of that counts, so that no two are the same. */
const counted = 8

export class Names {
  readonly #chance: Chance
  #given = 0

  constructor(chance: Chance) {
    this.#chance = chance
  }

  /** A name that begins as is said: of digits alone after digits, of letters and digits after a letter. */
  readonly name = (prefix: string): string => {
    const alphabet = /^\d+$/.test(prefix) ? digits : letters
    let text = prefix
    while (text.length < length - counted) text += this.#chance.pick(alphabet)
    return text + String(++this.#given).padStart(counted, "0")
  }
}
