/**
 * What rows hold, on its way in and out: states, lines of the journal and answers.
 *
 * Nothing that comes from the database is believed before its schema has read it. What a newer release wrote, in a
 * shape that this one does not know, is refused as a whole: half understood is worse than not at all (D22).
 */
import { AccountEvent, AccountState, AccountStore, Answer, Fault } from "@yikatong/core"
import { Result, Schema } from "effect"
import * as Faults from "./Faults.ts"

/** Something read, or why it cannot be. */
export type Read<A> = Result.Result<A, Fault.StoreBroken>

/** A row of `account`. */
export interface AccountRow {
  readonly id: string
  readonly shape: number
  readonly state: unknown
}

/** A row of `journal`. */
export interface JournalRow {
  /** `bigint`, which the client gives as such. */
  readonly sequence: bigint | number
  readonly account: string | null
  readonly command: unknown
  readonly profile: string
  readonly shape: number
  readonly events: unknown
  readonly answer: unknown
}

const read = <A>(schema: Schema.ConstraintDecoder<A>) => {
  const decode = Schema.decodeUnknownResult(schema)
  return (what: string, value: unknown): Read<A> =>
    Result.mapError(decode(value), (error) => Faults.undecodable(what, error))
}

const readState = read(AccountState.AccountState)
const readAnswer = read(Answer.Answer)
const readEntry = read(AccountStore.Entry)

/** The shape must be the present one: there are no older shapes yet, and a newer one needs a newer release. */
const known = (what: string, shape: number): Read<void> =>
  shape === AccountEvent.shape ? Result.void : Result.fail(
    new Fault.StoreBroken({
      operation: `read ${what}`,
      cause: new Error(`it has the shape ${shape}, and this release knows ${AccountEvent.shape}: install a newer one`)
    })
  )

/** The state in a row. */
export const state = ({ id, shape, state }: AccountRow): Read<AccountState.AccountState> =>
  Result.flatMap(known(`account ${id}`, shape), () => readState(`account ${id}`, state))

/** The answer in a row: its events stand in a column of their own. */
export const answer = (row: Pick<JournalRow, "sequence" | "shape" | "events" | "answer">): Read<Answer.Answer> => {
  const what = `the answer in line ${row.sequence} of the journal`
  return Result.flatMap(known(what, row.shape), () => readAnswer(what, withEvents(row.answer, row.events)))
}

/** The line of the journal in a row. */
export const entry = (row: JournalRow): Read<AccountStore.Entry> => {
  const what = `line ${row.sequence} of the journal`
  const { account, answer, command, events, profile, sequence, shape } = row
  return Result.flatMap(known(what, shape), () =>
    readEntry(what, {
      sequence: Number(sequence),
      ...(account === null ? {} : { account }),
      command,
      profile,
      shape,
      events,
      answer: withEvents(answer, events)
    }))
}

/**
 * Whether a decision can be read again once it is written. A line that nobody can read would stay in the journal for
 * ever, so it is better not written: it costs about 15 µs, and what is wrong shows at its command and not years later.
 */
export const writable = (
  account: AccountState.AccountState | undefined,
  line: Pick<AccountStore.Entry, "command" | "events" | "answer" | "profile">
): Read<void> => {
  const what = `back what ${line.command.body._tag} would write`
  const entry = readEntry(what, { sequence: 0, shape: AccountEvent.shape, ...line })
  if (Result.isFailure(entry)) return Result.fail(entry.failure)
  if (account === undefined || line.events.length === 0) return Result.void
  return Result.map(readState(what, account), () => undefined)
}

/** An answer as its row keeps it. An approval's events are the line's own: kept once. */
export const withoutEvents = (answer: Answer.Answer): unknown => {
  if (answer._tag === "Declined") return answer
  const { events: _, ...rest } = answer
  return rest
}

const withEvents = (answer: unknown, events: unknown): unknown =>
  typeof answer === "object" && answer !== null && "_tag" in answer && answer._tag === "Approved"
    ? { ...answer, events }
    : answer
