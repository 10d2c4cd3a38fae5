// The garbage collector of this process, at once: what nobody knows any more is gone.
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

export const collect: Effect.Effect<void> = Effect.sync(() => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
})
