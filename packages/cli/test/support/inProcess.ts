/** The command line in this process, from its entry: what a test holds that needs no process of its own. */
import { Console, Effect } from "effect"
import * as Yikatong from "../../src/Yikatong.ts"
import type { Ended } from "./yikatong.ts"

// The help of a call is in the colours of the terminal on which the tests run.
process.env["NO_COLOR"] = "1"

/** Calls `yikatong` and waits for its end: what it tells, and the code that its process would end with. */
export const called = async (words: ReadonlyArray<string>): Promise<Ended> => {
  let out = ""
  let err = ""
  const console: Console.Console = Object.assign(Object.create(globalThis.console), {
    log: (...parts: ReadonlyArray<unknown>) => void (out += `${parts.join(" ")}\n`),
    error: (...parts: ReadonlyArray<unknown>) => void (err += `${parts.join(" ")}\n`)
  })
  const exit = await Effect.runPromiseExit(
    Effect.provideService(Yikatong.call(words), Console.Console, console)
  )
  return { code: Yikatong.codeOf(exit), out, err }
}
