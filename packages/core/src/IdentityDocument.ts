/**
 * An identity document 证件: a kind and a number that never prints itself. Sources: R24, R35, R36, A13.
 *
 * The number of a resident identity card 居民身份证 has 18 places by GB 11643-1999: six digits of region (GB/T 2260), eight
 * of the birth date, three of sequence, and a check character by ISO 7064 MOD 11-2, which finds every single wrong
 * digit and every swap of two neighbours. The cards of 1984-1999 have 15 digits, with two for a year 19xx and no check.
 * Residence permits 居住证 for people of Hong Kong, Macau and Taiwan bear such numbers too (regions 81, 82, 83), as do,
 * since 2023, foreigners' permanent resident cards (region 9...). Other documents have no check character that one
 * could test: only their shape is looked at.
 *
 * Numbers are personal data: they are kept in a `Redacted`, and an error says what is wrong without repeating the
 * number. Whether a region still exists and whether a birth date lies in the past is not asked: the first changes over
 * the years, the second needs a clock.
 */
import { Redacted, Result, Schema } from "effect"
import * as CivilTime from "./CivilTime.ts"

/** Resident identity card, passport, 港澳居民来往内地通行证, 台湾居民来往大陆通行证, 外国人永久居留身份证. */
export const Kind = Schema.Literals([
  "residentId",
  "passport",
  "hkMacauPermit",
  "taiwanPermit",
  "foreignPermanentResident"
])
/** See the schema of the same name. */
export type Kind = typeof Kind.Type

/** A document whose number is well formed, without blanks around it and in upper case. It prints as `<redacted>`. */
export interface IdentityDocument {
  readonly kind: Kind
  readonly number: Redacted.Redacted<string>
}

/** The last place of an 18-place number; X is ten. */
export type CheckDigit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "X"

/**
 * What is wrong with a number, the first that is found in this order: length, characters, region, birth date, check
 * digit.
 */
export interface IdentityDocumentMalformed {
  readonly _tag: "IdentityDocumentMalformed"
  readonly kind: Kind
  readonly problem: "Length" | "Characters" | "BirthDate" | "Region" | "CheckDigit"
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const

/**
 * The check digit of the first 17 digits; throws RangeError if they are not 17 ASCII digits.
 *
 * @example
 * ```ts
 * import { IdentityDocument } from "@yikatong/core"
 *
 * IdentityDocument.checkDigit("43010219990101125") // => "X"
 * ```
 */
export const checkDigit = (first17: string): CheckDigit => {
  if (!/^[0-9]{17}$/.test(first17)) throw new RangeError("A check digit is made from 17 digits")
  let total = 0
  for (const [i, weight] of weights.entries()) total += weight * (first17.charCodeAt(i) - 48)
  return "10X98765432".charAt(total % 11) as CheckDigit
}

// The provinces of GB/T 2260 with Taiwan (71), Hong Kong (81), Macau (82), and 83 on residence permits for Taiwan.
const isRegion = (digits: string): boolean => /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])$/.test(digits)

const isBirthDate = (year: number, month: number, date: number): boolean =>
  year >= 1900 && year <= 2099 && date >= 1 && date <= CivilTime.lengthOfMonth(year, month)

type Problem = IdentityDocumentMalformed["problem"]

const inEighteen = (number: string, inRegion: boolean): Problem | undefined => {
  if (!/^[0-9]{17}[0-9X]$/.test(number)) return "Characters"
  if (!inRegion) return "Region"
  if (!isBirthDate(Number(number.slice(6, 10)), Number(number.slice(10, 12)), Number(number.slice(12, 14)))) {
    return "BirthDate"
  }
  return checkDigit(number.slice(0, 17)) === number.charAt(17) ? undefined : "CheckDigit"
}

const inShape = (number: string, lengths: ReadonlyArray<number>, shape: RegExp): Problem | undefined =>
  !lengths.includes(number.length) ? "Length" : shape.test(number) ? undefined : "Characters"

const problemOf = (kind: Kind, number: string): Problem | undefined => {
  switch (kind) {
    case "residentId": {
      const inRegion = isRegion(number.slice(0, 2))
      if (number.length === 18) return inEighteen(number, inRegion)
      const misshapen = inShape(number, [15], /^[0-9]+$/)
      if (misshapen !== undefined) return misshapen
      if (!inRegion) return "Region"
      const [year, month, date] = [number.slice(6, 8), number.slice(8, 10), number.slice(10, 12)]
      return isBirthDate(1900 + Number(year), Number(month), Number(date)) ? undefined : "BirthDate"
    }
    case "passport":
      // No common rule: ICAO 9303 gives the number nine places, some states print more.
      return number.length < 5 || number.length > 17 ? "Length" : /^[A-Z0-9]+$/.test(number) ? undefined : "Characters"
    case "hkMacauPermit":
      // H or M and eight digits for life; cards of 1999-2013 add two for the count of renewals.
      return inShape(number, [9, 11], /^[HM][0-9]+$/)
    case "taiwanPermit":
      // Eight digits for life; booklets before 2008 add two for the count of issues.
      return inShape(number, [8, 10], /^[0-9]+$/)
    case "foreignPermanentResident":
      // Since December 2023 as a resident's, with 9 first and region and nationality as digits; before, the country's
      // three letters and twelve digits.
      if (number.length === 18) return inEighteen(number, number.startsWith("9"))
      return inShape(number, [15], /^[A-Z]{3}[0-9]{12}$/)
  }
}

/**
 * Reads the number of a document of a kind; blanks around it are dropped, lower case becomes upper case, full-width
 * characters are refused.
 *
 * @example
 * ```ts
 * import { IdentityDocument } from "@yikatong/core"
 * import { Result } from "effect"
 *
 * const document = Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125x"))
 * JSON.stringify(document) // => '{"kind":"residentId","number":"<redacted>"}'
 *
 * const wrong = IdentityDocument.parse("residentId", "43010219990101123X")
 * Result.isFailure(wrong) && wrong.failure.problem // => "CheckDigit"
 * ```
 */
export const parse = (kind: Kind, text: string): Result.Result<IdentityDocument, IdentityDocumentMalformed> => {
  const trimmed = text.trim()
  // Only ASCII letters change case: elsewhere one letter may become another, or two ("ß").
  const number = trimmed.replace(/[a-z]/g, (letter) => letter.toUpperCase())
  const problem = problemOf(kind, number)
  return problem === undefined
    ? Result.succeed({ kind, number: Redacted.make(number) })
    : Result.fail({ _tag: "IdentityDocumentMalformed", kind, problem })
}

/**
 * Whether two are one document: of one kind, with one number. An old 15-digit number and its 18-place successor are
 * two: the desk decides.
 */
export const same = (a: IdentityDocument, b: IdentityDocument): boolean =>
  a.kind === b.kind && Redacted.value(a.number) === Redacted.value(b.number)
