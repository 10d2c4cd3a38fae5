import { instant } from "@yikatong/core/promise"
import { describe, expect, it } from "vitest"
import { card, holder, said, School } from "./school.ts"

const furnished = async () => (await School.open()).furnished()

describe("doors at the promise door (R10-R18)", () => {
  it("R11 R12 R13 the gate opens for the card and for codes that the host has judged, and hears no more than that", async () => {
    const school = await furnished()
    const { doors } = school.campus
    const opened = { _tag: "Opened", account: "account-1", door: "dorm-1", at: school.now, passback: false }
    expect(await doors.identify({ ...school.at("dorm-1"), card })).toEqual(opened)
    const scan = (medium: "todayCampusCode" | "ecodeIdentityCode" | "ecodePayCode") =>
      doors.identify({ ...school.at("dorm-1"), medium, subject: holder })
    expect(await scan("todayCampusCode")).toEqual(opened)
    expect(await scan("ecodeIdentityCode")).toEqual(opened)
    expect(await scan("ecodePayCode")).toEqual({
      _tag: "Refused",
      decline: { _tag: "WrongCodeKind", medium: "ecodePayCode" }
    })
  })

  it("R15 R16 I18 the key ring lists what was granted from then on, and that opens once it is confirmed", async () => {
    const school = await furnished()
    const { doors } = school.campus
    const pick = (confirmed: boolean) =>
      doors.openByKeyRing({ ...school.at("today-campus"), subject: holder, door: "room-1-101", confirmed })
    expect(await doors.keyRing(holder)).toEqual([])
    expect(await pick(true)).toMatchObject({ decline: { _tag: "NoGrantForDoor" } })
    const from = instant("2026-03-02 14:00")
    await school.says("card-centre", { _tag: "GrantAccess", door: "room-1-101", from })
    expect(await doors.keyRing(holder)).toEqual([])
    school.now = from
    expect(await doors.keyRing(holder)).toEqual(["room-1-101"])
    expect(await pick(false)).toMatchObject({ decline: { _tag: "NotConfirmed" } })
    expect(await pick(true)).toMatchObject({ _tag: "Opened", door: "room-1-101" })
  })

  it("D23 every attempt is told, of one door or of all, also where nobody was found", async () => {
    const school = await furnished()
    const { doors } = school.campus
    await doors.identify({ ...school.at("dorm-1"), card })
    await doors.identify({ ...school.at("library-1"), card: "card-9" })
    const shown = { sequence: expect.any(Number), at: school.now, medium: "physicalCard" }
    const admitted = { ...shown, door: "dorm-1", account: "account-1", verdict: "opened" }
    const nobody = { ...shown, door: "library-1", verdict: "UnknownCard" }
    const all = await doors.attempts()
    expect(all).toStrictEqual([admitted, nobody])
    expect(await doors.attempts("library-1")).toStrictEqual([nobody])
    expect(await doors.attempts(undefined, { account: "account-1" })).toStrictEqual([admitted])
    const [first, last] = all.map(({ sequence }) => sequence)
    expect(await doors.attempts(undefined, { after: first ?? 0 })).toStrictEqual([nobody])
    expect(await doors.attempts(undefined, { after: last ?? 0 })).toStrictEqual([])
  })

  it("D11 D23 what a reader did while it was cut off is told late, and stands in the list at its own time", async () => {
    const school = await furnished()
    const { doors } = school.campus
    const at = school.now - 60_000
    const record = { ...school.at("dorm-1"), at, card, sequence: 7, opened: true }
    const told = await doors.recordPassage(record)
    expect(told).toMatchObject({ _tag: "Approved" })
    expect(await doors.recordPassage(record)).toEqual(told)
    const scanned = { ...school.at("dorm-1"), at, medium: "ecodeIdentityCode", subject: holder } as const
    expect(said(await doors.recordPassage({ ...scanned, sequence: 8, opened: false }))).toBe("Approved")
    const attempt = { sequence: expect.any(Number), at, door: "dorm-1", account: "account-1" }
    expect(await doors.attempts()).toEqual([
      { ...attempt, medium: "physicalCard", verdict: "opened" },
      { ...attempt, medium: "ecodeIdentityCode", verdict: "refused" }
    ])
  })

  it("D23 a code that is none of ours stands for nobody, and is told apart", async () => {
    const school = await furnished()
    const { doors } = school.campus
    const refused = await doors.identifyByScan({ id: "scan-1", point: "dorm-1", text: "no code of ours" })
    if (refused._tag !== "Refused") throw new Error(refused._tag)
    expect(await doors.attempts()).toEqual([])
    const { decline } = refused
    expect(await doors.refusedScans("dorm-1")).toEqual([{
      at: school.now,
      point: "dorm-1",
      purpose: "identify",
      decline
    }])
    expect(await doors.refusedScans("canteen-1")).toEqual([])
  })
})
