import { CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { createHash, createPublicKey, verify } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as CcbParam from "../../src/ccb/CcbParam.ts"
import * as LoongpayKey from "../../src/ccb/LoongpayKey.ts"
import * as LoongpayNotice from "../../src/ccb/LoongpayNotice.ts"
import * as CcbWire from "../../src/sandbox/CcbWire.ts"
import type { Happening } from "../../src/sandbox/House.ts"
import { InProcess } from "../support/inProcess.ts"

const now = CivilTime.instant("2026-03-02 12:00")
const wire = CcbWire.make({ noticesTo: "https://school.test/ccb" })
const terms = wire.terms("https://sandbox.test")
const term = (name: string): string => terms[name] ?? expect.fail(name)
const key = Result.getOrThrow(LoongpayKey.parse(term("public_key")))

/** An address as the bank's documents have it made, by nothing of ours. */
const address = (change: Readonly<Record<string, string>> = {}): string => {
  const fields = {
    MERCHANTID: term("merchant"),
    POSID: term("pos"),
    BRANCHID: term("branch"),
    ORDERID: "2026030200000000000000000001",
    PAYMENT: "50.00",
    CURCODE: "01",
    TXCODE: "530550",
    REMARK1: "",
    REMARK2: "",
    RETURNTYPE: "0",
    TIMEOUT: "20260302130000",
    ...change
  }
  const query = Object.entries(fields).map(([name, value]) => `${name}=${value}`).join("&")
  const mac = createHash("md5").update(`${query}&PUB=${Redacted.value(key.secret)}`).digest("hex")
  return `${new URL(term("bank")).pathname}?CCB_IBSVersion=V6&${query}&MAC=${mac}`
}

const begin = () => {
  const net = new InProcess(wire)
  const happenings: Array<Happening> = []
  net.house.listen((happening) => void happenings.push(happening))
  net.house.purses.put("alice", Money.amount(10_000))
  const send = (method: "GET" | "POST", url: string, body = "", at = now) => {
    const answer = wire.route({ method, url, headers: {}, body: Buffer.from(body) })?.run(net.here(at))
    return { status: answer?.status, headers: answer?.headers, body: Buffer.from(answer?.body ?? []).toString() }
  }
  return { net, happenings, send }
}

describe("the address of an order", () => {
  it("leads to the page where it is paid, until the order's own end", () => {
    const { net, send } = begin()
    const { headers, status } = send("GET", address())
    const [trade] = net.house.all
    expect(status).toBe(302)
    expect(headers?.["location"]).toBe(`https://sandbox.test/pay/${trade?.token}`)
    expect(trade).toMatchObject({ amount: 5_000, expiresAt: CivilTime.instant("2026-03-02 13:00") })
    const late = net.house.pay(trade?.token ?? "", "alice", CivilTime.instant("2026-03-02 13:01"))
    expect(late).toMatchObject({ failure: { _tag: "AlreadyClosed" } })
  })

  it.each([
    ["another amount than was signed", address().replace("50.00", "5.00"), "the MAC"],
    ["another merchant", address({ MERCHANTID: "105000000000099" }), "MERCHANTID"],
    ["another currency", address({ CURCODE: "02" }), "CURCODE"],
    ["a code that is not offered", address({ TXCODE: "5W1002" }), "TXCODE"]
  ])("is refused: %s", (_, url, words) => {
    const { net, send } = begin()
    expect(send("GET", url)).toMatchObject({ status: 400, body: words })
    expect(net.house.all).toEqual([])
  })

  it("is refused for another amount under the same number", () => {
    const { send } = begin()
    send("GET", address())
    expect(send("GET", address({ PAYMENT: "60.00" }))).toMatchObject({ status: 400, body: "ORDERID" })
  })
})

describe("the notice to the school's server", () => {
  it("is signed with RSA and MD5 over the bank's order of fields, ACC_TYPE among them, and is sent once", () => {
    const { happenings, net, send } = begin()
    send("GET", address())
    Result.getOrThrow(net.house.pay(net.house.all[0]?.token ?? "", "alice", now))
    const [paid] = happenings
    const notice = paid === undefined ? undefined : wire.notice(paid, net.here(now))
    expect(notice).toMatchObject({ to: "https://school.test/ccb", method: "POST" })
    const fields = new URLSearchParams(Buffer.from(notice?.body ?? []).toString())
    const names = ["POSID", "BRANCHID", "ORDERID", "PAYMENT", "CURCODE", "REMARK1", "REMARK2", "ACC_TYPE", "SUCCESS"]
    const signed = [...names, "TYPE", "REFERER", "CLIENTIP", "ACCDATE"].map((name) => `${name}=${fields.get(name)}`)
    const publicKey = createPublicKey({ key: Buffer.from(term("public_key"), "hex"), format: "der", type: "spki" })
    const sign = Buffer.from(fields.get("SIGN") ?? "", "hex")
    expect(verify("md5", Buffer.from(signed.join("&")), publicKey, sign)).toBe(true)
    expect(fields.get("PAYMENT")).toBe("50.00")
    expect(fields.get("ACCDATE")).toBe("20260302")
    expect(wire.resends).toEqual([])
  })
})

describe("the bank's records of the school", () => {
  it("are told by the school itself: then its server is told, and its payers come back with a notice for the page", () => {
    const fresh = CcbWire.make()
    const net = new InProcess(fresh)
    const told = fresh.terms("https://sandbox.test")
    const own = Result.getOrThrow(LoongpayKey.parse(told["public_key"] ?? ""))
    const post = (body: string) =>
      fresh.route({ method: "POST", url: "/ccb/merchant", headers: {}, body: Buffer.from(body) })?.run(net.here(now))
    const records = { noticesTo: "https://school.test/ccb", pageTo: "https://school.test/paid" }
    const { body, url } = CcbWire.registration(told, records)
    expect(url).toBe("https://sandbox.test/ccb/merchant")
    expect(post(CcbWire.registration(terms, records).body)?.status).toBe(400)
    expect(post(body)?.status).toBe(200)
    net.house.purses.put("6210105000000000002", Money.amount(5_000))
    const form = new URLSearchParams({
      ccbParam: CcbParam.seal("TXCODE=PAY100&ORDERID=a1&QRCODE=6210105000000000002&AMOUNT=50.00", own)
    })
    const till = {
      method: "POST",
      url: new URL(told["till"] ?? "").pathname,
      headers: {},
      body: Buffer.from(form.toString())
    }
    fresh.route(till)?.run(net.here(now))
    const [happening] = net.pending
    const trade = happening?.trade ?? expect.fail()
    expect(fresh.notice({ what: "paid", trade }, net.here(now))?.to).toBe(records.noticesTo)
    const front = fresh.front?.(trade, net.here(now)) ?? expect.fail()
    expect(front).toMatchObject({ to: records.pageTo, method: "GET" })
    const raw = {
      method: "GET",
      url: `/paid?${new URLSearchParams(front.fields)}`,
      headers: {},
      body: new Uint8Array()
    }
    expect(Result.getOrThrow(LoongpayNotice.read(raw, own))).toMatchObject({ cameBy: "browser", isPaid: true })
  })
})

describe("PAY100 to PAY103", () => {
  const ask = (send: ReturnType<typeof begin>["send"], text: string) => {
    const form = new URLSearchParams({ MERCHANTID: term("merchant"), ccbParam: CcbParam.seal(text, key) })
    const { body, status } = send("POST", new URL(term("till")).pathname, form.toString())
    return status === 200 ? JSON.parse(body) as unknown : body
  }

  it("pays, waits, closes, and answers in the bank's letters", () => {
    const { net, send } = begin()
    net.house.purses.put("6210105000000000002", Money.amount(5_000))
    const pay = (order: string, code: string) => ask(send, `TXCODE=PAY100&ORDERID=${order}&QRCODE=${code}&AMOUNT=50.00`)
    expect(pay("a1", "6210105000000000002")).toMatchObject({ RESULT: "Y", ORDERID: "a1", AMOUNT: "50.00" })
    expect(pay("a2", "6210105000000000002")).toMatchObject({ RESULT: "N", ORDERID: "a2" })
    expect(pay("a3", "134567890123456781")).toMatchObject({ RESULT: "Q", WAITTIME: "5" })
    const poll = (order: string) => ask(send, `TXCODE=PAY101&ORDERID=${order}&QRYTIME=1&QRCODETYPE=2`)
    expect(poll("a1")).toMatchObject({ RESULT: "Y", AMOUNT: "50.00" })
    expect(poll("a3")).toMatchObject({ RESULT: "Q" })
    expect(poll("never")).toMatchObject({ RESULT: "N" })
    expect(ask(send, "TXCODE=PAY103&ORDERID=a3&QRCODETYPE=2")).toMatchObject({ RESULT: "Y" })
    expect(ask(send, "TXCODE=PAY102&ORDERID=a3&QRCODETYPE=2")).toMatchObject({ RESULT: "N" })
    expect(net.house.purses.isWhole).toBe(true)
  })

  it.each([
    ["no parameter", "", "ccbParam"],
    ["not enciphered", "ccbParam=abc", "ccbParam"]
  ])("%s is refused", (_, form, words) => {
    const { send } = begin()
    expect(send("POST", new URL(term("till")).pathname, form)).toMatchObject({ status: 400, body: words })
  })
})
