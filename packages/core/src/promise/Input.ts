/**
 * What comes in at the promise door, as plain values: strings and numbers, decoded before any flow sees them.
 *
 * Money is whole fen, instants are milliseconds since the Unix epoch, days are counted from 1970-01-01. What does not
 * decode is `MalformedCommand`, which says where and what was expected and never repeats the value.
 */
import { Redacted, Result, Schema } from "effect"
import type { Attendance } from "../Attendance.ts"
import { Instant } from "../CivilTime.ts"
import * as Command from "../Command.ts"
import * as Decline from "../Decline.ts"
import * as Flaw from "../Flaw.ts"
import type { Secrets, Statement } from "../flows/Submit.ts"
import * as Id from "../Id.ts"
import * as IdentityDocument from "../IdentityDocument.ts"
import { distance, misspelt } from "../internal/spelling.ts"
import { MalformedCommand } from "../Misuse.ts"
import type * as Person from "../Person.ts"
import * as Pin from "../Pin.ts"

/** The body of a command, by its `_tag`; credits come from recharge channels only. */
export type Body = Exclude<typeof Command.Command.Encoded, { readonly _tag: "CreditRecharge" }>

/** Who attends at a counter: operator, role, department, and the papers that were presented (R72). */
export type AttendanceInput = typeof Attendance.Encoded

/** What every command carries. `caller` and `point` are who and where, as the host authenticated them. */
export interface Stated {
  /** Who sends it; the point, if left out. An id names one command of one caller (D18). */
  readonly caller?: string | undefined
  readonly id: string
  /** When it was made; now, if left out. A record of a cut-off terminal must say it. */
  readonly at?: number | undefined
  readonly point: string
  readonly retryOf?: string | undefined
  /** Who attends at a counter, as the host authenticated them, and what was presented there (R72). */
  readonly attendance?: AttendanceInput | undefined
}

/** A command that is not made at a point: who sends it, as the host authenticated them, and its id. */
export interface Named {
  readonly caller: string
  readonly id: string
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

/** What came with a command to be checked: the card password as typed, and who the holder is said to be. */
export interface SecretInput {
  readonly pin?: string | undefined
  readonly claim?: ClaimInput | undefined
}

/** Something at this place is not as it was expected. */
export const malformed = (path: string, problem: string) => new MalformedCommand({ flaws: [{ path, problem }] })

/** Reads a value by its schema. `path`: where it stands, if it is no whole. */
export const decode = <S extends Schema.Codec<unknown, unknown>>(schema: S, input: unknown, path = ""): S["Type"] => {
  const decoded = Schema.decodeUnknownResult(schema)(input, { errors: "all", onExcessProperty: "error" })
  if (Result.isSuccess(decoded)) return decoded.success
  const flaws = Flaw.of(decoded.failure)
  throw new MalformedCommand({
    flaws: path === ""
      ? flaws
      : flaws.map((flaw) => ({ ...flaw, path: flaw.path === "" ? path : `${path}.${flaw.path}` }))
  })
}

/** Reads what came in, and does nothing else: whatever fails on it is malformed. */
export const reading = <A>(read: () => A): Result.Result<A, MalformedCommand> =>
  Result.try({
    try: read,
    catch: (error) =>
      error instanceof MalformedCommand ? error : malformed("", "Expected an object with all its fields")
  })

const { at, caller, id, point: place, retryOf } = Command.Stated.fields
/** Caller and id; a caller has no colon, which only our own flows have. */
export const named = { caller, id }
/** What is stated at a point where nobody attends. */
export const unattended = { at, caller, id, point: place, retryOf }

/**
 * What may be left out of a request, so that nobody would miss it if it were misspelt. Hosts keep more of their own in there,
 * a `cart` or a `line`: so only long names, and one letter.
 */
const optional = ["caller", "retryOf", "attendance"]

/** A field that is none, and whose name is nearly that of one that was left out. */
const refuseMisspelt = (stated: object): void => {
  const absent = optional.filter((one) => !Object.hasOwn(stated, one))
  for (const name of Object.keys(stated)) {
    const meant = absent.find((one) =>
      Math.abs(name.length - one.length) <= 1 && distance(name.toLowerCase(), one.toLowerCase()) <= 1
    )
    if (meant !== undefined) throw malformed(name, misspelt(meant))
  }
}

/** A command with its subject, read from plain values. */
export const statement = <const B extends Body>(
  stated: Stated,
  subject: Subject,
  body: B,
  now: number
): Statement<Command.Of<B["_tag"]>> => {
  refuseMisspelt(stated)
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
  // A program without types may send any tag.
  if (read.body._tag === "CreditRecharge") throw malformed("body", "Expected a command; credits come from channels")
  if (stated.at === undefined && Command.isFactual(read.body)) throw malformed("at", "Expected when it happened")
  // A schema keeps the tag of what it reads, which its type cannot say.
  return { ...read, body: read.body as Command.Of<B["_tag"]> }
}

/** A command of whoever is at a counter or a kiosk: by the card that is shown, or, where there is none, by the subject. */
export type Presented =
  | { readonly card: string; readonly subject?: never }
  | { readonly card?: never; readonly subject: Subject }

/** Whose command it is, and the card that is shown with it. */
export const presented = (
  { card, subject }: { readonly card?: string | undefined; readonly subject?: Subject | undefined }
): { readonly subject: Subject; readonly shown: { readonly card?: string } } => {
  if (card !== undefined && subject !== undefined) throw malformed("subject", "Expected a card or a subject, not both")
  if (card !== undefined) return { subject: { _tag: "Card", card }, shown: { card } }
  if (subject === undefined) throw malformed("subject", "Expected a card or a subject")
  return { subject, shown: {} }
}

/** A card password, read from six digits. */
export const pin = (text: unknown, path = "pin"): Pin.Pin => {
  const read = Pin.parse(typeof text === "string" ? text : "")
  if (Result.isFailure(read)) throw malformed(path, "Expected six digits")
  return read.success
}

/** An identity document, read and checked by its own rules. */
export const document = ({ kind, number }: DocumentInput): IdentityDocument.IdentityDocument => {
  const known = decode(IdentityDocument.Kind, kind, "document.kind")
  const read = IdentityDocument.parse(known, typeof number === "string" ? number : "")
  if (Result.isFailure(read)) {
    throw malformed("document.number", `Expected a number with a valid ${read.failure.problem}`)
  }
  return read.success
}

/** A claim to be held against the register. */
export const claim = (input: ClaimInput): Person.Claim => ({
  number: decode(Id.Words, input.number, "number"),
  ...(input.name === undefined ? {} : { name: Redacted.make(decode(Id.Words, input.name, "name")) }),
  ...(input.document === undefined ? {} : { document: document(input.document) })
})

/** What came with a command to be checked. */
export const secrets = (input: SecretInput): Secrets => ({
  ...(input.pin === undefined ? {} : { pin: pin(input.pin) }),
  ...(input.claim === undefined ? {} : { claim: claim(input.claim) })
})

/** What a subject stands for. */
export const subject = (input: Subject): Command.Subject => decode(Command.Subject, input, "subject")

/** A point at which something is done. */
export const point = (input: unknown, path = "point"): Id.PointId => decode(Id.PointId, input, path)

/** A point, if one is named. */
export const pointIfAny = (input: unknown, path = "point"): Id.PointId | undefined =>
  input === undefined ? undefined : point(input, path)

/** Lines of the journal: those of one account only, or those after the line with this `sequence` only. */
export interface Which {
  readonly account?: string
  readonly after?: number
}

const Lines = Schema.Struct({
  account: Schema.optionalKey(Id.AccountId),
  after: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))
})

/** Which lines are asked for; all, unless told. */
export const which = (input: unknown): typeof Lines.Type => input === undefined ? {} : decode(Lines, input, "which")

/** A decline, as it was answered. */
export const decline = (input: unknown): Decline.Decline => decode(Decline.Decline, input)

/** A time of the host's clock. */
export const instant = (input: unknown, path = ""): Instant => decode(Instant, input, path)
