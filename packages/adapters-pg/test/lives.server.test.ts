/**
 * The core's random lives on a real server: sixty of them, with answers equal to those of the store in memory, command
 * by command. How to live one of them again stands in packages/core/test/lives.test.ts; this file takes the same
 * YIKATONG_SEED and YIKATONG_PATH.
 */
import { AccountStore, Books } from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { live, seed } from "../../core/test/model/Lives.ts"
import { profiles } from "../../core/test/model/School.ts"
import { freshSchema, store } from "./clients.ts"

describe("lives, on a server", () => {
  it(
    "sixty lives are as the model and the store in memory tell them",
    { timeout: 120_000 },
    () =>
      Effect.runPromise(Effect.scoped(Effect.gen(function*() {
        const { YIKATONG_PATH, YIKATONG_SEED } = process.env
        const server = yield* store({ schema: freshSchema(), profiles })
        const statistics = yield* Effect.promise(() =>
          live({
            lives: 60,
            maxCommands: 100,
            seed: Number(YIKATONG_SEED ?? seed),
            path: YIKATONG_PATH,
            token: "life",
            world: () => ({ store: server, mirror: MemoryAccountStore.make(profiles) }),
            command: "npm exec -- vitest run --project server packages/adapters-pg/test/lives.server.test.ts",
            patience: 90_000
          })
        )
        const { accounts, breaks } = yield* Effect.provideService(Books.check(), AccountStore.AccountStore, server)
        expect(breaks).toEqual([])
        expect(accounts).toBe(statistics.lives)
        if (YIKATONG_PATH === undefined) expect(statistics.commands).toBeGreaterThan(1_500)
      })))
  )
})
