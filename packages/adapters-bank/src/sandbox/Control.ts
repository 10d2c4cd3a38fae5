/**
 * The sandbox's control desk 沙箱控制接口: JSON under `/__sandbox/`, for whoever holds the token of this start. It looks into
 * everything, plays the payers, and says what goes wrong. Money is in fen, time in milliseconds since 1970.
 */
import { type Callback, CivilTime, Flaw, Money } from "@yikatong/core"
import { Effect, Redacted, Result, Schema } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import * as JsonBody from "../JsonBody.ts"
import type { Courier } from "./Courier.ts"
import type { Refused } from "./House.ts"
import { Rule } from "./Mischief.ts"
import type { Trade } from "./Trade.ts"
import type { Answer } from "./Wire.ts"
import { here, type Premises } from "./WireDesk.ts"

export const path = "/__sandbox/"

/** What it controls, and who may. */
export interface Desk extends Premises {
  readonly courier: Courier
  readonly token: Redacted.Redacted<string>
  readonly seed: number
}

/** Not done, and why: for a person, and by a status. */
interface Refusal {
  readonly status: number
  readonly zh: string
  readonly en: string
}

type Told = Result.Result<unknown, Refusal>

const refused = (status: number, zh: string, en: string): Result.Result<never, Refusal> =>
  Result.fail({ status, zh, en })

/** The longest that the clock is put forward at once: a year and a day. */
const longest = 366 * CivilTime.dayLength

const Payer = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(/^[\p{L}\p{N}_.-]{1,64}$/u)),
  amount: Schema.optionalKey(Money.Amount),
  stuck: Schema.optionalKey(Schema.Boolean)
})
const Paying = Schema.Struct({ payer: Schema.String })
const Nothing = Schema.Struct({})
const Advance = Schema.Struct({
  advance: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longest }))
})

/** What is done with a request; `body` is empty where none came. */
interface Asked {
  readonly desk: Desk
  readonly body: Uint8Array
  readonly query: URLSearchParams
  /** What stands for the variables of the path. */
  readonly parts: ReadonlyArray<string>
}

type Doing = (asked: Asked) => Effect.Effect<Told> | Told

/** Every request that is known. `*`: a variable. */
const doings: ReadonlyArray<readonly [method: "DELETE" | "GET" | "POST", path: string, does: Doing]> = [
  ["GET", "status", ({ desk }) =>
    Result.succeed({
      origin: desk.origin(),
      seed: desk.seed,
      now: desk.clock.now(),
      wires: desk.wires.map(({ name, nameZh, rotate }) => ({ name, nameZh, rotates: rotate !== undefined })),
      trades: desk.house.all.length,
      notices: desk.courier.sent.length,
      rules: desk.rules.left.length,
      isWhole: desk.house.purses.isWhole
    })],
  ["GET", "terms", ({ desk }) => Result.succeed(terms(desk))],
  [
    "GET",
    "purses",
    ({ desk: { house: { purses } } }) =>
      Result.succeed({ isWhole: purses.isWhole, purses: Object.fromEntries(purses.all) })
  ],
  ["GET", "payers", ({ desk }) => Result.succeed(payersOf(desk))],
  ["POST", "payers", ({ body, desk }) =>
    Result.map(decode(Payer, body), ({ amount, name, stuck }) => {
      if (amount !== undefined) desk.house.purses.put(name, amount)
      if (stuck === true) desk.house.stuckPayers.add(name)
      if (stuck === false) desk.house.stuckPayers.delete(name)
      return { name, has: desk.house.purses.has(`payer:${name}`), stuck: desk.house.stuckPayers.has(name) }
    })],
  ["GET", "trades", ({ desk, query }) =>
    Result.succeed(
      desk.house.all
        .filter((trade) => (query.get("wire") ?? trade.wire) === trade.wire)
        .filter((trade) => (query.get("number") ?? trade.number) === trade.number)
        .map(shown(desk))
    )],
  ["GET", "trades/*", ({ desk, parts: [token = ""] }) => {
    const trade = desk.house.byToken(token)
    return trade === undefined ? notThere : Result.succeed(shown(desk)(trade))
  }],
  [
    "POST",
    "trades/*/pay",
    ({ body, desk, parts: [token = ""] }) =>
      Result.flatMap(decode(Paying, body), ({ payer }) => settled(desk, desk.house.pay(token, payer, desk.clock.now())))
  ],
  ["POST", "trades/*/decline", ({ body, desk, parts: [token = ""] }) =>
    Result.flatMap(decode(Nothing, body), () => {
      const declined = desk.house.decline(token, desk.clock.now())
      // To be declined is what was asked for.
      return Result.isFailure(declined) && declined.failure._tag === "Declined"
        ? Result.succeed(shown(desk)(declined.failure.trade))
        : settled(desk, declined)
    })],
  [
    "POST",
    "trades/*/ask",
    ({ body, desk, parts: [token = ""] }) =>
      Result.flatMap(decode(Nothing, body), () => settled(desk, desk.house.ask(token, desk.clock.now())))
  ],
  ["GET", "rules", ({ desk }) => Result.succeed(desk.rules.left)],
  ["POST", "rules", ({ body, desk }) =>
    Result.map(decode(Rule, body), (rule) => {
      desk.rules.add(rule)
      return desk.rules.left
    })],
  ["DELETE", "rules", ({ desk }) => {
    desk.rules.clear()
    return Result.succeed([])
  }],
  ["GET", "clock", ({ desk }) => Result.succeed({ now: desk.clock.now() })],
  ["POST", "clock", ({ body, desk }) => {
    const wanted = decode(Advance, body)
    if (Result.isFailure(wanted)) return wanted
    const { advance } = wanted.success
    if (desk.clock.now() + advance > CivilTime.lastInstant) return refused(422, "超出时间范围", "there is no such time")
    return Effect.map(desk.clock.advance(advance), () => Result.succeed({ now: desk.clock.now() }))
  }],
  ["POST", "wires/*/rotate", ({ desk, parts: [name = ""] }) => {
    const wire = desk.wires.find((one) => one.name === name)
    if (wire === undefined) return noWire
    if (wire.rotate === undefined) return refused(409, "此通道没有证书轮换", "this wire changes no keys")
    wire.rotate(desk.clock.now())
    return Result.succeed(wire.terms(desk.origin()))
  }],
  [
    "GET",
    "notices",
    ({ desk }) =>
      Result.succeed(desk.courier.sent.map(({ notice: { body, headers, method, to }, ...rest }) => ({
        ...rest,
        notice: { method, to, headers, body: new TextDecoder().decode(body) }
      })))
  ]
]

const notThere = refused(404, "没有这笔交易", "there is no such trade")
const noWire = refused(404, "没有这个通道", "there is no such wire")

/** Every wire's terms, by its name. */
export const terms = ({ origin, wires }: Pick<Desk, "origin" | "wires">) =>
  Object.fromEntries(wires.map((wire) => [wire.name, wire.terms(origin())]))

/** What a payer has, by name. */
export const payersOf = ({ house: { purses } }: Pick<Desk, "house">): ReadonlyArray<{ name: string; has: number }> =>
  [...purses.all].flatMap(([purse, has]) => purse.startsWith("payer:") ? [{ name: purse.slice(6), has }] : [])

const shown = ({ origin }: Desk) => (trade: Trade) => ({ ...trade, page: `${origin()}/pay/${trade.token}` })

const settled = (desk: Desk, done: Result.Result<Trade, Refused>): Told =>
  Result.mapBoth(done, { onSuccess: shown(desk), onFailure: inWords })

const inWords = (refusal: Refused): Refusal => {
  const [status, zh, en] = words[refusal._tag]
  if (refusal._tag !== "Declined") return { status, zh, en }
  return refusal.why === "declined" ? { status, zh, en } : { status, zh: "余额不足", en: "the payer has too little" }
}

const words: Readonly<Record<Refused["_tag"], readonly [number, string, string]>> = {
  NumberUsed: [409, "订单号已使用", "the number is used"],
  NotThere: [404, "没有这笔交易", "there is no such trade"],
  AlreadyPaid: [409, "已支付", "it is paid already"],
  AlreadyClosed: [409, "已关闭或已过期", "it is closed or too late"],
  NotPaid: [409, "尚未支付", "it is not paid"],
  Declined: [409, "付款人已拒绝", "the payer declined"],
  TooMuch: [409, "超过可退金额", "that is more than was paid"],
  RefundDiffers: [409, "退款号已用于其他金额", "the refund's number is used for another amount"]
}

/** No body is an empty object. Flaws name fields, not values. */
const decode = <A>(schema: Schema.Codec<A, unknown>, body: Uint8Array): Result.Result<A, Refusal> => {
  const read = body.length === 0 ? Result.succeed({}) : JsonBody.parse(body)
  if (Result.isFailure(read)) {
    const { reason, what } = read.failure
    return refused(reason === "tooLarge" ? 413 : 400, `无法读取 JSON：${reason}`, `the JSON can not be read: ${what}`)
  }
  return Result.mapError(
    Schema.decodeUnknownResult(schema)(read.success, { errors: "all", onExcessProperty: "error" }),
    (error) => {
      const where = Flaw.of(error).map(({ path: at }) => at === "" ? "/" : at).join(", ")
      return { status: 422, zh: `内容不对：${where}`, en: `it says what can not be: ${where}` }
    }
  )
}

/** Answers what is asked under {@link path}. */
export const answer = (desk: Desk, request: Callback.Raw): Effect.Effect<Answer> => {
  if (!isHolder(desk.token, request.headers["authorization"])) {
    return Effect.succeed(
      json({ status: 401, zh: "需要启动时的令牌", en: "it takes the token of this start" }, {
        "www-authenticate": "Bearer"
      })
    )
  }
  const [place = "", query = ""] = request.url.slice(path.length).split("?", 2)
  const bill = /^bills\/([a-z]{1,20})\/(\d{4}-\d\d-\d\d)$/.exec(place)
  if (bill !== null && request.method === "GET") return Effect.sync(() => billed(desk, bill[1] ?? "", bill[2] ?? ""))
  const known = doings.flatMap(([method, pattern, does]) => {
    const parts = variables(pattern, place)
    return parts === undefined ? [] : [{ method, does, parts }]
  })
  const found = known.find(({ method }) => method === request.method)
  if (found === undefined) {
    return Effect.succeed(
      json(
        known.length === 0
          ? { status: 404, zh: "没有这个接口", en: "there is no such request" }
          : { status: 405, zh: "方法不对", en: `here it is ${known.map(({ method }) => method).join(", ")}` }
      )
    )
  }
  return Effect.suspend(() => {
    const told = found.does({ desk, body: request.body, query: new URLSearchParams(query), parts: found.parts })
    return Effect.map(
      Effect.isEffect(told) ? told : Effect.succeed(told),
      (result) => Result.isSuccess(result) ? written(200, result.success) : json(result.failure)
    )
  })
}

/** A day's bill as the wire writes it. */
const billed = (desk: Desk, name: string, text: string): Answer => {
  const wire = desk.wires.find((one) => one.name === name)
  if (wire === undefined) return json({ status: 404, zh: "没有这个通道", en: "there is no such wire" })
  const day = CivilTime.parseDay(text)
  if (Result.isFailure(day)) return json({ status: 422, zh: "没有这一天", en: "there is no such day" })
  const does = desk.rules.take(name, "bill", ({ does: { _tag } }) => _tag === "Bill")
  return wire.bill?.(day.success, here(desk, does)) ??
    json({ status: 404, zh: "没有账单", en: "this wire has no bill of that day here" })
}

const variables = (pattern: string, place: string): ReadonlyArray<string> | undefined => {
  const [wanted, said] = [pattern.split("/"), place.split("/")]
  if (wanted.length !== said.length) return undefined
  if (!wanted.every((part, at) => part === said[at] || (part === "*" && /^[\w-]{1,64}$/.test(said[at] ?? "")))) {
    return undefined
  }
  return said.filter((_, at) => wanted[at] === "*")
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** In constant time, whatever comes. */
const isHolder = (token: Redacted.Redacted<string>, header: string | undefined): boolean =>
  timingSafeEqual(digest(`Bearer ${Redacted.value(token)}`), digest(header ?? ""))

const written = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  body: new TextEncoder().encode(JSON.stringify(value))
})

const json = ({ en, status, zh }: Refusal, headers: Readonly<Record<string, string>> = {}): Answer =>
  written(status, { error: { zh, en } }, headers)
