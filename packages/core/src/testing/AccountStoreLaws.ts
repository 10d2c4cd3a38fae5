/**
 * What every account store promises, as data: a title and a check. Run them on your own store.
 *
 * `one` and `other` are two clients of the same stored data, made with `AccountStoreLaws.profiles`: two processes or two
 * connections where the technology has them, the same object twice where it has not. `token` keeps this run apart from
 * runs before it on the same data. Laws do not look at each other's accounts, so one store may run them all in any
 * order, one after the other.
 *
 * @example
 * ```ts
 * import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
 * import { Effect } from "effect"
 *
 * const store = MemoryAccountStore.make(AccountStoreLaws.profiles)
 * const checks = AccountStoreLaws.laws.map((law) => law.check({ one: store, other: store, token: "docs" }))
 * await Effect.runPromise(Effect.as(Effect.all(checks), "kept")) // => "kept"
 * ```
 */
import { Effect, Fiber, Option, Result, Stream } from "effect"
import * as AccountState from "../AccountState.ts"
import type { Answer } from "../Answer.ts"
import { type Instant, instant, later, minute } from "../CivilTime.ts"
import type * as Command from "../Command.ts"
import * as Books from "../flows/Books.ts"
import * as Id from "../Id.ts"
import { mintKey } from "../internal/mint.ts"
import * as Ledger from "../Ledger.ts"
import * as Money from "../Money.ts"
import * as Password from "../Password.ts"
import { AccountStore, type Entry } from "../ports/AccountStore.ts"
import { csmzxy } from "../presets/Csmzxy.ts"
import { PaidEvidence } from "../Recharge.ts"
import type { History } from "../SchoolProfile.ts"
import * as Clerk from "./Clerk.ts"
import type * as Promised from "./Law.ts"
import { broken, declinedAs, lawOf, same } from "./Law.ts"

export { LawBroken } from "./Law.ts"

type Store = AccountStore["Service"]

/** Two clients of the same data, and a word of this run. */
export type Stores = Promised.Stores<Store>

/** One promise. */
export type Law = Promised.Law<Store>

/** The profiles with which a store under test decides: limits so high that laws on money meet no limit. */
export const profiles: History = [{ ...csmzxy, version: "laws", limits: [] }]

const caller = Id.CallerId.make("laws")
const start = instant("2026-03-02 10:00")

const tagged = <Tag extends Answer["_tag"]>(answer: Answer, tag: Tag) =>
  answer._tag === tag
    ? Effect.succeed(answer as Extract<Answer, { readonly _tag: Tag }>)
    : broken(`the answer is not ${tag}`, tag, answer)

const misused = Effect.fnUntraced(function*<A, E extends { readonly _tag: string }>(
  what: string,
  effect: Effect.Effect<A, E>
) {
  const told = yield* Effect.result(effect)
  if (Result.isSuccess(told) || told.failure._tag !== "CommandIdReused") {
    return yield* broken(what, "CommandIdReused", told)
  }
})

/** The people of one law: ids made of its name, so that laws do not meet. */
const cast = (token: string, law: string) => {
  const name = `${token}.${law}`
  let commands = 0
  const account = Id.AccountId.make(name)
  const subject: Command.Subject = { _tag: "Account", account }
  const envelope = (
    point: string,
    body: Exclude<Command.Command, Command.Of<"CreditRecharge">>,
    more: {
      readonly at?: Instant
      readonly id?: string
      readonly proofs?: Command.Proofs
      readonly subject?: Command.Subject
    } = {}
  ): Command.Envelope => {
    const at = more.at ?? later(start, commands * minute)
    return {
      caller,
      id: Id.CommandId.make(more.id ?? `${name}.${++commands}`),
      at,
      receivedAt: at,
      point: Id.PointId.make(point),
      subject: more.subject ?? subject,
      body,
      ...Clerk.at(csmzxy, point, body),
      ...(more.proofs === undefined ? {} : { proofs: more.proofs })
    }
  }
  const fresh = (id: string) => new Password.Fresh(mintKey, Id.CredentialId.make(`${caller}/${id}`), undefined, false)
  const card = Id.CardId.make(`${name}.card`)
  return {
    account,
    card,
    envelope,
    subject,
    name,
    open: envelope("card-centre", {
      _tag: "OpenAccount",
      person: Id.PersonId.make(`${name}.person`),
      kind: "student",
      class: "regular"
    }, { proofs: { fresh: fresh(`${name}.first`) } }),
    credit: (fen: number, order = `laws:${name}.order-${++commands}`): Command.Envelope => {
      const paid = {
        order: Id.OrderId.make(order),
        channel: "ccbApp",
        amount: Money.amount(fen),
        paidAt: start,
        reference: order
      }
      return {
        caller,
        id: Id.CommandId.make(`credit:${order}`),
        at: start,
        receivedAt: start,
        point: Id.PointId.make("card-centre"),
        subject,
        body: { _tag: "CreditRecharge", ...paid },
        evidence: new PaidEvidence(mintKey, paid)
      }
    },
    pay: (fen: number, id?: string): Command.Envelope =>
      envelope(
        "canteen-1",
        { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(fen), link: "up" },
        id === undefined ? {} : { id }
      )
  }
}

type Cast = ReturnType<typeof cast>

/** An account with an active card and so many fen in transit. */
const funded = Effect.fnUntraced(function*(store: Store, law: Cast, fen: number) {
  const steps = [
    law.open,
    law.envelope("window-ccb", { _tag: "IssueCard", card: law.card }),
    law.envelope("window-3", { _tag: "ActivateCard", card: law.card }),
    ...(fen === 0 ? [] : [law.credit(fen)])
  ]
  for (const step of steps) yield* tagged(yield* store.transact(step), "Approved")
})

const stateOf = Effect.fnUntraced(function*(store: Store, subject: Command.Subject) {
  const found = yield* store.find(subject)
  return Option.isSome(found) ? found.value : yield* broken("the account is not found", subject)
})

const historyOf = (store: Store, account: Id.AccountId): Effect.Effect<ReadonlyArray<Entry>, unknown> =>
  Stream.runCollect(store.journal({ account }))

/** State, transfers and events of one account agree (I1, I13), and the journal's sequence grows. */
const agrees = Effect.fnUntraced(function*(store: Store, { account, subject }: Cast) {
  const state = yield* stateOf(store, subject)
  const history = yield* historyOf(store, account)
  const events = history.flatMap((entry) => entry.events)
  yield* same("the replay of the events", AccountState.replay(events), state)
  const balances = yield* store.balances
  for (const [pocket, holds] of Object.entries(state.pockets)) {
    const book = Ledger.absolute(account, pocket as Ledger.Pocket | "receivable")
    yield* same(`the book ${pocket}`, (balances.get(book) ?? 0) * (pocket === "receivable" ? -1 : 1) + 0, holds)
  }
  for (let at = 1; at < history.length; at++) {
    const [before, after] = [history[at - 1], history[at]]
    if (before === undefined || after === undefined || before.sequence >= after.sequence) {
      return yield* broken("the sequence of the journal does not grow", before?.sequence, after?.sequence)
    }
  }
})

const fiberIsOver = (fiber: Fiber.Fiber<unknown, unknown>): boolean => fiber.pollUnsafe() !== undefined

const law = lawOf(cast)<Store>

export const laws: ReadonlyArray<Law> = [
  law(
    "what was approved is there when the answer is, also for another client",
    "durable",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 5_000)
        const approved = yield* tagged(yield* one.transact(law.pay(1_200)), "Approved")
        yield* same("what was left in transit", approved.pockets.transit, 3_800)
        yield* same(
          "the pockets that the other client sees",
          (yield* stateOf(other, law.subject)).pockets,
          approved.pockets
        )
        yield* agrees(other, law)
      })
  ),

  law(
    "D13 a decline leaves the account as it was, and I4 the next command works",
    "decline",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const before = yield* stateOf(one, law.subject)
        yield* declinedAs(yield* one.transact(law.pay(1_001)), "InsufficientWallet")
        yield* same("the account after a decline", yield* stateOf(one, law.subject), before)
        yield* tagged(yield* one.transact(law.pay(1_000)), "Approved")
        yield* agrees(one, law)
      })
  ),

  law(
    "I3 one id, one answer: a retry changes nothing, be it approved or declined",
    "retry",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const approve = law.pay(600)
        const first = yield* one.transact(approve)
        yield* same("the answer to a retry", yield* other.transact(approve), first)
        const decline = law.pay(600)
        const refused = yield* one.transact(decline)
        yield* declinedAs(refused, "InsufficientWallet")
        yield* tagged(yield* one.transact(law.credit(5_000)), "Approved")
        yield* same("the answer to a declined command's retry", yield* other.transact(decline), refused)
        yield* same("what is left in transit", (yield* stateOf(one, law.subject)).pockets.transit, 5_400)
        yield* agrees(one, law)
      })
  ),

  law(
    "D16 a retry is known by its body: a later arrival and other proofs do not matter",
    "arrival",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const command = law.pay(600)
        const first = yield* one.transact(command)
        const again: Command.Envelope = {
          ...command,
          receivedAt: later(command.receivedAt, 30 * minute),
          proofs: { password: new Password.Proof(mintKey, 1, false) }
        } as Command.Envelope
        yield* same("the answer to a late retry", yield* one.transact(again), first)
      })
  ),

  law(
    "I3 the same id with another body is misuse, and changes nothing",
    "misuse",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const command = law.pay(300)
        yield* tagged(yield* one.transact(command), "Approved")
        const before = yield* stateOf(one, law.subject)
        yield* misused("another body under a used id is taken", other.transact(law.pay(301, command.id)))
        yield* same("the account after misuse", yield* stateOf(one, law.subject), before)
        yield* tagged(yield* other.transact(law.pay(100)), "Approved")
        yield* agrees(one, law)
      })
  ),

  law(
    "D18 the key of a command is caller and id: another caller's id is another command",
    "caller",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const command = law.pay(300)
        yield* tagged(yield* one.transact(command), "Approved")
        const elsewhere = { ...command, caller: Id.CallerId.make("laws-2") } as Command.Envelope
        yield* tagged(yield* one.transact(elsewhere), "Approved")
        yield* same("what is left after two payments", (yield* stateOf(one, law.subject)).pockets.transit, 400)
      })
  ),

  law(
    "D18 D19 the line of the journal that a key has is found by it, approved, declined or of nobody; of no other key",
    "answered",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const [approve, decline] = [law.pay(600), law.pay(600)]
        yield* same("what no command was asked for", Option.isNone(yield* other.answered(approve)), true)
        const told = [yield* one.transact(approve), yield* one.transact(decline)]
        yield* tagged(yield* one.transact(law.pay(100)), "Approved")
        const lines = Option.toArray(yield* other.answered(approve))
          .concat(Option.toArray(yield* other.answered(decline)))
        yield* same("what their callers were told", lines.map(({ answer }) => answer), told)
        yield* same("the lines of the journal", lines, (yield* historyOf(one, law.account)).slice(-3, -1))
        const nobody: Command.Subject = { _tag: "Handle", handle: { kind: "number", value: `${law.name}.nobody` } }
        const unknown = { ...law.pay(100), subject: nobody }
        const answer = yield* one.transact(unknown)
        const [line] = Option.toArray(yield* other.answered(unknown))
        yield* same("what nobody was told", line?.answer, answer)
        yield* same("the account of nobody", line?.account, undefined)
        const elsewhere = { caller: Id.CallerId.make("laws-2"), id: approve.id }
        yield* same("another caller's key", Option.isNone(yield* other.answered(elsewhere)), true)
      })
  ),

  law(
    "I3 a key that is retired is answered no more, one that was answered is not retired",
    "retired",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const [paid, late] = [law.pay(100), law.pay(200)]
        const first = yield* one.transact(paid)
        yield* misused("a key that was answered is retired", other.retire(paid))
        yield* same("the answer that it has", yield* one.transact(paid), first)
        yield* one.retire(late)
        yield* other.retire(late)
        const before = yield* stateOf(one, law.subject)
        yield* misused("a command under a retired key is decided", other.transact(late))
        yield* misused("the same again", one.transact(late))
        yield* same("a retired key has no line", Option.isNone(yield* one.answered(late)), true)
        yield* same("the account", yield* stateOf(other, law.subject), before)
        const elsewhere = { ...late, caller: Id.CallerId.make("laws-2") } as Command.Envelope
        yield* tagged(yield* one.transact(elsewhere), "Approved")
        const lines = yield* Stream.runCollect(other.journal())
        yield* same("its lines in the whole journal", lines.filter(({ command }) => command.id === late.id).length, 1)
        yield* agrees(one, law)
      })
  ),

  law(
    "I3 of a command and the retirement of its key at once exactly one comes through",
    "retiring",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        for (let round = 0; round < 10; round++) {
          const command = law.pay(1)
          const told = one.transact(command)
          const retiring = other.retire(command)
          const both = round % 2 === 0 ? [told, retiring] as const : [retiring, told] as const
          const results = yield* Effect.forEach(both, (step) => Effect.result(step), { concurrency: "unbounded" })
          const failures = results.flatMap((result) => Result.isFailure(result) ? [result.failure._tag] : [])
          yield* same("who came too late", failures, ["CommandIdReused"])
          const paid = yield* one.answered(command)
          const again = yield* Effect.result(one.transact(command))
          yield* same("the answer is there, or there is none", Result.isSuccess(again), Option.isSome(paid))
        }
        yield* agrees(other, law)
      })
  ),

  law(
    "D20 unknown accounts, cards and handles get a typed answer, and keep it",
    "unknown",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        const nobody = Id.CardId.make(`${law.name}.nobody`)
        const handle = { kind: "number", value: `${law.name}.nobody` } as const
        const pay = { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(100), link: "up" } as const
        yield* declinedAs(yield* one.transact(law.envelope("canteen-1", pay)), "UnknownAccount")
        const byHandle = law.envelope("canteen-1", pay, { subject: { _tag: "Handle", handle } })
        yield* declinedAs(yield* one.transact(byHandle), "UnknownHandle")
        const byCard = law.envelope("canteen-1", { ...pay, _tag: "PayByCard", card: nobody }, {
          subject: { _tag: "Card", card: nobody }
        })
        yield* declinedAs(yield* one.transact(byCard), "UnknownCard")
        yield* funded(one, law, 500)
        yield* one.bind(handle, law.account)
        yield* declinedAs(yield* other.transact(byHandle), "UnknownHandle")
      })
  ),

  law("D20 a card and a handle lead to their account", "handle", ({ one, other }, law) =>
    Effect.gen(function*() {
      yield* funded(one, law, 500)
      const handle = { kind: "number", value: `${law.name}.no` } as const
      yield* one.bind(handle, law.account)
      yield* one.bind(handle, law.account)
      yield* same("the account behind the handle", (yield* stateOf(other, { _tag: "Handle", handle })).id, law.account)
      yield* same(
        "the account behind the card",
        (yield* stateOf(other, { _tag: "Card", card: law.card })).id,
        law.account
      )
      yield* other.unbind(handle)
      yield* same("a handle that was unbound", Option.isNone(yield* one.find({ _tag: "Handle", handle })), true)
    })),

  law(
    "D20 a handle or a card that another account has is refused",
    "taken",
    ({ one, other, token }, law) =>
      Effect.gen(function*() {
        const second = cast(token, "taken-2")
        yield* funded(one, law, 500)
        yield* tagged(yield* one.transact(second.open), "Approved")
        const handle = { kind: "code", value: law.name } as const
        yield* one.bind(handle, law.account)
        const taken = yield* Effect.result(other.bind(handle, second.account))
        if (Result.isSuccess(taken) || taken.failure._tag !== "HandleTaken") {
          return yield* broken("a handle leads to two accounts", "HandleTaken", taken)
        }
        const before = yield* stateOf(one, second.subject)
        const issue = second.envelope("window-ccb", { _tag: "IssueCard", card: law.card })
        yield* declinedAs(yield* other.transact(issue), "CardTaken")
        yield* declinedAs(yield* one.transact(issue), "CardTaken")
        yield* same("the account that was refused the card", yield* stateOf(one, second.subject), before)
        yield* tagged(
          yield* other.transact(second.envelope("window-ccb", { _tag: "IssueCard", card: second.card })),
          "Approved"
        )
        yield* agrees(one, second)
      })
  ),

  law("an account is opened once, however many ask at once", "open", ({ one, other }, law) =>
    Effect.gen(function*() {
      const asks = Array.from({ length: 8 }, (_, at) =>
        ({ ...law.open, id: Id.CommandId.make(`${law.name}.open-${at}`) }) as Command.Envelope)
      const answers = yield* Effect.forEach(asks, (ask, at) =>
        (at % 2 === 0 ? one : other).transact(ask), {
        concurrency: "unbounded"
      })
      yield* same("accounts opened", answers.filter(({ _tag }) => _tag === "Approved").length, 1)
      for (const answer of answers) if (answer._tag === "Declined") yield* declinedAs(answer, "AccountExists")
      yield* agrees(one, law)
    })),

  law(
    "I3 one id, one answer, however many send it at once",
    "at-once",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 5_000)
        const command = law.pay(700)
        const answers = yield* Effect.forEach(
          Array.from({ length: 24 }),
          (_, at) => (at % 2 === 0 ? one : other).transact(command),
          { concurrency: "unbounded" }
        )
        for (const answer of answers) yield* same("one of the answers", answer, answers[0])
        yield* same("what is left", (yield* stateOf(one, law.subject)).pockets.transit, 4_300)
        yield* agrees(one, law)
      })
  ),

  law(
    "two clients on one account never both spend the last fen",
    "last-fen",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 5_000)
        const answers = yield* Effect.forEach(
          Array.from({ length: 80 }, () => law.pay(250)),
          (command, at) => (at % 2 === 0 ? one : other).transact(command),
          { concurrency: "unbounded" }
        )
        yield* same("payments approved", answers.filter(({ _tag }) => _tag === "Approved").length, 20)
        yield* same("what is left", (yield* stateOf(one, law.subject)).pockets.transit, 0)
        yield* agrees(other, law)
      })
  ),

  law(
    "accounts do not wait for each other for ever: many at once all get their answers",
    "many",
    ({ one, other, token }, law) =>
      Effect.gen(function*() {
        const casts = [law, ...Array.from({ length: 5 }, (_, at) => cast(token, `many-${at}`))]
        yield* Effect.forEach(casts, (each) => funded(one, each, 3_000), { concurrency: "unbounded" })
        const commands = Array.from({ length: 10 }).flatMap(() => casts.map((each) => each.pay(100)))
        const answers = yield* Effect.forEach(
          commands,
          (command, at) => (at % 2 === 0 ? one : other).transact(command),
          {
            concurrency: "unbounded"
          }
        )
        for (const answer of answers) yield* tagged(answer, "Approved")
        yield* Effect.forEach(casts, (each) => agrees(one, each))
      })
  ),

  law(
    "D23 declined commands stand in the journal, in order, without proofs",
    "journal",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 100)
        const wrong = law.envelope(
          "canteen-1",
          { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(50), link: "up" },
          { proofs: { password: new Password.Proof(mintKey, 1, false) } }
        )
        yield* declinedAs(yield* one.transact(wrong), "PasswordWrong")
        yield* same("wrong tries", (yield* stateOf(other, law.subject)).password.tries.till?.wrong, 1)
        const history = yield* historyOf(other, law.account)
        const last = history.at(-1)
        yield* same("the last command in the journal", last?.command.id, wrong.id)
        yield* same("its answer", last?.answer._tag, "Declined")
        yield* same("its profile", last?.profile, "laws")
        yield* same("what is kept of it", Object.keys(last?.command ?? {}).includes("proofs"), false)
        yield* agrees(one, law)
      })
  ),

  law(
    "D24 a handle leads to its account and stays out of the journal",
    "privacy",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 500)
        const handle = { kind: "number", value: `${law.name}-personal` } as const
        const pay = { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(100), link: "up" } as const
        const byHandle = () => law.envelope("canteen-1", pay, { subject: { _tag: "Handle", handle } })
        yield* declinedAs(yield* one.transact(byHandle()), "UnknownHandle")
        yield* one.bind(handle, law.account)
        yield* tagged(yield* one.transact(byHandle()), "Approved")
        const entries = yield* Stream.runCollect(other.journal())
        yield* same("the handle in the journal", JSON.stringify(entries).includes(handle.value), false)
      })
  ),

  law(
    "R56 the history of an account comes in pages, newest first, declines included",
    "history",
    ({ one, other, token }, law) =>
      Effect.gen(function*() {
        const second = cast(token, "history-2")
        yield* funded(one, law, 1_000)
        yield* tagged(yield* one.transact(second.open), "Approved")
        for (const fen of [300, 701, 200]) yield* one.transact(law.pay(fen))
        const newestFirst = [...yield* historyOf(one, law.account)].reverse()
        yield* same("lines of the journal", newestFirst.length, 7)
        const whole = yield* other.history(law.account, { limit: 500 })
        yield* same("the whole history", whole, newestFirst)
        yield* same("its declines", whole.filter(({ answer }) => answer._tag === "Declined").length, 1)
        const paged: Array<Entry> = []
        for (let before: number | undefined;;) {
          const page = yield* other.history(law.account, { limit: 3, ...(before === undefined ? {} : { before }) })
          paged.push(...page)
          if (page.length < 3) break
          before = page.at(-1)?.sequence
        }
        yield* same("the pages together", paged, newestFirst)
        const oldest = newestFirst.at(-1)?.sequence ?? 0
        yield* same("what is before the first line", yield* one.history(law.account, { before: oldest, limit: 3 }), [])
        const nobody = Id.AccountId.make(`${law.name}.nobody`)
        yield* same("the history of nobody", yield* one.history(nobody, { limit: 3 }), [])
      })
  ),

  law(
    "R56 a page of history has 1 to 500 lines, whatever is asked for",
    "page",
    ({ one }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        const asked = [[0, 1], [-5, 1], [NaN, 1], [1.9, 1], [2, 2], [9_999, 4], [Infinity, 4]] as const
        for (const [limit, lines] of asked) {
          yield* same(`lines of ${limit}`, (yield* one.history(law.account, { limit })).length, lines)
        }
        const [, second] = yield* one.history(law.account, { limit: 2 })
        const sequence = second?.sequence ?? 0
        const bounds = [[sequence + 0.5, 3], [sequence, 2], [Infinity, 4], [-1, 0], [NaN, 0]] as const
        for (const [before, lines] of bounds) {
          yield* same(`lines before ${before}`, (yield* one.history(law.account, { before, limit: 9 })).length, lines)
        }
      })
  ),

  law(
    "R56 the journal goes on after any line, of one account and of all",
    "after",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 1_000)
        for (const fen of [300, 701, 200]) yield* one.transact(law.pay(fen))
        const own = yield* historyOf(one, law.account)
        yield* same("lines of the account", own.length, 7)
        const whole = yield* Stream.runCollect(other.journal())
        for (const [at, { sequence }] of own.entries()) {
          const rest = yield* Stream.runCollect(other.journal({ account: law.account, after: sequence }))
          yield* same(`the account's lines after ${sequence}`, rest, own.slice(at + 1))
          const after = yield* Stream.runCollect(other.journal({ after: sequence }))
          yield* same(`all lines after ${sequence}`, after, whole.filter((entry) => entry.sequence > sequence))
        }
        const [first, second] = own
        const bounds = [[NaN, 7], [-1, 7], [(first?.sequence ?? 0) + 0.5, 6], [second?.sequence, 5], [
          Infinity,
          0
        ]] as const
        for (const [after = 0, lines] of bounds) {
          const rest = yield* Stream.runCount(one.journal({ account: law.account, after }))
          yield* same(`lines after ${after}`, rest, lines)
        }
        const nobody = Id.AccountId.make(`${law.name}.nobody`)
        yield* same("the journal of nobody", yield* Stream.runCount(one.journal({ account: nobody, after: 0 })), 0)
      })
  ),

  law(
    "whoever goes on after the last line read misses none, also of commands that were under way meanwhile",
    "cursor",
    ({ one, other, token }, law) =>
      Effect.gen(function*() {
        const payers = Array.from({ length: 8 }, (_, at) => cast(token, `cursor-${at}`))
        for (const payer of [law, ...payers]) yield* funded(one, payer, 1_000)
        const start = (yield* historyOf(one, law.account)).at(-1)?.sequence ?? 0
        const paying = yield* Effect.forkChild(
          Effect.forEach(payers, (payer, at) =>
            Effect.forEach(
              Array.from({ length: 6 }, () => payer.pay(1)),
              (command) => (at % 2 === 0 ? one : other).transact(command)
            ), { concurrency: "unbounded" })
        )
        const read: Array<Entry> = []
        for (let isOver = false; !isOver;) {
          isOver = fiberIsOver(paying)
          const more = yield* Stream.runCollect(other.journal({ after: read.at(-1)?.sequence ?? start }))
          read.push(...more)
          yield* Effect.yieldNow
        }
        yield* Fiber.join(paying)
        yield* same("what was read bit by bit", read, yield* Stream.runCollect(one.journal({ after: start })))
        const paid = read.filter(({ answer, command: { body, id } }) =>
          answer._tag === "Approved" && body._tag === "PayByCode" && id.startsWith(`${law.name}-`)
        )
        yield* same("payments among it", paid.length, 48)
      })
  ),

  law(
    "a caller that is interrupted leaves all or nothing, and may ask again",
    "interrupted",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 5_000)
        const command = law.pay(900)
        const fiber = yield* Effect.forkChild(one.transact(command))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(fiber)
        yield* tagged(yield* other.transact(command), "Approved")
        yield* same("what is left", (yield* stateOf(other, law.subject)).pockets.transit, 4_100)
        yield* agrees(one, law)
      })
  ),

  law(
    "I1 all books together hold nothing, and nothing in them differs from accounts and events",
    "books",
    ({ one, other }, law) =>
      Effect.gen(function*() {
        yield* funded(one, law, 5_000)
        yield* tagged(yield* other.transact(law.pay(1_234)), "Approved")
        const report = yield* Effect.provideService(Books.check(), AccountStore, other)
        yield* same("what does not agree", report.breaks, [])
        yield* same("the sum of all books", Ledger.total(report.balances), 0)
      })
  )
]
