import * as fc from "fast-check"
import { createCipheriv, createDecipheriv } from "node:crypto"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as Des from "../src/Des.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"

const of = Bytes.of
const written = (bytes: Uint8Array): string => Bytes.hex(bytes)

/** A real FMCOS card: its keys, and what it said when 0.10 was loaded onto an empty purse. */
const dlk = of("3F3F3F3F3F3F3F3F 1122334455667788")
const dtk = of("3434343434343434 1122334455667788")
const random = of("4E066548")
const counter = of("0000")
const load = { amount: of("00000010"), type: 2, terminal: of("666666666666") }
const stamp = { date: of("20240411"), time: of("212121") }

describe("the signatures of a real card", () => {
  const session = PurseCrypto.loadSession(dlk, random, counter)
  it.each([
    ["session key", session, "3B75C79CFA8C2327"],
    ["MAC1", PurseCrypto.loadMac1(session, of("00000000"), load), "0D39ADBB"],
    ["MAC2", PurseCrypto.loadMac2(session, load, stamp), "097E98FE"],
    ["TAC key", PurseCrypto.tacKey(dtk), "25160770615243BC"],
    ["TAC", PurseCrypto.loadTac(dtk, of("00000010"), counter, load, stamp), "A802863E"],
    [
      "a card's key from the master key",
      PurseCrypto.diversify(of("00112233445566778899AABBCCDDEEFF"), of("1122334455667788")),
      "496BD7A3513644533100B54E71196528"
    ],
    ["external authentication", PurseCrypto.authentication(of("0102030405060708"), of("BB83BFF3")), "74B0047DD681D96C"]
  ])("%s", (_, found, expected) => expect(written(found)).toBe(expected))

  it("a card is named in its key by the last eight bytes of its serial number", () => {
    expect(written(PurseCrypto.factorOf(of("00061998081700000030")))).toBe("1998081700000030")
  })
})

describe("a purchase: computed with OpenSSL from JR/T 0025", () => {
  const dpk = dlk
  const purchase = { amount: of("00000010"), type: 6, terminal: of("112233445566") }
  const session = PurseCrypto.purchaseSession(dpk, random, of("002A"), of("01020304"))
  it.each([
    ["session key", session, "94D21D620D9D735A"],
    ["MAC1", PurseCrypto.purchaseMac1(session, purchase, stamp), "62BEDBA9"],
    ["MAC2", PurseCrypto.purchaseMac2(session, purchase.amount), "FBE67C19"],
    ["TAC", PurseCrypto.purchaseTac(dtk, purchase, of("01020304"), stamp), "B33CA0FD"]
  ])("%s", (_, found, expected) => expect(written(found)).toBe(expected))
})

describe("a protected write: computed with OpenSSL from the manual of FMCOS 2.0, 9", () => {
  const key = of("0123456789ABCDEF FEDCBA9876543210")
  const challenge = random
  it.each([
    ["one block", "04D6998006 AABB", key, "A0D8A2E6"],
    ["two blocks", "04D699000C 0011223344556677", key, "ACAE30FF"],
    ["with a key of 8 bytes", "04D699000C 0011223344556677", key.slice(0, 8), "33F576A1"]
  ])(
    "%s",
    (_, command, key, expected) => expect(written(PurseCrypto.commandMac(key, challenge, of(command)))).toBe(expected)
  )
})

describe("padding: 80 and zeros up to whole blocks, one more after a whole block", () => {
  it.each([
    ["", "8000000000000000"],
    ["11", "1180000000000000"],
    ["11223344556677", "1122334455667780"],
    ["1122334455667788", "11223344556677888000000000000000"]
  ])("%s", (plain, padded) => expect(written(PurseCrypto.pad(of(plain)))).toBe(padded))
})

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const blocks = fc.integer({ min: 1, max: 6 }).chain((count) => bytes(8 * count))

/** OpenSSL has no single DES any more: three times the same key is one. */
const judge = (key: Uint8Array): Uint8Array =>
  key.length === 8 ? Bytes.join(key, key, key) : Bytes.join(key, key.subarray(0, 8))

describe("OpenSSL gives the same", () => {
  const key = fc.oneof(bytes(8), bytes(16))
  it("enciphering and deciphering", () =>
    fc.assert(fc.property(key, blocks, (key, data) => {
      const cipher = createCipheriv("des-ede3-ecb", judge(key), null).setAutoPadding(false)
      expect(written(Des.encrypt(key, data))).toBe(written(cipher.update(data)))
      const decipher = createDecipheriv("des-ede3-ecb", judge(key), null).setAutoPadding(false)
      expect(written(Des.decrypt(key, data))).toBe(written(Bytes.join(decipher.update(data), decipher.final())))
    })))

  it("MAC: the last block of the chain", () =>
    fc.assert(fc.property(bytes(8), fc.uint8Array({ maxLength: 60 }), (key, data) => {
      const cipher = createCipheriv("des-ede3-cbc", judge(key), new Uint8Array(8)).setAutoPadding(false)
      expect(written(PurseCrypto.mac(key, data))).toBe(written(cipher.update(PurseCrypto.pad(data)).subarray(-8, -4)))
    })))

  it("the signature on a command: only the last block takes both halves of the key", () =>
    fc.assert(fc.property(bytes(16), bytes(4), fc.uint8Array({ maxLength: 60 }), (key, challenge, data) => {
      const [left, right] = [key.slice(0, 8), key.slice(8)]
      const chain = createCipheriv("des-ede3-cbc", judge(left), Bytes.join(challenge, of("00000000")))
        .setAutoPadding(false).update(PurseCrypto.pad(data)).subarray(-8)
      const inner = createDecipheriv("des-ede3-ecb", judge(right), null).setAutoPadding(false)
      const middle = Bytes.join(inner.update(chain), inner.final())
      const outer = createCipheriv("des-ede3-ecb", judge(left), null).setAutoPadding(false).update(middle)
      expect(written(PurseCrypto.commandMac(key, challenge, data))).toBe(written(outer.subarray(0, 4)))
    })))
})

/** What card.md says, with OpenSSL alone: nothing of what is tested. */
const hexOf = (text: string): Buffer => Buffer.from(text, "hex")
const openssl = {
  single: (key: Buffer) => Buffer.concat([key, key, key]),
  triple: (key: Buffer) => Buffer.concat([key, key.subarray(0, 8)]),
  session: (key: Uint8Array, plain: Buffer): Buffer =>
    createCipheriv("des-ede3-ecb", openssl.triple(Buffer.from(key)), null).setAutoPadding(false).update(plain),
  mac: (key: Buffer, ...parts: ReadonlyArray<Uint8Array | string>): string => {
    const data = Buffer.concat(parts.map((part) => typeof part === "string" ? hexOf(part) : part))
    const padded = Buffer.concat([data, Buffer.from([0x80]), Buffer.alloc(7 - data.length % 8)])
    const chained = createCipheriv("des-ede3-cbc", openssl.single(key), Buffer.alloc(8)).setAutoPadding(false)
    return chained.update(padded).subarray(-8).subarray(0, 4).toString("hex").toUpperCase()
  },
  tacKey: (key: Uint8Array): Buffer => Buffer.from(key.subarray(0, 8).map((byte, at) => byte ^ (key[at + 8] ?? 0)))
}

/** A transaction of any numbers, in the bytes of the commands. */
const dealing = fc.record({
  key: bytes(16),
  tac: bytes(16),
  random: bytes(4),
  counter: bytes(2),
  terminalSequence: bytes(4),
  balance: bytes(4),
  amount: bytes(4),
  terminal: bytes(6),
  date: bytes(4),
  time: bytes(3)
})

describe("D11: any transaction is signed as JR/T 0025.1-2005 and the manual of FMCOS 2.0 say", () => {
  it("a purchase: session key, MAC1, MAC2, TAC", () =>
    fc.assert(fc.property(dealing, (dealt) => {
      const { amount, counter, date, key, random, tac, terminal, terminalSequence, time } = dealt
      const session = openssl.session(key, Buffer.concat([random, counter, terminalSequence.slice(2)]))
      const ours = PurseCrypto.purchaseSession(key, random, counter, terminalSequence)
      const purchase = { amount, type: 6, terminal }
      expect({
        session: written(ours),
        mac1: written(PurseCrypto.purchaseMac1(ours, purchase, { date, time })),
        mac2: written(PurseCrypto.purchaseMac2(ours, amount)),
        tac: written(PurseCrypto.purchaseTac(tac, purchase, terminalSequence, { date, time }))
      }).toEqual({
        session: written(session),
        mac1: openssl.mac(session, amount, "06", terminal, date, time),
        mac2: openssl.mac(session, amount),
        tac: openssl.mac(openssl.tacKey(tac), amount, "06", terminal, terminalSequence, date, time)
      })
    })))

  it("a load: session key, MAC1, MAC2, TAC", () =>
    fc.assert(fc.property(dealing, (dealt) => {
      const { amount, balance, counter, date, key, random, tac, terminal, time } = dealt
      const session = openssl.session(key, Buffer.concat([random, counter, hexOf("8000")]))
      const ours = PurseCrypto.loadSession(key, random, counter)
      const load = { amount, type: 2, terminal }
      expect({
        session: written(ours),
        mac1: written(PurseCrypto.loadMac1(ours, balance, load)),
        mac2: written(PurseCrypto.loadMac2(ours, load, { date, time })),
        tac: written(PurseCrypto.loadTac(tac, balance, counter, load, { date, time }))
      }).toEqual({
        session: written(session),
        mac1: openssl.mac(session, balance, amount, "02", terminal),
        mac2: openssl.mac(session, amount, "02", terminal, date, time),
        tac: openssl.mac(openssl.tacKey(tac), balance, counter, amount, "02", terminal, date, time)
      })
    })))
})
