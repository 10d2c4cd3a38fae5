/**
 * Another's WeChat Pay over a real socket: its client before our WeChat Pay, and our channel before a server whose
 * checks and signatures are its.
 */
import { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, References, Result } from "effect"
import { FetchHttpClient } from "effect/http"
import { createPublicKey } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Formatter, Rsa, Wechatpay } from "wechatpay-axios-plugin"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import * as WeChatBillFile from "../../src/wechat/WeChatBillFile.ts"
import * as WeChatKeys from "../../src/wechat/WeChatKeys.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import * as WeChatResource from "../../src/wechat/WeChatResource.ts"
import { InProcess } from "../support/inProcess.ts"
import { attempt, notifyUrl, once, scan, tagOf } from "./counter.ts"
import { apiKeyText, pair } from "./party.ts"

const instant = () => Date.now() as CivilTime.Instant

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Array<Buffer> = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** Listens at a port of this machine, and tells its address. */
const listen = async (answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void) => {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => answer(request, body, response))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const ends: Array<Server> = []
afterAll(() => {
  for (const server of ends) server.close()
})

describe("wechatpay-axios-plugin as a merchant before the sandbox", () => {
  const wire = WeChatWire.make(instant())
  const there = new InProcess(wire)
  there.house.purses.put("lihua", Money.of(100_000))
  let origin = ""
  let terms: Readonly<Record<string, string>> = {}
  const term = (name: string) => terms[name] ?? ""

  beforeAll(async () => {
    const heard = await listen((request, body, response) => {
      const raw = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers as Record<string, string>,
        body
      }
      const here = { ...there.here(instant()), origin }
      const told = wire.route(raw)?.run(here)
      response.writeHead(told?.status ?? 404, told?.headers ?? {})
      response.end(told?.body)
    })
    ends.push(heard.server)
    origin = heard.origin
    terms = wire.terms(origin)
  })

  const merchant = () =>
    new Wechatpay({
      mchid: term("mchid"),
      serial: term("merchant_serial"),
      privateKey: term("merchant_private_key"),
      certs: { [term("public_key_id")]: term("public_key") },
      baseURL: `${origin}/`,
      headers: { "Wechatpay-Serial": term("public_key_id") }
    }).client.v3
  const number = "20260302ABCDEFGHJKMNPQRSTV01"

  it("orders, asks, and believes what it is answered", async () => {
    const client = merchant()
    const { data: ordered } = await client.post("/v3/pay/transactions/native", {
      appid: term("appid"),
      mchid: term("mchid"),
      description: "校园卡充值",
      out_trade_no: number,
      notify_url: notifyUrl,
      amount: { total: 5_000, currency: "CNY" }
    }) as { readonly data: { readonly code_url: string } }
    expect(ordered.code_url).toContain(there.house.all[0]?.token)
    const yesterday = CivilTime.later(instant(), -CivilTime.dayLength)
    Result.getOrThrow(there.house.pay(there.house.all[0]?.token ?? "", "lihua", yesterday))
    const { data: told } = await client.get(`/v3/pay/transactions/out-trade-no/${number}`, {
      params: { mchid: term("mchid") }
    }) as { readonly data: { readonly trade_state: string; readonly amount: { readonly total: number } } }
    expect(told).toMatchObject({ trade_state: "SUCCESS", out_trade_no: number, amount: { total: 5_000 } })
  })

  it("fetches a bill whose sum is right", async () => {
    const client = merchant()
    // Of two days ago, which is ready at any hour of today.
    const day = CivilTime.addDays(CivilTime.dayOf(instant()), -2)
    const twoDaysAgo = CivilTime.later(CivilTime.startOf(day), CivilTime.hour)
    const opened = there.house.open({
      wire: "wechat",
      merchant: term("mchid"),
      number: "20260302ABCDEFGHJKMNPQRSTV02",
      amount: Money.amount(700),
      description: "校园卡充值, 一笔",
      expiresAt: instant(),
      notifyTo: undefined,
      extra: { appid: term("appid"), type: "NATIVE" }
    }, twoDaysAgo)
    Result.getOrThrow(there.house.pay(Result.getOrThrow(opened).token, "lihua", twoDaysAgo))
    const { data: at } = await client.get("/v3/bill/tradebill", {
      params: { bill_date: CivilTime.formatDay(day), bill_type: "ALL", tar_type: "GZIP" }
    }) as { readonly data: { readonly download_url: string; readonly hash_value: string } }
    const { data: file } = await client.get("/v3/billdownload/file", {
      params: { token: new URL(at.download_url).searchParams.get("token") },
      responseType: "arraybuffer"
    }) as {
      readonly data: Buffer
    }
    const bill = WeChatBillFile.unpack(file, { sha1: at.hash_value, isZipped: true })
    expect(Buffer.from(Result.getOrThrow(bill)).toString("utf8")).toContain("7.00")
  })

  it("does not believe what another signed", async () => {
    const stranger = new Wechatpay({
      mchid: term("mchid"),
      serial: term("merchant_serial"),
      privateKey: term("merchant_private_key"),
      certs: { [term("public_key_id")]: pair().publicPem },
      baseURL: `${origin}/`,
      headers: { "Wechatpay-Serial": term("public_key_id") }
    }).client.v3
    const asked = stranger.get(`/v3/pay/transactions/out-trade-no/${number}`, { params: { mchid: term("mchid") } })
    await expect(asked).rejects.toMatchObject({ code: "EV3_RES_HEADER_SIGNATURE_DIGEST" })
  })
})

describe("our channel before a server that checks and signs with wechatpay-axios-plugin", () => {
  const ours = pair()
  const theirs = pair()
  const serial = "PUB_KEY_ID_0112345678902026090100000000000001"
  const problems: Array<string> = []
  let isHonest = true
  let origin = ""

  beforeAll(async () => {
    const heard = await listen((request, body, response) => {
      const header = request.headers.authorization ?? ""
      const said = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
      const message = Formatter.request(
        request.method ?? "",
        request.url ?? "",
        said["timestamp"] ?? "",
        said["nonce_str"] ?? "",
        body.toString("utf8")
      )
      if (!Rsa.verify(message, said["signature"] ?? "", createPublicKey(ours.publicPem))) problems.push(message)
      const answer = request.method === "POST"
        ? JSON.stringify({ code_url: "weixin://wxpay/bizpayurl?pr=abc" })
        : JSON.stringify({
          appid: "wx1",
          mchid: "1900000009",
          out_trade_no: attempt().number,
          trade_state: "SUCCESS",
          transaction_id: "4200000001",
          success_time: "2026-03-02T12:00:05+08:00",
          amount: { total: 5_000, currency: "CNY" }
        })
      const at = String(Formatter.timestamp())
      const nonce = Formatter.nonce()
      const signed = Rsa.sign(Formatter.response(at, nonce, isHonest ? answer : `${answer} `), theirs.privatePem)
      response.writeHead(200, {
        "content-type": "application/json",
        "Wechatpay-Timestamp": at,
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Serial": serial,
        "Wechatpay-Signature": signed
      })
      response.end(answer)
    })
    ends.push(heard.server)
    origin = heard.origin
  })

  const channel = () =>
    WeChatPay.make({
      name: "wechat",
      scene: "order",
      merchant: { mchid: "1900000009", serial: "4F4A2B", key: ours.privateKey },
      appid: "wx1",
      apiKey: Result.getOrThrow(WeChatResource.apiKey(Redacted.make(apiKeyText))),
      keys: Result.getOrThrow(
        WeChatKeys.ring([Result.getOrThrow(WeChatKeys.publicKey(serial, theirs.publicPem))])
      ),
      notifyUrl,
      description: "校园卡充值",
      hosts: [origin],
      policy: once
    }).pipe(Effect.provide(FetchHttpClient.layer))
  const run = <A, E>(test: Effect.Effect<A, E>) =>
    Effect.runPromise(Effect.provideService(test, References.MinimumLogLevel, "None"))

  it("is verified by it, and believes what it signed", () =>
    run(Effect.gen(function*() {
      const ours = yield* channel()
      expect(yield* ours.create(attempt(), scan)).toEqual({ _tag: "QrCode", text: "weixin://wxpay/bizpayurl?pr=abc" })
      expect(yield* ours.query(attempt())).toMatchObject({
        _tag: "Paid",
        receipt: { amount: 5_000, reference: "4200000001", paidAt: CivilTime.instant("2026-03-02 12:00:05") }
      })
      expect(problems).toEqual([])
    })))

  it("does not believe what is signed over other bytes", () =>
    run(Effect.gen(function*() {
      const ours = yield* channel()
      isHonest = false
      expect(yield* tagOf(ours.query(attempt()))).toBe("ChannelFailed")
      isHonest = true
      expect(yield* tagOf(ours.query(attempt()))).toBe("Paid")
    })))
})
