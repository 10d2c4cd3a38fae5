/**
 * What a merchant asks of UnionPay 交易请求: the fields of each request, not yet signed.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0; 网关支付, 二维码支付 and 文件传输 产品接口规范. A transaction is named by merId, orderId and txnTime
 * together, so the time belongs to the number and must be kept with it: a query with another time finds nothing.
 * Amounts are fen. A wrong argument throws RangeError.
 */
import type { CivilTime, Money } from "@yikatong/core"
import * as Fields from "./UnionPayFields.ts"
import * as Message from "./UnionPayMessage.ts"
import * as Signature from "./UnionPaySignature.ts"
import * as Time from "./UnionPayTime.ts"

/** A merchant 商户, as UnionPay numbers it. */
export interface Merchant {
  readonly merId: string
}

/** The name of a transaction. `orderId`: 8 to 40 letters and digits; `txnTime`: its milliseconds are not sent. */
export interface Named {
  readonly orderId: string
  readonly txnTime: CivilTime.Instant
}

/**
 * Money asked for. `backUrl`: where the notification goes; `reqReserved`: comes back in it, letters, digits and
 * "._:-".
 */
export interface Asked extends Named {
  readonly amount: Money.Amount
  readonly backUrl: string
  readonly reqReserved?: string
}

/** What kind of transaction a request is: txnType, txnSubType and, where it has one of its own, bizType. */
export const kinds = {
  /** The payer's browser is sent to UnionPay 跳转网关支付. */
  front: { txnType: "01", txnSubType: "01", bizType: "000201" },
  /** The payer scans a code of ours 主扫. */
  qr: { txnType: "01", txnSubType: "07", bizType: "000000" },
  /** We scan the payer's code 被扫. */
  payCode: { txnType: "01", txnSubType: "06", bizType: "000000" },
  query: { txnType: "00", txnSubType: "00", bizType: "000000" },
  /** Part or all of it goes back, later as well 退货. */
  refund: { txnType: "04", txnSubType: "00", bizType: "000201" },
  /** All of it goes back on the same day 消费撤销. */
  void: { txnType: "31", txnSubType: "00", bizType: "000201" },
  /** The file of a day 对账文件下载. */
  file: { txnType: "76", txnSubType: "01", bizType: "000000" }
} as const
export type Kind = keyof typeof kinds

/** Which product's transaction is asked for or given back, as `bizType`: the gateway's, or that of codes. */
export type Product = "000201" | "000000"

const request = (
  { merId }: Merchant,
  kind: Kind,
  txnTime: CivilTime.Instant,
  fields: Readonly<Record<string, string | undefined>>
): Message.Message =>
  Fields.assertWritable(Message.of({
    version: Signature.version,
    encoding: Signature.encoding,
    ...kinds[kind],
    accessType: "0",
    merId,
    txnTime: Time.write(txnTime),
    ...fields
  }))

const asked = ({ amount, backUrl, orderId, reqReserved }: Asked): Readonly<Record<string, string | undefined>> => ({
  orderId,
  txnAmt: String(amount),
  currencyCode: Fields.yuan,
  backUrl,
  reqReserved
})

/** A payment in the payer's browser. `payTimeout`: after it nobody can pay any more; `device`: what he sits at. */
export const front = (
  merchant: Merchant,
  order: Asked & { readonly frontUrl: string; readonly payTimeout: CivilTime.Instant; readonly device: "pc" | "mobile" }
): Message.Message =>
  request(merchant, "front", order.txnTime, {
    ...asked(order),
    channelType: order.device === "pc" ? "07" : "08",
    frontUrl: order.frontUrl,
    payTimeout: Time.write(order.payTimeout)
  })

/** A payment by a code that we show; the answer has it as `qrCode`. */
export const qr = (
  merchant: Merchant,
  order: Asked & { readonly payTimeout?: CivilTime.Instant }
): Message.Message =>
  request(merchant, "qr", order.txnTime, {
    ...asked(order),
    channelType: "08",
    payTimeout: order.payTimeout === undefined ? undefined : Time.write(order.payTimeout)
  })

/** A payment by the code that the payer shows. `qrNo`: the code; `termId`: our terminal, 8 letters and digits. */
export const payCode = (
  merchant: Merchant,
  order: Asked & { readonly qrNo: string; readonly termId: string }
): Message.Message =>
  request(merchant, "payCode", order.txnTime, {
    ...asked(order),
    channelType: "08",
    qrNo: order.qrNo,
    termId: order.termId
  })

/** Asks what became of a transaction: its own number and its own time, not those of the query. */
export const query = (merchant: Merchant, of: Named, product: Product = "000000"): Message.Message =>
  request(merchant, "query", of.txnTime, { orderId: of.orderId, bizType: product })

/** What goes back. `origQryId`: the queryId of the payment; number and time are the refund's own. */
export interface Back extends Asked {
  readonly origQryId: string
  readonly product: Product
}

const back = (merchant: Merchant, kind: "refund" | "void", of: Back): Message.Message =>
  request(merchant, kind, of.txnTime, {
    ...asked(of),
    bizType: of.product,
    channelType: of.product === "000201" ? "07" : "08",
    origQryId: of.origQryId
  })

/** Gives back part or all of a payment. 00 only says that it was taken. */
export const refund = (merchant: Merchant, of: Back): Message.Message => back(merchant, "refund", of)

/** Gives back all of a payment of the same day. */
export const reverse = (merchant: Merchant, of: Back): Message.Message => back(merchant, "void", of)

/** The file of a day that was settled. */
export const file = (
  merchant: Merchant,
  of: { readonly settleDay: CivilTime.Day; readonly txnTime: CivilTime.Instant }
): Message.Message =>
  request(merchant, "file", of.txnTime, { settleDate: Time.writeMonthDay(of.settleDay), fileType: "00" })
