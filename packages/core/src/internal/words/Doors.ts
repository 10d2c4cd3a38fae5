/**
 * Declines at doors 身份识别与门禁: gates, room locks, library readers (R10-R18, R62-R64).
 */
import { formatMinute } from "../../CivilTime.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Declines } from "./Entry.ts"
import { fullMinute } from "./Figures.ts"
import { categories, mediumOf } from "./Names.ts"
import { at, call, nameOf, placeOf, withHours } from "./Places.ts"
import { anyOf, type Phrase, text } from "./Text.ts"

/** What a class of doors is called; the name of a class that the profile does not have is not repeated. */
const doorOf = ({ access }: SchoolProfile, name: string): Phrase => {
  const rule = Object.hasOwn(access, name) ? access[name] : undefined
  return rule === undefined ? text("此处", "This door") : nameOf(rule)
}

/** Where a grant is had. */
const granted = (profile: SchoolProfile, zh: string, en: string): Phrase => {
  const place = placeOf(profile, "grantAccess")
  return withHours(profile, text("{}{}申请授权", "{} {}", { zh, en }, place))
}

/** Doors. */
export const doors = {
  NotAnAccessPoint: ({ category }, profile) => [
    text("此{}不识别身份", "Nobody is identified at {}", categories[category]),
    text("请{}操作", "Try again {}", at(profile, ["access"]))
  ],
  MediumNotForDoor: ({ allowed, class: name, medium }, profile) => [
    text("{}不支持{}", "{}: not with {}", doorOf(profile, name), mediumOf(profile, medium)),
    allowed.length === 0
      ? call(profile)
      : text("请改用{}", "Use {}", anyOf(allowed.map((one) => mediumOf(profile, one))))
  ],
  NoGrantForDoor: (_, profile) => [
    text("没有此门的授权", "No grant for this door"),
    granted(profile, "如需出入，请", "If you belong here, have it granted")
  ],
  OutsideGrantWindow: ({ opensAt }, profile) => [
    text("此门的授权现在不生效", "The grant for this door does not hold now"),
    opensAt === undefined
      ? granted(
        profile,
        "授权不再生效，仍需出入的，请重新",
        "It will not hold again. If you still need it, have it granted anew"
      )
      : text("{} 起可以开门", "It opens for you from {} on", fullMinute(opensAt))
  ],
  DoorClosed: ({ opensAt }, profile) => [
    text("此门现在不开放", "This door is closed now"),
    opensAt === undefined
      ? text("请走其他门，或{}", "Use another door. {}", call(profile))
      : text("{} 起开放", "It opens at {}", fullMinute(opensAt))
  ],
  AntiPassback: ({ side, since }) =>
    side === "in"
      ? [
        text("已于 {} 刷进，尚未刷出", "Went in at {} and has not come out", formatMinute(since)),
        text(
          "请先在出口刷出；已经出来的，请联系值班人员",
          "First show it on the way out. Out already? Ask the staff on duty"
        )
      ]
      : [
        text("已于 {} 刷出，尚未刷进", "Went out at {} and has not come in", formatMinute(since)),
        text(
          "请先在入口刷进；已经进来的，请联系值班人员",
          "First show it on the way in. In already? Ask the staff on duty"
        )
      ],
  NotConfirmed: () => [
    text("已选门，尚未确认", "A door was picked and not confirmed"),
    text("请点击确认开门", "Confirm it to open the door")
  ],
  UnknownGrant: () => [
    text("未查到该授权，或已撤销", "No such grant, or it was taken back"),
    text("请核对授权列表", "Check the list of grants")
  ]
} satisfies Partial<Declines>
