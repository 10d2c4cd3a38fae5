import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as Base45 from "../src/Base45.ts"
import * as CodeAuthorisation from "../src/CodeAuthorisation.ts"
import { PublicKey } from "../src/CodeKeys.ts"
import { bytesOf, hexOf, identityClaims, payClaims, secrets, vectors } from "./support/codes.ts"

const isClaims = Schema.is(CodeAuthorisation.Claims)
const authorised = (claims: CodeAuthorisation.Claims) =>
  Result.getOrThrow(CodeAuthorisation.authorise(claims, secrets.issuer))

const claims = fc.record({
  kind: fc.constantFrom("PAY" as const, "ID" as const),
  kid: fc.nat(0xffff),
  pseudonym: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(hexOf),
  accountClass: fc.constantFrom("regular" as const, "temporary" as const),
  deviceKey: fc.constant(payClaims.deviceKey),
  times: fc.tuple(fc.integer({ min: 700_000_000, max: 0xffff_fffe }), fc.integer({ min: 1, max: 10_000_000 })),
  version: fc.nat(0xffff),
  offlineCap: fc.nat(0xffff_ffff),
  offlineUses: fc.nat(0xff)
}).map(({ times: [from, seconds], ...rest }) =>
  Schema.decodeSync(CodeAuthorisation.Claims)({
    ...rest,
    notBefore: from * 1_000,
    notAfter: Math.min(from + seconds, 0xffff_ffff) * 1_000,
    ...(rest.kind === "ID" ? { offlineCap: 0, offlineUses: 0 } : {})
  })
)

describe("what an authorisation may say (R4, R5, R13, A22)", () => {
  it.each<[string, object, boolean]>([
    ["a pay authorisation of a day", {}, true],
    ["with nothing to be taken offline", { offlineCap: 0, offlineUses: 0 }, true],
    ["with the largest cap of four bytes", { offlineCap: 0xffff_ffff, offlineUses: 255 }, true],
    ["with a larger cap", { offlineCap: 0x1_0000_0000 }, false],
    ["with half a fen", { offlineCap: 0.5 }, false],
    ["with 256 uses", { offlineUses: 256 }, false],
    ["with version 65536", { version: 65_536 }, false],
    ["from a time with milliseconds", { notBefore: payClaims.notBefore + 1 }, false],
    ["to a time with milliseconds", { notAfter: payClaims.notAfter + 1 }, false],
    ["that ends when it begins", { notAfter: payClaims.notBefore }, false],
    ["to a time after 2106", { notAfter: 0x1_0000_0000 * 1_000 }, false],
    ["with a pseudonym of seven bytes", { pseudonym: "00112233aabbcc" }, false],
    ["with a pseudonym in capitals", { pseudonym: "00112233AABBCCDD" }, false],
    ["with a name that every object has", { pseudonym: "constructor" }, false],
    ["of identity, with a cap", { kind: "ID", offlineUses: 0 }, false],
    ["of identity, with uses", { kind: "ID", offlineCap: 0 }, false],
    ["of identity", { kind: "ID", offlineCap: 0, offlineUses: 0 }, true]
  ])("R4 %s", (_, change, ok) => {
    expect(isClaims({ ...payClaims, ...change })).toBe(ok)
  })

  it("R4 claims that are none are the issuer's own mistake", () => {
    const wrong = { ...payClaims, offlineUses: 300 }
    expect(() => CodeAuthorisation.authorise(wrong, secrets.issuer)).toThrow(RangeError)
  })

  it("R13 a device key that proves nothing is refused: it comes from a phone and may be anything", () => {
    for (const key of ["01" + "00".repeat(31), "ee" + "ff".repeat(30) + "7f", "02" + "00".repeat(31)]) {
      expect(
        Result.merge(CodeAuthorisation.authorise({ ...payClaims, deviceKey: PublicKey.make(key) }, secrets.issuer))
      ).toEqual({ _tag: "DeviceKeyUnsound" })
    }
  })
})

describe("the layout of an authorisation", () => {
  it("R4 it is that of the page, field by field", () => {
    expect(hexOf(CodeAuthorisation.write(payClaims))).toBe([
      "01", // layout
      "01", // pay
      "01", // Ed25519
      "0001", // issuer's key
      "00112233aabbccdd", // pseudonym
      "01", // regular
      payClaims.deviceKey,
      "6907d460", // 2025-11-03 06:00 in Shanghai
      "690925e0", // 2025-11-04 06:00
      "0003", // version
      "00000bb8", // ¥30.00
      "02" // uses
    ].join(""))
    expect(hexOf(CodeAuthorisation.write(identityClaims)).slice(0, 6)).toBe("010201")
  })

  it("R4 what was written is read again, and is as long as ever", () => {
    fc.assert(fc.property(claims, (claims) => {
      const bytes = CodeAuthorisation.write(claims)
      expect(bytes).toHaveLength(CodeAuthorisation.claimsLength)
      const signed = Buffer.concat([bytes, new Uint8Array(64)])
      expect(Result.getOrThrow(CodeAuthorisation.parse(signed))).toEqual(claims)
    }))
  })

  it("R4 whatever is read is written the same again: no byte means nothing", () => {
    const near = fc.tuple(claims, fc.nat(60), fc.nat(7)).map(([claims, at, bit]) => {
      const bytes = CodeAuthorisation.write(claims)
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      return Uint8Array.from([...bytes, ...new Uint8Array(64)])
    })
    let read = 0
    fc.assert(
      fc.property(near, (bytes) => {
        const parsed = CodeAuthorisation.parse(bytes)
        if (Result.isFailure(parsed)) return
        read++
        expect(CodeAuthorisation.write(parsed.success)).toEqual(bytes.slice(0, 61))
      }),
      { numRuns: 1_000 }
    )
    expect(read).toBeGreaterThan(100)
  })
})

describe("an authorisation on its way to the phone", () => {
  it("R4 it is the one of the vectors", () => {
    for (const { authorisation, claims, hex } of vectors.accepted) {
      if (claims.kid !== 1) continue
      expect(authorised(claims)).toBe(authorisation)
      const { bytes, claims: read } = Result.getOrThrow(CodeAuthorisation.open(authorisation))
      expect(read).toEqual(claims)
      expect(hexOf(bytes)).toBe(hex.claims + hex.issuerSignature)
    }
  })

  it.each([
    ["nothing", ""],
    ["not Base45", "abc"],
    ["a byte short", Base45.encode(bytesOf(vectors.accepted[0]?.hex.signed ?? "").slice(0, 124))],
    ["a byte long", Base45.encode(bytesOf(vectors.accepted[0]?.hex.signed ?? "").slice(0, 126))],
    ["zeros", Base45.encode(new Uint8Array(125))],
    ["a whole code", vectors.accepted[0]?.text ?? ""]
  ])("R4 %s is none, and the refusal does not repeat it", (_, text) => {
    expect(Result.merge(CodeAuthorisation.open(text))).toEqual({ _tag: "AuthorisationMalformed" })
    const decoded = Schema.decodeResult(CodeAuthorisation.Authorisation)(text)
    expect(Result.isFailure(decoded)).toBe(true)
    if (text.length > 5) expect(inspect(decoded, { depth: 9 })).not.toContain(text)
  })

  it("R4 reading is total", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 130 }), (bytes) => {
      expect(Result.merge(CodeAuthorisation.open(Base45.encode(bytes)))).toEqual({ _tag: "AuthorisationMalformed" })
    }))
  })
})
