/**
 * What is held to a reader or a camera 介质: the plastic card, a code on a phone, or the key ring in the app.
 *
 * Source: R2-R6, R10-R16. Codes are opaque here: who stands behind one is looked up by its pseudonym (D20).
 */
import { Schema } from "effect"

export const Medium = Schema.Literals([
  /** 校园实体卡: the plastic card, whose chip carries money. */
  "physicalCard",
  /** 今日校园付款码. */
  "todayCampusCode",
  /** e码通付款码. */
  "ecodePayCode",
  /** e码通身份码: says who, never pays. */
  "ecodeIdentityCode",
  /** 支付宝付款码 of the 完美校园 mini program. */
  "alipayCode",
  /** 钥匙串: opens a door from the app. */
  "keyRing"
])
export type Medium = typeof Medium.Type

/** Media whose record is a fact that a terminal uploads later: the others need the server to be judged (R59). */
export const OfflineMedium = Schema.Literals(["physicalCard", "alipayCode"])
export type OfflineMedium = typeof OfflineMedium.Type
