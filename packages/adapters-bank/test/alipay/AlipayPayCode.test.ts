import { Money } from "@yikatong/core"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import type { Mischief } from "../../src/sandbox/Mischief.ts"
import { drive, orderOf, pockets } from "../support/campus.ts"
import { codeOf, furnished, methods } from "./counter.ts"

describe("a payment by a code that the payer shows", () => {
  const alive = "280000000000000002"
  const asks = "280000000000000001"

  it.each<[string, string, number, "Credited" | "refused"]>([
    ["pays at once", alive, 10_000, "Credited"],
    ["without money is refused and leaves nothing behind", alive, 0, "refused"],
    ["that has expired is refused", "280000000000000009", 10_000, "refused"],
    ["that is another wallet's is refused", "134567890123456789", 10_000, "refused"],
    ["whose payer never types the password is taken back", asks, 10_000, "refused"]
  ])("one that %s", async (_, code, has, end) => {
    const { campus, net, whole } = furnished()
    if (has > 0) net.house.purses.put(code, Money.amount(has))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const placed = yield* Effect.result(campus.place("alipay", 5_000, codeOf(code)))
      yield* drive()
      if (end === "refused") {
        expect(placed).toMatchObject({ _tag: "Failure", failure: { _tag: "ChannelRefused" } })
        expect(net.house.all.filter(({ state }) => state !== "closed")).toEqual([])
        expect(yield* pockets).toMatchObject({ transit: 0 })
      } else {
        expect(yield* orderOf(Result.getOrThrow(placed).order.id)).toMatchObject({ _tag: "Credited" })
      }
      expect(net.house.purses.has(`payer:${code}`)).toBe(end === "Credited" ? has - 5_000 : has)
      yield* whole
    }))
  })

  it.each<[string, Mischief]>([
    ["its answer is lost and it was paid", { _tag: "Drop", after: true }],
    ["the gateway breaks down after it was paid", { _tag: "Error", after: true }],
    ["its answer is forged", { _tag: "Forge", how: "otherKey" }]
  ])("%s: it is asked about, and credited", async (_, does) => {
    const { campus, net, whole } = furnished()
    net.house.purses.put(alive, Money.amount(5_000))
    net.rules.add({ operation: "create", does })
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("alipay", 5_000, codeOf(alive))
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(net.seen.filter(({ operation }) => operation === "create")).toHaveLength(1)
      yield* whole
    }))
  })

  it("is not notified, wherever notices should go: it is asked about, and credited", async () => {
    const { campus, deliver, net, whole } = furnished()
    net.house.purses.put(alive, Money.amount(5_000))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("alipay", 5_000, codeOf(alive))
      expect(yield* deliver()).toEqual([])
      expect(net.pending).toEqual([])
      expect(new URL(net.seen[0]?.raw.url ?? "", net.origin).searchParams.has("notify_url")).toBe(false)
      expect((yield* orderOf(order.id))._tag).not.toBe("Credited")
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      yield* whole
    }))
  })

  it.each<[string, number, ReadonlyArray<string>]>([
    ["while it is asked about", 2, ["pay", "query", "query", "query"]],
    ["just before it is closed", 4, ["pay", "query", "query", "query", "query", "close", "query"]]
  ])("whose payer types the password %s is credited, and nothing is given back", async (_, at, asked) => {
    let questions = 0
    const { campus, net, whole } = furnished("credit", {}, {
      query: ({ house, now }) => {
        if (++questions === at) Result.getOrThrow(house.pay(house.all[0]?.token ?? "", asks, now))
      }
    })
    net.house.purses.put(asks, Money.amount(10_000))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("alipay", 5_000, codeOf(asks))
      expect(methods(net)).toEqual(asked)
      yield* drive()
      expect((yield* orderOf(order.id))._tag).toBe("Credited")
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      expect(net.house.purses.has(`payer:${asks}`)).toBe(5_000)
      yield* whole
    }))
  })

  it("that nobody paid is closed, not cancelled", async () => {
    const { campus, net, whole } = furnished()
    net.house.purses.put(asks, Money.amount(10_000))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      yield* Effect.flip(campus.place("alipay", 5_000, codeOf(asks)))
      expect(methods(net)).toEqual(["pay", "query", "query", "query", "query", "close", "query"])
      yield* whole
    }))
  })
})
