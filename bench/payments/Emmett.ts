/**
 * The same command on `@event-driven-io/emmett-postgresql`: one stream an account, loaded, decided by the same
 * `Account.decide` and appended to. It keeps events only: no account row, and no answer under the command's id, so a retry
 * would pay again. That is less than what ours writes.
 *
 * Emmett is no dependency of this project, since its authors have not given it a licence yet. Whoever may use it installs it
 * beside the benchmark: `npm run bench:emmett`.
 */
import { Account, AccountState } from "@yikatong/core"
import type { AccountEvent, Command } from "@yikatong/core"
import { createRequire } from "node:module"
import { performance } from "node:perf_hooks"
import { pathToFileURL } from "node:url"
import { serve } from "./Child.ts"
import type { Place } from "./Database.ts"
import * as Holder from "./Holder.ts"
import { Latencies, type Measured } from "./Measured.ts"
import * as Payments from "./Payments.ts"
import { profiles } from "./School.ts"

export interface Settings {
  readonly place: Place
  readonly accounts: number
}

export type Order = "open" | { readonly sessions: number; readonly seconds: number; readonly clock: number }
export type Answer = Measured & { readonly clock: number }

/** As much of its interface as is used here. */
interface Stored {
  readonly type: AccountEvent.AccountEvent["_tag"]
  readonly data: AccountEvent.AccountEvent
}
interface EventStore {
  readonly appendToStream: (stream: string, events: ReadonlyArray<Stored>) => Promise<unknown>
  readonly schema: { readonly migrate: () => Promise<unknown> }
  readonly close: () => Promise<void>
}
interface Emmett {
  readonly DeciderCommandHandler: (decider: {
    readonly decide: (command: Command.Envelope, state: AccountState.AccountState | undefined) => Array<Stored>
    readonly evolve: (state: AccountState.AccountState | undefined, event: Stored) => AccountState.AccountState
    readonly initialState: () => AccountState.AccountState | undefined
    readonly retry: { readonly onVersionConflict: number }
  }) => (store: EventStore, stream: string, command: Command.Envelope) => Promise<unknown>
}
interface EmmettPostgres {
  readonly getPostgreSQLEventStore: (url: string, options: unknown) => EventStore
}
interface Pg {
  readonly default: { readonly Pool: new(options: unknown) => { readonly end: () => Promise<void> } }
}

const beside = createRequire(new URL("../emmett/package.json", import.meta.url))
const installed = (name: string): Promise<unknown> => import(pathToFileURL(beside.resolve(name)).href)

const eventsOf = (decision: Account.Decision): Array<Stored> => {
  if (decision._tag !== "Approved") throw new Error(`a command was declined: ${decision.decline._tag}`)
  return decision.events.map((event) => ({ type: event._tag, data: event }))
}

/** What opens an account, as its events. */
const openingOf = (n: number): Array<Stored> => {
  let state: AccountState.AccountState | undefined
  return Holder.opening(n).flatMap((command) => {
    const decision = Account.decide(profiles, state, command)
    state = decision.account
    return eventsOf(decision)
  })
}

serve<Settings, Order, Answer>(async ({ accounts, place }) => {
  const { DeciderCommandHandler } = await installed("@event-driven-io/emmett") as Emmett
  const { getPostgreSQLEventStore } = await installed("@event-driven-io/emmett-postgresql") as EmmettPostgres
  const { default: { Pool } } = await installed("pg") as Pg
  const handle = DeciderCommandHandler({
    decide: (command, state) => eventsOf(Account.decide(profiles, state, command)),
    evolve: (state, { data }) => AccountState.evolve(state, data),
    initialState: () => undefined,
    retry: { onVersionConflict: 5 }
  })
  const using = async <A>(sessions: number, use: (store: EventStore) => Promise<A>): Promise<A> => {
    const pool = new Pool({ host: place.host, user: place.username, database: place.database, max: sessions })
    const url = `postgresql://${place.username}@localhost/${place.database}?host=${encodeURIComponent(place.host)}`
    const store = getPostgreSQLEventStore(url, { connectionOptions: { pool } })
    try {
      // Its callers would all wait for the first of them to create the tables, and it for a session.
      await store.schema.migrate()
      return await use(store)
    } finally {
      await store.close()
      await pool.end()
    }
  }
  const chips = Array.from({ length: accounts }, (): Payments.Chip => ({ balance: 100_000, purchases: 0 }))

  return async (order) => {
    const latencies = new Latencies()
    if (order === "open") {
      let n = 0
      await using(16, (store) =>
        Promise.all(Array.from({ length: 16 }, async () => {
          for (let one = n++; one < accounts; one = n++) {
            await store.appendToStream(Holder.accountOf(one), openingOf(one))
          }
        })))
      return { payments: 0, seconds: 0, p50: 0, p99: 0, clock: Holder.opened }
    }
    const payments = Payments.make({ crowd: "uniform", processes: 1, from: order.clock, chips })
    return using(order.sessions, async (store) => {
      const cpu = process.cpuUsage()
      const begun = performance.now()
      await Promise.all(Array.from({ length: order.sessions }, async () => {
        while (performance.now() - begun < 1_000 * order.seconds) {
          const command = payments.next()
          if (command.subject._tag !== "Card") throw new Error("a payment is made by card")
          const asked = performance.now()
          await handle(store, Holder.accountOf(Holder.numberOfCard(command.subject.card)), command)
          latencies.add(performance.now() - asked)
        }
      }))
      const seconds = (performance.now() - begun) / 1_000
      const { system, user } = process.cpuUsage(cpu)
      const { count } = latencies
      return {
        payments: count,
        seconds,
        ...latencies.quantiles(),
        clientMicros: (user + system) / count,
        memory: process.memoryUsage.rss(),
        clock: payments.now()
      }
    })
  }
})
