// What is spoken to a card, and what a channel tells after another card has come.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Bytes from "../src/Bytes.ts"
import { type CardChannel, protocolOf, withReset } from "../src/CardChannel.ts"
import * as MifareMap from "../src/MifareMap.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as VirtualCpuCard from "../src/VirtualCpuCard.ts"
import { VirtualPcsc } from "../src/VirtualPcsc.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"
import { readers, settled } from "./support/readers.ts"

describe("the protocol, from the answer to reset (ISO/IEC 7816-3, 8.2.3)", () => {
  it.each<[title: string, atr: string, protocol: string]>([
    ["names none", "3B0859494B41544F4E47", "T=0"],
    ["names none, but TA, TB and TC", "3B780000000102030405060708", "T=0"],
    ["a PSAM in the field", "3B6C000213028638184356071E102B23", "T=0"],
    ["T=1 alone", "3B888101 59494B41544F4E47 00", "T=1"],
    ["T=0 and T=1, as pcsc-lite chooses", "3BF81300008131FE454A434F5076323431B7", "T=1"],
    ["contactless: T=0, then T=1", "3B8F8001804F0CA0000003060300010000000064", "T=1"],
    ["T=0 and bytes for all protocols", "3B801F00", "T=0"],
    ["T=14, of the first German cards", "3B800E", "other"],
    ["inverse convention", "3F6525082204689000", "T=0"],
    ["it ends where TD must stand", "3B80", "T=0"],
    ["none", "", "other"],
    ["one byte", "3B", "other"],
    ["what pcsc-mini tells with a change (trap 1)", "25000000", "other"]
  ])("%s", (_, atr, protocol) => expect(protocolOf(Bytes.of(atr))).toBe(protocol))

  it.each(["1K", "4K"] as const)(
    "an M1 card %s of a virtual reader speaks T=1, as its reader says",
    (size) => expect(protocolOf(MifareMap.atrOf(size))).toBe("T=1")
  )
})

const other = (protocol: "T=0" | "T=1") => Campus.cardOf(5_000, { serial: Bytes.of("00061998081700000031"), protocol })
const told = ({ atr, protocol }: CardChannel) => [Bytes.hex(atr), protocol]
const t0 = ["3B0859494B41544F4E47", "T=0"]
const t1 = ["3B88810159494B41544F4E4700", "T=1"]

describe("a channel tells of the card that lies there", () => {
  it.effect("also of another one that has come, once it was woken up", () =>
    Effect.gen(function*() {
      const hands = yield* VirtualPcsc
      const { insertion, use } = yield* PcscReader
      yield* hands.insert("R", Campus.cardOf(5_000))
      yield* insertion({ reader: "R" })
      const seen = yield* use("R", (channel) =>
        Effect.gen(function*() {
          const first = told(channel)
          yield* hands.insert("R", other("T=0"))
          yield* settled
          yield* channel.reset
          return [first, told(channel)]
        }))
      expect(seen).toEqual([t1, t0])
    }).pipe(Effect.provide(readers())))

  it("withReset: also where it is woken up otherwise; a copy of a channel does not", () => {
    const channel = ProgramChannel.make(Campus.cardOf(5_000))
    const patient = withReset(channel, Effect.andThen(channel.reset, channel.reset))
    const copy = { ...channel }
    channel.insert(other("T=0"))
    Effect.runSync(patient.reset)
    expect([told(patient), told(copy)]).toEqual([t0, t1])
  })

  it("withReset: a channel that does not say what it speaks is not taken for T=0", () => {
    const { protocol: _, ...channel } = ProgramChannel.make(VirtualCpuCard.make({
      memory: VirtualCpuCard.testCard(),
      random: (length) => new Uint8Array(length)
    }))
    expect(withReset(channel, Effect.void).protocol).toBe("other")
  })
})
