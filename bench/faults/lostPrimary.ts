/**
 * The server that takes payments is lost for ever, with all its sessions, and its synchronous standby is promoted 主库失效. The
 * hosts go on against that one. Each round the server of the last one gets a standby of its own first.
 *
 * In every other round the standby is cut off for a moment before, while sessions that wait for it are terminated: what is
 * committed on the primary alone is seen there by those who ask again, and still must not be acknowledged.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Fault, Struck } from "./Fault.ts"
import { terminate } from "./terminatedSessions.ts"

export const lostPrimary: Fault = {
  name: "primary lost, standby promoted",
  rounds: { small: 2, full: 10 },
  round: async ({ campus, chance, cluster, load, number }) => {
    await cluster.addStandby()
    const payer = load()
    await payer.paid(200)
    await sleep(chance.between(0, 800))
    let struck: Pick<Struck, "faults" | "inFlight"> = { faults: 0, inFlight: new Set() }
    if (number % 2 === 0) {
      await cluster.cutOffStandby()
      await sleep(50)
      struck = await terminate({ ...campus, host: cluster.host }, chance, 10, [payer])
    }
    const inFlight = new Set([...struck.inFlight, ...payer.inFlight()])
    await cluster.losePrimary()
    await payer.paid(500)
    await payer.finish()
    return { faults: struck.faults + 1, inFlight }
  }
}
