// The outbox of an embedded database: one session, no LISTEN, and no lock that is held while somebody is told.
import { AccountStore, Profiles } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Fiber, Layer } from "effect"
import { describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgAccountStore, PgOutbox } from "../src/index.ts"
import { account } from "./commands.ts"

describe("the outbox, embedded", () => {
  it("a handler that fails by the interruption of somebody else is asked again, as after any failure", async () => {
    const { funded } = account("embedded-interrupted")
    let asked = 0
    let told = 0
    const campus = Layer.merge(PgAccountStore.layer(), PgOutbox.layer()).pipe(
      Layer.provide(Embedded.layerClient()),
      Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
    )
    await Effect.gen(function*() {
      const { transact } = yield* AccountStore.AccountStore
      const { consume } = yield* PgOutbox.PgOutbox
      yield* Effect.forEach(funded(500), transact)
      const helper = yield* Effect.forkScoped(Effect.never)
      yield* Fiber.interrupt(helper)
      yield* Effect.forkScoped(consume({
        name: "report",
        handler: (notices) => asked++ === 0 ? Fiber.join(helper) : Effect.sync(() => void (told += notices.length))
      }))
      while (told < 4) yield* Effect.sleep("5 millis")
    }).pipe(Effect.scoped, Effect.provide(campus), Effect.timeout("25 seconds"), Effect.runPromise)
    expect(asked).toBeGreaterThan(1)
  })

  for (const waking of ["poll", "listen"] as const) {
    it(`every line is told while others are written, whatever it was asked to be woken by (${waking})`, async () => {
      const { funded, pay } = account(`embedded-${waking}`)
      const tags: Array<string> = []
      const campus = Layer.merge(PgAccountStore.layer(), PgOutbox.layer({ waking })).pipe(
        Layer.provide(Embedded.layerClient()),
        Layer.provide(Profiles.Profiles.layer(AccountStoreLaws.profiles))
      )
      await Effect.gen(function*() {
        const { transact } = yield* AccountStore.AccountStore
        const { consume } = yield* PgOutbox.PgOutbox
        yield* Effect.forEach(funded(500), transact)
        yield* Effect.forkScoped(consume({
          name: "report",
          page: 3,
          handler: (notices) =>
            Effect.sync(() => void tags.push(...notices.flatMap(({ events }) => events.map(({ _tag }) => _tag))))
        }))
        yield* Effect.forEach([pay(1), pay(2), pay(3)], transact)
        while (tags.length < 7) yield* Effect.sleep("5 millis")
      }).pipe(Effect.scoped, Effect.provide(campus), Effect.timeout("25 seconds"), Effect.runPromise)
      expect(tags).toEqual([
        "AccountOpened",
        "CardIssued",
        "CardActivated",
        "CreditRecorded",
        "Purchased",
        "Purchased",
        "Purchased"
      ])
    })
  }
})
