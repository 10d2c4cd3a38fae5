// The address where channels tell of payments is open to everybody: what is bad is refused with its reason and one line, and
// the next good callback is credited all the same.
import { type Callback, HostClock, RechargeChannel } from "@yikatong/core"
import { Effect, type Layer, Result, type Scope } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Net from "node:net"
import { describe, expect, it } from "vitest"
import * as BankLine from "../src/BankLine.ts"
import * as CallbackServer from "../src/CallbackServer.ts"
import * as JsonBody from "../src/JsonBody.ts"
import * as WeChatNotice from "../src/wechat/WeChatNotice.ts"
import * as WeChatPay from "../src/wechat/WeChatPay.ts"
import * as WeChatResource from "../src/wechat/WeChatResource.ts"
import * as WeChatSignature from "../src/wechat/WeChatSignature.ts"
import { Campus, office, pockets, serves } from "./support/campus.ts"
import { catching } from "./support/caught.ts"
import { apiKey, pair, platform } from "./wechat/party.ts"

const { ring, signer, ...platformKeys } = platform()
const merchant = { mchid: "1900009191", serial: "0A1B2C3D", key: pair().privateKey }
const appid = "wx8888888888888888"
/** What nobody may find in a line: of who sends, and of who pays. */
const openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
const secrets = [openid, "李华", "6217000010000000003", "43010219990101125X", "token=abc", apiKey.export().toString()]

type Services = Layer.Success<Campus["layer"]> | Scope.Scope

/** A school with WeChat Pay, whose callbacks anybody can sign who has the key above. */
const school = <A, E>(
  test: (at: {
    readonly campus: Campus
    readonly server: CallbackServer.Listening
    readonly lines: Array<string>
  }) => Effect.Effect<A, E, Services>,
  own: Partial<CallbackServer.Options> = {}
): Promise<A> => {
  const lines: Array<string> = []
  return Effect.gen(function*() {
    const channel = yield* WeChatPay.make({
      name: "weChat",
      serves: serves("weChat"),
      scene: "payCode",
      merchant,
      appid,
      apiKey,
      keys: ring,
      notifyUrl: "https://school.test/recharge/weChat",
      description: "校园卡充值",
      hosts: ["http://127.0.0.1:9"]
    }).pipe(Effect.provide(FetchHttpClient.layer))
    // What is opened at it is open; nobody is asked here.
    const open = RechargeChannel.make("weChat", () => ({
      serves: serves("weChat"),
      create: () => Effect.succeed({ _tag: "QrCode", text: "weixin://pay" } as const),
      query: () => Effect.succeed({ _tag: "Waiting" } as const),
      ...(channel.callback === undefined ? {} : { callback: channel.callback }),
      ...(channel.acknowledge === undefined ? {} : { acknowledge: channel.acknowledge })
    }))
    const campus = new Campus([open])
    return yield* Effect.gen(function*() {
      const server = yield* CallbackServer.listen({ port: 0, point: office, ...own })
      return yield* test({ campus, server, lines })
    }).pipe(HostClock.provide(() => campus.now), Effect.provide(campus.layer))
  }).pipe(Effect.scoped, catching(lines), Effect.runPromise)
}

const sent = (url: string, { body, headers }: WeChatSignature.Answer, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const own = Object.entries(headers).flatMap(([name, value]) => value === undefined ? [] : [[name, value]])
    const got = await fetch(url, { method: "POST", headers: Object.fromEntries(own), body: Buffer.from(body), ...init })
    await got.text()
    return got.status
  })
const warnings = (lines: ReadonlyArray<string>) => lines.filter((line) => /^(Warn|Error|Fatal)/.test(line))
const utf8 = (text: string) => new TextEncoder().encode(text)

describe("a bad callback", () => {
  type Occasion = { readonly now: Campus["now"]; readonly nonce: string }
  const nonce = "0123456789abcdefABCDEF0123456789"
  const transaction = (number: string, changes: object = {}) => ({
    appid,
    mchid: merchant.mchid,
    out_trade_no: number,
    transaction_id: "4200002026030212345678901234",
    trade_type: "MICROPAY",
    trade_state: "SUCCESS",
    success_time: "2026-03-02T12:00:00+08:00",
    payer: { openid },
    amount: { total: 5_000, payer_total: 5_000, currency: "CNY", payer_currency: "CNY" },
    ...changes
  })
  const particulars = { id: "EV-1", apiKey, resourceNonce: "0123456789ab", signer }
  const told = (number: string, changes: object, occasion: Occasion, keys = particulars) =>
    WeChatNotice.write(
      { type: "TRANSACTION.SUCCESS", transaction: transaction(number, changes) as never },
      keys,
      occasion
    )
  /** Any bytes, truly signed. */
  const signed = (body: Uint8Array, occasion: Occasion) => ({
    headers: WeChatSignature.signAnswer(signer, body, occasion),
    body
  })
  const sealed = (plain: Uint8Array, occasion: Occasion) =>
    signed(
      JsonBody.write({
        id: "EV-1",
        event_type: "TRANSACTION.SUCCESS",
        resource: WeChatResource.seal(apiKey, plain, { nonce: "0123456789ab" })
      }),
      occasion
    )
  const amount = (total: unknown) => ({ amount: { total, payer_total: 1, currency: "CNY", payer_currency: "CNY" } })
  const stranger = pair()
  const cases: ReadonlyArray<
    readonly [string, Callback.Reason, (number: string, occasion: Occasion) => WeChatSignature.Answer]
  > = [
    [
      "forged by a stranger",
      "forged",
      (number, at) => told(number, {}, at, { ...particulars, signer: { ...signer, key: stranger.privateKey } })
    ],
    [
      "under a serial that nobody knows",
      "unknownKey",
      (number, at) => told(number, {}, at, { ...particulars, signer: { ...signer, serial: "0A0A0A" } })
    ],
    ["tampered with", "forged", (number, at) => {
      const good = told(number, {}, at)
      return { ...good, body: utf8(Buffer.from(good.body).toString().replace("EV-1", "EV-2")) }
    }],
    ["cut off", "forged", (number, at) => {
      const good = told(number, {}, at)
      return { ...good, body: good.body.subarray(0, -10) }
    }],
    [
      "of an hour ago",
      "stale",
      (number, at) => told(number, {}, { ...at, now: (at.now - 3_600_000) as typeof at.now })
    ],
    [
      "of an hour ahead",
      "stale",
      (number, at) => told(number, {}, { ...at, now: (at.now + 3_600_000) as typeof at.now })
    ],
    ["not in UTF-8", "charset", (_, at) => signed(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d), at)],
    ["no JSON", "malformed", (_, at) => signed(utf8("<xml>李华</xml>"), at)],
    ["with a name twice", "duplicateKey", (_, at) => signed(utf8(`{"id":"EV-1","id":"EV-2"}`), at)],
    ["nested a thousand times", "tooLarge", (_, at) => signed(utf8("[".repeat(1_000) + "]".repeat(1_000)), at)],
    ["encrypted, with a name twice", "duplicateKey", (_, at) => sealed(utf8(`{"mchid":"1","mchid":"2"}`), at)],
    ["encrypted, nested", "tooLarge", (_, at) => sealed(utf8("[".repeat(100) + "]".repeat(100)), at)],
    ["with an amount as text", "malformed", (number, at) => told(number, amount("5000"), at)],
    ["with an amount in parts of a fen", "malformed", (number, at) => told(number, amount(5_000.5), at)],
    ["with a negative amount", "malformed", (number, at) => told(number, amount(-5_000), at)],
    ["for another merchant", "otherMerchant", (number, at) => told(number, { mchid: "1900009192" }, at)]
  ]
  it.each(cases)(
    "%s is refused (%s) with one line, and the next is credited",
    (_, reason, make) =>
      school(({ campus, lines, server }) =>
        Effect.gen(function*() {
          yield* campus.furnished
          const { number } = (yield* campus.place("weChat", 5_000)).attempt
          const url = `${server.origin}${server.path}weChat`
          const occasion = { now: campus.now, nonce }
          expect(yield* sent(`${url}?token=abc`, make(number, occasion))).toBeGreaterThanOrEqual(400)
          expect((yield* pockets).transit).toBe(0)
          const [line = "", ...more] = warnings(lines)
          expect(line).toContain(`Turned away at the door (callbacks, weChat) from 127.0.0.1: ${reason}`)
          expect(more).toEqual([])
          expect(yield* sent(url, told(number, {}, occasion))).toBeLessThan(300)
          // Once more, word for word: taken, and credited no second time.
          expect(yield* sent(url, told(number, {}, occasion))).toBeLessThan(300)
          expect((yield* pockets).transit).toBe(5_000)
          for (const secret of [...secrets, ...Object.values(platformKeys).map(String)]) {
            expect(lines.join("\n")).not.toContain(secret)
          }
        })
      )
  )
  it("sent a hundred times is told of once, and once more with the number", async () => {
    const lines = await school(({ campus, lines, server }) =>
      Effect.gen(function*() {
        const forged = told("X", {}, { now: campus.now, nonce }, {
          ...particulars,
          signer: { ...signer, key: stranger.privateKey }
        })
        yield* Effect.replicateEffect(sent(`${server.origin}${server.path}weChat`, forged), 100, { concurrency: 8 })
        expect(warnings(lines)).toHaveLength(1)
        return lines
      })
    )
    expect(warnings(lines)).toHaveLength(2)
    expect(warnings(lines)[1]).toContain("; 99 times")
  })
})

/** What is answered to bytes over TCP; all that came until the other side ended it. */
const bytesTo = (port: number, says: string, then: (socket: Net.Socket) => void = () => {}) =>
  Effect.callback<string>((resume) => {
    let got = ""
    const socket = Net.connect(port, "127.0.0.1", () => {
      socket.write(says)
      then(socket)
    })
    socket.on("data", (piece) => void (got += piece.toString())).on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(got)))
  })

describe("what is no callback", () => {
  const post = "POST /recharge/weChat?token=abc HTTP/1.1\r\nhost: school\r\n"
  const cases: ReadonlyArray<
    readonly [name: string, reason: string, status: string, says: string, then?: (socket: Net.Socket) => void]
  > = [
    ["no HTTP", "malformed: the request", "400", "6217000010000000003 李华\r\n\r\n"],
    ["a proxy's CONNECT", "malformed: the request", "", "CONNECT bank:443 HTTP/1.1\r\nhost: bank\r\n\r\n"],
    ["two lengths", "malformed: the request", "400", `${post}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
    ["headers beyond the limit", "tooLarge: the headers", "431", `${post}x: ${"a".repeat(20_000)}\r\n\r\n`],
    ["a body beyond the limit", "tooLarge: the body", "413", `${post}content-length: 2000\r\n\r\n${"a".repeat(2_000)}`],
    [
      "another address",
      "notFound",
      "404",
      "GET /6217000010000000003?token=abc HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    ],
    [
      "nobody's name",
      "notFound",
      "404",
      "GET /recharge/43010219990101125X HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    ],
    [
      "a body that ends early",
      "truncated",
      "",
      `${post}content-length: 100\r\n\r\nabc`,
      (socket) => void setTimeout(() => socket.destroy(), 50)
    ],
    ["a body that does not come", "slow", "408", `${post}content-length: 100\r\n\r\nabc`],
    ["headers that do not come", "slow", "408", "POST /recharge/weChat HTTP/1.1\r\nhost"],
    ["nothing at all", "slow", "408", ""],
    ["a header an hour", "slow", "408", "POST /recharge/weChat HTTP/1.1\r\n", (socket) => {
      const drip = setInterval(() => void (socket.writable && socket.write("x: y\r\n")), 20)
      socket.on("close", () => clearInterval(drip))
    }]
  ]
  const named = cases.map(([name, reason, status, says, then]) => ({ name, reason, status, says, next: then }))
  it.each(named)(
    "$name is refused ($reason) with one line, and the service goes on",
    ({ next, reason, says, status }) =>
      school(
        ({ lines, server }) =>
          Effect.gen(function*() {
            const got = yield* bytesTo(server.port, says, next)
            expect(got.split("\r\n")[0]?.split(" ")[1] ?? "").toBe(status)
            yield* Effect.sleep(50)
            expect(warnings(lines).map((line) => /127\.0\.0\.1: (.*?) *\{/.exec(line)?.[1])).toEqual([reason])
            for (const secret of secrets) expect(lines.join("\n")).not.toContain(secret)
            const late = yield* bytesTo(server.port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            expect(late).toContain("404")
          }),
        { patience: 200, largest: 1_000 }
      )
  )
  it("who comes when all places are taken is told of", () =>
    school(
      ({ lines, server }) =>
        Effect.gen(function*() {
          const first = Net.connect(server.port, "127.0.0.1").on("error", () => {})
          yield* Effect.sleep(50)
          expect(yield* bytesTo(server.port, "")).toBe("")
          expect(warnings(lines).join()).toContain("from 127.0.0.1: full")
          first.destroy()
        }),
      { most: 1 }
    ))
})

describe("where it listens", () => {
  it("it tells the port that it got, and one that is taken is said", () =>
    school(({ server }) =>
      Effect.gen(function*() {
        expect(server.origin).toBe(`http://127.0.0.1:${server.port}`)
        const again = yield* Effect.result(CallbackServer.listen({ port: server.port, point: office }))
        expect(Result.getOrThrow(Result.flip(again))).toEqual(new BankLine.PortRefused({ code: "EADDRINUSE" }))
      })
    ))
  it("nobody hears after the scope", async () => {
    const port = await school(({ server }) => Effect.succeed(server.port))
    const failed = await fetch(`http://127.0.0.1:${port}/`).then(() => false, () => true)
    expect(failed).toBe(true)
  })
})
