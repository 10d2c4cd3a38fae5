import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BillRow } from "../src/BillRow.ts"
import { addDays, type Day, day, hour, type Instant, instant, later } from "../src/CivilTime.ts"
import * as Discrepancy from "../src/Discrepancy.ts"
import * as Explanation from "../src/Explanation.ts"
import { AccountId, OrderId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as PaymentAttempt from "../src/PaymentAttempt.ts"
import type { Order } from "../src/Recharge.ts"
import * as Reconciliation from "../src/Reconciliation.ts"

const today = day("2026-03-02")
const noon = instant("2026-03-02 12:00")
const lateNight = instant("2026-03-02 23:50")
const order = OrderId.make("app:1")
const ordered = {
  account: AccountId.make("account-1"),
  channel: "todayCampus",
  source: "weChat",
  amount: Money.amount(5_000),
  createdAt: noon,
  expiresAt: later(noon, hour)
} as const
const number = PaymentAttempt.numberOf({ createdAt: noon, id: order }, 1)
const opened = { number, order, index: 1, ...ordered, openedAt: noon }
const paidAt = (
  at: Instant
) => ({ ...opened, paidAt: at, paidAmount: ordered.amount, reference: "t-1", witness: "callback" } as const)
const paid = paidAt(noon)

type Attempt = PaymentAttempt.Attempt
const waiting: Attempt = { _tag: "Waiting", ...opened, instruction: { _tag: "Nothing" } }
const kept: Attempt = { _tag: "Kept", ...paid, keptAt: noon }
const keptLate: Attempt = { _tag: "Kept", ...paidAt(lateNight), keptAt: lateNight }
const justPaid: Attempt = { _tag: "Paid", ...paid }
const due = { ...paid, reason: "late", dueAt: noon, since: noon } as const
const returning: Attempt = { _tag: "Returning", ...due }
const returned: Attempt = { _tag: "Returned", ...due, returnedAt: noon }
const returnFailed: Attempt = { _tag: "ReturnFailed", ...due, failedAt: noon }
const takenBack: Attempt = { _tag: "TakenBack", ...paid, keptAt: noon, takenBackAt: noon }
const longAgo = instant("2026-02-10 12:00")
const keptLongAgo: Attempt = { _tag: "Kept", ...paidAt(longAgo), keptAt: longAgo }

const row: BillRow = { kind: "payment", day: today, reference: "t-1", number, amount: ordered.amount, fee: 30 }
const refund: BillRow = { kind: "refund", day: today, reference: "r-1", number, amount: ordered.amount, fee: -30 }
const ownRefund: BillRow = { ...refund, refundNumber: PaymentAttempt.refundNumberOf(number) }
const credit: Reconciliation.Credit = { order, amount: ordered.amount, reference: "t-1", paidAt: noon }
const placed = { id: order, ...ordered, paidAt: noon } as const
const paidOrder: Order = { _tag: "Paid", ...placed, reference: "t-1" }
const creditedByOther: Order = { _tag: "Credited", ...placed, reference: "t-0", creditedAt: noon }

const sides = (some: Partial<Reconciliation.Sides> = {}): Reconciliation.Sides => ({
  channel: "weChat",
  day: today,
  rows: [],
  attempts: [],
  orders: new Map(),
  credits: [],
  carried: [],
  suspended: new Set(),
  isReceipted: () => true,
  terms: Reconciliation.terms,
  ...some
})
const on = (date: Day, some: Partial<Reconciliation.Sides>) => Reconciliation.compare(sides({ day: date, ...some }))

/** Another order, and its attempt. */
const otherOrder = OrderId.make("app:2")
const otherNumber = PaymentAttempt.numberOf({ createdAt: noon, id: otherOrder }, 1)
const other = { order: otherOrder, number: otherNumber }
const otherWaiting: Attempt = { ...opened, ...other, _tag: "Waiting", instruction: { _tag: "Nothing" } }
const otherKept: Attempt = { ...paid, ...other, _tag: "Kept", keptAt: noon }

interface Case {
  readonly title: string
  readonly sides: Partial<Reconciliation.Sides>
  readonly difference: { readonly _tag: Discrepancy.Discrepancy["_tag"] }
  readonly correction: Discrepancy.Correction["_tag"]
  readonly amount: number
  readonly zh: readonly [group: string, what: string]
  readonly en: string
}

const cases: ReadonlyArray<Case> = [
  {
    title: "D2 I3 长款: in the bill, and not paid here",
    sides: { rows: [row], attempts: [waiting] },
    difference: { _tag: "Unrecorded" },
    correction: "Confirm",
    amount: 5_000,
    zh: ["长款", "账单有收款 50.00 元，本校订单未付款"],
    en: "The bill has a payment of ¥50.00, the order is not paid here"
  },
  {
    title: "D2 长款: without a receipt the channel is asked",
    sides: { rows: [row], attempts: [waiting], isReceipted: () => false },
    difference: { _tag: "Unrecorded" },
    correction: "AskChannel",
    amount: 5_000,
    zh: ["长款", "账单有收款 50.00 元，本校订单未付款"],
    en: "The bill has a payment of ¥50.00, the order is not paid here"
  },
  {
    title: "D2 长款: a number that is none of ours waits for a person",
    sides: { rows: [{ ...row, number: "shop-77" }] },
    difference: { _tag: "UnknownNumber" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["长款", "账单有收款 50.00 元，单号不是本校的"],
    en: "The bill has a payment of ¥50.00 under a number that is not ours"
  },
  {
    title: "D2 短款: credited at noon, and not in the bill",
    sides: { attempts: [kept], credits: [credit] },
    difference: { _tag: "NotInBill" },
    correction: "AskChannel",
    amount: 5_000,
    zh: ["短款", "2026-03-02 12:00 已收款 50.00 元，账单没有"],
    en: "Paid at 2026-03-02 12:00: ¥50.00, and the bill does not have it"
  },
  {
    title: "D2 金额不符: the bill has less than was credited",
    sides: { rows: [{ ...row, amount: Money.amount(4_000) }], attempts: [kept], credits: [credit] },
    difference: { _tag: "AmountDiffers" },
    correction: "Suspend",
    amount: 1_000,
    zh: ["金额不符", "账单金额 40.00 元，本校记录 50.00 元"],
    en: "The bill says ¥40.00, the order says ¥50.00"
  },
  {
    title: "D2 金额不符: not paid here yet; it is credited to nobody, and goes back",
    sides: { rows: [{ ...row, amount: Money.amount(4_000) }], attempts: [waiting] },
    difference: { _tag: "AmountDiffers" },
    correction: "Confirm",
    amount: 1_000,
    zh: ["金额不符", "账单金额 40.00 元，本校记录 50.00 元"],
    en: "The bill says ¥40.00, the order says ¥50.00"
  },
  {
    title: "D2 I3 重复: the same row once more",
    sides: { rows: [row, row], attempts: [kept], credits: [credit] },
    difference: { _tag: "RepeatedRow" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["重复", "账单重复列出同一笔交易 50.00 元"],
    en: "The bill has the same transaction of ¥50.00 more than once"
  },
  {
    title: "D2 I3 重复: the order was paid by another transaction before",
    sides: { rows: [row], attempts: [justPaid], orders: new Map([[order, creditedByOther]]) },
    difference: { _tag: "PaidTwice" },
    correction: "GiveBack",
    amount: 5_000,
    zh: ["重复", "同一订单又付款 50.00 元"],
    en: "An order was paid once more: ¥50.00"
  },
  {
    title: "D2 I3 重复: two transactions under one number",
    sides: { rows: [row, { ...row, reference: "t-2" }], attempts: [kept], credits: [credit] },
    difference: { _tag: "PaidTwice" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["重复", "同一订单又付款 50.00 元"],
    en: "An order was paid once more: ¥50.00"
  },
  {
    title: "D2 记账差异: paid, and cut off before the credit",
    sides: { rows: [row], attempts: [justPaid], orders: new Map([[order, paidOrder]]) },
    difference: { _tag: "Unfinished" },
    correction: "GoOn",
    amount: 5_000,
    zh: ["记账差异", "已收款 50.00 元，未入账也未退款"],
    en: "Paid: ¥50.00, and neither credited nor sent back"
  },
  {
    title: "I13 记账差异: the order says credited, the books do not",
    sides: { rows: [row], attempts: [kept] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 0.00 元，订单应为 50.00 元"],
    en: "The account was credited ¥0.00, by the order it should be ¥50.00"
  },
  {
    title: "I3 记账差异: credited twice",
    sides: { rows: [row], attempts: [kept], credits: [credit, credit] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 100.00 元，订单应为 50.00 元"],
    en: "The account was credited ¥100.00, by the order it should be ¥50.00"
  },
  {
    title: "I3 记账差异: credited, and nobody knows a payment",
    sides: { credits: [credit] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 50.00 元，订单应为 0.00 元"],
    en: "The account was credited ¥50.00, by the order it should be ¥0.00"
  },
  {
    title: "I3 记账差异: credited, and sent back as well",
    sides: { rows: [row, refund], attempts: [returned], credits: [credit] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 50.00 元，订单应为 0.00 元"],
    en: "The account was credited ¥50.00, by the order it should be ¥0.00"
  },
  {
    title: "D2 退款差异: the bill knows that it is done, and is believed",
    sides: { rows: [row, refund], attempts: [returning] },
    difference: { _tag: "RefundDiffers" },
    correction: "ConfirmBack",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，本校尚无结果"],
    en: "The bill has a refund of ¥50.00, here it is not done"
  },
  {
    title: "D2 退款差异: a person made it in the back office, after the channel could not",
    sides: { rows: [row, { ...refund, refundNumber: "50200001" }], attempts: [returnFailed] },
    difference: { _tag: "RefundDiffers" },
    correction: "ConfirmBack",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，本校尚无结果"],
    en: "The bill has a refund of ¥50.00, here it is not done"
  },
  {
    title: "D2 退款差异: one that is only under way is no proof, and is asked about",
    sides: { rows: [row, { ...refund, isUnderWay: true }], attempts: [returning] },
    difference: { _tag: "RefundDiffers" },
    correction: "AskRefund",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，本校尚无结果"],
    en: "The bill has a refund of ¥50.00, here it is not done"
  },
  {
    title: "D2 退款差异: sent back in the channel's back office, after it was credited",
    sides: { rows: [row, refund], attempts: [kept], credits: [credit] },
    difference: { _tag: "RefundUnasked" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，不是本校发起的"],
    en: "The bill has a refund of ¥50.00 that nobody here asked for"
  },
  {
    title: "D2 退款差异: a part of it, after it was credited",
    sides: { rows: [row, { ...refund, amount: Money.amount(2_000) }], attempts: [kept], credits: [credit] },
    difference: { _tag: "RefundUnasked" },
    correction: "Suspend",
    amount: 2_000,
    zh: ["退款差异", "账单有退款 20.00 元，不是本校发起的"],
    en: "The bill has a refund of ¥20.00 that nobody here asked for"
  },
  {
    title: "D2 退款差异: a second one, under a number that is not ours",
    sides: {
      rows: [row, ownRefund, { ...refund, reference: "r-2", refundNumber: "50200002", amount: Money.amount(1_000) }],
      attempts: [returned]
    },
    difference: { _tag: "RefundUnasked" },
    correction: "Suspend",
    amount: 1_000,
    zh: ["退款差异", "账单有退款 10.00 元，不是本校发起的"],
    en: "The bill has a refund of ¥10.00 that nobody here asked for"
  },
  {
    title: "D2 退款差异: once more, in the bill of a later day",
    sides: { day: addDays(today, 1), rows: [{ ...ownRefund, reference: "r-2" }], attempts: [returned] },
    difference: { _tag: "RefundUnasked" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，不是本校发起的"],
    en: "The bill has a refund of ¥50.00 that nobody here asked for"
  },
  {
    title: "D2 退款差异: sent back here, and three bills do not have it",
    sides: {
      day: addDays(today, 3),
      attempts: [returned],
      carried: [{ _tag: "Awaited", kind: "refund", number, amount: ordered.amount, day: today }]
    },
    difference: { _tag: "RefundDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["退款差异", "本校已退款 50.00 元，账单没有"],
    en: "Sent back here: ¥50.00, and the bill does not have it"
  },
  {
    title: "D2 金额不符: less went back than should",
    sides: { rows: [row, { ...refund, amount: Money.amount(2_000) }], attempts: [returned] },
    difference: { _tag: "RefundDiffers" },
    correction: "Suspend",
    amount: 3_000,
    zh: ["金额不符", "账单退款 20.00 元，本校退款 50.00 元"],
    en: "The bill has a refund of ¥20.00, here it is ¥50.00"
  },
  {
    title: "D2 金额不符: two refunds, and more went back than should",
    sides: {
      rows: [row, ownRefund, { ...ownRefund, reference: "r-2", amount: Money.amount(1_000) }],
      attempts: [returned]
    },
    difference: { _tag: "RefundDiffers" },
    correction: "Suspend",
    amount: 1_000,
    zh: ["金额不符", "账单退款 60.00 元，本校退款 50.00 元"],
    en: "The bill has a refund of ¥60.00, here it is ¥50.00"
  },
  {
    title: "I3 重复: one reference under two numbers in the bill",
    sides: { rows: [row, { ...row, number: "shop-77" }], attempts: [kept], credits: [credit] },
    difference: { _tag: "SharedReference" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["重复", "渠道的同一笔交易出现在 2 个单号下：50.00 元"],
    en: "One transaction of the channel stands under 2 numbers: ¥50.00"
  },
  {
    title: "I3 重复: a row under another order of ours, with the reference of one that was paid: credited to nobody",
    sides: { rows: [{ ...row, number: otherNumber }], attempts: [keptLongAgo, otherWaiting] },
    difference: { _tag: "SharedReference" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["重复", "渠道的同一笔交易出现在 2 个单号下：50.00 元"],
    en: "One transaction of the channel stands under 2 numbers: ¥50.00"
  },
  {
    title: "I3 重复: two attempts of ours say that they were paid by one transaction",
    sides: { rows: [row], attempts: [kept, otherKept], credits: [credit, { ...credit, order: otherOrder }] },
    difference: { _tag: "SharedReference" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["重复", "渠道的同一笔交易出现在 2 个单号下：50.00 元"],
    en: "One transaction of the channel stands under 2 numbers: ¥50.00"
  },
  {
    title: "D2 跨日: of yesterday here, and nobody waited for it",
    sides: { day: addDays(today, 1), rows: [{ ...row, day: addDays(today, 1) }], attempts: [kept], credits: [credit] },
    difference: { _tag: "OtherDay" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["跨日", "账单 2026-03-03 列有收款 50.00 元，本校记在 2026-03-02，不在跨日待对清单"],
    en: "The bill of 2026-03-03 has a payment of ¥50.00 that is of 2026-03-02 here, and nobody waited for it"
  },
  {
    title: "D2 跨日: the bill before was ahead of us, and this one has it once more",
    sides: {
      rows: [row],
      attempts: [kept],
      credits: [credit],
      carried: [{ _tag: "Ahead", kind: "payment", number, amount: ordered.amount }]
    },
    difference: { _tag: "OtherDay" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["跨日", "账单 2026-03-02 列有收款 50.00 元，本校记在 2026-03-02，不在跨日待对清单"],
    en: "The bill of 2026-03-02 has a payment of ¥50.00 that is of 2026-03-02 here, and nobody waited for it"
  },
  {
    title: "D2 退款差异: the bill before was ahead of us, and this one has the refund once more",
    sides: {
      rows: [row, { ...ownRefund, reference: "r-2" }],
      attempts: [returned],
      carried: [{ _tag: "Ahead", kind: "refund", number, amount: ordered.amount }]
    },
    difference: { _tag: "RefundUnasked" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，不是本校发起的"],
    en: "The bill has a refund of ¥50.00 that nobody here asked for"
  },
  {
    title: "I13 记账差异: the bank took it back on a later day, and the account has it still",
    sides: { day: addDays(today, 1), rows: [refund], attempts: [takenBack], credits: [credit] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 50.00 元，订单应为 0.00 元"],
    en: "The account was credited ¥50.00, by the order it should be ¥0.00"
  },
  {
    title: "I13 记账差异: the bank took it back, and the account has it still",
    sides: { rows: [row, refund], attempts: [takenBack], credits: [credit] },
    difference: { _tag: "LedgerDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["记账差异", "账户入账 50.00 元，订单应为 0.00 元"],
    en: "The account was credited ¥50.00, by the order it should be ¥0.00"
  }
]

describe("each difference once, with what may put it right (D2, I3)", () => {
  it.each(cases)("$title", ({ amount, correction, difference, en, sides: some, zh }) => {
    const { findings } = Reconciliation.compare(sides(some))
    expect(findings).toMatchObject([{ difference, correction: { _tag: correction } }])
    for (const { difference: it, key } of findings) {
      expect(Explanation.ofGroup(it).zh).toBe(zh[0])
      expect(Explanation.ofDiscrepancy(it).what).toEqual({ zh: zh[1], en })
      expect(Discrepancy.amountOf(it)).toBe(amount)
      expect(key).toBe(Discrepancy.keyOf("weChat", it))
    }
  })

  it("every kind of difference is one of these", () => {
    const tags = new Set(cases.map(({ difference }) => difference._tag))
    expect([...tags].sort()).toEqual(Object.keys(Discrepancy.Discrepancy.cases).sort())
  })

  it.each(cases)("a person who has it is not told again: $title", ({ sides: some }) => {
    const all = sides(some)
    const { findings } = Reconciliation.compare(all)
    const again = Reconciliation.compare({ ...all, suspended: new Set(findings.map(({ key }) => key)) })
    expect(again).toMatchObject({ findings: [], suspended: findings.length })
  })
})

const halves: ReadonlyArray<BillRow> = ["r-1", "r-2"].map((reference) => ({
  ...ownRefund,
  reference,
  amount: Money.amount(2_500)
}))
const foreignHalves = halves.map((half): BillRow => ({ ...half, refundNumber: `person-${half.reference}` }))

describe("what agrees is no difference", () => {
  const agree: ReadonlyArray<readonly [string, Partial<Reconciliation.Sides>, number]> = [
    ["nothing at all", {}, 0],
    ["paid and credited", { rows: [row], attempts: [kept], credits: [credit] }, 1],
    ["paid and sent back", { rows: [row, refund], attempts: [returned] }, 2],
    ["sent back in two parts", { rows: [row, ...halves], attempts: [returned] }, 3],
    ["sent back by a person in two parts", { rows: [row, ...foreignHalves], attempts: [returned] }, 3],
    ["of an earlier day, in the first comparison ever", {
      day: addDays(today, 1),
      rows: [row],
      attempts: [kept],
      credits: [credit],
      carried: undefined
    }, 1],
    ["sent back on an earlier day, in the first comparison ever", {
      day: addDays(today, 2),
      rows: [refund],
      attempts: [returned],
      carried: undefined
    }, 1],
    ["taken back by the bank, which has it a day later", {
      day: addDays(today, 1),
      rows: [row, refund],
      attempts: [{ ...returned, reason: "takenBack" }]
    }, 2],
    ["paid, and on its way back", { rows: [row], attempts: [returning] }, 1],
    ["not paid yet", { attempts: [waiting] }, 0],
    ["taken back by the bank, which may leave it out", { attempts: [{ ...returned, reason: "takenBack" }] }, 0]
  ]
  it.each(agree)("%s", (_, some, matched) => {
    expect(Reconciliation.compare(sides(some))).toMatchObject({ findings: [], carried: [], matched })
  })

  it("totals of each side, and what the channel keeps", () => {
    const { totals } = Reconciliation.compare(sides({ rows: [row, refund], attempts: [kept], credits: [credit] }))
    const one = { count: 1, amount: 5_000 }
    expect(totals).toEqual({
      bill: { payments: one, refunds: one, fee: 0 },
      orders: { payments: one, refunds: { count: 0, amount: 0 } },
      ledger: { credits: one }
    })
  })
})

describe("跨日: close to the cut-off it may come with another bill (D2)", () => {
  const credits = [{ ...credit, paidAt: lateNight }]
  const tomorrow = addDays(today, 1)
  const awaited = [{ _tag: "Awaited", kind: "payment", number, amount: 5_000, day: today }]

  it("it is awaited, and comes", () => {
    const first = on(today, { attempts: [keptLate], credits })
    expect(first).toMatchObject({ findings: [], carried: awaited })
    const second = on(tomorrow, { rows: [row], attempts: [keptLate], credits, carried: first.carried })
    expect(second).toMatchObject({ findings: [], carried: [], matched: 1 })
  })

  it("it is awaited for one day, and is 短款 then", () => {
    const { carried } = on(today, { attempts: [keptLate], credits })
    const second = on(tomorrow, { attempts: [keptLate], credits, carried })
    expect(second).toMatchObject({ findings: [{ difference: { _tag: "NotInBill" } }], carried: [] })
  })

  it("the bill may be ahead of us, and the next one need not have it again", () => {
    const early: Attempt = { _tag: "Kept", ...paidAt(instant("2026-03-03 00:01")), keptAt: noon }
    const late = [{ ...credit, paidAt: instant("2026-03-03 00:01") }]
    const first = on(today, { rows: [row], attempts: [early], credits: late })
    expect(first).toMatchObject({ findings: [], carried: [{ _tag: "Ahead", kind: "payment", number }] })
    const second = on(tomorrow, { attempts: [early], credits: late, carried: first.carried })
    expect(second).toMatchObject({ findings: [], carried: [] })
  })

  it.each([
    ["2026-03-02 22:59", 23 * hour, "2026-03-01"],
    ["2026-03-02 23:00", 23 * hour, "2026-03-02"],
    ["2026-03-02 22:59", -hour, "2026-03-02"],
    ["2026-03-02 23:00", -hour, "2026-03-03"],
    ["2026-03-02 23:59", 0, "2026-03-02"]
  ])("%s with a cut-off %i ms after midnight is of %s", (at, cutOff, expected) => {
    expect(Reconciliation.dayAt(instant(at), { ...Reconciliation.terms, cutOff })).toBe(day(expected))
  })

  it.each([
    ["23:30", "carried"],
    ["23:29", "found"]
  ])("the window of half an hour begins at %s", (time, what) => {
    const at = instant(`2026-03-02 ${time}`)
    const attempt: Attempt = { _tag: "Kept", ...paidAt(at), keptAt: at }
    const { carried, findings } = on(today, { attempts: [attempt], credits: [{ ...credit, paidAt: at }] })
    expect([carried.length, findings.length]).toEqual(what === "carried" ? [1, 0] : [0, 1])
  })

  it("a refund is waited for, three bills long", () => {
    let carried: ReadonlyArray<Reconciliation.Carried> = []
    for (let later = 0; later < 3; later++) {
      const rows = later === 0 ? [row] : []
      const outcome = on(addDays(today, later), { rows, attempts: [returned], carried })
      expect(outcome).toMatchObject({ findings: [], carried: [{ _tag: "Awaited", kind: "refund", day: today }] })
      carried = outcome.carried
    }
    const last = on(addDays(today, 3), { rows: [refund], attempts: [returned], carried })
    expect(last).toMatchObject({ findings: [], carried: [], matched: 1 })
  })

  it("a refund that the bill knows before us is carried until we know it", () => {
    const first = on(today, { rows: [row, refund], attempts: [returning] })
    expect(first.carried).toMatchObject([{ _tag: "Ahead", kind: "refund" }])
    const back: Attempt = { ...returned, returnedAt: instant("2026-03-03 02:00") }
    const second = on(tomorrow, { attempts: [back], carried: first.carried })
    expect(second).toMatchObject({ findings: [], carried: [] })
  })
})

describe("跨日: a later bill settles what was missing (D2, D21)", () => {
  const tomorrow = addDays(today, 1)

  it("a payment that is suspended as 短款 is no difference when its row comes, and nobody looks for it any more", () => {
    const [missing] = on(today, { attempts: [kept], credits: [credit] }).findings
    const suspended = new Set([missing?.key ?? ""])
    const found = on(tomorrow, { rows: [row], attempts: [kept], credits: [credit], suspended })
    expect(found).toMatchObject({ findings: [], carried: [], matched: 1, settled: [missing?.key] })
    // Not suspended: it is told.
    expect(on(tomorrow, { rows: [row], attempts: [kept], credits: [credit] })).toMatchObject({
      findings: [{ difference: { _tag: "OtherDay", recordedOn: today } }],
      matched: 0,
      settled: []
    })
  })

  it("and so is a refund that came after three bills", () => {
    const carried = [{ _tag: "Awaited", kind: "refund", number, amount: ordered.amount, day: today }] as const
    const [missing] = on(addDays(today, 3), { attempts: [returned], carried }).findings
    const suspended = new Set([missing?.key ?? ""])
    const found = on(addDays(today, 4), { rows: [refund], attempts: [returned], suspended })
    expect(found).toMatchObject({ findings: [], matched: 1, settled: [missing?.key] })
  })

  it("a payment that the bill has two days too early is told, and waited for", () => {
    const at = instant("2026-03-04 12:00")
    const early: Attempt = { _tag: "Kept", ...paidAt(at), keptAt: at }
    const first = on(today, { rows: [row], attempts: [early], credits: [{ ...credit, paidAt: at }] })
    expect(first).toMatchObject({
      findings: [{ difference: { _tag: "OtherDay" } }],
      carried: [{ _tag: "Ahead", kind: "payment", number }]
    })
  })
})

describe("two refunds that nobody asked for are two differences (D2)", () => {
  const part = (reference: string, more: Partial<BillRow> = {}): BillRow => ({
    ...refund,
    reference,
    amount: Money.amount(1_000),
    ...more
  })

  it("in one bill, each is told; and a person who has the first is told of the second", () => {
    const rows = [row, part("r-1"), part("r-2")]
    const { findings } = Reconciliation.compare(sides({ rows, attempts: [kept], credits: [credit] }))
    expect(findings.map(({ difference }) => difference._tag)).toEqual(["RefundUnasked", "RefundUnasked"])
    const suspended = new Set(findings.slice(0, 1).map(({ key }) => key))
    const next = on(addDays(today, 1), { rows: [part("r-3")], attempts: [kept], credits: [credit], suspended })
    expect(next.findings).toMatchObject([{ difference: { _tag: "RefundUnasked", row: { reference: "r-3" } } }])
  })

  it("a person's refund beside ours that is on its way: ours is confirmed, theirs is told", () => {
    const rows = [row, ownRefund, part("r-2", { refundNumber: "person-1" })]
    const { findings } = Reconciliation.compare(sides({ rows, attempts: [returning] }))
    expect(findings).toMatchObject([
      { difference: { _tag: "RefundUnasked", row: { reference: "r-2" } }, correction: { _tag: "Suspend" } },
      { difference: { _tag: "RefundDiffers", side: "bill" }, correction: { _tag: "ConfirmBack" } }
    ])
  })
})

describe("one merchant, several channels (D2)", () => {
  it("channels with one bill find the same under one key, so that it waits once", () => {
    const rows = [{ ...row, number: "shop-77" }]
    const keys = ["weChat", "weChatCode"].map((channel) =>
      Reconciliation.compare(sides({ channel, merchant: "wechat:1900000001", rows })).findings.map(({ key }) => key)
    )
    expect(keys[0]).toEqual(keys[1])
    const { findings } = Reconciliation.compare(sides({ rows }))
    expect(findings.map(({ key }) => key)).not.toEqual(keys[0])
  })
})

const anyRow: fc.Arbitrary<BillRow> = fc.record({
  kind: fc.constantFrom("payment", "refund"),
  day: fc.constantFrom(today, addDays(today, 1)),
  reference: fc.constantFrom("t-1", "t-2", "r-1", "r-2"),
  number: fc.constantFrom(number, otherNumber, "shop-77", "__proto__"),
  refundNumber: fc.constantFrom(PaymentAttempt.refundNumberOf(number), "person-1"),
  amount: fc.constantFrom(5_000, 2_500, 1, Money.largestAmount).map(Money.amount),
  fee: fc.integer({ min: -30, max: 30 }),
  isUnderWay: fc.constant(true as const)
}, { requiredKeys: ["kind", "day", "reference", "number", "amount", "fee"] })
const anyAttempt = fc.constantFrom(waiting, justPaid, kept, takenBack, returning, returnFailed, returned)
const anyOther = fc.constantFrom(otherWaiting, otherKept)

describe("whatever a bill holds (D2, I3)", () => {
  const any = fc.record({
    rows: fc.array(anyRow, { maxLength: 6 }),
    attempts: fc.tuple(anyAttempt, anyOther),
    credits: fc.subarray([credit, { ...credit, order: otherOrder }])
  })

  it("I3 nothing is believed of a number that stands for two payments, and no more is confirmed than went back", () => {
    fc.assert(
      fc.property(any, (some) => {
        const { findings } = Reconciliation.compare(sides(some))
        for (const { correction, difference } of findings) {
          if (correction._tag === "Confirm" && "row" in difference) {
            const { reference } = difference.row
            const claims = some.rows.filter((one) => one.kind === "payment" && one.reference === reference)
            expect(new Set(claims.map((one) => one.number)).size).toBe(1)
          }
          if (correction._tag !== "ConfirmBack") continue
          const back = some.rows.filter((one) => one.kind === "refund" && one.number === correction.number)
          expect(Money.sum(back.map((one) => one.amount))).toBeGreaterThanOrEqual(5_000)
          expect(some.attempts.find((one) => one.number === correction.number)?._tag).toMatch(/Returning|ReturnFailed/)
        }
      })
    )
  })

  it("D2 every refund of a payment that was credited is told, each of them", () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 6 }), (rows) => {
        const { findings } = Reconciliation.compare(sides({ rows, attempts: [kept], credits: [credit] }))
        const names = (some: ReadonlyArray<BillRow>) =>
          new Set(some.map(({ reference, refundNumber }) => `${reference} ${refundNumber}`))
        const told = findings.flatMap(({ difference: it }) => it._tag === "RefundUnasked" ? [it.row] : [])
        const all = rows.filter((one) => one.kind === "refund" && one.number === number)
        expect(names(told)).toEqual(names(all))
      })
    )
  })

  it("D21 what a person has is not told again, and nothing else is new then", () => {
    fc.assert(
      fc.property(any, (some) => {
        const first = Reconciliation.compare(sides(some))
        const suspended = new Set(first.findings.map(({ key }) => key))
        const again = Reconciliation.compare(sides({ ...some, suspended }))
        expect(again).toMatchObject({ findings: [], suspended: suspended.size, matched: first.matched })
        for (const { difference } of first.findings) {
          const { en, zh } = Explanation.ofDiscrepancy(difference).what
          expect([zh, en].join("")).not.toMatch(/\{\}|undefined/)
          expect(Discrepancy.amountOf(difference)).toBeGreaterThanOrEqual(0)
        }
      })
    )
  })
})
