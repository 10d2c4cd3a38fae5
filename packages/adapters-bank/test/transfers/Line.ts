/** The line between a terminal and its bank, which loses messages, holds them back, and brings them twice or late. */
import { Effect } from "effect"
import * as BankClient from "../../src/BankClient.ts"

/** The process ends while it waits for an answer: whatever it had in memory is gone. */
export class Death {}

/**
 * What becomes of one message: it never leaves, it comes only when it is let go and nobody waits for its answer any more, it
 * comes twice, or its sender dies before it came, or after.
 */
export const faults = ["unsent", "held", "twice", "diesBefore", "diesAfter"] as const
export type Fault = (typeof faults)[number]

export class Line {
  readonly #deliver: (message: Uint8Array) => Uint8Array | undefined
  #held: Array<Uint8Array> = []
  #coming: Array<{ readonly fault: Fault; skip: number }> = []

  constructor(deliver: (message: Uint8Array) => Uint8Array | undefined) {
    this.#deliver = deliver
  }

  /** What is to go wrong, after so many messages with which nothing does. */
  plan(fault: Fault, skip: number): void {
    this.#coming.push({ fault, skip })
  }

  /** Nothing goes wrong any more. */
  mend(): void {
    this.#coming = []
  }

  /** What was held back comes at last, in another order than it was sent. */
  release(): void {
    for (const message of this.#held.splice(0).toReversed()) this.#deliver(message)
  }

  readonly ask = (message: Uint8Array): Effect.Effect<Uint8Array, BankClient.LineLost> =>
    Effect.suspend(() => {
      const answered = (): Effect.Effect<Uint8Array, BankClient.LineLost> => {
        const said = this.#deliver(message)
        return said === undefined ? lost(true) : Effect.succeed(said)
      }
      switch (this.#next()) {
        case undefined:
          // Others have their turn before the answer is there.
          return Effect.andThen(Effect.yieldNow, Effect.flatMap(Effect.suspend(answered), answer))
        case "unsent":
          return lost(false)
        case "held":
          this.#held.push(message)
          return lost(true)
        case "twice":
          this.#deliver(message)
          return answered()
        case "diesBefore":
          return Effect.die(new Death())
        case "diesAfter":
          this.#deliver(message)
          return Effect.die(new Death())
      }
    })

  #next(): Fault | undefined {
    const [first] = this.#coming
    if (first === undefined || first.skip-- > 0) return undefined
    this.#coming.shift()
    return first.fault
  }
}

const answer = (said: Uint8Array) => Effect.as(Effect.yieldNow, said)
const lost = (isSent: boolean) => new BankClient.LineLost({ why: isSent ? "timeout" : "notConnected", isSent })
