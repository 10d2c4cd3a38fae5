/** PostgreSQL's own measure: TPC-B-like, three updates, a reading and an insertion in one durable transaction. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import * as Cpu from "./Cpu.ts"
import type { Place } from "./Database.ts"
import { type Measured, perSecond, quantile } from "./Measured.ts"
import type { Run } from "./Run.ts"

export const protocols = ["simple", "prepared"] as const

/** One way to run it. */
export interface Way {
  readonly clients: number
  readonly protocol: (typeof protocols)[number]
}

export const nameOf = ({ clients, protocol }: Way): string =>
  `pgbench, ${clients} ${clients === 1 ? "client" : "clients"}, ${protocol}`

const run = async (program: string, place: Place, options: ReadonlyArray<string>, folder: string): Promise<string> => {
  const child = spawn(program, ["-h", place.host, "-U", place.username, ...options, place.database], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let said = ""
  let complained = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => said += text)
  child.stderr.setEncoding("utf8").on("data", (text: string) => complained += text)
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`pgbench ended with ${String(code)}: ${complained}`)
  return said
}

/** Fills its tables: 100,000 accounts and ten tellers a branch. */
export const fill = (program: string, place: Place, scale: number): Promise<string> =>
  run(program, place, ["-i", "-q", "-s", String(scale)], tmpdir())

export const measure = async (program: string, place: Place, way: Way, seconds: number): Promise<Measured> => {
  const spent = Cpu.ofEndedChildren()
  const folder = mkdtempSync(join(tmpdir(), "yikatong-pgbench-"))
  try {
    const threads = Math.min(way.clients, availableParallelism())
    const length = String(Math.max(1, Math.round(seconds)))
    const clients = ["-c", String(way.clients), "-j", String(threads)]
    const said = await run(program, place, ["-n", "-l", "-M", way.protocol, ...clients, "-T", length], folder)
    // Its log has a line a transaction; the third field is how long it took, in microseconds.
    const latencies = Float64Array.from(
      readdirSync(folder).flatMap((file) =>
        readFileSync(join(folder, file), "utf8").split("\n").filter((line) => line !== "")
          .map((line) => Number(line.split(" ")[2]) / 1_000)
      )
    ).sort()
    const perSecond = Number(/^tps = ([\d.]+)/m.exec(said)?.[1])
    if (!(perSecond > 0) || latencies.length === 0) throw new Error(`pgbench said no figure: ${said}`)
    const after = Cpu.ofEndedChildren()
    return {
      ...(spent === undefined || after === undefined ? {} : {
        clientMicros: (after - spent) * 1_000_000 / latencies.length
      }),
      payments: latencies.length,
      seconds: latencies.length / perSecond,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The two best ways, and the best for one client: short trials of all of them tell. */
export const best = async (
  { say, size }: Run,
  program: string,
  place: Place
): Promise<ReadonlyArray<Way>> => {
  say(`pgbench: ${size.pgbenchScale} branches`)
  await fill(program, place, size.pgbenchScale)
  const ways = size.pgbenchClients.flatMap((clients) => protocols.map((protocol): Way => ({ clients, protocol })))
  const tried: Array<{ readonly way: Way; readonly perSecond: number }> = []
  for (const way of ways) {
    tried.push({ way, perSecond: perSecond(await measure(program, place, way, size.trialSeconds)) })
    say(`${nameOf(way)}: ${Math.round(tried.at(-1)?.perSecond ?? 0)}`)
  }
  tried.sort((one, other) => other.perSecond - one.perSecond)
  const one = tried.find(({ way }) => way.clients === 1)
  // A short trial may err by little: the two that were best run in the rounds.
  const best = tried.slice(0, 2).filter((way) => way !== one)
  return [...best, ...(one === undefined ? [] : [one])].map(({ way }) => way)
}
