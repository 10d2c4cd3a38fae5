import { Result } from "effect"
import * as fc from "fast-check"
import decodeQR from "qr/decode.js"
import { describe, expect, it } from "vitest"
import * as CodePicture from "../src/CodePicture.ts"
import { payClaims, show, vectors } from "./support/codes.ts"

const drawn = (text: string) => Result.getOrThrow(CodePicture.draw(text))

/** Dark squares on paper, four pixels a module, as a camera would see them. */
const read = (side: number, isDark: (x: number, y: number) => boolean): string => {
  const scale = 4
  const width = side * scale
  const data = new Uint8Array(width * width * 4).fill(255)
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      if (isDark(Math.floor(x / scale), Math.floor(y / scale))) {
        data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3)
      }
    }
  }
  return decodeQR({ width, height: width, data })
}

/** The dark squares of an SVG of ours, from its second path. */
const darkOf = (svg: string): { side: number; dark: Set<string> } => {
  const side = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1])
  const dark = new Set<string>()
  for (
    const [, x, y, run] of (/fill="#000" d="([^"]*)"/.exec(svg)?.[1] ?? "").matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)
  ) {
    for (let i = 0; i < Number(run); i++) dark.add(`${Number(x) + i},${Number(y)}`)
  }
  return { side, dark }
}

const readSvg = (svg: string): string => {
  const { dark, side } = darkOf(svg)
  return read(side, (x, y) => dark.has(`${x},${y}`))
}

const readHalfBlocks = (picture: string, background: "dark" | "light"): string => {
  const lines = picture.split("\n").map((line) => [...line])
  return read(lines[0]?.length ?? 0, (x, y) => {
    const block = lines[Math.floor(y / 2)]?.[x] ?? ""
    const inked = block === "█" || block === (y % 2 === 0 ? "▀" : "▄")
    return inked === (background === "light")
  })
}

describe("the picture of a code (R4, R5)", () => {
  it.each<[string, number, number, number]>([
    ["one character", 1, 1, 21],
    ["the most of version 9", 262, 9, 53],
    ["one more", 263, 10, 57],
    ["a code of ours", 311, 10, 57],
    ["one more", 312, 11, 61],
    ["the most of all", 3_391, 40, 177]
  ])("R4 %s of %i characters: version %i, %i modules", (_, length, version, modules) => {
    const picture = drawn("A".repeat(length))
    expect([picture.version, picture.modules]).toEqual([version, modules])
    expect(picture.rows.map(({ length }) => length)).toEqual(Array.from({ length: modules }, () => modules))
  })

  it.each([
    ["nothing", "", "Empty"],
    ["a character more than the largest holds", "A".repeat(3_392), "TooLong"],
    ["small letters", "yk:abc", "Characters"],
    ["Chinese", "校园", "Characters"],
    ["markup", "<SCRIPT>", "Characters"],
    ["a line end", "ABC\n", "Characters"]
  ])("R4 %s is not drawn", (_, text, problem) => {
    expect(Result.merge(CodePicture.draw(text))).toEqual({ _tag: "NotDrawable", problem })
  })

  it("R4 R5 R13 every code, the largest included, is drawn at version 10 and read back", () => {
    for (const { text } of vectors.accepted) {
      const picture = drawn(text)
      expect(picture.version).toBe(10)
      expect(readSvg(CodePicture.svg(picture))).toBe(text)
      for (const background of ["dark", "light"] as const) {
        expect(readHalfBlocks(CodePicture.halfBlocks(picture, background), background)).toBe(text)
      }
    }
  })

  it("R4 R5 codes of any counter fit and read back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff_ffff }), (counter) => {
        const text = show(payClaims, { counter })
        expect(drawn(text).version).toBe(10)
        expect(readSvg(CodePicture.svg(drawn(text)))).toBe(text)
      }),
      { numRuns: 5 }
    )
  })

  it("R4 four light modules lie around it", () => {
    const picture = drawn("YK:1")
    const { dark, side } = darkOf(CodePicture.svg(picture))
    expect(side).toBe(picture.modules + 8)
    const columns = [...dark].flatMap((place) => place.split(",").map(Number))
    expect([Math.min(...columns), Math.max(...columns)]).toEqual([4, side - 5])
    const lines = CodePicture.halfBlocks(picture).split("\n")
    expect(lines).toHaveLength((side + 1) / 2)
    for (const line of [...lines.slice(0, 2), ...lines.slice(-2)]) expect(line).toMatch(/^[█▀]+$/)
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^████.*████$/)
  })

  it("R4 the SVG can be put into a page: nothing but numbers in two paths, whatever was drawn", () => {
    const own =
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 (\d+) \1" shape-rendering="crispEdges" role="img"><path fill="#fff" d="M0 0h\1v\1h-\1z"\/><path fill="#000" d="(?:M\d+ \d+h\d+v1h-\d+z)+"\/><\/svg>$/
    const texts = fc.string({ unit: fc.constantFrom(..."09AZ $%*+-./:"), minLength: 1, maxLength: 120 })
    fc.assert(
      fc.property(texts, (text) => {
        expect(CodePicture.svg(drawn(text))).toMatch(own)
      }),
      { numRuns: 30 }
    )
  })

  it("R4 drawing is total", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(["Success", "Failure"]).toContain(CodePicture.draw(text)._tag)
    }))
  })
})
