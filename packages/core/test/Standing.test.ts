import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import type { Medium } from "../src/Medium.ts"
import * as Standing from "../src/Standing.ts"
import { applicationOf, csmzxy, Life, school } from "./support/Life.ts"

const tags = (standing: Standing.Standing): ReadonlyArray<string> => standing.map(({ _tag }) => _tag)
const today = ({ now }: Life): CivilTime.Day => CivilTime.dayOf(now)
const ofCard = (life: Life, card: string, profile = csmzxy) =>
  Standing.ofCard(profile, life.state, Id.CardId.make(card), today(life))
const ofCode = (life: Life, medium: Medium = "ecodePayCode", profile = csmzxy) =>
  Standing.ofCode(profile, life.state, medium, today(life))

/** Lives and what is the matter with the card that is named, and with a code of its holder. */
const lives = [
  ["in order", () => Life.of(csmzxy), "card-1", [], []],
  ["somebody else's", () => Life.of(csmzxy), "card-9", ["UnknownCard"], []],
  [
    "handed out, not yet activated",
    () => Life.unborn(csmzxy).open().issue("card-1"),
    "card-1",
    ["CardNotActivated"],
    ["CardNotActivated"]
  ],
  [
    "the second, not yet activated",
    () => Life.of(csmzxy).reportLost().issue("card-2"),
    "card-2",
    ["CardNotActivated"],
    []
  ],
  ["lost", () => Life.of(csmzxy).reportLost(), "card-1", ["CardLost"], []],
  ["found again", () => Life.of(csmzxy).reportLost().reportFound("card-1"), "card-1", [], []],
  ["replaced", () => Life.of(csmzxy).replace("card-2"), "card-1", ["CardSuperseded"], []],
  ["taken back", () => Life.of(csmzxy).reportLost().issue("card-2").cancel("card-2"), "card-2", ["CardCancelled"], []],
  ["of a closed account", () => Life.of(csmzxy).close(), "card-1", ["AccountClosed"], ["AccountClosed"]],
  [
    "the day before it sleeps",
    () => Life.of(csmzxy).at("2025-11-30 23:59:59.999"),
    "card-1",
    [],
    []
  ],
  [
    "dormant",
    () => Life.of(csmzxy).at("2025-12-01 00:00"),
    "card-1",
    ["CardFrozenDormant"],
    ["CardFrozenDormant"]
  ],
  [
    "lost and dormant",
    () => Life.of(csmzxy).reportLost().at("2025-12-01 00:00"),
    "card-1",
    ["CardLost", "CardFrozenDormant"],
    ["CardFrozenDormant"]
  ],
  [
    "dormant, and extended",
    () => Life.of(csmzxy).at("2025-12-01 09:30").extend("card-1").expectApproved(),
    "card-1",
    [],
    []
  ],
  [
    "temporary, on its last day",
    () => Life.unborn(csmzxy).openTemporary("visitor", applicationOf({ until: "2025-10-01" })).at("2025-10-01 23:59"),
    "card-1",
    ["UnknownCard"],
    []
  ],
  [
    "temporary, the day after",
    () => Life.unborn(csmzxy).openTemporary("visitor", applicationOf({ until: "2025-10-01" })).at("2025-10-02 00:00"),
    "card-1",
    ["UnknownCard", "CardExpired"],
    ["CardExpired"]
  ]
] as const

describe("what is the matter (R31, R39, R44, R46, A16)", () => {
  it.each(lives)("R31 R39 R44 R46 A16 a card that is %s", (_, live, card, ofThis, ofCodes) => {
    const life = live()
    if (life.decision._tag === "Approved") life.expectApproved()
    expect([tags(ofCard(life, card)), tags(ofCode(life))]).toEqual([ofThis, ofCodes])
  })

  it("R39 R46 it says since when", () => {
    const life = Life.of(csmzxy).at("2025-09-02 10:00").reportLost().at("2025-12-01 08:00")
    expect(ofCard(life, "card-1")).toEqual([
      { _tag: "CardLost", reportedAt: CivilTime.instant("2025-09-02 10:00") },
      { _tag: "CardFrozenDormant", since: CivilTime.day("2025-12-01"), months: 3 }
    ])
  })
  it("A16 an account that has ended is not also dormant", () => {
    const life = Life.unborn(csmzxy).openTemporary("visitor").expectApproved().at("2026-09-01 08:00")
    expect(tags(ofCode(life))).toEqual(["CardExpired"])
  })
  it("A11 where a loss freezes the account, codes are lost with the card, and found with it", () => {
    const profile = school({ replacement: { ...csmzxy.replacement, lossFreezes: "account" } })
    const life = Life.of(profile).reportLost().expectApproved()
    expect(ofCode(life, "todayCampusCode", profile)).toEqual([{ _tag: "CardLost", reportedAt: life.now }])
    expect(ofCode(life.reportFound("card-1").expectApproved(), "todayCampusCode", profile)).toEqual([])
  })
  it("A11 A6 a lost holder is told of the loss first and of dormancy then", () => {
    const profile = school({ replacement: { ...csmzxy.replacement, lossFreezes: "account" } })
    const life = Life.of(profile).reportLost().expectApproved().at("2025-12-01 08:00")
    expect(tags(ofCode(life, "keyRing", profile))).toEqual(["CardLost", "CardFrozenDormant"])
  })
  it("R6 only Alipay needs to be bound", () => {
    const life = Life.of(csmzxy)
    expect(tags(ofCode(life, "alipayCode"))).toEqual(["AlipayNotBound"])
    expect(tags(ofCode(life, "ecodeIdentityCode"))).toEqual([])
    expect(tags(ofCode(life.bindAlipay().expectApproved(), "alipayCode"))).toEqual([])
  })
})

describe("A6 what a door overlooks", () => {
  const lost = { _tag: "CardLost", reportedAt: CivilTime.instant("2025-09-02 10:00") } as const
  const dormant = { _tag: "CardFrozenDormant", since: CivilTime.day("2025-12-01"), months: 3 } as const
  const superseded = { _tag: "CardSuperseded" } as const
  it.each(
    [
      // what is the matter, whether dormancy and loss are overlooked, what is told
      [[], false, false, undefined],
      [[lost, dormant], false, false, lost],
      [[lost, dormant], false, true, dormant],
      [[lost, dormant], true, false, lost],
      [[lost, dormant], true, true, undefined],
      [[superseded, dormant], true, true, superseded],
      [[dormant], false, true, dormant],
      [[dormant], true, false, undefined]
    ] as const
  )("A6 %j, dormant overlooked: %s, lost overlooked: %s", (standing, dormantToo, lostToo, expected) => {
    expect(Standing.refuse(standing, { dormant: dormantToo, lost: lostToo })).toEqual(expected)
  })
  it("A6 nothing is overlooked unless it is said", () => {
    expect(Standing.refuse([lost])).toEqual(lost)
    expect(Standing.refuse([dormant])).toEqual(dormant)
  })
})

describe("what the holder brings to the counter (R36, R37, R47)", () => {
  it.each(lives)(
    "R36 R37 R47 a card that is %s: dormant or ended, only the card itself is looked at",
    (_, live, card, ofThis) => {
      const life = live()
      const [first] = ofThis.filter((tag) => tag !== "CardFrozenDormant" && tag !== "CardExpired")
      expect(Standing.ofShown(life.state, Id.CardId.make(card))?._tag).toBe(first)
    }
  )
})
