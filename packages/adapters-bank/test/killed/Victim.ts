/** The process that is killed, as its parent holds it: asked over a pipe, until it is dead. */
import { fork } from "node:child_process"
import { once } from "node:events"
import type { Asked, Orders, Told } from "./driver.ts"

/** It died before it answered. */
export class Died extends Error {}

/** What is asked, without the number that it gets. */
export type Question = Asked extends infer One ? One extends Asked ? Omit<One, "ask"> : never : never

export class Victim {
  readonly #child
  readonly #open = new Map<number, { readonly resolve: (told: Told) => void; readonly reject: (died: Died) => void }>()
  #asks = 0
  #signal: string | undefined
  readonly #gone: Promise<void>

  private constructor(orders: Orders) {
    this.#child = fork(new URL("./driver.ts", import.meta.url), [JSON.stringify(orders)], {
      execArgv: ["--conditions=yikatong-source"],
      stdio: ["ignore", "inherit", "inherit", "ipc"]
    })
    this.#child.on("message", (message) => {
      const told = message as Told
      this.#open.get(told.ask)?.resolve(told)
      this.#open.delete(told.ask)
    })
    // A pipe that breaks while it is written to is a death like another.
    this.#child.on("error", () => {})
    this.#gone = once(this.#child, "exit").then(([code, signal]) => {
      this.#signal = String(signal ?? code)
      for (const { reject } of this.#open.values()) reject(new Died())
      this.#open.clear()
    })
  }

  /** One that listens, unless it died before. */
  static async start(orders: Orders): Promise<Victim> {
    const victim = new Victim(orders)
    await victim.#answer(0).catch(() => undefined)
    return victim
  }

  /** @throws Died */
  ask(question: Question): Promise<Told> {
    const ask = ++this.#asks
    const told = this.#answer(ask)
    if (this.#child.connected) this.#child.send({ ask, ...question }, () => {})
    return told
  }

  /** By what it died: "SIGKILL", or the code of an end of its own. */
  get diedBy(): string | undefined {
    return this.#signal
  }

  /** Dead, or about to be. */
  get isDead(): boolean {
    return this.#signal !== undefined || this.#child.killed
  }

  /** The signal is sent before this returns. */
  kill(): void {
    this.#child.kill("SIGKILL")
  }

  /** Over when it is dead. */
  get gone(): Promise<void> {
    return this.#gone
  }

  #answer(ask: number): Promise<Told> {
    return this.#signal === undefined
      ? new Promise((resolve, reject) => this.#open.set(ask, { resolve, reject }))
      : Promise.reject(new Died())
  }
}
