/**
 * A terminal in the canteen: it loads cards and takes payments, also when a card is pulled away and when the campus can not be asked.
 *
 *     npx node --conditions=yikatong-source examples/canteen-terminal/main.ts
 *
 * tells a day with a virtual card (what it prints stands in main.ts.out).
 *
 *     npx node --conditions=yikatong-source examples/canteen-terminal/main.ts --reader [--keys FILE]
 *
 * is the same terminal on the first reader of this machine, for a CPU card with the keys of the file (`SoftwareKeys.KeyFile`, the part
 * `keys` of a file of `yikatong reader --cards`; test keys without one): each tap loads what waits and pays 0.01. Take a card that nobody needs. `npx yikatong reader doctor` says what is missing.
 */
import { PcscReader, VirtualPcsc } from "@yikatong/adapters-pcsc"
import { PcscMini } from "@yikatong/adapters-pcsc/node"
import { HostClock } from "@yikatong/core"
import { Effect, Layer } from "effect"
import * as Campus from "./Campus.ts"
import * as Day from "./Day.ts"
import * as OnReader from "./OnReader.ts"
import * as School from "./School.ts"

if (process.argv.includes("--reader")) {
  const reader = PcscReader.layer.pipe(Layer.provide(PcscMini.layer))
  const keys = School.keys(OnReader.keyFile(process.argv))
  await OnReader.serve().pipe(
    Effect.provide(Layer.mergeAll(Campus.layer, keys, reader)),
    Effect.runPromise
  )
} else {
  const readers = VirtualPcsc.layer({ readers: [Day.reader] })
  await Day.told.pipe(
    HostClock.provide(Day.now),
    Effect.provide(Layer.mergeAll(
      Campus.layer,
      School.keys(School.testKeys),
      PcscReader.layer.pipe(Layer.provideMerge(readers))
    )),
    Effect.runPromise
  )
}
