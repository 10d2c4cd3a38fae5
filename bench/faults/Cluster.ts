/**
 * PostgreSQL servers that are there to be broken: one that pays, durable as PostgreSQL ships it, and, where it is asked for, a
 * synchronous standby 同步备库.
 *
 * Clients reach whichever server pays now through a link to the folder of its socket, as hosts of a campus do through an
 * address that moves. All servers end with this process, however it ends.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  copyServer,
  embeddedBinaries,
  initialise,
  machineBinaries,
  makeFolder,
  type Place,
  postgres,
  prepare,
  spawnGuarded
} from "../../scripts/postgres-server.ts"
import { ask } from "./Store.ts"

export interface Options {
  readonly settings?: Readonly<Record<string, string>>
  /** Variables of the server's environment. */
  readonly surroundings?: Readonly<Record<string, string>>
  /** For a data folder that lies elsewhere. */
  readonly data?: string
  /** More for initdb. */
  readonly initialise?: ReadonlyArray<string>
  /** The write-ahead log does not lie in the data folder, but beside the socket. */
  readonly logElsewhere?: boolean
  readonly onClose?: () => void
}

const secondsToReady = 60

/** One data folder, and the server that runs on it, if one does. */
class Server {
  readonly folder: string
  readonly data: string
  readonly #place: Place
  readonly #options: Options
  #guard: ReturnType<typeof spawnGuarded> | undefined
  #starts = 0

  constructor(place: Place, name: string, options: Options) {
    this.folder = join(place.folder, name)
    this.data = options.data ?? join(this.folder, "data")
    this.#place = place
    this.#options = options
    makeFolder(place, this.folder)
  }

  async start(): Promise<void> {
    const { settings = {}, surroundings = {} } = this.#options
    // Of a server that has ended by itself.
    await this.#guard?.stop()
    const log = join(this.folder, `log-${++this.#starts}`)
    this.#guard = spawnGuarded(
      this.#place,
      postgres(this.#place, {
        data: this.data,
        socket: this.folder,
        settings: { max_connections: "200", ...settings }
      }),
      { log, surroundings }
    )
    const end = performance.now() + secondsToReady * 1_000
    // The eighth line of postmaster.pid; one of a server that was killed may lie there still.
    while (!(/^(ready|standby)$/.test(this.#pidFile()[7] ?? "") && isRunning(this.pid))) {
      if (performance.now() > end || /PANIC|could not start/.test(readFileSync(log, "utf8"))) {
        throw new Error(`PostgreSQL is not ready:\n${readFileSync(log, "utf8").slice(-2_000)}`)
      }
      await sleep(10)
    }
  }

  get pid(): number {
    return Number(this.#pidFile()[0])
  }

  #pidFile(): ReadonlyArray<string> {
    const file = join(this.data, "postmaster.pid")
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").map((line) => line.trim()) : []
  }

  /** `pg_ctl stop -m immediate`: no checkpoint, no farewell. */
  async stopImmediately(): Promise<void> {
    process.kill(this.pid, "SIGQUIT")
    await this.#guard?.stop()
  }

  /** The server and all its sessions are gone from one moment to the next. */
  async kill(): Promise<void> {
    const { pid } = this
    const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" })
    const sessions = stdout.split("\n").map(Number).filter((one) => one > 0)
    for (const one of [pid, ...sessions]) {
      try {
        process.kill(one, "SIGKILL")
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    await this.#guard?.stop()
  }

  async close(): Promise<void> {
    await this.#guard?.stop()
  }
}

export class Cluster {
  readonly #place: Place
  readonly #options: Options
  readonly #remover: ReturnType<typeof spawnGuarded>
  #servers = 0
  #primary: Server
  #standby: Server | undefined

  private constructor(place: Place, options: Options) {
    this.#place = place
    this.#options = options
    // Deletes the folder when all is over.
    this.#remover = spawnGuarded(place, ["true"], { log: join(place.folder, "remover"), remove: place.folder })
    this.#primary = this.#server(options)
  }

  static async start(options: Options = {}): Promise<Cluster> {
    const cluster = new Cluster(prepare(machineBinaries() ?? await embeddedBinaries()), options)
    const { data, folder } = cluster.#primary
    const elsewhere = options.logElsewhere === true ? [`--waldir=${join(folder, "wal")}`] : []
    initialise(cluster.#place, data, ...(options.initialise ?? []), ...elsewhere)
    await cluster.restart()
    return cluster
  }

  #server(options: Options): Server {
    return new Server(this.#place, `server-${++this.#servers}`, options)
  }

  get version(): string {
    return this.#place.version
  }

  /** The folder of the socket behind which payments are taken. */
  get host(): string {
    return join(this.#place.folder, "now")
  }

  get folder(): string {
    return this.#place.folder
  }

  isRunning(): boolean {
    return isRunning(this.#primary.pid)
  }

  stopImmediately(): Promise<void> {
    return this.#primary.stopImmediately()
  }

  /** Starts the server that takes payments on its data as they are. */
  async restart(): Promise<void> {
    await this.#primary.start()
    this.#lead()
  }

  #lead(): void {
    const next = `${this.host}.next`
    symlinkSync(this.#primary.folder, next)
    renameSync(next, this.host)
  }

  /** A copy of the server that takes payments, without which no payment is acknowledged from now on. */
  async addStandby(): Promise<void> {
    const { settings = {}, surroundings = {} } = this.#options
    const standby = this.#server({ settings, surroundings })
    const { folder } = this.#primary
    copyServer(this.#place, folder, standby.data)
    await standby.start()
    this.#standby = standby
    await ask(folder, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    await ask(folder, "SELECT pg_reload_conf()")
    const end = performance.now() + secondsToReady * 1_000
    while (
      (await ask(folder, "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync' AND state = 'streaming'"))
        .length === 0
    ) {
      if (performance.now() > end) throw new Error("the standby does not become synchronous")
      await sleep(20)
    }
  }

  /**
   * The standby is sent nothing any more, so nothing can be acknowledged, until the primary is lost. What sends is stopped and
   * not what receives: that one would find in its socket what was sent before.
   */
  async cutOffStandby(): Promise<void> {
    const [sender] = await ask<{ readonly pid: number }>(this.#primary.folder, "SELECT pid FROM pg_stat_replication")
    if (sender === undefined) throw new Error("nothing is sent to a standby")
    process.kill(sender.pid, "SIGSTOP")
  }

  /** The server that takes payments is lost for ever, and its standby takes its place. */
  async losePrimary(): Promise<void> {
    const standby = this.#standby
    if (standby === undefined) throw new Error("there is no standby")
    await this.#primary.kill()
    const lost = this.#primary
    await ask(standby.folder, "SELECT pg_promote(true, 60)")
    this.#primary = standby
    this.#standby = undefined
    this.#lead()
    rmSync(lost.data, { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await Promise.all([this.#primary.close(), this.#standby?.close()])
    await this.#remover.stop()
    this.#options.onClose?.()
  }
}

const isRunning = (pid: number): boolean => {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch {
    return false
  }
}
