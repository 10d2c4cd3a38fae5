/**
 * A checksum of four bytes 循环冗余校验: CRC-32 of ISO/IEC 13239 (as in Ethernet and zip). It finds what was half
 * written or has faded; it is no signature, and protects from nobody.
 */
import * as Bytes from "./Bytes.ts"

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let rest = index
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? rest >>> 1 ^ 0xedb8_8320 : rest >>> 1
  return rest
})

/** The checksum, 4 bytes, the highest first. */
export const of = (bytes: Bytes.Bytes): Bytes.Bytes => {
  let rest = 0xffff_ffff
  for (const byte of bytes) rest = rest >>> 8 ^ (table[(rest ^ byte) & 0xff] ?? 0)
  return Bytes.ofNumber((rest ^ 0xffff_ffff) >>> 0, 4)
}
