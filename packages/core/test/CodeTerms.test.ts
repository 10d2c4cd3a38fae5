import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { day, dayLength, type Instant, instant, later } from "../src/CivilTime.ts"
import * as CodeAuthorisation from "../src/CodeAuthorisation.ts"
import * as CodeKeys from "../src/CodeKeys.ts"
import * as CodeTerms from "../src/CodeTerms.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import { keys, secrets } from "./support/codes.ts"
import { school } from "./support/Life.ts"

const noon = instant("2025-11-03 12:00:10")
const kids = keys.map(({ kid }) => kid)
const regular = { class: "regular" } as const
const [ecode, today] = keys
if (ecode === undefined || today === undefined) throw new Error("The vectors have two keys")
const profileOf = (...issuers: ReadonlyArray<CodeKeys.IssuerKey>) => school({ codes: { issuers, signed: [] } })

describe("what a phone is authorised for (R4, R5, R12, R13)", () => {
  it.each<[string, CodeTerms.CodeMedium, string, number]>([
    ["e码通付款码", "ecodePayCode", "PAY", 1],
    ["e码通身份码", "ecodeIdentityCode", "ID", 1],
    ["今日校园付款码", "todayCampusCode", "PAY", 2]
  ])("R5 %s", (_, medium, kind, kid) => {
    expect(CodeTerms.of(profileOf(...keys), regular, medium, kids, noon)).toEqual({
      kind,
      kid,
      accountClass: "regular",
      notBefore: instant("2025-11-03 11:59:10"),
      notAfter: instant("2025-11-04 12:00:10"),
      offlineCap: 0,
      offlineUses: 0
    })
  })

  it.each<[string, Partial<CodeKeys.IssuerKey>, string]>([
    ["that begins now", { notBefore: noon }, "12:00:10 to 12:00:10"],
    ["that begins in a moment", { notBefore: later(noon, 1) }, "none"],
    ["that began within this minute and second", { notBefore: later(noon, -500) }, "12:00:10 to 12:00:10"],
    [
      "that ends this evening, within a second",
      { notAfter: later(instant("2025-11-03 18:00"), 999) },
      "11:59:10 to 18:00:00"
    ],
    ["that ends now", { notAfter: noon }, "none"]
  ])("R4 a key %s", (_, change, window) => {
    const terms = CodeTerms.of(profileOf({ ...ecode, ...change }), regular, "ecodePayCode", kids, noon)
    const clock = (at: Instant) => new Date(at + 8 * 3_600_000).toISOString().slice(11, 19)
    expect(terms === undefined ? "none" : `${clock(terms.notBefore)} to ${clock(terms.notAfter)}`).toBe(window)
  })

  it("R4 a key that lives for less than a second signs nothing, since a code tells whole seconds", () => {
    const brief = { ...ecode, notBefore: later(noon, 400), notAfter: later(noon, 1_900) }
    expect(CodeTerms.of(profileOf(brief), regular, "ecodePayCode", kids, later(noon, 500))).toBeUndefined()
  })

  it.each<[string, ReadonlyArray<CodeKeys.Kid>, number | undefined]>([
    ["of two keys the newer one", [CodeKeys.Kid.make(1), CodeKeys.Kid.make(9)], 9],
    ["the older one, where only that is at hand", [CodeKeys.Kid.make(1)], 1],
    ["none that the terminals do not know", [CodeKeys.Kid.make(5)], undefined],
    ["no key of another medium", [CodeKeys.Kid.make(2)], undefined]
  ])("R4 signs: %s", (_, atHand, kid) => {
    const newer = {
      ...ecode,
      kid: CodeKeys.Kid.make(9),
      publicKey: CodeKeys.publicKeyOf(secrets.device),
      notBefore: later(ecode.notBefore, dayLength)
    }
    expect(CodeTerms.of(profileOf(newer, ...keys), regular, "ecodePayCode", atHand, noon)?.kid).toBe(kid)
    expect(CodeTerms.of(profileOf(...keys, newer), regular, "ecodePayCode", atHand, noon)?.kid).toBe(kid)
  })

  it.each<[string, string, string]>([
    ["is today", "2025-11-03", "2025-11-03 23:59:59"],
    ["is tomorrow", "2025-11-04", "2025-11-04 12:00:10"]
  ])("A16 a temporary account whose last day %s", (_, until, notAfter) => {
    const terms = CodeTerms.of(
      profileOf(...keys),
      { class: "temporary", until: day(until) },
      "ecodePayCode",
      kids,
      noon
    )
    expect(terms).toMatchObject({ accountClass: "temporary", notAfter: instant(notAfter) })
  })

  it.each<CodeTerms.CodeMedium>(["ecodePayCode", "todayCampusCode", "ecodeIdentityCode"])(
    "R59 a terminal that is cut off takes nothing by code: %s",
    (medium) => {
      const terms = CodeTerms.of(profileOf(...keys), regular, medium, kids, noon)
      expect(terms).toMatchObject({ offlineCap: 0, offlineUses: 0 })
    }
  )

  it("R4 whatever the key and the time, the terms are such as can be signed, and lie within the key", () => {
    const isClaims = Schema.is(CodeAuthorisation.Claims)
    const around = fc.integer({ min: -90_000_000, max: 90_000_000 }).map((by) => later(noon, by))
    fc.assert(fc.property(around, around, (notBefore, notAfter) => {
      const profile = { ...profileOf(...keys), codes: { issuers: [{ ...ecode, notBefore, notAfter }], signed: [] } }
      const terms = CodeTerms.of(profile, regular, "ecodePayCode", kids, noon)
      if (terms === undefined) return
      const claims = { ...terms, pseudonym: Pseudonym.make("0".repeat(16)), deviceKey: ecode.publicKey, version: 1 }
      expect(isClaims(claims)).toBe(true)
      expect(terms.notBefore).toBeGreaterThanOrEqual(notBefore)
      expect(terms.notAfter).toBeLessThanOrEqual(notAfter)
      expect(terms.notAfter).toBeGreaterThan(noon)
    }))
  })
})
