/**
 * What an answer of WeChat Pay means for the order 应答分类: a table of its HTTP status and error code.
 *
 * Whatever the table does not know, and every call that writes and whose answer cannot be believed, is unknown: it may
 * have been done. Nothing is concluded from the words of an error but one case that has no code of its own. Source:
 * WeChat Pay APIv3, 错误码 of 下单, 查询, 关单, 申请退款, 付款码支付, 申请账单.
 */
import { Schema } from "effect"

/** What was asked. */
export type Call = "create" | "query" | "close" | "refund" | "queryRefund" | "reverse" | "bill"

/** What the answer means. */
export type Class =
  /** It was done, or here is what was asked for. */
  | "done"
  /** Not yet: ask again. */
  | "pending"
  /** It may have been done or not: repeat it unchanged, or ask. */
  | "unknown"
  /** Wrong settings or a fault of the program: no repetition helps, somebody has to see to it. */
  | "permanent"
  /** The number was used with other particulars: ask for it, and never order again under it. */
  | "numberUsed"
  /** Under this number it can not be done any more. */
  | "terminal"
  /** WeChat Pay does not know it, as seen now. */
  | "notFound"
  /** Somebody is paying, or has paid: ask. */
  | "paying"

/** A class in words. `mayRepeat`: the same request under the same number may be sent again. */
export interface WeChatOutcome {
  readonly class: Class
  readonly mayRepeat: boolean
  readonly zh: string
  readonly en: string
}

const outcomes: Readonly<Record<Class, WeChatOutcome>> = {
  done: { class: "done", mayRepeat: true, zh: "已受理", en: "taken" },
  pending: { class: "pending", mayRepeat: false, zh: "处理中，请查询结果", en: "in progress: ask for the result" },
  unknown: {
    class: "unknown",
    mayRepeat: true,
    zh: "结果未知，请查询或以原参数、原单号重试",
    en: "the result is not known: ask, or repeat it unchanged under the same number"
  },
  permanent: {
    class: "permanent",
    mayRepeat: false,
    zh: "请求或配置有误，请联系管理员",
    en: "the request or the settings are wrong: tell an administrator"
  },
  numberUsed: {
    class: "numberUsed",
    mayRepeat: false,
    zh: "单号已用于其他交易，请先查询该单号",
    en: "the number was used for another transaction: ask for it first"
  },
  terminal: {
    class: "terminal",
    mayRepeat: false,
    zh: "该单号不能继续，确认未支付后再用新单号",
    en: "nothing more can be done under this number: take a new one once it is sure that it was not paid"
  },
  notFound: { class: "notFound", mayRepeat: true, zh: "目前查不到该单", en: "there is no such order as yet" },
  paying: {
    class: "paying",
    mayRepeat: false,
    zh: "用户正在支付或已支付，请查询",
    en: "it is being paid or is paid: ask"
  }
}

const classes: ReadonlyMap<string, Class> = new Map(
  ([
    ["pending", ["USERPAYING", "USER_PAYING", "ACCEPTED", "STATEMENT_CREATING"]],
    ["unknown", [
      "FREQUENCY_LIMITED",
      "RATELIMIT_EXCEEDED",
      "SYSTEM_ERROR",
      "SYSTEMERROR",
      "BANK_ERROR",
      "BANKERROR"
    ]],
    ["permanent", [
      "PARAM_ERROR",
      "INVALID_REQUEST",
      "SIGN_ERROR",
      "NO_AUTH",
      "APPID_MCHID_NOT_MATCH",
      "MCH_NOT_EXISTS",
      "MCHID_NOT_EXIST",
      "APPID_NOT_EXIST",
      "OPENID_MISMATCH"
    ]],
    ["numberUsed", ["OUT_TRADE_NO_USED"]],
    ["terminal", [
      "ORDER_CLOSED",
      "ORDERCLOSED",
      "ORDER_REVERSED",
      "NOT_ENOUGH",
      "NOTENOUGH",
      "RULE_LIMIT",
      "RULELIMIT",
      "TRADE_ERROR",
      "ACCOUNT_ERROR",
      "AUTH_CODE_ERROR",
      "AUTH_CODE_EXPIRED",
      "AUTH_CODE_INVALID"
    ]],
    ["notFound", ["ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "NO_STATEMENT_EXIST"]],
    ["paying", ["ORDER_PAID", "ORDERPAID"]]
  ] satisfies ReadonlyArray<readonly [Class, ReadonlyArray<string>]>)
    .flatMap(([kind, codes]) => codes.map((code) => [code, kind] as const))
)

/** Every code that means something for an order. */
export const codes: ReadonlyArray<string> = [...classes.keys()]

/**
 * The body of an error, of which no more than this is ever looked at: it may be unsigned. `detail`: of PARAM_ERROR, which
 * field is wrong; the value beside it is left where it is.
 */
export const Problem = Schema.Struct({
  code: Schema.String,
  message: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.Unknown)
})
export interface Problem extends Schema.Schema.Type<typeof Problem> {}

/** What a signed answer, or an error, means. */
export const of = (call: Call, status: number, problem: Partial<Problem> = {}): WeChatOutcome =>
  outcomes[classOf(call, status, problem)]

/** What it means that no answer came, or one that is not believed. */
export const unanswered: WeChatOutcome = outcomes.unknown

const classOf = (call: Call, status: number, { code, message }: Partial<Problem>): Class => {
  const named = classes.get(code ?? "")
  if (status === 202) return "pending"
  // Two words of the same meaning: a close while somebody pays is refused as too frequent.
  if (call === "close" && code === "FREQUENCY_LIMITED") return "paying"
  if (status >= 200 && status < 300) return "done"
  if (status === 429 || status >= 500 || status < 400) return "unknown"
  if (named === "permanent" && /201\s*商户订单号重复/.test(message ?? "")) return "numberUsed"
  // A refund that failed is asked for again under its own number: another one would pay twice.
  if (call === "refund" && named === "terminal") return "unknown"
  if (named !== undefined) return named
  // Signature and rights are looked at before anything is done.
  return status === 401 ? "permanent" : "unknown"
}
