// A small campus on the real server that was lived by commands, and a forger who may do all that the owner of the database may.
import { Books, Csmzxy } from "@yikatong/core"
import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { Life } from "../../core/test/support/Life.ts"
import { Integrity, Seals } from "../src/index.ts"
import { client, freshSchema, store, subjects } from "./clients.ts"
import { account } from "./commands.ts"
import { batch, batches } from "./vouchers.ts"

/** Holds a card with 100.00, is loaded a subsidy and a recharge in one, pays twice by card, and is refused a third time. */
const life = Life.of(Csmzxy.csmzxy, { chip: "100.00" }).at("2025-11-03 12:00").grantSubsidy("10.00")
  .recharge("ccbApp", "20.00").load().expectApproved()
  .pay("card", "18.00").expectApproved().later(60_000).pay("card", "7.00").expectApproved().pay("card", "99.00")

/** Lines that cases speak of, each by a condition that only it fulfils. */
const named = {
  open: "act = 'OpenAccount' AND account = 1",
  credit: "act = 'CreditRecharge' AND amount = 2000",
  load: "sequence = (SELECT max(sequence) FROM \"SCHEMA\".transfer)",
  pay: "act = 'PayByCard' AND amount = 1800",
  later: "act = 'PayByCard' AND amount = 700",
  refused: "act = 'PayByCard' AND decline IS NOT NULL",
  nobody: "account IS NULL",
  other: "act = 'PayByCode' AND account = 2"
} as const
type Name = keyof typeof named

export interface Campus {
  readonly schema: string
  /** The number of a line. */
  readonly at: Readonly<Record<Name, number>>
  readonly kinds: ReadonlyArray<Books.Kind>
}

/** Runs statements in one transaction, as somebody whom no trigger stops. `SCHEMA` and `{name of a line}` stand in them. */
export const forge = (
  { at, schema }: Pick<Campus, "schema"> & Partial<Campus>,
  ...statements: ReadonlyArray<string>
): Effect.Effect<void, SqlError.SqlError> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql.withTransaction(Effect.gen(function*() {
      yield* sql`SET LOCAL session_replication_role = replica`
      for (const statement of statements) {
        yield* sql.unsafe(
          statement.replaceAll("\"SCHEMA\"", `"${schema}"`).replace(/\{(\w+)\}/g, (text, name: Name) =>
            `${at?.[name] ?? text}`)
        )
      }
    }))).pipe(Effect.provide(client()))

/** A campus in a schema of its own. */
export const campus = Effect.gen(function*() {
  const schema = freshSchema()
  const accounts = yield* store({ schema, profiles: [Csmzxy.csmzxy] })
  const others = yield* subjects({ schema })
  for (const envelope of life.envelopes) {
    const { body } = envelope
    const subject = body._tag === "PayByCard"
      ? { _tag: "Card", card: body.card } as const
      : { _tag: "Account", account: life.state.id } as const
    yield* accounts.transact({ ...envelope, subject })
  }
  const { funded, pay } = account("other")
  yield* Effect.forEach([...funded(5_000), pay(100), account("stranger").pay(100)], accounts.transact)
  const { issue, redeem } = batch("batch")
  yield* Effect.forEach([issue(10), redeem(3), redeem(2)], (command) => others.transact(batches, command))
  const at = yield* Effect.flatMap(
    SqlClient.SqlClient,
    (sql) =>
      Effect.forEach(Object.entries(named), ([name, condition]) =>
        Effect.map(
          sql.unsafe<{ readonly sequence: bigint }>(
            `SELECT sequence FROM "${schema}".journal WHERE ${condition.replaceAll("SCHEMA", schema)}`
          ),
          (rows) => {
            if (rows.length !== 1) {
              throw new Error(`${rows.length} lines are called ${name}`)
            }
            return [name, Number(rows[0]?.sequence)] as const
          }
        ))
  ).pipe(Effect.provide(client()))
  return { schema, at: Object.fromEntries(at) as Campus["at"], kinds: [...Books.house, Books.kind(batches)] }
})

export const check = ({ kinds, schema }: Campus, options: Integrity.Options = {}) =>
  Effect.provide(Integrity.check({ schema, kinds, ...options }), client())

export const seal = ({ schema }: Pick<Campus, "schema">, options: Seals.Options = {}) =>
  Effect.provide(Seals.seal({ schema, ...options }), client())
