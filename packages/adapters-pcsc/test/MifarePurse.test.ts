import { describe, expect, it } from "@effect/vitest"
import { Chip, CivilTime, Money, type Tally } from "@yikatong/core"
import { Effect, Fiber, Redacted, Result } from "effect"
import * as fc from "fast-check"
import * as Bytes from "../src/Bytes.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import * as MifareClassic from "../src/MifareClassic.ts"
import * as MifareIssue from "../src/MifareIssue.ts"
import * as MifareKeys from "../src/MifareKeys.ts"
import * as MifareLayout from "../src/MifareLayout.ts"
import * as MifarePurse from "../src/MifarePurse.ts"
import type * as PendingWrite from "../src/PendingWrite.ts"
import type { Failure } from "../src/PurseCard.ts"
import * as ReaderProfile from "../src/ReaderProfile.ts"
import * as VirtualMifare from "../src/VirtualMifare.ts"
import {
  at,
  bought,
  chip,
  issued,
  keys,
  lay,
  lunch,
  options,
  shopping,
  uid,
  withBlock,
  withFlaw
} from "./support/M1Card.ts"
import { over } from "./support/MifareChannel.ts"

/** A card with this memory, and its purse. */
const opened = Effect.fnUntraced(function*(memory: VirtualMifare.Memory, how: MifarePurse.Options = options) {
  const { on, program } = lay(memory, how.profile)
  const purse = yield* MifarePurse.open(on.channel, how)
  return { on, program, purse }
})

const ten = Money.amount(1_000)

describe("a card of the campus", () => {
  it.effect.each(
    [ReaderProfile.acs, ReaderProfile.identiv, ReaderProfile.generic].map((one) => [one.name, one] as const)
  )(
    "%s: the chip reads as it was issued (D12)",
    ([, profile]) =>
      Effect.gen(function*() {
        const { program, purse } = yield* opened(yield* issued(chip, { ...options, profile }), { ...options, profile })
        const before = program.memory()
        expect(purse.card).toBe("m1-11223344")
        expect(yield* purse.reading).toStrictEqual(chip.purse)
        expect(yield* purse.chip).toStrictEqual(chip)
        expect(program.memory()).toStrictEqual(before)
      })
  )

  it.effect("a load: balance and online counter", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const after = Chip.load(chip, ten)
      expect(yield* purse.load({ amount: ten, before: chip.purse, at })).toStrictEqual({
        _tag: "Done",
        reading: after.purse
      })
      expect(yield* purse.chip).toStrictEqual(after)
    }))

  it.effect("a purchase: balance, offline counter, counters of day and meal, validity (D12, R46)", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const after = bought(chip, lunch, 250)
      expect(yield* purse.debit({ amount: Money.amount(250), before: chip.purse, at, after })).toStrictEqual({
        _tag: "Done",
        reading: after.purse
      })
      expect(yield* purse.chip).toStrictEqual(after)
    }))

  it.effect("a stamp of the blacklist leaves purse and counters", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const stamped = { standing: "blocked", validUntil: chip.validUntil, endsOn: CivilTime.day("2026-07-01") } as const
      yield* purse.stamp(stamped)
      expect(yield* purse.chip).toStrictEqual({ ...chip, ...stamped })
      yield* purse.stamp({ standing: "active", validUntil: chip.validUntil })
      expect(yield* purse.chip).toStrictEqual(chip)
    }))

  it.effect("a purchase whose counters are not known is told, until one brings them again", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const one = bought(chip, lunch, 100)
      const two = bought(one, lunch, 100)
      yield* purse.debit({ amount: Money.amount(100), before: chip.purse, at })
      expect(yield* purse.reading).toStrictEqual(one.purse)
      expect(yield* Effect.flip(purse.chip)).toStrictEqual({ _tag: "CountersBehind", purchases: 1 })
      yield* purse.debit({ amount: Money.amount(100), before: one.purse, at, after: two })
      expect(yield* purse.chip).toStrictEqual(two)
    }))

  it.effect("main and backup are the same in quiet times", () =>
    Effect.gen(function*() {
      const { program, purse } = yield* opened(yield* issued())
      for (let loads = 0; loads < 3; loads++) {
        yield* purse.load({ amount: ten, before: yield* purse.reading, at })
        const { blocks } = program.memory()
        const [main, backup] = (["main", "backup"] as const).map((name) =>
          MifareLayout.blocksOf(MifareLayout.usual, name).map((block) => blocks[block])
        )
        expect(main).toStrictEqual(backup)
      }
    }))

  it.effect("a card of 4 KB, in its large sectors", () =>
    Effect.gen(function*() {
      const layout = { main: [32], backup: [39] }
      const program = VirtualMifare.make(VirtualMifare.blank("4K", uid))
      const { issue } = MifareIssue
      yield* issue(over(program).channel, { ...options, layout }, chip)
      const { purse } = yield* opened(program.memory(), { ...options, layout })
      yield* purse.load({ amount: ten, before: chip.purse, at })
      expect(yield* purse.chip).toStrictEqual(Chip.load(chip, ten))
    }))
})

describe("a tap", () => {
  it.effect("takes 28 commands; six write: counters and record of the slot not in force, then of the other", () =>
    Effect.gen(function*() {
      const { on, purse } = yield* opened(yield* issued())
      const read = yield* purse.chip
      const after = bought(read, lunch, 250)
      yield* purse.debit({ amount: Money.amount(250), before: read.purse, at, after })
      expect(on.sent.length).toBe(28)
      expect(on.sent.filter((command) => command.startsWith("FFD6")).map((command) => command.slice(6, 8)))
        .toStrictEqual(["0D", "0E", "0C", "05", "06", "04"])
    }))
})

describe("whatever a card or reader says", () => {
  const answers = fc.array(
    fc.option(
      fc.oneof(
        fc.constantFrom("", "90", "9000", "6300", "6982", "6C10", "6110", "6581", "6D00", "112233449000"),
        fc.uint8Array({ maxLength: 20 }).map(Bytes.hex)
      ),
      { nil: undefined, freq: 3 }
    ),
    { maxLength: 40 }
  )
  const block = fc.tuple(
    fc.integer({ min: 1, max: 20 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map(Bytes.hex)
  )
    .filter(([at]) => at % 4 !== 3)

  it("it is a result or a typed failure, never a defect", () =>
    fc.assert(
      fc.asyncProperty(answers, fc.array(block, { maxLength: 3 }), (answers, blocks) =>
        Effect.runPromise(Effect.gen(function*() {
          const memory = blocks.reduce((memory, [at, data]) =>
            withBlock(memory, at, data), yield* issued())
          const { on } = lay(memory)
          on.answer = (_, number) =>
            answers[number]
          const told = <A>(does: Effect.Effect<A, Failure>): Effect.Effect<string> =>
            Effect.match(does, { onSuccess: () => "Done", onFailure: ({ _tag }) => _tag })
          const dealings = Effect.flatMap(MifarePurse.open(on.channel, options), (purse) =>
            Effect.all([
              told(purse.chip),
              told(purse.load({ amount: ten, before: chip.purse, at })),
              told(purse.debit({ amount: ten, before: chip.purse, at, after: bought(chip, lunch, 1_000) })),
              told(purse.stamp({ standing: "blocked", validUntil: chip.validUntil }))
            ]))
          const result = yield* Effect.result(dealings)
          const tags = Result.isFailure(result) ? [result.failure._tag] : result.success
          for (const tag of tags) expect(tag).toMatch(/^[A-Z]/u)
        }))),
      { numRuns: 300 }
    ))
})

describe("a terminal that lost its own power asks at the next tap (R28, D8)", () => {
  const terminal = Bytes.of("000000000028")
  const kept = (kind: "load" | "debit", before: Chip.Reading): PendingWrite.PendingWrite => ({
    kind,
    card: chip.card,
    amount: ten,
    before,
    at,
    terminal: "000000000028"
  })

  it.effect("what is kept is told before the first byte, and a failure to keep it leaves the card", () =>
    Effect.gen(function*() {
      const pending: Array<PendingWrite.PendingWrite> = []
      const memory = yield* issued()
      const keep = (write: PendingWrite.PendingWrite) => {
        pending.push(write)
        return Effect.fail<Failure>({ _tag: "KeyMissing", key: "memory of the terminal" })
      }
      const { program, purse } = yield* opened(memory, { ...options, keep, terminal })
      const dealing = { amount: ten, before: chip.purse, at }
      for (const kind of ["load", "debit"] as const) {
        expect(yield* Effect.flip(purse[kind](dealing))).toMatchObject({ _tag: "KeyMissing" })
      }
      expect(pending).toStrictEqual([kept("load", chip.purse), kept("debit", chip.purse)])
      expect(program.memory()).toStrictEqual(memory)
    }))

  const { balance, loadSequence, purchaseSequence } = chip.purse
  it.effect.each(
    [
      ["load", "not written", [0, 0, 0], "NotDone"],
      ["load", "not written, and something was bought since", [-300, 0, 1], "NotDone"],
      ["load", "a load of another amount", [500, 1, 0], "NotDone"],
      ["load", "a load, and something was bought since", [700, 1, 1], "Unknown"],
      ["load", "other money without a load", [1, 0, 0], "Unknown"],
      ["debit", "not written", [0, 0, 0], "NotDone"],
      ["debit", "not written, and loaded since", [300, 1, 0], "NotDone"],
      ["debit", "a purchase of another amount", [-500, 0, 1], "NotDone"],
      ["debit", "two purchases since", [-2_000, 0, 2], "Unknown"]
    ] as const
  )("%s: %s", ([kind, , [fen, loads, purchases], outcome]) =>
    Effect.gen(function*() {
      const now = {
        balance: Money.of(balance + fen),
        loadSequence: loadSequence + loads,
        purchaseSequence: purchaseSequence + purchases
      }
      const { purse } = yield* opened(yield* issued({ ...chip, purse: now }))
      expect(yield* purse.settle(kept(kind, chip.purse))).toMatchObject({ _tag: outcome })
    }))

  it.effect.each(
    [
      ["load", 0, "Done"],
      ["debit", 0, "Done"],
      // Another till's, of the same amount: the card bears the mark of that one.
      ["load", 1, "NotDone"],
      ["debit", 1, "NotDone"]
    ] as const
  )("%s: written %i ms later than what was kept: %s", ([kind, later, outcome]) =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued(), { ...options, terminal })
      const dealing = { amount: ten, before: chip.purse, at: CivilTime.later(at, later) }
      expect(yield* purse[kind](dealing)).toMatchObject({ _tag: "Done" })
      expect(yield* purse.settle(kept(kind, chip.purse))).toMatchObject({ _tag: outcome })
      // A stamp is no load and no purchase: the mark stays.
      yield* purse.stamp({ standing: "blocked", validUntil: chip.validUntil })
      expect(yield* purse.settle(kept(kind, chip.purse))).toMatchObject({ _tag: outcome })
    }))

  it.effect("another card says nothing of it", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const strange = { ...kept("load", chip.purse), card: MifarePurse.cardOf(Bytes.of("55667788")) }
      expect(yield* Effect.flip(purse.settle(strange))).toStrictEqual({ _tag: "AnotherCard" })
    }))
})

describe("nothing is written", () => {
  const full = 0xffff
  const withPurse = (purse: Partial<Chip.Reading>): Chip.Chip => ({ ...chip, purse: { ...chip.purse, ...purse } })
  const after = bought(chip, lunch, 1_000)
  const cells = (count: number): Tally.Tallies => ({
    cells: Array.from({ length: count }, (_, n) => ({ ...lunch, sum: Money.of(n + 1), count: 1 }))
  })
  it.effect.each(
    [
      ["debit", "the balance is too small", chip, { amount: Money.amount(2_001) }, {
        _tag: "BalanceShort",
        amount: 2_001,
        balance: 2_000
      }],
      ["debit", "the chip reads otherwise", chip, { before: { ...chip.purse, purchaseSequence: 6 } }, {
        _tag: "CardChanged"
      }],
      ["load", "the chip reads otherwise", chip, { before: { ...chip.purse, balance: Money.zero } }, {
        _tag: "CardChanged"
      }],
      ["load", "the chip reads otherwise", chip, { before: { ...chip.purse, loadSequence: 4 } }, {
        _tag: "CardChanged"
      }],
      ["load", "loads are counted to the end", withPurse({ loadSequence: full }), {}, {
        _tag: "CounterFull",
        counter: "load"
      }],
      ["debit", "purchases are counted to the end", withPurse({ purchaseSequence: full }), {}, {
        _tag: "CounterFull",
        counter: "purchase"
      }],
      ["load", "the balance has no room", withPurse({ balance: Money.of(0xffff_ffff) }), {}, {
        _tag: "NoRoomOnCard",
        file: "purse",
        problem: "a balance above 42949672.95"
      }],
      ["debit", "ten counters", chip, { after: { ...after, tallies: cells(10) } }, {
        _tag: "NoRoomOnCard",
        file: "counters",
        problem: "10 counters"
      }],
      [
        "debit",
        "a meal that has no number",
        chip,
        { after: { ...after, tallies: { cells: [{ ...lunch, window: "supper", sum: Money.of(1), count: 1 }] } } },
        { _tag: "NoRoomOnCard", file: "counters", problem: "a meal window that has no number there" }
      ],
      [
        "debit",
        "a sum that is too high",
        chip,
        { after: { ...after, tallies: { cells: [{ ...lunch, sum: Money.of(0x100_0000), count: 1 }] } } },
        { _tag: "NoRoomOnCard", file: "counters", problem: "a counter that is too high" }
      ],
      ["debit", "counters of another card", chip, {
        after: { ...after, card: MifarePurse.cardOf(Bytes.of("99999999")) }
      }, { _tag: "AnotherCard" }]
    ] as const
  )("%s: %s", ([does, , start, change, problem]) =>
    Effect.gen(function*() {
      const { program, purse } = yield* opened(yield* issued(start))
      const before = program.memory()
      const debit = { amount: ten, before: start.purse, at, ...change }
      expect(yield* Effect.flip(purse[does](debit))).toStrictEqual(problem)
      expect(program.memory()).toStrictEqual(before)
    }))

  it.effect("nine counters fit", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued())
      const nine = { ...after, tallies: cells(9) }
      expect(yield* purse.debit({ amount: ten, before: chip.purse, at, after: nine })).toMatchObject({ _tag: "Done" })
      expect(yield* purse.chip).toStrictEqual(nine)
    }))
})

describe("a damaged purse", () => {
  const main = MifareLayout.blocksOf(MifareLayout.usual, "main").slice(0, 3)
  const backup = MifareLayout.blocksOf(MifareLayout.usual, "backup").slice(0, 3)
  const recovering = () => {
    const told: Array<MifarePurse.Recovered> = []
    const recovered = (one: MifarePurse.Recovered) => Effect.sync(() => void told.push(one))
    return { told, how: { ...options, recovered } }
  }

  it.effect.each([
    ...main.map((block) => ["main", block] as const),
    ...backup.map((block) => ["backup", block] as const)
  ])(
    "%s, block %d: the other slot counts, it is told, and the next write mends it",
    ([damaged, block]) =>
      Effect.gen(function*() {
        const { how, told } = recovering()
        const flawed = withFlaw(yield* issued(), block)
        const { program, purse } = yield* opened(flawed, how)
        expect(yield* purse.chip).toStrictEqual(chip)
        expect(told).toStrictEqual([{ card: chip.card, damaged, reading: chip.purse }])
        expect(program.memory()).toStrictEqual(flawed)
        yield* purse.load({ amount: ten, before: chip.purse, at })
        told.length = 0
        expect(yield* purse.chip).toStrictEqual(Chip.load(chip, ten))
        expect(told).toStrictEqual([])
      })
  )

  it.effect("both: typed, and the card stays as it was", () =>
    Effect.gen(function*() {
      for (const one of main) {
        for (const another of backup) {
          const flawed = withFlaw(withFlaw(yield* issued(), one), another)
          const { program, purse } = yield* opened(flawed)
          const tries = [
            Effect.asVoid(purse.reading),
            Effect.asVoid(purse.chip),
            Effect.asVoid(purse.load({ amount: ten, before: chip.purse, at })),
            Effect.asVoid(purse.debit({ amount: ten, before: chip.purse, at })),
            purse.stamp({ standing: "active", validUntil: chip.validUntil })
          ]
          for (const one of tries) {
            expect(yield* Effect.flip(one)).toStrictEqual({
              _tag: "FileDamaged",
              file: "purse",
              problem: "main: its seal is wrong; backup: its seal is wrong"
            })
          }
          expect(program.memory()).toStrictEqual(flawed)
        }
      }
    }))

  it.effect("each single byte of the purse is under the seal", () =>
    Effect.gen(function*() {
      const memory = yield* issued()
      const [first = 0] = backup
      const alone = withBlock(memory, first, "00".repeat(16))
      for (const block of main) {
        for (let byte = 0; byte < 16; byte++) {
          const { purse } = yield* opened(withFlaw(alone, block, byte))
          expect(yield* Effect.flip(purse.reading)).toMatchObject({ _tag: "FileDamaged" })
        }
      }
    }))

  it.effect("two purses of one generation that differ are none", () =>
    Effect.gen(function*() {
      const memory = yield* issued()
      const another = yield* issued({ ...chip, purse: { ...chip.purse, balance: Money.yuan("999.00") } })
      const mixed = main.reduce((mixed, block) => withBlock(mixed, block, another.blocks[block] ?? ""), memory)
      const { purse } = yield* opened(mixed)
      expect(yield* Effect.flip(purse.reading)).toMatchObject({
        _tag: "FileDamaged",
        problem: "main and backup are of one generation and differ"
      })
    }))
})

describe("cards that are none of ours stay as they were", () => {
  const foreign = Effect.fnUntraced(function*(memory: VirtualMifare.Memory, how: MifarePurse.Options = options) {
    const { on, program } = lay(memory)
    const problem = yield* Effect.flip(Effect.andThen(MifarePurse.open(on.channel, how), (purse) => purse.reading))
    expect(program.memory()).toStrictEqual(memory)
    return problem
  })

  it.effect("of another system: other keys everywhere", () =>
    Effect.gen(function*() {
      const master = Redacted.make(Bytes.of("77".repeat(16)))
      const theirs = MifareKeys.ofMasters({ A: master, B: master, seal: master })
      expect(yield* foreign(yield* issued(chip, { ...options, keys: theirs }))).toStrictEqual({
        _tag: "NotACampusCard"
      })
    }))

  it.effect("a blank one", () =>
    Effect.gen(function*() {
      expect(yield* foreign(VirtualMifare.blank("1K", uid))).toStrictEqual({ _tag: "NotACampusCard" })
    }))

  it.effect("one sector has another key: said so", () =>
    Effect.gen(function*() {
      const memory = withBlock(yield* issued(), 7, "000000000000787788690000000000AA")
      expect(yield* foreign(memory)).toStrictEqual({ _tag: "SectorKeyWrong", sector: 1 })
    }))

  it.effect("the blocks of another card, on a card whose keys open: the seal knows the UID", () =>
    Effect.gen(function*() {
      const other = Bytes.of("55667788")
      const memory = yield* issued()
      const maker = VirtualMifare.blank("1K", other).blocks[0] ?? ""
      const ofFirst = yield* keys.of(uid)
      // All cards of this campus have one key, as careless schools had it.
      const same: MifareKeys.MifareKeys = { of: () => Effect.succeed(ofFirst) }
      expect(yield* foreign(withBlock(memory, 0, maker), { ...options, keys: same })).toMatchObject({
        _tag: "FileDamaged",
        file: "purse"
      })
      expect(yield* foreign(withBlock(memory, 0, maker))).toStrictEqual({ _tag: "NotACampusCard" })
    }))

  it.effect("one that is too small for its layout", () =>
    Effect.gen(function*() {
      const layout = { main: [1], backup: [32] }
      expect(yield* foreign(yield* issued(), { ...options, layout })).toMatchObject({ _tag: "NoRoomOnCard" })
    }))

  it.effect("a counter of a meal that this terminal does not know", () =>
    Effect.gen(function*() {
      const { purse } = yield* opened(yield* issued(), { ...options, windows: ["other", "breakfast"] })
      expect(yield* purse.reading).toStrictEqual(chip.purse)
      expect(yield* Effect.flip(purse.chip)).toStrictEqual({
        _tag: "FileDamaged",
        file: "counters",
        problem: "a value that is none of ours"
      })
    }))

  it.effect("keys that are incomplete", () =>
    Effect.gen(function*() {
      const master = Redacted.make(Bytes.of("77".repeat(16)))
      const short = MifareKeys.ofMasters({ A: master, B: Redacted.make(Bytes.of("77")), seal: master })
      expect(yield* foreign(yield* issued(), { ...options, keys: short })).toStrictEqual({
        _tag: "KeyMissing",
        key: "M1 master B"
      })
    }))
})

describe("issuing", () => {
  it.effect("broken off at any command, it is done again; an issued card stays as it is", () =>
    Effect.gen(function*() {
      const { issue } = MifareIssue
      const clean = over(VirtualMifare.make(VirtualMifare.blank("1K", uid)))
      yield* issue(clean.channel, options, chip)
      for (let number = 0; number < clean.sent.length - 1; number++) {
        for (const how of ["unsent", "unanswered"] as const) {
          const program = VirtualMifare.make(VirtualMifare.blank("1K", uid))
          const first = over(program)
          first.tear = { at: number, how, back: false }
          expect(yield* Effect.flip(issue(first.channel, options, chip))).toMatchObject({ _tag: "AnswerLost" })
          yield* issue(over(program).channel, options, chip)
          const { purse } = yield* opened(program.memory())
          expect(yield* purse.chip).toStrictEqual(chip)
        }
      }
      const issuedOnce = yield* issued()
      const { on, program } = lay(issuedOnce)
      expect(yield* Effect.flip(issue(on.channel, options, { ...chip, purse: { ...chip.purse, balance: Money.zero } })))
        .toStrictEqual({ _tag: "CardChanged" })
      expect(program.memory()).toStrictEqual(issuedOnce)
    }))

  it.effect("a chip that is named after another card", () =>
    Effect.gen(function*() {
      const strange = { ...chip, card: MifarePurse.cardOf(Bytes.of("55667788")) }
      expect(yield* Effect.flip(issued(strange))).toStrictEqual({ _tag: "AnotherCard" })
    }))

  it.effect("key A reads, and writes nothing", () =>
    Effect.gen(function*() {
      const { on } = lay(yield* issued())
      const card = yield* MifareClassic.open(on.channel, options.profile)
      yield* card.loadKey("A", (yield* keys.of(uid)).A)
      yield* card.authenticate(1, "A")
      yield* card.read(4)
      expect(yield* Effect.flip(card.update(4, new Uint8Array(16)))).toMatchObject({ _tag: "CardRefused" })
    }))
})

describe("D8: who is interrupted in the middle of a write", () => {
  it.live.each(["load", "debit"] as const)(
    "%s: it is carried out to its end, in both slots",
    (kind) =>
      Effect.gen(function*() {
        const { on, program } = lay(yield* issued())
        const { channel } = on
        const slow: CardChannel = {
          ...channel,
          transmit: (command) => Effect.tap(channel.transmit(command), Effect.sleep(2))
        }
        const purse = yield* MifarePurse.open(slow, options)
        const deal = { amount: ten, before: chip.purse, at }
        const fiber = yield* Effect.forkDetach(purse[kind](deal))
        while (!on.sent.some((command) => command.startsWith("FFD6"))) yield* Effect.sleep(1)
        yield* Fiber.interrupt(fiber)
        const twin = yield* opened(yield* issued())
        expect((yield* twin.purse[kind](deal))._tag).toBe("Done")
        expect(program.memory()).toStrictEqual(twin.program.memory())
      })
  )
})

describe("a whole copy with the same UID can not be told by the card (see the module): it reads well", () => {
  it.effect("set back to an older balance", () =>
    Effect.gen(function*() {
      const { program, purse } = yield* opened(yield* issued())
      const old = program.memory()
      const after = bought(chip, shopping, 1_000)
      yield* purse.debit({ amount: ten, before: chip.purse, at, after })
      const { purse: copy } = yield* opened(old)
      // The number of the next purchase was given already: that is what the purse chain of core finds (PurseChain,
      // CopyFound).
      expect((yield* copy.reading).purchaseSequence).toBe(after.purse.purchaseSequence - 1)
    }))
})
