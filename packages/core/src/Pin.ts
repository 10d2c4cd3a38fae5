/**
 * A card password 卡密码: six digits, kept in a `Redacted` so that it never prints itself. Sources: R35, R37, A13, A14.
 *
 * The first one is made from the holder's identity number, so whoever knows the number knows it: it may start an
 * account, and a changed password must be another. Hashing, tries and lockout are not decided here: a decision sees a
 * proof, never a password (D15).
 */
import { Option, Redacted, Result } from "effect"
import type { IdentityDocument } from "./IdentityDocument.ts"

/** Six digits that print as `<redacted>`. */
export type Pin = Redacted.Redacted<string>

/** A text that is not six ASCII digits. It does not repeat the text. */
export interface PinMalformed {
  readonly _tag: "PinMalformed"
  readonly problem: "Length" | "Characters"
}

/** How an account gets its first password: out of the document, or as a random one that the desk issues for one use. */
export type InitialPin =
  | { readonly _tag: "FromDocument"; readonly pin: Pin }
  | { readonly _tag: "OneTime" }

/**
 * Why a changed password is refused: the initial one, one digit six times, or six in a row (0 follows 9, as on a
 * keyboard).
 */
export type Weakness = "sameAsInitial" | "allSame" | "sequence"

/** Reads exactly six ASCII digits; blanks are not dropped. */
export const parse = (text: string): Result.Result<Pin, PinMalformed> => {
  if (text.length !== 6) return Result.fail({ _tag: "PinMalformed", problem: "Length" })
  if (!/^[0-9]{6}$/.test(text)) return Result.fail({ _tag: "PinMalformed", problem: "Characters" })
  return Result.succeed(Redacted.make(text))
}

/**
 * The first password: the last six of a resident identity number of 18 or 15 places, with 0 for X (R35); for all other
 * documents the desk issues a random one for one use (A13).
 *
 * @example
 * ```ts
 * import { IdentityDocument, Pin } from "@yikatong/core"
 * import { Redacted, Result } from "effect"
 *
 * const document = Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
 * const initial = Pin.initial(document)
 * initial._tag === "FromDocument" && Redacted.value(initial.pin) // => "011250"
 * ```
 */
export const initial = (document: IdentityDocument): InitialPin =>
  document.kind === "residentId"
    ? { _tag: "FromDocument", pin: Redacted.make(Redacted.value(document.number).slice(-6).replace("X", "0")) }
    : { _tag: "OneTime" }

/**
 * What a changed password must not be, if it is that (A14): the initial one of the document, "111111", "123456" or
 * "654321" and the like.
 *
 * @example
 * ```ts
 * import { Pin } from "@yikatong/core"
 * import { Option, Result } from "effect"
 *
 * const pin = Result.getOrThrow(Pin.parse("654321"))
 * Option.getOrNull(Pin.weakness(pin, Option.none())) // => "sequence"
 * ```
 */
export const weakness = (pin: Pin, document: Option.Option<IdentityDocument>): Option.Option<Weakness> => {
  const digits = Redacted.value(pin)
  if (Option.isSome(document)) {
    const first = initial(document.value)
    if (first._tag === "FromDocument" && Redacted.value(first.pin) === digits) return Option.some("sameAsInitial")
  }
  const steps = new Set<number>()
  for (let i = 1; i < digits.length; i++) steps.add((digits.charCodeAt(i) - digits.charCodeAt(i - 1) + 10) % 10)
  if (steps.size > 1) return Option.none()
  if (steps.has(0)) return Option.some("allSame")
  return steps.has(1) || steps.has(9) ? Option.some("sequence") : Option.none()
}
