import { type Chip, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { AnswerLost } from "../src/CardFault.ts"
import type { Keys } from "../src/CardKeys.ts"
import type * as CpuCard from "../src/CpuCard.ts"
import type { Failure } from "../src/Exchange.ts"
import * as LyingCard from "../src/LyingCard.ts"
import type { Outcome } from "../src/Outcome.ts"
import type { PendingWrite } from "../src/PendingWrite.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"

const amount = Money.amount(1_250)
const begunWith = 5_000

type Kind = "load" | "debit"
const instruction = { load: 0x52, debit: 0x54 } as const

/** One tap, from selection to the end of the write, by a terminal that keeps what it is about to do. */
const tap = (
  kind: Kind,
  channel: ProgramChannel.ProgramChannel,
  keep: (write: PendingWrite) => void,
  keys = Campus.keys(),
  options: Partial<CpuCard.Options> = {}
) =>
  Effect.runSync(Effect.result(Effect.gen(function*() {
    const card = yield* Campus.open(channel, { ...options, keep: (write) => Effect.sync(() => keep(write)) }, keys)
    const chip = yield* card.chip
    return kind === "load"
      ? yield* card.load({ amount, before: chip.purse, at: Campus.at })
      : yield* card.debit({ amount, before: chip.purse, at: Campus.at, after: Campus.afterLunch(chip, amount) })
  })))

/** What a later tap says. */
const settle = (write: PendingWrite, card: VirtualCpuCard, keys = Campus.keys()): Result.Result<Outcome, Failure> =>
  Effect.runSync(Effect.result(Effect.flatMap(
    Campus.open(ProgramChannel.make(card), {}, keys),
    (opened: CpuCard.CpuCard) => opened.settle(write)
  )))

/**
 * All that a card can lose power in: before, in and after each command of a tap, at each byte of memory and of each
 * answer. The answer to the write itself may also come wrong, in each of its bytes.
 */
const mischiefs = (
  kind: Kind,
  make: () => VirtualCpuCard,
  options: Partial<CpuCard.Options> = {}
): ReadonlyArray<ProgramChannel.Mischief> => {
  const probe = make()
  const footprints: Array<number> = []
  const watched: VirtualCpuCard = {
    ...probe,
    answer: (command) => {
      footprints.push(probe.footprint(command))
      return probe.answer(command)
    }
  }
  const channel = ProgramChannel.make(watched)
  expect(Result.isSuccess(tap(kind, channel, () => undefined, Campus.keys(), options))).toBe(true)
  const write = channel.sent.findIndex((command) => command[1] === instruction[kind])
  return channel.answered.flatMap((length, at): ReadonlyArray<ProgramChannel.Mischief> => [
    { at, how: "pulled" },
    { at, how: "late" },
    ...Array.from({ length: (footprints[at] ?? 0) + 2 }, (_, written) => ({ at, how: "halted", written }) as const),
    ...Array.from({ length: length + 1 }, (_, bytes) => ({ at, how: "lost", bytes }) as const),
    ...Array.from({ length }, (_, bytes) => ({ at, how: "short", bytes }) as const),
    ...Array.from({ length: at < write ? 0 : length }, (_, byte) => ({ at, how: "flipped", byte }) as const)
  ])
}

const before: Chip.Reading = { balance: Money.of(begunWith), loadSequence: 0, purchaseSequence: 0 }
const written: Readonly<Record<Kind, Chip.Reading>> = {
  load: { balance: Money.of(begunWith + amount), loadSequence: 1, purchaseSequence: 0 },
  debit: { balance: Money.of(begunWith - amount), loadSequence: 0, purchaseSequence: 1 }
}

/** The chip by a terminal that only now sees the card. */
const chipOf = (card: VirtualCpuCard): Chip.Chip =>
  Effect.runSync(Effect.flatMap(Campus.open(ProgramChannel.make(card)), (opened) => opened.chip))

/** How the card has signed its last transaction. */
const tacOf = (card: VirtualCpuCard): string | undefined => card.memory().proofs[0]?.tac

const withPin: Partial<CpuCard.Options> = {
  profile: { ...Campus.profile, pin: 0 },
  pin: Redacted.make(Bytes.of("123456"))
}

type Told = Outcome["_tag"] | "refused"

/** What a tap said, which may not be true of this card. */
const isTrue = (kind: Kind, told: Result.Result<Outcome, Failure>, card: VirtualCpuCard): boolean => {
  const really = Campus.purseOf(card)
  const is = (one: Chip.Reading, other: Chip.Reading): boolean =>
    one.balance === other.balance && one.loadSequence === other.loadSequence &&
    one.purchaseSequence === other.purchaseSequence
  // What fails has written no money.
  if (Result.isFailure(told)) return is(really, before)
  const outcome = told.success
  switch (outcome._tag) {
    case "Done":
      return is(really, written[kind]) && is(outcome.reading, really) && outcome.tac === tacOf(card)
    case "NotDone":
      return is(really, before) && is(outcome.reading, really)
    case "Unknown":
      return is(outcome.evidence.before, before)
  }
}

describe.each<Kind>(["load", "debit"])("R28 D8: a card pulled at every boundary and every byte of a %s", (kind) => {
  describe.each(
    [
      ["T=1", "T=1", Campus.keyFile, {}],
      ["T=0", "T=0", Campus.keyFile, {}],
      ["a terminal that can not check the TAC", "T=1", Campus.withoutTac, {}],
      ["a card whose loads need the PIN", "T=1", Campus.keyFile, withPin],
      ["loads that need the PIN, and no key of the TAC", "T=1", Campus.withoutTac, withPin]
    ] as ReadonlyArray<[string, "T=0" | "T=1", typeof Campus.keyFile, Partial<CpuCard.Options>]>
  )("%s", (_, protocol, keyFile, options) => {
    const keys = Campus.keys(keyFile)
    const { profile = Campus.profile } = options
    const make = () => Campus.cardOf(begunWith, { protocol, profile })
    it.each([["the card is gone", false], ["the card lies there again at once", true]])("%s", (_, returns) => {
      const counts: Record<Told, number> = { Done: 0, NotDone: 0, Unknown: 0, refused: 0 }
      for (const mischief of mischiefs(kind, make, options)) {
        // A TAC that nobody can check may come wrong, and is kept as it came.
        if (mischief.how === "flipped" && keyFile === Campus.withoutTac) continue
        const card = make()
        const channel = ProgramChannel.make(card, { mischief, returns })
        const kept: Array<PendingWrite> = []
        const first = tap(kind, channel, (write) => kept.push(write), keys, options)
        const told: Told = Result.isFailure(first) ? "refused" : first.success._tag
        counts[told]++
        const really = Campus.purseOf(card)
        const isWritten = really.balance === written[kind].balance
        const chip = chipOf(card)
        const later = kept.map((write) => Result.getOrThrow(settle(write, Campus.copyOf(card), keys)))
        expect({
          mischief,
          // Money is on the card as before or as after, and what was said of it is true.
          really,
          isTrue: isTrue(kind, first, card),
          sentTwice: ProgramChannel.count(channel, instruction[kind]) > 1,
          // A card that lies there again is asked at once.
          leftOpen: returns && told === "Unknown",
          // The counters belong to the money, whatever was torn.
          chip: [chip.purse, chip.tallies.cells.map(({ sum }) => sum)],
          // A later tap settles what was begun, as it really was.
          later
        }).toEqual({
          mischief,
          really: isWritten ? written[kind] : before,
          isTrue: true,
          sentTwice: false,
          leftOpen: false,
          chip: [really, really.purchaseSequence === 1 ? [amount] : []],
          later: kept.map(() =>
            expect.objectContaining(
              isWritten
                ? { _tag: "Done", reading: really, tac: tacOf(card) }
                : { _tag: "NotDone", reading: really }
            )
          )
        })
      }
      expect(counts.refused).toBeGreaterThan(50)
      expect(returns ? Math.min(counts.Done, counts.NotDone) : counts.Unknown).toBeGreaterThan(10)
    })
  })
})

describe("R28: a second tear, while the card is asked what became of the first", () => {
  it.each<Kind>(["load", "debit"])("%s", (kind) => {
    const make = () => Campus.cardOf(begunWith)
    const position = tapLength(kind, make) - 1
    for (let later = 0; later < 12; later++) {
      const card = make()
      const first = ProgramChannel.make(card, { mischief: { at: position, how: "lost", bytes: 3 }, returns: true })
      // The second one is a channel of its own, so that each can go wrong once.
      const channel = torn(first, position + 1 + later)
      let pending: PendingWrite | undefined
      const outcome = Result.getOrThrow(tap(kind, channel, (write) => {
        pending = write
      }))
      expect(Campus.purseOf(card)).toEqual(written[kind])
      expect(ProgramChannel.count(channel, instruction[kind])).toBe(1)
      expect(outcome._tag).toBe("Done")
      if (pending === undefined) throw new Error("It was kept before it was sent")
      expect(Result.getOrThrow(settle(pending, card))._tag).toBe("Done")
    }
  })
})

/** A card that has paid, and whose answer was lost; nothing more is known than what was kept. */
const paidAndTorn = (card: VirtualCpuCard, keys = Campus.keys()): PendingWrite => {
  const kept: Array<PendingWrite> = []
  const at = tapLength("debit", () => Campus.cardOf(begunWith)) - 1
  const channel = ProgramChannel.make(card, { mischief: { at, how: "lost", bytes: 2 } })
  expect(Result.getOrThrow(tap("debit", channel, (write) => kept.push(write), keys))._tag).toBe("Unknown")
  const [write] = kept
  if (write === undefined) throw new Error("It was kept before it was sent")
  return write
}

describe("D8: keys that fail after the debit can not make it fail", () => {
  const silent = Effect.fail<Failure>({ _tag: "KeysUnreachable", key: "tac" })
  /** Keys whose signatures are good, and whose judgement never comes. */
  const silentKeys = (): Keys => {
    const keys = Campus.keys()
    return {
      ...keys,
      purchase: (request) => Effect.map(keys.purchase(request), (signed) => ({ ...signed, confirm: () => silent })),
      judgeTac: () => silent
    }
  }
  it.each<Kind>(["load", "debit"])("%s: the card itself says that it is done", (kind) => {
    const card = Campus.cardOf(begunWith)
    const outcome = tap(kind, ProgramChannel.make(card), () => undefined, silentKeys())
    expect(outcome).toMatchObject({ success: { _tag: "Done", reading: written[kind], tac: tacOf(card) } })
  })
  it("at a later tap as well: the log says it", () => {
    const card = Campus.cardOf(begunWith)
    const write = paidAndTorn(card)
    expect(settle(write, card, silentKeys())).toMatchObject({ success: { _tag: "Done", reading: written.debit } })
  })
})

/** A card that answers otherwise, to what `when` says of the commands so far. */
const answering = (
  card: VirtualCpuCard,
  answer: (command: Bytes.Bytes, sent: ReadonlyArray<Bytes.Bytes>) => Bytes.Bytes | undefined
): VirtualCpuCard => {
  const sent: Array<Bytes.Bytes> = []
  return {
    ...card,
    answer: (command) => {
      sent.push(command)
      return answer(command, sent) ?? card.answer(command)
    }
  }
}
const instructionOf = (command: Bytes.Bytes): number => command[1] ?? 0
const notThere = Bytes.of("6982")

describe("D8: the proof comes first, and one right signature is enough", () => {
  it("a card that forgets its proof when something new begins is asked for it before", () => {
    const card = Campus.cardOf(begunWith)
    const write = paidAndTorn(card)
    // No log, so that nothing else can show it.
    const forgetful = answering(card, (command, sent) => {
      if (instructionOf(command) === 0xb2) return notThere
      const isOver = sent.some((earlier) => instructionOf(earlier) === 0x50)
      return instructionOf(command) === 0x5a && isOver ? Bytes.of("9406") : undefined
    })
    expect(settle(write, forgetful)).toMatchObject({ success: { _tag: "Done", tac: tacOf(card) } })
  })

  it.each<[lie: LyingCard.Lie]>([["forgedProofMac"], ["forgedProofTac"]])(
    "%s: the other signature is right, and no other card can make it",
    (lie) => {
      const card = Campus.cardOf(begunWith)
      const blind = answering(card, (command) => instructionOf(command) === 0xb2 ? notThere : undefined)
      const lying = LyingCard.make(blind, lie)
      const at = tapLength("debit", () => Campus.cardOf(begunWith)) - 1
      const channel = ProgramChannel.make(lying, { mischief: { at, how: "lost", bytes: 2 }, returns: true })
      expect(tap("debit", channel, () => undefined)).toMatchObject({
        success: { _tag: "Done", reading: written.debit }
      })
    }
  )

  it("a log that is lost with the card says nothing: it is asked for again, and nothing is judged without it", () => {
    const card = Campus.cardOf(begunWith)
    const keys = Campus.keys(Campus.withoutTac)
    const write = paidAndTorn(card, keys)
    // SELECT, PROVE, INITIALIZE twice, and then the log.
    const channel = ProgramChannel.make(card, { mischief: { at: 4, how: "pulled" } })
    const asked = Effect.runSync(Effect.result(
      Effect.flatMap(Campus.open(channel, {}, keys), (opened) => opened.settle(write))
    ))
    expect(ProgramChannel.count(channel, 0xb2)).toBe(1)
    expect(asked).toMatchObject({ failure: { _tag: "AnswerLost", how: "removed" } })
    expect(settle(write, card, keys)).toMatchObject({ success: { _tag: "Done", reading: written.debit } })
  })
})

const tapLength = (kind: Kind, make: () => VirtualCpuCard): number => {
  const channel = ProgramChannel.make(make())
  tap(kind, channel, () => undefined)
  return channel.sent.length
}

/** The answer number `at` is lost, and the card lies there still. */
const torn = (channel: ProgramChannel.ProgramChannel, at: number): ProgramChannel.ProgramChannel => ({
  ...channel,
  atr: channel.atr,
  transmit: (command) => {
    const isNow = channel.sent.length === at
    return Effect.filterOrFail(
      channel.transmit(command),
      () => !isNow,
      () => new AnswerLost({ reader: channel.reader, how: "late" })
    )
  }
})
