/**
 * What a holder asks of the account 查询 (R56): the list of transactions page by page, and what is left of the limits now.
 */
import { Effect, Option, Schema } from "effect"
import type { AccountState } from "../AccountState.ts"
import type * as Command from "../Command.ts"
import type { OrderId } from "../Id.ts"
import * as LimitPolicy from "../LimitPolicy.ts"
import type { Medium } from "../Medium.ts"
import { MalformedCommand } from "../Misuse.ts"
import { AccountStore, type Entry } from "../ports/AccountStore.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as Purchase from "../Purchase.ts"
import type { Order } from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Statement from "../Statement.ts"
import * as Submit from "./Submit.ts"

/** Where the next page begins, as the page before said. Opaque. */
export const Cursor = Schema.String.check(
  Schema.makeFilter((cursor) => /^s[1-9][0-9]{0,15}$/.test(cursor) && Number.isSafeInteger(Number(cursor.slice(1))), {
    expected: "a cursor"
  })
)
export type Cursor = typeof Cursor.Type

/** Some lines, newest first, and where it goes on; no cursor at the end. */
export interface Page {
  readonly lines: ReadonlyArray<Statement.Line>
  readonly next?: Cursor
}

/** How many lines of the journal are looked at for one page: most commands of a day make a line, some make none. */
const window = 200

/**
 * One page of at least `limit` lines (1 to 100), if there are as many: what one command did is never cut in two. An account
 * that is not known has an empty one. New lines do not shift a page that was begun.
 */
export const page = Effect.fn("Statements.page")(function*(
  subject: Command.Subject,
  { cursor, limit = 20 }: { readonly cursor?: string; readonly limit?: number } = {}
) {
  if (cursor !== undefined && !Schema.is(Cursor)(cursor)) {
    return yield* new MalformedCommand({ flaws: [{ path: "cursor", problem: "Expected a cursor of a page before" }] })
  }
  const store = yield* AccountStore
  const found = yield* store.find(subject)
  if (Option.isNone(found)) return { lines: [] } satisfies Page
  const account = found.value
  // What is no number at all counts as the least.
  const wanted = limit >= 1 ? Math.min(100, Math.floor(limit)) : 1
  const lines: Array<Statement.Line> = []
  let before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor.slice(1))
  for (;;) {
    const entries = yield* store.history(account.id, { before, limit: window })
    for (const entry of entries) {
      lines.push(...yield* linesOf(account, entry))
      before = entry.sequence
      if (lines.length >= wanted) return { lines, next: `s${before}` } satisfies Page
    }
    if (entries.length < window) return { lines } satisfies Page
  }
})

/** The lines of one command, with what became of its recharge orders. */
const linesOf = Effect.fnUntraced(function*(account: AccountState, entry: Entry) {
  const orders = new Map<OrderId, Order["_tag"]>()
  for (const id of Statement.ordersIn(entry)) {
    const order = yield* (yield* SubjectStore).find(RechargeOrder.decider, id)
    if (Option.isSome(order)) orders.set(id, order.value._tag)
  }
  return Statement.ofCommand(yield* Profiles, account, entry, (order) => orders.get(order))
})

/** What is left of every limit that counts for this medium at such a place now (R50). */
export const remaining = Effect.fn("Statements.remaining")(function*(
  subject: Command.Subject,
  { category, medium }: { readonly category: "canteen" | "shop"; readonly medium: Medium }
) {
  const found = yield* (yield* AccountStore).find(subject)
  if (Option.isNone(found)) return []
  const now = yield* Submit.arrival
  const profile = SchoolProfile.inForce(yield* Profiles, now)
  const cell = Purchase.cellOf(profile, { medium, now, point: { category } })
  return LimitPolicy.remaining(profile.limits, found.value.tallies, cell)
})
