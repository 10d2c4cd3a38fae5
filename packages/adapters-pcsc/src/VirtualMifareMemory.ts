/**
 * The memory of a virtual M1 card 虚拟 M1 卡存储: plain data for JSON. It holds its keys in the clear, as the chip does.
 */
import { Schema } from "effect"
import * as AccessBits from "./AccessBits.ts"
import * as Bytes from "./Bytes.ts"
import * as MifareMap from "./MifareMap.ts"

/**
 * A card's memory, for JSON: each block is 32 hexadecimal digits. `uidLength`: bytes of the UID, with which block 0
 * begins.
 */
export const Memory = Schema.Struct({
  size: Schema.Literals(["1K", "4K"]),
  uidLength: Schema.Literals([4, 7]),
  blocks: Schema.Array(Schema.String.check(Schema.isPattern(/^[0-9A-F]{32}$/u)))
}).check(Schema.makeFilter(
  ({ blocks, size }: { readonly blocks: ReadonlyArray<string>; readonly size: MifareMap.Size }) =>
    blocks.length === MifareMap.extent[size].blocks,
  { expected: "64 blocks for a card of 1 KB, 256 for one of 4 KB" }
))
export type Memory = typeof Memory.Type

/** A card as it is delivered: zeros, and keys of FF for everything. `uid`: 4 or 7 bytes. */
export const blank = (size: MifareMap.Size, uid: Bytes.Bytes): Memory => {
  if (uid.length !== 4 && uid.length !== 7) throw new RangeError("A UID has 4 or 7 bytes")
  const ones = new Uint8Array(6).fill(0xff)
  const trailer = Bytes.join(ones, AccessBits.encode(AccessBits.transport), 0x69, ones)
  // A short UID is followed by its check byte; what the maker writes after it is left empty.
  const maker = uid.length === 4 ? Bytes.join(uid, uid.reduce((sum, byte) => sum ^ byte, 0)) : uid
  const blocks = Array.from({ length: MifareMap.extent[size].blocks }, (_, block) => {
    if (block === 0) return Bytes.join(maker, new Uint8Array(MifareMap.blockSize - maker.length))
    return MifareMap.isReserved(block) ? trailer : new Uint8Array(MifareMap.blockSize)
  })
  return { size, uidLength: uid.length, blocks: blocks.map(Bytes.hex) }
}
