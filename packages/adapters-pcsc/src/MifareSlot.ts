/**
 * The purse as it lies on an M1 card 钱包块: a record of sixteen bytes and the blocks that belong to it, sealed together.
 *
 * The record: version and number of blocks (a nibble each), generation (3 bytes), balance in fen (4), loads (2),
 * purchases (2), seal (4); the highest byte first. The seal is a MAC (ISO/IEC 9797-1, algorithm 3) over the UID, the
 * record before it and all its blocks: a half-written slot, a slot of another card, and one that somebody made up do
 * not bear it.
 */
import { type Chip, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as Bytes from "./Bytes.ts"
import { blockSize } from "./MifareMap.ts"
import * as PurseCrypto from "./PurseCrypto.ts"

/** `generation`: counts every change of the slot pair, from 1. `body`: whole blocks, see `MifareBody`. */
export interface MifareSlot {
  readonly generation: number
  readonly purse: Chip.Reading
  readonly body: Bytes.Bytes
}

/** What a slot is sealed with. */
export interface Seal {
  readonly uid: Bytes.Bytes
  readonly key: Redacted.Redacted<Bytes.Bytes>
}

const version = 1
/** The last that there is of each: what can not be counted on must not be written. */
export const last = { generation: 0xff_ffff, balance: 0xffff_ffff, sequence: 0xffff, blocks: 15 } as const

const sealOf = ({ key, uid }: Seal, head: Bytes.Bytes, body: Bytes.Bytes): Bytes.Bytes =>
  PurseCrypto.commandMac(Redacted.value(key), new Uint8Array(4), Bytes.join(uid.length, uid, head, body))

/** The blocks of a slot, its record first. Throws RangeError beyond `last`. */
export const encode = (seal: Seal, { body, generation, purse }: MifareSlot): ReadonlyArray<Bytes.Bytes> => {
  const count = body.length / blockSize
  if (!Number.isInteger(count) || count > last.blocks) throw new RangeError("A body has up to 15 whole blocks")
  const head = Bytes.join(
    version << 4 | count,
    Bytes.ofNumber(generation, 3),
    Bytes.ofNumber(purse.balance, 4),
    Bytes.ofNumber(purse.loadSequence, 2),
    Bytes.ofNumber(purse.purchaseSequence, 2)
  )
  const blocks = Array.from({ length: count }, (_, at) => body.slice(at * blockSize, (at + 1) * blockSize))
  return [Bytes.join(head, sealOf(seal, head, body)), ...blocks]
}

/** How many blocks belong to this record; nothing where it is none. */
export const countOf = (record: Bytes.Bytes): number | undefined => {
  const [first = 0] = record
  return record.length === blockSize && first >> 4 === version ? first & 0xf : undefined
}

/** The slot that these blocks are, or why they are none. */
export const decode = (seal: Seal, blocks: ReadonlyArray<Bytes.Bytes>): Result.Result<MifareSlot, string> => {
  const [record = new Uint8Array(), ...rest] = blocks
  const body = Bytes.join(...rest)
  if (countOf(record) === undefined) return Result.fail("no record of ours")
  if (body.length !== blockSize * (countOf(record) ?? 0)) return Result.fail("blocks are missing")
  const head = record.slice(0, 12)
  if (!Bytes.equal(record.slice(12), sealOf(seal, head, body))) return Result.fail("its seal is wrong")
  return Result.succeed({
    generation: Bytes.toNumber(head.subarray(1, 4)),
    purse: {
      balance: Money.of(Bytes.toNumber(head.subarray(4, 8))),
      loadSequence: Bytes.toNumber(head.subarray(8, 10)),
      purchaseSequence: Bytes.toNumber(head.subarray(10, 12))
    },
    body
  })
}
