import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Apdu from "../src/Apdu.ts"
import * as Bytes from "../src/Bytes.ts"

const { hex, of } = Bytes
const zeros = (length: number): Uint8Array => new Uint8Array(length)

describe("a command is written in the shortest form that holds it (ISO/IEC 7816-3, 12.1)", () => {
  it.each<[title: string, command: Apdu.Command, bytes: string]>([
    ["case 1, nothing but a header", { cla: 0x00, ins: 0x84, p1: 0, p2: 0 }, "00840000"],
    ["case 2, data is asked for: the balance", { cla: 0x80, ins: 0x5c, p1: 0, p2: 2, expected: 4 }, "805C000204"],
    ["case 2, all that there is", { cla: 0x00, ins: 0xb0, p1: 0x95, p2: 0, expected: 256 }, "00B0950000"],
    ["case 3, data is sent: SELECT", { cla: 0, ins: 0xa4, p1: 0, p2: 0, data: of("3F00") }, "00A40000023F00"],
    [
      "case 4, both: the purse application",
      { cla: 0, ins: 0xa4, p1: 4, p2: 0, data: of("A00000000386980701"), expected: 256 },
      "00A4040009A0000000038698070100"
    ],
    ["case 2 extended", { cla: 0, ins: 0xb0, p1: 0, p2: 0, expected: 257 }, "00B00000000101"],
    ["case 2 extended, all of it", { cla: 0, ins: 0xb0, p1: 0, p2: 0, expected: 65_536 }, "00B00000000000"],
    ["case 3 extended", { cla: 0, ins: 0xd6, p1: 0, p2: 0, data: zeros(256) }, `00D60000000100${"00".repeat(256)}`],
    [
      "case 4 extended",
      { cla: 0, ins: 0xcb, p1: 0, p2: 0, data: of("5C"), expected: 257 },
      "00CB00000000015C0101"
    ]
  ])("%s", (_, command, bytes) => {
    expect(hex(Apdu.encode(command))).toBe(bytes)
    expect(Apdu.decode(of(bytes))).toEqual(Result.succeed(command))
  })

  it.each<[title: string, command: Apdu.Command, overT0: string]>([
    ["case 2", { cla: 0x80, ins: 0x5c, p1: 0, p2: 2, expected: 4 }, "805C000204"],
    ["case 2, with data of no byte", { cla: 0x80, ins: 0x5c, p1: 0, p2: 2, data: of(""), expected: 4 }, "805C000204"],
    ["case 3", { cla: 0, ins: 0xa4, p1: 0, p2: 0, data: of("3F00") }, "00A40000023F00"],
    ["case 4", { cla: 0, ins: 0xa4, p1: 0, p2: 0, data: of("3F00"), expected: 256 }, "00A40000023F00"]
  ])("over T=0 only case 4 is another: it has no Le (12.2): %s", (_, command, overT0) => {
    expect(hex(Apdu.encodeFor("T=0", command))).toBe(overT0)
    for (const protocol of ["T=1", "other", undefined] as const) {
      expect(Apdu.encodeFor(protocol, command)).toEqual(Apdu.encode(command))
    }
  })

  it.each<[title: string, command: Apdu.Command]>([
    ["a class of two bytes", { cla: 0x100, ins: 0, p1: 0, p2: 0 }],
    ["half an instruction", { cla: 0, ins: 0.5, p1: 0, p2: 0 }],
    ["more data than fits", { cla: 0, ins: 0, p1: 0, p2: 0, data: zeros(65_536) }],
    ["nothing expected, said as 0", { cla: 0, ins: 0, p1: 0, p2: 0, expected: 0 }],
    ["more expected than there can be", { cla: 0, ins: 0, p1: 0, p2: 0, expected: 65_537 }]
  ])("%s is a mistake of whoever writes it", (_, command) => expect(() => Apdu.encode(command)).toThrow(RangeError))
})

describe("what is no command is told, and not repeated", () => {
  it.each([
    ["", "TooShort"],
    ["00A404", "TooShort"],
    ["00A4040009A000", "LengthsDisagree"],
    ["00A40400023F0000FF", "LengthsDisagree"],
    ["00A4040000000000", "ZeroLength"],
    ["00A404000001", "TooShort"],
    ["00A4040000000500", "LengthsDisagree"]
  ])("%s: %s", (bytes, problem) => {
    expect(Apdu.decode(of(bytes))).toEqual(Result.fail({ _tag: "ApduMalformed", problem }))
  })

  it("any bytes are a command or told as none, and no reading ever throws", () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const read = Apdu.decode(bytes)
      // Longer forms than necessary are read as well: what they say is written again.
      if (Result.isSuccess(read)) expect(Apdu.decode(Apdu.encode(read.success))).toEqual(read)
    })))

  it("what may be told of a command is its header and its lengths: no PIN, no signature", () => {
    expect(Apdu.told({ cla: 0, ins: 0x20, p1: 0, p2: 0, data: of("123456") })).toBe("00200000 +3")
  })
})

const byte = fc.integer({ min: 0, max: 255 })
const commands = fc.record({
  cla: byte,
  ins: byte,
  p1: byte,
  p2: byte,
  data: fc.option(fc.uint8Array({ minLength: 1, maxLength: 600 }), { nil: undefined }),
  expected: fc.option(fc.integer({ min: 1, max: 65_536 }), { nil: undefined })
}).map(({ data, expected, ...header }): Apdu.Command => ({
  ...header,
  ...(data === undefined ? {} : { data }),
  ...(expected === undefined ? {} : { expected })
}))

describe("commands and responses come back as they were written", () => {
  it("commands", () =>
    fc.assert(fc.property(commands, (command) => {
      const read = Result.getOrThrow(Apdu.decode(Apdu.encode(command)))
      // An extended command asks in the extended way, so that 256 stays 256.
      expect(read).toEqual(command)
    })))

  it("responses", () =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 0xffff }), (data, status) => {
      expect(Result.getOrThrow(Apdu.decodeResponse(Apdu.encodeResponse({ data, status })))).toEqual({ data, status })
    })))

  it.each(["", "90"])("trap 4: %s is no response, whatever the reader says", (bytes) => {
    expect(Apdu.decodeResponse(of(bytes))).toEqual(Result.fail({ _tag: "ApduMalformed", problem: "TooShort" }))
  })
})
