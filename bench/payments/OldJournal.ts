/**
 * A journal of millions of lines, in a few minutes instead of years: the payments of the first days again and again, each
 * under a key of its own and at an earlier time, with all their indexes.
 *
 * They are lines as the store has packed them, and it must be able to read them. Nobody paid in the money that they moved,
 * and their numbers are higher than those of later payments; no payment looks at either.
 */
import { PgClient } from "@effect/sql-pg"
import { CampusSchema, PgAccountStore } from "@yikatong/adapters-pg"
import { AccountStore, Id, Profiles } from "@yikatong/core"
import { Effect, Layer, Option } from "effect"
import * as Database from "./Database.ts"
import { profiles } from "./School.ts"

const { answered, journal } = CampusSchema.names(CampusSchema.defaultName)
const milliseconds = 86_400_000

/** Fills up the journal to so many lines. `days`: how many days the payments in it cover. */
export const fill = async (place: Database.Place, lines: number, days: number): Promise<void> => {
  await Database.using(place, async ({ rows }) => {
    const columns = (await rows<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'sequence' ORDER BY attnum`,
      [journal]
    )).map(({ name }) => name)
    const [had] = await rows<{ lines: bigint; last: bigint; payments: bigint }>(
      `SELECT count(*) AS lines, max(sequence) AS last, count(*) FILTER (WHERE act = 'PayByCard') AS payments FROM ${journal}`
    )
    if (had === undefined || had.payments === 0n) throw new Error("there are no payments to fill a journal with")
    const { last, payments } = had
    // Ids in the order of their time, as their makers would have made them.
    const id = (n: string) => {
      const time = `lpad(to_hex(1700000000000 + 1000 * (${n})), 12, '0')`
      const chance = `md5((${n})::text)`
      return `substr(${time}, 1, 8) || '-' || substr(${time}, 9) || '-7' || substr(${chance}, 1, 3) || '-8' ||
        substr(${chance}, 4, 3) || '-' || substr(${chance}, 7, 12)`
    }
    let missing = lines - Number(had.lines)
    for (let copy = 0; missing > 0; copy++) {
      const before = Math.ceil(missing / Number(payments)) * days
      const changed: Readonly<Record<string, string>> = {
        command_id: id(`${copy}::bigint * ${payments} + row_number() OVER ()`),
        received_at: `received_at - ${before}::bigint * ${milliseconds}`,
        day: `day - ${before}`
      }
      await rows(
        `INSERT INTO ${journal} (${columns.join(", ")})
         SELECT ${columns.map((column) => changed[column] ?? column).join(", ")} FROM (
           SELECT * FROM ${journal} WHERE act = 'PayByCard' AND sequence <= $1 ORDER BY sequence LIMIT $2
         ) AS first`,
        [last, BigInt(missing)]
      )
      missing -= Number(payments)
    }
    await rows(
      `INSERT INTO ${answered} (caller, command_id, sequence)
       SELECT caller, command_id, sequence FROM ${journal} WHERE sequence > $1`,
      [last]
    )
  })
  await check(place)
}

/** A sample, read by the store itself: as the answer of its key, and in the history of its account. */
const check = async (place: Database.Place): Promise<void> => {
  const sample = await Database.using(
    place,
    ({ rows }) =>
      rows<{ sequence: bigint; caller: string; command_id: string; account: string }>(
        `SELECT line.sequence, caller, command_id, account.id AS account
       FROM (SELECT * FROM ${journal} TABLESAMPLE SYSTEM (1) WHERE act = 'PayByCard' LIMIT 200) AS line
       JOIN ${CampusSchema.names(CampusSchema.defaultName).account} AS account ON account.number = line.account`
      )
  )
  const wrong = await Effect.runPromise(
    Effect.gen(function*() {
      const store = yield* AccountStore.AccountStore
      const read = yield* Effect.forEach(sample, ({ account, caller, command_id, sequence }) =>
        Effect.gen(function*() {
          const key = { caller: Id.CallerId.make(caller), id: Id.CommandId.make(command_id) }
          const line = Option.getOrUndefined(yield* store.answered(key))
          const [same] = yield* store.history(Id.AccountId.make(account), { before: Number(sequence) + 1, limit: 1 })
          return line?.answer._tag === "Approved" && line.account === account &&
            JSON.stringify(same) === JSON.stringify(line)
        }))
      return read.filter((isRight) => !isRight).length
    }).pipe(Effect.provide(
      PgAccountStore.layer().pipe(
        Layer.provide(PgClient.layer(place)),
        Layer.provide(Profiles.Profiles.layer(profiles))
      )
    ))
  )
  if (sample.length === 0 || wrong > 0) throw new Error(`${wrong} of ${sample.length} old lines cannot be read`)
}
