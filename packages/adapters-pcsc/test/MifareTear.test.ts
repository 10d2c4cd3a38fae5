// A card on M1 that is pulled away at every command and at every byte (R28, D8): the balance is the one before or the
// one after, what was told is true, and the counters belong to the balance.
import { describe, expect, it } from "@effect/vitest"
import { Chip, CivilTime, Id, Money, OpenLoad } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as fc from "fast-check"
import { isDeepStrictEqual } from "node:util"
import * as Bytes from "../src/Bytes.ts"
import * as MifareLayout from "../src/MifareLayout.ts"
import * as MifarePurse from "../src/MifarePurse.ts"
import type { Outcome } from "../src/Outcome.ts"
import type { Failure, PurseCard } from "../src/PurseCard.ts"
import * as VirtualMifare from "../src/VirtualMifare.ts"
import { at, bought, chip, issued, lay, lunch, options, shopping, withFlaw } from "./support/M1Card.ts"
import { type MifareChannel, over, type Tear } from "./support/MifareChannel.ts"

const ten = Money.amount(1_000)

interface Dealing {
  readonly after: Chip.Chip
  readonly does: (purse: PurseCard) => Effect.Effect<Outcome, Failure>
}

const loading = (before: Chip.Chip, amount: Money.Amount = ten): Dealing => ({
  after: Chip.load(before, amount),
  does: (purse) => purse.load({ amount, before: before.purse, at })
})

const buying = (before: Chip.Chip, fen = 1_000, cell = shopping): Dealing => {
  const after = bought(before, cell, fen)
  return { after, does: (purse) => purse.debit({ amount: Money.amount(fen), before: before.purse, at, after }) }
}

const stamping = (before: Chip.Chip): Dealing => {
  const standing = { standing: "blocked", validUntil: CivilTime.day("2026-09-01") } as const
  return {
    after: { ...before, ...standing },
    // A stamp that fails may have been written: it says no more than that.
    does: (purse) =>
      Effect.match(purse.stamp(standing), {
        onSuccess: (): Outcome => ({ _tag: "Done", reading: before.purse }),
        onFailure: (cause): Outcome => ({
          _tag: "Unknown",
          evidence: { before: before.purse, proof: "notAsked", cause }
        })
      })
  }
}

/** What is on the card, as another terminal reads it afterwards. */
const lies = (program: VirtualMifare.VirtualMifare) => {
  program.power("off")
  return Effect.flatMap(MifarePurse.open(over(program).channel, options), (purse) => purse.chip)
}

const isSame = (one: Chip.Chip, another: Chip.Chip): boolean => isDeepStrictEqual(one, another)

/** Where the card is in its life when it is laid down: in quiet times, or after something went wrong. */
const starts = [
  ["both slots alike", Effect.succeed({ memory: issued(), before: chip })],
  [
    "main damaged",
    Effect.succeed({ memory: Effect.map(issued(), (memory) => withFlaw(memory, 4)), before: chip })
  ],
  [
    "backup damaged",
    Effect.succeed({ memory: Effect.map(issued(), (memory) => withFlaw(memory, 13)), before: chip })
  ],
  [
    "main a generation behind",
    Effect.sync(() => {
      const { after, does } = loading(chip, Money.amount(1))
      const memory = Effect.gen(function*() {
        const { on, program } = lay(yield* issued())
        const purse = yield* MifarePurse.open(on.channel, options)
        // The last write of a change makes the other slot the same.
        on.answer = (command) => command.startsWith("FFD60004") ? "6300" : undefined
        yield* does(purse)
        return program.memory()
      })
      return { memory, before: after }
    })
  ]
] as const

const dealings = [["a load", loading], ["a purchase", buying]] as const

/** Every command of a dealing, and every way in which the card may be pulled there. */
const tears = (sent: ReadonlyArray<string>, back: boolean): ReadonlyArray<Tear> =>
  sent.flatMap((command, number) => [
    { at: number, how: "unsent", back } as const,
    { at: number, how: "unanswered", back } as const,
    ...(command.startsWith("FFD6") ? Array.from({ length: 17 }, (_, how) => ({ at: number, how, back })) : [])
  ])

/** Runs a dealing on a copy of the card, and something happens to the channel. */
const run = Effect.fnUntraced(function*(
  memory: VirtualMifare.Memory,
  { does }: Dealing,
  happens: (on: MifareChannel) => void
) {
  const { on, program } = lay(memory)
  const purse = yield* MifarePurse.open(on.channel, options)
  on.sent.length = 0
  happens(on)
  const told = yield* Effect.result(does(purse))
  return { told, program, sent: on.sent }
})

/** What was told, held against what lies on the card. */
const judge = (before: Chip.Chip, after: Chip.Chip, told: Result.Result<Outcome, Failure>, now: Chip.Chip): string => {
  const is = isSame(now, after) ? "after" : isSame(now, before) ? "before" : "else"
  if (is === "else") return `neither before nor after: ${JSON.stringify(now)}`
  if (Result.isFailure(told)) return is === "before" ? "good" : "it failed, and was written"
  switch (told.success._tag) {
    case "Done":
      return is === "after" ? "good" : "Done, and it is not"
    case "NotDone":
      return is === "before" ? "good" : "NotDone, and it is"
    case "Unknown":
      return "good"
  }
}

for (const [start, prepared] of starts) {
  for (const [what, dealing] of dealings) {
    describe(`${what} on a card: ${start}`, () => {
      const prepare = Effect.gen(function*() {
        const { before, memory } = yield* prepared
        const card = yield* memory
        const whole = dealing(before)
        const { sent, told } = yield* run(card, whole, () => undefined)
        expect(told).toStrictEqual(Result.succeed({ _tag: "Done", reading: whole.after.purse }))
        return { before, card, whole, sent }
      })

      it.effect.each([["lies there again", true], ["is gone", false]] as const)(
        "torn at every command and at every byte, and the card %s (R28, D8)",
        ([, back]) =>
          Effect.gen(function*() {
            const { before, card, sent, whole } = yield* prepare
            const all = tears(sent, back)
            expect(all.length).toBeGreaterThan(50)
            const seen = new Set<string>()
            for (const tear of all) {
              const { program, told } = yield* run(card, whole, (on) => {
                on.tear = tear
              })
              const now = yield* lies(program)
              expect([tear, judge(before, whole.after, told, now)]).toStrictEqual([tear, "good"])
              const outcome = Result.isSuccess(told) ? told.success._tag : "failed"
              seen.add(outcome)
              // A card that is there again is never left in doubt.
              if (back) expect([tear, outcome]).not.toStrictEqual([tear, "Unknown"])
              // For core the reading proves what became of the load, as it does online.
              if (what === "a load") {
                const open = {
                  id: Id.LoadId.make("terminal-1:load-1"),
                  point: Id.PointId.make("canteen-1"),
                  transit: ten,
                  subsidy: Money.zero,
                  before: before.purse,
                  begunAt: at,
                  outcome: "unknown"
                } as const
                const isWritten = isSame(now, whole.after)
                expect(OpenLoad.proveByReading(open, now.purse)).toBe(isWritten ? "written" : "notWritten")
              }
              // And the next dealing finds a card in order.
              const next = dealing(now)
              const again = yield* run(program.memory(), next, () => undefined)
              expect(again.told).toStrictEqual(Result.succeed({ _tag: "Done", reading: next.after.purse }))
              expect(yield* lies(again.program)).toStrictEqual(next.after)
            }
            // Pulled early, late, and in between.
            expect(["Done", "failed", back ? "NotDone" : "Unknown"].filter((one) => !seen.has(one))).toStrictEqual([])
          })
      )

      it.effect.each(
        [
          ["nothing comes back", (on: MifareChannel, number: number) => {
            on.alter = (answer, at) => at === number ? answer.slice(0, 0) : answer
          }],
          ["one byte comes back", (on: MifareChannel, number: number) => {
            on.alter = (answer, at) => at === number ? answer.slice(0, 1) : answer
          }],
          ["an answer without its data", (on: MifareChannel, number: number) => {
            on.alter = (answer, at) => at === number ? answer.slice(-2) : answer
          }],
          ["a refusal", (on: MifareChannel, number: number) => {
            on.answer = (_, at) => at === number ? "6300" : undefined
          }],
          ["memory failure", (on: MifareChannel, number: number) => {
            on.answer = (_, at) => at === number ? "6581" : undefined
          }],
          ["a reader that says done from there on, and does nothing", (on: MifareChannel, number: number) => {
            on.answer = (command, at) => at >= number && command.startsWith("FFD6") ? "9000" : undefined
          }],
          ["an answer that says done and does nothing", (on: MifareChannel, number: number) => {
            on.answer = (command, at) => at === number && command.startsWith("FFD6") ? "9000" : undefined
          }]
        ] as const
      )("%s, at every command: what is told is true (trap 2)", ([, spoil]) =>
        Effect.gen(function*() {
          const { before, card, sent, whole } = yield* prepare
          for (let number = 0; number < sent.length; number++) {
            const { program, told } = yield* run(card, whole, (on) => spoil(on, number))
            const now = yield* lies(program)
            expect([number, judge(before, whole.after, told, now)]).toStrictEqual([number, "good"])
            if (Result.isSuccess(told)) expect(told.success._tag).not.toBe("Unknown")
          }
        }))
    })
  }
}

describe("the reader was unplugged and has forgotten its keys", () => {
  it.effect.each(dealings)("%s: it gets them again, and the outcome is told", ([, dealing]) =>
    Effect.gen(function*() {
      const card = yield* issued()
      const { sent } = yield* run(card, dealing(chip), () => undefined)
      for (const number of sent.keys()) {
        const { on, program } = lay(card)
        let lain = program
        const reset = Effect.sync(() => {
          lain = VirtualMifare.make(lain.memory())
          on.card = lain
        })
        const purse = yield* MifarePurse.open({ ...on.channel, reset }, options)
        on.sent.length = 0
        on.tear = { at: number, how: "unanswered", back: true }
        const told = yield* Effect.result(dealing(chip).does(purse))
        const now = yield* lies(lain)
        expect([number, judge(chip, dealing(chip).after, told, now)]).toStrictEqual([number, "good"])
        if (Result.isSuccess(told)) expect(told.success._tag).not.toBe("Unknown")
      }
    }))
})

describe("another card is laid down after the tear", () => {
  it.effect.each(dealings)(
    "%s: it is not known, and that card stays as it was",
    ([, dealing]) =>
      Effect.gen(function*() {
        const card = yield* issued()
        const stranger = VirtualMifare.make(VirtualMifare.blank("1K", Bytes.of("55667788")))
        const clean = yield* run(card, dealing(chip), () => undefined)
        const [record = 0] = MifareLayout.blocksOf(MifareLayout.usual, "backup")
        const number = clean.sent.findIndex((command) =>
          command.startsWith(`FFD600${Bytes.hex(Uint8Array.of(record))}`)
        )
        const { on, program } = lay(card)
        const reset = Effect.sync(() => {
          on.card = stranger
        })
        const purse = yield* MifarePurse.open({ ...on.channel, reset }, options)
        on.sent.length = 0
        on.tear = { at: number, how: 16, back: false }
        const outcome = yield* dealing(chip).does(purse)
        expect(outcome).toMatchObject({
          _tag: "Unknown",
          evidence: { before: chip.purse, proof: "notAsked", cause: { _tag: "AnotherCard" } }
        })
        expect(stranger.memory()).toStrictEqual(VirtualMifare.blank("1K", Bytes.of("55667788")))
        expect(yield* lies(program)).toStrictEqual(dealing(chip).after)
      })
  )
})

/** One step of a life: what is done, and where in it the card is pulled away. */
const step = fc.record({
  what: fc.constantFrom("load", "buy", "buy", "stamp"),
  fen: fc.integer({ min: 1, max: 500 }),
  isLunch: fc.boolean(),
  tear: fc.option(
    fc.record({
      at: fc.nat({ max: 45 }),
      how: fc.oneof(fc.constantFrom("unsent", "unanswered"), fc.nat({ max: 16 })),
      back: fc.boolean()
    }),
    { nil: undefined, freq: 3 }
  )
})

const dealingOf = (model: Chip.Chip, { fen, isLunch, what }: typeof step extends fc.Arbitrary<infer A> ? A : never) => {
  if (what === "stamp") return stamping(model)
  if (what === "load" || model.purse.balance < fen) return loading(model, Money.amount(fen))
  return buying(model, fen, isLunch ? lunch : shopping)
}

describe("a life of loads, purchases, stamps and tears", () => {
  it("no fen is made or lost, and the counters count what was bought (R28, D8, D12)", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) =>
        Effect.runPromise(Effect.gen(function*() {
          let memory = yield* issued()
          let model = chip
          for (const one of steps) {
            const dealing = dealingOf(model, one)
            const { program, told } = yield* run(memory, dealing, (on) => {
              on.tear = one.tear
            })
            const now = yield* lies(program)
            expect(judge(model, dealing.after, told, now)).toBe("good")
            model = now
            memory = program.memory()
          }
        }))),
      { numRuns: 100 }
    ))
})
