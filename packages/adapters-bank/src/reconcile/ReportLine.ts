/**
 * One line of a reconciliation report 对账报告行, in words for whoever reads it: what does not agree, what is done about it,
 * and how far that is. Amounts are fen.
 */
import { CivilTime, Discrepancy, Explanation, Money, type Reconciliation } from "@yikatong/core"
import type { Adjustment } from "../ccb/DepositDay.ts"

type Text = Explanation.Text
const text = (zh: string, en: string): Text => ({ zh, en })

/** How far it is. */
export type Status = "open" | "corrected" | "suspended" | "waiting" | "failed" | "carried"
export const statuses: Readonly<Record<Status, Text>> = {
  open: text("待处理", "open"),
  corrected: text("已处理", "put right"),
  suspended: text("已挂账", "suspended"),
  waiting: text("退款中", "refund on its way"),
  failed: text("待重试", "to be tried again"),
  carried: text("跨日", "next day")
}

/** `number`: the merchant order number. `reference`: the channel's own. `key`: of what is suspended, to resolve it by. */
export interface ReportLine {
  readonly group: Text
  readonly status: Status
  readonly what: Text
  readonly remedy: Text
  readonly number: string
  readonly reference: string
  readonly amount: Money.Money
  readonly key: string
}

const referenceOf = (it: Discrepancy.Discrepancy): string => {
  if ("row" in it) return it.row.reference
  if ("reference" in it) return it.reference
  return it._tag === "RefundDiffers" ? (it.references ?? []).join(" ") : ""
}

/** The line of a difference. */
export const ofFinding = ({ difference, key }: Reconciliation.Finding, status: Status): ReportLine => ({
  group: Explanation.ofGroup(difference),
  status,
  ...Explanation.ofDiscrepancy(difference),
  number: Discrepancy.numberOf(difference),
  reference: referenceOf(difference),
  amount: Discrepancy.amountOf(difference),
  key
})

/** The line of what goes over into the next day. */
export const ofCarried = (carried: Reconciliation.Carried): ReportLine => {
  const yuan = Money.format(carried.amount)
  const isPayment = carried.kind === "payment"
  const what = carried._tag === "Awaited"
    ? text(
      `${CivilTime.formatDay(carried.day)} ${isPayment ? "收款" : "退款"} ${yuan} 元，账单尚未列出`,
      `${isPayment ? "Payment" : "Refund"} of ¥${yuan} on ${CivilTime.formatDay(carried.day)}, not in a bill yet`
    )
    : text(
      `账单已列出${isPayment ? "收款" : "退款"} ${yuan} 元，本校记在以后日期`,
      `The bill has a ${isPayment ? "payment" : "refund"} of ¥${yuan} that is of a later day here`
    )
  const remedy = text("转入次日对账", "Compared with the bill of the next day")
  const { amount, number } = carried
  return { group: text("跨日", "across days"), status: "carried", what, remedy, number, reference: "", amount, key: "" }
}

/** The line of a difference with a bank's list of deposits, where the bank is right. */
export const ofAdjustment = (adjustment: Adjustment): ReportLine => {
  switch (adjustment._tag) {
    case "CreditMissing": {
      const { amount, bankSerial } = adjustment.row
      const yuan = Money.format(amount)
      return {
        group: text("长款", "in the bill only"),
        status: "open",
        what: text(`银行已充值 ${yuan} 元，本校未入账`, `The bank has a deposit of ¥${yuan}, it is not credited here`),
        remedy: text("以银行为准：补记入账", "The bank is right: credit the account"),
        ...of(bankSerial, amount)
      }
    }
    case "CreditUnpaid": {
      const { amount, serial, why } = adjustment
      const yuan = Money.format(amount)
      return {
        group: text("短款", "not in the bill"),
        status: "open",
        what: why === "reversed"
          ? text(`本校已入账 ${yuan} 元，银行已冲正`, `Credited here: ¥${yuan}, and the bank has taken it back`)
          : text(`本校已入账 ${yuan} 元，银行没有`, `Credited here: ¥${yuan}, and the bank does not have it`),
        remedy: text("以银行为准：向持卡人追回", "The bank is right: the holder owes it"),
        ...of(serial, amount)
      }
    }
    case "AmountDiffers": {
      const { ours, row } = adjustment
      const [one, other] = [Money.format(row.amount), Money.format(ours)]
      const apart = Money.minus(Money.max(row.amount, ours), Money.min(row.amount, ours))
      return {
        group: text("金额不符", "another amount"),
        status: "open",
        what: text(`银行充值 ${one} 元，本校入账 ${other} 元`, `The bank says ¥${one}, credited here: ¥${other}`),
        remedy: text("以银行为准：补记差额或追回", "The bank is right: credit or claim what they are apart"),
        ...of(row.bankSerial, apart)
      }
    }
  }
}

const of = (reference: string, amount: Money.Money) => ({ number: "", reference, amount, key: "" })
