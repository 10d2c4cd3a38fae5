/**
 * A record of described fields 记录, as bytes: with fixed widths, with separators, or as flat XML.
 *
 * Widths are counted in bytes and text is decoded after it was cut, so a Chinese character that a width cuts in two is
 * refused. Separators are looked for in text and not in bytes: the second byte of a character in GBK may be a "|".
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as Gbk from "../Gbk.ts"
import type { Charset, Field, Form } from "./Layout.ts"
import * as LayoutValue from "./LayoutValue.ts"
import * as XmlRecord from "./XmlRecord.ts"

/** The values of a record, by name; what is empty is not there. */
export type Values = Readonly<Record<string, LayoutValue.LayoutValue>>

/** Form and charset of a record. */
export interface Style {
  readonly form: Form
  readonly charset: Charset
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Text of bytes, strictly. */
export const decode = (charset: Charset, bytes: Uint8Array): Result.Result<string, Callback.Refusal> =>
  charset === "gbk"
    ? Gbk.decode(bytes)
    : Result.try({ try: () => utf8.decode(bytes), catch: () => Callback.refusal("charset", "text in UTF-8") })

const encode = (charset: Charset, text: string): Result.Result<Uint8Array, Callback.Refusal> => {
  if (charset === "utf-8") return Result.succeed(Buffer.from(text, "utf8"))
  return Gbk.isWritable(text)
    ? Result.succeed(Gbk.encode(text))
    : Result.fail(Callback.refusal("charset", "a character that GBK lacks"))
}

const padded = (field: Field, bytes: Uint8Array): Uint8Array => {
  // An empty field is blank, whatever pads a full one: zeros would be money.
  const fill = Buffer.alloc(field.width - bytes.length, bytes.length === 0 ? " " : field.pad)
  return Buffer.concat(field.align === "left" ? [bytes, fill] : [fill, bytes])
}

const texts = (
  { charset, form }: Style,
  fields: ReadonlyArray<Field>,
  values: Values
): Result.Result<ReadonlyArray<readonly [Field, string, Uint8Array]>, Callback.Refusal> =>
  Result.gen(function*() {
    const all: Array<readonly [Field, string, Uint8Array]> = []
    for (const field of fields) {
      const text = yield* LayoutValue.write(field, Object.hasOwn(values, field.name) ? values[field.name] : undefined)
      const bytes = yield* encode(charset, text)
      const isCut = form._tag === "Separated" && text.includes(form.separator)
      if (bytes.length > field.width || isCut) return yield* malformed(`the field ${field.name}`)
      all.push([field, text, bytes])
    }
    const unknown = Object.keys(values).some((name) => !fields.some((field) => field.name === name))
    if (unknown) return yield* malformed("a value without a field")
    return all
  })

/** Writes a record. Values that have no field, or do not fit into theirs, are refused. */
export const write = (
  style: Style,
  fields: ReadonlyArray<Field>,
  values: Values
): Result.Result<Uint8Array, Callback.Refusal> =>
  Result.flatMap(texts(style, fields, values), (all) => {
    const { charset, form } = style
    switch (form._tag) {
      case "Fixed":
        return Result.succeed(Uint8Array.from(Buffer.concat(all.map(([field, , bytes]) => padded(field, bytes)))))
      case "Separated":
        return encode(charset, all.map(([, text]) => text).join(form.separator))
      case "Xml":
        return encode(charset, XmlRecord.write(form.root, charset, all.map(([{ name }, text]) => [name, text])))
    }
  })

/** Takes a record apart field by field: what the head says decides which fields follow. */
export interface Cursor {
  /** The values of the next fields. */
  readonly take: (fields: ReadonlyArray<Field>) => Result.Result<Values, Callback.Refusal>
  /** Refuses a record of which something is left. */
  readonly end: () => Result.Result<void, Callback.Refusal>
}

type Next = (field: Field) => Result.Result<string, Callback.Refusal>

const cursorOf = (next: Next, isLeft: () => boolean): Cursor => ({
  take: (fields) =>
    Result.gen(function*() {
      const values: Record<string, LayoutValue.LayoutValue> = {}
      for (const field of fields) {
        const value = yield* LayoutValue.read(field, yield* next(field))
        if (value !== undefined) values[field.name] = value
      }
      return values
    }),
  end: () => isLeft() ? malformed("more than its fields") : Result.succeed(undefined)
})

const fixedCursor = (charset: Charset, bytes: Uint8Array): Cursor => {
  let from = 0
  const next: Next = (field) => {
    const part = bytes.subarray(from, from + field.width)
    if (part.length < field.width) return malformed(`the field ${field.name}: cut off`)
    from += field.width
    return Result.map(decode(charset, part), (text) => /^ *$/.test(text) ? "" : LayoutValue.unpadded(field, text))
  }
  return cursorOf(next, () => from < bytes.length)
}

/** The widest that a value may be is told in bytes, here too. */
const within = (charset: Charset, field: Field, text: string): Result.Result<string, Callback.Refusal> =>
  Result.flatMap(encode(charset, text), ({ length }) =>
    length > field.width
      ? malformed(`the field ${field.name}`)
      : Result.succeed(text === "" ? "" : LayoutValue.unpadded(field, text)))

const separatedCursor = (charset: Charset, separator: string, text: string): Cursor => {
  const parts = text.split(separator)
  let at = 0
  const next: Next = (field) => {
    const part = parts[at++]
    return part === undefined ? malformed(`the field ${field.name}: cut off`) : within(charset, field, part)
  }
  return cursorOf(next, () => at < parts.length)
}

const xmlCursor = (charset: Charset, elements: ReadonlyMap<string, string>): Cursor => {
  const left = new Map(elements)
  const next: Next = (field) => {
    const text = left.get(field.name)
    left.delete(field.name)
    return text === undefined && !field.optional
      ? malformed(`the field ${field.name}: missing`)
      : within(charset, field, text ?? "")
  }
  return cursorOf(next, () => left.size > 0)
}

/** Begins to read a record. */
export const cursor = ({ charset, form }: Style, bytes: Uint8Array): Result.Result<Cursor, Callback.Refusal> => {
  if (form._tag === "Fixed") return Result.succeed(fixedCursor(charset, bytes))
  return Result.flatMap(decode(charset, bytes), (text) =>
    form._tag === "Separated"
      ? Result.succeed(separatedCursor(charset, form.separator, text))
      : Result.map(XmlRecord.read(form.root, text), (elements) => xmlCursor(charset, elements)))
}

/** Reads a whole record. */
export const read = (
  style: Style,
  fields: ReadonlyArray<Field>,
  bytes: Uint8Array
): Result.Result<Values, Callback.Refusal> =>
  Result.gen(function*() {
    const from = yield* cursor(style, bytes)
    const values = yield* from.take(fields)
    yield* from.end()
    return values
  })
