import { Redacted, Result, Schema } from "effect"
import { createPrivateKey, createPublicKey } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as CodeKeys from "../src/CodeKeys.ts"
import { bytesOf, keys, secrets, vectors } from "./support/codes.ts"

const decode = Schema.decodeUnknownResult(CodeKeys.IssuerKeys, { errors: "all", onExcessProperty: "error" })
const [first, second] = vectors.issuerKeys
if (first === undefined || second === undefined) throw new Error("The vectors have two issuers")

describe("the issuers that a terminal trusts (R4, R5, R12, R13)", () => {
  it.each<[string, unknown, boolean]>([
    ["none", [], true],
    ["two", [first, second], true],
    ["one that makes no identity codes", [second], true],
    ["two under one number", [first, { ...second, kid: 1 }], false],
    ["one key under two numbers", [first, { ...first, kid: 3 }], false],
    ["a number beyond two bytes", [{ ...first, kid: 65_536 }], false],
    ["a negative number", [{ ...first, kid: -1 }], false],
    ["an identity medium to pay with", [{ ...first, pay: "ecodeIdentityCode" }], false],
    ["the plastic card", [{ ...first, pay: "physicalCard" }], false],
    ["a pay medium as identity", [{ ...first, identity: "ecodePayCode" }], false],
    ["a key in capitals", [{ ...first, publicKey: first.publicKey.toUpperCase() }], false],
    ["a key that is too short", [{ ...first, publicKey: first.publicKey.slice(2) }], false]
  ])("R13 %s", (_, list, ok) => {
    expect(Result.isSuccess(decode(list))).toBe(ok)
  })

  // The eight points of small order and the ways to write them, from the "Taming the many EdDSAs" vectors (Chalkias et al.).
  it.each([
    ["the neutral point", "0100000000000000000000000000000000000000000000000000000000000000"],
    ["order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["order 4", "0000000000000000000000000000000000000000000000000000000000000000"],
    ["order 4, other sign", "0000000000000000000000000000000000000000000000000000000000000080"],
    ["order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"],
    ["order 8, other sign", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"],
    ["another of order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["another of order 8, other sign", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"],
    ["the neutral point with a sign", "0100000000000000000000000000000000000000000000000000000000000080"],
    ["the neutral point beyond p", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["the neutral point beyond p with a sign", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"],
    ["order 2 with a sign", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"],
    ["order 4 beyond p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"],
    ["order 4 beyond p with a sign", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"],
    ["no point", "0200000000000000000000000000000000000000000000000000000000000000"]
  ])("R13 %s is no key to trust", (_, key) => {
    expect(CodeKeys.isSoundPoint(bytesOf(key))).toBe(false)
    expect(CodeKeys.isSound(CodeKeys.PublicKey.make(key))).toBe(false)
    expect(Result.isFailure(decode([{ ...first, publicKey: key }]))).toBe(true)
  })

  it("R13 every key that is made from a secret is sound", () => {
    for (const key of Object.values(secrets)) expect(CodeKeys.isSound(CodeKeys.publicKeyOf(key))).toBe(true)
    expect(keys).toHaveLength(2)
  })
})

describe("secret keys", () => {
  it.each([0, 31, 33, 64])("R4 %i bytes are none", (n) => {
    expect(() => CodeKeys.secretKey(new Uint8Array(n))).toThrow(RangeError)
  })

  it("R4 OpenSSL derives the same public key", () => {
    for (const [name, secret] of Object.entries(vectors.secretKeys)) {
      const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), bytesOf(secret)])
      const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }))
        .export({ format: "der", type: "spki" })
      expect(CodeKeys.publicKeyOf(secrets[name as keyof typeof secrets])).toBe(spki.subarray(-32).toString("hex"))
    }
  })

  it("R4 they never print, and the caller may wipe his own copy", () => {
    const bytes = bytesOf(vectors.secretKeys.issuer)
    const key = CodeKeys.secretKey(bytes)
    bytes.fill(0)
    expect(CodeKeys.publicKeyOf(key)).toBe(first.publicKey)
    expect([JSON.stringify({ key }), String(key), inspect(key, { depth: 9, showHidden: true })].join()).not.toMatch(
      /0, 1, 2|000102/
    )
    expect(Redacted.isRedacted(key)).toBe(true)
  })
})
