import { Option } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AccountState, evolve } from "../src/AccountState.ts"
import * as Card from "../src/Card.ts"
import * as CivilTime from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const at = (clock: string) => CivilTime.instant(`2025-11-03 ${clock}`)
const first = Id.CardId.make("card-1")
const second = Id.CardId.make("card-2")
const active = Card.activate(Card.issue(first, at("09:00")), at("10:00"))
const lost = Card.reportLost(active, at("12:00"), Money.of(8_000), Money.of(2_000))

describe("the life of one card (R30, R31, R39-R44)", () => {
  it("R30 R31 issued, then active or cancelled", () => {
    expect(Card.issue(first, at("09:00"))).toEqual({ _tag: "Issued", id: first, issuedAt: at("09:00"), bank: "normal" })
    expect(active).toEqual({
      _tag: "Active",
      id: first,
      issuedAt: at("09:00"),
      bank: "normal",
      activatedAt: at("10:00"),
      lost: []
    })
    expect(Card.cancel(Card.issue(first, at("09:00")), at("10:00"))).toMatchObject({
      _tag: "Cancelled",
      cancelledAt: at("10:00")
    })
  })

  it("R42 D8 the replaced card keeps what was frozen and what was held as one sum, and it is claimed whole", () => {
    const replaced = Card.replace(lost, second, at("15:00"))
    expect(replaced).toMatchObject({ _tag: "Replaced", by: second, completedAt: at("15:00"), frozen: 10_000 })
    expect(replaced).not.toHaveProperty("held")
    expect(Card.claim(replaced, at("16:00"))).toMatchObject({ frozen: 0, claimedAt: at("16:00") })
  })

  it("R40 the bank's status goes with the card through all of its life", () => {
    const told = { ...active, bank: "reportedLost" } as const
    const gone = Card.reportLost(told, at("12:00"), Money.zero, Money.zero)
    for (const card of [gone, Card.reportFound(gone, at("13:00")), Card.replace(gone, second, at("13:00"))]) {
      expect(card.bank).toBe("reportedLost")
    }
  })

  it.each([
    ["11:59", undefined],
    ["12:00", "12:00"],
    ["12:59", "12:00"],
    ["13:00", undefined],
    ["14:00", "14:00"],
    ["23:00", "14:00"]
  ])("D11 lost 12:00, found 13:00, lost 14:00: at %s it was lost since %s", (now, since) => {
    const again = Card.reportLost(Card.reportFound(lost, at("13:00")), at("14:00"), Money.zero, Money.zero)
    const expected = since === undefined ? undefined : at(since)
    expect(Card.lostFrom(again, at(now))).toBe(expected)
    expect(Card.lostFrom(Card.replace(again, second, at("15:00")), at(now))).toBe(expected)
  })

  it("D8 a load of unknown outcome goes with the card when it is lost, and is still there when it is found", () => {
    const load = {
      id: Id.LoadId.make("canteen-1:load-1"),
      point: Id.PointId.make("canteen-1"),
      transit: Money.of(2_000),
      subsidy: Money.zero,
      before: { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 },
      begunAt: at("11:00"),
      outcome: "unknown"
    } as const
    const gone = Card.reportLost({ ...active, load }, at("12:00"), Money.zero, Money.of(2_000))
    expect(gone.load).toEqual(load)
    expect(Card.reportFound(gone, at("13:00")).load).toEqual(load)
    expect(Card.reportFound(lost, at("13:00"))).not.toHaveProperty("load")
  })

  it("I6 the card that stands for the account: the active one, else the one that came last", () => {
    const replaced = Card.replace(lost, second, at("15:00"))
    const newer = Card.activate(Card.issue(second, at("14:00")), at("15:00"))
    expect(Card.latest([])).toBeUndefined()
    expect(Card.latest([replaced, newer])).toBe(newer)
    expect(Card.latest([active, Card.issue(second, at("14:00"))])).toBe(active)
    const waiting = Card.issue(second, at("14:00"))
    expect(Card.latest([lost, waiting])).toBe(waiting)
    expect(Card.active([lost, waiting])).toBeUndefined()
    expect(Card.find([lost, newer], second)).toEqual(Option.some(newer))
    expect(Card.find([lost, newer], Id.CardId.make("card-9"))).toEqual(Option.none())
  })
})

describe("cards in any life", () => {
  const follows: Record<Card.Card["_tag"], ReadonlyArray<Card.Card["_tag"]>> = {
    Issued: ["Issued", "Active", "Cancelled"],
    Active: ["Active", "Lost", "Returned"],
    Lost: ["Lost", "Active", "Replaced", "Returned"],
    Replaced: ["Replaced", "Returned"],
    Returned: ["Returned"],
    Cancelled: ["Cancelled"]
  }

  it("R44 R74 every card goes only the ways there are: issued → active ⇄ lost → replaced, issued → cancelled", () => {
    fc.assert(fc.property(stories(30), (story) => {
      const seen = new Map<string, Card.Card["_tag"]>()
      let account: AccountState | undefined
      for (const event of lived(csmzxy, story).events) {
        account = evolve(account, event)
        for (const { _tag, id } of account.cards) {
          expect(follows[seen.get(id) ?? "Issued"]).toContain(_tag)
          seen.set(id, _tag)
        }
      }
    }))
  })

  it("I6 R74 each card id is used once, and all but the last are out of use", () => {
    fc.assert(fc.property(stories(30), (story) => {
      const { cards } = lived(csmzxy, story).state
      expect(new Set(cards.map(({ id }) => id)).size).toBe(cards.length)
      expect(cards.filter(({ _tag }) => _tag === "Active" || _tag === "Issued").length).toBeLessThanOrEqual(2)
    }))
  })
})
