/**
 * A pseudonym 化名: who shows a code, as nobody but the issuer can tell (D20, D24), and how the codes under it are
 * counted.
 *
 * Eight random bytes. An issuer draws new ones with each authorisation, or once a day where a phone renews more often,
 * so that the codes of different days cannot be laid together.
 * As a handle of an account it is told like a student number, see `Id.Handle`.
 */
import { Schema } from "effect"

/** Sixteen small hexadecimal digits. */
export const Pseudonym = Schema.String.check(Schema.isPattern(/^[0-9a-f]{16}$/)).pipe(Schema.brand("Pseudonym"))
export type Pseudonym = typeof Pseudonym.Type

/**
 * Which authorisation under one pseudonym, 0 to 65,535: a pseudonym that is kept while a phone renews counts up here. A
 * revocation names the last one that it ends.
 */
export const Version = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))

/**
 * Which code under one pseudonym, 1 to 4,294,967,295. Each counts higher than all that the device made before it, also
 * when one was never scanned.
 */
export const Counter = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 0xffff_ffff }))
