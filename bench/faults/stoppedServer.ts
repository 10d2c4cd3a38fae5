/** PostgreSQL is stopped without a farewell (`pg_ctl stop -m immediate`) while payments run, and recovers from its log. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./Fault.ts"

export const stoppedServer: Fault = {
  name: "immediate stop of PostgreSQL",
  rounds: { small: 5, full: 20 },
  round: async ({ chance, cluster, load }) => {
    const payer = load()
    await payer.paid(200)
    await sleep(chance.between(0, 800))
    const inFlight = payer.inFlight()
    await cluster.stopImmediately()
    const faults = cluster.isRunning() ? 0 : 1
    await sleep(chance.between(0, 300))
    await cluster.restart()
    await payer.paid(500)
    await payer.finish()
    return { faults, inFlight }
  }
}
