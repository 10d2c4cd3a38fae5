import { day, instant } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { card, holder, said, School, visitor } from "./school.ts"

describe("the audit (R72)", () => {
  it("R72 who did what at the counters, refused acts too, all or those of one operator", async () => {
    const school = await (await School.open()).furnished()
    const { office } = school.campus
    await school.says("window-3", { _tag: "ActivateCard", card: "card-9" })
    const acts = async (operator?: string) =>
      (await office.audit(operator)).map(({ act, operator, outcome }) => [act, operator, outcome])
    const all = [
      ["IssueCard", "operator-ccb", "approved"],
      ["ActivateCard", "operator-card-centre", "approved"],
      ["ActivateCard", "operator-card-centre", "UnknownCard"]
    ]
    expect(await acts()).toEqual(all)
    expect(await acts("operator-ccb")).toEqual(all.slice(0, 1))
    const whole = await office.audit()
    expect(await office.audit(undefined, { account: holder.account })).toEqual(whole)
    expect(await office.audit(undefined, { account: "account-9" })).toEqual([])
    expect(await office.audit(undefined, { after: whole[0]?.sequence ?? 0 })).toEqual(whole.slice(1))
    expect(await office.audit("operator-ccb", { after: whole[0]?.sequence ?? 0 })).toEqual([])
    expect(JSON.parse(JSON.stringify(whole))).toStrictEqual(whole)
  })
})

describe("the close of a day (R76, I16)", () => {
  it("R76 one settlement a merchant, the same again, and no day before its time", async () => {
    const school = await (await (await School.open()).furnished()).recharged(5_000)
    const { office } = school.campus
    await school.buys(1_800)
    const today = day("2026-03-02")
    expect(await office.settle(today)).toEqual({ _tag: "Refused", decline: { _tag: "DayNotOver", day: today } })
    school.now = instant("2026-03-03 02:00")
    const closed = await office.settle(today)
    expect(closed).toMatchObject({ _tag: "Closed", day: today, breaks: [] })
    expect(await office.settle(today)).toEqual(closed)
    expect(await office.settlements("canteen-1")).toMatchObject([{ day: today, purchases: 1_800, paid: 1_800, fee: 0 }])
    expect(await office.settlements("canteen-9")).toEqual([])
    expect(await office.checkSettlements()).toEqual([])
    expect((await school.campus.checkBooks()).breaks).toEqual([])
  })

  it("R76 D5 a refund that names its purchase goes back, and into the settlement of its day", async () => {
    const school = await (await (await School.open()).furnished()).recharged(5_000)
    const { office } = school.campus
    await school.buys(1_800)
    const [bought] = (await school.campus.holder.statement(holder)).lines
    if (bought?.purchase === undefined) throw new Error("a purchase has a name")
    school.now = instant("2026-03-03 10:00")
    await office.settle(day("2026-03-02"))
    const refund = { _tag: "RefundPurchase", purchase: bought.purchase, amount: 800, reason: "notServed" } as const
    expect(said(await school.says("card-centre", refund))).toBe("Approved")
    school.now = instant("2026-03-04 02:00")
    await office.settle(day("2026-03-03"))
    expect(await office.settlements("canteen-1")).toMatchObject([{ paid: 1_800 }, { returns: 800, carriedOut: -800 }])
    expect((await school.campus.checkBooks()).breaks).toEqual([])
  })
})

describe("what is owed, and what is over (D6, D7, D10, R46)", () => {
  it("D10 a meal that was eaten and not paid is owed from the day on which its record came", async () => {
    const school = await (await School.open()).furnished()
    const { campus } = school
    await campus.submit({ ...school.at("canteen-1"), at: school.now, subject: { _tag: "Card", card } }, {
      _tag: "RecordCardPurchase",
      card,
      amount: 1_000,
      chipBefore: 1_000,
      chipAfter: 0,
      purchaseSequence: 1
    })
    const since = school.now
    school.now = instant("2026-04-02 12:00")
    expect(await campus.office.receivables([30])).toEqual({
      debt: 1_000,
      owed: [{ account: holder.account, debt: 1_000, since, parts: [{ since, amount: 1_000 }] }],
      ages: [{ days: 0, accounts: 0, amount: 0 }, { days: 30, accounts: 1, amount: 1_000 }]
    })
    expect((await campus.office.receivables()).ages.map(({ days }) => days)).toEqual([0, 30, 90, 365])
  })

  it("A16 D7 R46 the sweep closes what has ended and tells what is due; who sleeps is told too", async () => {
    const school = await (await School.open()).furnished()
    const { office } = school.campus
    const until = day("2026-03-31")
    await school.campus.openAccount({
      ...school.at("window-3"),
      account: "visit-1",
      class: "temporary",
      person: visitor,
      application: {
        form: { filled: true, signed: true, stamped: true },
        applicant: "unit",
        unit: "School of Social Work",
        fee: { amount: 2_000, desk: "window-3" },
        until
      }
    })
    expect(await office.sweep("card-centre")).toEqual([])
    expect(await office.dormant()).toEqual([])
    school.now = instant("2026-06-03 02:00")
    expect(await office.sweep("card-centre")).toEqual([{ _tag: "AccountClosed", account: "visit-1", until }])
    expect(await office.dormant()).toEqual([{ account: holder.account, since: day("2026-06-02") }])
    school.now = instant("2026-06-10 02:00")
    expect(await office.sweep("card-centre")).toMatchObject([{ _tag: "PayOutDue", account: "visit-1", amount: 0 }])
  })
})
