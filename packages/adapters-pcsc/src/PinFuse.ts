/**
 * A fuse for the PIN that a till has of its own 终端密码熔断: a card counts its wrong PINs, three at most schools, and then it is locked.
 * A till that was given a wrong one must not lock card after card with it, and one card with a PIN of its own must not end the till's.
 *
 * A PIN that no card has accepted yet ends with the first that refuses it; one that was accepted ends when three cards in a row refuse
 * it. Then it is shown to no card any more, until the till has made it anew, as when it is started again. A card that has refused it is
 * never shown it again, whatever others say. What a holder has typed is never under the fuse.
 *
 * A PIN is known by its object: make it once, and not at each tap.
 */
import type { Redacted } from "effect"
import type { Bytes } from "./Bytes.ts"

type Pin = Redacted.Redacted<Bytes>

interface Fuse {
  isAccepted: boolean
  isBlown: boolean
  /** The cards that have refused it, the last last. */
  readonly refusedBy: Set<string>
  inRow: number
}

/** Held no longer than the PINs themselves. */
const fuses = new WeakMap<Pin, Fuse>()
const mostInRow = 3
/** So many cards are remembered: a till meets the same ones again. */
const mostCards = 10_000

const fuseOf = (own: Pin): Fuse => {
  const known = fuses.get(own)
  if (known !== undefined) return known
  const fuse: Fuse = { isAccepted: false, isBlown: false, refusedBy: new Set(), inRow: 0 }
  fuses.set(own, fuse)
  return fuse
}

/** A card has refused it. `card`: which. */
export const refused = (own: Pin, card: string): void => {
  const fuse = fuseOf(own)
  fuse.inRow++
  fuse.isBlown ||= !fuse.isAccepted || fuse.inRow >= mostInRow
  fuse.refusedBy.add(card)
  const [oldest] = fuse.refusedBy
  if (fuse.refusedBy.size > mostCards && oldest !== undefined) fuse.refusedBy.delete(oldest)
}

/** A card has accepted it. */
export const accepted = (own: Pin): void => {
  const fuse = fuseOf(own)
  fuse.isAccepted = true
  fuse.inRow = 0
}

/** Whether it may be shown: to this card, to others only, or to no card since it was made. */
export const judge = (own: Pin, card: string): "show" | "notThis" | "blown" => {
  const fuse = fuses.get(own)
  return fuse === undefined ? "show" : fuse.isBlown ? "blown" : fuse.refusedBy.has(card) ? "notThis" : "show"
}
