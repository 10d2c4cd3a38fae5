/**
 * Where a school's profile contradicts itself 配置自相矛盾 (R75): each part is well-formed, but together they cannot be meant.
 *
 * Each flaw says where it is and what is wrong, in Chinese and English; all are told at once.
 */
import { Option, Schema } from "effect"
import * as Calendar from "./Calendar.ts"
import { formatDay } from "./CivilTime.ts"
import type * as Flaw from "./Flaw.ts"
import { PointId, Words } from "./Id.ts"
import type { LimitPolicy } from "./LimitPolicy.ts"
import * as MealWindow from "./MealWindow.ts"
import { type Medium, OfflineMedium } from "./Medium.ts"
import { isAttended } from "./Point.ts"
import type { Procedure } from "./Procedure.ts"
import type { Hours, SchoolProfile } from "./SchoolProfile.ts"
import * as WeeklySchedule from "./WeeklySchedule.ts"

/**
 * Where a profile contradicts itself: each part is well-formed, but together they cannot be meant.
 *
 * @example
 * ```ts
 * import { Contradictions, Csmzxy } from "@yikatong/core"
 *
 * // A password tier above the hard one would never be reached.
 * const limit = { name: "meal", per: "meal", measure: "sum", password: 5_000, hard: 3_000, scope: {} } as const
 * Contradictions.of({ ...Csmzxy.csmzxy, limits: [limit] }).map(({ path }) => path) // => ["limits.meal"]
 * ```
 */
export const of = (profile: SchoolProfile): ReadonlyArray<Flaw.Flaw> => [
  ...pointFlaws(profile),
  ...mealFlaws(profile),
  ...limitFlaws(profile),
  ...acceptanceFlaws(profile),
  ...rechargeFlaws(profile),
  ...deskFlaws(profile),
  ...accessFlaws(profile),
  ...codeFlaws(profile),
  ...dutyFlaws(profile),
  ...hoursFlaws(profile.hours),
  ...Calendar.contradictions(profile.calendar).map((day) =>
    flaw("calendar", `${formatDay(day)} 既是节假日又是工作日`, `${formatDay(day)} is both a holiday and a working day`)
  ),
  ...(profile.password.remote.firstWait > profile.password.remote.longestWait
    ? [flaw("password.remote", "首次等待长于最长等待", "the first wait is longer than the longest")]
    : [])
]

/**
 * What is well-formed and probably not meant 提示: it is told where a profile is checked, and a profile loads all the same.
 *
 * @example
 * ```ts
 * import { Contradictions, Csmzxy } from "@yikatong/core"
 *
 * // A school without points does nothing.
 * const [first] = Contradictions.hints({ ...Csmzxy.csmzxy, points: {} })
 * first?.path // => "places.openAccount"
 * ```
 */
export const hints = ({ places, points }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const there = new Set(Object.values(points).map(({ category }) => category))
  return Object.entries(places).flatMap(([procedure, categories]) =>
    categories.some((category) => there.has(category)) ? [] : [
      flaw(`places.${procedure}`, `没有业务点可办 ${procedure}`, `no point of this profile does ${procedure}`)
    ]
  )
}

/** One flaw, in both languages. */
export const flaw = (path: string, zh: string, en: string): Flaw.Flaw => ({ path, problem: `${zh} / ${en}` })

/** The hall's hours, those of the vacations too. */
const hoursFlaws = ({ vacations, ...hours }: Hours): ReadonlyArray<Flaw.Flaw> => [
  ...spanFlaws("hours", hours),
  ...(hours.binds.length > 0 && hours.weekdays.length * hours.spans.length === 0
    ? [flaw("hours.binds", "没有办理时间却受其约束", "it is bound to hours that do not exist")]
    : []),
  ...vacations.flatMap((vacation, at) => [
    ...spanFlaws(`hours.vacations.${at}`, vacation),
    ...(vacation.from > vacation.to
      ? [flaw(`hours.vacations.${at}`, "假期结束早于开始", "the vacation ends before it begins")]
      : []),
    ...(vacations.slice(0, at).some(({ from, to }) => vacation.from <= to && from <= vacation.to)
      ? [flaw(`hours.vacations.${at}`, "假期重叠", "the vacation overlaps another")]
      : [])
  ])
]

/** The spans of a working day, as `path` names them. */
const spanFlaws = (path: string, { spans, weekdays }: Pick<Hours, "spans" | "weekdays">): ReadonlyArray<Flaw.Flaw> => [
  ...(new Set(weekdays).size < weekdays.length
    ? [flaw(`${path}.weekdays`, "办理日重复", "a weekday stands there twice")]
    : []),
  ...spans.flatMap(({ from, to }, at) => [
    ...(from < to
      ? []
      : [flaw(`${path}.spans.${at}`, "结束时间不晚于开始时间", "the span ends before it begins")]),
    ...(spans.slice(0, at).some((other) => from < other.to && other.from < to)
      ? [flaw(`${path}.spans.${at}`, "办理时间重叠", "the span overlaps another")]
      : [])
  ])
]

/** Doors name a class that there is, classes ask for something, and schedules can be open. */
const accessFlaws = ({ access, places, points }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  if (!places.identify.includes("access")) {
    flaws.push(flaw("places.identify", "身份识别点不能识别身份", "nobody could be identified at a door"))
  }
  if (!places.openByKeyRing.includes("app")) {
    flaws.push(flaw("places.openByKeyRing", "钥匙串不在 APP 中", "the key ring is in the holder's app"))
  }
  for (const [name, { hours, media }] of Object.entries(access)) {
    const path = `access.${name}`
    if (!Schema.is(Words)(name)) flaws.push(flaw(path, "门禁类别名称格式不对", "this cannot name a class of doors"))
    if (media.length === 0) flaws.push(flaw(path, "没有可用介质", "nothing opens it"))
    if (new Set(media).size < media.length) flaws.push(flaw(path, "介质重复", "a medium stands there twice"))
    if (media.includes("alipayCode")) {
      flaws.push(flaw(path, "支付宝付款码不能识别身份", "an Alipay code does not say who somebody is"))
    }
    for (const { path: at, problem } of hours === undefined ? [] : WeeklySchedule.contradictions(hours)) {
      flaws.push({ path: at === "" ? `${path}.hours` : `${path}.hours.${at}`, problem })
    }
  }
  for (const [id, { category, door }] of Object.entries(points)) {
    const path = `points.${id}.door`
    if (category === "access" && door === undefined) {
      flaws.push(flaw(path, "身份识别点没有门禁类别", "an access point needs a class"))
    }
    if (category !== "access" && door !== undefined) {
      flaws.push(flaw(path, "只有身份识别点有门禁", "only an access point is a door"))
    }
    if (door === undefined) continue
    const rule = Object.hasOwn(access, door.class) ? access[door.class] : undefined
    if (rule === undefined) {
      const known = Object.keys(access).slice(0, mostClasses).join(", ")
      flaws.push(
        flaw(
          path,
          `没有此门禁类别，现有：${known || "无"}`,
          `there is no such class of doors, known: ${known || "none"}`
        )
      )
    }
    if ((door.area === undefined) !== (door.side === undefined)) {
      flaws.push(flaw(path, "区域与进出方向须同时给出", "an area needs a side, and a side an area"))
    }
  }
  return flaws
}

/** Of more classes than these none is found by reading them. */
const mostClasses = 20

/** A medium that must be signed has an issuer who signs it. */
const codeFlaws = ({ codes: { issuers, signed } }: SchoolProfile): ReadonlyArray<Flaw.Flaw> =>
  signed.filter((medium) => !issuers.some(({ identity, pay }) => pay === medium || identity === medium)).map((medium) =>
    flaw(`codes.signed.${medium}`, "没有此码的签发者", "nobody issues signed codes of this medium")
  )

/** Whatever is done at a counter, somebody may do it there. */
const dutyFlaws = ({ duties, hours, papers, places, points, supervised }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  const rows = new Set<string>()
  for (const { department, role } of duties) {
    const path = `duties.${role}.${department}`
    if (rows.has(path)) flaws.push(flaw(path, "岗位重复", "two rows speak of the same role and department"))
    rows.add(path)
  }
  for (const [id, { category, department }] of Object.entries(points)) {
    if (department === undefined || !isAttended(category)) continue
    const done = duties.some((duty) =>
      duty.department === department && duty.procedures.some((procedure) => places[procedure].includes(category))
    )
    if (!done) {
      flaws.push(flaw(`points.${id}.department`, "此窗口无业务可办", "nobody of this department does anything here"))
    }
  }
  for (const procedure of supervised) {
    if (procedure === "creditRecharge") {
      flaws.push(
        flaw(`supervised.${procedure}`, "充值由渠道入账，无人经办", "credits come from channels, attended by nobody")
      )
    }
    if (!duties.some(({ procedures }) => procedures.includes(procedure))) {
      flaws.push(flaw(`supervised.${procedure}`, "无人可办", "nobody may do it"))
    }
  }
  const told = papers.flatMap(({ procedures }) => procedures)
  for (const procedure of new Set(told.filter((one, at) => told.indexOf(one) < at))) {
    flaws.push(flaw(`papers.${procedure}`, "所需证件重复", "two rows say what to bring for it"))
  }
  for (const [name, categories] of Object.entries(places)) {
    const procedure = name as Procedure
    const counters = Object.values(points).filter(({ category }) =>
      categories.includes(category) && isAttended(category)
    )
    const attended = counters.length === 0 ||
      counters.some(({ department }) =>
        duties.some((duty) =>
          (department === undefined || duty.department === department) && duty.procedures.includes(procedure)
        )
      )
    if (!attended) flaws.push(flaw(`duties.${procedure}`, "窗口无人可办", "nobody may do it at its counter"))
    if (hours.binds.includes(procedure) && !categories.some(isAttended)) {
      flaws.push(flaw(`hours.binds.${procedure}`, "此业务不在窗口办理", "it is not done at a counter"))
    }
  }
  return flaws
}

const pointFlaws = ({ merchantFee, places, points }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  const merchants = new Set<string>(Object.values(points).flatMap(({ merchant }) => merchant ?? []))
  for (const merchant of Object.keys(merchantFee)) {
    if (!merchants.has(merchant)) {
      flaws.push(flaw(`merchantFee.${merchant}`, "没有此商户", "no point of sale belongs to this merchant"))
    }
  }
  for (const [id, point] of Object.entries(points)) {
    const path = `points.${id}`
    const sells = point.category === "canteen" || point.category === "shop"
    if (!Schema.is(PointId)(id)) flaws.push(flaw(path, "业务点编号格式不对", "this is not a point id"))
    if (sells && point.merchant === undefined) {
      flaws.push(flaw(path, "消费机没有商户", "a point of sale needs a merchant"))
    }
    if (!sells && point.merchant !== undefined) {
      flaws.push(flaw(path, "只有食堂和超市的消费机有商户", "only canteen and shop points have a merchant"))
    }
    if (point.loads && point.category !== "canteen" && point.category !== "kiosk") {
      flaws.push(flaw(path, "只有食堂消费机和自助机可写卡", "only canteen terminals and kiosks write money to cards"))
    }
  }
  for (const [procedure, categories] of Object.entries(places)) {
    if (categories.length === 0) flaws.push(flaw(`places.${procedure}`, "没有办理地点", "it can be done nowhere"))
  }
  return flaws
}

const mealFlaws = ({ meals }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => [
  ...Option.match(MealWindow.repeated(meals), {
    onNone: () => [],
    onSome: (name) => [flaw("meals", `餐次 ${name} 重复`, `the window ${name} stands there twice`)]
  }),
  ...Option.match(MealWindow.overlap(meals), {
    onNone: () => [],
    onSome: ([one, other]) => [flaw("meals", `餐次 ${one} 与 ${other} 重叠`, `the windows ${one} and ${other} overlap`)]
  })
]

const limitFlaws = ({ limits }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  const names = new Set<string>()
  for (const { hard, measure, name, password, per, scope } of limits) {
    const path = `limits.${name}`
    if (names.has(name)) flaws.push(flaw(path, "限额名称重复", "two limits bear this name"))
    names.add(name)
    if (hard === undefined && password === undefined) {
      flaws.push(flaw(path, "限额没有任何数值", "a limit needs a password tier or a hard tier"))
    }
    if (hard !== undefined && password !== undefined && password > hard) {
      flaws.push(flaw(path, "密码限额高于金额上限", "the password tier lies above the hard tier"))
    }
    if (scope.categories?.length === 0 || scope.media?.length === 0) {
      flaws.push(flaw(path, "限额范围为空", "a scope of nothing limits nothing"))
    }
    if (per === "payment" && measure === "count") {
      flaws.push(flaw(path, "单笔不能限次数", "one payment is always one purchase, so counting it limits nothing"))
    }
  }
  for (const meal of limits) {
    if (meal.per !== "meal" || meal.hard === undefined) continue
    for (const day of limits) {
      if (day.per !== "day" || day.hard === undefined || day.measure !== meal.measure || narrows(day, meal)) continue
      if (meal.hard > day.hard) {
        flaws.push(
          flaw(`limits.${meal.name}`, `餐限高于日限 ${day.name}`, `the meal limit lies above the day limit ${day.name}`)
        )
      }
    }
  }
  return flaws
}

/** Whether the day limit leaves out something that the meal limit counts, so that it may well be the lower one. */
const narrows = (day: LimitPolicy[number], meal: LimitPolicy[number]): boolean => {
  const leavesOut = <A>(one: ReadonlyArray<A> | undefined, other: ReadonlyArray<A> | undefined) =>
    one !== undefined && (other === undefined || other.some((part) => !one.includes(part)))
  return leavesOut(day.scope.categories, meal.scope.categories) || leavesOut(day.scope.media, meal.scope.media)
}

const acceptanceFlaws = ({ acceptance }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  const rows = new Set<string>()
  for (const { category, link, media } of acceptance) {
    const path = `acceptance.${category}.${link}`
    if (rows.has(path)) flaws.push(flaw(path, "受理矩阵行重复", "two rows speak of the same place and link"))
    rows.add(path)
    if (category !== "canteen" && category !== "shop") {
      flaws.push(flaw(path, "此类业务点不销售商品", "nothing is bought at such a point"))
    }
    for (const medium of media) {
      if (medium === "ecodeIdentityCode" || medium === "keyRing") {
        flaws.push(flaw(path, "身份介质不能付款", `${medium} says who somebody is and never pays`))
      } else if (link === "down" && !(OfflineMedium.literals as ReadonlyArray<Medium>).includes(medium)) {
        flaws.push(flaw(path, "断网时无法核验此码", `${medium} cannot be judged without the server`))
      }
    }
  }
  return flaws
}

const rechargeFlaws = ({ purseCeiling, recharge }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
  for (const [name, { choices, endsIn, max, min, sources }] of Object.entries(recharge)) {
    const path = `recharge.${name}`
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
      flaws.push(flaw(path, "充值渠道名称格式不对", "this cannot name a book of the ledger"))
    }
    if (name === "alipay") {
      flaws.push(flaw(path, "名称 alipay 用于食堂脱机付款", "this book is that of Alipay at canteens"))
    }
    if (name === "settlement") {
      flaws.push(flaw(path, "名称 settlement 用于商户结算", "this book is that of the merchants' settlement"))
    }
    if (new Set(sources.map(({ source }) => source)).size < sources.length) {
      flaws.push(flaw(path, "资金来源重复", "a source stands there twice"))
    }
    if (endsIn !== "wallet" && sources.some(({ binding }) => binding === "wallet")) {
      flaws.push(
        flaw(path, "绑定电子钱包的资金来源必须充入电子钱包", "a source bound to the wallet must end in the wallet")
      )
    }
    if (sources.length === 0) flaws.push(flaw(path, "没有资金来源", "it takes money from nowhere"))
    if (min > max) flaws.push(flaw(path, "最小金额大于最大金额", "the smallest amount is above the largest"))
    if (choices !== undefined && choices.length === 0) {
      flaws.push(flaw(path, "没有可选金额", "there is no amount to choose"))
    }
    if (choices?.some((choice) => choice < min || choice > max) === true) {
      flaws.push(flaw(path, "可选金额超出范围", "a choice lies outside of its bounds"))
    }
    if (endsIn === "transit" && min > purseCeiling) {
      flaws.push(flaw(path, "最小充值金额高于卡余额上限", "not even the smallest amount fits on a card"))
    }
  }
  return flaws
}

/** Each desk has a book of its own. There is one at least: whatever else a school does, it pays out closed accounts (D7). */
const deskFlaws = ({ desks, recharge }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => [
  ...(desks.length === 0 ? [flaw("desks", "没有收付款台", "no money could be taken or paid out")] : []),
  ...desks.flatMap((desk, at) => [
    ...(desks.indexOf(desk) < at ? [flaw(`desks.${at}`, "收付款台重复", "a desk stands there twice")] : []),
    ...(Object.hasOwn(recharge, desk)
      ? [flaw(`desks.${at}`, "收付款台与充值渠道同名", "a recharge channel has this book")]
      : [])
  ])
]
