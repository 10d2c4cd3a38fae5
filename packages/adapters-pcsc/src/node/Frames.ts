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

/** Puts frames together: give it what came, in order, and it gives the bodies that are whole by then. */
export const assembler = (): (chunk: Bytes.Bytes) => ReadonlyArray<Bytes.Bytes> => {
  let rest: Bytes.Bytes = new Uint8Array()
  return (chunk) => {
    rest = Bytes.join(rest, chunk)
    const bodies: Array<Bytes.Bytes> = []
    for (;;) {
      if (rest.length < 2) return bodies
      const end = 2 + Bytes.toNumber(rest.subarray(0, 2))
      if (rest.length < end) return bodies
      bodies.push(rest.slice(2, end))
      rest = rest.slice(end)
    }
  }
}
