import { Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { hour, type Instant, instant, later, minute } from "../../src/CivilTime.ts"
import * as Driving from "../../src/flows/Driving.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import type * as PaymentAttempt from "../../src/PaymentAttempt.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { type Patience, patience } from "../../src/ports/RechargeChannel.ts"
import type { FundingSource } from "../../src/Recharge.ts"
import { Bank } from "./bank.ts"
import { Campus } from "./campus.ts"

const office = Id.PointId.make("card-centre")
const noon = instant("2026-03-02 12:00")
const fifty = Money.amount(5_000)

const opened = {
  number: `20260302${"A".repeat(20)}` as Id.OrderNumber,
  order: Id.OrderId.make("app:1"),
  index: 1,
  channel: "todayCampus",
  source: "weChat",
  amount: fifty,
  openedAt: noon,
  expiresAt: later(noon, 2 * hour)
} as const
const waiting: PaymentAttempt.Attempt = { _tag: "Waiting", ...opened, instruction: { _tag: "Nothing" } }
const payment = { ...opened, paidAt: noon, paidAmount: fifty, reference: "r", witness: "query" } as const
const paid: PaymentAttempt.Attempt = { _tag: "Paid", ...payment }
const returning: PaymentAttempt.Attempt = { _tag: "Returning", ...payment, reason: "late", dueAt: noon, since: noon }

describe("when an attempt is asked about next", () => {
  const over = 2 * hour + 5 * minute + 1
  it.each<[string, PaymentAttempt.Attempt, number | undefined, number | undefined]>([
    // which, when it was asked last, when it is asked next: milliseconds after it was opened
    ["nobody knows when it was asked", waiting, undefined, 77],
    ["just opened", waiting, 0, 5_000],
    ["asked first", waiting, 5_000, 15_000],
    ["asked late", waiting, 16_000, 30_000],
    ["two were missed", waiting, 14_999, 15_000],
    ["asked last", waiting, 30 * minute, 2 * hour],
    ["at its end", waiting, 2 * hour, over],
    ["after its end nobody knows", waiting, over, over + minute],
    ["hours after its end", waiting, over + 36 * minute, over + 36 * minute + 2 * hour],
    ["a day after its end, half as often", waiting, over + 36 * minute + 2 * hour, over + 36 * minute + 6 * hour],
    [
      "days after its end, half as often again",
      waiting,
      over + 36 * minute + 30 * hour,
      over + 36 * minute + 62 * hour
    ],
    ["weeks after its end: once a week", waiting, over + 60 * 24 * hour, over + 36 * minute + (254 + 8 * 168) * hour],
    ["paid, and cut off", paid, 1_000, 61_000],
    ["on its way back", returning, 0, minute],
    ["on its way back for longer", returning, minute, 6 * minute],
    ["on its way back for hours", returning, 36 * minute, 156 * minute],
    ["on its way back, again and again", returning, 156 * minute, 276 * minute],
    ["closed", { _tag: "Closed", ...opened, closedAt: noon }, undefined, undefined],
    ["kept", { _tag: "Kept", ...payment, keptAt: noon }, undefined, undefined]
  ])("%s", (_, attempt, lastAsked, next) => {
    const at = (ms: number | undefined): Instant | undefined => ms === undefined ? undefined : later(noon, ms)
    expect(Driving.nextAsk(attempt, patience, at(lastAsked), later(noon, 77))).toBe(at(next))
  })

  it.each<[string, Patience, ReadonlyArray<number>]>([
    // the patience, and how many hours after each other an unpaid attempt is asked about from its end on
    ["as advised", { ...patience, refunds: [hour] }, [1, 2, 4, 8, 16, 32, 64, 128, 168, 168]],
    ["of a channel that can hardly say more", { ...patience, refunds: [hour], most: 5 * hour }, [1, 2, 4, 5, 5, 5]],
    ["shorter than its first distance", { ...patience, refunds: [hour, 9 * hour], most: 2 * hour }, [1, 2, 2, 2]]
  ])("past its end less and less often, up to the longest distance %s", (_, patience, distances) => {
    let lastAsked = later(noon, over)
    const hours = distances.map(() => {
      const next = Driving.nextAsk(waiting, patience, lastAsked, noon) ?? noon
      const distance = (next - lastAsked) / hour
      lastAsked = next
      return distance
    })
    expect(hours).toEqual(distances)
    // Money that has to go back is asked for as often as ever.
    const due = Driving.nextAsk(returning, patience, later(noon, 1_000 * hour), noon) ?? noon
    expect(due - later(noon, 1_000 * hour)).toBeLessThanOrEqual(patience.refunds.at(-1) ?? 0)
  })

  it("patience without a distance never asks without a pause", () => {
    const none = { asks: [], grace: 0, refunds: [] }
    expect(Driving.nextAsk(returning, none, noon, noon)).toBe(later(noon, hour))
    expect(Driving.nextAsk(returning, { ...none, refunds: [0] }, noon, noon)).toBe(later(noon, 1_000))
  })
})

/** A campus whose clock is the test's, two banks, and the driver. */
const driven = () => {
  const weChat = new Bank("weChatPay", { source: "weChat" })
  const union = new Bank("unionPay", { source: "unionPayCard" })
  const here = new Campus(weChat.channel, union.channel)
  const times: Array<readonly [string, number]> = []
  for (const bank of [weChat, union]) {
    bank.around = (call, operation) =>
      Effect.andThen(
        Effect.clockWith((clock) =>
          Effect.map(clock.currentTimeMillis, (now) => {
            if (operation === "query") times.push([bank.name, now - noon])
          })
        ),
        call
      )
  }
  const place = (source: FundingSource) =>
    Effect.gen(function*() {
      const placed = yield* Recharging.place(here.says("today-campus", {
        _tag: "PlaceRecharge",
        channel: "todayCampus",
        source,
        holder: "own",
        amount: fifty
      }))
      if (placed._tag !== "Placed") throw new Error("not placed")
      return placed.attempt
    })
  const run = <A, E>(
    test: Effect.Effect<A, E, Parameters<Campus["run"]>[0] extends Effect.Effect<unknown, unknown, infer R> ? R : never>
  ) =>
    Effect.runPromise(Effect.scoped(
      Effect.andThen(Effect.andThen(TestClock.setTime(noon), here.furnished), test).pipe(
        Effect.provide(Layer.merge(here.layer, TestClock.layer()))
      )
    ))
  return { weChat, union, here, times, place, run }
}

describe("the driver of recharges (D2, D21)", () => {
  it("holds the schedule of its channel to the millisecond, until the attempt is closed", async () => {
    const { place, run, times } = driven()
    await run(Effect.gen(function*() {
      const driver = yield* Effect.forkChild(Driving.run(office))
      yield* place("weChat")
      for (let seconds = 0; seconds < 3 * 3_600; seconds++) yield* TestClock.adjust(1_000)
      expect(times.map(([, at]) => at)).toEqual([
        5_000,
        15_000,
        30_000,
        minute,
        3 * minute,
        10 * minute,
        30 * minute,
        2 * hour,
        // Asked, closed, and asked afterwards.
        2 * hour + 5 * minute + 1,
        2 * hour + 5 * minute + 1
      ])
      yield* Fiber.interrupt(driver)
    }))
  })

  it("a channel that hangs keeps no other waiting, and is told after its limit", async () => {
    const { place, run, union, weChat } = driven()
    await run(Effect.gen(function*() {
      yield* place("weChat")
      const other = yield* place("unionPayCard")
      weChat.around = (call, operation) => operation === "query" ? Effect.never : call
      union.pay(other.number, noon)
      yield* TestClock.adjust(1_000)
      const troubles: Array<string> = []
      const told = ({ of }: Driving.Trouble) => Effect.sync(() => void troubles.push(of))
      const driver = yield* Effect.forkChild(Driving.run(office, { told, concurrency: 1 }))
      yield* TestClock.adjust(1_000)
      const confirmed = yield* Recharging.confirm({ id: other.order }, office)
      // It was the driver who credited it.
      expect(confirmed).toMatchObject({ order: { _tag: "Credited" }, answer: Option.none() })
      expect(troubles).toEqual([])
      yield* TestClock.adjust("1 minute")
      expect(troubles.length).toBe(1)
      yield* Fiber.interrupt(driver)
    }))
  })

  it.each(["before it", "after it"])(
    "I3 its clock is set back by hours: an order that was placed %s is led on",
    async (when) => {
      const { here, place, run, weChat } = driven()
      let now: number = noon
      const host = HostClock.provide(() => now)
      /** Sleeping goes on as it did; what the clock says is another matter. */
      const pass = (seconds: number) =>
        Effect.replicateEffect(
          Effect.suspend(() => {
            now += 1_000
            return TestClock.adjust(1_000)
          }),
          seconds
        )
      const placed = Effect.suspend(() => {
        here.now = now as Instant
        return host(place("weChat"))
      })
      await run(Effect.gen(function*() {
        const driver = yield* Effect.forkChild(host(Driving.run(office)))
        const early = when === "before it" ? yield* placed : undefined
        yield* pass(12)
        now -= 5 * hour
        const attempt = early ?? (yield* placed)
        weChat.pay(attempt.number, now as Instant)
        yield* pass(15)
        const asked = weChat.asked.length
        // It was the driver who credited it.
        expect(yield* host(Recharging.confirm({ id: attempt.order }, office))).toMatchObject({
          order: { _tag: "Credited" },
          answer: Option.none()
        })
        // And it does not ask without a pause.
        expect(asked).toBeLessThan(8)
        yield* Fiber.interrupt(driver)
      }))
    }
  )

  it("started again it asks at once; what fails is told and ends nothing", async () => {
    const { place, run, times, weChat } = driven()
    await run(Effect.gen(function*() {
      yield* place("weChat")
      yield* TestClock.adjust("7 seconds")
      const around = weChat.around
      weChat.around = (call, operation) => operation === "query" ? Effect.die("a defect of the adapter") : call
      const troubles: Array<string> = []
      const told = ({ of }: Driving.Trouble) =>
        Effect.andThen(Effect.sync(() => void troubles.push(of)), Effect.die("told"))
      const driver = yield* Effect.forkChild(Driving.run(office, { told }))
      yield* TestClock.adjust(1)
      expect(troubles.length).toBe(1)
      weChat.around = around
      yield* TestClock.adjust("8 seconds")
      expect(times.map(([, at]) => at)).toEqual([15_000])
      yield* Fiber.interrupt(driver)
    }))
  })
})
