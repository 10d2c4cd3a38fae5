/**
 * Whether a described link can carry its dialogue 链路自检, looked at when it is made: its layout, its words, and the key of its
 * MAC (`LinkUnfit`); and that the key is no sandbox's (`SandboxMark`).
 *
 * **A link without a MAC** (`mac: "none"`) believes whoever reaches its port: anybody there can credit any account, or say that
 * a debit was done. It is for a line that is the bank's own from end to end, and is told in the log each time it is made.
 */
import { Flaw } from "@yikatong/core"
import { Effect, Result, Schema } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import * as BlockMac from "../BlockMac.ts"
import * as LinkUnfit from "../LinkUnfit.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as Layout from "./Layout.ts"
import * as LinkDialogue from "./LinkDialogue.ts"

/** What is looked at. */
export interface Fitted {
  readonly link: Layout.Link
  readonly key?: BlockCipher.Key
  readonly isSandbox?: boolean
}

/** `messages`: which have to be there, each with its answer. `words`: which have to be told, by the names of their fields. */
export interface Wanted {
  readonly messages: ReadonlyArray<string>
  readonly words: Readonly<Record<string, ReadonlyArray<string>>>
}

const layoutProblems = (link: Layout.Link): ReadonlyArray<string> =>
  Result.match(Schema.decodeResult(Layout.Link)(link), {
    onFailure: (error) => Flaw.of(error).map(({ path, problem }) => `the layout: ${path} ${problem}`.trim()),
    onSuccess: () => []
  })

/** Words that the layout has no text for, or that do not fit into their field. */
const wordProblems = (link: Layout.Link, words: Wanted["words"]): ReadonlyArray<string> =>
  Object.entries(words).flatMap(([name, all]) => {
    const written = link.words[name]
    const fields = [link.head, ...Object.values(link.messages).map(({ body }) => body)].flat()
    const width = Math.min(...fields.filter((field) => field.name === name).map((field) => field.width))
    return all.flatMap((word) => {
      const text = written === undefined ? word : written[word]
      if (text === undefined) return [`${name} has no word for ${word}`]
      return text.length > width ? [`the word for ${word} does not fit into ${name}`] : []
    })
  })

const keyProblems = ({ key, link: { mac } }: Fitted): ReadonlyArray<string> => {
  if (mac === "none") return []
  if (key === undefined) return [`no key for the MAC (${mac})`]
  return BlockMac.fits(mac, key) ? [] : [`the key is not one of the MAC ${mac}: another cipher or length`]
}

/** What the settings lack, in words; nothing where they fit. `what`: which link it is. */
export const check = Effect.fnUntraced(function*<T extends { readonly _tag: string }>(
  what: string,
  dialogue: LinkDialogue.Dialogue<T>,
  fitted: Fitted,
  { messages, words }: Wanted
): Effect.fn.Return<void, LinkUnfit.LinkUnfit | SandboxMark.SandboxKeys> {
  const { isSandbox, key, link } = fitted
  const layout = layoutProblems(link)
  yield* LinkUnfit.refuse(what, layout)
  const lacks = LinkDialogue.lacks(dialogue, link, messages)
  yield* LinkUnfit.refuse(what, [...lacks, ...wordProblems(link, words), ...keyProblems(fitted)])
  yield* Effect.fromResult(SandboxMark.refuseUntold(`the link of ${what}`, isSandbox, { key: key?.secret }))
  if (link.mac === "none") {
    yield* Effect.logWarning(
      `The link of ${what} has no MAC: whoever reaches it is believed. Agree on one with the bank, or see that the line is the bank's own`
    )
  }
})
