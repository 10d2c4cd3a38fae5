// vpcd's frames, however TCP cuts them.
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Bytes } from "../src/index.ts"
import { Frames } from "../src/node/index.ts"

describe("frames of vpcd", () => {
  const cases: ReadonlyArray<readonly [title: string, chunks: ReadonlyArray<string>, bodies: ReadonlyArray<string>]> = [
    ["a control", ["0001 04"], ["04"]],
    ["a command", ["0005 00A4000000"], ["00A4000000"]],
    ["length and body apart, as vpcd 0.8 sends them", ["0001", "04"], ["04"]],
    ["byte by byte", ["00", "02", "90", "00"], ["9000"]],
    ["two at once", ["0001 00 0001 01"], ["00", "01"]],
    ["one and a half", ["0001 02 0002 90", "00"], ["02", "9000"]],
    ["a length of nothing", ["0000", "0001 04"], ["", "04"]],
    ["one that never ends", ["FFFF 00"], []]
  ]
  it.each(cases)("%s", (_, chunks, bodies) => {
    const assemble = Frames.assembler()
    expect(chunks.flatMap((chunk) => assemble(Bytes.of(chunk))).map(Bytes.hex)).toEqual(bodies)
  })

  it("what is framed and cut anywhere comes out as it was", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
        (bodies, cuts) => {
          const sent = Bytes.join(...bodies.map(Frames.frame))
          const assemble = Frames.assembler()
          const came: Array<string> = []
          for (let at = 0; at < sent.length;) {
            const length = cuts.next().value ?? 1
            came.push(...assemble(sent.slice(at, at + length)).map(Bytes.hex))
            at += length
          }
          expect(came).toEqual(bodies.map(Bytes.hex))
        }
      )
    )
  })

  it.each([1, 1_000, Infinity])(
    "four million bytes in chunks of %d take a moment: none is copied again with every chunk",
    (size) => {
      const one = Frames.frame(Bytes.of("00A400"))
      const sent = Uint8Array.from({ length: 800_000 * one.length }, (_, at) => one[at % one.length] ?? 0)
      const assemble = Frames.assembler()
      const begun = performance.now()
      let bodies = 0
      for (let at = 0; at < sent.length; at += size) bodies += assemble(sent.subarray(at, at + size)).length
      expect(bodies).toBe(800_000)
      expect(performance.now() - begun).toBeLessThan(4000)
    }
  )

  it("a long body that comes byte by byte is copied once", () => {
    const assemble = Frames.assembler()
    const begun = performance.now()
    let bodies = 0
    for (let frames = 0; frames < 20; frames++) {
      for (const byte of Frames.frame(new Uint8Array(Frames.longest))) bodies += assemble(Uint8Array.of(byte)).length
    }
    expect(bodies).toBe(20)
    expect(performance.now() - begun).toBeLessThan(4000)
  })

  it("a body longer than its length can say is cut", () => {
    const sent = Frames.frame(new Uint8Array(70_000))
    expect([sent.length, sent[0], sent[1]]).toEqual([2 + 65_535, 0xff, 0xff])
  })
})
