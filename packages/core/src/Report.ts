/**
 * What was out of order about a fact that was posted all the same 异常报告 (D11): the meal is eaten, the door was open, so it is
 * recorded and reported, never refused.
 */
import { Schema } from "effect"
import { Day, Instant } from "./CivilTime.ts"
import { Quota } from "./LimitPolicy.ts"
import { Medium } from "./Medium.ts"
import { Money } from "./Money.ts"

export const Report = Schema.TaggedUnion({
  /** Bought with a card that had been reported lost; the profile says who bears it. */
  SpendAfterLoss: { amount: Money, reportedAt: Instant, borneBy: Schema.Literals(["school", "holder"]) },
  /** A limit was passed while the terminal was cut off (I8). */
  LimitExceeded: { amount: Money, quota: Quota },
  /** The pockets held less than was spent; the rest became a debt (D10). */
  DebtArisen: { debt: Money },
  /** The card was dormant at that time. */
  SpentWhileDormant: { since: Day },
  /** The medium is not accepted at such a point while it is cut off. */
  MediumWasNotAccepted: { medium: Medium },
  /** chipBefore − amount is not chipAfter. */
  BalanceChainBroken: { amount: Money, chipBefore: Money, chipAfter: Money },
  /**
   * A cut-off door opened, though the account as it is known by now says that it should not have: after the loss, without a
   * grant, outside the hours. What was granted or taken back since then counts as it stands today.
   */
  OpenedAgainstRule: {
    reason: Schema.Literals([
      "NotAnAccessPoint",
      "MediumNotForDoor",
      "WrongCodeKind",
      "NotConfirmed",
      "DoorClosed",
      "NoGrantForDoor",
      "OutsideGrantWindow",
      "AntiPassback",
      "MediumNotForHolder",
      "UnknownCard",
      "AccountClosed",
      "CardNotActivated",
      "CardLost",
      "CardSuperseded",
      "CardCancelled",
      "CardExpired",
      "CardFrozenDormant",
      "AlipayNotBound",
      "CodeAlreadyUsed"
    ])
  },
  /** The terminal counted it in another meal window than the profile does. */
  MealWindowDiffers: { recorded: Schema.String, ours: Schema.String }
})
export type Report = typeof Report.Type
