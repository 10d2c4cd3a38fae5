/**
 * A subject for the laws of subject stores: a batch of meal vouchers 餐券, issued once and redeemed until none is left.
 * A voucher is worth one fen, which goes from the school to a merchant.
 *
 * It is small, and has what a store may get wrong: refusals, postings, a command that changes nothing, fields whose JSON
 * is not their value, and events of two shapes.
 */
import { Effect, Option, Result, Schema } from "effect"
import { Instant } from "../CivilTime.ts"
import type { Decider } from "../Decider.ts"
import { CallerId, CommandId, Words } from "../Id.ts"
import { of } from "../Money.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const State = Schema.Struct({ left: Count, redeemed: Count, last: Schema.Option(Words) })
export type State = typeof State.Type

export const Command = Schema.TaggedUnion({
  /** Issues the batch, once. */
  Issue: { vouchers: Count },
  /** Redeems some, or refuses. `note`: words that come back in the event. */
  Redeem: { vouchers: Count, note: Schema.Option(Words) }
})
export type Command = typeof Command.Type

const issued = { vouchers: Count, at: Instant, caller: CallerId, id: CommandId, subject: Schema.String }

export const Event = Schema.TaggedUnion({
  Issued: issued,
  Redeemed: { ...issued, note: Schema.Option(Words) }
})
export type Event = typeof Event.Type

/** The batches of one kind, whose vouchers are paid for `from` one book `to` another. */
export const decider = (
  kind: string,
  books: { readonly from: string; readonly to: string }
): Decider<State, Command, Event> => ({
  kind,
  state: State,
  command: Command,
  event: Event,
  decide: (state, command, { caller, id, now: at, subject }) => {
    const { vouchers } = command
    const event = { vouchers, at, caller, id, subject }
    if (command._tag === "Issue") {
      return state === undefined
        ? Result.succeed([{ _tag: "Issued", ...event }])
        : Result.fail({ _tag: "SubjectExists", kind })
    }
    if (state === undefined) return Result.fail({ _tag: "UnknownSubject", kind })
    if (vouchers > state.left) {
      return Result.fail({ _tag: "InsufficientWallet", amount: of(vouchers), available: of(state.left) })
    }
    return Result.succeed(vouchers === 0 ? [] : [{ _tag: "Redeemed", ...event, note: command.note }])
  },
  evolve: (state = { left: 0, redeemed: 0, last: Option.none() }, event) =>
    event._tag === "Issued"
      ? { ...state, left: event.vouchers }
      : { left: state.left - event.vouchers, redeemed: state.redeemed + event.vouchers, last: event.note },
  postings: (event) => event._tag === "Issued" ? [] : [{ ...books, amount: event.vouchers }]
})

const Later = Schema.TaggedUnion({
  Issued: { ...issued, colour: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("white"))) },
  Redeemed: Event.cases.Redeemed.fields
})

/** The same batches in a later release: a batch has a colour, and those of before are white (D22). */
export const later = (
  { kind, ...books }: { readonly kind: string; readonly from: string; readonly to: string }
): Decider<State, Command, typeof Later.Type> => {
  const { decide, ...same } = decider(kind, books)
  return {
    ...same,
    event: Later,
    decide: (state, command, setting) =>
      Result.map(
        decide(state, command, setting),
        (events) => events.map((event) => event._tag === "Issued" ? { ...event, colour: "green" } : event)
      )
  }
}
