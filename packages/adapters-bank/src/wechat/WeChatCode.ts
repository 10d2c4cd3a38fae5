/**
 * The error codes 错误码 of WeChat Pay in words: what each says, and what helps. For whoever sets a merchant up, and for a
 * till that has to say something.
 *
 * What follows from a code for an order stands in `WeChatOutcome`; nothing is concluded from these words. Those that WeChat
 * Pay sends itself are not repeated: they hold what was sent. Source: WeChat Pay APIv3, 公共错误码 and those of 下单, 查询, 关单,
 * 申请退款, 付款码支付, 申请账单.
 */

/** What a code says, and what to do, in both languages. */
export interface Words {
  readonly zh: string
  readonly en: string
}

const words = {
  SIGN_ERROR: {
    zh: "签名不对：请检查商户号、商户API证书序列号与商户私钥是否配套，并校准服务器时间",
    en:
      "the signature is wrong: check that mchid, the serial of the merchant certificate and the private key belong together, and set the server's clock"
  },
  PARAM_ERROR: {
    zh: "参数不对：日志里写着是哪个字段，请按接口文档改正",
    en: "a parameter is wrong: the log says which field; correct it by the documents of the call"
  },
  INVALID_REQUEST: {
    zh: "请求不符合业务规则：请核对该单的金额、状态和时间",
    en: "the request is against a rule: compare the amount, the state and the times of this order"
  },
  NO_AUTH: {
    zh: "没有权限：请在商户平台开通该产品，或完成AppID与商户号的绑定",
    en: "not allowed: open this product on the merchant platform, or bind the AppID to the merchant"
  },
  APPID_MCHID_NOT_MATCH: {
    zh: "AppID与商户号未绑定：请在商户平台的“AppID账号管理”中绑定",
    en: "AppID and mchid are not bound to each other: bind them on the merchant platform"
  },
  MCH_NOT_EXISTS: {
    zh: "商户号不存在：请核对配置里的商户号",
    en: "there is no such merchant: check the mchid of the settings"
  },
  MCHID_NOT_EXIST: {
    zh: "商户号不存在：请核对配置里的商户号",
    en: "there is no such merchant: check the mchid of the settings"
  },
  APPID_NOT_EXIST: {
    zh: "AppID不存在：请核对配置里的AppID",
    en: "there is no such AppID: check the appid of the settings"
  },
  ACCOUNT_ERROR: {
    zh: "用户账户异常：请用户换一种付款方式",
    en: "the payer's account is not in order: pay another way"
  },
  OPENID_MISMATCH: {
    zh: "openid与AppID不匹配：请用同一个AppID取得openid",
    en: "the openid is another application's: get it with the AppID of this channel"
  },
  OUT_TRADE_NO_USED: {
    zh: "商户订单号已用于另一笔订单：先查询该单号，不要换号重下",
    en: "this number was used for another order: ask for it first, and never order again under a new one"
  },
  ORDER_NOT_EXIST: { zh: "微信支付没有这笔订单", en: "WeChat Pay has no such order" },
  ORDERNOTEXIST: { zh: "微信支付没有这笔订单", en: "WeChat Pay has no such order" },
  RESOURCE_NOT_EXISTS: { zh: "微信支付没有这笔单据", en: "WeChat Pay has no such order or refund" },
  ORDER_CLOSED: { zh: "订单已关闭：请重新下单", en: "the order is closed: place a new one" },
  ORDERCLOSED: { zh: "订单已关闭：请重新下单", en: "the order is closed: place a new one" },
  ORDER_REVERSED: { zh: "订单已撤销：请重新下单", en: "the order was reversed: place a new one" },
  ORDER_PAID: { zh: "订单已支付，不要重复付款", en: "the order is paid: it is not to be paid again" },
  ORDERPAID: { zh: "订单已支付，不要重复付款", en: "the order is paid: it is not to be paid again" },
  NOT_ENOUGH: { zh: "余额不足：请换一种付款方式或先充值", en: "not enough money: pay another way" },
  NOTENOUGH: { zh: "余额不足：请换一种付款方式或先充值", en: "not enough money: pay another way" },
  RULE_LIMIT: { zh: "被业务规则限制：请换一种付款方式", en: "held by a rule of WeChat Pay: pay another way" },
  RULELIMIT: { zh: "被业务规则限制：请换一种付款方式", en: "held by a rule of WeChat Pay: pay another way" },
  TRADE_ERROR: { zh: "交易失败：请换一种付款方式", en: "the payment failed: pay another way" },
  AUTH_CODE_EXPIRED: { zh: "付款码已过期：请刷新后再扫", en: "the pay code has expired: show a new one" },
  AUTH_CODE_INVALID: { zh: "付款码无效或已用过：请刷新后再扫", en: "the pay code is not valid: show a new one" },
  AUTH_CODE_ERROR: { zh: "付款码有误：请刷新后再扫", en: "the pay code is wrong: show a new one" },
  USERPAYING: { zh: "等待用户输入密码", en: "the payer is typing a password: wait" },
  USER_PAYING: { zh: "等待用户输入密码", en: "the payer is typing a password: wait" },
  ACCEPTED: { zh: "已受理：请稍后查询", en: "taken: ask later" },
  FREQUENCY_LIMITED: { zh: "请求太频繁：请稍后再试", en: "asked too often: wait" },
  RATELIMIT_EXCEEDED: { zh: "请求太频繁：请稍后再试", en: "asked too often: wait" },
  SYSTEM_ERROR: {
    zh: "微信支付系统异常：请以原单号重试或查询",
    en: "WeChat Pay is out of order: repeat it unchanged, or ask"
  },
  SYSTEMERROR: {
    zh: "微信支付系统异常：请以原单号重试或查询",
    en: "WeChat Pay is out of order: repeat it unchanged, or ask"
  },
  BANK_ERROR: { zh: "银行系统异常：请以原单号重试或查询", en: "the bank is out of order: repeat it unchanged, or ask" },
  BANKERROR: { zh: "银行系统异常：请以原单号重试或查询", en: "the bank is out of order: repeat it unchanged, or ask" },
  STATEMENT_CREATING: {
    zh: "账单生成中：请在上午十点后再取",
    en: "the bill is being made: ask after ten in the morning"
  },
  NO_STATEMENT_EXIST: { zh: "这一天没有账单", en: "there is no bill of this day" }
} as const satisfies Readonly<Record<string, Words>>

/** A code that is known here. */
export type WeChatCode = keyof typeof words

/** Every code that is known here. */
export const codes = Object.keys(words) as ReadonlyArray<WeChatCode>

const known: ReadonlyMap<string, Words> = new Map(Object.entries(words))

/** What a code says; nothing for one that is not known here. */
export const of = (code: string): Words | undefined => known.get(code)
