import { csmzxy, day, instant } from "@yikatong/core/promise"
import { expect, it } from "vitest"
import { card, holder, said, School, visitor } from "./school.ts"

/** All that a school does in a term, through the promise door alone, in plain values. */
it("a term of one school: every part of the door on one set of books (I1, I5, I13)", async () => {
  const school = await School.open()
  const { campus } = school
  const { doors, library, office, subsidies, terminals } = campus

  // Monday: a student, a card, money, and a lunch that is above the limit.
  await (await school.furnished()).recharged(10_000)
  expect(said(await school.buys(1_800))).toBe("Approved")
  const over = await school.buys(1_201)
  if (over._tag !== "Declined") throw new Error("above the meal limit")
  expect(campus.explain(over.decline).what.zh).toContain("30.00")
  const stated = { ...school.at("canteen-1"), subject: holder }
  const body = { _tag: "PayByCode", medium: "todayCampusCode", amount: 1_201, link: "up" } as const
  const steps = campus.trace(stated, body, over)
  expect(steps.find(({ verdict }) => verdict === "refused")?.rule).toBe("limits")

  // The card is loaded, a terminal is cut off and comes back; the gate, a room and the library know the card.
  const chip = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
  await campus.load({
    ...school.at("canteen-1"),
    card,
    chip,
    write: (balance) => Promise.resolve({ balance, loadSequence: 1, purchaseSequence: 0 })
  })
  const device = { caller: "gateway", terminal: "device-1" }
  const holds = { profile: csmzxy.version, list: 0 }
  expect(await terminals.signIn({ ...device, id: "sign-in", clock: school.now, holds })).toMatchObject({ offset: 0 })
  const fact = {
    _tag: "CardPurchase",
    loadSequence: 1,
    purchase: {
      _tag: "RecordCardPurchase",
      card,
      amount: 1_000,
      chipBefore: 8_200,
      chipAfter: 7_200,
      purchaseSequence: 1
    }
  } as const
  const at = school.now
  school.now += 60_000
  const records = [{ device: 1, station: "canteen-1", terminal: 1, at, fact }]
  expect(await terminals.upload({ ...device, id: "batch-1", records })).toMatchObject({ outcomes: [{ safe: true }] })
  expect(await terminals.openGaps()).toEqual({ terminals: [], cards: [] })
  expect(await doors.identify({ ...school.at("dorm-1"), card })).toMatchObject({ _tag: "Opened" })
  await school.says("card-centre", { _tag: "GrantAccess", door: "room-1-101" })
  expect(await doors.keyRing(holder)).toEqual(["room-1-101"])
  expect(await library.lend({ ...school.at("library-1"), card })).toMatchObject({ standing: "good" })

  // A visitor comes for a month, with codes only; a subsidy is granted.
  const visit = { _tag: "Account", account: "visit-1" } as const
  const fee = { amount: 2_000, desk: "window-3" }
  const form = { filled: true, signed: true, stamped: true }
  const opened = await campus.openAccount({
    ...school.at("window-3"),
    account: visit.account,
    class: "temporary",
    person: visitor,
    application: { form, applicant: "unit", unit: "School of Social Work", fee, until: day("2026-03-31") }
  })
  expect(said(opened.answer)).toBe("Approved")
  const change = { ...school.at("window-3"), subject: visit, newPin: "135790" }
  expect(said(await campus.changePassword(change))).toBe("Approved")
  const asked = (operator: string) => ({ caller: "office", id: `spring-${operator}`, batch: "spring", operator })
  const rows = [{ account: holder.account, amount: 2_000 }]
  await subsidies.draft({ ...asked("clerk"), rows, until: day("2026-03-31"), point: "card-centre" })
  await subsidies.approve(asked("head"))
  expect(await subsidies.grant("spring")).toMatchObject({ _tag: "Done", batch: { stage: "granted" } })

  // Tuesday: the day is closed, a wrong charge goes back, and the card is lost.
  school.now = instant("2026-03-03 10:00")
  expect(await office.settle(day("2026-03-02"))).toMatchObject({ _tag: "Closed", breaks: [] })
  const lunch = (await campus.holder.statement(holder)).lines.find(({ amount }) => amount === 1_800)
  if (lunch?.purchase === undefined) throw new Error("the lunch stands on the statement")
  const refund = { _tag: "RefundPurchase", purchase: lunch.purchase, amount: 800, reason: "wrongCharge" } as const
  expect(said(await school.says("card-centre", refund))).toBe("Approved")
  const list = await terminals.blockedCards()
  expect(said(await school.says("today-campus", { _tag: "ReportLost", reason: "lost" }))).toBe("Approved")
  const version = list._tag === "Whole" ? list.list.version : 0
  expect(await terminals.blockedCards(version)).toMatchObject({ delta: { blocked: [{ card, reason: "lost" }] } })
  expect(await doors.identify({ ...school.at("dorm-1"), card })).toMatchObject({ decline: { _tag: "CardLost" } })
  expect((await campus.holder.holdings(holder))?.frozen).toMatchObject([{ amount: 7_200 }])

  // April: the visit and the subsidy have ended, and nobody owes anything.
  school.now = instant("2026-04-01 02:00")
  expect((await office.sweep("card-centre")).map(({ _tag }) => _tag)).toEqual(["AccountClosed", "BatchEnded"])
  expect(await subsidies.report("spring")).toMatchObject({ granted: 2_000, returned: 2_000, spent: 0 })
  expect(await office.receivables()).toMatchObject({ debt: 0, owed: [] })
  expect(await office.checkSettlements()).toEqual([])
  expect((await office.audit()).map(({ act }) => act)).toEqual([
    "IssueCard",
    "ActivateCard",
    "OpenAccount",
    "ChangePassword",
    // At the terminal, by somebody of the card centre: a refund is supervised wherever it is done.
    "RefundPurchase"
  ])
  expect(await doors.attempts()).toHaveLength(3)

  const books = await campus.checkBooks()
  expect(books).toMatchObject({ breaks: [], accounts: 2 })
  expect(books.transfers).toBeGreaterThan(8)
  await campus.close()
})
