/**
 * Everything a school sets 学校配置: names, points, tables, limits, hours, periods. Policy is data (R75).
 *
 * A profile is decoded and checked as a whole before it decides anything: one that contradicts itself does not load,
 * and says where and why. Profiles have versions with effective dates (A25); the one in force at the time of decision
 * is used, and its version is written beside the event (D22).
 */
import { Result, Schema } from "effect"
import * as Acceptance from "./Acceptance.ts"
import { AccessRules } from "./AccessRule.ts"
import { Duty, Papers } from "./Attendance.ts"
import * as Calendar from "./Calendar.ts"
import { Day, Instant } from "./CivilTime.ts"
import { IssuerKeys } from "./CodeKeys.ts"
import * as Contradictions from "./Contradictions.ts"
import * as Flaw from "./Flaw.ts"
import { BookName, Words } from "./Id.ts"
import { LimitPolicy } from "./LimitPolicy.ts"
import * as MealWindow from "./MealWindow.ts"
import { Medium } from "./Medium.ts"
import { MediumNames } from "./MediumNames.ts"
import * as Money from "./Money.ts"
import * as Password from "./Password.ts"
import { Point } from "./Point.ts"
import { Places, Procedure } from "./Procedure.ts"
import * as Recharge from "./Recharge.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import { SpendOrder } from "./Wallet.ts"

const Text = Schema.Struct({ zh: Schema.NonEmptyString, en: Schema.NonEmptyString })
const Minute = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1440 }))
const Milliseconds = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Spans = {
  weekdays: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 }))),
  spans: Schema.Array(Schema.Struct({ from: Minute, to: Minute }))
}

/**
 * Hours of the service hall 办理时间: on these weekdays (Monday = 1), half-open spans in minutes of the day (R32). They
 * advise; `binds` names what is refused outside them all the same (A19). `vacations`: other hours from one day to another,
 * both included; the manual has the same ones (R33).
 */
export const Hours = Schema.Struct({
  ...Spans,
  binds: Schema.Array(Procedure),
  vacations: Schema.Array(Schema.Struct({ from: Day, to: Day, ...Spans }))
})
export interface Hours extends Schema.Schema.Type<typeof Hours> {}

export const SchoolProfile = Schema.Struct({
  /** Names this version of the profile; it is written beside every event that it decided (D22). */
  version: Words,
  effectiveFrom: Instant,
  school: Text,
  /** 联系电话 (R34). */
  phone: Schema.NonEmptyString,
  /** The web page of the card service 图书信息中心校园一卡通服务 (R57). */
  website: Schema.String.check(Schema.isPattern(/^https?:\/\/[^\s]{1,500}$/u, { expected: "a web address" })),
  hours: Hours,
  /** Points by id. The host authenticates which one is speaking (D24). */
  points: Schema.Record(Schema.String, Point),
  places: Places,
  /** Which role of which department does what at a counter, and what must be presented there (R72). */
  duties: Schema.Array(Duty),
  papers: Schema.Array(Papers),
  /** What is done by an operator only, also where nobody sits: it stands in the audit (R72, R76). */
  supervised: Schema.Array(Procedure),
  acceptance: Acceptance.Acceptance,
  /** What the media are called here (R75). */
  mediumNames: Schema.optionalKey(MediumNames),
  /** Who may come in where: the classes of gates, locks and readers (R62-R64). */
  access: AccessRules,
  /**
   * Signed codes 付款码, 身份码: the public keys of their issuers, and the media that must be such codes. Codes of other
   * media are judged by whoever's app they are from (R4, R5).
   */
  codes: Schema.Struct({ issuers: IssuerKeys, signed: Schema.Array(Medium) }),
  /** Temporary cards (R51-R55). */
  temporary: TemporaryCard.Policy,
  meals: Schema.Array(MealWindow.MealWindow),
  limits: LimitPolicy,
  /** Recharge channels by name (R67-R69). */
  recharge: Schema.Record(Schema.String, Recharge.Channel),
  /**
   * Where money is taken or paid outside of recharge channels 收付款台: fees, debts, accounts that are paid out. Each has a book
   * of its own.
   */
  desks: Schema.Array(BookName),
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
  /** The same card at the same terminal again within so many milliseconds is a second beep; 0 for never. */
  repeatTapWithin: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 86_400_000 })),
  /** What a cut-off terminal may do on its own 脱机: fen in one payment, days, records that were not uploaded. */
  offline: Schema.Struct({
    cap: Money.Money,
    days: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 })),
    records: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 }))
  }),
  /** What a merchant pays of its takings at the close of a day, in parts of ten thousand 手续费率 (I16). */
  merchantFee: Schema.Record(Schema.String, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000 }))),
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

const decode = Schema.decodeUnknownResult(SchoolProfile)

const withoutSchema = (input: unknown): unknown => {
  const named = typeof input === "object" && input !== null && "$schema" in input && typeof input.$schema === "string"
  return named ? Object.fromEntries(Object.entries(input).filter(([name]) => name !== "$schema")) : input
}

const rejected = (flaws: ReadonlyArray<Flaw.Flaw>): Result.Result<never, ProfileRejected> =>
  Result.fail({ _tag: "ProfileRejected", flaws })

/**
 * Decodes a profile from outside and checks it as a whole. A file may say for its editor which schema it follows
 * (`$schema`); that is no part of the profile.
 */
export const load = (input: unknown): Result.Result<SchoolProfile, ProfileRejected> => {
  const decoded = decode(withoutSchema(input), { errors: "all", onExcessProperty: "error" })
  if (Result.isFailure(decoded)) return rejected(Flaw.of(decoded.failure))
  const flaws = Contradictions.of(decoded.success)
  return flaws.length === 0 ? Result.succeed(decoded.success) : rejected(flaws)
}

/**
 * The versions of a school's profile, earliest first (A25). There is at least one, and no two begin at the same
 * instant.
 */
export type History = readonly [SchoolProfile, ...ReadonlyArray<SchoolProfile>]

/** Puts versions into their order; refuses none at all, one name twice, and two that begin at the same instant. */
export const history = (versions: ReadonlyArray<SchoolProfile>): Result.Result<History, ProfileRejected> => {
  const [first, ...later] = [...versions].sort((one, other) => one.effectiveFrom - other.effectiveFrom)
  if (first === undefined) return rejected([Contradictions.flaw("", "没有配置", "there is no profile")])
  const flaws: Array<Flaw.Flaw> = []
  const names = new Set([first.version])
  let before = first
  for (const next of later) {
    if (next.effectiveFrom === before.effectiveFrom) {
      flaws.push(
        Contradictions.flaw(
          "effectiveFrom",
          `版本 ${before.version} 与 ${next.version} 同时生效`,
          "two versions begin at once"
        )
      )
    }
    if (names.has(next.version)) {
      flaws.push(Contradictions.flaw("version", `版本 ${next.version} 重复`, "two versions bear one name"))
    }
    names.add(next.version)
    before = next
  }
  flaws.push(...sharedBooks([first, ...later]))
  return flaws.length === 0 ? Result.succeed([first, ...later]) : rejected(flaws)
}

/** A book is a desk's or a channel's, whichever version is in force: one says itself what it took, the other does not. */
const sharedBooks = (versions: ReadonlyArray<SchoolProfile>): ReadonlyArray<Flaw.Flaw> =>
  versions.flatMap((one) =>
    versions.flatMap((other) =>
      one === other ?
        [] :
        one.desks.filter((desk) => Object.hasOwn(other.recharge, desk)).map((desk) =>
          Contradictions.flaw(
            "desks",
            `版本 ${one.version} 的收付款台 ${desk} 是版本 ${other.version} 的充值渠道`,
            `desk ${desk} of version ${one.version} is a recharge channel of version ${other.version}`
          )
        )
    )
  )

/** The version in force at an instant (D22); before the first one begins, the first. */
export const inForce = (versions: History, at: Instant): SchoolProfile => {
  let force = versions[0]
  for (const version of versions) if (version.effectiveFrom <= at) force = version
  return force
}
