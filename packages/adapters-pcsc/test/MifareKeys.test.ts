import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createCipheriv } from "node:crypto"
import { inspect } from "node:util"
import * as Bytes from "../src/Bytes.ts"
import * as MifareKeys from "../src/MifareKeys.ts"

const master = (digits: string) => Redacted.make(Bytes.of(digits.repeat(16)))
const keys = MifareKeys.ofMasters({ A: master("C1"), B: master("B2"), seal: master("5E") })

/** OpenSSL enciphers as we do. */
const tripleDes = (digits: string, factor: string): string => {
  const cipher = createCipheriv("des-ede3", Bytes.of(digits.repeat(24)), null).setAutoPadding(false)
  return Bytes.hex(cipher.update(Bytes.of(factor)))
}

describe("the keys of one card", () => {
  it.each([
    ["11223344", "1122334480000000"],
    ["04112233445566", "0411223344556680"]
  ])("UID %s stands in them as %s", (uid, factor) => {
    expect(Bytes.hex(MifareKeys.factorOf(Bytes.of(uid)))).toBe(factor)
  })

  it.effect.each([["11223344", "1122334480000000"], ["04112233445566", "0411223344556680"]] as const)(
    "UID %s: the first six bytes of 3DES, and sixteen for the seal",
    ([uid, factor]) =>
      Effect.gen(function*() {
        const { A, B, seal } = yield* keys.of(Bytes.of(uid))
        expect(Bytes.hex(Redacted.value(A))).toBe(tripleDes("C1", factor).slice(0, 12))
        expect(Bytes.hex(Redacted.value(B))).toBe(tripleDes("B2", factor).slice(0, 12))
        const inverted = Bytes.hex(Bytes.of(factor).map((byte) => byte ^ 0xff))
        expect(Bytes.hex(Redacted.value(seal))).toBe(tripleDes("5E", factor) + tripleDes("5E", inverted))
      })
  )

  it.effect("each card has its own", () =>
    Effect.gen(function*() {
      const one = yield* keys.of(Bytes.of("11223344"))
      const another = yield* keys.of(Bytes.of("11223345"))
      for (const name of ["A", "B", "seal"] as const) {
        expect(Redacted.value(one[name])).not.toStrictEqual(Redacted.value(another[name]))
      }
    }))

  it.effect("they show themselves nowhere", () =>
    Effect.gen(function*() {
      const of = yield* keys.of(Bytes.of("11223344"))
      const shown = `${String(of.A)} ${JSON.stringify(of)} ${inspect(of, { depth: 9 })} ${inspect(keys, { depth: 9 })}`
      for (const key of [of.A, of.B, of.seal]) {
        const bytes = Redacted.value(key)
        for (const form of [Bytes.hex(bytes), bytes.join(","), bytes.join(", ")]) expect(shown).not.toContain(form)
      }
      expect(shown).toContain("redacted")
    }))

  it.effect.each(["A", "B", "seal"] as const)(
    "a master %s of another length is missing",
    (name) =>
      Effect.gen(function*() {
        const masters = { A: master("C1"), B: master("B2"), seal: master("5E"), [name]: Redacted.make(Bytes.of("C1")) }
        expect(yield* Effect.flip(MifareKeys.ofMasters(masters).of(Bytes.of("11223344")))).toStrictEqual({
          _tag: "KeyMissing",
          key: `M1 master ${name}`
        })
      })
  )
})
