import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as LengthPrefix from "../src/LengthPrefix.ts"

const binary: LengthPrefix.Prefix = { form: "binary", size: 2, countsItself: false, largest: 300 }
const digits: LengthPrefix.Prefix = { form: "digits", size: 4, countsItself: true, largest: 300 }
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe("a message behind its length", () => {
  it.each([
    ["two bytes", binary, "AB", "00024142"],
    ["four digits that count themselves", digits, "AB", "303030364142"],
    ["nothing", binary, "", "0000"]
  ])("%s", (_, prefix, text, expected) => {
    expect(hex(LengthPrefix.write(prefix, Buffer.from(text)))).toBe(expected)
  })

  it.each([
    ["longer than the limit", { ...binary, largest: 1 }],
    ["longer than the prefix can say", { ...digits, size: 1, largest: 300 }]
  ])("not written: %s", (_, prefix) => {
    expect(() => LengthPrefix.write(prefix, new Uint8Array(10))).toThrow(RangeError)
  })
})

describe("a stream", () => {
  it.each([
    ["longer than the limit", binary, "012d", "tooLarge"],
    ["digits that are none", digits, "30303a31", "malformed"],
    ["shorter than the length itself", digits, "30303033", "malformed"]
  ])("refused: %s", (_, prefix, bytes, reason) => {
    const reader = LengthPrefix.reader(prefix)
    expect(reader.push(Buffer.from(bytes, "hex")).refusal?.reason).toBe(reason)
    // And for good: nobody knows where the next message begins.
    expect(reader.push(LengthPrefix.write(prefix, new Uint8Array(1)))).toMatchObject({
      messages: [],
      refusal: { reason }
    })
  })

  it("what came whole before a bad length is given all the same", () => {
    const reader = LengthPrefix.reader(binary)
    const arrived = reader.push(Buffer.from("000141ffff", "hex"))
    expect(arrived.messages.map(hex)).toEqual(["41"])
    expect(arrived.refusal?.reason).toBe("tooLarge")
  })

  it("cut into pieces anywhere, it gives the same messages", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(binary, digits),
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 40 }),
        (prefix, messages, cuts) => {
          const stream = Buffer.concat(messages.map((message) => LengthPrefix.write(prefix, message)))
          const reader = LengthPrefix.reader(prefix)
          const found: Array<string> = []
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const size = cuts.every((size) => size === 0) ? 1 : cuts[cut % cuts.length] ?? 1
            found.push(...reader.push(stream.subarray(at, at + size)).messages.map(hex))
            at += size
          }
          expect(found).toEqual(messages.map(hex))
          expect(reader.waiting()).toBe(0)
        }
      )
    )
  })

  it("bytes that wait are told", () => {
    const reader = LengthPrefix.reader(binary)
    reader.push(Uint8Array.of(0))
    expect(reader.waiting()).toBe(1)
    reader.push(Uint8Array.of(3, 1, 1))
    expect(reader.waiting()).toBe(4)
  })

  it("byte by byte costs one copy of each byte, not one of all for each", () => {
    const large = { ...binary, size: 4, largest: 4_000_000 }
    const stream = LengthPrefix.write(large, new Uint8Array(2_000_000))
    const reader = LengthPrefix.reader(large)
    let whole = 0
    // Four million million copied bytes would take longer than any test may.
    for (let at = 0; at < stream.length; at++) whole += reader.push(stream.subarray(at, at + 1)).messages.length
    expect(whole).toBe(1)
  })
})
