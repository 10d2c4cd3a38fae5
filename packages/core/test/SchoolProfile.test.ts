import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import * as Contradictions from "../src/Contradictions.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as SchoolProfile from "../src/SchoolProfile.ts"

/** "path: English" of each flaw, or "loads". */
const told = (input: unknown): ReadonlyArray<string> => {
  const loaded = SchoolProfile.load(input)
  if (Result.isSuccess(loaded)) return ["loads"]
  return loaded.failure.flaws.map(({ path, problem }) => `${path}: ${problem.split(" / ").at(-1)}`)
}
/** As JSON would bring it: without keys that hold nothing. */
const plain = <A>(value: A): A => JSON.parse(JSON.stringify(value))
// What is wronged may have any shape.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any
type Wrong = (profile: Json) => void
/** The preset, wronged. */
const wronged = (wrong: Wrong): unknown => {
  const profile: Json = plain(csmzxy)
  wrong(profile)
  return profile
}

describe("R75 a profile that is right loads", () => {
  it("R75 the preset", () => {
    expect(SchoolProfile.load(csmzxy)).toEqual(Result.succeed(csmzxy))
    expect(Contradictions.of(csmzxy)).toEqual([])
  })

  it("R75 through JSON and back it is the same", () => {
    const encoded = Schema.encodeSync(SchoolProfile.SchoolProfile)(csmzxy)
    expect(SchoolProfile.load(JSON.parse(JSON.stringify(encoded)))).toEqual(Result.succeed(csmzxy))
  })

  it.each<readonly [string, unknown, ReadonlyArray<string>]>([
    ["first, as an editor writes it", { $schema: "./school-profile.schema.json", ...csmzxy }, ["loads"]],
    ["last", { ...csmzxy, $schema: "" }, ["loads"]],
    ["as no text", { $schema: 1, ...csmzxy }, ["$schema: Expected no excess property"]],
    ["within", { ...csmzxy, dormancy: { $schema: "", months: 6 } }, ["dormancy.$schema: Expected no excess property"]]
  ])("R75 the schema that a file names is no part of it: %s", (_, input, flaws) => {
    expect(told(input)).toEqual(flaws)
    if (flaws[0] === "loads") expect(SchoolProfile.load(input)).toEqual(Result.succeed(csmzxy))
  })

  it.each<readonly [string, Wrong]>([
    ["no limits at all", (p) => (p.limits = [])],
    ["no meal windows: a day is one meal", (p) => (p.meals = [])],
    ["no recharge channels", (p) => (p.recharge = {})],
    ["nothing accepted anywhere", (p) => (p.acceptance = [])],
    ["no points yet", (p) => (p.points = {})],
    ["windows that touch", (p) => p.meals.push({ name: "late", from: 1_170, to: 360 })],
    [
      "a limit per payment above the day's",
      (p) => p.limits.push({ ...p.limits[1], name: "x", per: "payment", hard: 6_000 })
    ],
    ["one below the meal's", (p) => p.limits.push({ ...p.limits[1], name: "x", per: "payment", hard: 2_000 })],
    ["a day limit below the meal's, for less", (p) => {
      p.limits[0].scope = {}
      p.limits.push({ ...p.limits[1], name: "x", hard: 2_000, scope: { media: ["ecodePayCode"] } })
    }],
    ["a meal limit as high as the day's", (p) => (p.limits[0].hard = 5_000)],
    ["a password tier as high as the hard one", (p) => (p.limits[0].password = 3_000)],
    ["a soft limit alone", (p) => (p.limits = [{ ...p.limits[0], hard: undefined, password: 3_000 }].map(plain))],
    ["the smallest amount is the largest", (p) => {
      p.recharge.ecode.min = p.recharge.ecode.max
    }],
    ["choices at both bounds", (p) => (p.recharge.todayCampus.choices = [1, 50_000])],
    ["a recharge that just fits on a card", (p) => (p.recharge.ccbApp.min = p.recharge.ccbApp.max = 100_000)],
    ["a wallet recharge above the card's ceiling", (p) => {
      p.recharge.ecode.min = 100_001
      p.recharge.ecode.max = 200_000
    }],
    ["a holiday and a working day", (p) => (p.calendar = { holidays: [20_400], workdays: [20_401] })],
    ["no hours", (p) => (p.hours = { weekdays: [], spans: [], binds: [], vacations: [] })],
    ["open all day", (p) => (p.hours.spans = [{ from: 0, to: 1_440 }])],
    ["a kiosk and a canteen that load", (p) => (p.points = { a: p.points["kiosk-1"], b: p.points["canteen-1"] })],
    ["no fee, no hold, no tolerance", (p) => {
      p.replacement.fee = 0
      p.replacement.hold = { count: 0, unit: "working" }
      p.clockTolerance = 0
      p.cutOffAfter = 0
    }]
  ])("R75 %s", (_, change) => {
    expect(told(wronged(change))).toEqual(["loads"])
  })
})

describe("R75 what is malformed does not load, and each place is told", () => {
  it.each<readonly [string, Wrong, string]>([
    ["a field is missing", (p) => delete p.phone, "phone: Missing key"],
    ["one deep inside", (p) => delete p.points["shop-1"].pinPad, "points.shop-1.pinPad: Missing key"],
    ["a procedure without places", (p) => delete p.places.reportLost, "places.reportLost: Missing key"],
    ["a field too many", (p) => (p.motto = "x"), "motto: Expected no excess property"],
    ["one deep inside", (p) => (p.limits[1].scope.points = []), "limits.1.scope.points: Expected no excess property"],
    ["a procedure too many", (p) => (p.places.fly = ["app"]), "places.fly: Expected no excess property"],
    [
      "an empty name",
      (p) => (p.version = ""),
      "version: Expected 1 to 128 characters, none of them a control character"
    ],
    ["a date for an instant", (p) => (p.effectiveFrom = "2020-01-01"), "effectiveFrom: Expected number"],
    ["no phone", (p) => (p.phone = null), "phone: Expected string"],
    ["a text for a number", (p) => (p.cutOffAfter = "30 s"), "cutOffAfter: Expected number"],
    ["a list for an object", (p) => (p.hours = []), "hours: Expected object"],
    ["an object for a list", (p) => (p.limits = {}), "limits: Expected array"],
    ["an eighth weekday", (p) => (p.hours.weekdays = [8]), "hours.weekdays.0: Expected a value between 1 and 7"],
    ["a 25th hour", (p) => (p.hours.spans[0].to = 1_441), "hours.spans.0.to: Expected a value between 0 and 1440"],
    ["no months", (p) => (p.dormancy.months = 0), "dormancy.months: Expected a value between 1 and 120"],
    [
      "a wait longer than a year",
      (p) => (p.password.remote.longestWait = 31_536_000_001),
      "password.remote.longestWait: Expected a value between 1 and 31536000000"
    ],
    [
      "no try",
      (p) => (p.password.local.tries = 0),
      "password.local.tries: Expected a value greater than or equal to 1"
    ],
    ["a negative limit", (p) => (p.limits[0].hard = -1), "limits.0.hard: Expected a value greater than or equal to 0"],
    [
      "a negative tolerance",
      (p) => (p.clockTolerance = -1),
      "clockTolerance: Expected a value greater than or equal to 0"
    ],
    ...["alipay", "settlement", "", "window 3", "x".repeat(65)].map((desk): [string, Wrong, string] => [
      `a desk by the name "${desk}"`,
      (p) => p.desks.splice(2, 0, desk),
      "desks.2: Expected the name of a desk, other than alipay and settlement"
    ]),
    ["a limit per week", (p) => (p.limits[1].per = "week"), "limits.1.per: Expected \"payment\" | \"meal\" | \"day\""],
    [
      "a source of money that nobody knows",
      (p) => (p.recharge.ecode.sources[0].source = "cash"),
      "recharge.ecode.sources.0.source: Expected \"unionPayCard\" | \"ccbCard\" | \"weChat\" | \"alipay\""
    ],
    [
      "money that ends on the chip at once",
      (p) => (p.recharge.ecode.endsIn = "chip"),
      "recharge.ecode.endsIn: Expected \"transit\" | \"wallet\""
    ],
    ["a meal called other", (p) => (p.meals[0].name = "other"), "meals.0.name: Expected a name other than \"other\""],
    [
      "a fee of half a fen",
      (p) => (p.replacement.fee = 0.5),
      "replacement.fee: Expected an integer"
    ]
  ])("R75 %s", (_, wrong, flaw) => {
    expect(told(wronged(wrong))).toEqual([flaw])
  })

  it.each([
    ["negative", -1],
    ["nothing", 0],
    ["a fraction", 0.5],
    ["not a number", Number.NaN],
    ["endless", Infinity],
    ["more than one dealing may move", 1_000_000_001],
    ["a text", "1000.00"],
    ["null", null]
  ])("A9 a purse ceiling that is %s", (_, purseCeiling) => {
    const flaws = told({ ...csmzxy, purseCeiling })
    expect(flaws.length).toBeGreaterThan(0)
    for (const flaw of flaws) expect(flaw).toMatch(/^purseCeiling: Expected /)
  })

  it.each([undefined, null, 0, "", "csmzxy", true, [], () => csmzxy])("R75 %s is no profile", (input) => {
    expect(told(input)).toEqual([": Expected object"])
  })

  it("R75 an empty object is told every field, an unfinished profile every flaw at once", () => {
    expect(told({})).toHaveLength(Object.keys(csmzxy).length)
    expect(told(wronged((p) => {
      delete p.phone
      p.purseCeiling = "1000"
      p.limits[0].per = "week"
    }))).toEqual([
      "phone: Missing key",
      "limits.0.per: Expected \"payment\" | \"meal\" | \"day\"",
      "purseCeiling: Expected number"
    ])
  })

  it("R38 a flaw never repeats the value that was given, which may be a secret", () => {
    const secrets = fc.stringMatching(/^[a-z0-9]{10,16}$/).map((text) => `s3cret${text}`)
    const fields = fc.constantFrom(...Object.keys(csmzxy).filter((field) => field !== "version" && field !== "phone"))
    fc.assert(fc.property(secrets, fields, fc.boolean(), (secret, field, inside) => {
      const loaded = SchoolProfile.load({ ...csmzxy, [field]: inside ? [secret, { a: secret }] : secret })
      expect(Result.isFailure(loaded)).toBe(true)
      expect(JSON.stringify(loaded)).not.toContain(secret)
    }))
  })

  it("R75 no input at all makes loading throw", () => {
    fc.assert(fc.property(fc.anything(), (input) => Result.isFailure(SchoolProfile.load(input))))
    fc.assert(fc.property(fc.constantFrom(...Object.keys(csmzxy)), fc.anything(), (field, value) => {
      const loaded = SchoolProfile.load({ ...csmzxy, [field]: value })
      if (Result.isFailure(loaded)) expect(loaded.failure.flaws.length).toBeGreaterThan(0)
    }))
  })
})

describe("R75 what contradicts itself does not load, and each place is told", () => {
  const dish = (p: Json, over: object) => p.limits.push({ ...p.limits[0], name: "x", ...over })

  it.each<readonly [string, Wrong, string]>([
    // Points and places
    [
      "a point with a blank in its id",
      (p) => (p.points["kiosk 2"] = p.points["kiosk-1"]),
      "points.kiosk 2: this is not a point id"
    ],
    [
      "a point by the name of every object's prototype",
      (p) => (p.points = JSON.parse(`{"__proto__":${JSON.stringify(p.points["kiosk-1"])}}`)),
      "points.__proto__: this is not a point id"
    ],
    [
      "a canteen without merchant",
      (p) => delete p.points["canteen-1"].merchant,
      "points.canteen-1: a point of sale needs a merchant"
    ],
    [
      "a shop without merchant",
      (p) => delete p.points["shop-1"].merchant,
      "points.shop-1: a point of sale needs a merchant"
    ],
    [
      "a window with a merchant",
      (p) => (p.points["window-3"].merchant = "m"),
      "points.window-3: only canteen and shop points have a merchant"
    ],
    [
      "a shop that writes to cards",
      (p) => (p.points["shop-1"].loads = true),
      "points.shop-1: only canteen terminals and kiosks write money to cards"
    ],
    [
      "an app that writes to cards",
      (p) => (p.points["today-campus"].loads = true),
      "points.today-campus: only canteen terminals and kiosks write money to cards"
    ],
    [
      "a procedure that is done nowhere",
      (p) => (p.places.reportLost = []),
      "places.reportLost: it can be done nowhere"
    ],
    // Meals
    [
      "two meals of one name",
      (p) => p.meals.push({ name: "lunch", from: 1_300, to: 1_310 }),
      "meals: the window lunch stands there twice"
    ],
    [
      "two meals at one time",
      (p) => p.meals.push({ name: "brunch", from: 560, to: 631 }),
      "meals: the windows breakfast and brunch overlap"
    ],
    [
      "two meals at one time past midnight",
      (p) => p.meals.push({ name: "night", from: 1_320, to: 361 }),
      "meals: the windows breakfast and night overlap"
    ],
    // Limits
    ["two limits of one name", (p) => dish(p, { name: "meal" }), "limits.meal: two limits bear this name"],
    [
      "a limit without a number",
      (p) => dish(p, { hard: undefined }) && (p.limits = plain(p.limits)),
      "limits.x: a limit needs a password tier or a hard tier"
    ],
    [
      "a password asked for above what is refused",
      (p) => (p.limits[0].password = 3_001),
      "limits.meal: the password tier lies above the hard tier"
    ],
    [
      "a count of one payment",
      (p) => dish(p, { per: "payment", measure: "count" }),
      "limits.x: one payment is always one purchase, so counting it limits nothing"
    ],
    [
      "a meal limit above the day's",
      (p) => (p.limits[0].hard = 5_001),
      "limits.meal: the meal limit lies above the day limit day"
    ],
    [
      "more meals' purchases than a day's",
      (p) =>
        p.limits.push({ ...p.limits[0], name: "a", measure: "count", hard: 4 }, {
          ...p.limits[1],
          name: "b",
          measure: "count",
          hard: 3
        }),
      "limits.a: the meal limit lies above the day limit b"
    ],
    [
      "a day limit that counts the same places and more",
      (p) => p.limits.push({ ...p.limits[1], name: "b", hard: 2_000, scope: { categories: ["shop", "canteen"] } }),
      "limits.meal: the meal limit lies above the day limit b"
    ],
    // Acceptance
    [
      "two rows for one place and link",
      (p) => p.acceptance.push(p.acceptance[2]),
      "acceptance.shop.up: two rows speak of the same place and link"
    ],
    [
      "something is sold at a window",
      (p) => p.acceptance.push({ category: "counter", link: "up", media: ["physicalCard"] }),
      "acceptance.counter.up: nothing is bought at such a point"
    ],
    [
      "an identity code pays",
      (p) => p.acceptance[0].media.push("ecodeIdentityCode"),
      "acceptance.canteen.up: ecodeIdentityCode says who somebody is and never pays"
    ],
    [
      "a key ring pays, cut off",
      (p) => p.acceptance[3].media.push("keyRing"),
      "acceptance.shop.down: keyRing says who somebody is and never pays"
    ],
    [
      "a code that needs the server, without it",
      (p) => p.acceptance[1].media.push("todayCampusCode"),
      "acceptance.canteen.down: todayCampusCode cannot be judged without the server"
    ],
    [
      "the other one",
      (p) => p.acceptance[3].media.push("ecodePayCode"),
      "acceptance.shop.down: ecodePayCode cannot be judged without the server"
    ],
    // Recharge
    [
      "a channel that has no book",
      (p) => (p.recharge["e 码通"] = p.recharge.ecode),
      "recharge.e 码通: this cannot name a book of the ledger"
    ],
    [
      "a channel whose name is too long for one",
      (p) => (p.recharge["a".repeat(65)] = p.recharge.ecode),
      `recharge.${"a".repeat(65)}: this cannot name a book of the ledger`
    ],
    [
      "a channel that takes no money",
      (p) => (p.recharge.ecode.sources = []),
      "recharge.ecode: it takes money from nowhere"
    ],
    [
      "the smallest above the largest",
      (p) => (p.recharge.ecode.min = 100_001),
      "recharge.ecode: the smallest amount is above the largest"
    ],
    [
      "nothing to choose",
      (p) => (p.recharge.todayCampus.choices = []),
      "recharge.todayCampus: there is no amount to choose"
    ],
    [
      "a choice above the largest",
      (p) => p.recharge.todayCampus.choices.push(50_001),
      "recharge.todayCampus: a choice lies outside of its bounds"
    ],
    [
      "a choice below the smallest",
      (p) => (p.recharge.todayCampus.min = 1_001),
      "recharge.todayCampus: a choice lies outside of its bounds"
    ],
    [
      "an amount that fits on no card",
      (p) => (p.recharge.ccbApp.min = p.recharge.ccbApp.max = 100_001),
      "recharge.ccbApp: not even the smallest amount fits on a card"
    ],
    // Time
    [
      "a day off that is worked",
      (p) => (p.calendar = { holidays: [20_420], workdays: [20_420] }),
      "calendar: 2025-11-28 is both a holiday and a working day"
    ],
    [
      "closed before it opens",
      (p) => (p.hours.spans[1].to = 779),
      "hours.spans.1: the span ends before it begins"
    ],
    ["a weekday twice", (p) => p.hours.weekdays.push(5), "hours.weekdays: a weekday stands there twice"],
    [
      "a source bound to the wallet in a channel for the card",
      (p) => (p.recharge.ccbApp.sources[0].binding = "wallet"),
      "recharge.ccbApp: a source bound to the wallet must end in the wallet"
    ],
    [
      "two spans of hours that overlap",
      (p) => (p.hours.spans[1].from = 700),
      "hours.spans.1: the span overlaps another"
    ],
    [
      "a first wait above the longest",
      (p) => (p.password.remote.firstWait = p.password.remote.longestWait + 1),
      "password.remote: the first wait is longer than the longest"
    ],
    [
      "a limit on no place at all",
      (p) => (p.limits[0].scope = { categories: [] }),
      "limits.meal: a scope of nothing limits nothing"
    ],
    [
      "a channel by the name of Alipay's book",
      (p) => (p.recharge.alipay = p.recharge.ecode),
      "recharge.alipay: this book is that of Alipay at canteens"
    ],
    [
      "a source twice",
      (p) => p.recharge.ecode.sources.push(p.recharge.ecode.sources[0]),
      "recharge.ecode: a source stands there twice"
    ],
    ["closed when it opens", (p) => (p.hours.spans[0].to = 570), "hours.spans.0: the span ends before it begins"]
  ])("R75 %s", (_, wrong, flaw) => {
    expect(told(wronged(wrong))).toEqual([flaw])
    // In Chinese first (R73).
    const loaded = SchoolProfile.load(wronged(wrong))
    const problems = Result.isFailure(loaded) ? loaded.failure.flaws.map(({ problem }) => problem) : []
    for (const problem of problems) expect(problem).toMatch(/^.*\p{Script=Han}.* \/ .*[a-z]/u)
  })

  it.each<readonly [string, object]>([
    ["codes only", { scope: { media: ["todayCampusCode"] } }],
    ["shops only", { scope: { categories: ["shop"] } }],
    ["counts", { measure: "count" }],
    ["a password tier only", { hard: undefined, password: 2_000 }]
  ])("R50 a day limit below the meal's is none for another thing: %s", (_, over) => {
    expect(told(wronged((p) => {
      p.limits.push({ ...p.limits[1], name: "b", hard: 2_000, ...over })
      p.limits = plain(p.limits)
    }))).toEqual(["loads"])
  })

  it("R50 a meal limit for one medium lies above a day limit for two with it", () => {
    const limits = (media: ReadonlyArray<string>) => (p: Json) => {
      p.limits = [
        { name: "m", per: "meal", measure: "sum", hard: 3_000, scope: { media: ["ecodePayCode"] } },
        { name: "d", per: "day", measure: "sum", hard: 2_999, scope: { media } }
      ]
    }
    expect(told(wronged(limits(["ecodePayCode", "physicalCard"])))).toEqual([
      "limits.m: the meal limit lies above the day limit d"
    ])
    expect(told(wronged(limits(["physicalCard"])))).toEqual(["loads"])
  })

  it("R73 R75 a contradiction is told in Chinese and English, and all of them at once", () => {
    const loaded = SchoolProfile.load(wronged((p) => {
      p.limits[0].hard = 5_001
      p.places.reportLost = []
      p.calendar = { holidays: [20_420, 20_421], workdays: [20_421, 20_420] }
    }))
    expect(loaded).toEqual(Result.fail({
      _tag: "ProfileRejected",
      flaws: [
        { path: "places.reportLost", problem: "没有办理地点 / it can be done nowhere" },
        { path: "limits.meal", problem: "餐限高于日限 day / the meal limit lies above the day limit day" },
        {
          path: "calendar",
          problem: "2025-11-28 既是节假日又是工作日 / 2025-11-28 is both a holiday and a working day"
        },
        {
          path: "calendar",
          problem: "2025-11-29 既是节假日又是工作日 / 2025-11-29 is both a holiday and a working day"
        }
      ]
    }))
  })

  it("R75 what loads has no contradiction, and what has one does not load", () => {
    const amounts = fc.integer({ min: 1, max: 10 }).map(Money.amount)
    const tiers = fc.option(fc.nat(10), { nil: undefined })
    fc.assert(fc.property(amounts, amounts, amounts, tiers, tiers, (min, max, purseCeiling, password, hard) => {
      const limit = plain({ name: "x", per: "day" as const, measure: "sum" as const, password, hard, scope: {} })
      const profile = {
        ...csmzxy,
        purseCeiling,
        limits: [limit],
        recharge: { a: { ...csmzxy.recharge["ccbApp"]!, min, max } }
      }
      const right = min <= max && min <= purseCeiling && (password ?? hard) !== undefined &&
        (password === undefined || hard === undefined || password <= hard)
      expect(told(profile)[0] === "loads").toBe(right)
      expect(Contradictions.of(profile as SchoolProfile.SchoolProfile).length === 0).toBe(right)
    }))
  })
})

describe("A25 D22 versions and the one in force", () => {
  const version = (name: string, from: string): SchoolProfile.SchoolProfile => ({
    ...csmzxy,
    version: name,
    effectiveFrom: CivilTime.instant(from)
  })
  const autumn = version("autumn", "2025-09-01 00:00")
  const spring = version("spring", "2026-02-20 00:00")
  const summer = version("summer", "2026-07-01 06:00")

  it.each([
    ["2025-08-31 23:59:59.999", "autumn"],
    ["2025-09-01 00:00", "autumn"],
    ["2026-02-19 23:59:59.999", "autumn"],
    ["2026-02-20 00:00", "spring"],
    ["2026-07-01 05:59:59.999", "spring"],
    ["2026-07-01 06:00", "summer"],
    ["2099-01-01 00:00", "summer"]
  ])("D22 at %s %s is in force", (at, name) => {
    const versions = Result.getOrThrow(SchoolProfile.history([spring, summer, autumn]))
    expect(SchoolProfile.inForce(versions, CivilTime.instant(at)).version).toBe(name)
  })

  it("A25 however they are listed, they stand in the order in which they begin", () => {
    fc.assert(fc.property(fc.shuffledSubarray([autumn, spring, summer], { minLength: 1 }), (listed) => {
      const given = [...listed]
      const versions = Result.getOrThrow(SchoolProfile.history(listed))
      expect(versions).toEqual([autumn, spring, summer].filter((one) => listed.includes(one)))
      expect(listed).toEqual(given)
    }))
  })

  it("D22 in force is the last one that has begun, or else the first", () => {
    const at = fc.integer({ min: CivilTime.instant("2025-01-01 00:00"), max: CivilTime.instant("2027-01-01 00:00") })
    fc.assert(fc.property(fc.uniqueArray(at, { minLength: 1 }), at, (begins, now) => {
      const versions = Result.getOrThrow(SchoolProfile.history(begins.map((effectiveFrom) => ({
        ...csmzxy,
        version: `v${effectiveFrom}`,
        effectiveFrom: effectiveFrom as CivilTime.Instant
      }))))
      const begun = begins.filter((from) => from <= now)
      const expected = begun.length > 0 ? Math.max(...begun) : Math.min(...begins)
      expect(SchoolProfile.inForce(versions, now as CivilTime.Instant).version).toBe(`v${expected}`)
    }))
  })

  it.each(
    [
      ["none", [], [["", "没有配置 / there is no profile"]]],
      [
        "two at once",
        [version("a", "2025-09-01 00:00"), version("b", "2025-09-01 00:00")],
        [["effectiveFrom", "版本 a 与 b 同时生效 / two versions begin at once"]]
      ],
      [
        "one name twice",
        [version("a", "2025-09-01 00:00"), version("b", "2026-02-20 00:00"), version("a", "2026-07-01 00:00")],
        [["version", "版本 a 重复 / two versions bear one name"]]
      ],
      [
        "the second one's name twice",
        [version("a", "2025-09-01 00:00"), version("b", "2026-02-20 00:00"), version("b", "2026-07-01 00:00")],
        [["version", "版本 b 重复 / two versions bear one name"]]
      ],
      [
        "the same twice",
        [autumn, autumn],
        [
          ["effectiveFrom", "版本 autumn 与 autumn 同时生效 / two versions begin at once"],
          ["version", "版本 autumn 重复 / two versions bear one name"]
        ]
      ],
      [
        "a desk that was a channel",
        [
          version("a", "2025-09-01 00:00"),
          { ...version("b", "2026-02-20 00:00"), desks: ["ccb", "ccbApp"], recharge: {} }
        ],
        [[
          "desks",
          "版本 b 的收付款台 ccbApp 是版本 a 的充值渠道 / desk ccbApp of version b is a recharge channel of version a"
        ]]
      ],
      [
        "the second and third at once",
        [version("a", "2025-09-01 00:00"), version("c", "2026-02-20 00:00"), version("b", "2026-02-20 00:00")],
        [["effectiveFrom", "版本 c 与 b 同时生效 / two versions begin at once"]]
      ]
    ] as const
  )("A25 %s is no history", (_, versions, flaws) => {
    expect(SchoolProfile.history(versions)).toEqual(Result.fail({
      _tag: "ProfileRejected",
      flaws: flaws.map(([path, problem]) => ({ path, problem }))
    }))
  })
})

describe("R75 what a profile lists, and nothing else", () => {
  it("R67 R1 a point and a channel are found by their name", () => {
    expect(SchoolProfile.pointOf(csmzxy, "shop-1")?.category).toBe("shop")
    expect(SchoolProfile.channelOf(csmzxy, "ecode")?.endsIn).toBe("wallet")
    expect(SchoolProfile.pointOf(csmzxy, "shop-2")).toBeUndefined()
    expect(SchoolProfile.channelOf(csmzxy, "shop-1")).toBeUndefined()
  })

  // A recharge by the channel "toString" once ended in a TypeError.
  it.each(["constructor", "toString", "__proto__", "hasOwnProperty", ""])(
    "I12 %j is no point and no channel",
    (name) => {
      expect(SchoolProfile.pointOf(csmzxy, name)).toBeUndefined()
      expect(SchoolProfile.channelOf(csmzxy, name)).toBeUndefined()
    }
  )
})
