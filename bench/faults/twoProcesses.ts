/**
 * Two processes pay from the same accounts, and a part of their callers sends the very same commands to both. Now and then
 * one of them is killed and replaced, or sessions are terminated.
 */
import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./Fault.ts"
import { terminate } from "./terminatedSessions.ts"

export const twoProcesses: Fault = {
  name: "two processes, killed and cut off",
  rounds: { small: 5, full: 20 },
  round: async ({ campus, chance, cluster, load, number }) => {
    const shared = { name: `${campus.schema}.${number}.both`, callers: 32 }
    const payers = [load({ shared }), load({ shared })]
    await Promise.all(payers.map((payer) => payer.paid(100)))
    let faults = 0
    const inFlight = new Set<string>()
    for (let blow = 0; blow < 3; blow++) {
      await sleep(chance.between(0, 300))
      const at = chance.between(0, 1)
      if (chance.percent(50)) {
        const victim = payers[at]
        for (const id of await victim?.kill() ?? []) inFlight.add(id)
        if (victim?.wasKilled() === true) faults++
        payers[at] = load({ shared })
      } else {
        const struck = await terminate({ schema: campus.schema, host: cluster.host }, chance, 5, payers)
        for (const id of struck.inFlight) inFlight.add(id)
        faults += struck.faults
      }
      await Promise.all(payers.map((payer) => payer.paid(50)))
    }
    await Promise.all(payers.map((payer) => payer.finish()))
    return { faults, inFlight }
  }
}
