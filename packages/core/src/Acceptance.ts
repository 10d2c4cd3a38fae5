/**
 * What is accepted where 受理矩阵: medium × kind of place × link, as data; what is not stated is refused (R58-R61, R7).
 *
 * It is looked at before anything else, so that a refusal never tells a stranger about money (I17).
 */
import { Schema } from "effect"
import type * as Decline from "./Decline.ts"
import { Medium } from "./Medium.ts"
import { Category, Link } from "./Point.ts"

/** At a point of this category, while its link is in this state, these media pay. */
export const Row = Schema.Struct({ category: Category, link: Link, media: Schema.Array(Medium) })
export interface Row extends Schema.Schema.Type<typeof Row> {}

export const Acceptance = Schema.Array(Row)
export type Acceptance = typeof Acceptance.Type

/** Whether this medium pays here and now. */
export const accepts = (acceptance: Acceptance, medium: Medium, category: Category, link: Link): boolean => {
  for (const row of acceptance) {
    if (row.category === category && row.link === link && row.media.includes(medium)) return true
  }
  return false
}

/**
 * Why a medium that is not accepted here and now is not: the reason a payer can act on. Nothing when it is accepted.
 */
export const refuse = (
  acceptance: Acceptance,
  medium: Medium,
  category: Category,
  link: Link
): Decline.Decline | undefined => {
  if (accepts(acceptance, medium, category, link)) return undefined
  if (medium === "ecodeIdentityCode") return { _tag: "WrongCodeKind", medium }
  if (link === "up" && medium === "alipayCode" && accepts(acceptance, medium, category, "down")) {
    return { _tag: "AlipayOnlyWhenTerminalOffline" }
  }
  if (link === "down" && accepts(acceptance, medium, category, "up")) return { _tag: "NotAcceptedOffline", medium }
  return { _tag: "MediumNotAcceptedHere", medium, category }
}
