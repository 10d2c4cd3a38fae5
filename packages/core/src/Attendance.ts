/**
 * Who attends at a counter, and what was presented there 柜台受理 (R36, R37, R43, R72).
 *
 * The host authenticates the operator with role and department (D24); the operator says which documents were on the
 * desk. It stands in the journal beside the command, approved or declined: that line is the audit entry. Of a document
 * its kind is kept and, if the host made one, a keyed digest of its number, never the number: the number of an identity
 * card is refused in every field.
 */
import { Result, Schema } from "effect"
import type * as Decline from "./Decline.ts"
import { OperatorId, Words } from "./Id.ts"
import * as IdentityDocument from "./IdentityDocument.ts"
import { isAttended, type Point } from "./Point.ts"
import { Procedure } from "./Procedure.ts"

/** A keyed digest (HMAC) of a document's number, in hexadecimal: it says that two papers were the same, not which. */
const Digest = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{32,128}$/u, { expected: "a keyed digest in hexadecimal" })
)

/** 18 places, or the 15 of old cards, in no longer run of digits. */
const numbers = /(?<![0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{15})(?![0-9])/g
/** As it is written, and as it reads: full-width digits, and without blanks, hyphens and what cannot be seen. */
const readings = (text: string): ReadonlyArray<string> => {
  const plain = text.normalize("NFKC")
  return [plain, plain.replace(/[\s\p{Cf}\p{Pd}]/gu, "")]
}
const holdsNumber = (text: string): boolean =>
  readings(text).some((reading) =>
    (reading.match(numbers) ?? []).some((number) => Result.isSuccess(IdentityDocument.parse("residentId", number)))
  )
const numberless = Schema.makeFilter((text: string) => !holdsNumber(text), { expected: "no identity number" })

/** Words that stay in the journal, and so hold no number of an identity card (D24). */
export const Numberless = Words.check(numberless)

/** What was presented: the campus card, or an identity document of this kind. */
export const Presented = Schema.TaggedUnion({
  CampusCard: {},
  IdentityDocument: { kind: IdentityDocument.Kind, digest: Schema.optionalKey(Digest) }
})
export type Presented = typeof Presented.Type

/** The operator at work, and the documents on the desk. */
export const Attendance = Schema.Struct({
  operator: OperatorId.check(numberless),
  role: Numberless,
  department: Numberless,
  presented: Schema.Array(Presented)
})
export interface Attendance extends Schema.Schema.Type<typeof Attendance> {}

/** What a role of a department does 岗位职责: these procedures, at the points of that department. */
export const Duty = Schema.Struct({ role: Words, department: Words, procedures: Schema.Array(Procedure) })
export interface Duty extends Schema.Schema.Type<typeof Duty> {}

/** What somebody must bring to a counter for these procedures. */
export const Papers = Schema.Struct({
  procedures: Schema.Array(Procedure),
  required: Schema.Array(Schema.Literals(["identityDocument", "campusCard"]))
})
export interface Papers extends Schema.Schema.Type<typeof Papers> {}

/** What of a school's profile speaks of attendance. */
export interface Rules {
  readonly duties: ReadonlyArray<Duty>
  readonly papers: ReadonlyArray<Papers>
  /** What needs an operator wherever it is done, such as giving money back. */
  readonly supervised: ReadonlyArray<Procedure>
}

/**
 * Why this may not be done here by whoever attends, or nothing. At a counter somebody must attend, and to what is
 * supervised anywhere; elsewhere nobody needs to, but whoever does must be allowed to all the same. `plastic`: whether the
 * holder has a card that could be shown (A15).
 */
export const refuse = (
  rules: Rules,
  procedure: Procedure,
  point: Point,
  attendance: Attendance | undefined,
  { plastic }: { readonly plastic: boolean } = { plastic: true }
): Decline.Decline | undefined => {
  const attended = isAttended(point.category)
  if (attendance === undefined) {
    return attended || rules.supervised.includes(procedure) ? { _tag: "OperatorMissing" } : undefined
  }
  const { department, presented, role } = attendance
  const allowed = rules.duties.some((duty) =>
    duty.role === role && duty.department === department && duty.procedures.includes(procedure)
  )
  if (!allowed || (point.department !== undefined && point.department !== department)) {
    return { _tag: "OperatorNotAllowed", procedure }
  }
  if (!attended) return undefined
  const missing = required(rules, procedure).filter((paper) =>
    paper === "campusCard"
      ? plastic && !presented.some(({ _tag }) => _tag === "CampusCard")
      : !presented.some(({ _tag }) => _tag === "IdentityDocument")
  )
  return missing.length === 0 ? undefined : { _tag: "DocumentMissing", missing }
}

/** What must be presented at a counter for a procedure. */
export const required = (
  { papers }: Pick<Rules, "papers">,
  procedure: Procedure
): ReadonlyArray<"identityDocument" | "campusCard"> =>
  papers.find(({ procedures }) => procedures.includes(procedure))?.required ?? []
