/**
 * How far a long check has come 进度: one line on the standard error that is written over, where that is a terminal, and nothing
 * where it is a file or a pipe. Only a big journal is worth it.
 */
import { Effect } from "effect"
import { both } from "./Failure.ts"

/** From how many lines on it is worth it, and how often it is told. */
const worth = 20_000
const every = 10_000

/** What is told on the way, and at the end. */
export interface Progress {
  /** Called with how many lines of a journal were looked at. */
  readonly tell: (lines: number) => Effect.Effect<void>
  /** Takes the line away. */
  readonly end: Effect.Effect<void>
}

const write = (text: string) =>
  Effect.sync(() => {
    process.stderr.write(`\r${text}\u001b[K`)
  })

/** The progress of one check. */
export const make = (): Progress => {
  let told = 0
  return {
    tell: (lines) => {
      // A smaller number is that of another journal.
      if (!process.stderr.isTTY || lines < worth || (lines >= told && lines - told < every)) return Effect.void
      told = lines
      return write(both(`已核对 ${lines} 行`, `${lines} lines checked`))
    },
    end: Effect.suspend(() => told === 0 ? Effect.void : write(""))
  }
}
