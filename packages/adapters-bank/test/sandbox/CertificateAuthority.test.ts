import { CivilTime } from "@yikatong/core"
import * as fc from "fast-check"
import { execFileSync } from "node:child_process"
import { generateKeyPairSync, sign, verify } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as CertificateAuthority from "../../src/sandbox/CertificateAuthority.ts"

const folder = mkdtempSync(join(tmpdir(), "authority-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const openssl = (...command: ReadonlyArray<string>): string =>
  execFileSync("openssl", command, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 })
const [rootKeys, middleKeys, leafKeys] = [pair(), pair(), pair()]
const from = CivilTime.instant("2026-03-01 08:00")
const to = CivilTime.instant("2027-03-01 08:00:05")
const wanted = (commonName: string, serial: bigint, to_ = to): CertificateAuthority.Wanted => ({
  subject: { commonName, organization: "沙箱" },
  serial,
  from,
  to: to_
})

const root = CertificateAuthority.root(wanted("Root", 1n, CivilTime.instant("2056-01-01 00:00")), rootKeys)
const middle = CertificateAuthority.middle(root, wanted("Middle", 0x80n), middleKeys)
const leaf = CertificateAuthority.leaf(middle, wanted("041@Z@00040000:SIGN@1", 0xfedc_ba98_7654_3210n), leafKeys)

describe("by openssl", () => {
  const files = { root, middle, leaf }
  for (const [name, { pem }] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), pem)
  const verifies = (file: string, at: CivilTime.Instant, ...options: ReadonlyArray<string>) => {
    try {
      const attime = ["-attime", String(Math.floor(at / 1_000))]
      return openssl("verify", "-x509_strict", ...attime, "-CAfile", "root.pem", ...options, file).includes("OK")
    } catch {
      return false
    }
  }
  const inside = CivilTime.instant("2026-09-01 00:00")

  it.each([
    ["the chain", "leaf.pem", inside, ["-untrusted", "middle.pem"], true],
    ["at its first second", "leaf.pem", from, ["-untrusted", "middle.pem"], true],
    ["a second before", "leaf.pem", CivilTime.later(from, -1_000), ["-untrusted", "middle.pem"], false],
    ["a second after its end", "leaf.pem", CivilTime.later(to, 1_000), ["-untrusted", "middle.pem"], false],
    ["without the middle", "leaf.pem", inside, [], false],
    ["the root, in times that are written otherwise", "root.pem", CivilTime.instant("2055-12-31 00:00"), [], true]
  ])("%s", (_, file, at, options, isGood) => {
    expect(verifies(file, at, ...options)).toBe(isGood)
  })

  it("a leaf certifies nobody", () => {
    const { pem } = CertificateAuthority.leaf(leaf, wanted("Nobody", 5n), pair())
    writeFileSync(join(folder, "nobody.pem"), pem)
    writeFileSync(join(folder, "both.pem"), middle.pem + leaf.pem)
    expect(verifies("nobody.pem", inside, "-untrusted", "both.pem")).toBe(false)
  })

  it("reads what was written", () => {
    const text = openssl(
      "x509",
      "-in",
      "leaf.pem",
      "-noout",
      "-text",
      "-nameopt",
      "utf8,sep_comma_plus",
      "-certopt",
      "no_pubkey"
    )
    expect(text).toContain("Version: 3 (0x2)")
    expect(text).toContain("sha256WithRSAEncryption")
    expect(text).toContain("Issuer: C=CN,O=沙箱,CN=Middle")
    expect(text).toContain("Subject: C=CN,O=沙箱,CN=041@Z@00040000:SIGN@1")
    expect(text).toContain("Not Before: Mar  1 00:00:00 2026 GMT")
    expect(text).toContain("Not After : Mar  1 00:00:05 2027 GMT")
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature/)
    // DER in, the same DER out: nothing was written in another way than it has to be.
    const der = execFileSync("openssl", ["x509", "-in", "leaf.pem", "-outform", "DER"], { cwd: folder })
    expect(der.equals(leaf.certificate.raw)).toBe(true)
  })
})

describe("by Node", () => {
  it("reads subject, serial, dates and the right to certify", () => {
    const { certificate } = leaf
    expect(certificate.subject).toBe("C=CN\nO=沙箱\nCN=041@Z@00040000:SIGN@1")
    expect(certificate.serialNumber).toBe("FEDCBA9876543210")
    expect([Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]).toEqual([from, to])
    expect([root, middle, leaf].map(({ certificate }) => certificate.ca)).toEqual([true, true, false])
  })

  it("each is issued by the one above, and by nobody else", () => {
    const issued = [root, middle, leaf].map((issuer) =>
      [root, middle, leaf].map(({ certificate }) =>
        certificate.checkIssued(issuer.certificate) && certificate.verify(issuer.certificate.publicKey)
      )
    )
    expect(issued).toEqual([[true, true, false], [false, false, true], [false, false, false]])
  })

  it("its key is that of the certificate", () => {
    const text = Buffer.from("text")
    expect(verify("sha256", text, leaf.certificate.publicKey, sign("sha256", text, leaf.key))).toBe(true)
    expect(leaf.certificate.checkPrivateKey(leaf.key)).toBe(true)
  })

  it("reads any serial number and any name", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 159n }),
        fc.stringMatching(/^[\w@:.一-龥]{1,64}$/),
        (serial, commonName) => {
          const { certificate } = CertificateAuthority.leaf(
            root,
            { ...wanted("", serial), subject: { commonName } },
            leafKeys
          )
          expect(BigInt(`0x${certificate.serialNumber}`)).toBe(serial)
          expect(certificate.toLegacyObject().subject.CN).toBe(commonName)
          expect(certificate.verify(root.certificate.publicKey)).toBe(true)
        }
      ),
      { numRuns: 50 }
    )
  })
})

it.each([0n, -1n, 2n ** 160n])("a serial number of %s is a mistake", (serial) => {
  expect(() => CertificateAuthority.root(wanted("Root", serial), rootKeys)).toThrow(RangeError)
})

it("a key that is not RSA is a mistake", () => {
  const keys = generateKeyPairSync("ed25519")
  expect(() => CertificateAuthority.leaf(root, wanted("Leaf", 1n), keys)).toThrow(RangeError)
})
