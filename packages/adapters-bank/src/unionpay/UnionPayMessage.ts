/**
 * A message of UnionPay's gateway 全渠道报文: fields with names, in one of two clothes. Requests and notifications are
 * forms; answers are `name=value&name=value` without any escapes.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0. A value of an answer may hold "&" inside of brackets, `{...}` and `[...]`; only
 * there. An empty value says the same as none, and is neither signed nor sent.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as FormBody from "../FormBody.ts"

/** Fields by their names; none is empty. */
export type Message = ReadonlyMap<string, string>

/** The largest message that is read, in bytes, unless told otherwise. An answer with a file in it is larger. */
export const largestMessage = 65_536

/** The most fields that are read. */
const mostFields = 256
/** How deep brackets may lie in each other. */
const deepest = 16

/** A message of these fields, without the empty ones. */
export const of = (fields: Readonly<Record<string, string | undefined>>): Message => kept(Object.entries(fields))

const kept = (fields: Iterable<readonly [string, string | undefined]>): Message => {
  const message = new Map<string, string>()
  for (const [name, value] of fields) if (value !== undefined && value !== "") message.set(name, value)
  return message
}

/** The same message with other fields, or with more; empty ones go. */
export const withFields = (message: Message, fields: Readonly<Record<string, string | undefined>>): Message =>
  kept(new Map<string, string | undefined>([...message, ...Object.entries(fields)]))

/** The name of the field that holds the signature: it signs all others. */
export const signature = "signature"

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

/** Names by the order of their bytes. That of UTF-16 is another one, but not for ASCII. */
const sorted = (names: Array<string>): Array<string> =>
  isAscii(names.join("")) ? names.sort() : names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

/** The text that is signed: all fields but the signature, by the order of their names' bytes, without escapes. */
export const canonical = (message: Message): string => {
  let text = ""
  for (const name of sorted([...message.keys()])) {
    if (name !== signature) text += `${text === "" ? "" : "&"}${name}=${message.get(name) ?? ""}`
  }
  return text
}

/** How long a value is that is written by itself, in characters: a certificate. */
const long = 512
/** Where what is signed is written, for as long as it is hashed. */
let desk = Buffer.allocUnsafeSlow(2 * 8_192)

/**
 * The same in UTF-8, until the next such call. Joined with a Chinese character all of the text would take twice the room and
 * be written slowly, and most of it is a certificate.
 */
export const canonicalBytes = (message: Message): Uint8Array => {
  let length = 0
  const write = (text: string): void => {
    // Three bytes a character at most.
    if (length + 3 * text.length > desk.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (length + 3 * text.length))
      larger.set(desk.subarray(0, length))
      desk = larger
    }
    length += desk.write(text, length)
  }
  let text = ""
  let isFirst = true
  for (const name of sorted([...message.keys()])) {
    if (name === signature) continue
    const value = message.get(name) ?? ""
    text += `${isFirst ? "" : "&"}${name}=`
    isFirst = false
    if (value.length < long) text += value
    else {
      write(text)
      write(value)
      text = ""
    }
  }
  write(text)
  return desk.subarray(0, length)
}

/** Whether a name has nothing in it that could be taken for a border. */
const isName = (name: string): boolean => name !== "" && !name.includes("=") && !name.includes("&")

/** Whether a value has no border in it, nor a bracket that could hide one. */
const isPlain = (value: string): boolean =>
  // One character at a time is looked for a good deal faster than one of a set, and a certificate is long.
  !value.includes("&") && !value.includes("{") && !value.includes("[")

/** Whether a value ends where it ends, whatever comes after it: its brackets are closed and hold all of its ampersands. */
const isClosed = (value: string): boolean => {
  const end = endOfPair(`=${value}`, 0)
  return Result.isSuccess(end) && end.success === value.length + 1
}

/**
 * Whether the signed text can be read in one way only. Without escapes, `a=1&b=2` may be two fields, or one with an
 * ampersand in its value: who may choose a value could move the border and keep the signature.
 */
export const isUnambiguous = (message: Message): boolean => {
  for (const [name, value] of message) if (!isName(name) || (!isPlain(value) && !isClosed(value))) return false
  return true
}

const closing: ReadonlyMap<string, string> = new Map([["{", "}"], ["[", "]"]])

/** Where the pair that begins at `from` ends: the next ampersand that lies in no bracket of the value, or the end. */
const endOfPair = (text: string, from: number): Result.Result<number, Callback.Refusal> => {
  const next = text.indexOf("&", from)
  const simple = next < 0 ? text.length : next
  if (!/[{[]/.test(text.slice(from, simple))) return Result.succeed(simple)
  const equals = text.indexOf("=", from)
  const open: Array<string> = []
  let at = equals < 0 ? from : equals + 1
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (open.length === 0 && character === "&") break
    const close = closing.get(character)
    if (close !== undefined) open.push(close)
    else if (character === open.at(-1)) open.pop()
    if (open.length > deepest) return Result.fail(Callback.refusal("tooLarge", "the depth of the brackets"))
  }
  return open.length === 0 ? Result.succeed(at) : Result.fail(Callback.refusal("malformed", "a bracket"))
}

const split = (text: string): Result.Result<Message, Callback.Refusal> => {
  const message = new Map<string, string>()
  for (let from = 0; from < text.length;) {
    const end = endOfPair(text, from)
    if (Result.isFailure(end)) return Result.fail(end.failure)
    const pair = text.slice(from, end.success)
    from = end.success + 1
    const equals = pair.indexOf("=")
    if (equals < 1) return Result.fail(Callback.refusal("malformed", "a field of the message"))
    const name = pair.slice(0, equals)
    if (name.includes("&")) return Result.fail(Callback.refusal("malformed", "a field of the message"))
    if (message.has(name)) return Result.fail(Callback.refusal("duplicateKey", "a field of the message"))
    if (message.size === mostFields) return Result.fail(Callback.refusal("tooLarge", "the number of fields"))
    message.set(name, pair.slice(equals + 1))
  }
  return Result.succeed(message)
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Reads an answer. `largest`: in bytes. */
export const parse = (
  bytes: Uint8Array,
  largest: number = largestMessage
): Result.Result<Message, Callback.Refusal> => {
  if (bytes.length > largest) return Result.fail(Callback.refusal("tooLarge", "the message"))
  const text = Result.try({ try: () => utf8.decode(bytes), catch: () => Callback.refusal("charset", "the message") })
  return Result.map(Result.flatMap(text, split), kept)
}

/** Writes an answer. Throws RangeError for what could not be read back. */
export const write = (message: Message): string => {
  if (!isUnambiguous(message)) throw new RangeError("A value has an ampersand outside of brackets, or an open bracket")
  return [...message].map(([name, value]) => `${name}=${value}`).join("&")
}

/** Reads a request or a notification. */
export const parseForm = (bytes: Uint8Array): Result.Result<Message, Callback.Refusal> =>
  Result.map(FormBody.parse(bytes, "utf-8", largestMessage), (form) => hasEmpty(form) ? kept(form) : form)

const hasEmpty = (form: Message): boolean => {
  for (const value of form.values()) if (value === "") return true
  return false
}

/** Writes a request or a notification. */
export const writeForm = (message: Message): string => FormBody.encode(message)

/** What a request and a notification are sent as. */
export const formType = "application/x-www-form-urlencoded;charset=UTF-8"
