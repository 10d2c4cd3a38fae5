import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Acceptance from "../src/Acceptance.ts"
import { Decline } from "../src/Decline.ts"
import { Medium } from "../src/Medium.ts"
import { Category, Link, linkAfter } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"

const matrix = csmzxy.acceptance

/** What the words of the table stand for. */
const told = (decline: Decline | undefined): string => {
  switch (decline?._tag) {
    case undefined:
      return "pays"
    case "MediumNotAcceptedHere":
      return "no"
    case "NotAcceptedOffline":
      return "offline"
    case "WrongCodeKind":
      return "kind"
    case "AlipayOnlyWhenTerminalOffline":
      return "alipay"
    default:
      return decline?._tag ?? ""
  }
}

// pays: it pays · no: MediumNotAcceptedHere · offline: NotAcceptedOffline · kind: WrongCodeKind · alipay: AlipayOnlyWhenTerminalOffline
const columns = [
  "physicalCard",
  "todayCampusCode",
  "ecodePayCode",
  "ecodeIdentityCode",
  "alipayCode",
  "keyRing"
] as const
const table = [
  ["R58", "canteen", "up", "pays", "pays", "pays", "kind", "alipay", "no"],
  ["R59", "canteen", "down", "pays", "offline", "offline", "kind", "pays", "no"],
  ["R60", "shop", "up", "pays", "pays", "pays", "kind", "no", "no"],
  ["R61", "shop", "down", "pays", "offline", "offline", "kind", "no", "no"],
  ["R1", "kiosk", "up", "no", "no", "no", "kind", "no", "no"],
  ["R1", "kiosk", "down", "no", "no", "no", "kind", "no", "no"],
  ["R1", "counter", "up", "no", "no", "no", "kind", "no", "no"],
  ["R1", "counter", "down", "no", "no", "no", "kind", "no", "no"],
  ["R1", "bankWindow", "up", "no", "no", "no", "kind", "no", "no"],
  ["R1", "bankWindow", "down", "no", "no", "no", "kind", "no", "no"],
  ["R1", "app", "up", "no", "no", "no", "kind", "no", "no"],
  ["R1", "app", "down", "no", "no", "no", "kind", "no", "no"],
  ["R1", "office", "up", "no", "no", "no", "kind", "no", "no"],
  ["R1", "office", "down", "no", "no", "no", "kind", "no", "no"],
  // Who somebody is says `Access`; nothing is sold there.
  ["I10", "access", "up", "no", "no", "no", "kind", "no", "no"],
  ["I10", "access", "down", "no", "no", "no", "kind", "no", "no"]
] as const
const cases = table.flatMap(([number, category, link, ...answers]) =>
  columns.map((medium, at) => [number, category, link, medium, answers[at] ?? ""] as const)
)

describe("R58-R61 受理矩阵: place × link × medium", () => {
  it.each(cases)("%s %s, link %s, %s: %s", (_, category, link, medium, answer) => {
    expect(told(Acceptance.refuse(matrix, medium, category, link))).toBe(answer)
    expect(Acceptance.accepts(matrix, medium, category, link)).toBe(answer === "pays")
  })

  it("R58-R61 the table leaves nothing out", () => {
    expect(columns.toSorted()).toEqual([...Medium.literals].toSorted())
    expect(new Set(cases.map((one) => one.slice(1, 4).join(" "))).size).toBe(
      Category.literals.length * Link.literals.length * Medium.literals.length
    )
  })

  it.each(
    [
      ["ecodeIdentityCode", "canteen", "up", { _tag: "WrongCodeKind", medium: "ecodeIdentityCode" }],
      ["alipayCode", "canteen", "up", { _tag: "AlipayOnlyWhenTerminalOffline" }],
      ["alipayCode", "shop", "up", { _tag: "MediumNotAcceptedHere", medium: "alipayCode", category: "shop" }],
      ["alipayCode", "shop", "down", { _tag: "MediumNotAcceptedHere", medium: "alipayCode", category: "shop" }],
      ["todayCampusCode", "canteen", "down", { _tag: "NotAcceptedOffline", medium: "todayCampusCode" }],
      ["ecodePayCode", "shop", "down", { _tag: "NotAcceptedOffline", medium: "ecodePayCode" }],
      ["physicalCard", "kiosk", "up", { _tag: "MediumNotAcceptedHere", medium: "physicalCard", category: "kiosk" }]
    ] as const
  )("R73 the refusal of %s at %s, link %s, says what it is about", (medium, category, link, decline) => {
    expect(Acceptance.refuse(matrix, medium, category, link)).toEqual(decline)
  })

  it("R7 the golden trace: up, cut off after 30 s, up again", () => {
    const at = (unansweredFor: number, medium: Medium) =>
      told(Acceptance.refuse(matrix, medium, "canteen", linkAfter(csmzxy.cutOffAfter, unansweredFor)))
    expect([0, 29_999, 30_000, 31_000, 0].map((ms) => at(ms, "alipayCode"))).toEqual([
      "alipay",
      "alipay",
      "pays",
      "pays",
      "alipay"
    ])
    expect([0, 31_000, 0].map((ms) => at(ms, "todayCampusCode"))).toEqual(["pays", "offline", "pays"])
  })

  it("R59 online and cut off, a canteen takes every paying medium in one of the two, and only the card in both", () => {
    for (const medium of Medium.literals) {
      const links = Link.literals.filter((link) => Acceptance.accepts(matrix, medium, "canteen", link))
      const paysNever = medium === "ecodeIdentityCode" || medium === "keyRing"
      expect(links).toHaveLength(medium === "physicalCard" ? 2 : paysNever ? 0 : 1)
    }
  })
})

describe("A25 another edition is another table, not another program", () => {
  it("A25 the edition that drops Alipay: never accepted, and nobody is told to wait for an outage", () => {
    const edition = matrix.map((row) => ({ ...row, media: row.media.filter((medium) => medium !== "alipayCode") }))
    expect(told(Acceptance.refuse(edition, "alipayCode", "canteen", "up"))).toBe("no")
    expect(told(Acceptance.refuse(edition, "alipayCode", "canteen", "down"))).toBe("no")
  })

  it("A25 an edition that takes Alipay online too", () => {
    const edition: Acceptance.Acceptance = [...matrix, { category: "canteen", link: "up", media: ["alipayCode"] }]
    expect(told(Acceptance.refuse(edition, "alipayCode", "canteen", "up"))).toBe("pays")
    expect(told(Acceptance.refuse(edition, "alipayCode", "shop", "up"))).toBe("no")
    expect(told(Acceptance.refuse(edition, "physicalCard", "canteen", "up"))).toBe("pays")
  })

  it("A25 an edition that takes Alipay online only", () => {
    const edition: Acceptance.Acceptance = [{ category: "canteen", link: "up", media: ["alipayCode"] }]
    expect(told(Acceptance.refuse(edition, "alipayCode", "canteen", "down"))).toBe("offline")
    expect(told(Acceptance.refuse(edition, "alipayCode", "shop", "down"))).toBe("no")
  })

  it("R59 a medium that pays only while cut off is not accepted online, and only Alipay is told why", () => {
    const edition: Acceptance.Acceptance = [{ category: "shop", link: "down", media: ["physicalCard", "alipayCode"] }]
    expect(told(Acceptance.refuse(edition, "physicalCard", "shop", "up"))).toBe("no")
    expect(told(Acceptance.refuse(edition, "alipayCode", "shop", "up"))).toBe("alipay")
    expect(told(Acceptance.refuse(edition, "alipayCode", "canteen", "up"))).toBe("no")
  })

  it("R75 a row is data: unknown places, links and media are refused", () => {
    const is = Schema.is(Acceptance.Row)
    expect(is({ category: "shop", link: "up", media: [] })).toBe(true)
    expect(is({ category: "moon", link: "up", media: [] })).toBe(false)
    expect(is({ category: "shop", link: "slow", media: [] })).toBe(false)
    expect(is({ category: "shop", link: "up", media: ["cash"] })).toBe(false)
    expect(is({ category: "shop", link: "up" })).toBe(false)
  })
})

const rows = fc.record({
  category: fc.constantFrom(...Category.literals),
  link: fc.constantFrom(...Link.literals),
  media: fc.subarray([...Medium.literals])
})
const places = [
  fc.constantFrom(...Medium.literals),
  fc.constantFrom(...Category.literals),
  fc.constantFrom(...Link.literals)
] as const

describe("R58-R61 for any matrix", () => {
  it("R58 what no row states is refused, what one states is not", () => {
    fc.assert(fc.property(fc.array(rows), ...places, (matrix, medium, category, link) => {
      const stated = matrix.some((row) =>
        row.category === category && row.link === link && row.media.some((one) => one === medium)
      )
      expect(Acceptance.accepts(matrix, medium, category, link)).toBe(stated)
      expect(Acceptance.refuse(matrix, medium, category, link) === undefined).toBe(stated)
    }))
  })

  it("R58 an empty matrix accepts nothing", () => {
    fc.assert(fc.property(...places, (medium, category, link) => {
      expect(["no", "kind"]).toContain(told(Acceptance.refuse([], medium, category, link)))
    }))
  })

  it("R58 one more row never takes anything away", () => {
    fc.assert(fc.property(fc.array(rows), rows, ...places, (matrix, row, medium, category, link) => {
      fc.pre(Acceptance.accepts(matrix, medium, category, link))
      expect(Acceptance.accepts([...matrix, row], medium, category, link)).toBe(true)
      expect(Acceptance.accepts([row, ...matrix], medium, category, link)).toBe(true)
    }))
  })

  it("I17 a refusal knows medium and place and nothing else, least of all money", () => {
    fc.assert(fc.property(fc.array(rows), ...places, (matrix, medium, category, link) => {
      const decline = Acceptance.refuse(matrix, medium, category, link)
      fc.pre(decline !== undefined)
      expect(["_tag", "medium", "category"]).toEqual(expect.arrayContaining(Object.keys(decline ?? {})))
      expect(Schema.is(Decline)(decline)).toBe(true)
    }))
  })
})
