import { Effect, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import type { AccountState } from "../src/AccountState.ts"
import * as Books from "../src/flows/Books.ts"
import * as Id from "../src/Id.ts"
import type * as Ledger from "../src/Ledger.ts"
import { AccountStore, type Entry } from "../src/ports/AccountStore.ts"
import { SubjectStore } from "../src/ports/SubjectStore.ts"
import * as MemoryAccountStore from "../src/testing/MemoryAccountStore.ts"
import * as MemorySubjectStore from "../src/testing/MemorySubjectStore.ts"
import * as Vouchers from "../src/testing/Vouchers.ts"
import { csmzxy, Life, yuan } from "./support/Life.ts"

type Store = AccountStore["Service"]

const account = Id.AccountId.make("acc-1")

/** Frozen 100.00, wallet 32.00, transit 20.00, a debt of 5.00; a refusal stands in the journal, and the recharge of 20.00 last but one. */
const life = Life.of(csmzxy, { chip: "100.00" }).withWallet("50.00").at("2025-11-03 12:00")
  .pay("ecode", "18.00").pay("ecode", "99.00").replace("card-2").recharge("ccbApp", "20.00")
  .cutOff("late", "5.00").later(60_000).arrives("late")

/** A store that has lived it. */
const lived = async (): Promise<Store> => {
  const store = MemoryAccountStore.make([csmzxy])
  const subject = { _tag: "Account", account } as const
  for (const envelope of life.envelopes) await Effect.runPromise(store.transact({ ...envelope, subject }))
  return store
}

const check = (store: Store): Promise<Books.Report> =>
  Effect.runPromise(Effect.provideService(Books.check(), AccountStore, store))

/** The same store, of which one thing is told otherwise. */
const tampered = (
  store: Store,
  { accounts = (all) => all, balances = (all) => all, entries = (all) => all }: {
    readonly entries?: (all: ReadonlyArray<Entry>) => ReadonlyArray<Entry>
    readonly accounts?: (all: ReadonlyArray<AccountState>) => ReadonlyArray<AccountState>
    readonly balances?: (all: Ledger.Balances) => Ledger.Balances
  }
): Store => ({
  ...store,
  journal: (which) =>
    Stream.unwrap(Effect.map(Stream.runCollect(store.journal(which)), (all) => Stream.fromIterable(entries(all)))),
  accounts: Stream.unwrap(Effect.map(Stream.runCollect(store.accounts), (all) => Stream.fromIterable(accounts(all)))),
  balances: Effect.map(store.balances, balances)
})

const breaksOf = async (how: Parameters<typeof tampered>[1]): Promise<ReadonlyArray<Books.Break>> =>
  (await check(tampered(await lived(), how))).breaks

/** The accounts, each with something changed. */
const changed = (change: (account: AccountState) => Partial<AccountState>) => ({
  accounts: (all: ReadonlyArray<AccountState>) => all.map((one) => ({ ...one, ...change(one) }))
})

/** The balances, with so many fen more in these books. */
const more = (books: Readonly<Record<string, number>>) => ({
  balances: (all: Ledger.Balances) =>
    new Map([...all, ...Object.entries(books).map(([book, fen]) => [book, (all.get(book) ?? 0) + fen] as const)])
})

describe("books that balance (I1, I5, I13)", () => {
  it("I13 a store that keeps its promises has no break, and all of it was looked at", async () => {
    const report = await check(await lived())
    expect(report.breaks).toEqual([])
    expect(report.accounts).toBe(1)
    expect(report.commands).toBe(life.envelopes.length)
    expect(report.events).toBe(life.events.length)
    expect(report.transfers).toBe(life.events.flatMap((event) => "transfers" in event ? event.transfers : []).length)
    expect(report.balances.get("acc-1/transit")).toBe(yuan("20.00"))
    expect(report.balances.get("acc-1/receivable")).toBe(-yuan("5.00"))
    expect([...report.balances.values()].reduce((sum, fen) => sum + fen, 0)).toBe(0)
  })

  it("I1 an empty store balances", async () => {
    expect(await check(MemoryAccountStore.make([csmzxy])))
      .toEqual({ accounts: 0, subjects: 0, commands: 0, events: 0, transfers: 0, balances: new Map(), breaks: [] })
  })

  it("I1 a book that nobody knows breaks nothing as long as it holds nothing", async () => {
    expect(await breaksOf(more({ "merchant:nobody": 0 }))).toEqual([])
  })
})

describe("every break is named, and nothing else (I1, I5, I13)", () => {
  it("I13 an event that is gone from the journal: its books, its pocket, and the state that it made", async () => {
    const dropped = (event: { readonly _tag: string }) => event._tag !== "Purchased"
    const entries = (all: ReadonlyArray<Entry>) =>
      all.map((entry) => ({ ...entry, events: entry.events.filter(dropped) }))
    expect(await breaksOf({ entries })).toEqual([
      { _tag: "BookDiffers", book: "acc-1/wallet", byTransfers: 3_200, byEvents: 5_000 },
      { _tag: "BookDiffers", book: "merchant:canteen-1", byTransfers: 1_800, byEvents: 0 },
      { _tag: "AnswerDiffers", account, sequence: 12, book: "acc-1/wallet", told: 3_200, byEvents: 5_000 },
      { _tag: "PocketDiffers", account, book: "acc-1/wallet", state: 3_200, byEvents: 5_000 },
      { _tag: "StateDiffers", account, field: "pockets" },
      { _tag: "StateDiffers", account, field: "tallies" },
      { _tag: "StateDiffers", account, field: "recent" },
      { _tag: "StateDiffers", account, field: "version" }
    ])
  })

  it("I13 an event that moves no money: the field of the state that it made", async () => {
    const entries = (all: ReadonlyArray<Entry>) =>
      all.map((entry) => ({ ...entry, events: entry.events.filter(({ _tag }) => _tag !== "BankCardBound") }))
    expect(await breaksOf({ entries })).toEqual([
      { _tag: "StateDiffers", account, field: "wallet" },
      { _tag: "StateDiffers", account, field: "version" }
    ])
  })

  it("I13 an event that stands in the journal twice", async () => {
    const twice = (events: Entry["events"]): Entry["events"] =>
      events.flatMap((event): Entry["events"] => event._tag === "Purchased" ? [event, event] : [event])
    const entries = (all: ReadonlyArray<Entry>) => all.map((entry) => ({ ...entry, events: twice(entry.events) }))
    expect((await breaksOf({ entries })).slice(0, 4)).toEqual([
      { _tag: "BookDiffers", book: "acc-1/wallet", byTransfers: 3_200, byEvents: 1_400 },
      { _tag: "BookDiffers", book: "merchant:canteen-1", byTransfers: 1_800, byEvents: 3_600 },
      { _tag: "AnswerDiffers", account, sequence: 12, book: "acc-1/wallet", told: 3_200, byEvents: 1_400 },
      { _tag: "PocketDiffers", account, book: "acc-1/wallet", state: 3_200, byEvents: 1_400 }
    ])
  })

  it("I13 an answer that told its caller another sum: the line, and only the first one of an account", async () => {
    const entries = (all: ReadonlyArray<Entry>) =>
      all.map((entry): Entry =>
        entry.answer._tag === "Approved" && entry.sequence > 11
          ? { ...entry, answer: { ...entry.answer, pockets: { ...entry.answer.pockets, wallet: yuan("31.99") } } }
          : entry
      )
    expect(await breaksOf({ entries })).toEqual([
      { _tag: "AnswerDiffers", account, sequence: 12, book: "acc-1/wallet", told: 3_199, byEvents: 3_200 }
    ])
  })

  it("I5 a transfer that was written twice: both of its books", async () => {
    expect(await breaksOf(more({ "channel:ccbApp": -2_000, "acc-1/transit": 2_000 }))).toEqual([
      { _tag: "BookDiffers", book: "channel:ccbApp", byTransfers: -14_000, byEvents: -12_000 },
      { _tag: "BookDiffers", book: "acc-1/transit", byTransfers: 4_000, byEvents: 2_000 }
    ])
  })

  it.each([
    ["made", "acc-1/transit", 1, 2_001, 2_000],
    ["lost", "acc-1/transit", -1, 1_999, 2_000],
    ["made in a book that nobody knows", "merchant:nobody", 1, 1, 0]
  ])("I1 one fen that was %s", async (_, book, total, byTransfers, byEvents) => {
    expect(await breaksOf(more({ [book]: total }))).toEqual([
      { _tag: "MoneyMadeOrLost", total },
      { _tag: "BookDiffers", book, byTransfers, byEvents }
    ])
  })

  it("I1 a book that is gone", async () => {
    const without = (book: string) => ({
      balances: (all: Ledger.Balances) => new Map([...all].filter(([name]) => name !== book))
    })
    expect(await breaksOf(without("acc-1/wallet"))).toEqual([
      { _tag: "MoneyMadeOrLost", total: -3_200 },
      { _tag: "BookDiffers", book: "acc-1/wallet", byTransfers: 0, byEvents: 3_200 }
    ])
    expect(await breaksOf(without("acc-1/chip"))).toEqual([])
  })

  it.each(
    [
      ["chip", 0],
      ["transit", 2_000],
      ["wallet", 3_200],
      ["subsidy", 0],
      ["frozen", 10_000],
      ["held", 0],
      ["receivable", 500]
    ] as const
  )("I5 D10 the pocket %s of an account, one fen off", async (pocket, byEvents) => {
    const change = ({ pockets }: AccountState) => ({ pockets: { ...pockets, [pocket]: byEvents + 1 } })
    expect(await breaksOf(changed(change))).toEqual([
      { _tag: "PocketDiffers", account, book: `acc-1/${pocket}`, state: byEvents + 1, byEvents },
      { _tag: "StateDiffers", account, field: "pockets" }
    ])
  })

  it.each<readonly [string, (account: AccountState) => Partial<AccountState>, string]>([
    ["a counter", ({ tallies }) => ({ tallies: { ...tallies, cells: [] } }), "tallies"],
    ["a card", ({ cards }) => ({ cards: cards.slice(1) }), "cards"],
    ["the password", ({ password }) => ({ password: { ...password, version: 9 } }), "password"],
    ["what has been posted", () => ({ posted: [] }), "posted"],
    ["the version", ({ version }) => ({ version: version + 1 }), "version"],
    ["a field that should not be there", ({ openedAt }) => ({ closing: { since: openedAt } }), "closing"]
  ])("I13 %s of an account is not what its events make it", async (_, change, field) => {
    expect(await breaksOf(changed(change))).toEqual([{ _tag: "StateDiffers", account, field }])
  })

  it("I13 a field that is not there", async () => {
    const accounts = (all: ReadonlyArray<AccountState>) => all.map(({ validFrom: _, ...rest }) => rest)
    expect(await breaksOf({ accounts })).toEqual([{ _tag: "StateDiffers", account, field: "validFrom" }])
  })

  it("I13 an account that is missing", async () => {
    expect(await breaksOf({ accounts: () => [] })).toEqual([{ _tag: "AccountMissing", account }])
  })

  it("I13 an account of which the journal says nothing", async () => {
    const other = Id.AccountId.make("acc-2")
    const accounts = (all: ReadonlyArray<AccountState>) => [...all, ...all.map((one) => ({ ...one, id: other }))]
    expect(await breaksOf({ accounts })).toEqual([{ _tag: "EventsMissing", account: other }])
  })

  it.each(["AccountOpened", "CreditRecorded"] as const)(
    "I13 without %s the rest cannot be replayed: the account and the line where it fails are named",
    async (tag) => {
      const entries = (all: ReadonlyArray<Entry>) =>
        all.map((entry) => ({ ...entry, events: entry.events.filter(({ _tag }) => _tag !== tag) }))
      const breaks = await breaksOf({ entries })
      expect(breaks.filter(({ _tag }) => _tag === "ReplayFailed")).toMatchObject([{
        account,
        sequence: expect.any(Number)
      }])
    }
  )

  it("I13 several breaks at once: all are named", async () => {
    const { balances } = more({ "acc-1/transit": 1 })
    expect((await breaksOf({ balances, accounts: () => [] })).map(({ _tag }) => _tag))
      .toEqual(["MoneyMadeOrLost", "BookDiffers", "AccountMissing"])
  })
})

describe("the books of the other subjects (D21)", () => {
  type Subjects = SubjectStore["Service"]
  const vouchers = Vouchers.decider("vouchers", { from: "school:vouchers", to: "merchant:canteen-1" })

  /** Two batches; 300 vouchers of the first are redeemed, a refusal stands in the journal. */
  const issued = async (): Promise<Subjects> => {
    const store = MemorySubjectStore.make([csmzxy])
    const commands: ReadonlyArray<readonly [subject: string, body: Vouchers.Command]> = [
      ["batch-1", { _tag: "Issue", vouchers: 500 }],
      ["batch-2", { _tag: "Issue", vouchers: 9 }],
      ["batch-1", { _tag: "Redeem", vouchers: 300, note: Option.none() }],
      ["batch-2", { _tag: "Redeem", vouchers: 10, note: Option.none() }]
    ]
    for (const [at, [subject, body]] of commands.entries()) {
      const [caller, id] = [Id.CallerId.make("test"), Id.CommandId.make(`voucher-${at}`)]
      await Effect.runPromise(store.transact(vouchers, { caller, id, subject, receivedAt: life.now, body }))
    }
    return store
  }

  const checkAll = (accounts: Store, subjects: Subjects, ...kinds: ReadonlyArray<Books.Kind>) =>
    Books.check(...kinds).pipe(
      Effect.provideService(AccountStore, accounts),
      Effect.provideService(SubjectStore, subjects),
      Effect.runPromise
    )

  /** The same store, of which the journal, the subjects or the balances are told otherwise. */
  const told = (store: Subjects, how: Partial<Pick<Subjects, "all" | "journal" | "balances">>): Subjects => ({
    ...store,
    ...how
  })

  it("I1 the balances of both stores stand in the report as one", async () => {
    const report = await checkAll(await lived(), await issued())
    expect(report.breaks).toEqual([])
    expect(report.balances.get("merchant:canteen-1")).toBe(yuan("18.00") + 300)
    expect(report.balances.get("school:vouchers")).toBe(-300)
    expect([...report.balances.values()].reduce((sum, fen) => sum + fen, 0)).toBe(0)
    expect(report.subjects).toBe(0)
  })

  it("I13 a kind that is named is replayed and counted", async () => {
    const [alone, both] = [
      await check(await lived()),
      await checkAll(await lived(), await issued(), Books.kind(vouchers))
    ]
    expect(both.breaks).toEqual([])
    expect(both.subjects).toBe(2)
    expect(both.commands).toBe(alone.commands + 4)
    expect(both.events).toBe(alone.events + 3)
    expect(both.transfers).toBe(alone.transfers + 1)
  })

  it("I1 a kind that is named where the campus has no subjects breaks nothing", async () => {
    const report = await Effect.runPromise(
      Effect.provideService(Books.check(Books.kind(vouchers)), AccountStore, await lived())
    )
    expect(report.breaks).toEqual([])
  })

  it("I1 a fen that was made in the books of the subjects", async () => {
    const store = await issued()
    const balances = Effect.map(store.balances, (all) => new Map([...all, ["school:vouchers", -299]]))
    expect((await checkAll(await lived(), told(store, { balances }))).breaks)
      .toEqual([{ _tag: "MoneyMadeOrLost", total: 1 }])
    expect((await checkAll(await lived(), told(store, { balances }), Books.kind(vouchers))).breaks).toEqual([
      { _tag: "MoneyMadeOrLost", total: 1 },
      { _tag: "BookDiffers", book: "school:vouchers", byTransfers: -299, byEvents: -300 }
    ])
  })

  it("I5 a posting that was written twice: both of its books", async () => {
    const store = await issued()
    const balances = Effect.map(store.balances, (all) => new Map([...all].map(([book, fen]) => [book, 2 * fen])))
    expect((await checkAll(await lived(), told(store, { balances }), Books.kind(vouchers))).breaks).toEqual([
      { _tag: "BookDiffers", book: "merchant:canteen-1", byTransfers: 2_400, byEvents: 2_100 },
      { _tag: "BookDiffers", book: "school:vouchers", byTransfers: -600, byEvents: -300 }
    ])
  })

  it("I13 a state that its events do not make, a subject that is gone, and one of which the journal says nothing", async () => {
    const store = await issued()
    const other = await checkAll(await lived(), store, Books.kind({ ...vouchers, evolve: otherwise }))
    expect(other.breaks).toEqual([
      { _tag: "SubjectDiffers", kind: "vouchers", subject: "batch-1" },
      { _tag: "SubjectDiffers", kind: "vouchers", subject: "batch-2" }
    ])
    const gone = await checkAll(await lived(), told(store, { all: () => Stream.empty }), Books.kind(vouchers))
    expect(gone.breaks).toEqual([
      { _tag: "SubjectMissing", kind: "vouchers", subject: "batch-1" },
      { _tag: "SubjectMissing", kind: "vouchers", subject: "batch-2" }
    ])
    const balances = Effect.succeed(new Map<string, number>())
    const silent = told(store, { journal: () => Stream.empty, balances })
    expect((await checkAll(await lived(), silent, Books.kind(vouchers))).breaks).toEqual(other.breaks)
  })

  it("I13 an event that cannot follow those before it: the subject and its line are named", async () => {
    const evolve: typeof vouchers.evolve = (state, event) => {
      if (event._tag === "Redeemed") throw new Error("nothing was issued")
      return vouchers.evolve(state, event)
    }
    expect((await checkAll(await lived(), await issued(), Books.kind({ ...vouchers, evolve }))).breaks)
      .toEqual([{ _tag: "SubjectReplayFailed", kind: "vouchers", subject: "batch-1", sequence: 3 }])
  })

  const otherwise: typeof vouchers.evolve = (state, event) => ({ ...vouchers.evolve(state, event), left: 1 })
})
