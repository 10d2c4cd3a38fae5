import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later, minute } from "../src/CivilTime.ts"
import { replay } from "../src/Decider.ts"
import { AccountId, CallerId, CommandId, OrderId } from "../src/Id.ts"
import { mintKey } from "../src/internal/mint.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Recharge from "../src/Recharge.ts"
import * as RechargeOrder from "../src/RechargeOrder.ts"
import * as SubjectEntry from "../src/SubjectEntry.ts"

const id = OrderId.make("app:order-1")
const start = instant("2026-03-02 10:00")
const fifty = Money.amount(5_000)
const said: Recharge.Paid = {
  order: id,
  channel: "ccbApp",
  amount: fifty,
  paidAt: later(start, minute),
  reference: "bank-1"
}
const paid = (more: Partial<Recharge.Paid> = {}): RechargeOrder.Command => ({
  _tag: "Confirmed",
  paid: new Recharge.PaidEvidence(mintKey, { ...said, ...more })
})
const place: RechargeOrder.Command = {
  _tag: "Place",
  account: AccountId.make("account-1"),
  channel: "ccbApp",
  source: "ccbCard",
  amount: fifty
}

const setting = (after: number) => ({
  profile: csmzxy,
  subject: id as string,
  caller: CallerId.make("yikatong:recharging"),
  id: CommandId.make("step"),
  now: later(start, after * minute)
})

/** The steps one after the other, a minute apart; a refusal changes nothing. */
const lived = (...commands: ReadonlyArray<RechargeOrder.Command>) => {
  const events: Array<RechargeOrder.Event> = []
  let last: ReturnType<typeof RechargeOrder.decider.decide> = Result.succeed([])
  commands.forEach((command, after) => {
    last = RechargeOrder.decider.decide(replay(RechargeOrder.decider, events), command, setting(after))
    if (Result.isSuccess(last)) events.push(...last.success)
  })
  return { order: replay(RechargeOrder.decider, events), events, last }
}

const sent = { _tag: "Sent" } as const
const lost = { _tag: "AnswerLost" } as const
const closed = { _tag: "Closed" } as const
const credited = { _tag: "Credited" } as const
const creditDeclined = { _tag: "CreditDeclined" } as const
const written = { _tag: "WrittenToCard" } as const
const refundSent = { _tag: "RefundSent" } as const
const takenBack = { _tag: "TakenBack" } as const

describe("the life of a stored order (D2, D21)", () => {
  it.each<readonly [string, ReadonlyArray<RechargeOrder.Command>, Recharge.Order["_tag"]]>([
    ["placed", [place], "Created"],
    ["sent to the channel", [place, sent], "Paying"],
    ["the channel did not answer", [place, lost], "Unknown"],
    ["the channel did not answer, and was asked again", [place, lost, sent], "Paying"],
    ["the payer let it pass", [place, sent, closed], "Expired"],
    ["paid", [place, sent, paid()], "Paid"],
    ["paid, and told twice", [place, sent, paid(), paid()], "Paid"],
    ["paid before anybody knew that the channel has it", [place, paid()], "Paid"],
    ["paid after it was closed", [place, sent, closed, paid()], "Paid"],
    ["another amount was paid", [place, sent, paid({ amount: Money.amount(4_999) })], "RefundDue"],
    ["credited", [place, sent, paid(), credited], "Credited"],
    ["written to the card", [place, sent, paid(), credited, written], "Written"],
    ["the account was closed", [place, sent, paid(), creditDeclined], "RefundDue"],
    ["sent back", [place, sent, paid(), creditDeclined, refundSent], "Refunded"],
    ["taken back by the bank", [place, sent, paid(), takenBack], "Reversed"]
  ])("D2 %s", (_, commands, state) => {
    expect(lived(...commands).order?._tag).toBe(state)
  })

  it("D2 its times are those of arrival, its payer has two hours, and what the channel said is kept", () => {
    expect(lived(place, sent, paid(), credited).order).toEqual({
      _tag: "Credited",
      id,
      account: "account-1",
      channel: "ccbApp",
      source: "ccbCard",
      amount: 5_000,
      createdAt: start,
      expiresAt: instant("2026-03-02 12:00"),
      paidAt: said.paidAt,
      reference: "bank-1",
      creditedAt: later(start, 3 * minute)
    })
  })

  it("D2 late payments go by the policy of the channel when they are confirmed", () => {
    const order = lived(place, sent, closed).order
    const late = paid({ paidAt: instant("2026-03-02 12:00:00.001") })
    const channel = { ...Object.values(csmzxy.recharge)[0], ...csmzxy.recharge["ccbApp"] }
    const decided = (latePayment: "credit" | "refund") =>
      RechargeOrder.decider.decide(order, late, {
        ...setting(130),
        profile: { ...csmzxy, recharge: { ccbApp: { ...channel, latePayment } as Recharge.Channel } }
      })
    expect(Result.getOrThrow(decided("credit"))).toMatchObject([{ _tag: "Paid" }])
    expect(Result.getOrThrow(decided("refund"))).toMatchObject([{ _tag: "RefundDue", reason: "late" }])
  })
})

describe("what is refused (D2, D18)", () => {
  it.each<readonly [string, ReadonlyArray<RechargeOrder.Command>, object]>([
    ["a step of an order that was never placed", [sent], { _tag: "UnknownSubject", kind: "rechargeOrder" }],
    ["the same order once more", [place, place], { _tag: "SubjectExists", kind: "rechargeOrder" }],
    ["to credit what was not paid", [place, sent, credited], {
      _tag: "OrderStepRefused",
      order: "Paying",
      step: "Credited"
    }],
    ["to credit it again", [place, paid(), credited, credited], {
      _tag: "OrderStepRefused",
      order: "Credited",
      step: "Credited"
    }],
    ["to send back what was credited", [place, paid(), credited, refundSent], {
      order: "Credited",
      step: "RefundSent"
    }],
    ["another payment of the same order", [place, paid(), paid({ reference: "bank-2" })], {
      order: "Paid",
      step: "Confirmed"
    }],
    ["the payment of another order", [place, paid({ order: OrderId.make("app:order-2") })], {
      order: "Created",
      step: "Confirmed"
    }]
  ])("%s", (_, commands, decline) => {
    expect(lived(...commands).last).toMatchObject({ _tag: "Failure", failure: decline })
  })

  it("D2 what only says that it was paid is no evidence: not a copy, not a line of the journal", () => {
    const order = lived(place, sent).order
    for (const paid of [said, { ...new Recharge.PaidEvidence(mintKey, said) }]) {
      expect(RechargeOrder.decider.decide(order, { _tag: "Confirmed", paid }, setting(2)))
        .toMatchObject({ failure: { _tag: "NotPaid" } })
    }
  })

  it("D18 an order is named by a caller and a command; no other subject is one", () => {
    expect(RechargeOrder.decider.decide(undefined, place, { ...setting(0), subject: "order-1" }))
      .toMatchObject({ failure: { _tag: "UnknownSubject" } })
  })
})

// Any steps in any order, other payments among them.
const anyStep = fc.constantFrom<RechargeOrder.Command>(
  place,
  sent,
  lost,
  closed,
  paid(),
  paid({ reference: "bank-2" }),
  paid({ amount: Money.amount(1) }),
  credited,
  creditDeclined,
  written,
  refundSent,
  takenBack
)
const steps = fc.array(anyStep, { maxLength: 20 })
const isOrder = Schema.is(Recharge.Order)
const isEvent = Schema.is(RechargeOrder.Event)

describe("any steps in any order", () => {
  it("D2 D21 an order is credited, sent back or taken back: one of them, at most once, and only when it was paid", () => {
    fc.assert(fc.property(steps, (steps) => {
      const tags = lived(place, ...steps).events.map(({ _tag }) => _tag)
      const ends = tags.filter((tag) => tag === "Credited" || tag === "RefundSent" || tag === "TakenBack")
      expect(ends.length).toBeLessThanOrEqual(1)
      expect(tags.filter((tag) => tag === "Paid" || tag === "RefundDue").length).toBeLessThanOrEqual(1)
      if (tags.includes("Credited")) expect(tags.indexOf("Paid")).toBeLessThan(tags.indexOf("Credited"))
      if (tags.includes("Credited")) expect(tags).toContain("Paid")
    }))
  })

  it("I13 the stored order is what its events add up to and what its life says of the same steps", () => {
    fc.assert(fc.property(steps, (steps) => {
      const { events, order } = lived(place, ...steps)
      expect(isOrder(order)).toBe(true)
      for (const event of events) expect(isEvent(event)).toBe(true)
      let alone = Recharge.create(
        {
          id,
          account: AccountId.make("account-1"),
          channel: "ccbApp",
          source: "ccbCard",
          holder: "own",
          amount: fifty
        },
        start,
        later(start, RechargeOrder.life)
      )
      steps.forEach((command, after) => {
        const at = later(start, (after + 1) * minute)
        if (command._tag === "Place") return
        const step = command._tag === "Confirmed"
          ? { _tag: "Confirmed", evidence: command.paid as Recharge.PaidEvidence } as const
          : { _tag: command._tag, at }
        alone = Result.getOrElse(Recharge.advance(alone, step, "credit"), () => alone)
      })
      expect(order).toEqual(alone)
    }))
  })

  it("D23 what a store keeps of a confirmation is what the channel said, and can be read again", () => {
    const submitted = {
      caller: CallerId.make("yikatong:recharging"),
      id: CommandId.make("Confirmed:app:order-1"),
      subject: id,
      receivedAt: later(start, minute),
      body: paid()
    }
    const before = {
      json: Result.getOrThrow(Schema.encodeResult(Recharge.Order)(lived(place, sent).order as Recharge.Order))
    }
    const written = Result.getOrThrow(SubjectEntry.decide([csmzxy], RechargeOrder.decider, before, submitted))
    expect(written.line.body).toEqual({ _tag: "Confirmed", paid: said })
    expect(written.answer).toMatchObject({ events: [{ _tag: "Paid", reference: "bank-1" }] })
    const read = Result.getOrThrow(SubjectEntry.readEntry(RechargeOrder.decider, { ...written.line, sequence: 1 }))
    expect(RechargeOrder.decider.decide(lived(place, sent).order, read.body, setting(2)))
      .toMatchObject({ failure: { _tag: "NotPaid" } })
  })
})
