/**
 * The one PostgreSQL on which all contestants run: private, durable (fsync and synchronous_commit are on), and set alike for
 * everybody. What the disk can do is measured beside it, so that a reader knows whether disk or CPU is the limit.
 */
import { closeSync, existsSync, fdatasyncSync, openSync, realpathSync, rmSync, writeSync } from "node:fs"
import { totalmem } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { performance } from "node:perf_hooks"
import { embeddedBinaries, machineBinaries, startPostgres } from "../../scripts/postgres-server.ts"
import * as Cpu from "./Cpu.ts"
import * as Database from "./Database.ts"

const megabyte = 2 ** 20

/** No checkpoint falls into what is measured, and nobody waits for memory. */
const settings = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: `${Math.min(2_048, Math.floor(totalmem() / megabyte / 4))}MB`,
  max_wal_size: "16GB",
  checkpoint_timeout: "1h",
  max_connections: "200"
}

export interface Server {
  readonly source: string
  readonly settings: Readonly<Record<string, string>>
  /** The folder with `pgbench`, if it is there. */
  readonly pgbench: string | undefined
  readonly database: (name: string) => Database.Place
  /** The database that everybody has. */
  readonly admin: Database.Database
  /** Writes of one page and its way to the disk, a second. */
  readonly fsyncsPerSecond: (seconds: number) => number
  /** CPU time of all its processes so far, in seconds; nothing where the system does not tell. */
  readonly cpuSeconds: () => Promise<number | undefined>
  readonly stop: () => Promise<void>
}

export const start = async (): Promise<Server> => {
  const binaries = machineBinaries() ?? await embeddedBinaries()
  const server = await startPostgres({ binaries, settings })
  if (server.connection.kind !== "socket") throw new Error("the server is not ours")
  const { host, username } = server.connection
  const database = (name: string): Database.Place => ({ host, username, database: name })
  const admin = await Database.open(database("postgres"))
  return {
    source: server.source,
    settings,
    pgbench: pgbenchBeside(binaries),
    database,
    admin,
    fsyncsPerSecond: (seconds) => fsyncsPerSecond(join(host, "fsync"), seconds),
    cpuSeconds: async () => {
      const [row] = await admin.rows<{ pid: number }>("SELECT pg_backend_pid() AS pid")
      return row === undefined ? undefined : Cpu.ofSiblings(row.pid)
    },
    stop: async () => {
      await admin.close()
      await server.stop()
    }
  }
}

/** Beside the server, also where that is only a link to where it is; else on PATH. */
const pgbenchBeside = (binaries: string): string | undefined =>
  [binaries, dirname(realpathSync(join(binaries, "postgres"))), ...(process.env["PATH"] ?? "").split(delimiter)]
    .map((folder) => join(folder, "pgbench"))
    .find((file) => existsSync(file))

const fsyncsPerSecond = (file: string, seconds: number): number => {
  const page = Buffer.alloc(8_192, 1)
  const descriptor = openSync(file, "w")
  try {
    const begun = performance.now()
    let count = 0
    for (; performance.now() - begun < 1_000 * seconds; count++) {
      writeSync(descriptor, page, 0, page.length, 0)
      fdatasyncSync(descriptor)
    }
    return count / (performance.now() - begun) * 1_000
  } finally {
    closeSync(descriptor)
    rmSync(file)
  }
}
