// The M1 purse behind a supervised reader, as a terminal has it: what the reader does when something goes wrong, the purse
// takes.
import { describe, expect, it } from "@effect/vitest"
import { Chip, Money } from "@yikatong/core"
import { Effect } from "effect"
import * as MifareLayout from "../src/MifareLayout.ts"
import * as MifarePurse from "../src/MifarePurse.ts"
import * as Mischief from "../src/Mischief.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as VirtualMifare from "../src/VirtualMifare.ts"
import { VirtualPcsc } from "../src/VirtualPcsc.ts"
import { at, chip, issued, options } from "./support/M1Card.ts"
import { over } from "./support/MifareChannel.ts"
import { after, outcome, pass, readers } from "./support/readers.ts"

const ten = Money.amount(1_000)

/** A load at the reader R, and what lies on the card then. */
const load = Effect.fnUntraced(function*(plan: Mischief.Plan) {
  const hands = yield* VirtualPcsc
  const pcsc = yield* PcscReader
  const program = VirtualMifare.make(yield* issued())
  yield* hands.insert("R", program)
  yield* pass(500)
  yield* hands.plan("R", plan)
  const { result } = yield* after(
    60_000,
    pcsc.use("R", (channel) =>
      Effect.flatMap(
        MifarePurse.open(channel, options),
        (purse) => purse.load({ amount: ten, before: chip.purse, at })
      ))
  )
  program.power("off")
  const purse = yield* MifarePurse.open(over(program).channel, options)
  return { told: outcome(result), now: yield* purse.chip }
})

describe("a load at a supervised reader (R28, D8)", () => {
  it.effect("goes through", () =>
    Effect.gen(function*() {
      const { now, told } = yield* load(Mischief.none)
      const after = Chip.load(chip, ten)
      expect(told).toStrictEqual({ _tag: "Done", reading: after.purse })
      expect(now).toStrictEqual(after)
    }).pipe(Effect.provide(readers())))

  // The record of the slot that is not in force decides: its other blocks are written before.
  const [record = 0] = MifareLayout.blocksOf(MifareLayout.usual, "backup")
  const write = (does: Mischief.Mischief): Mischief.Plan => {
    let isDone = false
    return (command) => {
      if (isDone || command[1] !== 0xd6 || command[3] !== record) return undefined
      isDone = true
      return does
    }
  }
  it.effect.each(
    [
      ["pulled before it", { _tag: "TearBefore", says: "empty" }, "before"],
      ["pulled in the middle", { _tag: "TearInside", written: 9, says: "error" }, "before"],
      ["pulled after it", { _tag: "TearAfter", says: "empty" }, "after"],
      ["hangs for ever: the time limit holds inside the write as well", { _tag: "Hang" }, "after"]
    ] as const
  )(
    "at the write that decides, the card %s: not known, and the card is whole",
    ([, mischief, lies]) =>
      Effect.gen(function*() {
        const { now, told } = yield* load(write(mischief))
        expect(told).toMatchObject({ _tag: "Unknown", evidence: { before: chip.purse, proof: "notAsked" } })
        expect(now).toStrictEqual(lies === "after" ? Chip.load(chip, ten) : chip)
      }).pipe(Effect.provide(readers()))
  )

  it.effect("half an answer: the card is still there and tells", () =>
    Effect.gen(function*() {
      const { now, told } = yield* load(write({ _tag: "Cut", bytes: 1 }))
      expect(told).toStrictEqual({ _tag: "Done", reading: Chip.load(chip, ten).purse })
      expect(now).toStrictEqual(Chip.load(chip, ten))
    }).pipe(Effect.provide(readers())))
})
