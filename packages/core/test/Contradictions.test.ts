import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Attendance from "../src/Attendance.ts"
import { type Day, day, instant } from "../src/CivilTime.ts"
import * as CodeKeys from "../src/CodeKeys.ts"
import * as Contradictions from "../src/Contradictions.ts"
import { OperatorId } from "../src/Id.ts"
import { isAttended } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import { Procedure } from "../src/Procedure.ts"
import * as SchoolProfile from "../src/SchoolProfile.ts"

// Meals, limits, matrices and channels that contradict each other stand in SchoolProfile.test.ts; here are doors, codes,
// duties, papers, merchants and hours.

/** "path: English" of each flaw, or "loads". Whatever is told is told in Chinese first (R73). */
const told = (input: unknown): ReadonlyArray<string> => {
  const loaded = SchoolProfile.load(input)
  if (Result.isSuccess(loaded)) return ["loads"]
  return loaded.failure.flaws.map(({ path, problem }) => {
    expect(problem).toMatch(/^.*\p{Script=Han}.* \/ .*[a-z]/u)
    return `${path}: ${problem.split(" / ").at(-1)}`
  })
}
// What is wronged may have any shape.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any
type Wrong = (profile: Json) => void
/** The preset as JSON brings it, wronged. */
const wronged = (wrong: Wrong): unknown => {
  const profile: Json = JSON.parse(JSON.stringify(csmzxy))
  wrong(profile)
  return profile
}
const morning = { from: 540, to: 660 }
const vacation = (from: string, to: string, change: object = {}) => ({
  from: day(from),
  to: day(to),
  weekdays: [3],
  spans: [morning],
  ...change
})
const issuer = {
  kid: 1,
  publicKey: CodeKeys.publicKeyOf(CodeKeys.secretKey(new Uint8Array(32).fill(7))),
  pay: "ecodePayCode",
  identity: "ecodeIdentityCode",
  notBefore: instant("2025-09-01 00:00"),
  notAfter: instant("2026-09-01 00:00")
}

describe("R75 each flaw is told by itself, where it is", () => {
  it.each<readonly [string, Wrong, string]>([
    // Duties and papers (R72)
    [
      "nobody may open a temporary account at its counter",
      (p) => (p.duties[1].procedures = p.duties[1].procedures.filter((one: string) => one !== "openTemporary")),
      "duties.openTemporary: nobody may do it at its counter"
    ],
    [
      "only the bank's tellers may close accounts, and they sit elsewhere",
      (p) =>
        p.duties[0].procedures.push(...p.duties[1].procedures.splice(p.duties[1].procedures.indexOf("closeAccount"))),
      "duties.closeAccount: nobody may do it at its counter"
    ],
    [
      "the bank's window is done by a department that has no row",
      (p) => (p.points["window-ccb"].department = "icbc"),
      [
        "points.window-ccb.department: nobody of this department does anything here",
        "duties.issueCard: nobody may do it at its counter",
        "duties.reportBankSideLost: nobody may do it at its counter"
      ].join("\n")
    ],
    [
      // Every command at this one window would be refused, and window 3 hides it.
      "one of two windows has its department misspelt",
      (p) => (p.points["window-4"].department = "card-center"),
      "points.window-4.department: nobody of this department does anything here"
    ],
    [
      "a department that has duties, and none at a counter",
      (p) => (p.points["window-4"].department = "finance"),
      "points.window-4.department: nobody of this department does anything here"
    ],
    [
      "two rows for one role and department",
      (p) => p.duties.push({ role: "clerk", department: "card-centre", procedures: [] }),
      "duties.clerk.card-centre: two rows speak of the same role and department"
    ],
    [
      "papers twice, in two rows",
      (p) => p.papers.push({ procedures: ["issueCard"], required: [] }),
      "papers.issueCard: two rows say what to bring for it"
    ],
    [
      "papers twice, in one row",
      (p) => p.papers[2].procedures.push("cancelCard"),
      "papers.cancelCard: two rows say what to bring for it"
    ],
    [
      "papers three times are told once",
      (p) => p.papers.push({ procedures: ["cancelCard"], required: [] }, { procedures: ["cancelCard"], required: [] }),
      "papers.cancelCard: two rows say what to bring for it"
    ],
    // Hours (R32, A19)
    [
      "bound to hours, and done in an app",
      (p) => (p.hours.binds = ["reportLost"]),
      "hours.binds.reportLost: it is not done at a counter"
    ],
    [
      "bound to hours, and there are none",
      (p) => (p.hours = { ...p.hours, binds: ["openTemporary"], spans: [] }),
      "hours.binds: it is bound to hours that do not exist"
    ],
    [
      "bound to hours of no weekday",
      (p) => (p.hours = { ...p.hours, binds: ["openTemporary"], weekdays: [] }),
      "hours.binds: it is bound to hours that do not exist"
    ],
    [
      "a vacation that ends before it begins",
      (p) => (p.hours.vacations = [vacation("2025-07-10", "2025-07-09")]),
      "hours.vacations.0: the vacation ends before it begins"
    ],
    [
      "two vacations that share a day",
      (p) => (p.hours.vacations = [vacation("2025-07-10", "2025-08-31"), vacation("2025-08-31", "2025-09-01")]),
      "hours.vacations.1: the vacation overlaps another"
    ],
    [
      "two that share a day, the later one listed first",
      (p) => (p.hours.vacations = [vacation("2025-08-31", "2025-09-01"), vacation("2025-07-10", "2025-08-31")]),
      "hours.vacations.1: the vacation overlaps another"
    ],
    [
      "one within another, listed first",
      (p) => (p.hours.vacations = [vacation("2025-08-01", "2025-08-02"), vacation("2025-07-10", "2025-08-31")]),
      "hours.vacations.1: the vacation overlaps another"
    ],
    [
      "a vacation whose weekday stands there twice",
      (p) => (p.hours.vacations = [vacation("2025-07-10", "2025-08-31", { weekdays: [3, 3] })]),
      "hours.vacations.0.weekdays: a weekday stands there twice"
    ],
    [
      "a vacation closed when it opens",
      (p) => (p.hours.vacations = [vacation("2025-07-10", "2025-08-31", { spans: [morning, { from: 780, to: 780 }] })]),
      "hours.vacations.0.spans.1: the span ends before it begins"
    ],
    [
      "a vacation of two spans that overlap",
      (p) => (p.hours.vacations = [vacation("2025-07-10", "2025-08-31", { spans: [morning, { from: 659, to: 780 }] })]),
      "hours.vacations.0.spans.1: the span overlaps another"
    ],
    // Doors (R10-R17)
    ["a door of no class", (p) => delete p.points["dorm-1"].door, "points.dorm-1.door: an access point needs a class"],
    [
      "a till with a door",
      (p) => (p.points["shop-1"].door = { class: "dormGate" }),
      "points.shop-1.door: only an access point is a door"
    ],
    [
      "a door of a class that nobody wrote",
      (p) => (p.points["dorm-1"].door.class = "gym"),
      "points.dorm-1.door: there is no such class of doors, known: dormGate, roomLock, library"
    ],
    [
      "a door of the class of every object",
      (p) => (p.points["dorm-1"].door.class = "toString"),
      "points.dorm-1.door: there is no such class of doors, known: dormGate, roomLock, library"
    ],
    [
      "a door where there are no classes",
      (p) => {
        p.access = {}
        p.points = { "dorm-1": p.points["dorm-1"] }
      },
      "points.dorm-1.door: there is no such class of doors, known: none"
    ],
    [
      "an area without a side",
      (p) => (p.points["dorm-1"].door.area = "dorm"),
      "points.dorm-1.door: an area needs a side, and a side an area"
    ],
    [
      "a side without an area",
      (p) => (p.points["dorm-1"].door.side = "in"),
      "points.dorm-1.door: an area needs a side, and a side an area"
    ],
    [
      "a class whose name is none",
      (p) => (p.access["a\nb"] = p.access.library),
      "access.a\nb: this cannot name a class of doors"
    ],
    ["a class that nothing opens", (p) => (p.access.library.media = []), "access.library: nothing opens it"],
    [
      "a medium twice",
      (p) => p.access.library.media.push("physicalCard"),
      "access.library: a medium stands there twice"
    ],
    [
      "Alipay at a gate",
      (p) => p.access.dormGate.media.push("alipayCode"),
      "access.dormGate: an Alipay code does not say who somebody is"
    ],
    [
      "a gate that never opens",
      (p) => (p.access.dormGate.hours = []),
      "access.dormGate.hours: without a window it never opens"
    ],
    [
      "a gate that opens on no weekday",
      (p) => (p.access.dormGate.hours = [{ weekdays: [], from: 360, to: 1_380, holidays: "open" }]),
      "access.dormGate.hours.0.weekdays: it names no weekday"
    ],
    // What needs a person (R72)
    [
      "a procedure that needs somebody, and nobody may do it",
      (p) =>
        p.supervised.push("revokeAccess") &&
        (p.duties = p.duties.filter(({ role }: { readonly role: string }) => role !== "warden")),
      "supervised.revokeAccess: nobody may do it"
    ],
    [
      "credits that need somebody: channels bring them",
      (p) => p.supervised.push("creditRecharge"),
      "supervised.creditRecharge: credits come from channels, attended by nobody"
    ],
    // Codes (R4, R5)
    [
      "signed codes that nobody signs",
      (p) => (p.codes.signed = ["ecodePayCode"]),
      "codes.signed.ecodePayCode: nobody issues signed codes of this medium"
    ],
    [
      "signed codes that the issuer does not sign",
      (p) => (p.codes = { issuers: [issuer], signed: ["ecodePayCode", "ecodeIdentityCode", "todayCampusCode"] }),
      "codes.signed.todayCampusCode: nobody issues signed codes of this medium"
    ],
    [
      "an issuer of pay codes and no identity codes",
      (p) => {
        const { identity: _, ...payOnly } = issuer
        p.codes = { issuers: [payOnly], signed: ["ecodePayCode", "ecodeIdentityCode"] }
      },
      "codes.signed.ecodeIdentityCode: nobody issues signed codes of this medium"
    ],
    // Merchants (I16)
    [
      "a fee for a merchant who sells nothing",
      (p) => (p.merchantFee = { "canteen-1": 60, "canteen-9": 60 }),
      "merchantFee.canteen-9: no point of sale belongs to this merchant"
    ],
    // Desks (R54, D4, D7, D10)
    ["no desk: nobody could ever be paid out", (p) => (p.desks = []), "desks: no money could be taken or paid out"],
    ["a desk twice", (p) => (p.desks = ["ccb", "window-3", "ccb"]), "desks.2: a desk stands there twice"],
    [
      "a desk by the name of a recharge channel",
      (p) => p.desks.splice(1, 0, "ccbApp"),
      "desks.1: a recharge channel has this book"
    ],
    [
      "twice by the name of a channel: all of it is told",
      (p) => (p.desks = ["ecode", "ecode"]),
      [
        "desks.0: a recharge channel has this book",
        "desks.1: a desk stands there twice",
        "desks.1: a recharge channel has this book"
      ].join("\n")
    ]
  ])("R75 %s", (_, wrong, flaws) => {
    expect(told(wronged(wrong)).join("\n")).toBe(flaws)
  })
})

describe("R75 what is meant loads", () => {
  it.each<readonly [string, Wrong]>([
    ["a window of no department: whoever may do it sits there", (p) => delete p.points["window-4"].department],
    [
      "no counters at all: then nobody needs a duty",
      (p) => {
        p.points = Object.fromEntries(Object.entries(p.points).filter(([id]) => !id.startsWith("window")))
        p.duties = []
        p.supervised = []
      }
    ],
    ["no papers", (p) => (p.papers = [])],
    [
      "two roles of one department, and one role of two",
      (p) =>
        p.duties.push(
          { role: "junior", department: "card-centre", procedures: ["activateCard"] },
          { role: "clerk", department: "ccb", procedures: [] }
        )
    ],
    ["a window where only one thing is done", (p) => {
      p.points["window-5"] = { ...p.points["window-4"], department: "cashiers" }
      p.duties.push({ role: "cashier", department: "cashiers", procedures: ["repayDebt"] })
    }],
    ["hours that bind what is done at a counter", (p) => (p.hours.binds = ["openTemporary", "cancelCard"])],
    [
      "vacations that touch, one of a day, and one in which it is closed",
      (p) => (p.hours.vacations = [
        vacation("2025-07-10", "2025-08-31"),
        vacation("2025-09-01", "2025-09-01"),
        vacation("2026-01-19", "2026-02-28", { weekdays: [], spans: [] })
      ])
    ],
    ["a door in an area, on a side", (p) => Object.assign(p.points["dorm-1"].door, { area: "dorm", side: "in" })],
    [
      "signed codes of an issuer",
      (p) => (p.codes = { issuers: [issuer], signed: ["ecodePayCode", "ecodeIdentityCode"] })
    ],
    ["one desk for everything, by a name that every object has", (p) => (p.desks = ["constructor"])],
    ["a fee of a merchant", (p) => (p.merchantFee = { "canteen-1": 60 })]
  ])("R75 %s", (_, change) => {
    expect(told(wronged(change))).toEqual(["loads"])
  })

  it("R73 R75 all flaws are told at once, those of different parts too", () => {
    expect(told(wronged((p) => {
      p.access.library.media = []
      p.duties = []
      p.hours.vacations = [vacation("2025-07-10", "2025-07-09")]
    }))).toEqual([
      "access.library: nothing opens it",
      "points.window-3.department: nobody of this department does anything here",
      "points.window-4.department: nobody of this department does anything here",
      "points.window-ccb.department: nobody of this department does anything here",
      ...csmzxy.supervised.map((procedure) => `supervised.${procedure}: nobody may do it`),
      ...Object.keys(csmzxy.places).filter((one) => csmzxy.places[one as Procedure].some(isAttended)).map((procedure) =>
        `duties.${procedure}: nobody may do it at its counter`
      ),
      "hours.vacations.0: the vacation ends before it begins"
    ])
  })
})

describe("R72 R75 for any duties", () => {
  const procedures = fc.subarray([...Procedure.literals])
  const departments = fc.constantFrom("card-centre", "ccb", "finance")
  const duties = fc.uniqueArray(
    fc.record({ role: fc.constantFrom("one", "two"), department: departments, procedures }),
    {
      selector: ({ department, role }) => `${role} ${department}`,
      maxLength: 6
    }
  )

  it("R72 R75 a profile that loads has somebody for whatever is done at its counters", () => {
    fc.assert(fc.property(duties, (duties) => {
      const loaded = SchoolProfile.load({ ...csmzxy, duties })
      const undone = Procedure.literals.filter((procedure) => {
        const counters = Object.values(csmzxy.points).filter(({ category }) =>
          isAttended(category) && csmzxy.places[procedure].includes(category)
        )
        // Everybody tries at every counter, with all papers.
        return counters.length > 0 &&
          !counters.some((point) =>
            duties.some(({ department, role }) =>
              Attendance.refuse({ duties, papers: [], supervised: [] }, procedure, point, {
                operator: OperatorId.make("op-1"),
                role,
                department,
                presented: []
              }) === undefined
            )
          )
      })
      const flaws = Result.isFailure(loaded) ? loaded.failure.flaws.map(({ path }) => path) : []
      expect(flaws.filter((path) => path.startsWith("duties."))).toEqual(
        Object.keys(csmzxy.places).filter((one) => (undone as ReadonlyArray<string>).includes(one)).map((one) =>
          `duties.${one}`
        )
      )
    }))
  })

  it("A19 R75 vacations load exactly if no day is in two of them", () => {
    const dates = fc.integer({ min: day("2025-07-01"), max: day("2025-07-20") }) as fc.Arbitrary<Day>
    const spans = fc.tuple(dates, dates).map(([one, other]) =>
      one < other ? [one, other] as const : [other, one] as const
    )
    fc.assert(fc.property(fc.array(spans, { maxLength: 4 }), (all) => {
      const days = all.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, n) => from + n))
      const vacations = all.map(([from, to]) => ({ from, to, weekdays: [1], spans: [morning] }))
      const flaws = told({ ...csmzxy, hours: { ...csmzxy.hours, vacations } })
      expect(flaws[0] === "loads").toBe(new Set(days).size === days.length)
    }))
  })
})

describe("R75 what is probably not meant is told, and loads", () => {
  /** "path: English" of each hint, told in Chinese first. */
  const hints = (wrong: Wrong): ReadonlyArray<string> =>
    Contradictions.hints(Result.getOrThrow(SchoolProfile.load(wronged(wrong)))).map(({ path, problem }) => {
      expect(problem).toMatch(/^没有业务点可办 (\w+) \/ no point of this profile does \1$/u)
      return path
    })
  const without = (...categories: ReadonlyArray<string>): Wrong => (p) => {
    for (const [id, { category }] of Object.entries<Json>(p.points)) {
      if (categories.includes(category)) delete p.points[id]
    }
    p.merchantFee = {}
  }

  it.each<readonly [string, Wrong, ReadonlyArray<string>]>([
    ["the preset", () => {}, []],
    ["no till in a shop, but one in a canteen", without("shop"), []],
    ["nowhere to be identified", without("access"), ["places.identify"]],
    ["no kiosk", without("kiosk"), ["places.bindTransfer", "places.claimFrozen"]],
    ["no points yet", (p) => (p.points = {}), Procedure.literals.map((one) => `places.${one}`)]
  ])("%s", (_, wrong, paths) => {
    expect(hints(wrong)).toEqual(paths)
  })
})
