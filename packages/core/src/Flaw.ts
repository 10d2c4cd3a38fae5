/**
 * One place where data from outside is malformed 格式错误: where, and what was expected there. It never repeats the value
 * that was given, which may be a secret.
 *
 * A name that is only misspelt is told once, with the name that was meant, and not as one field too many and one too few.
 *
 * @example
 * ```ts
 * import { Flaw } from "@yikatong/core"
 * import { Result, Schema } from "effect"
 *
 * const limits = Schema.Struct({ dormancy: Schema.Int })
 * const read = Schema.decodeUnknownResult(limits)({ dormacy: 6 }, { errors: "all", onExcessProperty: "error" })
 * const flaws = Result.isFailure(read) ? Flaw.of(read.failure) : []
 * Flaw.told(flaws) // => "dormacy: 没有此项，是否应为 dormancy / no such field: did you mean dormancy"
 * ```
 */
import { Schema, SchemaIssue } from "effect"
import { misspelt, nearest } from "./internal/spelling.ts"

/** `path`: names of the fields down to the place, joined by dots; empty for the whole. */
export const Flaw = Schema.Struct({ path: Schema.String, problem: Schema.String })
export interface Flaw extends Schema.Schema.Type<typeof Flaw> {}

/** Flaws in a line. */
export const told = (flaws: ReadonlyArray<Flaw>): string =>
  flaws.map(({ path, problem }) => (path === "" ? problem : `${path}: ${problem}`)).join("; ")

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The flaws of a value that a schema refused: for each place the last check that it failed, which is the narrowest. */
export const of = ({ issue }: Pick<Schema.SchemaError, "issue">): ReadonlyArray<Flaw> => {
  const flaws = new Map<string, Flaw>()
  const set = (path: string, problem: string): void => {
    flaws.set(path, { path, problem })
  }
  for (const { message, path } of format(issue).issues) {
    set(placeOf((path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment))), message)
  }
  const seen: Seen = { choices: new Map(), missing: new Set(), unknown: [] }
  look(issue, [], seen)
  for (const [place, problem] of seen.choices) set(place, problem)
  for (const { known, parent, name } of seen.unknown.slice(0, mostGuesses)) {
    const place = (field: string) => placeOf([...parent, field])
    const absent = known.filter(({ name, optional }) => optional || seen.missing.has(place(name)))
    const meant = nearest(name, absent.map(({ name }) => name))
    if (meant === undefined) continue
    set(place(name), misspelt(meant))
    flaws.delete(place(meant))
  }
  return [...flaws.values()]
}

/** Whoever sends more wrong names than this has not misspelt them. */
const mostGuesses = 50
/** A list of more than so many choices tells nobody anything. */
const mostChoices = 12

const placeOf = (path: ReadonlyArray<PropertyKey>): string => path.map(String).join(".")

interface Seen {
  readonly choices: Map<string, string>
  readonly missing: Set<string>
  readonly unknown: Array<{
    readonly parent: ReadonlyArray<PropertyKey>
    readonly name: string
    readonly known: ReadonlyArray<{ readonly name: string; readonly optional: boolean }>
  }>
}

/** Goes through all that a schema found, and notes what its own words tell badly. */
const look = (issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey>, seen: Seen): void => {
  switch (issue._tag) {
    case "Pointer":
      return look(issue.issue, [...path, ...issue.path], seen)
    case "Filter":
    case "Encoding":
      return look(issue.issue, path, seen)
    case "Composite":
      return issue.issues.forEach((one) => look(one, path, seen))
    case "AnyOf": {
      issue.issues.forEach((one) => look(one, path, seen))
      if (issue.issues.length === 0 && issue.ast._tag === "Union" && issue.ast.types.length > mostChoices) {
        seen.choices.set(placeOf(path), choicesOf(issue.ast.types))
      }
      return
    }
    case "MissingKey":
      seen.missing.add(placeOf(path))
      return
    case "UnexpectedKey": {
      if (issue.ast._tag !== "Objects") return
      const known = issue.ast.propertySignatures.map(({ name, type }) => ({
        name: String(name),
        optional: type.context?.isOptional === true
      }))
      seen.unknown.push({ parent: path.slice(0, -1), name: String(path.at(-1)), known })
    }
  }
}

type Ast = Schema.Top["ast"]

/** How many choices there are and two of them: values, or objects that say by a field what they are. */
const choicesOf = (types: ReadonlyArray<Ast>): string => {
  const [one, other] = types
  const by = one?._tag === "Objects" ? one.propertySignatures.find(({ type }) => type._tag === "Literal") : undefined
  const field = by === undefined ? "" : ` by its ${String(by.name)}`
  const named = [one, other].flatMap((type) => exampleOf(type)).join(", ")
  return `Expected one of ${types.length} kinds${field}${named === "" ? "" : `, such as ${named}`}`
}

const exampleOf = (type: Ast | undefined): ReadonlyArray<string> => {
  if (type?._tag === "Literal") return [JSON.stringify(String(type.literal))]
  return type?._tag === "Objects" ? type.propertySignatures.flatMap(({ type }) => exampleOf(type)).slice(0, 1) : []
}
