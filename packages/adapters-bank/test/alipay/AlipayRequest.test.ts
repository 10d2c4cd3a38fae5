import { CivilTime, Money } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import * as fc from "fast-check"
import { generateKeyPairSync } from "node:crypto"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as AlipayRefund from "../../src/alipay/AlipayRefund.ts"
import * as AlipayRequest from "../../src/alipay/AlipayRequest.ts"
import * as AlipayResponse from "../../src/alipay/AlipayResponse.ts"
import * as AlipaySignature from "../../src/alipay/AlipaySignature.ts"
import * as AlipayTrade from "../../src/alipay/AlipayTrade.ts"

const application = generateKeyPairSync("rsa", { modulusLength: 2048 })
const gateway = generateKeyPairSync("rsa", { modulusLength: 2048 })
const foreign = generateKeyPairSync("rsa", { modulusLength: 2048 })
const id = "2021000000000001"
const at = CivilTime.instant("2025-11-30 10:00:05")
const ours: AlipayRequest.Application = {
  id,
  key: application.privateKey,
  notifyUrl: "https://school.example/alipay?x=1"
}
const trustOf = (asked: string): AlipaySignature.Trust | undefined =>
  asked === id ? [{ key: application.publicKey }] : undefined
const order = { number: "Y2025113000000000000000000001", amount: Money.amount(5000), title: "校园卡充值 50 元" }

const read = ({ body, query }: { readonly query: string; readonly body: string }) =>
  AlipayRequest.read({ url: `/gateway.do?${query}`, body: Buffer.from(body) }, trustOf)

const isTitle = (text: string) => !/[/=&\p{Cc}\p{Cs}]/u.test(text)

describe("a request", () => {
  it("has its common parameters in the query and its content in the form", () => {
    const written = AlipayRequest.write(ours, AlipayTrade.precreate, { ...order, expiresAt: at }, at)
    const { sign, ...query } = Object.fromEntries(new URLSearchParams(written.query))
    expect(query).toEqual({
      app_id: id,
      method: "alipay.trade.precreate",
      format: "JSON",
      charset: "utf-8",
      sign_type: "RSA2",
      timestamp: "2025-11-30 10:00:05",
      version: "1.0",
      notify_url: "https://school.example/alipay?x=1"
    })
    expect(sign).toHaveLength(344)
    const form = Object.fromEntries(new URLSearchParams(written.body))
    expect(Object.keys(form)).toEqual(["biz_content"])
    expect(JSON.parse(form["biz_content"] ?? "")).toEqual({
      out_trade_no: "Y2025113000000000000000000001",
      total_amount: "50.00",
      subject: "校园卡充值 50 元",
      time_expire: "2025-11-30 10:00:05"
    })
  })

  const comesThrough = <C, A>(call: AlipayTrade.Call<C, A>, content: C, wire: object) => () => {
    const believed = Result.getOrThrow(read(AlipayRequest.write(ours, call, content, at)))
    expect(believed).toEqual({ application: id, method: call.method, at, content: wire })
    expect(AlipayRequest.contentOf(call, believed)).toEqual(Result.succeed(content))
  }
  const refund = { number: "a1", refundNumber: "r1" }
  const refundWire = { out_trade_no: "a1", out_request_no: "r1" }
  it.each<[string, () => void]>([
    [
      "pay",
      comesThrough(AlipayTrade.pay, { ...order, scene: "bar_code", code: "280000000000000000" }, {
        out_trade_no: order.number,
        total_amount: "50.00",
        subject: order.title,
        scene: "bar_code",
        auth_code: "280000000000000000"
      })
    ],
    ["query", comesThrough(AlipayTrade.query, { reference: "2025113022001" }, { trade_no: "2025113022001" })],
    ["cancel", comesThrough(AlipayTrade.cancel, { number: "a1" }, { out_trade_no: "a1" })],
    ["close", comesThrough(AlipayTrade.close, { number: "a1" }, { out_trade_no: "a1" })],
    [
      "refund",
      comesThrough(AlipayRefund.send, { ...refund, amount: Money.amount(1) }, { ...refundWire, refund_amount: "0.01" })
    ],
    ["refund query", comesThrough(AlipayRefund.query, refund, refundWire)],
    [
      "bill",
      comesThrough(AlipayTrade.bill, { kind: "trade", day: CivilTime.day("2025-11-30") }, {
        bill_type: "trade",
        bill_date: "2025-11-30"
      })
    ]
  ])("%s is told and read by both sides", (_, check) => check())

  const writing = <C, A>(call: AlipayTrade.Call<C, A>, content: C) => () => AlipayRequest.write(ours, call, content, at)
  it.each<[string, () => unknown]>([
    ["an amount of nothing", writing(AlipayTrade.precreate, { ...order, amount: 0 as Money.Amount })],
    ["half a fen", writing(AlipayTrade.precreate, { ...order, amount: 0.5 as Money.Amount })],
    ["a title with a character that the gateway refuses", writing(AlipayTrade.precreate, { ...order, title: "a=b" })],
    ["no trade", writing(AlipayTrade.query, {})]
  ])("can not be written for %s", (_, write) => {
    expect(write).toThrow(RangeError)
  })

  it("comes through whatever its title is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter(isTitle), (title) => {
        const believed = read(AlipayRequest.write(ours, AlipayTrade.precreate, { ...order, title }, at))
        expect(Result.flatMap(believed, (request) => AlipayRequest.contentOf(AlipayTrade.precreate, request)))
          .toEqual(Result.succeed({ ...order, title }))
      }),
      { numRuns: 50 }
    )
  })
})

describe("a request that is refused", () => {
  const good = AlipayRequest.write(ours, AlipayTrade.query, { number: "a1" }, at)
  const resigned = (changed: Record<string, string>) => {
    const all = new Map([
      ...new URLSearchParams(good.query),
      ...new URLSearchParams(good.body),
      ...Object.entries(changed)
    ])
    all.set("sign", AlipaySignature.sign(AlipaySignature.requestText(all), application.privateKey))
    return { query: new URLSearchParams([...all]).toString(), body: "" }
  }
  it.each<[string, { readonly query: string; readonly body: string }, string]>([
    [
      "of another key",
      AlipayRequest.write({ ...ours, key: foreign.privateKey }, AlipayTrade.query, { number: "a1" }, at),
      "forged"
    ],
    ["about another order", { ...good, body: good.body.replace("a1", "a2") }, "forged"],
    ["of an unknown application", { ...good, query: good.query.replace(id, "2021000000000002") }, "unknownKey"],
    ["with a parameter in both places", { ...good, body: `${good.body}&method=alipay.trade.refund` }, "duplicateKey"],
    ["with a parameter twice", { ...good, query: `${good.query}&app_id=${id}` }, "duplicateKey"],
    ["under SHA-1", resigned({ sign_type: "RSA" }), "unsupported"],
    ["in GBK", resigned({ charset: "GBK" }), "unsupported"],
    ["of another version", resigned({ version: "2.0" }), "unsupported"],
    ["without a method", resigned({ method: "" }), "malformed"],
    ["of no time", resigned({ timestamp: "2025-02-30 10:00:00" }), "malformed"],
    ["with no JSON", resigned({ biz_content: "{" }), "malformed"],
    ["with a name twice", resigned({ biz_content: `{"out_trade_no":"a1","out_trade_no":"a2"}` }), "duplicateKey"],
    ["that is empty", { query: "", body: "" }, "unsupported"]
  ])("%s", (_, sent, reason) => {
    const result = read(sent)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe(reason)
  })

  it.each([
    ["an amount as a number", `{"out_trade_no":"a1","total_amount":12.5,"subject":"x"}`],
    ["a negative amount", `{"out_trade_no":"a1","total_amount":"-12.50","subject":"x"}`],
    ["three decimals", `{"out_trade_no":"a1","total_amount":"12.505","subject":"x"}`],
    ["no number", `{"total_amount":"12.50","subject":"x"}`]
  ])("its content has %s", (_, biz_content) => {
    const believed = Result.getOrThrow(read(resigned({ biz_content })))
    const result = AlipayRequest.contentOf(AlipayTrade.precreate, believed)
    expect(Result.isFailure(result) ? result.failure.reason : result).toBe("malformed")
    expect(JSON.stringify(result)).not.toContain("12.5")
  })
})

describe("alipay-sdk as the judge, over a socket", () => {
  let server: Server
  let sdk: AlipaySdk
  let asked: unknown
  let answer: (method: string) => string
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
        const believed = AlipayRequest.read({ url: request.url ?? "", body: Buffer.concat(chunks) }, trustOf)
        asked = Result.getOrThrow(believed).content
        response.end(answer(Result.getOrThrow(believed).method))
      })
    }).listen(0, "127.0.0.1")
    await new Promise((resolve) => server.once("listening", resolve))
    sdk = new AlipaySdk({
      appId: id,
      privateKey: application.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      alipayPublicKey: gateway.publicKey.export({ type: "spki", format: "pem" }).toString(),
      gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.do`
    })
  })
  afterAll(() => server.close())

  it("asks what we believe, and believes what we answer", async () => {
    answer = (method) =>
      AlipayResponse.write(
        method,
        { code: "10000", out_trade_no: "a1", qr_code: "https://qr.example/1" },
        gateway.privateKey
      )
    const bizContent = { out_trade_no: "a1", total_amount: "50.00", subject: "充值 100%+&" }
    const told = await sdk.exec("alipay.trade.precreate", { bizContent }, { validateSign: true })
    expect(asked).toEqual(bizContent)
    expect(told).toMatchObject({ code: "10000", outTradeNo: "a1", qrCode: "https://qr.example/1" })
  })

  it("refuses an answer of another key", async () => {
    answer = (method) => AlipayResponse.write(method, { code: "10000" }, foreign.privateKey)
    await expect(sdk.exec("alipay.trade.query", { bizContent: { out_trade_no: "a1" } }, { validateSign: true }))
      .rejects.toThrow("验签失败")
  })
})
