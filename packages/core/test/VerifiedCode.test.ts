import { Result } from "effect"
import * as fc from "fast-check"
import { createPublicKey, verify } from "node:crypto"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as BurnedCodes from "../src/BurnedCodes.ts"
import { Instant, later } from "../src/CivilTime.ts"
import * as CodeAuthorisation from "../src/CodeAuthorisation.ts"
import * as CodeKeys from "../src/CodeKeys.ts"
import * as CodeSignature from "../src/CodeSignature.ts"
import type { Decline } from "../src/Decline.ts"
import { PointId } from "../src/Id.ts"
import { mintKey } from "../src/internal/mint.ts"
import * as Money from "../src/Money.ts"
import * as PresentedCode from "../src/PresentedCode.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import * as VerifiedCode from "../src/VerifiedCode.ts"
import { forgedKeys, lookAlikes } from "./lookAlikes.ts"
import {
  accepted,
  bytesOf,
  hexOf,
  identityClaims,
  isVerified,
  judge,
  keys,
  now,
  payClaims,
  secrets,
  setting,
  show,
  vectors,
  written
} from "./support/codes.ts"

const good = accepted("a pay code, good at any point")
const identity = accepted("an identity code")
const today = accepted("the largest value of every field")
const gate = PointId.make("gate-1")

const pay = (text = good.text, change: Partial<VerifiedCode.Setting> = {}) =>
  Result.getOrThrow(VerifiedCode.verifyPay(keys, text, { ...setting, ...change }))
const who = (text = identity.text) => Result.getOrThrow(VerifiedCode.verifyIdentity(keys, text, setting))

const malformed: Decline = { _tag: "CodeMalformed" }
const badIssuer: Decline = { _tag: "BadSignature", by: "issuer" }
const badDevice: Decline = { _tag: "BadSignature", by: "device" }

describe("what a checker says of a code (R4, R5, R12, R13, A22, D16)", () => {
  it.each(vectors.accepted)("R4 R5 R13 known answer, good: $title", ({ as, claims, counter, point, text }) => {
    const key = keys.find(({ kid }) => kid === claims.kid)
    const answer = judge(as, text, { point: point ?? undefined })
    expect(isVerified(answer)).toBe(true)
    expect(answer).toMatchObject({
      kind: claims.kind,
      pseudonym: claims.pseudonym,
      counter,
      accountClass: claims.accountClass,
      notAfter: claims.notAfter,
      medium: claims.kind === "PAY" ? key?.pay : key?.identity,
      skew: 5_000,
      ...(claims.kind === "PAY" ? { offlineCap: claims.offlineCap, offlineUses: claims.offlineUses } : {})
    })
  })

  it.each(vectors.refused)(
    "R4 R5 R12 R13 A22 D16 known answer, refused: $title",
    ({ as, clockOffset, decline, point, text, title: _, ...rest }) => {
      const answer = judge(as, text, { ...rest, clockOffset: clockOffset ?? undefined, point })
      expect(answer).toEqual(decline)
      expect(Object.keys(answer).toSorted()).toEqual(Object.keys(decline).toSorted())
    }
  )

  it("R4 OpenSSL agrees with the layers of every good vector", () => {
    for (const { claims, hex } of vectors.accepted) {
      const code = bytesOf(hex.code)
      const signed = (line: string, upTo: number) => Buffer.concat([Buffer.from(line), code.subarray(0, upTo)])
      const issuer = keys.find(({ kid }) => kid === claims.kid)?.publicKey ?? ""
      const holds = (message: Uint8Array, signature: Uint8Array, key: string) => {
        const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), bytesOf(key)])
        return verify(null, message, createPublicKey({ key: der, format: "der", type: "spki" }), signature)
      }
      expect(holds(signed("yikatong code v1 issuer\n", 61), code.subarray(61, 125), issuer)).toBe(true)
      expect(holds(signed("yikatong code v1 device\n", 141), code.subarray(141), hexOf(code.subarray(14, 46)))).toBe(
        true
      )
    }
  })
})

describe("a gate (R12, R13, A22)", () => {
  const atGate = (text: string) =>
    Result.merge(Result.flatMap(
      VerifiedCode.verifyPay(keys, text, { ...setting, point: gate }),
      (code) => VerifiedCode.downgrade(code, ["ecodeIdentityCode", "todayCampusCode"])
    ))

  it("R12 A22 takes 今日校园付款码 as identity, of which nothing is left that could pay", () => {
    const answer = atGate(today.text)
    expect(VerifiedCode.VerifiedIdentity.is(answer)).toBe(true)
    expect(VerifiedCode.VerifiedPay.is(answer)).toBe(false)
    expect({ ...answer }).toEqual({
      kind: "ID",
      medium: "todayCampusCode",
      pseudonym: "ffffffffffffffff",
      counter: 4_294_967_295,
      accountClass: "temporary",
      notAfter: today.claims.notAfter,
      skew: 5_000
    })
  })

  it("R13 does not take e码通付款码", () => {
    expect(atGate(good.text)).toEqual({ _tag: "WrongCodeKind", medium: "ecodePayCode" })
  })

  it("R13 takes e码通身份码", () => {
    const answer = judge("identity", identity.text, { point: gate })
    expect({ ...answer }).toEqual({
      kind: "ID",
      medium: "ecodeIdentityCode",
      pseudonym: identity.claims.pseudonym,
      counter: 1,
      accountClass: "regular",
      notAfter: identity.claims.notAfter,
      skew: 5_000
    })
  })

  it("A22 D13 the code is burnt by the gate: it no longer pays, and neither does it open twice", () => {
    const shown = pay(today.text, { point: gate })
    const burned = Result.getOrThrow(BurnedCodes.burn(BurnedCodes.none, shown, now))
    expect(Result.merge(BurnedCodes.burn(burned, shown, now))).toEqual({ _tag: "CodeAlreadyUsed" })
    const asIdentity = Result.getOrThrow(VerifiedCode.downgrade(shown, ["todayCampusCode"]))
    expect(Result.merge(BurnedCodes.burn(burned, asIdentity, now))).toEqual({ _tag: "CodeAlreadyUsed" })
  })
})

describe("evidence that a code was checked (I10)", () => {
  const payFacts = { ...good.claims, counter: 1, skew: 0, medium: "ecodePayCode" as const }

  it.each(forgedKeys)("I10 with %s for a key there is none", (_, key) => {
    expect(() => Reflect.construct(VerifiedCode.VerifiedPay, [key, payFacts])).toThrow(TypeError)
    expect(() => Reflect.construct(VerifiedCode.VerifiedIdentity, [key, payFacts])).toThrow(TypeError)
    expect(VerifiedCode.VerifiedPay.is(new VerifiedCode.VerifiedPay(mintKey, payFacts))).toBe(true)
  })

  it.each(lookAlikes(pay()))("I10 %s is no verified pay code and cannot be downgraded", (_, value) => {
    expect(VerifiedCode.VerifiedPay.is(value)).toBe(false)
    expect(() => Reflect.apply(VerifiedCode.downgrade, undefined, [value, ["ecodePayCode"]])).toThrow(TypeError)
  })

  it.each(lookAlikes(who()))("I10 %s is no verified identity", (_, value) => {
    expect(VerifiedCode.VerifiedIdentity.is(value)).toBe(false)
  })

  it("I10 one is not the other, and neither can be changed", () => {
    expect(VerifiedCode.VerifiedIdentity.is(pay())).toBe(false)
    expect(VerifiedCode.VerifiedPay.is(who())).toBe(false)
    for (const value of [pay(), who(), VerifiedCode.VerifiedPay, VerifiedCode.VerifiedIdentity]) {
      expect(Object.isFrozen(value)).toBe(true)
    }
  })

  it("I10 neither type stands for the other", () => {
    const charge = (code: VerifiedCode.VerifiedPay) => code.kind
    const open = (code: VerifiedCode.VerifiedIdentity) => code.kind
    // @ts-expect-error an identity never pays
    expect(charge(who())).toBe("ID")
    // @ts-expect-error a pay code opens a door only after `downgrade`
    expect(open(pay())).toBe("PAY")
    // @ts-expect-error nor does a look-alike
    expect(charge({ ...pay() })).toBe("PAY")
    // @ts-expect-error an identity code cannot be downgraded, let alone upgraded
    expect(() => VerifiedCode.downgrade(who(), ["ecodeIdentityCode"])).toThrow(TypeError)
  })
})

describe("time (D16)", () => {
  const slotStart = good.slot * PresentedCode.slotLength
  const at = (ms: number, clockOffset = 0) =>
    judge("pay", good.text, { now: Instant.make(slotStart + ms), clockOffset })

  it.each<[string, number, Decline | number]>([
    ["the first instant of the slot before", -30_000, 45_000],
    ["the last instant of the slot before", -1, 15_001],
    ["the first instant of its slot", 0, 15_000],
    ["the middle of its slot", 15_000, 0],
    ["the last instant of its slot", 29_999, -14_999],
    ["the first instant of the slot after", 30_000, -15_000],
    ["the last instant of the slot after", 59_999, -44_999],
    ["1 ms before that", -30_001, { _tag: "CodeNotYetValid", by: 1 }],
    ["1 ms after that", 60_000, { _tag: "CodeExpired", by: 1 }],
    ["a minute before that", -90_000, { _tag: "CodeNotYetValid", by: 60_000 }],
    ["an hour after that", 3_659_999, { _tag: "CodeExpired", by: 3_600_000 }]
  ])("D16 read in %s", (_, ms, expected) => {
    const answer = at(ms)
    if (typeof expected === "number") expect(answer).toMatchObject({ counter: 5, skew: expected })
    else expect(answer).toEqual(expected)
  })

  it("D16 a code is good for exactly 90 seconds, whatever the trusted offset of the terminal's clock", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -150_000, max: 180_000 }),
        fc.integer({ min: -60_000, max: 60_000 }),
        (ms, offset) => {
          const answer = at(ms - offset, offset)
          if (ms < -30_000) expect(answer).toEqual({ _tag: "CodeNotYetValid", by: -30_000 - ms })
          else if (ms > 59_999) expect(answer).toEqual({ _tag: "CodeExpired", by: ms - 59_999 })
          else expect(answer).toMatchObject({ counter: 5, skew: 15_000 - ms })
        }
      ),
      { numRuns: 60 }
    )
  })

  it.each<[string, number | undefined, Decline | undefined]>([
    ["not measured", undefined, { _tag: "ClockNotSet" }],
    ["not a number", NaN, { _tag: "ClockNotSet" }],
    ["without end", -Infinity, { _tag: "ClockNotSet" }],
    ["60 s exactly", 60_000, undefined],
    ["60 s exactly, the other way", -60_000, undefined],
    ["a fraction of a millisecond more", 60_000.4, undefined],
    ["60.001 s", 60_001, { _tag: "ClockUntrusted", skew: 60_001, tolerance: 60_000 }],
    ["60.001 s, the other way", -60_001, { _tag: "ClockUntrusted", skew: 60_001, tolerance: 60_000 }]
  ])("D16 an offset of the terminal's clock: %s", (_, clockOffset, decline) => {
    // By the server's clock it is `now`.
    const known = clockOffset !== undefined && Number.isFinite(clockOffset)
    const answer = judge("pay", good.text, {
      now: later(now, known ? -Math.round(clockOffset) : 0),
      clockOffset
    })
    if (decline === undefined) expect(answer).toMatchObject({ counter: 5, skew: 5_000 })
    else expect(answer).toEqual(decline)
  })

  it("D16 an authorisation holds from its first to its last instant, both inclusive", () => {
    const from = payClaims.notBefore
    const until = payClaims.notAfter
    const at = (instant: Instant) => judge("pay", show(payClaims, { at: instant }), { now: instant })
    expect(at(later(from, -1))).toEqual({ _tag: "CodeAuthorisationNotYetValid", notBefore: from })
    expect(isVerified(at(from))).toBe(true)
    expect(isVerified(at(until))).toBe(true)
    expect(at(later(until, 1))).toEqual({ _tag: "CodeAuthorisationExpired", notAfter: until })
  })
})

describe("the order of the checks: the first that fails is the answer", () => {
  // Each step makes one more thing wrong, from the last check to the first; the answer is always the newest wrong.
  const ended: CodeAuthorisation.Claims = {
    ...payClaims,
    pseudonym: Pseudonym.make("deadbeefdeadbeef"),
    notAfter: later(now, -1_000 - now % 1_000)
  }
  const signedBy = (
    claims: CodeAuthorisation.Claims,
    issuer: CodeKeys.SecretKey,
    device: CodeKeys.SecretKey,
    slot: number
  ): string => {
    const bytes = CodeAuthorisation.write(claims)
    const proof = Buffer.alloc(16)
    proof.writeUInt32BE(slot, 0)
    proof.writeUInt32BE(1, 4)
    proof.write(PresentedCode.audienceOf(PointId.make("canteen-3")), 8, "hex")
    const signed = Buffer.concat([bytes, CodeSignature.sign("issuer", bytes, issuer), proof])
    return written(Buffer.concat([signed, CodeSignature.sign("device", signed, device)]))
  }
  const revoked: CodeAuthorisation.Claims = { ...payClaims, pseudonym: ended.pseudonym }
  const { device, issuer, otherDevice, otherIssuer } = secrets
  const old = good.slot - 1_000

  it.each<[string, string, "pay" | "identity", number, string]>([
    ["slot", signedBy(payClaims, issuer, device, old), "pay", 0, "CodeForOtherPoint"],
    ["audience", signedBy(payClaims, issuer, otherDevice, old), "pay", 0, "BadSignature"],
    ["device", signedBy(revoked, issuer, otherDevice, old), "pay", 0, "CodeRevoked"],
    ["revocation", signedBy(ended, issuer, otherDevice, old), "pay", 0, "CodeAuthorisationExpired"],
    ["times", signedBy(ended, issuer, otherDevice, old), "pay", 60_001, "ClockUntrusted"],
    ["clock", signedBy(ended, otherIssuer, otherDevice, old), "pay", 60_001, "BadSignature"],
    ["issuer's signature", signedBy(ended, otherIssuer, otherDevice, old), "identity", 60_001, "WrongCodeKind"],
    [
      "kind",
      signedBy({ ...ended, kid: CodeKeys.Kid.make(9) }, otherIssuer, otherDevice, old),
      "identity",
      60_001,
      "CodeIssuerUnknown"
    ],
    ["issuer", "YK:", "identity", 60_001, "CodeMalformed"]
  ])("R4 %s comes after what is looked at before it", (_, text, as, clockOffset, tag) => {
    expect(judge(as, text, { clockOffset })).toMatchObject({ _tag: tag })
  })
})

describe("nothing that was touched is good", () => {
  const code = bytesOf(good.hex.code)

  /** What a flipped bit in this byte may be told as. Nothing before the issuer's signature can hide behind another. */
  const expected = (at: number): ReadonlyArray<Decline> => {
    if (at < 3 || at === 13) return [malformed]
    if (at < 5) return [{ _tag: "CodeIssuerUnknown" }, badIssuer]
    if (at >= 46 && at < 54) return [malformed, { _tag: "CodeIssuerUnknown" }, badIssuer]
    return at < 125 ? [badIssuer] : [badDevice]
  }

  it("R4 A22 every bit of a pay code", () => {
    for (let at = 0; at < code.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const touched = Uint8Array.from(code)
        touched[at] = (code[at] ?? 0) ^ (1 << bit)
        expect(expected(at), `byte ${at}, bit ${bit}`).toContainEqual(judge("pay", written(touched)))
      }
    }
  })

  it("R13 every byte of an identity code, and of a pay code for a point", () => {
    const forPoint = accepted("a pay code for one point")
    for (const [as, hex] of [["identity", identity.hex.code], ["pay", forPoint.hex.code]] as const) {
      const bytes = bytesOf(hex)
      for (let at = 0; at < bytes.length; at++) {
        const touched = Uint8Array.from(bytes)
        touched[at] = (bytes[at] ?? 0) ^ 0x80
        expect(isVerified(judge(as, written(touched), { point: PointId.make("canteen-3") })), `byte ${at}`).toBe(false)
      }
    }
  })

  it("R4 every character, one after the other", () => {
    const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    for (let at = 0; at < good.text.length; at++) {
      const next = alphabet.charAt((alphabet.indexOf(good.text.charAt(at)) + 1) % 45)
      const touched = good.text.slice(0, at) + next + good.text.slice(at + 1)
      expect(isVerified(judge("pay", touched)), `character ${at}`).toBe(false)
    }
  })

  it("R4 every beginning, and anything behind it", () => {
    for (let n = 0; n < good.text.length; n++) expect(judge("pay", good.text.slice(0, n))).toEqual(malformed)
    for (const more of ["0", "00", "000", " ", "\n", good.text]) {
      expect(judge("pay", good.text + more)).toEqual(malformed)
      expect(judge("pay", more + good.text)).toEqual(malformed)
    }
    for (const n of [203, 204]) expect(judge("pay", written(code.subarray(0, n)))).toEqual(malformed)
  })

  it("R4 R13 no part of one code fits another", () => {
    const codes = [
      ...vectors.accepted.map(({ hex }) => bytesOf(hex.code)),
      bytesOf(vectorOf(show(payClaims, { counter: 7 })))
    ]
    for (const one of codes) {
      for (const other of codes) {
        if (one === other) continue
        for (const cut of [61, 125, 141]) {
          const mixed = written(Buffer.concat([one.subarray(0, cut), other.subarray(cut)]))
          // Two codes under one authorisation share what stands before the proof.
          if (vectors.accepted.some(({ text }) => text === mixed) || mixed === show(payClaims, { counter: 7 })) continue
          for (const as of ["pay", "identity"] as const) {
            expect(isVerified(judge(as, mixed, { point: PointId.make("canteen-3") }))).toBe(false)
          }
        }
      }
    }
  })

  it("R4 whatever a camera reads, the answer is a decline and no exception", () => {
    const header = fc.tuple(
      fc.constantFrom(0, 1, 2, 3),
      fc.constantFrom(0, 1, 2, 3),
      fc.constantFrom(0, 1, 2),
      fc.nat(3)
    )
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ minLength: 205, maxLength: 205 }),
      // Random claims behind a plausible header, and random bytes behind plausible claims.
      fc.tuple(header, fc.uint8Array({ minLength: 200, maxLength: 200 })).map((
        [[version, kind, algorithm, kid], rest]
      ) => Uint8Array.from([version, kind, algorithm, 0, kid, ...rest])),
      fc.tuple(fc.integer({ min: 5, max: 204 }), fc.uint8Array({ minLength: 205, maxLength: 205 })).map((
        [from, rest]
      ) => Uint8Array.from([...code.subarray(0, from), ...rest.subarray(from)]))
    )
    const texts = fc.oneof(fc.string({ unit: "binary" }), bytes.map(written))
    fc.assert(
      fc.property(texts, fc.constantFrom("pay" as const, "identity" as const), (text, as) => {
        const answer = judge(as, text)
        expect(isVerified(answer)).toBe(false)
        expect(answer).toHaveProperty("_tag")
        if (text.length > 20) expect(inspect(answer)).not.toContain(text)
      }),
      { numRuns: 1_000 }
    )
  })
})

describe("what is authorised is what is verified", () => {
  it("R4 R5 R13 any claims, any counter, any point: shown there and then it is good, and says what was authorised", () => {
    const claims = fc.record({
      kind: fc.constantFrom("PAY" as const, "ID" as const),
      accountClass: fc.constantFrom("regular" as const, "temporary" as const),
      pseudonym: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Pseudonym.make(hexOf(bytes))),
      version: fc.nat(0xffff),
      offlineCap: fc.nat(0xffff_ffff).map(Money.of),
      offlineUses: fc.nat(255)
    })
    const points = fc.option(fc.constantFrom("canteen-3", "gate-1").map((id) => PointId.make(id)), { nil: undefined })
    fc.assert(
      fc.property(claims, fc.integer({ min: 1, max: 0xffff_ffff }), points, (claims, counter, point) => {
        const { kind, offlineCap, offlineUses } = claims
        const cap = kind === "PAY" ? { offlineCap, offlineUses } : { offlineCap: Money.zero, offlineUses: 0 }
        const text = show({ ...payClaims, ...claims, ...cap }, { counter, point })
        const { pseudonym } = claims
        const answer = judge(kind === "PAY" ? "pay" : "identity", text, { point: point ?? gate })
        expect(answer).toMatchObject({ kind, counter, pseudonym, accountClass: claims.accountClass })
        if (kind === "PAY") expect(answer).toMatchObject(cap)
        else expect(Object.keys(answer)).not.toContain("offlineCap")
      }),
      { numRuns: 40 }
    )
  })

  it("R4 a revocation ends this version and those before it, and no later one", () => {
    const revocations = {
      ...setting.revocations,
      revoked: [{ pseudonym: payClaims.pseudonym, version: 3, until: payClaims.notAfter }]
    }
    const of = (version: number) => judge("pay", show({ ...payClaims, version }), { revocations })
    expect(of(2)).toEqual({ _tag: "CodeRevoked" })
    expect(of(3)).toEqual({ _tag: "CodeRevoked" })
    expect(isVerified(of(4))).toBe(true)
    expect(isVerified(judge("identity", show(identityClaims), { revocations }))).toBe(true)
  })

  it("R4 a terminal that trusts nobody takes nothing", () => {
    expect(Result.merge(VerifiedCode.verifyPay([], good.text, setting))).toEqual({ _tag: "CodeIssuerUnknown" })
  })
})

const vectorOf = (text: string): string => {
  const { device } = Result.getOrThrow(PresentedCode.parse(text))
  return hexOf(device.signed) + hexOf(device.signature)
}
