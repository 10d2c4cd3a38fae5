import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Inscription from "../src/Inscription.ts"
import * as Spending from "../src/Spending.ts"
import * as Tally from "../src/Tally.ts"
import { applicationOf, csmzxy, Life } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const today = ({ now }: Life): CivilTime.Day => CivilTime.dayOf(now)
const of = (life: Life, card = "card-1") =>
  Inscription.of(csmzxy, life.state, Id.CardId.make(card), life.chip(card), today(life))

describe("what should stand on a chip by the books (D12)", () => {
  it.each([
    ["R31 handed out", () => Life.unborn(csmzxy).open().issue("card-1"), "notActivated"],
    ["R31 activated", () => Life.of(csmzxy), "active"],
    ["R39 lost: the stamp of the blacklist", () => Life.of(csmzxy).reportLost(), "blocked"],
    ["R43 found", () => Life.of(csmzxy).reportLost().reportFound("card-1"), "active"],
    ["R44 replaced", () => Life.of(csmzxy).replace("card-2"), "blocked"],
    ["D7 of a closing account", () => Life.of(csmzxy).close(), "blocked"]
  ])("%s", (_, live, standing) => expect(of(live())).toMatchObject({ card: "card-1", standing }))

  it("a card that the account never had has no inscription", () => {
    expect(of(Life.of(csmzxy), "card-9")).toBeUndefined()
  })

  it("R46 A4 it is good for three months from its activation, and from each purchase on", () => {
    const life = Life.of(csmzxy, { chip: "100.00" })
    expect(of(life)?.validUntil).toBe(CivilTime.day("2025-12-01"))
    life.at("2025-11-03 12:00").pay("card", "18.00").expectApproved()
    expect(of(life)?.validUntil).toBe(CivilTime.day("2026-02-03"))
  })

  it("R31 one that was not activated is good for nothing, from today on", () => {
    const life = Life.unborn(csmzxy).open().issue("card-1")
    expect(of(life)?.validUntil).toBe(today(life))
  })

  it("A16 the last day of a temporary account stands on its card", () => {
    const life = Life.unborn(csmzxy).openTemporary("staff", applicationOf({ until: "2025-10-01" }))
    life.issue("card-1", { point: "window-3" }).expectApproved().activate("card-1").expectApproved()
    expect(of(life)?.endsOn).toBe(CivilTime.day("2025-10-01"))
  })

  it("A7 what was bought by code counts too, and only the latest day has room", () => {
    const life = Life.of(csmzxy, { chip: "100.00" }).withWallet("50.00")
    life.at("2025-11-03 12:00").pay("card", "18.00").expectApproved()
    life.at("2025-11-04 12:00").pay("card", "5.00").expectApproved().pay("ecode", "6.00").expectApproved()
    expect(of(life)?.tallies.cells.map(({ medium, sum }) => [medium, sum])).toEqual([
      ["physicalCard", 500],
      ["ecodePayCode", 600]
    ])
  })
})

describe("a terminal that reads it decides as the campus does (D12)", () => {
  it("D12 in every life: the chip is refused where the card is", () =>
    fc.assert(fc.property(stories(30), (story) => {
      const life = lived(csmzxy, story)
      for (const { id } of life.state.cards) {
        const chip = Inscription.of(csmzxy, life.state, id, life.chip(id), today(life))
        expect(chip).toBeDefined()
        if (chip === undefined) continue
        const byChip = Spending.fromChip(csmzxy, chip, today(life)).refusal
        const byBooks = Spending.refuseCard(csmzxy, life.state, id, today(life))
        expect(byChip === undefined).toBe(byBooks === undefined)
        expect(Tally.lastDay(chip.tallies)).toEqual(
          life.state.tallies.cells.length === 0 ? Tally.lastDay(Tally.none) : Tally.lastDay(life.state.tallies)
        )
      }
    })), 120_000)
})
