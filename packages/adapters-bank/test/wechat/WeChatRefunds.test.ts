import { Money, PaymentAttempt } from "@yikatong/core"
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { attempt, counter, pays, run, scan, tagOf } from "./counter.ts"

const ours = PaymentAttempt.refundNumberOf(attempt().number)

describe("a payment that WeChat Pay calls REFUND (D2, D21)", () => {
  it.each<[string, ReadonlyArray<readonly [number: string, fen: number]>, string, ReadonlyArray<string>]>([
    ["of which nothing was sent back is paid", [], "Paid", ["query"]],
    ["of which all was sent back by our refund is given back", [[ours, 5_000]], "GivenBack", ["query", "queryRefund"]],
    ["of which a part was sent back by others is unclear", [["office1", 1]], "Unclear", ["query", "queryRefund"]],
    ["of which others sent back all is unclear as well: nobody can ask", [["office1", 5_000]], "Unclear", [
      "query",
      "queryRefund"
    ]],
    ["of which ours sent back a part is unclear", [[ours, 4_999]], "Unclear", ["query", "queryRefund"]],
    ["of which ours and others sent back all is unclear", [["office1", 1], [ours, 4_999]], "Unclear", [
      "query",
      "queryRefund"
    ]]
  ])("%s", (_, refunds, expected, asked) =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      const trade = yield* pays(there)
      for (const [number, fen] of refunds) {
        Result.getOrThrow(there.house.refund(trade, { number, amount: Money.amount(fen) }, trade.createdAt))
      }
      there.seen.length = 0
      expect(yield* tagOf(channel.query(attempt()))).toBe(expected)
      expect(there.seen.map(({ operation }) => operation)).toEqual(asked)
    })))

  it("and whose refund waits for a person, since the payer's account is closed, is unclear", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      const trade = yield* pays(there)
      there.house.stuckPayers.add("lihua")
      Result.getOrThrow(there.house.refund(trade, { number: ours, amount: trade.amount }, trade.createdAt))
      expect(yield* channel.query(attempt())).toEqual({ _tag: "Unclear" })
    })))

  it("and of which the refund cannot be asked about is asked about again", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      const trade = yield* pays(there)
      Result.getOrThrow(there.house.refund(trade, { number: ours, amount: trade.amount }, trade.createdAt))
      there.rules.add({ operation: "queryRefund", does: { _tag: "Forge", how: "otherMerchant" } })
      expect(yield* tagOf(channel.query(attempt()))).toBe("GivenBack")
      there.rules.add({ operation: "queryRefund", does: { _tag: "Forge", how: "wrongAmount" } })
      expect(yield* tagOf(channel.query(attempt()))).toBe("Unclear")
      expect(yield* tagOf(channel.query(attempt()))).toBe("GivenBack")
    })))
})
