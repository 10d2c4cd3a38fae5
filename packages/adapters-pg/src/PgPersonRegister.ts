/**
 * Who the people are, in PostgreSQL 人员信息: one table holds all personal data of the campus, and nothing else refers to
 * its rows, so that a person can be erased and journal and books stay as they are (D24).
 *
 * Names and numbers lie in clear in that table: who may read it, and how its disk and its backups are protected, is the
 * school's to decide.
 */
import { type Fault, Id, IdentityDocument, Misuse, Person, PersonRegister } from "@yikatong/core"
import { Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { SqlClient } from "effect/sql"
import * as Attempts from "./Attempts.ts"
import * as CampusSchema from "./CampusSchema.ts"
import * as Faults from "./Faults.ts"
import * as Migrations from "./Migrations.ts"

const decode = Schema.decodeUnknownResult(Schema.Struct({
  id: Id.PersonId,
  kind: Person.Kind,
  number: Schema.String,
  name: Schema.String,
  document_kind: IdentityDocument.Kind,
  document_number: Schema.String
}))

const personOf = (row: object): Result.Result<Person.Person, Fault.StoreBroken> =>
  Result.mapBoth(decode(row), {
    onFailure: (error) => Faults.undecodable("a person", error),
    onSuccess: ({ document_kind, document_number, id, kind, name, number }) => ({
      id,
      kind,
      number,
      name: Redacted.make(name),
      document: { kind: document_kind, number: Redacted.make(document_number) }
    })
  })

/** The register of the campus in this schema. */
export const make = Effect.fnUntraced(function*(options: { readonly schema?: string } = {}) {
  const schema = options.schema ?? CampusSchema.defaultName
  yield* Migrations.migrate(schema)
  const sql = (yield* SqlClient.SqlClient).withoutTransforms()
  const { person: table } = CampusSchema.tables(sql, schema)
  const columns = sql.literal("id, kind, number, name, document_kind, document_number")

  const one = Effect.fnUntraced(function*(rows: ReadonlyArray<object>) {
    return rows[0] === undefined ? Option.none() : Option.some(yield* Effect.fromResult(personOf(rows[0])))
  })

  return PersonRegister.PersonRegister.of({
    enrol: ({ document, id, kind, name, number }) =>
      sql`
        INSERT INTO ${table} AS person (${columns}) VALUES (
          ${id}, ${kind}, ${number}, ${Redacted.value(name)}, ${document.kind}, ${Redacted.value(document.number)}
        )
        ON CONFLICT (id) DO UPDATE SET (${columns}) = ROW (EXCLUDED.*)`
        .pipe(
          Effect.mapError((error) =>
            error.reason._tag === "UniqueViolation" ? new Misuse.HandleTaken({ kind: "number" }) : error
          ),
          Attempts.repeat("enrol a person"),
          Effect.asVoid
        ),
    find: (id) =>
      sql`SELECT ${columns} FROM ${table} WHERE id = ${id}`.pipe(Attempts.repeat("find a person"), Effect.flatMap(one)),
    findByNumber: (number) =>
      sql`SELECT ${columns} FROM ${table} WHERE number = ${number}`.pipe(
        Attempts.repeat("find a person by number"),
        Effect.flatMap(one)
      ),
    erase: (id) => sql`DELETE FROM ${table} WHERE id = ${id}`.pipe(Attempts.repeat("erase a person"), Effect.asVoid)
  })
})

/** The register over the client of the running system. */
export const layer = (options?: { readonly schema?: string }): Layer.Layer<
  PersonRegister.PersonRegister,
  Fault.StoreFault,
  SqlClient.SqlClient
> => Layer.effect(PersonRegister.PersonRegister, make(options))
