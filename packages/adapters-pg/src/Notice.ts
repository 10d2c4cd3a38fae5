/**
 * What a subscriber is told 通知: one line of the journal that made something happen. Declined commands are told where they
 * changed the account all the same, such as a wrong password.
 *
 * It names the person by the opaque id of the account only (D24), and leaves out the command and its answer: what happened
 * is in the events. A payment and the code that it burned are one notice, since they happened together.
 */
import type { AccountEvent, AccountStore, CivilTime, Id } from "@yikatong/core"
import { hash } from "node:crypto"

/** One line of the journal, as a subscriber is told of it. */
export interface Notice {
  /** The same for every delivery of the same line, and another one for every other line and campus: a UUIDv7. */
  readonly id: string
  /** The number of the line; it grows along each account. */
  readonly sequence: number
  readonly account: Id.AccountId
  /** When it was decided, by the clock of the host (D16). */
  readonly at: CivilTime.Instant
  readonly point: Id.PointId
  /** At least one, in the order in which they happened. */
  readonly events: ReadonlyArray<AccountEvent.AccountEvent>
}

/** The notice of a line, where there is something to tell. `campus`: the name of its schema. */
export const of = (campus: string, { account, command, events, sequence }: AccountStore.Entry): Notice | undefined =>
  account === undefined || events.length === 0 ? undefined : {
    id: idOf({ campus, at: command.receivedAt, sequence }),
    sequence,
    account,
    at: command.receivedAt,
    point: command.point,
    events
  }

/**
 * A UUIDv7 (RFC 9562) that is computed and not drawn: the time in milliseconds, the number of the line in 53 bits, and 21
 * bits that tell one campus from another. So ids sort by time, and within a millisecond by number.
 *
 * @example
 * ```ts
 * import { CivilTime } from "@yikatong/core"
 * import { Notice } from "@yikatong/adapters-pg"
 *
 * const line = { campus: "campus", at: CivilTime.instant("2026-03-02 12:05"), sequence: 635_655_159_809 }
 * Notice.idOf(line) // => "019cacb8-85e0-7000-9280-0000003334d3"
 * ```
 */
export const idOf = (line: { readonly campus: string; readonly at: number; readonly sequence: number }): string => {
  const { at, campus, sequence } = line
  const number = BigInt(sequence)
  const tag = BigInt(hash("sha256", `yikatong notice ${campus}`, "buffer").readUInt32BE(0) >>> 11)
  const high = BigInt(at) << 16n | 7n << 12n | number >> 41n
  const low = 2n << 62n | (number & (1n << 41n) - 1n) << 21n | tag
  const digits = high.toString(16).padStart(16, "0") + low.toString(16)
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
