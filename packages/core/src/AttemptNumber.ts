/**
 * Under which numbers a channel knows an attempt 商户订单号, and the way back of its money 商户退款单号 (D2): computed, so that whoever
 * goes on after a cut finds the same.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { Schema } from "effect"
import { dayOf, formatDay } from "./CivilTime.ts"
import { OrderNumber } from "./Id.ts"
import type { Order } from "./Recharge.ts"

const isNumber = Schema.is(OrderNumber)
/** The number in a text that came from outside, if it can be one of ours. */
export const numberIn = (text: string): OrderNumber | undefined => isNumber(text) ? text : undefined

/** Without the letters that are taken for digits. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

/** The number of an order's first attempt, its second, and so on: the same whoever computes it, so that a cut loses none. */
export const numberOf = ({ createdAt, id }: Pick<Order, "createdAt" | "id">, index: number): OrderNumber => {
  const digest = sha256(utf8ToBytes(`${id}\n${index}`))
  let text = formatDay(dayOf(createdAt)).replaceAll("-", "")
  // Five bits of each byte: a digest has more than are needed.
  for (let at = 0; at < 20; at++) text += alphabet.charAt((digest[at] ?? 0) & 31)
  return OrderNumber.make(text)
}

/** The number under which the money of an attempt goes back 商户退款单号: one for ever, so that it goes back once. */
export const refundNumberOf = (number: OrderNumber): string => `${number}R`

/** The attempt whose money goes back under this number, if it is one of ours. */
export const numberOfRefund = (refund: string): OrderNumber | undefined =>
  refund.endsWith("R") ? numberIn(refund.slice(0, -1)) : undefined
