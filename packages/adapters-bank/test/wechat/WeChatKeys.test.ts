import { CivilTime } from "@yikatong/core"
import { Result } from "effect"
import { generateKeyPairSync, X509Certificate } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as WeChatCertificates from "../../src/wechat/WeChatCertificates.ts"
import * as WeChatKeys from "../../src/wechat/WeChatKeys.ts"
import * as WeChatSignature from "../../src/wechat/WeChatSignature.ts"
import { apiKey, bytes, certified, nonce, pair, reason } from "./party.ts"

const root = certified("Test Root CA")
const old = certified("Tenpay.com sign", root)
const fresh = certified("Tenpay.com sign", root)
const key = (pem: string) => {
  const read = Result.getOrThrow(WeChatKeys.certificate(pem))
  if (read._tag !== "Certificate") throw new Error("no certificate")
  return read
}
const [oldKey, freshKey] = [key(old.pem), key(fresh.pem)]
const now = CivilTime.later(freshKey.from, CivilTime.hour)
const publicKey = Result.getOrThrow(WeChatKeys.publicKey("PUB_KEY_ID_01", pair().publicPem))
const ring = Result.getOrThrow(WeChatKeys.ring([oldKey, freshKey, publicKey]))

describe("the key is chosen by its name", () => {
  it("each of two certificates signs under its own serial while they are changed, and the public key too", () => {
    for (const known of [oldKey, freshKey, publicKey]) {
      expect(Result.getOrThrow(WeChatKeys.choose(ring, known.serial, now))).toBe(known)
    }
  })

  it("an old certificate is believed after a newer one came, and a new one before", () => {
    for (const [party, serial] of [[old, oldKey.serial], [fresh, freshKey.serial]] as const) {
      const body = bytes("{}")
      const headers = WeChatSignature.signAnswer({ serial, key: party.privateKey }, body, { now, nonce })
      expect(Result.getOrThrow(WeChatSignature.verifyAnswer({ headers, body }, ring, now))).toBe(serial)
      const other = serial === oldKey.serial ? freshKey.serial : oldKey.serial
      const renamed = { ...headers, "wechatpay-serial": other }
      expect(reason(WeChatSignature.verifyAnswer({ headers: renamed, body }, ring, now))).toBe("forged")
    }
  })

  it.each([
    ["PUB_KEY_ID_02", "unknownKey"],
    ["pub_key_id_01", "unknownKey"],
    ["", "unknownKey"],
    ["__proto__", "unknownKey"],
    [oldKey.serial.toLowerCase(), "believed"],
    [`0${oldKey.serial}`.slice(-40), "believed"],
    [`${oldKey.serial} `, "unknownKey"]
  ])("%s: %s", (serial, expected) => {
    expect(reason(WeChatKeys.choose(ring, serial, now))).toBe(expected)
  })

  it.each([
    ["a millisecond before it is valid", CivilTime.later(oldKey.from, -1), "certificate"],
    ["as it begins", oldKey.from, "believed"],
    ["as it ends", oldKey.until, "believed"],
    ["a millisecond after", CivilTime.later(oldKey.until, 1), "certificate"]
  ])("%s: %s", (_, at, expected) => {
    expect(reason(WeChatKeys.choose(ring, oldKey.serial, at))).toBe(expected)
  })

  it("a public key does not expire", () => {
    expect(reason(WeChatKeys.choose(ring, "PUB_KEY_ID_01", CivilTime.lastInstant))).toBe("believed")
  })
})

describe("a ring of keys", () => {
  it("two keys of one name are refused, the same one twice is not", () => {
    const other = Result.getOrThrow(WeChatKeys.publicKey("PUB_KEY_ID_01", pair().publicPem))
    expect(reason(WeChatKeys.join(ring, [other]))).toBe("duplicateKey")
    expect(Result.getOrThrow(WeChatKeys.join(ring, [publicKey])).size).toBe(3)
  })

  it("tells what ends soon, the first first, and what has ended", () => {
    expect(WeChatKeys.expiring(ring, now, 30 * CivilTime.dayLength)).toEqual([])
    const near = CivilTime.later(oldKey.until, -CivilTime.dayLength)
    const soon = WeChatKeys.expiring(ring, near, 30 * CivilTime.dayLength)
    expect(soon.map(({ serial }) => serial).toSorted()).toEqual([oldKey.serial, freshKey.serial].toSorted())
    expect(soon.every(({ left, until }) => left === until - near)).toBe(true)
    const over = WeChatKeys.expiring(ring, CivilTime.later(freshKey.until, 1_000), 0)
    expect(over.map(({ left }) => left < 0)).toEqual([true, true])
  })

  it("a serial is the same number with zeros before it", () => {
    expect(WeChatKeys.canonical("00ab")).toBe("AB")
    expect(WeChatKeys.canonical("00")).toBe("0")
    expect(WeChatKeys.canonical("PUB_KEY_ID_00ab")).toBe("PUB_KEY_ID_00ab")
  })

  it("tells them in the order in which they end", () => {
    const ends = [5, 1, 9, 3].map((days) => ({
      ...oldKey,
      serial: `A${days}`,
      until: CivilTime.later(now, days * CivilTime.dayLength)
    }))
    const some = Result.getOrThrow(WeChatKeys.ring(ends))
    expect(WeChatKeys.expiring(some, now, 5 * CivilTime.dayLength).map(({ serial }) => serial)).toEqual([
      "A1",
      "A3",
      "A5"
    ])
  })

  it("drops what has expired and keeps public keys", () => {
    const later = CivilTime.later(freshKey.until, 1)
    expect([...WeChatKeys.live(ring, later).keys()]).toEqual(["PUB_KEY_ID_01"])
    expect(WeChatKeys.live(ring, now).size).toBe(3)
  })

  it.each([
    ["an id that is none", () => WeChatKeys.publicKey("1234", pair().publicPem), "malformed"],
    ["no key", () => WeChatKeys.publicKey("PUB_KEY_ID_1", "-----BEGIN PUBLIC KEY-----"), "malformed"],
    ["a key that is too short", () => WeChatKeys.publicKey("PUB_KEY_ID_1", pair(1024).publicPem), "unsupported"],
    [
      "a key of another kind",
      () => WeChatKeys.publicKey("PUB_KEY_ID_1", generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey),
      "unsupported"
    ],
    ["no certificate", () => WeChatKeys.certificate("x"), "malformed"],
    ["a certificate cut off", () => WeChatKeys.certificate(old.pem.slice(0, 400)), "malformed"],
    ["of the issuer that is pinned", () => WeChatKeys.certificate(old.pem, new X509Certificate(root.pem)), "believed"],
    [
      "of an issuer of the same name",
      () => WeChatKeys.certificate(old.pem, new X509Certificate(certified("Test Root CA").pem)),
      "certificate"
    ],
    [
      "of an issuer of the same key and another name",
      () => WeChatKeys.certificate(old.pem, new X509Certificate(certified("Other Root CA", undefined, root).pem)),
      "certificate"
    ],
    ["of itself", () => WeChatKeys.certificate(root.pem, new X509Certificate(old.pem)), "certificate"]
  ])("%s: %s", (_, read, expected) => {
    expect(reason(read())).toBe(expected)
  })
})

describe("the list of certificates", () => {
  const none: WeChatKeys.WeChatKeys = new Map()
  const body = WeChatCertificates.write([{ pem: old.pem, nonce: "000000000001" }, {
    pem: fresh.pem,
    nonce: "000000000002"
  }], apiKey)
  const headers = WeChatSignature.signAnswer({ serial: freshKey.serial, key: fresh.privateKey }, body, { now, nonce })

  it("brings the key of its own signature the first time, and is verified with known keys afterwards", () => {
    const first = Result.getOrThrow(WeChatCertificates.read({ headers, body }, { apiKey, known: none }, now))
    expect([...first.keys()].toSorted()).toEqual([oldKey.serial, freshKey.serial].toSorted())
    expect(Result.getOrThrow(WeChatCertificates.read({ headers, body }, { apiKey, known: first }, now))).toEqual(first)
    const known = Result.getOrThrow(WeChatKeys.ring([oldKey]))
    expect(reason(WeChatCertificates.read({ headers, body }, { apiKey, known }, now))).toBe("unknownKey")
  })

  it("the first list of all, too, has to be signed by a key that it brings", () => {
    const stranger = WeChatSignature.signAnswer({ serial: freshKey.serial, key: pair().privateKey }, body, {
      now,
      nonce
    })
    expect(reason(WeChatCertificates.read({ headers: stranger, body }, { apiKey, known: none }, now))).toBe("forged")
    expect(reason(WeChatCertificates.read({ headers: {}, body }, { apiKey, known: none }, now))).toBe("malformed")
  })

  it("a list of a stranger's, who has not our key, is refused", () => {
    const [own] = [certified("Tenpay.com sign")]
    const serial = key(own.pem).serial
    const list = Buffer.from(body).toString().replace(/"ciphertext":"..../, "\"ciphertext\":\"AAAA")
    const forged = bytes(list)
    const signed = WeChatSignature.signAnswer({ serial, key: own.privateKey }, forged, { now, nonce })
    expect(reason(WeChatCertificates.read({ headers: signed, body: forged }, { apiKey, known: none }, now))).toBe(
      "forged"
    )
  })

  it("a serial that is not the certificate's is refused", () => {
    const renamed = bytes(Buffer.from(body).toString().replace(oldKey.serial, "1234"))
    const signed = WeChatSignature.signAnswer({ serial: freshKey.serial, key: fresh.privateKey }, renamed, {
      now,
      nonce
    })
    expect(reason(WeChatCertificates.read({ headers: signed, body: renamed }, { apiKey, known: none }, now))).toBe(
      "certificate"
    )
  })
})
