/**
 * The deposits of a bank as the store has them 充值记录: found by their key, and led on by one command at a time.
 *
 * A command is looked at before it is written down; whoever was faster is found when the deposit is read again.
 */
import { CivilTime, type Fault, Id, SubjectStore } from "@yikatong/core"
import { Clock, Effect, Option } from "effect"
import * as BankDeposit from "./BankDeposit.ts"

const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** The deposit of this key; nothing where none came. */
export const find = Effect.fnUntraced(function*(
  key: BankDeposit.Key
): Effect.fn.Return<BankDeposit.BankDeposit | undefined, Fault.StoreFault, SubjectStore.SubjectStore> {
  const store = yield* SubjectStore.SubjectStore
  return Option.getOrUndefined(yield* store.find(BankDeposit.decider, BankDeposit.orderOf(key)))
})

/** The key of a deposit from the name of its order, if it is one of this bank's. */
export const keyOf = (bank: Id.CallerId, order: Id.OrderId): BankDeposit.Key | undefined => {
  const found = /^([^:]+):(\d{4})(\d{2})(\d{2})\.(.+)$/.exec(order)
  const [, caller, year, month, day, serial] = found ?? []
  if (caller !== bank || serial === undefined || !BankDeposit.isSerial(serial)) return undefined
  const date = Option.getSuccess(CivilTime.parseDay(`${year}-${month}-${day}`))
  return Option.isSome(date) ? { bank, date: date.value, serial } : undefined
}

/** The deposit after a command, and what the command was to it. */
export interface Told {
  readonly weighed: "known" | "new" | "refused"
  readonly deposit: BankDeposit.BankDeposit | undefined
}

/** Gives a command to a deposit. */
export const tell = Effect.fnUntraced(function*(
  key: BankDeposit.Key,
  body: BankDeposit.Command
): Effect.fn.Return<Told, Fault.StoreFault, SubjectStore.SubjectStore> {
  const store = yield* SubjectStore.SubjectStore
  const receivedAt = yield* now
  const before = yield* find(key)
  const weighed = BankDeposit.weigh(before, body, receivedAt)
  if (weighed !== "new") return { weighed, deposit: before }
  const subject = BankDeposit.orderOf(key)
  const id = Id.CommandId.make(`${body._tag}:${BankDeposit.idOf(key)}`)
  // Two at once, each with what it was told: one of them is written, and read again.
  yield* Effect.catchTag(
    store.transact(BankDeposit.decider, { caller: key.bank, id, subject, receivedAt, body }),
    "CommandIdReused",
    () => Effect.void
  )
  const deposit = yield* find(key)
  return { weighed: BankDeposit.weigh(deposit, body, receivedAt), deposit }
})
