/** A merchant before the sandbox's WeChat Pay, in one process, under a clock that the test moves. */
import { CivilTime, Id, Money, type PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Redacted, References, Result } from "effect"
import { TestClock } from "effect/testing"
import * as Circuit from "../../src/Circuit.ts"
import * as WeChatWire from "../../src/sandbox/WeChatWire.ts"
import type { Here } from "../../src/sandbox/Wire.ts"
import * as WeChatPay from "../../src/wechat/WeChatPay.ts"
import { InProcess } from "../support/inProcess.ts"
import { meanwhileAt } from "../support/meanwhile.ts"

export const start = CivilTime.instant("2026-03-02 12:00")
export const notifyUrl = "https://school.test/callback/wechat"

/** What happens there as soon as an operation was answered: between a question and what follows from its answer. */
export type Meanwhile = Readonly<Record<string, (here: Here) => unknown>>

/** A sandbox and a channel before it; the payer Lihua has 1,000 yuan. */
export const counter = Effect.fnUntraced(function*(
  own: Partial<WeChatPay.Settings> & { readonly trust?: "certificates" | "publicKey" } = {},
  meanwhile: Meanwhile = {}
) {
  const wire = WeChatWire.make(start)
  const there: InProcess = new InProcess(meanwhileAt(wire, (operation, here) => meanwhile[operation]?.(here)))
  there.house.purses.put("lihua", Money.of(100_000))
  const terms = wire.terms(there.origin)
  const settings = WeChatWire.settingsOf(terms, {
    name: "wechat",
    scene: "order",
    description: "校园卡充值",
    notifyUrl,
    ...own
  })
  const channel = yield* WeChatPay.make(settings).pipe(Effect.provide(there.layer))
  return { there, wire, terms, settings, channel }
})

/** Runs a test under a clock of its own, without the lines of a log. */
export const run = <A, E>(test: Effect.Effect<A, E>): Promise<A> =>
  Effect.andThen(TestClock.setTime(start), test).pipe(
    Effect.provide(TestClock.layer()),
    Effect.provideService(References.MinimumLogLevel, "None"),
    Effect.runPromise
  )

/** So that a test which counts sendings sees each. */
export const once: Circuit.Policy = { ...Circuit.policy, attempts: 1, failures: 1_000 }

const opened = {
  _tag: "Opened",
  number: Id.OrderNumber.make("20260302ABCDEFGHJKMNPQRSTV01"),
  order: Id.OrderId.make("test:order-1"),
  index: 1,
  channel: "wechat",
  source: "weChat",
  amount: Money.amount(5_000),
  openedAt: start,
  expiresAt: CivilTime.later(start, 30 * CivilTime.minute)
} as const

export const attempt = (more: Partial<Extract<PaymentAttempt.Attempt, { readonly _tag: "Opened" }>> = {}) => ({
  ...opened,
  ...more
})

/** The refund of an attempt that was paid. */
export const refundOf = (reference: string): RechargeChannel.Refund => ({
  attempt: {
    ...opened,
    _tag: "Returning",
    paidAt: start,
    paidAmount: opened.amount,
    reference,
    witness: "query",
    reason: "late",
    dueAt: start,
    since: start
  },
  number: `${opened.number}R`,
  amount: opened.amount,
  dueAt: start
})

export const scan: RechargeChannel.Payer = { _tag: "Scan" }
export const showing = (code: string): RechargeChannel.Payer => ({ _tag: "PayCode", code: Redacted.make(code) })
export const openId: RechargeChannel.Payer = { _tag: "InApp", openId: Redacted.make("oLihua") }

/** The payer pays what is open under the number of the attempt. */
export const pays = Effect.fnUntraced(function*(there: InProcess, payer = "lihua", { number } = attempt()) {
  const trade = there.house.all.find((trade) => trade.number === number)
  if (trade === undefined) throw new Error("Nothing is open under this number")
  const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
  return Result.getOrThrow(there.house.pay(trade.token, payer, now as CivilTime.Instant))
})

/** The tag of what failed, or of what came. */
export const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, {
    onFailure: ({ _tag }): string => _tag,
    onSuccess: (value): string =>
      typeof value === "object" && value !== null && "_tag" in value ? String(value._tag) : "done"
  })
