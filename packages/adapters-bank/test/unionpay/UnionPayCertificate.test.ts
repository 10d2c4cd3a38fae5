import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import * as Certificate from "../../src/unionpay/UnionPayCertificate.ts"
import * as Message from "../../src/unionpay/UnionPayMessage.ts"
import * as Signature from "../../src/unionpay/UnionPaySignature.ts"
import { authority, endEntity, type Pair, Workshop } from "./TestCertificates.ts"

const at = CivilTime.instant("2025-11-30 10:00")
const workshop = new Workshop()
afterAll(() => workshop.close())

const signer = "041@Z@00040000:SIGN@1"
const root = workshop.make({ subject: "/O=Test/CN=Root", extensions: authority })
const middle = workshop.make({ subject: "/O=Test/CN=Middle", issuer: root, extensions: authority })
const leaf = workshop.make({ subject: `/O=Test/CN=${signer}`, issuer: middle, extensions: endEntity })
const own = (subject: string, more: { readonly from?: string; readonly to?: string; readonly issuer?: Pair } = {}) =>
  workshop.make({ subject, issuer: middle, extensions: endEntity, key: leaf, ...more })
const production = own("/O=Test/CN=041@8310000000083040@中国银联股份有限公司@00000001")

const keyIdentifier = ({ pemFile }: Pair): string =>
  workshop.openssl("x509", "-in", pemFile, "-noout", "-ext", "subjectKeyIdentifier").toString().split("\n")[1]
    ?.trim() ?? ""

const pinned = (environment: Certificate.Environment = "test", middles = [middle]): Certificate.Pinned => ({
  environment,
  roots: [root.certificate],
  middles: middles.map(({ certificate }) => certificate)
})
const check = (pem: string, trusted: Certificate.Pinned = pinned(), time = at) =>
  Certificate.check(Certificate.trust(trusted), pem, time)
const refused = (reason: string, what: string) => Result.fail({ _tag: "Refusal", reason, what })
const refusedIssuer = refused("certificate", "the issuer of the certificate")
const refusedSubject = refused("certificate", "the subject of the certificate")
const refusedValidity = refused("certificate", "the validity of the certificate")

describe("the certificate inside of a message", () => {
  it("is believed if a chain leads to the pinned root, all is valid and the subject is UnionPay", () => {
    // The test system has borne either name; what pays bears one.
    const believed = [[leaf.pem, "test"], [production.pem, "test"], [production.pem, "production"]] as const
    for (const [pem, environment] of believed) {
      const key = Result.getOrThrow(check(pem, pinned(environment)))
      expect(key.export({ type: "spki", format: "pem" })).toBe(leaf.certificate.publicKey.export({
        type: "spki",
        format: "pem"
      }))
    }
    expect(workshop.verifies(leaf, [middle], root, at)).toBe(true)
  })

  it("is believed if the root itself has issued it, or two middles lie between", () => {
    const direct = own(`/O=Test/CN=${signer}`, { issuer: root })
    expect(Result.isSuccess(check(direct.pem))).toBe(true)
    const second = workshop.make({ subject: "/O=Test/CN=Second", issuer: middle, extensions: authority })
    const far = own(`/O=Test/CN=${signer}`, { issuer: second })
    expect(Result.isSuccess(check(far.pem, pinned("test", [second, middle])))).toBe(true)
    expect(check(far.pem)).toEqual(refusedIssuer)
  })

  it.each<[string, string, Certificate.Environment]>([
    ["the test system's in production", signer, "production"],
    ["another of the test system's", "041@Z@00040000:ENC@1", "test"],
    ["a name that only begins so", "041@Z@00040000:SIGNED@1", "test"],
    ["the right words in another part", "041@00040000:SIGN@Z@1", "test"],
    ["no parts", "00040000:SIGN", "test"],
    ["the right words in the organisation", "x/O=041@Z@00040000:SIGN@1", "test"],
    ["the right words in the organisation, in production", "x/O=041@83@中国银联股份有限公司@1", "production"],
    ["a merchant's, of UnionPay's own issuer", "041@8310000000083040@校园一卡通@00000016", "production"]
  ])("is refused for its subject: %s", (_, subject, environment) => {
    const other = own(`/CN=${subject}`)
    expect(check(other.pem, pinned(environment))).toEqual(refusedSubject)
    expect(workshop.verifies(other, [middle], root, at)).toBe(true)
  })

  it("is refused with two common names, since readers would disagree", () => {
    expect(check(own(`/CN=Other/CN=${signer}`).pem)).toEqual(refusedSubject)
    expect(check(own(`/CN=${signer}/CN=Other`).pem)).toEqual(refusedSubject)
  })

  it("is refused before and after it is valid, to the second", () => {
    const short = own(`/O=Test/CN=${signer}`, { from: "20251130020000Z", to: "20251130030000Z" })
    const [first, last] = [at, CivilTime.later(at, CivilTime.hour)]
    for (const [time, verifies] of [[-1_000, false], [0, true], [3_600_000, true], [3_601_000, false]] as const) {
      const moment = CivilTime.later(first, time)
      expect(check(short.pem, pinned(), moment)).toEqual(verifies ? Result.succeed(expect.anything()) : refusedValidity)
    }
    expect(check(short.pem, pinned(), CivilTime.later(last, 1))).toEqual(refusedValidity)
    expect(workshop.verifies(short, [middle], root, CivilTime.later(last, 2_000))).toBe(false)
  })

  it.each<[string, { readonly from?: string; readonly to?: string }]>([
    ["expired", { to: "20251101000000Z" }],
    ["not yet valid", { from: "20260101000000Z" }]
  ])("is refused under a middle that is %s", (_, dates) => {
    const old = workshop.make({ subject: "/O=Test/CN=Old", issuer: root, extensions: authority, ...dates })
    const under = own(`/O=Test/CN=${signer}`, { issuer: old })
    expect(check(under.pem, pinned("test", [old]))).toEqual(refusedValidity)
    expect(workshop.verifies(under, [old], root, at)).toBe(false)
  })

  it("is refused under a root that has expired", () => {
    const old = workshop.make({ subject: "/O=Test/CN=Old", extensions: authority, to: "20251101000000Z" })
    const under = own(`/O=Test/CN=${signer}`, { issuer: old })
    const trusted = { ...pinned(), roots: [old.certificate], middles: [] }
    expect(check(under.pem, trusted)).toEqual(refusedValidity)
  })

  it.each<[string, ReadonlyArray<string>]>([
    ["is no authority", ["basicConstraints=critical,CA:FALSE", "subjectKeyIdentifier=hash"]],
    ["has no constraints at all", ["keyUsage=critical,keyCertSign"]],
    ["may not sign certificates", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"]]
  ])("is refused under a middle that %s, although the root has issued it", (_, extensions) => {
    const weak = workshop.make({ subject: "/O=Test/CN=Weak", issuer: root, extensions })
    const under = own(`/O=Test/CN=${signer}`, { issuer: weak })
    expect(check(under.pem, pinned("test", [weak]))).toEqual(refusedIssuer)
    expect(workshop.verifies(under, [weak], root, at)).toBe(false)
  })

  it("is refused if it names another issuer, although the key is the same", () => {
    const alias = workshop.make({ subject: "/O=Test/CN=Alias", issuer: root, extensions: authority, key: middle })
    const under = own(`/O=Test/CN=${signer}`, { issuer: alias })
    expect(check(under.pem)).toEqual(refusedIssuer)
    expect(workshop.verifies(under, [middle], root, at)).toBe(false)
    expect(Result.isSuccess(check(under.pem, pinned("test", [alias])))).toBe(true)
  })

  it("is refused if its key is too short, or not RSA", () => {
    const refusedKey = refused("certificate", "the key of the certificate")
    for (
      const algorithm of [
        ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
      ]
    ) {
      const subject = `/O=Test/CN=${signer}`
      expect(check(workshop.make({ subject, issuer: middle, extensions: endEntity, algorithm }).pem)).toEqual(
        refusedKey
      )
    }
  })

  it.each<[string, string, string]>([
    ["nothing", "", "malformed"],
    ["text", "041@Z@00040000:SIGN@1", "malformed"],
    ["a key instead", leaf.certificate.publicKey.export({ type: "spki", format: "pem" }).toString(), "malformed"],
    ["a broken one", leaf.pem.replace(/MII/, "MIJ"), "malformed"],
    ["one that is cut off", leaf.pem.slice(0, 700), "malformed"],
    ["two", `${leaf.pem}${root.pem}`, "malformed"],
    ["one as long as a book", `${leaf.pem}${" ".repeat(20_000)}`, "tooLarge"]
  ])("%s is no certificate", (_, pem, reason) => {
    expect(check(pem)).toEqual(refused(reason, "the certificate"))
  })

  it("finds the chain once, and looks at the dates every time", () => {
    const trust = Certificate.trust(pinned())
    expect(Result.isSuccess(Certificate.check(trust, leaf.pem, at))).toBe(true)
    expect([...trust.found.keys()]).toEqual([leaf.pem])
    expect(Certificate.check(trust, leaf.pem, CivilTime.instant("2040-02-01 00:00"))).toEqual(refusedValidity)
    expect(Result.isFailure(Certificate.check(trust, "", at))).toBe(true)
    for (let i = 0; i < 40; i++) Certificate.check(trust, `${leaf.pem}${"\n".repeat(i)}`, at)
    expect(trust.found.size).toBeLessThanOrEqual(16)
  })
})

describe("a forged notification", () => {
  const told = Message.of({
    version: "5.1.0",
    encoding: "UTF-8",
    txnType: "01",
    merId: "777290058110048",
    orderId: "20251130100000001",
    txnAmt: "5000",
    respCode: "00"
  })
  const sent = (by: Pair, pem = by.pem) => Signature.sign(told, { method: "01", key: by.key, certificate: pem })
  const receive = (message: Message.Message) =>
    Signature.verify(message, Certificate.verifier(Certificate.trust(pinned()), at))

  it("of UnionPay's own is none", () => {
    expect(receive(sent(leaf))).toEqual(Result.succeed(sent(leaf)))
  })

  const copied = `/O=Test/CN=${signer}`
  const evilRoot = workshop.make({ subject: "/O=Test/CN=Root", extensions: authority })
  const evilMiddle = workshop.make({ subject: "/O=Test/CN=Middle", issuer: evilRoot, extensions: authority })
  /** As the real one in every word, and in the identifier of its key. */
  const impostor = workshop.make({
    subject: "/O=Test/CN=Middle",
    issuer: evilRoot,
    extensions: [...authority.slice(0, 2), `subjectKeyIdentifier=${keyIdentifier(middle)}`]
  })
  it("could name the right middle and its key", () => {
    expect(impostor.certificate.subject).toBe(middle.certificate.subject)
    expect(keyIdentifier(impostor)).toBe(keyIdentifier(middle))
    expect(impostor.certificate.publicKey.equals(middle.certificate.publicKey)).toBe(false)
  })

  it.each<[string, Pair]>([
    ["his own, that he signed himself, of another name", workshop.make({ subject: "/CN=Evil", extensions: endEntity })],
    [
      "his own, that he signed himself, with the name copied",
      workshop.make({ subject: copied, extensions: endEntity })
    ],
    [
      "one under his own root, with all names copied",
      workshop.make({ subject: copied, issuer: evilMiddle, extensions: endEntity })
    ],
    [
      "one that names the right middle and its key, which has not signed it",
      workshop.make({ subject: copied, issuer: impostor, extensions: endEntity })
    ],
    [
      "one issued by UnionPay's leaf, which is no authority",
      workshop.make({
        subject: copied,
        issuer: leaf,
        extensions: endEntity
      })
    ]
  ])("is refused: the attacker's certificate is %s", (_, evil) => {
    // The signature itself is right: only the certificate says who signed.
    const message = sent(evil)
    const careless = { method: "01", keyOf: () => Result.succeed(evil.certificate.publicKey) } as const
    expect(Result.isSuccess(Signature.verify(message, careless))).toBe(true)
    expect(receive(message)).toEqual(refusedIssuer)
    expect(workshop.verifies(evil, [middle], root, at)).toBe(false)
  })

  it("is refused: UnionPay's certificate over the attacker's signature", () => {
    const evil = workshop.make({ subject: copied, extensions: endEntity })
    expect(receive(sent(evil, leaf.pem))).toEqual(refused("forged", "the signature"))
  })

  it("is refused: no certificate", () => {
    const message = new Map(sent(leaf))
    message.delete("signPubKeyCert")
    expect(receive(message)).toEqual(refused("malformed", "the certificate"))
  })
})
