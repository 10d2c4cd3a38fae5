import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { later } from "../src/CivilTime.ts"
import { type Authorisation } from "../src/CodeAuthorisation.ts"
import * as CodeSignature from "../src/CodeSignature.ts"
import { PointId } from "../src/Id.ts"
import * as PresentedCode from "../src/PresentedCode.ts"
import { accepted, bytesOf, hexOf, now, payClaims, secrets, show, vectors, written } from "./support/codes.ts"

const { authorisation } = accepted("a pay code, good at any point")
const present = (proof: { counter: number; point?: PointId }, device = secrets.device) =>
  PresentedCode.present(authorisation, device, { now, ...proof })
const parsed = (text: string) => Result.getOrThrow(PresentedCode.parse(text))

describe("the code that a phone shows (R4, R5, R13)", () => {
  it.each(vectors.accepted)("R4 R5 R13 known answer, layer by layer: $title", (vector) => {
    const text = show(vector.claims, { counter: vector.counter, point: vector.point ?? undefined })
    expect(text).toBe(vector.text)
    const code = parsed(text)
    expect(code.claims).toEqual(vector.claims)
    expect(code.slot).toBe(vector.slot)
    expect(code.counter).toBe(vector.counter)
    expect(code.audience).toBe(vector.point === null ? undefined : vector.hex.audience)
    expect({
      claims: hexOf(code.issuer.signed),
      issuerMessage: hexOf(CodeSignature.message("issuer", code.issuer.signed)),
      issuerSignature: hexOf(code.issuer.signature),
      audience: hexOf(code.device.signed.subarray(133)),
      signed: hexOf(code.device.signed),
      deviceMessage: hexOf(CodeSignature.message("device", code.device.signed)),
      deviceSignature: hexOf(code.device.signature),
      code: hexOf(code.device.signed) + hexOf(code.device.signature)
    }).toEqual(vector.hex)
  })

  it("R4 every code has 205 bytes and 311 characters", () => {
    expect([PresentedCode.length, PresentedCode.textLength]).toEqual([205, 311])
    for (const { hex, text } of vectors.accepted) {
      expect([bytesOf(hex.code).length, text.length]).toEqual([205, 311])
      expect(text).toMatch(/^YK:[0-9A-Z $%*+\-./:]{308}$/)
    }
  })

  it("R4 a code names its half minute, so a screenshot is soon worth nothing", () => {
    const slot = PresentedCode.slotOf(now)
    const start = later(now, -(now % PresentedCode.slotLength))
    expect(parsed(show(payClaims, { at: start })).slot).toBe(slot)
    expect(parsed(show(payClaims, { at: later(start, 29_999) })).slot).toBe(slot)
    expect(parsed(show(payClaims, { at: later(start, 30_000) })).slot).toBe(slot + 1)
    expect(parsed(show(payClaims, { at: later(start, -1) })).slot).toBe(slot - 1)
  })

  it("R4 a point is named by a digest: the point is not told, and no two of a campus share it", () => {
    const points = Array.from({ length: 5_000 }, (_, i) => PointId.make(`till-${i}`))
    expect(new Set(points.map(PresentedCode.audienceOf)).size).toBe(5_000)
    expect(PresentedCode.audienceOf(PointId.make("canteen-3"))).toBe(accepted("a pay code for one point").hex.audience)
  })

  it.each([0, -1, 1.5, 4_294_967_296, NaN])("R4 a device does not count %d", (counter) => {
    expect(() => present({ counter })).toThrow(RangeError)
  })

  it("R4 the phone finds out when its key is not the authorised one", () => {
    expect(Result.merge(present({ counter: 1 }, secrets.otherDevice))).toEqual({ _tag: "DeviceKeyDiffers" })
  })

  it("R4 an authorisation that was damaged in the phone's storage is told", () => {
    const damaged = authorisation.slice(1) as Authorisation
    expect(Result.merge(PresentedCode.present(damaged, secrets.device, { now, counter: 1 }))).toEqual({
      _tag: "AuthorisationMalformed"
    })
  })
})

describe("reading what a camera saw", () => {
  it("R4 reading is total: any text, any bytes behind our prefix, any bytes of the right length", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.uint8Array({ maxLength: 300 }).map(written),
      fc.uint8Array({ minLength: 205, maxLength: 205 }).map(written)
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(Result.merge(PresentedCode.parse(text))).toEqual({ _tag: "CodeMalformed" })
      }),
      { numRuns: 500 }
    )
  })

  it("R4 the text of a code is the only one that gives it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff_ffff }), fc.nat(204), fc.nat(7), (counter, at, bit) => {
        const bytes = bytesOf(parsedHex(Result.getOrThrow(present({ counter }))))
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        const text = written(bytes)
        const code = PresentedCode.parse(text)
        if (Result.isSuccess(code)) expect(parsedHex(text)).toBe(hexOf(bytes))
      }),
      { numRuns: 100 }
    )
  })
})

const parsedHex = (text: string): string => {
  const { device } = parsed(text)
  return hexOf(device.signed) + hexOf(device.signature)
}
