import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as BlockCipher from "../src/BlockCipher.ts"
import * as BlockMac from "../src/BlockMac.ts"
import { enciphered } from "./support/openssl.ts"

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const hex = (given: Uint8Array): string => Buffer.from(given).toString("hex").toUpperCase()

const single = BlockCipher.key("des", bytes("0123456789ABCDEF"))
const double = BlockCipher.key("des", bytes("0123456789ABCDEF FEDCBA9876543210"))
const triple = BlockCipher.key("des", bytes("0123456789ABCDEF FEDCBA9876543210 1122334455667788"))
const sm4 = BlockCipher.key("sm4", bytes("0123456789ABCDEF FEDCBA9876543210"))

describe("block ciphers: the vectors of their standards", () => {
  it.each([
    ["DES: \"Now is t\" of FIPS 81", single, "4E6F772069732074", "3FA40E8A984D4815"],
    ["SM4: GB/T 32907-2016, A.1", sm4, "0123456789ABCDEFFEDCBA9876543210", "681EDF34D206965E86B3E94F536E4246"]
  ])("%s", (_, key, clear, expected) => {
    expect(hex(BlockCipher.encrypt(key, bytes(clear)))).toBe(expected)
    expect(hex(BlockCipher.decrypt(key, bytes(expected)))).toBe(clear)
  })

  it.each(
    [
      ["one key", single, "des-ecb"],
      ["two keys", double, "des-ede-ecb"],
      ["three keys", triple, "des-ede3-ecb"],
      ["SM4", sm4, "sm4-ecb"]
    ] as const
  )("openssl agrees: %s", (_, key, cipher) => {
    const clear = new Uint8Array(64).map((_, at) => 37 * at)
    const found = BlockCipher.encrypt(key, clear)
    expect(hex(found)).toBe(hex(enciphered(cipher, BlockCipher.bytes(key), clear)))
    expect(BlockCipher.decrypt(key, found)).toEqual(clear)
  })

  it.each(
    [
      ["DES of no length", "des", 0],
      ["DES of seven bytes", "des", 7],
      ["SM4 of eight bytes", "sm4", 8],
      ["SM4 of 24 bytes", "sm4", 24]
    ] as const
  )("no key: %s", (_, algorithm, length) => {
    expect(() => BlockCipher.key(algorithm, new Uint8Array(length))).toThrow(RangeError)
  })

  it("half a block is a mistake of the caller", () => {
    expect(() => BlockCipher.encrypt(single, new Uint8Array(9))).toThrow(RangeError)
    expect(() => BlockCipher.decrypt(sm4, new Uint8Array(8))).toThrow(RangeError)
    expect(() => BlockCipher.lastOfChain(single, new Uint8Array(0))).toThrow(RangeError)
  })

  it("no log shows a key", () => {
    expect(JSON.stringify(double)).not.toMatch(/0123|FEDC/i)
    expect(String(double.secret)).not.toMatch(/0123|FEDC/i)
  })

  it("the check value is the beginning of enciphered zeros", () => {
    expect(hex(BlockCipher.checkValue(single, 4))).toBe(
      hex(enciphered("des-ecb", BlockCipher.bytes(single), new Uint8Array(8))).slice(0, 8)
    )
    expect(hex(BlockCipher.checkValue(sm4, 3))).toBe(
      hex(enciphered("sm4-ecb", BlockCipher.bytes(sm4), new Uint8Array(16))).slice(0, 6)
    )
  })
})

const ascii = (text: string): string => Buffer.from(text, "ascii").toString("hex")
/** The two texts of ISO/IEC 9797-1, annex A. */
const whole = ascii("Now is the time for all ")
const cut = ascii("Now is the time for it")

describe("ISO/IEC 9797-1, annex A", () => {
  it.each(
    [
      ["algorithm 1, whole blocks, zeros", "x99", single, whole, "70A30640CC76DD8B"],
      ["algorithm 1, half a block, zeros", "x99", single, cut, "E45B3AD2B7CC0856"],
      ["algorithm 1, whole blocks, 80 and zeros", "x99", single, `${whole}8000000000000000`, "10E1F0F108341B6D"],
      ["algorithm 3, whole blocks, zeros", "x919", double, whole, "A1C72E74EA3FA9B6"],
      ["algorithm 3, half a block, zeros", "x919", double, cut, "2E2B1428CC78254F"],
      ["algorithm 3, whole blocks, 80 and zeros", "x919", double, `${whole}8000000000000000`, "E9086230CA3BE796"]
    ] as const
  )("%s", (_, method, key, text, expected) => {
    expect(hex(BlockMac.make(method, key, bytes(text)))).toBe(expected)
  })
})

const padded = (data: Uint8Array, size: number): Uint8Array => {
  const all = new Uint8Array(Math.max(1, Math.ceil(data.length / size)) * size)
  all.set(data)
  return all
}

/** The ECB MAC of 银联, step by step as its specification tells it, with openssl for the cipher. */
const judged = (key: BlockCipher.Key, data: Uint8Array): Uint8Array => {
  const cipher = BlockCipher.length(key) === 8 ? "des-ecb" : "des-ede-ecb"
  let sum = 0n
  for (let at = 0; at < data.length; at += 8) {
    sum ^= BigInt(`0x${hex(data.subarray(at, at + 8)).padEnd(16, "0")}`)
  }
  const text = Buffer.from(sum.toString(16).toUpperCase().padStart(16, "0"), "ascii")
  const first = enciphered(cipher, BlockCipher.bytes(key), text.subarray(0, 8))
  const second = Uint8Array.from(first, (byte, at) => byte ^ (text[8 + at] ?? 0))
  return Buffer.from(hex(enciphered(cipher, BlockCipher.bytes(key), second)).slice(0, 8), "ascii")
}

describe("openssl agrees", () => {
  const texts = fc.uint8Array({ minLength: 0, maxLength: 80 })
  it("ECB MAC of 银联, keys of 8 and 16 bytes", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(single, double), (text, key) => {
        expect(hex(BlockMac.make("ecb", key, text))).toBe(hex(judged(key, text)))
      }),
      { numRuns: 20 }
    )
  })
  it("X9.9: the last block of CBC", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const chain = enciphered("des-cbc", BlockCipher.bytes(single), padded(text, 8))
        expect(hex(BlockMac.make("x99", single, text))).toBe(hex(chain.subarray(-8)))
      }),
      { numRuns: 20 }
    )
  })
  it("SM4: the left half of the last block of CBC", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const chain = enciphered("sm4-cbc", BlockCipher.bytes(sm4), padded(text, 16))
        expect(hex(BlockMac.make("sm4", sm4, text))).toBe(hex(chain.subarray(-16, -8)))
      }),
      { numRuns: 20 }
    )
  })
})

describe("a MAC is of one text and one key", () => {
  const methods = [["ecb", double], ["x99", single], ["x919", double], ["sm4", sm4]] as const
  it.each(methods)("%s: a bit that changes is seen", (method, key) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), (text, where) => {
        const mac = BlockMac.make(method, key, text)
        const other = text.map((byte, at) => at === where % text.length ? byte ^ 1 << where % 8 : byte)
        expect(BlockMac.isOf(mac, method, key, text)).toBe(true)
        expect(BlockMac.isOf(mac, method, key, other)).toBe(false)
        expect(BlockMac.isOf(mac.subarray(0, 7), method, key, text)).toBe(false)
      })
    )
  })
  it.each([["ecb", sm4], ["x99", double], ["x919", single], ["sm4", double]] as const)(
    "%s: not with a key of another kind",
    (method, key) => {
      expect(BlockMac.fits(method, key)).toBe(false)
      expect(() => BlockMac.make(method, key, new Uint8Array(8))).toThrow(RangeError)
    }
  )
})
