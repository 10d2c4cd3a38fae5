/**
 * The number of a bank card 银行卡号 (primary account number, PAN): 13 to 19 digits, the last of them a check digit.
 *
 * It is kept as a `Redacted` value, so that no log and no error can show it; people see the first six and the last four
 * digits. Source: ISO/IEC 7812-1 (numbering, annex B: the formula of Luhn).
 */
import { Callback } from "@yikatong/core"
import { type Brand, Redacted, Result, Schema } from "effect"

/** A card number whose check digit is right. */
export type Pan = Redacted.Redacted<string> & Brand.Brand<"Pan">

/** Whether the last digit is the check digit of those before it. */
const isChecked = (digits: string): boolean => {
  let sum = 0
  for (let at = digits.length - 1, doubled = false; at >= 0; at--, doubled = !doubled) {
    const digit = digits.charCodeAt(at) - 0x30
    sum += doubled ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit
  }
  return sum % 10 === 0
}

const isPan = (digits: string): boolean => /^[0-9]{13,19}$/.test(digits) && isChecked(digits)

/** Decodes the digits of a card number. */
export const Pan = Schema.RedactedFromValue(
  Schema.String.check(Schema.makeFilter(isPan, { expected: "a card number with its check digit" })),
  { label: "Pan" }
).pipe(Schema.brand("Pan"))

/** Reads the digits of a card number; anything else is refused, blanks too. */
export const parse = (digits: string): Result.Result<Pan, Callback.Refusal> =>
  isPan(digits)
    ? Result.succeed(Redacted.make(digits, { label: "Pan" }) as Pan)
    : Result.fail(Callback.refusal("malformed", "the card number"))

/** All digits, for the wire alone. */
export const digits = (pan: Pan): string => Redacted.value(pan)

/** What people may see: the first six and the last four digits. */
export const masked = (pan: Pan): string => {
  const all = digits(pan)
  return `${all.slice(0, 6)}${"*".repeat(all.length - 10)}${all.slice(-4)}`
}

/** The last four digits 尾号, by which a payer knows the card. */
export const tail = (pan: Pan): string => digits(pan).slice(-4)
