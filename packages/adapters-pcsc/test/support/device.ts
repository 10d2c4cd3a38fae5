/** A terminal of the tests as its campus knows it: a fresh memory, and the sign-in after which it may be cut off. */
import {
  BlockedCards,
  type CivilTime,
  Id,
  SubjectStore,
  Submit,
  Terminal,
  TerminalEvent,
  TerminalMemory
} from "@yikatong/core"
import { Effect } from "effect"
import { type Books, profile } from "./Books.ts"

export const terminal = TerminalEvent.TerminalId.make("till-1")
export const caller = Id.CallerId.make("terminals")

export const fresh = (asOf: CivilTime.Instant): TerminalMemory.TerminalMemory =>
  TerminalMemory.fromPlain({
    station: "canteen-1",
    device: 0,
    terminal: 0,
    unsent: 0,
    list: { version: 0, asOf, cards: [] },
    recent: []
  })

/** Signs in by the clock of the books; gives the memory as it is then. */
export const signIn = (
  books: Books,
  memory: TerminalMemory.TerminalMemory,
  id: string
): Promise<TerminalMemory.TerminalMemory> =>
  books.run(Effect.gen(function*() {
    const receivedAt = yield* Submit.arrival
    const answer = yield* (yield* SubjectStore.SubjectStore).transact(Terminal.decider, {
      caller,
      id: Id.CommandId.make(id),
      subject: terminal,
      receivedAt,
      body: { _tag: "SignIn", clock: books.now, holds: { profile: profile.version, list: 0 }, newestList: 0 }
    })
    if (answer._tag !== "Approved") throw new Error(`The terminal may not sign in: ${answer.decline._tag}`)
    const list = BlockedCards.full(BlockedCards.none, receivedAt)
    return TerminalMemory.signedIn(memory, { at: receivedAt, offset: 0 }, list)
  }))
