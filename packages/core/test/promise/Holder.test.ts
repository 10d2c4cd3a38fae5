import { describe, expect, it } from "vitest"
import { holder, School } from "./school.ts"

const nobody = { _tag: "Account", account: "account-9" } as const

describe("what a holder asks (R50, R56)", () => {
  it("R56 the statement, page by page, newest first; no line twice and none left out", async () => {
    const school = await (await (await School.open()).furnished()).recharged(5_000)
    for (const amount of [100, 200, 300]) await school.buys(amount)
    const { statement } = school.campus.holder
    const whole = await statement(holder)
    expect(whole.lines.map(({ amount, kind }) => [kind, amount])).toEqual([
      ["purchase", 300],
      ["purchase", 200],
      ["purchase", 100],
      ["recharge", 5_000]
    ])
    expect(whole.lines[0]?.words).toEqual({
      what: { zh: "消费", en: "purchase" },
      medium: { zh: "今日校园付款码", en: "the Today Campus pay code" },
      place: { zh: "第一食堂 1 号机", en: "Canteen 1, terminal 1" },
      status: { zh: "成功", en: "done" },
      at: "2026-03-02 12:00",
      amount: "-3.00"
    })
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole)
    const lines = []
    let cursor: string | undefined
    do {
      const page = await statement(holder, { limit: 1, ...(cursor === undefined ? {} : { cursor }) })
      lines.push(...page.lines)
      cursor = page.next
    } while (cursor !== undefined)
    expect(lines).toEqual(whole.lines)
  })

  it("R50 what is left of meal and day after a lunch", async () => {
    const school = await (await (await School.open()).furnished()).recharged(5_000)
    await school.buys(1_800)
    const { remaining } = school.campus.holder
    const left = await remaining(holder, { category: "canteen", medium: "todayCampusCode" })
    expect(left.map(({ limit, remaining }) => [limit, remaining])).toEqual([["meal", 1_200], ["day", 3_200]])
    expect(left.map(({ name }) => name)).toEqual([
      { zh: "午餐餐限", en: "the lunch limit" },
      { zh: "日限", en: "the day limit" }
    ])
    const inShop = await remaining(holder, { category: "shop", medium: "physicalCard" })
    expect(inShop.map(({ limit, remaining }) => [limit, remaining])).toEqual([["day", 3_200]])
  })

  it("R56 where the money is and what to do next, in both languages", async () => {
    const school = await (await (await School.open()).furnished()).recharged(5_000)
    const holdings = await school.campus.holder.holdings(holder)
    expect(holdings).toMatchObject({ card: { amount: 0 }, waiting: { amount: 5_000 }, wallet: { amount: 0 } })
    expect(holdings?.waiting.name.zh).toContain("过渡余额")
    expect(holdings?.waiting.next.en).not.toBe("")
    expect(JSON.parse(JSON.stringify(holdings))).toEqual(holdings)
  })

  it("D20 of somebody who is not known there is nothing, and no fault", async () => {
    const { campus } = await School.open()
    expect(await campus.holder.statement(nobody)).toEqual({ lines: [] })
    expect(await campus.holder.remaining(nobody, { category: "canteen", medium: "physicalCard" })).toEqual([])
    expect(await campus.holder.holdings(nobody)).toBeUndefined()
  })
})
