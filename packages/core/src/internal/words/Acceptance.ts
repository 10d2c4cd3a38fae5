/**
 * Declines on what pays where 受理 (R58-R61).
 */
import type { Category, Link } from "../../Point.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import { alipayUnbound } from "./Accounts.ts"
import type { Declines } from "./Entry.ts"
import { categories, mediumOf } from "./Names.ts"
import { at, walletApp } from "./Places.ts"
import { anyOf, joined, type Phrase, type Text, text } from "./Text.ts"

/** What pays at such a place while its link is so. */
const accepted = (profile: SchoolProfile, category: Category, link: Link): ReadonlyArray<Text> => {
  const rows = profile.acceptance.filter((row) => row.category === category && row.link === link)
  return [...new Set(rows.flatMap((row) => row.media))].map((medium) => mediumOf(profile, medium))
}

/** Use one of the media that pay here, or go where something can be bought at all. */
const otherwise = (profile: SchoolProfile, category: Category): Phrase => {
  const here = accepted(profile, category, "up")
  if (here.length > 0) return text("请改用{}", "Use {}", anyOf(here))
  return text("请{}付款", "Pay {}", at(profile, [...new Set(profile.acceptance.map((row) => row.category))]))
}

/** What pays at terminals that are cut off, by kind of place. */
const whileCutOff = (profile: SchoolProfile): Text => {
  const canteen = accepted(profile, "canteen", "down")
  const shop = accepted(profile, "shop", "down")
  const ways = [
    ...(canteen.length > 0 ? [text("食堂可用{}", "in the canteen use {}", anyOf(canteen))] : []),
    ...(shop.length > 0 ? [text("超市可用{}", "in the shop use {}", anyOf(shop))] : [])
  ]
  return ways.length === 0
    ? text("请等网络恢复后再付款", "Pay when the network is back")
    : text("断网时{}", "While the network is down: {}", joined(ways, "，", "; "))
}

/** What pays where. */
export const acceptance = {
  MediumNotAcceptedHere: ({ category, medium }, profile) => [
    text("{}不支持{}付款", "At {}: no payment with {}", categories[category], mediumOf(profile, medium)),
    otherwise(profile, category)
  ],
  AlipayOnlyWhenTerminalOffline: (_, profile) => [
    text("支付宝付款码仅在食堂消费机断网时可用", "Alipay pays only while the canteen terminal is cut off"),
    otherwise(profile, "canteen")
  ],
  NotAcceptedOffline: ({ medium }, profile) => [
    text("消费机断网，暂不支持{}", "Terminal cut off: no payment with {} now", mediumOf(profile, medium)),
    whileCutOff(profile)
  ],
  WrongCodeKind: ({ medium }, profile) =>
    medium === "ecodeIdentityCode" || medium === "keyRing"
      ? [
        text("{}不能付款", "No payment with {}", mediumOf(profile, medium)),
        text("请打开{}，点击付款码", "Open {} and choose the pay code", walletApp(profile))
      ]
      : [
        text("{}不能识别身份", "No identification with {}", mediumOf(profile, medium)),
        text("请打开{}，点击身份码", "Open {} and choose the identity code", walletApp(profile))
      ],
  AlipayNotBound: () => alipayUnbound
} satisfies Partial<Declines>
