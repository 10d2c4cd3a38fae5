import { CivilTime, Id, Money, Receipt } from "@yikatong/core"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { createPublicKey } from "node:crypto"
import { describe, expect, it } from "vitest"
import type { Forgery, Mischief } from "../../src/sandbox/Mischief.ts"
import type * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import * as WeChatPaySign from "../../src/wechat/WeChatPaySign.ts"
import { type InProcess, patiently } from "../support/inProcess.ts"
import { attempt, counter, once, openId, pays, refundOf, run, scan, showing, start, tagOf } from "./counter.ts"

const heard = (there: InProcess, wire: WeChatWireType, forgery?: Forgery) => {
  const trade = there.house.all[0]
  if (trade === undefined) throw new Error("Nothing is there")
  const does = forgery === undefined ? undefined : { _tag: "Forge", how: forgery } as const
  const notice = wire.notice({ what: "paid", trade }, there.here(start, does))
  if (notice === undefined) throw new Error("Nobody is told")
  return { method: notice.method, url: "/callback/wechat", headers: notice.headers, body: notice.body }
}
type WeChatWireType = ReturnType<typeof WeChatWire.make>

describe("an order", () => {
  it("is a code that is scanned, waits, is paid once, and is then known by its query", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      const instruction = yield* channel.create(attempt(), scan)
      expect(instruction).toEqual({ _tag: "QrCode", text: `${there.origin}/pay/${there.house.all[0]?.token}` })
      expect(yield* channel.create(attempt(), scan)).toEqual(instruction)
      expect(yield* channel.query(attempt())).toEqual({ _tag: "Waiting" })
      const { reference } = yield* pays(there)
      const told = yield* channel.query(attempt())
      expect(told).toMatchObject({ _tag: "Paid", receipt: { amount: 5_000, reference, witness: "query" } })
      expect(told._tag === "Paid" && Receipt.is(told.receipt)).toBe(true)
      expect(there.house.all).toHaveLength(1)
      expect(there.seen[0]?.raw.headers["wechatpay-serial"]).toMatch(/^PUB_KEY_ID_/)
    })))

  it("in a mini program is what that is called with, signed by the merchant", () =>
    run(Effect.gen(function*() {
      const { channel, settings } = yield* counter()
      const instruction = yield* channel.create(attempt(), openId)
      if (instruction._tag !== "AppParameters") throw new Error(instruction._tag)
      const id = WeChatPaySign.verify(instruction.parameters, createPublicKey(settings.merchant.key))
      expect(Result.getOrThrow(id)).toMatch(/^wxT/)
    })))

  it.each(
    [
      ["order", showing("130000000000000002")],
      ["order", { _tag: "Browser", returnTo: "https://school.test" } as const],
      ["payCode", scan],
      ["payCode", showing("62000000")]
    ] as const
  )("of the scene %s refuses payers who come otherwise", (scene, payer) =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter({ scene })
      expect(yield* tagOf(channel.create(attempt(), payer))).toBe("ChannelRefused")
      expect(there.seen).toEqual([])
    })))

  it("is closed, and can then not be paid; one that is paid is not closed", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      expect(yield* channel.query(attempt())).toEqual({ _tag: "NotFound" })
      yield* channel.create(attempt(), scan)
      yield* channel.close?.(attempt()) ?? Effect.void
      expect(yield* channel.query(attempt())).toEqual({ _tag: "Closed" })
      const other = attempt({ number: Id.OrderNumber.make("20260302ABCDEFGHJKMNPQRSTV02") })
      yield* channel.create(other, scan)
      yield* pays(there, "lihua", other)
      yield* channel.close?.(other) ?? Effect.void
      expect(yield* tagOf(channel.query(other))).toBe("Paid")
    })))

  it("under a number that was used for another is asked about and never ordered anew", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt({ amount: Money.amount(1) }), scan)
      expect(yield* tagOf(channel.create(attempt(), scan))).toBe("ChannelFailed")
      expect(there.seen.map(({ operation }) => operation)).toEqual(["create", "create", "query"])
      yield* pays(there)
      expect(yield* channel.create(attempt(), scan)).toEqual({ _tag: "Nothing" })
    })))
})

const mischiefs: ReadonlyArray<Mischief> = [
  { _tag: "Drop", after: false },
  { _tag: "Drop", after: true },
  { _tag: "Error", after: false },
  { _tag: "Error", after: true },
  { _tag: "Limit" },
  { _tag: "Delay", milliseconds: 11_000 },
  { _tag: "Truncate", bytes: 20 },
  ...(["otherKey", "unknownKey", "tamper", "skewPast", "skewFuture", "probe"] as const)
    .map((how) => ({ _tag: "Forge", how }) as const)
]

describe("what goes wrong on the way is unknown, and what is true comes out by the next question", () => {
  it.each(mischiefs.map((does) => [JSON.stringify(does), does] as const))(
    "%s",
    (_, does) =>
      run(Effect.gen(function*() {
        const { channel, there } = yield* counter({ policy: once })
        const goesWrong = <A, E extends { readonly _tag: string }>(operation: string, call: Effect.Effect<A, E>) =>
          Effect.gen(function*() {
            there.rules.add({ operation, does })
            expect(yield* patiently(tagOf(call), 1_000)).toBe("ChannelFailed")
            expect(there.rules.left).toEqual([])
          })
        yield* goesWrong("create", channel.create(attempt(), scan))
        expect(yield* tagOf(channel.create(attempt(), scan))).toBe("QrCode")
        yield* goesWrong("query", channel.query(attempt()))
        const { reference } = yield* pays(there)
        expect(yield* tagOf(channel.query(attempt()))).toBe("Paid")
        const { queryRefund, refund } = channel
        if (queryRefund === undefined || refund === undefined) throw new Error("It can give back")
        yield* goesWrong("refund", refund(refundOf(reference)))
        const told = yield* tagOf(refund(refundOf(reference)))
        expect(["Accepted", "Done"]).toContain(told)
        yield* goesWrong("queryRefund", queryRefund(refundOf(reference)))
        expect(yield* tagOf(queryRefund(refundOf(reference)))).toBe("Done")
        expect(there.house.purses.has("payer:lihua")).toBe(100_000)
        expect(there.house.all[0]?.refunds).toHaveLength(1)
        expect(there.house.purses.isWhole).toBe(true)
      }))
  )

  it("is repeated under the same number where that is one order, signed anew each time", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      there.rules.add({ operation: "create", times: 2, does: { _tag: "Drop", after: true } })
      expect(yield* patiently(tagOf(channel.create(attempt(), scan)))).toBe("QrCode")
      const signatures = there.seen.map(({ raw }) => raw.headers["authorization"])
      expect(new Set(signatures).size).toBe(3)
      expect(there.house.all).toHaveLength(1)
    })))

  it("goes to the other host where the first does not answer", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter({ hosts: ["https://down.test", "https://sandbox.test"] })
      there.down.add("https://down.test")
      expect(yield* patiently(tagOf(channel.create(attempt(), scan)))).toBe("QrCode")
    })))
})

describe("an answer that is signed and wrong all the same is not believed", () => {
  it("of another merchant", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      yield* pays(there)
      there.rules.add({ operation: "query", does: { _tag: "Forge", how: "otherMerchant" } })
      expect(yield* tagOf(channel.query(attempt()))).toBe("ChannelFailed")
    })))

  it("of another amount is told as it is: core compares it; of a refund it is unclear", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      const { reference } = yield* pays(there)
      const wrong = { does: { _tag: "Forge", how: "wrongAmount" } } as const
      there.rules.add({ operation: "query", ...wrong })
      expect(yield* channel.query(attempt())).toMatchObject({ receipt: { amount: 5_001 } })
      there.rules.add({ operation: "refund", ...wrong })
      expect(yield* channel.refund?.(refundOf(reference)) ?? Effect.void).toEqual({ _tag: "Unclear" })
    })))
})

describe("a callback", () => {
  it("that is genuine is a receipt", () =>
    run(Effect.gen(function*() {
      const { channel, there, wire } = yield* counter()
      yield* channel.create(attempt(), scan)
      const { reference } = yield* pays(there)
      const notice = yield* channel.callback?.(heard(there, wire)) ?? Effect.void
      expect(notice).toMatchObject({
        _tag: "Paid",
        receipt: { number: attempt().number, reference, witness: "callback" }
      })
      expect(channel.acknowledge?.("taken")).toEqual({ status: 204, body: "" })
      expect(channel.acknowledge?.("refused").status).toBe(401)
      expect(channel.acknowledge?.("failed").status).toBe(503)
    })))

  it.each(
    [
      ["otherKey", "forged"],
      ["unknownKey", "unknownKey"],
      ["ownCertificate", "forged"],
      ["tamper", "forged"],
      ["otherMerchant", "otherMerchant"],
      ["skewPast", "stale"],
      ["skewFuture", "stale"],
      ["probe", "probe"]
    ] as const
  )("that is forged by %s is refused as %s", (forgery, reason) =>
    run(Effect.gen(function*() {
      const { channel, there, wire } = yield* counter()
      yield* channel.create(attempt(), scan)
      yield* pays(there)
      const refused = yield* Effect.flip(channel.callback?.(heard(there, wire, forgery)) ?? Effect.die("no callback"))
      expect(refused).toMatchObject({ _tag: "CallbackRefused", reason })
    })))
})

describe("a merchant without WeChat Pay's public key", () => {
  it("fetches the certificates, and new ones when they are changed", () =>
    run(Effect.gen(function*() {
      const { channel, there, wire } = yield* counter({ trust: "certificates" })
      const fetched = () => there.seen.filter(({ operation }) => operation === "certificates").length
      expect(yield* tagOf(channel.create(attempt(), scan))).toBe("QrCode")
      expect(fetched()).toBe(1)
      expect(there.seen[0]?.raw.headers["wechatpay-serial"]).toBeUndefined()
      yield* TestClock.adjust("1 hour")
      wire.rotate?.(CivilTime.later(start, CivilTime.hour))
      // Old and new ones sign in turn.
      for (let at = 0; at < 6; at++) expect(yield* tagOf(channel.query(attempt()))).toBe("Waiting")
      expect(fetched()).toBe(2)
      yield* TestClock.adjust("26 hours")
      expect(yield* tagOf(channel.query(attempt()))).toBe("Waiting")
    })))

  it("is not made to ask for them again and again by forged callbacks", () =>
    run(Effect.gen(function*() {
      const { channel, there, wire } = yield* counter({ trust: "certificates" })
      yield* channel.create(attempt(), scan)
      yield* pays(there)
      const before = there.seen.length
      for (let at = 0; at < 5; at++) yield* tagOf(channel.callback?.(heard(there, wire, "unknownKey")) ?? Effect.void)
      expect(there.seen.length).toBe(before)
    })))
})

describe("the bill", () => {
  const day = CivilTime.dayOf(start)

  it("is not asked for before ten in the morning after, and then tells what came and went", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      const { reference } = yield* pays(there)
      yield* channel.refund?.(refundOf(reference)) ?? Effect.void
      const bill = channel.bill?.(day) ?? Effect.die("no bill")
      expect(yield* tagOf(bill)).toBe("BillNotReady")
      yield* TestClock.adjust("22 hours")
      const { rows } = yield* bill
      expect(rows.map(({ row }) => [row.kind, row.amount, row.fee])).toEqual([
        ["payment", 5_000, 30],
        ["refund", 5_000, -30]
      ])
      expect(rows[0]?.receipt).toMatchObject({ number: attempt().number, reference, witness: "statement" })
      expect(rows[1]?.receipt).toBeUndefined()
      expect(rows[1]?.row.refundNumber).toBe(`${attempt().number}R`)
      const flow = yield* channel.fundFlow(day)
      expect(flow.map(({ amount, direction }) => [direction, amount])).toEqual([
        ["in", 5_000],
        ["out", 30],
        ["out", 5_000],
        ["in", 30]
      ])
      expect((yield* channel.bill?.(CivilTime.addDays(day, -1)) ?? Effect.die("no bill")).rows).toEqual([])
    })))

  it("that was cut off is not believed", () =>
    run(Effect.gen(function*() {
      const { channel, there } = yield* counter()
      yield* channel.create(attempt(), scan)
      yield* pays(there)
      yield* TestClock.adjust("22 hours")
      there.rules.add({ operation: "download", does: { _tag: "Truncate", bytes: 100 } })
      const bill = channel.bill?.(day) ?? Effect.die("no bill")
      expect(yield* tagOf(bill)).toBe("ChannelFailed")
      expect((yield* bill).rows).toHaveLength(1)
    })))
})

describe("the settings", () => {
  it("are tested without money, in both directions", () =>
    run(Effect.gen(function*() {
      const { channel, settings, there } = yield* counter({ policy: once })
      expect(yield* tagOf(channel.selfTest)).toBe("done")
      there.rules.add({ operation: "echo", does: { _tag: "Forge", how: "otherKey" } })
      expect(yield* tagOf(channel.selfTest)).toBe("ChannelFailed")
      const wrong = { ...settings, merchant: { ...settings.merchant, serial: "ABCDEF" } }
      const other = yield* WeChatPay.make(wrong).pipe(Effect.provide(there.layer))
      expect(yield* tagOf(other.selfTest)).toBe("ChannelRefused")
      expect(yield* tagOf(other.create(attempt(), scan))).toBe("ChannelRefused")
    })))

  it("of a sandbox do not lead to the real WeChat Pay", () =>
    run(Effect.gen(function*() {
      const { settings, there } = yield* counter()
      const made = WeChatPay.make({ ...settings, hosts: WeChatPay.production }).pipe(Effect.provide(there.layer))
      expect(yield* tagOf(made)).toBe("SandboxKeys")
    })))
})
