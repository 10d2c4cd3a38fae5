/**
 * What a reader sends to a card and what comes back 应用协议数据单元: command and response of ISO/IEC 7816-4.
 *
 * Building and reading are pure. A command may be short (up to 255 bytes of data, 256 expected) or extended (up to 65,535 and
 * 65,536); a response is any data and two bytes of status.
 */
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"
import type { Protocol } from "./CardChannel.ts"

/**
 * A command. `data`: up to 65,535 bytes, none where it is left out. `expected`: how many bytes are asked for (Le), 1 to
 * 65,536; left out where no data is asked for. 256 asks for "as many as there are" in the short form, 65,536 in the extended.
 */
export interface Command {
  readonly cla: number
  readonly ins: number
  readonly p1: number
  readonly p2: number
  readonly data?: Bytes.Bytes
  readonly expected?: number
}

/** An answer: what came, and the status word (SW1 SW2) as a number, 0x9000 for good. */
export interface Response {
  readonly data: Bytes.Bytes
  readonly status: number
}

/** Bytes that are no command or no response. It repeats none of them: they may hold a PIN. */
export interface ApduMalformed {
  readonly _tag: "ApduMalformed"
  readonly problem: "TooShort" | "LengthsDisagree" | "ZeroLength"
}

const malformed = (problem: ApduMalformed["problem"]): Result.Result<never, ApduMalformed> =>
  Result.fail({ _tag: "ApduMalformed", problem })

const longest = 0xffff
const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xff

/** Whether it takes the extended form, which not every reader and card speaks. */
export const isExtended = ({ data, expected = 0 }: Command): boolean => (data?.length ?? 0) > 0xff || expected > 0x100

/**
 * The bytes of a command, in the shortest form that holds it. Throws RangeError for numbers that no command can have.
 *
 * @example
 * ```ts
 * import { Apdu, Bytes } from "@yikatong/adapters-pcsc"
 *
 * const balance = { cla: 0x80, ins: 0x5c, p1: 0, p2: 2, expected: 4 }
 * Bytes.hex(Apdu.encode(balance)) // => "805C000204"
 * ```
 */
export const encode = (command: Command): Bytes.Bytes => {
  const { cla, data = new Uint8Array(), expected, ins, p1, p2 } = command
  if (![cla, ins, p1, p2].every(isByte)) throw new RangeError("CLA, INS, P1 and P2 are one byte each")
  if (data.length > longest) throw new RangeError(`A command holds ${longest} bytes of data, not ${data.length}`)
  if (expected !== undefined && !(Number.isInteger(expected) && expected >= 1 && expected <= longest + 1)) {
    throw new RangeError(`A command asks for 1 to ${longest + 1} bytes, not ${expected}`)
  }
  const header = Uint8Array.of(cla, ins, p1, p2)
  if (!isExtended(command)) {
    return Bytes.join(
      header,
      ...(data.length === 0 ? [] : [data.length, data]),
      ...(expected === undefined ? [] : [expected & 0xff])
    )
  }
  return Bytes.join(
    header,
    0,
    ...(data.length === 0 ? [] : [Bytes.ofNumber(data.length, 2), data]),
    ...(expected === undefined ? [] : [Bytes.ofNumber(expected & longest, 2)])
  )
}

/**
 * The bytes as they are sent over a protocol. Over T=0 a command has either data or Le (ISO/IEC 7816-3, 12.2): one that has both is sent
 * without Le, and its answer is fetched after `61xx`. Some drivers take a Le for a mistake, and call the card mute.
 */
export const encodeFor = (protocol: Protocol | undefined, command: Command): Bytes.Bytes => {
  const { expected: _, ...bare } = command
  return encode(protocol === "T=0" && hasData(command) ? bare : command)
}

/** Whether it brings data. */
export const hasData = ({ data }: Command): boolean => data !== undefined && data.length > 0

/** The command that these bytes are: all cases of ISO/IEC 7816-3, 12.1. */
export const decode = (bytes: Bytes.Bytes): Result.Result<Command, ApduMalformed> => {
  const [cla, ins, p1, p2, first] = bytes
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return malformed("TooShort")
  const header = { cla, ins, p1, p2 }
  if (first === undefined) return Result.succeed(header)
  const body = bytes.subarray(4)
  if (body.length === 1) return Result.succeed({ ...header, expected: first === 0 ? 0x100 : first })
  const isLong = first === 0
  if (isLong && body.length === 3) {
    return Result.succeed({ ...header, expected: Bytes.toNumber(body.subarray(1)) || longest + 1 })
  }
  const at = isLong ? 3 : 1
  if (body.length < at) return malformed("TooShort")
  const length = isLong ? Bytes.toNumber(body.subarray(1, 3)) : first
  if (length === 0) return malformed("ZeroLength")
  const data = body.slice(at, at + length)
  const rest = body.subarray(at + length)
  if (data.length !== length) return malformed("LengthsDisagree")
  if (rest.length === 0) return Result.succeed({ ...header, data })
  if (rest.length !== (isLong ? 2 : 1)) return malformed("LengthsDisagree")
  const expected = Bytes.toNumber(rest) || (isLong ? longest + 1 : 0x100)
  return Result.succeed({ ...header, data, expected })
}

/** The bytes of a response. */
export const encodeResponse = ({ data, status }: Response): Bytes.Bytes => Bytes.join(data, Bytes.ofNumber(status, 2))

/** The response that these bytes are. Less than two are none: the card was gone, whatever the reader says. */
export const decodeResponse = (bytes: Bytes.Bytes): Result.Result<Response, ApduMalformed> =>
  bytes.length < 2
    ? malformed("TooShort")
    : Result.succeed({ data: bytes.slice(0, -2), status: Bytes.toNumber(bytes.subarray(-2)) })

/** What may be told of a command: its header and lengths. Data may hold a PIN or a MAC, and is left out. */
export const told = ({ cla, data, expected, ins, p1, p2 }: Command): string => {
  const header = Bytes.hex(Uint8Array.of(cla, ins, p1, p2))
  return `${header}${data === undefined ? "" : ` +${data.length}`}${expected === undefined ? "" : ` ?${expected}`}`
}
