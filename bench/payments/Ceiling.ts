/**
 * The ceiling: the very rows of ours, written by the very statement of ours, and nothing else: nothing is locked, looked up or
 * decided. It shows what all the rest costs.
 *
 * There are two databases that are equal. In the first one payments are decided and written, and the statement that writes
 * each batch is kept with its encoded parameters; that is not measured. In the second one the same is said again, each batch
 * in a transaction of one round trip.
 */
import { PgClient } from "@effect/sql-pg"
import { CampusSchema } from "@yikatong/adapters-pg"
import { Duration, Effect, Layer, Scope } from "effect"
import { performance } from "node:perf_hooks"
import * as Batch from "../../packages/adapters-pg/src/Batch.ts"
import * as BatchTransaction from "../../packages/adapters-pg/src/BatchTransaction.ts"
import * as Sessions from "../../packages/adapters-pg/src/Sessions.ts"
import { serve } from "./Child.ts"
import * as Chips from "./Chips.ts"
import type { Place } from "./Database.ts"
import { Latencies, type Measured } from "./Measured.ts"
import * as Payments from "./Payments.ts"
import { profiles } from "./School.ts"

export interface Settings {
  readonly source: Place
  readonly place: Place
}

/** First so many payments are decided, of which so many share a transaction; then they are written again. */
export type Order =
  | { readonly decide: { readonly batch: number; readonly payments: number; readonly clock: number } }
  | "write"

export type Answer = Measured & { readonly clock: number }

/** As many as the store has. */
const lanes = 2

type Statement = readonly [text: string, parameters: ReadonlyArray<unknown> | undefined]
/** The statements of the last round trip of a transaction: what was written, and its commit. */
type Recorded = ReadonlyArray<Statement>

/** Keeps what is said last. What is said after an answer has come belongs to the next round trip. */
const recording = (transact: Sessions.Transact, into: Array<Recorded>): Sessions.Transact => (body) => {
  let recorded: Array<Statement> = []
  let isAnswered = true
  return transact((send, settings) =>
    body(
      (text, parameters) =>
        Effect.suspend(() => {
          if (isAnswered) recorded = []
          isAnswered = false
          recorded.push([text, parameters])
          return Effect.tap(send(text, parameters), () =>
            Effect.sync(() => {
              isAnswered = true
            }))
        }),
      settings
    )
  ).pipe(Effect.tap(() => Effect.sync(() => into.push(recorded))))
}

const again = (transact: Sessions.Transact, recorded: Recorded) =>
  transact((send) =>
    Effect.forEach([["BEGIN", undefined] as const, ...recorded], ([text, parameters]) => send(text, parameters), {
      concurrency: "unbounded",
      discard: true
    })
  )

/** The sessions in which the store writes, for as long as this process. */
const sessions = (place: Place): Promise<ReadonlyArray<Sessions.Transact>> =>
  Effect.runPromise(Effect.gen(function*() {
    const scope = yield* Scope.make()
    const client = yield* Layer.buildWithScope(PgClient.layer(place), scope)
    return yield* Sessions.make({ lanes, patience: Duration.seconds(10), pooled: false }).pipe(
      Effect.provide(client),
      Scope.provide(scope)
    )
  }))

serve<Settings, Order, Answer>(async ({ place, source }) => {
  const deciding = await sessions(source)
  const writing = await sessions(place)
  let recorded: ReadonlyArray<ReadonlyArray<Recorded>> = []
  let count = 0
  let now = 0

  const decide = async (batch: number, from: number) => {
    const payments = Payments.make({ crowd: "uniform", processes: 1, from, chips: await Chips.read(source) })
    const queues: ReadonlyArray<Array<Batch.Item>> = deciding.map(() => [])
    for (let made = 0; made < count; made++) {
      const item = Batch.item(payments.next())
      queues[Batch.laneOf(item) % lanes]?.push(item)
    }
    now = payments.now()
    recorded = await Promise.all(deciding.map(async (transact, lane) => {
      const kept: Array<Recorded> = []
      const write = BatchTransaction.make(recording(transact, kept), CampusSchema.defaultName, profiles)
      const queue = queues[lane] ?? []
      for (let at = 0; at < queue.length; at += batch) {
        const replies = await Effect.runPromise(write(queue.slice(at, at + batch)))
        if (!replies.every((reply) => reply._tag === "Success" && reply.success._tag === "Approved")) {
          throw new Error("a payment was declined")
        }
      }
      return kept
    }))
  }

  return async (order) => {
    if (order !== "write") {
      count = order.decide.payments
      await decide(order.decide.batch, order.decide.clock)
      return { payments: 0, seconds: 0, p50: 0, p99: 0, clock: now }
    }
    const latencies = new Latencies()
    const cpu = process.cpuUsage()
    const begun = performance.now()
    await Promise.all(writing.map(async (transact, lane) => {
      for (const transaction of recorded[lane] ?? []) {
        const asked = performance.now()
        await Effect.runPromise(again(transact, transaction))
        latencies.add(performance.now() - asked)
      }
    }))
    const seconds = (performance.now() - begun) / 1_000
    const { system, user } = process.cpuUsage(cpu)
    return {
      payments: count,
      seconds,
      ...latencies.quantiles(),
      clientMicros: (user + system) / count,
      batch: count / latencies.count,
      clock: now
    }
  }
})
