/**
 * How fast is one decision, and what share of a whole `transact` on the memory store is it?
 *
 * One account pays by card in the canteen, three times a day for years, so that its counters are full and no limit is
 * met. The same payments go through `Account.decide` alone and through `transact`, in turns, in one run: trust the
 * ratio, not the figures.
 */
import {
  Account,
  AccountState,
  CivilTime,
  type Command,
  Csmzxy,
  Id,
  Ledger,
  Money,
  SchoolProfile,
  Wallet
} from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Result } from "effect"
import { performance } from "node:perf_hooks"

const rounds = 7
const payments = 30_000
const start = CivilTime.instant("2026-03-02 07:00")
const card = Id.CardId.make("card-1")
const account = Id.AccountId.make("account-1")
const subject: Command.Subject = { _tag: "Account", account }
const profiles: SchoolProfile.History = Result.getOrThrow(SchoolProfile.history([Csmzxy.csmzxy]))

/** An account with an active card and money for all of it, made of the events that a real one is made of. */
const rich = AccountState.replay([
  {
    _tag: "AccountOpened",
    at: start,
    account,
    person: Id.PersonId.make("person-1"),
    kind: "student",
    class: "regular",
    credential: Id.CredentialId.make("bench/open"),
    mustChange: false,
    transfers: []
  },
  { _tag: "CardIssued", at: start, card, transfers: [] },
  { _tag: "CardActivated", at: start, card, day: CivilTime.dayOf(start), replaces: [] },
  {
    _tag: "SubsidyGranted",
    at: start,
    amount: Money.amount(1_000_000_000),
    transfers: Ledger.transfer(Wallet.subsidyFund, "chip", Money.amount(1_000_000_000))
  }
])

/** Breakfast, lunch and dinner, one fen to twelve yuan. */
const payment = (n: number): Command.Envelope => {
  const at = CivilTime.later(start, Math.floor(n / 3) * CivilTime.dayLength + (n % 3) * 5 * CivilTime.hour)
  return {
    caller: Id.CallerId.make("canteen-1"),
    id: Id.CommandId.make(`tap-${n}`),
    at,
    receivedAt: at,
    point: Id.PointId.make("canteen-1"),
    subject,
    body: { _tag: "PayByCard", card, amount: Money.amount(1 + (n * 7) % 1_200), link: "up" }
  }
}
const commands = Array.from({ length: payments }, (_, n) => payment(n))

/** How many of these a second. Every one must be approved, or it measures something else. */
const perSecond = (run: () => boolean): number => {
  const begun = performance.now()
  if (!run()) throw new Error("a payment was declined")
  return payments / (performance.now() - begun) * 1_000
}

const decideAll = (): boolean => {
  let state = rich
  return commands.every((command) => {
    const decision = Account.decide(profiles, state, command)
    state = decision.account
    return decision._tag === "Approved"
  })
}

/** The store decides for an account that it was opened with: the decision is the same, the writing comes on top. */
const transactAll = (): boolean => {
  const store = MemoryAccountStore.make(profiles, rich === undefined ? [] : [rich])
  return Effect.runSync(
    Effect.map(Effect.forEach(commands, store.transact), (answers) => answers.every(({ _tag }) => _tag === "Approved"))
  )
}

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
const figures = { decide: [] as Array<number>, transact: [] as Array<number>, share: [] as Array<number> }
for (let round = 0; round < rounds + 2; round++) {
  const decide = perSecond(decideAll)
  const transact = perSecond(transactAll)
  // The first rounds only warm the machine.
  if (round < 2) continue
  figures.decide.push(decide)
  figures.transact.push(transact)
  figures.share.push(transact / decide)
}
const count = (value: number): string => Math.round(value).toLocaleString("en")
console.log(`Account.decide, a purchase by card   ${count(median(figures.decide)).padStart(10)} a second`)
console.log(`transact on the memory store         ${count(median(figures.transact)).padStart(10)} a second`)
console.log(`the decision's share of transact     ${(100 * median(figures.share)).toFixed(0).padStart(9)} %`)
