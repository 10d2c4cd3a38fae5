/** Sessions of the payers are terminated at random, one after the other, as a network or an operator does. */
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { setTimeout as sleep } from "node:timers/promises"
import type { Chance } from "./Chance.ts"
import type { Fault } from "./Fault.ts"
import type { Load } from "./Load.ts"
import * as Store from "./Store.ts"

export const terminatedSessions: Fault = {
  name: "sessions terminated at random",
  rounds: { small: 5, full: 20 },
  round: async ({ campus, chance, cluster, load }) => {
    const payer = load()
    await payer.paid(200)
    const struck = await terminate({ ...campus, host: cluster.host }, chance, 25, [payer])
    await payer.paid(200)
    await payer.finish()
    return struck
  }
}

/** Terminates sessions of a campus at random; its sessions bear its name. What it met is told as a round tells it. */
export const terminate = (
  { host, schema }: Store.Where,
  chance: Chance,
  times: number,
  payers: ReadonlyArray<Load>
) =>
  Store.run(Effect.gen(function*() {
    const sql = Context.get(yield* Layer.build(Store.client(host)), SqlClient.SqlClient)
    let faults = 0
    const inFlight = new Set<string>()
    for (let at = 0; at < times; at++) {
      yield* Effect.promise(() => sleep(chance.between(0, 60)))
      const underWay = payers.flatMap((payer) => [...payer.inFlight()])
      const [struck] = yield* sql<{ readonly ended: boolean }>`
        SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
        WHERE application_name = ${schema} ORDER BY random() LIMIT 1`
      // Between two sessions of a payer there is none to terminate.
      if (struck?.ended !== true) continue
      faults++
      for (const id of underWay) inFlight.add(id)
    }
    return { faults, inFlight }
  }))
