/**
 * Many rows in one statement: each column travels as one array, and `unnest` makes rows of them again. The statement's
 * text is the same for one row and for a thousand, so it is prepared once.
 */
import { PgTypes } from "@effect/sql-pg"
import { Result } from "effect"

const column = (oid: number) => (values: ReadonlyArray<unknown>): PgTypes.Parameter =>
  Result.getOrThrow(PgTypes.array(values, oid))

/** A column of `text`; null is null. */
export const texts: (values: ReadonlyArray<string | null>) => PgTypes.Parameter = column(PgTypes.OID.text)

/** A column of `integer`. */
export const integers: (values: ReadonlyArray<number>) => PgTypes.Parameter = column(PgTypes.OID.int4)

/** A column of `bigint`, from numbers that are whole and safe. */
export const bigints = (values: ReadonlyArray<number | bigint | null>): PgTypes.Parameter =>
  column(PgTypes.OID.int8)(values.map((value) => typeof value === "number" ? BigInt(value) : value))

/** A column of `bytea`. */
export const bytes: (values: ReadonlyArray<Uint8Array>) => PgTypes.Parameter = column(PgTypes.OID.bytea)
