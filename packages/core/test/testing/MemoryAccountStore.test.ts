import { Effect, Option, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Id from "../../src/Id.ts"
import { bounded } from "../../src/ports/AccountStore.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import { csmzxy, Life } from "../support/Life.ts"

const subject: Command.Subject = { _tag: "Account", account: Id.AccountId.make("acc-1") }
const tenYears = 3_653 * CivilTime.dayLength

describe("a key stays known for ever (D19)", () => {
  it.each(
    [
      ["approved", "18.00", "Approved"],
      ["declined", "99.00", "Declined"]
    ] as const
  )("D19 I3 a payment that was %s: sent again ten years later it gets the first answer", async (_, amount, tag) => {
    const store = MemoryAccountStore.make([csmzxy])
    const send = (envelope: Command.Envelope) => Effect.runPromise(store.transact({ ...envelope, subject }))
    const life = Life.of(csmzxy).withWallet("50.00").at("2025-11-03 12:00").pay("ecode", amount)
    const answers = []
    for (const envelope of life.envelopes) answers.push(await send(envelope))
    const first = answers.at(-1)
    expect(first?._tag).toBe(tag)

    // Meanwhile the account has gone on, and would answer otherwise.
    const from = life.envelopes.length
    life.at("2025-11-04 12:00").pay("ecode", "1.00").expectApproved().close().expectApproved()
    for (const envelope of life.envelopes.slice(from)) await send(envelope)
    const before = await Effect.runPromise(store.find(subject))

    for (const [n, envelope] of life.envelopes.slice(0, from).entries()) {
      const again = { ...envelope, receivedAt: CivilTime.later(envelope.receivedAt, tenYears) }
      expect(await send(again)).toEqual(answers[n])
    }
    expect(await Effect.runPromise(store.find(subject))).toEqual(before)
    expect(Option.getOrThrow(before).version).toBe(life.state.version)
    const journal = await Effect.runPromise(Stream.runCollect(store.journal()))
    expect(journal.length).toBe(life.envelopes.length)
  })
})

describe("a page of an account's history has bounds (R56)", () => {
  const newest = Number.MAX_SAFE_INTEGER

  it.each([
    // what is asked for, what is read
    [{ limit: 20 }, { before: newest, limit: 20 }],
    [{ limit: 500, before: 41 }, { before: 41, limit: 500 }],
    [{ limit: 501 }, { before: newest, limit: 500 }],
    [{ limit: Infinity, before: Infinity }, { before: newest, limit: 500 }],
    [{ limit: 0, before: 0 }, { before: 0, limit: 1 }],
    [{ limit: -3, before: -3 }, { before: 0, limit: 1 }],
    [{ limit: NaN, before: NaN }, { before: 0, limit: 1 }],
    [{ limit: 2.9, before: 2.1 }, { before: 3, limit: 2 }]
  ])("%j is %j", (asked, read) => expect(bounded(asked)).toEqual(read))
})
