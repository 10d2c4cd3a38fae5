/**
 * What is done where 办理地点: each procedure and the kinds of points at which it may be done; elsewhere it is refused.
 *
 * Source: R30, R31, R36, R37, R39, R40, R42, R43, R47, R55, R65, R66, D7, and R26 for the binding at the kiosk. Who
 * attends at a counter with which papers says `Attendance`, in which hours `ServiceDesk`.
 */
import { Schema } from "effect"
import type * as Decline from "./Decline.ts"
import { Category } from "./Point.ts"

export const Procedure = Schema.Literals([
  "openAccount",
  "openTemporary",
  "issueCard",
  "issueTemporary",
  "activateCard",
  "cancelCard",
  "reportLost",
  "reportFound",
  "reportBankSideLost",
  "extendValidity",
  "changePassword",
  "resetPassword",
  "openWallet",
  "bindTransfer",
  "bindWallet",
  "bindAlipay",
  "moveToTransit",
  "placeRecharge",
  "creditRecharge",
  "grantSubsidy",
  "expireSubsidy",
  "claimFrozen",
  "closeAccount",
  "payOut",
  "reversePurchase",
  "refundPurchase",
  "repayDebt",
  "writeOffDebt",
  "grantAccess",
  "revokeAccess",
  "openByKeyRing",
  "identify"
])
export type Procedure = typeof Procedure.Type

/** Where each procedure is done. */
export const Places = Schema.Record(Procedure, Schema.Array(Category))
export type Places = typeof Places.Type

/** Why this is not done here, or nothing. */
export const refuse = (
  places: Places,
  procedure: Procedure,
  category: Category
): Decline.Of<"ChannelNotAllowed"> | undefined => {
  const allowed = places[procedure]
  return allowed.includes(category) ? undefined : { _tag: "ChannelNotAllowed", procedure, category, allowed }
}
