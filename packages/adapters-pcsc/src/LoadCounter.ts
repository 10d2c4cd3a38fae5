/**
 * How many loads a purse has counted 圈存计数, of a card that tells it only after the PIN: nobody shows the PIN to pay
 * or to read, since a wrong one costs a try.
 *
 * Its own log has the newest load. Where only purchases stand in it, the slot in force of the campus file says how many
 * loads there were before the last of them (`CampusSlot.loadSequence`): it was written for that purchase.
 */
import { Effect } from "effect"
import * as CampusApplication from "./CampusApplication.ts"
import type { CardChannel } from "./CardChannel.ts"
import type { CardProblem } from "./CardProblem.ts"
import type { CpuProfile } from "./CpuProfile.ts"
import type { Failure } from "./Exchange.ts"
import * as LogRecord from "./LogRecord.ts"

/** A log has room for ten lines or more: with fewer in it, nothing was ever pushed out. */
const room = 10

const needed: CardProblem = { _tag: "PinNeeded" }

type Line = LogRecord.LogRecord

const isLoad = ({ type }: Line): boolean => type === LogRecord.kinds.epLoad

/**
 * The online counter. `purchases`: the offline counter as it is; `noted`: what the slot in force says. Fails as
 * `PinNeeded` where nothing on the card tells.
 */
export const find = Effect.fnUntraced(function*(
  channel: CardChannel,
  profile: CpuProfile,
  purchases: number,
  noted: Effect.Effect<number | undefined, Failure>
) {
  const isLatest = (line: Line): boolean =>
    line.type === LogRecord.kinds.epPurchase && LogRecord.counterBefore(line, profile) + 1 === purchases
  const readUntil = (found: (line: Line) => boolean) =>
    Effect.catchTag(
      CampusApplication.readLog(channel, profile, (lines) => !lines.some(found)),
      "CardRefused",
      () => Effect.fail(needed)
    )
  const recent = yield* readUntil((line) => isLoad(line) || isLatest(line))
  const load = recent.find(isLoad)
  if (load !== undefined) return LogRecord.counterBefore(load, profile) + 1
  const isPaid = recent.some(isLatest)
  const before = isPaid || recent.length < room ? yield* noted : undefined
  if (before !== undefined) return before
  const lines = isPaid ? yield* readUntil(isLoad) : recent
  const older = lines.find(isLoad)
  if (older !== undefined) return LogRecord.counterBefore(older, profile) + 1
  return lines.length < room ? 0 : yield* Effect.fail(needed)
})
