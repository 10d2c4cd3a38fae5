/**
 * What is told of those who are turned away at a door 拒收记录: one line with the reason, the channel and the peer, and nothing
 * of what they sent; neither a query string nor a name that a stranger made up.
 *
 * Anybody can knock, so nobody may fill the log: the first refusal of a peer for a reason is told at once, further ones
 * are counted, and told once an interval with their number. Of more peers than `most` the rest is counted together.
 */
import type { Callback } from "@yikatong/core"
import { Effect, type Scope } from "effect"

/** Which door; `lines`: a port that somebody else made of `BankLine`, as the sandbox's hosts are. */
export type Door = "callbacks" | "deposits" | "lines"

/** Why somebody was turned away: what came is not believed, or never came to anything. */
export type Reason =
  | Callback.Reason
  /** Cut off: less came than was announced. */
  | "truncated"
  /** It took too long (408 over HTTP). */
  | "slow"
  /** Nothing that counts came in time. */
  | "silent"
  /** No more can be connected. */
  | "full"
  /** Ended to make room for the next stranger. */
  | "crowded"
  /** Not a peer whom the settings allow. */
  | "notAllowed"
  /** Nobody hears callbacks under this address (404). */
  | "notFound"
  /** Too many messages that are not believed. */
  | "disbelieved"
  /** Answers are not taken. */
  | "notTaken"
  /** Believed, and refused by the rules of the school: a code of the bank's link stands in `what`. */
  | "declined"
  /** Something is broken here, and the other side was told to come again. */
  | "unavailable"

/** One who was turned away. `peer`: an address without its port. `what`: which part, in words without data. */
export interface Refused {
  readonly reason: Reason
  readonly peer: string
  readonly channel?: string
  readonly what?: string
}

/** One line. `times`: how many it stands for. */
export interface Line extends Refused {
  readonly door: Door
  readonly times: number
}

export interface Options {
  /** Between two lines about the same peer and reason, in milliseconds. */
  readonly interval?: number
  /** About how many peers and reasons there are lines of their own. */
  readonly most?: number
}

export const defaults = { interval: 60_000, most: 1_000 } as const

export interface DoorLog {
  readonly refused: (refused: Refused) => Effect.Effect<void>
}

/** Peers beyond `most`. */
const others = "others"

/** An address as one writes it: IPv4 is IPv4 over a socket of IPv6 too. */
export const peerOf = (address: string | undefined): string => (address ?? "unknown").replace(/^::ffff:(?=\d)/i, "")

const told = ({ channel, door, peer, reason, times, what }: Line): Effect.Effect<void> => {
  const where = channel === undefined ? door : `${door}, ${channel}`
  const often = times === 1 ? "" : `; ${times} times since the last line about it`
  const why = what === undefined ? reason : `${reason}: ${what}`
  return Effect.logWarning(`Turned away at the door (${where}) from ${peer}: ${why}${often}`).pipe(
    Effect.annotateLogs({ door, peer, reason, times, ...(channel === undefined ? {} : { channel }) })
  )
}

interface Count {
  last: Refused
  count: number
}

/** The log of one door, as long as the scope; what is counted by then is told at its end. */
export const make = Effect.fnUntraced(function*(
  door: Door,
  { interval = defaults.interval, most = defaults.most }: Options = {}
): Effect.fn.Return<DoorLog, never, Scope.Scope> {
  const counts = new Map<string, Count>()
  const keyOf = ({ peer, reason }: Refused) => `${reason} ${peer}`

  const sweep = Effect.suspend(() => {
    const lines: Array<Line> = []
    for (const [key, one] of counts) {
      // Who has not come again is told at once when he does.
      if (one.count === 0) counts.delete(key)
      else lines.push({ ...one.last, door, times: one.count })
      one.count = 0
    }
    return Effect.forEach(lines, told, { discard: true })
  })
  yield* Effect.addFinalizer(() => sweep)
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(interval), sweep)))

  const refused: DoorLog["refused"] = (given) =>
    Effect.suspend(() => {
      const one = counts.size < most || counts.has(keyOf(given)) ? given : { ...given, peer: others }
      const known = counts.get(keyOf(one))
      if (known !== undefined) {
        known.count++
        known.last = one
        return Effect.void
      }
      counts.set(keyOf(one), { last: one, count: 0 })
      return told({ ...one, door, times: 1 })
    })
  return { refused }
})
