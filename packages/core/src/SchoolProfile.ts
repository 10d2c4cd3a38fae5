/**
 * Everything a school sets 学校配置: names, points, tables, limits, hours, periods. Policy is data (R75).
 *
 * A profile is decoded and checked as a whole before it decides anything: one that contradicts itself does not load,
 * and says where and why. Profiles have versions with effective dates (A25); the one in force at the time of decision
 * is used, and its version is written beside the event (D22).
 */
import { Option, Result, Schema } from "effect"
import * as Acceptance from "./Acceptance.ts"
import * as Calendar from "./Calendar.ts"
import { formatDay, Instant } from "./CivilTime.ts"
import * as Flaw from "./Flaw.ts"
import { PointId, Words } from "./Id.ts"
import { LimitPolicy } from "./LimitPolicy.ts"
import * as MealWindow from "./MealWindow.ts"
import { type Medium, OfflineMedium } from "./Medium.ts"
import * as Money from "./Money.ts"
import * as Password from "./Password.ts"
import { Point } from "./Point.ts"
import { Places } from "./Procedure.ts"
import * as Recharge from "./Recharge.ts"
import { SpendOrder } from "./Wallet.ts"

const Text = Schema.Struct({ zh: Schema.NonEmptyString, en: Schema.NonEmptyString })
const Minute = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1440 }))
const Milliseconds = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Hours of the service hall 办理时间: on these weekdays (Monday = 1), half-open spans in minutes of the day (R32, R33). */
export const Hours = Schema.Struct({
  weekdays: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))),
  spans: Schema.Array(Schema.Struct({ from: Minute, to: Minute }))
})

export const SchoolProfile = Schema.Struct({
  /** Names this version of the profile; it is written beside every event that it decided (D22). */
  version: Words,
  effectiveFrom: Instant,
  school: Text,
  /** 联系电话 (R34). */
  phone: Schema.NonEmptyString,
  hours: Hours,
  /** Points by id. The host authenticates which one is speaking (D24). */
  points: Schema.Record(Schema.String, Point),
  places: Places,
  acceptance: Acceptance.Acceptance,
  meals: Schema.Array(MealWindow.MealWindow),
  limits: LimitPolicy,
  /** Recharge channels by name (R67-R69). */
  recharge: Schema.Record(Schema.String, Recharge.Channel),
  /** The most a chip may hold, in fen (A9). */
  purseCeiling: Money.Amount,
  spendOrder: SpendOrder,
  password: Password.Policy,
  /** 连续几个月没有消费 (R46, A3). */
  dormancy: Schema.Struct({ months: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 120 })) }),
  replacement: Schema.Struct({
    /** 三天后 (R42, A1). */
    hold: Calendar.HoldPeriod,
    /** 补办费 in fen, 0 where the bank issues cards for nothing (A24). */
    fee: Money.Money,
    /** What a loss report freezes: the card and its chip, or the whole account with its codes (A11). */
    lossFreezes: Schema.Literals(["medium", "account"]),
    /** Who bears what is spent with a card after its loss report (D11). */
    afterLossBorneBy: Schema.Literals(["school", "holder"])
  }),
  /** Holidays and make-up working days, for holds counted in working days (A1, A19). */
  calendar: Calendar.Calendar,
  /** A terminal counts as cut off after so many milliseconds without an answer (A21). */
  cutOffAfter: Milliseconds,
  /** How far the clock of a command's maker may be off, in milliseconds, inclusive (D16). */
  clockTolerance: Milliseconds
})
export interface SchoolProfile extends Schema.Schema.Type<typeof SchoolProfile> {}

/** The point under this id, if the profile lists it. A name that every object has, like "constructor", is none. */
export const pointOf = ({ points }: SchoolProfile, id: string): Point | undefined =>
  Object.hasOwn(points, id) ? points[id] : undefined

/** The recharge channel of this name, if the profile lists it. */
export const channelOf = ({ recharge }: SchoolProfile, name: string): Recharge.Channel | undefined =>
  Object.hasOwn(recharge, name) ? recharge[name] : undefined

/** A profile that does not load, with all its flaws. A contradiction is told in Chinese and English. */
export interface ProfileRejected {
  readonly _tag: "ProfileRejected"
  readonly flaws: ReadonlyArray<Flaw.Flaw>
}

const rejected = (flaws: ReadonlyArray<Flaw.Flaw>): Result.Result<never, ProfileRejected> =>
  Result.fail({ _tag: "ProfileRejected", flaws })

/** Decodes a profile from outside and checks it as a whole. */
export const load = (input: unknown): Result.Result<SchoolProfile, ProfileRejected> => {
  const decoded = Schema.decodeUnknownResult(SchoolProfile)(input, { errors: "all", onExcessProperty: "error" })
  if (Result.isFailure(decoded)) return rejected(Flaw.of(decoded.failure))
  const flaws = contradictions(decoded.success)
  return flaws.length === 0 ? Result.succeed(decoded.success) : rejected(flaws)
}

/**
 * Where a profile contradicts itself: each part is well-formed, but together they cannot be meant.
 *
 * @example
 * ```ts
 * import { Csmzxy, SchoolProfile } from "@yikatong/core"
 *
 * // A password tier above the hard one would never be reached.
 * const limit = { name: "meal", per: "meal", measure: "sum", password: 5_000, hard: 3_000, scope: {} } as const
 * SchoolProfile.contradictions({ ...Csmzxy.csmzxy, limits: [limit] }).map(({ path }) => path) // => ["limits.meal"]
 * ```
 */
export const contradictions = (profile: SchoolProfile): ReadonlyArray<Flaw.Flaw> => [
  ...pointFlaws(profile),
  ...mealFlaws(profile),
  ...limitFlaws(profile),
  ...acceptanceFlaws(profile),
  ...rechargeFlaws(profile),
  ...Calendar.contradictions(profile.calendar).map((day) =>
    flaw("calendar", `${formatDay(day)} 既是节假日又是工作日`, `${formatDay(day)} is both a holiday and a working day`)
  ),
  ...(new Set(profile.hours.weekdays).size < profile.hours.weekdays.length
    ? [flaw("hours.weekdays", "办理日重复", "a weekday stands there twice")]
    : []),
  ...(profile.password.remote.firstWait > profile.password.remote.longestWait
    ? [flaw("password.remote", "首次等待长于最长等待", "the first wait is longer than the longest")]
    : []),
  ...profile.hours.spans.flatMap(({ from, to }, at) =>
    from < to ? [] : [flaw(`hours.spans.${at}`, "结束时间不晚于开始时间", "the span ends before it begins")]
  ),
  ...profile.hours.spans.flatMap(({ from, to }, at, spans) =>
    spans.slice(0, at).some((other) => from < other.to && other.from < to)
      ? [flaw(`hours.spans.${at}`, "办理时间重叠", "the span overlaps another")]
      : []
  )
]

const flaw = (path: string, zh: string, en: string): Flaw.Flaw => ({ path, problem: `${zh} / ${en}` })

const pointFlaws = ({ places, points }: SchoolProfile): ReadonlyArray<Flaw.Flaw> => {
  const flaws: Array<Flaw.Flaw> = []
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

/**
 * The versions of a school's profile, earliest first (A25). There is at least one, and no two begin at the same
 * instant.
 */
export type History = readonly [SchoolProfile, ...ReadonlyArray<SchoolProfile>]

/** Puts versions into their order; refuses none at all, one name twice, and two that begin at the same instant. */
export const history = (versions: ReadonlyArray<SchoolProfile>): Result.Result<History, ProfileRejected> => {
  const [first, ...later] = [...versions].sort((one, other) => one.effectiveFrom - other.effectiveFrom)
  if (first === undefined) return rejected([flaw("", "没有配置", "there is no profile")])
  const flaws: Array<Flaw.Flaw> = []
  const names = new Set([first.version])
  let before = first
  for (const next of later) {
    if (next.effectiveFrom === before.effectiveFrom) {
      flaws.push(
        flaw("effectiveFrom", `版本 ${before.version} 与 ${next.version} 同时生效`, "two versions begin at once")
      )
    }
    if (names.has(next.version)) flaws.push(flaw("version", `版本 ${next.version} 重复`, "two versions bear one name"))
    names.add(next.version)
    before = next
  }
  return flaws.length === 0 ? Result.succeed([first, ...later]) : rejected(flaws)
}

/** The version in force at an instant (D22); before the first one begins, the first. */
export const inForce = (versions: History, at: Instant): SchoolProfile => {
  let force = versions[0]
  for (const version of versions) if (version.effectiveFrom <= at) force = version
  return force
}
