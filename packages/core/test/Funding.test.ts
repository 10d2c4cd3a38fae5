import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import type * as Decline from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import type { FundingSource } from "../src/Recharge.ts"
import { csmzxy, Life, yuan } from "./support/Life.ts"

/** Everything bound, so that only the table decides. */
const bound = () => Life.of(csmzxy).openWallet().bindWallet().bindTransfer().at("2025-11-03 10:00")

describe("which channel takes money from where (R19-R24, R67-R69, A8)", () => {
  const no = "FundingSourceNotAccepted"
  const rows: ReadonlyArray<readonly [string, FundingSource, "own" | "other", string]> = [
    ["todayCampus", "unionPayCard", "own", "ok"],
    ["todayCampus", "unionPayCard", "other", "ok"],
    ["todayCampus", "ccbCard", "own", "ok"],
    ["todayCampus", "ccbCard", "other", "NotOwnBankCard"],
    ["todayCampus", "weChat", "own", "ok"],
    ["todayCampus", "alipay", "own", no],
    ["ecode", "unionPayCard", "own", "ok"],
    ["ecode", "unionPayCard", "other", "ok"],
    ["ecode", "ccbCard", "own", "ok"],
    ["ecode", "ccbCard", "other", "ok"],
    ["ecode", "weChat", "own", no],
    ["ecode", "alipay", "own", no],
    ["ccbApp", "unionPayCard", "own", no],
    ["ccbApp", "ccbCard", "own", "ok"],
    ["ccbApp", "ccbCard", "other", "NotOwnBankCard"],
    ["ccbApp", "weChat", "own", no],
    ["ccbApp", "alipay", "own", no]
  ]

  it.each(rows)("R67 R68 R69 %s from %s, holder %s: %s", (channel, source, holder, answer) => {
    const life = bound().place(channel, source, "50.00", { holder })
    if (answer === "ok") life.expectApproved().expectEvents("RechargePlaced").expectPockets({})
    else life.expectDeclined(answer as Decline.Decline["_tag"])
  })

  it("R67 the refusal of a source names those that are taken", () => {
    bound().place("ecode", "weChat", "50.00")
      .expectDeclined("FundingSourceNotAccepted", { source: "weChat", accepted: ["unionPayCard", "ccbCard"] })
  })

  it("A8 only Today Campus by CCB card needs the kiosk binding", () => {
    const life = Life.of(csmzxy)
    life.place("todayCampus", "ccbCard", "50.00").expectDeclined("BankCardNotBound", { channel: "todayCampus" })
    life.place("todayCampus", "unionPayCard", "50.00").expectApproved()
    life.place("todayCampus", "weChat", "50.00").expectApproved()
    life.place("ccbApp", "ccbCard", "50.00").expectApproved()
  })

  it("R25 R26 Today Campus by CCB card 银行转账: bound once at the kiosk, credited, on the card after a tap", () => {
    const life = Life.of(csmzxy).at("2025-11-03 12:00")
    life.place("todayCampus", "ccbCard", "50.00").expectDeclined("BankCardNotBound")
    life.bindTransfer().expectApproved().place("todayCampus", "ccbCard", "50.00").expectApproved()
    life.credit("todayCampus", "50.00").expectApproved().expectPockets({ transit: "50.00" })
    life.load().expectApproved().pay("card", "12.00").expectApproved().expectPockets({ chip: "38.00" })
    life.place("todayCampus", "ccbCard", "50.00").expectApproved()
  })

  it.each([
    ["todayCampus", "50.00", "ok"],
    ["todayCampus", "500.00", "ok"],
    ["todayCampus", "49.99", "AmountNotAllowed"],
    ["todayCampus", "30.00", "AmountNotAllowed"],
    ["ccbApp", "0.01", "ok"],
    ["ccbApp", "33.33", "ok"],
    ["ccbApp", "1000.00", "ok"],
    ["ccbApp", "1000.01", "AmountNotAllowed"],
    ["ccbApp", "0.00", "AmountNotAllowed"],
    ["ecode", "1000.00", "ok"],
    ["ecode", "1000.01", "AmountNotAllowed"]
  ])("R20 A9 %s, %s: %s", (channel, amount, answer) => {
    const source = { todayCampus: "weChat", ccbApp: "ccbCard", ecode: "unionPayCard" }[channel] as FundingSource
    const life = bound().place(channel, source, amount)
    if (answer === "ok") life.expectApproved()
    else life.expectDeclined("AmountNotAllowed", { amount })
  })

  it("R20 the refusal names what can be chosen", () => {
    bound().place("todayCampus", "weChat", "30.00").expectDeclined("AmountNotAllowed", {
      min: "0.01",
      max: "500.00",
      choices: ["10.00", "20.00", "50.00", "100.00", "200.00", "500.00"].map(yuan)
    })
  })

  it("R24 the bank's app: number and identity document belong to one person, or nothing happens", () => {
    for (const identity of [false, "name", "number"] as const) {
      bound().place("ccbApp", "ccbCard", "50.00", { identity }).expectDeclined("IdentityNotMatched")
    }
    for (const identity of [true, "document"] as const) {
      bound().place("ccbApp", "ccbCard", "50.00", { identity }).expectApproved()
    }
    const place = (channel: string, source: FundingSource) => ({
      _tag: "PlaceRecharge",
      channel,
      source,
      holder: "own",
      amount: yuan("50.00")
    } as const)
    bound().step("today-campus", place("ccbApp", "ccbCard")).expectDeclined("IdentityNotMatched")
    bound().step("today-campus", place("todayCampus", "weChat")).expectApproved()
  })

  it("R24 D2 card, then identity, then source: the first refusal is told", () => {
    const life = bound().reportLost().place("ccbApp", "weChat", "0.00", { identity: false }).expectDeclined("CardLost")
    life.reportFound("card-1").place("ccbApp", "weChat", "0.00", { identity: false }).expectDeclined(
      "IdentityNotMatched"
    )
    life.place("ccbApp", "weChat", "0.00").expectDeclined("FundingSourceNotAccepted")
  })

  it.each(["paypal", "constructor", "__proto__", ""])("R67 the channel %j is none", (channel) => {
    bound().place(channel, "ccbCard", "50.00").expectDeclined("ChannelUnknown", { channel })
  })

  it("D2 money for the card needs a card in order; money for the wallet only an account in use", () => {
    const life = bound().reportLost()
    life.place("ccbApp", "ccbCard", "50.00").expectDeclined("CardLost")
    life.place("todayCampus", "weChat", "50.00").expectDeclined("CardLost")
    life.place("ecode", "unionPayCard", "50.00").expectApproved()
    life.issue("card-2").place("ccbApp", "ccbCard", "50.00").expectDeclined("CardNotActivated")
    life.activate("card-2").place("ccbApp", "ccbCard", "50.00").expectApproved()
    Life.unborn(csmzxy).open().place("ccbApp", "ccbCard", "50.00").expectDeclined("CardNotActivated")
  })
})

describe("what is paid is credited to its pocket (D2, A10, A26)", () => {
  it.each([
    ["todayCampus", "transit"],
    ["ccbApp", "transit"],
    ["ecode", "wallet"]
  ])("A10 A26 paid by %s: it is in %s", (channel, pocket) => {
    const life = bound().credit(channel, "50.00").expectApproved().expectPockets({ [pocket]: "50.00" })
    expect(life.decision.events).toMatchObject([
      { _tag: "CreditRecorded", transfers: [{ from: `channel:${channel}`, to: pocket, amount: 5_000 }] }
    ])
  })

  it("A10 wallet money is spendable by code at once, and no tap is needed", () => {
    bound().credit("ecode", "50.00").at("2025-11-03 12:00").pay("ecode", "10.00").expectApproved()
  })

  it.each([
    ["another order", { order: Id.OrderId.make("host:order-other") }],
    ["another channel", { channel: "ecode" }],
    ["another amount", { amount: Money.amount(4_999) }],
    ["another time", { paidAt: CivilTime.instant("2025-11-03 09:59") }],
    ["another reference", { reference: "bank-other" }]
  ])("D2 evidence of %s is none", (_, evidence) => {
    bound().credit("ccbApp", "50.00", { evidence }).expectDeclined("NotPaid").expectPockets({})
  })

  it("D2 what only looks like evidence is none", () => {
    bound().credit("ccbApp", "50.00", { evidence: "none" }).expectDeclined("NotPaid").expectPockets({})
  })

  it("D2 money of a channel that the profile does not have is not credited", () => {
    bound().credit("paypal", "50.00").expectDeclined("ChannelUnknown", { channel: "paypal" })
  })

  it("D2 paid all the same: credited, whatever has become of the card", () => {
    const ways: ReadonlyArray<(life: Life) => Life> = [
      (life) => life.reportLost(),
      (life) => life.at("2026-06-01 10:00"),
      (life) => life.replace("card-2")
    ]
    for (const way of ways) way(bound()).credit("ccbApp", "50.00").expectApproved().expectPockets({ transit: "50.00" })
  })

  it("D2 D21 one order is credited once, whatever the command is called", () => {
    const life = bound().credit("ccbApp", "50.00", { order: "order-1" }).expectApproved()
    life.credit("ccbApp", "50.00", { order: "order-1" }).expectDeclined("OrderAlreadyCredited")
    life.credit("ccbApp", "50.00", { order: "order-2" }).expectApproved().expectPockets({ transit: "100.00" })
  })

  it("D16 a payment may have been confirmed long after it was made", () => {
    bound().credit("ccbApp", "50.00", { made: "2025-11-01 10:00" }).expectApproved()
  })

  it("D10 the credit repays the debt first, exactly, and the rest is the holder's", () => {
    const owing = () => Life.of(csmzxy).at("2025-11-03 12:00").record({ amount: "20.00", chipBefore: yuan("20.00") })
    owing().expectPockets({ receivable: "20.00" })
    owing().credit("ccbApp", "19.99").expectPockets({ receivable: "0.01" })
    owing().credit("ccbApp", "20.00").expectPockets({})
    owing().credit("ccbApp", "20.01").expectPockets({ transit: "0.01" })
    const split = owing().credit("ecode", "50.00").expectPockets({ wallet: "30.00" })
    expect(split.decision.events).toMatchObject([{
      transfers: [
        { from: "channel:ecode", to: "receivable", amount: 2_000 },
        { from: "channel:ecode", to: "wallet", amount: 3_000 }
      ]
    }])
  })
})

describe("between the pockets (D2, D6)", () => {
  it("D2 from the wallet to transit by the holder's word, and no further than there is", () => {
    const life = bound().credit("ecode", "50.00").moveToTransit("20.00").expectApproved()
    life.expectPockets({ wallet: "30.00", transit: "20.00" })
    life.moveToTransit("30.01").expectDeclined("InsufficientWallet", { amount: "30.01", available: "30.00" })
    life.moveToTransit("30.00").expectApproved().expectPockets({ transit: "50.00" })
    bound().credit("ecode", "50.00").at("2026-06-01 10:00").moveToTransit("1.00").expectDeclined("CardFrozenDormant")
    life.moveToTransit("1.00", { point: "canteen-1" }).expectDeclined("ChannelNotAllowed")
  })

  it("D6 a subsidy comes from its fund, and what is left of it goes back there", () => {
    const life = bound().grantSubsidy("15.00").expectApproved().expectPockets({ subsidy: "15.00" })
    expect(life.decision.events).toMatchObject([{ transfers: [{ from: "school:subsidies", to: "subsidy" }] }])
    life.at("2025-11-03 12:00").pay("ecode", "5.00").expireSubsidy().expectApproved().expectPockets({})
    expect(life.decision.events).toMatchObject([
      { amount: 1_000, transfers: [{ from: "subsidy", to: "school:subsidies", amount: 1_000 }] }
    ])
    life.expireSubsidy().expectApproved().expectEvents()
  })

  it("D6 a grant says of which batch it is and until when, if it is of one", () => {
    const life = bound().grantSubsidy("15.00", { batch: "autumn", until: "2025-11-30" }).expectApproved()
    expect(life.decision.events).toMatchObject([
      { _tag: "SubsidyGranted", amount: 1_500, batch: "autumn", until: CivilTime.day("2025-11-30") }
    ])
    const [event] = life.grantSubsidy("1.00").expectApproved().decision.events
    expect(event).not.toHaveProperty("batch")
    expect(event).not.toHaveProperty("until")
  })

  it("D6 of two batches each is taken back for itself, after its last day; of none, nothing", () => {
    const life = bound().grantSubsidy("15.00", { batch: "autumn", until: "2025-11-30" })
    life.grantSubsidy("5.00", { batch: "winter", until: "2026-01-31" }).expectPockets({ subsidy: "20.00" })
    life.at("2025-11-30 23:59").expireSubsidy({ batch: "autumn" }).expectDeclined("SubsidyNotEnded", {
      until: "2025-11-30"
    })
    life.at("2025-12-01 00:00").expireSubsidy({ batch: "autumn" }).expectApproved().expectPockets({ subsidy: "5.00" })
    life.expireSubsidy({ batch: "autumn" }).expectEvents().expireSubsidy({ batch: "spring" }).expectEvents()
    life.expireSubsidy({ batch: "winter" }).expectDeclined("SubsidyNotEnded", { until: "2026-01-31" })
    life.expireSubsidy().expectApproved().expectPockets({})
  })

  it("D6 granted and expired by the office only; what has reached the card is the holder's", () => {
    bound().grantSubsidy("1.00", { point: "window-3" }).expectDeclined("ChannelNotAllowed")
    bound().expireSubsidy({ point: "today-campus" }).expectDeclined("ChannelNotAllowed")
    bound().grantSubsidy("15.00").load().expireSubsidy().expectEvents().expectPockets({ chip: "15.00" })
  })
})
