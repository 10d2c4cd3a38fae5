/**
 * Declines on a card and its life 校园卡状态 (R31, R39-R48, R74).
 */
import { formatDay, formatMinute } from "../../CivilTime.ts"
import type { Procedure } from "../../Procedure.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Declines } from "./Entry.ts"
import { papers } from "./Names.ts"
import { asked, placeOf, visit, withHours } from "./Places.ts"
import { of, type Phrase, type Text, text } from "./Text.ts"

/** Bring what this takes, and have it done: one of two ways. */
const bring = (profile: SchoolProfile, procedure: Procedure, done: Text): Phrase => {
  const brought = papers(asked(profile, procedure))
  const place = placeOf(profile, procedure)
  return brought.zh === ""
    ? of(`请${place.zh}${done.zh}`, `${done.en} ${place.en}`, [place])
    : of(`请持${brought.zh}${place.zh}${done.zh}`, `bring ${brought.en} and ${done.en} ${place.en}`, [place])
}

/** Cards. */
export const cards = {
  CardNotActivated: (_, profile) => [
    text("校园卡尚未激活", "Campus card not activated yet"),
    visit(profile, "activateCard", text("激活校园卡功能", "Have it activated"))
  ],
  CardLost: ({ reportedAt }, profile) => [
    text("校园卡已于 {} 挂失", "Campus card reported lost at {}", formatMinute(reportedAt)),
    withHours(
      profile,
      text(
        "已找回：{}；未找回：{}",
        "Found: {}. Not found: {}",
        bring(profile, "reportFound", text("解挂", "have it unlocked")),
        bring(profile, "issueCard", text("补办", "get a new one"))
      )
    )
  ],
  CardFrozenDormant: ({ months, since }, profile) => [
    text(
      "校园卡已过期：连续 {} 个月没有消费，有效期自 {} 起冻结",
      "Campus card expired: no purchase for {} months, frozen since {}",
      months,
      formatDay(since)
    ),
    visit(profile, "extendValidity", text("修改校园卡有效期", "Have its validity extended"))
  ],
  CardSuperseded: (_, profile) => [
    text("该卡已补办新卡，不能再使用", "A new card has replaced this one"),
    text(
      "请使用新卡；老卡余额请用新卡{}领取",
      "Use the new card, and claim the old balance with it {}",
      placeOf(profile, "claimFrozen")
    )
  ],
  CardCancelled: (_, profile) => [
    text("该卡已注销", "This card is cancelled"),
    visit(profile, "issueCard", text("领取新卡", "Get a new card"))
  ],
  ActiveCardExists: (_, profile) => [
    text("名下已有一张使用中的校园卡", "There is a campus card in use already"),
    text(
      "该卡如已丢失或损坏，请先{}挂失，再补办新卡",
      "If that card is lost or damaged, first report it {}",
      placeOf(profile, "reportLost")
    )
  ],
  CardAwaitingActivation: (_, profile) => [
    text("新卡已领取，尚未激活", "The new card is handed out but not activated yet"),
    visit(profile, "activateCard", text("激活新卡", "Have it activated"))
  ],
  CardNotLost: () => [
    text("该卡没有挂失，无需解挂", "This card is not reported lost"),
    text("可直接使用", "Just use it")
  ]
} satisfies Partial<Declines>
