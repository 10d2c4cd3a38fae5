/**
 * Where the card lies 读卡位置: on a reader of this machine, or in a file; with the keys and the setup that go with it.
 */
import {
  CardKeys,
  type CardSetup,
  PcscBinding,
  PcscReader,
  SoftwareKeys,
  VirtualKeys,
  VirtualPcsc
} from "@yikatong/adapters-pcsc"
import { Effect, Layer, Option, Redacted } from "effect"
import type { CardFlags } from "./CardFlags.ts"
import * as CardsFile from "./CardsFile.ts"
import { both, type Failed, type Flawed, type Unknown } from "./Failure.ts"
import * as Output from "./Output.ts"
import * as TerminalSequence from "./TerminalSequence.ts"
import * as VirtualCard from "./VirtualCard.ts"

/** What is known of the cards that may lie there. */
export interface Known {
  readonly setup: CardSetup.CardSetup
  readonly keys: CardKeys.Keys
}

export interface CardPlace extends Known {
  readonly readers: Layer.Layer<PcscReader.PcscReader, Failed | Unknown>
}

/** How the reader is called on which a virtual card lies. */
export const virtualReader = "Yikatong Virtual Reader 00 00"
/** So long does a call to it take, in milliseconds: a fast reader's time. */
const latency = 5

const { load, maintenance: file, purchase, tac } = VirtualKeys.testMasters
const testKeys: SoftwareKeys.KeyFile = { of: "school", load, purchase, tac, file }
const testPin = Redacted.make("123456", { label: "PIN" })

/** A virtual card has test keys and the test PIN, unless the setup tells others. */
const forTests = (setup: CardSetup.CardSetup): CardSetup.CardSetup => {
  const { cpu, keys = testKeys } = setup
  return cpu.pin === undefined
    ? { ...setup, keys }
    : { ...setup, keys, cpu: { ...cpu, pin: { digits: testPin, ...cpu.pin } } }
}

/** A real reader needs a library that not every machine has: it is loaded where it is used. */
const real = Layer.unwrap(
  Effect.map(
    Effect.promise(() => import("@yikatong/adapters-pcsc/node")),
    ({ PcscMini }) => Layer.provide(PcscReader.layer, PcscMini.layer)
  )
)

/** A reader with the card in this file on it. */
const virtual = (file: string, setup: CardSetup.CardSetup, wanted: VirtualCard.Wanted) =>
  Layer.unwrap(Effect.gen(function*() {
    const { isNew, program, trouble } = yield* VirtualCard.open(file, setup, wanted)
    if (isNew) {
      yield* Output.errors(`yikatong: ${file}: ${
        both(
          "已新建虚拟测试卡，余额 50.00 元，密钥为公开的测试密钥",
          "a virtual test card was made, with 50.00 on it; its keys are test keys that everybody knows"
        )
      }`)
    }
    // The card itself says no more than that its memory is at fault.
    yield* Effect.addFinalizer(() => {
      const why = trouble()
      return why === undefined ? Effect.void : Output.errors(`yikatong: ${why}`)
    })
    const { binding, hands } = VirtualPcsc.make({ readers: [virtualReader], latency })
    yield* hands.insert(virtualReader, program)
    return Layer.provide(PcscReader.layer, Layer.succeed(PcscBinding.PcscBinding, binding))
  }))

/** So long is a program waited for that makes the card of somebody who only watches and tells no time, in seconds. */
const patience = 5

/** The place that the flags lead to, for this use. */
export const open = Effect.fnUntraced(function*(
  flags: Pick<CardFlags, "virtual"> & Partial<Pick<CardFlags, "cards" | "wait">>,
  use: VirtualCard.Use
): Effect.fn.Return<CardPlace, Failed | Flawed> {
  const setup = yield* CardsFile.read(flags.cards ?? Option.none())
  const sequence = yield* TerminalSequence.make
  const of = (setup: CardSetup.CardSetup, readers: CardPlace["readers"]): CardPlace => ({
    setup,
    keys: setup.keys === undefined ? CardKeys.none : SoftwareKeys.make(setup.keys, sequence),
    readers
  })
  return Option.isNone(flags.virtual)
    ? of(setup, real)
    : of(forTests(setup), virtual(flags.virtual.value, setup, { use, wait: flags.wait ?? patience }))
})
