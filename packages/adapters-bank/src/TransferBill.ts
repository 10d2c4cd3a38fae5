/**
 * The bill of debited cards 圈存账单, out of the bank's list of a day, whatever the wire and however the list comes.
 *
 * A row names the terminal's batch and number, and the records know which attempt went under them. They are found by one pass
 * over the records: an index would be a second write beside the debit's own, and the comparison of a day, which belongs into
 * the night, passes over all attempts anyway.
 */
import { type CivilTime, Fault, type Id, type Money, type RechargeChannel, type SubjectStore } from "@yikatong/core"
import { Effect, Stream } from "effect"
import type { Numbering } from "./TransferChannel.ts"
import * as TransferRecord from "./TransferRecord.ts"

/** A debit that stands, as the bank's list has it. What was reversed is no payment, and none of these. Amounts are fen. */
export interface Listed {
  /** Under which a terminal sent it; nothing, where the list has no number that a terminal of ours could have used. */
  readonly sent?: { readonly batch: number; readonly number: number }
  /** Its number as it stands in the list. */
  readonly serial: string
  /** The bank's own number of it, as the answer to the debit had it. */
  readonly reference: string
  readonly amount: Money.Amount
  readonly at: CivilTime.Instant
}

/**
 * The bank's list of a day 明细; nothing where it is not there yet. One that contradicts itself, or what the bank said of it, is
 * `ChannelFailed`.
 */
export type List = (
  day: CivilTime.Day,
  number: Numbering
) => Effect.Effect<ReadonlyArray<Listed> | undefined, Fault.ChannelFailed>

const keyOf = ({ batch, number }: { readonly batch: number; readonly number: number }): string => `${batch}.${number}`

/** How a terminal's bill is made. */
export interface Settings {
  readonly name: string
  readonly terminal: string
  readonly mint: RechargeChannel.Mint
  readonly store: SubjectStore.SubjectStore["Service"]
  readonly list: List
  readonly number: Numbering
}

/**
 * The bill of a day. Only a debit that we have as paid comes with a receipt: of one that we took back, or know nothing of, the
 * bank contradicts itself, and a credit by its list beside a reversal that is still accepted would be money twice.
 */
export const make = ({ list, mint, name, number: numbering, store, terminal }: Settings) =>
  Effect.fnUntraced(function*(
    day: CivilTime.Day
  ): Effect.fn.Return<RechargeChannel.Bill, Fault.BillNotReady | Fault.ChannelFailed> {
    const listed = yield* list(day, numbering)
    if (listed === undefined) return yield* new Fault.BillNotReady({ channel: name, day })
    const wanted = new Set(listed.flatMap(({ sent }) => sent === undefined ? [] : [keyOf(sent)]))
    const known = new Map<string, { readonly number: Id.OrderNumber; readonly isPaid: boolean }>()
    const found = Stream.runForEach(store.all(TransferRecord.decider), ({ state, subject }) =>
      Effect.sync(() => {
        if (state.terminal !== terminal || !wanted.has(keyOf(state))) return
        known.set(keyOf(state), { number: subject as Id.OrderNumber, isPaid: state._tag === "Paid" })
      }))
    yield* Effect.mapError(found, (cause) => new Fault.ChannelFailed({ operation: "find the transfers", cause }))
    const rows = listed.map(({ amount, at, reference, sent, serial }) => {
      const one = sent === undefined ? undefined : known.get(keyOf(sent))
      const row = {
        kind: "payment",
        day,
        reference,
        number: one?.number ?? serial,
        amount,
        fee: 0,
        at
      } as const
      return one?.isPaid === true
        ? { row, receipt: mint({ number: one.number, amount, paidAt: at, reference, witness: "statement" }) }
        : { row }
    })
    return { day, rows }
  })
