/**
 * The numbers of a journal's lines 流水序号: what they say about a file that was cut, pasted or sorted. They grow along each
 * account, and a store leaves some out itself, as where a command was tried twice: so a number that comes again, or too
 * late, is a flaw, and one that is missing is only told.
 */
import type { AccountStore } from "@yikatong/core"
import { both } from "./Failure.ts"

type Numbered = Pick<AccountStore.Entry, "account" | "sequence">

export class Numbering {
  /** The last number of each account; lines of no account are one more. */
  readonly #last = new Map<string | undefined, number>()
  #highest = 0
  #lines = 0

  /** Takes the next line; says why it can not follow those before it. */
  take({ account, sequence }: Numbered): string | undefined {
    const last = this.#last.get(account) ?? -Infinity
    if (sequence <= last) {
      return sequence === last
        ? both(`流水序号 ${sequence} 重复`, `the journal has line ${sequence} twice`)
        : both(
          `流水次序不对：${last} 之后是 ${sequence}`,
          `the journal is not in order: ${sequence} stands after ${last}`
        )
    }
    this.#last.set(account, sequence)
    this.#highest = Math.max(this.#highest, sequence)
    this.#lines++
    return undefined
  }

  /** What is missing among all lines taken, in a sentence; nothing, if nothing is. */
  get missing(): string | undefined {
    const count = this.#highest - this.#lines
    if (count <= 0) return undefined
    return both(
      `注意：流水可能不完整：序号到 ${this.#highest}，缺 ${count} 个（数据库自身也会跳号，删去的行看来一样）`,
      `warning: the journal may be incomplete: its numbers go up to ${this.#highest}, missing: ${count} ` +
        "(a database skips some itself, and lines that were taken out look the same)"
    )
  }
}
