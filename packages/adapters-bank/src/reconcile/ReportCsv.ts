/**
 * A reconciliation report as a spreadsheet reads it: CSV by RFC 4180 in UTF-8, with the mark at its beginning by which Excel
 * knows Chinese text.
 *
 * A cell that a spreadsheet would take for a formula, or a long number that it would round, has an apostrophe before it.
 */
import { CivilTime, Money } from "@yikatong/core"
import type { Report } from "./Report.ts"
import { statuses } from "./ReportLine.ts"

const header = [
  ["日期", "Day"],
  ["渠道", "Channel"],
  ["类别", "Kind"],
  ["状态", "Status"],
  ["差异", "Difference"],
  ["处理", "Remedy"],
  ["商户订单号", "Order number"],
  ["渠道流水号", "Channel's reference"],
  ["金额（元）", "Amount (yuan)"],
  ["挂账编号", "Suspense key"]
].map((names) => names.join(" "))

/** A blank or a control character before it would hide what it is. */
const isFormula = (cell: string): boolean => /^[\s\p{Cc}]*[=+\-@＝＋－＠]/u.test(cell) || /^[\t\r\n]/.test(cell)
/** A spreadsheet keeps 15 digits, and reads 1E5 as a number. */
const isRounded = (cell: string): boolean => /^\d{12,}$/.test(cell) || /^\d+[eE]\d+$/.test(cell)

/** A cell of text. */
export const cell = (text: string): string => {
  const guarded = isFormula(text) || isRounded(text) ? `'${text}` : text
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll("\"", "\"\"")}"` : guarded
}

/** The report, one line a difference, in Chinese and English. */
export const write = ({ channel, day, lines }: Report): string => {
  const rows = lines.map(({ amount, group, key, number, reference, remedy, status, what }) => [
    CivilTime.formatDay(day),
    ...[channel, group, statuses[status], what, remedy].map(({ en, zh }) => cell(`${zh} ${en}`)),
    ...[number, reference].map(cell),
    // Never negative: a plain number, so that it can be added up.
    Money.format(amount),
    cell(key)
  ])
  return `\uFEFF${[header.map(cell), ...rows].map((row) => `${row.join(",")}\r\n`).join("")}`
}
