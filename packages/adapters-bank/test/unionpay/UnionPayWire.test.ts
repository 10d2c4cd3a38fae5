import { CivilTime, Money, type PaymentAttempt, Recharging } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { execFileSync } from "node:child_process"
import { createHash, X509Certificate } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as Circuit from "../../src/Circuit.ts"
import { Chance } from "../../src/sandbox/Chance.ts"
import { House } from "../../src/sandbox/House.ts"
import type { Forgery } from "../../src/sandbox/Mischief.ts"
import { Names } from "../../src/sandbox/Names.ts"
import * as UnionPayWire from "../../src/sandbox/UnionPayWire.ts"
import { isSandboxKey } from "../../src/SandboxMark.ts"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import * as Certificate from "../../src/unionpay/UnionPayCertificate.ts"
import * as Message from "../../src/unionpay/UnionPayMessage.ts"
import * as Order from "../../src/unionpay/UnionPayOrder.ts"
import * as Signature from "../../src/unionpay/UnionPaySignature.ts"
import { attemptOf, books, Campus, drive, office, orderOf, pockets, profile, serves } from "../support/campus.ts"
import { InProcess } from "../support/inProcess.ts"
import { backUrl, began, Desk, must, payCode, returnTo, wire } from "./Desk.ts"

const folder = mkdtempSync(join(tmpdir(), "unionpay-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const openssl = (...command: ReadonlyArray<string>): string =>
  execFileSync("openssl", command, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

const merId = "SANDBOX00000001"
const merchant: Order.Merchant = { merId }
const orderId = "20260302ABCDEFGH"
const asked = { orderId, txnTime: began, amount: Money.amount(5_000), backUrl }
const payTimeout = CivilTime.later(began, CivilTime.hour)

describe("the gateway", () => {
  const desk = new Desk()
  const terms = wire.terms(desk.sandbox.origin)
  const { signer } = desk.settings
  const trust = Certificate.trust(desk.settings.pinned)

  const post = (url: string | undefined, message: Message.Message, method = "POST") =>
    wire.route({
      method,
      url: new URL(must(url)).pathname,
      headers: {},
      body: Buffer.from(Message.writeForm(message))
    })
  const say = (url: string | undefined, message: Message.Message, at = began) => {
    const { body } = must(post(url, message)).run(desk.sandbox.here(at))
    return Result.getOrThrow(
      Result.flatMap(Message.parse(body), (said) => Signature.verify(said, Certificate.verifier(trust, at)))
    )
  }
  const sign = (message: Message.Message) => Signature.sign(message, signer)
  const query = sign(Order.query(merchant, asked))

  it.each([
    ["a changed field", terms["queryUrl"], Message.withFields(query, { orderId: "20260302ABCDEFGX" }), "11"],
    ["another certificate's number", terms["queryUrl"], Message.withFields(query, { certId: "1" }), "11"],
    ["no signature", terms["queryUrl"], Message.withFields(query, { signature: undefined }), "10"],
    ["another version", terms["queryUrl"], Message.withFields(query, { version: "5.0.0" }), "10"],
    ["nothing", terms["queryUrl"], Message.of({}), "10"],
    ["another merchant", terms["queryUrl"], sign(Order.query({ merId: "SANDBOX00000002" }, asked)), "31"],
    ["another kind than is asked there", terms["backUrl"], query, "10"],
    ["a transaction that is not there", terms["queryUrl"], query, "34"],
    [
      "a file that is not there",
      terms["fileUrl"],
      sign(Order.file(merchant, { settleDay: CivilTime.dayOf(began), txnTime: began })),
      "98"
    ]
  ])("answers %s by its code", (_, url, message, code) => {
    expect(say(url, message).get("respCode")).toBe(code)
  })

  it("answers a wrong form of a browser by a page", () => {
    const front = sign(Order.front(merchant, { ...asked, frontUrl: returnTo, payTimeout, device: "pc" }))
    const { status } = must(post(terms["frontUrl"], Message.withFields(front, { txnAmt: "1" }))).run(
      desk.sandbox.here(began)
    )
    expect(status).toBe(400)
    expect(desk.sandbox.house.all).toEqual([])
  })

  it.each([["GET", "/unionpay/gateway/api/queryTrans.do"], ["POST", "/unionpay/gateway/api/other.do"]])(
    "knows nothing of %s %s",
    (method, path) => expect(post(`https://sandbox.test${path}`, query, method)).toBeUndefined()
  )

  it("a refund at another time is another refund, and no more goes back than came", async () => {
    const { attempt, trade } = await desk.paid()
    const back = (amount: number, second: number) =>
      say(
        terms["backUrl"],
        sign(Order.refund(merchant, {
          orderId: `${attempt.number}R`,
          txnTime: CivilTime.later(began, second * 1_000),
          amount: Money.amount(amount),
          backUrl,
          origQryId: trade.reference,
          product: "000000"
        }))
      ).get("respCode")
    expect([back(2_000, 1), back(2_000, 1), back(1_000, 1), back(3_001, 2), back(3_000, 2), back(1, 3)])
      .toEqual(["00", "12", "12", "36", "00", "45"])
    expect(desk.sandbox.house.purses.isWhole).toBe(true)
  })

  it("sends a notification five times in all, after 1, 2, 4 and 5 minutes", () => {
    expect(wire.resends).toEqual([60_000, 120_000, 240_000, 300_000])
    expect([200, 302, 204, 404, 500].map((status) => wire.isTaken({ status, body: new Uint8Array() })))
      .toEqual([true, true, false, false, false])
  })

  it("tells nothing of a refund that could not be done", async () => {
    const poor = new Desk()
    const { attempt } = await poor.paid()
    poor.sandbox.house.stuckPayers.add("alice")
    await poor.run(must(poor.channel.refund)(poor.refundOf(attempt)))
    const [, stuck] = poor.sandbox.pending
    expect(stuck?.what).toBe("refundStuck")
    expect(wire.notice(must(stuck), poor.sandbox.here(began))).toBeUndefined()
  })

  it("gives keys that are marked, and no secret of its own", () => {
    expect(terms["sandbox"]).toBe("true")
    for (const name of ["privateKey", "rootCertificate", "middleCertificate"]) {
      expect(isSandboxKey(must(terms[name]))).toBe(true)
    }
    expect(Object.values(terms).join("").match(/PRIVATE KEY-----\n/g)).toHaveLength(2)
  })

  it.each<readonly [Forgery | undefined, boolean, boolean]>([
    [undefined, true, true],
    ["otherKey", true, false],
    ["ownCertificate", false, true],
    ["tamper", true, false],
    ["wrongAmount", true, true]
  ])("by openssl: %s, chain %s, signature %s", async (how, isChain, isSigned) => {
    const own = new Desk()
    await own.paid()
    const does = how === undefined ? undefined : { _tag: "Forge", how } as const
    const { body } = must(wire.notice(must(own.sandbox.pending[0]), own.sandbox.here(began, does)))
    // Read by the platform's own parser, and signed text put together by hand.
    const fields = new URLSearchParams(Buffer.from(body).toString())
    const pem = must(fields.get("signPubKeyCert") ?? undefined)
    expect(new X509Certificate(pem).subject).toContain("CN=041@Z@00040000:SIGN@1")
    const text = [...fields].filter(([name]) => name !== "signature").map(([name, value]) => `${name}=${value}`)
      .toSorted().join("&")
    writeFileSync(join(folder, "leaf.pem"), pem)
    writeFileSync(join(folder, "root.pem"), must(terms["rootCertificate"]))
    writeFileSync(join(folder, "middle.pem"), must(terms["middleCertificate"]))
    writeFileSync(join(folder, "text"), createHash("sha256").update(text).digest("hex"))
    writeFileSync(join(folder, "signature"), Buffer.from(fields.get("signature") ?? "", "base64"))
    writeFileSync(join(folder, "key.pem"), openssl("x509", "-in", "leaf.pem", "-noout", "-pubkey"))
    const holds = (...command: ReadonlyArray<string>): boolean =>
      Result.isSuccess(Result.try(() => openssl(...command)))
    const at = ["-attime", String(began / 1_000)]
    expect([
      holds("verify", "-x509_strict", ...at, "-CAfile", "root.pem", "-untrusted", "middle.pem", "leaf.pem"),
      holds("dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "text")
    ]).toEqual([isChain, isSigned])
  })
})

describe("whole orders", () => {
  const browser = { _tag: "Browser", returnTo } as const
  const shown = { _tag: "PayCode", code: Redacted.make(payCode) } as const

  const furnished = (latePayment: "credit" | "refund" = "credit") => {
    const net = new InProcess(wire)
    net.house.purses.put("alice", Money.of(10_000))
    const settings = UnionPayWire.settingsOf(wire.terms(net.origin), {
      name: "unionpay",
      notifyUrl: backUrl,
      serves: serves("unionPayCard"),
      policy: { ...Circuit.policy, firstWait: 1, longestWait: 1, attempts: 2, failures: 100 }
    })
    // The second takes other money by the same merchant's number.
    const others = { ...settings, name: "unionpayToo", notifyUrl: `${backUrl}Too`, serves: serves("ccbCard") }
    const channels = [settings, others].map((each) => Effect.runSync(Effect.provide(UnionPay.make(each), net.layer)))
    const campus = new Campus(channels, profile(latePayment))
    const pay = ({ number }: PaymentAttempt.Attempt) => {
      const trade = must(net.house.all.find(({ extra }) => extra["orderId"] === number))
      return Result.getOrThrow(net.house.pay(trade.token, "alice", campus.now))
    }
    /** The books agree, and no money of the sandbox was made or lost: what the payer has in the end. */
    const whole = Effect.gen(function*() {
      yield* books
      expect(net.house.purses.isWhole).toBe(true)
      return net.house.purses.has("payer:alice")
    })
    const deliver = () => net.deliver(office, (_, path) => path.endsWith("Too") ? others.name : settings.name)
    return { campus, net, pay, whole, deliver }
  }

  it("is paid once, told three times and asked about, and credited once", async () => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000)
      pay(attempt)
      net.rules.add({ operation: "notice", does: { _tag: "Duplicate", times: 3 } })
      expect((yield* deliver()).map(({ reply }) => reply.status)).toEqual([200, 200, 200])
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept", witness: "callback" })
      expect(yield* pockets).toMatchObject({ transit: 5_000 })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("in the browser, without a notification, is found by asking", async () => {
    const { campus, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000, browser)
      if (attempt._tag !== "Waiting" || attempt.instruction._tag !== "Page") throw new Error(attempt._tag)
      yield* drive()
      const { fields, url } = attempt.instruction
      const body = Buffer.from(Message.writeForm(new Map(Object.entries(fields))))
      const raw = { method: "POST", url: new URL(url).pathname, headers: {}, body }
      must(wire.route(raw)).run(net.here(campus.now))
      campus.wait(CivilTime.minute)
      pay(attempt)
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it.each<Forgery>(["otherKey", "unknownKey", "ownCertificate", "tamper", "otherMerchant", "skewPast", "skewFuture"])(
    "a notification falsified by %s credits nothing; the genuine one does",
    async (how) => {
      const { campus, deliver, net, pay, whole } = furnished()
      await campus.run(Effect.gen(function*() {
        yield* campus.furnished
        const { attempt, order } = yield* campus.place("unionPayCard", 5_000)
        pay(attempt)
        net.rules.add({ operation: "notice", does: { _tag: "Forge", how } })
        expect((yield* deliver()).map(({ reply }) => reply.status)).toEqual([400])
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Paying" })
        expect(yield* pockets).toMatchObject({ transit: 0 })
        expect((yield* deliver()).map(({ isTaken }) => isTaken)).toEqual([true])
        expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
        expect(yield* whole).toBe(5_000)
      }))
    }
  )

  it("a code whose answer was lost is asked about, charged once and credited once", async () => {
    const { campus, net, whole } = furnished()
    net.house.purses.put(payCode, Money.of(5_000))
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      net.rules.add({ operation: "create", does: { _tag: "Drop", after: true } })
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000, shown)
      expect(attempt._tag).toBe("Unknown")
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(net.house.purses.has(`payer:${payCode}`)).toBe(0)
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("one that nobody pays ends with its time", async () => {
    const { campus, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { order } = yield* campus.place("unionPayCard", 5_000)
      campus.wait(3 * CivilTime.hour)
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Expired" })
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("goes back once where the account was closed meanwhile, also where the answer to the refund is lost", async () => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000)
      yield* campus.closeAccount
      pay(attempt)
      net.rules.add({ operation: "refund", does: { _tag: "Drop", after: true } })
      yield* deliver()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "RefundDue" })
      campus.wait(5 * CivilTime.minute)
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Refunded" })
      // The notification of the refund, which changes nothing any more.
      expect((yield* deliver()).map(({ isTaken }) => isTaken)).toEqual([true])
      expect(yield* whole).toBe(10_000)
    }))
  })

  it("that was paid in time counts as such, however late it is told", async () => {
    const { campus, deliver, pay, whole } = furnished("refund")
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000)
      pay(attempt)
      campus.wait(3 * CivilTime.hour)
      yield* deliver()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Credited" })
      expect(yield* whole).toBe(5_000)
    }))
  })

  it("nobody pays after its time", async () => {
    const { campus, net } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      yield* campus.place("unionPayCard", 5_000)
      campus.wait(3 * CivilTime.hour)
      const { token } = must(net.house.all[0])
      expect(net.house.pay(token, "alice", campus.now)).toMatchObject({ failure: { _tag: "AlreadyClosed" } })
    }))
  })

  it("paid by two channels keeps the first, and the other goes back", async () => {
    const { campus, deliver, pay, whole } = furnished("credit")
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const first = yield* campus.place("unionPayCard", 4_000)
      const second = yield* campus.turn(first.order, "ccbCard")
      pay(first.attempt)
      pay(second.attempt)
      expect((yield* deliver()).map(({ isTaken }) => isTaken)).toEqual([true, true])
      campus.wait(5 * CivilTime.minute)
      yield* drive()
      expect(yield* attemptOf(first.attempt.number)).toMatchObject({ _tag: "Kept" })
      expect(yield* attemptOf(second.attempt.number)).toMatchObject({ _tag: "Returned", reason: "duplicate" })
      expect(yield* pockets).toMatchObject({ transit: 4_000 })
      expect(yield* whole).toBe(6_000)
    }))
  })

  it("to a payer whose account is closed waits for a person, and is back under its own number after that", async () => {
    const { campus, deliver, net, pay, whole } = furnished()
    await campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const { attempt, order } = yield* campus.place("unionPayCard", 5_000)
      yield* campus.closeAccount
      pay(attempt)
      net.house.stuckPayers.add("alice")
      yield* deliver()
      campus.wait(5 * CivilTime.minute)
      yield* drive()
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "ReturnFailed" })
      net.house.stuckPayers.clear()
      yield* Recharging.returnAgain(attempt.number, office)
      campus.wait(5 * CivilTime.minute)
      yield* drive()
      expect(yield* orderOf(order.id)).toMatchObject({ _tag: "Refunded" })
      expect(yield* whole).toBe(10_000)
    }))
  })
})

it("a house with longer numbers than UnionPay's tells their ends, and finds the payment by them", async () => {
  const desk = new Desk()
  const { name } = new Names(new Chance(7))
  const house = new House(name)
  Object.assign(desk.sandbox, { house })
  house.purses.put("alice", Money.of(5_000))
  const { attempt, trade } = await desk.paid()
  expect(trade.reference).toHaveLength(28)
  const found = await desk.run(desk.channel.query(attempt))
  if (found._tag !== "Paid") throw new Error(found._tag)
  expect(found.receipt.reference).toBe(trade.reference.slice(-21))
  const refund = desk.refundOf({ ...attempt, reference: found.receipt.reference })
  expect(await desk.outcome(must(desk.channel.refund)(refund))).toBe("Accepted")
  expect(await desk.outcome(must(desk.channel.queryRefund)(refund))).toBe("Done")
  desk.now = CivilTime.instant("2026-03-03 09:00")
  const { rows } = await desk.run(must(desk.channel.bill)(CivilTime.day("2026-03-02")))
  expect(rows.map(({ row }) => row.reference.length)).toEqual([21, 21])
})
