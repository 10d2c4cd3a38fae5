/**
 * The sandbox's control desk 沙箱控制接口: JSON under `/__sandbox/`, for whoever holds the token of this start. It looks into
 * everything, plays the payers, and says what goes wrong. Money is in fen, time in milliseconds since 1970.
 */
import { type Callback, CivilTime } from "@yikatong/core"
import { Effect, Redacted, Result, Schema } from "effect"
import { createHash, timingSafeEqual } from "node:crypto"
import * as Abilities from "./Abilities.ts"
import * as BankControl from "./BankControl.ts"
import { decode, type Doing, doing, type Refusal, refused } from "./ControlDoing.ts"
import { type Desk, terms } from "./Desk.ts"
import * as IsoHost from "./IsoHost.ts"
import { Rule } from "./Mischief.ts"
import * as TradeControl from "./TradeControl.ts"
import type { Answer } from "./Wire.ts"
import { here } from "./WireDesk.ts"

export const path = "/__sandbox/"

/** The longest that the clock is put forward at once: a year and a day. */
const longest = 366 * CivilTime.dayLength

const Advance = Schema.Struct({
  advance: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longest }))
})

/** Every request that is known. */
export const doings: ReadonlyArray<Doing> = [
  doing("GET", "status", ["沙箱状态", "how things stand"], ({ desk }) =>
    Result.succeed({
      origin: desk.origin(),
      seed: desk.seed,
      now: desk.clock.now(),
      wires: desk.wires.map(({ name, nameZh, rotate }) => ({ name, nameZh, rotates: rotate !== undefined })),
      trades: desk.house.all.length,
      deposits: desk.banks.app.caller.dealings.size,
      hasSchool: desk.banks.app.isConnected,
      notices: desk.courier.sent.length,
      rules: desk.rules.left.length,
      isWhole: desk.house.purses.isWhole
    })),
  doing(
    "GET",
    "terms",
    ["各通道的商户设置，含密钥", "what a merchant is given for each wire, with the keys"],
    ({ desk }) => Result.succeed(terms(desk))
  ),
  ...TradeControl.doings,
  ...BankControl.doings,
  doing(
    "GET",
    "abilities",
    ["各通道的操作及其能做到的故障", "which operation can go wrong, and how"],
    ({ desk }) => Result.succeed(Abilities.of(desk.wires))
  ),
  doing("GET", "rules", ["待生效的故障", "what is still to go wrong"], ({ desk }) => Result.succeed(desk.rules.left)),
  doing("POST", "rules", [
    "安排故障",
    "says what goes wrong, for how many times",
    `{"wire":"wechat","operation":"notice","times":2,"does":{"_tag":"Drop","after":true}}`
  ], ({ body, desk }) =>
    Result.flatMap(decode(Rule, body), (rule) => {
      const never = Abilities.refusal(rule, Abilities.of(desk.wires))
      if (never !== undefined) return refused(422, ...never)
      desk.rules.add(rule)
      return Result.succeed(desk.rules.left)
    })),
  doing("DELETE", "rules", ["取消所有故障", "nothing goes wrong any more"], ({ desk }) => {
    desk.rules.clear()
    return Result.succeed([])
  }),
  doing("GET", "clock", ["沙箱时间", "the sandbox's time"], ({ desk }) => Result.succeed({ now: desk.clock.now() })),
  doing(
    "POST",
    "clock",
    ["时间快进，毫秒", "puts the clock forward, in milliseconds", `{"advance":86400000}`],
    ({ body, desk }) => {
      const wanted = decode(Advance, body)
      if (Result.isFailure(wanted)) return Result.fail(wanted.failure)
      const { advance } = wanted.success
      if (desk.clock.now() + advance > CivilTime.lastInstant) {
        return refused(422, "超出时间范围", "there is no such time")
      }
      return Effect.map(desk.clock.advance(advance), () => Result.succeed({ now: desk.clock.now() }))
    }
  ),
  doing("POST", "wires/NAME/rotate", ["换证书与密钥", "changes keys and certificates"], ({ desk, parts: [name] }) => {
    if (name === IsoHost.wire) {
      desk.banks.iso.rotate()
      return Result.succeed(desk.banks.terms.iso8583)
    }
    const wire = desk.wires.find((one) => one.name === name)
    if (wire === undefined) return noWire
    if (wire.rotate === undefined) return refused(409, "此通道没有证书轮换", "this wire changes no keys")
    wire.rotate(desk.clock.now())
    return Result.succeed(wire.terms(desk.origin()))
  }),
  doing(
    "GET",
    "bills/NAME/DAY",
    ["某日账单", "a day's bill as the wire writes it"],
    ({ desk, parts: [name, text] }) => {
      const wire = desk.wires.find((one) => one.name === name)
      if (wire === undefined) return noWire
      const day = CivilTime.parseDay(text ?? "")
      if (Result.isFailure(day)) return refused(422, "没有这一天", "there is no such day")
      const does = desk.rules.take(wire.name, "bill", ({ does: { _tag } }) => _tag === "Bill")
      return wire.bill?.(day.success, here(desk, does)) ??
        refused(404, "没有账单", "this wire has no bill of that day here")
    }
  ),
  doing(
    "GET",
    "notices",
    ["发出的通知及其结果", "the notices, and what came of them"],
    ({ desk }) =>
      Result.succeed(desk.courier.sent.map(({ notice: { body, headers, method, to }, ...rest }) => ({
        ...rest,
        notice: { method, to, headers, body: new TextDecoder().decode(body) }
      })))
  )
]

const noWire = refused(404, "没有这个通道", "there is no such wire")

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
  const known = doings.flatMap(({ does, method, path: pattern }) => {
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
    const outcome = found.does({ desk, body: request.body, query: new URLSearchParams(query), parts: found.parts })
    return Effect.map(Effect.isEffect(outcome) ? outcome : Effect.succeed(outcome), (told) => {
      if (!Result.isResult(told)) return told
      return Result.isSuccess(told) ? written(200, told.success) : json(told.failure)
    })
  })
}

const variables = (pattern: string, place: string): ReadonlyArray<string> | undefined => {
  const [wanted, said] = [pattern.split("/"), place.split("/")]
  const isVariable = (part: string | undefined) => part !== undefined && /^[A-Z]+$/.test(part)
  if (wanted.length !== said.length) return undefined
  if (!wanted.every((part, at) => isVariable(part) ? /^[\w-][\w.-]{0,63}$/.test(said[at] ?? "") : part === said[at])) {
    return undefined
  }
  return said.filter((_, at) => isVariable(wanted[at]))
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
