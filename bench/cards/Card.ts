/** The card of the benchmark, in a process of its own: nobody's time is taken by it but its own. It ends when its parent does. */
import { SeededRandom, VirtualCpuCard } from "@yikatong/adapters-pcsc"
import { Vpcd } from "@yikatong/adapters-pcsc/node"
import { Effect } from "effect"
import * as School from "./School.ts"

const port = Number(process.argv[2])
process.on("disconnect", () => process.exit())

await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
  const slot = yield* Vpcd.slot({ dial: port })
  yield* slot.insert(VirtualCpuCard.make({ memory: School.card, random: SeededRandom.make(1) }))
  return yield* Effect.never
})))
