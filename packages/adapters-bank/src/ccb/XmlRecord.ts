/**
 * A flat record in XML 平面 XML 报文: one element around others that hold text alone.
 *
 * It is all that such links write, so it is all that is read: no attributes, no nesting, no comments, no declarations
 * of any kind but the first line, and the five entities of XML 1.0. There is nothing in it that could grow or reach
 * outside.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: "\"", apos: "'" }
const names: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", "\"": "quot", "'": "apos" }

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&${names[sign]};`)

const entity = /&(amp|lt|gt|quot|apos);/g

const unescaped = (text: string): string | undefined =>
  text.replaceAll(entity, "").includes("&")
    ? undefined
    : text.replaceAll(entity, (_, name: string) => entities[name] ?? "")

/** Writes the elements in their order; those without text are left out. */
export const write = (
  root: string,
  charset: "gbk" | "utf-8",
  elements: ReadonlyArray<readonly [string, string]>
): string => {
  const inner = elements.filter(([, text]) => text !== "").map(([name, text]) => `<${name}>${escaped(text)}</${name}>`)
  return `<?xml version="1.0" encoding="${charset === "gbk" ? "GBK" : "UTF-8"}"?><${root}>${inner.join("")}</${root}>`
}

const malformed = (what: string): Result.Result<never, Callback.Refusal> =>
  Result.fail(Callback.refusal("malformed", what))

const element = /\s*<([A-Za-z][A-Za-z0-9_]{0,31})>([^<]*)<\/([A-Za-z][A-Za-z0-9_]{0,31})>/y

/** Reads the elements by their names; a name that comes twice is refused. */
export const read = (root: string, text: string): Result.Result<ReadonlyMap<string, string>, Callback.Refusal> => {
  const outer = /^\s*(?:<\?xml version="1\.0" encoding="[A-Za-z0-9-]{1,16}"\?>)?\s*/.exec(text)
  const begin = `<${root}>`
  const end = `</${root}>`
  const trimmed = text.slice(outer?.[0].length ?? 0).trimEnd()
  if (!trimmed.startsWith(begin) || !trimmed.endsWith(end)) return malformed("the root of the XML")
  if (trimmed.length < begin.length + end.length) return malformed("the root of the XML")
  const inner = trimmed.slice(begin.length, -end.length).trimEnd()
  const found = new Map<string, string>()
  let at = 0
  while (at < inner.length) {
    element.lastIndex = at
    const [whole, name, value, closed] = element.exec(inner) ?? []
    if (whole === undefined || name === undefined || name !== closed) return malformed("an element of the XML")
    if (found.has(name)) return Result.fail(Callback.refusal("duplicateKey", "an element of the XML"))
    const plain = unescaped(value ?? "")
    if (plain === undefined) return malformed("an entity of the XML")
    found.set(name, plain)
    at += whole.length
  }
  return Result.succeed(found)
}
