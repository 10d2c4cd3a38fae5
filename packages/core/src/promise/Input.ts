/**
 * What comes in at the promise door, as plain values: strings and numbers, decoded here and nowhere else.
 *
 * Money is whole fen, instants are milliseconds since the Unix epoch. What does not decode is `MalformedCommand`, which
 * says where and what was expected and never repeats the value.
 */
import { Redacted, Result, Schema } from "effect"
import type { Attendance } from "../Attendance.ts"
import * as Chip from "../Chip.ts"
import { Instant } from "../CivilTime.ts"
import * as CodeIssuance from "../CodeIssuance.ts"
import * as CodeKeys from "../CodeKeys.ts"
import * as Command from "../Command.ts"
import * as Decline from "../Decline.ts"
import * as Flaw from "../Flaw.ts"
import type * as Authorising from "../flows/Authorising.ts"
import type { Scan } from "../flows/Codes.ts"
import type { Statement } from "../flows/Submit.ts"
import * as Id from "../Id.ts"
import * as IdentityDocument from "../IdentityDocument.ts"
import { MalformedCommand } from "../Misuse.ts"
import * as Money from "../Money.ts"
import * as Person from "../Person.ts"
import * as Pin from "../Pin.ts"
import { Link } from "../Point.ts"
import { type CodeIssuer, fromKeys, none as noIssuer } from "../ports/CodeIssuer.ts"
import { Pseudonym } from "../Pseudonym.ts"
import * as Recharge from "../Recharge.ts"

/** The body of a command, by its `_tag`; credits come from recharge channels only. */
export type Body = Exclude<typeof Command.Command.Encoded, { readonly _tag: "CreditRecharge" }>

/** What every command carries. `caller` and `point` are who and where, as the host authenticated them. */
export interface Stated {
  /** Who sends it; the point, if left out. An id names one command of one caller (D18). */
  readonly caller?: string
  readonly id: string
  /** When it was made; now, if left out. A record of a cut-off terminal must say it. */
  readonly at?: number
  readonly point: string
  readonly retryOf?: string
  /** Who attends at a counter, as the host authenticated them, and what was presented there (R72). */
  readonly attendance?: typeof Attendance.Encoded
}

/** Whose account: its id, the card on the reader, or what a code or a number stands for. */
export type Subject = typeof Command.Subject.Encoded

export interface DocumentInput {
  readonly kind: IdentityDocument.Kind
  readonly number: string
}

/** Who somebody says the holder is (R22, R24). */
export interface ClaimInput {
  readonly number: string
  readonly name?: string
  readonly document?: DocumentInput
}

export interface PersonInput {
  readonly id: string
  readonly kind: Person.Kind
  readonly number: string
  readonly name: string
  readonly document: DocumentInput
}

/**
 * Who issues the school's codes: secret keys of 32 bytes by their numbers in the profile, and so many random bytes that
 * nobody can guess, such as `randomBytes` of `node:crypto`.
 */
export interface IssuerInput {
  readonly secretKeys: Readonly<Record<number, Uint8Array>>
  readonly random: (length: number) => Uint8Array
}

/** A phone that wants to show codes: of which medium, and its public key, 64 hexadecimal digits. */
export interface PhoneInput {
  readonly subject: Subject
  readonly medium: (typeof CodeIssuance.CodeMedium)["Encoded"]
  readonly deviceKey: string
}

/** The phone that has this pseudonym is ended, or all phones of the account. */
export interface RevocationInput {
  readonly caller: string
  readonly id: string
  readonly account: string
  readonly pseudonym?: string
}

/** What a camera saw at a point. */
export interface ScanInput extends Omit<Stated, "attendance"> {
  readonly text: string
}

const malformed = (path: string, problem: string) => new MalformedCommand({ flaws: [{ path, problem }] })

const decode = <S extends Schema.Codec<unknown, unknown>>(schema: S, input: unknown): S["Type"] => {
  const decoded = Schema.decodeUnknownResult(schema)(input, { errors: "all", onExcessProperty: "error" })
  if (Result.isFailure(decoded)) throw new MalformedCommand({ flaws: Flaw.of(decoded.failure) })
  return decoded.success
}

/** A command with its subject, read from plain values. */
export const statement = (stated: Stated, subject: Subject, body: unknown, now: number): Statement => {
  const { at = now, attendance, caller = stated.point, id, point, retryOf } = stated
  const read = decode(Command.Stated, {
    caller,
    id,
    at,
    point,
    subject,
    body,
    ...(retryOf === undefined ? {} : { retryOf }),
    ...(attendance === undefined ? {} : { attendance })
  })
  if (read.body._tag === "CreditRecharge") throw malformed("body", "Expected a command; credits come from channels")
  if (stated.at === undefined && Command.isFactual(read.body)) throw malformed("at", "Expected when it was bought")
  return { ...read, body: read.body }
}

/** A card password, read from six digits. */
export const pin = (text: unknown, path = "pin"): Pin.Pin => {
  const read = Pin.parse(typeof text === "string" ? text : "")
  if (Result.isFailure(read)) throw malformed(path, "Expected six digits")
  return read.success
}

/** An identity document, read and checked by its own rules. */
export const document = ({ kind, number }: DocumentInput): IdentityDocument.IdentityDocument => {
  const known = decode(IdentityDocument.Kind, kind)
  const read = IdentityDocument.parse(known, typeof number === "string" ? number : "")
  if (Result.isFailure(read)) {
    throw malformed("document.number", `Expected a number with a valid ${read.failure.problem}`)
  }
  return read.success
}

/** A claim to be held against the register. */
export const claim = (input: ClaimInput): Person.Claim => ({
  number: decode(Id.Words, input.number),
  ...(input.name === undefined ? {} : { name: Redacted.make(decode(Id.Words, input.name)) }),
  ...(input.document === undefined ? {} : { document: document(input.document) })
})

/** A person to be enrolled. */
export const person = (input: PersonInput): Person.Person => ({
  id: decode(Id.PersonId, input.id),
  kind: decode(Person.Kind, input.kind),
  number: decode(Id.Words, input.number),
  name: Redacted.make(decode(Id.Words, input.name).trim()),
  document: document(input.document)
})

/** What a subject stands for. */
export const subject = (input: Subject): Command.Subject => decode(Command.Subject, input)

/** What a reader read after a write; what is no reading says as little about the card as none. */
export const readingIfAny = Schema.decodeUnknownOption(Chip.Reading)

const { at, caller, id, point: place, retryOf } = Command.Stated.fields
const Scanned = Schema.Struct({ at, caller, id, point: place, retryOf, text: Schema.String })
const Payment = Schema.Struct({ amount: Money.Amount, link: Link })
const Phone = Schema.Struct({
  subject: Command.Subject,
  medium: CodeIssuance.CodeMedium,
  deviceKey: CodeKeys.PublicKey
})
const Revocation = Schema.Struct({ caller, id, account: Id.AccountId, pseudonym: Schema.optionalKey(Pseudonym) })

/** What a camera saw. */
export const scan = ({ at, caller, id, point, retryOf, text }: ScanInput, now: number): Scan =>
  decode(Scanned, {
    at: at ?? now,
    caller: caller ?? point,
    id,
    point,
    text,
    ...(retryOf === undefined ? {} : { retryOf })
  })

/** What is to be paid with it. */
export const payment = (amount: unknown, link: unknown): typeof Payment.Type => decode(Payment, { amount, link })

/** A phone that wants an authorisation. */
export const phone = (input: PhoneInput): Authorising.Request => decode(Phone, input)

/** Which phones are ended. */
export const revocation = (input: RevocationInput): typeof Revocation.Type => decode(Revocation, input)

const Kid = Schema.FiniteFromString.pipe(Schema.decodeTo(CodeKeys.Kid))

/** Who issues codes; nobody, if left out. A key that is none throws before the campus opens, and is not repeated. */
export const issuer = (input: IssuerInput | undefined): CodeIssuer["Service"] =>
  input === undefined
    ? noIssuer
    : fromKeys(
      new Map(Object.entries(input.secretKeys).map(([kid, key]) => [decode(Kid, kid), CodeKeys.secretKey(key)])),
      input.random
    )

/** An order that was placed. */
export const order = (input: unknown): Recharge.Order => decode(Recharge.Order, input)

/** A point at which something is done. */
export const point = (input: unknown): Id.PointId => decode(Id.PointId, input)

/** A decline, as it was answered. */
export const decline = (input: unknown): Decline.Decline => decode(Decline.Decline, input)

/** A time of the host's clock. */
export const instant = (input: number): Instant => decode(Instant, input)
