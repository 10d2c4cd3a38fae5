import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Account from "../src/Account.ts"
import { instant } from "../src/CivilTime.ts"
import type * as Command from "../src/Command.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import type { Category } from "../src/Point.ts"
import { csmzxy, Life, school } from "./support/Life.ts"
import { lived, meals, wholeStories } from "./support/lives.ts"

const strict = school({
  replacement: {
    hold: { count: 1, unit: "calendar" },
    fee: csmzxy.replacement.fee,
    lossFreezes: "account",
    afterLossBorneBy: "holder"
  },
  spendOrder: "subsidyLast"
})

describe("what every command needs (D16, D20)", () => {
  const unknown = (subject: Command.Subject) =>
    Life.unborn(csmzxy).send({
      caller: Id.CallerId.make("host"),
      id: Id.CommandId.make("cmd-1"),
      at: instant("2025-11-03 12:00"),
      receivedAt: instant("2025-11-03 12:00"),
      point: Id.PointId.make("canteen-1"),
      subject,
      body: { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(100), link: "up" }
    })

  it("D20 nobody there: the answer says by what was asked, and no more", () => {
    unknown({ _tag: "Account", account: Id.AccountId.make("acc-9") }).expectDeclined("UnknownAccount")
    unknown({ _tag: "Card", card: Id.CardId.make("card-9") }).expectDeclined("UnknownCard")
    unknown({ _tag: "Handle", handle: { kind: "number", value: "202301010101" } })
      .expectDeclined("UnknownHandle", { kind: "number" })
    const answer = unknown({ _tag: "Handle", handle: { kind: "code", value: "secret" } }).decision
    expect(JSON.stringify(answer)).not.toContain("secret")
    expect(answer).toMatchObject({ account: undefined, events: [] })
  })

  it.each(["canteen-99", "constructor", "toString"])("D24 the point %s is not in the profile", (point) => {
    Life.of(csmzxy).pay("card", "1.00", { point }).expectDeclined("UnknownPoint", { point })
    Life.of(csmzxy).openWallet({ point, password: "wrong" }).expectDeclined("UnknownPoint")
  })

  it.each([
    ["2025-11-03 12:00", "approved"],
    ["2025-11-03 11:59", "approved"],
    ["2025-11-03 12:01", "approved"],
    ["2025-11-03 11:58:59.999", "ClockUntrusted"],
    ["2025-11-03 12:01:00.001", "ClockUntrusted"],
    ["2024-11-03 12:00", "ClockUntrusted"]
  ])("D16 arrived at 12:00, its maker says %s: %s", (made, answer) => {
    const life = Life.of(csmzxy, { chip: "50.00" }).at("2025-11-03 12:00").pay("card", "1.00", { made })
    if (answer === "approved") life.expectApproved()
    else {
      const skew = Math.abs(instant(made) - instant("2025-11-03 12:00"))
      life.expectDeclined("ClockUntrusted", { skew, tolerance: 60_000 })
    }
  })

  it("D16 a request is decided at its arrival, not at what its maker says", () => {
    // 13:29:30 by the terminal, 13:30:10 by the host: lunch is over.
    const life = Life.of(csmzxy, { chip: "50.00" }).at("2025-11-03 13:30:10").pay("card", "30.01", {
      made: "2025-11-03 13:29:30"
    })
    life.expectDeclined("MealLimitExceeded", { window: "other" })
    life.pay("card", "1.00", { made: "2025-11-03 13:29:30" })
    expect(life.decision.events[0]?.at).toBe(instant("2025-11-03 13:30:10"))
  })
})

describe("what is done where (R30, R31, R36, R37, R39, R40, R43, R47, R65, R66)", () => {
  const points: Record<Category, string> = {
    canteen: "canteen-1",
    shop: "shop-1",
    kiosk: "kiosk-1",
    counter: "window-3",
    bankWindow: "window-ccb",
    app: "today-campus",
    office: "card-centre",
    access: "dorm-1"
  }
  const rows: ReadonlyArray<
    readonly [string, string, ReadonlyArray<Category>, (life: Life, how: { readonly point: string }) => Life]
  > = [
    ["R30", "a card is handed out", ["bankWindow"], (life, how) => life.reportLost().issue("card-2", how)],
    ["R31", "it is activated", ["counter"], (life, how) => life.reportLost().issue("card-2").activate("card-2", how)],
    [
      "R74",
      "it is taken back",
      ["counter", "bankWindow"],
      (life, how) => life.reportLost().issue("card-2").cancel("card-2", how)
    ],
    ["R39", "loss is reported", ["app"], (life, how) => life.reportLost("lost", how)],
    ["R43", "found is reported", ["counter"], (life, how) => life.reportLost().reportFound("card-1", how)],
    ["R40", "the bank's half is lost", ["bankWindow"], (life, how) => life.reportBankSideLost("card-1", how)],
    ["R47", "the validity is extended", ["counter"], (life, how) => life.extend("card-1", how)],
    ["R36", "the password is reset", ["counter"], (life, how) => life.resetPassword(how)],
    ["R37 R66", "the password is changed", ["kiosk", "counter"], (life, how) => life.changePassword(how)],
    ["R22", "the wallet is opened", ["app"], (life, how) => life.openWallet(how)],
    ["R22", "the wallet's bank card is bound", ["app"], (life, how) => life.openWallet().bindWallet(how)],
    ["R26", "the transfer card is bound", ["kiosk"], (life, how) => life.bindTransfer(how)],
    ["R6", "Alipay is bound", ["app"], (life, how) => life.bindAlipay(how)],
    [
      "R42 R65",
      "frozen money is claimed",
      ["kiosk"],
      (life, how) => life.replace("card-2").at("2025-11-06 12:00").claim("card-2", how)
    ],
    ["R67", "a recharge is placed", ["app"], (life, how) => life.place("ccbApp", "ccbCard", "50.00", how)],
    ["D2", "wallet money goes to transit", ["app"], (life, how) => life.withWallet("5.00").moveToTransit("5.00", how)],
    ["D2", "a payment is credited", ["app", "office"], (life, how) => life.credit("ccbApp", "5.00", how)],
    ["D6", "a subsidy is granted", ["office"], (life, how) => life.grantSubsidy("5.00", how)],
    ["D6", "a subsidy expires", ["office"], (life, how) => life.expireSubsidy(how)],
    ["R15", "a right to a door is granted", ["office"], (life, how) => life.grantAccess("room-1-101", how)],
    [
      "R16",
      "a door is opened by key ring",
      ["app"],
      (life, how) => life.grantAccess("room-1-101").unlock("room-1-101", how)
    ],
    ["R11", "a card is shown", ["access"], (life, { point }) => life.show("card", point)],
    ["R76", "a purchase is refunded", ["office"], (life, how) => {
      const { lastPurchase } = life.pay("card", "1.00")
      return life.refund(lastPurchase, "1.00", how)
    }],
    ["D10", "a debt is repaid", ["counter"], (life, how) => life.inDebt("1.00").repay("1.00", how)],
    ["D10", "a debt is written off", ["office"], (life, how) => life.inDebt("1.00").writeOff("1.00", how)],
    ["D5", "a purchase is undone", ["canteen"], (life, how) => life.pay("card", "1.00").reverse(how)]
  ]

  it.each(rows)("%s %s at %j", (_, __, allowed, done) => {
    for (const [category, point] of Object.entries(points) as ReadonlyArray<[Category, string]>) {
      const life = done(Life.of(csmzxy, { chip: "50.00" }).at("2025-11-03 12:00"), { point })
      if (allowed.includes(category)) life.expectApproved()
      // A purchase is undone at its own terminal, so another till has a reason of its own.
      else if (category === "shop" && allowed.includes("canteen")) life.expectDeclined("NotReversible")
      else life.expectDeclined("ChannelNotAllowed", { category })
    }
  })
})

describe("a card that was handed out and not yet activated (R31)", () => {
  // Every command there is, on an account whose only card waits for its activation.
  const of = "card-1"
  const rows: Record<Command.Command["_tag"], readonly [Decline["_tag"] | "approved", ...Array<(life: Life) => Life>]> =
    {
      // The campus functions: off.
      ReportLost: ["CardNotActivated", (life) => life.reportLost()],
      ReportFound: ["CardNotActivated", (life) => life.reportFound(of)],
      ExtendValidity: ["CardNotActivated", (life) => life.extend(of)],
      ChangePassword: [
        "CardNotActivated",
        (life) => life.changePassword(),
        (life) => life.changePassword({ point: "window-3" }),
        (life) => life.changePassword({ password: "wrong" })
      ],
      ResetPassword: ["CardNotActivated", (life) => life.resetPassword()],
      OpenWallet: ["CardNotActivated", (life) => life.openWallet(), (life) => life.openWallet({ password: "wrong" })],
      BindBankCard: ["CardNotActivated", (life) => life.bindWallet(), (life) => life.bindTransfer()],
      BindAlipay: ["CardNotActivated", (life) => life.bindAlipay()],
      PayByCard: ["CardNotActivated", (life) => life.pay("card", "1.00"), (life) => life.pay("card", "99.00")],
      PayByCode: [
        "CardNotActivated",
        (life) => life.pay("today", "1.00"),
        (life) => life.pay("ecode", "1.00"),
        (life) => life.pay("alipay", "1.00", { link: "down" })
      ],
      PlaceRecharge: [
        "CardNotActivated",
        (life) => life.place("todayCampus", "weChat", "50.00"),
        (life) => life.place("ccbApp", "ccbCard", "50.00"),
        (life) => life.place("ecode", "unionPayCard", "50.00")
      ],
      MoveToTransit: ["CardNotActivated", (life) => life.moveToTransit("1.00")],
      BeginLoad: ["CardNotActivated", (life) => life.beginLoad()],
      ClaimFrozen: ["CardNotActivated", (life) => life.claim(of)],

      // The card's own way: these lead to its activation, away from it, or look at the bank's half (R30, R40).
      OpenAccount: ["AccountExists", (life) => life.open()],
      IssueCard: ["CardAwaitingActivation", (life) => life.issue("card-2")],
      ActivateCard: ["approved", (life) => life.activate(of)],
      CancelCard: ["approved", (life) => life.cancel(of)],
      ReportBankSideLost: ["approved", (life) => life.reportBankSideLost(of)],

      // The school's own dealings with the account: what was paid is credited (D2), and an account can always be closed.
      CreditRecharge: ["approved", (life) => life.credit("ccbApp", "50.00")],
      GrantSubsidy: ["approved", (life) => life.grantSubsidy("50.00")],
      ExpireSubsidy: ["approved", (life) => life.expireSubsidy()],
      RefundPurchase: ["NotRefundable", (life) => life.refund("host:cmd-1", "1.00")],
      RepayDebt: ["DebtSmaller", (life) => life.repay("1.00")],
      WriteOffDebt: ["DebtSmaller", (life) => life.writeOff("1.00")],
      GrantAccess: ["approved", (life) => life.grantAccess("room-1-101")],
      RevokeAccess: ["UnknownGrant", (life) => life.revokeAccess("host:cmd-1")],
      Identify: ["CardNotActivated", (life) => life.show("card", "dorm-1"), (life) => life.show("today", "dorm-1")],
      OpenByKeyRing: ["CardNotActivated", (life) => life.unlock("room-1-101")],
      CloseAccount: ["approved", (life) => life.close()],
      PayOut: ["AccountNotClosing", (life) => life.payOut()],

      // What goes back to something before: there is nothing before. A later card does not hide what an older one did.
      ReversePurchase: ["NotReversible", (life) => life.reverse()],
      SettleLoad: ["LoadNotOpen", (life) => life.settleLoad()],

      // Facts: what has happened is judged by when it happened (D11).
      RecordCardPurchase: ["RecordBeforeActivation", (life) => life.record({ amount: "1.00" })],
      RecordAlipayPurchase: ["RecordBeforeActivation", (life) => life.recordAlipay("1.00")],
      RecordPassage: ["approved", (life) => life.recordPassage("dorm-1")]
    }

  it.each(Object.entries(rows))(
    "R31: every command of a card that is issued but not activated declines CardNotActivated: %s",
    (tag, [answer, ...ways]) => {
      for (const way of ways) {
        const life = way(Life.unborn(csmzxy).open().issue(of).later(60_000))
        expect(life.envelopes.at(-1)?.body._tag).toBe(tag)
        if (answer === "approved") life.expectApproved()
        else life.expectDeclined(answer)
        if (answer === "CardNotActivated") expect(life.state.password.tries).toEqual({})
      }
    }
  )

  it("R31 R41 nor does a new card do anything while the lost one still waits to be replaced", () => {
    const waiting = () => Life.of(csmzxy, { chip: "50.00" }).reportLost().issue("card-2")
    const ways: ReadonlyArray<(life: Life) => Life> = [
      (life) => life.pay("card", "1.00", { card: "card-2" }),
      (life) => life.beginLoad({ card: "card-2" }),
      (life) => life.extend("card-2"),
      (life) => life.claim("card-2"),
      (life) => life.reportFound("card-2"),
      (life) => life.changePassword({ card: "card-2" }),
      (life) => life.resetPassword({ card: "card-2" }),
      (life) => life.place("ccbApp", "ccbCard", "50.00")
    ]
    for (const way of ways) way(waiting()).expectDeclined("CardNotActivated")
  })
})

describe("which version of the profile decides (A25, D22)", () => {
  const later = school({
    version: "csmzxy-2",
    effectiveFrom: instant("2025-11-05 00:00"),
    limits: [{ name: "meal", per: "meal", measure: "sum", hard: 3_500, scope: {} }]
  })
  const fresh = () => {
    const life = Life.unborn(csmzxy, later).open().issue("card-1").activate("card-1")
    return life.recharge("ccbApp", "500.00").load().expectPockets({ chip: "500.00" })
  }

  it.each([
    ["2025-11-04 23:59:59.999", "csmzxy-1", "MealLimitExceeded"],
    ["2025-11-05 00:00", "csmzxy-2", "approved"]
  ])("D22 35.00 on %s: %s, %s", (at, version, answer) => {
    const life = fresh().at(at).pay("card", "35.00")
    if (answer === "approved") life.expectApproved()
    else life.expectDeclined("MealLimitExceeded", { threshold: "30.00" })
    expect(life.decision.profile).toBe(version)
  })

  it("D16 D22 a fact is decided by the version of its own time, and replaying reads none", () => {
    const life = fresh().at("2025-11-04 12:00").cutOff("lunch", "35.00").at("2025-11-05 12:00").arrives("lunch")
    life.expectReported({ _tag: "LimitExceeded", quota: { threshold: "30.00" } })
    expect(life.decision.profile).toBe("csmzxy-1")
    expect(Account.replay(life.events)).toEqual(life.state)
  })

  it("D22 before the first version begins, the first decides", () => {
    expect(Life.unborn(csmzxy, later).at("2019-01-01 12:00").open().decision.profile).toBe("csmzxy-1")
  })
})

describe("whatever happens, in any order", () => {
  it.each([["the manual's school", csmzxy], ["a school that reads it otherwise", strict]])(
    "I1 I2 I4 I5 I6 I12 I13 D13 every step of any life keeps the invariants: %s",
    (_, profile) => {
      fc.assert(fc.property(wholeStories(40), (story) => void lived(profile, story)), {
        numRuns: 100
      })
    }
  )

  // Honest terminals and plastic only: everything that a chip says is so.
  const honest = fc.array(
    fc.tuple(
      // All of it within the seven days in which a record may still arrive (D16).
      fc.integer({ min: 1, max: 300 }),
      fc.oneof(
        meals.map((amount) => (life: Life) => {
          life.pay("card", amount)
        }),
        meals.map((amount) => (life: Life, n: number) => {
          if (life.chip("card-1").balance >= Money.yuan(amount)) life.cutOff(`slip ${n}`, amount, { card: "card-1" })
        }),
        fc.constant((life: Life) => {
          life.reverse({ present: true })
        }),
        fc.constantFrom("10.00", "50.00").map((amount) => (life: Life) => {
          life.credit("ccbApp", amount)
        }),
        fc.constant((life: Life) => {
          life.load()
        }),
        fc.constantFrom("written", "notWritten" as const).map((really) => (life: Life) => {
          life.beginLoad()
          if (life.decision.events.some(({ _tag }) => _tag === "LoadBegun")) life.letGo(really)
        }),
        fc.constant((life: Life) => {
          life.reportLost()
        }),
        fc.constant((life: Life) => {
          life.reportFound("card-1")
        }),
        fc.nat({ max: 30 }).map((n) => (life: Life) => {
          if (life.slips.has(`slip ${n}`)) life.arrives(`slip ${n}`)
        })
      )
    ),
    { minLength: 1, maxLength: 30 }
  )

  it.each(
    [["the school bears", csmzxy], [
      "the holder bears",
      school({
        replacement: { ...csmzxy.replacement, afterLossBorneBy: "holder" }
      })
    ]] as const
  )("D8 D11 D12 once all has arrived, the books say what the plastic says; %s the time of loss", (_, profile) => {
    fc.assert(
      fc.property(honest, (story) => {
        const life = Life.of(profile, { chip: "100.00" }).at("2025-11-03 10:00")
        for (const [n, [minutes, happens]] of story.entries()) {
          life.later(minutes * 60_000)
          happens(life, n)
        }
        life.later(60_000).reportFound("card-1")
        for (const slip of life.slips.keys()) life.arrives(slip)
        life.settleLoad()
        expect(life.pockets().chip).toBe(life.chip("card-1").balance)
        expect(life.pockets().held).toBe(0)
        expect(life.pockets().receivable).toBe(0)
      }),
      { numRuns: 300 }
    )
  })
})
