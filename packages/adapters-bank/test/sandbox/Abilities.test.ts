// What can go wrong where: which rules are refused, and that what is listed is what the wires really do.
import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Abilities from "../../src/sandbox/Abilities.ts"
import * as AlipayCalls from "../../src/sandbox/AlipayCalls.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../../src/sandbox/CcbWire.ts"
import { House } from "../../src/sandbox/House.ts"
import { Forgery, type Mischief, type Rule, Rules } from "../../src/sandbox/Mischief.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import type { Here } from "../../src/sandbox/Wire.ts"

const now = CivilTime.instant("2026-03-02 08:00:00")
const wires = {
  wechat: WeChatWire.make(now),
  unionpay: UnionPayWire.make((size) => Buffer.alloc(size, 7), now),
  alipay: AlipayWire.make(),
  ccb: CcbWire.make({ noticesTo: "http://127.0.0.1:9/" })
}
const every = Abilities.of(Object.values(wires))
const drop: Mischief = { _tag: "Drop", after: true }
const forge = (how: Forgery): Mischief => ({ _tag: "Forge", how })
const bill: Mischief = { _tag: "Bill", flaw: "omitRow" }

describe("a rule that can hold somewhere", () => {
  it.each<[title: string, rule: Rule]>([
    ["anywhere", { does: { _tag: "Limit" } }],
    ["a bill's flaw, wherever there is a bill", { does: bill }],
    ["in one wire", { wire: "ccb", does: { _tag: "Replay" } }],
    ["in one operation of any wire", { operation: "notice", does: { _tag: "Reorder" } }],
    ["in an operation that a bank alone has", { operation: "debit", does: drop }],
    ["a notice that comes through the browser", { wire: "ccb", operation: "notice", does: forge("probe") }],
    ["a question of the bank asked twice", {
      wire: "ccbApp",
      operation: "Deposit",
      does: { _tag: "Duplicate", times: 2 }
    }],
    ["another MAC", { wire: "transferLink", operation: "Transfer", does: forge("otherKey") }],
    ["a bill of UnionPay", { wire: "unionpay", operation: "bill", does: bill }]
  ])("%s", (_, rule) => {
    expect(Abilities.refusal(rule, every)).toBeUndefined()
  })
})

describe("a rule that can never hold says what would", () => {
  it.each<[title: string, rule: Rule, zh: string, fits: ReadonlyArray<string>, not: ReadonlyArray<string>]>([
    ["no such wire", { wire: "weChat", does: drop }, "没有这个通道", ["wechat", "ccbApp"], ["create"]],
    ["no such operation", { wire: "ccb", operation: "refund", does: drop }, "没有这个操作", ["create", "notice"], [
      "refund"
    ]],
    ["no operation but a name that every object has", { operation: "constructor", does: drop }, "没有这个操作", [
      "create"
    ], [
      "constructor"
    ]],
    ["no wire but a name that every object has", { wire: "toString", does: drop }, "没有这个通道", ["ccb"], [
      "toString"
    ]],
    ["no such operation anywhere", { operation: "Heartbeat", does: drop }, "没有这个操作", ["debit", "Lookup"], []],
    [
      "a query is not replayed",
      { wire: "wechat", operation: "query", does: { _tag: "Replay" } },
      "这里做不到",
      ["Drop", "Forge"],
      ["Duplicate", "Bill"]
    ],
    ["nor reordered", { operation: "query", does: { _tag: "Reorder" } }, "这里做不到", ["Limit"], ["Replay"]],
    [
      "nor doubled",
      { wire: "alipay", operation: "query", does: { _tag: "Duplicate", times: 2 } },
      "这里做不到",
      ["Delay"],
      ["Reorder"]
    ],
    ["龙支付 writes no bill", { wire: "ccb", does: bill }, "这里做不到", ["Replay"], ["Bill"]],
    ["a notice is no bill", { operation: "notice", does: bill }, "这里做不到", ["Replay"], ["Bill"]],
    ["a file is not signed", { wire: "wechat", operation: "download", does: forge("tamper") }, "这里做不到", [
      "Truncate"
    ], ["Forge"]],
    ["龙支付 tells no time", { wire: "ccb", does: forge("skewPast") }, "没有这种伪造", ["tamper", "probe"], [
      "skewPast"
    ]],
    ["its answers are not signed", { wire: "ccb", operation: "query", does: forge("otherKey") }, "没有这种伪造", [
      "wrongAmount"
    ], ["otherKey"]],
    ["UnionPay sends no probes", { wire: "unionpay", does: forge("probe") }, "没有这种伪造", ["otherKey"], ["probe"]],
    ["a sign-in bears no MAC", { wire: "iso8583", operation: "signIn", does: forge("otherKey") }, "这里做不到", [
      "Drop"
    ], [
      "Forge"
    ]],
    ["TCP knows no HTTP 429", { wire: "transferLink", does: { _tag: "Limit" } }, "这里做不到", ["Delay"], ["Error"]],
    ["a list is written, not sent", { wire: "ccbApp", operation: "bill", does: drop }, "这里做不到", ["Bill"], [
      "Drop"
    ]],
    ["the bank waits for each answer", { wire: "ccbApp", does: { _tag: "Reorder" } }, "这里做不到", [
      "Duplicate",
      "Delay",
      "Replay"
    ], [
      "Reorder"
    ]]
  ])("%s", (_, rule, zh, fits, not) => {
    const [saidZh, saidEn] = Abilities.refusal(rule, every) ?? expect.fail("it is taken")
    expect(saidZh).toContain(zh)
    const names = saidEn.slice(saidEn.lastIndexOf(": ") + 2).split(", ")
    expect(names).toEqual(expect.arrayContaining([...fits]))
    for (const name of not) expect(names).not.toContain(name)
    expect(new Set(names).size).toBe(names.length)
  })

  it("repeats nothing of a rule", () => {
    fc.assert(fc.property(fc.uuid(), fc.boolean(), (text, isWire) => {
      const rule = isWire ? { wire: text, does: drop } : { operation: text, does: drop }
      expect(Abilities.refusal(rule, every)?.join()).not.toContain(text)
    }))
  })

  it("where a sandbox has no such wire, though others have", () => {
    expect(Abilities.refusal({ wire: "wechat", does: drop }, Abilities.of([wires.ccb]))).toBeDefined()
    expect(Abilities.refusal({ does: { _tag: "Limit" }, operation: "download" }, Abilities.of([wires.ccb])))
      .toBeDefined()
    // Its list of deposits is a bill, whichever wires there are.
    expect(Abilities.refusal({ does: bill }, Abilities.of([wires.ccb]))).toBeUndefined()
  })

  it.each<[title: string, rule: Rule, isTaken: boolean]>([
    ["of any operation", { wire: "till", operation: "whatever", does: forge("skewPast") }, true],
    ["of its notices", { wire: "till", operation: "notice", does: { _tag: "Replay" } }, true],
    ["what is for notices alone", { wire: "till", operation: "whatever", does: { _tag: "Replay" } }, false]
  ])("a wire of somebody else's is believed: %s", (_, rule, isTaken) => {
    expect(Abilities.refusal(rule, Abilities.of([{ name: "till" }])) === undefined).toBe(isTaken)
  })
})

/** A payment that a wire's merchant is told of. */
const happening = (wire: string) => {
  let count = 0
  const house = new House((prefix) => `${prefix}${String(++count).padStart(24, "0")}`)
  house.purses.put("小明", Money.of(10_000))
  const { token } = Result.getOrThrow(house.open({
    wire,
    merchant: "SANDBOX00000001",
    number: "N1",
    amount: Money.amount(1_250),
    description: "充值",
    expiresAt: CivilTime.later(now, CivilTime.hour),
    notifyTo: "http://127.0.0.1:9/",
    extra: { kind: "front", orderId: "N1", txnTime: "20260302080000" }
  }, now))
  const trade = Result.getOrThrow(house.pay(token, "小明", now))
  const here = (forgery?: Forgery): Here => ({
    house,
    now,
    origin: "http://127.0.0.1:1",
    name: () => "B1",
    forgery,
    flaw: undefined
  })
  return { event: { what: "paid", trade } as const, here }
}

describe("what is listed is what the wires do", () => {
  // WeChat Pay signs with another nonce each time: its notices always differ.
  it.each(["unionpay", "alipay", "ccb"] as const)("a forged notice of %s differs from a genuine one", (name) => {
    const { event, here } = happening(name)
    const body = (forgery?: Forgery) => Buffer.from(wires[name].notice(event, here(forgery))?.body ?? "").toString()
    expect(body()).toBe(body())
    expect(body()).not.toBe("")
    const forged = Forgery.literals.filter((how) => body(how) !== body())
    expect([...forged].toSorted()).toEqual([...every[name]?.["notice"]?.forges ?? []].toSorted())
  })

  it("all calls of Alipay are listed", () => {
    const operations = [...AlipayCalls.answers(() => undefined).values()].map(([operation]) => operation)
    expect(Object.keys(every["alipay"] ?? {})).toEqual(expect.arrayContaining([...operations, "unknown"]))
  })

  it.each<[wire: keyof typeof wires, operation: string, method: string, url: string]>([
    ["wechat", "create", "POST", "/v3/pay/transactions/native"],
    ["wechat", "create", "POST", "/v3/pay/transactions/codepay"],
    ["wechat", "query", "GET", "/v3/pay/transactions/out-trade-no/N1"],
    ["wechat", "close", "POST", "/v3/pay/transactions/out-trade-no/N1/close"],
    ["wechat", "reverse", "POST", "/v3/pay/transactions/out-trade-no/N1/reverse"],
    ["wechat", "refund", "POST", "/v3/refund/domestic/refunds"],
    ["wechat", "queryRefund", "GET", "/v3/refund/domestic/refunds/R1"],
    ["wechat", "bill", "GET", "/v3/bill/tradebill"],
    ["wechat", "fundFlow", "GET", "/v3/bill/fundflowbill"],
    ["wechat", "download", "GET", "/v3/billdownload/file"],
    ["wechat", "certificates", "GET", "/v3/certificates"],
    ["wechat", "echo", "POST", "/v3/security/echo"],
    ["wechat", "unknown", "GET", "/v3/no"],
    ["unionpay", "refused", "POST", "/unionpay/gateway/api/queryTrans.do"],
    ["alipay", "refused", "POST", "/alipay/gateway.do"],
    ["alipay", "download", "GET", "/alipay/bill/B1"],
    ["ccb", "create", "GET", "/ccb/CCBIS/ccbMain"],
    ["ccb", "register", "POST", "/ccb/merchant"],
    ["ccb", "refused", "POST", "/ccb/CCBIS/B2CMainPlat_00_BEPAY"]
  ])("%s has %s", (wire, operation, method, url) => {
    expect(wires[wire].route({ method, url, headers: {}, body: new Uint8Array() })?.operation).toBe(operation)
    expect(every[wire]).toHaveProperty(operation)
  })
})

describe("a rule that holds anywhere waits for what can do it", () => {
  it.each<[title: string, rule: Rule, not: ReadonlyArray<readonly [string, string]>, by: readonly [string, string]]>([
    ["a foreign key", { wire: "ccb", does: forge("otherKey") }, [["ccb", "create"], ["ccb", "query"]], [
      "ccb",
      "notice"
    ]],
    ["HTTP 429", { does: { _tag: "Limit" } }, [["iso8583", "debit"], ["ccbApp", "Deposit"]], ["wechat", "query"]],
    ["a bill", { does: bill }, [["wechat", "download"], ["ccb", "query"]], ["wechat", "bill"]],
    ["a MAC", { does: forge("otherKey") }, [["iso8583", "signIn"], ["wechat", "download"]], ["iso8583", "debit"]],
    ["a wire that is not there", { does: drop }, [["other", "query"], ["toString", "length"]], ["ccb", "query"]]
  ])("%s", (_, rule, not, by) => {
    const rules = new Rules(Abilities.isAble(every))
    rules.add(rule)
    for (const [wire, operation] of not) expect(rules.take(wire, operation)).toBeUndefined()
    expect(rules.take(...by)).toEqual(rule.does)
    expect(rules.left).toEqual([])
  })
})
