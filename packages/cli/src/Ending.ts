/**
 * How the process ends 退出: with what it has to say said, and within seconds, whatever a database does not answer.
 *
 * A session may hang where no word travels: its commit waits for a standby that is away, or the network is dead. An
 * interruption waits for its rollback and the process for its socket, both for ever. So a signal is given some seconds, and
 * so is the process after its last word. What the database was asked for before may yet be done there.
 */

import { both } from "./Failure.ts"

/** How long everything may take to end by itself, in milliseconds. */
const grace = 3_000

/** The exit code where a signal ended it: no outcome was told. */
export const interrupted = 130

const unanswered = both(
  "已中断，数据库没有答复：已提交给它的操作可能仍会完成",
  "interrupted, and the database has not answered: what it was asked for may yet be done there"
)

/** Ends the process a while after the first signal, and at once with the second. */
export const withSignals = (): void => {
  let isAsked = false
  const leave = () => {
    process.stderr.write(`yikatong: ${unanswered}\n`)
    process.exit(interrupted)
  }
  const end = () => {
    if (isAsked) leave()
    isAsked = true
    setTimeout(leave, grace).unref()
  }
  process.on("SIGINT", end)
  process.on("SIGTERM", end)
}

/** Ends the process once whoever reads its output has all of it, also where something keeps it alive. */
export const afterLastWord = (code: number): void => {
  process.exitCode = code
  const isSaid = () => process.stdout.writableLength === 0 && process.stderr.writableLength === 0
  setInterval(() => {
    if (isSaid()) process.exit(code)
  }, grace).unref()
}
