import { CivilTime, Money } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { unzipSync } from "fflate"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import type { Happening } from "../../src/sandbox/House.ts"
import type { Forgery } from "../../src/sandbox/Mischief.ts"
import { attemptOf, books, Campus, drive, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"

const now = CivilTime.instant("2026-03-02 12:00")
const alive = "280000000000000002"

/** The sandbox behind a socket, and Alipay's own library as its merchant. */
class Judged {
  readonly wire = AlipayWire.make()
  readonly net = new InProcess(this.wire)
  now = now
  forgery: Forgery | undefined
  readonly happenings: Array<Happening> = []
  readonly #server: Server
  sdk!: AlipaySdk
  origin = ""

  constructor() {
    this.net.house.listen((happening) => void this.happenings.push(happening))
    this.#server = createServer((request, response) => {
      const parts: Array<Buffer> = []
      request.on("data", (part: Buffer) => void parts.push(part))
      request.on("end", () => {
        const raw = { method: request.method ?? "", url: request.url ?? "", headers: {}, body: Buffer.concat(parts) }
        const answer = this.wire.route(raw)?.run(this.here)
        response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body)
      })
    })
  }

  get here() {
    return { ...this.net.here(this.now), origin: this.origin, forgery: this.forgery }
  }

  async begin() {
    await new Promise<void>((resolve) => void this.#server.listen(0, "127.0.0.1", resolve))
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    const {
      alipay_public_key: alipayPublicKey = "",
      app_id: appId = "",
      app_private_key: privateKey = "",
      gateway = ""
    } = this.wire.terms(this.origin)
    this.sdk = new AlipaySdk({ appId, privateKey, keyType: "PKCS8", alipayPublicKey, gateway, camelcase: false })
  }

  async end() {
    this.#server.closeAllConnections()
    await new Promise((resolve) => void this.#server.close(resolve))
  }

  ask(method: string, bizContent: Readonly<Record<string, string>>) {
    const extra = method.endsWith("create") || method.endsWith(".pay") ? { notifyUrl: "http://school.test/alipay" } : {}
    return this.sdk.exec(method, { bizContent, ...extra }, { validateSign: true })
  }
}

const judged = new Judged()
beforeAll(() => judged.begin())
afterAll(() => judged.end())

const ordered = (number: string, more: Readonly<Record<string, string>> = {}) => ({
  out_trade_no: number,
  total_amount: "50.00",
  subject: "校园卡充值",
  ...more
})

describe("Alipay's own library believes the sandbox", () => {
  it("from a code that is scanned to its refund, with a notice of each that keeps its id", async () => {
    const { house } = judged.net
    house.purses.put("alice", Money.amount(5_000))
    const number = "judge00000000000000000000001"
    const created = await judged.ask("alipay.trade.precreate", ordered(number))
    expect(created).toMatchObject({ code: "10000", out_trade_no: number })
    const unseen = { code: "40004", sub_code: "ACQ.TRADE_NOT_EXIST" }
    expect(await judged.ask("alipay.trade.query", { out_trade_no: number })).toMatchObject(unseen)
    house.pay(String(created["qr_code"]).replace(/^.*\/pay\//, ""), "alice", judged.now)
    const reference = house.find({ wire: "alipay", merchant: "2088000000000001", number })?.reference
    expect(await judged.ask("alipay.trade.query", { out_trade_no: number })).toMatchObject({
      code: "10000",
      trade_no: reference,
      trade_status: "TRADE_SUCCESS",
      total_amount: "50.00",
      send_pay_date: "2026-03-02 12:00:00"
    })
    expect(await judged.ask("alipay.trade.close", { out_trade_no: number })).toMatchObject({ code: "40004" })
    const refund = { out_trade_no: number, out_request_no: `${number}R`, refund_amount: "50.00" }
    expect(await judged.ask("alipay.trade.refund", refund)).toMatchObject({ fund_change: "Y", refund_fee: "50.00" })
    expect(await judged.ask("alipay.trade.refund", refund)).toMatchObject({ fund_change: "N", refund_fee: "50.00" })
    const known = { out_trade_no: number, out_request_no: `${number}R` }
    expect(await judged.ask("alipay.trade.fastpay.refund.query", known)).toMatchObject({
      refund_status: "REFUND_SUCCESS",
      refund_amount: "50.00"
    })
    const closed = { trade_status: "TRADE_CLOSED", send_pay_date: "2026-03-02 12:00:00" }
    expect(await judged.ask("alipay.trade.query", { out_trade_no: number })).toMatchObject(closed)
    expect(house.purses.has("payer:alice")).toBe(5_000)
    expect(house.purses.isWhole).toBe(true)

    const [paid, refunded] = judged.happenings.map((happening) =>
      [0, 4 * CivilTime.minute].map((later) => {
        const notice = judged.wire.notice(happening, { ...judged.here, now: CivilTime.later(judged.now, later) })
        return Object.fromEntries(new URLSearchParams(Buffer.from(notice?.body ?? []).toString()))
      })
    )
    for (const notice of [...paid ?? [], ...refunded ?? []]) expect(judged.sdk.checkNotifySignV2(notice)).toBe(true)
    expect(paid).toMatchObject([
      { trade_status: "TRADE_SUCCESS", total_amount: "50.00", trade_no: reference, notify_time: "2026-03-02 12:00:00" },
      { notify_id: paid?.[0]?.["notify_id"], notify_time: "2026-03-02 12:04:00" }
    ])
    expect(refunded?.[0]).toMatchObject({ refund_fee: "50.00", out_biz_no: `${number}R`, total_amount: "50.00" })
    expect(refunded?.[0]?.["notify_id"]).not.toBe(paid?.[0]?.["notify_id"])
    expect(judged.sdk.checkNotifySignV2({ ...paid?.[0], total_amount: "5000.00" })).toBe(false)
  })

  it("a code that is shown: paid at once, waited for, taken back", async () => {
    const { house } = judged.net
    house.purses.put(alive, Money.amount(5_000))
    const shown = (number: string, auth_code: string) =>
      judged.ask("alipay.trade.pay", ordered(number, { scene: "bar_code", auth_code }))
    expect(await shown("shown1", alive)).toMatchObject({ code: "10000", total_amount: "50.00" })
    expect(await shown("shown1", alive)).toMatchObject({ code: "40004", sub_code: "ACQ.TRADE_HAS_SUCCESS" })
    expect(await shown("shown2", alive)).toMatchObject({ sub_code: "ACQ.BUYER_BALANCE_NOT_ENOUGH" })
    expect(await shown("shown3", "280000000000000009")).toMatchObject({ sub_code: "ACQ.PAYMENT_AUTH_CODE_INVALID" })
    expect(await shown("shown4", "280000000000000001")).toMatchObject({ code: "10003" })
    const waiting = { trade_status: "WAIT_BUYER_PAY" }
    expect(await judged.ask("alipay.trade.query", { out_trade_no: "shown4" })).toMatchObject(waiting)
    const cancel = (number: string) => judged.ask("alipay.trade.cancel", { out_trade_no: number })
    expect(await cancel("shown4")).toMatchObject({ code: "10000", retry_flag: "N", action: "close" })
    expect(await cancel("shown1")).toMatchObject({ code: "10000", retry_flag: "N", action: "refund" })
    expect(await cancel("never")).toMatchObject({ code: "10000", retry_flag: "N" })
    expect(house.purses.has(`payer:${alive}`)).toBe(5_000)
  })

  it("a bill that is there from nine o'clock of the next day, for half a minute, in GBK", async () => {
    const asked = { bill_type: "trade", bill_date: "2026-03-02" }
    const method = "alipay.data.dataservice.bill.downloadurl.query"
    expect(await judged.ask(method, asked)).toMatchObject({ code: "40004", sub_code: "isp.bill_not_exist" })
    judged.now = CivilTime.instant("2026-03-03 09:00")
    const url = String((await judged.ask(method, asked))["bill_download_url"])
    const files = unzipSync(new Uint8Array(await (await fetch(url)).arrayBuffer()))
    const [bill] = Object.values(files)
    expect(new TextDecoder("gbk", { fatal: true }).decode(bill)).toContain(
      "judge00000000000000000000001\t,交易\t,校园卡充值\t"
    )
    judged.now = CivilTime.later(judged.now, 31_000)
    expect((await fetch(url)).status).toBe(404)
    judged.now = now
  })
})

describe("what the library refuses, and what the sandbox does", () => {
  it.each<Forgery>(["otherKey", "tamper"])("an answer with %s", async (forgery) => {
    judged.forgery = forgery
    await expect(judged.ask("alipay.trade.query", { out_trade_no: "judge00000000000000000000001" })).rejects.toThrow(
      "验签失败"
    )
    judged.forgery = undefined
  })

  it("a request under another key, of another application, of no method", async () => {
    const { app_id: appId = "", gateway = "" } = judged.wire.terms(judged.origin)
    const { app_private_key: privateKey = "" } = AlipayWire.make().terms(judged.origin)
    const stranger = new AlipaySdk({ appId, privateKey, keyType: "PKCS8", gateway, camelcase: false })
    const asked = { bizContent: { out_trade_no: "a1" } }
    expect(await stranger.exec("alipay.trade.query", asked)).toMatchObject({ sub_code: "isv.invalid-signature" })
    const other = new AlipaySdk({ appId: "2021000000000099", privateKey, keyType: "PKCS8", gateway, camelcase: false })
    expect(await other.exec("alipay.trade.query", asked)).toMatchObject({ sub_code: "isv.invalid-app-id" })
    expect(await judged.ask("alipay.trade.nothing", {})).toMatchObject({ sub_code: "isv.invalid-method" })
    expect(await judged.ask("alipay.trade.query", {})).toMatchObject({ sub_code: "ACQ.INVALID_PARAMETER" })
  })

  it("sends a notice again for 25 hours, until it is answered with success and nothing else", () => {
    expect(judged.wire.resends.map((wait) => wait / CivilTime.minute)).toEqual([4, 10, 10, 60, 120, 360, 900])
    const isTaken = (body: string) => judged.wire.isTaken({ status: 200, body: Buffer.from(body) })
    expect(["success", "SUCCESS", "success\n", "", "fail"].map(isTaken)).toEqual([true, false, false, false, false])
  })
})

describe("our own channel over the same socket", () => {
  it("orders, asks, pays back, and fetches the bill", async () => {
    judged.now = now
    const { house } = judged.net
    house.purses.put("bob", Money.amount(5_000))
    const settings = AlipayWire.settingsOf(judged.wire.terms(judged.origin), {
      name: "alipay",
      title: "校园卡充值",
      serves: serves("alipay"),
      billHosts: [new URL(judged.origin).host]
    })
    const channel = await Effect.runPromise(Effect.provide(Alipay.make(settings), FetchHttpClient.layer))
    const campus = new Campus([channel])
    campus.now = judged.now
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt } = yield* campus.place("alipay", 5_000)
      expect(yield* channel.query(attempt)).toEqual({ _tag: "Waiting" })
      yield* campus.closeAccount
      const trade = house.all.find(({ number }) => number === attempt.number)
      house.pay(trade?.token ?? "", "bob", campus.now)
      yield* drive()
      expect((yield* attemptOf(attempt.number))._tag).toBe("Returned")
      expect(house.purses.has("payer:bob")).toBe(5_000)
      const day = CivilTime.dayOf(campus.now)
      judged.now = CivilTime.later(judged.now, CivilTime.dayLength)
      campus.now = judged.now
      const { rows } = yield* channel.bill?.(day) ?? Effect.die("no bill")
      expect(rows.filter(({ row }) => row.number === attempt.number).map(({ row }) => row.kind)).toEqual([
        "payment",
        "refund"
      ])
      yield* books
    }))
  })
})
