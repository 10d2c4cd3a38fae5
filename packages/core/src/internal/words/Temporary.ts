/**
 * Declines on temporary cards 临时校园卡 (R8, R9, R51-R55, A15-A17).
 */
import { formatDay, lastDay } from "../../CivilTime.ts"
import type { Medium } from "../../Medium.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import * as TemporaryCard from "../../TemporaryCard.ts"
import type { Declines } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { mediumOf, papers, people } from "./Names.ts"
import { asked, call, placeOf, withHours } from "./Places.ts"
import { anyOf, nothing, type Phrase, text } from "./Text.ts"

/** How a temporary card is had: on a form, for a fee, through the unit that invited its holder (R8, R9, R52-R55). */
export const apply = (profile: SchoolProfile): Phrase =>
  withHours(
    profile,
    text(
      "请由报账员或对应管理单位持{}（填好并签字盖章）{}办理临时校园卡{}",
      "With {} (filled in, signed and stamped), the department's clerk or the unit that invited you applies for it {}{}",
      papers(asked(profile, "openTemporary")),
      placeOf(profile, "openTemporary"),
      profile.temporary.fee === 0 ? nothing : text("，工本费 {}", ", fee {}", yuan(profile.temporary.fee))
    )
  )

/** What may be used instead: to pay, where the medium pays somewhere, else to say who one is. */
const instead = (profile: SchoolProfile, ways: ReadonlyArray<Medium>, medium: Medium): Phrase => {
  const pays = (one: Medium) => profile.acceptance.some(({ media }) => media.includes(one))
  const alike = ways.filter((way) => pays(way) === pays(medium))
  return alike.length === 0
    ? call(profile)
    : text("请改用{}", "Use {}", anyOf(alike.map((way) => mediumOf(profile, way))))
}

/** Temporary cards. */
export const temporary = {
  MediumNotForHolder: ({ allowed, kind, medium }, profile) => [
    text("{}不能使用{}", "Not for {}: {}", people[kind], mediumOf(profile, medium)),
    instead(profile, allowed, medium)
  ],
  NoPlasticForHolder: ({ kind }, profile) => [
    text("{}不发放实体校园卡", "No plastic card for {}", people[kind]),
    instead(
      profile,
      (TemporaryCard.mediaOf(profile.temporary, { class: "temporary", kind }) ?? []).filter((one) =>
        one !== "physicalCard"
      ),
      "physicalCard"
    )
  ],
  // Where no day is too late, it is one that has passed.
  EndDateNotAllowed: ({ latest, until }) =>
    latest === lastDay
      ? [
        text("有效期不能到 {}：该日已过", "{} cannot be the last day: it has passed", formatDay(until)),
        text("请填写今天或以后的日期", "Choose today or a later day")
      ]
      : [
        text(
          "有效期不能到 {}：最晚 {}",
          "{} cannot be the last day: {} at the latest",
          formatDay(until),
          formatDay(latest)
        ),
        text("请填写今天至 {} 之间的日期", "Choose a day from today to {}", formatDay(latest))
      ],
  CardExpired: ({ until }, profile) => [
    text("临时校园卡已过期：有效期至 {}", "Temporary card expired: its last day was {}", formatDay(until)),
    apply(profile)
  ]
} satisfies Partial<Declines>
