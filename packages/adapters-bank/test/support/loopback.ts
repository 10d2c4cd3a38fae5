/**
 * A school and the sandbox, each with a server at a loopback address: what is between them goes over real sockets. The
 * school has the sandbox's time; its stores are in memory.
 */
import { expect } from "@effect/vitest"
import { CivilTime, HostClock, Money, type PaymentAttempt, type Recharge, type RechargeChannel } from "@yikatong/core"
import { Effect, Layer, Redacted, References } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as CallbackServer from "../../src/CallbackServer.ts"
import * as Loongpay from "../../src/ccb/Loongpay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../../src/sandbox/CcbWire.ts"
import type { Mischief } from "../../src/sandbox/Mischief.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import type { Trade } from "../../src/sandbox/Trade.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import type { Wire } from "../../src/sandbox/Wire.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { books, Campus, drive, office, pockets, profile, serves } from "./campus.ts"

export const began = CivilTime.instant("2026-03-02 12:00")

/** What is paid through each wire. */
export const sourceOf = {
  wechat: "weChat",
  unionpay: "unionPayCard",
  alipay: "alipay",
  ccb: "ccbCard"
} as const satisfies Record<string, Recharge.FundingSource>
export type Name = keyof typeof sourceOf
export const names = Object.keys(sourceOf) as ReadonlyArray<Name>

/** Repetitions that nobody has to wait for. */
const policy: Circuit.Policy = { ...Circuit.policy, firstWait: 1, longestWait: 2, attempts: 2, failures: 1_000 }

/** Made once: their keys take a moment. */
let made: ReadonlyArray<Wire> | undefined
const wires = () =>
  made ??= Sandbox.everyWire.map((make) => make((size) => crypto.getRandomValues(new Uint8Array(size)), began))

export interface Options {
  readonly latePayment?: Recharge.Channel["latePayment"]
  /** With keys of its own, which nobody else has. */
  readonly isAlone?: boolean
  readonly trust?: "certificates" | "publicKey"
  /** How long a callback may take. */
  readonly patience?: number
}

export const alice = 100_000

/** What runs in it may ask for these. */
export type Services = Layer.Success<Campus["layer"]>

export type Town = Effect.Success<ReturnType<typeof town>>

/** The payer Alice has 1,000.00, and the school one student. */
export const town = Effect.fnUntraced(function*(options: Options = {}) {
  const { isAlone = false, latePayment = "credit", patience, trust = "publicKey" } = options
  const box = yield* Sandbox.start({
    now: began,
    payers: { alice },
    ...(isAlone ? {} : { wires: wires().map((wire) => () => wire) })
  })
  // Filled as soon as the address is known that the channels are to be told.
  const channels: Array<RechargeChannel.RechargeChannel> = []
  const campus = new Campus(channels, profile(latePayment))
  const services = yield* Layer.build(campus.layer)
  const server = yield* CallbackServer.listen({
    port: 0,
    point: office,
    ...(patience === undefined ? {} : { patience })
  })
    .pipe(
      Effect.provideContext(services),
      HostClock.provide(() => box.clock.now()),
      Effect.provideService(References.MinimumLogLevel, "None")
    )
  const { alipay, ccb, unionpay, wechat } = box.terms() as Record<Name, Readonly<Record<string, string>>>
  const toldAt = (name: Name) => `${server.origin}${server.path}${name}`
  const shared = (name: Name) => ({ name, notifyUrl: toldAt(name), serves: serves(sourceOf[name]), policy })
  const { notifyUrl: _, ...ofCcb } = shared("ccb")
  const title = "校园卡充值"
  channels.push(
    ...(yield* Effect.all([
      WeChatPay.make(
        WeChatWire.settingsOf(wechat, { ...shared("wechat"), scene: "order", description: title, trust })
      ),
      UnionPay.make(UnionPayWire.settingsOf(unionpay, shared("unionpay"))),
      Alipay.make(AlipayWire.settingsOf(alipay, { ...shared("alipay"), title })),
      Loongpay.make(CcbWire.settingsOf(ccb, { ...ofCcb, title }))
    ]).pipe(Effect.provide(FetchHttpClient.layer)))
  )
  const told = CcbWire.registration(ccb, { noticesTo: toldAt("ccb") })
  expect((yield* fetched(told.url, { method: "POST", body: told.body })).status).toBe(200)

  /** The sandbox's control API. */
  const control = Effect.fnUntraced(function*(path: string, body?: object) {
    const headers = { authorization: `Bearer ${Redacted.value(box.token)}` }
    const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }
    const { status, text } = yield* fetched(`${box.origin}/__sandbox/${path}`, { headers, ...sent })
    return { status, json: JSON.parse(text) as never }
  })
  const asked = <A>(path: string, body?: object) =>
    Effect.map(control(path, body), ({ json, status }) => {
      if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(json)}`)
      return json as A
    })

  /** What merchants hold, by the sandbox's own account of it. */
  const merchants = Effect.gen(function*() {
    const { isWhole, purses } = yield* asked<{ isWhole: boolean; purses: Record<string, number> }>("purses")
    expect(isWhole).toBe(true)
    return Object.entries(purses).reduce((sum, [purse, has]) => purse.startsWith("merchant:") ? sum + has : sum, 0)
  })

  return {
    box,
    campus,
    server,
    toldAt,
    control,
    merchants,
    channel: (name: Name) => channels.find((channel) => channel.name === name) ?? expect.fail(name),
    run: <A, E, R extends Services>(effect: Effect.Effect<A, E, R>) =>
      effect.pipe(
        HostClock.provide(() => box.clock.now()),
        Effect.provideContext(services),
        Effect.provideService(References.MinimumLogLevel, "None")
      ),
    /** So many milliseconds go by, at once; every notice that is due was told before this is over. */
    wait: (milliseconds = 0) =>
      Effect.tap(asked("clock", { advance: milliseconds }), () => Effect.sync(() => campus.now = box.clock.now())),
    spoil: (wire: Name, operation: string, does: Mischief, times = 1) =>
      asked("rules", { wire, operation, does, times }),
    trades: (name: Name) => asked<ReadonlyArray<Trade>>(`trades?wire=${name}`),
    payToken: (token: string, payer = "alice") => asked<Trade>(`trades/${token}/pay`, { payer }),
    /** What the payer does with what is shown: browser or phone end at a page of the sandbox, and pay there. */
    pay: Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, payer = "alice") {
      const page = yield* pageOf(attempt, `${box.origin}/pay/`)
      expect(yield* Effect.map(fetched(page), ({ status }) => status)).toBe(200)
      return yield* asked<Trade>(`trades/${page.slice(page.lastIndexOf("/") + 1)}/pay`, { payer })
    }),
    place: (name: Name, fen = 5_000) =>
      Effect.suspend(() => {
        campus.now = box.clock.now()
        return campus.place(sourceOf[name], fen)
      }),
    drive: (rounds = 1) => Effect.replicateEffect(drive(), rounds, { discard: true }),
    /** The statuses with which notices of a wire were answered. */
    answered: (name: Name) => box.sent().filter(({ wire }) => wire === name).map(({ status }) => status),
    /** Which of them were taken, as the wire reads the answer. */
    taken: (name: Name) => box.sent().filter(({ wire }) => wire === name).map(({ isTaken }) => isTaken),
    /** Nothing was lost or made anywhere: what merchants hold was credited, and what payers have less was paid. */
    whole: Effect.fnUntraced(function*(credited: number) {
      yield* books
      const held = yield* merchants
      const { transit } = yield* pockets
      expect({ transit, held, payer: box.house.purses.has("payer:alice") })
        .toEqual({ transit: credited, held: credited, payer: Money.of(alice - credited) })
    })
  }
})

/** Where the payer ends up. */
const pageOf = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, pages: string) {
  if (attempt._tag !== "Waiting") throw new Error(attempt._tag)
  const { instruction } = attempt
  if (instruction._tag === "QrCode") {
    if (instruction.text.startsWith(pages)) return instruction.text
    return yield* Effect.map(fetched(instruction.text), ({ location }) => location)
  }
  if (instruction._tag !== "Page") throw new Error(instruction._tag)
  const { fields, method, url } = instruction
  const body = method === "POST" ? { body: new URLSearchParams(fields) } : {}
  return yield* Effect.map(fetched(url, { method, ...body }), ({ location }) => location)
})

export const fetched = (url: string, init: RequestInit = {}) =>
  Effect.promise(async () => {
    const response = await fetch(url, { redirect: "manual", ...init })
    return { status: response.status, location: response.headers.get("location") ?? "", text: await response.text() }
  })
