import { CivilTime } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as AlipayCertificates from "../../src/alipay/AlipayCertificates.ts"
import * as AlipayResponse from "../../src/alipay/AlipayResponse.ts"
import { AlipaySeals } from "../../src/sandbox/AlipaySeals.ts"

const now = CivilTime.instant("2026-03-02 12:00")
const application = "2021000000000001"
const seals = new AlipaySeals(application)
const { files, merchant: { privateKey: key } } = seals
const stranger = new AlipaySeals(application)
const read = (more: Partial<AlipayCertificates.Files> = {}, own: Partial<AlipayCertificates.Expected> = {}, at = now) =>
  AlipayCertificates.read({ ...files, ...more }, { key, ...own }, at)

describe("the files of the certificate mode", () => {
  it("say by which serials a request names them, as Alipay's own library does, and whose key signs", () => {
    const { config } = new AlipaySdk({
      appId: application,
      privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
      keyType: "PKCS8",
      appCertContent: files.application,
      alipayPublicCertContent: String(files.alipay),
      alipayRootCertContent: files.root
    }) as unknown as { readonly config: Record<string, string> }
    const { certificates, trust } = Result.getOrThrow(read())
    expect(certificates).toEqual({ application: config["appCertSn"], root: config["alipayRootCertSn"] })
    expect(trust.map(({ certificate }) => certificate)).toEqual([config["alipayCertSn"]])
    expect(trust[0]?.key.equals(seals.ours.publicKey)).toBe(true)
  })

  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
  const before = CivilTime.instant("2019-12-31 00:00")
  const after = CivilTime.instant("2045-01-02 00:00")
  it.each<[string, Result.Result<unknown, { readonly what: string }>, string]>([
    [
      "of another private key",
      read({}, { key: other }),
      "the application's certificate: it is for another private key"
    ],
    ["before they are valid", read({}, {}, before), "the application's certificate: it is not valid yet"],
    ["after they are valid", read({}, {}, after), "the application's certificate: it is no longer valid"],
    [
      "with a merchant's where Alipay's should be",
      read({ alipay: files.application }),
      "Alipay's certificate: the certificate of another subject"
    ],
    [
      "of another organisation",
      read({}, { organisation: "某学校" }),
      "Alipay's certificate: the certificate of another subject"
    ],
    [
      "with Alipay's from another root",
      read({ alipay: stranger.files.alipay }),
      "Alipay's certificate: a certificate of an unknown issuer"
    ],
    [
      "with other roots",
      read({ root: stranger.files.root }),
      "Alipay's certificate: a certificate of an unknown issuer"
    ],
    ["without Alipay's", read({ alipay: [] }), "Alipay's certificate: none"],
    ["with nothing for roots", read({ root: "" }), "the root certificates: a file without a certificate"],
    [
      "with nothing for the application",
      read({ application: "x" }),
      "the application's certificate: a file without a certificate"
    ]
  ])("%s are refused, and it is said which", (_, result, what) => {
    expect(result).toMatchObject({ failure: { reason: "certificate", what } })
  })

  it("may hold two of Alipay's, while it goes over to a new one", () => {
    const going = new AlipaySeals(application)
    const old = String(going.files.alipay)
    going.rotate()
    const both = { ...going.files, alipay: [old, String(going.files.alipay)] }
    const { trust } = Result.getOrThrow(AlipayCertificates.read(both, { key: going.merchant.privateKey }, now))
    expect(new Set(trust.map(({ certificate }) => certificate)).size).toBe(2)
  })

  it("are believed until their certificate ends, and then say what helps", () => {
    const { trust } = Result.getOrThrow(read())
    const [{ expiresAt } = { expiresAt: undefined }] = trust
    expect(expiresAt).toBe(CivilTime.instant("2045-01-01 00:00"))
    expect(Result.getOrThrow(AlipayCertificates.validAt(trust, CivilTime.instant("2045-01-01 00:00")))).toEqual(trust)
    expect(AlipayCertificates.validAt(trust, after)).toMatchObject({ failure: { reason: "certificate" } })
    const bare = [{ key: seals.ours.publicKey }]
    expect(Result.getOrThrow(AlipayCertificates.validAt([...trust, ...bare], after))).toEqual(bare)
  })
})

describe("an answer in the certificate mode", () => {
  const method = "alipay.trade.query"
  const body = { code: "10000", msg: "Success", out_trade_no: "a1" }
  const { trust } = Result.getOrThrow(read())
  const answers = {
    genuine: seals.answer(method, body, true, undefined),
    unnamed: seals.answer(method, body, false, undefined),
    otherSerial: seals.answer(method, body, true, "unknownKey"),
    otherKey: seals.answer(method, body, true, "otherKey"),
    tampered: seals.answer(method, body, true, "tamper")
  }
  it.each<[keyof typeof answers, string]>([
    ["genuine", "Signed"],
    ["unnamed", "certificate"],
    ["otherSerial", "unknownKey"],
    ["otherKey", "forged"],
    ["tampered", "forged"]
  ])("that is %s: %s", (name, expected) => {
    const result = AlipayResponse.read(Buffer.from(answers[name]), method, trust)
    expect(Result.isSuccess(result) ? result.success._tag : result.failure.reason).toBe(expected)
  })

  it("is not asked for its certificate where bare keys are believed as well", () => {
    const mixed = [...trust, { key: seals.ours.publicKey }]
    expect(Result.isSuccess(AlipayResponse.read(Buffer.from(answers.unnamed), method, mixed))).toBe(true)
  })
})
