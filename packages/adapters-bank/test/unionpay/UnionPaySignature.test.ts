import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { createHash, generateKeyPairSync, sign as bareSign } from "node:crypto"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as Message from "../../src/unionpay/UnionPayMessage.ts"
import * as Signature from "../../src/unionpay/UnionPaySignature.ts"
import { endEntity, Workshop } from "./TestCertificates.ts"

const workshop = new Workshop()
afterAll(() => workshop.close())

const merchant = workshop.make({ subject: "/CN=041@Z@777290058110048@1", extensions: endEntity })
const certId = Signature.certId(merchant.certificate)
const signer: Signature.Signer = { method: "01", key: merchant.key, certId }
const verifier = Signature.registered([merchant.certificate])
const shared = (method: "11" | "12", key = "一把钥匙, a key of ours"): Signature.Shared => ({
  method,
  secureKey: Redacted.make(key)
})

const order = Message.of({
  version: "5.1.0",
  encoding: "UTF-8",
  txnType: "01",
  merId: "777290058110048",
  orderId: "20251130100000001",
  txnAmt: "5000",
  reqReserved: "宿舍{a=1&b=2}"
})
const canonical =
  "encoding=UTF-8&merId=777290058110048&orderId=20251130100000001&reqReserved=宿舍{a=1&b=2}&signMethod=XX&txnAmt=5000&" +
  "txnType=01&version=5.1.0"
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })
const unsigned = (message: Message.Message) => Message.withFields(message, { signature: undefined })

describe("the signature of a message", () => {
  it("01 is RSA over the digits of the SHA-256, as openssl makes and verifies it", () => {
    const signed = Signature.sign(order, signer)
    const text = canonical.replace("XX", "01").replace("encoding", `certId=${certId}&encoding`)
    expect(Message.canonical(signed)).toBe(text)
    writeFileSync(join(workshop.folder, "text"), text)
    const digits = workshop.openssl("dgst", "-sha256", "-r", "text").toString("latin1").slice(0, 64)
    expect(digits).toMatch(/^[0-9a-f]{64}$/)
    writeFileSync(join(workshop.folder, "digits"), digits)
    const made = workshop.openssl("dgst", "-sha256", "-sign", merchant.keyFile, "digits").toString("base64")
    expect(signed.get("signature")).toBe(made)
    writeFileSync(join(workshop.folder, "signature"), Buffer.from(signed.get("signature") ?? "", "base64"))
    writeFileSync(
      join(workshop.folder, "public"),
      merchant.certificate.publicKey.export({ type: "spki", format: "pem" })
    )
    const judge = ["dgst", "-sha256", "-verify", "public", "-signature", "signature"]
    expect(workshop.openssl(...judge, "digits").toString()).toContain("Verified OK")
    expect(() => workshop.openssl(...judge, "text")).toThrow("Command failed")
  })

  it.each([["11", "sha256"], ["12", "sm3"]] as const)("%s is the %s that openssl makes", (method, algorithm) => {
    const digest = (text: string) => {
      writeFileSync(join(workshop.folder, "text"), text)
      return workshop.openssl("dgst", `-${algorithm}`, "-r", "text").toString("latin1").slice(0, 64)
    }
    const signed = Signature.sign(order, shared(method))
    const expected = digest(`${canonical.replace("XX", method)}&${digest("一把钥匙, a key of ours")}`)
    expect(signed.get("signature")).toBe(expected)
    expect(signed.has("certId")).toBe(false)
  })

  it("names the certificate by its serial, in decimal, as openssl counts it", () => {
    const serial = workshop.openssl("x509", "-in", merchant.pemFile, "-noout", "-serial").toString().trim().slice(7)
    expect(certId).toMatch(/^[1-9]\d{18}$/)
    expect(BigInt(certId).toString(16).toUpperCase()).toBe(serial)
    expect(Signature.sign(order, signer).get("certId")).toBe(certId)
  })

  it("sends the certificate instead of its number where UnionPay signs, and signs it too", () => {
    const signed = Signature.sign(order, { method: "01", key: merchant.key, certificate: merchant.pem })
    expect(signed.get("signPubKeyCert")).toBe(merchant.pem)
    expect(signed.has("certId")).toBe(false)
    const { publicKey } = merchant.certificate
    const any = { method: "01", keyOf: () => Result.succeed(publicKey) } as const
    expect(Signature.verify(signed, any)).toEqual(Result.succeed(signed))
    const other = Message.withFields(signed, { signPubKeyCert: `${merchant.pem}\n` })
    expect(Signature.verify(other, any)).toEqual(refused("forged", "the signature"))
  })

  it.each<[string, Signature.Signer, Signature.Verifier]>([
    ["01", signer, verifier],
    ["11", shared("11"), shared("11")],
    ["12", shared("12"), shared("12")]
  ])("%s is verified after the wire, and any change is seen", (_, by, of) => {
    const signed = Signature.sign(order, by)
    const arrived = Result.getOrThrow(Message.parseForm(new TextEncoder().encode(Message.writeForm(signed))))
    expect(Signature.verify(arrived, of)).toEqual(Result.succeed(signed))
    fc.assert(fc.property(
      fc.constantFrom(...[...order.keys()].filter((name) => name !== "version" && name !== "encoding")),
      fc.string({ minLength: 1 }),
      (name, value) => {
        fc.pre(value !== order.get(name) && Message.isUnambiguous(Message.withFields(signed, { [name]: value })))
        const changed = Message.withFields(signed, { [name]: value })
        expect(Signature.verify(changed, of)).toEqual(refused("forged", "the signature"))
      }
    ))
    for (const more of [{ respCode: "00" }, { txnAmt: undefined }]) {
      expect(Signature.verify(Message.withFields(signed, more), of)).toEqual(refused("forged", "the signature"))
    }
  })

  const signed = Signature.sign(order, signer)
  const resigned = (changed: Readonly<Record<string, string | undefined>>) => {
    const message = Message.withFields(unsigned(signed), changed)
    const digits = createHash("sha256").update(Message.canonical(message)).digest("hex")
    const signature = bareSign("sha256", Buffer.from(digits), merchant.key).toString("base64")
    return Message.withFields(message, { signature })
  }
  it.each<[string, Message.Message, Signature.Verifier, string, string]>([
    ["none", unsigned(signed), verifier, "malformed", "the signature"],
    ["no Base64", Message.withFields(signed, { signature: "!" }), verifier, "forged", "the signature"],
    [
      "without the end of its Base64",
      Message.withFields(signed, { signature: signed.get("signature")?.replace(/=+$/, "") }),
      verifier,
      "forged",
      "the signature"
    ],
    ["too short", Message.withFields(signed, { signature: "QUJD" }), verifier, "forged", "the signature"],
    ["a flood", Message.withFields(signed, { signature: "A".repeat(9_000) }), verifier, "forged", "the signature"],
    ["by a certificate that is not known", resigned({ certId: "1" }), verifier, "unknownKey", "the certId"],
    ["by nobody named", resigned({ certId: undefined }), verifier, "unknownKey", "the certId"],
    ["of the old version", resigned({ version: "5.0.0" }), verifier, "unsupported", "the version"],
    ["of another charset", resigned({ encoding: "GBK" }), verifier, "unsupported", "the encoding"],
    ["by the other method", signed, shared("11"), "unsupported", "the signMethod"],
    [
      "by the method that it asks for",
      Signature.sign(order, shared("11", "")),
      verifier,
      "unsupported",
      "the signMethod"
    ],
    ["under another key", Signature.sign(order, shared("11", "x")), shared("11"), "forged", "the signature"],
    [
      "in capital letters",
      Message.withFields(Signature.sign(order, shared("11")), {
        signature: Signature.sign(order, shared("11")).get("signature")?.toUpperCase()
      }),
      shared("11"),
      "forged",
      "the signature"
    ],
    [
      "over a text that can be read in two ways",
      resigned({ reqReserved: "x&respCode=00" }),
      verifier,
      "malformed",
      "the border of a field"
    ]
  ])("is refused: %s", (_, message, of, reason, what) => {
    expect(Signature.verify(message, of)).toEqual(refused(reason, what))
  })

  it("is refused over the text itself, as other systems sign", () => {
    const signature = bareSign("sha256", Buffer.from(Message.canonical(signed)), merchant.key).toString("base64")
    expect(Signature.verify(Message.withFields(signed, { signature }), verifier)).toEqual(
      refused("forged", "the signature")
    )
  })

  it("is not moved from one field to two", () => {
    const moved = Message.withFields(signed, { orderId: undefined, merId: "777290058110048&orderId=20251130100000001" })
    expect(Message.canonical(moved)).toBe(Message.canonical(signed))
    expect(Signature.verify(moved, verifier)).toEqual(refused("malformed", "the border of a field"))
  })

  it("replaces what was there, and refuses to sign what could not be verified", () => {
    expect(Signature.sign(signed, signer)).toEqual(signed)
    expect(() => Signature.sign(Message.of({ a: "1&b=2" }), signer)).toThrow(RangeError)
    const { privateKey } = generateKeyPairSync("ed25519")
    expect(() => Signature.sign(order, { method: "01", key: privateKey, certId })).toThrow(RangeError)
  })

  it("says nothing of the key", () => {
    expect(JSON.stringify(shared("11"))).not.toContain("钥匙")
    expect(String(shared("11").secureKey)).not.toContain("钥匙")
  })
})
