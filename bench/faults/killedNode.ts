/** The paying process is killed in the middle of its load (kill -9), and another one takes its place. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Fault } from "./Fault.ts"

export const killedNode: Fault = {
  name: "kill -9 of the paying process",
  rounds: { small: 10, full: 50 },
  round: async ({ chance, load }) => {
    const first = load()
    await first.paid(200)
    await sleep(chance.between(0, 800))
    const inFlight = await first.kill()
    // What the dead one had under way may still be committing while the next one pays.
    const next = load()
    await next.paid(200)
    await next.finish()
    return { faults: first.wasKilled() ? 1 : 0, inFlight }
  }
}
