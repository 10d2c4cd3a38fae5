/**
 * Deposits that the bank begins 银行发起充值, with what its messages and our own steps make of them in any order and number
 * (D2, R23): invariant 5 of the recharges.
 */
import { describe, expect, it } from "@effect/vitest"
import { CivilTime, Csmzxy, Id, Money, Profiles } from "@yikatong/core"
import { MemoryAccountStore, MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer } from "effect"
import * as fc from "fast-check"
import type * as BankDeposit from "../src/ccb/BankDeposit.ts"
import * as DepositRecord from "../src/ccb/DepositRecord.ts"
import { account } from "./support/campus.ts"

const key: BankDeposit.Key = { bank: Id.CallerId.make("ccb"), date: CivilTime.day("2026-03-02"), serial: "D1" }
const paidAt = CivilTime.instant("2026-03-02 12:00")
const amount = Money.amount(5_000)

const command = fc.constantFrom<BankDeposit.Command>(
  { _tag: "Receive", account, amount, paidAt, payerTail: "0003" },
  { _tag: "TakeBack", amount },
  { _tag: "Credit", balance: Money.of(5_000) },
  { _tag: "Refuse", code: "closed" },
  { _tag: "TurnAway", amount, code: "notOwnCard" },
  { _tag: "Reverse" }
)

const layer = Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer).pipe(
  Layer.provideMerge(Profiles.Profiles.layer([Csmzxy.csmzxy]))
)

/** What the bank's side of it says: once it was taken back before it came, it never comes. */
const lived = (commands: ReadonlyArray<BankDeposit.Command>) =>
  Effect.gen(function*() {
    const states: Array<string | undefined> = []
    for (const one of commands) {
      yield* DepositRecord.tell(key, one)
      states.push((yield* DepositRecord.find(key))?._tag)
    }
    return states
  }).pipe(Effect.provide(layer), Effect.runPromise)

describe("a deposit that the bank begins", () => {
  it("invariant 5 of 6.3: a reversal that comes first prevents its deposit, whatever comes after it", async () => {
    let buried = 0
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 12 }), async (commands) => {
        const states = await lived(commands)
        const first = commands.findIndex(({ _tag }) => _tag === "Receive" || _tag === "TakeBack" || _tag === "TurnAway")
        if (commands[first]?._tag !== "TakeBack") return
        buried++
        expect(new Set(states.slice(first))).toEqual(new Set(["Tombstone"]))
      }),
      { numRuns: 300, seed: 20_260_302 }
    )
    expect(buried).toBeGreaterThan(50)
  })
  it("and one that was received first is credited, refused or reversed, and never two of these", async () => {
    const ends: ReadonlyArray<string | undefined> = ["Credited", "Refused", "Reversed"]
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 12 }), async (commands) => {
        const states = await lived([{ _tag: "Receive", account, amount, paidAt, payerTail: "0003" }, ...commands])
        expect(new Set(states.filter((state) => ends.includes(state))).size).toBeLessThanOrEqual(1)
      }),
      { numRuns: 200, seed: 20_260_302 }
    )
  })
})
