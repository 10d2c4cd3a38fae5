/**
 * A reconciliation report as a page 对账报告: one file of HTML with nothing beside it, in Chinese and English, for a screen and
 * for A4 paper. No script; whatever comes from outside is escaped.
 */
import { CivilTime, type Explanation, Money } from "@yikatong/core"
import type { Report } from "./Report.ts"
import { type ReportLine, statuses } from "./ReportLine.ts"
import { style } from "./ReportStyle.ts"

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => entities[char] ?? "")

/** A day, a time, a sum or a count, with what is counted. */
const figure = /(\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?|¥?\d(?:[\d,.]*\d)?(?: [元个笔])?)/
/** Figures are read in one piece, however narrow the page is. */
const whole = (text: string): string =>
  text.split(figure).map((part, at) => at % 2 === 1 ? `<span class="n">${escaped(part)}</span>` : escaped(part)).join(
    ""
  )

const both = ({ en, zh }: Explanation.Text): string =>
  `<span lang="zh-CN">${whole(zh)}</span><small lang="en">${whole(en)}</small>`
const named = (zh: string, en: string): string => both({ zh, en })

/** "1,234": people compare long numbers by their groups of three. */
const grouped = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ",")
const counted = (count: number): string => grouped(`${count}`)

const yuan = (fen: number): string => {
  const [whole = "", cents = ""] = Money.format(Money.of(Math.abs(fen))).split(".")
  return `${fen < 0 ? "−" : ""}${grouped(whole)}.${cents}`
}

const card = (name: string, amount: number, count: number, more = ""): string =>
  `<div class="card"><h3>${name}</h3><p class="sum">¥${yuan(amount)}</p><p class="count">${
    counted(count)
  } 笔<small lang="en">${count === 1 ? "1 item" : `${counted(count)} items`}</small>${more}</p></div>`

const totals = ({ totals: { bill, ledger, orders } }: Report): string =>
  `<section class="totals">${card(named("渠道账单收款", "Bill: payments"), bill.payments.amount, bill.payments.count)}${
    card(named("订单收款", "Orders: paid"), orders.payments.amount, orders.payments.count)
  }${card(named("账户入账", "Books: credited"), ledger.credits.amount, ledger.credits.count)}${
    card(named("渠道账单退款", "Bill: refunds"), bill.refunds.amount, bill.refunds.count)
  }${card(named("订单退款", "Orders: sent back"), orders.refunds.amount, orders.refunds.count)}<div class="card"><h3>${
    named("手续费", "Fee of the channel")
  }</h3><p class="sum">¥${yuan(bill.fee)}</p></div></section>`

/** One number of a channel's or of ours, or several of them; anything else is somebody's text, and may break. */
const oneOrMore = /^[\w.:-]{1,32}(?: [\w.:-]{1,32})*$/

/** Numbers that somebody types into another system: each on a line of its own, and in one piece. */
const numbers = (text: string): ReadonlyArray<string> =>
  text === ""
    ? []
    : oneOrMore.test(text)
    ? text.split(" ").map((one) => `<span class="n">${escaped(one)}</span>`)
    : [escaped(text)]

const rowOf = ({ amount, group, key, number, reference, remedy, status, what }: ReportLine): string =>
  `<tr><td><b>${both(group)}</b><span class="status ${status}">${both(statuses[status])}</span></td>` +
  `<td>${both(what)}</td><td class="amount">${yuan(amount)}</td>` +
  `<td class="id">${
    [
      ...numbers(number),
      ...numbers(reference),
      ...(key === "" || status !== "suspended" ? [] : [`<i class="n">${escaped(key)}</i>`])
    ].join("<br>")
  }</td><td>${both(remedy)}</td></tr>`

const table = (lines: ReadonlyArray<ReportLine>): string =>
  `<div class="scroll"><table><thead><tr>${
    [["类别与状态", "Kind and status"], ["差异", "Difference"], ["金额（元）", "Amount"], ["单号", "Numbers"], [
      "处理",
      "Remedy"
    ]]
      .map(([zh = "", en = ""], at) => `<th${at === 2 ? " class=\"amount\"" : ""}>${named(zh, en)}</th>`).join("")
  }</tr></thead><tbody>${lines.map(rowOf).join("")}</tbody></table></div>`

/** What a reader wants to know first. */
const verdict = ({ lines, matched, suspended }: Report): string => {
  const isOpen = ({ status }: ReportLine): boolean => status !== "corrected" && status !== "carried"
  const open = lines.filter(isOpen).length
  const agrees = `核对一致 ${counted(matched)} 笔`
  const before = suspended === 0 ? ["", ""] : [`，此前挂账 ${suspended} 笔`, `, ${suspended} suspended before`]
  return open === 0
    ? `<p class="verdict good">${
      named(`${agrees}，无未处理差异${before[0]}`, `${counted(matched)} rows agree, nothing is open${before[1]}`)
    }</p>`
    : `<p class="verdict bad">${
      named(
        `${agrees}，未处理差异 ${open} 笔${before[0]}`,
        `${counted(matched)} rows agree, ${open} ${open === 1 ? "difference is" : "differences are"} open${before[1]}`
      )
    }</p>`
}

/** The page. */
export const page = (report: Report): string => {
  const { channel, day, lines, madeAt, school } = report
  const date = CivilTime.formatDay(day)
  const title = `${escaped(channel.zh)} 对账报告 ${date}`
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${style}</style></head>
<body><main><header><div><p class="school">${both(school)}</p><h1>${both(channel)}</h1></div>
<dl><dt>${named("账期", "Day")}</dt><dd>${date}</dd><dt>${named("生成时间", "Made at")}</dt><dd>${
    CivilTime.formatMinute(madeAt)
  }</dd></dl></header>
<h2>${named("渠道对账报告", "Channel reconciliation")}</h2>
${verdict(report)}
${totals(report)}
${lines.length === 0 ? "" : table(lines)}
<footer><p>${named("制表", "Made by")}<span class="line"></span></p><p>${
    named("复核", "Checked by")
  }<span class="line"></span></p></footer>
</main></body></html>
`
}
