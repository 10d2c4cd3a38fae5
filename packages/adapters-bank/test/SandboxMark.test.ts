// What a sandbox made is known in every form it may stand in, and refused outside this machine.
import { Redacted, Result } from "effect"
import { execFileSync } from "node:child_process"
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify, X509Certificate } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import * as SandboxMark from "../src/SandboxMark.ts"

const marked = SandboxMark.keyPair()
const other = generateKeyPairSync("rsa", { modulusLength: 2048 })
const folder = mkdtempSync(join(tmpdir(), "yikatong-mark-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** A certificate of the key over itself, made by openssl. */
const certificate = (key: KeyObject, subject: string): string => {
  const file = join(folder, "key.pem")
  writeFileSync(file, key.export({ type: "pkcs8", format: "pem" }))
  execFileSync("openssl", ["req", "-x509", "-key", file, "-subj", subject, "-days", "1", "-out", `${file}.crt`], {
    stdio: "ignore"
  })
  return readFileSync(`${file}.crt`, "utf8")
}

type Pair = typeof marked
const forms: ReadonlyArray<[form: string, of: (pair: Pair) => SandboxMark.Suspect]> = [
  ["a public key", ({ publicKey }) => publicKey],
  ["a private key", ({ privateKey }) => privateKey],
  ["PEM, SPKI", ({ publicKey }) => publicKey.export({ type: "spki", format: "pem" }).toString()],
  ["PEM, PKCS #8", ({ privateKey }) => privateKey.export({ type: "pkcs8", format: "pem" }).toString()],
  ["PEM, PKCS #1", ({ privateKey }) => privateKey.export({ type: "pkcs1", format: "pem" }).toString()],
  ["PEM, redacted", ({ privateKey }) => Redacted.make(privateKey.export({ type: "pkcs8", format: "pem" }).toString())],
  ["Base64, SPKI", ({ publicKey }) => publicKey.export({ type: "spki", format: "der" }).toString("base64")],
  ["Base64, PKCS #8", ({ privateKey }) => privateKey.export({ type: "pkcs8", format: "der" }).toString("base64")],
  ["Base64, PKCS #1", ({ privateKey }) => privateKey.export({ type: "pkcs1", format: "der" }).toString("base64")],
  ["hexadecimal, SPKI", ({ publicKey }) => publicKey.export({ type: "spki", format: "der" }).toString("hex")],
  ["DER, PKCS #1", ({ publicKey }) => publicKey.export({ type: "pkcs1", format: "der" })],
  ["a certificate", ({ privateKey }) => certificate(privateKey, "/CN=a bank")],
  ["a certificate read", ({ privateKey }) => new X509Certificate(certificate(privateKey, "/CN=a bank"))]
]

describe("the mark of a sandbox", () => {
  it.each(forms)("is in an RSA key as %s, and in no other key", (_, of) => {
    expect(SandboxMark.isSandboxKey(of(marked))).toBe(true)
    expect(SandboxMark.isSandboxKey(of(other))).toBe(false)
  })

  it("is in a certificate's subject, and behind other certificates of a file", () => {
    expect(SandboxMark.isSandboxKey(certificate(other.privateKey, "/CN=SANDBOX bank"))).toBe(true)
    const [plain, ours] = [certificate(other.privateKey, "/CN=a"), certificate(marked.privateKey, "/CN=b")]
    expect(SandboxMark.isSandboxKey(plain + ours)).toBe(true)
  })

  it("leaves a key as good as any", () => {
    const signature = sign("sha256", Buffer.from("12.50"), marked.privateKey)
    expect(verify("sha256", Buffer.from("12.50"), createPublicKey(marked.privateKey), signature)).toBe(true)
    expect(verify("sha256", Buffer.from("12.51"), marked.publicKey, signature)).toBe(false)
  })

  it("begins a secret, which is random behind it", () => {
    const secrets = Array.from({ length: 20 }, () => Redacted.value(SandboxMark.secret(32)))
    for (const secret of secrets) expect(secret).toMatch(/^SANDBOX[A-Za-z0-9]{25}$/)
    expect(new Set(secrets).size).toBe(20)
    expect(SandboxMark.isSandboxKey(SandboxMark.secret(32))).toBe(true)
    expect(() => SandboxMark.secret(6)).toThrow(RangeError)
  })

  it.each<[suspect: SandboxMark.Suspect, is: boolean]>([
    ["SANDBOX0001", true],
    [Buffer.from("SANDBOX-16-bytes"), true],
    [SandboxMark.serial("01"), true],
    ["", false],
    ["1900000109", false],
    ["a SANDBOX", false],
    ["-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----", false],
    ["30".repeat(200), false],
    [Buffer.from([0x30, 0x82]), false],
    [new Uint8Array(0), false]
  ])("%s: %s", (suspect, is) => {
    expect(SandboxMark.isSandboxKey(suspect)).toBe(is)
  })
})

describe("settings", () => {
  it.each([
    "https://api.mch.weixin.qq.com",
    "https://gateway.95516.com/gateway",
    "https://localhost.example.com",
    "https://127.0.0.1.example.com",
    "https://10.0.0.1",
    "https://[::2]/",
    "bank.example.com:8080",
    "not an address"
  ])("for %s refuse what a sandbox made, and name the setting but not the secret", (address) => {
    const refused = SandboxMark.refuse(address, { merchant: "1900000109", key: SandboxMark.secret(32), not: undefined })
    expect(Result.isFailure(refused) && refused.failure).toMatchObject({ _tag: "SandboxKeys", what: "key" })
    expect(Result.isFailure(refused) && refused.failure.message).not.toContain("SANDBOX")
    expect(Result.isSuccess(SandboxMark.refuse(address, { merchant: "1900000109", key: other.privateKey }))).toBe(true)
  })

  it.each([
    "http://127.0.0.1:8080",
    "http://127.3.4.5",
    "http://[::1]:80",
    "http://localhost:1/x",
    "http://sandbox.test",
    "127.0.0.1:90"
  ])(
    "for %s take it",
    (address) => {
      expect(Result.isSuccess(SandboxMark.refuse(address, { key: marked.privateKey }))).toBe(true)
    }
  )
})
