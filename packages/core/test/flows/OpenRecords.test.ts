import { Effect, Option, Stream } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayLength, later, minute } from "../../src/CivilTime.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Uploading from "../../src/flows/Uploading.ts"
import * as Id from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import type * as SuspendedRecord from "../../src/SuspendedRecord.ts"
import * as Terminal from "../../src/Terminal.ts"
import type { Command } from "../../src/TerminalEvent.ts"
import { digest, isWhole, ordinal, type Sent, type TerminalRecord } from "../../src/TerminalRecord.ts"
import { holder, pockets } from "./campus.ts"
import { breaking, Canteen, explain, host, interrupted, safe, terminal, told } from "./canteen.ts"

const good = "RecordAccepted TapKnown Approved"

/** Somebody tells the terminal's subject: what happened. */
const tell = (id: string, body: Command) =>
  Effect.gen(function*() {
    const answer = yield* (yield* SubjectStore).transact(Terminal.decider, {
      caller: host,
      id: Id.CommandId.make(id),
      subject: terminal,
      receivedAt: yield* Submit.arrival,
      body
    })
    if (answer._tag === "Declined") throw new Error(answer.decline._tag)
    return answer.events
  })
const signIn = (canteen: Canteen, first?: number): Command => ({
  _tag: "SignIn",
  clock: canteen.campus.now,
  holds: { profile: csmzxy.version, list: 0 },
  newestList: 0,
  ...(first === undefined ? {} : { counters: { device: first, stations: [] } })
})
const why = { reason: "looked at its memory", operator: Id.OperatorId.make("operator-1") }

/** What is open, each list by its numbers. */
const open = Effect.map(
  Stream.runCollect(Uploading.openTerminals),
  (all) =>
    all.flatMap(({ conflicts, refused, suspended, taken }) =>
      Object.entries({ conflicts, refused, suspended, taken }).flatMap(([list, records]) =>
        records.map(({ device }) => `${list} ${device}`)
      )
    )
)
const keyOf = (record: Sent): SuspendedRecord.Key => ({ device: ordinal(record.device), digest: digest(record) })

describe("I15 D11 a record that is refused for its number", () => {
  it("I15 from before the first, and far ahead: both are listed, and neither is settled; a person ends both", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* tell("in-use", signIn(canteen, 100))
      yield* canteen.opened
      const before = { ...canteen.eats("12.00"), device: 50 }
      const ahead = { ...canteen.eats("8.00"), device: 9_000 }
      const batch = yield* canteen.uploads([before, ahead])
      expect([told(batch), safe(batch)]).toEqual([["BeforeFirst", "JumpTooLarge"], [false, false]])
      expect(yield* Stream.runCollect(Uploading.openTerminals)).toMatchObject([{
        refused: [
          { device: 50, since: canteen.campus.now, refusal: { _tag: "BeforeFirst", first: 100 } },
          { device: 9_000, refusal: { _tag: "JumpTooLarge" } }
        ]
      }])
      expect(yield* tell("again", signIn(canteen))).toMatchObject([{ settled: 49 }])
      canteen.campus.now = later(canteen.campus.now, minute)
      expect(yield* explain(keyOf(before))).toMatchObject({ _tag: "Approved" })
      expect(yield* open).toEqual(["refused 9000"])
      yield* tell("gap", { _tag: "ExplainGap", from: 100, to: 8_999, ...why })
      const again = yield* canteen.uploads([before, ahead])
      expect([told(again), safe(again)]).toEqual([["Explained", good], [true, true]])
      expect(yield* open).toEqual([])
      expect((yield* pockets).chip).toBe(9_200)
    }))
  })

  it.each([
    // Steps of the upload: the terminal, purse, account.
    [0, "Explained"],
    [1, "Waiting RecordContested"],
    [2, "Waiting RecordContested"]
  ])(
    "I15 I3 explained before step %i of an upload that could take it by then: %s, and never posted",
    async (step, first) => {
      const canteen = new Canteen()
      await canteen.run(Effect.gen(function*() {
        yield* canteen.opened
        const ahead = { ...canteen.eats("8.00"), device: 9_000 }
        yield* canteen.uploads([ahead], "batch")
        yield* tell("gap", { _tag: "ExplainGap", from: 1, to: 8_999, ...why })
        const context = yield* Effect.context<AccountStore | SubjectStore>()
        const said = Effect.provide(Effect.orDie(explain(keyOf(ahead))), context)
        expect(told(yield* interrupted(step, said)(canteen.uploads([ahead])))).toEqual([first])
        // The batch that was told before that it is refused is told now that it may be forgotten.
        expect(told(yield* canteen.uploads([ahead], "batch"))).toEqual(["Explained"])
        expect(safe(yield* canteen.uploads([ahead]))).toEqual([true])
        expect(yield* open).toEqual([])
        expect((yield* pockets).chip).toBe(10_000)
      }))
    }
  )
})

describe("I15 D11 two records under one number", () => {
  it("I15 both are posted, and the conflict is listed until a person explains it; nobody pays one by hand", async () => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const first = canteen.eats("12.00")
      const second = { ...canteen.eats("8.00"), device: first.device }
      const batch = yield* canteen.uploads([first, second])
      expect(safe(batch)).toEqual([true, true])
      expect(yield* open).toEqual(["conflicts 1"])
      const tooLate = { _tag: "Declined", decline: { _tag: "RecordAlreadyPosted" } }
      expect(yield* explain(keyOf(second))).toEqual(tooLate)
      expect(yield* open).toEqual(["conflicts 1"])
      yield* tell("conflict", { _tag: "ExplainConflict", device: 1, ...why })
      expect(yield* open).toEqual([])
      expect((yield* pockets).chip).toBe(8_000)
    }))
  })
})

describe("I15 D11 a record with a damaged figure", () => {
  const damage = (change: object) => (meal: TerminalRecord): Sent => {
    if (meal.fact._tag !== "CardPurchase") throw new Error("a card was tapped")
    return { ...meal, fact: { ...meal.fact, purchase: { ...meal.fact.purchase, ...change } } }
  }
  const damaged: ReadonlyArray<readonly [string, (meal: TerminalRecord) => Sent]> = [
    ["no amount", damage({ amount: 0 })],
    ["part of a fen", damage({ amount: 0.5 })],
    ["less than nothing before it", damage({ chipBefore: -5 })],
    ["nothing readable after it", damage({ chipAfter: null })],
    ["no number of loads", (meal) => ({ ...meal, fact: { ...meal.fact, loadSequence: -1 } as Sent["fact"] })],
    ["a time that is none", (meal) => ({ ...meal, at: -1 })],
    ["no time", ({ at: _, ...rest }) => rest]
  ]

  it.each(damaged)("I15 %s: listed with the reason, and holds up no other", async (_, change) => {
    const canteen = new Canteen()
    await canteen.run(Effect.gen(function*() {
      yield* canteen.opened
      const meals = [canteen.eats("12.00"), change(canteen.eats("8.00")), canteen.eats("0.50")]
      const batch = yield* canteen.uploads(meals)
      expect(told(batch)).toEqual([good, "Waiting RecordUnnumbered", good])
      // Its own number is right, so that no gap stays behind it.
      expect(yield* open).toEqual(["suspended 2"])
      expect(yield* tell("again", signIn(canteen))).toMatchObject([{ settled: 1 }])
      canteen.campus.now = later(canteen.campus.now, dayLength)
      expect(safe(yield* canteen.uploads(meals))).toEqual([true, false, true])
      expect(yield* explain(keyOf(meals[1]!))).toMatchObject({ _tag: "Approved" })
      expect(safe(yield* canteen.uploads(meals))).toEqual([true, true, true])
      expect(yield* open).toEqual([])
      expect((yield* pockets).chip).toBe(8_750)
    }))
  })
})

describe("I15 D11 whatever its numbers", () => {
  it("I15 every record that was ever sent is posted, explained or listed, and what is safe is not listed", async () => {
    const story = fc.record({
      numbers: fc.array(fc.constantFrom(undefined, 0, 1, 2, 3, 40, 2_900, 90_000), { minLength: 1, maxLength: 6 }),
      first: fc.constantFrom(1, 3),
      faults: fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 5 }),
      after: fc.boolean(),
      batches: fc.array(fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      explained: fc.nat({ max: 5 })
    })
    await fc.assert(
      fc.asyncProperty(story, async ({ after, batches, explained, faults, first, numbers }) => {
        const canteen = new Canteen()
        await canteen.run(Effect.gen(function*() {
          yield* tell("in-use", signIn(canteen, first))
          yield* canteen.opened
          const records = numbers.map((device): Sent => {
            const meal = canteen.eats("1.00")
            return device === undefined ? meal : { ...meal, device }
          })
          const sent = new Set<Sent>()
          const done = new Set<Sent>()
          yield* breaking(new Set(faults), after)(Effect.gen(function*() {
            for (const batch of batches) {
              const some = batch.flatMap((at) => records[at] ?? [])
              if (some.length === 0) continue
              canteen.campus.now = later(canteen.campus.now, Uploading.pause)
              const uploaded = yield* canteen.uploads(some)
              if (uploaded._tag === "Declined") throw new Error(uploaded.decline._tag)
              for (const [at, one] of uploaded.outcomes.entries()) {
                sent.add(some[at]!)
                if (Uploading.isSafe(one)) done.add(some[at]!)
              }
            }
          }))
          const one = records[explained]
          if (one !== undefined) yield* explain(keyOf(one))
          const lists = yield* Stream.runCollect(Uploading.openTerminals)
          const listed = lists.flatMap(({ refused, suspended, taken }) => [...taken, ...suspended, ...refused])
          const is = (record: Sent) => (key: SuspendedRecord.Key) => key.digest === digest(record)
          const { posted } = Option.getOrThrow(yield* (yield* AccountStore).find(holder))
          for (const record of sent) {
            if (done.has(record)) expect(listed.some(is(record))).toBe(false)
            else if (record !== one) expect(listed.some(is(record))).toBe(true)
          }
          expect(posted.length).toBeGreaterThanOrEqual([...done].filter(isWhole).length)
          const [state] = yield* Stream.runCollect((yield* SubjectStore).all(Terminal.decider))
          for (const { device } of listed) {
            expect(device === 0 || device > Terminal.settled(state!.state)).toBe(true)
          }
        }))
      }),
      { numRuns: 60 }
    )
  })
})
