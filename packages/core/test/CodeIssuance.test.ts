import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayLength, hour, type Instant, instant, later } from "../src/CivilTime.ts"
import * as CodeIssuance from "../src/CodeIssuance.ts"
import { PublicKey } from "../src/CodeKeys.ts"
import type { CodeMedium } from "../src/CodeTerms.ts"
import * as Id from "../src/Id.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import { csmzxy } from "./support/Life.ts"

const morning = instant("2025-11-03 06:00")
const key = (phone: number) => PublicKey.make(phone.toString(16).padStart(64, "0"))
const pseudonym = (n: number) => Pseudonym.make(n.toString(16).padStart(16, "0"))

/** The phones of one account, told step by step; each request offers a pseudonym of its own. */
class Phones {
  state: CodeIssuance.State | undefined
  now: Instant = morning
  #drawn = 0

  tell(command: CodeIssuance.Command) {
    const decided = CodeIssuance.decider.decide(this.state, command, {
      profile: csmzxy,
      subject: "acc-1",
      caller: Id.CallerId.make("host"),
      id: Id.CommandId.make("command"),
      now: this.now
    })
    if (Result.isFailure(decided)) return decided.failure._tag
    for (const event of decided.success) this.state = CodeIssuance.decider.evolve(this.state, event)
    return decided.success
  }

  /** The last digits of the pseudonym and the version under it; or why not. */
  authorise(phone = 1, medium: CodeMedium = "ecodePayCode", until = later(this.now, dayLength)): string {
    const told = this.tell({
      _tag: "Authorise",
      medium,
      deviceKey: key(phone),
      pseudonym: pseudonym(++this.#drawn),
      until
    })
    if (typeof told === "string") return told
    const last = told.at(-1)
    return last?._tag === "Authorised" ? `${Number.parseInt(last.pseudonym, 16)} v${last.version}` : "?"
  }

  /** What has to lead nowhere: the pseudonyms, with a cross where they have to be revoked. */
  get due(): string {
    const due = this.state === undefined ? [] : CodeIssuance.due(this.state, this.now)
    return due.map((one) => `${Number.parseInt(one.pseudonym, 16)}${one.revoked ? "×" : ""}`).join(" ")
  }

  settle(): void {
    for (const one of this.state === undefined ? [] : CodeIssuance.due(this.state, this.now)) {
      this.tell({ _tag: "Settle", pseudonym: one.pseudonym })
    }
  }
}

describe("the pseudonyms of an account's phones (R4, R5, D20, D21)", () => {
  it.each<[string, number, number, CodeMedium, string]>([
    // after phone 1 was authorised for e码通 payments at 06:00: hours later, which phone, which medium, what it gets
    ["the same phone in the evening", 17, 1, "ecodePayCode", "1 v2"],
    ["the same phone after midnight", 18, 1, "ecodePayCode", "2 v1"],
    ["the same phone, for 今日校园", 1, 1, "todayCampusCode", "2 v1"],
    ["the same phone, to say who it is", 1, 1, "ecodeIdentityCode", "2 v1"],
    ["another phone", 1, 2, "ecodePayCode", "2 v1"]
  ])("D20 %s", (_, hours, phone, medium, told) => {
    const phones = new Phones()
    expect(phones.authorise()).toBe("1 v1")
    phones.now = later(morning, hours * hour)
    expect(phones.authorise(phone, medium)).toBe(told)
  })

  it("R4 a phone that renews more often than there are versions gets a new pseudonym", () => {
    const phones = new Phones()
    phones.authorise()
    const [issued] = phones.state?.issued ?? []
    if (issued === undefined) throw new Error("One was issued")
    phones.state = { issued: [{ ...issued, version: 0xfffe }], leaving: [], ended: [] }
    expect(phones.authorise()).toBe("1 v65535")
    expect(phones.authorise()).toBe("3 v1")
  })

  it.each<[string, number, string]>([
    // issued at 06:00 for a day: hours after that, what is due
    ["when it has just ended", 24, ""],
    ["a day after its end", 48, ""],
    ["later than that", 48.1, "1"]
  ])("D20 a pseudonym is given back %s", (_, hours, due) => {
    const phones = new Phones()
    phones.authorise()
    phones.now = later(morning, hours * hour)
    expect(phones.due).toBe(due)
  })

  it("R4 a renewal that ends earlier, as with a key that runs out, does not shorten what was given before", () => {
    const phones = new Phones()
    phones.authorise()
    phones.authorise(1, "ecodePayCode", later(morning, hour))
    phones.now = later(morning, 2 * dayLength)
    expect(phones.due).toBe("")
    phones.tell({ _tag: "Revoke" })
    expect(phones.state?.leaving[0]?.until).toBe(later(morning, dayLength))
  })

  it.each<[string, number | undefined, string, string]>([
    // which pseudonym is named, what is due then, and what phone 1 gets afterwards
    ["by its pay code", 1, "1× 2×", "CodeRevoked"],
    ["by its identity code", 2, "1× 2×", "CodeRevoked"],
    ["another one", 3, "3×", "1 v2"],
    ["all of them", undefined, "1× 2× 3×", "CodeRevoked"]
  ])("R5 a lost phone is ended: %s", (_, named, due, after) => {
    const phones = new Phones()
    phones.authorise(1)
    phones.authorise(1, "ecodeIdentityCode")
    phones.authorise(2)
    const revoke = { _tag: "Revoke", ...(named === undefined ? {} : { pseudonym: pseudonym(named) }) } as const
    phones.tell(revoke)
    expect(phones.due).toBe(due)
    // Told again, also while it is not settled, it changes nothing.
    expect(phones.tell(revoke)).toEqual([])
    phones.settle()
    expect(phones.due).toBe("")
    expect(phones.authorise(1)).toBe(after)
    expect(phones.authorise(9)).toMatch(/ v1$/)
  })

  it("R5 so many ended phones are remembered, and the first one is forgotten first", () => {
    const phones = new Phones()
    const endedAfter = (count: number) => {
      phones.authorise(100 + count)
      phones.tell({ _tag: "Revoke" })
      phones.settle()
      return phones.state?.ended.includes(key(101))
    }
    expect(Array.from({ length: 33 }, (_, index) => endedAfter(index + 1)).indexOf(false)).toBe(32)
    expect(phones.authorise(101)).toMatch(/ v1$/)
    expect(phones.authorise(102)).toBe("CodeRevoked")
  })

  it("R5 a pseudonym that nobody has is not known", () => {
    const phones = new Phones()
    expect(phones.tell({ _tag: "Revoke", pseudonym: pseudonym(9) })).toBe("UnknownHandle")
    expect(phones.tell({ _tag: "Revoke" })).toEqual([])
  })

  it("R5 what is not due is not settled", () => {
    const phones = new Phones()
    phones.authorise()
    expect(phones.tell({ _tag: "Settle", pseudonym: pseudonym(1) })).toEqual([])
    expect(phones.authorise()).toBe("1 v2")
  })
})

describe("whatever phones do", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant("authorise"), fc.integer({ min: 1, max: 9 })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("revoke"), fc.integer({ min: 1, max: 30 })) },
    { weight: 3, arbitrary: fc.tuple(fc.constant("wait"), fc.integer({ min: 1, max: 40 })) }
  )

  it("D20 a pseudonym is one phone's and one medium's, versions rise, and what is kept is bounded", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const phones = new Phones()
      const owners = new Map<string, string>()
      const versions = new Map<string, number>()
      for (const [what, n] of steps) {
        if (what === "wait") phones.now = later(phones.now, n * hour)
        if (what === "revoke") phones.tell({ _tag: "Revoke", pseudonym: pseudonym(n) })
        if (what === "authorise") {
          const medium = n % 2 === 0 ? "ecodePayCode" : "todayCampusCode"
          const [name = "", version = ""] = phones.authorise(n, medium).split(" v")
          if (version !== "") {
            expect(owners.get(name) ?? `${n}`).toBe(`${n}`)
            owners.set(name, `${n}`)
            expect(Number(version)).toBe((versions.get(name) ?? 0) + 1)
            versions.set(name, Number(version))
          }
          phones.settle()
        }
        const { ended, issued, leaving } = phones.state ?? { ended: [], issued: [], leaving: [] }
        expect(new Set(issued.map(({ deviceKey }) => deviceKey)).size).toBeLessThanOrEqual(CodeIssuance.phones)
        expect(ended.length).toBeLessThanOrEqual(32)
        const all = [...issued, ...leaving].map((one) => one.pseudonym)
        expect(new Set(all).size).toBe(all.length)
      }
      phones.settle()
      expect(phones.due).toBe("")
    }))
  })
})
