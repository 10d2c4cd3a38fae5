// The page where a person pays: what it shows, what it does, and who can not use it.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { calling, sandbox } from "./support/merchant.ts"

const page = (options = {}, more: object = {}) =>
  Effect.gen(function*() {
    const box = yield* sandbox(options)
    const { call, open } = calling(box)
    const token = yield* open("N1", more)
    const path = `/pay/${token}`
    const [, csrf = ""] = /name="csrf" value="([0-9a-f]{64})"/.exec((yield* call(path)).text) ?? []
    const form = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      call(path, new URLSearchParams(fields).toString(), {
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers }
      })
    const state = () => box.house.byToken(token)
    return { box, call, csrf, form, path, state, token }
  })

describe("the payer's page", () => {
  it.live("shows what is asked for, in Chinese and English, without a script, and as text what others wrote", () =>
    Effect.gen(function*() {
      const { call, path } = yield* page()
      const { headers, status, text } = yield* call(path)
      expect(status).toBe(200)
      for (const part of ["12.50", "收银台演示", "N1", "小明", "¥500.00", "确认支付", "Decline", "no real money"]) {
        expect(text).toContain(part)
      }
      expect(text).toContain("&#60;b&#62;12")
      expect(text).not.toMatch(/<script|<b>|https?:/)
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-.+frame-ancestors/)
      expect(headers.get("content-type")).toBe("text/html; charset=utf-8")
    }))

  it.live("pays with the right password, once, and then says so", () =>
    Effect.gen(function*() {
      const { box, call, csrf, form, path, state } = yield* page()
      const pay = { csrf, does: "pay", payer: "小明", password: "123456" }
      const paid = yield* form(pay)
      expect([paid.status, paid.headers.get("location")]).toEqual([303, path])
      expect(state()).toMatchObject({ state: "paid", payer: "小明" })
      expect((yield* call(path)).text).toContain("支付成功")
      expect((yield* form(pay)).text).toContain("支付成功")
      expect(box.house.purses.has("payer:小明")).toBe(48_750)
      expect(box.house.purses.isWhole).toBe(true)
    }))

  it.live.each<[title: string, fields: Record<string, string>, told: string, declined: string | undefined]>([
    ["a wrong password", { does: "pay", payer: "小明", password: "000000" }, "密码不正确", "declined"],
    ["no password", { does: "pay", payer: "小明" }, "密码不正确", "declined"],
    ["too little money", { does: "pay", payer: "小红", password: "123456" }, "余额不足", "insufficient"],
    ["a payer whom nobody knows", { does: "pay", payer: "谁", password: "123456" }, "请选择付款人", undefined],
    ["a no", { does: "decline" }, "已拒绝付款", "declined"],
    ["nothing said", {}, "已拒绝付款", "declined"]
  ])("moves no money for %s, and may be paid yet", ([, fields, told, declined]) =>
    Effect.gen(function*() {
      const { box, csrf, form, state } = yield* page()
      const answer = yield* form({ csrf, ...fields })
      expect([answer.status, answer.text.includes(told)]).toEqual([200, true])
      expect(state()).toMatchObject({ state: "waiting" })
      expect(state()?.declined).toBe(declined)
      expect(box.house.purses.has("payer:小明")).toBe(50_000)
      expect((yield* form({ csrf, does: "pay", payer: "小明", password: "123456" })).status).toBe(303)
    }))

  it.live("sends the browser on to the merchant, with what the wire says, and nowhere else", () =>
    Effect.gen(function*() {
      const { call, csrf, form, path } = yield* page({}, { front: "http://127.0.0.1:9/front?a=1&b=\"" })
      yield* form({ csrf, does: "pay", payer: "小明", password: "123456" })
      const { headers, text } = yield* call(path)
      expect(text).toContain("<form method=\"post\" action=\"http://127.0.0.1:9/front?a=1&#38;b=&#34;\">")
      expect(text).toContain("name=\"quote\" value=\"&#34;&#60;&#62;\"")
      expect(headers.get("content-security-policy")).toContain("form-action 'self' http://127.0.0.1:9;")
    }))

  it.live.each(["javascript:alert(1)", "data:text/html,x", "nowhere"])(
    "does not send it to %s",
    (front) =>
      Effect.gen(function*() {
        const { call, csrf, form, path } = yield* page({}, { front })
        yield* form({ csrf, does: "pay", payer: "小明", password: "123456" })
        const { text } = yield* call(path)
        expect(text).toContain("支付成功")
        expect(text).not.toContain("<form")
      })
  )

  it.live("is over when the time is, or the merchant closed it", () =>
    Effect.gen(function*() {
      const { box, call, csrf, form, path, state } = yield* page()
      yield* box.clock.advance(3_600_001)
      expect((yield* call(path)).text).toContain("交易已关闭")
      expect((yield* form({ csrf, does: "pay", payer: "小明", password: "123456" })).text).toContain("交易已关闭")
      expect(state()).toMatchObject({ state: "waiting" })
      expect(box.house.purses.has("payer:小明")).toBe(50_000)
    }))

  it.live("says so where nobody has money", () =>
    Effect.gen(function*() {
      const { call, path } = yield* page({ payers: {} })
      expect((yield* call(path)).text).toContain("还没有付款人")
    }))
})

describe("a form of another's", () => {
  it.live.each<[title: string, change: (csrf: string) => [Record<string, string>, Record<string, string>]]>([
    ["without the page's token", () => [{}, {}]],
    ["with another token", (csrf) => [{ csrf: `${csrf.slice(1)}0` }, {}]],
    ["with half of it", (csrf) => [{ csrf: csrf.slice(32) }, {}]],
    ["from another site", (csrf) => [{ csrf }, { "sec-fetch-site": "cross-site" }]]
  ])("%s pays nothing", ([, change]) =>
    Effect.gen(function*() {
      const { csrf, form, state } = yield* page()
      const [fields, headers] = change(csrf)
      const told = yield* form({ does: "pay", payer: "小明", password: "123456", ...fields }, headers)
      expect(told.status).toBe(403)
      expect(state()).toMatchObject({ state: "waiting" })
    }))

  it.live("with another payment's token, or twice the same field, pays nothing", () =>
    Effect.gen(function*() {
      const { box, call, csrf, path, state } = yield* page()
      const other = yield* calling(box).open("N2")
      const body = `csrf=${csrf}&does=pay&payer=${encodeURIComponent("小明")}&password=123456`
      expect((yield* call(`/pay/${other}`, body)).status).toBe(403)
      expect((yield* call(path, `${body}&payer=x`)).status).toBe(403)
      expect((yield* call(path, "%")).status).toBe(403)
      expect(state()).toMatchObject({ state: "waiting" })
    }))

  it.live("for no payment finds none, and no other method does anything", () =>
    Effect.gen(function*() {
      const { box, call, path, token } = yield* page()
      expect((yield* call("/pay/")).status).toBe(404)
      expect((yield* call("/pay/T1")).status).toBe(404)
      expect((yield* call(`/pay/${token}/more`)).status).toBe(404)
      expect((yield* call(path, undefined, { method: "DELETE" })).status).toBe(405)
      expect((yield* call(path)).text).not.toContain(Redacted.value(box.token))
    }))
})
