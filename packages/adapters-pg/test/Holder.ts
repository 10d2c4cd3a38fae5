/** Another process that holds folders, from its sources: for the tests of `FolderLock`. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** What it is asked to hold. */
export interface Asked {
  readonly folder: string
  /** Opens the embedded database in it, too. */
  readonly database: boolean
}

/** How that went. `process`: who holds it instead. */
export interface Told {
  readonly tag: string
  readonly process?: number
}

const program = fileURLToPath(new URL("holdFolders.ts", import.meta.url))

export class Holder {
  readonly #child = spawn(process.execPath, ["--conditions=yikatong-source", program], {
    stdio: ["pipe", "pipe", "inherit"]
  })
  readonly #gone = once(this.#child, "close")
  readonly #answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()

  /** One that is ready to be asked. */
  static async start(): Promise<Holder> {
    const holder = new Holder()
    await holder.#answer()
    return holder
  }

  /** The number of the process. */
  get process(): number | undefined {
    return this.#child.pid
  }

  hold(folder: string, { database = false } = {}): Promise<Told> {
    this.#child.stdin.write(`${JSON.stringify({ folder, database } satisfies Asked)}\n`)
    return this.#answer()
  }

  /** Lets go of all that it holds, and ends. */
  async end(): Promise<void> {
    this.#child.stdin.end()
    await this.#gone
  }

  /** Ends it without a chance to let go of anything. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL")
    await this.#gone
  }

  async #answer(): Promise<Told> {
    const { done, value } = await this.#answers.next()
    if (done === true) throw new Error("The other process has ended")
    return JSON.parse(value)
  }
}
