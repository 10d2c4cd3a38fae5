/**
 * JSON with the places of its parts 带位置的 JSON, so that a flaw is told with line and column. Strict: no comments, no
 * trailing commas, no name twice in one object.
 */
import { type AnyNode, type MemberNode, parse as parseNode, type ValueNode } from "@humanwhocodes/momoa"
import type { Flaw } from "@yikatong/core"

/** A place in a text, both from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A flaw and its place. */
export interface Placed extends Flaw.Flaw, Place {}

/** A text that was read. `flaws`: what is wrong with it as JSON; then `value` is nothing. */
export interface JsonText {
  readonly value: unknown
  readonly root: ValueNode | undefined
  readonly flaws: ReadonlyArray<Placed>
}

/** No profile is deeper than this by far, and a parser that recurses survives it. */
const deepest = 100

/** Reads a text. */
export const parse = (text: string): JsonText => {
  const deep = tooDeep(text)
  if (deep !== undefined) {
    return refused({
      ...deep,
      path: "",
      problem: `嵌套超过 ${deepest} 层 / it is nested deeper than ${deepest} levels`
    })
  }
  try {
    const root = parseNode(text).body
    const flaws = repeated(root)
    // Its own reader is the platform's: the other one tells places, and lets some control characters pass.
    return flaws.length === 0 ? { value: JSON.parse(text), root, flaws } : { value: undefined, root, flaws }
  } catch (error) {
    return refused({ ...placeOf(error), path: "", problem: reasonOf(error) })
  }
}

const refused = (flaw: Placed): JsonText => ({ value: undefined, root: undefined, flaws: [flaw] })

/** Where the text is nested too deeply, if it is. */
const tooDeep = (text: string): Place | undefined => {
  let depth = 0
  let line = 1
  let start = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "\n") {
      line++
      start = at + 1
    }
    if (quoted) {
      if (character === "\\") at++
      else if (character === "\"") quoted = false
    } else if (character === "\"") quoted = true
    else if (character === "{" || character === "[") {
      if (++depth > deepest) return { line, column: at - start + 1 }
    } else if (character === "}" || character === "]") depth--
  }
  return undefined
}

const placeOf = (error: unknown): Place => {
  if (typeof error === "object" && error !== null && "line" in error && "column" in error) {
    return { line: Number(error.line), column: Number(error.column) }
  }
  const [, line = "1", column = "1"] = /line (\d+) column (\d+)/.exec(String(error)) ?? []
  return { line: Number(line), column: Number(column) }
}

/** What a parser expected, without what it found: that may be a secret, or no text at all. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.constructor.name === "UnexpectedEOF"
    ? "不是合法的 JSON：意外结束 / this is no JSON: it ends too early"
    : "不是合法的 JSON：有意外的字符 / this is no JSON: an unexpected character"

/** Names that stand twice in one object: only the last would count, and nobody would notice. */
const repeated = (node: AnyNode): ReadonlyArray<Placed> => {
  if (node.type === "Array") return node.elements.flatMap(({ value }) => repeated(value))
  if (node.type !== "Object") return []
  const names = new Set<string>()
  return node.members.flatMap((member) => {
    const name = nameOf(member)
    const twice = names.has(name)
    names.add(name)
    const problem = "名称重复 / this name stands there twice"
    return [...(twice ? [{ ...startOf(member), path: name, problem }] : []), ...repeated(member.value)]
  })
}

const nameOf = ({ name }: MemberNode): string => name.type === "String" ? name.value : name.name

const startOf = ({ loc }: AnyNode): Place => ({ line: loc.start.line, column: loc.start.column })

/**
 * The place that a path of a flaw means: names and positions joined by dots. A list of things that bear names is entered by
 * them. Where the path leads no further, as to a field that is missing, it is the last part that is there.
 */
export const find = (root: ValueNode | undefined, path: string): Place =>
  root === undefined ? { line: 1, column: 1 } : seek(root, path.split("."), startOf(root))

const seek = (node: ValueNode, path: ReadonlyArray<string>, place: Place): Place => {
  if (path.length === 0) return place
  if (node.type === "Object") {
    // A name may hold dots itself: the longest one that fits.
    for (let length = path.length; length > 0; length--) {
      const name = path.slice(0, length).join(".")
      const member = node.members.find((member) => nameOf(member) === name)
      if (member !== undefined) return seek(member.value, path.slice(length), startOf(member))
    }
  }
  if (node.type === "Array") {
    const [first = ""] = path
    const element = node.elements[/^\d+$/.test(first) ? Number(first) : -1]
    if (element !== undefined) return seek(element.value, path.slice(1), startOf(element.value))
    const named = node.elements.findLast(({ value }) => bears(value, path))
    if (named !== undefined) return startOf(named.value)
  }
  return place
}

/** Whether an element of a list is the one of these names: a limit by its name, a row by its place and its link. */
const bears = (node: ValueNode, names: ReadonlyArray<string>): boolean =>
  node.type === "Object" && (names.every((name) => holds(node.members, name)) || holds(node.members, names.join(".")))

const holds = (members: ReadonlyArray<MemberNode>, text: string): boolean =>
  members.some(({ value }) => value.type === "String" && value.value === text)
