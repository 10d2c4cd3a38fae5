import { ed25519 } from "@noble/curves/ed25519.js"
import { Result } from "effect"
import * as fc from "fast-check"
import { createPublicKey, verify } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as CodeKeys from "../src/CodeKeys.ts"
import * as CodeSignature from "../src/CodeSignature.ts"
import * as PresentedCode from "../src/PresentedCode.ts"
import { bytesOf, hexOf, secrets, vectors } from "./support/codes.ts"

const signers = fc.constantFrom<CodeSignature.Signer>("issuer", "device")
const key = CodeKeys.publicKeyOf(secrets.device)

/** Whether OpenSSL takes the signature. */
const openSsl = (message: Uint8Array, signature: Uint8Array, publicKey: string): boolean => {
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytesOf(publicKey)])
  return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature)
}

describe("signatures under codes (R4, R5, R13)", () => {
  it("R4 who signs stands before what is signed, and nothing else differs", () => {
    expect(hexOf(CodeSignature.message("issuer", Uint8Array.of(255)))).toBe(
      hexOf(Buffer.from("yikatong code v1 issuer\n")) + "ff"
    )
    expect(hexOf(CodeSignature.message("device", Uint8Array.of(255)))).toBe(
      hexOf(Buffer.from("yikatong code v1 device\n")) + "ff"
    )
  })

  it("R4 a signature holds for its signer, its bytes and its key alone, and OpenSSL agrees", () => {
    fc.assert(
      fc.property(signers, fc.uint8Array({ minLength: 1, maxLength: 160 }), fc.nat(), (by, bytes, at) => {
        const signature = CodeSignature.sign(by, bytes, secrets.device)
        expect(signature).toHaveLength(CodeSignature.length)
        expect(CodeSignature.holds(by, bytes, signature, key)).toBe(true)
        expect(openSsl(CodeSignature.message(by, bytes), signature, key)).toBe(true)
        expect(CodeSignature.holds(by === "issuer" ? "device" : "issuer", bytes, signature, key)).toBe(false)
        expect(CodeSignature.holds(by, bytes, signature, CodeKeys.publicKeyOf(secrets.otherDevice))).toBe(false)
        const other = Uint8Array.from(bytes)
        other[at % other.length] = (bytes[at % bytes.length] ?? 0) ^ 1
        expect(CodeSignature.holds(by, other, signature, key)).toBe(false)
      }),
      { numRuns: 25 }
    )
  })

  // Each of these frozen codes is signed in a way that the library's default takes: without the strictness they would pass.
  it.each([
    "R of the device's signature with a part of small order",
    "R of the device's signature of small order",
    "a device key with a part of small order",
    "the neutral point as device key",
    "a device key of order 8",
    "the neutral point as device key, written beyond p"
  ])("R13 a trap that lax verification falls into: %s", (title) => {
    const vector = vectors.refused.find((vector) => vector.title === title)
    const { claims, device } = Result.getOrThrow(PresentedCode.parse(vector?.text ?? ""))
    const message = CodeSignature.message("device", device.signed)
    expect(ed25519.verify(device.signature, message, bytesOf(claims.deviceKey), { zip215: true })).toBe(true)
    expect(vector?.decline).toEqual({ _tag: "BadSignature", by: "device" })
    expect(
      CodeKeys.isSound(claims.deviceKey) &&
        CodeSignature.holds("device", device.signed, device.signature, claims.deviceKey)
    ).toBe(false)
  })
})
