import { type Callback, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as CcbParam from "../../src/ccb/CcbParam.ts"
import * as CcbPay from "../../src/ccb/CcbPay.ts"
import * as LoongpayKey from "../../src/ccb/LoongpayKey.ts"
import * as LoongpayNotice from "../../src/ccb/LoongpayNotice.ts"
import * as LoongpayOrder from "../../src/ccb/LoongpayOrder.ts"
import * as FormBody from "../../src/FormBody.ts"
import { enciphered } from "../support/openssl.ts"

// Our own key, of the bank's shape: 1024 bits and the exponent 17.
const pair = generateKeyPairSync("rsa", { modulusLength: 1_024, publicExponent: 17 })
const other = generateKeyPairSync("rsa", { modulusLength: 1_024, publicExponent: 17 })
const hex = LoongpayKey.hex(pair.publicKey)
const key = Result.getOrThrow(LoongpayKey.parse(hex))
const pub = hex.slice(-30)
const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>) => {
  const { reason, what } = Result.getOrThrow(Result.flip(read))
  return `${reason}: ${what}`
}

describe("the merchant's key", () => {
  it("ends in PUB, which no log shows", () => {
    expect(Redacted.value(key.secret)).toBe(pub)
    expect(inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)).not.toContain(pub)
  })
  it.each([
    ["no hexadecimal", "zz"],
    ["half a byte", hex.slice(1)],
    ["cut off", hex.slice(0, -2)],
    ["another kind of key", LoongpayKey.hex(generateKeyPairSync("ed25519").publicKey)],
    ["nothing", ""]
  ])("refused: %s", (_, text) => {
    expect(refusal(LoongpayKey.parse(text))).toBe("malformed: the merchant's public key")
  })
})

const common = {
  merchant: "105421097080009",
  pos: "902807340",
  branch: "360000000",
  order: "2025113000000000000000000042",
  amount: Money.amount(5_000),
  remark1: "",
  remark2: ""
}
const scan: LoongpayOrder.ScanOrder = { _tag: "Scan", ...common, returnType: "3", timeout: "" }
const page: LoongpayOrder.PageOrder = {
  _tag: "Page",
  ...common,
  gateway: "",
  clientIp: "127.0.0.1",
  registrant: "小飞",
  product: "充值卡 A+",
  referer: ""
}
const md5 = (text: string): string =>
  execFileSync("openssl", ["dgst", "-md5", "-r"], { input: text }).toString().slice(0, 32)

describe("the address of an order", () => {
  const begin =
    "MERCHANTID=105421097080009&POSID=902807340&BRANCHID=360000000&ORDERID=2025113000000000000000000042&PAYMENT=50.00"
  it.each(
    [
      ["530550", scan, [`${begin}&CURCODE=01&TXCODE=530550&REMARK1=&REMARK2=&RETURNTYPE=3&TIMEOUT=`, ""]],
      ["520100", page, [
        `${begin}&CURCODE=01&TXCODE=520100&REMARK1=&REMARK2=&TYPE=1`,
        "&GATEWAY=&CLIENTIP=127.0.0.1&REGINFO=%u5C0F%u98DE&PROINFO=%u5145%u503C%u5361%20A+&REFERER="
      ]]
    ] as const
  )("%s: the MAC is MD5 in the bank's order, by openssl", (_, order, [before, after]) => {
    expect(Result.getOrThrow(LoongpayOrder.address("https://bank/CCBIS/ccbMain", order, key))).toBe(
      `https://bank/CCBIS/ccbMain?CCB_IBSVersion=V6&${before}${after}&MAC=${md5(`${before}&PUB=${pub}${after}`)}`
    )
  })
  it.each([scan, page, { ...scan, remark1: "a b=c 中" }])("the bank reads what was written: $_tag", (order) => {
    const url = Result.getOrThrow(LoongpayOrder.address("https://bank/x", order, key))
    expect(url).not.toContain(pub)
    expect(Result.getOrThrow(LoongpayOrder.read(url, key))).toEqual(order)
  })
  const url = Result.getOrThrow(LoongpayOrder.address("https://bank/x", scan, key))
  it.each([
    ["another amount", url.replace("50.00", "0.01"), "forged: the MAC"],
    ["no MAC", url.replace(/&MAC=.*/, ""), "forged: the MAC"],
    ["a name twice", url.replace("&POSID", "&POSID=1&POSID"), "duplicateKey: a name of the address"],
    ["a name that is not signed", `${url}&DISCOUNT=1`, "malformed: its names"],
    ["a name that is missing", url.replace("&TIMEOUT=", ""), "malformed: its names"],
    ["a code of another page", url.replace("530550", "5W1002"), "unsupported: TXCODE"],
    ["a code that every object has", url.replace("530550", "constructor"), "unsupported: TXCODE"],
    ["a broken escape", url.replace("50.00", "%E4"), "malformed: a value of the address"],
    ["another version", url.replace("V6", "V5"), "unsupported: CCB_IBSVersion"],
    ["without end", `${url}${"0".repeat(9_000)}`, "tooLarge: the address"]
  ])("refused: %s", (_, url, expected) => expect(refusal(LoongpayOrder.read(url, key))).toBe(expected))
  it("a value with & is not written", () => {
    const order = { ...scan, remark1: "1&PAYMENT=0.01" }
    expect(refusal(LoongpayOrder.address("https://bank/x", order, key))).toBe("malformed: the value of REMARK1")
  })
  it("escape and its way back are those of ECMAScript", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(LoongpayOrder.escaped(text)).toBe(
        (globalThis as unknown as { escape: (t: string) => string }).escape(text)
      )
      expect(LoongpayOrder.unescaped(LoongpayOrder.escaped(text))).toBe(text)
    }))
  })
})

const fields = (more: Readonly<Record<string, string>> = {}): Map<string, string> =>
  new Map(Object.entries({
    POSID: "902807340",
    BRANCHID: "360000000",
    ORDERID: common.order,
    PAYMENT: "50.00",
    CURCODE: "01",
    REMARK1: "",
    REMARK2: "",
    SUCCESS: "Y",
    TYPE: "1",
    REFERER: "",
    CLIENTIP: "127.0.0.1",
    ...more
  }))
const post = (body: string): Callback.Raw => ({
  method: "POST",
  url: "/ccb",
  headers: {},
  body: Buffer.from(body, "latin1")
})
const signed = (more?: Readonly<Record<string, string>>, charset: FormBody.Charset = "utf-8") =>
  post(LoongpayNotice.write(fields(more), pair.privateKey, charset))

describe("a notice", () => {
  it("is signed over the fields in the bank's order: by openssl", () => {
    const directory = mkdtempSync(join(tmpdir(), "loongpay-"))
    try {
      const more = { PAYTYPE: "WEIXIN", ACCDATE: "20251130", ACC_TYPE: "12", USRMSG: "小飞" }
      const body = signed(more).body
      const sign = /SIGN=([0-9a-f]+)/.exec(Buffer.from(body).toString())?.[1] ?? ""
      const path = (name: string) => join(directory, name)
      writeFileSync(path("key"), pair.publicKey.export({ type: "spki", format: "pem" }))
      writeFileSync(path("sign"), Buffer.from(sign, "hex"))
      const text = "POSID=902807340&BRANCHID=360000000&ORDERID=2025113000000000000000000042&PAYMENT=50.00&CURCODE=01" +
        "&REMARK1=&REMARK2=&ACC_TYPE=12&SUCCESS=Y&TYPE=1&REFERER=&CLIENTIP=127.0.0.1&ACCDATE=20251130&USRMSG=小飞" +
        "&PAYTYPE=WEIXIN"
      const told = execFileSync("openssl", ["dgst", "-md5", "-verify", path("key"), "-signature", path("sign")], {
        input: text
      })
      expect(told.toString()).toContain("Verified OK")
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
  it.each([
    ["the server's has ACC_TYPE", signed({ ACC_TYPE: "12" }), "server", true],
    ["the browser's has not", signed(), "browser", true],
    ["not paid", signed({ SUCCESS: "N", ERRMSG: "x" }), "browser", false]
  ])("%s", (_, raw, cameBy, isPaid) => {
    const notice = Result.getOrThrow(LoongpayNotice.read(raw, key))
    expect(notice).toMatchObject({ pos: "902807340", order: common.order, amount: 5_000, cameBy, isPaid })
  })
  it("comes as the query of a GET as well", () => {
    const query = Buffer.from(signed().body).toString()
    const raw = { method: "GET", url: `/ccb?${query}`, headers: {}, body: new Uint8Array(0) }
    expect(Result.getOrThrow(LoongpayNotice.read(raw, key)).amount).toBe(5_000)
  })
  it("in GBK, where the bank writes so", () => {
    const raw = signed({ USRMSG: "小飞" }, "gbk")
    expect(Result.getOrThrow(LoongpayNotice.read(raw, key, "gbk")).fields.get("USRMSG")).toBe("小飞")
    expect(refusal(LoongpayNotice.read(raw, key, "utf-8"))).toBe("charset: the form's text")
  })
  const body = Buffer.from(signed().body).toString()
  it.each([
    ["another amount", post(body.replace("50.00", "5000.00")), "forged: SIGN"],
    [
      "paid made of not paid",
      post(Buffer.from(signed({ SUCCESS: "N" }).body).toString().replace("SUCCESS=N", "SUCCESS=Y")),
      "forged: SIGN"
    ],
    ["a field left out", post(body.replace("REMARK1=&", "")), "forged: SIGN"],
    ["a field put in", post(`${body}&ACC_TYPE=12`), "forged: SIGN"],
    ["of another key", post(LoongpayNotice.write(fields(), other.privateKey)), "forged: SIGN"],
    ["no signature", post(body.replace(/&SIGN=.*/, "")), "forged: SIGN"],
    ["half a signature", post(body.slice(0, -1)), "forged: SIGN"],
    ["a name twice", post(`${body}&PAYMENT=1.00`), "duplicateKey: a name of the form"],
    [
      "a value that hides a field",
      post(LoongpayNotice.write(fields({ REMARK2: "x&ACC_TYPE=12" }), pair.privateKey)),
      "malformed: a value with &"
    ],
    ["not in yuan", signed({ CURCODE: "14" }), "otherCurrency: CURCODE"],
    ["neither Y nor N", signed({ SUCCESS: "y" }), "malformed: SUCCESS"],
    ["an amount below nothing", signed({ PAYMENT: "-50.00" }), "malformed: PAYMENT"],
    ["an amount as a float", signed({ PAYMENT: "5e1" }), "malformed: PAYMENT"],
    ["nothing at all", post(""), "forged: SIGN"],
    ["too large", post("a".repeat(70_000)), "tooLarge: the form"],
    ["another method", { ...post(body), method: "PUT" }, "unsupported: the method"]
  ])("refused: %s", (_, raw, expected) => expect(refusal(LoongpayNotice.read(raw, key))).toBe(expected))
  it("for another counter or branch is refused", () => {
    const notice = Result.getOrThrow(LoongpayNotice.read(signed(), key))
    expect(Result.isSuccess(LoongpayNotice.forMerchant(notice, common))).toBe(true)
    for (const own of [{ ...common, pos: "1" }, { ...common, branch: "1" }]) {
      expect(refusal(LoongpayNotice.forMerchant(notice, own))).toBe("otherMerchant: POSID or BRANCHID")
    }
  })
})

describe("the enciphered parameter", () => {
  it("is DES of UTF-16 behind its mark, base64 in lines of 76, commas for plus: by openssl", () => {
    const text = "TXCODE=PAY100&PROINFO=充值&".repeat(5)
    const clear = Buffer.concat([Buffer.from("FEFF", "hex"), Buffer.from(text, "utf16le").swap16()])
    const fill = 8 - clear.length % 8
    const des = enciphered("des-ecb", Buffer.from(pub.slice(0, 8)), Buffer.concat([clear, Buffer.alloc(fill, fill)]))
    const base64 = Buffer.from(des).toString("base64")
    const sealed = CcbParam.seal(text, key)
    expect(sealed.replaceAll("\r\n", "")).toBe(base64.replaceAll("+", ","))
    const lines = sealed.split("\r\n")
    expect(lines.slice(0, -1).every(({ length }) => length === 76)).toBe(true)
    expect(lines.at(-1)?.length).toBeLessThanOrEqual(76)
    expect(lines.at(-1)).not.toBe("")
  })
  it("is opened again, however the lines end and through a form", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), fc.constantFrom("\r\n", "\n", ""), (text, end) => {
        const sealed = CcbParam.seal(text, key).replaceAll("\r\n", end)
        const form = Result.getOrThrow(FormBody.parse(Buffer.from(FormBody.encode([["ccbParam", sealed]]))))
        expect(Result.getOrThrow(CcbParam.open(form.get("ccbParam") ?? "", key))).toBe(text)
      })
    )
  })
  const sealed = CcbParam.seal("TXCODE=PAY100", key)
  it.each([
    ["nothing", "", "malformed: ccbParam"],
    ["no base64", "*", "malformed: ccbParam"],
    ["cut off", sealed.slice(0, -4), "malformed: ccbParam"],
    [
      "of another key",
      CcbParam.seal("TXCODE=PAY100", { secret: Redacted.make("x".repeat(30)) }),
      "malformed: ccbParam"
    ],
    ["too large", "A".repeat(70_000), "tooLarge: ccbParam"]
  ])("refused: %s", (_, value, expected) => expect(refusal(CcbParam.open(value, key))).toBe(expected))
})

describe("payment by a shown code", () => {
  it.each<[string, CcbPay.CcbPay, string]>([
    [
      "pays",
      { _tag: "Pay", order: "42", code: "134737690209713402", amount: Money.amount(1) },
      "TXCODE=PAY100&ORDERID=42&QRCODE=134737690209713402&AMOUNT=0.01"
    ],
    [
      "asks again",
      { _tag: "Poll", order: "42", times: 2, kind: "2" },
      "TXCODE=PAY101&ORDERID=42&QRYTIME=2&QRCODETYPE=2"
    ],
    ["looks", { _tag: "Look", order: "42", kind: "3" }, "TXCODE=PAY102&ORDERID=42&QRCODETYPE=3"],
    ["closes", { _tag: "Close", order: "42", kind: "2" }, "TXCODE=PAY103&ORDERID=42&QRCODETYPE=2"]
  ])("%s", (_, ask, text) => {
    expect(Result.getOrThrow(CcbPay.write(ask, [["MERFLAG", "1"]]))).toBe(`${text}&MERFLAG=1`)
    expect(Result.getOrThrow(CcbPay.read(`${text}&MERFLAG=1`))).toEqual(ask)
  })
  it.each([
    ["another message", "TXCODE=PAY999&ORDERID=1", "unsupported: TXCODE"],
    ["no order", "TXCODE=PAY100", "malformed: ORDERID"],
    ["no code", "TXCODE=PAY100&ORDERID=1&AMOUNT=1.00", "malformed: QRCODE"],
    ["a float", "TXCODE=PAY100&ORDERID=1&QRCODE=1&AMOUNT=1e2", "malformed: AMOUNT"],
    ["never asked", "TXCODE=PAY101&ORDERID=1&QRYTIME=0&QRCODETYPE=1", "malformed: QRYTIME"],
    ["looking at UnionPay", "TXCODE=PAY102&ORDERID=1&QRCODETYPE=4", "malformed: QRCODETYPE"],
    ["a name twice", "TXCODE=PAY100&ORDERID=1&ORDERID=2", "duplicateKey: a name of the parameter"]
  ])("the bank refuses: %s", (_, text, expected) => expect(refusal(CcbPay.read(text))).toBe(expected))

  const answer = (body: unknown) => CcbPay.readAnswer(Buffer.from(JSON.stringify(body)), "42")
  it.each([
    ["paid", { RESULT: "Y", ORDERID: "42", AMOUNT: "50.00", QRCODETYPE: "2" }, {
      outcome: "paid",
      amount: 5_000,
      kind: "2"
    }],
    ["not", { RESULT: "N", ORDERID: "42", ERRCODE: "9002" }, { outcome: "failed", code: "9002" }],
    ["nobody knows", { RESULT: "U", ORDERID: "42" }, { outcome: "unknown", wait: 5_000 }],
    ["under way", { RESULT: "Q", ORDERID: "42", WAITTIME: "8" }, { outcome: "pending", wait: 8_000 }]
  ])("an answer: %s", (_, body, expected) => expect(Result.getOrThrow(answer(body))).toMatchObject(expected))
  it.each([
    ["paid, for another order", { RESULT: "Y", ORDERID: "43", AMOUNT: "50.00" }, "malformed: ORDERID"],
    ["paid, for no order", { RESULT: "Y", AMOUNT: "50.00" }, "malformed: ORDERID"],
    ["paid, without an amount", { RESULT: "Y", ORDERID: "42" }, "malformed: AMOUNT"],
    ["an amount that is a number", { RESULT: "Y", ORDERID: "42", AMOUNT: 50 }, "malformed: AMOUNT"],
    ["another letter", { RESULT: "X", ORDERID: "42" }, "malformed: RESULT"],
    ["no object", [1], "malformed: the answer"]
  ])("an answer is refused: %s", (_, body, expected) => expect(refusal(answer(body))).toBe(expected))
})
