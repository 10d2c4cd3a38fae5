/**
 * A message of a described link 链路报文: of which kind it is, and its values; as bytes behind the length and before the
 * MAC.
 *
 * The MAC is looked at before anything is read. Source: none; such links are agreed on between a bank and a school.
 */
import { Callback } from "@yikatong/core"
import { Result } from "effect"
import type * as BlockCipher from "../BlockCipher.ts"
import * as BlockMac from "../BlockMac.ts"
import type { Link } from "./Layout.ts"
import * as LayoutRecord from "./LayoutRecord.ts"

/** A message by the name that its kind has here, not by the bank's code. */
export interface LinkMessage {
  readonly kind: string
  readonly values: LayoutRecord.Values
}

const macDigits = 2 * BlockMac.size

const written = (mac: Uint8Array): Buffer => Buffer.from(Buffer.from(mac).toString("hex").toUpperCase(), "ascii")

const withMac = (link: Link, key: BlockCipher.Key | undefined, bytes: Uint8Array): Uint8Array => {
  if (link.mac === "none") return bytes
  if (key === undefined) throw new RangeError("This link needs the key of its MAC")
  return Uint8Array.from(Buffer.concat([bytes, written(BlockMac.make(link.mac, key, bytes))]))
}

/** Writes a message. Throws RangeError where the link has a MAC and no key, or one of another kind, is given. */
export const write = (
  link: Link,
  { kind, values }: LinkMessage,
  key?: BlockCipher.Key
): Result.Result<Uint8Array, Callback.Refusal> => {
  const described = Object.hasOwn(link.messages, kind) ? link.messages[kind] : undefined
  if (described === undefined) return Result.fail(Callback.refusal("unsupported", "the kind of the message"))
  const fields = [...link.head, ...described.body]
  const record = LayoutRecord.write(link, fields, { ...values, [link.kind]: described.code })
  return Result.map(record, (bytes) => withMac(link, key, bytes))
}

const unsealed = (
  link: Link,
  bytes: Uint8Array,
  key: BlockCipher.Key | undefined
): Result.Result<Uint8Array, Callback.Refusal> => {
  if (link.mac === "none") return Result.succeed(bytes)
  if (key === undefined) throw new RangeError("This link needs the key of its MAC")
  const told = bytes.subarray(-macDigits)
  const record = bytes.subarray(0, -macDigits)
  const mac = Buffer.from(Buffer.from(told).toString("latin1"), "hex")
  return bytes.length > macDigits && written(mac).equals(told) && BlockMac.isOf(mac, link.mac, key, record)
    ? Result.succeed(record)
    : Result.fail(Callback.refusal("forged", "the MAC"))
}

/** Reads a message to its last byte. */
export const read = (
  link: Link,
  bytes: Uint8Array,
  key?: BlockCipher.Key
): Result.Result<LinkMessage, Callback.Refusal> =>
  Result.gen(function*() {
    if (bytes.length > link.prefix.largest) return yield* Result.fail(Callback.refusal("tooLarge", "the message"))
    const record = yield* LayoutRecord.cursor(link, yield* unsealed(link, bytes, key))
    const { [link.kind]: code, ...head } = yield* record.take(link.head)
    const found = Object.entries(link.messages).find(([, message]) => message.code === code)
    if (found === undefined) {
      return yield* Result.fail(Callback.refusal("unsupported", "the kind of the message"))
    }
    const [kind, { body }] = found
    const values = { ...head, ...yield* record.take(body) }
    yield* record.end()
    return { kind, values }
  })
