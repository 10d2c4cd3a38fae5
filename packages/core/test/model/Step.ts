/**
 * One thing that happens in a life, and the small choices that many of them share.
 */
import * as fc from "fast-check"
import type * as Command from "../../src/Command.ts"
import * as Id from "../../src/Id.ts"
import type { Life } from "./Life.ts"
import type { Model } from "./Model.ts"

/**
 * It can always be tried: where there is nothing to do it does nothing, so that lives are replayed from seed and path
 * alone.
 */
export class Does implements fc.AsyncCommand<Model, Life> {
  readonly #name: string
  readonly #wish: unknown
  readonly #does: (model: Model, life: Life) => Promise<unknown>

  constructor(name: string, wish: unknown, does: (model: Model, life: Life) => Promise<unknown>) {
    this.#name = name
    this.#wish = wish
    this.#does = does
  }

  check(): boolean {
    return true
  }

  async run(model: Model, life: Life): Promise<void> {
    await this.#does(model, life)
    life.checkPlastic()
  }

  toString(): string {
    return `${this.#name}(${JSON.stringify(this.#wish) ?? ""})`
  }
}

export const does = (name: string, wish: unknown, does: (model: Model, life: Life) => Promise<unknown>): Does =>
  new Does(name, wish, does)

/** One of a list, by any number; nothing of none. */
export const pick = <A>(list: ReadonlyArray<A>, n: number): A | undefined => list[n % list.length]

export type By = "account" | "number" | "card"
export const subjects = fc.constantFrom("account", "number", "card" as const)

/** By what the account is found: its id, its holder's number, or the card that is at hand (D20). */
export const way = (life: Life, by: By, card?: string): Command.Subject => {
  if (by === "number") return { _tag: "Handle", handle: life.handle }
  return by === "card" && card !== undefined ? { _tag: "Card", card: Id.CardId.make(card) } : life.own
}
