/**
 * The disk is full 磁盘写满. It needs the right to mount a small one.
 *
 * Where only the tables have no room, the server stays, and payments are told `StoreFull` until there is room again. Where
 * its log has none either, PostgreSQL may take itself down, which payments see as `StoreUnavailable`; with room it is started
 * again. Either way nothing half-done stays.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { Cluster } from "./Cluster.ts"
import type { Fault } from "./Fault.ts"
import { SmallDisk } from "./SmallDisk.ts"

const secondsToFill = 60

const full = (what: string, told: ReadonlyArray<string>, { disk, withLog }: {
  readonly disk: { now?: SmallDisk }
  readonly withLog: boolean
}): Fault => ({
  name: `no room for ${what}`,
  rounds: { small: 2, full: 10 },
  cluster: () => {
    const small = new SmallDisk(192)
    disk.now = small
    return Cluster.start({
      settings: { max_wal_size: "16MB", min_wal_size: "4MB" },
      data: `${small.folder}/data`,
      initialise: ["--wal-segsize=2"],
      logElsewhere: !withLog,
      onClose: () => small.close()
    })
  },
  round: async ({ chance, cluster, load }) => {
    const small = disk.now
    if (small === undefined) throw new Error("there is no small disk")
    const payer = load()
    await payer.paid(200)
    small.fill(chance.between(1, 20) / 10)
    const end = performance.now() + secondsToFill * 1_000
    const isTold = (): boolean => told.some((tag) => payer.diary.faults.has(tag))
    let inFlight = payer.inFlight()
    while (!isTold()) {
      if (performance.now() > end) throw new Error(`a full disk is not told as ${told.join(" or ")}`)
      await sleep(5)
      const now = payer.inFlight()
      // A batch that has just failed was in flight a moment ago.
      inFlight = isTold() ? new Set([...inFlight, ...now]) : now
    }
    await sleep(chance.between(200, 1_000))
    small.makeRoom()
    if (!cluster.isRunning()) await cluster.restart()
    await payer.paid(500)
    await payer.finish()
    return { faults: 1, inFlight }
  }
})

export const fullTables: Fault = full("tables", ["StoreFull"], { disk: {}, withLog: false })
export const fullLog: Fault = full("tables and log", ["StoreFull", "StoreUnavailable"], { disk: {}, withLog: true })
