/**
 * The numbers of a journal's lines 流水序号: what they say about a file that was cut, pasted or sorted. They grow along each
 * account, begin anew with each month, and a store leaves some out itself, as where a command was tried twice: so a number
 * that comes again, or too late, is a flaw, and one that is missing is only told.
 */
import { LineNumber } from "@yikatong/adapters-pg"
import type { AccountStore } from "@yikatong/core"
import { both } from "./Failure.ts"

type Numbered = Pick<AccountStore.Entry, "account" | "sequence">

export class Numbering {
  /** The last number of each account; lines of no account are one more. */
  readonly #last = new Map<string | undefined, number>()
  /** How many lines each month has, and its last number. */
  readonly #months = new Map<number, { readonly lines: number; readonly highest: number }>()

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
    const month = LineNumber.monthOf(sequence)
    const { highest, lines } = this.#months.get(month) ?? { highest: 0, lines: 0 }
    this.#months.set(month, { lines: lines + 1, highest: Math.max(highest, sequence) })
    return undefined
  }

  /** What is missing among all lines taken, in a sentence; nothing, if nothing is. */
  get missing(): string | undefined {
    let count = 0
    let highest = 0
    for (const [month, last] of this.#months) {
      count += Math.max(0, last.highest - Math.max(0, LineNumber.baseOf(month)) - last.lines)
      highest = Math.max(highest, last.highest)
    }
    if (count === 0) return undefined
    return both(
      `注意：流水可能不完整：序号到 ${highest}，缺 ${count} 个（数据库自身也会跳号，删去的行看来一样）`,
      `warning: the journal may be incomplete: its numbers go up to ${highest}, missing: ${count} ` +
        "(a database skips some itself, and lines that were taken out look the same)"
    )
  }
}
