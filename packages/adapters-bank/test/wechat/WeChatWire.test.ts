import { type Callback, CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { BillFlaw } from "../../src/sandbox/Mischief.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as WeChatAnswer from "../../src/wechat/WeChatAnswer.ts"
import * as WeChatAuthorization from "../../src/wechat/WeChatAuthorization.ts"
import * as WeChatBillFile from "../../src/wechat/WeChatBillFile.ts"
import * as WeChatCall from "../../src/wechat/WeChatCall.ts"
import * as WeChatClock from "../../src/wechat/WeChatClock.ts"
import * as WeChatSignature from "../../src/wechat/WeChatSignature.ts"
import * as WeChatTradeBill from "../../src/wechat/WeChatTradeBill.ts"
import { InProcess } from "../support/inProcess.ts"
import { notifyUrl, start } from "./counter.ts"

const wire = WeChatWire.make(start)
const number = "20260302ABCDEFGHJKMNPQRSTV01"

/** A merchant who signs by hand. */
const merchant = () => {
  const there = new InProcess(wire)
  there.house.purses.put("lihua", Money.of(100_000))
  const settings = WeChatWire.settingsOf(wire.terms(there.origin), {
    name: "wechat",
    scene: "order",
    description: "校园卡充值",
    notifyUrl
  })
  const { appid, merchant: { mchid } } = settings
  let nonces = 0
  const raw = (call: WeChatCall.WeChatCall, now = start): Callback.Raw => ({
    method: call.method,
    url: call.target,
    headers: {
      authorization: WeChatAuthorization.sign(settings.merchant, call, { now, nonce: `n${++nonces}` }),
      "wechatpay-serial": [...settings.keys.keys()][0]
    },
    body: call.body
  })
  const send = (request: Callback.Raw, now = start, flaw?: BillFlaw) =>
    wire.route(request)?.run(there.here(now, flaw === undefined ? undefined : { _tag: "Bill", flaw }))
  const ask = (call: WeChatCall.WeChatCall, now = start, flaw?: BillFlaw) => send(raw(call, now), now, flaw)
  const order = { appid, mchid, description: "充值", out_trade_no: number, notify_url: notifyUrl } as const
  const native = (total = 5_000) => WeChatCall.native({ ...order, amount: { total: Money.amount(total) } })
  const { notify_url: _, ...bare } = order
  const charge = (code: string, out_trade_no = number) =>
    WeChatCall.codePay({
      ...bare,
      out_trade_no,
      amount: { total: Money.amount(5_000) },
      payer: { auth_code: code },
      scene_info: { device_id: "till-1" }
    })
  const pay = (now = start) => Result.getOrThrow(there.house.pay(there.house.all[0]?.token ?? "", "lihua", now))
  return { there, settings, mchid, appid, raw, send, ask, native, charge, pay }
}

const said = (answer: { readonly status: number; readonly body: Uint8Array } | undefined) =>
  `${answer?.status} ${
    (JSON.parse(Buffer.from(answer?.body ?? []).toString() || "{}") as { code?: string }).code ?? ""
  }`
    .trim()

describe("a request", () => {
  const { native, raw, send } = merchant()
  const genuine = raw(native())
  const signed = genuine.headers["authorization"] ?? ""
  it.each([
    ["that is genuine", genuine, "200"],
    ["without a signature", { ...genuine, headers: {} }, "401 SIGN_ERROR"],
    ["with another body", { ...genuine, body: Buffer.from("{}") }, "401 SIGN_ERROR"],
    ["of another certificate", {
      ...genuine,
      headers: { authorization: signed.replace(/serial_no="[^"]*"/, "serial_no=\"AB\"") }
    }, "401 SIGN_ERROR"],
    ["of another merchant", {
      ...genuine,
      headers: { authorization: signed.replace(/mchid="\d+"/, "mchid=\"1900000002\"") }
    }, "401 SIGN_ERROR"],
    ["of six minutes ago", raw(native(), CivilTime.later(start, -360_000)), "401 SIGN_ERROR"]
  ])("%s", (_, request, answer) => {
    expect(said(send(request))).toBe(answer)
  })

  it("of no call of WeChat Pay's is nobody's", () => {
    fc.assert(fc.property(fc.webPath(), fc.constantFrom("GET", "POST", "PUT"), (path, method) => {
      expect(wire.route({ method, url: `/other${path}`, headers: {}, body: new Uint8Array() })).toBeUndefined()
    }))
  })

  it("whose path is no path at all is refused and no fault", () => {
    const url = "/v3/pay/transactions/out-trade-no/%E0%A4%A?mchid=1"
    expect(said(send({ method: "GET", url, headers: {}, body: new Uint8Array() }))).toBe("401 SIGN_ERROR")
  })
})

describe("the sandbox's log", () => {
  it("has one line of what is refused, with its code and nothing of what was sent", () => {
    const { ask, mchid, native, pay, raw, send } = merchant()
    const noteOf = (answer: ReturnType<typeof send>) => answer?.note
    expect(noteOf(send({ ...raw(native()), headers: {} }))).toBe("The sandbox's WeChat Pay refuses create: SIGN_ERROR")
    const wrong = { ...native(), body: Buffer.from(JSON.stringify({ out_trade_no: number, amount: { total: 0 } })) }
    expect(noteOf(ask(wrong))).toBe("The sandbox's WeChat Pay refuses create: PARAM_ERROR")
    const path = { ...WeChatCall.query(mchid, number), target: `/v3/pay/transaction/${number}` }
    expect(noteOf(ask(path))).toBe("The sandbox's WeChat Pay refuses unknown: NOT_FOUND")
    expect(noteOf(ask(WeChatCall.query(mchid, number)))).toBeUndefined()
    expect(noteOf(ask(native()))).toBeUndefined()
    pay()
    expect(noteOf(ask(WeChatCall.close(mchid, number)))).toBe("The sandbox's WeChat Pay refuses close: ORDER_PAID")
  })

  it.each([
    [{ amount: { total: 0 } }, "/amount/total"],
    [{ amount: { total: "5000" } }, "/amount/total"],
    [{ notify_url: "https://school.test/?a=1" }, "/notify_url"],
    [{ time_expire: "2026-03-02T11:00:00+08:00" }, "/time_expire"],
    [{ out_trade_no: "1" }, "/out_trade_no"]
  ])("and the merchant is told which field is wrong: %j", (more, field) => {
    const { ask, native } = merchant()
    const good = JSON.parse(Buffer.from(native().body).toString()) as object
    const answer = ask({ ...native(), body: Buffer.from(JSON.stringify({ ...good, ...more })) })
    expect(said(answer)).toBe("400 PARAM_ERROR")
    expect(WeChatAnswer.fieldOf(WeChatAnswer.problem(answer?.body ?? new Uint8Array()))).toBe(field)
  })
})

describe("an order", () => {
  it("is the same order again, and another under its number is refused", () => {
    const { ask, native, pay, there } = merchant()
    expect(said(ask(native()))).toBe("200")
    expect(ask(native())?.body).toEqual(ask(native())?.body)
    expect(said(ask(native(1)))).toBe("403 OUT_TRADE_NO_USED")
    pay()
    expect(said(ask(native()))).toBe("400 ORDER_PAID")
    expect(there.house.all).toHaveLength(1)
  })

  it("is closed once, never when it is paid, and not while somebody pays", () => {
    const { ask, mchid, native, pay, there } = merchant()
    const close = WeChatCall.close(mchid, number)
    expect(said(ask(close))).toBe("404 ORDER_NOT_EXIST")
    ask(native())
    there.house.ask(there.house.all[0]?.token ?? "", start)
    expect(said(ask(close))).toBe("429 FREQUENCY_LIMITED")
    pay()
    expect(said(ask(close))).toBe("400 ORDER_PAID")
    const other = merchant()
    other.ask(other.native())
    expect([said(other.ask(close)), said(other.ask(close)), said(other.ask(other.native()))]).toEqual([
      "204",
      "204",
      "400 ORDER_CLOSED"
    ])
  })

  it("by a code is charged once for each code", () => {
    const { ask, charge, there } = merchant()
    const code = "130000000000000002"
    there.house.purses.put(code, Money.of(20_000))
    expect(said(ask(charge(code)))).toBe("200")
    expect(said(ask(charge(code)))).toBe("200")
    expect(said(ask(charge(code, `${number.slice(0, -1)}2`)))).toBe("400 AUTH_CODE_INVALID")
    expect(there.house.purses.has(`payer:${code}`)).toBe(15_000)
    expect(there.house.purses.isWhole).toBe(true)
  })

  it("by a code that asks for a password is not known until it was typed", () => {
    const { ask, charge, mchid } = merchant()
    expect(said(ask(charge("130000000000000001")))).toBe("202 USERPAYING")
    expect(Buffer.from(ask(WeChatCall.query(mchid, number))?.body ?? []).toString()).toContain("USERPAYING")
  })
})

describe("a refund", () => {
  const back = (refund: number, out_refund_no = "R1") =>
    WeChatCall.refund({
      out_trade_no: number,
      out_refund_no,
      amount: { refund: Money.amount(refund), total: Money.amount(5_000), currency: "CNY" }
    })
  it("is one refund under one number, and never more than was paid", () => {
    const { ask, native, pay, there } = merchant()
    expect(said(ask(back(5_000)))).toBe("404 RESOURCE_NOT_EXISTS")
    ask(native())
    expect(said(ask(back(5_000)))).toBe("400 INVALID_REQUEST")
    pay()
    for (let times = 0; times < 3; times++) expect(said(ask(back(3_000)))).toBe("200")
    expect(said(ask(back(1_000)))).toBe("400 INVALID_REQUEST")
    expect(said(ask(back(3_000, "R2")))).toBe("400 INVALID_REQUEST")
    expect(said(ask(back(2_000, "R3")))).toBe("200")
    expect(there.house.purses.has("payer:lihua")).toBe(100_000)
  })

  it("to an account that takes no money is abnormal", () => {
    const { ask, native, pay, there } = merchant()
    ask(native())
    pay()
    there.house.stuckPayers.add("lihua")
    ask(back(5_000))
    expect(Buffer.from(ask(WeChatCall.queryRefund("R1"))?.body ?? []).toString()).toContain("ABNORMAL")
  })
})

describe("a bill", () => {
  const day = CivilTime.dayOf(start)
  const bill = (flaw?: BillFlaw, of = day) => {
    const { ask, mchid, native, pay } = merchant()
    ask(native())
    pay()
    const now = CivilTime.later(WeChatClock.billFrom(of), 0)
    const at = ask(WeChatCall.tradeBill(of, "ALL"), now, flaw)
    if (said(at) !== "200") return said(at)
    const { download_url, hash_value } = JSON.parse(Buffer.from(at?.body ?? []).toString()) as Record<string, string>
    const call = WeChatCall.download(download_url ?? "", ["https://sandbox.test"])
    if (call === undefined) throw new Error("It lies elsewhere")
    expect(said(ask(call, CivilTime.later(now, 6 * CivilTime.minute)))).toBe("400 INVALID_REQUEST")
    const file = WeChatBillFile.unpack(ask(call, now)?.body ?? new Uint8Array(), {
      sha1: hash_value ?? "",
      isZipped: true
    })
    const rows = Result.getOrThrow(WeChatTradeBill.read(Result.getOrThrow(file), mchid))
    return rows.map(({ amount }) => amount)
  }
  it.each(
    [
      [undefined, [5_000]],
      ["omitRow", "400 NO_STATEMENT_EXIST"],
      ["extraRow", [5_000, 5_000]],
      ["wrongAmount", [5_001]],
      ["duplicateRow", [5_000, 5_000]],
      ["shiftDay", "400 NO_STATEMENT_EXIST"]
    ] as const
  )("with the flaw %s has these rows", (flaw, rows) => {
    expect(bill(flaw)).toEqual(rows)
  })

  it("is not made before ten in the morning after", () => {
    const { ask } = merchant()
    const early = CivilTime.later(WeChatClock.billFrom(day), -1)
    expect(said(ask(WeChatCall.tradeBill(day, "ALL"), early))).toBe("400 STATEMENT_CREATING")
  })
})

describe("certificates that are changed", () => {
  it("sign in turn for a day, and then the new one alone", () => {
    const changing = WeChatWire.make(start)
    const there = new InProcess(changing)
    const settings = WeChatWire.settingsOf(changing.terms(there.origin), {
      name: "wechat",
      scene: "order",
      description: "充值",
      notifyUrl
    })
    const serials = (now: CivilTime.Instant) =>
      new Set(Array.from({ length: 10 }, (_, at) => {
        const call = WeChatCall.query(settings.merchant.mchid, number)
        const authorization = WeChatAuthorization.sign(settings.merchant, call, { now, nonce: `n${at}` })
        const raw = { method: "GET", url: call.target, headers: { authorization }, body: call.body }
        return changing.route(raw)?.run(there.here(now)).headers["wechatpay-serial"]
      }))
    expect(serials(start).size).toBe(1)
    changing.rotate?.(start)
    expect(serials(start).size).toBe(2)
    expect(serials(CivilTime.later(start, 25 * CivilTime.hour)).size).toBe(1)
  })
})

it("notices come again for a day and four minutes, until they are answered 200 or 204", () => {
  expect(wire.resends.reduce((sum, wait) => sum + wait, 0)).toBe(24 * CivilTime.hour + 4 * CivilTime.minute)
  const taken = [200, 204, 302, 401, 500].filter((status) => wire.isTaken({ status, body: new Uint8Array() }))
  expect(taken).toEqual([200, 204])
})

it("a probe says that it is one, and is signed wrongly", () => {
  const { ask, native, pay, there } = merchant()
  ask(native())
  const notice = wire.notice({ what: "paid", trade: pay() }, there.here(start, { _tag: "Forge", how: "probe" }))
  expect(notice?.headers["wechatpay-signature"]?.startsWith(WeChatSignature.probeMark)).toBe(true)
})
