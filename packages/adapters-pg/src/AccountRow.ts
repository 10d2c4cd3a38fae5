/**
 * A row of `account` 账户行: what a payment changes in typed columns and packed counters, all else as JSON that is written
 * only when it changes.
 *
 * Nothing that comes from the database is believed before it was looked at. What a newer release wrote, in a shape that
 * this one does not know, is refused as a whole: half understood is worse than not at all (D22).
 */
import { AccountEvent, AccountState, Fault, type Id, type Money, Wallet } from "@yikatong/core"
import { Result, Schema, Struct } from "effect"
import type { Held } from "./Counters.ts"
import * as CountersReader from "./CountersReader.ts"
import * as CountersWriter from "./CountersWriter.ts"
import * as Faults from "./Faults.ts"

/** Something read, or why it cannot be. */
export type Read<A> = Result.Result<A, Fault.StoreBroken>

/** The pockets, each a column. */
export const pockets = Struct.keys(Wallet.empty)

/** A row as the client gives it: `bigint` for numbers. */
export interface AccountRow extends Readonly<Record<keyof Wallet.Pockets, bigint>> {
  readonly id: string
  /** The short name of the account in the journal. */
  readonly number: bigint
  readonly version: bigint
  readonly shape: number
  readonly counters: string
  /** JSON as text. */
  readonly standing: string
}

/** The columns of a row. */
export const columns = `id, number, version, shape, ${pockets.join(", ")}, counters, standing::text AS standing`

/** What stands in columns of their own. */
const Apart = ["id", "version", "pockets", "tallies", "recent", "posted"] as const
const Standing = AccountState.AccountState.mapFields(Struct.omit(Apart))
const standingFields = Struct.keys(Standing.fields)

const readStanding = Schema.decodeUnknownResult(Schema.fromJsonString(Standing))
const checkStanding = Schema.decodeUnknownResult(Standing)

/** The shape must be the present one: there are no older shapes yet, and a newer one needs a newer release. */
export const known = (what: string, shape: number): Read<void> =>
  shape === AccountEvent.shape ? Result.void : Result.fail(
    new Fault.StoreBroken({
      operation: `read ${what}`,
      cause: new Error(`it has the shape ${shape}, and this release knows ${AccountEvent.shape}: install a newer one`)
    })
  )

const broken = (id: string, problem: string): Fault.StoreBroken =>
  new Fault.StoreBroken({ operation: `read account ${id}`, cause: new Error(problem) })

/** What a row holds: the state, and its counters as they stand there. */
export interface Stored {
  readonly account: AccountState.AccountState
  readonly counters: Held
}

/** The state in a row. */
export const read = (row: AccountRow): Read<AccountState.AccountState> =>
  Result.map(stored(row), ({ account }) => account)

/** The state in a row that is going to be written again. */
export const stored = (row: AccountRow): Read<Stored> => {
  const { id } = row
  const shape = known(`account ${id}`, row.shape)
  if (Result.isFailure(shape)) return Result.fail(shape.failure)
  const standing = readStanding(row.standing)
  if (Result.isFailure(standing)) return Result.fail(Faults.undecodable(`account ${id}`, standing.failure))
  const counters = Result.try({
    try: () => CountersReader.unpack(row.counters),
    catch: (error) =>
      broken(id, `counters: ${error instanceof SyntaxError ? "the last line is no JSON" : String(error)}`)
  })
  if (Result.isFailure(counters)) return Result.fail(counters.failure)
  const held: Record<string, Money.Money> = {}
  for (const pocket of pockets) {
    const fen = Number(row[pocket])
    if (!Number.isSafeInteger(fen)) return Result.fail(broken(id, `${pocket}: more fen than a number can hold`))
    held[pocket] = fen as Money.Money
  }
  const version = Number(row.version)
  const { posted, recent, tallies } = counters.success
  const account = {
    ...standing.success,
    tallies,
    recent,
    posted,
    id: id as Id.AccountId,
    pockets: held as unknown as Wallet.Pockets,
    version
  }
  return Result.succeed({ account, counters: counters.success })
}

/** The columns of a state. `standing` is none where it is the same as before. */
export interface Written {
  readonly account: AccountState.AccountState
  readonly counters: string
  readonly standing: string | null
}

/** So often are all counters packed anew, in versions of the account: names of places that it has left are gone then. */
const packedAnew = 256
const turn = ({ version }: AccountState.AccountState): number => Math.floor(version / packedAnew)

/** Packs a state for its row; what could not be read again is refused. `row`: what the row holds. */
export const write = (account: AccountState.AccountState, row: Stored | undefined): Read<Written> => {
  const before = row?.account
  const isFresh = before === undefined || before.tallies.cells.length === 0 || turn(before) !== turn(account)
  const kept = isFresh ? undefined : row?.counters
  const counters = CountersWriter.pack(account, kept)
  if (counters === undefined || !isSound(account)) {
    return Result.fail(
      new Fault.StoreBroken({
        operation: `write account ${account.id}`,
        cause: new Error("a number in it could not be read back")
      })
    )
  }
  // An event leaves what it does not change the very same value.
  if (before !== undefined && standingFields.every((field) => account[field] === before[field])) {
    return Result.succeed({ account, counters, standing: null })
  }
  // A state that nobody can read would stop its account for ever, so it is better not written.
  const standing = Struct.pick(account, standingFields)
  const checked = checkStanding(standing)
  return Result.isFailure(checked)
    ? Result.fail(Faults.undecodable(`back what would be written of account ${account.id}`, checked.failure))
    : Result.succeed({ account, counters, standing: JSON.stringify(standing) })
}

const isSound = ({ pockets: held, version }: AccountState.AccountState): boolean =>
  Number.isSafeInteger(version) && pockets.every((pocket) => Number.isSafeInteger(held[pocket]) && held[pocket] >= 0)
