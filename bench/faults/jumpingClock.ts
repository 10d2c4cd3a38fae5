/**
 * Clocks that jump by hours, days and months, forwards and backwards: those of two hosts twenty times a second, and that of the
 * database (with libfaketime, where the machine has it) before a host starts, which is when partitions are made, and while
 * payments run.
 *
 * Without libfaketime only the hosts' clocks jump; which months get a partition at what time of the database is decided by
 * `Partitions.due` and `Partitions.missing`, which are tested without a clock.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Chance } from "./Chance.ts"
import { Cluster } from "./Cluster.ts"
import type { Fault } from "./Fault.ts"
import * as Store from "./Store.ts"

const library = existsSync("/usr/lib")
  ? readdirSync("/usr/lib").map((folder) => join("/usr/lib", folder, "faketime", "libfaketime.so.1")).find(existsSync)
  : undefined
const clock = join(tmpdir(), `yikatong-clock-${process.pid}`)
const day = 86_400
const leaps = [3_600, day, 31 * day, 200 * day, 3_000 * day]

const jump = (chance: Chance): number => {
  const seconds = chance.one(leaps) * chance.between(-3, 3)
  // Never before its birthday: a server does not start on data from a time to come that is further off than it can count.
  writeFileSync(clock, `${seconds < 0 ? "" : "+"}${seconds}`)
  return 1
}

export const jumpingClock: Fault = {
  name: "clocks that jump",
  rounds: { small: 5, full: 20 },
  note: () =>
    library === undefined
      ? "only the hosts' clocks jump: the machine has no libfaketime for the database's"
      : "the hosts' clocks jump, and the database's by libfaketime",
  cluster: () => {
    writeFileSync(clock, "+0")
    return Cluster.start(
      library === undefined ? {} : {
        surroundings: {
          LD_PRELOAD: library,
          FAKETIME_TIMESTAMP_FILE: clock,
          FAKETIME_NO_CACHE: "1",
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
          DONT_FAKE_MONOTONIC: "1"
        },
        onClose: () => rmSync(clock, { force: true })
      }
    )
  },
  round: async ({ chance, cluster, load }) => {
    let faults = 0
    let inFlight = 0
    if (library !== undefined) faults += jump(chance)
    const payers = [load({ jumps: true }), load({ jumps: true })]
    await Promise.all(payers.map((payer) => payer.paid(100)))
    for (let leap = 0; leap < 3; leap++) {
      await sleep(chance.between(50, 300))
      inFlight += payers.reduce((sum, payer) => sum + payer.inFlight(), 0)
      // Those of the hosts jump by themselves, meanwhile.
      faults += payers.length
      if (library !== undefined) {
        const before = await now(cluster)
        faults += jump(chance)
        const moved = Math.abs(await now(cluster) - before)
        if (moved > 0 && moved < 60) continue
      }
      await Promise.all(payers.map((payer) => payer.paid(100)))
    }
    await Promise.all(payers.map((payer) => payer.finish()))
    return { faults, inFlight }
  }
}

const now = async ({ host }: Cluster): Promise<number> => {
  const [row] = await Store.ask<{ readonly now: number }>(host, "SELECT extract(epoch FROM now())::float8 AS now")
  return row?.now ?? 0
}
