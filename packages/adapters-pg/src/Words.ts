/**
 * The words of a text 词表: each stands in it once, and everywhere else as its place. Most of what an account's purchases say
 * they say again and again: the till, the canteen, the card.
 */

export type Check = (value: string) => boolean

export class Words {
  readonly #words: Array<string>
  /** As they stand in a text; none where there is another since. */
  #json: string | undefined
  /** As what each word was last looked at: what is a good name of a card may be none of a caller. */
  readonly #looked: Array<Check | undefined> = []

  constructor(words: Array<string> = [], json?: string) {
    this.#words = words
    this.#json = json
  }

  /** The words in the text; throws where it is no list of texts. */
  static read(json: string): Words {
    const words: unknown = JSON.parse(json)
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) throw new Error("it is not words")
    return new Words(words, json)
  }

  toString(): string {
    return this.#json ??= JSON.stringify(this.#words)
  }

  /** The word at a place; throws where there is none that may stand there. It names neither. */
  at(place: number, isGood: Check): string {
    const word = this.#words[place]
    if (word === undefined || !this.#is(place, word, isGood)) throw new Error("it is not a word that may stand there")
    return word
  }

  /** The place of a word, which is added where it is new; -1 where it may not stand there. */
  placeOf(word: string, isGood: Check): number {
    const known = this.#words.indexOf(word)
    if (known !== -1) return this.#is(known, word, isGood) ? known : -1
    if (!isGood(word)) return -1
    this.#json = undefined
    return this.#words.push(word) - 1
  }

  #is(place: number, word: string, isGood: Check): boolean {
    if (this.#looked[place] === isGood) return true
    if (!isGood(word)) return false
    this.#looked[place] = isGood
    return true
  }
}
