/**
 * The process that is killed: the driver of recharges and the callback server, over books in PostgreSQL and channels that
 * speak to the sandbox of its parent. It places what its parent tells it to place, has the time that its parent says, and
 * may be told to kill itself at a step that is counted.
 */
import {
  AccountStore,
  type CivilTime,
  Driving,
  HostClock,
  type Id,
  type RechargeChannel,
  Recharging,
  SubjectStore
} from "@yikatong/core"
import { Clock, Context, Effect, Layer, References } from "effect"
import type { Connection } from "../../../../scripts/postgres-server.ts"
import * as CallbackServer from "../../src/CallbackServer.ts"
import { SandboxClock } from "../../src/sandbox/SandboxClock.ts"
import { office } from "../support/campus.ts"
import { type AllTerms, channels, layer, type Student } from "./School.ts"

/** What it is started with. `dies`: kills itself at this write of the store, before it or as soon as it is durable. */
export interface Orders {
  readonly server: Connection
  readonly schema: string
  readonly terms: AllTerms
  readonly now: number
  /** Where it hears callbacks: the same after each death. */
  readonly port: number
  readonly dies?: { readonly when: "before" | "after"; readonly write: number }
}

/** What it is asked for, each with a number of its own. */
export type Asked =
  | { readonly ask: number; readonly _tag: "Place"; readonly wish: ReturnType<Student["wishes"]> }
  | {
    readonly ask: number
    readonly _tag: "Turn"
    readonly order: string
    readonly wish: ReturnType<Student["wishes"]>
  }
  | { readonly ask: number; readonly _tag: "Advance"; readonly milliseconds: number }

/** What it says; `ask` 0: that it listens. `problem`: it could not be done. */
export interface Told {
  readonly ask: number
  readonly order?: string
  readonly number?: string
  readonly problem?: string
}

const tell = (told: Told): void => void process.send?.(told)

/** Kills this process at one write of all. */
const mortal = ({ when, write: last }: NonNullable<Orders["dies"]>) => {
  let writes = 0
  const die = Effect.andThen(Effect.sync(() => process.kill(process.pid, "SIGKILL")), Effect.never)
  return <A, E, R>(write: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      if (++writes !== last) return write
      return when === "before" ? die : Effect.andThen(write, die)
    })
}

const run = Effect.fnUntraced(function*(orders: Orders) {
  const { dies, now, port, schema, server, terms } = orders
  const clock = yield* SandboxClock.make(now as CivilTime.Instant)
  const all: Array<RechargeChannel.RechargeChannel> = []
  const whole = yield* Layer.build(layer(server, schema, all))
  const perhaps = dies === undefined ? undefined : mortal(dies)
  const [accounts, subjects] = [
    Context.get(whole, AccountStore.AccountStore),
    Context.get(whole, SubjectStore.SubjectStore)
  ]
  const services = perhaps === undefined ? whole : whole.pipe(
    Context.add(AccountStore.AccountStore, {
      ...accounts,
      transact: (command) => perhaps(accounts.transact(command))
    }),
    Context.add(SubjectStore.SubjectStore, {
      ...subjects,
      transact: (decider, submitted) => perhaps(subjects.transact(decider, submitted))
    })
  )
  const callbacks = yield* CallbackServer.listen({ port, point: office }).pipe(
    Effect.provideContext(services),
    HostClock.provide(() => clock.now())
  )
  all.push(...(yield* channels(terms, `${callbacks.origin}${callbacks.path}`)))

  const answer = Effect.fnUntraced(function*(asked: Asked): Effect.fn.Return<
    Omit<Told, "ask">,
    Effect.Error<ReturnType<typeof Recharging.place | typeof Recharging.turn>>,
    Effect.Services<ReturnType<typeof Recharging.place | typeof Recharging.turn>>
  > {
    if (asked._tag === "Advance") {
      yield* clock.advance(asked.milliseconds)
      return {}
    }
    const { wish } = asked
    const placed = asked._tag === "Place"
      ? yield* Recharging.place(wish)
      : yield* Recharging.turn({ id: asked.order as Id.OrderId }, wish)
    return placed._tag === "Placed"
      ? { order: placed.order.id, number: placed.attempt.number }
      : { problem: JSON.stringify(placed) }
  })
  const fork = Effect.runForkWith(Context.add(services, Clock.Clock, clock.asClock))
  process.on("message", (asked: Asked) =>
    void fork(
      answer(asked).pipe(
        Effect.catch((fault) => Effect.succeed({ problem: String(fault) })),
        Effect.map((told) => tell({ ask: asked.ask, ...told })),
        Effect.provideService(References.MinimumLogLevel, "None")
      )
    ))
  tell({ ask: 0 })
  // It looks often, since its days are short.
  return yield* Driving.run(office, { every: "1 second" }).pipe(
    Effect.provideContext(services),
    Effect.provideService(Clock.Clock, clock.asClock)
  )
})

// A parent that is gone needs no child.
process.on("disconnect", () => process.exit(0))
await Effect.runPromise(
  Effect.scoped(run(JSON.parse(process.argv[2] ?? "{}"))).pipe(
    Effect.provideService(References.MinimumLogLevel, "None")
  )
)
