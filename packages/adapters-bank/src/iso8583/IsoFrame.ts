/**
 * How an ISO 8583 message travels over TCP 报文头: two bytes of length, the address of the line 传输协议数据单元 (TPDU, five
 * bytes), a header that not every host has (six bytes), and the message.
 *
 * Source: 银联POS终端规范 (Q/CUP 009), chapter 报文结构. The length counts what follows it.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import * as LengthPrefix from "../LengthPrefix.ts"

/**
 * How one host wants its frames. `tpdu`: five bytes, from terminal to host. `header`: bytes of it, as a terminal sends
 * it.
 */
export interface Framing {
  readonly tpdu: Uint8Array
  readonly header: Uint8Array
  /** The most bytes of a frame, without its length. */
  readonly largest: number
}

/** What came in one frame. */
export interface IsoFrame {
  readonly tpdu: Uint8Array
  readonly header: Uint8Array
  readonly message: Uint8Array
}

const tpduSize = 5

/** The framing of 银联POS: destination 0003 and no header. */
export const unionPayPos: Framing = {
  tpdu: Uint8Array.of(0x60, 0x00, 0x03, 0x00, 0x00),
  header: new Uint8Array(0),
  largest: 4_096
}

const prefix = ({ largest }: Framing): LengthPrefix.Prefix => ({
  form: "binary",
  size: 2,
  countsItself: false,
  largest
})

/** The address of an answer: from and to are the other way round. */
export const returned = (tpdu: Uint8Array): Uint8Array =>
  Uint8Array.from([...tpdu.subarray(0, 1), ...tpdu.subarray(3, 5), ...tpdu.subarray(1, 3)])

/** A message with all that stands before it; throws RangeError for one that is too long. `tpdu`: for an answer. */
export const write = (framing: Framing, message: Uint8Array, tpdu: Uint8Array = framing.tpdu): Uint8Array =>
  LengthPrefix.write(prefix(framing), Buffer.concat([tpdu, framing.header, message]))

/** Takes a frame apart that came without its length. The TPDU is no secret and nobody's proof: it is only told. */
export const read = (framing: Framing, bytes: Uint8Array): Result.Result<IsoFrame, Callback.Refusal> => {
  const from = tpduSize + framing.header.length
  if (bytes.length <= from) return Result.fail(Callback.refusal("malformed", "a frame without a message"))
  if (bytes[0] !== framing.tpdu[0]) return Result.fail(Callback.refusal("malformed", "the TPDU of a frame"))
  return Result.succeed({
    tpdu: bytes.slice(0, tpduSize),
    header: bytes.slice(tpduSize, from),
    message: bytes.slice(from)
  })
}

/** A reader of one stream of frames; each goes to {@link read}. */
export const reader = (framing: Framing): LengthPrefix.Reader => LengthPrefix.reader(prefix(framing))
