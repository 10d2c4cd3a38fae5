/**
 * One deposit that a bank began 银行发起充值, as the school has it on record: a subject of its own, named by bank, day
 * and the bank's serial number.
 *
 * It is written down before the account is asked, so that whatever becomes of the line the same message gets the same
 * answer. A reversal of a deposit that never came leaves a tombstone: should the deposit come late, it finds it and is
 * refused. Of money it knows only what the messages say; the money itself moves in the books of the account. Amounts
 * are fen.
 */
import { CivilTime, type Decider, Id, Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import { DepositCode } from "./DepositMessages.ts"

export const kind = "bankDeposit"

/** By which a bank names a deposit. `serial`: letters and digits, as it can stand in the books. */
export interface Key {
  readonly bank: Id.CallerId
  readonly date: CivilTime.Day
  readonly serial: string
}

/** A serial number that can stand in the name of an order. */
export const isSerial = (serial: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(serial)

/** What the deposit is called within its bank: the id of the command that places its order. */
export const idOf = ({ date, serial }: Pick<Key, "date" | "serial">): Id.CommandId =>
  Id.CommandId.make(`${CivilTime.formatDay(date).replaceAll("-", "")}.${serial}`)

/** The subject of a deposit, and the name of its order. */
export const orderOf = (key: Key): Id.OrderId => Id.OrderId.make(`${key.bank}:${idOf(key)}`)

const received = {
  account: Id.AccountId,
  amount: Money.Amount,
  /** The bank's own time of it. */
  paidAt: CivilTime.Instant,
  payerTail: Schema.String,
  receivedAt: CivilTime.Instant
}
const credited = { ...received, creditedAt: CivilTime.Instant, balance: Money.Money }

export const BankDeposit = Schema.TaggedUnion({
  /** The bank says that it was paid; the account has not been credited, as far as is known here. */
  Received: received,
  /** `disputed`: since when the bank would have it back, and can not: the books of the day settle it. */
  Credited: { ...credited, disputed: Schema.optionalKey(CivilTime.Instant) },
  /** Nothing was credited, and nothing will be: the payer keeps the money. */
  Refused: { ...received, code: DepositCode, refusedAt: CivilTime.Instant },
  /** The bank takes it back, and it is not yet sure that the account was not credited. */
  TakingBack: received,
  Reversed: { ...received, reversedAt: CivilTime.Instant },
  /**
   * Refused before it was taken in, such as from another's card: the bank has heard "no" and given the money back, so it stays
   * refused, even where the account could take it by now.
   */
  TurnedAway: { amount: Money.Amount, code: DepositCode, refusedAt: CivilTime.Instant },
  /** Reversed before it came. */
  Tombstone: { amount: Money.Amount, reversedAt: CivilTime.Instant }
})
export type BankDeposit = typeof BankDeposit.Type

/** A deposit that was taken in. */
export type Known = Exclude<BankDeposit, { readonly _tag: "Tombstone" | "TurnedAway" }>

/** Whether a deposit was taken in: then it is known for whom. */
export const isTakenIn = (deposit: BankDeposit): deposit is Known =>
  deposit._tag !== "Tombstone" && deposit._tag !== "TurnedAway"

export const Command = Schema.TaggedUnion({
  /** The bank's message; the same again is nothing new. */
  Receive: {
    account: Id.AccountId,
    amount: Money.Amount,
    paidAt: CivilTime.Instant,
    payerTail: Schema.String
  },
  /** The account was credited. `balance`: what the bank is told. */
  Credit: { balance: Money.Money },
  Refuse: { code: DepositCode },
  /** It is refused and not taken in. */
  TurnAway: { amount: Money.Amount, code: DepositCode },
  /** The bank's reversal, whether its deposit has come or not. */
  TakeBack: { amount: Money.Amount },
  /** The account was not credited, and never will be. */
  Reverse: {}
})
export type Command = typeof Command.Type

const at = { at: CivilTime.Instant }

export const Event = Schema.TaggedUnion({
  Received: { ...at, account: Id.AccountId, amount: Money.Amount, paidAt: CivilTime.Instant, payerTail: Schema.String },
  Credited: { ...at, balance: Money.Money },
  Refused: { ...at, code: DepositCode },
  TurnedAway: { ...at, amount: Money.Amount, code: DepositCode },
  TakingBack: at,
  Disputed: at,
  Reversed: at,
  Buried: { ...at, amount: Money.Amount }
})
export type Event = typeof Event.Type

/** What a command makes of a deposit as it stands: an event, nothing new, or a contradiction. */
const step = (
  deposit: BankDeposit | undefined,
  command: Command,
  now: CivilTime.Instant
): Event | "known" | "refused" => {
  if (deposit === undefined) {
    if (command._tag === "Receive") {
      const { account, amount, paidAt, payerTail } = command
      return { _tag: "Received", at: now, account, amount, paidAt, payerTail }
    }
    const { _tag } = command
    if (_tag === "TurnAway") return { _tag: "TurnedAway", at: now, amount: command.amount, code: command.code }
    return _tag === "TakeBack" ? { _tag: "Buried", at: now, amount: command.amount } : "refused"
  }
  switch (command._tag) {
    case "Receive":
      return isTakenIn(deposit) && deposit.amount === command.amount && deposit.account === command.account
        ? "known"
        : "refused"
    case "Credit":
      if (deposit._tag === "Credited") return "known"
      return deposit._tag === "Received" || deposit._tag === "TakingBack"
        ? { _tag: "Credited", at: now, balance: command.balance }
        : "refused"
    case "Refuse":
      if (deposit._tag === "Refused") return "known"
      return deposit._tag === "Received" || deposit._tag === "TakingBack"
        ? { _tag: "Refused", at: now, code: command.code }
        : "refused"
    case "TurnAway":
      return deposit._tag === "TurnedAway" && deposit.amount === command.amount ? "known" : "refused"
    case "TakeBack":
      if (deposit.amount !== command.amount) return "refused"
      if (deposit._tag === "Received") return { _tag: "TakingBack", at: now }
      if (deposit._tag !== "Credited") return "known"
      return deposit.disputed === undefined ? { _tag: "Disputed", at: now } : "known"
    case "Reverse":
      if (deposit._tag === "Reversed") return "known"
      return deposit._tag === "TakingBack" ? { _tag: "Reversed", at: now } : "refused"
  }
}

/** What a command would be to a deposit as it stands: looked at before it is written down under its name for ever. */
export const weigh = (
  deposit: BankDeposit | undefined,
  command: Command,
  now: CivilTime.Instant
): "known" | "new" | "refused" => {
  const event = step(deposit, command, now)
  return typeof event === "string" ? event : "new"
}

const decide: Decider.Decider<BankDeposit, Command, Event>["decide"] = (deposit, command, { now }) => {
  const event = step(deposit, command, now)
  if (event === "known") return Result.succeed([])
  if (event !== "refused") return Result.succeed([event])
  return deposit === undefined
    ? Result.fail({ _tag: "UnknownSubject", kind })
    : Result.fail({ _tag: "OrderStepRefused", order: deposit._tag, step: command._tag })
}

const evolve = (deposit: BankDeposit | undefined, event: Event): BankDeposit => {
  if (event._tag === "Received") {
    const { account, amount, at, paidAt, payerTail } = event
    return { _tag: "Received", account, amount, paidAt, payerTail, receivedAt: at }
  }
  if (event._tag === "Buried") return { _tag: "Tombstone", amount: event.amount, reversedAt: event.at }
  if (event._tag === "TurnedAway") {
    return { _tag: "TurnedAway", amount: event.amount, code: event.code, refusedAt: event.at }
  }
  if (deposit === undefined || !isTakenIn(deposit)) {
    throw new Error(`A deposit begins with Received, not with ${event._tag}`)
  }
  const { account, amount, paidAt, payerTail, receivedAt } = deposit
  const known = { account, amount, paidAt, payerTail, receivedAt }
  switch (event._tag) {
    case "Credited": {
      // A reversal was under way, and the credit was faster: the bank wants it back all the same.
      const disputed = deposit._tag === "TakingBack" ? { disputed: event.at } : {}
      return { _tag: "Credited", ...known, creditedAt: event.at, balance: event.balance, ...disputed }
    }
    case "Refused":
      return { _tag: "Refused", ...known, code: event.code, refusedAt: event.at }
    case "TakingBack":
      return { _tag: "TakingBack", ...known }
    case "Reversed":
      return { _tag: "Reversed", ...known, reversedAt: event.at }
    case "Disputed":
      if (deposit._tag !== "Credited") throw new Error(`A deposit that is ${deposit._tag} is never disputed`)
      return { ...deposit, disputed: event.at }
  }
}

/** The decider of deposits. Its events post nothing: the money moves in the books of the account. */
export const decider: Decider.Decider<BankDeposit, Command, Event> = {
  kind,
  state: BankDeposit,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
