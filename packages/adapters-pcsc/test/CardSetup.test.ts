// How the cards of a school are set up: what a file may leave out, what is refused with its place, and that no key
// comes out again.
import { describe, expect, it } from "@effect/vitest"
import { Csmzxy } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import * as Bytes from "../src/Bytes.ts"
import * as CardSetup from "../src/CardSetup.ts"
import * as CpuProfile from "../src/CpuProfile.ts"
import * as MifareLayout from "../src/MifareLayout.ts"

const key = "00112233445566778899AABBCCDDEEFF"
const masters = { A: key, B: key, seal: key }
const decoded = (data: unknown): CardSetup.CardSetup => Result.getOrThrow(CardSetup.decode(data))
const pinShown = (digits: string): string | undefined => {
  const pin = CardSetup.pinOf(decoded({ cpu: { pin: { number: 0, digits } } }))
  return pin === undefined ? undefined : Bytes.hex(Redacted.value(pin))
}

describe("what is left out", () => {
  it("is as FMCOS cards and the manual's school have it, without keys", () => {
    expect(CardSetup.cpuProfileOf(CardSetup.usual)).toEqual(CpuProfile.fmcos)
    expect(CardSetup.windowsOf(CardSetup.usual)).toEqual(["breakfast", "lunch", "dinner", "other"])
    expect(CardSetup.profileOf(CardSetup.usual)).toEqual(Csmzxy.csmzxy)
    expect(CardSetup.pinOf(CardSetup.usual)).toBeUndefined()
    expect(CardSetup.usual).not.toHaveProperty("keys")
    expect(CardSetup.usual).not.toHaveProperty("m1")
  })

  it("of a part is as that part has it", () => {
    const { cpu, m1, terminal } = decoded({
      cpu: { files: { campus: 7 }, keys: { load: 2 }, protection: "none" },
      m1: { masters },
      terminal: "0000000000ff"
    })
    expect(cpu.files).toEqual({ ...CpuProfile.fmcos.files, campus: 7 })
    expect(cpu.keys).toEqual({ load: 2, purchase: 1 })
    expect([cpu.protection, cpu.logged]).toEqual(["none", "after"])
    expect(m1?.layout).toEqual(MifareLayout.usual)
    expect(Bytes.hex(terminal)).toBe("0000000000FF")
  })
})

describe("meals and their codes", () => {
  const night = { name: "night", from: 1_320, to: 120 }

  it.each<[title: string, setup: unknown, windows: ReadonlyArray<string>, meals: ReadonlyArray<string>]>([
    ["meals alone have their codes in their order, and other after them", { meals: [night] }, ["night", "other"], [
      "night"
    ]],
    ["windows alone: the manual's meals that have a code", { windows: ["other", "lunch"] }, ["other", "lunch"], [
      "lunch"
    ]],
    ["both", { meals: [night], windows: ["other", "old", "night"] }, ["other", "old", "night"], ["night"]]
  ])("%s", (_, data, windows, meals) => {
    const setup = decoded(data)
    expect(CardSetup.windowsOf(setup)).toEqual(windows)
    expect(CardSetup.profileOf(setup).meals.map(({ name }) => name)).toEqual(meals)
  })
})

describe("a PIN", () => {
  it.each([["123456", "123456"], ["1234", "1234"], ["12345", "12345F"], ["012345678901", "012345678901"]])(
    "%s is compared as %s",
    (digits, bytes) => expect(pinShown(digits)).toBe(bytes)
  )
})

describe("a flaw", () => {
  it.each<[title: string, data: unknown, path: string]>([
    ["no object", [], ""],
    ["an unknown field", { key: {} }, "key"],
    ["a misspelt key", { keys: { of: "school", purchas: key } }, "keys.purchas"],
    ["a key that is too short", { keys: { of: "school", purchase: key.slice(2) } }, "keys.purchase"],
    ["a key of half a byte", { keys: { of: "card", tac: key.slice(1) } }, "keys.tac"],
    ["a master that is too long", { m1: { masters: { ...masters, seal: `${key}00` } } }, "m1.masters.seal"],
    ["a PIN with a letter", { cpu: { pin: { number: 0, digits: "12345a" } } }, "cpu.pin.digits"],
    ["a PIN that is a number", { cpu: { pin: { number: 0, digits: 123456 } } }, "cpu.pin.digits"],
    ["a file number that no card has", { cpu: { files: { log: 31 } } }, "cpu.files.log"],
    ["a name of an application that is too short", { cpu: { application: "A0000000" } }, "cpu.application"],
    ["a terminal of five bytes", { terminal: "0000000001" }, "terminal"],
    ["no code for the rest of the day", { windows: ["lunch"] }, "windows"],
    ["one code twice", { windows: ["other", "lunch", "lunch"] }, "windows"],
    ["a meal without a code", { windows: ["other"], meals: [{ name: "tea", from: 1, to: 2 }] }, ""],
    ["a sector twice", { m1: { masters, layout: { main: [1], backup: [1] } } }, "m1.layout"],
    ["a reader that has no profile", { m1: { masters, reader: "acr" } }, "m1.reader"]
  ])("%s is told with its place", (_, data, path) => {
    const read = CardSetup.decode(data)
    expect(Result.isFailure(read) && read.failure.flaws.map((flaw) => flaw.path)).toContain(path)
  })

  it("repeats no key and no PIN, and neither does what was read (D24)", () => {
    const hexadecimal = fc.string({ unit: fc.constantFrom(..."0123456789ABCDEF"), minLength: 28, maxLength: 36 })
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 9, maxLength: 14 })
    fc.assert(fc.property(hexadecimal, digits, (secret, pin) => {
      const data = {
        cpu: { pin: { number: 0, digits: pin } },
        keys: { of: "school", purchase: secret },
        m1: { masters: { ...masters, B: secret } }
      }
      const told = inspect(CardSetup.decode(data), { depth: 20 }) + JSON.stringify(CardSetup.decode(data))
      expect(told).not.toContain(secret)
      expect(told).not.toContain(pin)
    }))
  })
})
