// How merchants are told: until they take it, and wrongly where a rule says so.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { isLoopback } from "../../src/sandbox/Courier.ts"
import type { Mischief } from "../../src/sandbox/Mischief.ts"
import { began, calling, type Heard, merchant, sandbox } from "./support/merchant.ts"
import * as TillWire from "./support/TillWire.ts"

const numbers = (heard: ReadonlyArray<Heard | string>) =>
  heard.map((one) => typeof one === "string" ? one : `${one.number} ${one.sign}`)

/** A sandbox, a merchant, and orders that are paid at once. */
const shop = Effect.gen(function*() {
  const [box, own] = [yield* sandbox(), yield* merchant]
  const { open } = calling(box)
  const paid = (number: string) =>
    Effect.gen(function*() {
      box.house.pay(yield* open(number, { notifyTo: own.to }), "小明", box.clock.now())
      yield* box.clock.advance(0)
    })
  return { box, own, paid, rule: (does: Mischief) => box.rules.add({ operation: "notice", does }) }
})

describe("a notice", () => {
  it.live("is sent at once, signed at its time, and not again once it was taken", () =>
    Effect.gen(function*() {
      const { box, own, paid } = yield* shop
      yield* paid("N1")
      yield* box.clock.advance(86_400_000)
      expect(own.heard).toMatchObject([{ what: "paid", number: "N1", sign: "genuine" }])
      expect(box.sent()).toMatchObject([{ wire: "till", number: "N1", attempt: 1, status: 200, isTaken: true }])
    }))

  it.live("that is not taken is signed and sent again when the wire says, and no more after that", () =>
    Effect.gen(function*() {
      const { box, own, paid } = yield* shop
      own.reply = "no"
      yield* paid("N1")
      yield* box.clock.advance(86_400_000)
      expect(box.sent().map(({ attempt, isTaken }) => [attempt, isTaken])).toEqual([[1, false], [2, false], [3, false]])
      const at = own.heard.map((one) => typeof one === "string" ? 0 : one.at - began)
      expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(1_000)
      expect(at[2]! - at[1]!).toBeGreaterThanOrEqual(5_000)
      expect(at[2]!).toBeLessThan(10_000)
    }))

  it.live("to which nobody answers is sent again, and was taken when one does", () =>
    Effect.gen(function*() {
      const { box, own, paid } = yield* shop
      own.reply = undefined
      yield* paid("N1")
      own.reply = "ok"
      yield* box.clock.advance(2_000)
      expect(box.sent()).toMatchObject([
        { problem: "nobody answers there", status: undefined, isTaken: false },
        { status: 200, problem: undefined, isTaken: true }
      ])
    }))

  it.live("of a refund is sent as well", () =>
    Effect.gen(function*() {
      const { box, own, paid } = yield* shop
      yield* paid("N1")
      const { amount, merchant: whose } = box.house.all[0]!
      box.house.refund({ wire: "till", merchant: whose, number: "N1" }, { number: "R1", amount }, box.clock.now())
      yield* box.clock.advance(0)
      expect(own.heard).toMatchObject([{ what: "paid" }, { what: "refunded" }])
      expect(box.house.purses.isWhole).toBe(true)
    }))

  it.live.each<[does: Mischief, heard: ReadonlyArray<string>]>([
    [{ _tag: "Drop", after: false }, ["N1 genuine"]],
    [{ _tag: "Drop", after: true }, ["N1 genuine", "N1 genuine"]],
    [{ _tag: "Error", after: true }, ["N1 genuine", "N1 genuine"]],
    [{ _tag: "Limit" }, ["N1 genuine"]],
    [{ _tag: "Delay", milliseconds: 60_000 }, ["N1 genuine"]],
    [{ _tag: "Duplicate", times: 3 }, ["N1 genuine", "N1 genuine", "N1 genuine"]],
    [{ _tag: "Reorder" }, ["N1 genuine"]],
    [{ _tag: "Forge", how: "tamper" }, ["N1 tamper"]]
  ])("under %j arrives as %j in the end, from a merchant who takes all", ([does, heard]) =>
    Effect.gen(function*() {
      const { box, own, paid, rule } = yield* shop
      rule(does)
      yield* paid("N1")
      yield* box.clock.advance(86_400_000)
      expect(numbers(own.heard)).toEqual(heard)
      expect(box.sent()[0]?.mischief).toBe(does._tag === "Delay" || does._tag === "Reorder" ? undefined : does._tag)
    }))

  it.live("that is forged and refused is followed by the true one", () =>
    Effect.gen(function*() {
      const { box, own, paid, rule } = yield* shop
      rule({ _tag: "Forge", how: "otherKey" })
      own.reply = "no"
      yield* paid("N1")
      own.reply = "ok"
      yield* box.clock.advance(1_000)
      expect(numbers(own.heard)).toEqual(["N1 otherKey", "N1 genuine"])
    }))

  it.live("that waits for the one after it comes behind it", () =>
    Effect.gen(function*() {
      const { own, paid, rule } = yield* shop
      rule({ _tag: "Reorder" })
      yield* paid("N1")
      expect(own.heard).toEqual([])
      yield* paid("N2")
      expect(numbers(own.heard)).toEqual(["N2 genuine", "N1 genuine"])
    }))

  it.live("that was sent before may come instead; then the true one comes at the next try", () =>
    Effect.gen(function*() {
      const { box, own, paid, rule } = yield* shop
      yield* paid("N1")
      rule({ _tag: "Replay" })
      yield* paid("N2")
      expect(own.heard[1]).toEqual(own.heard[0])
      yield* box.clock.advance(1_000)
      expect(numbers(own.heard)).toEqual(["N1 genuine", "N1 genuine", "N2 genuine"])
    }))

  it.live("may be cut off", () =>
    Effect.gen(function*() {
      const { own, paid, rule } = yield* shop
      rule({ _tag: "Truncate", bytes: 6 })
      yield* paid("N1")
      expect(own.heard).toEqual(["{\"what"])
    }))

  it.live("is on its way while it is delayed by the sandbox's clock", () =>
    Effect.gen(function*() {
      const { box, own, paid, rule } = yield* shop
      rule({ _tag: "Delay", milliseconds: 60_000 })
      yield* paid("N1")
      yield* box.clock.advance(59_000)
      expect(own.heard).toEqual([])
      yield* box.clock.advance(2_000)
      expect(numbers(own.heard)).toEqual(["N1 genuine"])
    }))

  it.live("of one wire keeps to the rules of that wire", () =>
    Effect.gen(function*() {
      const [box, own] = [yield* sandbox({ wires: [TillWire.make(), TillWire.make("kiosk")] }), yield* merchant]
      box.rules.add({ wire: "kiosk", operation: "notice", does: { _tag: "Forge", how: "probe" } })
      const { call, open } = calling(box)
      const kiosk = (yield* call("/kiosk/orders", { number: "K1", amount: 1, notifyTo: own.to })).json().token
      box.house.pay(yield* open("N1", { notifyTo: own.to }), "小明", box.clock.now())
      box.house.pay(kiosk, "小明", box.clock.now())
      yield* box.clock.advance(0)
      expect(numbers(own.heard).toSorted()).toEqual(["K1 probe", "N1 genuine"])
    }))

  it.live("is sent nowhere but to this machine", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      box.house.pay(yield* calling(box).open("N1", { notifyTo: "http://192.0.2.1/" }), "小明", box.clock.now())
      yield* box.clock.advance(0)
      expect(box.sent()).toMatchObject([{ problem: "not an http address of this machine", isTaken: false }])
    }))
})

describe("an address of this machine", () => {
  it.each<[address: string, is: boolean]>([
    ["http://127.0.0.1:80/x", true],
    ["http://localhost:9/", true],
    ["http://[::1]:9/", true],
    ["http://2130706433/", true],
    ["http://localhost.example.com/", false],
    ["http://127.0.0.1.example.com/", false],
    ["http://127.0.0.1@example.com/", false],
    ["http://user@127.0.0.1/", false],
    ["http://10.0.0.1/", false],
    ["http://0.0.0.0/", false],
    ["file:///etc/passwd", false],
    ["", false]
  ])("%s: %s", (address, is) => {
    expect(isLoopback(address)).toBe(is)
  })
})
