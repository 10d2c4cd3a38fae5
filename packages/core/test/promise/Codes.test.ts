import { CodeAuthorisation, CodeKeys, PresentedCode } from "@yikatong/core"
import { Campus, csmzxy, memory } from "@yikatong/core/promise"
import { Clerk } from "@yikatong/core/testing"
import { Result, Schema } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bytesOf, keys, now as noon, vectors } from "../support/codes.ts"

const subject = { _tag: "Account", account: "account-1" } as const
const person = {
  id: "person-1",
  kind: "student",
  number: "20260001",
  name: "李华",
  document: { kind: "residentId", number: "43010219990101125X" }
} as const
const issuer = {
  secretKeys: { 1: bytesOf(vectors.secretKeys.issuer), 2: bytesOf(vectors.secretKeys.otherIssuer) },
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length))
}
const profile = {
  ...csmzxy,
  codes: { issuers: keys, signed: ["ecodePayCode", "todayCampusCode", "ecodeIdentityCode"] }
}
const device = CodeKeys.secretKey(new Uint8Array(32).fill(7))
const deviceKey = CodeKeys.publicKeyOf(device)

describe("codes at the promise door", () => {
  let now: number = noon
  let counter = 0
  let campus: Campus

  /** The phone is authorised and shows a code. */
  const show = async (medium: "ecodePayCode" | "todayCampusCode" | "ecodeIdentityCode") => {
    const given = await campus.authorisePhone({ subject, medium, deviceKey })
    if (given._tag === "Declined") throw new Error(given.decline._tag)
    const authorisation = Schema.decodeSync(CodeAuthorisation.Authorisation)(given.authorisation)
    const text = Result.getOrThrow(PresentedCode.present(authorisation, device, { now: noon, counter: ++counter }))
    return { text, given }
  }

  /** A student with an active card and 50 yuan. */
  const furnish = async (campus: Campus) => {
    await campus.openAccount({ id: "open", point: "card-centre", account: "account-1", person })
    const card = "card-1"
    const at = (point: string) => ({ id: point, point, subject, ...Clerk.at(csmzxy, point) })
    await campus.submit(at("window-ccb"), { _tag: "IssueCard", card })
    await campus.submit(at("window-3"), { _tag: "ActivateCard", card })
    await campus.submit(at("card-centre"), { _tag: "GrantSubsidy", amount: 5_000 })
    return campus
  }

  beforeEach(async () => {
    now = noon
    campus = await furnish(await Campus.open({ backend: memory(), profile, issuer, now: () => now }))
  })
  afterEach(() => campus.close())

  it("R5 a phone is authorised, and pays once with what it shows; the answer is a plain value", async () => {
    const { text } = await show("ecodePayCode")
    const scan = { id: "scan-1", point: "canteen-1", text, amount: 1_200 }
    const answer = await campus.payByScan(scan)
    expect(answer).toMatchObject({ _tag: "Approved", pockets: { subsidy: 3_800 } })
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
    expect(await campus.payByScan(scan)).toEqual(answer)
    const again = await campus.payByScan({ ...scan, id: "scan-2" })
    expect(again).toMatchObject({ _tag: "Declined", decline: { _tag: "CodeAlreadyUsed" } })
    if (again._tag === "Declined") expect(campus.explain(again.decline).what.zh).toContain("已使用")
  })

  it("R12 R13 a gate takes the identity code and 今日校园付款码, and no 付款码 of e码通", async () => {
    const gate = async (medium: Parameters<typeof show>[0]) =>
      campus.identifyByScan({ id: medium, point: "dorm-1", text: (await show(medium)).text })
    expect(await gate("ecodeIdentityCode")).toMatchObject({ _tag: "Opened", account: "account-1", door: "dorm-1" })
    expect(await gate("todayCampusCode")).toMatchObject({ _tag: "Opened" })
    expect(await gate("ecodePayCode")).toMatchObject({ _tag: "Refused", decline: { _tag: "WrongCodeKind" } })
  })

  it("A22 D11 a code that a cut-off gate took is burned when the gate tells it, and stands for whoever showed it", async () => {
    const { given, text } = await show("ecodeIdentityCode")
    const { pseudonym } = given
    const code = { pseudonym, counter, notAfter: given.notAfter }
    const record = {
      id: "gate-7",
      point: "dorm-1",
      at: now,
      medium: "ecodeIdentityCode",
      sequence: 7,
      opened: true
    } as const
    expect(await campus.doors.recordPassage({ ...record, code })).toMatchObject({
      _tag: "Approved",
      account: "account-1"
    })
    expect(await campus.identifyByScan({ id: "again", point: "dorm-1", text })).toMatchObject({
      decline: { _tag: "CodeAlreadyUsed" }
    })
    const nobody = { ...code, pseudonym: "0".repeat(16) }
    expect(await campus.doors.recordPassage({ ...record, id: "gate-8", code: nobody })).toMatchObject({
      decline: { _tag: "UnknownHandle" }
    })
  })

  it("R7 the code of another wallet is told as that", async () => {
    const scan = { id: "scan-1", point: "canteen-1", text: "134567890123456789" }
    expect(await campus.payByScan({ ...scan, amount: 100 })).toEqual({ _tag: "Foreign", wallet: "weChat" })
    expect(await campus.payByScan({ ...scan, amount: 100 })).toEqual({ _tag: "Foreign", wallet: "weChat" })
    // Whoever charged the other wallet under this id must not be paid by us under it.
    await expect(campus.identifyByScan(scan)).rejects.toMatchObject({ _tag: "CommandIdReused" })
    const own = { ...scan, text: (await show("ecodePayCode")).text, amount: 100 }
    await expect(campus.payByScan(own)).rejects.toMatchObject({ _tag: "CommandIdReused" })
    expect(await campus.payByScan({ ...own, id: "scan-3" })).toMatchObject({ _tag: "Approved" })
    await expect(campus.payByScan({ ...scan, id: "scan-3", amount: 100 })).rejects.toMatchObject({
      _tag: "CommandIdReused"
    })
    expect(await campus.doors.refusedScans()).toEqual([])
    expect(await campus.identifyByScan({ ...scan, id: "scan-2" })).toEqual({ _tag: "Foreign", wallet: "weChat" })
  })

  it("R5 a lost phone shows nothing good any more, and the terminals are told", async () => {
    const { given, text } = await show("ecodePayCode")
    const { pseudonym } = given
    expect(await campus.revocations()).toEqual({ _tag: "Current", version: 0, at: now })
    expect(await campus.revokePhones({ caller: "office", id: "lost-1", account: "account-1", pseudonym }))
      .toEqual({ _tag: "Approved" })
    expect(await campus.payByScan({ id: "scan-1", point: "canteen-1", text, amount: 100 }))
      .toMatchObject({ decline: { _tag: "CodeRevoked" } })
    expect(await campus.revocations()).toMatchObject({ _tag: "Changes", delta: { to: 1, added: [{ pseudonym }] } })
    expect(await campus.revokePhones({ caller: "office", id: "lost-2", account: "account-1", pseudonym }))
      .toMatchObject({ decline: { _tag: "UnknownHandle" } })
  })

  it.each([
    ["no secret keys", { profile }, "keys", "issuer.secretKeys"],
    ["no keys in its profile", { profile: csmzxy, issuer }, "profile", "codes.issuers"]
  ])("R4 a school with %s authorises no phone, and is told what it lacks", async (_, change, lacks, where) => {
    const other = await furnish(await Campus.open({ backend: memory(), now: () => now, ...change }))
    const asked = other.authorisePhone({ subject, medium: "ecodePayCode", deviceKey })
    await expect(asked).rejects.toMatchObject({ _tag: "IssuerMissing", medium: "ecodePayCode", lacks })
    await expect(asked).rejects.toThrow(where)
    await other.close()
  })

  it.each<[string, (door: Campus) => Promise<unknown>, string]>([
    [
      "a key of a device that is none",
      (door) => door.authorisePhone({ subject, medium: "ecodePayCode", deviceKey: "00" }),
      "deviceKey"
    ],
    [
      "a key under which nothing is proven",
      (door) => door.authorisePhone({ subject, medium: "ecodePayCode", deviceKey: "0".repeat(64) }),
      "deviceKey"
    ],
    [
      "a sum of half a fen",
      (door) => door.payByScan({ id: "a", point: "canteen-1", text: "x", amount: 0.5 }),
      "amount"
    ],
    [
      "a text that is none",
      (door) => door.identifyByScan({ id: "a", point: "dorm-1", text: 7 as unknown as string }),
      "text"
    ],
    [
      "no pseudonym",
      (door) => door.revokePhones({ caller: "office", id: "a", account: "account-1", pseudonym: "7" }),
      "pseudonym"
    ]
  ])("bad input: %s is MalformedCommand", async (_, ask, path) => {
    await expect(ask(campus)).rejects.toMatchObject({ _tag: "MalformedCommand", flaws: [{ path }] })
  })

  it("R4 a secret key that is none does not open, and is not repeated", async () => {
    const secretKeys = { 1: new Uint8Array(31).fill(77) }
    const opened = Campus.open({ backend: memory(), profile, issuer: { ...issuer, secretKeys } })
    await expect(opened).rejects.toThrow("32 bytes")
    await opened.catch((error: Error) => expect(`${error.message}`).not.toContain("77"))
  })
})
