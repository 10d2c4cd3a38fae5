/**
 * What a card says as its application is selected 文件控制信息: nested tags, lengths and values (ISO/IEC 7816-4,
 * 5.3.3).
 *
 * Cards differ in it and other systems' cards much more, so nothing is taken for granted: what can not be read is left
 * out.
 */
import type * as Bytes from "./Bytes.ts"

/** `name`: the DF name (84); `own`: the issuer's own data (A5 9F0C), on campus cards the thirty bytes of file 15. */
export interface Fci {
  readonly name: Bytes.Bytes | undefined
  readonly own: Bytes.Bytes | undefined
}

/** The tags of one level, with tags of one or two bytes and lengths up to 255; undefined where the bytes are none. */
const tags = (bytes: Bytes.Bytes): ReadonlyMap<number, Bytes.Bytes> | undefined => {
  const found = new Map<number, Bytes.Bytes>()
  for (let at = 0; at < bytes.length;) {
    let tag = bytes[at++] ?? 0
    if ((tag & 0x1f) === 0x1f) tag = tag << 8 | (bytes[at++] ?? 0)
    let length = bytes[at++]
    if (length === 0x81) length = bytes[at++]
    if (length === undefined || length > 0xff || at + length > bytes.length) return undefined
    found.set(tag, bytes.slice(at, at + length))
    at += length
  }
  return found
}

const none: ReadonlyMap<number, Bytes.Bytes> = new Map()

/** What these bytes say. */
export const decode = (bytes: Bytes.Bytes): Fci => {
  const template = tags(tags(bytes)?.get(0x6f) ?? new Uint8Array()) ?? none
  const proprietary = tags(template.get(0xa5) ?? new Uint8Array()) ?? none
  return { name: template.get(0x84), own: proprietary.get(0x9f0c) }
}
