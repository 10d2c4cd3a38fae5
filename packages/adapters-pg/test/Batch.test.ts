// What a batch decides, without a database.
import { AccountEvent, AccountState, type Id } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Batch from "../src/Batch.ts"
import { account } from "./commands.ts"

const empty: Batch.Found = { answers: new Map(), accounts: new Map(), cards: new Map(), handles: new Map() }
const decide = (envelopes: ReadonlyArray<Parameters<typeof Batch.item>[0]>, found: Partial<Batch.Found> = {}) =>
  Batch.decide(AccountStoreLaws.profiles, envelopes.map(Batch.item), { ...empty, ...found })
const tags = ({ replies }: Batch.Outcome) =>
  replies.map((reply) => Result.isSuccess(reply) ? reply.success._tag : reply.failure._tag)

describe("a batch", () => {
  it("is what its commands would be one after the other: opened, funded and spent in one", () => {
    const { card, funded, id, pay } = account("whole-life")
    const outcome = decide([pay(1), ...funded(1_000), pay(600), pay(600)])
    expect(tags(outcome)).toEqual([
      "Declined",
      "Approved",
      "Approved",
      "Approved",
      "Approved",
      "Approved",
      "Declined"
    ])
    expect(outcome.changed.map(({ account }) => account.pockets.transit)).toEqual([400])
    expect(outcome.changed.map(({ before }) => before)).toEqual([undefined])
    expect([...outcome.cards]).toEqual([[card, id]])
    const events = outcome.replies.flatMap((reply) =>
      Result.isSuccess(reply) && reply.success._tag === "Approved" ? reply.success.events : []
    )
    expect(AccountState.replay(events)).toEqual(outcome.changed[0]?.account)
    expect(outcome.lines.flatMap((line) => line.transfers)).toEqual(events.flatMap(AccountEvent.transfers))
  })

  it("writes only what changed, and the version that was there before", () => {
    const { funded, id, pay } = account("changed")
    const state = decide(funded(1_000)).changed[0]?.account
    if (state === undefined) throw new Error("it was opened")
    const accounts: Batch.Found["accounts"] = new Map([[id, Result.succeed(state)]])
    const declined = decide([pay(5_000)], { accounts })
    expect([declined.lines.length, declined.changed.length]).toEqual([1, 0])
    const approved = decide([pay(100), pay(100)], { accounts })
    expect(approved.changed.map(({ account, before }) => [before, account.version])).toEqual([
      [state, state.version + 2]
    ])
  })

  it("D18 tells a repeated command its first answer, and another body under its id CommandIdReused", () => {
    const { funded, pay } = account("repeated")
    const outcome = decide([...funded(1_000), pay(100, "r-1"), pay(100, "r-1"), pay(101, "r-1")])
    expect(tags(outcome).slice(4)).toEqual(["Approved", "Approved", "CommandIdReused"])
    expect(outcome.replies[5]).toEqual(outcome.replies[4])
    expect(outcome.lines).toHaveLength(5)
  })

  it("D20 gives a card to the first of two accounts in one batch", () => {
    const [one, other] = [account("card-1"), account("card-2")]
    expect(tags(decide([one.open, other.open, one.issue(), other.issue(one.card)]))).toEqual([
      "Approved",
      "Approved",
      "Approved",
      "Declined"
    ])
  })

  it("what could not be read again is not written, and its neighbours are", () => {
    const { funded, pay } = account("unreadable")
    const outcome = decide([...funded(1_000), pay(100), { ...pay(100), receivedAt: Number.NaN as never }, pay(100)])
    expect(tags(outcome).slice(4)).toEqual(["Approved", "StoreBroken", "Approved"])
    expect(outcome.changed.map(({ account }) => account.pockets.transit)).toEqual([800])
    expect(outcome.lines).toHaveLength(6)
  })

  it("an account that cannot be read fails its own commands only", () => {
    const [sick, sound] = [account("sick"), account("sound")]
    const broken = Result.fail({ _tag: "StoreBroken" } as never)
    const outcome = decide([sick.pay(1), ...sound.funded(10), sick.pay(1)], {
      accounts: new Map<Id.AccountId, typeof broken>([[sick.id, broken]])
    })
    expect(tags(outcome)).toEqual(["StoreBroken", "Approved", "Approved", "Approved", "Approved", "StoreBroken"])
  })
})
