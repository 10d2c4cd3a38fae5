/**
 * A thousand random lives of one account each, up to two hundred commands long, against a reference model that restates
 * the requirements naively (test/model). After every command the answer, the pockets, the cards and the invariants
 * I1-I14, I17 and I18 are looked at, and at the end of each life what its merchants are paid (I16).
 *
 * A failure prints its seed and its path. To live that life again:
 * `YIKATONG_SEED=... YIKATONG_PATH=... npm exec -- vitest run --project core packages/core/test/lives.test.ts`.
 * With YIKATONG_SEED alone all thousand are other lives; YIKATONG_LIVES says how many, YIKATONG_TELL tells what
 * happened in them.
 */
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { dayOf } from "../src/CivilTime.ts"
import * as Books from "../src/flows/Books.ts"
import { AccountStore } from "../src/ports/AccountStore.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Takings from "../src/Takings.ts"
import * as MemoryAccountStore from "../src/testing/MemoryAccountStore.ts"
import { enough } from "./model/Enough.ts"
import { live, seed, type World } from "./model/Lives.ts"
import type { Model } from "./model/Model.ts"
import { profiles } from "./model/School.ts"

const { STRYKER_MUTATOR_WORKER, YIKATONG_LIVES, YIKATONG_PATH, YIKATONG_SEED, YIKATONG_TELL } = process.env

// A mutant meets these lives hundreds of times: then a few are enough, since a mutant that is found is found early.
const lives = Number(YIKATONG_LIVES ?? (STRYKER_MUTATOR_WORKER === undefined ? 1_000 : 30))

const balanced = async (_: number, { store }: World): Promise<void> => {
  const { breaks } = await Effect.runPromise(Effect.provideService(Books.check(), AccountStore, store))
  expect(breaks).toEqual([])
}

/** I16: what a merchant is paid, closed on every day of the life, is what was bought there and did not go back. */
const paid = async ({ store }: World, { purchases }: Model): Promise<void> => {
  const lines = await Effect.runPromise(Stream.runCollect(store.journal()))
  const expected = new Map<string, number>()
  for (const { amount, point, returned } of purchases) {
    const merchant = csmzxy.points[point]?.merchant ?? ""
    expected.set(merchant, (expected.get(merchant) ?? 0) + amount - returned)
  }
  const told = new Map<string, number>()
  for (const day of new Set(lines.map(({ command }) => dayOf(command.receivedAt)))) {
    const fold = Takings.begin(day)
    for (const line of lines) Takings.take(fold, line)
    for (const merchant of fold.merchants.keys()) {
      const today = Takings.net(Takings.turnover(Takings.of(fold, merchant).rows))
      told.set(merchant, (told.get(merchant) ?? 0) + today)
    }
  }
  expect(told).toEqual(expected)
}

describe("lives", () => {
  it("I1-I14, I16-I18: a thousand lives are as the model tells them", { timeout: 120_000 }, async () => {
    const statistics = await live({
      lives,
      maxCommands: 200,
      seed: Number(YIKATONG_SEED ?? seed),
      path: YIKATONG_PATH,
      token: "life",
      command: "npm exec -- vitest run --project core packages/core/test/lives.test.ts",
      // A store of its own for each life: then its books are short, and are balanced at the end.
      world: () => ({ store: MemoryAccountStore.make(profiles) }),
      onLife: async (n, world, model) => {
        await balanced(n, world)
        await paid(world, model)
      }
    })
    if (YIKATONG_TELL !== undefined) process.stdout.write(`${statistics}\n`)
    // A few lives prove nothing about a thousand.
    if (YIKATONG_PATH === undefined && lives >= 1_000) expect(statistics.missing(enough)).toEqual([])
  })
})
