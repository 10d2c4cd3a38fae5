import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { dayLength, later, minute } from "../../src/CivilTime.ts"
import * as Uploading from "../../src/flows/Uploading.ts"
import * as Money from "../../src/Money.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import type { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as Terminal from "../../src/Terminal.ts"
import { digest, type Sent, type TerminalRecord } from "../../src/TerminalRecord.ts"
import { account, pockets } from "./campus.ts"
import { breaking, Canteen, explain, interrupted, safe, station, told, under, waiting } from "./canteen.ts"

const good = "RecordAccepted TapKnown Approved"
const { "canteen-1": _, ...points } = csmzxy.points
const without = { ...csmzxy, version: "without", points }

/** What the terminal is told as it signs in: up to which number it may forget. */
const settled = (canteen: Canteen) =>
  Effect.gen(function*() {
    canteen.campus.now = later(canteen.campus.now, 1)
    yield* canteen.signedIn
    const [event] = yield* Stream.runCollect(
      Stream.map(Stream.takeRight((yield* SubjectStore).journal(Terminal.decider), 1), ({ answer }) =>
        answer._tag === "Approved" ? answer.events[0] : undefined)
    )
    return event?._tag === "SignedIn" ? event.settled : undefined
  })
/** What is open at the terminals. */
const open = Effect.map(
  Stream.runCollect(Uploading.openTerminals),
  (all) => all.flatMap(({ suspended, taken }) => [...taken, ...suspended])
)
const numbers = Effect.map(open, (all) => all.map(({ device }) => device))

describe("I15 D11 what a terminal may forget has its end, and nothing else", () => {
  it("I15 what waits is not settled, nor is what came after it; once it is posted all is", async () => {
    const canteen = new Canteen()
    const listed: [typeof csmzxy] = [csmzxy]
    await canteen.run(
      Effect.gen(function*() {
        yield* canteen.opened
        const meals = [canteen.eats("12.00"), canteen.eats("8.00")]
        yield* canteen.uploads(meals.slice(0, 1))
        listed[0] = without
        expect(safe(yield* canteen.uploads(meals))).toEqual([true, false])
        expect(yield* settled(canteen)).toBe(1)
        expect(yield* numbers).toEqual([2])
        listed[0] = csmzxy
        expect(safe(yield* canteen.uploads(meals))).toEqual([true, true])
        expect(yield* settled(canteen)).toBe(2)
        expect(yield* numbers).toEqual([])
      }).pipe(under(listed))
    )
  })

  it.each([
    // Steps: the terminal, purse and account of each record, and the terminal again.
    ["its first record", 1, [1, 2], []],
    ["the account of its first", 2, [1, 2], []],
    ["its second", 3, [2], [true]],
    ["the account of its second", 4, [2], [true]],
    ["the word on both", 5, [1, 2], []]
  ])(
    "I15 I3 a batch that is cut off before %s: what has no end is open, and is not settled",
    async (_, step, open, told) => {
      const canteen = new Canteen()
      await canteen.run(Effect.gen(function*() {
        yield* canteen.opened
        const meals = [canteen.eats("12.00"), canteen.eats("8.00")]
        expect(safe(yield* breaking(new Set([step]), false)(canteen.uploads(meals, "batch")))).toEqual(told)
        expect(yield* numbers).toEqual(open)
        expect(yield* settled(canteen)).toBe(2 - open.length)
        expect(safe(yield* canteen.uploads(meals, "batch"))).toEqual([true, true])
        expect(yield* numbers).toEqual([])
        expect(yield* settled(canteen)).toBe(2)
        expect((yield* pockets).chip).toBe(8_000)
      }))
    }
  )

  it("I15 D16 what is dated a moment ahead, and what is no purchase: open until its time, and settled at once", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      const load: TerminalRecord = { ...meal, device: 2, terminal: 2, fact: { _tag: "Other", kind: "load" } }
      canteen.campus.now = later(canteen.campus.now, -5_000)
      expect(told(yield* canteen.uploads([meal, load]))).toEqual(["Early", "RecordAccepted Noted"])
      expect(yield* numbers).toEqual([1])
      canteen.campus.now = later(canteen.campus.now, 5_000)
      expect(safe(yield* canteen.uploads([meal]))).toEqual([true])
      expect(yield* numbers).toEqual([])
    }))
  })

  it("I15 I3 a copy from before the window of digests has its end each time that it comes, in the same moment too", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const records = Array.from({ length: Terminal.remembered + 1 }, (_, at): TerminalRecord => {
        const numbers = { device: at + 1, terminal: at + 1 }
        return { ...numbers, station, at: canteen.campus.now, fact: { _tag: "Other", kind: "load" } }
      })
      for (let at = 0; at < records.length; at += 200) yield* canteen.uploads(records.slice(at, at + 200))
      for (let n = 0; n < 2; n++) {
        const again = yield* canteen.uploads(records.slice(0, 1))
        expect([told(again), safe(again)]).toEqual([["RecordDuplicated Noted"], [true]])
        expect(yield* open).toEqual([])
      }
    }))
  })
})

describe("D18 I15 a record whose name stands for another content", () => {
  /** A lunch paid by Alipay. Who paid is no part of its name (D24), so that the same name may be used with two payers. */
  const lunch = (canteen: Canteen, device: number, payer: string): TerminalRecord => ({
    device,
    station,
    terminal: device,
    at: later(canteen.campus.now, device),
    fact: {
      _tag: "AlipayPurchase",
      purchase: { _tag: "RecordAlipayPurchase", reference: `2026030222${device}`, amount: Money.amount(900) },
      payer: { kind: "alipay", value: payer }
    }
  })
  const bound = (payer: string) =>
    Effect.gen(function*() {
      yield* (yield* AccountStore).bind({ kind: "alipay", value: payer }, account)
    })
  const sold = Effect.gen(function*() {
    return (yield* (yield* AccountStore).balances).get("merchant:canteen-1")
  })

  it.each([["posted at once", "one"], ["declined at first, and then posted", "late"]])(
    "D18 I15 the first was %s: the other is open with a reason of its own, and holds up no other record",
    async (_, payer) => {
      const canteen = new Canteen()
      await canteen.run(Effect.gen(function*() {
        yield* canteen.opened
        yield* bound("one")
        const [first, other, next] = [lunch(canteen, 1, payer), lunch(canteen, 1, "other"), lunch(canteen, 2, "one")]
        canteen.campus.now = later(canteen.campus.now, minute)
        yield* canteen.uploads([first])
        yield* bound("late")
        canteen.campus.now = later(canteen.campus.now, Uploading.pause)
        expect(safe(yield* canteen.uploads([first]))).toEqual([true])
        const batch = yield* canteen.uploads([other, next])
        expect(told(batch)).toEqual(["Waiting RecordContested", "RecordAccepted - Approved"])
        expect(safe(batch)).toEqual([false, true])
        const [one] = yield* open
        expect(one).toMatchObject({ device: 1, since: canteen.campus.now, decline: { _tag: "RecordContested" } })
        const books = yield* sold
        // The first one comes again: it was posted, and the other stays open all the same, for ever.
        for (let days = 0; days < 3; days++) {
          canteen.campus.now = later(canteen.campus.now, dayLength)
          expect(told(yield* canteen.uploads([other]))).toEqual(["Waiting RecordContested"])
          expect(safe(yield* canteen.uploads([first]))).toEqual([true])
          expect(yield* open).toEqual([one])
        }
        expect(yield* explain(one!)).toMatchObject({ _tag: "Approved" })
        expect(yield* open).toEqual([])
        expect(told(yield* canteen.uploads([other, next]))).toEqual(["Explained", "RecordDuplicated - Approved"])
        expect(yield* sold).toBe(books)
      }))
    }
  )

  it("D18 D11 the first was declined: it posted nothing, so that the other is asked under the next name", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      yield* bound("one")
      const [first, other] = [lunch(canteen, 1, "nobody"), lunch(canteen, 1, "one")]
      canteen.campus.now = later(canteen.campus.now, minute)
      // Cut off as the account has declined, and the terminal's subject does not know it yet.
      yield* breaking(new Set([2]), false)(canteen.uploads([first]))
      expect(told(yield* canteen.uploads([other]))).toEqual(["RecordDuplicated - UnknownHandle"])
      canteen.campus.now = later(canteen.campus.now, Uploading.pause)
      expect(told(yield* canteen.uploads([other]))).toEqual(["RecordDuplicated - Approved"])
      expect(yield* open).toEqual([])
    }))
  })
})

describe("I15 a record without a usable number", () => {
  const damaged: ReadonlyArray<readonly [string, (meal: TerminalRecord) => Sent]> = [
    ...[0, -1, 1.5, 4_294_967_296, Number.NaN, null].flatMap((number) =>
      [
        [`the device: ${number}`, (meal: TerminalRecord): Sent => ({ ...meal, device: number })],
        [`the station: ${number}`, (meal: TerminalRecord): Sent => ({ ...meal, terminal: number })],
        [`the chip: ${number}`, (meal: TerminalRecord): Sent => {
          if (meal.fact._tag !== "CardPurchase") throw new Error("a card was tapped")
          const purchase = { ...meal.fact.purchase, purchaseSequence: number }
          return { ...meal, fact: { ...meal.fact, purchase } }
        }]
      ] as const
    ),
    ["the device, which it left out", ({ device: _, ...rest }) => rest]
  ]

  it.each(damaged)(
    "I15 D11 of %s: open with a reason of its own, until a person says what it was",
    async (_, damage) => {
      const canteen = new Canteen()
      await canteen.run(Effect.gen(function*() {
        yield* canteen.opened
        const meals = [canteen.eats("12.00"), damage(canteen.eats("8.00")), canteen.eats("0.50")]
        const batch = yield* canteen.uploads(meals)
        expect(told(batch)).toEqual([good, "Waiting RecordUnnumbered", good])
        expect(safe(batch)).toEqual([true, false, true])
        expect(yield* waiting).toEqual([["RecordUnnumbered", 0]])
        const [one] = yield* open
        canteen.campus.now = later(canteen.campus.now, dayLength)
        expect(told(yield* canteen.uploads(meals.slice(1, 2)))).toEqual(["Waiting RecordUnnumbered"])
        expect(yield* open).toEqual([one])
        expect(yield* explain(one!)).toMatchObject({ _tag: "Approved" })
        expect(yield* open).toEqual([])
        expect(safe(yield* canteen.uploads(meals))).toEqual([true, true, true])
        // The chip says that it was paid. Nobody could tell a copy of it from another one, so it is not posted.
        expect((yield* pockets).chip).toBe(8_750)
      }))
    }
  )
})

describe("I15 D11 a person says what became of an open record", () => {
  const copy = "RecordDuplicated TapKnown Approved"
  const approved = { _tag: "Approved" }
  const tooLate = { _tag: "Declined", decline: { _tag: "RecordAlreadyPosted" } }

  /** A meal that is open: one that came and was not posted yet, or one that was declined and could be posted now. */
  const opened = Effect.fnUntraced(function*(canteen: Canteen, listed: [typeof csmzxy], how: "came" | "waits") {
    yield* canteen.opened
    const meal = canteen.eats("12.00")
    if (how === "came") yield* breaking(new Set([2]), false)(canteen.uploads([meal]))
    else {
      listed[0] = without
      yield* canteen.uploads([meal])
      listed[0] = csmzxy
    }
    const [one] = yield* open
    return { meal, one: one! }
  })
  /** Sent again and again, nothing of it changes any more. */
  const over = Effect.fnUntraced(function*(canteen: Canteen, meal: TerminalRecord, what: string, chip: number) {
    for (let n = 0; n < 3; n++) {
      expect(yield* open).toEqual([])
      expect((yield* pockets).chip).toBe(chip)
      canteen.campus.now = later(canteen.campus.now, Uploading.pause)
      expect(told(yield* canteen.uploads([meal]))).toEqual([what])
    }
  })

  it.each<readonly ["came" | "waits", number, string, object, string, number]>([
    // Steps of the upload: the terminal, purse, account, the terminal again. What it and the clerk are told; what stays.
    ["came", 0, "Explained", approved, "Explained", 10_000],
    ["came", 1, "Waiting RecordContested", approved, "Explained", 10_000],
    ["came", 2, "Waiting RecordContested", approved, "Explained", 10_000],
    ["came", 3, copy, tooLate, copy, 8_800],
    ["waits", 0, "Explained", approved, "Explained", 10_000],
    ["waits", 1, "Waiting RecordContested", approved, "Explained", 10_000],
    ["waits", 2, "Waiting RecordContested", approved, "Explained", 10_000],
    ["waits", 3, copy, tooLate, copy, 8_800]
  ])("I3 I15 one that %s, explained before step %i of its upload: %s", async (how, step, first, answer, then, chip) => {
    const canteen = new Canteen()
    const listed: [typeof csmzxy] = [csmzxy]
    await canteen.run(
      Effect.gen(function*() {
        const { meal, one } = yield* opened(canteen, listed, how)
        let said: unknown
        const explaining = Effect.map(Effect.orDie(explain(one)), (answer) => said = answer)
        const context = yield* Effect.context<AccountStore | SubjectStore>()
        const cut = interrupted(step, Effect.provide(explaining, context))
        expect(told(yield* cut(canteen.uploads([meal])))).toEqual([first])
        expect(said).toMatchObject(answer)
        expect(yield* explain(one)).toEqual(said)
        yield* over(canteen, meal, then, chip)
      }).pipe(under(listed))
    )
  })

  it.each<readonly ["came" | "waits", number, object, string, number]>([
    // Steps of the explanation: the account, then the terminal.
    ["came", 0, tooLate, copy, 8_800],
    ["came", 1, approved, "Explained", 10_000],
    ["waits", 0, tooLate, copy, 8_800],
    ["waits", 1, approved, "Explained", 10_000]
  ])("I3 I15 one that %s, sent again before step %i of its explanation: %j", async (how, step, answer, then, chip) => {
    const canteen = new Canteen()
    const listed: [typeof csmzxy] = [csmzxy]
    await canteen.run(
      Effect.gen(function*() {
        const { meal, one } = yield* opened(canteen, listed, how)
        const context = yield* Effect.context<AccountStore | SubjectStore | Profiles>()
        const cut = interrupted(step, Effect.provide(Effect.orDie(canteen.uploads([meal])), context))
        const said = yield* cut(explain(one))
        expect(said).toMatchObject(answer)
        expect(yield* explain(one)).toEqual(said)
        yield* over(canteen, meal, then, chip)
      }).pipe(under(listed))
    )
  })

  it("D11 declined once more at the same moment: the attempt after that is closed, too", async () => {
    const canteen = new Canteen()
    const listed: [typeof csmzxy] = [csmzxy]
    await canteen.run(
      Effect.gen(function*() {
        const { meal, one } = yield* opened(canteen, listed, "waits")
        listed[0] = without
        canteen.campus.now = later(canteen.campus.now, Uploading.pause)
        const context = yield* Effect.context<AccountStore | SubjectStore | Profiles>()
        const cut = interrupted(0, Effect.provide(Effect.orDie(canteen.uploads([meal])), context))
        expect(yield* cut(explain(one))).toMatchObject(approved)
        listed[0] = csmzxy
        yield* over(canteen, meal, "Explained", 10_000)
      }).pipe(under(listed))
    )
  })

  it.each([["came", false, 1], ["came", true, 0], ["waits", false, 1], ["waits", true, 0]] as const)(
    "I15 one that %s, and the clerk is cut off (after writing: %j, step %i): open, not posted, and explained again",
    async (how, after, step) => {
      const canteen = new Canteen()
      const listed: [typeof csmzxy] = [csmzxy]
      await canteen.run(
        Effect.gen(function*() {
          const { meal, one } = yield* opened(canteen, listed, how)
          yield* Effect.flip(breaking(new Set([step]), after)(explain(one)))
          expect(told(yield* canteen.uploads([meal]))).toEqual(["Waiting RecordContested"])
          expect(yield* open).toMatchObject([{ device: 1, decline: { _tag: "RecordContested" } }])
          expect(yield* explain(one)).toMatchObject(approved)
          yield* over(canteen, meal, "Explained", 10_000)
        }).pipe(under(listed))
      )
    }
  )

  it("I15 what is not open is not explained, and stays as it is", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meal = canteen.eats("12.00")
      yield* canteen.uploads([meal])
      const notOpen = { _tag: "Declined", decline: { _tag: "RecordNotSuspended" } }
      expect(yield* explain({ device: meal.device, digest: digest(meal) })).toEqual(notOpen)
      yield* over(canteen, meal, copy, 8_800)
    }))
  })
})
