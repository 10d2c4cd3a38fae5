import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import * as fc from "fast-check"
import type { X509Certificate } from "node:crypto"
import { afterAll, describe, expect, it } from "vitest"
import * as CertificateFields from "../../src/unionpay/CertificateFields.ts"
import * as Certificate from "../../src/unionpay/UnionPayCertificate.ts"
import { authority, endEntity, type Pair, type Wanted, Workshop } from "./TestCertificates.ts"

const at = CivilTime.instant("2025-11-30 10:00")
const workshop = new Workshop()
afterAll(() => workshop.close())

const subject = "/O=Test/CN=041@83@中国银联股份有限公司@1"
const bits = (length: number) => ["-algorithm", "RSA", "-pkeyopt", `rsa_keygen_bits:${length}`]
const root = workshop.make({ subject: "/O=Test/CN=Root", extensions: authority })
const middle = workshop.make({ subject: "/O=Test/CN=Middle", issuer: root, extensions: authority })
const keys = workshop.make({ subject, issuer: middle, extensions: endEntity })

const check = (
  leaf: Pair,
  { middles = [middle], roots = [root], ...pinned }: {
    readonly middles?: ReadonlyArray<Pair>
    readonly roots?: ReadonlyArray<Pair>
    readonly believesSha1?: boolean
  } = {},
  time = at
): string => {
  const of = (pairs: ReadonlyArray<Pair>): ReadonlyArray<X509Certificate> => pairs.map(({ certificate }) => certificate)
  const trust = Certificate.trust({ environment: "production", roots: of(roots), middles: of(middles), ...pinned })
  const read = Certificate.check(trust, leaf.pem, time)
  return Result.isSuccess(read) ? "believed" : read.failure.what
}
const leafOf = (more: Partial<Wanted> = {}) =>
  workshop.make({ subject, issuer: middle, extensions: endEntity, key: keys, ...more })
const middleOf = (more: Partial<Wanted> = {}) =>
  workshop.make({ subject: "/O=Test/CN=Other", issuer: root, extensions: authority, ...more })

describe("a certificate of UnionPay's", () => {
  it.each<[string, Partial<Wanted>, string]>([
    ["with SHA-256", {}, "believed"],
    ["with SHA-384", { digest: "sha384" }, "believed"],
    ["with SHA-512", { digest: "sha512" }, "believed"],
    ["with SHA-1", { digest: "sha1" }, "the certificate is signed with SHA-1"],
    ["with MD5", { digest: "md5" }, "the algorithm that signed the certificate"]
  ])("that is signed %s: %s", (_, more, expected) => {
    expect(check(leafOf(more))).toBe(expected)
  })

  it.each<[string, string, string]>([
    ["with SHA-1", "sha1", "an issuer of the certificate is signed with SHA-1"],
    ["with MD5", "md5", "the algorithm that signed an issuer of the certificate"]
  ])("under a middle that is signed %s is refused", (_, digest, expected) => {
    const weak = middleOf({ digest })
    expect(check(leafOf({ issuer: weak }), { middles: [weak] })).toBe(expected)
  })

  it("may be signed with SHA-1 where the house has said so, as its test system's, and never with MD5", () => {
    const weak = middleOf({ digest: "sha1" })
    expect(check(leafOf({ issuer: weak, digest: "sha1" }), { middles: [weak], believesSha1: true })).toBe("believed")
    expect(check(leafOf({ digest: "md5" }), { believesSha1: true })).toBe("the algorithm that signed the certificate")
  })

  it("under a root is believed however the root has signed itself: it is pinned", () => {
    const old = workshop.make({ subject: "/O=Test/CN=Old", extensions: authority, digest: "sha1" })
    expect(check(leafOf({ issuer: old }), { roots: [old], middles: [] })).toBe("believed")
  })

  it("is refused if its key is short, or that of one above it", () => {
    const algorithm = bits(1_024)
    const short = workshop.make({ subject, issuer: middle, extensions: endEntity, algorithm })
    expect(check(short)).toBe("the key of the certificate")
    const weak = middleOf({ algorithm })
    expect(check(leafOf({ issuer: weak }), { middles: [weak] })).toBe("the key of an issuer of the certificate")
    const weakest = workshop.make({ subject: "/O=Test/CN=Short", extensions: authority, algorithm })
    expect(check(leafOf({ issuer: weakest }), { roots: [weakest] })).toBe("the key of an issuer of the certificate")
  })

  it.each<[string, ReadonlyArray<string>, string]>([
    ["may sign", ["keyUsage=critical,digitalSignature"], "believed"],
    ["may sign among other things", ["keyUsage=digitalSignature,nonRepudiation,keyAgreement"], "believed"],
    ["is not restricted", ["basicConstraints=CA:FALSE"], "believed"],
    ["is for keys alone", ["keyUsage=critical,keyEncipherment"], "the use of the certificate's key"],
    [
      "is for keys alone, not critically",
      ["keyUsage=keyEncipherment,keyAgreement"],
      "the use of the certificate's key"
    ],
    ["is for certificates alone", ["keyUsage=critical,keyCertSign"], "the use of the certificate's key"],
    ["may only not deny", ["keyUsage=nonRepudiation,decipherOnly,keyAgreement"], "the use of the certificate's key"]
  ])("whose key %s", (_, extensions, expected) => {
    expect(check(leafOf({ extensions }))).toBe(expected)
  })

  it("is believed by any of two middles of one name and one key: while an issuer is renewed, the old one may end", () => {
    const old = middleOf({ subject: "/O=Test/CN=Middle", key: middle, to: "20251101000000Z" })
    const weak = middleOf({ subject: "/O=Test/CN=Middle", key: middle, digest: "sha1" })
    for (const middles of [[old, middle], [middle, old], [weak, middle], [middle, weak]]) {
      expect(check(keys, { middles })).toBe("believed")
    }
    expect(check(keys, { middles: [old] })).toBe("the validity of the certificate")
    expect(check(keys, { middles: [weak] })).toBe("an issuer of the certificate is signed with SHA-1")
  })

  it("is not found in a chain that goes in circles, or is too long", () => {
    const crossed = middleOf({ subject: "/O=Test/CN=A" })
    const back = workshop.make({ subject: "/O=Test/CN=A", issuer: crossed, extensions: authority, key: crossed })
    const under = leafOf({ issuer: crossed })
    expect(check(under, { middles: [back] })).toBe("the issuer of the certificate")
    expect(check(under, { middles: [back, crossed] })).toBe("believed")
    const [second, third] = [middleOf({ subject: "/CN=2", issuer: middle }), middleOf({ subject: "/CN=3" })]
    const longer = middleOf({ subject: "/CN=4", issuer: second })
    const pinned = { middles: [middle, second, third, longer] }
    expect(check(leafOf({ issuer: second }), pinned)).toBe("believed")
    expect(check(leafOf({ issuer: longer }), pinned)).toBe("the issuer of the certificate")
  })
})

describe("the fields of a certificate", () => {
  it("are read as openssl wrote them", () => {
    expect(CertificateFields.read(keys.certificate)).toEqual({ digest: "sha2", signs: true })
    expect(CertificateFields.read(middle.certificate)).toEqual({ digest: "sha2", signs: false })
  })

  it("of what is no whole certificate are none, or others, and never a fault", () => {
    const whole = keys.certificate.raw
    const read = (raw: Buffer) => CertificateFields.read({ raw } as X509Certificate)
    fc.assert(fc.property(fc.nat(whole.length - 1), (length) => {
      expect(read(whole.subarray(0, length))).toBeUndefined()
    }))
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.nat(255), (place, value) => {
      const changed = Buffer.from(whole)
      changed[place] = value
      expect([true, false, undefined]).toContain(read(changed)?.signs)
    }))
  })
})
