// Whatever leads a recharge on is killed at each call of a port, and begun again: credited once or given back once.
import { Effect, type Layer, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { dayLength, hour, later } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import type { OrderNumber } from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import type { Bank } from "./bank.ts"
import { type Campus, pockets } from "./campus.ts"
import { attemptOf, begun, drive, homeless, office } from "./twoBanks.ts"

type All = ReturnType<typeof begun>
type Services = Layer.Success<Campus["layer"]>
/** What is done, and may be done again by whoever was cut off; and the payments that it is about. */
interface Act {
  readonly numbers: ReadonlyArray<OrderNumber>
  readonly does: Effect.Effect<unknown, unknown, Services>
}

const tradeOf = ({ trades }: Bank, number: string) => {
  const trade = trades.get(number)
  if (trade === undefined) throw new Error("no trade")
  return trade
}

/** A payment that has to go back, and that the channel could not send. */
const failed = Effect.fnUntraced(function*(all: All) {
  all.weChat.refundSays = "Abnormal"
  const { attempt } = yield* homeless(all)
  yield* drive
  return attempt
})

const stories: ReadonlyArray<
  readonly [
    string,
    terms: Parameters<typeof begun>[0],
    begin: (all: All) => Effect.Effect<Act, unknown, Services>,
    ends: ReadonlyArray<string>,
    credited: number,
    /** How often each payment went back at its bank. */
    back: ReadonlyArray<number>,
    stuck: ReadonlyArray<string>
  ]
> = [
  [
    "two channels pay one order",
    {},
    (all) =>
      Effect.gen(function*() {
        const { here, place, turn, union, weChat } = all
        const { attempt: one, order } = yield* place()
        const { attempt: other } = yield* turn(order)
        union.pay(other.number, here.now)
        weChat.pay(one.number, here.now, undefined, true)
        const does = Effect.andThen(
          Recharging.hear("unionPay", union.says("paid", other.number), office),
          Recharging.hear("weChatPay", weChat.says("paid", one.number), office)
        )
        return { numbers: [one.number, other.number], does }
      }),
    ["Kept", "Returned"],
    5_000,
    [0, 1],
    []
  ],
  [
    "the account is closed before it is paid",
    {},
    (all) =>
      Effect.map(homeless(all), ({ attempt, order }) => ({
        numbers: [attempt.number],
        does: Recharging.confirm(order, office)
      })),
    ["Returned"],
    0,
    [1],
    []
  ],
  [
    "a refund that failed is sent again",
    {},
    (all) =>
      Effect.gen(function*() {
        const attempt = yield* failed(all)
        all.weChat.refundSays = "Done"
        return { numbers: [attempt.number], does: Recharging.returnAgain(attempt.number, office) }
      }),
    ["Returned"],
    0,
    [1],
    []
  ],
  [
    "a refund that failed is sent again, and fails again",
    {},
    (all) =>
      Effect.gen(function*() {
        const attempt = yield* failed(all)
        return { numbers: [attempt.number], does: Recharging.returnAgain(attempt.number, office) }
      }),
    ["ReturnFailed"],
    0,
    [0],
    ["ReturnFailed"]
  ],
  [
    "a refund that failed is sent by hand",
    {},
    (all) =>
      Effect.gen(function*() {
        const attempt = yield* failed(all)
        tradeOf(all.weChat, attempt.number).back = 1
        return { numbers: [attempt.number], does: Recharging.returned(attempt.number, office) }
      }),
    ["Returned"],
    0,
    [1],
    []
  ],
  [
    "a channel without refunds, sent by hand",
    { without: ["refund", "queryRefund"] },
    (all) =>
      Effect.gen(function*() {
        const { attempt } = yield* homeless(all)
        yield* drive
        tradeOf(all.weChat, attempt.number).back = 1
        return { numbers: [attempt.number], does: Recharging.returned(attempt.number, office) }
      }),
    ["Returned"],
    0,
    [1],
    []
  ],
  [
    "the channel tells that a refund is done",
    {},
    (all) =>
      Effect.gen(function*() {
        all.weChat.refundSays = "Accepted"
        const { attempt } = yield* homeless(all)
        yield* drive
        const number = all.weChat.askedBack[0] ?? ""
        all.weChat.refunds.set(number, "Done")
        tradeOf(all.weChat, attempt.number).back = 1
        const does = Recharging.hear("weChatPay", all.weChat.says("refund", number), office)
        return { numbers: [attempt.number], does }
      }),
    ["Returned"],
    0,
    [1],
    []
  ],
  [
    "the bank takes back what was credited, and a person sees to it",
    {},
    (all) =>
      Effect.gen(function*() {
        const { here, place, weChat } = all
        const { attempt, order } = yield* place()
        weChat.pay(attempt.number, here.now)
        yield* Recharging.confirm(order, office)
        tradeOf(weChat, attempt.number).back = 1
        const does = Effect.andThen(
          Recharging.hear("weChatPay", weChat.says("takenBack", attempt.number), office),
          Recharging.giveUp(attempt.number, office)
        )
        return { numbers: [attempt.number], does }
      }),
    ["SeenTo"],
    5_000,
    [1],
    []
  ],
  [
    "nobody ever knows, and a person gives up",
    {},
    (all) =>
      Effect.gen(function*() {
        const { here, place, weChat } = all
        const { attempt, order } = yield* place()
        weChat.silent = "Unclear"
        here.now = later(order.expiresAt, dayLength + 1)
        return { numbers: [attempt.number], does: Recharging.giveUp(attempt.number, office) }
      }),
    ["Closed"],
    0,
    [0],
    []
  ]
]

/** The ports of a story, each call of which is counted, and killed where its number is due. */
const watched = (all: All, at: number, when: "after" | "before") => {
  let calls = 0
  const through = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      if (++calls !== at) return call
      return when === "before" ? Effect.die("killed") : Effect.andThen(call, Effect.die("killed"))
    })
  const watch = <A, E>(does: Effect.Effect<A, E, Services>) => {
    for (const bank of [all.weChat, all.union]) bank.around = through
    return does.pipe(
      Effect.updateService(SubjectStore, (store): SubjectStore["Service"] => ({
        ...store,
        find: (decider, subject) => through(store.find(decider, subject)),
        transact: (decider, submitted) => through(store.transact(decider, submitted))
      })),
      Effect.updateService(AccountStore, (store): AccountStore["Service"] => ({
        ...store,
        transact: (envelope) => through(store.transact(envelope)),
        find: (subject) => through(store.find(subject)),
        retire: (key) => through(store.retire(key))
      })),
      Effect.exit,
      Effect.ensuring(Effect.sync(() => {
        for (const bank of [all.weChat, all.union]) bank.around = (call) => call
      }))
    )
  }
  return { watch, count: () => calls }
}

describe.each(stories)("D2 D21 I3 %s", (_, terms, begin, ends, credited, back, stuck) => {
  it.each<["after" | "before", "by its driver alone" | "by who began it"]>([
    ["before", "by its driver alone"],
    ["after", "by its driver alone"],
    ["before", "by who began it"],
    ["after", "by who began it"]
  ])("killed %s any call, and led on %s", async (when, how) => {
    let cuts = 0
    for (let at = 1;; at++) {
      const all = begun(terms)
      const { here, union, weChat } = all
      const calls = await here.run(Effect.gen(function*() {
        const { does, numbers } = yield* begin(all)
        const { count, watch } = watched(all, at, when)
        yield* watch(does)
        const ofAll = [...weChat.trades, ...union.trades]
        const went = () => numbers.map((number) => new Map(ofAll).get(number)?.back ?? 0)
        const total = back.reduce((sum, times) => sum + times, 0)
        const rounds = Effect.gen(function*() {
          for (let round = 0; round < 3; round++) {
            here.now = later(here.now, hour)
            yield* drive
            expect(went().reduce((sum, times) => sum + times, 0)).toBeLessThanOrEqual(total)
          }
        })
        if (how === "by its driver alone") yield* rounds
        yield* does
        yield* rounds
        const attempts = yield* Effect.forEach(numbers, attemptOf)
        expect(attempts.map(({ _tag }) => _tag).toSorted()).toEqual(ends.toSorted())
        expect(went().toSorted()).toEqual(back.toSorted())
        expect((yield* pockets).transit).toBe(credited)
        const journal = yield* Stream.runCollect((yield* AccountStore).journal())
        const credits = journal.flatMap(({ events }) => events).filter((event) => event._tag === "CreditRecorded")
        expect(credits).toHaveLength(credited === 0 ? 0 : 1)
        expect((yield* Recharging.stuck).map(({ _tag }) => _tag)).toEqual(stuck)
        const open = yield* Recharging.open
        expect(open.attempts).toEqual([])
        expect(open.orders).toEqual([])
        return count()
      }))
      if (calls < at) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
  })
})
