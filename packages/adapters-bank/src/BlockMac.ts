/**
 * The message authentication codes of bank terminals 报文鉴别码: eight bytes over a text, with a key that both sides have.
 *
 * - `ecb`: 银联 ECB 算法. All blocks of eight are added (XOR) into one, written as sixteen hexadecimal digits; the first
 *   eight of them are enciphered, the last eight added, enciphered again; its first eight digits are the MAC.
 * - `x99`: ANSI X9.9, the last block of DES in CBC (ISO/IEC 9797-1, algorithm 1).
 * - `x919`: ANSI X9.19, the same with a key of 16 bytes whose second half guards the last block (algorithm 3).
 * - `sm4`: the first eight bytes of the last block of SM4 in CBC.
 *
 * All fill up with zeros, so two texts that differ in zeros at the end have one MAC: a text must tell its own length.
 */
import { timingSafeEqual } from "node:crypto"
import * as BlockCipher from "./BlockCipher.ts"

/** Which of them. */
export type Method = "ecb" | "x99" | "x919" | "sm4"

/** The length of every MAC, in bytes. */
export const size = 8

const keyLengths: Readonly<Record<Method, ReadonlyArray<number>>> = {
  ecb: [8, 16, 24],
  x99: [8],
  x919: [16],
  sm4: [16]
}

/** Whether a key is one for this method. */
export const fits = (method: Method, key: BlockCipher.Key): boolean =>
  (method === "sm4") === (key.algorithm === "sm4") && keyLengths[method].includes(BlockCipher.length(key))

const folded = (data: Uint8Array): Uint8Array => {
  const sum = new Uint8Array(size)
  for (const [at, byte] of data.entries()) sum[at % size] = (sum[at % size] ?? 0) ^ byte
  return sum
}

const digits = (bytes: Uint8Array): Uint8Array => Buffer.from(Buffer.from(bytes).toString("hex").toUpperCase(), "ascii")

const ecb = (key: BlockCipher.Key, data: Uint8Array): Uint8Array => {
  const written = digits(folded(data))
  const first = BlockCipher.encrypt(key, written.subarray(0, size))
  const second = BlockCipher.encrypt(key, first.map((byte, at) => byte ^ (written[size + at] ?? 0)))
  return Uint8Array.from(digits(second).subarray(0, size))
}

const x919 = (key: BlockCipher.Key, data: Uint8Array): Uint8Array => {
  const halves = BlockCipher.bytes(key)
  const left = BlockCipher.key("des", halves.subarray(0, 8))
  const right = BlockCipher.key("des", halves.subarray(8))
  return BlockCipher.encrypt(left, BlockCipher.decrypt(right, BlockCipher.lastOfChain(left, data)))
}

/** The MAC of a text; throws RangeError for a key that is none for the method. */
export const make = (method: Method, key: BlockCipher.Key, data: Uint8Array): Uint8Array => {
  if (!fits(method, key)) throw new RangeError(`The key does not fit the MAC ${method}`)
  const padded = BlockCipher.zeroPadded(key.algorithm, data)
  switch (method) {
    case "ecb":
      return ecb(key, padded)
    case "x919":
      return x919(key, padded)
    case "x99":
    case "sm4":
      return BlockCipher.lastOfChain(key, padded).slice(0, size)
  }
}

/** Whether a MAC is that of the text, in a time that does not tell where they differ. */
export const isOf = (mac: Uint8Array, method: Method, key: BlockCipher.Key, data: Uint8Array): boolean =>
  mac.length === size && timingSafeEqual(mac, make(method, key, data))
