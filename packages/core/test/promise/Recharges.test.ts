import { describe, expect, it } from "vitest"
import { instant } from "../../src/CivilTime.ts"
import * as Money from "../../src/Money.ts"
import { fromChannel } from "../../src/ports/Backend.ts"
import { Campus, type Channel, csmzxy, memory, simulatedChannel } from "../../src/promise/index.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import { Bank, codes } from "../flows/bank.ts"

const now = instant("2026-03-02 12:00")

/** A student with a wallet to be recharged, and an order of 50.00 for it. */
const ordered = async (channels: ReadonlyArray<Channel> = [], clock: () => number = () => now) => {
  const { channel, pay } = simulatedChannel("todayCampus")
  const campus = await Campus.open({
    backend: memory(),
    profile: csmzxy,
    channels: [channel, ...channels],
    now: clock
  })
  const at = (id: string, point: string) => ({ id, point, ...Clerk.at(csmzxy, point) })
  const subject = { _tag: "Account", account: "account-1" } as const
  await campus.openAccount({
    ...at("open", "card-centre"),
    account: "account-1",
    person: {
      id: "person-1",
      kind: "student",
      number: "20260001",
      name: "李华",
      document: { kind: "residentId", number: "43010219990101125X" }
    }
  })
  await campus.submit({ ...at("issue", "window-ccb"), subject }, { _tag: "IssueCard", card: "card-1" })
  await campus.submit({ ...at("activate", "window-3"), subject }, { _tag: "ActivateCard", card: "card-1" })
  const request = {
    id: "recharge",
    point: "today-campus",
    subject,
    channel: "todayCampus",
    source: "weChat",
    amount: 5_000
  } as const
  const placed = await campus.recharge(request)
  if (!placed.placed) throw new Error(JSON.stringify(placed))
  const { order, number } = placed
  return { campus, order, number, pay, again: () => campus.recharge(request) }
}

describe("recharges at the promise door (D2, D21)", () => {
  it("D21 by its id alone, as whoever was restarted has it; placed again it is the same order", async () => {
    const { again, campus, number, order, pay } = await ordered()
    expect(order._tag).toBe("Paying")
    expect(await again()).toEqual({ placed: true, order, number, instruction: { _tag: "Nothing" } })
    pay(order.id, 5_000, now)
    const confirmed = await campus.confirmRecharge(order.id, "card-centre")
    expect(confirmed).toMatchObject({ order: { _tag: "Credited" }, answer: { _tag: "Approved" } })
    // The order as it was before leads to the same stored one.
    expect(await campus.confirmRecharge(order, "card-centre")).toEqual({ order: confirmed.order })
    expect(await again()).toEqual({ placed: true, order: confirmed.order, number })
    expect(await campus.find({ _tag: "Account", account: "account-1" })).toMatchObject({ pockets: { transit: 5_000 } })
  })

  it("D21 what nobody confirmed is found by the drive, and one that fails stops no other", async () => {
    const { campus, order, pay } = await ordered()
    const { driveRecharges, unfinishedRecharges } = campus.office
    expect(await unfinishedRecharges()).toEqual([order])
    expect(await driveRecharges("card-centre")).toEqual([{ _tag: "Asked", order }])
    pay(order.id, 5_000, now)
    const driven = await driveRecharges("card-centre")
    expect(driven).toMatchObject([{ _tag: "Asked", order: { _tag: "Credited" }, answer: { _tag: "Approved" } }])
    expect(JSON.parse(JSON.stringify(driven))).toEqual(driven)
    expect(await driveRecharges("card-centre")).toEqual([])
    expect(await unfinishedRecharges()).toEqual([])
    await expect(campus.office.tellRecharge(order, "Lost" as "Closed")).rejects.toMatchObject({
      flaws: [{ path: "what" }]
    })
  })

  it("D21 an order that its channel never took is told to be closed, and has expired", async () => {
    const { campus, order } = await ordered()
    expect(await campus.office.tellRecharge(order, "Closed")).toMatchObject({ _tag: "Expired" })
    expect(await campus.office.unfinishedRecharges()).toEqual([])
  })

  it("D2 I3 what the bank took back after it was credited is for a person, and the account keeps it", async () => {
    const { campus, order, pay } = await ordered()
    const { tellRecharge } = campus.office
    pay(order.id, 5_000, now)
    await campus.confirmRecharge(order.id, "card-centre")
    for (const named of [order, order.id]) {
      const alarm = tellRecharge(named, "TakenBack")
      await expect(alarm).rejects.toMatchObject({ _tag: "PaymentUnmatched", state: "Credited", step: "TakenBack" })
      await expect(alarm).rejects.toThrow("no account was changed, its money needs a person")
    }
    const [stuck, ...more] = await campus.office.stuckRecharges()
    expect([stuck, more]).toMatchObject([{
      _tag: "TakenBack",
      order: order.id,
      amount: 5_000,
      can: ["askHolder", "giveUp"]
    }, []])
    expect(stuck?.words.what).toEqual({
      zh: "已入账的 50.00 元于 2026-03-02 12:00 被银行撤回",
      en: "Credited, and then taken back by the bank: ¥50.00, at 2026-03-02 12:00"
    })
    expect(JSON.parse(JSON.stringify(stuck))).toEqual(stuck)
    const written = await tellRecharge(order, "WrittenToCard")
    expect(written).toMatchObject({ _tag: "Written", writtenAt: now })
    expect(await tellRecharge(order.id, "WrittenToCard")).toEqual(written)
    expect(await campus.find({ _tag: "Account", account: "account-1" })).toMatchObject({ pockets: { transit: 5_000 } })
  })

  it.each(
    [
      ["RefundSent", "Refunded", "TakenBack"],
      ["TakenBack", "Reversed", "RefundSent"]
    ] as const
  )(
    "D2 D7 paid for an account that was closed: %s makes it %s, and %s cannot be true as well",
    async (what, state, other) => {
      const { campus, order, pay } = await ordered()
      const { tellRecharge, unfinishedRecharges } = campus.office
      const subject = { _tag: "Account", account: "account-1" } as const
      await campus.submit({ id: "close", point: "window-3", subject, ...Clerk.at(csmzxy, "window-3") }, {
        _tag: "CloseAccount"
      })
      pay(order.id, 5_000, now)
      expect(await campus.confirmRecharge(order, "card-centre")).toMatchObject({ order: { _tag: "RefundDue" } })
      const told = await tellRecharge(order, what)
      expect(told._tag).toBe(state)
      expect(await tellRecharge(order, what)).toEqual(told)
      await expect(tellRecharge(order, other)).rejects.toMatchObject({ _tag: "PaymentUnmatched", state, step: other })
      expect(await unfinishedRecharges()).toEqual([])
    }
  )

  it("R23 a bank card of which nobody says whose it is counts as another's", async () => {
    const { campus } = await ordered()
    const ask = {
      point: "today-campus",
      subject: { _tag: "Account", account: "account-1" },
      channel: "ccbApp",
      source: "ccbCard",
      amount: 100,
      claim: { number: "20260001", document: { kind: "residentId", number: "43010219990101125X" } }
    } as const
    expect(await campus.recharge({ ...ask, id: "whose" })).toMatchObject({
      placed: false,
      answer: { decline: { _tag: "NotOwnBankCard" } }
    })
  })

  it.each(["not an order", "app:never"])("D21 %s is misuse", async (id) => {
    const { campus } = await ordered()
    await expect(campus.confirmRecharge(id, "card-centre")).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path: "order" }]
    })
  })

  /** An order whose payer turned to another bank, with a code of theirs. */
  const turned = async () => {
    const union = new Bank("unionPay", { source: "unionPayCard" })
    const { campus, order } = await ordered([fromChannel(union.channel)])
    const placed = await campus.turnRecharge(order, {
      id: "turn",
      point: "today-campus",
      subject: { _tag: "Account", account: "account-1" },
      channel: "todayCampus",
      source: "unionPayCard",
      holder: "own",
      amount: 5_000,
      payer: { _tag: "PayCode", code: "6200000000000000001" }
    })
    if (!placed.placed) throw new Error(JSON.stringify(placed))
    return { campus, union, ...placed }
  }

  it("D2 the payer turns to another source, and its callback credits the order", async () => {
    const { campus, instruction, number, order, union } = await turned()
    expect(instruction).toEqual({ _tag: "QrCode", text: `unionPay:${number}` })
    expect(codes(union.payers)).toEqual(["6200000000000000001"])
    union.pay(number, now)
    const forged = await campus.hearRecharge("unionPay", union.says("paid", number, "forged"), "card-centre")
    expect(forged).toMatchObject({ reply: { status: 401 } })
    expect(forged.problem).toBe("A callback of unionPay is not believed (forged: the signature); nothing was changed")
    const heard = await campus.hearRecharge("unionPay", union.says("paid", number), "card-centre")
    expect(heard).toMatchObject({ reply: { status: 200, body: "taken" }, order: { id: order.id, _tag: "Credited" } })
    expect(await campus.hearRecharge("nobody", union.says("test", ""), "card-centre")).toMatchObject({
      reply: { status: 404 }
    })
  })

  it("D2 what its bank could not send back is tried again by hand", async () => {
    const { campus, number, order, union } = await turned()
    union.refundSays = "Abnormal"
    union.pay(number, now, Money.amount(1))
    await campus.hearRecharge("unionPay", union.says("paid", number), "card-centre")
    union.refundSays = "Done"
    expect(await campus.office.returnRecharge(number, "card-centre")).toMatchObject({ _tag: "Returned", number })
    expect(await campus.confirmRecharge(order.id, "card-centre")).toMatchObject({ order: { _tag: "Refunded" } })
    await expect(campus.office.returnRecharge("none", "card-centre")).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path: "number" }]
    })
  })

  it("D2 what its bank could not send back is sent by hand, and told", async () => {
    const { campus, number, order, union } = await turned()
    const { rechargeReturned, stuckRecharges } = campus.office
    union.refundSays = "Abnormal"
    union.pay(number, now, Money.amount(1))
    await campus.hearRecharge("unionPay", union.says("paid", number), "card-centre")
    expect(await stuckRecharges()).toMatchObject([{
      _tag: "ReturnFailed",
      order: order.id,
      number,
      channel: "todayCampus",
      source: "unionPayCard",
      amount: 1,
      since: now,
      reason: "mismatch",
      can: ["returnAgain", "returned"]
    }])
    expect(await rechargeReturned(number, "card-centre")).toMatchObject({ _tag: "Returned", number })
    expect(await campus.confirmRecharge(order.id, "card-centre")).toMatchObject({ order: { _tag: "Refunded" } })
    expect(await stuckRecharges()).toEqual([])
    for (const [wrong, point, path] of [["none", "card-centre", "number"], [number, "nowhere", "point"]] as const) {
      await expect(rechargeReturned(wrong, point)).rejects.toMatchObject({
        _tag: "MalformedCommand",
        flaws: [{ path }]
      })
    }
  })

  it("D2 what nobody knows of is given up, a day past its end and no sooner", async () => {
    let at: number = now
    const { campus, number, order } = await ordered([], () => at)
    const { giveUpRecharge, stuckRecharges, unfinishedRecharges } = campus.office
    at = order.expiresAt + 86_400_000
    expect(await stuckRecharges()).toEqual([])
    await expect(giveUpRecharge(number, "card-centre")).rejects.toMatchObject({
      _tag: "MalformedCommand",
      flaws: [{ path: "number" }]
    })
    at++
    expect(await stuckRecharges()).toMatchObject([{
      _tag: "Undecided",
      number,
      since: order.expiresAt,
      can: ["giveUp"]
    }])
    expect(await giveUpRecharge(number, "card-centre")).toMatchObject({ _tag: "Closed", closedAt: at })
    expect([await stuckRecharges(), await unfinishedRecharges()]).toEqual([[], []])
  })

  it("D2 who turns too late is told how the order stands", async () => {
    const { campus, order, pay } = await ordered()
    pay(order.id, 5_000, now)
    const { order: credited } = await campus.confirmRecharge(order.id, "card-centre")
    const request = {
      id: "turn",
      point: "today-campus",
      subject: { _tag: "Account", account: "account-1" },
      channel: "todayCampus",
      source: "unionPayCard",
      amount: 5_000
    } as const
    expect(await campus.turnRecharge(order, request)).toEqual({ placed: false, over: credited })
  })

  it.each<[unknown, unknown]>([
    [{ _tag: "PayCode" }, "payer.code"],
    [{ _tag: "Nobody" }, "payer"]
  ])("a payer %j is misuse", async (payer, path) => {
    const { campus } = await ordered()
    const request = {
      id: "another",
      point: "today-campus",
      subject: { _tag: "Account", account: "account-1" },
      channel: "todayCampus",
      source: "weChat",
      amount: 5_000,
      payer: payer as never
    } as const
    await expect(campus.recharge(request)).rejects.toMatchObject({ _tag: "MalformedCommand", flaws: [{ path }] })
  })
})
