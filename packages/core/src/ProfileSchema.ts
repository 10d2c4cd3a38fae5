/**
 * The JSON Schema of a school's profile 配置文件结构, draft 2020-12, made of the schema that decodes it: so an editor helps
 * while a profile is written, and no copy can drift (R75).
 *
 * It says what is well-formed. What contradicts itself (two meals that overlap, a limit that is never reached) only
 * `SchoolProfile.load` tells. A file may name the schema under `$schema`; that is the file's and no part of the profile.
 *
 * @example
 * ```ts
 * import { ProfileSchema } from "@yikatong/core"
 *
 * ProfileSchema.jsonSchema().type // => "object"
 * ```
 */
import { Schema } from "effect"
import { Medium } from "./Medium.ts"
import { Category, Point } from "./Point.ts"
import { SchoolProfile } from "./SchoolProfile.ts"

/** A schema as JSON. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** What stands in many places is written once, under its name. */
const named = new Map<unknown, string>([[Category.ast, "Category"], [Medium.ast, "Medium"], [Point.ast, "Point"]])

/** The schema, made anew at each call. */
export const jsonSchema = (): JsonSchema => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(SchoolProfile, {
    onExcessProperty: "error",
    referencePolicy: ({ ast, identifier }) => named.get(ast) ?? identifier
  })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Yikatong school profile 学校配置",
    description: "Money in fen 分, instants and spans in milliseconds, days in civil days since 1970-01-01.",
    ...schema,
    properties: { $schema: { type: "string" }, ...propertiesOf(schema) },
    $defs: definitions
  }
}

const propertiesOf = ({ properties }: JsonSchema): object =>
  typeof properties === "object" && properties !== null ? properties : {}
