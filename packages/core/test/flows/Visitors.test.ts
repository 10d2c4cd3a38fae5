import { Effect, Layer, Option, Redacted, Result, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Attendance } from "../../src/Attendance.ts"
import { type Instant, instant, later } from "../../src/CivilTime.ts"
import type { Command, Of, Subject } from "../../src/Command.ts"
import * as Books from "../../src/flows/Books.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Sweep from "../../src/flows/Sweep.ts"
import * as Id from "../../src/Id.ts"
import * as IdentityDocument from "../../src/IdentityDocument.ts"
import * as Money from "../../src/Money.ts"
import type { Person } from "../../src/Person.ts"
import * as Pin from "../../src/Pin.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { RechargeChannels } from "../../src/ports/RechargeChannel.ts"
import * as RechargeOrder from "../../src/RechargeOrder.ts"
import * as SchoolProfile from "../../src/SchoolProfile.ts"
import * as ServiceDesk from "../../src/ServiceDesk.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemoryPorts from "../../src/testing/MemoryPorts.ts"
import * as SimulatedChannel from "../../src/testing/SimulatedChannel.ts"
import { applicationOf, csmzxy, school } from "../support/Life.ts"

const office = Id.PointId.make("card-centre")
const visit = Id.AccountId.make("visit-1")
const card = Id.CardId.make("card-1")
/** The initial password of the visitor, and a wrong one. */
const pin = (text: string): Pin.Pin => Result.getOrThrow(Pin.parse(text))
const [right, wrong] = [pin("310020"), pin("310021")] as const

const visitor: Person = {
  id: Id.PersonId.make("person-9"),
  kind: "visitor",
  number: "V2025-09",
  name: Redacted.make("王芳"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "11010519491231002X"))
}
const claim = { number: visitor.number, name: visitor.name }
const name = (text: string) => ({ claim: { number: visitor.number, name: Redacted.make(text) }, pin: right })

/** In e码通 a visitor is found by the number that was typed (R22). */
const byNumber = (value = visitor.number): Subject => ({ _tag: "Handle", handle: { kind: "number", value } })
const byId: Subject = { _tag: "Account", account: visit }

type Body = Exclude<Command, Of<"CreditRecharge">>
const codeOf = (
  amount: string,
  medium: "ecodePayCode" | "todayCampusCode" | "alipayCode" = "ecodePayCode",
  link: "up" | "down" = "up"
) => ({ _tag: "PayByCode", medium, amount: Money.amount(Money.yuan(amount)), link }) as const

/** A campus in memory with the e码通 channel, whose clock and whose bank the test moves. */
class Visit {
  now: Instant = instant("2025-11-03 10:00")
  readonly bank = SimulatedChannel.make("ecode")
  readonly profile: SchoolProfile.SchoolProfile
  readonly #layer
  #count = 0

  constructor(profile: SchoolProfile.SchoolProfile = csmzxy) {
    this.profile = profile
    this.#layer = Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer).pipe(
      Layer.merge(RechargeChannels.layer([this.bank.channel])),
      Layer.provideMerge(Profiles.layer([profile]))
    )
  }

  run<A, E>(story: Effect.Effect<A, E, Layer.Success<Visit["layer"]>>): Promise<A> {
    return story.pipe(HostClock.provide(() => this.now), Effect.provide(this.#layer), Effect.runPromise)
  }

  get layer() {
    return this.#layer
  }

  says<B extends Body>(
    point: string,
    body: B,
    subject: Subject = byNumber(),
    attendance?: Attendance
  ): Submit.Statement<B> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`test-${++this.#count}`),
      at: this.now,
      point: Id.PointId.make(point),
      subject,
      body,
      ...Clerk.at(this.profile, point, body),
      ...(attendance === undefined ? {} : { attendance })
    }
  }

  /** A command and its answer in a word. */
  send(point: string, body: Body, subject?: Subject, secrets?: Submit.Secrets) {
    return Effect.map(Submit.submit(this.says(point, body, subject), secrets), outcome)
  }

  open(until = "2025-11-30", person = visitor) {
    const { id, kind } = person
    const application = applicationOf({ until, applicant: "unit" })
    const body = { _tag: "OpenAccount", person: id, kind, class: "temporary", application } as const
    return Effect.map(Opening.open(this.says("window-3", body, byId), person), ({ answer }) => outcome(answer))
  }

  openWallet(secrets: Submit.Secrets = { pin: right, claim }, subject?: Subject) {
    return this.send("ecode", { _tag: "OpenWallet" }, subject, secrets)
  }

  bindBankCard(subject?: Subject) {
    return this.send("ecode", { _tag: "BindBankCard", purpose: "wallet" }, subject)
  }

  /** Placed, paid at the bank, and credited. */
  recharge(yuan: string, subject?: Subject) {
    return Effect.gen({ self: this }, function*() {
      const amount = Money.amount(Money.yuan(yuan))
      const body = { _tag: "PlaceRecharge", channel: "ecode", source: "unionPayCard", holder: "own", amount } as const
      const placed = yield* Recharging.place(this.says("ecode", body, subject))
      if (placed._tag === "Refused") return outcome(placed.answer)
      this.bank.pay(placed.order.id, amount, this.now)
      return (yield* Recharging.confirm(placed.order, office)).order._tag
    })
  }
}

const outcome = (
  answer: { readonly _tag: "Approved" } | { readonly _tag: "Declined"; readonly decline: { readonly _tag: string } }
): string => answer._tag === "Approved" ? "approved" : answer.decline._tag

/** What the account holds, in yuan; what is not named is empty. */
const pockets = Effect.gen(function*() {
  const found = Option.getOrThrow(yield* (yield* AccountStore).find(byId))
  const filled = Object.entries(found.pockets).filter(([, fen]) => fen > 0)
  return Object.fromEntries(filled.map(([pocket, fen]) => [pocket, Money.format(fen)]))
})

/** The manual's school, whose office closes accounts by a program. */
const swept = school({ places: { ...csmzxy.places, closeAccount: ["counter", "office"] } })
const sweep = Effect.map(
  Stream.runCollect(Sweep.ended(office)),
  (over) =>
    over.map((one) => one._tag === "PayOutDue" ? `${one._tag} ${Money.format(one.amount)}` : one._tag).join(", ")
)
const payOut = { _tag: "PayOut", desk: "ccb" } as const
const accountant: Attendance = {
  operator: Id.OperatorId.make("accountant-1"),
  role: "accountant",
  department: "finance",
  presented: []
}
const paidOut = (here: Visit) => Effect.map(Submit.submit(here.says("card-centre", payOut, byId, accountant)), outcome)

/** All books by their transfers, those that hold nothing left out. */
const books = Effect.gen(function*() {
  const { balances, breaks } = yield* Books.check(Books.kind(RechargeOrder.decider))
  expect(breaks).toEqual([])
  const held = [...balances].filter(([, fen]) => fen !== 0)
  expect(held.reduce((sum, [, fen]) => sum + fen, 0)).toBe(0)
  return Object.fromEntries(held)
})

describe("one visitor's story (R6-R9, R22, R38, R52-R55, R72, A16, D4, D7)", () => {
  type Does = (here: Visit) => Effect.Effect<string, unknown, Layer.Success<Visit["layer"]>>
  const story: ReadonlyArray<readonly [when: string, what: string, Does, answer: string, holds: object]> = [
    ["2025-11-03 10:00", "R9 R53-R55 the unit's form and 20.00 at window 3", (here) => here.open(), "approved", {}],
    [
      "2025-11-03 10:05",
      "A15 no plastic card",
      (here) => here.send("window-3", { _tag: "IssueCard", card }, byId),
      "NoPlasticForHolder",
      {}
    ],
    [
      "2025-11-03 10:30",
      "R22 R38 a wrong password",
      (here) => here.openWallet({ pin: wrong, claim }),
      "PasswordWrong",
      {}
    ],
    ["2025-11-03 10:31", "R22 number, password and name", (here) => here.openWallet(), "approved", {}],
    ["2025-11-03 10:32", "R22 the bank card", (here) => here.bindBankCard(), "approved", {}],
    ["2025-11-03 10:33", "R21 R68 50.00 from it", (here) => here.recharge("50.00"), "Credited", { wallet: "50.00" }],
    ["2025-11-03 12:00", "R8 lunch by e码通", (here) => here.send("canteen-1", codeOf("18.00")), "approved", {
      wallet: "32.00"
    }],
    [
      "2025-11-03 12:01",
      "R8 a 今日校园 code",
      (here) => here.send("canteen-1", codeOf("1.00", "todayCampusCode")),
      "MediumNotForHolder",
      { wallet: "32.00" }
    ],
    [
      "2025-11-03 12:02",
      "R49 more than a meal",
      (here) => here.send("canteen-1", codeOf("12.01")),
      "MealLimitExceeded",
      { wallet: "32.00" }
    ],
    ["2025-11-03 15:00", "R8 water from the shop", (here) => here.send("shop-1", codeOf("2.50")), "approved", {
      wallet: "29.50"
    }],
    [
      "2025-11-04 12:00",
      "R6 Alipay, not bound",
      (here) => here.send("canteen-1", codeOf("12.00", "alipayCode", "down")),
      "AlipayNotBound",
      { wallet: "29.50" }
    ],
    [
      "2025-11-04 12:01",
      "R6 number, name and document in the mini program",
      (here) =>
        here.send("alipay", { _tag: "BindAlipay" }, undefined, { claim: { ...claim, document: visitor.document } }),
      "approved",
      { wallet: "29.50" }
    ],
    [
      "2025-11-04 12:02",
      "R7 the canteen is cut off: Alipay pays",
      (here) => here.send("canteen-1", codeOf("12.00", "alipayCode", "down")),
      "approved",
      { wallet: "29.50" }
    ],
    [
      "2025-11-04 12:20",
      "R7 it is back: Alipay does not",
      (here) => here.send("canteen-1", codeOf("12.00", "alipayCode")),
      "AlipayOnlyWhenTerminalOffline",
      { wallet: "29.50" }
    ],
    [
      "2025-11-04 18:00",
      "A16 the dormitory, not granted",
      (here) => here.send("dorm-1", { _tag: "Identify", medium: "ecodeIdentityCode" }),
      "NoGrantForDoor",
      { wallet: "29.50" }
    ],
    [
      "2025-11-30 23:59",
      "A16 the last minute of the last day",
      (here) => here.send("shop-1", codeOf("1.00")),
      "approved",
      { wallet: "28.50" }
    ],
    ["2025-11-30 23:59", "A16 nothing is over yet", () => sweep, "", { wallet: "28.50" }],
    ["2025-12-01 00:00", "A16 R48 midnight", (here) => here.send("shop-1", codeOf("1.00")), "CardExpired", {
      wallet: "28.50"
    }],
    ["2025-12-01 00:30", "A16 D7 the sweep closes it", () => sweep, "AccountClosed", { frozen: "28.50" }],
    ["2025-12-01 08:00", "D7 closed is closed", (here) => here.send("canteen-1", codeOf("1.00")), "AccountClosed", {
      frozen: "28.50"
    }],
    ["2025-12-01 08:01", "D2 no more money comes in", (here) => here.recharge("10.00"), "AccountClosed", {
      frozen: "28.50"
    }],
    ["2025-12-04 00:29", "D7 within the hold", paidOut, "PayOutTooEarly", { frozen: "28.50" }],
    ["2025-12-04 00:30", "D7 72 hours later it is due", () => sweep, "PayOutDue 28.50", { frozen: "28.50" }],
    ["2025-12-04 10:00", "D7 to the visitor's bank account", paidOut, "approved", {}],
    ["2025-12-04 10:01", "D7 once", paidOut, "AlreadyPaidOut", {}],
    ["2025-12-05 00:30", "D7 nothing is left to do", () => sweep, "", {}]
  ]

  it("R8 R22 A16 D7 from the form to the bank account, and the books balance (I1, I13)", async () => {
    const here = new Visit(swept)
    await here.run(Effect.gen(function*() {
      for (const [when, what, does, answer, holds] of story) {
        here.now = instant(when)
        expect([what, yield* does(here), yield* pockets]).toEqual([what, answer, holds])
        yield* books
      }
      // The fee stays (A16, D4); what was not spent has gone back (D7); Alipay paid the merchant itself (D3).
      expect(yield* books).toEqual({
        "channel:window-3": -2_000,
        "fees:temporary-card": 2_000,
        "channel:ecode": -5_000,
        "channel:alipay": -1_200,
        "channel:ccb": 2_850,
        "merchant:canteen-1": 3_000,
        "merchant:shop-1": 350
      })
      const lines = yield* Stream.runCollect((yield* AccountStore).journal())
      expect(lines.length).toBeGreaterThan(20)
      expect(JSON.stringify(lines), "D24").not.toMatch(/王芳|110105|1002X|31002|V2025/)
    }))
  })

  it("D7 D10 a teacher with a temporary card leaves a debt: it is repaid first, and the rest is paid out", async () => {
    const here = new Visit()
    const teacher: Person = { ...visitor, kind: "staff" }
    await here.run(Effect.gen(function*() {
      here.now = instant("2025-11-27 10:00")
      expect(yield* here.open("2025-11-30", teacher)).toBe("approved")
      expect(yield* here.send("window-3", { _tag: "IssueCard", card }, byId)).toBe("approved")
      expect(yield* here.send("window-4", { _tag: "ActivateCard", card }, byId)).toBe("approved")
      expect(yield* here.openWallet(undefined, byId)).toBe("approved")
      expect(yield* here.bindBankCard(byId)).toBe("approved")
      expect(yield* here.recharge("30.00", byId)).toBe("Credited")
      here.now = instant("2025-11-28 10:00")
      expect(yield* here.send("window-3", { _tag: "CloseAccount" }, byId)).toBe("approved")
      expect(yield* pockets).toEqual({ frozen: "30.00" })
      here.now = instant("2025-12-01 10:00")
      // The terminal had taken the card the evening before, with 8.00 on it of which the books know nothing.
      const at = instant("2025-11-27 18:00")
      const record = {
        _tag: "RecordCardPurchase",
        card,
        amount: Money.amount(800),
        chipBefore: Money.of(800),
        chipAfter: Money.zero,
        purchaseSequence: 1
      } as const
      expect(outcome(yield* Submit.submit({ ...here.says("canteen-1", record, byId), at }))).toBe("approved")
      const held = yield* pockets
      expect(Money.yuan(held["frozen"] ?? "0.00") - Money.yuan(held["receivable"] ?? "0.00")).toBe(2_200)
      expect(yield* paidOut(here)).toBe("approved")
      expect(yield* pockets).toEqual({})
      expect(yield* books).toEqual({
        "channel:window-3": -2_000,
        "fees:temporary-card": 2_000,
        "channel:ecode": -3_000,
        "channel:ccb": 2_200,
        "merchant:canteen-1": 800
      })
    }))
  })
})

describe("the way into e码通, step by step (R22, R38)", () => {
  const steps = {
    account: (here: Visit) => here.open(),
    wallet: (here: Visit) => here.openWallet(),
    bankCard: (here: Visit) => here.bindBankCard(),
    recharge: (here: Visit) => here.recharge("50.00"),
    pay: (here: Visit) => here.send("shop-1", codeOf("5.00"))
  } as const
  type Step = keyof typeof steps
  const order: ReadonlyArray<Step> = ["account", "wallet", "bankCard", "recharge", "pay"]

  it.each<readonly [Step, Partial<Record<Step, string>>]>([
    ["account", {
      wallet: "UnknownHandle",
      bankCard: "UnknownHandle",
      recharge: "UnknownHandle",
      pay: "UnknownHandle"
    }],
    ["wallet", { bankCard: "EWalletNotOpened", recharge: "EWalletNotOpened", pay: "InsufficientWallet" }],
    ["bankCard", { recharge: "BankCardNotBound", pay: "InsufficientWallet" }],
    ["recharge", { pay: "InsufficientWallet" }],
    ["pay", {}]
  ])("R22 without the step %s: %s", async (skipped, expected) => {
    const here = new Visit()
    await here.run(Effect.gen(function*() {
      const answers: Partial<Record<Step, string>> = {}
      for (const step of order) {
        if (step === skipped) continue
        const answer = yield* steps[step](here)
        if (answer !== "approved" && answer !== "Credited") answers[step] = answer
      }
      expect(answers).toEqual(expected)
    }))
  })

  it("R22 in whatever order they are tried: each succeeds exactly when all before it have", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...order), { maxLength: 12 }), async (tried) => {
        const here = new Visit()
        await here.run(Effect.gen(function*() {
          const done = new Set<Step>()
          // Ten times 5.00 is what a day allows (R49), so a payment may also be one too many.
          for (const step of tried) {
            const before = order.slice(0, order.indexOf(step))
            const answer = yield* steps[step](here)
            const good = answer === "approved" || answer === "Credited"
            if (step === "account" && done.has("account")) expect(answer).toBe("AccountExists")
            else if (step !== "pay" || before.some((one) => !done.has(one))) {
              expect([step, good]).toEqual([step, before.every((one) => done.has(one))])
            }
            if (good) done.add(step)
          }
        }))
      }),
      { numRuns: 40 }
    )
  })

  it.each<readonly [string, Submit.Secrets, string]>([
    ["no password", { claim }, "PasswordMissing"],
    ["no name", { pin: right }, "IdentityNotMatched"],
    ["another name", name("王方"), "IdentityNotMatched"],
    ["the document in the place of the name", {
      pin: right,
      claim: { number: visitor.number, document: visitor.document }
    }, "IdentityNotMatched"],
    ["the number and nothing beside it", { pin: right, claim: { number: visitor.number } }, "IdentityNotMatched"],
    [
      "somebody else's number in the claim",
      { pin: right, claim: { ...claim, number: "V2025-10" } },
      "IdentityNotMatched"
    ],
    ["a wrong password", { pin: wrong, claim }, "PasswordWrong"]
  ])("R22 the wallet with %s", async (_, secrets, decline) => {
    const here = new Visit()
    await here.run(Effect.gen(function*() {
      yield* here.open()
      expect(yield* here.openWallet(secrets)).toBe(decline)
      expect(yield* here.bindBankCard()).toBe("EWalletNotOpened")
      expect(yield* here.openWallet(name(" 王芳 "))).toBe("approved")
    }))
  })

  it("R22 the first step is the school: at another school the number leads nowhere", async () => {
    const [here, elsewhere] = [new Visit(), new Visit()]
    await here.run(here.open())
    expect(await elsewhere.run(elsewhere.openWallet())).toBe("UnknownHandle")
  })

  it("R22 a number that nobody has", async () => {
    const here = new Visit()
    expect(await here.run(Effect.andThen(here.open(), here.openWallet(undefined, byNumber("V2025-10"))))).toBe(
      "UnknownHandle"
    )
  })

  it("A13 R22 a visitor with a passport goes the same way, with the password that the counter handed over", async () => {
    const here = new Visit()
    const document = Result.getOrThrow(IdentityDocument.parse("passport", "E12345678"))
    await here.run(Effect.gen(function*() {
      expect(yield* here.open(undefined, { ...visitor, document })).toBe("approved")
      expect(yield* here.openWallet()).toBe("PasswordWrong")
      // The hasher of tests hands out 200000 first.
      expect(yield* here.openWallet({ claim, pin: pin("200000") })).toBe("approved")
      expect(yield* here.bindBankCard()).toBe("approved")
      expect(yield* here.recharge("50.00")).toBe("Credited")
      expect(yield* here.send("canteen-1", codeOf("18.00"))).toBe("approved")
    }))
  })

  it("R38 D15 wrong passwords wait longer and longer, the right one too, and nobody is locked for good", async () => {
    const here = new Visit()
    await here.run(Effect.gen(function*() {
      yield* here.open()
      const tries = (secrets: Submit.Secrets) =>
        Effect.map(
          Submit.submit(here.says("ecode", { _tag: "OpenWallet" }), secrets),
          (answer) => answer._tag === "Declined" ? answer.decline : answer._tag
        )
      expect(yield* tries({ pin: wrong, claim })).toEqual({ _tag: "PasswordWrong", left: 2 })
      expect(yield* tries({ pin: wrong, claim })).toEqual({ _tag: "PasswordWrong", left: 1 })
      for (const seconds of [30, 60, 120, 240]) {
        const waitUntil = later(here.now, seconds * 1_000)
        expect(yield* tries({ pin: wrong, claim })).toEqual({ _tag: "PasswordWrong", waitUntil })
        here.now = later(waitUntil, -1)
        expect(yield* tries({ pin: right, claim })).toEqual({ _tag: "PasswordLocked", until: waitUntil })
        here.now = waitUntil
      }
      expect(yield* tries({ pin: right, claim })).toBe("Approved")
      // A right one has made good for all of them.
      expect(yield* tries({ pin: wrong, claim })).toEqual({ _tag: "PasswordWrong", left: 2 })
    }))
  })

  it("R38 D15 D24 whoever does not know the name is not told whether the password was right, and waits", async () => {
    const here = new Visit()
    await here.run(Effect.gen(function*() {
      yield* here.open()
      for (const answer of ["IdentityNotMatched", "IdentityNotMatched", "IdentityNotMatched", "IdentityLocked"]) {
        // The first three guesses take turns with the password, and the answer is the same for either.
        const pin = answer === "IdentityLocked" || here.now % 2 === 0 ? right : wrong
        expect(yield* here.openWallet({ ...name("王方"), pin })).toBe(answer)
        here.now = later(here.now, 1)
      }
      expect(yield* here.openWallet()).toBe("IdentityLocked")
      here.now = later(here.now, 30_000)
      expect(yield* here.openWallet()).toBe("approved")
    }))
  })
})

describe("what a visitor is told of the service hall (R32-R34, R57, A20)", () => {
  it("R34 R57 whom to call, and where to read", () => {
    const { phone, website } = csmzxy
    expect({ phone, website }).toEqual({
      phone: "0731-82804313",
      website: "http://tsxxzx.csmzxy.edu.cn/yhfw/xxhf/yktfw.htm"
    })
  })

  it.each(["", "tsxxzx.csmzxy.edu.cn", "ftp://tsxxzx.csmzxy.edu.cn", "http://", "http://a b", "javascript:alert(1)"])(
    "R57 R75 %j is no web page: the profile does not load",
    (website) => {
      const loaded = SchoolProfile.load({ ...csmzxy, website })
      expect(Result.isFailure(loaded) && loaded.failure.flaws).toEqual([{
        path: "website",
        problem: "Expected a web address"
      }])
    }
  )

  it("R32 R33 on every weekday of the year from 9:30 to 12:00 and from 13:00 to 17:30, in the vacations too", () => {
    const open: Array<string> = []
    // A week of the term, one of the winter's vacation and one of the summer's, in half hours.
    for (const monday of ["2025-11-03", "2026-02-02", "2025-07-21"]) {
      const minutes: Array<number> = []
      for (let n = 0; n < 7 * 48; n++) {
        const at = later(instant(`${monday} 00:00`), n * 1_800_000)
        if (ServiceDesk.statusAt(csmzxy, at)._tag === "Open") minutes.push(n)
      }
      open.push(minutes.join(" "))
    }
    const day = [19, 20, 21, 22, 23, 26, 27, 28, 29, 30, 31, 32, 33, 34]
    const week = [0, 1, 2, 3, 4].flatMap((weekday) => day.map((half) => weekday * 48 + half)).join(" ")
    expect(open).toEqual([week, week, week])
  })
})
