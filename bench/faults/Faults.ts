/**
 * The faults that a campus must survive 故障演练, tried on a real server that is as durable as PostgreSQL ships it; after each of
 * them everything is looked at (`Aftermath`).
 *
 * YIKATONG_FAULTS=small tries few of each, as CI does; YIKATONG_FAULT names one of them by its key. The seed decides what
 * is paid and when things break; what the machine does in between is its own.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Aftermath from "./Aftermath.ts"
import { Campus } from "./Campus.ts"
import * as Chance from "./Chance.ts"
import { Cluster } from "./Cluster.ts"
import type { Fault, Struck } from "./Fault.ts"
import { fullLog, fullTables } from "./fullDisk.ts"
import { jumpingClock } from "./jumpingClock.ts"
import { killedNode } from "./killedNode.ts"
import { Load } from "./Load.ts"
import { lostPrimary } from "./lostPrimary.ts"
import { stoppedServer } from "./stoppedServer.ts"
import { terminatedSessions } from "./terminatedSessions.ts"
import { twoProcesses } from "./twoProcesses.ts"

const faults: Readonly<Record<string, Fault>> = {
  killedNode,
  stoppedServer,
  terminatedSessions,
  twoProcesses,
  jumpingClock,
  lostPrimary,
  fullTables,
  fullLog
}
const privilegedOnes: ReadonlySet<Fault> = new Set([fullTables, fullLog])

export interface Options {
  readonly seed: number
  readonly small: boolean
  /** One of them only. */
  readonly only?: string | undefined
  /** Also those that need the rights of root. */
  readonly privileged: boolean
  readonly say: (line: string) => void
}

/** Callers of one process: more than two hundred payments are under way at any time. */
const callers = 256
/** A campus is used for so many rounds, so that faults also meet a past, and its books can be read in time. */
const roundsOfCampus = 10

interface Row {
  readonly fault: string
  rounds: number
  faults: number
  inFlight: number
  sent: number
  acknowledged: number
  unknown: number
  happened: number
  violations: number
}

/** Tries them, prints a table and throws where anything was not as it must be. */
export const survive = async ({ only, privileged, say, seed, small }: Options): Promise<string> => {
  const rows: Array<Row> = []
  if (only !== undefined && faults[only] === undefined) {
    throw new Error(`there is no fault ${only}: ${Object.keys(faults).join(", ")}`)
  }
  for (const [key, fault] of Object.entries(faults)) {
    if (only !== undefined && key !== only) continue
    if (only === undefined && privilegedOnes.has(fault) && !privileged) {
      say(`${fault.name}: not tried, it mounts a small file system and needs root: YIKATONG_FULL_DISK=1`)
      continue
    }
    rows.push(await tryOne(key, fault, { say, seed, rounds: small ? fault.rounds.small : fault.rounds.full }))
  }
  console.table(Object.fromEntries(rows.map(({ fault, ...row }) => [fault, row])))
  const violations = rows.reduce((sum, row) => sum + row.violations, 0)
  if (violations > 0) throw new Error(`${violations} violations, seed ${seed}`)
  const all = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0).toLocaleString("en")
  return `${all((row) => row.faults)} faults, ${all((row) => row.inFlight)} of ${
    all((row) => row.sent)
  } payments in flight ` +
    `when they struck, ${all((row) => row.acknowledged)} acknowledged, none missing, none twice`
}

/** A round that struck nothing shows nothing, and does not pass. */
const vain = ({ faults, inFlight }: Struck): ReadonlyArray<string> => [
  ...(faults === 0 ? ["no fault struck in this round"] : []),
  ...(inFlight.size === 0 ? ["no payment was in flight when the faults of this round struck"] : [])
]

const tryOne = async (
  key: string,
  fault: Fault,
  { rounds, say, seed }: Pick<Options, "say" | "seed"> & { readonly rounds: number }
): Promise<Row> => {
  const row: Row = {
    fault: fault.name,
    rounds: 0,
    faults: 0,
    inFlight: 0,
    sent: 0,
    acknowledged: 0,
    unknown: 0,
    happened: 0,
    violations: 0
  }
  const cluster = await (fault.cluster ?? (() => Cluster.start()))()
  const folder = mkdtempSync(join(tmpdir(), "yikatong-diaries-"))
  say(`${fault.name}: ${rounds} rounds on ${cluster.version}${fault.note === undefined ? "" : `; ${fault.note()}`}`)
  try {
    let campus = await Campus.open(cluster.host)
    for (let number = 1; number <= rounds; number++) {
      if (number % roundsOfCampus === 0) campus = await Campus.open(cluster.host)
      const { schema } = campus
      const loads: Array<Load> = []
      const struck = await fault.round({
        cluster,
        campus,
        number,
        chance: Chance.of(`${seed} ${key} ${number}`),
        load: (more) => {
          const name = `${schema}.${number}.${loads.length}`
          const load = new Load({
            host: cluster.host,
            schema,
            name,
            diary: join(folder, name),
            seed: `${seed} ${name}`,
            callers,
            accounts: campus.accounts,
            ...more
          })
          loads.push(load)
          return load
        }
      }).finally(() => Promise.all(loads.map((load) => load.kill())))
      const after = await Aftermath.look(cluster.host, campus, loads.map(({ diary }) => diary))
      const violations = [...vain(struck), ...struck.violations ?? [], ...after.violations]
      row.rounds++
      row.faults += struck.faults
      row.inFlight += struck.inFlight.size
      row.sent += after.sent
      row.acknowledged += after.acknowledged
      row.unknown += after.unknown
      row.happened += after.happened
      row.violations += violations.length
      const told = [...after.faults].map(([tag, times]) => `${tag} ${times} times`).join(", ")
      say(
        `${fault.name} ${number}/${rounds}: ${struck.faults} faults, ` +
          `${struck.inFlight.size} of ${after.sent} payments in flight, ` +
          `${after.acknowledged} acknowledged, ${after.unknown} unknown (${after.happened} had happened)` +
          `${told === "" ? "" : `; told ${told}`}`
      )
      for (const violation of violations) {
        say(
          `VIOLATED: ${violation}; again: YIKATONG_SEED=${seed} YIKATONG_STORE=faults YIKATONG_FAULT=${key} npm run soak`
        )
      }
    }
  } catch (error) {
    row.violations++
    say(`FAILED: ${error instanceof Error ? error.stack : error}; seed ${seed}, fault ${key}`)
  } finally {
    await cluster.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return row
}
