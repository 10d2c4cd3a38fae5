/** A paying process as the one that breaks things sees it. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { Diary } from "./Diary.ts"
import type { Told } from "./payer.ts"

const program = fileURLToPath(new URL("payer.ts", import.meta.url))
const secondsToAnswer = 60

export class Load {
  readonly diary: Diary
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  constructor(told: Told) {
    this.diary = new Diary(told.diary)
    this.#child = spawn(process.execPath, ["--conditions=yikatong-source", program, JSON.stringify(told)], {
      stdio: ["pipe", "ignore", "inherit"]
    })
    this.#ended = once(this.#child, "exit")
    this.#child.stdin?.on("error", () => {})
  }

  /** Waits until so many more payments are acknowledged. */
  async paid(more: number): Promise<void> {
    const enough = this.diary.more().acknowledged.size + more
    const end = performance.now() + secondsToAnswer * 1_000
    while (this.diary.more().acknowledged.size < enough) {
      if (this.#child.exitCode !== null) throw new Error(`a payer ended with ${this.#child.exitCode}`)
      if (performance.now() > end) {
        const faults = JSON.stringify(Object.fromEntries(this.diary.faults))
        throw new Error(`payments do not go on: ${faults}, ${this.diary.acknowledged.size} acknowledged`)
      }
      await sleep(20)
    }
  }

  /** The payments that are under way at this moment. */
  inFlight(): ReadonlySet<string> {
    return new Set(this.diary.more().inFlight)
  }

  /** Kills it, with all that it has under way, which its diary tells now. */
  async kill(): Promise<ReadonlySet<string>> {
    this.#child.kill("SIGKILL")
    await this.#ended
    return this.inFlight()
  }

  /** Whether it was killed, and did not end by itself before. */
  wasKilled(): boolean {
    return this.#child.signalCode === "SIGKILL"
  }

  /** Lets it finish what is under way, and end. */
  async finish(): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended
    if (this.#child.exitCode !== 0) throw new Error(`a payer ended with ${this.#child.exitCode}`)
    this.diary.more()
  }
}
