// Lives on a store, replayed from its journal: what the store answered is answered again, other lookups included (D20).
import { Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as Replaying from "../../src/flows/Replaying.ts"
import type { Entry } from "../../src/ports/AccountStore.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import type { Change } from "../../src/WhatIf.ts"
import { live, seed, type World } from "../model/Lives.ts"
import { profiles } from "../model/School.ts"

describe("Replaying.replay", () => {
  it(
    "D20, D22, D23: lives of a store are answered as they were under the same versions",
    { timeout: 120_000 },
    async () => {
      let commands = 0
      const replayed = async (_: number, { store }: World): Promise<void> => {
        const changes: Array<Change> = []
        const told = (change: Change) => Effect.sync(() => changes.push(change))
        const totals = await Effect.runPromise(
          Replaying.replay(profiles, store.journal(), (one) => Effect.asVoid(told(one)))
        )
        expect(changes).toEqual([])
        commands += totals.commands
      }
      await live({
        lives: 150,
        maxCommands: 100,
        seed,
        token: "replayed",
        command: "npm exec -- vitest run --project core packages/core/test/flows/Replaying.test.ts",
        world: () => ({ store: MemoryAccountStore.make(profiles) }),
        onLife: replayed
      })
      // A journal of nothing proves nothing.
      expect(commands).toBeGreaterThan(3_000)
    }
  )

  it("I13: a journal that begins in the midst of a life fails with the account and the line", async () => {
    const line: Entry = {
      sequence: 7,
      account: "acc-1" as NonNullable<Entry["account"]>,
      command: {
        caller: "host" as Entry["command"]["caller"],
        id: "cmd-1" as Entry["command"]["id"],
        at: 1_772_424_000_000 as Entry["command"]["at"],
        receivedAt: 1_772_424_000_000 as Entry["command"]["at"],
        point: "ecode" as Entry["command"]["point"],
        subject: { _tag: "Account", account: "acc-1" as NonNullable<Entry["account"]> },
        body: { _tag: "OpenWallet" }
      },
      profile: "csmzxy-1",
      shape: 1,
      events: [{ _tag: "WalletOpened", at: 1_772_424_000_000 as Entry["command"]["at"] }],
      answer: { _tag: "Declined", decline: { _tag: "UnknownAccount" } }
    }
    const failed = await Effect.runPromise(
      Effect.flip(Replaying.replay(profiles, Stream.make(line), () => Effect.void))
    )
    expect(failed).toEqual({ _tag: "JournalIncomplete", account: "acc-1", sequence: 7 })
  })
})
