/**
 * A payment code 付款码: the digits that a payer's phone shows and a till reads, and whose wallet they are of.
 *
 * Only their form is looked at; whether the code is alive its wallet alone knows. It is as good as money for a minute,
 * so it is neither logged nor kept. Sources: WeChat Pay, 付款码支付 (18 digits, 10 to 15 first); Alipay, alipay.trade.pay
 * (16 to 24 digits, 25 to 30 first); UnionPay QR codes (19 digits, 62 first); CCB 龙支付 (a code of UnionPay's with 0105
 * as its fourth to seventh digits).
 */

/** The wallets whose codes are told apart. */
export type Wallet = "weChat" | "ccb" | "unionPay" | "alipay"

/** In this order: the codes of CCB are codes of UnionPay's as well. */
const forms: ReadonlyArray<readonly [Wallet, RegExp]> = [
  ["weChat", /^1[0-5]\d{16}$/],
  ["ccb", /^62\d0105\d{12}$/],
  ["unionPay", /^62\d{17}$/],
  ["alipay", /^(?:2[5-9]|30)\d{14,22}$/]
]

/** Whose code it is; nothing for what is no payment code of these. */
export const detect = (code: string): Wallet | undefined => forms.find(([, form]) => form.test(code))?.[0]
