/**
 * The fields 域 of a message that are read here, each with what it may be.
 *
 * Source: 全渠道平台接入接口规范, 5.1.0, 数据元说明. What is told of a field that is wrong is its name, never its value.
 */
import { Callback, type CivilTime, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import type { Message } from "./UnionPayMessage.ts"
import * as Time from "./UnionPayTime.ts"

const queryId = /^[0-9A-Za-z]{1,21}$/

const fields = {
  /** 商户代码, AN15 */
  merId: /^[0-9A-Za-z]{15}$/,
  /** 商户订单号, AN8..40; no "-" and no "_" */
  orderId: /^[0-9A-Za-z]{8,40}$/,
  /** 查询流水号: UnionPay's own number of a transaction */
  queryId,
  origQryId: queryId,
  txnType: /^\d\d$/,
  txnSubType: /^\d\d$/,
  bizType: /^\d{6}$/,
  channelType: /^\d\d$/,
  txnTime: /^\d{14}$/,
  payTimeout: /^\d{14}$/,
  txnAmt: /^\d{1,12}$/,
  settleAmt: /^\d{1,12}$/,
  currencyCode: /^\d{3}$/,
  settleDate: /^\d{4}$/,
  traceNo: /^\d{6}$/,
  traceTime: /^\d{10}$/,
  respCode: /^[0-9A-Z]{2}$/,
  origRespCode: /^[0-9A-Z]{2}$/,
  frontUrl: /^https?:\/\/[!-~]{1,250}$/,
  backUrl: /^https?:\/\/[!-~]{1,250}$/,
  qrNo: /^\d{16,24}$/,
  qrCode: /^[!-~]{1,512}$/,
  termId: /^[0-9A-Za-z]{8}$/,
  reqReserved: /^[0-9A-Za-z._:-]{1,1024}$/,
  fileType: /^\d\d$/,
  fileName: /^[0-9A-Za-z._-]{1,64}$/,
  fileContent: /^[0-9A-Za-z+/=\s]+$/
} as const

/** A field that is read here. */
export type Name = keyof typeof fields

const forms: ReadonlyMap<string, RegExp> = new Map(Object.entries(fields))

/** Whether a value may stand in a field; of a field that is not read here, any may. */
const fits = (name: string, value: string): boolean => forms.get(name)?.test(value) ?? true

const refused = (name: Name): Callback.Refusal => Callback.refusal("malformed", `the field ${name}`)

/** The text of a field, if the message has it. */
export const find = (message: Message, name: Name): Result.Result<string | undefined, Callback.Refusal> => {
  const value = message.get(name)
  return value === undefined || fits(name, value) ? Result.succeed(value) : Result.fail(refused(name))
}

/** The text of a field that must be there. */
export const text = (message: Message, name: Name): Result.Result<string, Callback.Refusal> => {
  const value = message.get(name)
  return value !== undefined && fits(name, value) ? Result.succeed(value) : Result.fail(refused(name))
}

/** The time in a field that must be there. */
export const time = (message: Message, name: Name): Result.Result<CivilTime.Instant, Callback.Refusal> =>
  Result.mapError(Result.flatMap(text(message, name), Time.read), () => refused(name))

const isAmount = Schema.is(Money.Amount)

/** The fen in a field that must be there. */
export const amount = (message: Message, name: Name): Result.Result<Money.Amount, Callback.Refusal> =>
  Result.flatMap(text(message, name), (digits) => {
    const fen = Number(digits)
    return isAmount(fen) ? Result.succeed(fen) : Result.fail(refused(name))
  })

/** The only currency here, as ISO 4217 numbers it: yuan. */
export const yuan = "156"

/** Refuses what is not in yuan. */
export const inYuan = (message: Message): Result.Result<void, Callback.Refusal> =>
  Result.flatMap(
    text(message, "currencyCode"),
    (code) => code === yuan ? Result.void : Result.fail(Callback.refusal("otherCurrency", "the field currencyCode"))
  )

/** Throws RangeError where a field that is to be written could not be read. */
export const assertWritable = (message: Message): Message => {
  for (const [name, value] of message) {
    if (!fits(name, value)) throw new RangeError(`The field ${name} can not be written like this`)
  }
  return message
}
