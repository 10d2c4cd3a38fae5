/**
 * How a SIP2 message 图书馆自助设备报文 travels: bytes up to a carriage return, with a sequence number and a checksum where
 * error detection is in use.
 *
 * Source: 3M Standard Interchange Protocol 2.00, document revision 2.12 of 11 April 2006, "Packet Format" and "Error
 * Handling". The checksum finds noise on a line; it is no signature, and nothing here makes a line secret or genuine.
 *
 * The standard sends code page 850 unless both sides agree on another set. Code page 850 has no Chinese, so both sides
 * must agree anyhow; {@link utf8} is what is assumed, and it leaves plain ASCII as it was. For a terminal that wants GBK
 * the host brings a {@link Charset} of its own. Lengths and checksums count bytes, never characters.
 */
import { Result } from "effect"

/** How text becomes bytes and back; nothing where it cannot. */
export interface Charset {
  readonly encode: (text: string) => Uint8Array | undefined
  readonly decode: (bytes: Uint8Array) => string | undefined
}

/** A sequence number: the digit by which a response says to which message it belongs. */
export type Sequence = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** Error detection of one message: none, both fields, or a checksum alone, which only 96 and 97 have. */
export type Detection = "off" | "checksumOnly" | Sequence

/** The text of one message without terminator and error detection. */
export interface Frame {
  readonly text: string
  readonly detection: Detection
}

/**
 * A message that cannot be understood, or cannot be written. `where`: the field, by its two letters or the name that it
 * has here; never what stands in it. `detection`: whether it came with a checksum, so that the answer has one too.
 */
export interface Malformed {
  readonly _tag: "Sip2Malformed"
  readonly problem:
    | "TooLong"
    | "Unterminated"
    | "ChecksumWrong"
    | "ControlCharacter"
    | "Charset"
    | "UnknownCommand"
    | "Field"
    | "Delimiter"
    | "Missing"
    | "Repeated"
  readonly where: string
  readonly detection: boolean
}

/** The most bytes of one message, its terminator included. The standard names no limit, and hostile input knows none. */
export const maxLength = 8_192
/** The most bytes of the value of a field with letters. */
export const maxValue = 255

const cr = 0x0d
const lf = 0x0a

/** Says that a message is malformed. */
export const malformed = (problem: Malformed["problem"], where = "", detection = false): Malformed => ({
  _tag: "Sip2Malformed",
  problem,
  where,
  detection
})

/** UTF-8, strictly: what is not well-formed is no text. */
export const utf8: Charset = {
  encode: (text) => {
    // A surrogate without its other half is the one thing that cannot be written.
    const escaped = Result.getOrUndefined(Result.try(() => encodeURIComponent(text)))
    if (escaped === undefined) return undefined
    const bytes: Array<number> = []
    for (let i = 0; i < escaped.length; i++) {
      const escape = escaped[i] === "%"
      bytes.push(escape ? Number.parseInt(escaped.slice(i + 1, i + 3), 16) : escaped.charCodeAt(i))
      if (escape) i += 2
    }
    return Uint8Array.from(bytes)
  },
  decode: (bytes) => {
    const escaped = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
    return Result.getOrUndefined(Result.try(() => decodeURIComponent(escaped)))
  }
}

/**
 * The checksum of a message up to and including the letters `AZ`: the sum of its bytes, of that the lower 16 bits, their
 * two's complement, as four hexadecimal digits.
 *
 * @example
 * ```ts
 * import { Sip2Frame } from "@yikatong/core"
 *
 * Sip2Frame.checksum(Uint8Array.from("97AZ", (letter) => letter.charCodeAt(0))) // => "FEF5"
 * ```
 */
export const checksum = (bytes: Uint8Array): string => {
  let sum = 0
  for (const byte of bytes) sum = (sum + byte) % 0x1_0000
  return ((0x1_0000 - sum) % 0x1_0000).toString(16).toUpperCase().padStart(4, "0")
}

/** Cuts what has arrived into messages, each with its terminator; `rest` has not ended yet. */
export const split = (
  arrived: Uint8Array
): Result.Result<{ readonly messages: ReadonlyArray<Uint8Array>; readonly rest: Uint8Array }, Malformed> => {
  const messages: Array<Uint8Array> = []
  let from = 0
  for (let i = 0; i < arrived.length; i++) {
    // Many terminals end a line with CR LF; the line feed then stands before the next message.
    if (i === from && arrived[i] === lf) from++
    else if (arrived[i] === cr) {
      messages.push(arrived.slice(from, i + 1))
      from = i + 1
    }
  }
  const rest = arrived.slice(from)
  return rest.length >= maxLength ? Result.fail(malformed("TooLong")) : Result.succeed({ messages, rest })
}

// Error detection stands last, where no value can: a value ends with its delimiter.
const tail = /(?:AY([0-9]))?AZ([0-9A-Fa-f]{4})$/

/** Reads one message, from its first byte to its carriage return. The checksum is looked at first: noise explains all. */
export const read = (bytes: Uint8Array, charset: Charset): Result.Result<Frame, Malformed> => {
  if (bytes.length > maxLength) return Result.fail(malformed("TooLong"))
  const end = bytes.at(-1) === lf ? bytes.length - 2 : bytes.length - 1
  if (bytes[end] !== cr) return Result.fail(malformed("Unterminated"))
  const body = bytes.subarray(0, end)
  const found = tail.exec(String.fromCharCode(...body.subarray(-9)))
  if (found !== null && checksum(body.subarray(0, -4)) !== found[2]?.toUpperCase()) {
    return Result.fail(malformed("ChecksumWrong", "AZ", true))
  }
  const checked = found !== null
  const plain = found === null ? body : body.subarray(0, -found[0].length)
  if (plain.some((byte) => byte < 0x20 || byte === 0x7f)) return Result.fail(malformed("ControlCharacter", "", checked))
  const text = charset.decode(plain)
  if (text === undefined) return Result.fail(malformed("Charset", "", checked))
  if (/\p{Cc}/u.test(text)) return Result.fail(malformed("ControlCharacter", "", checked))
  const sequence = found?.[1]
  return Result.succeed({
    text,
    detection: !checked ? "off" : sequence === undefined ? "checksumOnly" : Number(sequence) as Sequence
  })
}

/** Writes one message with its terminator. Nothing, where the character set does not have its characters. */
export const write = ({ detection, text }: Frame, charset: Charset): Uint8Array | undefined => {
  const plain = charset.encode(text)
  if (plain === undefined) return undefined
  if (detection === "off") return Uint8Array.of(...plain, cr)
  const summed = Uint8Array.of(...plain, ...ascii(detection === "checksumOnly" ? "AZ" : `AY${detection}AZ`))
  return Uint8Array.of(...summed, ...ascii(checksum(summed)), cr)
}

/** The fields with letters in the text behind the fixed ones, in their order: what they are called, and what they hold. */
export const fieldsOf = (
  text: string,
  detection: Detection,
  charset: Charset
): Result.Result<ReadonlyArray<readonly [id: string, value: string]>, Malformed> => {
  const fields: Array<readonly [string, string]> = []
  const fail = (problem: Malformed["problem"], where: string, checked = detection !== "off") =>
    Result.fail(malformed(problem, where, checked))
  for (let from = 0; from < text.length;) {
    const id = text.slice(from, from + 2)
    if (!/^[A-Z0-9]{2}$/.test(id)) return fail("Field", "")
    // Error detection that is not whole at the end of a message was damaged on its way.
    if (id === "AY" || id === "AZ") return fail("ChecksumWrong", id, true)
    const end = text.indexOf("|", from)
    if (end < 0) return fail("Delimiter", id)
    const value = text.slice(from + 2, end)
    if ((charset.encode(value)?.length ?? 0) > maxValue) return fail("TooLong", id)
    fields.push([id, value])
    from = end + 1
  }
  return Result.succeed(fields)
}

const ascii = (text: string): ReadonlyArray<number> => Array.from(text, (letter) => letter.charCodeAt(0))

/** One message and what was answered to it, as both stood on the line. */
export interface Turn {
  readonly request: Uint8Array
  readonly response: Uint8Array
}

/**
 * What is sent once more without deciding anything anew: the last response, when the terminal asks for it (97) or sends
 * the very message again, with its sequence number; a request to resend (96), when it asks and nothing was answered yet.
 * Nothing where the message is a new one. `last`: of this connection.
 */
export const repeated = (last: Turn | undefined, { request, frame }: {
  readonly request: Uint8Array
  readonly frame: Frame
}): Uint8Array | undefined => {
  if (frame.text === "97") return last?.response ?? resend(frame.detection !== "off")
  const again = typeof frame.detection === "number" && last !== undefined &&
    request.length === last.request.length && request.every((byte, i) => byte === last.request[i])
  return again ? last.response : undefined
}

/**
 * What is answered to a message that cannot be understood: send it again (96). A command that is not known gets no
 * answer, so that old systems and new terminals can live together ("Commands").
 */
export const answer = ({ detection, problem }: Malformed): Uint8Array | undefined =>
  problem === "UnknownCommand" ? undefined : resend(detection)

const resend = (checked: boolean): Uint8Array => Uint8Array.from(ascii(checked ? "96AZFEF6\r" : "96\r"))
