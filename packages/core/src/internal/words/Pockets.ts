/**
 * Where the holder's money is, and how it gets to where it can pay 余额与圈存 (D1, R27).
 */
import type { Elsewhere } from "../../Decline.ts"
import type * as Money from "../../Money.ts"
import type { Category } from "../../Point.ts"
import type { Channel } from "../../Recharge.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import { yuan } from "./Figures.ts"
import { at, nameOf } from "./Places.ts"
import { anyOf, type Phrase, type Text, text } from "./Text.ts"

/** The pockets that hold something. `chip`: what the chip holds, if that has been told already. */
export const holdings = (elsewhere: typeof Elsewhere.Type, chip?: Money.Money): ReadonlyArray<Text> => {
  const holding = (fen: Money.Money, name: Text) => fen === 0 ? [] : [text("{} {}", "{} {}", name, yuan(fen))]
  return [
    // A chip with less than the books have: what it paid offline has not arrived yet.
    ...(chip === undefined ? holding(elsewhere.chip, text("卡余额", "chip")) : []),
    ...(chip === undefined || chip === elsewhere.chip
      ? []
      : holding(elsewhere.chip, text("账面卡余额", "chip by the books"))),
    ...holding(elsewhere.transit, text("过渡余额", "in transit")),
    ...holding(elsewhere.held, text("圈存待确认", "load to be confirmed")),
    ...holding(elsewhere.wallet, text("电子钱包", "e-wallet")),
    ...holding(elsewhere.subsidy, text("补助", "subsidy"))
  ]
}

/** The kinds of places that write money to cards. */
export const loaders = ({ points }: Pick<SchoolProfile, "points">): ReadonlyArray<Category> => [
  ...new Set(Object.values(points).filter(({ loads }) => loads).map(({ category }) => category))
]

/** Two seconds on a reader of these places. */
export const tapAt = (profile: SchoolProfile, where: ReadonlyArray<Category>): Phrase =>
  text("请{}刷卡两秒圈存", "Tap the card {} for two seconds to load it", at(profile, where))

/** Two seconds at a canteen terminal (R27), or wherever else the school loads cards. */
export const tap = (profile: SchoolProfile): Phrase => {
  const where = loaders(profile)
  return tapAt(profile, where.includes("canteen") ? ["canteen"] : where)
}

/** By which channels money comes in, of those that end in this pocket. */
export const topUp = ({ recharge }: Pick<SchoolProfile, "recharge">, endsIn?: Channel["endsIn"]): Text => {
  const ways = Object.values(recharge).filter((channel) => endsIn === undefined || channel.endsIn === endsIn)
  return ways.length === 0
    ? text("请先充值", "Top up first")
    : text("请用{}充值", "Top up with {}", anyOf(ways.map(nameOf)))
}

/** Top up, then tap: what is paid by app waits for the tap (R27). */
export const topUpAndTap = (profile: SchoolProfile): Phrase =>
  text("{}；到账后{}", "{}. {}", topUp(profile, "transit"), tap(profile))
