/**
 * The answer codes 应答码 (respCode, origRespCode) of UnionPay's gateway, and what follows from each.
 *
 * Source: 平台接入接口规范 第5部分 附录, 应答码; the advice of UnionPay's own examples. An answer to a request for money never
 * proves that it moved: 00 only says that the request was taken. What proves is a notification or the answer to a
 * query. A code that is not in the table is no success and no refusal: the transaction stays open and is asked for.
 */

/** What a code says. */
export type Class =
  /** 00: done, or taken, by what was asked. */
  | "success"
  /** A6: done, with a defect that is no matter of ours 有缺陷的成功. */
  | "flawed"
  /** Nobody knows yet, or money has moved and something after it went wrong: ask again. */
  | "unknown"
  /** 34: no such transaction, as far as is known now. */
  | "notFound"
  /** 12: this number was sent before. The first may have succeeded: ask for it. */
  | "duplicate"
  /** 37: asked too often. */
  | "tooMany"
  /** Wrongly set up or wrongly built: nothing that a payer can mend. */
  | "misconfigured"
  /** Refused for good, under this number. */
  | "declined"

interface Row {
  readonly class: Class
  readonly zh: string
  readonly en: string
}

const row = (kind: Class, zh: string, en: string): Row => ({ class: kind, zh, en })

const rows: Readonly<Record<string, Row>> = {
  "00": row("success", "成功", "success"),
  A6: row("flawed", "有缺陷的成功", "success with a defect"),
  "01": row("declined", "交易失败，详情请咨询95516", "failed; ask 95516"),
  "02": row("unknown", "系统未开放或暂时关闭，请稍后再试", "the system is closed for now"),
  "03": row("unknown", "交易通讯超时，请发起查询交易", "timed out; query it"),
  "04": row("unknown", "交易状态未明，请查询对账结果", "state not clear; see the reconciliation"),
  "05": row("unknown", "交易已受理，请稍后查询交易结果", "taken; query it later"),
  "06": row("unknown", "系统繁忙，请稍后再试", "the system is busy"),
  "10": row("misconfigured", "报文格式错误", "wrong format"),
  "11": row("misconfigured", "验证签名失败", "wrong signature"),
  "12": row("duplicate", "重复交易", "number used before"),
  "13": row("misconfigured", "报文交易要素缺失", "a field is missing"),
  "14": row("misconfigured", "批量文件格式错误", "wrong format of a batch"),
  "30": row("declined", "交易未通过，请尝试使用其他银联卡支付或联系95516", "refused; try another card"),
  "31": row("misconfigured", "商户状态不正确", "the merchant's state is wrong"),
  "32": row("misconfigured", "无此交易权限", "the merchant may not do this"),
  "33": row("declined", "交易金额超限", "over the limit of amounts"),
  "34": row("notFound", "查无此交易", "no such transaction"),
  "35": row("declined", "原交易不存在或状态不正确", "the original does not exist or is in another state"),
  "36": row("declined", "与原交易信息不符", "does not match the original"),
  "37": row("tooMany", "已超过最大查询次数或操作过于频繁", "asked too often"),
  "38": row("declined", "风险受限", "held for risk"),
  "39": row("declined", "交易不在受理时间范围内", "outside of the hours"),
  "40": row("declined", "绑定关系检查失败", "the card is not bound"),
  "41": row("declined", "批量状态不正确，无法下载", "the batch is in another state"),
  "42": row("unknown", "扣款成功但交易超过规定支付时间", "money taken, but after the time to pay"),
  "43": row("misconfigured", "无此业务权限，详情请咨询95516", "the merchant may not do this business"),
  "44": row("declined", "输入号码错误或暂未开通此项业务", "wrong number, or not opened for this"),
  "45": row("declined", "原交易已被成功退货或已被成功撤销", "the original was refunded or voided before"),
  "46": row("declined", "交易已被成功冲正", "the transaction was reversed"),
  "60": row("declined", "交易失败，详情请咨询您的发卡行", "refused by the card's bank"),
  "61": row("declined", "输入的卡号无效，请确认后输入", "the card number is wrong"),
  "62": row(
    "declined",
    "交易失败，发卡银行不支持该商户，请更换其他银行卡",
    "the card's bank does not serve this merchant"
  ),
  "63": row("declined", "卡状态不正确", "the card's state is wrong"),
  "64": row("declined", "卡上的余额不足", "not enough money on the card"),
  "65": row("declined", "输入的密码、有效期或CVN2有误，交易失败", "wrong password, date or CVN2"),
  "66": row("declined", "持卡人身份信息或手机号输入不正确，验证失败", "the holder's particulars are wrong"),
  "67": row("declined", "密码输入次数超限", "wrong passwords too often"),
  "68": row("declined", "您的银行卡暂不支持该业务", "the card can not do this"),
  "69": row("declined", "您的输入超时，交易失败", "the payer took too long"),
  "70": row("unknown", "交易已跳转，等待持卡人输入", "waiting for the payer"),
  "71": row("declined", "动态口令或短信验证码校验失败", "wrong code of the text message"),
  "72": row("declined", "您尚未在银行签约加办银联无卡支付业务", "not signed up for payment without a card"),
  "73": row("declined", "支付卡已超过有效期", "the card has expired"),
  "74": row("unknown", "扣款成功，销账未知", "money taken, settlement not known"),
  "75": row("unknown", "扣款成功，销账失败", "money taken, settlement failed"),
  "76": row("declined", "需要验密开通", "has to be opened with a password"),
  "77": row("declined", "银行卡未开通认证支付", "the card is not opened for this payment"),
  "78": row("declined", "发卡行交易权限受限，详情请咨询您的发卡行", "restricted by the card's bank"),
  "79": row("declined", "此卡可用，但发卡行暂不支持短信验证", "the card's bank sends no text messages"),
  "80": row("declined", "交易失败，Token已过期", "the token has expired"),
  "98": row("notFound", "文件不存在", "no such file"),
  "99": row("unknown", "通用错误", "an error")
}

const known: ReadonlyMap<string, Row> = new Map(Object.entries(rows))

/** All codes of the table. */
export const codes: ReadonlyArray<string> = [...known.keys()]

/** What a code says; a code that is not in the table says nothing: "unknown". */
export const classOf = (code: string): Class => known.get(code)?.class ?? "unknown"

/** What a code says, in words; without those of the other side, which may repeat what a payer typed. */
export const words = (code: string, language: "zh" | "en"): string =>
  known.get(code)?.[language] ?? (language === "zh" ? "未知应答码" : "a code that is not known here")

/** What a refusal of a request for money means: money has not moved and will not. */
const isFinal = (kind: Class): boolean => kind === "declined" || kind === "misconfigured"

/** What a request for money became, by its answer at once. "accepted": the result comes later. */
export type Submitted = "accepted" | "unknown" | "duplicate" | "misconfigured" | "declined"

export const submitted = (respCode: string): Submitted => {
  const kind = classOf(respCode)
  if (kind === "success" || kind === "flawed") return "accepted"
  if (kind === "declined" || kind === "misconfigured" || kind === "duplicate") return kind
  return "unknown"
}

/** What a transaction is, by the answer to a query. "tooMany": ask later. */
export type Queried = "done" | "unknown" | "notFound" | "tooMany" | "misconfigured" | "declined"

/** `origRespCode` speaks of the transaction, and only if `respCode` says that the query itself succeeded. */
export const queried = (respCode: string, origRespCode: string | undefined): Queried => {
  const kind = classOf(respCode)
  if (kind === "notFound" || kind === "tooMany" || kind === "misconfigured") return kind
  // Any other refusal is one of the query, not of the transaction.
  if (kind !== "success" || origRespCode === undefined) return "unknown"
  const original = classOf(origRespCode)
  if (original === "success" || original === "flawed") return "done"
  return isFinal(original) ? "declined" : "unknown"
}
