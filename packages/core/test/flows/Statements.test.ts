import { Effect, Option, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { hour, instant, later } from "../../src/CivilTime.ts"
import * as Command from "../../src/Command.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Statements from "../../src/flows/Statements.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as SchoolProfile from "../../src/SchoolProfile.ts"
import type * as Statement from "../../src/Statement.ts"
import * as SimulatedChannel from "../../src/testing/SimulatedChannel.ts"
import { Campus, card, holder, student } from "./campus.ts"

const other = { _tag: "Account", account: Id.AccountId.make("account-2") } as const
const office = Id.PointId.make("card-centre")

const grant = (campus: Campus, fen: number, subject: Submit.Statement["subject"] = holder) =>
  Submit.submit(campus.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(fen) }, subject))
const payBody = (fen: number) =>
  ({ _tag: "PayByCode", medium: "ecodePayCode", amount: Money.amount(fen), link: "up" }) as const
const pay = (campus: Campus, fen: number, point = "canteen-1") => Submit.submit(campus.says(point, payBody(fen)))
const record = (campus: Campus, fen: number, at: string) =>
  Submit.submit({
    ...campus.says("canteen-2", {
      _tag: "RecordCardPurchase",
      card,
      amount: Money.amount(fen),
      chipBefore: Money.of(fen),
      chipAfter: Money.zero,
      purchaseSequence: fen
    }),
    at: instant(at)
  })

/** "in subsidy 100.00, done": the lines as a holder reads them. */
const shown = ({ amount, direction, kind, status }: Statement.Line): string =>
  `${direction} ${kind} ${Money.format(amount)}, ${status}`

/** All pages, and what happens between two of them. */
const walk = Effect.fnUntraced(function*<E, R>(limit: number, between: Effect.Effect<unknown, E, R>) {
  const lines: Array<Statement.Line> = []
  let page = yield* Statements.page(holder, { limit })
  for (;;) {
    lines.push(...page.lines)
    if (page.next === undefined) return lines
    yield* between
    page = yield* Statements.page(holder, { limit, cursor: page.next })
  }
})

describe("the list of one's own transactions (R56)", () => {
  it("R56 newest first, each with what became of it; what was declined makes no line", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* grant(here, 5_000)
      yield* pay(here, 1_800)
      yield* pay(here, 3_000)
      const bought = here.says("canteen-1", payBody(1_000))
      yield* Submit.submit(bought)
      yield* Submit.submit(here.says("canteen-1", { _tag: "ReversePurchase", purchase: Command.purchaseOf(bought) }))
      expect((yield* Statements.page(holder)).lines.map(shown)).toEqual([
        "in reversal 10.00, done",
        "out purchase 10.00, returned",
        "out purchase 18.00, done",
        "in subsidy 50.00, done"
      ])
    }))
  })

  it("R56 nobody else's, whatever subject or cursor is said", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const somebody = { ...student, id: Id.PersonId.make("person-2"), number: "20260002" }
      const opening = { _tag: "OpenAccount", person: somebody.id, kind: "student", class: "regular" } as const
      yield* Opening.open(here.says("card-centre", opening, other), somebody)
      for (let fen = 1; fen <= 5; fen++) {
        yield* grant(here, fen)
        yield* grant(here, 100 * fen, other)
      }
      const own = yield* Statements.page(holder, { limit: 2 })
      expect(own.lines.map(({ amount }) => amount)).toEqual([5, 4])
      expect((yield* Statements.page(holder)).lines.map(({ amount }) => amount)).toEqual([5, 4, 3, 2, 1])
      const theirs = yield* Statements.page(other, own.next === undefined ? {} : { cursor: own.next })
      expect(theirs.lines.map(({ amount }) => amount)).toEqual([300, 200, 100])
      const nobody = { _tag: "Account", account: Id.AccountId.make("nobody") } as const
      expect(yield* Statements.page(nobody)).toEqual({ lines: [] })
      expect(yield* Statements.page({ _tag: "Card", card: Id.CardId.make("card-9") })).toEqual({ lines: [] })
      expect((yield* Statements.page({ _tag: "Card", card })).lines).toHaveLength(5)
    }))
  })

  it("R56 D22 places are called as the profile of that time called them, a record's as its terminal knew them", async () => {
    const here = new Campus()
    const { "canteen-1": first, "canteen-2": second } = csmzxy.points
    if (first === undefined || second === undefined) throw new Error("no canteen")
    const renamed = {
      ...csmzxy,
      version: "csmzxy-2",
      effectiveFrom: instant("2026-03-02 13:00"),
      points: {
        ...csmzxy.points,
        "canteen-1": { ...first, nameEn: "Mensa 1" },
        "canteen-2": { ...second, nameEn: "Mensa 2" }
      }
    }
    const profiles = Result.getOrThrow(SchoolProfile.history([csmzxy, renamed]))
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* grant(here, 5_000)
      yield* pay(here, 100)
      here.now = instant("2026-03-02 14:00")
      yield* pay(here, 200)
      yield* record(here, 300, "2026-03-02 12:59")
      yield* record(here, 400, "2026-03-02 13:00")
      const { lines } = yield* Statements.page(holder).pipe(Effect.provideService(Profiles, profiles))
      expect(lines.flatMap(({ amount, kind, place }) => kind === "purchase" ? [[amount, place.en]] : [])).toEqual([
        [400, "Mensa 2"],
        [300, "Canteen 2, terminal 1"],
        [200, "Mensa 1"],
        [100, "Canteen 1, terminal 1"]
      ])
    }))
  })
})

describe("recharge orders (R56, D21)", () => {
  const place = Effect.fnUntraced(function*(campus: Campus) {
    const asked = campus.says("today-campus", {
      _tag: "PlaceRecharge",
      channel: "todayCampus",
      source: "weChat",
      holder: "own",
      amount: Money.amount(5_000)
    })
    const placed = yield* Recharging.place(asked)
    if (placed._tag !== "Placed") throw new Error("not placed")
    return placed.order
  })
  const lines = Effect.map(Statements.page(holder), ({ lines }) => lines.map(shown))

  it("R56 waiting until it is paid, then one line of its credit", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const order = yield* place(here)
      expect(yield* lines).toEqual(["in recharge 50.00, waiting"])
      weChat.pay(order.id, Money.amount(5_000), here.now)
      yield* Recharging.confirm(order, office)
      expect(yield* lines).toEqual(["in recharge 50.00, done"])
      expect((yield* Statements.page(holder)).lines).toMatchObject([{ order: order.id, channel: "todayCampus" }])
    }))
  })

  it("R56 lapsed where nobody paid", async () => {
    const here = new Campus(SimulatedChannel.make("todayCampus").channel)
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const order = yield* place(here)
      here.now = later(here.now, 3 * hour)
      yield* Recharging.tell(order, "Closed")
      expect(yield* lines).toEqual(["in recharge 50.00, lapsed"])
    }))
  })

  it("R56 another amount was paid: it is sent back, and then it is", async () => {
    const weChat = SimulatedChannel.make("todayCampus")
    const here = new Campus(weChat.channel)
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const order = yield* place(here)
      weChat.pay(order.id, Money.amount(4_999), here.now)
      yield* Recharging.confirm(order, office)
      expect(yield* lines).toEqual(["in recharge 50.00, refundDue"])
      yield* Recharging.tell(order, "RefundSent")
      expect(yield* lines).toEqual(["in recharge 50.00, refunded"])
    }))
  })
})

describe("page by page (R56)", () => {
  it("R56 what one command did is never cut in two", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* grant(here, 5_000)
      const chip = { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 }
      const load = here.says("canteen-1", { _tag: "BeginLoad", card, chip })
      yield* Submit.submit(load)
      yield* Submit.submit(here.says("canteen-1", { _tag: "SettleLoad", card, load: Command.loadOf(load) }))
      expect((yield* Statements.page(holder, { limit: 1 })).lines.map(shown)).toEqual([
        "within load 50.00, unknown"
      ])
      const written = { balance: Money.of(5_000), loadSequence: 1, purchaseSequence: 0 }
      const tap = { _tag: "PayByCard", card, amount: Money.amount(1_200), link: "up", chip: written } as const
      expect(yield* Submit.submit(here.says("canteen-1", tap))).toMatchObject({ _tag: "Approved" })
      const { lines, next } = yield* Statements.page(holder, { limit: 1 })
      expect(lines.map(shown)).toEqual(["out purchase 12.00, done", "within load 50.00, done"])
      const rest = yield* Statements.page(holder, next === undefined ? {} : { cursor: next })
      expect(rest.lines.map(shown)).toEqual(["in subsidy 50.00, done"])
    }))
  })

  it("R56 hundreds of commands without a line do not end the list", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* grant(here, 1)
      for (let at = 0; at < 450; at++) yield* pay(here, 100)
      yield* grant(here, 2)
      expect((yield* Statements.page(holder, { limit: 2 })).lines.map(({ amount }) => amount)).toEqual([2, 1])
      expect((yield* walk(1, Effect.void)).map(({ amount }) => amount)).toEqual([2, 1])
    }))
  })

  it("R56 walking all pages gives every line once, newest first, also while new lines arrive", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("grant", "pay", "no"), { maxLength: 25 }),
        fc.integer({ min: 1, max: 30 }),
        async (happens, limit) => {
          const here = new Campus()
          await here.run(Effect.gen(function*() {
            yield* here.furnished
            const journal: Array<string> = []
            for (const [at, what] of happens.entries()) {
              // Each amount is its own, so that no line is mistaken for another.
              const fen = at + 1
              const answer = yield* what === "grant"
                ? grant(here, fen)
                : what === "pay"
                ? pay(here, fen)
                : pay(here, 9_999)
              if (answer._tag === "Approved") journal.unshift(`${what} ${fen}`)
            }
            const all = yield* walk(limit, grant(here, 7_777))
            expect(all.map(({ amount, kind }) => `${kind === "subsidy" ? "grant" : "pay"} ${amount}`)).toEqual(journal)
            const sequences = all.map(({ sequence }) => sequence)
            expect(sequences).toEqual(sequences.toSorted((one, next) => next - one))
            expect(new Set(sequences).size).toBe(sequences.length)
          }))
        }
      ),
      { numRuns: 40 }
    )
  })

  it.each([
    [1, 1],
    [2.9, 2],
    [100, 100],
    [101, 100],
    [Infinity, 100],
    [0, 1],
    [-5, 1],
    [NaN, 1],
    [undefined, 20]
  ])("R56 asked for %s lines: %i", async (limit, got) => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      for (let at = 0; at < 120; at++) yield* grant(here, 1)
      const { lines, next } = yield* Statements.page(holder, limit === undefined ? {} : { limit })
      expect(lines).toHaveLength(got)
      expect(next).toMatch(/^s[0-9]+$/)
    }))
  })

  it.each([
    "",
    "s",
    "s0",
    "s-1",
    "1",
    "S1",
    "s1 ",
    "s01",
    "s1e3",
    "s12345678901234567",
    "s9999999999999999",
    "430102199901011257",
    "' or 1=1"
  ])(
    "R56 the cursor %j is misuse, and nothing of it is said again",
    async (cursor) => {
      const here = new Campus()
      await here.run(Effect.gen(function*() {
        yield* here.furnished
        const misuse = yield* Effect.flip(Statements.page(holder, { cursor }))
        expect(misuse).toMatchObject({ _tag: "MalformedCommand", flaws: [{ path: "cursor" }] })
        if (cursor.length > 4) expect(`${JSON.stringify(misuse)} ${misuse.message}`).not.toContain(cursor)
      }))
    }
  )
})

describe("what is left of the limits is what may be bought next (R50)", () => {
  const places = fc.constantFrom(["canteen-1", "canteen"] as const, ["shop-1", "shop"] as const)

  it("R50 A7 that much is approved, and a fen more is declined by that limit", async () => {
    const named = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(places, fc.integer({ min: 1, max: 2_500 }), fc.nat({ max: 8 })), { maxLength: 5 }),
        places,
        async (bought, [point, category]) => {
          const here = new Campus()
          await here.run(Effect.gen(function*() {
            yield* here.furnished
            yield* grant(here, 100_000)
            for (const [[at], fen, hours] of bought) {
              yield* pay(here, fen, at)
              here.now = later(here.now, hours * hour)
            }
            const quotas = yield* Statements.remaining(holder, { category, medium: "ecodePayCode" })
            const least = Math.min(...quotas.map(({ remaining }) => remaining))
            const tightest = quotas.filter(({ remaining }) => remaining === least)
            const refused = yield* pay(here, least + 1, point)
            if (refused._tag !== "Declined") throw new Error("approved")
            const { decline } = refused
            expect(["MealLimitExceeded", "DailyLimitExceeded"]).toContain(decline._tag)
            if (!("quota" in decline)) throw new Error("no limit")
            expect(tightest).toContainEqual(decline.quota)
            named.add(decline._tag)
            if (least === 0) return
            expect(yield* pay(here, least, point)).toMatchObject({ _tag: "Approved" })
            const after = yield* Statements.remaining(holder, { category, medium: "ecodePayCode" })
            expect(Math.min(...after.map(({ remaining }) => remaining))).toBe(0)
          }))
        }
      ),
      { numRuns: 60 }
    )
    expect([...named].toSorted()).toEqual(["DailyLimitExceeded", "MealLimitExceeded"])
  })

  it("R50 A5 what went back may be bought again", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      yield* grant(here, 10_000)
      const left = Effect.map(
        Statements.remaining(holder, { category: "canteen", medium: "ecodePayCode" }),
        (quotas) => Object.fromEntries(quotas.map(({ limit, remaining }) => [limit, remaining]))
      )
      expect(yield* left).toEqual({ meal: 3_000, day: 5_000 })
      const bought = here.says("canteen-1", payBody(3_000))
      yield* Submit.submit(bought)
      expect(yield* left).toEqual({ meal: 0, day: 2_000 })
      yield* Submit.submit(here.says("canteen-1", { _tag: "ReversePurchase", purchase: Command.purchaseOf(bought) }))
      expect(yield* left).toEqual({ meal: 3_000, day: 5_000 })
    }))
  })

  it("R50 whoever has no account has no limits", async () => {
    const here = new Campus()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      expect(yield* Statements.remaining(other, { category: "canteen", medium: "ecodePayCode" })).toEqual([])
      expect(Option.isNone(yield* (yield* AccountStore).find(other))).toBe(true)
    }))
  })
})
