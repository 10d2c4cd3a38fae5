/** Who the story is about. Numbers and documents are made up, and right by their check digits. */
import { Id, IdentityDocument, type Person } from "@yikatong/core"
import { Redacted, Result } from "effect"

const document = (number: string): IdentityDocument.IdentityDocument =>
  Result.getOrThrow(IdentityDocument.parse("residentId", number))

export const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: document("43010219990101125X")
}

/** In a training of two weeks. */
export const trainee: Person.Person = {
  id: Id.PersonId.make("person-2"),
  kind: "trainee",
  number: "T2026007",
  name: Redacted.make("王芳"),
  document: document("11010519491231002X")
}
