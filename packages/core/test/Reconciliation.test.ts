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

const row: BillRow = { kind: "payment", day: today, reference: "t-1", number, amount: ordered.amount, fee: 30 }
const refund: BillRow = { kind: "refund", day: today, reference: "r-1", number, amount: ordered.amount, fee: -30 }
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
    title: "D2 退款差异: the bill knows that it is done",
    sides: { rows: [row, refund], attempts: [returning] },
    difference: { _tag: "RefundDiffers" },
    correction: "AskRefund",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，本校尚无结果"],
    en: "The bill has a refund of ¥50.00, here it is not done"
  },
  {
    title: "D2 退款差异: sent back in the channel's back office, after it was credited",
    sides: { rows: [row, refund], attempts: [kept], credits: [credit] },
    difference: { _tag: "RefundDiffers" },
    correction: "Suspend",
    amount: 5_000,
    zh: ["退款差异", "账单有退款 50.00 元，本校尚无结果"],
    en: "The bill has a refund of ¥50.00, here it is not done"
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
    title: "D2 退款差异: a part of it only",
    sides: { rows: [row, { ...refund, amount: Money.amount(2_000) }], attempts: [returned] },
    difference: { _tag: "RefundDiffers" },
    correction: "Suspend",
    amount: 3_000,
    zh: ["退款差异", "账单退款 20.00 元，本校退款 50.00 元"],
    en: "The bill has a refund of ¥20.00, here it is ¥50.00"
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

describe("what agrees is no difference", () => {
  const agree: ReadonlyArray<readonly [string, Partial<Reconciliation.Sides>, number]> = [
    ["nothing at all", {}, 0],
    ["paid and credited", { rows: [row], attempts: [kept], credits: [credit] }, 1],
    ["paid and sent back", { rows: [row, refund], attempts: [returned] }, 2],
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
