/**
 * One place where data from outside is malformed 格式错误: where, and what was expected there. It never repeats the value
 * that was given, which may be a secret.
 */
import { Schema, SchemaIssue } from "effect"

/** `path`: names of the fields down to the place, joined by dots; empty for the whole. */
export const Flaw = Schema.Struct({ path: Schema.String, problem: Schema.String })
export interface Flaw extends Schema.Schema.Type<typeof Flaw> {}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** The flaws of a value that a schema refused: for each place the last check that it failed, which is the narrowest. */
export const of = (error: Schema.SchemaError): ReadonlyArray<Flaw> => {
  const flaws = new Map<string, Flaw>()
  for (const { message, path } of format(error.issue).issues) {
    const place = (path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".")
    flaws.set(place, { path: place, problem: message })
  }
  return [...flaws.values()]
}
