// No line of a log, at any level, and no error shows a key, a secret, a card, a number or name of a person, or a PIN; whatever
// comes, and whatever goes wrong with it.
import { type CivilTime, Id, Money, PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Cause, Effect, Exit, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as Alipay from "../src/alipay/Alipay.ts"
import * as BankClient from "../src/BankClient.ts"
import * as BlockCipher from "../src/BlockCipher.ts"
import * as Loongpay from "../src/ccb/Loongpay.ts"
import * as TransferLayout from "../src/ccb/TransferLayout.ts"
import * as TransferLink from "../src/ccb/TransferLink.ts"
import * as Circuit from "../src/Circuit.ts"
import * as IsoFrame from "../src/iso8583/IsoFrame.ts"
import * as IsoLink from "../src/iso8583/IsoLink.ts"
import * as IsoMessage from "../src/iso8583/IsoMessage.ts"
import * as IsoProfile from "../src/iso8583/IsoProfile.ts"
import * as IsoTransfer from "../src/iso8583/IsoTransfer.ts"
import * as WorkingKeys from "../src/iso8583/WorkingKeys.ts"
import * as Pan from "../src/Pan.ts"
import * as AlipayWire from "../src/sandbox/AlipayWire.ts"
import * as CcbWire from "../src/sandbox/CcbWire.ts"
import { IsoHost } from "../src/sandbox/IsoHost.ts"
import { type Mischief, Rules } from "../src/sandbox/Mischief.ts"
import { Purses } from "../src/sandbox/Purses.ts"
import * as Sandbox from "../src/sandbox/Sandbox.ts"
import { TransferHost } from "../src/sandbox/TransferHost.ts"
import * as UnionPayWire from "../src/sandbox/UnionPayWire.ts"
import * as WeChatWire from "../src/sandbox/WeChatWire.ts"
import type * as TransferChannel from "../src/TransferChannel.ts"
import * as UnionPay from "../src/unionpay/UnionPay.ts"
import * as WeChatPay from "../src/wechat/WeChatPay.ts"
import { catching } from "./support/caught.ts"

const card = "6217000010000000003"
const person = { name: "欧阳小华", idNumber: "43010219990101125X", studentNumber: "20260001", pin: "246810" }
const payCode = "134567890123456789"
const openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
const keyText = "0123456789ABCDEFFEDCBA9876543210"
const key = BlockCipher.key("des", Buffer.from(keyText, "hex"))
const always = [card, payCode, ...Object.values(person), openid, keyText, keyText.slice(0, 16)]
const encoded = (secret: string): ReadonlyArray<string> => [
  secret,
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("hex"),
  encodeURIComponent(secret)
]

/** All that could be shown of how something ended. */
const shown = (exit: Exit.Exit<unknown, unknown>): ReadonlyArray<string> => {
  if (Exit.isSuccess(exit)) return []
  const error = Cause.squash(exit.cause)
  return [Cause.pretty(exit.cause), JSON.stringify(error), String(error), inspect(error, { depth: 12 })]
}
/** Looks for secrets in lines and errors; the part of a line that shows one is not told, since that would be a line. */
const clean = (lines: ReadonlyArray<string>, secrets: ReadonlyArray<string>) => {
  const all = lines.join("\n").toLowerCase()
  const found = secrets.flatMap((secret, at) =>
    encoded(secret).some((form) => all.includes(form.toLowerCase())) ? [`secret ${at}: ${secret.slice(0, 8)}`] : []
  )
  if (found.length > 0) throw new Error(`A secret is shown: ${found.join()}`)
}

describe("the judge of this test", () => {
  it.each(["of the name 欧阳小华", `{"pan":"${card}"}`, Buffer.from(card).toString("hex")])("finds %s", (line) => {
    expect(() => clean([line], always)).toThrow("secret")
  })
})

/** Whatever a stranger may send. */
const told = [person.name, person.idNumber, card, openid, person.pin].join("&x=")
const garbage: ReadonlyArray<readonly [string, string, Readonly<Record<string, string>>]> = [
  ["POST", told, {}],
  ["POST", JSON.stringify({ id: told, [card]: told, resource: { [person.name]: told } }), {
    "content-type": "application/json"
  }],
  ["POST", `out_trade_no=${told}&sign=${told}&sign_type=RSA2&signature=${told}&signPubKeyCert=${told}`, {}],
  ["POST", "", {
    "wechatpay-signature": told,
    "wechatpay-serial": card,
    "wechatpay-timestamp": card,
    "wechatpay-nonce": told
  }],
  ["GET", "", {}]
]
const mischiefs: ReadonlyArray<Mischief | undefined> = [
  undefined,
  { _tag: "Drop", after: true },
  { _tag: "Error", after: true },
  { _tag: "Truncate", bytes: 40 },
  { _tag: "Forge", how: "otherKey" },
  { _tag: "Forge", how: "tamper" },
  { _tag: "Forge", how: "otherMerchant" }
]

describe("channels over HTTP", () => {
  const policy: Circuit.Policy = { ...Circuit.policy, firstWait: 1, longestWait: 2, attempts: 2, failures: 1_000 }
  const common = { name: "one", notifyUrl: "http://127.0.0.1:9/recharge/one", policy, timeout: 400 }
  const title = "校园卡充值"
  const makes = {
    wechat: (terms: Readonly<Record<string, string>>) =>
      WeChatPay.make(WeChatWire.settingsOf(terms, { ...common, scene: "order", description: title })),
    unionpay: (terms: Readonly<Record<string, string>>) => UnionPay.make(UnionPayWire.settingsOf(terms, common)),
    alipay: (terms: Readonly<Record<string, string>>) =>
      Alipay.make(AlipayWire.settingsOf(terms, { ...common, title })),
    ccb: ({ ...terms }: Readonly<Record<string, string>>) =>
      Loongpay.make(CcbWire.settingsOf(terms, { name: "one", policy, timeout: 400, title, shownCodes: {} }))
  }
  it.each(Object.keys(makes) as ReadonlyArray<keyof typeof makes>)(
    "%s, in order and out of order",
    (name) =>
      Effect.gen(function*() {
        const lines: Array<string> = []
        const box = yield* Sandbox.start({ payers: { [person.name]: 1_000_000 } })
        const terms = box.terms()[name] ?? {}
        const channel = yield* makes[name](terms)
        const now = box.clock.now()
        const attempted = (index: number): PaymentAttempt.Attempt => {
          const order = Id.OrderId.make(`app:order-${index}`)
          return {
            _tag: "Opened",
            number: PaymentAttempt.numberOf({ id: order, createdAt: now }, 1),
            order,
            index: 1,
            channel: "todayCampus",
            source: "weChat",
            amount: Money.amount(5_000),
            openedAt: now,
            expiresAt: (now + 7_200_000) as CivilTime.Instant
          }
        }
        const payers: ReadonlyArray<RechargeChannel.Payer> = [
          { _tag: "Scan" },
          { _tag: "InApp", openId: Redacted.make(openid) },
          { _tag: "PayCode", code: Redacted.make(payCode) },
          { _tag: "Browser", returnTo: "https://school.example.edu.cn/back" }
        ]
        let index = 0
        for (const does of mischiefs) {
          for (const payer of payers) {
            const attempt = attempted(++index)
            if (does !== undefined) {
              for (const operation of ["create", "query", "close", "refund", "bill"]) {
                box.rules.add({ wire: name, operation, does, times: 1 })
              }
            }
            const steps: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
              channel.create(attempt, payer),
              channel.query(attempt),
              ...(channel.close === undefined ? [] : [channel.close(attempt)]),
              ...(channel.bill === undefined ? [] : [channel.bill("2026-03-01" as never)])
            ]
            for (const step of steps) {
              lines.push(...shown(yield* Effect.exit(catching(lines)(Effect.timeoutOption(step, 1_000)))))
            }
          }
        }
        for (const [method, body, headers] of garbage) {
          const raw = { method, url: `/recharge/one?${told}`, headers, body: Buffer.from(body) }
          const exit = yield* Effect.exit(catching(lines)(channel.callback?.(raw) ?? Effect.void))
          expect(Exit.isFailure(exit)).toBe(true)
          lines.push(...shown(exit))
        }
        expect(lines.length).toBeGreaterThan(10)
        // Of a key in PEM a line of its middle is as good as all of it.
        const own = Object.entries(terms).flatMap(([term, value]) => {
          if (!/private|secret|api_v3|pub/i.test(term) || /id$|public_key$/.test(term)) return []
          return value.includes("-----BEGIN") ? [value.split("\n")[4] ?? value] : [value.slice(-40)]
        })
        clean(lines, [...always.filter((one) => one !== person.studentNumber), ...own])
      }).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer), Effect.runPromise),
    60_000
  )
})

describe("debits of contracted cards", () => {
  const pan = Result.getOrThrow(Pan.parse(card))
  const now = 1_772_424_000_000 as CivilTime.Instant
  const sent = (number: number) => ({
    terminal: "00000001",
    batch: 1,
    number,
    account: Id.AccountId.make("account-1"),
    amount: Money.amount(5_000),
    contract: "contract-1" as never,
    sentAt: now
  })
  let count = 1_000
  const numbering = Effect.sync(() => ({ batch: 1, number: ++count }))
  /** A wire in every way that its bank can fail it. */
  const tried = (
    wire: TransferChannel.Wire,
    rules: Rules,
    on: { readonly wire: string; readonly debit: string; readonly reverse: string },
    more: ReadonlyArray<Effect.Effect<unknown, unknown>> = []
  ) =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      let number = 0
      for (const does of mischiefs) {
        if (does !== undefined) {
          for (const operation of [on.debit, on.reverse]) rules.add({ wire: on.wire, operation, does, times: 1 })
        }
        const one = sent(++number)
        const steps = [wire.ready(numbering), wire.debit(one), wire.takeBack(one, "98", numbering), ...more]
        for (const step of steps) lines.push(...shown(yield* Effect.exit(catching(lines)(step))))
      }
      return lines
    })
  const hearing = (said: (message: Uint8Array) => Uint8Array | undefined) => (message: Uint8Array) =>
    Effect.suspend(() => {
      const answer = said(message)
      return answer === undefined ? new BankClient.LineLost({ why: "timeout", isSent: true }) : Effect.succeed(answer)
    })
  const holder = { name: Redacted.make(person.name), idNumber: Redacted.make(person.idNumber), bankCard: pan }

  it("over a described link", () =>
    Effect.gen(function*() {
      const rules = new Rules()
      const purses = new Purses()
      purses.put("payer", Money.of(100_000))
      const link = TransferLayout.proposal
      const host = new TransferHost(link, key, purses, rules)
      host.cards.set(card, { payer: "payer", name: holder.name, idNumber: holder.idNumber })
      const ask = hearing((message) => host.answer(message, now).message)
      const settings = { link, key, channel: "01", organisation: "S01", ask, holderOf: () => Effect.succeed(holder) }
      const wire = yield* TransferLink.make(settings)
      // A name that GBK lacks can not be written at all.
      const odd = yield* TransferLink.make({
        ...settings,
        holderOf: () => Effect.succeed({ ...holder, name: Redacted.make(`${person.name}😀`) })
      })
      const echo = yield* TransferLink.make({ ...settings, ask: (message) => Effect.succeed(message) })
      const on = { wire: "transferLink", debit: "Transfer", reverse: "Reversal" }
      const contract = wire.contract("account-1", holder, numbering)
      const lines = [
        ...yield* tried(wire, rules, on, [contract]),
        ...yield* tried(odd, rules, on),
        ...yield* tried(echo, rules, on)
      ]
      expect(lines.length).toBeGreaterThan(3)
      clean(lines, always)
    }).pipe(Effect.runPromise))

  it("over ISO 8583", () =>
    Effect.gen(function*() {
      const rules = new Rules()
      const purses = new Purses()
      purses.put("payer", Money.of(100_000))
      const wire = {
        profile: IsoProfile.unionPayPos,
        framing: IsoFrame.unionPayPos,
        master: key,
        keys: WorkingKeys.doubleLength,
        mac: "ecb"
      } as const
      const host = new IsoHost(
        { ...wire, random: (size) => crypto.getRandomValues(new Uint8Array(size)) },
        purses,
        rules
      )
      host.cards.set(card, { payer: "payer", pin: Redacted.make(person.pin) })
      const settings: IsoLink.Settings = {
        ...wire,
        terminal: "00000001",
        merchant: "898430153110001",
        operator: "01",
        keysWanted: "003",
        ask: hearing((frame) => host.answer(frame, now).frame),
        cardOf: () => Effect.succeed(pan)
      }
      const on = { wire: "iso8583", debit: "debit", reverse: "reverse" }
      const echo = yield* IsoLink.make({ ...settings, ask: (message) => Effect.succeed(message) })
      const lines = [
        ...yield* tried(yield* IsoLink.make(settings), rules, on),
        ...yield* tried(echo, rules, on)
      ]
      const transfer = { _tag: "Transfer", ...sent(1), merchant: settings.merchant, pan, entry: "012" } as const
      const message = IsoTransfer.write(transfer)
      lines.push(String(message), JSON.stringify(message), inspect(message, { depth: 9 }))
      lines.push(JSON.stringify(IsoMessage.shown(message, wire.profile)))
      expect(lines.length).toBeGreaterThan(5)
      clean(lines, always)
    }).pipe(Effect.runPromise))

  it("nor do the keys and cards themselves, wherever somebody writes them down", () => {
    const things = { key, pan, holder, settings: { key, holderOf: () => holder } }
    clean([JSON.stringify(things), inspect(things, { depth: 9 }), String(pan)], always)
  })
})
