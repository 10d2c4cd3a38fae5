import { type Chip, CivilTime, Money } from "@yikatong/core"
import { Effect, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import type { Keys } from "../src/CardKeys.ts"
import type { CardProblem } from "../src/CardProblem.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import type { Failure } from "../src/Exchange.ts"
import type { Outcome } from "../src/Outcome.ts"
import * as PendingWrite from "../src/PendingWrite.ts"
import * as Settling from "../src/Settling.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const amount = Money.amount(1_250)
const cause: CardProblem = { _tag: "CardChanged" }
const reading = (balance: number, loadSequence: number, purchaseSequence: number): Chip.Reading => ({
  balance: Money.of(balance),
  loadSequence,
  purchaseSequence
})
const before = reading(5_000, 3, 7)
const pending = (kind: "load" | "debit"): PendingWrite.PendingWrite =>
  Schema.decodeSync(PendingWrite.PendingWrite)({
    kind,
    card: "00061998081700000030",
    amount: 1_250,
    before: { balance: 5_000, loadSequence: 3, purchaseSequence: 7 },
    at: Campus.at,
    terminal: "112233445566",
    terminalSequence: 1
  })

it("a file can not make a terminal ask nonsense: a debit of more than there was is refused as it is read", () =>
  expect(Result.isFailure(
    Schema.decodeResult(PendingWrite.PendingWrite)({ ...pending("debit"), before: { ...before, balance: 1_249 } })
  )).toBe(true))

type Said = "none" | "right" | "wrong" | "unknown" | "not asked"
const proofs: Readonly<Record<Said, Settling.Proof>> = {
  none: { _tag: "None" },
  right: { _tag: "Signed", tac: "A802863E", verdict: "right" },
  wrong: { _tag: "Signed", tac: "A802863E", verdict: "wrong" },
  unknown: { _tag: "Signed", tac: "A802863E", verdict: "unknown" },
  "not asked": { _tag: "NotAsked" }
}

describe("R28 D8: reading and proof must agree, or nothing is said", () => {
  it.each<["load" | "debit", after: Chip.Reading, Said, Settling.Line | undefined, Outcome["_tag"]]>([
    // Nothing has moved.
    ["debit", reading(5_000, 3, 7), "none", undefined, "NotDone"],
    ["load", reading(5_000, 3, 7), "none", undefined, "NotDone"],
    ["debit", reading(5_000, 3, 7), "right", undefined, "Unknown"],
    ["debit", reading(5_000, 3, 7), "not asked", undefined, "Unknown"],
    ["debit", reading(4_999, 3, 7), "none", undefined, "Unknown"],
    // The counter has moved by one, and the money by the amount.
    ["debit", reading(3_750, 3, 8), "right", undefined, "Done"],
    ["load", reading(6_250, 4, 7), "right", undefined, "Done"],
    ["load", reading(6_250, 4, 7), "unknown", undefined, "Done"],
    ["debit", reading(3_750, 3, 8), "unknown", undefined, "Unknown"],
    ["debit", reading(3_750, 3, 8), "unknown", "ours", "Done"],
    ["debit", reading(3_750, 3, 8), "unknown", "anothers", "NotDone"],
    ["debit", reading(3_750, 3, 8), "wrong", "anothers", "NotDone"],
    ["debit", reading(3_750, 3, 8), "wrong", undefined, "Unknown"],
    ["load", reading(6_250, 4, 7), "wrong", undefined, "Unknown"],
    ["debit", reading(3_750, 3, 8), "none", undefined, "Unknown"],
    ["debit", reading(3_750, 3, 8), "none", "ours", "Done"],
    // The counter has moved, and the money by something else.
    ["debit", reading(3_000, 3, 8), "right", undefined, "Unknown"],
    ["debit", reading(3_000, 3, 8), "none", "ours", "Unknown"],
    ["debit", reading(3_000, 3, 8), "wrong", "anothers", "NotDone"],
    ["load", reading(6_000, 4, 7), "unknown", undefined, "Unknown"],
    // Others came in between.
    ["debit", reading(6_000, 4, 7), "none", undefined, "NotDone"],
    ["debit", reading(4_000, 4, 7), "none", undefined, "Unknown"],
    ["load", reading(4_000, 3, 9), "none", undefined, "NotDone"],
    ["load", reading(5_001, 3, 9), "none", undefined, "Unknown"],
    ["debit", reading(3_000, 3, 9), "none", "ours", "Done"],
    ["debit", reading(3_000, 3, 9), "none", "anothers", "NotDone"],
    ["debit", reading(3_000, 3, 9), "none", undefined, "Unknown"],
    ["load", reading(5_250, 4, 8), "right", undefined, "Done"],
    ["load", reading(5_250, 4, 8), "unknown", undefined, "Unknown"],
    // A counter never goes back.
    ["debit", reading(5_000, 3, 6), "none", undefined, "Unknown"],
    ["load", reading(5_000, 2, 7), "none", undefined, "Unknown"]
  ])("%s, %o, proof %s, log %s: %s", (kind, after, proof, line, tag) => {
    const findings = { after, proof: proofs[proof], ...(line === undefined ? {} : { line }) }
    const outcome = Settling.judge(pending(kind), findings, cause)
    expect(outcome._tag).toBe(tag)
    if (outcome._tag === "Unknown") {
      expect(outcome.evidence).toMatchObject({ before, after, cause })
    } else expect(outcome.reading).toEqual(after)
  })
})

describe("the line of the log", () => {
  const line = { counter: 8, overdraft: Money.zero, amount, type: 6, terminal: Campus.terminal, at: Campus.at }
  const logged = { logged: "after" } as const
  it.each([
    ["this write", line, "ours"],
    ["another terminal", { ...line, terminal: Bytes.of("112233445567") }, "anothers"],
    ["another amount", { ...line, amount: Money.of(1_251) }, "anothers"],
    ["another second", { ...line, at: CivilTime.instant("2026-03-02 12:00:08") }, "anothers"],
    ["a load of the same number", { ...line, type: 2 }, undefined],
    ["another number", { ...line, counter: 9 }, undefined]
  ])("%s", (_, line, expected) => expect(Settling.lineOf(pending("debit"), [line], logged)).toBe(expected))
  it.each([
    ["nothing was read yet", [], true],
    ["younger lines", [{ ...line, counter: 9 }], true],
    ["the line", [{ ...line, counter: 9 }, line], false],
    ["an older line", [{ ...line, counter: 7 }], false],
    ["loads of any number", [{ ...line, type: 2, counter: 3 }], true]
  ])(
    "%s: is the next line wanted? %s",
    (_, lines, wanted) => expect(Settling.isLogOpen(pending("debit"), lines, logged)).toBe(wanted)
  )
  it("a card that logs the counter before the purchase", () =>
    expect(Settling.lineOf(pending("debit"), [{ ...line, counter: 7 }], { logged: "before" })).toBe("ours"))
})

const insert = (
  card: VirtualCpuCard,
  keys: Keys,
  use: (card: CpuCard.CpuCard) => Effect.Effect<Outcome, Failure>,
  options: Partial<CpuCard.Options> = {},
  channel = ProgramChannel.make(card)
): Result.Result<Outcome, Failure> =>
  Effect.runSync(Effect.result(Effect.flatMap(Campus.open(channel, options, keys), use)))

const buy = (fen: number) => (card: CpuCard.CpuCard) =>
  Effect.flatMap(card.chip, (chip) =>
    card.debit({
      amount: Money.amount(fen),
      before: chip.purse,
      at: Campus.at,
      after: Campus.afterLunch(chip, fen)
    }))

/** A purchase whose answer was lost as the card was taken away: written or not. */
const torn = (card: VirtualCpuCard, isWritten: boolean, keys: Keys): PendingWrite.PendingWrite => {
  const kept: Array<PendingWrite.PendingWrite> = []
  const keep = (write: PendingWrite.PendingWrite) =>
    Effect.sync(() => {
      kept.push(write)
    })
  const mischief = isWritten ? { at: 7, how: "lost", bytes: 0 } as const : { at: 7, how: "halted", written: 0 } as const
  const outcome = insert(card, keys, buy(1_250), { keep }, ProgramChannel.make(card, { mischief }))
  expect(Result.getOrThrow(outcome)._tag).toBe("Unknown")
  const [write] = kept
  if (write === undefined) throw new Error("It was kept before it was sent")
  return write
}

const other = { terminal: Bytes.of("665544332211") }

describe.each([["with the key of the TAC", Campus.keyFile], ["with a PSAM's keys, without it", Campus.withoutTac]])(
  "D11: what a later tap says of a purchase, %s",
  (_, file) => {
    const keys = Campus.keys(file)
    it.each<[what: string, isWritten: boolean, between: ReadonlyArray<number>, expected: Outcome["_tag"]]>([
      ["it was written", true, [], "Done"],
      ["it was not", false, [], "NotDone"],
      ["it was not, and the next till took the same amount", false, [1_250], "NotDone"],
      ["it was not, and the next till took another amount", false, [300], "NotDone"],
      ["it was written, and other tills took more", true, [300, 400], "Done"],
      ["it was not, and other tills took some", false, [300, 400, 1_250], "NotDone"],
      ["it was written, and the log has forgotten it", true, Array.from({ length: 10 }, () => 100), "Unknown"]
    ])("%s", (_, isWritten, between, expected) => {
      const card = Campus.cardOf(5_000)
      const write = torn(card, isWritten, keys)
      for (const fen of between) expect(Result.getOrThrow(insert(card, keys, buy(fen), other))._tag).toBe("Done")
      const memory = card.memory()
      expect(Result.getOrThrow(insert(card, keys, (card) => card.settle(write)))._tag).toBe(expected)
      // To ask changes nothing.
      expect(card.memory()).toBe(memory)
    })
    it("numbers that no CPU card has are not asked about", () => {
      const card = Campus.cardOf(5_000)
      const write = torn(card, true, keys)
      const impossible = { ...write, before: { ...write.before, purchaseSequence: 0x1_0000 } }
      expect(insert(card, keys, (card) => card.settle(impossible))).toMatchObject({ failure: { _tag: "AnotherCard" } })
    })
    it("another card says nothing of it, and it is still not known", () => {
      const card = Campus.cardOf(5_000)
      const write = torn(card, true, keys)
      const another = Campus.cardOf(5_000, { serial: Bytes.of("00061998081700000031") })
      expect(insert(another, keys, (card) => card.settle(write))).toMatchObject({ failure: { _tag: "AnotherCard" } })
    })
  }
)

it("what is kept goes through JSON and back", () => {
  const write = torn(Campus.cardOf(5_000), true, Campus.keys())
  const text = JSON.stringify(Schema.encodeSync(PendingWrite.PendingWrite)(write))
  expect(Schema.decodeUnknownSync(PendingWrite.PendingWrite)(JSON.parse(text))).toEqual(write)
})

const tap = fc.record({
  till: fc.nat(1),
  what: fc.constantFrom("debit", "bare", "load"),
  fen: fc.integer({ min: 1, max: 900 }),
  mischief: fc.option(
    fc.oneof(
      fc.record({ at: fc.nat(14), how: fc.constant("pulled" as const) }),
      fc.record({ at: fc.nat(14), how: fc.constant("halted" as const), written: fc.nat(50) }),
      fc.record({ at: fc.nat(14), how: fc.constant("lost" as const), bytes: fc.nat(20) })
    )
  ),
  returns: fc.boolean()
})

/**
 * Two tills with books of their own, one card that is pulled at any moment. A till settles what it has open before it
 * does anything else with the card.
 */
describe("R28 D8: any sequence of taps at two tills, torn anywhere", () => {
  it("in the end the books and the card agree: no money is lost and none is made", () =>
    fc.assert(
      fc.property(fc.array(tap, { maxLength: 9 }), (taps) => {
        const card = Campus.cardOf(5_000)
        const keys = Campus.keys()
        const tills = [Campus.terminal, other.terminal].map((terminal) => ({
          terminal,
          open: undefined as PendingWrite.PendingWrite | undefined,
          booked: 0
        }))
        const book = (till: typeof tills[number], write: PendingWrite.PendingWrite, outcome: Outcome): void => {
          if (outcome._tag === "Unknown") return
          till.open = undefined
          if (outcome._tag === "Done") till.booked += write.kind === "load" ? write.amount : -write.amount
        }
        const settle = (till: typeof tills[number]) => (opened: CpuCard.CpuCard) =>
          Effect.gen(function*() {
            const write = till.open
            if (write !== undefined) book(till, write, yield* opened.settle(write))
          })
        for (const { fen, mischief, returns, till: number, what } of taps) {
          const till = tills[number]
          if (till === undefined) continue
          let now: PendingWrite.PendingWrite | undefined
          const keep = (write: PendingWrite.PendingWrite) =>
            Effect.sync(() => {
              now = write
              till.open = write
            })
          const channel = ProgramChannel.make(card, { returns, ...(mischief === null ? {} : { mischief }) })
          const amount = Money.amount(fen)
          Effect.runSync(Effect.result(Effect.gen(function*() {
            const opened = yield* Campus.open(channel, { terminal: till.terminal, keep }, keys)
            yield* settle(till)(opened)
            if (till.open !== undefined) return
            const before = yield* opened.reading
            const request = { amount, before, at: Campus.at }
            const outcome = what === "load"
              ? yield* opened.load(request)
              : what === "bare"
              ? yield* opened.debit(request)
              : yield* Effect.flatMap(opened.chip, (chip) =>
                opened.debit({ ...request, after: Campus.afterLunch(chip, fen) }))
            if (now !== undefined) {
              book(till, now, outcome)
            }
          })))
          expect(ProgramChannel.count(channel, 0x52) + ProgramChannel.count(channel, 0x54)).toBeLessThanOrEqual(1)
        }
        for (const till of tills) {
          Effect.runSync(Effect.flatMap(Campus.open(ProgramChannel.make(card), {}, keys), settle(till)))
          expect(till.open).toBeUndefined()
        }
        const booked = tills.reduce((sum, till) =>
          sum + till.booked, 0)
        expect(Campus.purseOf(card).balance).toBe(5_000 + booked)
      }),
      { numRuns: 300 }
    ))
})
