import { CivilTime } from "@yikatong/core"
import { AlipaySdk } from "alipay-sdk"
import { Result } from "effect"
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as AlipayCertificate from "../../src/alipay/AlipayCertificate.ts"

let folder: string
const openssl = (...options: ReadonlyArray<string>) =>
  execFileSync("openssl", options, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] })
const pem = (name: string) => readFileSync(join(folder, `${name}.crt`), "utf8")
const read = (...names: ReadonlyArray<string>) => Result.getOrThrow(AlipayCertificate.read(names.map(pem).join("\n")))

const issue = (
  name: string,
  issuer: string | undefined,
  subject: string,
  isAuthority: boolean,
  days = "3650",
  { bits = "2048", hash = "-sha256" } = {}
) => {
  openssl("genrsa", "-out", `${name}.key`, bits)
  openssl("req", "-new", "-utf8", "-key", `${name}.key`, "-subj", subject, "-out", `${name}.csr`)
  // Without the identifiers of keys, so that the name of an issuer is all there is besides the signature.
  const extensions = [
    `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`,
    "subjectKeyIdentifier=none",
    "authorityKeyIdentifier=none"
  ]
  writeFileSync(join(folder, "ext"), extensions.join("\n"))
  const by = issuer === undefined
    ? ["-key", `${name}.key`]
    : ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial"]
  openssl("x509", "-req", "-in", `${name}.csr`, ...by, hash, "-days", days, "-extfile", "ext", "-out", `${name}.crt`)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "certificates-"))
  issue("root", undefined, "/C=CN/O=Test Financial/OU=Authority/CN=Test Root R1", true)
  issue("middle", "root", "/C=CN/O=Test Financial/OU=Authority/CN=Test Class 2 R1", true)
  issue("gateway", "middle", "/C=CN/O=支付宝测试/OU=Gateway/CN=2088000000000001", false)
  issue("merchant", "middle", "/C=CN/O=某学校/CN=2021000000000001", false)
  issue("short", "middle", "/C=CN/O=支付宝测试/CN=short", false, "1")
  issue("byHash1", "middle", "/C=CN/O=支付宝测试/CN=sha1", false, "3650", { hash: "-sha1" })
  issue("byHash512", "middle", "/C=CN/O=支付宝测试/CN=sha512", false, "3650", { hash: "-sha512" })
  issue("weak", "middle", "/C=CN/O=支付宝测试/CN=weak", false, "3650", { bits: "1024" })
  issue("subMerchant", "merchant", "/C=CN/O=支付宝测试/CN=forged", false)
  issue("foreign", undefined, "/C=CN/O=支付宝测试/CN=foreign", true)
  issue("namesake", undefined, "/C=CN/O=Test Financial/OU=Authority/CN=Test Class 2 R1", true)
  issue("fromNamesake", "namesake", "/C=CN/O=支付宝测试/CN=2088000000000001", false)
  openssl("ecparam", "-genkey", "-name", "SM2", "-out", "sm.key")
  openssl(
    "req",
    "-x509",
    "-new",
    "-sm3",
    "-key",
    "sm.key",
    "-subj",
    "/C=CN/O=Test/CN=SM2 Root",
    "-days",
    "3650",
    "-out",
    "sm.crt"
  )
  openssl("ecparam", "-genkey", "-name", "prime256v1", "-out", "ec.key")
  openssl(
    "req",
    "-x509",
    "-new",
    "-key",
    "ec.key",
    "-subj",
    "/C=CN/O=Test/CN=EC Root",
    "-days",
    "3650",
    "-out",
    "ec.crt"
  )
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

const validAt = () => (Date.parse(read("gateway")[0]?.validFrom ?? "") + CivilTime.hour) as CivilTime.Instant

describe("serials", () => {
  it("are those that alipay-sdk sends, also of a file with roots for other algorithms", () => {
    const roots = ["sm", "root", "ec", "middle"].map(pem).join("\n")
    const { config } = new AlipaySdk({
      appId: "2021000000000001",
      privateKey: readFileSync(join(folder, "merchant.key"), "utf8"),
      appCertContent: pem("merchant"),
      alipayPublicCertContent: pem("gateway"),
      alipayRootCertContent: roots
    }) as unknown as { readonly config: Record<string, string> }
    expect(read("merchant").map(AlipayCertificate.serial)).toEqual([config["appCertSn"]])
    expect(read("gateway").map(AlipayCertificate.serial)).toEqual([config["alipayCertSn"]])
    expect(AlipayCertificate.rootSerial(read("sm", "root", "ec", "middle"))).toBe(config["alipayRootCertSn"])
    expect(config["alipayRootCertSn"]).toMatch(/^[0-9a-f]{32}_[0-9a-f]{32}$/)
  })
})

describe("a certificate of the gateway", () => {
  it.each<[string, ReadonlyArray<string>, ReadonlyArray<string>, number, string | "trusted"]>([
    ["with the one between beside it", ["gateway", "middle"], ["root"], 0, "trusted"],
    ["with the one between among the roots", ["gateway"], ["ec", "sm", "root", "middle"], 0, "trusted"],
    [
      "of another subject, from the same authority",
      ["merchant", "middle"],
      ["root"],
      0,
      "the certificate of another subject"
    ],
    ["that signed itself", ["foreign"], ["root"], 0, "a certificate of an unknown issuer"],
    [
      "from an authority of the same name with another key",
      ["fromNamesake", "namesake"],
      ["root"],
      0,
      "a certificate of an unknown issuer"
    ],
    [
      "of which the roots bear the right name only",
      ["fromNamesake"],
      ["root", "middle"],
      0,
      "a certificate of an unknown issuer"
    ],
    [
      "signed by a merchant, who is no authority",
      ["subMerchant", "merchant", "middle"],
      ["root"],
      0,
      "a certificate of an unknown issuer"
    ],
    ["without the one between", ["gateway"], ["root"], 0, "a certificate of an unknown issuer"],
    ["that is signed with SHA-512", ["byHash512", "middle"], ["root"], 0, "trusted"],
    [
      "that is signed with SHA-1",
      ["byHash1", "middle"],
      ["root"],
      0,
      "a certificate that is signed with another algorithm than SHA256WithRSA"
    ],
    ["of a short key", ["weak", "middle"], ["root"], 0, "a certificate of a key that is not RSA of 2048 bits"],
    [
      "that has expired",
      ["short", "middle"],
      ["root"],
      2 * CivilTime.dayLength,
      "a certificate that is no longer valid"
    ],
    [
      "that is not valid yet",
      ["gateway", "middle"],
      ["root"],
      -2 * CivilTime.dayLength,
      "a certificate that is not valid yet"
    ],
    [
      "whose authority has expired",
      ["gateway", "middle"],
      ["root"],
      4000 * CivilTime.dayLength,
      "a certificate that is no longer valid"
    ]
  ])("%s", (_, file, roots, later, expected) => {
    const at = (validAt() + later) as CivilTime.Instant
    const result = AlipayCertificate.trusted(read(...file), read(...roots), "支付宝测试", at)
    expect(Result.isSuccess(result) ? "trusted" : result.failure.what).toBe(expected)
  })

  it.each([
    ["nothing", "", "a file without a certificate"],
    ["a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "a file without a certificate"],
    ["rubbish", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "a certificate that cannot be read"]
  ])("that is %s is refused", (_, text, what) => {
    expect(AlipayCertificate.read(text)).toEqual(Result.fail({ _tag: "Refusal", reason: "certificate", what }))
  })
})
