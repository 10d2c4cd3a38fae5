/**
 * The columns of UnionPay's reconciliation files 对账文件: ZM 商户流水 and ZME 差错流水, a record a line, of fixed widths in bytes.
 *
 * Source: 全渠道平台接入接口规范 第3部分 文件接口, 6.1 ZM 文件, 6.2 ZME 文件. Between columns stands one blank. The text is GBK, where
 * a Chinese character is two bytes: the line is cut as bytes, and each piece is decoded after that. The end of ZM has
 * two ages of the same length: the younger has split the number of the original order off the reserve.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as Gbk from "../Gbk.ts"

/** A column: its name, its width in bytes. */
export type Column = readonly [name: string, width: number]
export type Layout = ReadonlyArray<Column>

/** A line: the texts of its columns by their names, without the blanks that fill them up. */
export type Line = ReadonlyMap<string, string>

const common: Layout = [
  /** 交易代码 */
  ["code", 3],
  /** 代理机构标识码 */
  ["acquirer", 11],
  /** 发送机构标识码 */
  ["sender", 11],
  /** 系统跟踪号 */
  ["traceNo", 6],
  /** 交易传输时间, MMDDhhmmss */
  ["traceTime", 10],
  /** 帐号 */
  ["accNo", 19],
  /** 交易金额, fen */
  ["txnAmt", 12],
  /** 商户类别 */
  ["merCatCode", 4],
  /** 终端类型 */
  ["termType", 2]
]

const zmBody: Layout = [
  ...common,
  /** 查询流水号 */
  ["queryId", 21],
  /** 支付方式, 旧 */
  ["oldPayType", 2],
  /** 商户订单号 */
  ["orderId", 32],
  /** 支付卡类型 */
  ["payCardType", 2],
  /** 原始交易的系统跟踪号 */
  ["origTraceNo", 6],
  /** 原始交易日期时间 */
  ["origTime", 10],
  /** 商户手续费, C or D and fen */
  ["fee", 13],
  /** 结算金额: what was settled without the fee */
  ["settleAmt", 13],
  /** 支付方式 */
  ["payType", 4],
  /** 集团商户代码 */
  ["groupMerId", 15],
  /** 交易类型 */
  ["txnType", 2],
  /** 交易子类 */
  ["txnSubType", 2],
  /** 业务类型 */
  ["bizType", 6],
  /** 帐号类型 */
  ["accType", 2],
  /** 账单类型 */
  ["billType", 4],
  /** 账单号码 */
  ["billNo", 32],
  /** 交互方式 */
  ["interactMode", 1],
  /** 原交易查询流水号 */
  ["origQryId", 21],
  /** 商户代码 */
  ["merId", 15],
  /** 分账入账方式 */
  ["splitMode", 1],
  /** 二级商户代码 */
  ["subMerId", 15],
  /** 二级商户简称 */
  ["subMerName", 32],
  /** 二级商户分账入账金额 */
  ["subMerAmt", 13],
  /** 清算净额 */
  ["netAmt", 13],
  /** 终端号 */
  ["termId", 8],
  /** 商户自定义域 */
  ["merReserved", 32],
  /** 优惠金额 */
  ["discountAmt", 13],
  /** 发票金额 */
  ["invoiceAmt", 13],
  /** 分期付款附加手续费 */
  ["instalmentFee", 12],
  /** 分期付款期数 */
  ["instalments", 2],
  /** 交易介质 */
  ["medium", 1]
]

/** ZM as it is now: 42 columns, 607 bytes. */
export const zm: Layout = [
  ...zmBody,
  /** 原始交易订单号 */
  ["origOrderId", 32],
  /** 保留使用 */
  ["reserved", 98]
]

/** ZM as it was: 41 columns of the same 607 bytes. */
export const zmOlder: Layout = [...zmBody, ["reserved", 131]]

/** ZME: 22 columns, 339 bytes. Only the first nine have names that a source tells; the others are kept as they are. */
export const zme: Layout = [
  ...common,
  ...[2, 6, 10, 4, 12, 13, 13, 15, 15, 1, 12, 2, 135].map((width, index): Column => [`column${index + 10}`, width])
]

/** The length of a line in bytes, without its end. */
export const lengthOf = (layout: Layout): number =>
  layout.reduce((sum, [, width]) => sum + width, 0) + layout.length - 1

const blank = 0x20

/** A column's text. A name that was cut at the column's end may have lost half a character; that half goes. */
const decode = (bytes: Uint8Array): Result.Result<string, Callback.Refusal> => {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === blank) end--
  const text = Gbk.decode(bytes.subarray(0, end))
  return Result.isFailure(text) && end === bytes.length ? Gbk.decode(bytes.subarray(0, end - 1)) : text
}

/** Reads one line, without its end. */
export const readLine = (bytes: Uint8Array, layout: Layout): Result.Result<Line, Callback.Refusal> => {
  if (bytes.length !== lengthOf(layout)) return Result.fail(Callback.refusal("malformed", "the length"))
  const line = new Map<string, string>()
  let from = 0
  for (const [name, width] of layout) {
    const to = from + width
    if (to < bytes.length && bytes[to] !== blank) {
      return Result.fail(Callback.refusal("malformed", `the border of the column ${name}`))
    }
    const text = decode(bytes.subarray(from, to))
    if (Result.isFailure(text)) return Result.fail(Callback.refusal(text.failure.reason, `the column ${name}`))
    line.set(name, text.success)
    from = to + 1
  }
  return Result.succeed(line)
}

/** Writes one line, without its end. Throws RangeError for a text that is too wide. */
export const writeLine = (line: Line, layout: Layout): Uint8Array => {
  const bytes = new Uint8Array(lengthOf(layout)).fill(blank)
  let from = 0
  for (const [name, width] of layout) {
    const text = Gbk.encode(line.get(name) ?? "")
    if (text.length > width) throw new RangeError(`The column ${name} is ${width} bytes wide`)
    bytes.set(text, from)
    from += width + 1
  }
  return bytes
}
