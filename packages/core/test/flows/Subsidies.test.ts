import { Effect, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { day, instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import { StoreUnavailable } from "../../src/Fault.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Subsidies from "../../src/flows/Subsidies.ts"
import * as Id from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import * as SubsidyBatch from "../../src/SubsidyBatch.ts"
import { account, Campus, pockets } from "./campus.ts"

const spring = Id.BatchId.make("2026:spring")
const asked = (operator: string, batch = spring): Subsidies.Asked => ({
  caller: Id.CallerId.make("office"),
  id: Id.CommandId.make(`${operator}-${batch}`),
  batch,
  operator: Id.OperatorId.make(operator)
})
const draft = {
  rows: [{ account, amount: 10_000 }, { account: "nobody", amount: 5_000 }],
  until: day("2026-03-31"),
  point: "card-centre"
}

const approved = Effect.fnUntraced(function*(campus: Campus, input: unknown = draft, batch = spring) {
  yield* campus.furnished
  expect(yield* Subsidies.draft(asked("clerk", batch), input)).toMatchObject({ _tag: "Approved" })
  expect(yield* Subsidies.approve(asked("head", batch))).toMatchObject({ _tag: "Approved" })
})

const pay = (campus: Campus, amount: number) =>
  Effect.gen(function*() {
    const body = { _tag: "PayByCode", medium: "todayCampusCode", amount, link: "up" } as Command.Of<"PayByCode">
    const answer = yield* Submit.submit(campus.says("canteen-1", body))
    expect(answer._tag).toBe("Approved")
  })

const fund = Effect.gen(function*() {
  return (yield* (yield* AccountStore).balances).get("school:subsidies") ?? 0
})

const rows = (outcome: Subsidies.Outcome) =>
  outcome._tag === "Done" ? outcome.batch.rows.map(({ outcome }) => outcome) : outcome.decline

describe("a batch from draft to end (D6, R76)", () => {
  it("D6 granted, spent in part, ended: the sums are those of the books", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* approved(here)
      const done = yield* Subsidies.grant(spring)
      expect(rows(done)).toEqual([{ _tag: "Granted" }, { _tag: "Declined", decline: { _tag: "UnknownAccount" } }])
      expect(yield* pockets).toMatchObject({ subsidy: 10_000 })
      expect(yield* Subsidies.grant(spring)).toEqual(done)
      yield* pay(here, 1_800)
      expect(Option.getOrThrow(yield* Subsidies.report(spring))).toMatchObject({
        granted: 10_000,
        declined: 5_000,
        left: 8_200,
        spent: 1_800,
        returned: 0
      })
      here.now = instant("2026-04-01 00:00")
      expect((yield* Stream.runCollect(Subsidies.overdue)).map(({ batch }) => batch)).toEqual([spring])
      const ended = yield* Subsidies.end(spring)
      expect(rows(ended)).toMatchObject([{ _tag: "Ended", returned: 8_200 }, { _tag: "Declined" }])
      expect(yield* Subsidies.end(spring)).toEqual(ended)
      expect(yield* Stream.runCollect(Subsidies.overdue)).toEqual([])
      const report = Option.getOrThrow(yield* Subsidies.report(spring))
      expect(report).toMatchObject({ granted: 10_000, returned: 8_200, left: 0, spent: 1_800 })
      expect(yield* fund).toBe(0 - report.granted + report.returned)
      expect(yield* pockets).toMatchObject({ subsidy: 0 })
    }))
  })

  it("D6 what else ended counts as returned too: all subsidies at once, or the account", async () => {
    for (
      const body of [{ _tag: "ExpireSubsidy" }, { _tag: "CloseAccount" }] as ReadonlyArray<
        Command.Of<"ExpireSubsidy" | "CloseAccount">
      >
    ) {
      const here = new Campus()
      await here.run(Effect.gen(function*() {
        yield* approved(here, { ...draft, rows: [{ account, amount: 10_000 }] })
        yield* Subsidies.grant(spring)
        yield* pay(here, 1_000)
        const point = body._tag === "CloseAccount" ? "window-3" : "card-centre"
        const answer = yield* Submit.submit(here.says(point, body))
        expect(answer).toMatchObject({ _tag: "Approved" })
        here.now = instant("2026-04-01 08:00")
        expect(rows(yield* Subsidies.end(spring))).toEqual([{ _tag: "Ended", returned: 9_000 }])
        expect(Option.getOrThrow(yield* Subsidies.report(spring))).toMatchObject({ returned: 9_000, spent: 1_000 })
        expect(yield* fund).toBe(-1_000)
      }))
    }
  })

  it("D6 two batches of one account end each for itself", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      const summer = Id.BatchId.make("summer")
      yield* approved(here, { ...draft, rows: [{ account, amount: 10_000 }] })
      const later = { ...draft, rows: [{ account, amount: 3_000 }], until: day("2026-06-30") }
      yield* Subsidies.draft(asked("clerk", summer), later)
      yield* Subsidies.approve(asked("head", summer))
      yield* Subsidies.grant(spring)
      yield* Subsidies.grant(summer)
      yield* pay(here, 1_000)
      here.now = instant("2026-04-01 08:00")
      // What ends first was spent first.
      expect(rows(yield* Subsidies.end(spring))).toEqual([{ _tag: "Ended", returned: 9_000 }])
      expect(yield* pockets).toMatchObject({ subsidy: 3_000 })
      expect(yield* Subsidies.end(summer)).toEqual({
        _tag: "Refused",
        decline: { _tag: "SubsidyNotEnded", until: day("2026-06-30") }
      })
    }))
  })
})

describe("what is refused", () => {
  it("D6 a batch that nobody approved grants nothing; one that nobody knows neither", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* Subsidies.draft(asked("clerk"), draft)
      const own = { ...asked("clerk"), id: Id.CommandId.make("again") }
      expect(yield* Subsidies.approve(own)).toEqual({ _tag: "Declined", decline: { _tag: "SameOperator" } })
      expect(yield* Subsidies.grant(spring)).toMatchObject({ decline: { _tag: "BatchStepRefused", batch: "drafted" } })
      expect(yield* Subsidies.withdraw(own).pipe(Effect.flip)).toMatchObject({ _tag: "CommandIdReused" })
      expect(yield* Subsidies.end(Id.BatchId.make("none"))).toMatchObject({ decline: { _tag: "UnknownSubject" } })
      expect(yield* Subsidies.report(Id.BatchId.make("none"))).toEqual(Option.none())
      expect(yield* pockets).toMatchObject({ subsidy: 0 })
    }))
  })

  it.each<readonly [string, unknown, string]>([
    ["no rows", { ...draft, rows: [] }, "rows"],
    ["an amount in yuan", { ...draft, rows: [{ account, amount: 12.5 }] }, "rows.0.amount"],
    ["no account", { ...draft, rows: [{ amount: 1 }] }, "rows.0.account"],
    ["something that nobody knows", { ...draft, note: "x" }, "note"],
    ["nothing", undefined, ""]
  ])("rows from outside: %s is misuse and says where", async (_, input, path) => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      const misuse = yield* Effect.flip(Subsidies.draft(asked("clerk"), input))
      expect(misuse).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path }] })
    }))
  })
})

describe("a batch that is cut off (D6, D18)", () => {
  const many = Array.from({ length: SubsidyBatch.part + 3 }, (_, at) => ({ account: `nobody-${at}`, amount: 100 }))
  const cut = () => new StoreUnavailable({ operation: "ask", cause: new Error("cut") })

  it.each(["before", "after"] as const)("D18 cut off %s any call, it goes on and grants nobody twice", async (when) => {
    for (const at of [1, 2, SubsidyBatch.part, SubsidyBatch.part + 1, SubsidyBatch.part + 2, SubsidyBatch.part + 5]) {
      const here = new Campus()
      await here.run(Effect.gen(function*() {
        const all = [{ account, amount: 10_000 }, ...many]
        yield* approved(here, { ...draft, rows: all })
        const accounts = yield* AccountStore
        const subjects = yield* SubjectStore
        let calls = 0
        const through = <A, E, R>(call: Effect.Effect<A, E, R>) =>
          Effect.suspend((): Effect.Effect<A, E | StoreUnavailable, R> => {
            if (++calls !== at) return call
            return when === "before" ? Effect.fail(cut()) : Effect.flatMap(call, () => Effect.fail(cut()))
          })
        const first = yield* Subsidies.grant(spring).pipe(
          Effect.provideService(AccountStore, { ...accounts, transact: (one) => through(accounts.transact(one)) }),
          Effect.provideService(SubjectStore, {
            ...subjects,
            transact: (decider, one) => through(subjects.transact(decider, one))
          }),
          Effect.result
        )
        expect(first._tag).toBe("Failure")
        const done = yield* Subsidies.grant(spring)
        expect(done).toMatchObject({ _tag: "Done", batch: { stage: "granted" } })
        expect(rows(done)).toHaveLength(all.length)
        expect(yield* pockets).toMatchObject({ subsidy: 10_000 })
        expect(yield* fund).toBe(-10_000)
      }))
    }
  })

  it("D6 an account that cannot give it back today is asked again tomorrow, and the others do not wait", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* approved(here, { ...draft, rows: [{ account, amount: 10_000 }] })
      yield* Subsidies.grant(spring)
      here.now = instant("2026-04-01 08:00")
      const accounts = yield* AccountStore
      const no = { _tag: "Declined", decline: { _tag: "OutsideServiceHours" } } as const
      const today = yield* Effect.provideService(Subsidies.end(spring), AccountStore, {
        ...accounts,
        transact: () => Effect.succeed(no)
      })
      expect(today).toMatchObject({ batch: { stage: "granted" }, undone: [{ account, decline: no.decline }] })
      here.now = instant("2026-04-02 08:00")
      expect(yield* Subsidies.end(spring)).toMatchObject({ batch: { stage: "ended" }, undone: [] })
    }))
  })
})
