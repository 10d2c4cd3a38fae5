/**
 * Messages of SIP2, by which a library's terminal 图书馆借还终端 asks who a patron 读者 is and what he may do: patron status
 * (23, 24), patron information (63, 64), and the two requests to send again (96, 97). What a terminal says before it asks
 * for anybody (93, 94, 98, 99) stands in {@link Sip2Session}. Sources: R10, R17, R18.
 *
 * The standard: 3M Standard Interchange Protocol 2.00, document revision 2.12 of 11 April 2006. A message is a command
 * of two digits, then fields of fixed length in their order, then fields that begin with two letters and end with `|`,
 * in any order. Fields that are not known are ignored ("Fields"), and so do not come back when the message is written.
 * Where the standard is silent we read strictly: what may stand once and stands twice is refused, so that nobody is
 * taken for somebody else.
 *
 * {@link Sip2Frame} says how bytes become text, {@link Sip2Field} what a field holds, {@link Sip2Patron} what a campus
 * card is to a library.
 */
import { Result, Schema } from "effect"
import * as Flaw from "./Flaw.ts"
import * as Field from "./Sip2Field.ts"
import * as Frame from "./Sip2Frame.ts"
import * as Session from "./Sip2Session.ts"

const optional = Schema.optionalKey(Field.Text)
const lines = Schema.Array(Field.Text)

/** 23. A password that is not in use is empty. */
export const PatronStatusRequest = Schema.TaggedStruct("PatronStatusRequest", {
  language: Field.Language,
  at: Field.TransactionDate,
  institution: Field.Text,
  patron: Field.Text,
  terminalPassword: Field.Secret,
  patronPassword: Field.Secret
})
export type PatronStatusRequest = typeof PatronStatusRequest.Type

/** 63. `summary`: the list that is wanted, if one is, from `startItem` to `endItem`, counted from 1. */
export const PatronInformation = Schema.TaggedStruct("PatronInformation", {
  language: Field.Language,
  at: Field.TransactionDate,
  summary: Field.Summary,
  institution: Field.Text,
  patron: Field.Text,
  terminalPassword: Schema.optionalKey(Field.Secret),
  patronPassword: Schema.optionalKey(Field.Secret),
  startItem: optional,
  endItem: optional
})
export type PatronInformation = typeof PatronInformation.Type

const answered = {
  status: Field.PatronStatus,
  language: Field.Language,
  at: Field.TransactionDate,
  institution: Field.Text,
  patron: Field.Text,
  /** Empty where nobody is named. */
  name: Field.Text,
  validPatron: Schema.optionalKey(Field.YesNo),
  validPassword: Schema.optionalKey(Field.YesNo),
  currency: Schema.optionalKey(Field.Currency),
  feeAmount: optional,
  /** Lines to show and lines to print. */
  screen: lines,
  print: lines
}

/** 24, the answer to 23. */
export const PatronStatusResponse = Schema.TaggedStruct("PatronStatusResponse", answered)
export type PatronStatusResponse = typeof PatronStatusResponse.Type

/** 64, the answer to 63: also how long each list is and may be, the list that was wanted, and how to reach the patron. */
export const PatronInformationResponse = Schema.TaggedStruct("PatronInformationResponse", {
  ...answered,
  counts: Field.Counts,
  holdLimit: Schema.optionalKey(Field.Limit),
  overdueLimit: Schema.optionalKey(Field.Limit),
  chargedLimit: Schema.optionalKey(Field.Limit),
  feeLimit: optional,
  hold: lines,
  overdue: lines,
  charged: lines,
  fine: lines,
  recall: lines,
  unavailableHold: lines,
  address: optional,
  email: optional,
  phone: optional
})
export type PatronInformationResponse = typeof PatronInformationResponse.Type

/** 96: the library system asks the terminal to send its last message again. 97: the terminal asks the system. */
export const RequestScResend = Schema.TaggedStruct("RequestScResend", {})
export const RequestAcsResend = Schema.TaggedStruct("RequestAcsResend", {})

const asking = { institution: "AO", patron: "AA", terminalPassword: "AC", patronPassword: "AD" } as const
const answering = {
  institution: "AO",
  patron: "AA",
  name: "AE",
  validPatron: "BL",
  validPassword: "CQ",
  currency: "BH",
  feeAmount: "BV",
  screen: "AF",
  print: "AG"
} as const

/** Every message, and on the line: the same with the two letters of each field for its name. */
const Message = Schema.Union([
  PatronStatusRequest.pipe(Schema.encodeKeys(asking)),
  PatronInformation.pipe(Schema.encodeKeys({ ...asking, startItem: "BP", endItem: "BQ" })),
  PatronStatusResponse.pipe(Schema.encodeKeys(answering)),
  PatronInformationResponse.pipe(Schema.encodeKeys({
    ...answering,
    holdLimit: "BZ",
    overdueLimit: "CA",
    chargedLimit: "CB",
    feeLimit: "CC",
    hold: "AS",
    overdue: "AT",
    charged: "AU",
    fine: "AV",
    recall: "BU",
    unavailableHold: "CD",
    address: "BD",
    email: "BE",
    phone: "BF"
  })),
  RequestScResend,
  RequestAcsResend,
  Session.Login.pipe(Schema.encodeKeys({ user: "CN", password: "CO", location: "CP" })),
  Session.LoginResponse,
  Session.ScStatus,
  Session.AcsStatus.pipe(Schema.encodeKeys({
    institution: "AO",
    library: "AM",
    abilities: "BX",
    location: "AN",
    screen: "AF",
    print: "AG"
  }))
])
export type Message = typeof Message.Type

/**
 * How a message is laid out. `fixed`: its first fields with their lengths. `lettered`: the others in the order in which
 * they are written. `presumed`: what the standard demands and real terminals leave out; it then counts as empty.
 */
interface Layout {
  readonly command: string
  readonly fixed: ReadonlyArray<readonly [name: string, length: number]>
  readonly lettered: ReadonlyArray<string>
  readonly presumed?: Values
}
type Values = Record<string, string | ReadonlyArray<string> | undefined>

const dated = [["language", 3], ["at", 18]] as const
const layouts: { readonly [Tag in Message["_tag"]]: Layout } = {
  PatronStatusRequest: {
    command: "23",
    fixed: dated,
    lettered: ["AO", "AA", "AC", "AD"],
    presumed: { AC: "", AD: "" }
  },
  PatronStatusResponse: {
    command: "24",
    fixed: [["status", 14], ...dated],
    lettered: ["AO", "AA", "AE", "BL", "CQ", "BH", "BV", "AF", "AG"]
  },
  PatronInformation: {
    command: "63",
    fixed: [...dated, ["summary", 10]],
    lettered: ["AO", "AA", "AC", "AD", "BP", "BQ"]
  },
  PatronInformationResponse: {
    command: "64",
    fixed: [["status", 14], ...dated, ["counts", 24]],
    lettered: "AO AA AE BZ CA CB BL CQ BH BV CC AS AT AU AV BU CD BD BE BF AF AG".split(" ")
  },
  RequestScResend: { command: "96", fixed: [], lettered: [] },
  RequestAcsResend: { command: "97", fixed: [], lettered: [] },
  Login: { command: "93", fixed: [["userAlgorithm", 1], ["passwordAlgorithm", 1]], lettered: ["CN", "CO", "CP"] },
  LoginResponse: { command: "94", fixed: [["ok", 1]], lettered: [] },
  ScStatus: { command: "99", fixed: [["condition", 1], ["printWidth", 3], ["version", 4]], lettered: [] },
  AcsStatus: {
    command: "98",
    fixed: [
      ["online", 1],
      ["checkin", 1],
      ["checkout", 1],
      ["renewal", 1],
      ["statusUpdate", 1],
      ["offline", 1],
      ["timeout", 3],
      ["retries", 3],
      ["clock", 18],
      ["version", 4]
    ],
    lettered: ["AO", "AM", "BX", "AN", "AF", "AG"]
  }
}

/** Fields that may stand more than once. */
const repeatable = ["AF", "AG", "AS", "AT", "AU", "AV", "BU", "CD"]

/** A message and how it is protected on the line. A response bears the sequence number of its request. */
export interface Packet {
  readonly message: Message
  readonly detection: Frame.Detection
}

/**
 * Reads the bytes of one message, its carriage return included.
 *
 * @example
 * ```ts
 * import { Sip2 } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const line = "6300119980723    091905Y         AOInstitutionID|AAPatronID|BP00001|BQ00005|AY1AZEA83\r"
 * const { message } = Result.getOrThrow(Sip2.parse(Uint8Array.from(line, (letter) => letter.charCodeAt(0))))
 * message._tag === "PatronInformation" && message.patron // => "PatronID"
 * ```
 */
export const parse = (
  bytes: Uint8Array,
  charset: Frame.Charset = Frame.utf8
): Result.Result<Packet, Frame.Malformed> =>
  Result.flatMap(Frame.read(bytes, charset), (frame) => {
    const { detection, text } = frame
    const fail = (problem: Frame.Malformed["problem"], where = "") =>
      Result.fail(Frame.malformed(problem, where, detection !== "off"))
    const [tag, layout] = Object.entries(layouts).find(([, { command }]) => text.startsWith(command)) ?? []
    if (tag === undefined || layout === undefined) return fail("UnknownCommand")
    if (detection !== "off" && detection !== protectionOf(layout, detection)) return fail("Field", "AY")
    const values: Values = { _tag: tag }
    let at = layout.command.length
    for (const [name, length] of layout.fixed) {
      values[name] = text.slice(at, at + length)
      at += length
    }
    const lettered = Frame.fieldsOf(text.slice(at), detection, charset)
    if (Result.isFailure(lettered)) return Result.fail(lettered.failure)
    for (const id of layout.lettered) {
      const found = lettered.success.filter((field) => field[0] === id).map(([, value]) => value)
      if (repeatable.includes(id)) values[id] = found
      else if (found.length > 1) return fail("Repeated", id)
      else if (found.length === 1) values[id] = found[0]
    }
    const decoded = Schema.decodeUnknownResult(Message)({ ...layout.presumed, ...values })
    if (Result.isSuccess(decoded)) return Result.succeed({ message: decoded.success, detection })
    const where = whereIn(decoded.failure)
    return fail(where in values ? "Field" : "Missing", where)
  })

/** Only a request to send again has a checksum without a sequence number, and it never has one with it. */
const protectionOf = ({ fixed }: Layout, detection: Frame.Detection): Frame.Detection | "none" => {
  if (detection === "off") return "off"
  if (fixed.length === 0) return "checksumOnly"
  return detection === "checksumOnly" ? "none" : detection
}

/** The field in which a schema found the first fault. */
const whereIn = (error: Schema.SchemaError): string => Flaw.of(error)[0]?.path.split(".")[0] ?? ""

/**
 * Writes a message as bytes, its carriage return included. Refused where a value holds a `|` or a control character, has
 * more than 255 bytes, or has characters that the character set does not have.
 */
export const format = (
  { detection, message }: Packet,
  charset: Frame.Charset = Frame.utf8
): Result.Result<Uint8Array, Frame.Malformed> => {
  const layout = layouts[message._tag]
  const protection = protectionOf(layout, detection)
  if (protection === "none") return Result.fail(Frame.malformed("Field", "AY"))
  const encoded = Schema.encodeResult(Message)(message)
  if (Result.isFailure(encoded)) return Result.fail(Frame.malformed("Field", whereIn(encoded.failure)))
  const values: Values = { ...encoded.success }
  let text = layout.command + layout.fixed.map(([name]) => values[name]).join("")
  for (const id of layout.lettered) {
    for (const value of [values[id] ?? []].flat()) {
      const length = charset.encode(value)?.length
      if (length === undefined) return Result.fail(Frame.malformed("Charset", id))
      if (length > Frame.maxValue) return Result.fail(Frame.malformed("TooLong", id))
      text += `${id}${value}|`
    }
  }
  const bytes = Frame.write({ text, detection: protection }, charset)
  if (bytes === undefined) return Result.fail(Frame.malformed("Charset"))
  return bytes.length > Frame.maxLength ? Result.fail(Frame.malformed("TooLong")) : Result.succeed(bytes)
}
