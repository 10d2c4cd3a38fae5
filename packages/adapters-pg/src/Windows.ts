/**
 * A journal in windows 窗口: so many lines at a time by their numbers, whether they are wanted or not. Each statement looks at
 * one window only, so that the lines of one day are found in a journal of years without any statement that takes long, and
 * without an index that every payment would have to write to.
 *
 * Lines that are under way when a reading begins are not in it.
 */
import type { Fault } from "@yikatong/core"
import { Effect, Option, Stream } from "effect"
import type { SqlClient } from "effect/sql"
import type { Fragment, Statement } from "effect/sql/Statement"
import * as Attempts from "./Attempts.ts"
import * as Horizon from "./Horizon.ts"

/** How many lines are looked at in one go. */
export const size = 1_000

/** The numbers of one window: above `after`, up to `upTo`. */
export interface Window {
  readonly after: bigint
  readonly upTo: bigint
}

/** What is wanted of each window, in the order of the journal. */
export const rows = <Row extends object>(
  operation: string,
  sql: SqlClient.SqlClient,
  schema: string,
  journal: Horizon.Journal,
  wanted: (window: Window) => Statement<Row>
): Stream.Stream<Row, Fault.StoreFault> => {
  const table: Fragment = sql.literal(`"${schema}"."${journal}"`)
  const from = (last: bigint): Stream.Stream<Row, Fault.StoreFault> =>
    Stream.paginate(0n, (after) =>
      Effect.gen(function*() {
        const [bound] = yield* sql<{ readonly last: bigint | null; readonly lines: bigint }>`
          SELECT max(sequence) AS last, count(*) AS lines FROM (
            SELECT sequence FROM ${table} WHERE sequence > ${after} AND sequence <= ${last}
            ORDER BY sequence LIMIT ${size}
          ) AS looked`.pipe(Attempts.repeat(operation))
        const upTo = bound?.last ?? undefined
        if (bound === undefined || upTo === undefined) return [[], Option.none<bigint>()] as const
        const found = yield* Attempts.repeat(operation)(wanted({ after, upTo }))
        return [found, Number(bound.lines) < size ? Option.none<bigint>() : Option.some(upTo)] as const
      }))
  return Stream.unwrap(Effect.map(Horizon.settled(sql, schema, journal), from))
}
