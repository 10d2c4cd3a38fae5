/**
 * A fuse for the PIN that a till has of its own 终端密码熔断: a card counts its wrong PINs, three at most schools, and then it is locked.
 * A till that was given a wrong one must not lock card after card with it.
 *
 * The first card that refuses it ends its use: it is shown to no card any more, until the till has made it anew, as when it is started
 * again. Cards of a school share the PIN that tills know, so one refusal is enough, and the holder can still type the right one. What a
 * holder has typed is never under the fuse.
 *
 * A PIN is known by its object: make it once, and not at each tap.
 */
import type { Redacted } from "effect"
import type { Bytes } from "./Bytes.ts"

type Pin = Redacted.Redacted<Bytes>

/** Held no longer than the PINs themselves. */
const refused = new WeakSet<Pin>()

/** A card has refused it. */
export const blow = (own: Pin): void => void refused.add(own)

/** Whether a card has refused it since it was made. */
export const isBlown = (own: Pin): boolean => refused.has(own)
