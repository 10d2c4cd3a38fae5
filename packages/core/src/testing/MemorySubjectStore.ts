/**
 * A store of other subjects in memory 业务主体 (D21): the shortest one that keeps the laws, for tests, examples and
 * browsers. It forgets everything when its scope ends.
 *
 * What it keeps is JSON by the schemas of each decider, as in a database: what could not be read there is refused here.
 * A command is decided and written in one synchronous step, which no other fiber can come between.
 */
import { Effect, Layer, Option, Result, Stream } from "effect"
import type { Decider } from "../Decider.ts"
import type { StoreBroken } from "../Fault.ts"
import * as Ledger from "../Ledger.ts"
import { CommandIdReused } from "../Misuse.ts"
import { Profiles } from "../ports/Profiles.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { History } from "../SchoolProfile.ts"
import * as SubjectEntry from "../SubjectEntry.ts"

type Line = SubjectEntry.Line & { readonly sequence: number }

/** All that is known of one kind. No caller has a slash in its name, so a key is one of (caller, id). */
class Kind {
  readonly subjects = new Map<string, { readonly json: unknown }>()
  readonly lines: Array<Line> = []
  readonly answered = new Map<string, { readonly fingerprint: string; readonly line: Line }>()
}

/** A new, empty store for these profiles. */
export const make = (profiles: History): SubjectStore["Service"] => {
  const kinds = new Map<string, Kind>()
  const postings: Array<Ledger.Posting> = []
  let sequence = 0

  const kindOf = (name: string): Kind => {
    const known = kinds.get(name) ?? new Kind()
    kinds.set(name, known)
    return known
  }

  const write = <State, Command, Event>(
    decider: Decider<State, Command, Event>,
    submitted: SubjectEntry.Submitted<Command>
  ): Result.Result<SubjectEntry.Answer<Event>, CommandIdReused | StoreBroken> =>
    Result.gen(function*() {
      const { caller, id, subject } = submitted
      const fingerprint = yield* SubjectEntry.fingerprint(decider, submitted)
      const { answered, lines, subjects } = kindOf(decider.kind)
      const key = `${caller}/${id}`
      const known = answered.get(key)
      if (known !== undefined) {
        if (known.fingerprint !== fingerprint) return yield* Result.fail(new CommandIdReused({ caller, id }))
        return (yield* SubjectEntry.readEntry(decider, known.line)).answer
      }
      const written = yield* SubjectEntry.decide(profiles, decider, subjects.get(subject), submitted)
      const line = { ...written.line, sequence: ++sequence }
      answered.set(key, { fingerprint, line })
      lines.push(line)
      if (written.state !== undefined) subjects.set(subject, written.state)
      for (const posting of written.postings) postings.push(posting)
      return written.answer
    })

  const all: SubjectStore["Service"]["all"] = (decider) =>
    Stream.suspend(() => {
      const subjects = [...kindOf(decider.kind).subjects].sort(([one], [other]) => one < other ? -1 : 1)
      return Stream.mapEffect(Stream.fromIterable(subjects), ([subject, { json }]) =>
        Effect.fromResult(
          Result.map(SubjectEntry.readState(decider, subject, json), (state) => ({ subject, state }))
        ))
    })

  return {
    transact: (decider, submitted) => Effect.suspend(() => Effect.fromResult(write(decider, submitted))),
    find: (decider, subject) =>
      Effect.suspend(() => {
        const kept = Option.fromUndefinedOr(kindOf(decider.kind).subjects.get(subject))
        const state = Result.transposeMapOption(kept, ({ json }) => SubjectEntry.readState(decider, subject, json))
        return Effect.fromResult(Result.andThen(SubjectEntry.checkNames(decider.kind, subject), state))
      }),
    all,
    // Read by all: what is in memory is small enough.
    open: (decider) => Stream.filter(all(decider), ({ state }) => SubjectEntry.isOpen(decider, state)),
    journal: (decider, subject) =>
      Stream.suspend(() => {
        const lines = kindOf(decider.kind).lines.filter((line) => subject === undefined || line.subject === subject)
        return Stream.mapEffect(Stream.fromIterable(lines), (line) =>
          Effect.fromResult(SubjectEntry.readEntry(decider, line)))
      }),
    balances: Effect.sync(() => Ledger.fold(postings))
  }
}

/** A store of its own for each build of the layer. */
export const layer: Layer.Layer<SubjectStore, never, Profiles> = Layer.effect(
  SubjectStore,
  Effect.map(Profiles, make)
)
