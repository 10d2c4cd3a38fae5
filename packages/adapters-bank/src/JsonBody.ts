/**
 * A JSON body from outside JSON 报文: bytes read into a value, once it is known who sent them.
 *
 * Strict where readers differ: UTF-8 without a byte order mark, no name twice in one object, a limit to its bytes and
 * to its depth. A refusal tells names of fields at most, never a value. Source: RFC 8259 and RFC 7493 (I-JSON).
 */
import { Callback, Flaw } from "@yikatong/core"
import { Result, Schema } from "effect"

/** The most that is read. `depth`: of objects and lists, one in the other. */
export interface Limits {
  readonly bytes?: number
  readonly depth?: number
}

const most = { bytes: 65_536, depth: 16 } as const

/** What a wire hands over: either a value, or why it is not believed. */
export type Read<A> = Result.Result<A, Callback.Refusal>

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Reads bytes. */
export const parse = (bytes: Uint8Array, limits: Limits = {}): Read<unknown> => {
  if (bytes.length > (limits.bytes ?? most.bytes)) return refused("tooLarge", "the body")
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    return refused("charset", "the body is not UTF-8")
  }
  const problem = look(text, limits.depth ?? most.depth)
  if (problem === "deep") return refused("tooLarge", "the body is nested too deeply")
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The parser's own words quote the text.
    return refused("malformed", "the body is not JSON")
  }
  return problem === "twice" ? refused("duplicateKey", "a name stands twice in one object") : Result.succeed(value)
}

/** Takes a value as what a schema says. `what`: the thing, in a word. */
export const decode = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  what: string
): (value: unknown) => Read<S["Type"]> => {
  const decoding = Schema.decodeUnknownResult(schema)
  return (value) =>
    Result.mapError(decoding(value), (error) => {
      // Unknown names are passed over, so that a path holds names of ours alone.
      const [path = ""] = Flaw.of(error).map(({ path }) => path)
      return Callback.refusal("malformed", path === "" ? what : `${what}: ${path}`)
    })
}

/** Writes a value; what is signed and what is sent are then the same bytes. */
export const write = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

const refused = (reason: Callback.Reason, what: string): Read<never> => Result.fail(Callback.refusal(reason, what))

const [quote, colon, brace, endOfBrace, bracket, endOfBracket] = [0x22, 0x3a, 0x7b, 0x7d, 0x5b, 0x5d] as const

/**
 * Whether a text is nested too deeply, or names something twice. It may be no JSON at all: then this says only that a
 * parser may look at it.
 */
const look = (text: string, depth: number): "deep" | "twice" | undefined => {
  const open: Array<Set<string>> = []
  const isEscaped = text.includes("\\")
  let isTwice = false
  let at = 0
  while (at < text.length) {
    const character = text.charCodeAt(at)
    if (character === quote) {
      const end = isEscaped ? endOfString(text, at) : endOfPlain(text, at)
      // A string before a colon is a name, and nothing else is.
      if (text.charCodeAt(afterBlanks(text, end)) === colon) {
        const name = unescaped(text.slice(at, end))
        const names = open.at(-1)
        if (names?.has(name) === true) isTwice = true
        names?.add(name)
      }
      at = end
      continue
    }
    if (character === brace || character === bracket) {
      if (open.push(new Set()) > depth) return "deep"
    } else if (character === endOfBrace || character === endOfBracket) open.pop()
    at++
  }
  return isTwice ? "twice" : undefined
}

/** The place after the string that begins here. */
const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (at < text.length && text[at] !== "\"") at += text[at] === "\\" ? 2 : 1
  return at + 1
}

/** The same, where nothing is escaped: to look for one letter is quick, and what is encrypted is long. */
const endOfPlain = (text: string, start: number): number => {
  const end = text.indexOf("\"", start + 1)
  return (end < 0 ? text.length : end) + 1
}

/** Past the end there is none. */
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d

const afterBlanks = (text: string, start: number): number => {
  let at = start
  while (isBlank(text.charCodeAt(at))) at++
  return at
}

/** A name as it is meant: one letter can be written in several ways. */
const unescaped = (literal: string): string => {
  if (!literal.includes("\\")) return literal.slice(1, -1)
  try {
    return String(JSON.parse(literal))
  } catch {
    return literal
  }
}
