// A server that is away or mute: told soon, and all is well when it is back.
import { Effect, Option, Schedule, type Scope } from "effect"
import { describe, expect, it } from "vitest"
import { freshSchema, store } from "./clients.ts"
import { account } from "./commands.ts"
import { faultyWire } from "./faultyWire.ts"

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))

describe("an unavailable server", () => {
  it("a server that is away is told at once, and the next command works when it is back", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const wire = faultyWire()
      const away = yield* store({ schema, client: { stream: wire.stream } })
      const { funded, pay, subject } = account("away")
      yield* Effect.forEach(funded(1_000), away.transact)
      wire.fail(1, "lost")
      const command = pay(400)
      const begun = performance.now()
      expect((yield* Effect.flip(away.transact(command)))._tag).toBe("StoreUnavailable")
      expect((yield* Effect.flip(away.find(subject)))._tag).toBe("StoreUnavailable")
      expect(performance.now() - begun).toBeLessThan(1_000)
      wire.mend()
      expect((yield* away.transact(command))._tag).toBe("Approved")
      expect(Option.getOrThrow(yield* away.find(subject)).pockets.transit).toBe(600)
    })))

  it("a server that does not answer is given up after the time that was set", () =>
    run(Effect.gen(function*() {
      const schema = freshSchema()
      const healthy = yield* store({ schema })
      const wire = faultyWire()
      const mute = yield* store({ schema, client: { stream: wire.stream }, timeout: "300 millis" })
      const { funded, pay, subject } = account("mute")
      yield* Effect.forEach(funded(1_000), healthy.transact)
      const command = pay(400)
      wire.fail(3, "silent")
      const begun = performance.now()
      expect((yield* Effect.flip(mute.transact(command)))._tag).toBe("StoreUnavailable")
      expect(performance.now() - begun).toBeLessThan(1_500)
      wire.mend()
      // The session that fell silent still holds the account's row, until the client has taken leave of it.
      const patient = Effect.retry(mute.transact(command), { times: 40, schedule: Schedule.spaced("100 millis") })
      expect((yield* patient)._tag).toBe("Approved")
      expect(Option.getOrThrow(yield* healthy.find(subject)).pockets.transit).toBe(600)
    })))
})
