/**
 * What happened in many lives together. A test over random lives that never reach anything would pass for ever, so it
 * says how deep they went and fails when that is not deep enough.
 */
import type { Answer } from "../../src/Answer.ts"
import type { Envelope } from "../../src/Command.ts"
import { dayAt } from "./Dates.ts"

export class Statistics {
  readonly counts = new Map<string, number>()
  /** Loads that a reversal opened (D5). */
  readonly #reversals = new Set<string>()
  lives = 0
  commands = 0

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  lived(commands: number): void {
    this.lives += 1
    this.commands += commands
  }

  sent({ body, receivedAt }: Envelope, answer: Answer): void {
    if ("code" in body && body.code !== undefined) {
      const told = `${answer._tag === "Approved" ? "yes" : "no"} signed ${body._tag}`
      this.count(`${told} ${body.medium}`)
      if (body.code.notAfter < receivedAt) this.count(`${told} after its authorisation`)
    }
    if (answer._tag === "Declined") return this.count(`no ${answer.decline._tag}`)
    const medium = body._tag === "PayByCode" ? ` ${body.medium}` : ""
    this.count(`yes ${body._tag}${medium}`)
    for (const report of answer.reports) {
      this.count(`report ${report._tag}`)
      if (report._tag === "OpenedAgainstRule") this.count(`report ${report._tag} ${report.reason}`)
    }
    for (const event of answer.events) {
      if (event._tag === "PurchaseReversed" && event.load !== undefined) this.#reversals.add(event.load.load)
      if (event._tag === "PurchaseReversed" && event.undebited !== undefined) {
        this.count("undone in the books alone")
        if (event.cell.day !== dayAt(receivedAt)) this.count("undone in the books on a later day")
      }
      if (event._tag === "PurchaseConfirmed") this.count("confirmed by its record")
      if (event._tag === "DebitDisproved") this.count(`disproved by ${body._tag}`)
      if (event._tag === "LoadSettled") {
        this.count(`${this.#reversals.has(event.load) ? "reversal" : "load"} ${event.outcome} by ${event.by}`)
      }
    }
  }

  /** What happened less often than it should: `expected` says how often each in a thousand lives. */
  missing(expected: Readonly<Record<string, number>>): ReadonlyArray<string> {
    return Object.entries(expected)
      .filter(([what, least]) => (this.counts.get(what) ?? 0) < least * this.lives / 1_000)
      .map(([what, least]) => `${what}: ${this.counts.get(what) ?? 0} instead of ${least * this.lives / 1_000}`)
  }

  toString(): string {
    const lines = [...this.counts].sort(([one], [other]) => one < other ? -1 : 1).map(([what, n]) => `${what} ${n}`)
    return `${this.lives} lives, ${this.commands} commands\n${lines.join("\n")}`
  }
}
