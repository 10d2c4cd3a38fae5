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
 * What of a claim was held against the register beside the number, and whether all that was claimed belongs to one
 * person: a name proves no document (R24), and a document no name (R22).
 */
export interface Compared {
  readonly ok: boolean
  readonly name: boolean
  readonly document: boolean
}

/** Nothing was compared: there is no such person. */
export const notCompared: Compared = { ok: false, name: false, document: false }

/** Holds a claim against this person. A number with neither name nor document beside it proves nothing. */
export const compare = (person: Person, claim: Claim): Compared => ({
  ok: claim.number === person.number &&
    (claim.name !== undefined || claim.document !== undefined) &&
    (claim.name === undefined || isName(claim.name, person.name)) &&
    (claim.document === undefined || IdentityDocument.same(claim.document, person.document)),
  name: claim.name !== undefined,
  document: claim.document !== undefined
})

/** In what the second statement of a person differs from the first, the id aside; nothing where both say the same. */
export const differences = (
  one: Person,
  other: Person
): ReadonlyArray<"kind" | "number" | "name" | "document"> => [
  ...(one.kind === other.kind ? [] : ["kind" as const]),
  ...(one.number === other.number ? [] : ["number" as const]),
  ...(isName(one.name, other.name) ? [] : ["name" as const]),
  ...(IdentityDocument.same(one.document, other.document) ? [] : ["document" as const])
]

const isName = (one: Redacted.Redacted<string>, other: Redacted.Redacted<string>): boolean =>
  Redacted.value(one).trim() === Redacted.value(other).trim()

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

/**
 * That a claim was held against the register, what of it, and whether it fitted. Made only by the flow that did so.
 */
export class Match implements Compared {
  static {
    // Nobody redefines what counts as minted.
    Object.freeze(this)
  }
  readonly #minted = true
  readonly ok: boolean
  readonly name: boolean
  readonly document: boolean
  constructor(key: MintKey, { document, name, ok }: Compared) {
    assertMinted(key, "Person.Match")
    this.ok = ok
    this.name = name
    this.document = document
    Object.freeze(this)
  }
  static is(value: unknown): value is Match {
    return typeof value === "object" && value !== null && #minted in value
  }
}
