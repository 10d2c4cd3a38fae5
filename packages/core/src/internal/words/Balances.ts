/**
 * Declines on money and on loading it 余额不足与圈存: how much there is, and where the rest of it waits (D1, D8, D9, R27, R29).
 */
import type * as Decline from "../../Decline.ts"
import type * as Money from "../../Money.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Declines, Entry } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { categories, mediumOf } from "./Names.ts"
import { ask } from "./Places.ts"
import { holdings, loaders, tap, tapAt, topUp, topUpAndTap } from "./Pockets.ts"
import { joined, nothing, type Phrase, text } from "./Text.ts"

const chipTooSmall = (
  { amount, chip, elsewhere }: Decline.Of<"InsufficientChipPurse">,
  profile: SchoolProfile
): Entry => {
  const numbers = [
    text("本次 {}", "this payment {}", yuan(amount)),
    text("卡余额 {}", "chip {}", yuan(chip)),
    ...(elsewhere === undefined ? [] : holdings(elsewhere, chip))
  ]
  return [
    text("卡余额不足：{}", "Not enough on the card: {}", joined(numbers, "，", ", ")),
    elsewhere === undefined
      // A terminal that is cut off does not know what waits.
      ? text("已充值的{}；未充值的{}", "Topped up already? {}. Otherwise: {}", tap(profile), topUp(profile, "transit"))
      : fillChip(amount - chip, amount, elsewhere, profile)
  ]
}

/** How to get what is `missing` in fen onto the chip, or to pay without it. */
const fillChip = (
  missing: number,
  amount: Money.Money,
  { held, subsidy, transit, wallet }: typeof Decline.Elsewhere.Type,
  profile: SchoolProfile
): Phrase => {
  const enoughWaits = transit + held + subsidy >= missing
  const code = mediumOf(profile, "ecodePayCode")
  if (wallet < amount) return enoughWaits ? tap(profile) : topUpAndTap(profile)
  return enoughWaits
    ? text("{}；也可用{}付款", "{}. Or pay with {}", tap(profile), code)
    : text("请用{}付款", "Pay with {}", code)
}

const walletTooSmall = (
  { amount, available, elsewhere }: Decline.Of<"InsufficientWallet">,
  profile: SchoolProfile
): Entry => {
  const told = joined(elsewhere === undefined ? [] : holdings(elsewhere), "，", ", ")
  return [
    text(
      "可用余额不足：本次 {}，可用 {}{}",
      "Not enough money: this payment {}, available {}{}",
      yuan(amount),
      yuan(available),
      told.zh === "" ? nothing : text("（{}）", " ({})", told)
    ),
    elsewhere === undefined ? topUp(profile) : payOtherwise(amount, elsewhere, profile)
  ]
}

const payOtherwise = (
  amount: Money.Money,
  { chip, held, subsidy, transit, wallet }: typeof Decline.Elsewhere.Type,
  profile: SchoolProfile
): Phrase => {
  if (chip >= amount) return text("请刷{}付款", "Pay with {}", mediumOf(profile, "physicalCard"))
  if (transit + subsidy + wallet >= amount) {
    return text("可用{}付款", "You can pay with {}", mediumOf(profile, "todayCampusCode"))
  }
  return chip + transit + held + subsidy >= amount
    ? text("{}，再刷卡付款", "{}, then pay with the card", tap(profile))
    : topUp(profile)
}

/** Money on the card and in the wallet. */
export const balances = {
  InsufficientChipPurse: chipTooSmall,
  InsufficientWallet: walletTooSmall,
  PurseCeiling: ({ ceiling, chip, waiting }, profile) => [
    text(
      "卡余额已到上限：上限 {}，卡余额 {}，待圈存 {}",
      "The card is full: ceiling {}, chip {}, waiting {}",
      yuan(ceiling),
      yuan(chip),
      yuan(waiting)
    ),
    text("待圈存金额已保留；刷卡消费后，{}", "The waiting money is kept. Spend from the card first. {}", tap(profile))
  ],
  NothingToLoad: (_, profile) => [
    text("没有待圈存的金额", "Nothing waits to be loaded"),
    text("刚充值的请稍后再刷卡；未充值的{}", "Just topped up? Tap again later. {}", topUp(profile, "transit"))
  ],
  PointCannotLoad: ({ category }, profile) => [
    { zh: `此${categories[category].zh}不能圈存`, en: "Cards are not loaded here" },
    tapAt(profile, loaders(profile))
  ],
  LoadNotOpen: (_, profile) => [text("没有进行中的圈存", "No load is under way"), tap(profile)],
  LoadUnprovable: ({ held }, profile) => [
    text("圈存结果待核实，{}已保留", "The outcome of the load is unclear, {} is kept safe", yuan(held)),
    ask(profile, ["identityDocument", "campusCard"], text("核实", "Have it checked"))
  ]
} satisfies Partial<Declines>
