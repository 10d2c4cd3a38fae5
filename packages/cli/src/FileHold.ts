/**
 * A file that one program has at a time 文件占用: a small file of ours lies beside it as long, with the number of the process.
 *
 * Whoever died has it no more: its number is nobody's. (Two who find that at one moment may both take it; so what is in
 * the file is compared again before it is written.) A number that is another program's by now is told with the name
 * of the small file, which a person may delete.
 */
import { Clock, Effect, type Scope } from "effect"
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { both, Unknown } from "./Failure.ts"
import * as Output from "./Output.ts"

/** It is asked for again after so long, and a person is told after so long, in milliseconds. */
const pause = 50
const silence = 700
/** A hold without a number that is older was left by a process that died as it wrote it. */
const unsigned = 2_000

/** The file that says who has it. */
export const besideOf = (path: string): string => join(dirname(path), `.${basename(path)}.hold.yikatong`)

/** The process that has it; 0 where that is not known. */
type Holder = number

const isAlive = (number: number): boolean => {
  try {
    process.kill(number, 0)
    return true
  } catch (cause) {
    return codeOf(cause) === "EPERM"
  }
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

/** Whoever has it, if anybody lives that does. */
const holderOf = (beside: string): Holder | undefined => {
  const stat = statSync(beside, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  const text = readFileSync(beside, "utf8")
  const number = /^[1-9][0-9]*$/.test(text) ? Number(text) : 0
  if (number === 0) return Date.now() - stat.mtimeMs > unsigned ? undefined : 0
  return isAlive(number) ? number : undefined
}

/** Takes it, or tells who has it. Throws where nothing can be written there. */
const taken = (beside: string): Holder | undefined => {
  try {
    writeFileSync(beside, String(process.pid), { mode: 0o600, flag: "wx" })
    return undefined
  } catch (cause) {
    if (codeOf(cause) !== "EEXIST") throw cause
  }
  try {
    const holder = holderOf(beside)
    if (holder !== undefined) return holder
    rmSync(beside, { force: true })
  } catch (cause) {
    // It was let go in between.
    if (codeOf(cause) !== "ENOENT") throw cause
  }
  return taken(beside)
}

const heldBy = (file: string, holder: Holder, beside: string): Unknown => {
  const [zh, en] = holder === 0 ? ["另一程序", "another program"] : [`进程 ${holder}`, `process ${holder}`]
  return new Unknown({
    message: `${file}: ${
      both(
        `${zh}正在使用，请等它结束或结束它；确无程序使用时删除 ${beside}`,
        `${en} uses it: wait for its end, or end it; where no program does, delete ${beside}`
      )
    }`
  })
}

/**
 * Has the file as long as the scope, after so many seconds of waiting at most. `path`: its true path; `file`: what people
 * call it. `unwritable`: what is told where nothing can be written there.
 */
export const acquire = <E>(
  { file, path, unwritable, wait }: {
    readonly file: string
    readonly path: string
    readonly wait: number
    readonly unwritable: (cause: unknown) => E
  }
): Effect.Effect<void, E | Unknown, Scope.Scope> => {
  const beside = besideOf(path)
  const release = () => rmSync(beside, { force: true })
  const take = Effect.uninterruptible(Effect.gen(function*() {
    const holder = yield* Effect.try({ try: () => taken(beside), catch: unwritable })
    if (holder !== undefined) return holder
    // A process that ends at a second signal runs no finalisers.
    process.once("exit", release)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        process.off("exit", release)
        release()
      })
    )
    return undefined
  }))
  return Effect.gen(function*() {
    const begun = yield* Clock.currentTimeMillis
    let isTold = false
    for (;;) {
      const holder = yield* take
      if (holder === undefined) return
      const waited = (yield* Clock.currentTimeMillis) - begun
      if (waited >= wait * 1_000) return yield* heldBy(file, holder, beside)
      if (!isTold && waited > silence) {
        isTold = true
        yield* Output.errors(
          `yikatong: ${file}: ${both("另一程序正在使用，等待中", "another program uses it, waiting")}`
        )
      }
      yield* Effect.sleep(pause)
    }
  })
}
