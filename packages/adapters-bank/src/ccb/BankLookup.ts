/**
 * That a bank has shown whom it means 核对记录: what it claimed of a holder was held against the register, and fitted.
 *
 * A deposit names its holder by number and account alone, so it is taken only after a lookup that fitted. The subject
 * is bank and account: neither name nor document nor number stands in it.
 */
import { CivilTime, type Decider, type Id } from "@yikatong/core"
import { Result, Schema } from "effect"

export const kind = "bankLookup"

/** When it fitted last. */
export const BankLookup = Schema.Struct({ matchedAt: CivilTime.Instant })
export interface BankLookup extends Schema.Schema.Type<typeof BankLookup> {}

export const Command = Schema.TaggedUnion({ Match: {} })
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({ Matched: { at: CivilTime.Instant } })
export type Event = typeof Event.Type

/** The subject. No caller of a bank has a colon in its name. */
export const subjectOf = (bank: Id.CallerId, account: Id.AccountId): string => `${bank}:${account}`

/** The decider of lookups. */
export const decider: Decider.Decider<BankLookup, Command, Event> = {
  kind,
  state: BankLookup,
  command: Command,
  event: Event,
  decide: (_, __, { now }) => Result.succeed([{ _tag: "Matched", at: now }]),
  evolve: (_, { at }) => ({ matchedAt: at }),
  postings: () => []
}
