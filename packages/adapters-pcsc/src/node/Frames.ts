/**
 * The frames of vpcd 虚拟读卡器报文: a length of two bytes, the highest first, and so many bytes. TCP cuts them as it likes.
 */
import { Bytes } from "../index.ts"

/** Longer bodies do not exist. */
export const longest = 0xffff

/** A body with its length before it; one that is too long is cut, since no reader could take it. */
export const frame = (body: Bytes.Bytes): Bytes.Bytes => {
  const sent = body.subarray(0, longest)
  return Bytes.join(Bytes.ofNumber(sent.length, 2), sent)
}

/** A length. */
const head = 2

/**
 * Puts frames together: give it what came, in order, and it gives the bodies that are whole by then. It keeps no more than the frame
 * that is not whole yet, and copies each byte twice at most, however small the chunks are.
 */
export const assembler = (): (chunk: Bytes.Bytes) => ReadonlyArray<Bytes.Bytes> => {
  const length = new Uint8Array(head)
  let body: Bytes.Bytes | undefined
  // Of the length, and once that is known of the body.
  let filled = 0
  return (chunk) => {
    const bodies: Array<Bytes.Bytes> = []
    for (let at = 0; at < chunk.length;) {
      const to = body ?? length
      const part = chunk.subarray(at, at + to.length - filled)
      to.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < to.length) break
      filled = 0
      if (body === undefined) body = new Uint8Array(Bytes.toNumber(length))
      if (to === length && body.length > 0) continue
      bodies.push(body)
      body = undefined
    }
    return bodies
  }
}
