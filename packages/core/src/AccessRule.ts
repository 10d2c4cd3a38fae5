/**
 * What a class of access points asks for 门禁规则, as the school's profile says it (R10-R17, R62-R64).
 */
import { Schema } from "effect"
import { Medium } from "./Medium.ts"
import * as WeeklySchedule from "./WeeklySchedule.ts"

const Admits = Schema.Literals(["everybody", "granted"])
const Exempt = Schema.Literals(["admitted", "refused"])

/**
 * A rule. `media`: what may be shown; a pay code among them is taken as identity only
 * (R12). `regular`, `temporary`: whether holders of such an account need a grant (R15, A16). `dormant`, `lost`: what
 * becomes of such cards (A6). `hours`: when it opens to anybody; always, if left out.
 */
export const AccessRule = Schema.Struct({
  nameZh: Schema.NonEmptyString,
  nameEn: Schema.NonEmptyString,
  media: Schema.Array(Medium),
  regular: Admits,
  temporary: Admits,
  dormant: Exempt,
  lost: Exempt,
  hours: Schema.optionalKey(WeeklySchedule.WeeklySchedule),
  /**
   * Anti-passback 反潜回: who went in must come out before going in again. `soft` admits and marks it. An entry is
   * forgotten after so many milliseconds.
   */
  passback: Schema.optionalKey(Schema.Struct({
    mode: Schema.Literals(["soft", "hard"]),
    forgetAfter: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
  }))
})
export interface AccessRule extends Schema.Schema.Type<typeof AccessRule> {}

/** The rules of a school, by class: a school adds classes of its own (R10). */
export const AccessRules = Schema.Record(Schema.String, AccessRule)
export type AccessRules = typeof AccessRules.Type
