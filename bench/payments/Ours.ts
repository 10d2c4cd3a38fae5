/** Ours, as a terminal's server runs it: so many callers, each sends its next payment when the last one is answered. */
import { PgClient } from "@effect/sql-pg"
import { PgAccountStore } from "@yikatong/adapters-pg"
import { AccountStore, Profiles } from "@yikatong/core"
import { Effect, Layer, ManagedRuntime } from "effect"
import { performance } from "node:perf_hooks"
import { serve } from "./Child.ts"
import * as Chips from "./Chips.ts"
import type { Place } from "./Database.ts"
import * as Holder from "./Holder.ts"
import { Latencies, type Measured } from "./Measured.ts"
import * as Payments from "./Payments.ts"
import { profiles } from "./School.ts"

export interface Settings {
  readonly place: Place
}

export type Order =
  | { readonly open: { readonly from: number; readonly to: number } }
  | {
    readonly callers: number
    readonly crowd: Payments.Crowd
    readonly clock: number
    readonly processes: number
    /** How long, or how many. */
    readonly seconds?: number
    readonly payments?: number
  }

export type Answer = Measured & { readonly clock: number; readonly declined: number }

serve<Settings, Order, Answer>(async ({ place }) => {
  const runtime = ManagedRuntime.make(
    PgAccountStore.layer().pipe(
      Layer.provide(PgClient.layer(place)),
      Layer.provide(Profiles.Profiles.layer(profiles))
    )
  )
  const store = await runtime.runPromise(AccountStore.AccountStore)

  const measure = async (callers: number, next: () => Parameters<typeof store.transact>[0] | undefined) => {
    const latencies = new Latencies()
    let declined = 0
    const caller = Effect.gen(function*() {
      for (let payment = next(); payment !== undefined; payment = next()) {
        const asked = performance.now()
        const answer = yield* store.transact(payment)
        latencies.add(performance.now() - asked)
        if (answer._tag !== "Approved") declined++
      }
    })
    const cpu = process.cpuUsage()
    const begun = performance.now()
    await runtime.runPromise(
      Effect.forEach(Array.from({ length: callers }), () => caller, { concurrency: "unbounded", discard: true })
    )
    const seconds = (performance.now() - begun) / 1_000
    const { system, user } = process.cpuUsage(cpu)
    const payments = latencies.count
    const memory = process.memoryUsage.rss()
    return { payments, seconds, ...latencies.quantiles(), clientMicros: (user + system) / payments, memory, declined }
  }

  return async (order) => {
    if ("open" in order) {
      const { from, to } = order.open
      // A holder's commands go one after the other, those of different holders at once.
      const openings = Array.from({ length: to - from }, (_, at) => Holder.opening(from + at))
      let declined = 0
      await runtime.runPromise(
        Effect.forEach(
          openings,
          (commands) =>
            Effect.forEach(commands, (command) =>
              Effect.map(store.transact(command), ({ _tag }) => {
                if (_tag !== "Approved") {
                  declined++
                }
              }), { discard: true }),
          { concurrency: 512, discard: true }
        )
      )
      return { payments: 0, seconds: 0, p50: 0, p99: 0, clock: Holder.opened, declined }
    }
    const payments = Payments.make({ ...order, from: order.clock, chips: await Chips.read(place) })
    const end = performance.now() + 1_000 * (order.seconds ?? Number.POSITIVE_INFINITY)
    let left = order.payments ?? Number.POSITIVE_INFINITY
    const measured = await measure(
      order.callers,
      () => left-- > 0 && performance.now() < end ? payments.next() : undefined
    )
    return { ...measured, clock: payments.now() }
  }
})
