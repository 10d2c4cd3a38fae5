/**
 * What a paying process did, in an append-only file: a line before each sending, and one after each answer. A process that
 * is killed loses nothing that it has written: the operating system has it, and that is not what is killed here.
 */
import type { Answer } from "@yikatong/core"
import { closeSync, existsSync, fstatSync, openSync, readSync, writeSync } from "node:fs"
import * as Payment from "./Payment.ts"

type Line =
  | readonly ["sent", id: string, account: string, fen: number, at: number]
  | readonly ["answered", id: string, tag: Answer.Answer["_tag"], digest: string]
  | readonly ["failed", id: string, tag: string]

/** The pen of the paying process. */
export const open = (file: string) => {
  const descriptor = openSync(file, "a")
  const write = (line: Line): void => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`)
  }
  return {
    sent: ({ account, at, fen, id }: Payment.Payment) => write(["sent", id, account, fen, at]),
    answered: (id: string, answer: Answer.Answer) => write(["answered", id, answer._tag, Payment.digest(answer)]),
    failed: (id: string, tag: string) => write(["failed", id, tag])
  }
}

/** A reader that follows the file while it grows. */
export class Diary {
  readonly #file: string
  #offset = 0
  #rest = ""
  readonly sent = new Map<string, Payment.Payment>()
  /** The digest of each answer that was acknowledged. */
  readonly acknowledged = new Map<string, string>()
  /** How often which fault was told. */
  readonly faults = new Map<string, number>()
  /** Acknowledged twice, each time with something else. */
  readonly contradictions: Array<string> = []
  /** Sent, and neither answered nor failed yet. */
  readonly inFlight = new Set<string>()

  constructor(file: string) {
    this.#file = file
  }

  /** Reads what was added. */
  more(): this {
    if (!existsSync(this.#file)) return this
    const descriptor = openSync(this.#file, "r")
    try {
      const bytes = Buffer.alloc(fstatSync(descriptor).size - this.#offset)
      this.#offset += readSync(descriptor, bytes, 0, bytes.length, this.#offset)
      // Only ASCII is written, so no character is cut in two.
      const lines = `${this.#rest}${bytes.toString("latin1")}`.split("\n")
      // A process that is killed while it writes leaves half a line: what it was about was not sent, or not acknowledged.
      this.#rest = lines.pop() ?? ""
      for (const line of lines) this.#take(JSON.parse(line))
    } finally {
      closeSync(descriptor)
    }
    return this
  }

  #take(line: Line): void {
    const id = line[1]
    switch (line[0]) {
      case "sent":
        this.sent.set(id, { id, account: line[2], fen: line[3], at: line[4] })
        this.inFlight.add(id)
        return
      case "answered": {
        const before = this.acknowledged.get(id)
        if (before !== undefined && before !== line[3]) this.contradictions.push(id)
        this.acknowledged.set(id, line[3])
        this.inFlight.delete(id)
        return
      }
      case "failed":
        this.faults.set(line[2], (this.faults.get(line[2]) ?? 0) + 1)
        this.inFlight.delete(id)
    }
  }
}
