/**
 * What no program may put right waits for a person 挂账流程 (D21): suspended when it is found, and resolved by what that person
 * found out, or by a later bill that has what was missing.
 */
import { Effect, Option, Stream } from "effect"
import { type Day, formatDay } from "../CivilTime.ts"
import { CommandId, OperatorId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type * as Reconciliation from "../Reconciliation.ts"
import * as Suspense from "../Suspense.ts"
import { caller } from "./Ordered.ts"
import * as Submit from "./Submit.ts"

/** Has a difference wait for a person. `day`: of the bill. */
export const suspend = Effect.fnUntraced(function*(
  { channel, day }: { readonly channel: string; readonly day: Day },
  { difference, key }: Reconciliation.Finding
) {
  return yield* submit(key, `suspend:${key}`, { _tag: "Open", channel, day, difference })
})

/** Who settles what the bill of another day has settled. */
const bill = OperatorId.make("yikatong:reconciling")

/** What was missing stands in the bill of this day: nobody has to look for it any more. A person's last word stays. */
export const settle = Effect.fnUntraced(function*(key: string, day: Day) {
  const known = yield* (yield* SubjectStore).find(Suspense.decider, key)
  if (Option.isNone(known) || known.value._tag !== "Open") return
  const note = `账单 ${formatDay(day)} 已列出 It is in the bill of ${formatDay(day)}`
  yield* submit(key, `settle:${key}`, { _tag: "Resolve", operator: bill, note })
})

const submit = Effect.fnUntraced(function*(key: string, id: string, body: Suspense.Command) {
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  const command = { caller, id: CommandId.make(id), subject: key, receivedAt, body }
  // Found by two at once, or once more in other words: it waits already.
  yield* Effect.catchTag(store.transact(Suspense.decider, command), "CommandIdReused", () => Effect.void)
})

/** All that was ever suspended, with what came of it. */
export const suspended = Stream.unwrap(
  Effect.map(
    SubjectStore,
    (store) => Stream.map(store.all(Suspense.decider), ({ state, subject: key }) => ({ key, ...state }))
  )
)

/** A person has found out what it was. Who resolves it once more has the last word. */
export const resolve = Effect.fn("Reconciling.resolve")(function*(key: string, operator: OperatorId, note: string) {
  const store = yield* SubjectStore
  if (Option.isNone(yield* store.find(Suspense.decider, key))) {
    return yield* new MalformedCommand({
      flaws: [{ path: "key", problem: "Expected a difference that was suspended" }]
    })
  }
  const receivedAt = yield* Submit.arrival
  yield* submit(key, `resolve:${key}:${operator}:${receivedAt}`, { _tag: "Resolve", operator, note })
})
