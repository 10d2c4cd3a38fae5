// What random lives have written: the core's own, lived in memory, as a store of this package would have to write it.
import type { AccountState, AccountStore, Id } from "@yikatong/core"
import { MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Stream } from "effect"
import { hash } from "node:crypto"
import { live, seed } from "../../core/test/model/Lives.ts"
import { profiles } from "../../core/test/model/School.ts"
import type * as JournalRow from "../src/JournalRow.ts"

/** The journal of so many lives, account after account. */
export const journalOf = async (lives: number, from = seed): Promise<ReadonlyArray<AccountStore.Entry>> => {
  const store = MemoryAccountStore.make(profiles)
  await live({ lives, maxCommands: 100, seed: from, token: "lived", world: () => ({ store }), command: "npm test" })
  return Effect.runPromise(Stream.runCollect(store.journal()))
}

/** A line of the journal as it is said to be written. */
export const lineOf = ({ account, answer, command, events, profile }: AccountStore.Entry): JournalRow.Line => ({
  account,
  answer,
  command,
  events,
  profile,
  fingerprint: hash("sha256", `${command.caller}/${command.id}`, "buffer").subarray(0, 16)
})

/** The row that the database gives back of what was written. */
export const rowOf = (written: JournalRow.Written, sequence: number, shape: number): JournalRow.JournalRow => {
  const only = written.transfers.length === 1 ? written.transfers[0] : undefined
  return {
    sequence: BigInt(sequence),
    account: written.account,
    received_at: BigInt(written.receivedAt),
    amount: only === undefined ? null : BigInt(only.amount),
    shape,
    caller: written.caller,
    command_id: written.id,
    fingerprint: written.fingerprint,
    act: written.act,
    point: written.point,
    merchant: written.merchant,
    from_book: only?.from ?? null,
    to_book: only?.to ?? null,
    profile: written.profile,
    line: written.line
  }
}

/** The accounts of a journal with the events of each of their lines. */
export const livesOf = (entries: ReadonlyArray<AccountStore.Entry>) => {
  const lives = new Map<Id.AccountId, Array<AccountStore.Entry["events"]>>()
  for (const { account, events } of entries) {
    if (account === undefined || events.length === 0) continue
    const lines = lives.get(account)
    if (lines === undefined) lives.set(account, [events])
    else lines.push(events)
  }
  return [...lives.values()]
}

/** The row that the database gives back of an account. */
export const accountRowOf = (
  { counters, standing, account }: {
    readonly account: AccountState.AccountState
    readonly counters: string
    readonly standing: string
  }
) => ({
  id: account.id as string,
  number: 1n,
  version: BigInt(account.version),
  shape: 1,
  counters,
  standing,
  chip: BigInt(account.pockets.chip),
  transit: BigInt(account.pockets.transit),
  wallet: BigInt(account.pockets.wallet),
  subsidy: BigInt(account.pockets.subsidy),
  frozen: BigInt(account.pockets.frozen),
  held: BigInt(account.pockets.held),
  receivable: BigInt(account.pockets.receivable)
})
