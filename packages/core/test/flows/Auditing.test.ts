import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Attendance } from "../../src/Attendance.ts"
import { formatMinute, instant } from "../../src/CivilTime.ts"
import type { Command, Of } from "../../src/Command.ts"
import * as Auditing from "../../src/flows/Auditing.ts"
import * as Passwords from "../../src/flows/Passwords.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { account, Campus, card } from "./campus.ts"

const idCard = { _tag: "IdentityDocument", kind: "residentId" } as const
const campusCard = { _tag: "CampusCard" } as const
const both = [idCard, campusCard]
/** A keyed digest of a number, as a host makes it. */
const digest = "9f86d081884c7d659a2feaa0c55ad015"

const by = (
  operator: string,
  role: string,
  department: string,
  presented: Attendance["presented"] = both
): Attendance => ({
  operator: Id.OperatorId.make(operator),
  role,
  department,
  presented
})
const wang = (presented?: Attendance["presented"]) => by("wang", "clerk", "card-centre", presented)
const zhao = (presented?: Attendance["presented"]) => by("zhao", "teller", "ccb", presented)

type Body = Exclude<Command, Of<"CreditRecharge">>
const activate = { _tag: "ActivateCard", card } as const
const close = { _tag: "CloseAccount" } as const

/** What somebody says at a point; without an attendance nobody attends. */
const says = <B extends Body>(here: Campus, point: string, body: B, attendance?: Attendance, who?: string) => {
  const subject = who === undefined ? undefined : { _tag: "Account", account: Id.AccountId.make(who) } as const
  const { attendance: _, ...bare } = here.says(point, body, subject)
  return attendance === undefined ? bare : { ...bare, attendance }
}

/** One act as somebody from the audit office would read it. */
const told = (entry: Auditing.AuditEntry): string => {
  const { account, act, at, department, operator, outcome, point, presented, role } = entry
  const papers = presented.map((one) => one._tag === "CampusCard" ? "card" : one.kind).join("+")
  return `${formatMinute(at).slice(11)} ${point} ${operator}/${role}/${department} [${papers}] ${act} ${
    account ?? "?"
  }: ${outcome}`
}

const journal = Effect.flatMap(AccountStore, (store) => Stream.runCollect(store.journal()))

/** A morning at the windows: what is done, what is refused, and what no clerk had to do with. */
const morning = (here: Campus) =>
  Effect.gen(function*() {
    yield* here.furnished
    const send = (point: string, body: Body, attendance?: Attendance, who?: string) =>
      Submit.submit(says(here, point, body, attendance, who))
    here.now = instant("2026-03-02 14:01")
    yield* send("window-4", activate)
    yield* send("window-4", activate, by("sun", "porter", "card-centre"))
    here.now = instant("2026-03-02 14:02")
    yield* send("window-4", { _tag: "ExtendValidity", card }, wang([{ ...idCard, digest }]))
    yield* send("window-4", { _tag: "ExtendValidity", card }, wang([{ ...idCard, digest }, campusCard]))
    yield* send(
      "window-ccb",
      { _tag: "ReportBankSideLost", card },
      zhao([{ _tag: "IdentityDocument", kind: "passport" }])
    )
    here.now = instant("2026-03-02 14:03")
    yield* send("window-3", close, wang([]), "account-9")
    yield* send("window-4", close, zhao())
    yield* send("canteen-1", { _tag: "PayByCard", card, amount: Money.amount(100), link: "up" })
    yield* send("today-campus", { _tag: "ReportLost", reason: "lost" })
    yield* send(
      "card-centre",
      { _tag: "GrantAccess", door: Id.PointId.make("room-1-101") },
      by("qian", "warden", "dormitories", [])
    )
    yield* Passwords.reset(says(here, "window-3", { _tag: "ResetPassword", card }, wang()))
  })

describe("the audit of the counters (R72, D23, D24)", () => {
  it("R72 every act that somebody attended to, refused ones too, and nothing else", async () => {
    const here = new Campus()
    const entries = await here.run(Effect.andThen(morning(here), Stream.runCollect(Auditing.entries())))
    expect(entries.map(told)).toEqual([
      "12:00 window-ccb operator-ccb/teller/ccb [residentId+card] IssueCard account-1: approved",
      "12:00 window-3 operator-card-centre/clerk/card-centre [residentId+card] ActivateCard account-1: approved",
      "14:01 window-4 sun/porter/card-centre [residentId+card] ActivateCard account-1: OperatorNotAllowed",
      "14:02 window-4 wang/clerk/card-centre [residentId] ExtendValidity account-1: DocumentMissing",
      "14:02 window-4 wang/clerk/card-centre [residentId+card] ExtendValidity account-1: approved",
      "14:02 window-ccb zhao/teller/ccb [passport] ReportBankSideLost account-1: approved",
      "14:03 window-3 wang/clerk/card-centre [] CloseAccount ?: DocumentMissing",
      "14:03 window-4 zhao/teller/ccb [residentId+card] CloseAccount account-1: OperatorNotAllowed",
      "14:03 card-centre qian/warden/dormitories [] GrantAccess account-1: approved",
      "14:03 window-3 wang/clerk/card-centre [residentId+card] ResetPassword account-1: CardLost"
    ])
  })

  it("R72 those of one operator; a stranger has done nothing", async () => {
    const here = new Campus()
    const of = (operator: string) => Stream.runCollect(Auditing.entries(Id.OperatorId.make(operator)))
    const [zhaos, wangs, nobodys] = await here.run(
      Effect.andThen(morning(here), Effect.all([of("zhao"), of("wang"), of("li")]))
    )
    expect(zhaos.map(({ act }) => act)).toEqual(["ReportBankSideLost", "CloseAccount"])
    expect(wangs.map(({ outcome }) => outcome)).toEqual(["DocumentMissing", "approved", "DocumentMissing", "CardLost"])
    expect(nobodys).toEqual([])
  })

  it("R72 where nobody attended, the command stands in the journal with its answer, and in no audit", async () => {
    const here = new Campus()
    const lines = await here.run(Effect.andThen(morning(here), journal))
    const unattended = lines.filter(({ command }) => command.attendance === undefined)
    expect(
      unattended.map(({ answer, command }) => [command.body._tag, answer._tag === "Declined" && answer.decline._tag])
    )
      .toEqual([
        ["OpenAccount", false],
        ["ActivateCard", "OperatorMissing"],
        ["PayByCard", "InsufficientChipPurse"],
        ["ReportLost", false]
      ])
  })

  it("D24 kind and digest of a document are kept; number and name stand nowhere", async () => {
    const here = new Campus()
    const [entries, lines] = await here.run(
      Effect.andThen(morning(here), Effect.all([Stream.runCollect(Auditing.entries()), journal]))
    )
    expect(entries.flatMap(({ presented }) => presented)).toContainEqual({ ...idCard, digest })
    // The holder's number is 43010219990101125X, the name 李华.
    expect(JSON.stringify([entries, lines])).not.toMatch(/430102|01125|李|20260001/)
  })

  it("I3 D18 sent again it is one act; by another operator it is misuse, and no act", async () => {
    const here = new Campus()
    const entries = await here.run(Effect.gen(function*() {
      yield* here.furnished
      const extend = says(here, "window-3", { _tag: "ExtendValidity", card }, wang())
      yield* Submit.submit(extend)
      yield* Submit.submit(extend)
      const misuse = yield* Effect.flip(Submit.submit({ ...extend, attendance: by("sun", "clerk", "card-centre") }))
      expect(misuse._tag).toBe("CommandIdReused")
      return yield* Stream.runCollect(Auditing.entries(Id.OperatorId.make("wang")))
    }))
    expect(entries.map(told)).toEqual([
      "12:00 window-3 wang/clerk/card-centre [residentId+card] ExtendValidity account-1: approved"
    ])
  })

  const people = fc.constantFrom(
    undefined,
    wang(),
    wang([idCard]),
    wang([]),
    zhao(),
    by("sun", "porter", "card-centre"),
    by("qian", "clerk", "ccb")
  )
  const acts = fc.record({
    point: fc.constantFrom("window-3", "window-4", "window-ccb", "card-centre", "kiosk-1", "canteen-1"),
    body: fc.constantFrom<Body>(
      activate,
      close,
      { _tag: "IssueCard", card: Id.CardId.make("card-2") },
      { _tag: "ReportFound", card },
      { _tag: "ReportLost", reason: "lost" },
      { _tag: "PayByCard", card, amount: Money.amount(100), link: "up" }
    ),
    attendance: people,
    who: fc.constantFrom("account-1", "account-1", "account-9")
  })

  it("R72 whatever is done by whom: the audit says exactly who, where, with what, and how it ended", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { maxLength: 12 }), async (all) => {
        const here = new Campus()
        const [expected, entries] = await here.run(Effect.gen(function*() {
          yield* here.furnished
          const furnishing = (yield* Stream.runCollect(Auditing.entries())).length
          const expected: Array<string> = []
          for (const { attendance, body, point, who } of all) {
            const answer = yield* Submit.submit(says(here, point, body, attendance, who))
            if (attendance === undefined) continue
            const outcome = answer._tag === "Approved" ? "approved" : answer.decline._tag
            const found = who === account ? account : undefined
            expected.push(JSON.stringify([point, attendance, body._tag, found ?? null, outcome]))
          }
          return [expected, (yield* Stream.runCollect(Auditing.entries())).slice(furnishing)] as const
        }))
        const written = entries.map(({ account, act, department, operator, outcome, point, presented, role }) =>
          JSON.stringify([point, { operator, role, department, presented }, act, account ?? null, outcome])
        )
        expect(written).toEqual(expected)
        expect(entries.map(({ sequence }) => sequence)).toEqual(
          entries.map(({ sequence }) => sequence).toSorted((a, b) => a - b)
        )
      }),
      { numRuns: 50 }
    )
  })
})
