import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
import type * as Command from "../src/Command.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { applicationOf, csmzxy, type How, Life, school, yuan } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

const card = Id.CardId.make("card-2")
const paying = school({ replacement: { ...csmzxy.replacement, fee: yuan("20.00") } })
const monday = "2025-11-03 15:00"

const opening = (desk: string): Command.Of<"OpenAccount"> => ({
  _tag: "OpenAccount",
  person: Id.PersonId.make("person-1"),
  kind: "visitor",
  class: "temporary",
  application: { ...applicationOf({ until: "2025-12-01" }), fee: { amount: yuan("20.00"), desk } }
})
const issuing = (desk: string): Command.Of<"IssueCard"> => ({
  _tag: "IssueCard",
  card,
  fee: { amount: yuan("20.00"), desk }
})
const repaying = (desk: string): Command.Of<"RepayDebt"> => ({ _tag: "RepayDebt", amount: Money.amount(500), desk })
const payingOut = (desk: string): Command.Of<"PayOut"> => ({ _tag: "PayOut", desk })

type Case = readonly [
  title: string,
  before: () => Life,
  point: string,
  body: (desk: string) => Exclude<Command.Command, Command.Of<"CreditRecharge">>,
  how: How,
  book: (desk: string) => object
]
/** Whatever takes or pays money through a desk, with all that it needs. */
const cases: ReadonlyArray<Case> = [
  [
    "R54 the fee of a temporary card",
    () => Life.unborn(csmzxy).at(monday),
    "window-3",
    opening,
    { fresh: {} },
    (desk) => ({ from: `channel:${desk}`, to: "fees:temporary-card", amount: 2_000 })
  ],
  [
    "A24 the fee of a new card",
    () => Life.of(paying).at(monday).reportLost(),
    "window-ccb",
    issuing,
    {},
    (desk) => ({ from: `channel:${desk}`, to: "fees:replacement", amount: 2_000 })
  ],
  [
    "D10 a debt",
    () => Life.of(csmzxy).at(monday).inDebt("12.00"),
    "window-4",
    repaying,
    {},
    (desk) => ({ from: `channel:${desk}`, to: "receivable", amount: 500 })
  ],
  [
    "D7 an account that is paid out",
    () => Life.of(csmzxy, { chip: "30.00" }).at(monday).close().at("2025-11-10 12:00"),
    "card-centre",
    payingOut,
    {},
    (desk) => ({ from: "frozen", to: `channel:${desk}`, amount: 3_000 })
  ]
]
/** Misspelt, of another school, a recharge channel, the name of a point that takes no money, and what every object has. */
const strangers = ["window-33", "Window-3", "icbc", "ccbApp", "canteen-1", "constructor", "toString"]

describe.each(cases)("%s goes through a desk that the profile lists (R75)", (_, before, point, body, how, book) => {
  it.each(csmzxy.desks)("D4 D7 D10 %s is one", (desk) => {
    const life = before().step(point, body(desk), how).expectApproved()
    expect(life.decision.events.flatMap((event) => "transfers" in event ? event.transfers : [])).toEqual([book(desk)])
  })

  it.each(strangers)("I1 D13 %s is none: no book is opened, and nothing is written", (desk) => {
    const life = before()
    const { account } = life
    life.step(point, body(desk), how).expectDeclined("DeskUnknown", { desk })
    expect(life.decision).toMatchObject({ events: [] })
    expect(life.account).toEqual(account)
    life.step(point, body("window-3"), how).expectApproved()
  })
})

describe("the desk is looked at before anything of the account (I17, D14)", () => {
  it("I17 whatever the account is like, and whether there is one, the answer is the same", () => {
    const lives: ReadonlyArray<() => Life> = [
      () => Life.unborn(csmzxy),
      () => Life.of(csmzxy),
      () => Life.of(csmzxy, { chip: "50.00" }).reportLost(),
      () => Life.of(csmzxy).inDebt("12.00"),
      () => Life.of(csmzxy).close(),
      () => Life.of(csmzxy).close().at("2025-11-10 12:00").payOut(),
      () => Life.unborn(csmzxy).openTemporary()
    ]
    for (const before of lives) {
      for (const [, , point, body, how] of cases) {
        // Who hands out the cards of a temporary account, and where, is told by the account (R55).
        const there = before()
        const at = body === issuing && there.account?.class === "temporary" ? "window-3" : point
        there.at("2025-11-12 12:00").step(at, body("nowhere"), how).expectDeclined("DeskUnknown", { desk: "nowhere" })
      }
    }
  })

  it("D14 the place and the clerk come first", () => {
    const closed = () => Life.of(csmzxy).at(monday).close().at("2025-11-10 12:00")
    closed().payOut("nowhere", { point: "kiosk-1" }).expectDeclined("ChannelNotAllowed")
    closed().payOut("nowhere", { attendance: "nobody" }).expectDeclined("OperatorMissing")
    closed().payOut("nowhere", { attendance: { role: "porter" } }).expectDeclined("OperatorNotAllowed")
  })

  it("D4 a fee of nothing names a desk as well, and a regular account's fee that is none", () => {
    Life.of(csmzxy).reportLost().step("window-ccb", { ...issuing("nowhere"), fee: { amount: Money.zero, desk: "x" } })
      .expectDeclined("DeskUnknown", { desk: "x" })
    Life.unborn(csmzxy).step("card-centre", { ...opening("nowhere"), kind: "staff", class: "regular" }, { fresh: {} })
      .expectDeclined("DeskUnknown")
  })

  it("R54 whoever pays nothing needs no desk", () => {
    Life.of(csmzxy).reportLost().issue("card-2").expectApproved()
    Life.unborn(csmzxy).openTemporary("visitor", applicationOf({ fee: "none" })).expectDeclined("FeeUnpaid")
  })
})

describe("which desks there are, the profile of that time says (D22)", () => {
  const later = school({ version: "csmzxy-2", effectiveFrom: instant("2025-11-05 00:00"), desks: ["hall", "ccb"] })

  it.each([
    ["2025-11-04 23:59:59.999", "window-3", "approved"],
    ["2025-11-04 23:59:59.999", "hall", "DeskUnknown"],
    ["2025-11-05 00:00", "window-3", "DeskUnknown"],
    ["2025-11-05 00:00", "hall", "approved"]
  ])("D22 on %s %s: %s", (at, desk, answer) => {
    const life = Life.unborn(csmzxy, later).at("2025-11-03 15:00").open().issue("card-1").activate("card-1")
    life.inDebt("12.00").at(at).step("window-3", repaying(desk))
    if (answer === "approved") life.expectApproved()
    else life.expectDeclined("DeskUnknown", { desk })
  })
})

describe("in any life", () => {
  it("I1 R75 every clearing book is that of a desk, of a recharge channel, or Alipay's at canteens", () => {
    const books = new Set([...csmzxy.desks, ...Object.keys(csmzxy.recharge), "alipay"].map((name) => `channel:${name}`))
    fc.assert(
      fc.property(wholeStories(40), fc.constantFrom(...strangers, ...csmzxy.desks), (story, desk) => {
        const life = lived(csmzxy, story).later(10 * 86_400_000).payOut(desk)
        const used = life.events.flatMap((event) => "transfers" in event ? event.transfers : [])
          .flatMap(({ from, to }) => [from, to]).filter((book) => book.startsWith("channel:"))
        for (const book of used) expect(books).toContain(book)
      }),
      { numRuns: 100 }
    )
  })
})
