// The control desk: what it tells and does for whoever holds the token, and what it refuses.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { began, calling, merchant, sandbox } from "./support/merchant.ts"

const desk = Effect.map(sandbox(), (box) => ({ box, ...calling(box) }))

describe("the token", () => {
  it.live.each<[title: string, header: (token: string) => Record<string, string>]>([
    ["none", () => ({})],
    ["an empty one", () => ({ authorization: "" })],
    ["no word before it", (token) => ({ authorization: token })],
    ["another", (token) => ({ authorization: `Bearer ${token.slice(0, -1)}` })],
    ["a longer one", (token) => ({ authorization: `Bearer ${token}x` })],
    ["another kind", (token) => ({ authorization: `Basic ${token}` })]
  ])("%s opens nothing, and tells nothing", ([, header]) =>
    Effect.gen(function*() {
      const { box, call } = yield* desk
      const headers = header(Redacted.value(box.token))
      for (const path of ["status", "terms", "nothing", ""]) {
        const told = yield* call(`/__sandbox/${path}`, undefined, { headers })
        expect(told.status).toBe(401)
        expect(told.json()).toEqual({ error: { zh: "需要启动时的令牌", en: "it takes the token of this start" } })
      }
      expect((yield* call("/__sandbox/rules", { does: { _tag: "Limit" } }, { headers })).status).toBe(401)
      expect(box.rules.left).toEqual([])
    }))

  it.live("is another at each start, is marked, and does not show where it is not asked for", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* sandbox(), yield* sandbox()]
      expect(Redacted.value(one.token)).toMatch(/^SANDBOX[A-Za-z0-9]{33}$/)
      expect(Redacted.value(one.token)).not.toBe(Redacted.value(other.token))
      expect(JSON.stringify(one.token)).not.toContain("SANDBOX")
    }))
})

describe("the control desk", () => {
  it.live("tells how things stand", () =>
    Effect.gen(function*() {
      const { box, control } = yield* desk
      expect((yield* control("status")).json()).toEqual({
        origin: box.origin,
        seed: 0,
        now: expect.any(Number),
        wires: [{ name: "till", nameZh: "收银台演示", rotates: true }],
        trades: 0,
        deposits: 0,
        hasSchool: false,
        notices: 0,
        rules: 0,
        isWhole: true
      })
      const { banks: { terms } } = box
      expect((yield* control("terms")).json()).toEqual({
        till: { origin: box.origin, merchant: "SANDBOX-SHOP", serial: "1" },
        iso8583: terms.iso8583,
        transferLink: terms.transferLink,
        ccbApp: terms.ccbApp
      })
      for (const { port } of [terms.iso8583, terms.transferLink]) expect(port).toMatch(/^\d{4,5}$/)
    }))

  it.live("pays for a payer, whom it gives money, and the merchant is told", () =>
    Effect.gen(function*() {
      const { box, control, open } = yield* desk
      const own = yield* merchant
      expect((yield* control("payers", { name: "小刚", amount: 2_000 })).json()).toEqual({
        name: "小刚",
        has: 2_000,
        stuck: false
      })
      const token = yield* open("N1", { notifyTo: own.to })
      const [trade] = (yield* control("trades?number=N1&wire=till")).json()
      expect(trade).toMatchObject({ token, state: "waiting", page: `${box.origin}/pay/${token}` })
      expect((yield* control("trades?wire=other")).json()).toEqual([])
      const paid = yield* control(`trades/${token}/pay`, { payer: "小刚" })
      expect(paid).toMatchObject({ status: 200 })
      expect(paid.json()).toMatchObject({ state: "paid", payer: "小刚" })
      yield* control("clock", { advance: 0 })
      expect((yield* control("notices")).json()).toMatchObject([{ number: "N1", status: 200, isTaken: true }])
      expect((yield* control("purses")).json()).toEqual({
        isWhole: true,
        purses: { "payer:小明": 50_000, "payer:小红": 50, "payer:小刚": 750, "merchant:SANDBOX-SHOP": 1_250 }
      })
      expect((yield* control("payers")).json()).toContainEqual({ name: "小刚", has: 750 })
    }))

  it.live("declines, asks for a password, and tells who has too little", () =>
    Effect.gen(function*() {
      const { control, open } = yield* desk
      const token = yield* open("N1")
      expect((yield* control(`trades/${token}/decline`, {})).json()).toMatchObject({
        state: "waiting",
        declined: "declined"
      })
      expect((yield* control(`trades/${token}/ask`, {})).json()).toMatchObject({ state: "asking" })
      const poor = yield* control(`trades/${token}/pay`, { payer: "小红" })
      expect([poor.status, poor.json().error]).toEqual([409, { zh: "余额不足", en: "the payer has too little" }])
      expect((yield* control(`trades/${token}/pay`, { payer: "小明" })).status).toBe(200)
      const again = yield* control(`trades/${token}/pay`, { payer: "小明" })
      expect([again.status, again.json().error.en]).toEqual([409, "it is paid already"])
      expect((yield* control(`trades/${token}`)).json()).toMatchObject({ state: "paid" })
    }))

  it.live("makes refunds to a payer stick", () =>
    Effect.gen(function*() {
      const { box, control } = yield* desk
      expect((yield* control("payers", { name: "小明", stuck: true })).json()).toMatchObject({
        has: 50_000,
        stuck: true
      })
      expect([...box.house.stuckPayers]).toEqual(["小明"])
      expect((yield* control("payers", { name: "小明", stuck: false })).json()).toMatchObject({ stuck: false })
    }))

  it.live("adds rules, lists them and clears them", () =>
    Effect.gen(function*() {
      const { call, control } = yield* desk
      const rule = { wire: "till", operation: "bill", skip: 1, times: 2, does: { _tag: "Limit" } }
      expect((yield* control("rules", rule)).json()).toEqual([rule])
      const statuses: Array<number> = []
      for (let times = 0; times < 4; times++) statuses.push((yield* call("/till/bill")).status)
      expect(statuses).toEqual([200, 429, 429, 200])
      yield* control("rules", rule)
      expect((yield* control("rules")).json()).toEqual([rule])
      expect((yield* control("rules", undefined, { method: "DELETE" })).json()).toEqual([])
    }))

  it.live("puts the clock forward", () =>
    Effect.gen(function*() {
      const { control } = yield* desk
      const { now } = (yield* control("clock")).json()
      expect(now - began).toBeLessThan(60_000)
      const after = (yield* control("clock", { advance: 86_400_000 })).json().now
      expect(after - now).toBeGreaterThanOrEqual(86_400_000)
      expect(after - now).toBeLessThan(86_460_000)
    }))

  it.live("changes a wire's keys, and gives its bills", () =>
    Effect.gen(function*() {
      const { control } = yield* desk
      expect((yield* control("wires/till/rotate", {})).json()).toMatchObject({ serial: "2" })
      expect((yield* control("bills/till/2026-03-01")).json()).toEqual({ day: "2026-03-01", flaw: null })
      yield* control("rules", { does: { _tag: "Bill", flaw: "omitRow" } })
      expect((yield* control("bills/till/2026-03-01")).json()).toEqual({ day: "2026-03-01", flaw: "omitRow" })
    }))
})

describe("what the control desk refuses", () => {
  it.live.each<[title: string, path: string, body: unknown, status: number, en: RegExp]>([
    ["an unknown request", "nothing", undefined, 404, /no such request/],
    ["no request", "", undefined, 404, /no such request/],
    ["another method", "status", {}, 405, /GET/],
    ["no trade of this", "trades/T1/pay", { payer: "小明" }, 404, /no such trade/],
    ["no trade to look at", "trades/T1", undefined, 404, /no such trade/],
    ["no wire of this", "wires/other/rotate", {}, 404, /no such wire/],
    ["no bills of this", "bills/other/2026-03-01", undefined, 404, /no such wire/],
    ["no day", "bills/till/2026-02-30", undefined, 422, /no such day/],
    ["no JSON", "rules", "{", 400, /can not be read/],
    [
      "one name twice",
      "rules",
      "{\"does\":{\"_tag\":\"Limit\"},\"does\":{\"_tag\":\"Limit\"}}",
      400,
      /can not be read/
    ],
    ["deep JSON", "rules", "[".repeat(100) + "]".repeat(100), 413, /can not be read/],
    ["large JSON", "rules", JSON.stringify({ wire: "x".repeat(70_000) }), 413, /can not be read/],
    ["an unknown mischief", "rules", { does: { _tag: "Explode" } }, 422, /: does$/],
    ["a rule that says too much", "rules", { does: { _tag: "Limit" }, more: 1 }, 422, /: more$/],
    ["an unknown forgery", "rules", { does: { _tag: "Forge", how: "luck" } }, 422, /how/],
    ["a rule for no times", "rules", { times: 0, does: { _tag: "Limit" } }, 422, /times/],
    ["no rule", "rules", "", 422, /does/],
    ["a rule for no wire", "rules", { wire: "bank", does: { _tag: "Limit" } }, 422, /no such wire.*: till, iso8583/],
    [
      "a rule for no operation",
      "rules",
      { wire: "ccbApp", operation: "SignOut", does: { _tag: "Drop", after: true } },
      422,
      /no such operation.*: Lookup/
    ],
    [
      "a rule that can never hold",
      "rules",
      { wire: "till", operation: "query", does: { _tag: "Replay" } },
      422,
      /can not go wrong here.*: Drop/
    ],
    [
      "a forgery that a wire has not",
      "rules",
      { wire: "iso8583", does: { _tag: "Forge", how: "wrongAmount" } },
      422,
      /can not be forged here.*: otherKey, tamper$/
    ],
    ["money in yuan", "payers", { name: "小明", amount: "12.50" }, 422, /amount/],
    ["half a fen", "payers", { name: "小明", amount: 0.5 }, 422, /amount/],
    ["money that is taken", "payers", { name: "小明", amount: -1 }, 422, /amount/],
    ["a name of markup", "payers", { name: "<b>", amount: 1 }, 422, /name/],
    ["time that goes back", "clock", { advance: -1 }, 422, /advance/],
    ["years of time", "clock", { advance: 367 * 86_400_000 }, 422, /advance/]
  ])("%s", ([, path, body, status, en]) =>
    Effect.gen(function*() {
      const { box, control } = yield* desk
      const told = yield* control(path, body)
      expect([told.status, told.json().error]).toEqual([
        status,
        { zh: expect.stringMatching(/\p{Script=Han}/u), en: expect.stringMatching(en) }
      ])
      expect(box.rules.left).toEqual([])
      expect(box.house.purses.isWhole).toBe(true)
      expect(box.house.purses.has("payer:小明")).toBe(50_000)
    }))

  it.live("a change of keys where a wire has none", () =>
    Effect.gen(function*() {
      const { make } = yield* Effect.promise(() => import("./support/TillWire.ts"))
      const plain = () => {
        const { bill: _bill, rotate: _rotate, ...wire } = make()()
        return wire
      }
      const { control } = calling(yield* sandbox({ wires: [plain] }))
      expect((yield* control("abilities")).json()).toHaveProperty("till.notice.forges")
      expect((yield* control("wires/till/rotate", {})).status).toBe(409)
      expect((yield* control("bills/till/2026-03-01")).status).toBe(404)
    }))
})
