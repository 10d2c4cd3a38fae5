/**
 * The steps that follow from an upload, at the account and at the terminal's subject 上传后续步骤 (D11, D18): by what names they
 * are known, so that whoever is cut off simply takes them again.
 */
import { Effect, Option } from "effect"
import type { Answer } from "../Answer.ts"
import { CallerId, CommandId } from "../Id.ts"
import { AccountStore, type Key } from "../ports/AccountStore.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type * as SuspendedRecord from "../SuspendedRecord.ts"
import * as Terminal from "../Terminal.ts"
import type * as TerminalEvent from "../TerminalEvent.ts"
import * as TerminalRecord from "../TerminalRecord.ts"
import * as Submit from "./Submit.ts"

/** Who sends what follows from an upload. */
export const caller = CallerId.make("yikatong:uploading")

/** By what name the account is asked about a record. An answer is for ever (D18), so each attempt has a name of its own. */
export const nameOf = (terminal: TerminalEvent.TerminalId, { device, digest }: SuspendedRecord.Key): string =>
  `${terminal}:${device}:${digest}`
export const keyOf = (name: string, attempts: number) => ({
  caller,
  id: CommandId.make(attempts === 0 ? `record:${name}` : `record:${name}:${attempts}`)
})

/** One refusal alone is final: the purchase has been posted already. Any other says that it was not. */
export const isPosted = (answer: Answer): boolean =>
  answer._tag === "Approved" || answer.decline._tag === "RecordAlreadyPosted"

/** What the account says. Nothing where the name of this attempt stands for another content that was posted, or for none. */
export const ask = (statement: Submit.Statement) =>
  Effect.catchTag(
    Effect.asSome(Submit.transact(statement, {})),
    "CommandIdReused",
    // Another content under this name that was declined posted nothing, so its no is one to this record too.
    () => Effect.map(answerTo(statement), Option.filter((answer) => !isPosted(answer)))
  )

/** What stands under a key, if it was answered. */
export const answerTo = Effect.fnUntraced(function*(key: Key) {
  const line = yield* (yield* AccountStore).answered(key)
  return Option.map(line, ({ answer }) => answer)
})

/** Tells the terminal's subject what became of records. No two words of one moment are the same step unless they are alike. */
export const write = Effect.fnUntraced(function*(
  terminal: TerminalEvent.TerminalId,
  body: Extract<TerminalEvent.Command, { readonly _tag: "SuspendRecord" | "ReleaseRecord" | "SettleRecords" }>,
  batch: Option.Option<Key> = Option.none()
) {
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  const what = TerminalRecord.digestOf({ body, receivedAt, batch: Option.getOrNull(batch) })
  const id = CommandId.make(`${body._tag}:${terminal}:${what}`)
  yield* store.transact(Terminal.decider, { caller, id, subject: terminal, receivedAt, body })
})
