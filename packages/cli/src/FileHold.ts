/**
 * A file that one program has at a time 文件占用: a small file of ours lies beside it as long, signed by its holder.
 *
 * Whoever died has it no more. Where the signature can be judged, that shows at once. Where it can not be, for it is from
 * another container or machine or was only half written, the small file is watched: whoever has it touches it every
 * second, and one that was not touched for five is taken over, however short a wait was asked for. No clocks are
 * compared, so a wrong one does no harm. What this leaves open: a holder elsewhere that was stopped for so long, or two
 * who take over at one moment. So what is in the file is compared again before it is written.
 */
import { Clock, Effect, type Scope } from "effect"
import { closeSync, fstatSync, futimesSync, lstatSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as BesideName from "./BesideName.ts"
import { both, Failed, Unknown } from "./Failure.ts"
import * as Holder from "./Holder.ts"
import * as Output from "./Output.ts"

/** It is asked for again after so long, and a person is told after so long, in milliseconds. */
const pause = 50
const silence = 700
/** It is touched so often; and left by a dead process where that was not seen for so long, in milliseconds. */
const beat = 1_000
const still = 5_000
/** Who has it is no secret: others have to judge it. */
const readable = 0o644

/** The file that says who has it. */
export const besideOf = (path: string): string => BesideName.besideOf(path, "hold")

/** What lies there: its text, and what changes with every touch. */
interface Found {
  readonly text: string
  readonly pulse: string
}

const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

/** Makes it, and signs. Nothing where one lies there. Throws where nothing can be written there. */
const made = (beside: string, text: string): number | undefined => {
  let open: number
  try {
    open = openSync(beside, "wx", readable)
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return undefined
    throw cause
  }
  try {
    writeFileSync(open, text)
    return open
  } catch (cause) {
    closeSync(open)
    rmSync(beside, { force: true })
    throw cause
  }
}

/** Its text; nothing where it is another user's, and not for us to read. */
const textOf = (beside: string): string => {
  try {
    return readFileSync(beside, "utf8")
  } catch (cause) {
    if (codeOf(cause) === "EACCES") return ""
    throw cause
  }
}

/** What lies there; nothing where it was let go in between. */
const found = (beside: string): Found | undefined => {
  try {
    if (lstatSync(beside).isFile()) {
      // Read first: over a network only that brings the times up to date.
      const text = textOf(beside)
      return { text, pulse: `${lstatSync(beside).mtimeMs} ${text}` }
    }
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined
    throw cause
  }
  throw new Failed({
    message: `${beside}: ${both("不是普通文件，请移走", "this is no regular file, and in the way: move it")}`
  })
}

/** Deletes it where it still says so. */
const removed = (beside: string, text: string): void => {
  try {
    if (found(beside)?.text === text) rmSync(beside, { force: true })
  } catch (cause) {
    if (cause instanceof Failed) throw cause
    throw new Failed({ message: `${beside}: ${both("请删除", "delete it, no program has it")} (${codeOf(cause)})` })
  }
}

const heldBy = (file: string, { text }: Found, beside: string): Unknown => {
  const holder = Holder.parse(text)
  const isElsewhere = holder !== undefined && Holder.fateOf(holder) === "elsewhere"
  const [zh, en] = holder === undefined
    ? ["另一程序", "another program"]
    : isElsewhere
    ? [`另一容器或机器的进程 ${holder.number}`, `process ${holder.number} of another container or machine`]
    : [`进程 ${holder.number}`, `process ${holder.number}`]
  return new Unknown({
    message: `${file}: ${
      both(
        `${zh}正在使用，请等它结束或结束它；确无程序使用时删除 ${beside}`,
        `${en} uses it: wait for its end, or end it; where no program does, delete ${beside}`
      )
    }`
  })
}

/** Makes it, touches it and lets it go with the scope. Says whether it could be had. */
const taken = <E>(beside: string, unwritable: (cause: unknown) => E): Effect.Effect<boolean, E, Scope.Scope> =>
  Effect.uninterruptible(Effect.gen(function*() {
    const holder = Holder.sign()
    const open = yield* Effect.try({ try: () => made(beside, Holder.write(holder)), catch: unwritable }).pipe(
      Effect.onError(() => Effect.sync(() => Holder.forgotten(holder)))
    )
    if (open === undefined) {
      Holder.forgotten(holder)
      return false
    }
    const touching = setInterval(() => touch(open), beat).unref()
    const release = () => {
      clearInterval(touching)
      process.off("exit", release)
      closeSync(open)
      Holder.forgotten(holder)
      letGo(beside, Holder.write(holder))
    }
    // A process that ends at a second signal runs no finalisers.
    process.once("exit", release)
    yield* Effect.addFinalizer(() => Effect.sync(release))
    return true
  }))

/** Touches the file itself, and not another that may lie there by now. */
const touch = (open: number): void => {
  try {
    const now = new Date()
    // The same time twice would be no sign of life.
    futimesSync(open, now, now.getTime() === fstatSync(open).mtimeMs ? new Date(now.getTime() + 1) : now)
  } catch {
    // Whoever can not say that it lives may lose it, and then finds the card changed.
  }
}

const letGo = (beside: string, text: string): void => {
  try {
    removed(beside, text)
  } catch {
    // What stays is judged by the next who comes.
  }
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
): Effect.Effect<void, E | Failed | Unknown, Scope.Scope> => {
  const beside = besideOf(path)
  const refusal = (cause: unknown): E | Failed => cause instanceof Failed ? cause : unwritable(cause)
  return Effect.gen(function*() {
    const begun = yield* Clock.currentTimeMillis
    let isTold = false
    let isTouched = false
    // Counted in pauses: a machine that slept has not watched.
    let quiet = 0
    let last: Found | undefined
    for (;;) {
      if (yield* taken(beside, refusal)) return
      const now = yield* Effect.try({ try: () => found(beside), catch: refusal })
      if (now !== undefined) {
        quiet = now.pulse === last?.pulse ? quiet + pause : 0
        isTouched ||= last !== undefined && quiet === 0
        last = now
        const holder = Holder.parse(now.text)
        const fate = holder === undefined ? "elsewhere" : Holder.fateOf(holder)
        if (fate === "dead" || (fate === "elsewhere" && quiet >= still)) {
          yield* Effect.try({ try: () => removed(beside, now.text), catch: refusal })
          // Others who have found the same delete it within this pause, and nothing that is made after it.
          yield* Effect.sleep(pause)
          continue
        }
        const waited = (yield* Clock.currentTimeMillis) - begun
        const isKnown = fate === "alive" || isTouched
        if (isKnown && waited >= wait * 1_000) return yield* heldBy(file, now, beside)
        if (!isTold && waited > silence) {
          isTold = true
          yield* Output.errors(
            `yikatong: ${file}: ${both("另一程序正在使用，等待中", "another program uses it, waiting")}`
          )
        }
      }
      yield* Effect.sleep(pause)
    }
  })
}
