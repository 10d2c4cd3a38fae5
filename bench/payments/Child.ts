/**
 * A contestant in a process of its own, so that its memory and what its compiler has learnt are its own. It lives as long
 * as the run, sleeps while others run, and ends with us.
 */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"

interface Reply {
  readonly answer?: unknown
  readonly error?: string
}

export interface Child<Order, Answer> {
  readonly ask: (order: Order) => Promise<Answer>
  readonly stop: () => Promise<void>
}

/** Starts the module with its settings; they stand in its arguments as JSON. */
export const start = <Order, Answer>(module: string, settings: unknown): Child<Order, Answer> => {
  const child = fork(new URL(module, import.meta.url), [JSON.stringify(settings)], {
    execArgv: ["--conditions=yikatong-source", ...(process.env["YIKATONG_BENCH_NODE"] ?? "").split(" ").filter(Boolean)]
  })
  const ended = once(child, "exit")
  return {
    ask: async (order) => {
      const reply = await Promise.race([answerOf(child, order), ended])
      if (Array.isArray(reply)) throw new Error(`${module} ended with ${String(reply[0] ?? reply[1])}`)
      if (reply.error !== undefined) throw new Error(`${module}: ${reply.error}`)
      return reply.answer as Answer
    },
    stop: async () => {
      if (child.connected) child.disconnect()
      await ended
    }
  }
}

const answerOf = async (child: ChildProcess, order: unknown): Promise<Reply> => {
  const [reply] = await new Promise<[Reply]>((resolve, reject) => {
    child.once("message", (message) => resolve([message as Reply]))
    child.send(order as object, (error) => error === null ? undefined : reject(error))
  })
  return reply
}

/** The child's own side: answers orders, one at a time, until its parent is gone. */
export const serve = <Settings, Order, Answer>(
  open: (settings: Settings) => Promise<(order: Order) => Promise<Answer>>
): void => {
  const opened = open(JSON.parse(process.argv[2] ?? "null") as Settings)
  process.on("message", (order) => {
    opened.then((act) => act(order as Order)).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? error.stack : String(error) })
    )
  })
  process.on("disconnect", () => process.exit(0))
  opened.catch(() => {})
}
