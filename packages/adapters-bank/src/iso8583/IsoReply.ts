/**
 * What a host's answer means 应答码 (field 39), for whoever has to go on.
 *
 * Source: 银联POS终端规范 (Q/CUP 009), appendix 应答码; the codes A* are its 有缺陷的成功 (done, with a defect). A code that is not
 * listed is `unknown`: what is not surely declined may have moved money, and is reversed.
 */
import type { IsoMessage } from "./IsoMessage.ts"
import { get } from "./IsoMessage.ts"

/**
 * - `ok`: done. `declined`: surely not done, for a reason of the card or the account.
 * - `duplicate`: the host has seen this number. `format`: the host could not read it; nothing was done.
 * - `keys`: the working keys are not the host's: sign in again. `unknown`: nobody knows: reverse.
 */
export type Kind = "ok" | "declined" | "duplicate" | "format" | "keys" | "unknown"

/** A code with its kind and words for people. */
export interface IsoReply {
  readonly code: string
  readonly kind: Kind
  readonly zh: string
  readonly en: string
}

const listed: Readonly<Record<string, readonly [Kind, string, string]>> = {
  "00": ["ok", "成功", "done"],
  "11": ["ok", "成功（VIP 客户）", "done"],
  A2: ["ok", "有缺陷的成功", "done, with a defect"],
  A4: ["ok", "有缺陷的成功", "done, with a defect"],
  A5: ["ok", "有缺陷的成功", "done, with a defect"],
  A6: ["ok", "有缺陷的成功", "done, with a defect"],
  "01": ["declined", "请持卡人与发卡银行联系", "the holder has to ask the bank"],
  "03": ["declined", "商户未登记", "the merchant is not registered"],
  "04": ["declined", "没收卡", "the bank keeps this card"],
  "05": ["declined", "交易失败，请联系发卡行", "the bank declined"],
  "14": ["declined", "无效卡号", "no such card"],
  "33": ["declined", "过期卡", "the card has expired"],
  "38": ["declined", "密码错误次数超限", "too many wrong PINs"],
  "41": ["declined", "挂失卡", "the card is reported lost"],
  "43": ["declined", "被窃卡", "the card is reported stolen"],
  "51": ["declined", "余额不足", "not enough money"],
  "54": ["declined", "卡已过期", "the card has expired"],
  "55": ["declined", "密码错误", "the PIN is wrong"],
  "57": ["declined", "不允许此卡交易", "this card may not do it"],
  "58": ["declined", "不允许此终端交易", "this terminal may not do it"],
  "61": ["declined", "金额超限", "more than the limit"],
  "62": ["declined", "受限制的卡", "the card is restricted"],
  "65": ["declined", "交易次数超限", "too often today"],
  "75": ["declined", "密码错误次数超限", "too many wrong PINs"],
  "94": ["duplicate", "重复交易", "the number was used before"],
  "12": ["format", "无效交易", "the host does not know such a dealing"],
  "13": ["format", "无效金额", "the host refuses the amount"],
  "25": ["format", "找不到原交易", "the host does not know the original"],
  "30": ["format", "报文格式错误", "the host could not read the message"],
  "40": ["format", "不支持的功能", "the host does not do this"],
  "97": ["format", "终端未登记", "the terminal is not registered"],
  A0: ["keys", "MAC 校验失败，请重新签到", "the MAC was wrong: sign in again"],
  "99": ["keys", "密码格式错误，请重新签到", "the PIN block was wrong: sign in again"],
  "06": ["unknown", "出错", "an error at the host"],
  "22": ["unknown", "操作有误", "suspected malfunction"],
  "68": ["unknown", "应答超时", "the answer came too late"],
  "90": ["unknown", "日切处理中", "the host changes the day"],
  "91": ["unknown", "发卡行状态不正常", "the bank does not answer"],
  "92": ["unknown", "网络暂时不可用", "the network is down"],
  "96": ["unknown", "系统故障", "the host is out of order"],
  "98": ["unknown", "发卡行无应答", "the bank gave no answer"]
}

/** The meaning of a code. */
export const of = (code: string): IsoReply => {
  const [kind, zh, en] = Object.hasOwn(listed, code) ? listed[code] ?? unlisted : unlisted
  return { code, kind, zh, en }
}

const unlisted = ["unknown", "未列出的应答码", "a code that is not listed"] as const

/** The meaning of an answer; one without a code says nothing, and that is unknown. */
export const read = (message: IsoMessage): IsoReply => of(get(message, 39) ?? "")

/** Whether an answer to a reversal ends it: done, or there is nothing to reverse (12, 25). */
export const endsReversal = ({ code, kind }: IsoReply): boolean => kind === "ok" || code === "12" || code === "25"
