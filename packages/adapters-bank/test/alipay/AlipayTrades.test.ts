import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import {
  attempt,
  type Body,
  business,
  cancelled,
  closed,
  done,
  givenBack,
  none,
  number,
  paid,
  told,
  unknown,
  waiting
} from "./scripted.ts"

describe("an order that is let go: only a trade that waits is closed, asked before and after, and nothing is cancelled", () => {
  it.each<[string, ReadonlyArray<Body>, Body, "done" | "ChannelFailed", string]>([
    ["nobody has scanned it", [none], done, "done", "query"],
    ["scanned, and not paid", [waiting, closed], done, "done", "query close query"],
    ["paid before", [paid], done, "done", "query"],
    [
      "paid between the question and the end of it",
      [waiting, paid],
      business("ACQ.TRADE_STATUS_ERROR"),
      "done",
      "query close query"
    ],
    ["closed by its time", [closed], done, "done", "query"],
    ["closed by its time meanwhile", [waiting, closed], business("ACQ.TRADE_HAS_CLOSE"), "done", "query close query"],
    ["given back", [givenBack], done, "done", "query"],
    ["the gateway does not know whether it is closed", [waiting], unknown, "ChannelFailed", "query close"],
    ["the gateway says so, and it is not", [waiting], done, "ChannelFailed", "query close query"],
    ["nobody says what it is", [unknown], done, "ChannelFailed", "query"]
  ])("%s", async (_, queries, close, end, calls) => {
    const answers = { "alipay.trade.query": queries, "alipay.trade.close": [close] }
    const { asked, outcome } = await told(answers, (channel) => channel.close(attempt))
    expect(outcome).toMatchObject(end === "done" ? { _tag: "Success" } : { failure: { _tag: end } })
    expect(asked.map((method) => method.replace("alipay.trade.", "")).join(" ")).toBe(calls)
  })
})

describe("a payment by a shown code that is not paid in time", () => {
  const inProcess = { code: "10003", msg: "order success pay inprocess", out_trade_no: number }
  const refused = { failure: { _tag: "ChannelRefused", code: "WAIT_BUYER_PAY" } }
  const failed = { failure: { _tag: "ChannelFailed" } }
  const nothing = { success: { _tag: "Nothing" } }
  const no = business("ACQ.TRADE_STATUS_ERROR")
  it.each<[string, ReadonlyArray<Body>, Body, ReadonlyArray<Body>, object, string]>([
    [
      "is closed, and asked about once more",
      [waiting, waiting, waiting, closed],
      done,
      [],
      refused,
      "query query query close query"
    ],
    ["is paid just before: it stays paid", [waiting, waiting, paid], done, [], nothing, "query query query"],
    [
      "is paid between question and end: it stays paid",
      [waiting, waiting, waiting, paid],
      no,
      [],
      nothing,
      "query query query close query"
    ],
    ["is closed, as it says, and waits all the same", [waiting], done, [], failed, "query query query close query"],
    ["is paid while it is asked about", [waiting, paid], done, [], nothing, "query query"],
    ["is closed by somebody while it is asked about", [waiting, closed], done, [], refused, "query query"],
    [
      "that nobody knows is cancelled, and asked about once more",
      [none],
      done,
      [cancelled("N")],
      refused,
      "query query query cancel query"
    ],
    [
      "that nobody knows is cancelled as often as the gateway wants",
      [none],
      done,
      [cancelled("Y"), unknown, cancelled("N")],
      refused,
      "query query query cancel cancel cancel query"
    ],
    [
      "that came all the same was given back by that",
      [none, none, none, givenBack],
      done,
      [cancelled("N")],
      nothing,
      "query query query cancel query"
    ],
    [
      "that the gateway never cancels is unknown",
      [none],
      done,
      [cancelled("Y")],
      failed,
      "query query query cancel cancel cancel"
    ],
    [
      "that the gateway does not cancel is unknown",
      [none],
      done,
      [business("ACQ.SELLER_BALANCE_NOT_ENOUGH")],
      failed,
      "query query query cancel"
    ],
    ["of which nobody says anything is unknown, and not cancelled", [unknown], done, [], failed, "query query query"]
  ])("%s", async (_, queries, close, cancels, end, calls) => {
    const answers = {
      "alipay.trade.pay": [inProcess],
      "alipay.trade.query": queries,
      "alipay.trade.close": [close],
      "alipay.trade.cancel": cancels
    }
    const code = Redacted.make("280000000000000002")
    const { asked, outcome } = await told(answers, ({ create }) => create(attempt, { _tag: "PayCode", code }))
    expect(outcome).toMatchObject(end)
    expect(asked.map((method) => method.replace("alipay.trade.", "")).join(" ")).toBe(`pay ${calls}`)
  })

  it.each<[string, ReadonlyArray<Body>, object, string]>([
    [
      "left nothing behind",
      [none],
      { failure: { _tag: "ChannelRefused", code: "ACQ.BUYER_BALANCE_NOT_ENOUGH" } },
      "query"
    ],
    [
      "left a trade that waits, which is closed",
      [waiting, closed],
      { failure: { _tag: "ChannelRefused" } },
      "query close query"
    ],
    ["was paid all the same", [paid], nothing, "query"]
  ])("and one that was declined and %s", async (_, queries, end, calls) => {
    const answers = {
      "alipay.trade.pay": [business("ACQ.BUYER_BALANCE_NOT_ENOUGH")],
      "alipay.trade.query": queries,
      "alipay.trade.close": [done]
    }
    const code = Redacted.make("280000000000000002")
    const { asked, outcome } = await told(answers, ({ create }) => create(attempt, { _tag: "PayCode", code }))
    expect(outcome).toMatchObject(end)
    expect(asked.map((method) => method.replace("alipay.trade.", "")).join(" ")).toBe(`pay ${calls}`)
  })
})
