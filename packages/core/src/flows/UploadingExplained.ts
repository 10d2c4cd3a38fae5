/**
 * A person says what became of a record of a terminal 人工说明流水 (I15, D11): that it will never be posted, and what was done
 * instead.
 */
import { Effect, Option, Schema } from "effect"
import { CallerId, CommandId } from "../Id.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import * as SuspendedRecord from "../SuspendedRecord.ts"
import * as Terminal from "../Terminal.ts"
import * as TerminalEvent from "../TerminalEvent.ts"
import * as Submit from "./Submit.ts"
import { answerTo, isPosted, keyOf, nameOf, write } from "./UploadingSteps.ts"

/** What a person says became of an open record. `caller`: whose word it is, as the host authenticated them. */
export const Explained = Schema.Struct({
  ...TerminalEvent.Command.cases.ExplainRecord.fields,
  caller: CallerId,
  id: CommandId,
  terminal: TerminalEvent.TerminalId
})
export interface Explained extends Schema.Schema.Type<typeof Explained> {}

/**
 * A person says what became of an open record. The accounts are closed to it first, so that it can never be posted
 * afterwards. One that was posted meanwhile is declined with `RecordAlreadyPosted`, and is open no longer.
 */
export const explain = Effect.fn("Uploading.explain")(function*({ caller, id, terminal, ...body }: Explained) {
  const store = yield* SubjectStore
  const state = yield* store.find(Terminal.decider, terminal)
  if (Option.isSome(state) && SuspendedRecord.isOpen(state.value, body)) {
    const suspended = SuspendedRecord.find(state.value, body)
    const name = nameOf(terminal, body)
    // Whatever has the name of a contested one is not this one, and nothing else will be posted under it.
    const isContested = suspended !== undefined && SuspendedRecord.isContested(suspended)
    if (!isContested && (yield* isPostedOrClosed(name, suspended?.attempts ?? 0)) === "posted") {
      const { device, digest } = body
      yield* write(terminal, { _tag: "ReleaseRecord", device, digest })
    }
  }
  const receivedAt = yield* Submit.arrival
  return yield* store.transact(Terminal.decider, { caller, id, subject: terminal, receivedAt, body })
})

/** Closes the accounts to a record under the name of its next attempt, unless it was posted. */
const isPostedOrClosed = Effect.fnUntraced(function*(name: string, attempts: number) {
  const { retire } = yield* AccountStore
  for (let attempt = attempts;; attempt++) {
    const key = keyOf(name, attempt)
    const closed = yield* retire(key).pipe(
      Effect.as(true),
      Effect.catchTag("CommandIdReused", () => Effect.succeed(false))
    )
    if (closed) return "closed"
    if (Option.exists(yield* answerTo(key), isPosted)) return "posted"
    // Asked a moment ago, and declined: so the next attempt has another name.
  }
})
