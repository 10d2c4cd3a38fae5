/** A wire at which something happens between two requests, as when a payer pays just after the channel was asked. */
import type { Here, Wire } from "../../src/sandbox/Wire.ts"

/** `does`: told what was answered, after each answer and before anybody reads it. */
export const meanwhileAt = (wire: Wire, does: (operation: string, here: Here) => unknown): Wire => ({
  ...wire,
  route: (request) => {
    const routed = wire.route(request)
    return routed && {
      operation: routed.operation,
      run: (here) => {
        const answer = routed.run(here)
        does(routed.operation, here)
        return answer
      }
    }
  }
})
