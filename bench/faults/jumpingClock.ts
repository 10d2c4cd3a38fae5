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
import type { Load } from "./Load.ts"
import * as Store from "./Store.ts"

const library = existsSync("/usr/lib")
  ? readdirSync("/usr/lib").map((folder) => join("/usr/lib", folder, "faketime", "libfaketime.so.1")).find(existsSync)
  : undefined
const clock = join(tmpdir(), `yikatong-clock-${process.pid}`)
const day = 86_400
const leaps = [3_600, day, 31 * day, 200 * day, 3_000 * day]

/** Lets the clock of the database jump: whether it really did. */
const jump = async (chance: Chance, cluster: Cluster): Promise<boolean> => {
  if (library === undefined) return false
  const before = await now(cluster)
  const seconds = chance.one(leaps) * chance.between(-3, 3)
  // Never before its birthday: a server does not start on data from a time to come that is further off than it can count.
  writeFileSync(clock, `${seconds < 0 ? "" : "+"}${seconds}`)
  return Math.abs(await now(cluster) - before) > 60
}

/** How often the clock of a host has jumped, as one sees by what it sent from one payment to the next. */
const leapsOf = ({ diary }: Load): number => {
  const times = [...diary.sent.values()].map(({ at }) => at)
  return times.filter((at, place) => place > 0 && Math.abs(at - (times[place - 1] ?? at)) > 60_000).length
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
    const inFlight = new Set<string>()
    if (await jump(chance, cluster)) faults++
    const payers = [load({ jumps: true }), load({ jumps: true })]
    await Promise.all(payers.map((payer) => payer.paid(100)))
    for (let leap = 0; leap < 3; leap++) {
      await sleep(chance.between(50, 300))
      for (const payer of payers) for (const id of payer.inFlight()) inFlight.add(id)
      if (await jump(chance, cluster)) faults++
      await Promise.all(payers.map((payer) => payer.paid(100)))
    }
    await Promise.all(payers.map((payer) => payer.finish()))
    // Those of the hosts jumped by themselves, meanwhile.
    return { faults: payers.reduce((sum, payer) => sum + leapsOf(payer), faults), inFlight }
  }
}

const now = async ({ host }: Cluster): Promise<number> => {
  const [row] = await Store.ask<{ readonly now: number }>(host, "SELECT extract(epoch FROM now())::float8 AS now")
  return row?.now ?? 0
}
