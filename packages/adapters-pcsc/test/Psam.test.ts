// A PSAM in a second slot, as the recipe keep-the-keys.md has it: two readers, T=0 and T=1, and a PSAM that goes away in the middle of a tap.
import { describe, expect, it } from "@effect/vitest"
import { type Chip, Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import * as Bytes from "../src/Bytes.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import * as CardKeys from "../src/CardKeys.ts"
import type { Failure } from "../src/Exchange.ts"
import * as Mischief from "../src/Mischief.ts"
import type { Outcome } from "../src/Outcome.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as Psam from "../src/Psam.ts"
import * as SoftwareKeys from "../src/SoftwareKeys.ts"
import * as VirtualKeys from "../src/VirtualKeys.ts"
import { VirtualPcsc } from "../src/VirtualPcsc.ts"
import * as VirtualPsam from "../src/VirtualPsam.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"
import { readers, settled } from "./support/readers.ts"
import * as Script from "./support/script.ts"

const { of } = Bytes
const application = of("A00000000386980701")
const memoryOf = (options: Partial<VirtualPsam.Memory> = {}): VirtualPsam.Memory => ({
  purchase: VirtualKeys.testMasters.purchase,
  terminal: Campus.terminal,
  application,
  sequence: 1,
  ...options
})
const request: CardKeys.PurchaseRequest = {
  serial: of("00061998081700000030"),
  terminal: Campus.terminal,
  amount: Money.of(16),
  at: Campus.at,
  begun: {
    balance: Money.of(5_000),
    counter: 42,
    overdraft: Money.of(0),
    keyVersion: 1,
    algorithm: 0,
    random: of("AABBCCDD")
  }
}
const [city, branch] = [of("1500FF0000000000"), of("0102030405060708")]

describe("several levels of diversification: 80 70 with 14 + 8n bytes (hexadecimal)", () => {
  const head = "AABBCCDD 002A 00000010 06 20260302 120007 01 00"
  const own = "1998081700000030"
  it.each<[title: string, options: Psam.Options, length: string, factors: string]>([
    ["one level: the card's own", {}, "1C", own],
    ["two: the card's own, then the branch", { factors: [branch] }, "24", `${own} 0102030405060708`],
    [
      "three: the card's own, the branch, the city",
      { factors: [city, branch] },
      "2C",
      `${own} 0102030405060708 1500FF0000000000`
    ],
    [
      "as they are derived",
      { factors: [city, branch], order: "cardLast" },
      "2C",
      `1500FF0000000000 0102030405060708 ${own}`
    ]
  ])("%s", (_, options, length, factors) => {
    const channel = Script.card([[`80700000 ${length} ${head} ${factors} 08`, "00000007 11223344 9000"]])
    const signed = Effect.runSync(Effect.flatMap(Psam.open(channel, options), (psam) => psam.purchase(request)))
    expect(Bytes.hex(signed.mac1)).toBe("11223344")
  })

  it.each<[order: Psam.Order, factors: ReadonlyArray<Bytes.Bytes>]>([
    ["cardFirst", [city, branch]],
    ["cardLast", [city, branch]],
    ["cardFirst", [branch]]
  ])("%s: signs as the school's own keys do", (order, factors) => {
    const school = SoftwareKeys.make(
      { of: "school", factors, purchase: VirtualKeys.testMasters.purchase },
      Effect.succeed(1)
    )
    const program = VirtualPsam.make(memoryOf({ levels: factors.length + 1, order }))
    const psam = Effect.runSync(Psam.open(ProgramChannel.make(program), { factors, order }))
    expect(Effect.runSync(psam.purchase(request)).mac1).toEqual(Effect.runSync(school.purchase(request)).mac1)
  })

  it("a PSAM of another number of levels refuses, and that is told of it and not of the card", () => {
    const psam = Effect.runSync(Psam.open(ProgramChannel.make(VirtualPsam.make(memoryOf({ levels: 2 })))))
    expect(Effect.runSync(Effect.flip(psam.purchase(request)))).toMatchObject({ _tag: "CardRefused", step: "psam" })
  })

  it("a factor that has not 8 bytes is a mistake of whoever sets it up", () =>
    expect(() => Effect.runSync(Psam.open(Script.card([]), { factors: [of("01")] }))).toThrow(RangeError))
})

describe("over T=0 a command with data has no Le, and its answer is fetched (ISO/IEC 7816-3, 12.2)", () => {
  it("byte by byte", () => {
    const channel = ProgramChannel.make(VirtualPsam.make(memoryOf()))
    const signed = Effect.runSync(
      Effect.flatMap(Psam.open(channel, { application }), (psam) => psam.purchase(request))
    )
    expect(ProgramChannel.told(channel)).toEqual([
      "00A4040009A00000000386980701",
      "807000001CAABBCCDD002A0000001006202603021200070100" + "1998081700000030",
      "00C0000008"
    ])
    expect(Bytes.hex(signed.terminalSequence)).toBe("00000001")
  })

  it("with Le it is refused, and so is GET RESPONSE where nothing waits", () => {
    const memory = memoryOf()
    const program = VirtualPsam.make(memory)
    const say = (command: string): string => Bytes.hex(program.answer(of(command)))
    const sign = "8070 0000 1C AABBCCDD 002A 00000010 06 20260302 120007 01 00 1998081700000030"
    expect([say(`${sign} 08`), say("00C0000008"), memory.sequence]).toEqual(["6700", "6985", 1])
    expect([say(sign), say("00C0000004"), memory.sequence]).toEqual(["6108", "6C08", 2])
    expect(say("00C0000008")).toMatch(/^00000001.{8}9000$/)
  })
})

type Speaks = "T=0" | "T=1"
const profile = { ...Campus.profile, protection: "none" } as const
const amount = Money.amount(1_250)

/** The card on R, the PSAM in S, and a till between them. `unplug`: done to the PSAM once it has signed. */
const tills = (
  speaks: Speaks,
  memory: VirtualPsam.Memory,
  body: (till: {
    readonly channel: CardChannel
    readonly psam: CardChannel
    readonly pay: (signed?: Effect.Effect<void>) => Effect.Effect<Outcome, Failure>
    readonly load: Effect.Effect<Outcome, Failure>
    readonly reading: Effect.Effect<Chip.Reading, Failure>
  }) => Effect.Effect<void, Failure, VirtualPcsc>
) =>
  Effect.gen(function*() {
    const hands = yield* VirtualPcsc
    const { insertion, use } = yield* PcscReader
    const card = Campus.cardOf(5_000, { profile, protocol: speaks })
    yield* hands.insert("R", card)
    yield* hands.insert("S", VirtualPsam.make(memory))
    yield* insertion({ reader: "R" })
    yield* insertion({ reader: "S" })
    yield* use("S", (slot) =>
      Effect.gen(function*() {
        const psam = yield* Psam.open(slot, { application })
        yield* use("R", (channel) => {
          const opened = (signed: Effect.Effect<void> = Effect.void) => {
            const { load } = Campus.keys()
            const purchase: CardKeys.Keys["purchase"] = (asked) => Effect.tap(psam.purchase(asked), () => signed)
            return Campus.open(channel, { profile }, { ...CardKeys.none, load, purchase })
          }
          return body({
            channel,
            psam: slot,
            pay: (signed) =>
              Effect.gen(function*() {
                const card = yield* opened(signed)
                const chip = yield* card.chip
                const after = Campus.afterLunch(chip, amount)
                return yield* card.debit({ amount, before: chip.purse, at: Campus.at, after })
              }),
            load: Effect.gen(function*() {
              const card = yield* opened()
              return yield* card.load({ amount: Money.amount(300), before: yield* card.reading, at: Campus.at })
            }),
            reading: Effect.flatMap(opened(), (card) => card.reading)
          })
        })
      }))
    return card
  }).pipe(Effect.provide(readers({ readers: ["R", "S"] })))

describe.each<Speaks>(["T=0", "T=1"])("R3: a till with a card on one reader and a PSAM in another, %s", (speaks) => {
  it.effect("pays and loads", () =>
    Effect.gen(function*() {
      const memory = memoryOf({ protocol: speaks })
      const card = yield* tills(speaks, memory, ({ channel, load, pay, psam }) =>
        Effect.gen(function*() {
          expect([channel.protocol, psam.protocol]).toEqual([speaks, speaks])
          expect([(yield* pay())._tag, (yield* load)._tag, (yield* pay())._tag]).toEqual(["Done", "Done", "Done"])
        }))
      expect(Campus.purseOf(card)).toEqual({ balance: 2_800, loadSequence: 1, purchaseSequence: 2 })
      expect(memory.sequence).toBe(3)
    }))

  it.effect("R28: the PSAM's reader is unplugged before it signs: told as that, and the card has not paid", () =>
    Effect.gen(function*() {
      const card = yield* tills(speaks, memoryOf({ protocol: speaks }), ({ pay, reading }) =>
        Effect.gen(function*() {
          const hands = yield* VirtualPcsc
          yield* hands.unplug("S")
          yield* settled
          expect(yield* Effect.result(pay())).toEqual(Result.fail({ _tag: "KeysUnreachable", key: "purchase" }))
          // The card is well, and nobody waits for it.
          expect((yield* reading).balance).toBe(5_000)
        }))
      expect(Campus.purseOf(card)).toEqual({ balance: 5_000, loadSequence: 0, purchaseSequence: 0 })
    }))

  it.effect("R28: unplugged after it has signed: the card says what it has paid, once", () =>
    Effect.gen(function*() {
      const card = yield* tills(speaks, memoryOf({ protocol: speaks }), ({ pay }) =>
        Effect.gen(function*() {
          const hands = yield* VirtualPcsc
          const outcome = yield* pay(Effect.andThen(hands.unplug("S"), settled))
          expect(outcome).toMatchObject({ _tag: "Done", reading: { balance: 3_750, purchaseSequence: 1 } })
        }))
      expect(Campus.purseOf(card)).toEqual({ balance: 3_750, loadSequence: 0, purchaseSequence: 1 })
    }))

  it.effect.each([0, 1, 2])(
    "R28: the PSAM is pulled out at its command %i: no debit, or one",
    (at) =>
      Effect.gen(function*() {
        const memory = memoryOf({ protocol: speaks })
        const card = yield* tills(speaks, memory, ({ pay }) =>
          Effect.gen(function*() {
            const hands = yield* VirtualPcsc
            yield* hands.plan("S", Mischief.once(at, { _tag: "TearAfter", says: "empty" }))
            const paid = yield* Effect.result(pay())
            // Its commands are 80 70, over T=0 GET RESPONSE, and 80 72.
            const signs = speaks === "T=0" ? 2 : 1
            if (at < signs) expect(paid).toEqual(Result.fail({ _tag: "KeysUnreachable", key: "purchase" }))
            else expect(paid).toMatchObject(Result.succeed({ _tag: "Done" }))
          }))
        // Its number is never used twice, whether the card has heard of it or not.
        expect(memory.sequence).toBe(2)
        expect([5_000, 3_750]).toContain(Campus.purseOf(card).balance)
        expect(Campus.purseOf(card).purchaseSequence).toBe(Campus.purseOf(card).balance === 5_000 ? 0 : 1)
      })
  )
})
