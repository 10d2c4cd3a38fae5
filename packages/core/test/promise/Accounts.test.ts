import { day } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { said, School, visitor } from "./school.ts"

const application = {
  form: { filled: true, signed: true, stamped: true },
  applicant: "unit",
  unit: "School of Social Work",
  fee: { amount: 2_000, desk: "window-3" },
  until: day("2026-03-31")
} as const
const visit = { _tag: "Account", account: "visit-1" } as const

const openVisit = (school: School, change: object = {}) =>
  school.campus.openAccount({
    ...school.at("window-3"),
    account: visit.account,
    class: "temporary",
    person: visitor,
    application: { ...application, ...change }
  })

describe("a temporary account on an application (R52-R54, A16)", () => {
  it.each([
    ["R52 a form that is whole, with its fee", {}, "Approved"],
    ["R53 a form without its stamp", { form: { ...application.form, stamped: false } }, "DocumentMissing"],
    ["R54 a fee that is too low", { fee: { amount: 1_999, desk: "window-3" } }, "FeeUnpaid"],
    ["A16 an end that is too far", { until: day("2027-03-03") }, "EndDateNotAllowed"]
  ])("%s", async (_, change, expected) => {
    const school = await School.open()
    expect(said((await openVisit(school, change)).answer)).toBe(expected)
    expect((await school.campus.checkBooks()).breaks).toEqual([])
  })

  it("R52 none without an application", async () => {
    const school = await School.open()
    const { answer } = await school.campus.openAccount({
      ...school.at("window-3"),
      account: visit.account,
      class: "temporary",
      person: visitor
    })
    expect(said(answer)).toBe("DocumentMissing")
  })
})

describe("the password of somebody who holds codes only (R8, R36, R37, A15)", () => {
  it("R36 R37 is reset and changed at the counter by the subject, and no card is asked for", async () => {
    const school = await School.open()
    const { campus } = school
    await openVisit(school)
    const change = { ...school.at("window-3"), subject: visit, newPin: "135790" }
    expect(said(await campus.changePassword(change))).toBe("Approved")
    const byNumber = { _tag: "Handle", handle: { kind: "number", value: visitor.number } } as const
    const reset = await campus.resetPassword({ ...school.at("window-3"), subject: byNumber })
    expect(said(reset.answer)).toBe("Approved")
    expect(reset.oneTimePin).toBeUndefined()
  })

  it("R36 who has a card shows it", async () => {
    const school = await (await School.open()).furnished()
    const subject = { _tag: "Account", account: "account-1" } as const
    const { answer } = await school.campus.resetPassword({ ...school.at("window-3"), subject })
    expect(said(answer)).toBe("UnknownCard")
  })

  it("a card and a subject at once contradict each other; none of both says nobody", async () => {
    const school = await School.open()
    const { campus } = school
    const misuse = { _tag: "MalformedCommand", flaws: [{ path: "subject" }] }
    const both = { ...school.at("window-3"), card: "card-1", subject: visit } as unknown as { readonly card: string }
    await expect(campus.resetPassword({ ...school.at("window-3"), ...both })).rejects.toMatchObject(misuse)
    const none = school.at("window-3") as Parameters<typeof campus.resetPassword>[0]
    await expect(campus.resetPassword(none)).rejects.toMatchObject(misuse)
  })
})
