import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Statements from "../../src/flows/Statements.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Campus, holder, pockets, student } from "./campus.ts"

const other: Command.Subject = { _tag: "Account", account: Id.AccountId.make("account-2") }

/** A student with 100.00 to spend by code, who buys lunch for 18.00. */
const lunch = Effect.fnUntraced(function*(campus: Campus, caller = "till-1") {
  const bought = yield* pay(campus, caller, "meal-1", 1_800)
  expect(bought).toMatchObject({ _tag: "Approved" })
  return Id.PurchaseId.make(`${caller}:meal-1`)
})
const furnished = Effect.fnUntraced(function*(campus: Campus) {
  yield* campus.furnished
  yield* grant(campus, holder)
})
const grant = (campus: Campus, subject: Command.Subject) =>
  Submit.submit(campus.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(10_000) }, subject))
const pay = (campus: Campus, caller: string, id: string, amount: number, subject = holder) =>
  Submit.submit({
    ...campus.says(
      "canteen-1",
      { _tag: "PayByCode", medium: "ecodePayCode", amount: Money.amount(amount), link: "up" },
      subject
    ),
    caller: Id.CallerId.make(caller),
    id: Id.CommandId.make(id)
  })
const asks = (campus: Campus, purchase: Id.PurchaseId, amount: number, subject = holder) =>
  campus.says(
    "card-centre",
    { _tag: "RefundPurchase", purchase, amount: Money.amount(amount), reason: "notServed" } as const,
    subject
  )

const merchant = Effect.gen(function*() {
  return (yield* (yield* AccountStore).balances).get("merchant:canteen-1") ?? 0
})

describe("the original is found in the journal (R76, D5)", () => {
  it("R76 R56 I3 months later; sent again, it is answered as before; its receipt stands in the list", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const purchase = yield* lunch(here)
      here.now = instant("2026-09-02 10:00")
      const asked = asks(here, purchase, 500)
      const answer = yield* Submit.submit(asked)
      expect(answer).toMatchObject({ _tag: "Approved" })
      here.now = instant("2026-09-03 10:00")
      expect(yield* Submit.submit(asked)).toEqual(answer)
      expect(yield* pockets).toMatchObject({ subsidy: 8_700 })
      expect(yield* merchant).toBe(1_300)
      const { lines } = yield* Statements.page(holder)
      expect(lines.slice(0, 2)).toMatchObject([
        {
          kind: "refund",
          direction: "in",
          amount: 500,
          at: instant("2026-09-02 10:00"),
          place: { point: "card-centre", en: "Card centre" },
          medium: "ecodePayCode",
          status: "done",
          purchase
        },
        {
          kind: "purchase",
          direction: "out",
          amount: 1_800,
          at: instant("2026-03-02 12:00"),
          place: { point: "canteen-1", zh: "第一食堂 1 号机" },
          medium: "ecodePayCode",
          status: "partlyReturned",
          purchase
        }
      ])
    }))
  })

  it("R76 what was never bought, was declined, or was another's is unknown", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const purchase = yield* lunch(here)
      const opening = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      const somebody = { ...student, id: Id.PersonId.make("person-2"), number: "20260002" }
      yield* Opening.open(here.says("card-centre", { ...opening, person: somebody.id }, other), somebody)
      expect(yield* pay(here, "till-1", "too-much", 3_000)).toMatchObject({ _tag: "Declined" })
      const unknown = { _tag: "Declined", decline: { _tag: "NotRefundable", reason: "unknown", left: 0 } }
      for (const name of ["till-1:never", "till-1:too-much", "till-2:meal-1"]) {
        expect(yield* Submit.submit(asks(here, Id.PurchaseId.make(name), 1))).toMatchObject(unknown)
      }
      expect(yield* Submit.submit(asks(here, purchase, 1, other))).toMatchObject(unknown)
      const nobody: Command.Subject = { _tag: "Account", account: Id.AccountId.make("nobody") }
      expect(yield* Submit.submit(asks(here, purchase, 1, nobody))).toMatchObject({
        decline: { _tag: "UnknownAccount" }
      })
      expect(yield* merchant).toBe(1_800)
    }))
  })

  it("R76 D18 two tills called a purchase the same on one account: each is given back by its own name", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const purchase = yield* lunch(here)
      expect(yield* pay(here, "till-2", "meal-1", 200)).toMatchObject({ _tag: "Approved" })
      const other = Id.PurchaseId.make("till-2:meal-1")
      expect(yield* Submit.submit(asks(here, other, 201))).toMatchObject({
        _tag: "Declined",
        decline: { _tag: "NotRefundable", reason: "aboveOriginal", left: 200 }
      })
      expect(yield* Submit.submit(asks(here, other, 200))).toMatchObject({ _tag: "Approved" })
      expect(yield* Submit.submit(asks(here, purchase, 1_800))).toMatchObject({ _tag: "Approved" })
      expect(yield* pockets).toMatchObject({ subsidy: 10_000 })
      expect(yield* merchant).toBe(0)
    }))
  })

  it("D7 an account that is being closed takes nothing back", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const purchase = yield* lunch(here)
      yield* Submit.submit(here.says("window-3", { _tag: "CloseAccount" }))
      expect(yield* Submit.submit(asks(here, purchase, 1))).toMatchObject({ decline: { _tag: "AccountClosed" } })
    }))
  })
})

describe("two at once (I14)", () => {
  /** Every refund has looked into the journal before the first of them is decided. */
  const together = Effect.fnUntraced(function*<A, E, R>(asked: ReadonlyArray<Effect.Effect<A, E, R>>) {
    const store = yield* AccountStore
    let waiting = asked.length
    const slow: typeof store = {
      ...store,
      transact: (envelope) =>
        Effect.suspend(() => {
          waiting -= 1
          return Effect.repeat(Effect.yieldNow, { while: () => waiting > 0 })
        }).pipe(Effect.andThen(store.transact(envelope)))
    }
    return yield* Effect.all(asked, { concurrency: "unbounded" }).pipe(Effect.provideService(AccountStore, slow))
  })

  it.each([
    [[1_000, 1_000], [1_000], 800],
    [[1_800, 1_800, 1_800], [1_800], 0],
    [[1_800, 1], [1_800], 0],
    [[900, 900, 900], [900, 900], 0],
    [Array.from({ length: 20 }, () => 100), Array.from({ length: 18 }, () => 100), 0]
  ])("I14 of 18.00, fen %j at once: %j went back, %i are left", async (wanted, back, left) => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const purchase = yield* lunch(here)
      const answers = yield* together(wanted.map((amount) => Submit.submit(asks(here, purchase, amount))))
      expect(wanted.filter((_, at) => answers[at]?._tag === "Approved")).toEqual(back)
      for (const answer of answers) {
        if (answer._tag === "Declined") expect(answer.decline).toMatchObject({ _tag: "NotRefundable", left })
      }
      expect(yield* merchant).toBe(left)
      expect(yield* pockets).toMatchObject({ subsidy: 10_000 - left })
    }))
  })

  it("I3 I14 the same command twice at once is one", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* furnished(here)
      const asked = asks(here, yield* lunch(here), 500)
      const [first, second] = yield* together([Submit.submit(asked), Submit.submit(asked)])
      expect(first).toMatchObject({ _tag: "Approved" })
      expect(second).toEqual(first)
      expect(yield* merchant).toBe(1_300)
    }))
  })
})
