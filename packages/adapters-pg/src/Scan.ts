/**
 * A text of lines read once, from its first character to its last 扫描. A line is whole numbers between commas, and at most one
 * text at its end; each ends with a line feed, so that one which was cut off is seen. Nothing is made that is not kept: at
 * every payment fifty lines are read.
 */

export const comma = 0x2c
export const lineFeed = 0x0a
const minus = 0x2d
const zero = 0x30
/** Digits of the largest number that is exact. */
const mostDigits = 16

export class Scan {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next number, and past the character that must follow it; throws where no number stands there. */
  number(end: typeof comma | typeof lineFeed): number {
    const text = this.#text
    let at = this.#at
    const isBelow = text.charCodeAt(at) === minus
    if (isBelow) at++
    const first = at
    let value = 0
    let code = text.charCodeAt(at)
    while (code >= zero && code < zero + 10) {
      value = value * 10 + (code - zero)
      code = text.charCodeAt(++at)
    }
    if (at === first || at - first > mostDigits || code !== end || (isBelow && value === 0)) return this.#broken()
    this.#at = at + 1
    return isBelow ? -value : value
  }

  /** What is left of the line; throws where it does not end. */
  rest(): string {
    const end = this.#text.indexOf("\n", this.#at)
    if (end === -1) return this.#broken()
    const rest = this.#text.slice(this.#at, end)
    this.#at = end + 1
    return rest
  }

  /** How much was read. */
  get at(): number {
    return this.#at
  }

  #broken(): never {
    throw new Error("it is not a line that may stand there")
  }
}
