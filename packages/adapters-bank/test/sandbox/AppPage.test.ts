// The bank's app as a person meets it: who is meant, a password, what came of it; and who can not use it.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createHash } from "node:crypto"
import type { DepositCode } from "../../src/ccb/DepositMessages.ts"
import * as DepositWords from "../../src/sandbox/DepositWords.ts"
import { escaped } from "../../src/sandbox/PageFrame.ts"
import { calling, sandbox } from "./support/merchant.ts"
import * as School from "./support/school.ts"

const holder = { studentNumber: "20260001", name: "李小明", amount: "50.00", payer: "小明" }
const pay = { does: "pay", password: "123456" }

const app = (says: School.Says = School.kind, options = {}) =>
  Effect.gen(function*() {
    const box = yield* sandbox(options)
    const { heard, port } = yield* School.open(box, says)
    yield* box.banks.app.connect(port)
    const { call, control } = calling(box)
    const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      call(path, new URLSearchParams(fields).toString(), {
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers }
      })
    const csrfOf = (path: string) =>
      Effect.map(call(path), ({ text }) => /name="csrf" value="([0-9a-f]{64})"/.exec(text)?.[1] ?? "none")
    /** Sends the form of a page, as a browser does. */
    const form = (path: string, fields: Record<string, string>) =>
      Effect.flatMap(csrfOf(path), (csrf) => send(path, { csrf, ...fields }))
    /** Up to the confirmation. */
    const begin = (fields = {}) =>
      Effect.map(form("/app/", { ...holder, ...fields }), ({ headers, status }) => {
        expect(status).toBe(303)
        return headers.get("location") ?? ""
      })
    return { box, begin, call, control, csrfOf, form, heard, send, has: () => box.house.purses.has("payer:小明") }
  })

const saying = (tag: string, code: DepositCode): School.Says => (asked) =>
  asked._tag === tag ? { code } : School.kind(asked)

describe("the bank's app", () => {
  it.live("asks who is meant, in Chinese and English, without a script", () =>
    Effect.gen(function*() {
      const { call } = yield* app()
      const { headers, status, text } = yield* call("/app/")
      expect(status).toBe(200)
      for (const part of ["学号", "Student number", "证件号，可不填", "小明", "¥500.00", "no real money"]) {
        expect(text).toContain(part)
      }
      expect(text).not.toMatch(/<script|https?:/)
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-.+frame-ancestors/)
      expect(headers.get("cache-control")).toBe("no-store")
    }))

  it.live("shows whom the school means, takes the password, and tells the balance", () =>
    Effect.gen(function*() {
      const { begin, box, call, form, has, heard } = yield* app()
      const place = yield* begin({ idNumber: "430102200001011230" })
      expect(place).toMatch(/^\/app\/[0-9a-f]{32}$/)
      const confirmation = (yield* call(place)).text
      for (const part of ["50.00", "李**", "account-1", "20260001", "确认充值"]) expect(confirmation).toContain(part)
      expect(confirmation).not.toMatch(/李小明|430102/)
      expect(has()).toBe(50_000)
      const paid = yield* form(place, pay)
      expect([paid.status, paid.headers.get("location")]).toEqual([303, place])
      const result = (yield* call(place)).text
      for (const part of ["充值成功", "The money is credited", "¥123.00", "CCB0"]) expect(result).toContain(part)
      expect(result).not.toContain("<form")
      expect(has()).toBe(45_000)
      expect(box.house.purses.isWhole).toBe(true)
      const deposit = heard.find(({ _tag }) => _tag === "Deposit")
      expect(deposit).toMatchObject({
        amount: 5_000,
        account: "account-1",
        payerTail: "0000",
        payerNameHash: createHash("sha256").update("李小明").digest("hex")
      })
    }))

  it.live("pays as whom the bank gave the payer's card", () =>
    Effect.gen(function*() {
      const { begin, control, form, heard } = yield* app()
      const card = { payer: "小明", number: "6217000010000000003", name: "王五", idNumber: "430102200001011230" }
      yield* control("banks/cards", card)
      yield* form(yield* begin(), pay)
      expect(heard.find(({ _tag }) => _tag === "Deposit")).toMatchObject({
        payerTail: "0003",
        payerNameHash: createHash("sha256").update("王五").digest("hex")
      })
    }))

  it.live.each<[title: string, fields: Record<string, string>, told: string]>([
    ["no number", { studentNumber: " " }, "请填写学号"],
    ["a number with a separator", { studentNumber: "1|2" }, "请填写学号"],
    ["no name", { name: "" }, "请填写姓名"],
    ["a name that GBK has not", { name: "🙂" }, "请填写姓名"],
    ["no document", { idNumber: "<b>" }, "证件号格式不对"],
    ["no amount", { amount: "" }, "请填写金额"],
    ["half a fen", { amount: "0.005" }, "请填写金额"],
    ["nothing", { amount: "0.00" }, "请填写金额"],
    ["too little for the school", { amount: "0.99" }, "学校允许 1.00 至 500.00 元"],
    ["too much for the school", { amount: "500.01" }, "学校允许 1.00 至 500.00 元"],
    ["nobody who pays", { payer: "谁" }, "请选择付款人"],
    ["another name", { name: "<i>" }, "姓名或证件号与学号不符"]
  ])("asks again for %s, and keeps what was written as text", ([, fields, told]) =>
    Effect.gen(function*() {
      const { form, has, heard } = yield* app()
      const { status, text } = yield* form("/app/", { ...holder, ...fields })
      expect([status, text.includes(told)]).toEqual([200, true])
      expect(text).not.toMatch(/<[bi]>/)
      expect(text).toContain(`name="amount" value="${fields["amount"] ?? "50.00"}"`)
      expect(heard.filter(({ _tag }) => _tag === "Deposit")).toEqual([])
      expect(has()).toBe(50_000)
    }))

  it.live.each(Object.entries(DepositWords.ofCode).filter(([code]) => code !== "accepted"))(
    "tells in words that the school answers %s",
    ([code, [zh, en]]) =>
      Effect.gen(function*() {
        const lookup = yield* app(saying("Lookup", code as DepositCode))
        const { text } = yield* lookup.form("/app/", holder)
        expect([text.includes(zh), text.includes(escaped(en))]).toEqual([true, true])
        if (code === "outOfOrder") return
        const { begin, call, form, has } = yield* app(saying("Deposit", code as DepositCode))
        const place = yield* begin()
        yield* form(place, pay)
        const result = (yield* call(place)).text
        expect([zh, escaped(en), "款项已退回付款人"].map((part) => result.includes(part))).toEqual([true, true, true])
        expect(has()).toBe(50_000)
      })
  )

  it.live("says that nobody knows, and has it taken back when that is wanted", () =>
    Effect.gen(function*() {
      const { begin, box, call, form, has } = yield* app()
      for (const operation of ["Deposit", "Reverse"]) {
        box.rules.add({ wire: "ccbApp", operation, does: { _tag: "Drop", after: true } })
      }
      const place = yield* begin()
      yield* form(place, pay)
      const unsure = (yield* call(place)).text
      for (const part of ["结果未知", "Nobody knows yet", "要求撤销"]) expect(unsure).toContain(part)
      expect(has()).toBe(45_000)
      yield* form(place, { does: "reverse" })
      expect((yield* call(place)).text).toContain("已撤销，款项已退回付款人")
      expect(has()).toBe(50_000)
    }))

  it.live("is not paid with another password, by one who has too little, or by one who leaves", () =>
    Effect.gen(function*() {
      const { begin, call, form, has, heard } = yield* app()
      const place = yield* begin()
      expect((yield* form(place, { ...pay, password: "000000" })).text).toContain("密码不正确")
      const poor = yield* begin({ payer: "小红" })
      expect((yield* form(poor, pay)).text).toContain("余额不足")
      const left = yield* form(place, { does: "leave" })
      expect(left.headers.get("location")).toBe("/app/")
      expect((yield* call(place)).status).toBe(404)
      expect([has(), heard.some(({ _tag }) => _tag === "Deposit")]).toEqual([50_000, false])
    }))

  it.live("is paid once, however often it is sent", () =>
    Effect.gen(function*() {
      const { begin, csrfOf, has, heard, send } = yield* app()
      const place = yield* begin()
      const csrf = yield* csrfOf(place)
      yield* Effect.replicateEffect(send(place, { csrf, ...pay }), 5, { concurrency: "unbounded" })
      yield* send(place, { csrf, ...pay })
      expect(heard.filter(({ _tag }) => _tag === "Deposit")).toHaveLength(1)
      expect(has()).toBe(45_000)
    }))
})

describe("where something is missing, it says what to do", () => {
  it.live("no school", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const { text } = yield* calling(box).call("/app/")
      for (
        const part of ["还没有学校告知监听端口", "No school has told", "/__sandbox/banks/school", "$TOKEN", "port"]
      ) {
        expect(text).toContain(part)
      }
      expect(text).not.toContain("<form")
      expect(text).not.toContain(Redacted.value(box.token))
    }))

  it.live("no payer", () =>
    Effect.gen(function*() {
      const { call } = yield* app(School.kind, { payers: {} })
      expect((yield* call("/app/")).text).toMatch(/还没有付款人.*__sandbox\/payers/s)
    }))

  it.live("a school that does not answer", () =>
    Effect.gen(function*() {
      const { box, form } = yield* app()
      // Nobody listens at the discard port.
      yield* box.banks.app.connect(9)
      expect((yield* form("/app/", holder)).text).toContain("请检查学校的充值服务是否在运行")
    }))
})

describe("a form of another's", () => {
  it.live.each<[title: string, change: (csrf: string) => [Record<string, string>, Record<string, string>]]>([
    ["without the page's token", () => [{}, {}]],
    ["with another token", (csrf) => [{ csrf: `${csrf.slice(1)}0` }, {}]],
    ["with half of it", (csrf) => [{ csrf: csrf.slice(32) }, {}]],
    ["with as many characters of another kind", () => [{ csrf: "卡".repeat(64) }, {}]],
    ["from another site", (csrf) => [{ csrf }, { "sec-fetch-site": "cross-site" }]]
  ])("%s begins nothing, and pays nothing", ([, change]) =>
    Effect.gen(function*() {
      const { begin, csrfOf, has, heard, send } = yield* app()
      const [fields, headers] = change(yield* csrfOf("/app/"))
      expect((yield* send("/app/", { ...holder, ...fields }, headers)).status).toBe(403)
      expect(heard).toEqual([])
      const place = yield* begin()
      const [other, more] = change(yield* csrfOf(place))
      expect((yield* send(place, { ...pay, ...other }, more)).status).toBe(403)
      expect(has()).toBe(50_000)
    }))

  it.live("with the token of another page, or twice the same field, does nothing", () =>
    Effect.gen(function*() {
      const { begin, call, csrfOf, has, send } = yield* app()
      const place = yield* begin()
      expect((yield* send(place, { ...pay, csrf: yield* csrfOf("/app/") })).status).toBe(403)
      expect((yield* send(place, { ...pay, csrf: yield* csrfOf(yield* begin()) })).status).toBe(403)
      expect((yield* call(place, `csrf=${yield* csrfOf(place)}&does=pay&password=123456&does=pay`)).status).toBe(403)
      expect(has()).toBe(50_000)
    }))

  it.live("for no visit finds none, and no other method does anything", () =>
    Effect.gen(function*() {
      const { begin, box, call } = yield* app()
      const place = yield* begin()
      expect((yield* call("/app/00")).status).toBe(404)
      expect((yield* call(`${place}/more`)).status).toBe(404)
      expect((yield* call(place, undefined, { method: "DELETE" })).status).toBe(405)
      expect((yield* call(place)).text).not.toContain(Redacted.value(box.token))
    }))
})
