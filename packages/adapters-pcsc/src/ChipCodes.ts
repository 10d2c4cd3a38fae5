/**
 * What has a number on a chip 卡内代码: standings, kinds of place and media, each at its place in a list. Lists are only ever added to at
 * the end: whoever reorders one misreads every card in the field.
 */
import type { Chip, Medium, Point } from "@yikatong/core"

export const standings = [
  "notActivated",
  "active",
  "blocked"
] as const satisfies ReadonlyArray<Chip.Chip["standing"]>

export const categories = [
  "canteen",
  "shop",
  "kiosk",
  "counter",
  "bankWindow",
  "app",
  "office",
  "access"
] as const satisfies ReadonlyArray<Point.Category>

export const media = [
  "physicalCard",
  "todayCampusCode",
  "ecodePayCode",
  "ecodeIdentityCode",
  "alipayCode",
  "keyRing"
] as const satisfies ReadonlyArray<Medium.Medium>

/** The number of a name, less than 0 where it has none. */
export const of = (list: ReadonlyArray<string>, name: string): number => list.indexOf(name)
