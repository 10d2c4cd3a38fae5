/**
 * Typed messages over a described link 链路会话: what the schemas of a dialogue say, and how the layout writes it.
 *
 * A dialogue is a union of messages by their tags, and a tag is the name of a kind in the layout. The layout may have
 * further fields that a bank wants; they must be optional, for nobody here fills them.
 */
import { Callback } from "@yikatong/core"
import { Result, Schema } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import type { Link } from "./Layout.ts"
import type { Values } from "./LayoutRecord.ts"
import * as LinkMessage from "./LinkMessage.ts"

/** The messages of a dialogue: a union with a schema for each tag. */
export interface Dialogue<T extends { readonly _tag: string }> extends Schema.Codec<T, object> {
  readonly cases: Readonly<Record<string, { readonly fields: Readonly<Record<string, unknown>> }>>
}

/**
 * What a layout lacks for a dialogue, in words; nothing where it can carry it. `needed`: the messages that have to be there,
 * each with its answer; others may be missing, but not be half there.
 */
export const lacks = <T extends { readonly _tag: string }>(
  dialogue: Dialogue<T>,
  link: Link,
  needed?: ReadonlyArray<string>
): ReadonlyArray<string> =>
  Object.entries(dialogue.cases).flatMap(([tag, { fields }]) => {
    const described = Object.hasOwn(link.messages, tag) ? link.messages[tag] : undefined
    if (described === undefined) {
      return needed === undefined || needed.includes(tag.replace(/Answer$/, "")) ? [`no message ${tag}`] : []
    }
    const wanted = Object.keys(fields).filter((name) => name !== "_tag")
    const given = [...link.head, ...described.body].filter(({ name }) => name !== link.kind)
    return [
      ...wanted.filter((name) => !given.some((field) => field.name === name)).map((name) => `${tag} has no ${name}`),
      ...given.filter(({ name, optional }) => !optional && !wanted.includes(name)).map(({ name }) =>
        `${tag} wants ${name}, which nobody fills`
      )
    ]
  })

/** Our words for the bank's, or the other way round; a word that is in no list is refused. */
const translated = (link: Link, values: Values, to: "bank" | "us"): Result.Result<Values, Callback.Refusal> => {
  const all: Record<string, Values[string]> = { ...values }
  for (const [name, words] of Object.entries(link.words)) {
    const value = all[name]
    if (value === undefined) continue
    const pair = Object.entries(words).find(([ours, theirs]) => value === (to === "bank" ? ours : theirs))
    if (pair === undefined) return Result.fail(Callback.refusal("malformed", `the word of the field ${name}`))
    all[name] = to === "bank" ? pair[1] : pair[0]
  }
  return Result.succeed(all)
}

const valueRefused = (tag: string): Callback.Refusal => Callback.refusal("malformed", `a value of ${tag}`)

/** Writes a message, without the length before it. */
export const write = <T extends { readonly _tag: string }>(
  dialogue: Dialogue<T>,
  link: Link,
  message: T,
  key?: BlockCipher.Key
): Result.Result<Uint8Array, Callback.Refusal> =>
  Result.gen(function*() {
    const encoded = yield* Result.mapError(Schema.encodeResult(dialogue)(message), () => valueRefused(message._tag))
    const { _tag: kind, ...values } = encoded as { readonly _tag: string } & Values
    return yield* LinkMessage.write(link, { kind, values: yield* translated(link, values, "bank") }, key)
  })

/** Reads a message. */
export const read = <T extends { readonly _tag: string }>(
  dialogue: Dialogue<T>,
  link: Link,
  bytes: Uint8Array,
  key?: BlockCipher.Key
): Result.Result<T, Callback.Refusal> =>
  Result.gen(function*() {
    const { kind, values } = yield* LinkMessage.read(link, bytes, key)
    const message: unknown = { ...yield* translated(link, values, "us"), _tag: kind }
    return yield* Result.mapError(Schema.decodeUnknownResult(dialogue)(message), () => valueRefused(kind))
  })

/**
 * Reads the answer to a message: of its own kind, and with the same values in the fields that name the dealing. Another
 * one is no answer at all, whatever it says.
 */
export const readAnswer = <T extends { readonly _tag: string }, Tag extends T["_tag"]>(
  dialogue: Dialogue<T>,
  link: Link,
  asked: { readonly _tag: Tag } & T,
  same: ReadonlyArray<string>,
  bytes: Uint8Array,
  key?: BlockCipher.Key
): Result.Result<Extract<T, { readonly _tag: `${Tag}Answer` }>, Callback.Refusal> =>
  Result.flatMap(read(dialogue, link, bytes, key), (answer) => {
    if (!isAnswerTo(answer, asked)) return Result.fail(Callback.refusal("malformed", "an answer of another kind"))
    const told = new Map(Object.entries(answer))
    const meant = new Map(Object.entries(asked))
    const other = same.find((name) => told.get(name) !== meant.get(name))
    return other === undefined
      ? Result.succeed(answer)
      : Result.fail(Callback.refusal("malformed", `${other}: of another message`))
  })

const isAnswerTo = <T extends { readonly _tag: string }, Tag extends string>(
  answer: T,
  asked: { readonly _tag: Tag }
): answer is Extract<T, { readonly _tag: `${Tag}Answer` }> => answer._tag === `${asked._tag}Answer`
