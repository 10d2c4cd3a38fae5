/**
 * What the fields of SIP2 messages 图书馆报文字段 hold, and how that is written. Source: 3M Standard Interchange Protocol
 * 2.00, document revision 2.12, "Field Definitions".
 *
 * Each schema here decodes what stands on the line and encodes it again. Times are Shanghai's; on the line they have
 * whole seconds. Counts and limits go from 0 to 9999.
 */
import { Result, Schema, SchemaTransformation } from "effect"
import * as CivilTime from "./CivilTime.ts"

const { transform } = SchemaTransformation

/** Displayable characters without the delimiter, which may stand nowhere but at the end of a field. */
export const Text = Schema.String.check(
  Schema.isPattern(/^[^|\p{Cc}\p{Cs}]*$/u, { expected: "displayable characters without |" })
)

/** A password, empty where none is in use; it never prints itself. */
export const Secret = Schema.RedactedFromValue(Text)

/** The language of what a patron reads, by its number in the standard's table. */
export const Language = Schema.String.check(Schema.isPattern(/^[0-9]{3}$/))

export const YesNo = Schema.Literals(["Y", "N"]).pipe(
  Schema.decodeTo(Schema.Boolean, transform({ decode: (it) => it === "Y", encode: (it) => it ? "Y" : "N" }))
)

// Military time zones from -12 h to +12 h, as ANSI X3.43 has them: the standard itself names Z, and Q for -4 h.
const zones = "YXWVUTSRQPONZABCDEFGHIKLM"

/** `YYYYMMDDZZZZHHMMSS`: four blanks are local time, and the zeroes that some systems write in their place. */
const instantOf = (text: string): CivilTime.Instant | undefined => {
  const parts = /^([0-9]{4})([0-9]{2})([0-9]{2})( {4}|0000| {3}[A-IK-Z])([0-9]{2})([0-9]{2})([0-9]{2})$/.exec(text)
  if (parts === null) return undefined
  const [, year, month, date, zone = "", hour, minute, second] = parts
  const east = zones.indexOf(zone.slice(-1)) - 12
  const offset = /[A-Z]/.test(zone) ? `${east < 0 ? "-" : "+"}${String(Math.abs(east)).padStart(2, "0")}:00` : ""
  return Result.getOrUndefined(CivilTime.parse(`${year}-${month}-${date}T${hour}:${minute}:${second}${offset}`))
}

const dateOf = (at: CivilTime.Instant): string => {
  const digits = CivilTime.format(at).replace(/[^0-9]/g, "")
  return `${digits.slice(0, 8)}    ${digits.slice(8)}`
}

/** When a message was made. Written in local time, which the standard prefers. */
export const TransactionDate = Schema.String.check(
  Schema.makeFilter((text) => instantOf(text) !== undefined, { expected: "YYYYMMDDZZZZHHMMSS" })
).pipe(Schema.decodeTo(
  Schema.toType(CivilTime.Instant),
  transform({ decode: (text: string) => instantOf(text) ?? CivilTime.firstInstant, encode: dateOf })
))

/** What is denied to a patron, or of what there is too much: the fourteen places of "patron status", in their order. */
export const flags = [
  "chargeDenied",
  "renewalDenied",
  "recallDenied",
  "holdDenied",
  "cardReportedLost",
  "tooManyCharged",
  "tooManyOverdue",
  "tooManyRenewals",
  "tooManyClaimsReturned",
  "tooManyLost",
  "excessiveFines",
  "excessiveFees",
  "recallOverdue",
  "tooManyBilled"
] as const
export type Flag = typeof flags[number]

/** Those of the flags that are set, in their order: `Y` at its place, a blank where it is not. */
export const PatronStatus = Schema.String.check(Schema.isPattern(/^[Y ]{14}$/)).pipe(Schema.decodeTo(
  Schema.Array(Schema.Literals(flags)),
  transform({
    decode: (text: string): ReadonlyArray<Flag> => flags.filter((_, place) => text[place] === "Y"),
    encode: (set: ReadonlyArray<Flag>) => flags.map((flag) => set.includes(flag) ? "Y" : " ").join("")
  })
))

/** The lists that a library keeps of a patron, in the order of "summary" and of the counts. */
export const lists = ["hold", "overdue", "charged", "fine", "recall", "unavailableHold"] as const
export type List = typeof lists[number]

const wanted = (text: string): ReadonlyArray<List> => lists.filter((_, place) => text[place] === "Y")

/** Which list is wanted, one at a time; the last four places mean nothing and are not read. */
export const Summary = Schema.String.check(
  Schema.isPattern(/^[Y ]{6}[^|\p{Cc}]{4}$/u),
  Schema.makeFilter((text) => wanted(text).length < 2, { expected: "one list at most" })
).pipe(Schema.decodeTo(
  Schema.Array(Schema.Literals(lists)).check(Schema.isMaxLength(1)),
  transform({
    decode: wanted,
    encode: (one: ReadonlyArray<List>) => lists.map((list) => one.includes(list) ? "Y" : " ").join("").padEnd(10)
  })
))

const FourDigits = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9999 }))
const digits = (n: number | undefined): string => n === undefined ? "    " : String(n).padStart(4, "0")
const countAt = (text: string, place: number): string => text.slice(4 * place, 4 * place + 4)

/** How long each list is, in its order. What a system does not count is four blanks. */
export const Counts = Schema.String.check(Schema.isPattern(/^([0-9]{4}| {4}){6}$/)).pipe(Schema.decodeTo(
  Schema.Array(Schema.UndefinedOr(FourDigits)).check(
    Schema.isMinLength(lists.length),
    Schema.isMaxLength(lists.length)
  ),
  transform({
    decode: (text: string): ReadonlyArray<number | undefined> =>
      lists.map((_, place) => countAt(text, place) === digits(undefined) ? undefined : Number(countAt(text, place))),
    encode: (counts: ReadonlyArray<number | undefined>) => counts.map(digits).join("")
  })
))

/** How long a list may become. Some systems leave the leading zeroes out. */
export const Limit = Schema.String.check(Schema.isPattern(/^[0-9]{1,4}$/)).pipe(
  Schema.decodeTo(FourDigits, transform({ decode: Number, encode: digits }))
)

/** The code of a currency in ISO 4217. */
export const Currency = Schema.String.check(Schema.isPattern(/^[A-Z]{3}$/))
