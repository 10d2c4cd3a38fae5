/**
 * A person 人员 with a campus account: student, staff, trainee or visitor, and what each may hold.
 *
 * Names, numbers and documents live here and in the register only; journal and books know an opaque id (D24). Source:
 * R23, R24, R74, R51.
 */
import { Redacted, Schema } from "effect"
import type { PersonId } from "./Id.ts"
import * as IdentityDocument from "./IdentityDocument.ts"
import { assertMinted, type MintKey } from "./internal/mint.ts"

export const Kind = Schema.Literals(["student", "staff", "trainee", "visitor"])
export type Kind = typeof Kind.Type

/** `regular`: the account of a student or of staff. `temporary` 临时: an account of its own class beside it (R74). */
export const AccountClass = Schema.Literals(["regular", "temporary"])
export type AccountClass = typeof AccountClass.Type

/**
 * One person. `number`: student or staff number 学工号. Everything but the id is personal data; name and document never
 * print.
 */
export interface Person {
  readonly id: PersonId
  readonly kind: Kind
  readonly number: string
  readonly name: Redacted.Redacted<string>
  readonly document: IdentityDocument.IdentityDocument
}

/**
 * What somebody says of a person, to be held against the register: in the bank's app number and document, in the mini
 * program the name (R22, R24).
 */
export interface Claim {
  readonly number: string
  readonly name?: Redacted.Redacted<string>
  readonly document?: IdentityDocument.IdentityDocument
}

/**
 * Whether all that is claimed belongs to this one person (R24). A claim must hold a name or a document beside the
 * number.
 */
export const matches = (person: Person, claim: Claim): boolean =>
  claim.number === person.number &&
  (claim.name !== undefined || claim.document !== undefined) &&
  (claim.name === undefined || Redacted.value(claim.name).trim() === Redacted.value(person.name)) &&
  (claim.document === undefined || IdentityDocument.same(claim.document, person.document))

/**
 * The classes of account that a person of this kind may hold (R51, R74): students no temporary one, visitors and
 * trainees no regular one.
 */
export const mayHold = (kind: Kind): ReadonlyArray<AccountClass> => {
  switch (kind) {
    case "student":
      return ["regular"]
    case "staff":
      return ["regular", "temporary"]
    case "trainee":
    case "visitor":
      return ["temporary"]
  }
}

/** That a claim was held against the register, and whether it fitted. Made only by the flow that did so. */
export class Match {
  readonly #minted = true
  readonly ok: boolean
  constructor(key: MintKey, ok: boolean) {
    assertMinted(key, "Person.Match")
    this.ok = ok
    Object.freeze(this)
  }
  static is(value: unknown): value is Match {
    return typeof value === "object" && value !== null && #minted in value
  }
}
