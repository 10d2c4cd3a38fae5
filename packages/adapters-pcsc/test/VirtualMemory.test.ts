import { CivilTime, Flaw } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { fmcos } from "../src/CpuProfile.ts"
import * as SeededRandom from "../src/SeededRandom.ts"
import * as VirtualCpuCard from "../src/VirtualCpuCard.ts"
import * as VirtualKeys from "../src/VirtualKeys.ts"
import * as VirtualMemory from "../src/VirtualMemory.ts"
import { entered, loads, of, pays, say, select, signed, spoilt } from "./support/dialogue.ts"

const lived = () => {
  const card = entered({ balance: 50_00 })
  loads(card, 7)
  pays(card, 12_50)
  say(card, "0020000003111111")
  say(card, spoilt(signed(card, "04D69900", "AA")))
  say(card, signed(card, "04D69900", "C0FFEE"))
  return card
}

describe("the memory through a file and back", () => {
  it("is the same, in the middle of a life, and the life goes on", () => {
    const card = lived()
    const memory = Result.getOrThrow(VirtualMemory.parse(VirtualMemory.write(card.memory())))
    expect(memory).toEqual(card.memory())
    const woken = VirtualCpuCard.make({ memory, random: SeededRandom.make(3) })
    say(woken, select)
    expect(say(woken, "805C000204")).toBe("00000EAD9000")
    expect(say(woken, "805A000602 0000 08")).toMatch(/9000$/)
    expect(pays(woken, 1)).toMatch(/9000$/)
    expect(say(woken, "0020000003111111")).toBe("63C1")
  })

  it("after any interruption", () => {
    fc.assert(fc.property(fc.nat(60), (n) => {
      const card = lived()
      card.interrupt(of(signed(card, "04D69900", "AB".repeat(40))), n)
      expect(Result.getOrThrow(VirtualMemory.parse(VirtualMemory.write(card.memory())))).toEqual(card.memory())
    }))
  })
})

type Plain = { [key: string]: unknown }
const spoil = (change: (memory: { [Key in keyof VirtualMemory.VirtualMemory]: Plain }) => void): unknown => {
  const memory = JSON.parse(VirtualMemory.write(lived().memory())) as never
  change(memory)
  return memory
}
const told = (found: Result.Result<unknown, VirtualMemory.MemoryDamaged>): ReadonlyArray<string> =>
  Result.isFailure(found) ? found.failure.flaws.map(({ path }) => path) : []

describe("a damaged memory is told by its place, never by what stood there", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, ""],
    ["a number", 7, ""],
    ["a list", [], ""],
    ["no field at all", {}, "format"],
    ["another format", spoil((memory) => Object.assign(memory, { format: "2" })), "format"],
    ["a field too many", spoil((memory) => Object.assign(memory, { colour: "red" })), "colour"],
    [
      "a balance below nothing",
      spoil(({ purses }) => Object.assign(purses["ep"]!, { balance: -1 })),
      "purses.ep.balance"
    ],
    ["half a fen", spoil(({ purses }) => Object.assign(purses["ep"]!, { balance: 0.5 })), "purses.ep.balance"],
    ["a balance above the greatest", spoil(({ purses }) => Object.assign(purses["ep"]!, { most: 1 })), "purses.ep"],
    [
      "a counter of three bytes",
      spoil(({ purses }) => Object.assign(purses["ed"]!, { loads: 65_536 })),
      "purses.ed.loads"
    ],
    ["half a key", spoil(({ keys }) => Object.assign(keys, { load: "1C1C" })), "keys.load"],
    [
      "a key in words",
      spoil(({ keys }) => Object.assign(keys, { tac: "secretsecretsecretsecretsecretse" })),
      "keys.tac"
    ],
    ["a PIN of one byte", spoil(({ pin }) => Object.assign(pin, { value: "12" })), "pin.value"],
    ["more tries than there are", spoil(({ pin }) => Object.assign(pin, { tries: 9 })), "pin"],
    ["a short file", spoil(({ files }) => Object.assign(files, { campus: "00" })), "files.campus"],
    ["a line of 22 bytes", spoil(({ log }) => Object.assign(log, { 0: "00".repeat(22) })), "log.0"],
    ["two files of one number", spoil(({ numbers }) => Object.assign(numbers, { log: 0x15 })), "numbers"],
    ["a file of number 31", spoil(({ numbers }) => Object.assign(numbers, { log: 31 })), "numbers.log"],
    ["eleven lines", spoil((memory) => Object.assign(memory, { log: Array(11).fill("00".repeat(23)) })), "log"],
    ["a proof without its TAC", spoil(({ proofs }) => Object.assign(proofs, { 0: { type: 2 } })), "proofs.0.tac"]
  ])("%s", (_, data, path) => {
    const found = VirtualMemory.decode(data)
    expect(told(found)).toContain(path)
    if (Result.isFailure(found)) {
      expect(found.failure._tag).toBe("MemoryDamaged")
      expect(Flaw.told(found.failure.flaws)).not.toMatch(/secret|1C1C/)
    }
  })

  it("a text that is no JSON does not come back in the error", () => {
    const found = VirtualMemory.parse("{\"keys\": 1C1C1C1C")
    expect(Result.isFailure(found)).toBe(true)
    expect(JSON.stringify(found)).not.toContain("1C1C")
  })

  it("any text at all: a memory or an error, and nothing is thrown", () => {
    const whole = VirtualMemory.write(lived().memory())
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.string({ maxLength: 3 }), (at, text) => {
        const found = VirtualMemory.parse(whole.slice(0, at) + text + whole.slice(at + 1))
        if (Result.isSuccess(found)) {
          const card = VirtualCpuCard.make({ memory: found.success, random: SeededRandom.make(1) })
          expect(say(card, "00A4040009A00000000386980701").length).toBeGreaterThanOrEqual(4)
        }
      }),
      { numRuns: 500 }
    )
  })
})

describe("personalisation", () => {
  it("masters are diversified by the serial number, keys of one card are taken as they are", () => {
    const other = VirtualCpuCard.testCard({ serial: of("00061998081700000031") })
    expect(other.keys.load).not.toBe(VirtualCpuCard.testCard().keys.load)
    const own = VirtualCpuCard.testCard({ keys: { card: VirtualKeys.testMasters } })
    expect(own.keys.load).toBe(Bytes.hex(Redacted.value(VirtualKeys.testMasters.load)))
    expect(own.external.key).toBe(Bytes.hex(Redacted.value(VirtualKeys.testMasters.external)))
  })

  it("dates are written in BCD", () => {
    const dates = { from: CivilTime.day("2025-09-01"), until: CivilTime.day("2029-08-31") }
    expect(VirtualCpuCard.testCard({ dates }).files.application.slice(40, 56)).toBe("2025090120290831")
  })

  it.each<[string, Partial<VirtualCpuCard.Personalisation>]>([
    ["a short serial number", { serial: of("00061998081700") }],
    ["a short issuer", { issuer: of("11") }],
    ["a PIN of letters", { pin: Redacted.make("secret") }],
    ["a PIN of 13 digits", { pin: Redacted.make("1234567890123") }],
    ["a holder of 40 bytes", { holder: Redacted.make(new Uint8Array(40)) }],
    ["a campus file that is too long", { campusFile: new Uint8Array(257) }],
    ["a balance above the greatest", { balance: 101, mostBalance: 100 }],
    ["half a fen", { balance: 0.5 }],
    ["16 tries", { tries: 16 }],
    ["two files of one number", { profile: { ...fmcos, files: { ...fmcos.files, log: 0x15 } } }],
    ["a key of 15 bytes", {
      keys: { card: { ...VirtualKeys.testMasters, load: Redacted.make(new Uint8Array(15)) } }
    }]
  ])("what no card can hold is a RangeError without secrets: %s", (_, options) => {
    expect(() => VirtualCpuCard.testCard(options)).toThrow(RangeError)
    expect(() => VirtualCpuCard.testCard(options)).not.toThrow(/secret|1234567890123/)
  })

  it("test keys are no secret in print, and all different", () => {
    expect(JSON.stringify(VirtualKeys.testMasters)).not.toContain("1C1C")
    const all = Object.values(VirtualKeys.testMasters).map((key) => Bytes.hex(Redacted.value(key)))
    expect(new Set(all).size).toBe(8)
  })
})
