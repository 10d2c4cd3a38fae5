/**
 * How the messages of one bank's link are laid out 报文格式, as data: banks agree on the shape of such a link with each
 * school anew, so nothing of it is code.
 *
 * A {@link Link} is a stream of messages behind their lengths. A message is a record: first the fields of the head, one
 * of which names its kind, then the fields of its body. It is written with fixed widths, with separators, or as flat
 * XML, in GBK or UTF-8, with a MAC behind it or without. Widths count bytes. A description is decoded and checked
 * before it is used: two kinds with one code, a name that comes twice and a number padded so that its value would
 * change are refused.
 */
import { Schema } from "effect"

/**
 * - `text`: anything printable. `digits`: a number that is a name, so its zeros count.
 * - `fen`, `yuan`: money, whole or with two decimals. `date`: YYYYMMDD. `time`: hhmmss. `flag`: Y or N.
 */
export const FieldType = Schema.Literals(["text", "digits", "fen", "yuan", "date", "time", "flag"])
export type FieldType = typeof FieldType.Type

const fixedWidths: Readonly<Partial<Record<FieldType, number>>> = { date: 8, time: 6, flag: 1 }

const Shape = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(/^[A-Za-z][A-Za-z0-9_]{0,31}$/)),
  type: FieldType,
  width: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4_096 })),
  align: Schema.Literals(["left", "right"]),
  /** What fills a fixed width: one character of ASCII. */
  pad: Schema.String.check(Schema.isPattern(/^[\x20-\x7e]$/)),
  /** Whether it may be empty. */
  optional: Schema.Boolean
})

/** Padding that could be read as part of the value. */
const isAmbiguous = ({ align, pad, type }: typeof Shape.Type): boolean => {
  if (pad === " ") return false
  if (type === "fen" || type === "yuan") return !(pad === "0" && align === "right")
  return type !== "text" || /[A-Za-z0-9]/.test(pad)
}

/** One field of a record. */
export const Field = Shape.check(
  Schema.makeFilter(
    (field: typeof Shape.Type) => fixedWidths[field.type] === undefined || fixedWidths[field.type] === field.width,
    { expected: "8 bytes for a date, 6 for a time, 1 for a flag" }
  ),
  Schema.makeFilter((field: typeof Shape.Type) => !isAmbiguous(field), {
    expected: "blanks, or zeros on the left of money: other padding could be read as part of the value"
  })
)
export type Field = typeof Field.Type

const hasUniqueNames = (fields: ReadonlyArray<Field>): boolean =>
  new Set(fields.map(({ name }) => name)).size === fields.length

/** Fields in their order. */
export const Fields = Schema.Array(Field).check(
  Schema.makeFilter(hasUniqueNames, { expected: "every name once" })
)

/** How a record is written. */
export const Form = Schema.Union([
  Schema.TaggedStruct("Fixed", {}),
  Schema.TaggedStruct("Separated", { separator: Schema.String.check(Schema.isPattern(/^[|,;\t^~]$/)) }),
  Schema.TaggedStruct("Xml", { root: Schema.String.check(Schema.isPattern(/^[A-Za-z][A-Za-z0-9_]{0,31}$/)) })
])
export type Form = typeof Form.Type

export const Charset = Schema.Literals(["gbk", "utf-8"])
export type Charset = typeof Charset.Type

const Described = Schema.Struct({
  charset: Charset,
  form: Form,
  /** The length before each message. */
  prefix: Schema.Struct({
    form: Schema.Literals(["binary", "digits"]),
    size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 })),
    countsItself: Schema.Boolean,
    largest: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_048_576 }))
  }),
  /** A MAC of sixteen hexadecimal digits behind each message; none only where the line itself is the bank's own. */
  mac: Schema.Literals(["none", "ecb", "x99", "x919", "sm4"]),
  head: Fields,
  /** The field of the head that names the kind. */
  kind: Schema.String,
  messages: Schema.Record(Schema.String, Schema.Struct({ code: Schema.NonEmptyString, body: Fields })),
  /** For fields that hold one of a few words, by their names: our word, and what the bank writes for it. */
  words: Schema.Record(
    Schema.String,
    Schema.Record(Schema.String, Schema.NonEmptyString).check(
      Schema.makeFilter(
        (words: Readonly<Record<string, string>>) => new Set(Object.values(words)).size === Object.keys(words).length,
        { expected: "another text for every word" }
      )
    )
  )
})

type Described = typeof Described.Type

/** A link with one bank. */
export const Link = Described.check(
  Schema.makeFilter(
    ({ head, kind }: Described) =>
      head.some(({ name, optional, type }) => name === kind && !optional && (type === "text" || type === "digits")),
    { expected: "a kind that is a field of the head, text or digits, and never empty" }
  ),
  // A reversal under the code of its transfer would be a second debit.
  Schema.makeFilter(
    ({ messages }: Described) =>
      new Set(Object.values(messages).map(({ code }) => code)).size === Object.keys(messages).length,
    { expected: "another code for every kind of message" }
  ),
  Schema.makeFilter(
    ({ head, kind, messages }: Described) =>
      Object.values(messages).every(({ code }) =>
        head.every((field) =>
          field.name !== kind ||
          (code.length <= field.width && (field.type === "digits" ? /^[0-9]+$/ : /^[\x21-\x7e]+$/).test(code))
        )
      ),
    { expected: "codes that fit their field" }
  ),
  Schema.makeFilter(
    ({ head, messages }: Described) => Object.values(messages).every(({ body }) => hasUniqueNames([...head, ...body])),
    { expected: "no name of the head in a body" }
  )
)
export interface Link extends Schema.Schema.Type<typeof Link> {}

/** Text, on the left, with blanks. */
export const text = (name: string, width: number, optional = false): Field => ({
  name,
  type: "text",
  width,
  align: "left",
  pad: " ",
  optional
})

/** A field of another type, as it is mostly written: money on the right with zeros, the others in full width. */
export const of = (type: Exclude<FieldType, "text">, name: string, width: number, optional = false): Field => ({
  name,
  type,
  width,
  align: type === "fen" || type === "yuan" ? "right" : "left",
  pad: type === "fen" || type === "yuan" ? "0" : " ",
  optional
})
