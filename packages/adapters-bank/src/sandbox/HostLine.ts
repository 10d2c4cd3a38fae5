/**
 * A TCP port of the sandbox's banks 沙箱专线: at the loopback address and nowhere else, with the manners of `BankLine`, since a
 * sandbox is there to be sent rubbish.
 */
import { Effect } from "effect"
import * as BankLine from "../BankLine.ts"
import type * as LengthPrefix from "../LengthPrefix.ts"
import type { SandboxClock } from "./SandboxClock.ts"
import type { PortTaken } from "./SandboxServer.ts"

export const host = "127.0.0.1"

/** What a host makes of a message that came without its length; nothing where no answer goes back. `delay`: milliseconds. */
export interface Said {
  readonly bytes: Uint8Array | undefined
  readonly delay: number
}

/** A sandbox that is told to end has nothing to save: what is half sent is given a second, and the command ends in time. */
const grace = 1_000

/** Listens as long as the scope; the port that it got. */
export const listen = (prefix: LengthPrefix.Prefix, clock: SandboxClock, answer: (message: Uint8Array) => Said) =>
  BankLine.serve({ host, port: 0 }, { ...BankLine.manners, grace, prefix }, () => (message) =>
    Effect.suspend(() => {
      const { bytes, delay } = answer(message)
      return Effect.as(delay === 0 ? Effect.void : clock.sleep(delay), bytes)
    })).pipe(
      Effect.map(({ port }) => port),
      Effect.mapError(({ code }): PortTaken => ({ _tag: "PortTaken", port: 0, code }))
    )
