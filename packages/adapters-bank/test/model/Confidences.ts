/**
 * Everything that a life writes to its log or tells as an error, held against what must never stand there (invariant 10): the
 * keys of the wires, and who the holder is.
 */
import { Cause, Logger } from "effect"
import { inspect } from "node:util"
import type { Looks } from "./Broken.ts"

/** What must be kept, from what a merchant was given: of a key in PEM, each of its lines. */
export const secretsOf = (terms: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(terms).flatMap(([name, value]) =>
    /private|secret|api.*key/i.test(name)
      ? value.split("\n").filter((line) => line.length > 12 && !line.includes("-"))
      : []
  )

export class Confidences {
  readonly #secrets: ReadonlyArray<string>
  #heard: Array<string> = []

  constructor(secrets: ReadonlyArray<string>) {
    this.#secrets = secrets
  }

  /** In the place of every other log. */
  get logger() {
    return Logger.layer([
      Logger.make<unknown, void>(({ cause, message }) => {
        this.hear(message)
        if (cause.reasons.length > 0) this.#heard.push(Cause.pretty(cause))
      })
    ])
  }

  /** An error, or anything else that somebody is told. */
  hear(told: unknown): void {
    this.#heard.push(typeof told === "string" ? told : inspect(told, { depth: 6 }))
  }

  judge(looks: Looks): void {
    const all = this.#heard.join("\n")
    for (const secret of this.#secrets) {
      const at = all.indexOf(secret)
      looks.holds(10, at < 0, "a secret was told", at < 0 ? "" : all.slice(Math.max(0, at - 120), at))
    }
  }
}
