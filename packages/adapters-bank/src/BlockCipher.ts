/**
 * The block ciphers of Chinese bank terminals 分组密码, block by block without padding: DES and 3DES (key of 8, 16 or 24
 * bytes, block of 8) and SM4 国密算法 (key of 16 bytes, block of 16).
 *
 * Sources: FIPS 46-3, GB/T 32907-2016. DES is weak; terminals and banks in the field speak nothing else, so it stays
 * behind their wires. OpenSSL 3 has no single DES any more: the same key three times is one (EDE of K, K, K).
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto"

/** Which cipher; the length of the key says whether DES is single or triple. */
export type Algorithm = "des" | "sm4"

/** A key, which no log shows. */
export interface Key {
  readonly algorithm: Algorithm
  readonly secret: KeyObject
}

const lengths: Readonly<Record<Algorithm, ReadonlyArray<number>>> = { des: [8, 16, 24], sm4: [16] }

/** The size of a block, in bytes. */
export const blockSize = (algorithm: Algorithm): number => algorithm === "des" ? 8 : 16

/** A key from its bytes; throws RangeError for a length that the cipher does not have. */
export const key = (algorithm: Algorithm, bytes: Uint8Array): Key => {
  if (!lengths[algorithm].includes(bytes.length)) {
    throw new RangeError(`A key of ${algorithm} has ${lengths[algorithm].join(" or ")} bytes`)
  }
  return { algorithm, secret: createSecretKey(bytes) }
}

/** The bytes of a key, for what has to encipher or halve it. */
export const bytes = (key: Key): Uint8Array => key.secret.export()

/** The length of a key, in bytes. */
export const length = (key: Key): number => key.secret.symmetricKeySize ?? 0

/** The key as OpenSSL takes it: always three parts. */
const inParts = (key: Key): Uint8Array => {
  const given = bytes(key)
  if (key.algorithm === "sm4" || given.length === 24) return given
  return given.length === 8 ? Buffer.concat([given, given, given]) : Buffer.concat([given, given.subarray(0, 8)])
}

const name = (key: Key, mode: "ecb" | "cbc"): string => `${key.algorithm === "des" ? "des-ede3" : "sm4"}-${mode}`

const whole = (key: Key, data: Uint8Array): void => {
  if (data.length % blockSize(key.algorithm) !== 0) throw new RangeError("The cipher takes whole blocks")
}

/** Enciphers whole blocks, each for itself (ECB); throws RangeError for others. */
export const encrypt = (key: Key, data: Uint8Array): Uint8Array => {
  whole(key, data)
  const cipher = createCipheriv(name(key, "ecb"), inParts(key), null).setAutoPadding(false)
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]))
}

/** The way back. */
export const decrypt = (key: Key, data: Uint8Array): Uint8Array => {
  whole(key, data)
  const cipher = createDecipheriv(name(key, "ecb"), inParts(key), null).setAutoPadding(false)
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]))
}

/** The last block of the chain (CBC) that begins with zeros; throws RangeError for no block. */
export const lastOfChain = (key: Key, data: Uint8Array): Uint8Array => {
  whole(key, data)
  const size = blockSize(key.algorithm)
  if (data.length === 0) throw new RangeError("A chain has a block")
  const cipher = createCipheriv(name(key, "cbc"), inParts(key), new Uint8Array(size)).setAutoPadding(false)
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]).subarray(-size))
}

/** Zeros up to whole blocks (ISO/IEC 9797-1, padding method 1); nothing becomes one block. */
export const zeroPadded = (algorithm: Algorithm, data: Uint8Array): Uint8Array => {
  const size = blockSize(algorithm)
  const padded = new Uint8Array(Math.max(1, Math.ceil(data.length / size)) * size)
  padded.set(data)
  return padded
}

/** By which both sides see that they have the same key 密钥校验值 (KCV): the first bytes of enciphered zeros. */
export const checkValue = (key: Key, size: number): Uint8Array =>
  encrypt(key, new Uint8Array(blockSize(key.algorithm))).slice(0, size)
