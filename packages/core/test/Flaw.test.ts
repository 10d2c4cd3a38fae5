// What a newcomer is told about a profile, a command or an id that is not well-formed.
import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Instant } from "../src/CivilTime.ts"
import * as Command from "../src/Command.ts"
import * as Flaw from "../src/Flaw.ts"
import * as Id from "../src/Id.ts"
import { distance, nearest } from "../src/internal/spelling.ts"
import { MalformedCommand } from "../src/Misuse.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as SchoolProfile from "../src/SchoolProfile.ts"

const flaws = (schema: Schema.Codec<unknown, unknown>, input: unknown): ReadonlyArray<string> => {
  const read = Schema.decodeUnknownResult(schema)(input, { errors: "all", onExcessProperty: "error" })
  return Result.isFailure(read) ? Flaw.of(read.failure).map((flaw) => Flaw.told([flaw])) : []
}
const meant = (name: string) => `没有此项，是否应为 ${name} / no such field: did you mean ${name}`

const { dormancy, ...unfinished } = csmzxy
const payment = {
  caller: "till-1",
  id: "tap-1",
  at: 1_772_424_000_000,
  point: "canteen-1",
  subject: { _tag: "Card", card: "card-1" },
  body: { _tag: "IssueCard", card: "card-2" }
}
const ids = "Expected 1 to 64 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
const milliseconds = "Expected milliseconds since 1970-01-01, of a time from 1992 to 9999; today they have 13 digits"

describe("R75 what is told of a profile or a command", () => {
  it.each<readonly [string, Schema.Codec<unknown, unknown>, unknown, ReadonlyArray<string>]>([
    ["nothing, where all is good", Command.Stated, payment, []],
    ["a field of a profile that is misspelt, once", SchoolProfile.SchoolProfile, { ...unfinished, dormacy: dormancy }, [
      `dormacy: ${meant("dormancy")}`
    ]],
    ["one written in another way", SchoolProfile.SchoolProfile, { ...unfinished, Dormancy: dormancy }, [
      `Dormancy: ${meant("dormancy")}`
    ]],
    ["one deep inside a command", Command.Stated, { ...payment, subject: { _tag: "Card", crad: "card-1" } }, [
      `subject.crad: ${meant("card")}`
    ]],
    ["one that may be left out", Command.Stated, { ...payment, retryof: "tap-0" }, [`retryof: ${meant("retryOf")}`]],
    ["a field that is like no other", Command.Stated, { ...payment, discount: 1 }, [
      "discount: Expected no excess property"
    ]],
    ["a field beside the one that it is like", Command.Stated, { ...payment, points: "canteen-1" }, [
      "points: Expected no excess property"
    ]],
    ["seconds instead of milliseconds", Command.Stated, { ...payment, at: 1_772_424_000 }, [`at: ${milliseconds}`]],
    ["a point named in Chinese", Command.Stated, { ...payment, point: "食堂" }, [`point: ${ids}`]],
    ["an id with a blank", Command.Stated, { ...payment, id: "tap 1" }, [
      "id: Expected 1 to 260 characters of A-Z a-z 0-9 . _ : -, the first a letter or a digit"
    ]],
    ["a caller with a blank", Command.Stated, { ...payment, caller: "till 1" }, [
      "caller: Expected 1 to 64 characters of A-Z a-z 0-9 . _ - and no colon, the first a letter or a digit"
    ]],
    ["a text instead of a command", Command.Stated, "tap-1", ["Expected object"]],
    ["seconds alone", Instant, 1_772_424_000, [milliseconds]],
    ["an id alone", Id.PointId, "食堂", [ids]]
  ])("R75 %s", (_, schema, input, told) => {
    expect(flaws(schema, input)).toEqual(told)
  })

  it("R75 a command of an unknown kind is told in a line, and not with all the kinds that there are", () => {
    for (const body of [{ _tag: "PayByCrad", card: "card-2" }, { card: "card-2" }]) {
      const [flaw = "", ...more] = flaws(Command.Stated, { ...payment, body })
      expect(flaw).toMatch(/^body: Expected one of \d\d kinds by its _tag, such as "OpenAccount", "IssueCard"$/)
      expect(more).toEqual([])
    }
  })

  it("D18 the flaws of the whole stand in the message without an empty place before them", () => {
    const message = (path: string) => new MalformedCommand({ flaws: [{ path, problem: "Expected object" }] }).message
    expect(message("")).toBe("Not a command: Expected object")
    expect(message("body")).toBe("Not a command: body: Expected object")
  })
})

describe("R75 the name that was meant", () => {
  it.each([
    ["dormacy", "dormancy"],
    ["dormnacy", "dormancy"],
    ["DORMANCY", "dormancy"],
    ["purse_ceiling", "purseCeiling"],
    ["phones", "phone"],
    ["motto", undefined],
    ["", undefined],
    ["x".repeat(1_000_000), undefined]
  ])("%.20s: %s", (name, is) => {
    expect(nearest(name, ["purseCeiling", "phone", "dormancy", "at"])).toBe(is)
  })

  it("is a distance: 0 to itself only, the same both ways, and never longer than the longer name", () => {
    const names = fc.string({ unit: fc.constantFrom(..."abcd"), maxLength: 8 })
    fc.assert(fc.property(names, names, (one, other) => {
      const far = distance(one, other)
      expect(far === 0).toBe(one === other)
      expect(far).toBe(distance(other, one))
      expect(far).toBeLessThanOrEqual(Math.max(one.length, other.length))
      expect(far).toBeGreaterThanOrEqual(Math.abs(one.length - other.length))
    }))
  })

  it("R38 no value is repeated; a hundred thousand wrong names are each told", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^s3cret[a-z]{8}$/), fc.constantFrom(...Object.keys(payment)), (secret, field) => {
        const told = flaws(Command.Stated, { ...payment, [field]: { secret }, [`${field}x`]: secret })
        expect(told.length).toBeGreaterThan(0)
        expect(told.join()).not.toContain(secret)
      })
    )
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`poin${at}`, at]))
    expect(flaws(Command.Stated, { ...payment, ...many })).toHaveLength(100_000)
  })
})
