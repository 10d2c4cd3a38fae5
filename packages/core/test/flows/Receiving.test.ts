import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import type { BillRow } from "../../src/BillRow.ts"
import type { Raw } from "../../src/Callback.ts"
import { dayOf, instant, later, minute } from "../../src/CivilTime.ts"
import * as Recharging from "../../src/flows/Recharging.ts"
import * as Reconciling from "../../src/flows/Reconciling.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { make } from "../../src/ports/RechargeChannel.ts"
import { Campus, pockets } from "./campus.ts"
import { attemptOf, begun, fifty, office, orThrow, wish } from "./twoBanks.ts"

const noon = instant("2026-03-02 12:00")
/** Two payments under one number, which no channel should ever have taken. */
const payments = {
  early: { reference: "t-1", paidAt: noon, amount: fifty },
  late: { reference: "t-2", paidAt: later(noon, minute), amount: fifty },
  other: { reference: "t-1", paidAt: noon, amount: Money.amount(1) }
} as const
type Which = keyof typeof payments

/** A channel that tells of any of them, and whose bill has all that it told of. */
const opened = () => {
  let number!: Id.OrderNumber
  const told = new Set<Which>()
  const rowOf = ({ amount, paidAt: at, reference }: (typeof payments)[Which]): BillRow => ({
    kind: "payment",
    day: dayOf(at),
    reference,
    number,
    amount,
    fee: 0,
    at
  })
  const channel = make("todayCampus", (mint) => ({
    create: (attempt) =>
      Effect.sync(() => {
        number = attempt.number
        return { _tag: "Nothing" } as const
      }),
    query: () => Effect.succeed({ _tag: "Unclear" }),
    callback: ({ url }) =>
      Effect.sync(() => {
        const which = url as Which
        told.add(which)
        return { _tag: "Paid", receipt: mint({ number, ...payments[which], witness: "callback" }) } as const
      }),
    acknowledge: (taken) => ({ status: { taken: 200, refused: 401, failed: 500 }[taken], body: "" }),
    bill: (day) => Effect.sync(() => ({ day, rows: [...told].map((which) => ({ row: rowOf(payments[which]) })) }))
  }))
  const raw = (url: Which): Raw => ({ method: "POST", url, headers: {}, body: new Uint8Array() })
  return { here: new Campus(channel), hear: (which: Which) => Recharging.hear("todayCampus", raw(which), office) }
}

describe("two payments under one number (D2, I3)", () => {
  it.each<[Which, Which, string]>([
    // which is told first, which after it, and as what the bill shows the second
    ["early", "late", "PaidTwice"],
    ["late", "early", "PaidTwice"],
    // Under one number of the channel, too: its bill says the same thing twice.
    ["early", "other", "RepeatedRow"]
  ])("%s, then %s: the first is credited, the second is refused each time, and the bill shows it: %s", async (
    first,
    second,
    difference
  ) => {
    const { hear, here } = opened()
    await here.run(Effect.gen(function*() {
      yield* here.furnished
      const { attempt } = orThrow(yield* Recharging.place(wish(here)))
      expect((yield* hear(first)).reply.status).toBe(200)
      for (const _ of ["once", "again"]) {
        const { outcome, reply } = yield* hear(second)
        // Its channel comes again and again, and every time it is logged: it is passed over by nobody.
        expect(reply.status).toBe(500)
        expect(Result.isFailure(outcome) ? outcome.failure : undefined).toMatchObject({
          _tag: "PaymentUnmatched",
          state: "Credited",
          step: "Confirmed"
        })
        expect((yield* hear(first)).reply.status).toBe(200)
      }
      const { paidAt, reference } = payments[first]
      expect(yield* attemptOf(attempt.number)).toMatchObject({ _tag: "Kept", reference, paidAt, paidAmount: 5_000 })
      expect((yield* pockets).transit).toBe(5_000)
      here.now = later(here.now, 24 * 60 * minute)
      const compared = yield* Reconciling.compare({ channel: "todayCampus", day: dayOf(noon) })
      expect(compared.outcome.findings.map(({ difference: { _tag } }) => _tag)).toEqual([difference])
      yield* Reconciling.correct(compared, office)
      // It waits for a person, who finds it the next morning as well.
      const again = yield* Reconciling.compare({ channel: "todayCampus", day: dayOf(noon) })
      expect(again.outcome).toMatchObject({ findings: [], suspended: 1 })
      expect((yield* pockets).transit).toBe(5_000)
    }))
  })
})

describe("what becomes of the card between the order and its payment (D2, D10)", () => {
  const second = Id.CardId.make("card-2")
  const lost = ["today-campus", { _tag: "ReportLost", reason: "lost" }] as const
  const issued = ["window-ccb", { _tag: "IssueCard", card: second }] as const
  const cancelled = ["window-ccb", { _tag: "CancelCard", card: second }] as const
  const activated = ["window-3", { _tag: "ActivateCard", card: second }] as const
  const closed = ["window-3", { _tag: "CloseAccount" }] as const

  it.each(
    [
      ["lost", [lost], "Credited", "Kept"],
      ["lost, and its successor cancelled", [lost, issued, cancelled], "Credited", "Kept"],
      ["replaced", [lost, issued, activated], "Credited", "Kept"],
      ["closed with its account", [closed], "Refunded", "Returned"]
    ] as const
  )("%s", async (_, deeds, order, attempt) => {
    const { here, place, weChat } = begun()
    await here.run(Effect.gen(function*() {
      const placed = yield* place()
      for (const [point, body] of deeds) {
        expect((yield* Submit.submit(here.says(point, body)))._tag).toBe("Approved")
      }
      weChat.pay(placed.attempt.number, here.now)
      const { order: after } = yield* Recharging.confirm(placed.order, office)
      expect(after._tag).toBe(order)
      expect((yield* attemptOf(placed.attempt.number))._tag).toBe(attempt)
      expect((yield* pockets).transit).toBe(order === "Credited" ? fifty : 0)
    }))
  })
})
