/**
 * Which fields a host and its terminals have agreed on 报文规范: the profile of an ISO 8583 wire, as data.
 *
 * {@link unionPayPos} is the profile of terminals of 银联POS (Q/CUP 009, ISO 8583:1987), with BCD digits and the fields
 * of the load with a bank card 圈存; {@link withSm4} makes room for the longer PIN block of SM4. {@link ascii} writes the
 * same fields as characters, as institutions among themselves do. Banks differ in the fields 55 to 63: a school states
 * its own.
 */
import type { Digits, IsoField } from "./IsoField.ts"

/** How messages are written, and the fields by their numbers (2 to 128). */
export interface IsoProfile {
  readonly digits: Digits
  /** Whether the second bitmap is there only for fields behind 64, or in every message. */
  readonly secondMap: "whenNeeded" | "always"
  readonly fields: Readonly<Record<number, IsoField>>
  /** The fields of which no log may show more than that they are there: card numbers, stripes, PIN, chip and keys. */
  readonly hidden: ReadonlyArray<number>
}

const fixed = (content: IsoField["content"], largest: number): IsoField => ({ content, size: "fixed", largest })
const upTo99 = (content: IsoField["content"], largest: number): IsoField => ({ content, size: "ll", largest })
const upTo999 = (content: IsoField["content"], largest: number): IsoField => ({ content, size: "lll", largest })

const fields: Readonly<Record<number, IsoField>> = {
  // Card number 主账号.
  2: upTo99("n", 19),
  // Processing code 交易处理码.
  3: fixed("n", 6),
  // Amount 交易金额, in fen.
  4: fixed("n", 12),
  // Time of transmission, MMDDhhmmss.
  7: fixed("n", 10),
  // The terminal's number of the message 受卡方系统跟踪号 (STAN).
  11: fixed("n", 6),
  // Time, date, expiry and settlement date at the host: hhmmss, MMDD, YYMM, MMDD.
  12: fixed("n", 6),
  13: fixed("n", 4),
  14: fixed("n", 4),
  15: fixed("n", 4),
  // How card and PIN came in 服务点输入方式码.
  22: { ...fixed("n", 3), odd: "filledRight" },
  // Number of the card among those of one account 卡序列号.
  23: { ...fixed("n", 3), odd: "filledLeft" },
  // Condition 服务点条件码.
  25: fixed("n", 2),
  // The most digits that the PIN pad takes.
  26: fixed("n", 2),
  // Acquirer 受理方标识码.
  32: upTo99("n", 11),
  // Magnetic stripes.
  35: upTo99("z", 37),
  36: upTo999("z", 104),
  // The host's own number of the dealing 检索参考号.
  37: fixed("an", 12),
  38: fixed("an", 6),
  // Response 应答码.
  39: fixed("an", 2),
  // Terminal 终端号 and merchant 商户号.
  41: fixed("ans", 8),
  42: fixed("ans", 15),
  44: upTo99("ans", 25),
  // Further data.
  48: upTo999("n", 322),
  // Currency: 156.
  49: fixed("an", 3),
  // PIN, enciphered 个人标识码数据.
  52: fixed("b", 8),
  // How it was enciphered 安全控制信息.
  53: fixed("n", 16),
  54: upTo999("ans", 20),
  // Data of the chip, TLV.
  55: upTo999("b", 255),
  58: upTo999("ans", 100),
  // Kind of dealing, batch, network management 自定义域.
  60: upTo999("n", 17),
  // The original of a reversal: batch, number, date.
  61: upTo999("n", 29),
  // Working keys, or the account that is loaded.
  62: upTo999("b", 512),
  63: upTo999("gbk", 163),
  // MAC.
  64: fixed("b", 8)
}

const hidden = [2, 14, 35, 36, 48, 52, 55, 62]

/** Terminals of 银联POS: BCD, PIN block of eight bytes. */
export const unionPayPos: IsoProfile = { digits: "bcd", secondMap: "whenNeeded", fields, hidden }

/** The same fields in characters, with two bitmaps of bytes in every message. */
export const ascii: IsoProfile = {
  digits: "ascii",
  secondMap: "always",
  fields: { ...fields, 90: fixed("n", 42), 100: upTo99("n", 11), 128: fixed("b", 8) },
  hidden
}

/** A profile for terminals with SM4 keys: their PIN block has 16 bytes. */
export const withSm4 = (profile: IsoProfile): IsoProfile => ({
  ...profile,
  fields: { ...profile.fields, 52: fixed("b", 16) }
})
