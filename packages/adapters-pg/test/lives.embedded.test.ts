/**
 * The core's random lives on PostgreSQL in this process: sixty of them, with answers equal to those of the store in
 * memory, command by command. How to live one of them again stands in packages/core/test/lives.test.ts; this file takes
 * the same YIKATONG_SEED and YIKATONG_PATH.
 */
import { AccountStore, Books } from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { live, seed } from "../../core/test/model/Lives.ts"
import { profiles } from "../../core/test/model/School.ts"
import * as Embedded from "../src/embedded.ts"

const runtime = ManagedRuntime.make(Embedded.layer({ profiles }))
afterAll(() => runtime.dispose())

describe("lives, embedded", () => {
  it("sixty lives are as the model and the store in memory tell them", { timeout: 120_000 }, async () => {
    const { YIKATONG_PATH, YIKATONG_SEED } = process.env
    const store = await runtime.runPromise(Effect.service(AccountStore.AccountStore))
    const statistics = await live({
      lives: 60,
      maxCommands: 100,
      seed: Number(YIKATONG_SEED ?? seed),
      path: YIKATONG_PATH,
      token: "life",
      world: () => ({ store, mirror: MemoryAccountStore.make(profiles) }),
      command: "npm exec -- vitest run --project adapters-pg packages/adapters-pg/test/lives.embedded.test.ts",
      patience: 90_000
    })
    const { accounts, breaks } = await runtime.runPromise(Books.check())
    expect(breaks).toEqual([])
    expect(accounts).toBe(statistics.lives)
    if (YIKATONG_PATH === undefined) expect(statistics.commands).toBeGreaterThan(1_500)
  })
})
