/**
 * What would have been 政策推演: replays the journal under another policy and says who would have been answered otherwise,
 * with sums (R75, D22, D23).
 *
 * Each account lives twice: as it was, by its recorded events, and as it would have been, by decisions under the other
 * profiles. Its states diverge, so a later answer may differ although the new policy would not have changed it: such a
 * change is a **knock-on**. A change is **direct** where the new policy answers otherwise in the state as it was.
 *
 * What the journal does not say is taken like this:
 *
 * - Proofs are not kept (D15): they are made again from what was answered. Whoever is newly asked for the password is
 *   taken to know it; that is `asked`.
 * - A command that follows from an answer (the retry with the password, the settling of a load, a reversal, the credit of
 *   an order) was not sent where that answer would have been another: `NotSent`. A load that begins only under the new
 *   policy is taken as written. An order that may be placed only under the new policy is not taken as paid, and a refund
 *   that was refused stays refused.
 * - Facts post as ever (D11). What the chip said is shifted by what the account would hold more or less.
 * - Accounts are replayed each for itself: a card that was taken is taken.
 *
 * Money in fen. Nothing is written, and no evidence leaves this module.
 *
 * @example
 * ```ts
 * import { Csmzxy, SchoolProfile, WhatIf } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const looser = Result.getOrThrow(SchoolProfile.history([{ ...Csmzxy.csmzxy, limits: [] }]))
 * const replay = WhatIf.begin(looser)
 * // for (const entry of journal) WhatIf.take(replay, entry)
 * WhatIf.totals(replay).commands // => 0
 * ```
 */
import { Result } from "effect"
import { type AccountState, evolve } from "./AccountState.ts"
import type { Instant } from "./CivilTime.ts"
import { type Command, isFactual } from "./Command.ts"
import type { AccountId } from "./Id.ts"
import {
  amountOf,
  divert,
  isDirect,
  judge,
  type Life,
  type Line,
  type Verdict,
  verdictOf
} from "./internal/hindsight.ts"
import { counted, none, type Sums } from "./internal/sums.ts"
import type * as Money from "./Money.ts"
import type { History } from "./SchoolProfile.ts"

export type { Line, Verdict } from "./internal/hindsight.ts"
export type { Sum, Sums } from "./internal/sums.ts"

/** A command that would have been answered otherwise. `at`: the time of decision. `amount`: the fen it is about. */
export interface Change {
  readonly sequence: number
  readonly account: AccountId | undefined
  readonly command: Command["_tag"]
  readonly at: Instant
  readonly amount: Money.Money | undefined
  readonly before: Verdict
  readonly after: Verdict
  /** Approved before without the password, and now only with it. */
  readonly asked: boolean
  readonly cause: "direct" | "knockOn"
}

/** The line can not follow those before it: the journal does not begin where this account did, or lacks a line of it. */
export interface JournalIncomplete {
  readonly _tag: "JournalIncomplete"
  readonly account: AccountId | undefined
  readonly sequence: number
}

/** What was replayed. `kinds`: by command; `declines`: how often each was answered. */
export interface Totals {
  readonly commands: number
  readonly accounts: number
  readonly changed: { readonly accounts: number; readonly direct: number; readonly knockOn: number }
  readonly asked: number
  readonly notSent: number
  readonly kinds: Readonly<Record<string, { readonly before: Sums; readonly after: Sums }>>
  readonly declines: Readonly<Record<string, { readonly before: number; readonly after: number }>>
}

/** A replay under way. It grows in place, since a semester has millions of lines. */
export interface Replay {
  readonly profiles: History
  readonly lives: Map<AccountId, Life>
  readonly kinds: Map<string, { before: Sums; after: Sums }>
  readonly declines: Map<string, { before: number; after: number }>
  commands: number
  direct: number
  knockOn: number
  asked: number
  notSent: number
}

/** A replay under these profiles, before its first line. */
export const begin = (profiles: History): Replay => ({
  profiles,
  lives: new Map(),
  kinds: new Map(),
  declines: new Map(),
  commands: 0,
  direct: 0,
  knockOn: 0,
  asked: 0,
  notSent: 0
})

/** Takes the next line, in the order in which its account lived it; says what would have been otherwise. */
export const take = (replay: Replay, line: Line): Result.Result<Change | undefined, JournalIncomplete> => {
  const { command, events, sequence } = line
  // An account that was never opened may be one that would have been.
  const account = line.account ?? (command.subject._tag === "Account" ? command.subject.account : undefined)
  const known = account === undefined ? undefined : replay.lives.get(account)
  const life = known ?? { was: undefined, would: undefined, diverted: new Map(), changed: false }
  const was = lived(life.was, events)
  if (Result.isFailure(was)) {
    return Result.fail({ _tag: "JournalIncomplete", account, sequence })
  }
  const before = verdictOf(line.answer)
  const judged = judge(replay.profiles, life, line)
  const after = judged.verdict
  const differs = before !== after || judged.asked
  // Only a change is asked for its cause: would the state as it was have been answered otherwise, too?
  const direct = differs && after !== "NotSent" && isDirect(replay.profiles, life, line)
  divert(life, line, before, judged)
  life.was = was.success
  life.would = judged.account
  const amount = amountOf(command.body, events) ?? amountOf(command.body, judged.events)
  count(replay, command.body, before, after, amount)
  if (account !== undefined && (life.was !== undefined || life.would !== undefined)) replay.lives.set(account, life)
  if (!differs) return Result.succeed(undefined)
  life.changed = true
  if (direct) replay.direct++
  else replay.knockOn++
  if (judged.asked) replay.asked++
  return Result.succeed({
    sequence,
    account,
    command: command.body._tag,
    at: isFactual(command.body) ? command.at : command.receivedAt,
    amount,
    before,
    after,
    asked: judged.asked,
    cause: direct ? "direct" : "knockOn"
  })
}

/** The state after the events that were recorded, if they can follow it. */
const lived = (
  before: AccountState | undefined,
  events: Line["events"]
): Result.Result<AccountState | undefined, unknown> =>
  Result.try(() => events.reduce<AccountState | undefined>(evolve, before))

/** What was replayed so far. */
export const totals = (replay: Replay): Totals => {
  let changed = 0
  for (const life of replay.lives.values()) if (life.changed) changed++
  const { asked, commands, declines, direct, kinds, knockOn, lives, notSent } = replay
  return {
    commands,
    accounts: lives.size,
    changed: { accounts: changed, direct, knockOn },
    asked,
    notSent,
    kinds: Object.fromEntries(kinds),
    declines: Object.fromEntries(declines)
  }
}

const count = (
  replay: Replay,
  { _tag }: Command,
  before: Verdict,
  after: Verdict,
  amount: Money.Money | undefined
): void => {
  replay.commands++
  if (after === "NotSent") replay.notSent++
  const fen = amount ?? 0
  const kind = replay.kinds.get(_tag) ?? { before: none, after: none }
  replay.kinds.set(_tag, { before: counted(kind.before, before, fen), after: counted(kind.after, after, fen) })
  for (const [verdict, side] of [[before, "before"], [after, "after"]] as const) {
    if (verdict === "Approved" || verdict === "NotSent") continue
    const times = replay.declines.get(verdict) ?? { before: 0, after: 0 }
    replay.declines.set(verdict, { ...times, [side]: times[side] + 1 })
  }
}
