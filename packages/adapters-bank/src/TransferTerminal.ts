/**
 * The terminal by which debits are sent 圈存终端: it counts its messages, and has one debit open at a time.
 *
 * While nobody knows how a debit ended, no other is begun here. The count goes on over every restart, since the bank
 * takes a number that comes again for the same message.
 */
import { type Decider, Id } from "@yikatong/core"
import { Result, Schema } from "effect"

export const kind = "bankTerminal"

const Count = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 999_999 }))

/** `number`: of its last message. `batch` counts the rounds. `open`: the debit that has not ended. */
export const TransferTerminal = Schema.Struct({
  number: Count,
  batch: Count,
  open: Schema.optionalKey(Id.OrderNumber)
})
export interface TransferTerminal extends Schema.Schema.Type<typeof TransferTerminal> {}

export const Command = Schema.TaggedUnion({
  /** A number for a message; `debit`: for the debit of this attempt, which is open from here on. */
  Take: { debit: Schema.optionalKey(Id.OrderNumber) },
  /** The debit has ended. */
  Free: { debit: Id.OrderNumber }
})
export type Command = typeof Command.Type

export const Event = Schema.TaggedUnion({
  Taken: { number: Count, batch: Count, debit: Schema.optionalKey(Id.OrderNumber) },
  Freed: {}
})
export type Event = typeof Event.Type

const decide: Decider.Decider<TransferTerminal, Command, Event>["decide"] = (terminal, command) => {
  if (command._tag === "Free") return Result.succeed(terminal?.open === command.debit ? [{ _tag: "Freed" }] : [])
  const { debit } = command
  if (debit !== undefined && terminal?.open !== undefined) {
    return Result.fail({ _tag: "OrderStepRefused", order: "Open", step: "Take" })
  }
  const { batch, number } = terminal ?? { batch: 1, number: 0 }
  const isOver = number === 999_999
  const next = { number: isOver ? 1 : number + 1, batch: isOver ? batch % 999_999 + 1 : batch }
  return Result.succeed([{ _tag: "Taken", ...next, ...(debit === undefined ? {} : { debit }) }])
}

const evolve = (terminal: TransferTerminal | undefined, event: Event): TransferTerminal => {
  if (event._tag === "Freed") {
    if (terminal === undefined) throw new Error("A terminal begins with Taken")
    const { batch, number } = terminal
    return { batch, number }
  }
  const { batch, debit = terminal?.open, number } = event
  return { batch, number, ...(debit === undefined ? {} : { open: debit }) }
}

/** The decider of terminals. */
export const decider: Decider.Decider<TransferTerminal, Command, Event> = {
  kind,
  state: TransferTerminal,
  command: Command,
  event: Event,
  decide,
  evolve,
  postings: () => []
}
