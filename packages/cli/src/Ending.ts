/**
 * How the process ends 退出: with what it has to say said, and within seconds, whatever a database does not answer.
 *
 * A session may hang where no word travels: its commit waits for a standby that is away, or the network is dead. An
 * interruption waits for its rollback and the process for its socket, both for ever. So a signal is given some seconds, and
 * so is the process after its last word. What the database was asked for before may yet be done there.
 */
import { Effect } from "effect"
import { both } from "./Failure.ts"

/** How long everything may take to end by itself, in milliseconds. */
const grace = 3_000

/** The exit code where a signal ended it: no outcome was told. */
export const interrupted = 130

const unanswered = both(
  "已中断，尚未自行结束：已提交给数据库的操作可能仍会完成",
  "interrupted before it had ended by itself: what a database was asked for may yet be done there"
)

/** What is under way, and so: what it may leave open, and how long it is given after a signal, in milliseconds. */
interface Doing {
  readonly open: string
  readonly grace: number
}
let doing: Doing = { open: unanswered, grace }

/**
 * What this does is left open if the process has to end before it; so it is given as long as it says, and its own
 * sentence.
 */
export const leaving = <A, E, R>(open: Doing, body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const before = doing
    doing = open
    return Effect.ensuring(body, Effect.sync(() => doing = before))
  })

let isAsked = false

/** Whether a signal has asked the process to end: whoever can not be interrupted waits for nothing any more. */
export const isSignalled = (): boolean => isAsked

/** Ends the process a while after the first signal, and at once with the second. */
export const withSignals = (): void => {
  const leave = () => {
    process.stderr.write(`yikatong: ${doing.open}\n`)
    process.exit(interrupted)
  }
  const end = () => {
    if (isAsked) leave()
    isAsked = true
    setTimeout(leave, doing.grace).unref()
  }
  process.on("SIGINT", end)
  process.on("SIGTERM", end)
}

/** Where a shell says that a program ended by a pipe which nobody reads any more. */
const unread = 141

/**
 * What was to be said can not be: whoever reads it has stopped (`yikatong profile schema | head`), or the disk is full.
 * Nobody may take that for books that balance, or for an export that is whole.
 */
export const unsaid = (error: NodeJS.ErrnoException): void => {
  if (error.code === "EPIPE") process.exit(unread)
  process.stderr.write(
    `yikatong: ${both("输出无法写出", "what is said here can not be written")} (${error.code ?? "?"})\n`
  )
  process.exit(3)
}

/** Ends the process once whoever reads its output has all of it, also where something keeps it alive. */
export const afterLastWord = (code: number): void => {
  process.exitCode = code
  const isSaid = () => process.stdout.writableLength === 0 && process.stderr.writableLength === 0
  setInterval(() => {
    if (isSaid()) process.exit(code)
  }, grace).unref()
}
