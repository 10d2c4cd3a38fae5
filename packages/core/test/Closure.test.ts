import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { worth } from "../src/Wallet.ts"
import { csmzxy, Life, school } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

/** Monday, 2025-11-03 15:00: money in every pocket that its holder fills. */
const rich = () =>
  Life.of(csmzxy, { chip: "100.00" }).withWallet("50.00").bindTransfer().recharge("ccbApp", "20.00")
    .at("2025-11-03 15:00")
const closed = () => rich().close().expectApproved()
/** Three days later, to the millisecond. */
const ripe = "2025-11-06 15:00"

describe("an account is closed: its money waits as after a loss (D7)", () => {
  it.each(
    [
      ["nothing", () => Life.of(csmzxy), {}],
      ["money on the card, in transit and in the wallet", rich, { frozen: "170.00" }],
      ["an open load of unknown outcome", () => rich().tear("written"), { frozen: "170.00" }],
      ["a lost card", () => rich().reportLost(), { frozen: "170.00" }],
      ["a replaced card, not claimed yet", () => rich().replace("card-2"), { frozen: "170.00" }],
      ["a subsidy, which goes back to the school", () => rich().grantSubsidy("8.00"), { frozen: "170.00" }],
      ["nothing but a subsidy", () => Life.of(csmzxy).grantSubsidy("8.00"), {}],
      [
        "a debt, which stays until the pay-out",
        () => rich().replace("card-2").cutOff("late", "5.00").arrives("late"),
        { frozen: "170.00", receivable: "5.00" }
      ],
      ["no card yet", () => Life.unborn(csmzxy).open().at("2025-11-03 15:00"), {}]
    ] as const
  )("D7 with %s", (_, before, pockets) => {
    before().close().expectApproved().expectEvents("AccountClosing").expectPockets(pockets)
  })

  it("D6 D7 what is left of a subsidy returns to its fund, and to nobody else", () => {
    const life = rich().grantSubsidy("8.00").close()
    expect(life.decision.events).toMatchObject([{
      transfers: [
        { from: "chip", to: "frozen", amount: 10_000 },
        { from: "transit", to: "frozen", amount: 2_000 },
        { from: "wallet", to: "frozen", amount: 5_000 },
        { from: "subsidy", to: "school:subsidies", amount: 800 }
      ]
    }])
  })

  it.each(
    [
      ["active", "Returned", rich, "card-1"],
      ["lost", "Returned", () => rich().reportLost(), "card-1"],
      ["replaced", "Returned", () => rich().replace("card-2"), "card-1"],
      ["handed out and not activated", "Cancelled", () => rich().reportLost().issue("card-2"), "card-2"],
      ["taken back", "Cancelled", () => rich().reportLost().issue("card-2").cancel("card-2"), "card-2"]
    ] as const
  )("D7 a card that is %s is %s", (_, tag, before, card) => {
    before().close().expectCard(card, tag)
  })

  it("D7 it is closed where the school says so, at the counter first of all, and once", () => {
    const allowed = csmzxy.places.closeAccount
    expect(allowed).toContain("counter")
    for (const point of ["kiosk-1", "window-ccb", "today-campus", "canteen-1"]) {
      rich().close({ point }).expectDeclined("ChannelNotAllowed", { procedure: "closeAccount", allowed })
    }
    closed().at("2025-11-04 09:00").close().expectDeclined("AccountClosed", { since: "2025-11-03 15:00" })
  })
})

describe("the pay-out: after the hold, the debt first, once (D7, D10)", () => {
  it.each(
    [
      ["elapsed", "2025-11-06 14:59:59.999", "2025-11-06 15:00"],
      ["calendar", "2025-11-05 23:59:59.999", "2025-11-06 00:00"],
      ["working", "2025-11-05 23:59:59.999", "2025-11-06 00:00"]
    ] as const
  )("D7 closed Monday 2025-11-03 15:00, three days %s: %s is too early, %s is not", (unit, early, availableAt) => {
    const profile = school({ replacement: { ...csmzxy.replacement, hold: { count: 3, unit } } })
    const life = Life.of(profile, { chip: "100.00" }).at("2025-11-03 15:00").close()
    life.at(early).payOut().expectDeclined("PayOutTooEarly", { availableAt }).expectPockets({ frozen: "100.00" })
    life.at(availableAt).payOut().expectApproved().expectEvents("AccountPaidOut").expectPockets({})
  })

  it("D7 the three days count from the closing, not from a loss or a new card before it", () => {
    const life = rich().at("2025-11-01 09:00").replace("card-2").at("2025-11-03 15:00").close()
    life.at("2025-11-06 14:59").payOut().expectDeclined("PayOutTooEarly", { availableAt: ripe })
    life.at(ripe).payOut().expectApproved()
  })

  it.each(
    [
      ["none", "0.00", [["frozen", "channel:ccb", 17_000]], {}],
      ["5.00", "5.00", [["frozen", "receivable", 500], ["frozen", "channel:ccb", 16_500]], {}],
      ["as much as there is", "170.00", [["frozen", "receivable", 17_000]], {}],
      ["more than there is", "170.01", [["frozen", "receivable", 17_000]], { receivable: "0.01" }]
    ] as const
  )("D7 D10 a debt of %s: it is repaid first", (_, debt, transfers, left) => {
    const life = rich().replace("card-2")
    if (debt !== "0.00") life.cutOff("late", debt).arrives("late").expectApproved()
    life.close().at(ripe).payOut().expectApproved().expectPockets(left)
    const paid = transfers.find(([, to]) => to === "channel:ccb")?.[2] ?? 0
    expect(life.decision.events).toMatchObject([
      { amount: paid, transfers: transfers.map(([from, to, amount]) => ({ from, to, amount })) }
    ])
  })

  it("D7 through the desk that is said, once; and an account with nothing is paid out as well", () => {
    const life = closed().at(ripe).payOut("bank").expectPockets({})
    expect(life.decision.events).toMatchObject([{ transfers: [{ from: "frozen", to: "channel:bank" }] }])
    life.at("2025-11-07 09:00").payOut().expectDeclined("AlreadyPaidOut", { paidOutAt: ripe })
    const poor = Life.of(csmzxy).at("2025-11-03 15:00").close().at(ripe).payOut().expectApproved()
    expect(poor.decision.events).toMatchObject([{ amount: 0, transfers: [] }])
    poor.payOut().expectDeclined("AlreadyPaidOut")
  })

  it("D7 only an account that is being closed is paid out, and only by the office", () => {
    rich().payOut().expectDeclined("AccountNotClosing")
    Life.unborn(csmzxy).payOut().expectDeclined("UnknownAccount")
    for (const point of ["window-3", "kiosk-1", "today-campus"]) {
      closed().at(ripe).payOut("ccb", { point }).expectDeclined("ChannelNotAllowed", { allowed: ["office"] })
    }
  })
})

describe("late records: that is what the hold is for (D7, D11)", () => {
  /** Bought at 14:00 at a terminal that was cut off. */
  const lunch = (life: Life, card: string) => life.at("2025-11-03 14:00").cutOff("lunch", "12.00", { card })

  it.each(
    [
      ["in use", () => lunch(rich(), "card-1")],
      ["lost since", () => lunch(rich(), "card-1").at("2025-11-03 14:30").reportLost()],
      ["replaced since", () => lunch(rich(), "card-1").at("2025-11-03 14:30").replace("card-2")],
      ["new", () => lunch(rich().at("2025-11-03 13:00").replace("card-2").recharge("ccbApp", "30.00").load(), "card-2")]
    ] as const
  )("D7 D11 a card that is %s: before the pay-out from the frozen money, afterwards as a debt", (_, before) => {
    const life = before().at("2025-11-03 15:00").close().expectApproved()
    const { frozen } = life.pockets()
    const early = life.fork().at("2025-11-05 12:00").arrives("lunch").expectReported()
    expect(early.pockets()).toMatchObject({ frozen: frozen - 1_200, receivable: 0 })
    early.at(ripe).payOut().expectApproved().expectPockets({})
    expect(early.decision.events).toMatchObject([{ amount: frozen - 1_200 }])
    const late = life.at(ripe).payOut().expectApproved().arrives("lunch")
    late.expectReported({ _tag: "DebtArisen", debt: "12.00" }).expectPockets({ receivable: "12.00" })
    late.arrives("lunch").expectDeclined("RecordAlreadyPosted")
  })

  it.each(
    [
      ["repaid at the counter", (life: Life) => life.repay("12.00")],
      ["given up by the school", (life: Life) => life.writeOff("12.00")],
      ["repaid in part, the rest given up", (life: Life) => life.repay("5.00").expectApproved().writeOff("7.00")]
    ] as const
  )("D7 D10 a debt that arrives after the pay-out is %s; nothing else comes in any more", (_, settle) => {
    const life = lunch(rich(), "card-1").at("2025-11-03 15:00").close().at(ripe).payOut().arrives("lunch")
    life.expectPockets({ receivable: "12.00" })
    life.credit("ccbApp", "12.00").expectDeclined("AccountClosed").expectPockets({ receivable: "12.00" })
    life.grantSubsidy("12.00").expectDeclined("AccountClosed")
    settle(life).expectApproved().expectPockets({})
    life.payOut().expectDeclined("AlreadyPaidOut")
  })

  it("D7 D10 a debt that is repaid at the counter before the pay-out leaves more to pay out", () => {
    const life = rich().replace("card-2").cutOff("late", "5.00").arrives("late").close()
    life.expectPockets({ frozen: "170.00", receivable: "5.00" }).repay("5.00").expectApproved()
    life.at(ripe).payOut().expectApproved().expectPockets({})
    expect(life.decision.events).toMatchObject([{ amount: 17_000, transfers: [{ to: "channel:ccb" }] }])
  })

  it("D7 D11 what was spent after the loss report is the school's, closed or not", () => {
    const life = lunch(rich().at("2025-11-03 13:00").reportLost(), "card-1").at("2025-11-03 15:00").close()
    life.fork().arrives("lunch").expectApproved().expectPockets({ frozen: "170.00" })
    life.at(ripe).payOut().arrives("lunch").expectApproved().expectPockets({})
  })

  it("D7 D10 more than the frozen money: the rest is a debt, and nothing is left to pay out", () => {
    const life = Life.of(csmzxy, { chip: "10.00" }).at("2025-11-03 12:00").close().later(60_000)
    const record = { card: "card-1", amount: "12.00", at: "2025-11-03 11:59", purchaseSequence: 1 }
    life.record(record).expectReported({ _tag: "BalanceChainBroken" }, { _tag: "DebtArisen", debt: "2.00" })
    life.expectPockets({ receivable: "2.00" }).at("2025-11-06 12:00").payOut().expectApproved()
    life.expectPockets({ receivable: "2.00" })
  })

  it("D3 D7 an Alipay record touches no pocket, closed or not", () => {
    const life = rich().bindAlipay().close().later(60_000).recordAlipay("12.00", { at: "2025-11-03 14:00" })
    life.expectApproved().expectPockets({ frozen: "170.00" })
    life.at(ripe).payOut().recordAlipay("3.00", { at: "2025-11-03 14:30" }).expectApproved().expectPockets({})
  })
})

/** All that can be asked of an account. */
const requests: ReadonlyArray<readonly [string, (life: Life) => Life]> = [
  ["IssueCard", (life) => life.issue("card-9")],
  ["ActivateCard", (life) => life.activate("card-1")],
  ["CancelCard", (life) => life.cancel("card-1")],
  ["ReportLost", (life) => life.reportLost()],
  ["ReportFound", (life) => life.reportFound("card-1")],
  ["ReportBankSideLost", (life) => life.reportBankSideLost("card-1")],
  ["ExtendValidity", (life) => life.extend("card-1")],
  ["ChangePassword", (life) => life.changePassword()],
  ["ChangePassword, a wrong one", (life) => life.changePassword({ password: "wrong" })],
  ["ResetPassword", (life) => life.resetPassword()],
  ["OpenWallet", (life) => life.openWallet()],
  ["BindBankCard for the wallet", (life) => life.bindWallet()],
  ["BindBankCard for transfers", (life) => life.bindTransfer()],
  ["BindAlipay", (life) => life.bindAlipay()],
  ["PlaceRecharge, today's campus", (life) => life.place("todayCampus", "weChat", "50.00")],
  ["PlaceRecharge, e码通", (life) => life.place("ecode", "unionPayCard", "50.00")],
  ["PlaceRecharge, the bank's app", (life) => life.place("ccbApp", "ccbCard", "50.00")],
  ["CreditRecharge: the channel has to refund it (D2)", (life) => life.credit("ccbApp", "50.00")],
  ["MoveToTransit", (life) => life.moveToTransit("1.00")],
  ["GrantSubsidy", (life) => life.grantSubsidy("8.00")],
  ["ExpireSubsidy", (life) => life.expireSubsidy()],
  ["ClaimFrozen", (life) => life.claim("card-1")],
  ["CloseAccount", (life) => life.close()],
  ["BeginLoad", (life) => life.beginLoad({ card: "card-1" })],
  ["SettleLoad", (life) => life.settleLoad({ card: "card-1", load: "host:cmd-1" })],
  ["ReversePurchase", (life) => life.reverse({ purchase: "host:cmd-1" })],
  ["PayByCard", (life) => life.pay("card", "1.00", { card: "card-1" })],
  ["PayByCode, today's campus", (life) => life.pay("today", "1.00")],
  ["PayByCode, e码通", (life) => life.pay("ecode", "1.00")],
  ["PayByCode, Alipay", (life) => life.pay("alipay", "1.00", { link: "down" })]
]

describe("whatever else is asked of it is refused (D2, D7)", () => {
  it.each(requests)("D7 %s", (_, request) => {
    request(closed()).expectDeclined("AccountClosed", { since: "2025-11-03 15:00" })
    request(closed().at(ripe).payOut()).expectDeclined("AccountClosed", { since: "2025-11-03 15:00" })
  })

  it("D7 it is not opened a second time", () => {
    closed().open().expectDeclined("AccountExists")
  })

  it.each(
    [
      ["canteen-1", "alipay", "up", "AlipayOnlyWhenTerminalOffline"],
      ["canteen-1", "today", "down", "NotAcceptedOffline"],
      ["canteen-1", "identity", "up", "WrongCodeKind"],
      ["shop-1", "alipay", "down", "MediumNotAcceptedHere"],
      ["kiosk-1", "card", "up", "MediumNotAcceptedHere"]
    ] as const
  )("I17 D14 acceptance comes first: %s, %s, link %s: %s", (point, shown, link, decline) => {
    closed().pay(shown, "1.00", { point, link, card: "card-1" }).expectDeclined(decline)
  })

  it("D7 a point that the profile does not know, a clock that is off: as ever", () => {
    closed().pay("card", "1.00", { point: "canteen-9", card: "card-1" }).expectDeclined("UnknownPoint")
    closed().extend("card-1", { made: "2025-11-03 14:58" }).expectDeclined("ClockUntrusted")
  })
})

describe("whatever happens to an account that is closed", () => {
  it("I1 I5 D7 nothing is lost, and afterwards only its debt may be left", () => {
    fc.assert(fc.property(wholeStories(20), (story) => {
      const life = lived(csmzxy, story)
      if (life.state.closing === undefined) life.close().expectApproved()
      const { closing, pockets } = life.state
      if (closing?.paidOutAt === undefined) {
        const before = worth(pockets)
        life.later(72 * CivilTime.hour).payOut().expectApproved()
        const last = life.decision.events.at(-1)
        expect(last?._tag === "AccountPaidOut" ? last.amount : undefined).toBe(Math.max(0, before))
      }
      const { receivable, ...rest } = life.pockets()
      expect(Object.values(rest).every((fen) => fen === 0)).toBe(true)
      expect(receivable).toBeGreaterThanOrEqual(0)
    }))
  })
})
