import { Option, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
import * as Decider from "../src/Decider.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as PurseChain from "../src/PurseChain.ts"
import * as PurseEvent from "../src/PurseEvent.ts"
import * as PurseLink from "../src/PurseLink.ts"
import { csmzxy, yuan } from "./support/Life.ts"

const noon = instant("2025-11-03 12:00")
const operator = Id.OperatorId.make("operator-1")

/** "8: 20.00 -> 8.00", the eighth purchase, and how many loads the chip had counted. */
const tap = (written: string, loads?: number): Extract<PurseEvent.Command, { _tag: "Tap" }> => {
  const [, sequence = "", before = "", after = ""] = /^(\d+): (\S+) -> (\S+)$/.exec(written) ?? []
  return {
    _tag: "Tap",
    sequence: Number(sequence),
    before: yuan(before),
    after: yuan(after),
    ...(loads === undefined ? {} : { loads })
  }
}
const load = (sequence: number, amount: string, loads = 1): PurseEvent.Command => ({
  _tag: "Credit",
  sequence,
  amount: Money.amount(yuan(amount)),
  reference: `load ${loads}`
})

class Chip {
  state: PurseChain.State | undefined
  readonly events: Array<PurseEvent.Event> = []

  ask(command: PurseEvent.Command) {
    return PurseChain.decider.decide(this.state, command, {
      profile: csmzxy,
      subject: "card-1",
      caller: Id.CallerId.make("host"),
      id: Id.CommandId.make("command"),
      now: noon
    })
  }

  tell(...commands: ReadonlyArray<PurseEvent.Command>): PurseEvent.Event {
    let last: PurseEvent.Event | undefined
    for (const command of commands) {
      for (const event of Result.getOrThrow(this.ask(command))) {
        this.state = PurseChain.decider.evolve(this.state, event)
        this.events.push(event)
        last = event
      }
    }
    return last!
  }

  /** "no place for 900: JumpTooLarge, gap 2-3, break before 5: 8.00 not 7.00, copy of 4": all that is open. */
  get open(): string {
    const { breaks, gaps, refused, unlisted } = PurseChain.open(this.state!)
    return [
      ...refused.map(({ refusal, sequence }) => `no place for ${sequence}: ${refusal._tag}`),
      ...(unlisted > 0 ? [`${unlisted} more`] : []),
      ...gaps.map(({ from, to }) => `gap ${from}-${to}`),
      ...breaks.map((one) =>
        one._tag === "Copy"
          ? `copy of ${one.sequence}`
          : `break before ${one.sequence}: ${Money.format(one.found)} not ${Money.format(one.expected)}`
      )
    ].join(", ")
  }
}

describe("D8 D21 what comes to light about a chip", () => {
  it.each([
    ["each begins with what the one before left", [tap("1: 20.00 -> 8.00"), tap("2: 8.00 -> 3.00")], ""],
    ["the other way round", [tap("2: 8.00 -> 3.00"), tap("1: 20.00 -> 8.00")], ""],
    ["a purchase that nobody has reported", [tap("1: 20.00 -> 8.00"), tap("3: 3.00 -> 1.00")], "gap 2-2"],
    ["it comes later", [tap("1: 20.00 -> 8.00"), tap("3: 3.00 -> 1.00"), tap("2: 8.00 -> 3.00")], ""],
    [
      "it comes later, and does not fit on either side",
      [tap("1: 20.00 -> 8.00"), tap("3: 3.00 -> 1.00"), tap("2: 9.00 -> 4.00")],
      "break before 2: 9.00 not 8.00, break before 3: 3.00 not 4.00"
    ],
    ["money appeared", [tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00")], "break before 2: 58.00 not 8.00"],
    ["money vanished", [tap("1: 20.00 -> 8.00"), tap("2: 7.99 -> 1.99")], "break before 2: 7.99 not 8.00"],
    ["one fen", [tap("1: 20.00 -> 8.00"), tap("2: 8.01 -> 1.00")], "break before 2: 8.01 not 8.00"],
    ["a second copy", [tap("1: 20.00 -> 8.00"), tap("1: 20.00 -> 8.00")], ""],
    ["two purchases under one number", [tap("1: 20.00 -> 8.00"), tap("1: 20.00 -> 9.00")], "copy of 1"],
    ["the other one twice", [tap("1: 20.00 -> 8.00"), tap("1: 20.00 -> 9.00"), tap("1: 20.00 -> 9.00")], "copy of 1"]
  ])("D8 %s", (_, commands, open) => {
    const chip = new Chip()
    chip.tell(...commands)
    expect(chip.open).toBe(open)
  })

  it.each([
    ["its counter was read", [tap("1: 20.00 -> 8.00", 3), tap("2: 58.00 -> 50.00", 4)], ""],
    ["its counter was read: two loads", [tap("1: 20.00 -> 8.00", 3), tap("2: 58.00 -> 50.00", 5)], ""],
    [
      "the counter says that there was none",
      [tap("1: 20.00 -> 8.00", 3), tap("2: 58.00 -> 50.00", 3)],
      "break before 2: 58.00 not 8.00"
    ],
    [
      "the counter says that there was one, but there is less",
      [tap("1: 20.00 -> 8.00", 3), tap("2: 7.00 -> 1.00", 4)],
      "break before 2: 7.00 not 8.00"
    ],
    [
      "the counter was read once only",
      [tap("1: 20.00 -> 8.00", 3), tap("2: 58.00 -> 50.00")],
      "break before 2: 58.00 not 8.00"
    ],
    ["it is known before", [load(1, "50.00"), tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00")], ""],
    ["it is known in between", [tap("1: 20.00 -> 8.00"), load(1, "50.00"), tap("2: 58.00 -> 50.00")], ""],
    ["it is known afterwards", [tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00"), load(1, "50.00")], ""],
    [
      "two are known, one of them afterwards",
      [load(1, "20.00", 1), tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00"), load(1, "30.00", 2)],
      ""
    ],
    [
      "it was another amount",
      [tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00"), load(1, "49.99")],
      "break before 2: 58.00 not 57.99"
    ],
    [
      "it was somewhere else",
      [tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00"), load(2, "50.00")],
      "break before 2: 58.00 not 8.00"
    ],
    ["told twice before its purchases", [
      load(1, "50.00"),
      load(1, "50.00"),
      tap("1: 20.00 -> 8.00"),
      tap("2: 58.00 -> 50.00")
    ], ""]
  ])("D8 a load in between: %s", (_, commands, open) => {
    const chip = new Chip()
    chip.tell(...commands)
    expect(chip.open).toBe(open)
  })

  it("D21 what mends a break says so", () => {
    const chip = new Chip()
    expect(chip.tell(tap("1: 20.00 -> 8.00"), tap("2: 58.00 -> 50.00"), load(1, "50.00"))).toMatchObject({
      mended: [2]
    })
  })
})

describe("I15 D21 what is kept is little, and enough", () => {
  it("D21 a purchase that comes long after its neighbours is still held against both", () => {
    const chip = new Chip()
    chip.tell(tap("1: 900.00 -> 899.00"))
    for (let n = 3; n <= 100; n++) chip.tell(tap(`${n}: ${901 - n}.00 -> ${900 - n}.00`))
    expect(chip.state?.kept.length).toBeLessThanOrEqual(PurseChain.remembered + 2)
    const late = chip.tell(tap("2: 899.01 -> 898.01"))
    expect(late).toMatchObject({ receipt: { _tag: "Filled" }, broken: [{ sequence: 2 }, { sequence: 3 }] })
    expect(chip.state?.kept.length).toBe(PurseChain.remembered)
  })

  it("D21 a copy of a purchase that is no longer kept is known by its number, and told as not compared", () => {
    const chip = new Chip()
    for (let n = 1; n <= 40; n++) chip.tell(tap(`${n}: ${901 - n}.00 -> ${900 - n}.00`))
    expect(chip.tell(tap("8: 5.00 -> 1.00"))).toMatchObject({ _tag: "TapRepeated", compared: false })
    expect(chip.tell(tap("9: 5.00 -> 1.00"))).toMatchObject({ _tag: "CopyFound" })
  })
})

describe("D21 a card that was in use elsewhere", () => {
  it("D21 begins where it stands", () => {
    const chip = new Chip()
    chip.tell({ _tag: "Begin", sequence: 411, balance: yuan("20.00") }, tap("412: 20.00 -> 8.00"))
    expect(chip.open).toBe("")
    expect(chip.tell(tap("400: 9.00 -> 8.00"))).toMatchObject({ _tag: "TapRefused", refusal: { _tag: "BeforeFirst" } })
    expect(chip.ask({ _tag: "Begin", sequence: 411, balance: yuan("20.00") })).toEqual(
      Result.fail({ _tag: "SubjectExists", kind: "purse" })
    )
  })

  it("D21 the first purchase has to fit to what it began with", () => {
    const chip = new Chip()
    chip.tell({ _tag: "Begin", sequence: 411, balance: yuan("20.00") }, tap("412: 21.00 -> 8.00"))
    expect(chip.open).toBe("break before 412: 21.00 not 20.00")
  })

  it.each([[["credit", "tap"]], [["tap", "credit"]]])(
    "I12 a balance as great as there can be, and money on top of it: %j",
    (order) => {
      const chip = new Chip()
      const most = Money.of(Number.MAX_SAFE_INTEGER)
      const steps = { credit: load(1, "0.01"), tap: tap("2: 50.00 -> 49.00") }
      chip.tell({ ...tap("1: 20.00 -> 8.00"), after: most }, ...order.map((one) => steps[one as keyof typeof steps]))
      expect(PurseChain.open(chip.state!).breaks).toMatchObject([{ expected: most, found: yuan("50.00") }])
    }
  )

  it("I15 a corrupt number opens no gap of a billion purchases", () => {
    const chip = new Chip()
    expect(chip.tell(tap("1: 20.00 -> 8.00"), tap("4000000000: 8.00 -> 7.00"))).toMatchObject({
      _tag: "TapRefused",
      refusal: { _tag: "JumpTooLarge" }
    })
    expect(chip.open).toBe("no place for 4000000000: JumpTooLarge")
  })
})

describe("I15 D21 a purchase for which the chain has no place is open until it has one, or a person explains it", () => {
  const explained = { reason: "in use elsewhere before", operator }
  const far = tap("5000: 20.00 -> 8.00")

  it("I15 told once, however often it comes; whoever explains what is missing before it closes nothing of it", () => {
    const chip = new Chip()
    chip.tell(far, far)
    expect(chip.open).toBe("no place for 5000: JumpTooLarge")
    chip.tell({ _tag: "ExplainGap", from: 1, to: 4_999, ...explained })
    expect(chip.open).toBe("no place for 5000: JumpTooLarge")
    chip.tell(far)
    expect(chip.open).toBe("")
  })

  it.each<readonly [string, PurseEvent.Command]>([
    ["its number is explained with those before it", { _tag: "ExplainGap", from: 1, to: 5_000, ...explained }],
    ["it is explained itself", { _tag: "ExplainBreak", sequence: 5_000, ...explained }]
  ])("I15 %s", (_, command) => {
    const chip = new Chip()
    chip.tell(far, command)
    expect(chip.open).toBe("")
    if (command._tag === "ExplainBreak") {
      expect(chip.ask(command)).toEqual(Result.fail({ _tag: "GapNotOpen", from: 5_000, to: 5_000 }))
    }
  })

  it("I15 the newest 64 are listed, and older ones counted as long as any is open", () => {
    const chip = new Chip()
    for (let n = 0; n < 66; n++) chip.tell(tap(`${5_000 + n}: 20.00 -> 8.00`))
    expect(chip.state).toMatchObject({ unlisted: 2, refused: { 0: { sequence: 5_002 }, length: 64 } })
    for (let n = 2; n < 66; n++) {
      expect(chip.open).toContain("2 more")
      chip.tell({ _tag: "ExplainBreak", sequence: 5_000 + n, ...explained })
    }
    expect(chip.open).toBe("")
  })
})

describe("I15 D21 what is open stays open until a person explains it", () => {
  const explainBreak = (sequence: number): PurseEvent.Command => ({
    _tag: "ExplainBreak",
    sequence,
    reason: "balance set at the counter",
    operator
  })

  it("I15 a gap", () => {
    const chip = new Chip()
    chip.tell(tap("1: 20.00 -> 8.00"), tap("4: 3.00 -> 1.00"))
    const explain = { _tag: "ExplainGap", from: 2, to: 3, reason: "terminal stolen", operator } as const
    chip.tell(explain)
    expect([chip.open, chip.state?.sequence.explained]).toEqual(["", [{ from: 2, to: 3 }]])
    expect(chip.ask(explain)).toEqual(Result.fail({ _tag: "GapNotOpen", from: 2, to: 3 }))
    expect(chip.tell(tap("2: 8.00 -> 5.00"))).toMatchObject({ _tag: "TapKnown", receipt: { _tag: "Late" }, broken: [] })
    expect(chip.tell(tap("3: 4.00 -> 3.00"))).toMatchObject({ broken: [{ _tag: "Balance", sequence: 3 }] })
  })

  it("D21 a broken chain, and a copy", () => {
    const chip = new Chip()
    chip.tell(tap("1: 20.00 -> 8.00"), tap("2: 9.00 -> 3.00"), tap("2: 8.00 -> 3.00"))
    expect(chip.open).toBe("break before 2: 9.00 not 8.00, copy of 2")
    chip.tell(explainBreak(2))
    expect([chip.open, chip.state?.explained]).toEqual(["", 2])
    expect(chip.ask(explainBreak(2))).toEqual(Result.fail({ _tag: "GapNotOpen", from: 2, to: 2 }))
  })

  it("D21 a chip on which too much is open is looked at first: what would open more is told and no part of it", () => {
    const chip = new Chip()
    chip.tell(tap("1: 20.00 -> 8.00"))
    for (let n = 0; n < 64; n++) chip.tell(tap(`1: 20.00 -> 7.${n + 10}`))
    expect(chip.tell(tap("1: 20.00 -> 6.00"))).toMatchObject({ _tag: "TapRefused", refusal: { _tag: "TooManyGaps" } })
    expect(chip.tell(tap("2: 7.00 -> 6.00"))).toMatchObject({ _tag: "TapRefused" })
    expect(chip.tell(tap("2: 8.00 -> 6.00"))).toMatchObject({ _tag: "TapKnown" })
    chip.tell(explainBreak(1))
    expect(chip.tell(tap("3: 7.00 -> 5.00"))).toMatchObject({ _tag: "TapKnown", broken: [{ sequence: 3 }] })
  })
})

/** What a chip really went through: purchases in fen, with loads before some of them. */
const life = fc.array(
  fc.record({
    amount: fc.integer({ min: 1, max: 3_000 }),
    load: fc.option(fc.integer({ min: 1, max: 9_000 }), { nil: 0 })
  }),
  { minLength: 1, maxLength: 45 }
)
const lived = (steps: ReadonlyArray<{ readonly amount: number; readonly load: number }>) => {
  let balance = 200_000
  let loads = 0
  const taps: Array<Extract<PurseEvent.Command, { _tag: "Tap" }>> = []
  const loaded: Array<PurseEvent.Command> = []
  for (const [at, { amount, load }] of steps.entries()) {
    if (load > 0) {
      balance += load
      loads += 1
      loaded.push({ _tag: "Credit", sequence: at, amount: Money.amount(load), reference: `load ${loads}` })
    }
    const before = Money.of(balance)
    balance -= amount
    taps.push({ _tag: "Tap", sequence: at + 1, before, after: Money.of(balance), loads })
  }
  return { taps, loaded }
}

describe("D21 any life of an honest chip, told in any order", () => {
  it("I15 D21 nothing is broken; what nobody told is a gap, and a second copy is known", () => {
    fc.assert(
      fc.property(
        life,
        fc.boolean(),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (steps, read, lots) => {
          const { loaded, taps } = lived(steps)
          const drawn = () => lots.next().value
          // Loads are known by the counter that was read at each tap, or told one by one.
          const told: ReadonlyArray<PurseEvent.Command> = read ? taps : taps.map(({ loads: _, ...tap }) => tap)
          const kept = told.filter(() => drawn() < 0.8)
          if (kept.length === 0) return
          const all = [...kept, ...kept.filter(() => drawn() < 0.2), ...(read ? [] : loaded)]
            .map((one) => [drawn(), one] as const).sort(([one], [other]) => one - other).map(([, one]) => one)
          const chip = new Chip()
          for (const one of all) chip.tell(one)
          const { breaks, gaps } = PurseChain.open(chip.state!)
          expect(breaks).toEqual([])
          const known = kept.flatMap((one) => one._tag === "Tap" ? one.sequence : [])
          const missing = gaps.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at))
          expect([...known, ...missing].sort((one, other) => one - other)).toEqual(
            Array.from({ length: Math.max(...known) }, (_, at) => at + 1)
          )
          expect(chip.events.filter(({ _tag }) => _tag === "TapKnown").length).toBe(known.length)
          expect(chip.state!.kept.length).toBeLessThanOrEqual(PurseChain.remembered + 2 * gaps.length + 2)
          expect(Decider.replay(PurseChain.decider, chip.events)).toEqual(chip.state)
          expect(Schema.is(PurseChain.State)(chip.state)).toBe(true)
          for (const event of chip.events) expect(Schema.is(PurseEvent.Event)(event)).toBe(true)
        }
      )
    )
  })

  it("D21 one balance that is not as it was breaks the chain, wherever and whenever it is told", () => {
    fc.assert(
      fc.property(life, fc.nat(), fc.integer({ min: 1, max: 500 }), fc.boolean(), (steps, at, fen, backwards) => {
        const { taps } = lived(steps.map(({ amount }) => ({ amount, load: 0 })))
        if (taps.length < 2) return
        const wrong = 1 + at % (taps.length - 1)
        const told = taps.map((one, n) =>
          n < wrong ? one : { ...one, before: Money.of(one.before + fen), after: Money.of(one.after + fen) }
        )
        const chip = new Chip()
        chip.tell(...(backwards ? told.reverse() : told))
        expect(PurseChain.open(chip.state!).breaks.map(({ sequence }) => sequence)).toEqual([wrong + 1])
      })
    )
  })
})

describe("D21 an online purchase is a tap too", () => {
  const pay = { _tag: "PayByCard", card: Id.CardId.make("card-1"), amount: Money.amount(1_200), link: "up" } as const
  const reading = { balance: yuan("20.00"), loadSequence: 3, purchaseSequence: 7 }

  it.each([
    ["read", reading, { sequence: 8, before: yuan("20.00"), after: yuan("8.00"), loads: 3 }],
    ["less on the chip than was paid", { ...reading, balance: yuan("11.99") }, undefined],
    ["not read", undefined, undefined]
  ])("D21 %s", (_, chip, expected) => {
    expect(Option.getOrUndefined(PurseLink.tapOf({ ...pay, ...(chip === undefined ? {} : { chip }) }))).toEqual(
      expected
    )
  })
})
