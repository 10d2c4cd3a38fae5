import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Attendance from "../src/Attendance.ts"
import * as Command from "../src/Command.ts"
import * as Flaw from "../src/Flaw.ts"
import { checkDigit } from "../src/IdentityDocument.ts"
import { isAttended, type Point } from "../src/Point.ts"
import { Procedure } from "../src/Procedure.ts"
import { statement } from "../src/promise/Input.ts"
import { attends, csmzxy, type How, Life, school } from "./support/Life.ts"

const idCard = { _tag: "IdentityDocument", kind: "residentId" } as const
const campusCard = { _tag: "CampusCard" } as const
type Paper = "identityDocument" | "campusCard"
const sheet = (paper: Paper): Attendance.Presented => paper === "campusCard" ? campusCard : idCard

/** Whoever is right for a window of the preset. */
const rightAt = (point: string) => attends(point === "window-ccb" ? "ccb" : "card-centre")

const fresh = () => Life.of(csmzxy).at("2025-11-03 10:00")
/** What is done at a counter: where, what must be brought, the moment before it, and the step. */
const counters: ReadonlyArray<
  readonly [
    Procedure,
    points: ReadonlyArray<string>,
    papers: ReadonlyArray<Paper>,
    () => Life,
    (life: Life, how: How) => Life
  ]
> = [
  [
    "openTemporary",
    ["window-3", "window-4"],
    [],
    () => Life.unborn(csmzxy),
    (l, how) => l.openTemporary("visitor", undefined, how)
  ],
  [
    "issueTemporary",
    ["window-3", "window-4"],
    [],
    () => Life.unborn(csmzxy).openTemporary("staff"),
    (l, how) => l.issue("card-1", how)
  ],
  [
    "issueCard",
    ["window-ccb"],
    ["identityDocument"],
    () => Life.unborn(csmzxy).open(),
    (l, how) => l.issue("card-1", how)
  ],
  [
    "activateCard",
    ["window-3", "window-4"],
    ["identityDocument", "campusCard"],
    () => Life.unborn(csmzxy).open().issue("card-1"),
    (l, how) => l.activate("card-1", how)
  ],
  [
    "cancelCard",
    ["window-3", "window-4", "window-ccb"],
    ["campusCard"],
    () => Life.unborn(csmzxy).open().issue("card-1"),
    (l, how) => l.cancel("card-1", how)
  ],
  [
    "reportFound",
    ["window-3", "window-4"],
    ["identityDocument", "campusCard"],
    () => fresh().reportLost(),
    (l, how) => l.reportFound("card-1", how)
  ],
  [
    "reportBankSideLost",
    ["window-ccb"],
    ["identityDocument"],
    fresh,
    (l, how) => l.reportBankSideLost("card-1", how)
  ],
  [
    "extendValidity",
    ["window-3", "window-4"],
    ["identityDocument", "campusCard"],
    fresh,
    (l, how) => l.extend("card-1", how)
  ],
  [
    "changePassword",
    ["window-3", "window-4"],
    ["identityDocument", "campusCard"],
    fresh,
    (l, how) => l.changePassword(how)
  ],
  [
    "resetPassword",
    ["window-3", "window-4"],
    ["identityDocument", "campusCard"],
    fresh,
    (l, how) => l.resetPassword(how)
  ],
  ["closeAccount", ["window-3", "window-4"], ["identityDocument"], fresh, (l, how) => l.close(how)],
  ["repayDebt", ["window-3", "window-4"], [], () => fresh().inDebt("5.00"), (l, how) => l.repay("5.00", how)]
]
const desks = counters.flatMap(([procedure, points, papers, before, step]) =>
  points.map((point) => [procedure, point, papers, before, step] as const)
)

describe("who does what at which counter, with which papers (R30, R31, R36, R37, R40, R43, R47, R55, R72)", () => {
  it("R72 the table leaves out no procedure and no counter of the manual's school", () => {
    const expected = Object.entries(csmzxy.places).flatMap(([procedure, categories]) =>
      Object.entries(csmzxy.points).flatMap(([id, { category }]) =>
        categories.includes(category) && isAttended(category) ? [`${procedure} ${id}`] : []
      )
    )
    expect(desks.map(([procedure, point]) => `${procedure} ${point}`).sort()).toEqual(expected.sort())
  })

  it.each(desks)(
    "R72 %s at %s: whoever sits there does it, with exactly these papers: %s",
    (_, point, papers, before, step) => {
      const attendance = { ...rightAt(point), presented: papers.map(sheet) }
      step(before(), { point, attendance }).expectApproved()
    }
  )

  it.each(desks)("R72 %s at %s: nobody attends", (_, point, __, before, step) => {
    step(before(), { point, attendance: "nobody" }).expectDeclined("OperatorMissing")
  })

  it.each(desks)(
    "R72 %s at %s: the wrong role, department, or both, whatever is on the desk",
    (procedure, point, _, before, step) => {
      const { department, role } = rightAt(point)
      const another = department === "ccb" ? attends("card-centre") : attends("ccb")
      const strangers = [
        { role: "porter", department },
        { role, department: "library" },
        { role, department: another.department },
        { role: another.role, department },
        // Sits at a counter of the school, and not at this one.
        { role: another.role, department: another.department },
        { role: role.toUpperCase(), department },
        { role: "constructor", department: "constructor" },
        { role: "accountant", department: "finance" }
      ]
      for (const stranger of strangers) {
        for (const presented of [[], [idCard, campusCard]]) {
          step(before(), { point, attendance: { ...stranger, presented } }).expectDeclined("OperatorNotAllowed", {
            procedure
          })
        }
      }
    }
  )

  it.each(desks.filter(([, , papers]) => papers.length > 0))(
    "R72 R36 R43 R47 %s at %s without one of %s, or without all: exactly what is missing is named",
    (_, point, papers, before, step) => {
      const attendance = rightAt(point)
      for (const missing of papers) {
        const presented = [idCard, campusCard].filter((paper) => paper._tag !== sheet(missing)._tag)
        step(before(), { point, attendance: { ...attendance, presented } })
          .expectDeclined("DocumentMissing", { missing: [missing] })
      }
      step(before(), { point, attendance: { ...attendance, presented: [] } })
        .expectDeclined("DocumentMissing", { missing: papers })
    }
  )

  it.each(
    ["residentId", "passport", "hkMacauPermit", "taiwanPermit", "foreignPermanentResident"] as const
  )("A13 R36 a %s is an identity document", (kind) => {
    const presented = [{ _tag: "IdentityDocument", kind } as const, campusCard]
    fresh().resetPassword({ attendance: { presented } }).expectApproved()
  })

  it("R72 shown twice is shown once", () => {
    fresh().resetPassword({ attendance: { presented: [campusCard, campusCard] } })
      .expectDeclined("DocumentMissing", { missing: ["identityDocument"] })
  })
})

describe("where nobody needs to attend (R72)", () => {
  const finance = { role: "accountant", department: "finance", presented: [] }

  it("R37 R66 at the kiosk nobody attends, and no paper is asked for", () => {
    fresh().changePassword({ attendance: "nobody" }).expectApproved()
  })

  it("R37 R72 where nobody has to attend, whoever does brings no papers, even where a counter would ask for them", () => {
    fresh().changePassword({ attendance: { presented: [] } }).expectApproved()
    const papers = [{ procedures: ["writeOffDebt"], required: ["identityDocument"] }] as const
    Life.of(school({ papers })).inDebt("5.00").writeOff("5.00", { attendance: finance }).expectApproved()
  })

  it("R72 an office's own program needs nobody; whoever acts there must be allowed to, and brings no papers", () => {
    const grant = (attendance: How["attendance"]) =>
      fresh().grantAccess("room-1-101", attendance === undefined ? {} : { attendance })
    grant("nobody").expectApproved()
    grant({ role: "warden", department: "dormitories", presented: [] }).expectApproved()
    grant(finance).expectDeclined("OperatorNotAllowed", { procedure: "grantAccess" })
    fresh().inDebt("5.00").writeOff("5.00", { attendance: finance }).expectApproved()
    fresh().inDebt("5.00").writeOff("5.00", { attendance: attends("card-centre") })
      .expectDeclined("OperatorNotAllowed", { procedure: "writeOffDebt" })
  })

  it("R72 at a till nobody asks who stands behind it", () => {
    Life.of(csmzxy, { chip: "10.00" }).pay("card", "1.00", { attendance: { role: "porter" } }).expectApproved()
  })
})

describe("another school's duties (R72, R75)", () => {
  const [teller, clerk, ...others] = csmzxy.duties
  if (teller === undefined || clerk === undefined) throw new Error("the preset has a teller and a clerk")

  it("R72 roles and departments are two things: a junior clerk activates and does not close", () => {
    const junior = { role: "junior", department: "card-centre", procedures: ["activateCard"] } as const
    const life = Life.unborn(school({ duties: [teller, clerk, junior, ...others] })).open().issue("card-1")
    const attendance = { role: "junior" }
    life.activate("card-1", { attendance }).expectApproved()
    life.close({ attendance }).expectDeclined("OperatorNotAllowed", { procedure: "closeAccount" })
    life.close().expectApproved()
  })

  it("R72 two rows of one role in two departments: each does its own", () => {
    const duties = [
      teller,
      clerk,
      { role: "clerk", department: "ccb", procedures: ["closeAccount"] as const },
      ...others
    ]
    const life = () => Life.of(school({ duties }))
    // A clerk of the bank may close accounts, but not at a counter of the card centre.
    life().close({ attendance: { department: "ccb" } }).expectDeclined("OperatorNotAllowed")
    life().close().expectApproved()
  })

  it("R72 a counter of no department is everybody's who may do it", () => {
    const { department: _, ...window } = csmzxy.points["window-3"] ?? {}
    const open = school({ points: { ...csmzxy.points, "window-3": window as Point } })
    const life = Life.unborn(open).open().issue("card-1")
    life.cancel("card-1", { attendance: attends("ccb") }).expectApproved()
    life.close({ attendance: attends("ccb") }).expectDeclined("OperatorNotAllowed")
  })

  it("R36 a school may ask for less, or for more", () => {
    const none = Life.of(school({ papers: [] })).resetPassword({ attendance: { presented: [] } })
    none.expectApproved()
    const papers = [{ procedures: ["repayDebt"], required: ["campusCard"] }] as const
    Life.of(school({ papers })).inDebt("5.00").repay("5.00", { attendance: { presented: [idCard] } })
      .expectDeclined("DocumentMissing", { missing: ["campusCard"] })
  })
})

describe("what is kept of a document (D24)", () => {
  const good = { operator: "clerk-7", role: "clerk", department: "card-centre", presented: [] }
  const read = (input: unknown) =>
    Schema.decodeUnknownResult(Attendance.Attendance)(input, { errors: "all", onExcessProperty: "error" })
  const document = (fields: object) => ({ ...good, presented: [{ ...idCard, ...fields }] })

  it.each<readonly [string, object]>([
    ["no papers", good],
    ["a kind and nothing else", document({})],
    ["a digest of 128 bits", document({ digest: "0123456789abcdef".repeat(2) })],
    ["a digest of 512 bits", document({ digest: "0123456789abcdef".repeat(8) })],
    ["the campus card", { ...good, presented: [campusCard] }],
    ["a staff number for the operator", { ...good, operator: "20260001" }],
    ["a running number of 19 digits", { ...good, operator: "1746201904873472001" }],
    ["18 digits that are no identity number", { ...good, operator: "174620190487347200" }],
    ["a longer number that ends like an old one", { ...good, operator: "1430102990101125" }],
    ["a longer number that begins like one", { ...good, operator: "4301029901011250" }],
    ["Chinese words", { ...good, role: "柜员", department: "校园卡管理中心" }]
  ])("D24 is read: %s", (_, input) => {
    expect(Result.isSuccess(read(input))).toBe(true)
    const stated = { id: "c-1", point: "window-3", attendance: input as typeof Attendance.Attendance.Encoded }
    const { attendance } = statement(
      stated,
      { _tag: "Account", account: "acc-1" },
      { _tag: "CloseAccount" },
      1_750_000_000_000
    )
    expect(attendance).toEqual(input)
  })

  const number = "43010219990101125X"
  it.each<readonly [string, object]>([
    ["the number as digest", document({ digest: number })],
    ["its digits alone", document({ digest: "430102199901011258" })],
    ["the number beside the kind", document({ number })],
    ["the number as kind", document({ kind: number })],
    ["a card number", { ...good, presented: [{ ...campusCard, card: number }] }],
    ["the operator's number", { ...good, operator: number }],
    ["the operator's number, written small", { ...good, operator: "43010219990101125x" }],
    ["the operator's number with a prefix", { ...good, operator: `id-${number}` }],
    ["an old number of 15 places", { ...good, operator: "430102990101125" }],
    ["in the role", { ...good, role: `clerk ${number}` }],
    ["in the department", { ...good, department: number }],
    ["in a field of its own", { ...good, document: number }],
    ["a digest in capitals", document({ digest: "0123456789ABCDEF".repeat(2) })],
    ["a digest of 31 places", document({ digest: "0123456789abcdef".repeat(2).slice(1) })],
    ["a digest of 129 places", document({ digest: `${"0123456789abcdef".repeat(8)}0` })],
    ["nobody", { ...good, operator: "" }],
    ["a role with a line break", { ...good, role: "clerk\nclerk" }]
  ])("D24 R72 is refused: %s, and the refusal does not repeat it", (_, input) => {
    const decoded = read(input)
    const flaws = Result.isFailure(decoded) ? Flaw.of(decoded.failure) : []
    expect(flaws.length).toBeGreaterThan(0)
    expect(JSON.stringify(flaws)).not.toMatch(/430102|125[Xx]/)
    // As it would come in from outside.
    const stated = {
      caller: "host",
      id: "c-1",
      point: "window-3",
      attendance: input as typeof Attendance.Attendance.Encoded
    }
    expect(() => statement(stated, { _tag: "Account", account: "acc-1" }, { _tag: "CloseAccount" }, 1_750_000_000_000))
      .toThrow(expect.objectContaining({ _tag: "MalformedCommand" }))
  })

  it("D24 no number of an identity card passes anywhere", () => {
    const birth = fc.record({
      y: fc.integer({ min: 1900, max: 2099 }),
      m: fc.integer({ min: 1, max: 12 }),
      d: fc.integer({ min: 1, max: 28 })
    })
    const region = fc.constantFrom("11", "43", "65", "81")
    const place = fc.constantFrom("operator", "role", "department")
    fc.assert(
      fc.property(
        region,
        fc.nat(9_999),
        birth,
        fc.nat(999),
        place,
        fc.constantFrom("", "nr."),
        (one, two, { d, m, y }, n, field, before) => {
          const pad = (value: number, length: number) => String(value).padStart(length, "0")
          const first17 = `${one}${pad(two, 4)}${y}${pad(m, 2)}${pad(d, 2)}${pad(n, 3)}`
          const whole = `${first17}${checkDigit(first17)}`
          expect(Result.isFailure(read({ ...good, [field]: `${before}${whole}` }))).toBe(true)
          expect(Result.isFailure(read(document({ digest: whole.toLowerCase() })))).toBe(true)
        }
      )
    )
  })
})

describe("who attends is part of what is said (D18, I3)", () => {
  const envelope = (attendance: Attendance.Attendance | undefined): Command.Envelope => {
    const life = fresh().close(attendance === undefined ? { attendance: "nobody" } : { attendance })
    const last = life.envelopes.at(-1)
    if (last === undefined) throw new Error("a command was expected")
    return last
  }
  const clerk = attends("card-centre")

  it("D18 another operator, role, department or paper makes another command; the same is the same", () => {
    const text = Command.fingerprint(envelope(clerk))
    expect(Command.fingerprint(envelope({ ...clerk }))).toBe(text)
    const others = [
      { ...clerk, operator: attends("ccb").operator },
      { ...clerk, role: "teller" },
      { ...clerk, department: "ccb" },
      { ...clerk, presented: [idCard] },
      { ...clerk, presented: [{ ...idCard, digest: "0".repeat(32) }, campusCard] }
    ]
    expect(new Set([text, ...[undefined, ...others].map((one) => Command.fingerprint(envelope(one)))]).size).toBe(7)
  })

  it("R72 D23 the line of the journal has operator, role, department, window and papers", () => {
    const { attendance, point } = Command.record(envelope(clerk), undefined)
    expect({ attendance, point }).toEqual({ attendance: clerk, point: "window-3" })
  })
})

// Few names, so that they meet.
const word = fc.constantFrom("clerk", "bank")
const some = fc.constantFrom(...Procedure.literals.slice(0, 3))
const papersOf = fc.subarray(["identityDocument", "campusCard"] as const)
const rules: fc.Arbitrary<Attendance.Rules> = fc.record({
  supervised: fc.subarray(Procedure.literals.slice(0, 3)),
  duties: fc.array(fc.record({ role: word, department: word, procedures: fc.uniqueArray(some) }), { maxLength: 5 }),
  papers: fc.uniqueArray(fc.record({ procedures: some.map((one) => [one]), required: papersOf }), {
    selector: ({ procedures }) => procedures[0],
    maxLength: 4
  })
})
const people = fc.option(
  fc.record({
    operator: fc.constant(attends("ccb").operator),
    role: word,
    department: word,
    presented: fc.subarray([idCard, campusCard])
  }),
  { nil: undefined }
)
const points: fc.Arbitrary<Point> = fc.record({
  category: fc.constantFrom("counter", "bankWindow", "office", "kiosk" as const),
  department: fc.option(word, { nil: undefined })
}).map(({ category, department }) => ({
  category,
  nameZh: "窗口",
  nameEn: "window",
  loads: false,
  pinPad: true,
  ...(department === undefined ? {} : { department })
}))

describe("R72 for any school", () => {
  it("R72 done exactly by whom the table names, at a counter of that department, with the papers asked for there", () => {
    fc.assert(fc.property(rules, some, points, people, (school, procedure, point, attendance) => {
      const attended = point.category === "counter" || point.category === "bankWindow"
      const refused = Attendance.refuse(school, procedure, point, attendance)
      if (attendance === undefined) {
        expect(refused?._tag).toBe(
          attended || school.supervised.includes(procedure) ? "OperatorMissing" : undefined
        )
        return
      }
      const rows = school.duties.filter(({ department, role }) =>
        `${role}@${department}` === `${attendance.role}@${attendance.department}`
      )
      const may = rows.flatMap(({ procedures }) => procedures).includes(procedure) &&
        (point.department === undefined || point.department === attendance.department)
      const asked = school.papers.flatMap(({ procedures, required }) => procedures[0] === procedure ? required : [])
      const shown = attendance.presented.map(({ _tag }) => _tag === "CampusCard" ? "campusCard" : "identityDocument")
      const missing = attended ? asked.filter((paper) => !shown.includes(paper)) : []
      expect(refused).toEqual(
        !may
          ? { _tag: "OperatorNotAllowed", procedure }
          : missing.length > 0
          ? { _tag: "DocumentMissing", missing }
          : undefined
      )
      expect(Attendance.required(school, procedure)).toEqual(asked)
    }))
  })
})
