/** Those beside whom ours runs: pgbench, emmett where it is installed, and the ceiling. */
import { existsSync, readFileSync } from "node:fs"
import type * as Ceiling from "./Ceiling.ts"
import * as Child from "./Child.ts"
import type { Contestant } from "./Contestant.ts"
import type { Place } from "./Database.ts"
import type * as Emmett from "./Emmett.ts"
import { type Measured, perSecond } from "./Measured.ts"
import * as Meter from "./Meter.ts"
import * as Pgbench from "./Pgbench.ts"
import type { Run } from "./Run.ts"

/** The best ways to run pgbench, the one with one client last; none where there is no pgbench. */
export const pgbench = async (run: Run): Promise<ReadonlyArray<Contestant>> => {
  const program = run.server.pgbench
  if (program === undefined) return []
  const place = await run.create("pgbench")
  const ways = await Pgbench.best(run, program, place)
  return ways.map((way) => ({
    name: Pgbench.nameOf(way),
    warmUp: async () => {},
    measure: () => Meter.around(run.server, () => Pgbench.measure(program, place, way, run.size.seconds)),
    stop: async () => {}
  }))
}

/** Emmett with as many sessions as serve it best. */
export const emmett = async ({ create, say, server, size }: Run): Promise<Contestant | undefined> => {
  const installed = new URL("../emmett/node_modules/@event-driven-io/emmett-postgresql/package.json", import.meta.url)
  if (!existsSync(installed)) return undefined
  const { version } = JSON.parse(readFileSync(installed, "utf8")) as { readonly version: string }
  const place = await create("emmett")
  const child = Child.start<Emmett.Order, Emmett.Answer>(
    "./Emmett.ts",
    { place, accounts: size.emmettAccounts } satisfies Emmett.Settings
  )
  let { clock } = await child.ask("open")
  const run = async (sessions: number, seconds: number): Promise<Measured> => {
    const answer = await child.ask({ sessions, seconds, clock })
    clock = answer.clock
    return answer
  }
  const tried: Array<{ readonly sessions: number; readonly perSecond: number }> = []
  for (const sessions of size.emmettSessions) {
    await run(sessions, size.trialSeconds)
    tried.push({ sessions, perSecond: perSecond(await run(sessions, size.trialSeconds)) })
    say(`emmett, ${sessions} sessions: ${Math.round(tried.at(-1)?.perSecond ?? 0)}`)
  }
  const sessions = tried.sort((one, other) => other.perSecond - one.perSecond)[0]?.sessions ?? 1
  return {
    name: `emmett-postgresql ${version}, ${sessions} sessions`,
    warmUp: async () => {},
    measure: () => Meter.around(server, () => run(sessions, size.seconds)),
    stop: child.stop
  }
}

/** Which databases the ceiling has, both equal to a campus; business time goes on there too. */
export interface Pair {
  readonly source: Place
  readonly place: Place
  clock: number
}

/** The ceiling of batches, all in one process: gives a contestant for each size of a batch. */
export const ceiling = ({ server, size }: Run, pair: Pair): (batch: number) => Contestant => {
  const { place, source } = pair
  const child = Child.start<Ceiling.Order, Ceiling.Answer>("./Ceiling.ts", { place, source } satisfies Ceiling.Settings)
  return (batch) => {
    const run = async (payments: number): Promise<Measured> => {
      const { clock } = await child.ask({ decide: { batch, payments, clock: pair.clock } })
      pair.clock = clock
      return Meter.around(server, () => child.ask("write"))
    }
    return {
      name: `ceiling, 2 sessions of ${batch}`,
      warmUp: () => run(size.recorded / 2),
      measure: () => run(size.recorded),
      stop: child.stop
    }
  }
}
