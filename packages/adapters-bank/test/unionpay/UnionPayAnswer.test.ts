import { CivilTime, Money } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as Answer from "../../src/unionpay/UnionPayAnswer.ts"
import * as Message from "../../src/unionpay/UnionPayMessage.ts"
import * as Notice from "../../src/unionpay/UnionPayNotice.ts"
import * as Order from "../../src/unionpay/UnionPayOrder.ts"
import * as Signature from "../../src/unionpay/UnionPaySignature.ts"

const merchant = { merId: "777290058110048" }
const { merId } = merchant
const txnTime = CivilTime.instant("2025-12-31 23:59:58")
const named = { orderId: "20251231235958001", txnTime }
const asked = { ...named, amount: Money.amount(5_000), backUrl: "https://card.example.edu.cn/callbacks/unionpay" }
const done = {
  ...named,
  merId,
  amount: Money.amount(5_000),
  queryId: "512512312359581234568",
  tracedAt: CivilTime.instant("2026-01-01 00:00:01"),
  settleDay: CivilTime.day("2026-01-01"),
  isFlawed: false
}
const fields = Notice.doneFields(done, "123456")
const order = Order.qr(merchant, asked)
const refund = Order.refund(merchant, { ...asked, origQryId: done.queryId, product: "000000" })
const query = Order.query(merchant, named)
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 })
const signer = (key: KeyObject): Signature.Signer => ({ method: "01", key, certificate: "unionpay" })
const verifier: Signature.Verifier = { method: "01", keyOf: () => Result.succeed(keys.publicKey) }
const bytes = (text: string) => new TextEncoder().encode(text)

describe("a notification", () => {
  const notice = Answer.to(order, "00", fields)
  const receive = (message: Message.Message, for_ = merId) =>
    Notice.receive(bytes(Message.writeForm(Signature.sign(message, signer(keys.privateKey)))), verifier, for_)

  it.each<[string, Message.Message, Notice.Notice["kind"]]>([
    ["payment", order, "payment"],
    ["refund", refund, "refund"],
    ["void", Order.reverse(merchant, { ...asked, origQryId: done.queryId, product: "000000" }), "void"]
  ])("of a %s is read, over the end of the year", (_, request, kind) => {
    expect(receive(Answer.to(request, "00", fields))).toEqual(Result.succeed({ kind, ...done }))
    const flawed = Result.getOrThrow(receive(Answer.to(request, "A6", fields)))
    expect(flawed).toEqual({ kind, ...done, isFlawed: true })
  })

  it("need not say when it is settled", () => {
    const message = Message.withFields(notice, { settleDate: undefined, traceTime: undefined })
    const read = Result.getOrThrow(receive(message))
    expect(read).toEqual({ kind: "payment", ...done, tracedAt: undefined, settleDay: undefined })
  })

  it.each<[string, Readonly<Record<string, string | undefined>>, string, string]>([
    ["for another merchant", { merId: "777290058110049" }, "otherMerchant", "the field merId"],
    ["in dollars", { currencyCode: "840" }, "otherCurrency", "the field currencyCode"],
    ["of no success", { respCode: "05" }, "unsupported", "a respCode that is no success"],
    ["of a code that nobody knows", { respCode: "ZZ" }, "unsupported", "a respCode that is no success"],
    ["without a code", { respCode: undefined }, "malformed", "the field respCode"],
    ["of another kind", { txnType: "02" }, "unsupported", "the field txnType"],
    ["with yuan", { txnAmt: "50.00" }, "malformed", "the field txnAmt"],
    ["with a minus", { txnAmt: "-1" }, "malformed", "the field txnAmt"],
    ["without a number of UnionPay's", { queryId: undefined }, "malformed", "the field queryId"],
    ["with a day that is none", { settleDate: "1332" }, "malformed", "a time"],
    ["with a time that is none", { traceTime: "0101240000" }, "malformed", "a time"],
    ["with an order that can not be ours", { orderId: "a'--" }, "malformed", "the field orderId"]
  ])("%s is refused", (_, wrong, reason, what) => {
    expect(receive(Message.withFields(notice, wrong))).toEqual(refused(reason, what))
  })

  it("is verified before it is read", () => {
    const wrong = Message.withFields(notice, { merId: "777290058110049", txnAmt: "x" })
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
    const body = bytes(Message.writeForm(Signature.sign(wrong, signer(other))))
    expect(Notice.receive(body, verifier, merId)).toEqual(refused("forged", "the signature"))
    expect(Notice.receive(bytes("a=1&a=2"), verifier, merId)).toEqual(refused("duplicateKey", "a name of the form"))
    expect(Notice.receive(bytes("a=%D2%F8"), verifier, merId)).toEqual(refused("charset", "the form's text"))
    expect(Notice.receive(new Uint8Array(70_000), verifier, merId)).toEqual(refused("tooLarge", "the form"))
    expect(Notice.receive(new Uint8Array(), verifier, merId)).toEqual(refused("unsupported", "the version"))
  })

  it("is refused for any byte that changed", () => {
    const body = bytes(Message.writeForm(Signature.sign(notice, signer(keys.privateKey))))
    fc.assert(fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const changed = body.slice()
      changed[at] = (changed[at] ?? 0) ^ by
      const read = Notice.receive(changed, verifier, merId)
      // %2F and %2f are one; a field that was cut in two may leave an empty one. Then it still is what was signed.
      if (Result.isSuccess(read)) expect(read.success).toEqual({ kind: "payment", ...done })
    }))
    fc.assert(fc.property(fc.nat(body.length - 1), (length) => {
      expect(Result.isFailure(Notice.receive(body.slice(0, length), verifier, merId))).toBe(true)
    }))
  })
})

describe("the answer to a request for money", () => {
  it.each<[string, string]>([["00", "accepted"], ["A6", "accepted"], ["05", "unknown"], ["12", "duplicate"], [
    "64",
    "declined"
  ]])("%s is %s, never paid", (respCode, outcome) => {
    expect(Answer.submitted(Answer.to(order, respCode), order)).toEqual(
      Result.succeed({ outcome, respCode, queryId: undefined, qrCode: undefined })
    )
  })

  it("brings the code to show", () => {
    const qrCode = "https://qr.95516.com/00010000/62011111111111111111111111111111"
    const answer = Answer.to(order, "00", { qrCode, queryId: done.queryId })
    expect(Answer.submitted(answer, order)).toEqual(
      Result.succeed({ outcome: "accepted", respCode: "00", queryId: done.queryId, qrCode })
    )
  })

  const another = (name: string) => `an answer to another request, by the field ${name}`
  it.each<[string, Readonly<Record<string, string | undefined>>, string, string]>([
    ["of another order", { orderId: "20251231235958002" }, "malformed", another("orderId")],
    ["of another time", { txnTime: "20251231235959" }, "malformed", another("txnTime")],
    ["of no order", { orderId: undefined }, "malformed", "the field orderId"],
    ["of no time", { txnTime: undefined }, "malformed", "the field txnTime"],
    ["of a time that is none", { txnTime: "2025" }, "malformed", "the field txnTime"],
    ["to another merchant", { merId: "777290058110049" }, "otherMerchant", "the field merId"],
    ["to no merchant", { merId: undefined }, "malformed", "the field merId"],
    ["without a code", { respCode: undefined }, "malformed", "the field respCode"],
    ["with a code of six", { respCode: "000000" }, "malformed", "the field respCode"]
  ])("%s is refused, for each kind", (_, wrong, reason, what) => {
    const answer = Message.withFields(Answer.to(order, "00"), wrong)
    expect(Answer.submitted(answer, order)).toEqual(refused(reason, what))
    expect(Answer.queried(answer, query, "payment")).toEqual(refused(reason, what))
  })

  it.each<[string, Readonly<Record<string, string | undefined>>, string | undefined]>([
    ["repeats what was asked for", { txnAmt: "5000", currencyCode: "156" }, undefined],
    ["repeats nothing of it", { txnType: undefined }, undefined],
    ["is of another amount", { txnAmt: "5001" }, another("txnAmt")],
    ["is of yuan instead of fen", { txnAmt: "50.00" }, "the field txnAmt"],
    ["is in another currency", { currencyCode: "840" }, another("currencyCode")],
    ["is to a refund", { txnType: "04" }, another("txnType")]
  ])("that %s", (_, more, what) => {
    const read = Answer.submitted(Message.withFields(Answer.to(order, "00"), more), order)
    expect(Result.isFailure(read) ? read.failure.what : undefined).toBe(what)
  })

  it("to a refund, as UnionPay gave it: with its amount, without its currency", () => {
    const answer = Answer.to(refund, "00", { queryId: "512601010800001234568", txnAmt: "5000" })
    expect(Answer.submitted(answer, refund)).toMatchObject({ success: { outcome: "accepted" } })
    expect(Result.isFailure(Answer.submitted(Message.withFields(answer, { txnAmt: "4999" }), refund))).toBe(true)
  })
})

describe("the answer to a query", () => {
  const queried = (
    respCode: string,
    more: Readonly<Record<string, string | undefined>> = {},
    about: Answer.Asked = "payment"
  ) => Answer.queried(Answer.to(query, respCode, more), query, about)

  it.each(["00", "A6"])("says that it was paid, and how much: %s", (origRespCode) => {
    expect(queried("00", { origRespCode, ...fields })).toEqual(Result.succeed({
      outcome: "done",
      respCode: origRespCode,
      done: { ...done, isFlawed: origRespCode === "A6" }
    }))
  })

  it.each<[string, string | undefined, string, string]>([
    ["00", "05", "unknown", "00"],
    ["00", "64", "declined", "64"],
    ["34", undefined, "notFound", "34"],
    ["37", undefined, "tooMany", "37"],
    ["11", undefined, "misconfigured", "11"],
    ["64", undefined, "unknown", "64"]
  ])("%s and %s say that it is %s", (respCode, origRespCode, outcome, decided) => {
    expect(queried(respCode, { origRespCode })).toEqual(Result.succeed({ outcome, respCode: decided }))
  })

  const paid = { origRespCode: "00", ...fields }
  it.each<[string, Readonly<Record<string, string | undefined>>, string, string]>([
    ["without an amount", { txnAmt: undefined }, "malformed", "the field txnAmt"],
    ["without a currency", { currencyCode: undefined }, "malformed", "the field currencyCode"],
    ["in another currency", { currencyCode: "840" }, "otherCurrency", "the field currencyCode"],
    ["without UnionPay's number", { queryId: undefined }, "malformed", "the field queryId"],
    ["without a kind", { txnType: undefined }, "malformed", "the field txnType"],
    ["passed on before it was ordered", { traceTime: "1230000000" }, "malformed", "the field traceTime"],
    ["settled before it was passed on", { settleDate: "1230" }, "malformed", "the field settleDate"],
    ["settled after weeks", { settleDate: "0117" }, "malformed", "the field settleDate"],
    ["settled before it was ordered", { settleDate: "1229", traceTime: undefined }, "malformed", "the field settleDate"]
  ])("says nothing %s", (_, wrong, reason, what) => {
    expect(queried("00", { ...paid, ...wrong })).toEqual(refused(reason, what))
  })

  it("may be settled on the day before by UnionPay's clock, and after the holidays", () => {
    for (const settleDate of ["1231", "0101", "0102", "0116"]) {
      expect(queried("00", { ...paid, settleDate })).toMatchObject({ success: { outcome: "done" } })
    }
    // A refund that is passed on long after it was ordered.
    const late = { ...paid, txnType: "04", settleDate: "0301", traceTime: "0228120000" }
    expect(queried("00", late, "back")).toMatchObject({ success: { done: { settleDay: CivilTime.day("2026-03-01") } } })
    expect(queried("00", { ...late, traceTime: undefined }, "back")).toMatchObject({ success: { outcome: "done" } })
  })

  it.each<[Answer.Asked, string, boolean]>([
    ["payment", "01", true],
    ["payment", "04", false],
    ["payment", "31", false],
    ["back", "04", true],
    ["back", "31", true],
    ["back", "01", false],
    ["payment", "00", true],
    ["back", "00", true]
  ])("about a %s that is of the kind %s is believed: %s", (about, txnType, isBelieved) => {
    const read = queried("00", { ...paid, txnType }, about)
    if (isBelieved) expect(read).toMatchObject({ success: { outcome: "done" } })
    else expect(read).toEqual(refused("malformed", "an answer to another request, by the field txnType"))
  })
})

describe("the answer with a file", () => {
  const request = Order.file(merchant, { settleDay: CivilTime.day("2025-12-31"), txnTime })
  const otherDay = "an answer to another request, by the field settleDate"
  const packed = { fileName: "777290058110048_20251231.zip", fileContent: "eJwDAAAAAAE=" }

  it("has its name and its bytes", () => {
    expect(Answer.file(Answer.to(request, "00", packed), request)).toEqual(
      Result.succeed({ name: packed.fileName, content: packed.fileContent })
    )
    expect(Answer.file(Answer.to(request, "98"), request)).toEqual(Result.succeed("none"))
  })

  it.each<[string, string, Readonly<Record<string, string | undefined>>, string, string]>([
    ["another code", "02", packed, "unsupported", "a respCode that is no success"],
    ["no file", "00", { ...packed, fileContent: undefined }, "malformed", "the field fileContent"],
    ["a path", "00", { ...packed, fileName: "../../etc/passwd" }, "malformed", "the field fileName"],
    ["another merchant", "00", { ...packed, merId: "777290058110049" }, "otherMerchant", "the field merId"],
    ["the file of another day", "00", { ...packed, settleDate: "1230" }, "malformed", otherDay],
    ["that another day has none", "98", { settleDate: "1230" }, "malformed", otherDay],
    ["a file of no day", "00", { ...packed, settleDate: undefined }, "malformed", "the field settleDate"],
    ["a file of a day that is none", "00", { ...packed, settleDate: "31/12" }, "malformed", "the field settleDate"],
    [
      "an answer to an earlier request, sent again",
      "98",
      { txnTime: "20251231235957" },
      "malformed",
      "an answer to another request, by the field txnTime"
    ],
    [
      "the answer to a query",
      "98",
      { txnType: "00" },
      "malformed",
      "an answer to another request, by the field txnType"
    ]
  ])("is refused: %s", (_, respCode, more, reason, what) => {
    expect(Answer.file(Answer.to(request, respCode, more), request)).toEqual(refused(reason, what))
  })

  it("is written without escapes, as UnionPay does, and read back", () => {
    const signed = Signature.sign(Answer.to(request, "00", packed), signer(keys.privateKey))
    const text = Message.write(signed)
    expect(text).toContain("fileContent=eJwDAAAAAAE=&")
    expect(text).toContain("respMsg=成功[0000000]")
    const read = Result.flatMap(Message.parse(bytes(text)), (message) => Signature.verify(message, verifier))
    expect(read).toEqual(Result.succeed(signed))
  })
})
