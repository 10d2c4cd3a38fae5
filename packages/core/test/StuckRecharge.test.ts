import { describe, expect, it } from "vitest"
import { dayLength, instant, later } from "../src/CivilTime.ts"
import * as Explanation from "../src/Explanation.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import type * as PaymentAttempt from "../src/PaymentAttempt.ts"
import * as StuckRecharge from "../src/StuckRecharge.ts"

const noon = instant("2026-03-02 12:00")
const end = later(noon, 7_200_000)
const [paidAt, dueAt, since, failedAt, takenBackAt] = [1, 2, 3, 4, 5].map((minutes) =>
  later(noon, minutes * 60_000)
) as [
  typeof noon,
  typeof noon,
  typeof noon,
  typeof noon,
  typeof noon
]
const opened = {
  number: `20260302${"A".repeat(20)}` as Id.OrderNumber,
  order: Id.OrderId.make("app:1"),
  index: 1,
  channel: "todayCampus",
  source: "weChat",
  amount: Money.amount(5_000),
  openedAt: noon,
  expiresAt: end
} as const
const paid = { ...opened, paidAt, paidAmount: Money.amount(4_999), reference: "r", witness: "query" } as const
const back = { ...paid, reason: "late", dueAt, since } as const

const usual: StuckRecharge.Sides = { now: later(end, dayLength), canRefund: true, isNotCredited: false }
const later1: StuckRecharge.Sides = { ...usual, now: later(end, dayLength + 1) }
const noRefunds: StuckRecharge.Sides = { ...usual, canRefund: false }

const shared = { order: "app:1", number: opened.number, channel: "todayCampus", source: "weChat" }

describe("what waits for a person (D2)", () => {
  it.each<[string, PaymentAttempt.Attempt, StuckRecharge.Sides, object]>([
    [
      "a refund that failed",
      { _tag: "ReturnFailed", ...back, failedAt },
      usual,
      { _tag: "ReturnFailed", amount: 4_999, since: failedAt, reason: "late", can: ["returnAgain", "returned"] }
    ],
    [
      "a refund that failed, of a channel that makes none any more",
      { _tag: "ReturnFailed", ...back, failedAt },
      noRefunds,
      { _tag: "ReturnFailed", amount: 4_999, since: failedAt, reason: "late", can: ["returned"] }
    ],
    [
      "money that goes back by hand",
      { _tag: "Returning", ...back },
      noRefunds,
      { _tag: "ReturnByHand", amount: 4_999, since, reason: "late", can: ["returned"] }
    ],
    [
      "what the account would not take",
      { _tag: "Paid", ...paid },
      { ...usual, isNotCredited: true },
      { _tag: "NotCredited", amount: 4_999, since: paidAt, can: ["tellTakenBack"] }
    ],
    [
      "what the bank took back after it was credited",
      { _tag: "TakenBack", ...paid, keptAt: paidAt, takenBackAt },
      usual,
      { _tag: "TakenBack", amount: 4_999, since: takenBackAt, can: ["askHolder", "giveUp"] }
    ],
    [
      "a day past its end nobody knows",
      { _tag: "Waiting", ...opened, instruction: { _tag: "Nothing" } },
      later1,
      { _tag: "Undecided", amount: 5_000, since: end, can: ["giveUp"] }
    ],
    [
      "a day past its end nobody knows whether it ever came to its channel",
      { _tag: "Unknown", ...opened, since: noon },
      later1,
      { _tag: "Undecided", amount: 5_000, since: end, can: ["giveUp"] }
    ]
  ])("%s", (_, attempt, sides, stuck) => {
    const told = StuckRecharge.of(attempt, sides)
    expect(told).toEqual({ ...shared, ...stuck })
    if (told === undefined) throw new Error("nothing")
    const { remedy, what } = Explanation.ofStuck(told)
    for (const text of [what, remedy]) {
      expect(text.zh).toMatch(/\p{Script=Han}/u)
      expect(text.en).toMatch(/^[\x20-\x7e¥]+$/u)
      // A sentence bears no full stop at its end, and no blank is left in it.
      expect(`${text.zh}${text.en}`).not.toMatch(/[.。]$|\{\}/u)
    }
    expect(what.en).toContain(told.amount === 5_000 ? "¥50.00" : "¥49.99")
    // A tag is no word for a person.
    expect(`${what.en} ${remedy.en}`).not.toContain(told._tag)
  })

  it.each<[string, PaymentAttempt.Attempt, StuckRecharge.Sides]>([
    ["a payer who has a day less", { _tag: "Waiting", ...opened, instruction: { _tag: "Nothing" } }, usual],
    ["closed", { _tag: "Closed", ...opened, closedAt: end }, later1],
    ["paid, and on its way to be credited", { _tag: "Paid", ...paid }, later1],
    ["kept", { _tag: "Kept", ...paid, keptAt: paidAt }, { ...noRefunds, isNotCredited: true }],
    ["on its way back by its channel", { _tag: "Returning", ...back }, later1],
    ["seen to", { _tag: "SeenTo", ...paid, keptAt: paidAt, takenBackAt, seenToAt: takenBackAt }, noRefunds],
    ["back", { _tag: "Returned", ...back, returnedAt: failedAt }, noRefunds]
  ])("nothing: %s", (_, attempt, sides) => {
    expect(StuckRecharge.of(attempt, sides)).toBeUndefined()
  })
})
