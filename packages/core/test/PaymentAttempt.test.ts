import { Option, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later } from "../src/CivilTime.ts"
import type * as Decider from "../src/Decider.ts"
import * as Id from "../src/Id.ts"
import { evidence as evidenceOf } from "../src/internal/evidence.ts"
import * as Money from "../src/Money.ts"
import * as PaymentAttempt from "../src/PaymentAttempt.ts"
import { make, type Mint } from "../src/ports/RechargeChannel.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import { PaidEvidence } from "../src/Recharge.ts"
import type { Order } from "../src/Recharge.ts"

const now = instant("2026-03-02 12:00")
const fifty = Money.amount(5_000)
const id = Id.OrderId.make("app:1")
const number = PaymentAttempt.numberOf({ id, createdAt: now }, 1)
const ordered = { channel: "todayCampus", source: "weChat", amount: fifty, expiresAt: later(now, 7_200_000) } as const
const opened = { ...ordered, number, order: id, index: 1, openedAt: now } as const
const payment = { ...opened, paidAt: now, paidAmount: fifty, reference: "wx-1", witness: "query" } as const
const back = { ...payment, reason: "late", dueAt: now, since: now } as const

const states: { readonly [Tag in PaymentAttempt.Attempt["_tag"]]: PaymentAttempt.Attempt } = {
  Opened: { _tag: "Opened", ...opened },
  Waiting: { _tag: "Waiting", ...opened, instruction: { _tag: "Nothing" } },
  Unknown: { _tag: "Unknown", ...opened, since: now },
  Closed: { _tag: "Closed", ...opened, closedAt: now },
  Paid: { _tag: "Paid", ...payment },
  Kept: { _tag: "Kept", ...payment, keptAt: now },
  TakenBack: { _tag: "TakenBack", ...payment, keptAt: now, takenBackAt: now },
  SeenTo: { _tag: "SeenTo", ...payment, keptAt: now, takenBackAt: now, seenToAt: now },
  Returning: { _tag: "Returning", ...back },
  Returned: { _tag: "Returned", ...back, returnedAt: now },
  ReturnFailed: { _tag: "ReturnFailed", ...back, failedAt: now }
}
const steps: { readonly [Tag in PaymentAttempt.Step["_tag"]]: PaymentAttempt.Step } = {
  Sent: { _tag: "Sent", instruction: { _tag: "QrCode", text: "weixin://x" } },
  AnswerLost: { _tag: "AnswerLost" },
  Closed: { _tag: "Closed" },
  Kept: { _tag: "Kept" },
  TakenBack: { _tag: "TakenBack" },
  SeenTo: { _tag: "SeenTo" },
  ReturnDue: { _tag: "ReturnDue", reason: "duplicate" },
  Returned: { _tag: "Returned" },
  ReturnFailed: { _tag: "ReturnFailed" },
  ReturnAgain: { _tag: "ReturnAgain" }
}

let mint!: Mint
make("a channel", (given) => {
  mint = given
  return {
    create: () => {
      throw new Error("never")
    },
    query: () => {
      throw new Error("never")
    }
  }
})
const receipt = mint({ number, amount: fifty, paidAt: now, reference: "wx-1", witness: "callback" })

const setting = (subject: string = number) => ({ now, subject, profile: csmzxy }) as unknown as Decider.Setting
const decide = (attempt: PaymentAttempt.Attempt | undefined, command: PaymentAttempt.Command, subject?: string) =>
  PaymentAttempt.decider.decide(attempt, command, setting(subject))
const after = (attempt: PaymentAttempt.Attempt | undefined, events: ReadonlyArray<PaymentAttempt.Event>) =>
  events.reduce<PaymentAttempt.Attempt | undefined>(PaymentAttempt.decider.evolve, attempt)

describe("the life of an attempt", () => {
  const order = [
    "Sent",
    "AnswerLost",
    "Closed",
    "Kept",
    "TakenBack",
    "SeenTo",
    "ReturnDue",
    "Returned",
    "ReturnFailed",
    "ReturnAgain"
  ] as const
  // n: new, k: known, -: refused; in the order above
  it.each<[PaymentAttempt.Attempt["_tag"], string]>([
    ["Opened", "nnn-------"],
    ["Waiting", "k-n-------"],
    ["Unknown", "nkn-------"],
    ["Closed", "--k-------"],
    ["Paid", "---n--n---"],
    ["Kept", "---kn-----"],
    ["TakenBack", "----kn----"],
    ["SeenTo", "-----k----"],
    ["Returning", "------knnk"],
    ["Returned", "-------k--"],
    ["ReturnFailed", "-------nkn"]
  ])("%s takes %s", (state, row) => {
    const told = order.map((tag) => {
      const step = steps[tag]
      const weighed = PaymentAttempt.weigh(states[state], tag)
      const decided = decide(states[state], step)
      if (weighed === "refused") {
        expect(decided).toEqual(Result.fail({ _tag: "OrderStepRefused", order: state, step: tag }))
        return "-"
      }
      const events = Result.getOrThrow(decided)
      expect(events.length).toBe(weighed === "new" ? 1 : 0)
      // Where it leads, the same step is known.
      const end = after(states[state], events)
      if (end === undefined) throw new Error("nothing")
      expect(PaymentAttempt.weigh(end, tag)).toBe("known")
      return weighed.charAt(0)
    })
    expect(told.join("")).toBe(row)
    expect(PaymentAttempt.isOpen(states[state])).toBe(
      ["Opened", "Waiting", "Unknown", "Paid", "Returning"].includes(state)
    )
    expect(Schema.decodeUnknownOption(PaymentAttempt.Attempt)(JSON.parse(JSON.stringify(states[state]))))
      .toEqual(Option.some(states[state]))
  })

  it.each(["Opened", "Waiting", "Unknown", "Closed"] as const)(
    "%s believes a receipt, and nothing that looks like one",
    (state) => {
      const confirmed = { _tag: "Confirmed", receipt } as const
      expect(after(states[state], Result.getOrThrow(decide(states[state], confirmed)))).toMatchObject({
        _tag: "Paid",
        paidAmount: 5_000,
        reference: "wx-1",
        witness: "callback"
      })
      const copy = { _tag: "Confirmed", receipt: { ...receipt } } as const
      expect(decide(states[state], copy)).toEqual(Result.fail({ _tag: "NotPaid" }))
      const others = mint({ ...receipt, number: PaymentAttempt.numberOf({ id, createdAt: now }, 2) })
      expect(decide(states[state], { _tag: "Confirmed", receipt: others })).toEqual(Result.fail({ _tag: "NotPaid" }))
    }
  )

  it.each(["Paid", "Kept", "TakenBack", "SeenTo", "Returning", "Returned", "ReturnFailed"] as const)(
    "%s knows its payment, and no other",
    (state) => {
      expect(decide(states[state], { _tag: "Confirmed", receipt })).toEqual(Result.succeed([]))
      for (const other of [mint({ ...receipt, reference: "wx-2" }), mint({ ...receipt, amount: Money.amount(1) })]) {
        expect(decide(states[state], { _tag: "Confirmed", receipt: other }))
          .toMatchObject({ failure: { _tag: "OrderStepRefused", step: "Confirmed" } })
      }
    }
  )

  it("tried again, its refund is due from then on: for the schedule, and for channels that want a time", () => {
    const setting = { now: later(now, 86_400_000), subject: number, profile: csmzxy } as unknown as Decider.Setting
    const again = PaymentAttempt.decider.decide(states.ReturnFailed, steps.ReturnAgain, setting)
    expect(after(states.ReturnFailed, Result.getOrThrow(again))).toEqual({
      _tag: "Returning",
      ...back,
      dueAt: later(now, 86_400_000),
      since: later(now, 86_400_000)
    })
  })

  it("tried again in the very millisecond of the round before, it is another round", () => {
    const again = decide(states.ReturnFailed, steps.ReturnAgain)
    const { since } = states.ReturnFailed as Extract<PaymentAttempt.Attempt, { readonly _tag: "ReturnFailed" }>
    expect(since).toBe(now)
    expect(after(states.ReturnFailed, Result.getOrThrow(again))).toMatchObject({ dueAt: now, since: now + 1 })
  })

  it("is opened once, under a number", () => {
    const open = { _tag: "Open", order: id, index: 1, ...ordered } as const
    expect(after(undefined, Result.getOrThrow(decide(undefined, open)))).toEqual(states.Opened)
    expect(decide(states.Opened, open)).toMatchObject({ failure: { _tag: "SubjectExists" } })
    expect(decide(undefined, open, "no number")).toMatchObject({ failure: { _tag: "UnknownSubject" } })
    expect(decide(undefined, { _tag: "Closed" })).toMatchObject({ failure: { _tag: "UnknownSubject" } })
  })
})

describe("numbers of attempts", () => {
  it("the day, and twenty letters and digits: the same for the same, and another for another", () => {
    const orders = fc.record({
      id: fc.string({ minLength: 1, maxLength: 40 }).map((text) => `app:${text}` as Id.OrderId),
      createdAt: fc.integer({ min: 0, max: 400 * 24 }).map((hours) => later(now, hours * 3_600_000))
    })
    const indices = fc.integer({ min: 1, max: 1_000 })
    fc.assert(
      fc.property(orders, orders, indices, indices, (one, other, i, j) => {
        const first = PaymentAttempt.numberOf(one, i)
        expect(first).toMatch(/^20\d{6}[0-9A-HJKMNP-TV-Z]{20}$/u)
        expect(PaymentAttempt.numberOf({ ...one }, i)).toBe(first)
        const isSame = one.id === other.id && i === j && one.createdAt === other.createdAt
        if (one.id !== other.id || i !== j) expect(PaymentAttempt.numberOf(other, j) === first).toBe(isSame)
        expect(PaymentAttempt.numberIn(first)).toBe(first)
        expect(PaymentAttempt.numberOfRefund(PaymentAttempt.refundNumberOf(first))).toBe(first)
      }),
      { seed: 30 }
    )
  })

  it.each(["", "R", "20260302", "somebody-elses", `${"0".repeat(40)}R`])("%j is none of ours", (text) => {
    expect(PaymentAttempt.numberIn(text)).toBeUndefined()
    expect(PaymentAttempt.numberOfRefund(text)).toBeUndefined()
  })
})

describe("what becomes of a payment", () => {
  const whole = { id, account: Id.AccountId.make("account-1"), ...ordered, createdAt: now }
  const ours = { ...whole, paidAt: now, reference: "wx-1" }
  const due = { ...ours, paidAmount: fifty }
  it.each<[Order, PaymentAttempt.ReturnReason | "kept" | undefined]>([
    [{ _tag: "Created", ...whole }, undefined],
    [{ _tag: "Expired", ...whole, closedAt: now }, undefined],
    [{ _tag: "Paid", ...ours }, undefined],
    [{ _tag: "Credited", ...ours, creditedAt: now }, "kept"],
    [{ _tag: "Written", ...ours, creditedAt: now, writtenAt: now }, "kept"],
    [{ _tag: "RefundDue", ...due, reason: "late" }, "late"],
    [{ _tag: "RefundDue", ...due, reason: "accountClosed" }, "accountClosed"],
    [{ _tag: "Refunded", ...due, refundedAt: now }, undefined],
    [{ _tag: "Reversed", ...ours, reversedAt: now }, "takenBack"],
    [{ _tag: "Paid", ...ours, reference: "up-1" }, "duplicate"],
    [{ _tag: "Credited", ...ours, reference: "up-1", creditedAt: now }, "duplicate"],
    [{ _tag: "Credited", ...ours, channel: "ccbApp", creditedAt: now }, "duplicate"]
  ])("by its order %j: %s", (order, fate) => {
    const paid = states.Paid
    if (!PaymentAttempt.isPaid(paid)) throw new Error("not paid")
    expect(PaymentAttempt.fateOf(paid, order)).toBe(fate)
  })

  it("is evidence for its order, from its own receipt alone", () => {
    const evidence = evidenceOf(states.Paid, receipt)
    expect(PaidEvidence.is(evidence)).toBe(true)
    expect(evidence).toMatchObject({ order: id, channel: "todayCampus", amount: 5_000, reference: "wx-1" })
    const others = mint({ ...receipt, number: PaymentAttempt.numberOf({ id, createdAt: now }, 2) })
    for (const wrong of [{ ...receipt } as typeof receipt, others]) {
      expect(() => evidenceOf(states.Paid, wrong)).toThrow(RangeError)
    }
  })
})
