import { Effect, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BillRow } from "../../src/BillRow.ts"
import { dayOf, instant, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Reconciling from "../../src/flows/Reconciling.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { Carried } from "../../src/Reconciliation.ts"
import { BilledBank } from "./BilledBank.ts"
import { Campus, pockets } from "./campus.ts"

const office = Id.PointId.make("card-centre")
const fifty = Money.amount(5_000)
const nextMorning = instant("2026-03-03 09:00")

const opened = () => {
  const bank: BilledBank = new BilledBank(() => campus.now)
  const campus: Campus = new Campus(bank.channel)
  return { bank, campus, day: dayOf(campus.now) }
}

const place = Effect.fnUntraced(function*(campus: Campus) {
  const placed = yield* Recharging.place(campus.says("today-campus", {
    _tag: "PlaceRecharge",
    channel: "todayCampus",
    source: "weChat",
    holder: "own",
    amount: fifty
  }))
  if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
  return placed
})

const credits = Effect.gen(function*() {
  const entries = yield* Stream.runCollect((yield* AccountStore).journal())
  return entries.flatMap(({ events }) => events).filter(({ _tag }) => _tag === "CreditRecorded").length
})

const states = Effect.gen(function*() {
  const all = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
  return all.map(({ state }) => state._tag)
})

interface Story {
  readonly title: string
  /** What happened until the next morning, when the bill comes. */
  readonly lived: (
    bank: BilledBank,
    placed: Effect.Success<ReturnType<typeof place>>,
    campus: Campus
  ) => void
  readonly drives?: boolean
  readonly bill?: (rows: ReadonlyArray<BillRow>) => ReadonlyArray<BillRow>
  readonly found: ReadonlyArray<readonly [difference: string, correction: string]>
  readonly became: ReadonlyArray<string>
  readonly state: string
  readonly transit: number
}

const pay: Story["lived"] = (bank, { attempt }) => bank.pay(attempt.number, fifty)
const stories: ReadonlyArray<Story> = [
  { title: "D2 all agrees", lived: pay, drives: true, found: [], became: [], state: "Kept", transit: 5_000 },
  {
    title: "D2 I3 长款: its notice was lost, and it is credited late",
    lived: pay,
    found: [["Unrecorded", "Confirm"]],
    became: ["Corrected"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 长款: the channel does not know it when it is asked, and the row of its bill is believed",
    lived: (bank, { attempt }) => {
      bank.pay(attempt.number, fifty)
      bank.blind.add(attempt.number)
    },
    found: [["Unrecorded", "Confirm"]],
    became: ["Corrected"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 I3 given back in the channel's back office, and its notice was lost: credited to nobody",
    lived: (bank, { attempt }) => {
      bank.pay(attempt.number, fifty)
      bank.giveBack(attempt.number)
    },
    found: [["Unrecorded", "AskChannel"], ["RefundDiffers", "AskChannel"]],
    became: ["Corrected", "Corrected"],
    state: "Returned",
    transit: 0
  },
  {
    title: "D2 金额不符: another amount than ordered goes back",
    lived: (bank, { attempt }) => bank.pay(attempt.number, Money.amount(4_000)),
    found: [["AmountDiffers", "Confirm"]],
    became: ["Corrected"],
    state: "Returned",
    transit: 0
  },
  {
    title: "D2 短款: the bill left it out, and the channel still says that it was paid",
    lived: pay,
    drives: true,
    bill: () => [],
    found: [["NotInBill", "AskChannel"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 I3 重复: one row twice",
    lived: pay,
    drives: true,
    bill: (rows) => [...rows, ...rows],
    found: [["RepeatedRow", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 金额不符: the bill says less than was credited",
    lived: pay,
    drives: true,
    bill: (rows) => rows.map((row) => ({ ...row, amount: Money.amount(1) })),
    found: [["AmountDiffers", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  },
  {
    title: "D2 长款: a number that is none of ours",
    lived: pay,
    drives: true,
    bill: (rows) => [...rows, ...rows.map((row) => ({ ...row, number: "somebody-else", reference: "x" }))],
    found: [["UnknownNumber", "Suspend"]],
    became: ["Suspended"],
    state: "Kept",
    transit: 5_000
  }
]

describe("a channel is compared and put right, and a second time there is nothing to do (D2, D21, I3)", () => {
  it.each(stories)("$title", async ({ became, bill, drives = false, found, lived, state, transit }) => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const placed = yield* place(campus)
      lived(bank, placed, campus)
      if (drives) yield* Recharging.confirm(placed.order, office)
      if (bill !== undefined) bank.damage = bill
      campus.now = nextMorning
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      expect(compared.outcome.findings.map(({ correction, difference }) => [difference._tag, correction._tag])).toEqual(
        found
      )
      const { after, corrected } = yield* Reconciling.correct(compared, office)
      expect(corrected.map(({ _tag }) => _tag)).toEqual(became)
      expect(after.outcome.findings).toEqual([])
      expect(yield* states).toEqual([state])
      expect(yield* pockets).toMatchObject({ transit })
      const again = yield* Reconciling.compare({ channel: "weChat", day })
      expect(again.outcome).toEqual(after.outcome)
      expect((yield* Reconciling.correct(again, office)).corrected).toEqual([])
      expect(yield* credits).toBe(transit / 5_000)
    }))
  })

  it("D2 D7 长款 of an account that was closed meanwhile goes back", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* place(campus)
      yield* Submit.submit(campus.says("window-3", { _tag: "CloseAccount" }))
      bank.pay(attempt.number, fifty)
      campus.now = nextMorning
      const { after } = yield* Reconciling.correct(yield* Reconciling.compare({ channel: "weChat", day }), office)
      expect(after.outcome.findings).toEqual([])
      expect(yield* states).toEqual(["Returned"])
      expect(bank.payments.get(attempt.number)?.back).toBeDefined()
    }))
  })

  it("D2 a channel that is down is no reason for a person: the difference is found again", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      campus.now = nextMorning
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      bank.isDown = true
      const { after, corrected } = yield* Reconciling.correct(compared, office)
      expect(corrected).toMatchObject([{ _tag: "Failed", reason: "ChannelFailed" }])
      expect(after.outcome.findings).toEqual(compared.outcome.findings)
      bank.isDown = false
      expect((yield* Reconciling.correct(compared, office)).after.outcome.findings).toEqual([])
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
    }))
  })

  it("D2 a point where nothing may be credited is the caller's mistake; nothing is suspended", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      bank.pay((yield* place(campus)).attempt.number, fifty)
      const compared = yield* Reconciling.compare({ channel: "weChat", day })
      const refused = yield* Effect.flip(Reconciling.correct(compared, Id.PointId.make("canteen-1")))
      expect(refused).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "point" }] })
      expect(yield* Stream.runCollect(Reconciling.suspended)).toEqual([])
    }))
  })

  it("D2 跨日: paid close to midnight, in the bill of the next day, and what never comes waits for a person", async () => {
    const { bank, campus, day } = opened()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      campus.now = instant("2026-03-02 23:45")
      const { attempt, order } = yield* place(campus)
      bank.pay(attempt.number, fifty)
      yield* Recharging.confirm(order, office)
      bank.damage = () => []
      const first = yield* Reconciling.compare({ channel: "weChat", day })
      expect(first.outcome).toMatchObject({ findings: [], carried: [{ _tag: "Awaited", number: attempt.number }] })
      campus.now = instant("2026-03-04 09:00")
      const tomorrow = dayOf(nextMorning)
      const { carried } = first.outcome
      const second = yield* Reconciling.compare({ channel: "weChat", day: tomorrow, carried })
      expect(second.outcome).toMatchObject({ findings: [{ difference: { _tag: "NotInBill" } }], carried: [] })
      yield* Reconciling.correct(second, office)
      const [waiting] = yield* Stream.runCollect(Reconciling.suspended)
      expect(waiting).toMatchObject({ _tag: "Open", channel: "weChat", day: tomorrow, difference: { amount: 5_000 } })
      yield* Reconciling.resolve(waiting?.key ?? "", Id.OperatorId.make("clerk-1"), "渠道补发了账单")
      expect(yield* Stream.runCollect(Reconciling.suspended)).toMatchObject([{ _tag: "Resolved", operator: "clerk-1" }])
      expect((yield* Reconciling.compare({ channel: "weChat", day: tomorrow, carried })).outcome.findings).toEqual([])
    }))
  })

  it.each([
    ["nobody", "ChannelMissing"],
    ["todayCampus", "ChannelMissing"]
  ])("no channel %s: %s", async (channel, tag) => {
    const { campus, day } = opened()
    expect(await campus.run(Effect.flip(Reconciling.compare({ channel, day })))).toMatchObject({ _tag: tag })
  })

  it("what was never suspended is not resolved", async () => {
    const { campus } = opened()
    const refused = Effect.flip(Reconciling.resolve("no-such-key", Id.OperatorId.make("clerk-1"), "?"))
    expect(await campus.run(refused)).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "key" }] })
  })
})

const life = fc.record({
  paid: fc.constantFrom("no", "right", "other"),
  isBlind: fc.boolean(),
  isHeard: fc.boolean(),
  isGivenBack: fc.boolean(),
  at: fc.integer({ min: 0, max: 11 * 60 + 59 }),
  row: fc.constantFrom("whole", "whole", "gone", "twice", "wrong", "nobody's")
})

describe("whatever happened, and however the bill is damaged (D2, I3, I13)", () => {
  it("I3 I13 one correction is enough: then nothing differs, and every payment is credited once or goes back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 6 }), async (lives) => {
        const { bank, campus, day } = opened()
        const start = campus.now
        await campus.run(Effect.gen(function*() {
          yield* campus.furnished
          const rowsOf = new Map<string, string>()
          for (const { at, isBlind, isGivenBack, isHeard, paid, row } of lives) {
            campus.now = later(start, at * minute)
            const { attempt, order } = yield* place(campus)
            rowsOf.set(attempt.number, row)
            if (paid !== "no") bank.pay(attempt.number, paid === "right" ? fifty : Money.amount(4_999))
            if (isHeard) yield* Recharging.confirm(order, office)
            if (isGivenBack && paid !== "no") bank.giveBack(attempt.number)
            if (isBlind) bank.blind.add(attempt.number)
          }
          bank.damage = (rows) =>
            rows.flatMap((row): ReadonlyArray<BillRow> => {
              switch (rowsOf.get(row.number)) {
                case "gone":
                  return []
                case "twice":
                  return [row, row]
                case "wrong":
                  return [{ ...row, amount: Money.amount(row.amount - 1) }]
                case "nobody's":
                  return [{ ...row, number: `x-${row.number}` }]
                default:
                  return [row]
              }
            })
          let carried: ReadonlyArray<Carried> = []
          campus.now = nextMorning
          for (let date = 0; date < 3; date++) {
            const request: Reconciling.Request = { channel: "weChat", day: (day + date) as typeof day, carried }
            const { after } = yield* Reconciling.correct(yield* Reconciling.compare(request), office)
            expect(after.outcome.findings).toEqual([])
            const entries = yield* credits
            const again = yield* Reconciling.correct(yield* Reconciling.compare(request), office)
            expect(again.corrected).toEqual([])
            expect(again.after.outcome).toEqual(after.outcome)
            expect(yield* credits).toBe(entries)
            carried = after.outcome.carried
            campus.now = later(campus.now, 24 * 60 * minute)
          }
          const all = yield* Stream.runCollect((yield* SubjectStore).all(PaymentAttempt.decider))
          const kept = all.filter(({ state }) => state._tag === "Kept")
          expect(yield* pockets).toMatchObject({ transit: 5_000 * kept.length })
          expect(yield* credits).toBe(kept.length)
          expect(all.filter(({ state }) => state._tag === "Paid" || state._tag === "Returning")).toEqual([])
        }))
      }),
      { numRuns: 60 }
    )
  })
})
