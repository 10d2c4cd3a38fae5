/**
 * DES and triple DES 数据加密标准, as the purse of PBOC cards uses them: no padding, keys of 8 bytes (DES) or 16 (3DES with two
 * keys).
 *
 * Both are broken or weak by now; the cards in the field speak nothing else. The cipher is the library des.js, since neither
 * browsers nor OpenSSL 3 have single DES (decision 0027).
 */
import des from "des.js"
import * as Bytes from "./Bytes.ts"

/** The size of a block and of a single key, in bytes. */
export const blockSize = 8

const run = (type: "encrypt" | "decrypt", key: Bytes.Bytes, data: Bytes.Bytes): Bytes.Bytes => {
  if (data.length % blockSize !== 0) throw new RangeError("DES takes whole blocks of 8 bytes")
  if (key.length !== blockSize && key.length !== 2 * blockSize) throw new RangeError("A key has 8 or 16 bytes")
  const options = {
    type,
    key: key.length === blockSize ? key : Bytes.join(key, key.subarray(0, blockSize)),
    padding: false
  } as const
  const cipher = key.length === blockSize ? des.DES.create(options) : des.EDE.create(options)
  const first = cipher.update(data)
  return Uint8Array.from([...first, ...(type === "decrypt" ? cipher.final() : [])])
}

/** Block by block (ECB), with DES or 3DES as the length of the key says. Throws RangeError for other lengths. */
export const encrypt = (key: Bytes.Bytes, data: Bytes.Bytes): Bytes.Bytes => run("encrypt", key, data)

/** The way back. */
export const decrypt = (key: Bytes.Bytes, data: Bytes.Bytes): Bytes.Bytes => run("decrypt", key, data)

/** The last block of the chain (CBC). `data`: whole blocks; `initial`: 8 bytes. */
export const lastOfChain = (key: Bytes.Bytes, initial: Bytes.Bytes, data: Bytes.Bytes): Bytes.Bytes => {
  let block = initial
  for (let at = 0; at < data.length; at += blockSize) {
    block = encrypt(key, exclusiveOr(block, data.subarray(at, at + blockSize)))
  }
  return block
}

/** Byte by byte, one or the other; as long as the first. */
export const exclusiveOr = (one: Bytes.Bytes, other: Bytes.Bytes): Bytes.Bytes =>
  one.map((byte, at) => byte ^ (other[at] ?? 0))
