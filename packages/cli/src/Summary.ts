/**
 * What a profile decides, on one screen 配置概要: enough to see that it is the right file.
 */
import { CivilTime, Money, type SchoolProfile } from "@yikatong/core"
import { both } from "./Failure.ts"

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
    ["限额 limits", limits.length === 0 ? "0" : `${limits.length}: ${limitsOf(limits)}`],
    ["充值渠道 recharge", `${Object.keys(recharge).length}: ${Object.keys(recharge).join(", ")}`],
    ["收付款台 desks", `${desks.length}: ${desks.join(", ")}`],
    ["卡余额上限 ceiling", Money.format(purseCeiling)],
    ["密码 password", passwordOf(password)],
    ["过期 dormancy", both(`${dormancy.months} 个月`, `${dormancy.months} months`)]
  ]
  return rows.map(([name, value]) => `  ${name}: ${value}`)
}

const kinds = (points: SchoolProfile.SchoolProfile["points"]): string => {
  const counts = new Map<string, number>()
  for (const { category } of Object.values(points)) counts.set(category, (counts.get(category) ?? 0) + 1)
  return [...counts].map(([category, count]) => `${category} ${count}`).join(", ")
}

type Limit = SchoolProfile.SchoolProfile["limits"][number]

const limitsOf = (limits: ReadonlyArray<Limit>): string =>
  both(limits.map(limitZh).join("；"), limits.map(limitEn).join("; "))

const per = { payment: "每笔", meal: "每餐", day: "每日" } satisfies Record<Limit["per"], string>

const limitZh = (limit: Limit): string => {
  const written = (tier: number): string =>
    limit.measure === "sum" ? `${Money.format(Money.of(tier))} 元` : `${tier} 次`
  return [
    `${limit.name} ${per[limit.per]}`,
    ...(limit.password === undefined ? [] : [`超过 ${written(limit.password)}须输密码`]),
    ...(limit.hard === undefined ? [] : [`最多 ${written(limit.hard)}`])
  ].join("，")
}

const limitEn = (limit: Limit): string => {
  const written = (tier: number): string => limit.measure === "sum" ? Money.format(Money.of(tier)) : `${tier} times`
  return [
    `${limit.name} per ${limit.per}`,
    ...(limit.password === undefined ? [] : [`password above ${written(limit.password)}`]),
    ...(limit.hard === undefined ? [] : [`never above ${written(limit.hard)}`])
  ].join(", ")
}

const passwordOf = ({ local: { tries }, remote: { freeTries } }: SchoolProfile.SchoolProfile["password"]): string =>
  both(
    `现场连续输错 ${tries} 次锁定，远程输错 ${freeTries} 次后须等待`,
    `locked after ${tries} wrong tries at a till, a wait after ${freeTries} from afar`
  )
