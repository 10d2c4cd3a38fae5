/**
 * Declines on frozen money and fees 冻结金额与费用 (R42, A1, A24).
 */
import { formatMinute } from "../../CivilTime.ts"
import type { Declines } from "./Entry.ts"
import { fullMinute, yuan } from "./Figures.ts"
import { call, placeOf } from "./Places.ts"
import { tap } from "./Pockets.ts"
import { text } from "./Text.ts"

/** Frozen money and fees. */
export const replacements = {
  HoldNotElapsed: ({ availableAt }, profile) => [
    text("冻结金额 {} 起可领取", "The frozen money can be claimed from {} on", fullMinute(availableAt)),
    text("请届时用新卡{}领取冻结金额", "Claim it then with the new card {}", placeOf(profile, "claimFrozen"))
  ],
  AlreadyClaimed: ({ claimedAt }, profile) => [
    text("冻结金额已于 {} 领取", "The frozen money was claimed at {}", formatMinute(claimedAt)),
    text("领取的金额如未到卡上，{}", "Not on the card yet? {}", tap(profile))
  ],
  NothingToClaim: (_, profile) => [
    text("没有可领取的冻结金额", "There is no frozen money to claim"),
    call(profile)
  ],
  WrongCardForClaim: (_, profile) => [
    text("老卡不能领取冻结金额", "Frozen money is not claimed with the old card"),
    text("请用新卡{}领取冻结金额", "Claim it with the new card {}", placeOf(profile, "claimFrozen"))
  ],
  FeeUnpaid: ({ fee }) =>
    fee === 0
      ? [
        text("此业务应缴 {}", "The fee here is {}", yuan(fee)),
        text("无需缴费，请重新办理", "Nothing is to be paid: begin again")
      ]
      : [
        text("应缴费用 {}，尚未缴清", "A fee of {} is due", yuan(fee)),
        text("请缴费后再办理", "Pay it, then begin again")
      ]
} satisfies Partial<Declines>
