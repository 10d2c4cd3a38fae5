/**
 * Debits of a contracted card 圈存 in any order, over lines that lose messages, bring them twice or late, to a bank that forgets
 * who is signed in, from a school that dies in the midst of it or sends from two processes (D2, D21, I3): in the end the bank
 * has debited what the school has credited, once, and nothing is open.
 *
 * YIKATONG_RECHARGES says how many lives, YIKATONG_SEED which, YIKATONG_PATH the one that is lived again.
 */
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, Id, RechargeChannel, Recharging, SubjectStore } from "@yikatong/core"
import { Cause, Effect, Exit, Option, Stream } from "effect"
import * as fc from "fast-check"
import type { Mischief } from "../src/sandbox/Mischief.ts"
import * as TransferChannel from "../src/TransferChannel.ts"
import * as TransferRecord from "../src/TransferRecord.ts"
import * as TransferTerminal from "../src/TransferTerminal.ts"
import { attempts, cameIn, credits } from "./model/Books.ts"
import { books, Campus, drive, profile, serves } from "./support/campus.ts"
import { type Bank, banks, has } from "./transfers/Bank.ts"
import { Death, faults, Line } from "./transfers/Line.ts"

const { YIKATONG_PATH, YIKATONG_RECHARGES, YIKATONG_SEED } = process.env
const numRuns = Number(YIKATONG_RECHARGES ?? 150)
const seed = Number(YIKATONG_SEED ?? 20_260_302)
const { minute } = CivilTime
const terminal = "00000001"
const purse = 60_000

const act = <Tag extends string>(tag: Tag) => fc.constant(tag)
/** Of the school's two processes. */
const by = fc.nat(1)
const does: fc.Arbitrary<Mischief> = fc.oneof(
  fc.record({ _tag: fc.constant("Drop" as const), after: fc.boolean() }),
  fc.record({ _tag: fc.constant("Truncate" as const), bytes: fc.integer({ min: 0, max: 120 }) }),
  fc.record({ _tag: fc.constant("Forge" as const), how: fc.constantFrom("otherKey" as const, "tamper") }),
  fc.constant({ _tag: "Replay" as const })
)
const anAct = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: act("place"), by, fen: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 2, arbitrary: fc.record({ act: act("drive"), by }) },
  /** Both at once: one recharges while the other asks about all that is open. */
  { weight: 2, arbitrary: fc.record({ act: act("both"), by, fen: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 4, arbitrary: fc.record({ act: act("line"), fault: fc.constantFrom(...faults), skip: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: act("spoil"), which: fc.nat(2), does, times: fc.integer({ min: 1, max: 2 }) })
  },
  { weight: 2, arbitrary: fc.record({ act: act("release") }) },
  { weight: 2, arbitrary: fc.record({ act: act("forget") }) },
  { weight: 1, arbitrary: fc.record({ act: act("restart"), by }) },
  // A whole life is within one day: of another day's debits a bank takes none back.
  { weight: 2, arbitrary: fc.record({ act: act("wait"), ms: fc.constantFrom(1_000, minute, 10 * minute) }) }
)
type Act = typeof anAct extends fc.Arbitrary<infer A> ? A : never

/** Death is part of the story; nothing else that is unforeseen is. */
const survived = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Effect.exit(effect), (exit) => {
    if (Exit.isSuccess(exit)) return Effect.succeed(true)
    const unforeseen = exit.cause.reasons.find((one) => Cause.isDieReason(one) && !(one.defect instanceof Death))
    if (unforeseen !== undefined) return Effect.die(Cause.squash(exit.cause))
    return Effect.succeed(!exit.cause.reasons.some(Cause.isDieReason))
  })

const records = Effect.gen(function*() {
  const store = yield* SubjectStore.SubjectStore
  return (yield* Stream.runCollect(store.all(TransferRecord.decider))).map(({ state }) => state)
})

class School {
  readonly campus = new Campus([], profile())
  readonly line: Line
  readonly #bank: Bank
  #processes: Array<RechargeChannel.RechargeChannel | undefined> = [undefined, undefined]

  constructor(bank: Bank) {
    this.#bank = bank
    this.campus.now = CivilTime.instant("2026-03-02 08:00")
    this.line = new Line((message) => bank.answer(message, this.campus.now))
  }

  /** Does something in one of the processes; the one that dies is started again. */
  in<A, E, R>(by: number, effect: Effect.Effect<A, E, R>) {
    return Effect.gen({ self: this }, function*() {
      const channel = this.#processes[by] ?? (yield* this.#started)
      this.#processes[by] = channel
      const lives = yield* survived(Effect.provideService(effect, RechargeChannel.RechargeChannels, [channel]))
      if (!lives) this.restart(by)
    })
  }

  restart(by: number): void {
    this.#processes[by] = undefined
  }

  get #started() {
    return TransferChannel.make({
      name: "transfer",
      serves: serves("ccbCard"),
      caller: Id.CallerId.make("transfer"),
      terminal,
      contractOf: () => Effect.succeed("contract-1")
    }, this.#bank.wire(this.line.ask))
  }
}

const live = (bank: Bank, acts: ReadonlyArray<Act>) => {
  const school = new School(bank)
  const { campus, line } = school
  const place = (by: number, fen: number) => school.in(by, campus.place("ccbCard", fen))
  const perform = (one: Act) => {
    switch (one.act) {
      case "place":
        return place(one.by, one.fen)
      case "drive":
        return school.in(one.by, drive())
      case "both":
        return Effect.all([place(one.by, one.fen), school.in(1 - one.by, drive())], { concurrency: 2 })
      case "line":
        return Effect.sync(() => line.plan(one.fault, one.skip))
      case "spoil": {
        const operation = bank.operations[one.which] ?? ""
        return Effect.sync(() => bank.rules.add({ wire: bank.name, operation, does: one.does, times: one.times }))
      }
      case "release":
        return Effect.sync(() => line.release())
      case "forget":
        return Effect.sync(() => bank.forget())
      case "restart":
        return Effect.sync(() => school.restart(one.by))
      case "wait":
        return Effect.sync(() => campus.wait(one.ms))
    }
  }
  return campus.run(Effect.gen(function*() {
    yield* campus.furnished
    for (const one of acts) yield* perform(one)
    bank.rules.clear()
    line.mend()
    for (let round = 0; round < 8; round++) {
      yield* school.in(0, drive())
      campus.wait(20 * minute)
      if (round === 4) line.release()
    }
    const store = yield* SubjectStore.SubjectStore
    const all = yield* records
    const paid = all.flatMap((one) => one._tag === "Paid" ? [one] : [])
    const sum = paid.reduce((sum, { amount }) => sum + amount, 0)
    const written = yield* credits
    expect(bank.purses.isWhole).toBe(true)
    // What the bank has debited, what is on record, what was credited, and what the books say are one sum, and as many.
    expect({
      debited: purse - has(bank),
      standing: bank.standing(),
      credited: written.reduce((sum, { amount }) => sum + amount, 0),
      times: written.length,
      books: yield* cameIn
    }).toEqual({ debited: sum, standing: paid.length, credited: sum, times: paid.length, books: sum })
    expect(new Set(written.map(({ reference }) => reference)).size).toBe(paid.length)
    expect(all.filter(({ _tag }) => _tag === "Sent" || _tag === "Reversing")).toEqual([])
    expect(Option.getOrUndefined(yield* store.find(TransferTerminal.decider, terminal))?.open).toBeUndefined()
    const { attempts: open, orders } = yield* Recharging.open
    expect([open, orders]).toEqual([[], []])
    expect((yield* attempts).filter(({ _tag }) => _tag === "Kept")).toHaveLength(paid.length)
    // No number was given twice.
    const numbers = all.map(({ batch, number }) => `${batch}.${number}`)
    expect(new Set(numbers).size).toBe(numbers.length)
    yield* books
    return { paid: paid.length, back: all.filter(({ _tag }) => _tag === "Reversed").length }
  }))
}

describe.each(Object.entries(banks))(`%s: ${numRuns} lives (YIKATONG_SEED=${seed})`, (_, make) => {
  it("what the bank has debited is credited once, and nothing else; nothing is open", async () => {
    const ends = { paid: 0, back: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(anAct, { minLength: 5, maxLength: 30 }), async (acts) => {
        const { back, paid } = await live(make(purse), acts)
        ends.paid += paid
        ends.back += back
      }),
      { numRuns, seed, ...(YIKATONG_PATH === undefined ? {} : { path: YIKATONG_PATH }) }
    )
    if (YIKATONG_PATH !== undefined) return
    expect(ends.paid).toBeGreaterThan(numRuns / 2)
    expect(ends.back).toBeGreaterThan(numRuns / 4)
  }, 1_800_000)
})
