/** Parties of the tests: keys and certificates of their own, made anew in every run. */
import { CivilTime } from "@yikatong/core"
import { Redacted, Result } from "effect"
import { execFileSync } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as WeChatKeys from "../../src/wechat/WeChatKeys.ts"
import * as WeChatResource from "../../src/wechat/WeChatResource.ts"

export const now = CivilTime.instant("2026-09-01 08:00:00")
export const nonce = "0123456789abcdefABCDEF0123456789"
export const occasion = { now, nonce }

/** A pair of keys, also as PEM. */
export const pair = (bits = 2048) => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: bits })
  return {
    privateKey,
    publicKey,
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString()
  }
}

export const apiKeyText = "0123456789abcdef0123456789ABCDEF"
export const apiKey = Result.getOrThrow(WeChatResource.apiKey(Redacted.make(apiKeyText)))

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The reason of what was refused; fails where nothing was. */
export const reason = (read: Result.Result<unknown, { readonly reason: string }>): string =>
  Result.isFailure(read) ? read.failure.reason : "believed"

/** WeChat Pay's public key with its private half. */
export const platform = () => {
  const keys = pair()
  const serial = "PUB_KEY_ID_0112345678902026090100000000000001"
  return {
    ...keys,
    signer: { serial, key: keys.privateKey },
    ring: Result.getOrThrow(WeChatKeys.ring([Result.getOrThrow(WeChatKeys.publicKey(serial, keys.publicPem))]))
  }
}

/** A certificate issued by `issuer`, or by itself, valid from now for a year. */
export const certified = (
  name: string,
  issuer?: { readonly pem: string; readonly privatePem: string },
  keys = pair()
) => {
  const folder = mkdtempSync(join(tmpdir(), "certificates-"))
  const at = (file: string) => join(folder, file)
  try {
    writeFileSync(at("key.pem"), keys.privatePem)
    const openssl = (...args: ReadonlyArray<string>) => execFileSync("openssl", args, { stdio: "pipe" })
    if (issuer === undefined) {
      openssl("req", "-x509", "-key", at("key.pem"), "-subj", `/CN=${name}`, "-days", "365", "-out", at("out.pem"))
    } else {
      writeFileSync(at("ca.pem"), issuer.pem)
      writeFileSync(at("ca.key"), issuer.privatePem)
      openssl("req", "-new", "-key", at("key.pem"), "-subj", `/CN=${name}`, "-out", at("csr.pem"))
      openssl(
        "x509",
        "-req",
        "-in",
        at("csr.pem"),
        "-CA",
        at("ca.pem"),
        "-CAkey",
        at("ca.key"),
        "-CAcreateserial",
        "-days",
        "365",
        "-out",
        at("out.pem")
      )
    }
    return { ...keys, pem: readFileSync(at("out.pem"), "utf8") }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
