/**
 * The debit of a contracted bank card as a recharge channel 圈存渠道: the school draws the money, so opening an attempt
 * is the debit itself.
 *
 * Whatever the wire: what is about to be sent is written down with all that its reversal needs (`TransferRecord`), then
 * sent once. An answer that does not come, or is not believed, is never guessed at: the debit is taken back, again and
 * again until the bank has answered that, and meanwhile this terminal sends no other. A debit is taken back where the
 * school died before it could write the answer down, even if it was done: the money is with its payer again, and the
 * attempt is closed.
 */
import {
  CivilTime,
  Fault,
  Id,
  type Misuse,
  type PaymentAttempt,
  type Recharge,
  RechargeChannel,
  RechargeOrder,
  SubjectStore
} from "@yikatong/core"
import { Clock, Effect, Option, Semaphore } from "effect"
import * as TransferBill from "./TransferBill.ts"
import * as TransferRecord from "./TransferRecord.ts"
import * as TransferTerminal from "./TransferTerminal.ts"

/** How a debit ended, as far as its answer tells. */
export type Outcome =
  | { readonly _tag: "Paid"; readonly reference: string }
  /** Surely not done. `code`: the bank's, or ours where nothing was sent. */
  | { readonly _tag: "Declined"; readonly code: string; readonly problem: string }
  | { readonly _tag: "Unknown"; readonly reason: TransferRecord.Reason }

/** What a wire does. `number`: takes a number for a message of the wire's own, such as a sign-in. */
export interface Wire {
  /** Makes ready to send, such as by a sign-in; a problem, in words, where it can not. Nothing of a debit is sent. */
  readonly ready: (number: Numbering) => Effect.Effect<string | undefined>
  readonly debit: (sent: TransferRecord.Sent) => Effect.Effect<Outcome>
  /** Sends the reversal; whether the bank has answered that it is done, or that there is nothing to take back. */
  readonly takeBack: (
    sent: TransferRecord.Sent,
    reason: TransferRecord.Reason,
    number: Numbering
  ) => Effect.Effect<boolean>
  /** The bank's list of a day, where the wire can ask for one. */
  readonly list?: TransferBill.List
}

/** A number, and its batch, that no other message of this terminal has. */
export type Numbering = Effect.Effect<{ readonly batch: number; readonly number: number }, Fault.ChannelFailed>

export interface Settings {
  readonly name: string
  readonly serves?: ReadonlyArray<{ readonly channel: string; readonly source: Recharge.FundingSource }>
  readonly patience?: RechargeChannel.Patience
  /** Who the channel is in our books. */
  readonly caller: Id.CallerId
  readonly terminal: string
  /** What the school calls the contract of an account with the bank; nothing where it has none. */
  readonly contractOf: (account: Id.AccountId) => Effect.Effect<string | undefined, Fault.ChannelFailed>
  /**
   * The bank's list of a day, from which the channel makes its bill: instead of the wire's own, or where the wire has none. ISO
   * 8583 knows no such message, so a branch's file comes in here.
   */
  readonly list?: TransferBill.List
}

const { ChannelFailed, ChannelRefused } = Fault
const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/**
 * Tells that a reversal comes too late for the bank (`tooLate`, such as of another day): nobody knows whether the debit was
 * done, the terminal sends no other, and from here on only a person can end it, by {@link settle}. By whom it was sent and
 * under which numbers is told, so that it is found in the bank's books; nothing of the card or its holder.
 */
export const tooLate = ({ batch, number, sentAt, terminal }: TransferRecord.Sent): Effect.Effect<void> =>
  Effect.logError(
    `圈存冲正已过银行受理时限，须人工处理 / the bank takes the reversal of a debit no more, and a person has to end it: look in the bank's books for terminal ${terminal}, batch ${batch}, number ${number}, of ${
      CivilTime.format(sentAt)
    }; if it was debited, give its reference to TransferChannel.settle, if not, call settle without one. Until then this terminal sends no other debit`
  )

/**
 * A person settles a debit whose reversal the bank will not take any more ({@link tooLate}): as the bank's books have it.
 *
 * 1. Look for the debit in the bank's books or its list of the day, by terminal, batch and number.
 * 2. It was debited: `paid`, with the bank's reference and time. The channel says "paid" from then on, and the order is
 *    credited when it is asked next (`Recharging.drive`). Never give a reference that you have not seen there.
 * 3. It was not debited, or the bank has given it back: without `paid`. The attempt is closed, nothing is credited.
 *
 * The terminal is free again either way. Whether it was such a debit: one that has ended is left as it is (false).
 * `number`: of the payment attempt. `caller`: who the person is in the books.
 */
export const settle = Effect.fnUntraced(function*(
  caller: Id.CallerId,
  number: Id.OrderNumber,
  paid?: { readonly reference: string; readonly paidAt: CivilTime.Instant }
): Effect.fn.Return<boolean, Fault.StoreFault | Misuse.CommandIdReused, SubjectStore.SubjectStore> {
  const store = yield* SubjectStore.SubjectStore
  const receivedAt = yield* now
  const body: TransferRecord.Command = { _tag: "Settle", ...(paid === undefined ? {} : { paid }) }
  const record = Option.getOrUndefined(yield* store.find(TransferRecord.decider, number))
  if (!TransferRecord.takes(record, body, receivedAt)) return false
  const id = Id.CommandId.make(`Settle:${number}`)
  const answer = yield* store.transact(TransferRecord.decider, { caller, id, subject: number, receivedAt, body })
  return answer._tag === "Approved"
})

/** The channel over a wire. Its debits are sent one after the other. */
export const make = Effect.fnUntraced(function*(settings: Settings, wire: Wire) {
  const { caller, contractOf, name, patience, serves, terminal } = settings
  const store = yield* SubjectStore.SubjectStore
  const one = yield* Semaphore.make(1)
  const failed = (operation: string) => (cause: unknown) => new ChannelFailed({ operation, cause })
  const kept = <A, E>(operation: string, effect: Effect.Effect<A, E>) => Effect.mapError(effect, failed(operation))

  const find = (number: Id.OrderNumber) =>
    kept("find the transfer", Effect.map(store.find(TransferRecord.decider, number), Option.getOrUndefined))
  const terminalNow = kept("find the terminal", store.find(TransferTerminal.decider, terminal))

  const tell = Effect.fnUntraced(function*(number: Id.OrderNumber, body: TransferRecord.Command) {
    const receivedAt = yield* now
    if (TransferRecord.takes(yield* find(number), body, receivedAt)) {
      const id = Id.CommandId.make(`${body._tag}:${number}`)
      const submitted = { caller, id, subject: number, receivedAt, body }
      yield* kept("write the transfer down", store.transact(TransferRecord.decider, submitted))
    }
    return yield* find(number)
  })

  const tellTerminal = Effect.fnUntraced(function*(body: TransferTerminal.Command) {
    const { batch, number } = Option.getOrElse(yield* terminalNow, () => ({ batch: 1, number: 0 }))
    // Every message has a number of its own: the next command has another name than the last.
    const id = Id.CommandId.make(`${body._tag}:${terminal}:${batch}.${number}:${body.debit ?? ""}`.replace(/:$/, ""))
    const submitted = { caller, id, subject: terminal, receivedAt: yield* now, body }
    return yield* kept("write the terminal down", store.transact(TransferTerminal.decider, submitted))
  })

  const take = Effect.fnUntraced(function*(debit?: Id.OrderNumber) {
    const isTaken = debit !== undefined && Option.getOrUndefined(yield* terminalNow)?.open !== undefined
    // Not written down: a refusal under the name of this number would stand in the way for ever.
    if (isTaken) return yield* failed("take a number")("another debit is open at this terminal")
    const answer = yield* tellTerminal({ _tag: "Take", ...(debit === undefined ? {} : { debit }) })
    const taken = answer._tag === "Approved" ? answer.events[0] : undefined
    return taken?._tag === "Taken" ? taken : yield* failed("take a number")("another debit is open at this terminal")
  })
  const numbering: Numbering = take()
  const list = settings.list ?? wire.list

  /** Takes back what nobody knows of, once; the record as it is then. */
  const pursued = Effect.fnUntraced(function*(number: Id.OrderNumber) {
    let record = yield* find(number)
    // Somebody was cut off before the answer could be written down.
    if (record?._tag === "Sent") record = yield* tell(number, { _tag: "TakeBack", reason: "98" })
    if (record?._tag === "Reversing" && (yield* wire.takeBack(record, record.reason, numbering))) {
      record = yield* tell(number, { _tag: "Reverse" })
    }
    if (record?._tag !== "Reversing") yield* tellTerminal({ _tag: "Free", debit: number })
    return record
  })

  /** Whether this terminal is free; what is open is pursued. */
  const isFree = Effect.gen(function*() {
    const open = Option.getOrUndefined(yield* terminalNow)?.open
    return open === undefined || (yield* pursued(open))?._tag !== "Reversing"
  })

  const refused = (code: string, problem: string) => new ChannelRefused({ operation: "create", code, problem })

  const ended = Effect.fnUntraced(function*(record: TransferRecord.TransferRecord | undefined) {
    switch (record?._tag) {
      case "Paid":
        return { _tag: "Nothing" } as const
      case "Declined":
        return yield* refused(record.code, "the bank declined the debit")
      case "Reversed":
        return yield* refused("reversed", "nobody knew whether it was done, so it was taken back")
      default:
        return yield* failed("create")("no answer yet, and none to the reversal")
    }
  })

  const create = Effect.fnUntraced(function*({ amount, number, order }: PaymentAttempt.Attempt) {
    if ((yield* find(number)) !== undefined) return yield* ended(yield* pursued(number))
    const placed = yield* kept("find the order", store.find(RechargeOrder.decider, order))
    if (Option.isNone(placed)) return yield* refused("noOrder", "there is no such order")
    const { account } = placed.value
    const contract = yield* contractOf(account)
    if (contract === undefined) return yield* refused("noContract", "the holder has no contract with the bank")
    if (!(yield* isFree)) return yield* refused("open", "another debit of this terminal is not settled yet")
    const problem = yield* wire.ready(numbering)
    if (problem !== undefined) return yield* refused("notReady", problem)
    const { batch, number: count } = yield* take(number)
    const sent = yield* tell(number, { _tag: "Send", terminal, batch, number: count, account, amount, contract })
    if (sent?._tag !== "Sent") return yield* ended(sent)
    const outcome = yield* wire.debit(sent)
    const told: TransferRecord.Command = outcome._tag === "Paid"
      ? { _tag: "Pay", reference: outcome.reference, paidAt: yield* now }
      : outcome._tag === "Declined"
      ? { _tag: "Decline", code: outcome.code }
      : { _tag: "TakeBack", reason: outcome.reason }
    yield* tell(number, told)
    return yield* ended(yield* pursued(number))
  })

  return RechargeChannel.make(name, (mint) => ({
    ...(serves === undefined ? {} : { serves }),
    ...(patience === undefined ? {} : { patience }),
    payers: [],
    ...(list === undefined ? {} : {
      bill: (day) =>
        Semaphore.withPermit(one)(TransferBill.make({ name, terminal, mint, store, list, number: numbering })(day))
    }),
    create: (attempt) => Semaphore.withPermit(one)(create(attempt)),
    query: ({ number }) =>
      Semaphore.withPermit(one)(Effect.gen(function*() {
        const known = yield* find(number)
        if (known === undefined) return { _tag: "NotFound" } as const
        const record = known._tag === "Sent" || known._tag === "Reversing" ? yield* pursued(number) : known
        switch (record?._tag) {
          case "Paid": {
            const { amount, paidAt, reference } = record
            return { _tag: "Paid", receipt: mint({ number, amount, paidAt, reference, witness: "query" }) } as const
          }
          case "Declined":
          case "Reversed":
            return { _tag: "Closed" } as const
          default:
            return { _tag: "Unclear" } as const
        }
      }))
  }))
})
