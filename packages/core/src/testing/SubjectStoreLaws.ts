/**
 * What every store of other subjects promises (D21), as data: a title and a check. Run them on your own store.
 *
 * `one`, `other` and `token` are as in `AccountStoreLaws`, and so are the profiles. Each law has kinds of its own, so one
 * store may run them all in any order, one after the other.
 *
 * @example
 * ```ts
 * import { MemorySubjectStore, SubjectStoreLaws } from "@yikatong/core/testing"
 * import { Effect } from "effect"
 *
 * const store = MemorySubjectStore.make(SubjectStoreLaws.profiles)
 * const checks = SubjectStoreLaws.laws.map((law) => law.check({ one: store, other: store, token: "docs" }))
 * await Effect.runPromise(Effect.as(Effect.all(checks), "kept")) // => "kept"
 * ```
 */
import { Effect, Fiber, Option, Result, Stream } from "effect"
import { instant, later, minute } from "../CivilTime.ts"
import { type Decider, replay } from "../Decider.ts"
import * as Id from "../Id.ts"
import * as Ledger from "../Ledger.ts"
import type { Answer, Entry, SubjectStore, Submitted } from "../ports/SubjectStore.ts"
import { profiles } from "./AccountStoreLaws.ts"
import type * as Promised from "./Law.ts"
import { broken, declinedAs, type LawBroken, lawOf, same } from "./Law.ts"
import * as Vouchers from "./Vouchers.ts"

export { profiles }

type Store = SubjectStore["Service"]

/** Two clients of the same data, and a word of this run. */
export type Stores = Promised.Stores<Store>

/** One promise. */
export type Law = Promised.Law<Store>

const caller = Id.CallerId.make("laws")
const start = instant("2026-03-02 10:00")

type Sent = Submitted<Vouchers.Command>
type More = Partial<Pick<Sent, "caller" | "id" | "receivedAt" | "subject">>

/** The batches of one law: kind, ids and books made of its name, so that laws do not meet. */
const cast = (token: string, law: string) => {
  const name = `${token}.${law}`
  const books = { from: "school:laws", to: `merchant:${name}` }
  let commands = 0
  const submitted = (body: Vouchers.Command, more: More = {}): Sent => ({
    caller,
    id: Id.CommandId.make(`${name}.${++commands}`),
    subject: "batch-1",
    receivedAt: later(start, commands * minute),
    body,
    ...more
  })
  return {
    name,
    books,
    batch: Vouchers.decider(name, books),
    issue: (vouchers: number, more?: More) => submitted({ _tag: "Issue", vouchers }, more),
    redeem: (vouchers: number, more: More & { readonly note?: string } = {}) => {
      const { note, ...rest } = more
      return submitted({ _tag: "Redeem", vouchers, note: Option.fromUndefinedOr(note) }, rest)
    }
  }
}

type Cast = ReturnType<typeof cast>

const approved = <Event>(answer: Answer<Event>): Effect.Effect<ReadonlyArray<Event>, LawBroken> =>
  answer._tag === "Approved" ? Effect.succeed(answer.events) : broken("the answer is not Approved", "Approved", answer)

const failsAs = Effect.fnUntraced(function*(tag: string, asked: Effect.Effect<unknown, { readonly _tag: string }>) {
  const result = yield* Effect.result(asked)
  if (Result.isSuccess(result) || result.failure._tag !== tag) return yield* broken(`it is not ${tag}`, tag, result)
})

/** The state of a batch, of which there must be one. */
const stateOf = Effect.fnUntraced(function*(store: Store, { batch }: Cast, subject = "batch-1") {
  const found = yield* store.find(batch, subject)
  return Option.isSome(found) ? found.value : yield* broken("the subject is not found", subject)
})

const eventsOf = <Command, Event>(entries: ReadonlyArray<Entry<Command, Event>>): ReadonlyArray<Event> =>
  entries.flatMap(({ answer }) => answer._tag === "Approved" ? answer.events : [])

const grows = Effect.fnUntraced(function*(entries: ReadonlyArray<Entry<unknown, unknown>>) {
  for (const [at, { sequence }] of entries.entries()) {
    const before = entries[at - 1]?.sequence ?? 0
    if (sequence <= before) return yield* broken("the sequence of the journal does not grow", before, sequence)
  }
})

/** State, journal and books of one law's batches agree (I1, I13). */
const agrees = Effect.fnUntraced(function*(store: Store, { batch, books }: Cast) {
  const whole = yield* Stream.runCollect(store.journal(batch))
  const all = yield* Stream.runCollect(store.all(batch))
  for (const { state, subject } of all) {
    const entries = yield* Stream.runCollect(store.journal(batch, subject))
    yield* grows(entries)
    yield* same(`the replay of ${subject}`, replay(batch, eventsOf(entries)), state)
    yield* same(`the journal of ${subject} in that of all`, whole.filter((entry) => entry.subject === subject), entries)
  }
  const posted = Ledger.fold(eventsOf(whole).flatMap(batch.postings)).get(books.to) ?? 0
  yield* same("what the merchant has by the postings", (yield* store.balances).get(books.to) ?? 0, posted)
  yield* same("what was redeemed", posted, all.reduce((sum, { state }) => sum + state.redeemed, 0))
})

/** Batches that are open while an odd number is left: they end, and open again. */
const odd = ({ batch }: Cast): Cast["batch"] => ({ ...batch, isOpen: ({ left }) => left % 2 === 1 })

const namesOf = <A extends { readonly subject: string }, E>(told: Stream.Stream<A, E>) =>
  Effect.map(Stream.runCollect(told), (all) => all.map(({ subject }) => subject))

const unbounded = { concurrency: "unbounded" } as const

const law = lawOf(cast)<Store>

export const laws: ReadonlyArray<Law> = [
  law(
    "what was approved is there when the answer is, also for another client",
    "durable",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const issue = law.issue(50)
        yield* same("no batch yet", Option.isNone(yield* other.find(law.batch, "batch-1")), true)
        const { caller, id, receivedAt: at, subject } = issue
        yield* same("what happened", yield* approved(yield* one.transact(law.batch, issue)), [
          { _tag: "Issued", vouchers: 50, at, caller, id, subject }
        ])
        yield* approved(yield* one.transact(law.batch, law.redeem(12, { note: "lunch" })))
        yield* same("what the other client sees", yield* stateOf(other, law), {
          left: 38,
          redeemed: 12,
          last: Option.some("lunch")
        })
        yield* agrees(other, law)
      })
  ),

  law(
    "D13 a decline leaves the subject as it was, and I4 the next command works",
    "decline",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(10)))
        const before = yield* stateOf(one, law)
        const balances = yield* one.balances
        yield* declinedAs(yield* one.transact(law.batch, law.redeem(11)), "InsufficientWallet")
        yield* declinedAs(yield* one.transact(law.batch, law.issue(99)), "SubjectExists")
        yield* same("the subject after two declines", yield* stateOf(other, law), before)
        yield* same("the books after two declines", yield* other.balances, balances)
        yield* approved(yield* one.transact(law.batch, law.redeem(10)))
        yield* agrees(one, law)
      })
  ),

  law(
    "I3 one id, one answer: a retry changes nothing, be it approved or declined",
    "retry",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const early = law.redeem(1)
        yield* declinedAs(yield* one.transact(law.batch, early), "UnknownSubject")
        yield* same("no batch comes of a decline", Option.isNone(yield* one.find(law.batch, "batch-1")), true)
        yield* approved(yield* one.transact(law.batch, law.issue(10)))
        const approve = law.redeem(6, { note: "lunch" })
        const first = yield* one.transact(law.batch, approve)
        const decline = law.redeem(6)
        const refused = yield* one.transact(law.batch, decline)
        yield* same("the answer to a retry", yield* other.transact(law.batch, approve), first)
        yield* approved(yield* one.transact(law.batch, law.redeem(4)))
        yield* same("the answer to a declined command's retry", yield* other.transact(law.batch, decline), refused)
        yield* declinedAs(yield* other.transact(law.batch, early), "UnknownSubject")
        yield* same("what is left", (yield* stateOf(one, law)).left, 0)
        yield* same("lines of the journal", yield* Stream.runCount(one.journal(law.batch)), 5)
        yield* agrees(one, law)
      })
  ),

  law(
    "D16 a retry is known by its body: a later arrival does not matter",
    "arrival",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(10)))
        const command = law.redeem(6)
        const first = yield* one.transact(law.batch, command)
        const again = { ...command, receivedAt: later(command.receivedAt, 30 * minute) }
        yield* same("the answer to a late retry", yield* one.transact(law.batch, again), first)
      })
  ),

  law(
    "I3 the same id with another body or subject is misuse, and changes nothing",
    "misuse",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(10)))
        const command = law.redeem(3)
        yield* approved(yield* one.transact(law.batch, command))
        const before = yield* stateOf(one, law)
        const { id } = command
        yield* failsAs("CommandIdReused", other.transact(law.batch, law.redeem(4, { id })))
        yield* failsAs("CommandIdReused", other.transact(law.batch, law.redeem(3, { id, note: "dinner" })))
        yield* failsAs("CommandIdReused", other.transact(law.batch, law.redeem(3, { id, subject: "batch-2" })))
        yield* same("the subject after misuse", yield* stateOf(one, law), before)
        yield* approved(yield* other.transact(law.batch, law.redeem(1)))
        yield* agrees(one, law)
      })
  ),

  law(
    "D18 the key of a command is caller and id: another caller's id is another command",
    "caller",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(10)))
        const command = law.redeem(3)
        yield* approved(yield* one.transact(law.batch, command))
        yield* approved(yield* one.transact(law.batch, { ...command, caller: Id.CallerId.make("laws-2") }))
        yield* same("what is left after both", (yield* stateOf(one, law)).left, 4)
      })
  ),

  law(
    "D21 the same id under another kind is another command, to another subject",
    "kind",
    (stores, law) =>
      Effect.gen(function*() {
        const { one, other, token } = stores
        const second = cast(token, "kind-2")
        const issue = law.issue(10)
        yield* approved(yield* one.transact(law.batch, issue))
        yield* same("the other kind's subject", Option.isNone(yield* one.find(second.batch, "batch-1")), true)
        yield* approved(yield* other.transact(second.batch, { ...issue, body: { _tag: "Issue", vouchers: 20 } }))
        yield* same("left in the one", (yield* stateOf(other, law)).left, 10)
        yield* same("left in the other", (yield* stateOf(one, second)).left, 20)
        yield* agrees(one, law)
        yield* agrees(one, second)
      })
  ),

  law("a subject comes to be once, however many ask at once", "open", ({ one, other }, law) =>
    Effect.gen(function*() {
      const answers = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, at) => law.issue(at + 1)),
        (issue, at) => (at % 2 === 0 ? one : other).transact(law.batch, issue),
        unbounded
      )
      yield* same("batches issued", answers.filter(({ _tag }) => _tag === "Approved").length, 1)
      for (const answer of answers) if (answer._tag === "Declined") yield* declinedAs(answer, "SubjectExists")
      const [first] = yield* Stream.runCollect(one.journal(law.batch))
      yield* same("the first line of the journal", first?.answer._tag, "Approved")
      yield* agrees(one, law)
    })),

  law(
    "I3 one id, one answer, however many send it at once",
    "at-once",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const send = (command: Sent) =>
          Effect.forEach(
            Array.from({ length: 16 }),
            (_, at) => (at % 2 === 0 ? one : other).transact(law.batch, command),
            unbounded
          )
        for (const command of [law.redeem(1), law.issue(50), law.redeem(7)]) {
          const answers = yield* send(command)
          for (const answer of answers) yield* same("one of the answers", answer, answers[0])
        }
        yield* same("what is left", (yield* stateOf(one, law)).left, 43)
        yield* same("lines of the journal", yield* Stream.runCount(one.journal(law.batch)), 3)
        yield* agrees(one, law)
      })
  ),

  law(
    "one id for two subjects at once: one of them has it, the other is misuse",
    "crossed",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        for (let at = 0; at < 8; at++) {
          const { id } = law.issue(1)
          const results = yield* Effect.forEach(
            [one, other],
            (store, side) =>
              Effect.result(store.transact(law.batch, law.issue(5, { id, subject: `batch-${at}-${side}` }))),
            unbounded
          )
          const misused = results.filter((result) =>
            Result.isFailure(result) && result.failure._tag === "CommandIdReused"
          )
          yield* same("commands that were misuse", misused.length, 1)
          yield* same("commands that were answered", results.filter(Result.isSuccess).length, 1)
        }
        yield* same("batches", yield* Stream.runCount(one.all(law.batch)), 8)
        yield* agrees(one, law)
      })
  ),

  law(
    "two clients on one subject never both take the last one",
    "last",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(20)))
        const answers = yield* Effect.forEach(
          Array.from({ length: 60 }, () => law.redeem(1)),
          (command, at) => (at % 2 === 0 ? one : other).transact(law.batch, command),
          unbounded
        )
        yield* same("vouchers redeemed", answers.filter(({ _tag }) => _tag === "Approved").length, 20)
        yield* same("what is left", (yield* stateOf(one, law)).left, 0)
        yield* agrees(other, law)
      })
  ),

  law(
    "subjects do not wait for each other for ever: many at once all get their answers",
    "many",
    (stores, law) =>
      Effect.gen(function*() {
        const { one, other } = stores
        const subjects = Array.from({ length: 6 }, (_, at) => `batch-${at}`)
        yield* Effect.forEach(subjects, (subject) => one.transact(law.batch, law.issue(30, { subject })), unbounded)
        const commands = Array.from({ length: 8 }).flatMap(() => subjects.map((subject) => law.redeem(1, { subject })))
        const answers = yield* Effect.forEach(
          commands,
          (command, at) => (at % 2 === 0 ? one : other).transact(law.batch, command),
          unbounded
        )
        for (const answer of answers) yield* approved(answer)
        for (const { state } of yield* Stream.runCollect(one.all(law.batch))) yield* same("left", state.left, 22)
        yield* agrees(one, law)
      })
  ),

  law(
    "D23 the journal tells every command as it came, declines included, in order",
    "journal",
    (stores, law) =>
      Effect.gen(function*() {
        const { one, other } = stores
        const commands = [
          law.redeem(1),
          law.issue(5),
          law.redeem(9, { note: "too many" }),
          law.issue(7, { subject: "batch-2" }),
          law.redeem(2, { note: "lunch" })
        ]
        const answers = yield* Effect.forEach(commands, (command) => one.transact(law.batch, command))
        const entries = yield* Stream.runCollect(other.journal(law.batch))
        yield* grows(entries)
        const told = entries.map(({ sequence: _, ...entry }) => entry)
        const expected = commands.map((command, at) => ({ ...command, profile: "laws", answer: answers[at] }))
        yield* same("the journal of all", told, expected)
        const own = yield* Stream.runCollect(other.journal(law.batch, "batch-2"))
        yield* same("the journal of one", own, entries.filter(({ subject }) => subject === "batch-2"))
        yield* same("the journal of nobody", yield* Stream.runCount(other.journal(law.batch, "batch-3")), 0)
        yield* agrees(one, law)
      })
  ),

  law(
    "all subjects of a kind come once each, by their ids in order",
    "all",
    ({ one, other, token }, law) =>
      Effect.gen(function*() {
        const elsewhere = cast(token, "all-2")
        yield* approved(yield* one.transact(elsewhere.batch, elsewhere.issue(1, { subject: "batch-5" })))
        for (const subject of ["b", "a.10", "B", "a", "a-1", "a.9", "1"]) {
          yield* approved(yield* one.transact(law.batch, law.issue(subject.length, { subject })))
          yield* approved(yield* one.transact(law.batch, law.redeem(1, { subject })))
        }
        const all = yield* Stream.runCollect(other.all(law.batch))
        yield* same("the ids", all.map(({ subject }) => subject), ["1", "B", "a", "a-1", "a.10", "a.9", "b"])
        yield* same("the states", all.map(({ state }) => state.left), [0, 0, 0, 2, 3, 2, 0])
        yield* agrees(one, law)
      })
  ),

  law(
    "I1 I5 the books hold what the events post, and together nothing",
    "books",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const before = (yield* one.balances).get("school:laws") ?? 0
        yield* approved(yield* one.transact(law.batch, law.issue(1_000)))
        for (const vouchers of [1, 999, 1]) yield* one.transact(law.batch, law.redeem(vouchers))
        const balances = yield* other.balances
        yield* same("the merchant", balances.get(law.books.to), 1_000)
        yield* same("the school", balances.get("school:laws"), before - 1_000)
        yield* same("all books together", Ledger.total(balances), 0)
      })
  ),

  law(
    "a command that makes nothing happen is approved, and known by its id",
    "nothing",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(5)))
        const before = yield* stateOf(one, law)
        const nothing = law.redeem(0, { note: "nobody" })
        yield* same("what happens", yield* approved(yield* one.transact(law.batch, nothing)), [])
        yield* same("what happens again", yield* approved(yield* other.transact(law.batch, nothing)), [])
        yield* same("the subject afterwards", yield* stateOf(other, law), before)
        yield* failsAs("CommandIdReused", one.transact(law.batch, law.redeem(1, { id: nothing.id })))
        yield* agrees(one, law)
      })
  ),

  law(
    "D22 what an older release wrote is read by the schemas of the newer one",
    "shapes",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const newer = Vouchers.later({ kind: law.name, ...law.books })
        const issue = law.issue(5)
        const [event] = yield* approved(yield* one.transact(law.batch, issue))
        const [again] = yield* approved(yield* other.transact(newer, issue))
        yield* same("the answer to a retry", again, { ...event, colour: "white" })
        yield* approved(yield* other.transact(newer, law.issue(6, { subject: "batch-2" })))
        const events = eventsOf(yield* Stream.runCollect(one.journal(newer)))
        const colours = events.map((event) => event._tag === "Issued" ? event.colour : "")
        yield* same("the colours", colours, ["white", "green"])
      })
  ),

  law(
    "a decision that could not be read again is StoreBroken, writes nothing, and may be mended",
    "odd",
    (stores, law) =>
      Effect.gen(function*() {
        const { one, other } = stores
        const { batch } = law
        const odd: ReadonlyArray<Partial<Decider<Vouchers.State, Vouchers.Command, Vouchers.Event>>> = [
          { decide: (...about) => Result.map(batch.decide(...about), (events) => events.map(halved)) },
          { evolve: (...about) => ({ ...batch.evolve(...about), left: -1 }) },
          {
            decide: () => {
              throw new Error("no decision")
            }
          },
          {
            evolve: () => {
              throw new Error("no state")
            }
          },
          { postings: () => [{ ...law.books, amount: 0 }] },
          { postings: () => [{ ...law.books, amount: 1.5 }] },
          { postings: () => [{ from: "school:laws", to: "school:laws", amount: 1 }] },
          { postings: () => [{ from: "account-1/wallet", to: law.books.to, amount: 1 }] }
        ]
        yield* approved(yield* one.transact(batch, law.issue(20)))
        const before = yield* stateOf(one, law)
        for (const change of odd) {
          const command = law.redeem(1)
          yield* failsAs("StoreBroken", one.transact({ ...batch, ...change }, command))
          yield* same("the subject afterwards", yield* stateOf(other, law), before)
          yield* same("lines of the journal", yield* Stream.runCount(other.journal(batch)), 1)
        }
        yield* failsAs("StoreBroken", one.transact(batch, law.redeem(-1)))
        const mended = law.redeem(1)
        yield* failsAs("StoreBroken", one.transact({ ...batch, ...odd[0] }, mended))
        yield* approved(yield* other.transact(batch, mended))
        yield* agrees(one, law)
      })
  ),

  law(
    "a caller that is interrupted leaves all or nothing, and may ask again",
    "interrupted",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* approved(yield* one.transact(law.batch, law.issue(50)))
        const command = law.redeem(9)
        const fiber = yield* Effect.forkChild(one.transact(law.batch, command))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        yield* approved(yield* other.transact(law.batch, command))
        yield* same("what is left", (yield* stateOf(other, law)).left, 41)
        yield* agrees(one, law)
      })
  ),

  law(
    "what is open is told, what has ended is not, and what opens again is told again",
    "ended",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const batch = odd(law)
        const open = namesOf(other.open(batch))
        yield* same("open before anything was", yield* open, [])
        for (const [subject, vouchers] of [["c", 5], ["a", 3], ["b", 4]] as const) {
          yield* approved(yield* one.transact(batch, law.issue(vouchers, { subject })))
        }
        yield* same("open by their ids in order", yield* open, ["a", "c"])
        yield* same("their states", yield* Stream.runCollect(other.open(batch)), [
          { subject: "a", state: yield* stateOf(other, law, "a") },
          { subject: "c", state: yield* stateOf(other, law, "c") }
        ])
        const end = law.redeem(1, { subject: "a" })
        yield* approved(yield* one.transact(batch, end))
        yield* same("open when one has ended", yield* open, ["c"])
        yield* approved(yield* one.transact(batch, law.redeem(1, { subject: "b" })))
        yield* same("open when one has opened again", yield* open, ["b", "c"])
        // Neither a retry nor a refusal nor what changes nothing says anything new.
        yield* approved(yield* one.transact(batch, end))
        yield* declinedAs(yield* one.transact(batch, law.redeem(99, { subject: "a" })), "InsufficientWallet")
        yield* approved(yield* one.transact(batch, law.redeem(0, { subject: "a" })))
        yield* approved(yield* one.transact(batch, law.redeem(1, { subject: "a" })))
        yield* approved(yield* one.transact(batch, law.redeem(2, { subject: "c" })))
        yield* same("open after more of both", yield* open, ["a", "b", "c"])
        yield* same("all of them", yield* namesOf(other.all(batch)), ["a", "b", "c"])
        yield* agrees(one, law)
      })
  ),

  law(
    "D22 a kind that does not say what is open never ends, and what it wrote is asked when a later release says",
    "ended-later",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        for (const [subject, vouchers] of [["a", 3], ["b", 4], ["c", 6]] as const) {
          yield* approved(yield* one.transact(law.batch, law.issue(vouchers, { subject })))
        }
        yield* same("open where nothing is said", yield* namesOf(other.open(law.batch)), ["a", "b", "c"])
        const batch = odd(law)
        yield* same("open when it is said", yield* namesOf(other.open(batch)), ["a"])
        yield* approved(yield* one.transact(batch, law.redeem(2, { subject: "b" })))
        // Both releases at once: the one that does not say hides nothing from the other.
        yield* approved(yield* one.transact(law.batch, law.redeem(1, { subject: "b" })))
        yield* approved(yield* one.transact(law.batch, law.redeem(1, { subject: "a" })))
        yield* same("open to the later one", yield* namesOf(other.open(batch)), ["b"])
        yield* same("open to the earlier one", yield* namesOf(other.open(law.batch)), ["a", "b", "c"])
        yield* agrees(one, law)
      })
  ),

  law("names are kept as they are, whatever stands in them", "names", ({ one, other }, law) =>
    Effect.gen(function*() {
      const names = [
        "'; DROP TABLE subject; --",
        "%",
        "_",
        "\\",
        "\"",
        "$1",
        "{a,b}",
        "__proto__",
        "a/b",
        "a",
        "餐券 🍚"
      ]
      for (const [at, subject] of names.entries()) {
        yield* approved(yield* one.transact(law.batch, law.issue(at + 1, { subject })))
      }
      for (const [at, subject] of names.entries()) {
        yield* same(`left in ${subject}`, (yield* stateOf(other, law, subject)).left, at + 1)
        yield* same(`lines of ${subject}`, yield* Stream.runCount(other.journal(law.batch, subject)), 1)
        const kind = { ...law.batch, kind: `${law.name}${subject}` }
        yield* same(`the kind ${kind.kind}`, yield* Stream.runCount(one.all(kind)), 0)
        yield* approved(yield* one.transact(kind, law.issue(3)))
        yield* same(`the kind ${kind.kind}`, yield* Stream.runCount(other.all(kind)), 1)
      }
      yield* same("subjects", yield* Stream.runCount(other.all(law.batch)), names.length)
      yield* agrees(one, law)
    })),

  law(
    "names that some store could not tell apart are StoreBroken",
    "no-names",
    ({ one }, law) =>
      Effect.gen(function*() {
        for (const subject of ["", "a\u0000", "a\n", "\ud800", "a".repeat(261)]) {
          yield* failsAs("StoreBroken", one.transact(law.batch, law.issue(1, { subject })))
          yield* failsAs("StoreBroken", one.find(law.batch, subject))
          yield* failsAs("StoreBroken", one.transact({ ...law.batch, kind: subject }, law.issue(1)))
        }
        yield* same("subjects", yield* Stream.runCount(one.all(law.batch)), 0)
        yield* approved(yield* one.transact(law.batch, law.issue(1, { subject: "a".repeat(260) })))
      })
  )
]

/** Not whole, so its schema refuses it. */
const halved = (event: Vouchers.Event): Vouchers.Event => ({ ...event, vouchers: event.vouchers / 2 })
