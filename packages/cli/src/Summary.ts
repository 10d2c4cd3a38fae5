/**
 * What a profile decides, on one screen 配置概要: enough to see that it is the right file.
 */
import { CivilTime, Money, type SchoolProfile } from "@yikatong/core"

/** A few lines of names and counts. */
export const of = (profile: SchoolProfile.SchoolProfile): ReadonlyArray<string> => {
  const { desks, dormancy, effectiveFrom, limits, meals, password, points, purseCeiling, recharge, school, version } =
    profile
  const rows: ReadonlyArray<readonly [string, string]> = [
    ["学校 school", `${school.zh} / ${school.en}`],
    ["版本 version", version],
    ["生效 in force from", CivilTime.format(effectiveFrom)],
    ["业务点 points", `${Object.keys(points).length}: ${kinds(points)}`],
    ["餐次 meals", `${meals.length}: ${meals.map(({ name }) => name).join(", ")}`],
    ["限额 limits", limits.length === 0 ? "0" : `${limits.length}: ${limits.map(limit).join("; ")}`],
    ["充值渠道 recharge", `${Object.keys(recharge).length}: ${Object.keys(recharge).join(", ")}`],
    ["收付款台 desks", `${desks.length}: ${desks.join(", ")}`],
    ["卡余额上限 ceiling", Money.format(purseCeiling)],
    ["密码 password", `${password.local.tries} tries at a till, ${password.remote.freeTries} from afar`],
    ["过期 dormancy", `${dormancy.months} months`]
  ]
  return rows.map(([name, value]) => `  ${name}: ${value}`)
}

const kinds = (points: SchoolProfile.SchoolProfile["points"]): string => {
  const counts = new Map<string, number>()
  for (const { category } of Object.values(points)) counts.set(category, (counts.get(category) ?? 0) + 1)
  return [...counts].map(([category, count]) => `${category} ${count}`).join(", ")
}

const limit = ({ hard, measure, name, password, per }: SchoolProfile.SchoolProfile["limits"][number]): string => {
  const written = (tier: number): string => measure === "sum" ? Money.format(Money.of(tier)) : `${tier} times`
  return [
    `${name} per ${per}`,
    ...(password === undefined ? [] : [`password above ${written(password)}`]),
    ...(hard === undefined ? [] : [`never above ${written(hard)}`])
  ].join(", ")
}
