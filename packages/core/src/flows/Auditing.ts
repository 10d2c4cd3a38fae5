/**
 * The audit of the counters 柜台审计 (R72): who did what at which window for which account, with which papers, and what was
 * answered. It is read from the journal, where every command stands with its operator, refused ones too; nothing is
 * written twice.
 */
import { Effect, Stream } from "effect"
import type { Attendance } from "../Attendance.ts"
import type { Instant } from "../CivilTime.ts"
import type { Command } from "../Command.ts"
import type { Decline } from "../Decline.ts"
import type { AccountId, OperatorId, PointId } from "../Id.ts"
import { AccountStore, type Which } from "../ports/AccountStore.ts"

/** One act at a counter. Papers by kind, with a keyed digest at most (D24). */
export interface AuditEntry {
  readonly sequence: number
  readonly at: Instant
  readonly point: PointId
  readonly operator: OperatorId
  readonly role: string
  readonly department: string
  readonly presented: Attendance["presented"]
  readonly act: Command["_tag"]
  readonly account: AccountId | undefined
  readonly outcome: "approved" | Decline["_tag"]
}

/**
 * All acts that somebody attended to, or those of one operator, in the order of the journal. `which`: those for one account,
 * or those after an entry that was read before.
 */
export const entries = (operator?: OperatorId, which: Which = {}) =>
  Stream.unwrap(
    Effect.map(AccountStore, (store) =>
      Stream.flattenIterable(
        Stream.map(store.journal(which), ({ account, answer, command, sequence }): ReadonlyArray<AuditEntry> => {
          const { attendance, body, point, receivedAt: at } = command
          if (attendance === undefined || (operator !== undefined && attendance.operator !== operator)) {
            return []
          }
          return [{
            sequence,
            at,
            point,
            ...attendance,
            act: body._tag,
            account,
            outcome: answer._tag === "Approved" ? "approved" : answer.decline._tag
          }]
        })
      ))
  )
