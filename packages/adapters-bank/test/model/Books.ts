/** What the school's side says, read from its stores: attempts, orders, credits, and what its ledger holds. */
import { AccountStore, type Decider, PaymentAttempt, RechargeOrder, SubjectStore } from "@yikatong/core"
import { Effect, Stream } from "effect"
import { rechargedBy } from "../support/campus.ts"

const all = <State, Command, Event>(decider: Decider.Decider<State, Command, Event>) =>
  Effect.gen(function*() {
    const store = yield* SubjectStore.SubjectStore
    return Array.from(yield* Stream.runCollect(store.all(decider)), ({ state }) => state)
  })

export const attempts = all(PaymentAttempt.decider)
export const orders = all(RechargeOrder.decider)

/** Every credit that was ever written, the first first. */
export const credits = Effect.gen(function*() {
  const journal = yield* Stream.runCollect((yield* AccountStore.AccountStore).journal())
  return Array.from(journal).flatMap(({ events }) =>
    events.flatMap((event) => event._tag === "CreditRecorded" ? [event] : [])
  )
})

/** What the ledger says that came in through the channels, in fen. */
export const cameIn = Effect.gen(function*() {
  const balances = yield* (yield* AccountStore.AccountStore).balances
  return 0 - (balances.get(`channel:${rechargedBy}`) ?? 0)
})

/** The events of every subject of a kind, in order, by its name. */
export const histories = <State, Command, Event>(decider: Decider.Decider<State, Command, Event>) =>
  Effect.gen(function*() {
    const lives = new Map<string, Array<Event>>()
    yield* Stream.runForEach(
      (yield* SubjectStore.SubjectStore).journal(decider),
      ({ answer, subject }) =>
        Effect.sync(() => {
          if (answer._tag !== "Approved") return
          const life = lives.get(subject) ?? []
          life.push(...answer.events)
          lives.set(subject, life)
        })
    )
    return lives as ReadonlyMap<string, ReadonlyArray<Event>>
  })
