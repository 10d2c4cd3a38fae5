// What an operator sees of a store: metrics and spans, and nobody in them.
import type { Command } from "@yikatong/core"
import { Effect, Exit, Metric, type Scope, Tracer } from "effect"
import { describe, expect, it } from "vitest"
import { freshSchema, store, type StoreOptions } from "./clients.ts"
import { account } from "./commands.ts"
import { faultyWire } from "./faultyWire.ts"

/** A store whose metrics and spans nobody else has. */
const observed = <A, E>(
  options: Omit<StoreOptions, "schema">,
  body: (
    opened: {
      readonly schema: string
      readonly one: Effect.Success<ReturnType<typeof store>>
      readonly spans: ReadonlyArray<Tracer.NativeSpan>
      readonly told: Effect.Effect<Record<string, unknown>>
    }
  ) => Effect.Effect<A, E, Scope.Scope>
) => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (given) => {
      const span = new Tracer.NativeSpan(given)
      spans.push(span)
      return span
    }
  })
  const schema = freshSchema()
  return Effect.gen(function*() {
    const one = yield* store({ schema, ...options })
    return yield* body({ schema, one, spans, told: Effect.map(Metric.snapshot, toldOf) })
  }).pipe(
    Effect.scoped,
    Effect.provideService(Metric.MetricRegistry, new Map()),
    Effect.provideService(Tracer.Tracer, tracer),
    Effect.runPromise
  )
}

/** `name attribute…` of each series with its number: what was counted, what is there, how often something was measured. */
const toldOf = (snapshots: ReadonlyArray<Metric.Metric.Snapshot>): Record<string, unknown> =>
  Object.fromEntries(
    snapshots.filter(({ id }) => id.startsWith("yikatong.")).map(({ attributes = {}, id, state }) => {
      const { schema: _, unit: __, ...rest } = attributes
      const number = "count" in state ? Number(state.count) : "value" in state ? Number(state.value) : undefined
      return [[id.slice("yikatong.store.".length), ...Object.values(rest)].join(" "), number]
    })
  )

const batchesOf = (spans: ReadonlyArray<Tracer.NativeSpan>) =>
  spans.filter(({ name }) => name === "PgAccountStore.batch")

describe("the metrics of a store", () => {
  it("counts commands by what they were told, declines by reason, and batches by their size and time", () =>
    observed({ lanes: 1 }, ({ one, told }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("counted")
        yield* Effect.forEach(funded(2_000), one.transact)
        yield* Effect.forEach([pay(700, "paid"), pay(700, "paid"), pay(1_900, "refused"), pay(900)], one.transact)
        yield* Effect.flip(one.transact(pay(1, "paid")))
        expect(yield* told).toEqual({
          "queue.depth": 0,
          "batch.size": 9,
          "batch.duration": 9,
          "commit.duration": 9,
          // Four to open, one payment that is told twice, one more.
          "commands approved": 7,
          "commands declined": 1,
          "declines InsufficientWallet": 1,
          "commands misused": 1
        })
      })))

  it("a batch counts once however many share it; a payment and its repetition in one batch are two commands", () =>
    observed({ lanes: 1, batch: 64 }, ({ one, told }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("shared")
        yield* Effect.forEach(funded(10_000), one.transact)
        const before = yield* told
        const commands = [...Array.from({ length: 20 }, () => pay(1)), pay(1, "twice"), pay(1, "twice")]
        yield* Effect.forEach(commands, one.transact, { concurrency: "unbounded" })
        const after = yield* told
        expect(Number(after["commands approved"]) - Number(before["commands approved"])).toBe(22)
        expect(Number(after["batch.size"]) - Number(before["batch.size"])).toBeLessThanOrEqual(2)
      })))

  it("one who finds no room is a fault, and the queue is as deep as it is", () =>
    observed({ lanes: 1, batch: 1, capacity: 2 }, ({ one, told }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("overloaded")
        yield* Effect.forEach(funded(10_000), one.transact)
        const exits = yield* Effect.forEach(
          Array.from({ length: 6 }, () => pay(1)),
          (command) => Effect.exit(one.transact(command)),
          { concurrency: "unbounded" }
        )
        const refused = exits.filter(Exit.isFailure).length
        expect(refused).toBeGreaterThan(0)
        const { "commands failed": failed, "faults transact Overloaded": faults, "queue.depth": depth } = yield* told
        expect([failed, faults, depth]).toEqual([refused, refused, 0])
      })))

  it("a session that was lost is a retry, a server that is away a fault", () => {
    const wire = faultyWire()
    return observed({ lanes: 1, client: { stream: wire.stream } }, ({ one, told }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("lost")
        yield* Effect.forEach(funded(1_000), one.transact)
        expect(Object.keys(yield* told).filter((name) => /^(retries|faults)/.test(name))).toEqual([])
        wire.fail(1, "lost")
        expect((yield* Effect.flip(one.transact(pay(100))))._tag).toBe("StoreUnavailable")
        wire.mend()
        yield* one.transact(pay(100))
        const { "commands failed": failed, "faults transact StoreUnavailable": faults, "retries transact": retries } =
          yield* told
        expect([failed, faults, retries]).toEqual([1, 1, 1])
      }))
  })

  it("a store that is closed is watched no more", async () => {
    const registry = new Map()
    const depths = Effect.map(
      Metric.snapshot,
      (all) => all.filter(({ id }) => id === "yikatong.store.queue.depth").length
    )
    const [open, closed] = await Effect.gen(function*() {
      const open = yield* Effect.scoped(Effect.andThen(store({ schema: freshSchema() }), depths))
      return [open, yield* depths] as const
    }).pipe(Effect.provideService(Metric.MetricRegistry, registry), Effect.runPromise)
    expect([open, closed]).toEqual([1, 0])
  })
})

describe("the spans of a store", () => {
  it("a batch is linked to the spans of its callers, has its transaction in it, and none for each command", () =>
    observed({ lanes: 1, batch: 64 }, ({ one, schema, spans }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("linked")
        yield* Effect.forEach(funded(10_000), one.transact)
        const before = batchesOf(spans).length
        yield* Effect.forEach(
          Array.from({ length: 8 }, () => pay(1)),
          (command) => Effect.withSpan(one.transact(command), "caller"),
          { concurrency: "unbounded" }
        )
        const batches = batchesOf(spans).slice(before)
        const callers = spans.filter(({ name }) => name === "caller").map(({ spanId }) => spanId)
        expect(batches.flatMap(({ links }) => links.map(({ span }) => span.spanId)).sort()).toEqual(callers.sort())
        for (const batch of batches) {
          expect(batch.parent._tag).toBe("None")
          const within = spans.filter(({ parent }) => parent._tag === "Some" && parent.value.spanId === batch.spanId)
          expect(within.map(({ kind, name }) => [name, kind])).toEqual([["PgAccountStore.transaction", "client"]])
          for (const { attributes } of [batch, ...within]) {
            expect(Object.fromEntries(attributes)).toEqual({
              "yikatong.schema": schema,
              "yikatong.lane": 0,
              "yikatong.batch.size": batch.links.length
            })
          }
        }
      })))

  it("each try is a transaction of its own within one batch", () => {
    const wire = faultyWire()
    return observed({ lanes: 1, client: { stream: wire.stream } }, ({ one, spans }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("tried")
        yield* Effect.forEach(funded(1_000), one.transact)
        const before = spans.length
        wire.fail(1, "lost")
        yield* Effect.flip(one.transact(pay(100)))
        expect(spans.slice(before).map(({ name, status }) => [name, status._tag === "Ended" && status.exit._tag]))
          .toEqual([
            ["PgAccountStore.batch", "Failure"],
            ["PgAccountStore.transaction", "Failure"],
            ["PgAccountStore.transaction", "Failure"]
          ])
      }))
  })

  it("D24 neither spans nor metrics say who or where", () =>
    observed({ lanes: 1 }, ({ one, schema, spans }) =>
      Effect.gen(function*() {
        const { funded, pay } = account("private-account")
        const commands: ReadonlyArray<Command.Envelope> = [...funded(1_000), pay(2_000), pay(100)]
        yield* Effect.forEach(commands, one.transact)
        const metrics = (yield* Metric.snapshot).map(({ attributes, id }) => [id, attributes])
        const told = JSON.stringify([
          metrics,
          spans.map(({ attributes, name }) => [name, ...attributes])
        ]).replaceAll(schema, "")
        const secrets = ["private-account", ...commands.flatMap(({ caller, id, point }) => [caller, id, point])]
        expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
      })))
})
