/** A day of WeChat Pay on which everything went wrong once. */
import { CivilTime, Discrepancy, Id, Money, PaymentAttempt, type Reconciliation } from "@yikatong/core"
import type * as Report from "../../src/reconcile/Report.ts"
import * as ReportLine from "../../src/reconcile/ReportLine.ts"

export const day = CivilTime.day("2026-03-02")
const noon = CivilTime.instant("2026-03-02 12:00")
const fen = Money.amount

const ours = (index: number) => {
  const order = Id.OrderId.make(`today-campus:app-000${index}`)
  return { order, number: PaymentAttempt.numberOf({ createdAt: noon, id: order }, 1) }
}
const row = (index: number, amount: number) => ({
  kind: "payment" as const,
  day,
  reference: `420000215220260302482915730${index}`,
  number: ours(index).number as string,
  amount: fen(amount),
  fee: 30
})

export const differences: ReadonlyArray<readonly [Discrepancy.Discrepancy, Discrepancy.Correction, ReportLine.Status]> =
  [
    [
      { _tag: "Unrecorded", ...ours(1), row: row(1, 5_000), state: "Waiting" },
      { _tag: "Confirm", ...ours(1) },
      "corrected"
    ],
    [
      { _tag: "UnknownNumber", row: { ...row(2, 123_456), number: "=HYPERLINK(\"http://x\")" } },
      { _tag: "Suspend" },
      "suspended"
    ],
    [
      { _tag: "NotInBill", ...ours(3), reference: "4200002152202603024829157303", amount: fen(10_000), at: noon },
      { _tag: "AskChannel", ...ours(3) },
      "failed"
    ],
    [{ _tag: "AmountDiffers", ...ours(4), row: row(4, 4_999), recorded: fen(5_000) }, { _tag: "Suspend" }, "suspended"],
    [{ _tag: "RepeatedRow", row: row(5, 2_000), copy: 2 }, { _tag: "Suspend" }, "suspended"],
    [
      { _tag: "PaidTwice", ...ours(6), reference: "4200002152202603024829157306", amount: fen(50_000), first: "t-1" },
      { _tag: "GiveBack", ...ours(6) },
      "corrected"
    ],
    [
      { _tag: "Unfinished", ...ours(7), amount: fen(2_000), state: "Paid" },
      { _tag: "GoOn", order: ours(7).order },
      "corrected"
    ],
    [
      {
        _tag: "LedgerDiffers",
        order: ours(8).order,
        reference: "<script>alert(1)</script>&\"'",
        recorded: Money.of(5_000),
        credited: Money.of(10_000)
      },
      { _tag: "Suspend" },
      "suspended"
    ],
    [
      { _tag: "RefundDiffers", ...ours(9), side: "bill", billed: fen(5_000), recorded: fen(5_000), state: "Returning" },
      { _tag: "AskRefund", ...ours(9) },
      "waiting"
    ],
    [
      {
        _tag: "RefundDiffers",
        ...ours(12),
        side: "amount",
        billed: fen(2_000),
        recorded: fen(5_000),
        state: "Returned",
        references: ["50301509712026030212345678901", "50301509712026030212345678902"]
      },
      { _tag: "Suspend" },
      "suspended"
    ],
    [
      {
        _tag: "RefundUnasked",
        ...ours(13),
        row: { ...row(3, 1_234), kind: "refund", refundNumber: "back-office-7" },
        state: "Kept"
      },
      { _tag: "Suspend" },
      "suspended"
    ],
    [
      {
        _tag: "SharedReference",
        kind: "payment",
        reference: "4200002152202603024829157314",
        numbers: [ours(14).number, ours(15).number],
        amount: fen(5_000)
      },
      { _tag: "Suspend" },
      "suspended"
    ],
    [
      { _tag: "OtherDay", ...ours(16), row: row(16, 7_700), recordedOn: CivilTime.addDays(day, -1) },
      { _tag: "Suspend" },
      "open"
    ]
  ]

const carried: ReadonlyArray<Reconciliation.Carried> = [
  { _tag: "Awaited", kind: "payment", number: ours(10).number, amount: fen(10_000), day },
  { _tag: "Ahead", kind: "refund", number: ours(11).number, amount: fen(5_000) }
]

export const report: Report.Report = {
  school: { zh: "长沙民政职业技术学院 校园卡管理中心", en: "Card centre" },
  channel: { zh: "微信支付", en: "WeChat Pay" },
  madeAt: CivilTime.instant("2026-03-03 09:30"),
  day,
  totals: {
    bill: {
      payments: { count: 1_284, amount: Money.of(8_412_300) },
      refunds: { count: 3, amount: Money.of(15_000) },
      fee: 50_474
    },
    orders: {
      payments: { count: 1_283, amount: Money.of(8_407_300) },
      refunds: { count: 2, amount: Money.of(10_000) }
    },
    ledger: { credits: { count: 1_282, amount: Money.of(8_402_300) } }
  },
  matched: 1_279,
  suspended: 2,
  lines: [
    ...differences.map(([difference, correction, status]) =>
      ReportLine.ofFinding({ key: Discrepancy.keyOf("weChat", difference), difference, correction }, status)
    ),
    ...carried.map(ReportLine.ofCarried)
  ]
}
