/**
 * A fuse for the key of files 密钥熔断: a card counts three wrong signatures, and then its application is gone for ever.
 * A terminal with a wrong key must not take card after card with it.
 *
 * A card that has refused a signature is not asked again, which costs it one try and no more. Where different cards in
 * a row have refused, with none between them that took one, it is the key that is wrong: nothing is signed any more,
 * until somebody makes the keys anew.
 */
import * as Bytes from "./Bytes.ts"

/** So many different cards in a row. */
export const most = 3

/** Serial numbers in hexadecimal. `refused`: the cards that have refused; `row`: those since the last right one. */
export interface KeyFuse {
  readonly refused: ReadonlySet<string>
  readonly row: ReadonlySet<string>
}

export const whole: KeyFuse = { refused: new Set(), row: new Set() }

/** Whether the key is wrong for all cards. It stays so. */
export const isBlown = ({ row }: KeyFuse): boolean => row.size >= most

/** Whether nothing may be signed for this card. */
export const isOpen = (fuse: KeyFuse, serial: Bytes.Bytes): boolean =>
  isBlown(fuse) || fuse.refused.has(Bytes.hex(serial))

/** The fuse after a card has taken a signature or refused it. */
export const judged = (fuse: KeyFuse, serial: Bytes.Bytes, isRight: boolean): KeyFuse => {
  if (isBlown(fuse)) return fuse
  if (isRight) return { ...fuse, row: new Set() }
  const card = Bytes.hex(serial)
  return { refused: new Set([...fuse.refused, card]), row: new Set([...fuse.row, card]) }
}
