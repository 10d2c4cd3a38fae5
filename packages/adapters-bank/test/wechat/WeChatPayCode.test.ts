import { CivilTime, Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import { patiently } from "../support/inProcess.ts"
import { attempt, counter, type Meanwhile, pays, run, showing, start, tagOf } from "./counter.ts"

const alive = "130000000000000002"
const asksForPassword = "130000000000000001"
const wantsTwo = "130000000000000007"

/** A payer with 100.00 whose code was charged, so many seconds ago. */
const charged = Effect.fnUntraced(function*(code: string, seconds: number, meanwhile: Meanwhile = {}) {
  const { channel, there } = yield* counter({ scene: "payCode" }, meanwhile)
  there.house.purses.put(code, Money.of(10_000))
  const shown = attempt({ expiresAt: CivilTime.later(start, channel.patience.life ?? 0) })
  yield* channel.create(shown, showing(code))
  yield* TestClock.adjust(seconds * 1_000)
  const close = channel.close?.(shown) ?? Effect.die("it can be closed")
  const asked = () => there.seen.map(({ operation }) => operation).slice(1)
  return { shown, channel, there, close, asked, has: () => there.house.purses.has(`payer:${code}`) }
})

describe("a code that is shown", () => {
  it.each([
    ["pays at once", alive, "Nothing", "Paid"],
    ["asks for a password", asksForPassword, "Nothing", "Waiting"],
    ["has expired", "130000000000000009", "ChannelRefused", "NotFound"],
    ["of an empty purse", "130000000000000003", "ChannelRefused", "Waiting"]
  ])("%s", (_, code, created, after) =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter({ scene: "payCode" })
      there.house.purses.put(alive, Money.of(10_000))
      expect(yield* tagOf(channel.create(attempt(), showing(code)))).toBe(created)
      expect(yield* tagOf(channel.query(attempt()))).toBe(after)
      expect(channel.patience.life).toBe(45_000)
    })))

  it("is never charged twice by itself", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter({ scene: "payCode" })
      there.rules.add({ operation: "create", does: { _tag: "Error", after: false } })
      expect(yield* tagOf(channel.create(attempt(), showing(alive)))).toBe("ChannelFailed")
      expect(there.seen).toHaveLength(1)
    })))
})

describe("a reversal gives back what was paid, so it is asked before, and only what is not paid in time is reversed", () => {
  it.each<[string, string, number, string, ReadonlyArray<string>, string, number]>([
    ["within 15 seconds nothing is reversed", asksForPassword, 14, "ChannelFailed", [], "Waiting", 10_000],
    ["nor while the payer has time", asksForPassword, 44, "ChannelFailed", [], "Waiting", 10_000],
    ["after that it is", asksForPassword, 45, "done", ["query", "reverse"], "Closed", 10_000],
    [
      "what WeChat Pay wants to hear again is said again",
      wantsTwo,
      45,
      "done",
      ["query", "reverse", "reverse"],
      "Closed",
      10_000
    ],
    ["what was paid stays paid", alive, 45, "done", ["query"], "Paid", 5_000]
  ])("%s", (_, code, seconds, closed, operations, after, has) =>
    run(Effect.gen(function*() {
      const { asked, channel, close, has: purse, shown } = yield* charged(code, seconds)
      expect(yield* tagOf(close)).toBe(closed)
      expect(asked()).toEqual(operations)
      expect(yield* tagOf(channel.query(shown))).toBe(after)
      expect(purse()).toBe(has)
    })))

  it("the payer who pays just before the question is credited, not sent back", () =>
    run(Effect.gen(function*() {
      const { asked, channel, close, has, shown, there } = yield* charged(asksForPassword, 45)
      yield* Effect.result(pays(there, asksForPassword, shown))
      expect(there.house.all[0]?.state).toBe("paid")
      yield* close
      expect(asked()).toEqual(["query"])
      expect(yield* channel.query(shown)).toMatchObject({ _tag: "Paid", receipt: { amount: 5_000 } })
      expect(has()).toBe(5_000)
    })))

  it("who pays between the question and the reversal has the money back, and the question after it says so", () =>
    run(Effect.gen(function*() {
      let times = 0
      const { asked, channel, close, has, shown, there } = yield* charged(asksForPassword, 45, {
        query: ({ house, now }) => {
          if (times++ === 0) {
            Result.getOrThrow(house.pay(house.all[0]?.token ?? "", asksForPassword, CivilTime.later(now, -1)))
          }
        }
      })
      yield* close
      expect(asked()).toEqual(["query", "reverse"])
      expect(there.house.all[0]?.paidAt).toBeDefined()
      expect(yield* channel.query(shown)).toMatchObject({ _tag: "GivenBack", receipt: { amount: 5_000 } })
      expect(has()).toBe(10_000)
      expect(there.house.purses.isWhole).toBe(true)
    })))

  it("a question without an answer reverses nothing", () =>
    run(Effect.gen(function*() {
      const { asked, close, there } = yield* charged(asksForPassword, 45)
      there.rules.add({ operation: "query", times: 9, does: { _tag: "Forge", how: "otherKey" } })
      expect(yield* patiently(tagOf(close), 1_000)).toBe("ChannelFailed")
      expect(asked()).not.toContain("reverse")
    })))
})
