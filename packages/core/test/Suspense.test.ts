import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { day, instant } from "../src/CivilTime.ts"
import { replay } from "../src/Decider.ts"
import { CallerId, CommandId, OperatorId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Suspense from "../src/Suspense.ts"

const now = instant("2026-03-03 09:00")
const setting = { profile: csmzxy, subject: "key", caller: CallerId.make("test"), id: CommandId.make("1"), now }
const row = {
  kind: "payment",
  day: day("2026-03-02"),
  reference: "t-1",
  number: "x",
  amount: Money.amount(1),
  fee: 0
} as const
const open = { _tag: "Open", channel: "weChat", day: row.day, difference: { _tag: "UnknownNumber", row } } as const
const resolve = (note: string) => ({ _tag: "Resolve", operator: OperatorId.make("clerk-1"), note } as const)
const { decide, postings } = Suspense.decider

const lived = (...commands: ReadonlyArray<Suspense.Command>) => {
  const events: Array<Suspense.Event> = []
  for (const command of commands) {
    events.push(...Result.getOrThrow(decide(replay(Suspense.decider, events), command, setting)))
  }
  return { events, state: replay(Suspense.decider, events) }
}

describe("a difference that waits for a person (D2, D21)", () => {
  it.each([
    ["found", [open], ["Opened"], "Open"],
    ["found again", [open, open], ["Opened"], "Open"],
    ["resolved", [open, resolve("a")], ["Opened", "Resolved"], "Resolved"],
    ["found after it was resolved", [open, resolve("a"), open], ["Opened", "Resolved"], "Resolved"],
    ["resolved once more", [open, resolve("a"), resolve("b")], ["Opened", "Resolved", "Resolved"], "Resolved"]
  ])("%s", (_, commands, events, state) => {
    const all = lived(...commands)
    expect(all.events.map(({ _tag }) => _tag)).toEqual(events)
    expect(all.state?._tag).toBe(state)
    expect(all.events.flatMap(postings)).toEqual([])
    const json = Schema.toCodecJson(Suspense.Suspense)
    expect(Schema.decodeSync(json)(Schema.encodeSync(json)(all.state as Suspense.Suspense))).toEqual(all.state)
  })

  it("who resolves it last has the last word", () => {
    expect(lived(open, resolve("a"), resolve("b")).state).toMatchObject({ note: "b", openedAt: now, resolvedAt: now })
  })

  it("what was never found is not resolved, and no life begins so", () => {
    expect(decide(undefined, resolve("a"), setting)).toEqual(Result.fail({ _tag: "UnknownSubject", kind: "suspense" }))
    const { events } = lived(open, resolve("a"))
    expect(() => replay(Suspense.decider, events.slice(1))).toThrow("begins with Opened")
  })
})
