/**
 * A text in Chinese and in English 双语文本, and how sentences are put together from texts (R73).
 *
 * A sentence is written in both languages side by side, with `{}` for each blank. That both have as many blanks as are
 * filled is a matter of types.
 */

/** The same in Chinese and in English. */
export interface Text {
  readonly zh: string
  readonly en: string
}

/**
 * A text on its way to its reader. `attended`: it sends people where somebody sits, so that the hours matter (R32); a
 * sentence has that from its parts.
 */
export interface Phrase extends Text {
  readonly attended?: true
}

/** What fills a blank. */
export type Blank = Phrase | string | number

/** As many blanks as there are `{}` in a sentence. */
type Blanks<Sentence extends string> = Sentence extends `${string}{}${infer Rest}` ? [Blank, ...Blanks<Rest>] : []

/** A text in both languages; each `{}` is filled with the next blank. A missing one does not compile. */
export const text = <const Zh extends string, const En extends string>(
  zh: Zh,
  en: En & (Blanks<En> extends Blanks<Zh> ? unknown : never),
  ...blanks: Blanks<Zh>
): Phrase => {
  const all: ReadonlyArray<Blank | undefined> = blanks
  const filled = (sentence: string, language: keyof Text): string => {
    let next = 0
    return sentence.replace(/\{\}/g, () => {
      const blank = all[next++]
      return typeof blank === "object" ? blank[language] : `${blank}`
    })
  }
  return of(filled(zh, "zh"), filled(en, "en"), all)
}

/** A text whose languages put their parts in another order: both are given as they are. */
export const of = (zh: string, en: string, parts: ReadonlyArray<Blank | undefined> = []): Phrase =>
  parts.some((part) => typeof part === "object" && part.attended === true) ? { zh, en, attended: true } : { zh, en }

/** No words at all. */
export const nothing: Phrase = { zh: "", en: "" }

/** "a", "a{last}b", "a{comma}b{last}c". */
export const list = (names: ReadonlyArray<string>, comma: string, last: string): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(comma)}${last}${names.slice(-1).join("")}`

/** Texts one after another, with a mark between them. */
export const joined = (texts: ReadonlyArray<Phrase>, zh: string, en: string): Phrase =>
  of(texts.map((one) => one.zh).join(zh), texts.map((one) => one.en).join(en), texts)

/** "校园卡、钥匙串或付款码". */
export const anyOf = (texts: ReadonlyArray<Phrase>): Phrase =>
  of(list(texts.map(({ zh }) => zh), "、", "或"), list(texts.map(({ en }) => en), ", ", " or "), texts)

/** "本人身份证和校园卡". */
export const allOf = (texts: ReadonlyArray<Phrase>): Phrase =>
  of(list(texts.map(({ zh }) => zh), "、", "和"), list(texts.map(({ en }) => en), ", ", " and "), texts)

/** An entry of a table by a name from outside, which may be none of its names. */
export const known = (table: Readonly<Record<string, Text>>, name: string): Text | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** Sets a blank between Han and Latin or digits, as the manual does: "今日校园 APP 充值". */
export const spaced = ({ en, zh }: Text): Text => ({
  zh: zh.replace(/(\p{Script=Han})(?=[A-Za-z0-9])/gu, "$1 ").replace(/([A-Za-z0-9])(?=\p{Script=Han})/gu, "$1 "),
  en
})
