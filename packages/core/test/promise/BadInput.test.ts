import type { Campus, RecordInput } from "@yikatong/core/promise"
import { day, dayOf, instant } from "@yikatong/core/promise"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { card, holder, School } from "./school.ts"

/** What somebody without types may send. */
const any = (value: unknown): never => value as never

const stated = { id: "bad-1", point: "canteen-1" }
const batch = { caller: "office", id: "bad-1", batch: "spring", operator: "clerk" }
const rows = [{ account: "account-1", amount: 100 }]
const draft = { ...batch, rows, until: day("2026-03-31"), point: "card-centre" }
const upload = { caller: "gateway", id: "bad-1", terminal: "device-1" }
const record: RecordInput = { device: 1, station: "canteen-1", terminal: 1, at: 0, fact: any({ _tag: "None" }) }
const signIn = { ...upload, clock: 0, holds: { profile: "p", list: 0 } }
const gap = { caller: "office", id: "bad-1", from: 1, to: 2, reason: "lost", operator: "clerk" }

describe("what comes in is looked at before anything is done", () => {
  it.each<[string, (campus: Campus) => Promise<unknown>, string]>([
    ["a card that is no id", ({ doors }) => doors.identify({ ...stated, card: "食堂" }), "subject.card"],
    [
      "a medium that there is not",
      ({ doors }) => doors.identify({ ...stated, medium: any("face"), subject: holder }),
      "body.medium"
    ],
    ["a door that is no id", ({ doors }) => doors.attempts("大门"), "door"],
    ["attempts after half a line", ({ doors }) => doors.attempts("dorm-1", { after: 0.5 }), "which.after"],
    ["a point that is no id", ({ doors }) => doors.refusedScans("大门"), "point"],
    [
      "a pick that is neither confirmed nor not",
      ({ doors }) => doors.openByKeyRing({ ...stated, subject: holder, door: "room-1-101", confirmed: any("yes") }),
      "body.confirmed"
    ],
    ["a key ring of nothing", ({ doors }) => doors.keyRing(any({ _tag: "Person" })), "subject"],
    ["a cursor of nobody", (campus) => campus.holder.statement(holder, { cursor: "7" }), "cursor"],
    ["a page of no lines", (campus) => campus.holder.statement(holder, { limit: 0 }), "limit"],
    ["a page of too many lines", (campus) => campus.holder.statement(holder, { limit: 101 }), "limit"],
    [
      "a place where nothing is sold",
      (campus) => campus.holder.remaining(holder, { category: any("office"), medium: "physicalCard" }),
      "category"
    ],
    ["an operator that is no id", ({ office }) => office.audit("张三"), "operator"],
    ["acts for an account that is no id", ({ office }) => office.audit("li", { account: "李" }), "which.account"],
    ["acts after a line before the first", ({ office }) => office.audit(undefined, { after: -1 }), "which.after"],
    ["a day and a half", ({ office }) => office.settle(20_000.5), "day"],
    ["a day as a text", ({ office }) => office.settle(any("2026-03-02")), "day"],
    ["a merchant that is no id", ({ office }) => office.settlements("食堂"), "merchant"],
    ["an age before birth", ({ office }) => office.receivables([30, -1]), "ages.1"],
    ["a sweep from nowhere", ({ office }) => office.sweep(""), "point"],
    ["a hall at no time", (campus) => campus.hallStatus(Number.NaN), "at"],
    ["a draft without rows", ({ subsidies }) => subsidies.draft({ ...draft, rows: [] }), "rows"],
    [
      "a row of half a fen",
      ({ subsidies }) => subsidies.draft({ ...draft, rows: [...rows, { account: "account-2", amount: 0.5 }] }),
      "rows.1.amount"
    ],
    ["a draft of nobody", ({ subsidies }) => subsidies.draft({ ...draft, operator: "" }), "operator"],
    ["a caller with a colon", ({ subsidies }) => subsidies.approve({ ...batch, caller: "yikatong:x" }), "caller"],
    ["a batch that is no id", ({ subsidies }) => subsidies.grant("春季"), "batch"],
    ["a batch that is no id", ({ subsidies }) => subsidies.report(any(undefined)), "batch"],
    ["an upload of nothing", ({ terminals }) => terminals.upload({ ...upload, records: [] }), "records.0"],
    [
      "a record of no kind",
      ({ terminals }) => terminals.upload({ ...upload, records: [{ ...record, at: instant("2026-03-02 12:00") }] }),
      "records.0.fact"
    ],
    ["a terminal that is no id", ({ terminals }) => terminals.signIn({ ...signIn, terminal: "终端" }), "terminal"],
    [
      "a version before the first",
      ({ terminals }) => terminals.signIn({ ...signIn, holds: { profile: "p", list: -1 } }),
      "holds.list"
    ],
    [
      "a field that a terminal does not know",
      ({ terminals }) => terminals.signIn(any({ ...signIn, newestList: 7 })),
      "newestList"
    ],
    ["a list before the first", ({ terminals }) => terminals.blockedCards(-1), "since"],
    ["a journal before its beginning", ({ terminals }) => terminals.observe(-1), "after"],
    ["a gap of nothing", ({ terminals }) => terminals.explainGap(any(gap)), "terminal"],
    ["a gap of a card that is none", ({ terminals }) => terminals.explainGap({ ...gap, card: "卡" }), "card"],
    [
      "a break without a purchase",
      ({ terminals }) => terminals.explainBreak({ ...gap, card, sequence: 0 } as never),
      "sequence"
    ],
    ["a library card that is none", ({ library }) => library.lend({ ...stated, card: "" }), "card"],
    [
      "a person without a name",
      (campus) =>
        campus.openAccount({
          ...stated,
          account: "account-1",
          person: { id: "p", kind: "student", number: "1", name: "", document: any(undefined) }
        }),
      "person.name"
    ],
    [
      "an application without an end",
      (campus) =>
        campus.openAccount({
          ...stated,
          account: "account-1",
          class: "temporary",
          application: any({ form: { filled: true, signed: true, stamped: true }, applicant: "unit", unit: "U" }),
          person: {
            id: "p",
            kind: "visitor",
            number: "1",
            name: "王芳",
            document: { kind: "residentId", number: "11010519491231002X" }
          }
        }),
      "body.application.until"
    ],
    [
      "a new password of five digits",
      (campus) => campus.changePassword({ ...stated, subject: holder, newPin: "12345" }),
      "newPin"
    ]
  ])("bad input: %s is MalformedCommand and says where", async (_, ask, path) => {
    const { campus } = await (await School.open()).furnished()
    await expect(ask(campus)).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: expect.arrayContaining([expect.objectContaining({ path })])
    })
    expect((await campus.checkBooks()).breaks).toEqual([])
  })

  it.each<[string, () => unknown, string]>([
    ["an instant", () => instant("2026-02-30 12:00"), "instant"],
    ["a day", () => day("02.03.2026"), "day"],
    ["the day of an instant", () => dayOf(0.5), "at"]
  ])("bad input: %s that is none", (_, read, path) => {
    expect(read).toThrow(
      expect.objectContaining({ _tag: "MalformedCommand", flaws: [expect.objectContaining({ path })] })
    )
  })
})

describe("whatever is sent", () => {
  /** Every question, with whatever stands where its first thing should be. */
  const questions: Readonly<Record<string, (campus: Campus, input: unknown) => unknown>> = {
    submit: (campus, input) => campus.submit(any(input), any(input), any(input)),
    pay: (campus, input) => campus.pay(any(input)),
    payByScan: (campus, input) => campus.payByScan(any(input)),
    openAccount: (campus, input) => campus.openAccount(any(input)),
    changePassword: (campus, input) => campus.changePassword(any(input)),
    resetPassword: (campus, input) => campus.resetPassword(any(input)),
    recharge: (campus, input) => campus.recharge(any(input)),
    confirmRecharge: (campus, input) => campus.confirmRecharge(any(input), any(input)),
    load: (campus, input) => campus.load(any(input)),
    find: (campus, input) => campus.find(any(input)),
    authorisePhone: (campus, input) => campus.authorisePhone(any(input)),
    revokePhones: (campus, input) => campus.revokePhones(any(input)),
    revocations: (campus, input) => campus.revocations(any(input)),
    hallStatus: (campus, input) => campus.hallStatus(any(input)),
    explain: async (campus, input) => campus.explain(any(input)),
    trace: async (campus, input) => campus.trace(any(input), any(input), any(input)),
    identify: ({ doors }, input) => doors.identify(any(input)),
    identifyByScan: ({ doors }, input) => doors.identifyByScan(any(input)),
    keyRing: ({ doors }, input) => doors.keyRing(any(input)),
    openByKeyRing: ({ doors }, input) => doors.openByKeyRing(any(input)),
    attempts: ({ doors }, input) => doors.attempts(any(input)),
    refusedScans: ({ doors }, input) => doors.refusedScans(any(input)),
    statement: (campus, input) => campus.holder.statement(holder, any(input)),
    remaining: (campus, input) => campus.holder.remaining(holder, any(input)),
    holdings: (campus, input) => campus.holder.holdings(any(input)),
    audit: ({ office }, input) => office.audit(any(input)),
    settle: ({ office }, input) => office.settle(any(input)),
    settlements: ({ office }, input) => office.settlements(any(input)),
    receivables: ({ office }, input) => office.receivables(any(input)),
    sweep: ({ office }, input) => office.sweep(any(input)),
    draft: ({ subsidies }, input) => subsidies.draft(any(input)),
    approve: ({ subsidies }, input) => subsidies.approve(any(input)),
    withdraw: ({ subsidies }, input) => subsidies.withdraw(any(input)),
    grant: ({ subsidies }, input) => subsidies.grant(any(input)),
    end: ({ subsidies }, input) => subsidies.end(any(input)),
    report: ({ subsidies }, input) => subsidies.report(any(input)),
    signIn: ({ terminals }, input) => terminals.signIn(any(input)),
    upload: ({ terminals }, input) => terminals.upload(any(input)),
    blockedCards: ({ terminals }, input) => terminals.blockedCards(any(input)),
    observe: ({ terminals }, input) => terminals.observe(any(input)),
    explainGap: ({ terminals }, input) => terminals.explainGap(any(input)),
    explainBreak: ({ terminals }, input) => terminals.explainBreak(any(input)),
    explainRecord: ({ terminals }, input) => terminals.explainRecord(any(input)),
    explainConflict: ({ terminals }, input) => terminals.explainConflict(any(input)),
    explainUnlisted: ({ terminals }, input) => terminals.explainUnlisted(any(input)),
    recordPassage: ({ doors }, input) => doors.recordPassage(any(input)),
    reverse: (campus, input) => campus.reverse(any(input)),
    driveRecharges: ({ office }, input) => office.driveRecharges(any(input)),
    tellRecharge: ({ office }, input) => office.tellRecharge(any(input), any(input)),
    lend: ({ library }, input) => library.lend(any(input)),
    connect: async ({ library }, input) => library.connect(any(input))
  }

  it.each(Object.entries(questions))(
    "R73 D24 %s answers or says MalformedCommand, and never crashes",
    async (_, ask) => {
      const { campus } = await School.open()
      const secret = "secret-7d1f"
      const input = fc.anything({ values: [fc.constant(secret), fc.string(), fc.integer(), fc.boolean()] })
      await fc.assert(
        fc.asyncProperty(input, async (input) => {
          try {
            await ask(campus, input)
          } catch (error) {
            expect(error).toMatchObject({ _tag: "MalformedCommand" })
            expect(`${error}${JSON.stringify(error)}`).not.toContain(secret)
          }
        }),
        { numRuns: 50 }
      )
    }
  )
})
