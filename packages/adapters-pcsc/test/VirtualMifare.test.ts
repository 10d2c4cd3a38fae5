import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as ReaderProfile from "../src/ReaderProfile.ts"
import * as VirtualMifare from "../src/VirtualMifare.ts"
import { withBlock } from "./support/M1Card.ts"

const uid = Bytes.of("11223344")
const blank = VirtualMifare.blank("1K", uid)
const data = "000102030405060708090A0B0C0D0E0F"
const value = "640000009BFFFFFF6400000005FA05FA"
const zeros = "00".repeat(16)

const deliveredA = "FF82000006FFFFFFFFFFFF"
const open1 = "FF860000050100046000"

/** Says these things to a card in turn, and gives its answers. */
const talk = (
  commands: ReadonlyArray<string>,
  memory: VirtualMifare.Memory = blank,
  profile: ReaderProfile.ReaderProfile = ReaderProfile.acs
): ReadonlyArray<string> => {
  const card = VirtualMifare.make(memory, profile)
  return commands.map((command) => Bytes.hex(card.answer(Bytes.of(command))))
}

describe("as delivered", () => {
  it.each(
    [
      ["1K", "11223344", "3B8F8001804F0CA000000306030001000000006A", "11223344440000000000000000000000"],
      ["4K", "04112233445566", "3B8F8001804F0CA0000003060300020000000069", "04112233445566000000000000000000"]
    ] as const
  )("%s %s", (size, uid, atr, maker) => {
    const memory = VirtualMifare.blank(size, Bytes.of(uid))
    const card = VirtualMifare.make(memory)
    expect(Bytes.hex(card.atr)).toBe(atr)
    expect(Bytes.hex(card.answer(Bytes.of("FFCA000000")))).toBe(uid + "9000")
    expect(memory.blocks[0]).toBe(maker)
    expect(memory.blocks[7]).toBe("FFFFFFFFFFFFFF078069FFFFFFFFFFFF")
  })

  it("its memory is JSON, and only a whole memory is one", () => {
    const is = Schema.is(VirtualMifare.Memory)
    expect(is(JSON.parse(JSON.stringify(blank)))).toBe(true)
    expect(is({ ...blank, size: "4K" })).toBe(false)
    expect(is({ ...blank, blocks: blank.blocks.slice(1) })).toBe(false)
    expect(is(withBlock(blank, 5, "00"))).toBe(false)
    expect(is({ ...blank, uidLength: 5 })).toBe(false)
  })
})

describe("what the card does and refuses (MF1S50yyX)", () => {
  const withTrailer = (trailer: string): VirtualMifare.Memory => withBlock(blank, 7, trailer)
  const B = ["FF82000106B0B1B2B3B4B5", "FF860000050100046101"]
  it.each([
    ["reads what it was given", [deliveredA, open1, `FFD6000510${data}`, "FFB0000510"], data + "9000"],
    ["nothing without a key", ["FFB0000510"], "6982"],
    ["no other sector than the open one", [deliveredA, open1, "FFB0000810"], "6982"],
    ["nothing after a refusal", [deliveredA, open1, "FFB0000810", "FFB0000510"], "6300"],
    ["no key was given", [open1], "6984"],
    ["a key of no kind", [deliveredA, "FF860000050100046200"], "6986"],
    ["a place for keys that there is none of", ["FF82000206FFFFFFFFFFFF"], "6988"],
    ["a key that is too short", ["FF82000005FFFFFFFFFF"], "6700"],
    ["a block beyond the end", [deliveredA, "FF860000050100406000"], "6300"],
    ["never its first block", [deliveredA, "FF860000050100006000", `FFD6000010${data}`], "6982"],
    [
      "reads its first block",
      [deliveredA, "FF860000050100006000", "FFB0000010"],
      "11223344440000000000000000000000" + "9000"
    ],
    ["half a block", [deliveredA, open1, "FFD6000508" + "00".repeat(8)], "6700"],
    ["a read of another length", [deliveredA, open1, "FFB0000500"], "6C10"],
    ["key A is never told", [deliveredA, open1, "FFB0000710"], "000000000000FF078069FFFFFFFFFFFF" + "9000"],
    ["an instruction that no reader has", ["FFEE000000"], "6D00"],
    ["another class", ["00A4040000"], "6E00"],
    ["no ATS", ["FFCA010000"], "6A81"],
    ["a value", [deliveredA, open1, `FFD6000510${value}`, "FFB1000504"], "000000649000"],
    ["no value in a block of data", [deliveredA, open1, `FFD6000510${data}`, "FFB1000504"], "6300"],
    ["nothing is added to data", [deliveredA, open1, `FFD6000510${data}`, "FFD70005050100000001"], "6300"],
    ["more than a value can be", [deliveredA, open1, `FFD6000510${value}`, "FFD7000505017FFFFFFF"], "6300"],
    [
      "a value is copied in its sector",
      [deliveredA, open1, `FFD6000510${value}`, "FFD70005020306", "FFB0000610"],
      value + "9000"
    ],
    ["and not to another one", [deliveredA, open1, `FFD6000510${value}`, "FFD70005020308"], "6982"],
    ["no value command of another maker", [deliveredA, open1, "FFF0000506C00501000000"], "6D00"]
  ])("%s", (_, commands, last) => expect(talk(commands).at(-1)).toBe(last))

  it.each([
    ["key A reads", ["FF82000006A0A1A2A3A4A5", open1, "FFB0000510"], zeros + "9000"],
    ["key A writes nothing", ["FF82000006A0A1A2A3A4A5", open1, `FFD6000510${data}`], "6982"],
    ["key B writes", [...B, `FFD6000510${data}`, "FFB0000510"], data + "9000"],
    ["key B adds nothing", [...B, `FFD6000510${value}`, "FFD70005050100000001"], "6982"],
    ["key A is no key B", ["FF82000106A0A1A2A3A4A5", "FF860000050100046101"], "6300"],
    ["key A changes no key", ["FF82000006A0A1A2A3A4A5", open1, `FFD6000710${data}`], "6982"],
    ["key B tells no key", [...B, "FFB0000710"], "00000000000078778869000000000000" + "9000"],
    ["key B gives new keys", [
      ...B,
      "FFD6000710" + "C0C1C2C3C4C578778869D0D1D2D3D4D5",
      "FF82000106D0D1D2D3D4D5",
      B[1] ?? ""
    ], "9000"]
  ])("set up for a campus: %s", (_, commands, last) => {
    expect(talk(commands, withTrailer("A0A1A2A3A4A578778869B0B1B2B3B4B5")).at(-1)).toBe(last)
  })

  it("a key B that can be read opens nothing", () => {
    expect(talk(["FF82000106FFFFFFFFFFFF", "FF860000050100046101", "FFB0000510"])).toStrictEqual([
      "9000",
      "9000",
      "6982"
    ])
  })

  it("access bits that disagree lock a sector for ever", () => {
    expect(talk([deliveredA, open1], withTrailer("FFFFFFFFFFFFFF078169FFFFFFFFFFFF")).at(-1)).toBe("6300")
  })

  it("the reader keeps its keys when the card loses its power, the card forgets what was open", () => {
    const card = VirtualMifare.make(blank)
    for (const command of [deliveredA, open1]) card.answer(Bytes.of(command))
    card.power("off")
    card.power("on")
    expect(Bytes.hex(card.answer(Bytes.of("FFB0000510")))).toBe("6982")
    card.power("reset")
    expect(Bytes.hex(card.answer(Bytes.of(open1)))).toBe("9000")
  })

  it.each(
    [
      ["SCM adds", ReaderProfile.identiv, [
        "FF82006006FFFFFFFFFFFF",
        "FF860000050100046001",
        `FFD6000510${value}`,
        "FFF0000506C0051E000000",
        "FFB0000510"
      ], "820000007DFFFFFF8200000005FA05FA9000"],
      ["SCM takes", ReaderProfile.identiv, [
        "FF82006006FFFFFFFFFFFF",
        "FF860000050100046001",
        `FFD6000510${value}`,
        "FFF0000506C10564000000",
        "FFB0000510"
      ], "00000000FFFFFFFF0000000005FA05FA9000"],
      ["SCM wants the block twice", ReaderProfile.identiv, [
        "FF82006006FFFFFFFFFFFF",
        "FF860000050100046001",
        `FFD6000510${value}`,
        "FFF0000506C0061E000000"
      ], "6300"],
      ["SCM has no place 00", ReaderProfile.identiv, [deliveredA], "6988"],
      [
        "old ACS",
        { ...ReaderProfile.acs, authentication: "obsolete" },
        [deliveredA, "FF8800046000", "FFB0000510"],
        zeros + "9000"
      ],
      [
        "old ACS does not know the new form",
        { ...ReaderProfile.acs, authentication: "obsolete" },
        [deliveredA, open1],
        "6D00"
      ],
      ["a reader without value commands", ReaderProfile.generic, [deliveredA, open1, "FFD70005050100000001"], "6D00"]
    ] as const
  )("%s", (_, profile, commands, last) => expect(talk(commands, blank, profile).at(-1)).toBe(last))
})

describe("power that goes in the middle", () => {
  it.each(Array.from({ length: 18 }, (_, written) => [written]))("after %d bytes of a block", (written) => {
    const card = VirtualMifare.make(blank)
    for (const command of [deliveredA, open1]) card.answer(Bytes.of(command))
    card.interrupt(Bytes.of(`FFD6000510${"AA".repeat(16)}`), written)
    const torn = Math.min(written, 16)
    expect(card.memory()).toStrictEqual(withBlock(blank, 5, "AA".repeat(torn) + "00".repeat(16 - torn)))
    expect(Bytes.hex(card.answer(Bytes.of("FFB0000510")))).toBe("6982")
  })

  it.each([
    ["a block", `FFD6000510${data}`, 16],
    ["a value", "FFD70005050100000001", 16],
    ["a read", "FFB0000510", 0],
    ["a block that is not open", `FFD6000910${data}`, 0],
    ["a key for the reader", "FF82000006000000000000", 0],
    ["no command", "FF", 0]
  ])("%s would write so many bytes, and asking changes nothing: %s", (_, command, bytes) => {
    const card = VirtualMifare.make(withBlock(blank, 5, value))
    for (const said of [deliveredA, open1]) card.answer(Bytes.of(said))
    expect(card.footprint(Bytes.of(command))).toBe(bytes)
    expect(card.memory()).toStrictEqual(withBlock(blank, 5, value))
    expect(Bytes.hex(card.answer(Bytes.of("FFB0000510")))).toBe(value + "9000")
    expect(Bytes.hex(card.answer(Bytes.of(open1)))).toBe("9000")
  })

  it("what writes nothing leaves nothing", () => {
    const card = VirtualMifare.make(blank)
    for (const command of [deliveredA, open1, "FFB0000510", "FFCA000000", "FF"]) card.interrupt(Bytes.of(command), 3)
    expect(card.memory()).toStrictEqual(blank)
  })
})

describe("whatever is said to it", () => {
  const noise = fc.uint8Array({ maxLength: 40 })
  const known = fc.tuple(
    fc.constantFrom(0x82, 0x86, 0x88, 0xb0, 0xb1, 0xca, 0xd6, 0xd7, 0xf0),
    fc.uint8Array({ maxLength: 24 })
  ).map(([ins, rest]) => Bytes.join(0xff, ins, rest))
  const good = fc.constantFrom(
    ...[
      deliveredA,
      open1,
      `FFD6000510${value}`,
      "FFD70005050100000001",
      `FFD6000710${"FF".repeat(6)}FF078069${"FF".repeat(6)}`
    ].map(Bytes.of)
  )
  const profile = fc.constantFrom<ReaderProfile.ReaderProfile>(
    ReaderProfile.acs,
    ReaderProfile.identiv,
    ReaderProfile.generic,
    { ...ReaderProfile.acs, authentication: "obsolete" }
  )
  const said = fc.array(fc.tuple(fc.oneof(noise, known, good), fc.option(fc.integer({ min: -1, max: 20 }))), {
    maxLength: 30
  })

  it("it answers with two bytes at least, and its memory stays one", () =>
    fc.assert(
      fc.property(profile, fc.constantFrom<"1K" | "4K">("1K", "4K"), said, (profile, size, said) => {
        const card = VirtualMifare.make(VirtualMifare.blank(size, uid), profile)
        for (const [command, torn] of said) {
          if (torn !== null) card.interrupt(command, torn)
          else expect(card.answer(command).length).toBeGreaterThanOrEqual(2)
        }
        expect(Schema.is(VirtualMifare.Memory)(card.memory())).toBe(true)
        expect(card.memory().blocks[0]).toBe("11223344440000000000000000000000")
      }),
      { numRuns: 500 }
    ))
})
