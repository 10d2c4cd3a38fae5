import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Base64 from "../src/Base64.ts"

describe("a signature in Base64", () => {
  it.each<[string, string, ReadonlyArray<number> | undefined]>([
    ["of three bytes", "AAEC", [0, 1, 2]],
    ["of two bytes", "AAE=", [0, 1]],
    ["of one byte", "AA==", [0]],
    ["of none", "", []],
    ["without its end", "AA", undefined],
    ["with half of its end", "AA=", undefined],
    ["with bits that say nothing", "AB==", undefined],
    ["with a line break", "AAEC\nAAEC", undefined],
    ["with a blank behind", "AAEC ", undefined],
    ["in the alphabet of addresses", "-_-_", undefined],
    ["with a letter that is none", "AA$C", undefined],
    ["with something after its end", "AA==AAEC", undefined],
    ["with another script in it", "AA中C", undefined]
  ])("%s", (_, text, bytes) => {
    const read = Base64.read(text, 100)
    expect(read === undefined ? undefined : [...read]).toEqual(bytes)
  })

  it("is no longer than its reader says", () => {
    expect(Base64.read("AAECAAEC", 8)).toHaveLength(6)
    expect(Base64.read("AAECAAEC", 7)).toBeUndefined()
  })

  it("has one text for some bytes, and no other", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), fc.string({ minLength: 1 }), (bytes, at, put) => {
      const text = Buffer.from(bytes).toString("base64")
      expect(Base64.read(text, 100)).toEqual(Buffer.from(bytes))
      const place = at % (text.length + 1)
      for (const other of [text.slice(0, place) + put + text.slice(place), text.slice(0, place)]) {
        if (other === text) continue
        expect(Base64.read(other, 10_000)?.equals(bytes) ?? false).toBe(false)
      }
    }))
  })
})
