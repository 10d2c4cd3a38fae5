/**
 * A value block of an M1 card 值块: a number that the card itself can add to and take from.
 *
 * Sixteen bytes: the value three times, the second time inverted, and a byte of address four times, every second one
 * inverted. The value is a signed number of 32 bits, the lowest byte first. Source: NXP, MF1S50yyX data sheet,
 * 8.6.2.1.
 */
import { Result } from "effect"
import * as Bytes from "./Bytes.ts"

/** `value`: -2147483648 to 2147483647. `address`: any byte, commonly the number of the block that it is a backup of. */
export interface ValueBlock {
  readonly value: number
  readonly address: number
}

/** A block that is none: of another length, or its copies disagree. */
export interface ValueBlockDamaged {
  readonly _tag: "ValueBlockDamaged"
  readonly problem: "Length" | "Value" | "Address"
}

const damaged = (problem: ValueBlockDamaged["problem"]): Result.Result<never, ValueBlockDamaged> =>
  Result.fail({ _tag: "ValueBlockDamaged", problem })

/** Whether a value block can hold this. */
export const holds = (value: number): boolean => value === (value | 0)

/** The four bytes of a value, the lowest first. Throws RangeError for what is none. */
export const littleEndian = (value: number): Bytes.Bytes => {
  if (!holds(value)) throw new RangeError(`${value} is no signed number of 32 bits`)
  return Bytes.ofNumber(value >>> 0, 4).reverse()
}

const inverted = (bytes: Bytes.Bytes): Bytes.Bytes => bytes.map((byte) => byte ^ 0xff)

/**
 * The sixteen bytes of a value block. Throws RangeError for numbers that none can have.
 *
 * @example
 * ```ts
 * import { Bytes, ValueBlock } from "@yikatong/adapters-pcsc"
 *
 * Bytes.hex(ValueBlock.encode({ value: 100, address: 5 })) // => "640000009BFFFFFF6400000005FA05FA"
 * ```
 */
export const encode = ({ address, value }: ValueBlock): Bytes.Bytes => {
  const number = littleEndian(value)
  const place = Bytes.ofNumber(address, 1)
  return Bytes.join(number, inverted(number), number, place, inverted(place), place, inverted(place))
}

/** The value block that these bytes are; every copy must agree. */
export const decode = (block: Bytes.Bytes): Result.Result<ValueBlock, ValueBlockDamaged> => {
  if (block.length !== 16) return damaged("Length")
  const number = block.slice(0, 4)
  if (!Bytes.equal(block.slice(4, 8), inverted(number)) || !Bytes.equal(block.slice(8, 12), number)) {
    return damaged("Value")
  }
  const place = block.slice(12, 13)
  const places = Bytes.join(place, inverted(place), place, inverted(place))
  if (!Bytes.equal(block.slice(12), places)) return damaged("Address")
  return Result.succeed({ value: Bytes.toNumber(number.reverse()) | 0, address: Bytes.toNumber(place) })
}
