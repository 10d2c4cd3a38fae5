import { Ajv2020 } from "ajv/dist/2020.js"
import { Result } from "effect"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as ProfileSchema from "../src/ProfileSchema.ts"
import * as SchoolProfile from "../src/SchoolProfile.ts"

type Json = null | boolean | number | string | Array<Json> | { [name: string]: Json }
type Fields = { [name: string]: Json }

/** An independent validator: it knows nothing of ours but the schema. */
const accepts = new Ajv2020({ strict: true, allErrors: true }).compile(ProfileSchema.jsonSchema())
const loads = (profile: unknown): boolean => Result.isSuccess(SchoolProfile.load(profile))
const preset = (): Fields => JSON.parse(JSON.stringify(csmzxy))
const first = (part: Json | undefined): Fields => Object.values(part ?? {})[0] as Fields

const broken: ReadonlyArray<readonly [title: string, breakIt: (profile: Fields) => unknown]> = [
  ["it has no version", (it) => delete it["version"]],
  ["its version is empty", (it) => it["version"] = ""],
  ["its version holds a line break", (it) => it["version"] = "2025\n2026"],
  ["it begins on a date that is a text", (it) => it["effectiveFrom"] = "2025-09-01"],
  ["it has a field that nobody knows", (it) => it["discount"] = 10],
  ["a field is misspelt", (it) => {
    it["pursceiling"] = it["purseCeiling"] ?? null
    delete it["purseCeiling"]
  }],
  ["the school has no English name", (it) => delete (it["school"] as Fields)["en"]],
  ["a point is of no known kind", (it) => first(it["points"])["category"] = "cinema"],
  ["a point has no name", (it) => first(it["points"])["nameZh"] = ""],
  ["a point says yes instead of true", (it) => first(it["points"])["loads"] = "yes"],
  ["a chip may hold nothing", (it) => it["purseCeiling"] = 0],
  ["a chip may hold half a fen", (it) => it["purseCeiling"] = 50_000.5],
  ["a chip may hold a text", (it) => it["purseCeiling"] = "500.00"],
  ["a desk bears the name of the merchants' settlement", (it) => it["desks"] = ["window-3", "settlement"]],
  ["the desks have names and values", (it) => it["desks"] = { "window-3": true }],
  ["the hall opens on an eighth day", (it) => (it["hours"] as Fields)["weekdays"] = [8]],
  ["a card sleeps after no month at all", (it) => (it["dormancy"] as Fields)["months"] = 0],
  ["a terminal is neither up nor down", (it) => first(it["acceptance"])["link"] = "sideways"],
  ["a medium is unknown", (it) => first(it["acceptance"])["media"] = ["cowrie"]],
  ["a holiday is a text", (it) => (it["calendar"] as Fields)["holidays"] = ["2025-10-01"]],
  ["a list is an object", (it) => it["meals"] = {}]
]

describe("ProfileSchema", () => {
  it("R75: accepts the manual's school, also with the name of its schema", () => {
    expect(accepts(preset())).toBe(true)
    expect(accepts({ $schema: "./school-profile.schema.json", ...preset() })).toBe(true)
  })

  it.each(broken)("R75: refuses a profile as SchoolProfile does: %s", (_, breakIt) => {
    const profile = preset()
    breakIt(profile)
    expect(accepts(profile)).toBe(false)
    expect(loads(profile)).toBe(false)
  })

  it.each(Object.keys(csmzxy))("R75: misses the field %s", (field) => {
    const { [field]: _, ...profile } = preset()
    expect(accepts(profile)).toBe(loads(profile))
  })

  it("R75: says nothing of what only contradicts itself", () => {
    const [meal, ...meals] = csmzxy.meals
    const profile = { ...preset(), meals: [meal, meal, ...meals] }
    expect(accepts(profile)).toBe(true)
    expect(loads(profile)).toBe(false)
  })

  it("R75: the file that is shipped is what the code says", () => {
    const file = readFileSync(new URL("../school-profile.schema.json", import.meta.url), "utf8")
    expect(JSON.parse(file)).toEqual(ProfileSchema.jsonSchema())
  })

  it("R75: a profile that loads is always accepted, whatever was changed in it", () => {
    const values: fc.Arbitrary<Json> = fc.oneof(
      fc.constantFrom<Json>(null, true, "", "canteen", "up", [], {}, 0, 1, 3, 100, 0.5, -1),
      fc.integer(),
      fc.string()
    )
    const change = (json: Json, path: ReadonlyArray<number>, to: Json): Json => {
      if (typeof json !== "object" || json === null) return to
      const names = Object.keys(json)
      const [at, ...rest] = path
      const name = names[(at ?? 0) % names.length]
      if (at === undefined || name === undefined) return to
      const changed = change((json as Fields)[name] ?? null, rest, to)
      return Array.isArray(json) ? json.with(Number(name), changed) : { ...json, [name]: changed }
    }
    const paths = fc.array(fc.nat(), { minLength: 1, maxLength: 6 })
    let good = 0
    fc.assert(
      fc.property(paths, values, (path, to) => {
        const profile = change(preset(), path, to)
        if (!loads(profile)) return
        good++
        expect(accepts(profile)).toBe(true)
      }),
      { numRuns: 2_000 }
    )
    expect(good).toBeGreaterThan(10)
  })
})
