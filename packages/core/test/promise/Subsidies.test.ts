import { day, instant } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { School } from "./school.ts"

const batch = "2026-spring"
const asked = (operator: string, what: string) => ({ caller: "office", id: `${what}-${operator}`, batch, operator })
const draft = {
  ...asked("clerk", "draft"),
  rows: [{ account: "account-1", amount: 5_000 }, { account: "account-9", amount: 1_000 }],
  until: day("2026-03-31"),
  point: "card-centre"
}

describe("a batch of subsidies (D6, R76)", () => {
  it("D6 drafted by one, approved by another, granted, spent, taken back: the books agree", async () => {
    const school = await (await School.open()).furnished()
    const { campus } = school
    const { subsidies } = campus
    expect(await subsidies.report(batch)).toBeUndefined()
    expect(await subsidies.draft(draft)).toEqual({ _tag: "Approved" })
    expect(await subsidies.approve(asked("clerk", "approve"))).toMatchObject({ decline: { _tag: "SameOperator" } })
    expect(await subsidies.grant(batch)).toMatchObject({ _tag: "Refused", decline: { _tag: "BatchStepRefused" } })
    expect(await subsidies.approve(asked("head", "approve"))).toEqual({ _tag: "Approved" })
    const granted = await subsidies.grant(batch)
    expect(granted).toMatchObject({
      _tag: "Done",
      batch: { rows: [{ outcome: { _tag: "Granted" } }, { outcome: { _tag: "Declined" } }] }
    })
    expect(await subsidies.grant(batch)).toEqual(granted)
    await school.buys(1_800)
    expect(await subsidies.report(batch)).toMatchObject({ granted: 5_000, declined: 1_000, left: 3_200, spent: 1_800 })
    expect(await subsidies.end(batch)).toMatchObject({ decline: { _tag: "SubsidyNotEnded" } })
    school.now = instant("2026-04-01 02:00")
    expect((await subsidies.overdue()).map((one) => one.batch)).toEqual([batch])
    expect(await subsidies.end(batch)).toMatchObject({ _tag: "Done", undone: [] })
    expect(await subsidies.overdue()).toEqual([])
    const report = await subsidies.report(batch)
    expect(report).toMatchObject({ returned: 3_200, left: 0, spent: 1_800 })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect((await campus.checkBooks()).breaks).toEqual([])
  })

  it("D6 a draft that is given up grants nothing", async () => {
    const { campus: { subsidies } } = await (await School.open()).furnished()
    await subsidies.draft(draft)
    expect(await subsidies.withdraw(asked("clerk", "withdraw"))).toEqual({ _tag: "Approved" })
    expect(await subsidies.approve(asked("head", "approve"))).toMatchObject({ decline: { _tag: "BatchStepRefused" } })
  })

  it("D18 the same draft again is the same; another one under its id is misuse", async () => {
    const { campus: { subsidies } } = await (await School.open()).furnished()
    expect(await subsidies.draft(draft)).toEqual(await subsidies.draft(draft))
    await expect(subsidies.draft({ ...draft, until: day("2026-04-30") })).rejects.toMatchObject({
      _tag: "CommandIdReused"
    })
  })
})
