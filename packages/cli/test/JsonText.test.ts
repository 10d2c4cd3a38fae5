import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as JsonText from "../src/JsonText.ts"

const text = `{
  "points": {
    "a": { "x": 1 },
    "a.b": { "x": 2 }
  },
  "limits": [
    { "name": "meal" },
    { "name": "day" },
    { "name": "meal" }
  ],
  "acceptance": [
    { "category": "shop", "link": "up" },
    { "category": "canteen", "link": "down" }
  ],
  "spans": [{ "from": 1 }]
}`

describe("JsonText.find", () => {
  const { root } = JsonText.parse(text)
  it.each([
    ["a field", "points", 2, 3],
    ["a field within", "points.a.x", 3, 12],
    ["a name with a dot", "points.a.b.x", 4, 14],
    ["a missing field: its object", "points.a.y", 3, 5],
    ["an element by its position", "spans.0.from", 15, 15],
    ["a thing by its name, the last of two", "limits.meal", 9, 5],
    ["a row by its two names", "acceptance.canteen.down", 13, 5],
    ["nothing of it: the list", "limits.week", 6, 3],
    ["nothing at all: the whole", "nowhere.at.all", 1, 1],
    ["the whole", "", 1, 1]
  ])("R75: %s", (_, path, line, column) => {
    expect(JsonText.find(root, path)).toEqual({ line, column })
  })
})

describe("JsonText.parse", () => {
  it("R75: reads what the platform reads, and nothing else; it never throws", () => {
    const platform = (text: string): unknown => {
      try {
        return { value: JSON.parse(text) }
      } catch {
        return undefined
      }
    }
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.json().map((json) => json.slice(0, -1))), (text) => {
        const { flaws, value } = JsonText.parse(text)
        const expected = platform(text)
        if (flaws.length === 0) expect({ value }).toEqual(expected)
        // Only a name that stands twice is refused although the platform reads it.
        else if (expected !== undefined) expect(flaws.every(({ problem }) => problem.includes("twice"))).toBe(true)
        for (const { column, line } of flaws) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(column).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 500 }
    )
  })

  it("R75: finds every part of what it read", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const { root, value } = JsonText.parse(text)
        if (typeof value !== "object" || value === null) return
        for (const name of Object.keys(value)) {
          const { column, line } = JsonText.find(root, name)
          expect(text.split("\n")[line - 1]?.slice(column - 1)).toMatch(Array.isArray(value) ? /^./ : /^"/)
        }
      })
    )
  })
})
