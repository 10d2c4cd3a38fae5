/** A campus before the sandbox's Alipay, in one process; a payer, and a code that is shown. */
import { Money, type PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { expect } from "vitest"
import * as Alipay from "../../src/alipay/Alipay.ts"
import * as Circuit from "../../src/Circuit.ts"
import * as AlipayWire from "../../src/sandbox/AlipayWire.ts"
import type { Here } from "../../src/sandbox/Wire.ts"
import { books, Campus, office, profile, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { meanwhileAt } from "../support/meanwhile.ts"

/** What happens there as soon as an operation was answered. */
export type Meanwhile = Readonly<Record<string, (here: Here) => unknown>>

export const payer = "alice"
export const quick = { ...Circuit.policy, firstWait: 1, longestWait: 2, attempts: 2 }
export const wire = AlipayWire.make()

/** A campus whose Alipay is the sandbox's, and a payer with 100.00. */
export const furnished = (
  latePayment: "credit" | "refund" = "credit",
  more: Partial<Alipay.Settings> & { readonly mode?: "certificates" | "keys" } = {},
  meanwhile: Meanwhile = {}
) => {
  const net: InProcess = new InProcess(meanwhileAt(wire, (operation, here) => meanwhile[operation]?.(here)))
  const settings = AlipayWire.settingsOf(wire.terms(net.origin), {
    name: "alipay",
    title: "校园卡充值",
    notifyUrl: "https://school.test/alipay",
    serves: serves("alipay"),
    policy: quick,
    poll: { every: 1, times: 3 },
    ...more
  })
  const channel = Effect.runSync(Effect.provide(Alipay.make(settings), net.layer))
  const campus = new Campus([channel], profile(latePayment))
  net.house.purses.put(payer, Money.amount(10_000))
  const whole = Effect.gen(function*() {
    yield* books
    expect(net.house.purses.isWhole).toBe(true)
    return net.house.purses.has(`payer:${payer}`)
  })
  const scanned = (attempt: PaymentAttempt.Attempt): string => {
    if (attempt._tag !== "Waiting" || attempt.instruction._tag !== "QrCode") throw new Error(attempt._tag)
    return attempt.instruction.text.slice(`${net.origin}/pay/`.length)
  }
  const pay = (attempt: PaymentAttempt.Attempt) => Result.getOrThrow(net.house.pay(scanned(attempt), payer, campus.now))
  const deliver = () => net.deliver(office)
  return { net, channel, campus, whole, pay, scanned, deliver }
}

/** The methods that the gateway was asked, the first first. */
export const methods = (net: InProcess): ReadonlyArray<string> =>
  net.seen.map(({ raw }) => new URL(raw.url, net.origin).searchParams.get("method")?.replace("alipay.trade.", "") ?? "")

export const codeOf = (digits: string): RechargeChannel.Payer => ({ _tag: "PayCode", code: Redacted.make(digits) })
