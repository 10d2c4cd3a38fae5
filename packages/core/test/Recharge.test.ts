import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import { Decline } from "../src/Decline.ts"
import { AccountId, OrderId } from "../src/Id.ts"
import * as core from "../src/index.ts"
import { type MintKey, mintKey } from "../src/internal/mint.ts"
import * as Money from "../src/Money.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Recharge from "../src/Recharge.ts"
import { forgedKeys, lookAlikes } from "./lookAlikes.ts"

const bindings = {
  none: { wallet: "none", transferBound: false },
  opened: { wallet: "opened", transferBound: false },
  bound: { wallet: "bound", transferBound: false },
  kiosk: { wallet: "none", transferBound: true },
  openedKiosk: { wallet: "opened", transferBound: true },
  all: { wallet: "bound", transferBound: true }
} as const
type Binding = keyof typeof bindings

const refused = (
  channel: string,
  source: Recharge.FundingSource,
  holder: "own" | "other",
  binding: Binding,
  amount: string
): Decline | undefined =>
  Recharge.refuse(csmzxy.recharge[channel], bindings[binding], { channel, source, holder, amount: Money.yuan(amount) })
const tag = (decline: Decline | undefined): string => decline?._tag ?? "pays"

// What a holder has bound: nothing, the wallet opened, the wallet bound to a bank card, the transfer bound at the kiosk, and both.
const columns = ["none", "opened", "bound", "kiosk", "openedKiosk", "all"] as const
// pays · source: FundingSourceNotAccepted · notOwn: NotOwnBankCard · unbound: BankCardNotBound · closed: EWalletNotOpened
const words = {
  pays: "pays",
  source: "FundingSourceNotAccepted",
  notOwn: "NotOwnBankCard",
  unbound: "BankCardNotBound",
  closed: "EWalletNotOpened"
} as const
const matrix = [
  ["R67", "todayCampus", "unionPayCard", "own", "pays", "pays", "pays", "pays", "pays", "pays"],
  ["R67", "todayCampus", "unionPayCard", "other", "pays", "pays", "pays", "pays", "pays", "pays"],
  ["R67 R26", "todayCampus", "ccbCard", "own", "unbound", "unbound", "unbound", "pays", "pays", "pays"],
  ["R67", "todayCampus", "ccbCard", "other", "notOwn", "notOwn", "notOwn", "notOwn", "notOwn", "notOwn"],
  ["R67", "todayCampus", "weChat", "own", "pays", "pays", "pays", "pays", "pays", "pays"],
  ["R67", "todayCampus", "weChat", "other", "pays", "pays", "pays", "pays", "pays", "pays"],
  ["R67", "todayCampus", "alipay", "own", "source", "source", "source", "source", "source", "source"],
  ["R67", "todayCampus", "alipay", "other", "source", "source", "source", "source", "source", "source"],
  ["R68 R22", "ecode", "unionPayCard", "own", "closed", "unbound", "pays", "closed", "unbound", "pays"],
  ["R68 R22", "ecode", "unionPayCard", "other", "closed", "unbound", "pays", "closed", "unbound", "pays"],
  ["R68 R22", "ecode", "ccbCard", "own", "closed", "unbound", "pays", "closed", "unbound", "pays"],
  ["R68 R22", "ecode", "ccbCard", "other", "closed", "unbound", "pays", "closed", "unbound", "pays"],
  ["R68 R21", "ecode", "weChat", "own", "source", "source", "source", "source", "source", "source"],
  ["R68 R21", "ecode", "weChat", "other", "source", "source", "source", "source", "source", "source"],
  ["R68", "ecode", "alipay", "own", "source", "source", "source", "source", "source", "source"],
  ["R68", "ecode", "alipay", "other", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "unionPayCard", "own", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "unionPayCard", "other", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "ccbCard", "own", "pays", "pays", "pays", "pays", "pays", "pays"],
  ["R69 R23", "ccbApp", "ccbCard", "other", "notOwn", "notOwn", "notOwn", "notOwn", "notOwn", "notOwn"],
  ["R69", "ccbApp", "weChat", "own", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "weChat", "other", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "alipay", "own", "source", "source", "source", "source", "source", "source"],
  ["R69", "ccbApp", "alipay", "other", "source", "source", "source", "source", "source", "source"]
] as const
const cases = matrix.flatMap(([number, channel, source, holder, ...answers]) =>
  columns.map((bound, at) => [number, channel, source, holder, bound, words[answers[at] ?? "source"]] as const)
)

describe("R67-R69 充值矩阵: channel × source × holder × what is bound", () => {
  it.each(cases)("%s %s, %s, %s card, bound %s: %s", (_, channel, source, holder, bound, answer) => {
    expect(tag(refused(channel, source, holder, bound, "50.00"))).toBe(answer)
  })

  it("R67-R69 the table leaves nothing out", () => {
    expect(new Set(cases.map((one) => one.slice(1, 5).join(" "))).size).toBe(
      Object.keys(csmzxy.recharge).length * Recharge.FundingSource.literals.length * 2 * columns.length
    )
  })

  it.each(
    [
      ["R21", "ecode", "weChat", "none", {
        _tag: "FundingSourceNotAccepted",
        channel: "ecode",
        source: "weChat",
        accepted: ["unionPayCard", "ccbCard"]
      }],
      ["R23", "ccbApp", "unionPayCard", "none", {
        _tag: "FundingSourceNotAccepted",
        channel: "ccbApp",
        source: "unionPayCard",
        accepted: ["ccbCard"]
      }],
      ["R26", "todayCampus", "ccbCard", "all", undefined],
      ["R26", "todayCampus", "ccbCard", "none", { _tag: "BankCardNotBound", channel: "todayCampus" }],
      ["R22", "ecode", "ccbCard", "opened", { _tag: "BankCardNotBound", channel: "ecode" }],
      ["R67", "wechatPay", "weChat", "all", { _tag: "ChannelUnknown", channel: "wechatPay" }]
    ] as const
  )("%s R73 %s, %s, bound %s: %j", (_, channel, source, bound, decline) => {
    expect(refused(channel, source, "own", bound, "50.00")).toEqual(decline)
  })
})

describe("R20 A9 amounts", () => {
  const choices = [1_000, 2_000, 5_000, 10_000, 20_000, 50_000]

  it.each(
    [
      ["todayCampus", "weChat", "10.00", "pays"],
      ["todayCampus", "weChat", "500.00", "pays"],
      ["todayCampus", "weChat", "50.01", "no"],
      ["todayCampus", "weChat", "30.00", "no"],
      ["todayCampus", "weChat", "0.01", "no"],
      ["todayCampus", "weChat", "1000.00", "no"],
      ["ecode", "ccbCard", "0.01", "pays"],
      ["ecode", "ccbCard", "33.33", "pays"],
      ["ecode", "ccbCard", "1000.00", "pays"],
      ["ecode", "ccbCard", "1000.01", "no"],
      ["ecode", "ccbCard", "0.00", "no"],
      ["ccbApp", "ccbCard", "0.01", "pays"],
      ["ccbApp", "ccbCard", "1000.00", "pays"],
      ["ccbApp", "ccbCard", "1000.01", "no"],
      ["ccbApp", "ccbCard", "0.00", "no"]
    ] as const
  )("R20 A9 %s, %s: %s %s", (channel, source, amount, answer) => {
    const decline = refused(channel, source, "own", "all", amount)
    expect(tag(decline)).toBe(answer === "pays" ? "pays" : "AmountNotAllowed")
    if (answer === "pays") return
    const { max, min } = csmzxy.recharge[channel]!
    const numbers = { _tag: "AmountNotAllowed", amount: Money.yuan(amount), min, max }
    expect(decline).toEqual(channel === "todayCampus" ? { ...numbers, choices } : numbers)
  })

  it("D2 source, holder and binding are looked at before the amount", () => {
    expect(tag(refused("todayCampus", "alipay", "own", "none", "0.00"))).toBe("FundingSourceNotAccepted")
    expect(tag(refused("todayCampus", "ccbCard", "other", "none", "0.00"))).toBe("NotOwnBankCard")
    expect(tag(refused("todayCampus", "ccbCard", "own", "none", "0.00"))).toBe("BankCardNotBound")
    expect(tag(refused("ecode", "ccbCard", "own", "none", "0.00"))).toBe("EWalletNotOpened")
  })

  it("A9 a bound of the channel holds for its choices too", () => {
    const channel = { ...csmzxy.recharge["todayCampus"]!, min: Money.amount(2_000), max: Money.amount(10_000) }
    const answers = choices.map((fen) =>
      tag(Recharge.refuse(channel, bindings.all, {
        channel: "todayCampus",
        source: "weChat",
        holder: "own",
        amount: Money.of(fen)
      }))
    )
    expect(answers).toEqual(["AmountNotAllowed", "pays", "pays", "pays", "AmountNotAllowed", "AmountNotAllowed"])
  })
})

const channels: fc.Arbitrary<Recharge.Channel> = fc.record({
  nameZh: fc.constant("渠道"),
  nameEn: fc.constant("channel"),
  sources: fc.uniqueArray(
    fc.record({
      source: fc.constantFrom(...Recharge.FundingSource.literals),
      holder: fc.constantFrom("own" as const, "anyone" as const),
      binding: fc.constantFrom("none" as const, "transfer" as const, "wallet" as const)
    }),
    { selector: ({ source }) => source }
  ),
  endsIn: fc.constantFrom("transit" as const, "wallet" as const),
  checksIdentity: fc.boolean(),
  min: fc.integer({ min: 1, max: 50 }).map(Money.amount),
  max: fc.integer({ min: 1, max: 50 }).map(Money.amount),
  choices: fc.array(fc.integer({ min: 1, max: 50 }).map(Money.amount)),
  latePayment: fc.constantFrom("credit" as const, "refund" as const)
}, { requiredKeys: ["nameZh", "nameEn", "sources", "endsIn", "checksIdentity", "min", "max", "latePayment"] })

describe("R67-R69 for any channel", () => {
  it("R67 what no source states is refused; the rest is paid exactly if holder, binding and amount are right", () => {
    const requests = fc.record({
      channel: fc.constant("x"),
      source: fc.constantFrom(...Recharge.FundingSource.literals),
      holder: fc.constantFrom("own" as const, "other" as const),
      amount: fc.nat(60).map(Money.of)
    })
    fc.assert(fc.property(channels, requests, fc.constantFrom(...columns), (channel, request, bound) => {
      const source = channel.sources.find((one) => one.source === request.source)
      const { transferBound, wallet } = bindings[bound]
      const right = source !== undefined &&
        !(source.holder === "own" && request.holder === "other") &&
        { none: true, transfer: transferBound, wallet: wallet === "bound" }[source.binding] &&
        request.amount >= channel.min && request.amount <= channel.max &&
        (channel.choices ?? [request.amount]).some((choice) => choice === request.amount)
      const decline = Recharge.refuse(channel, bindings[bound], request)
      expect(decline === undefined).toBe(right)
      if (decline !== undefined) expect(Schema.is(Decline)(decline)).toBe(true)
      expect(Schema.is(Recharge.Channel)(channel)).toBe(true)
    }))
  })
})

// An order of 50.00 at the bank's app, placed at 10:00, to be paid by 10:30.
const at = (time: string): CivilTime.Instant => CivilTime.instant(`2025-11-28 ${time}`)
const ordered = {
  id: OrderId.make("app:order-1"),
  account: AccountId.make("acc-1"),
  channel: "ccbApp",
  source: "ccbCard",
  amount: Money.amount(5_000),
  createdAt: at("10:00"),
  expiresAt: at("10:30")
} as const
const evidence = (over: Partial<Recharge.Paid> = {}): Recharge.PaidEvidence =>
  new Recharge.PaidEvidence(mintKey, {
    order: ordered.id,
    channel: "ccbApp",
    amount: ordered.amount,
    paidAt: at("10:05"),
    reference: "bank-1",
    ...over
  })
const paid = { ...ordered, paidAt: at("10:05"), reference: "bank-1" }
const orders = {
  Created: { _tag: "Created", ...ordered },
  Paying: { _tag: "Paying", ...ordered },
  Unknown: { _tag: "Unknown", ...ordered, since: at("10:02") },
  Expired: { _tag: "Expired", ...ordered, closedAt: at("10:31") },
  Paid: { _tag: "Paid", ...paid },
  Credited: { _tag: "Credited", ...paid, creditedAt: at("10:06") },
  Written: { _tag: "Written", ...paid, creditedAt: at("10:06"), writtenAt: at("12:00") },
  RefundDue: { _tag: "RefundDue", ...paid, paidAmount: ordered.amount, reason: "accountClosed" },
  Refunded: { _tag: "Refunded", ...paid, paidAmount: ordered.amount, refundedAt: at("11:00") },
  Reversed: { _tag: "Reversed", ...paid, reversedAt: at("11:00") }
} as const satisfies { readonly [T in Recharge.Order["_tag"]]: Recharge.Order }

const steps = {
  sent: { _tag: "Sent" },
  answerLost: { _tag: "AnswerLost", at: at("10:03") },
  closed: { _tag: "Closed", at: at("10:31") },
  confirmed: { _tag: "Confirmed", evidence: evidence() },
  secondPayment: { _tag: "Confirmed", evidence: evidence({ reference: "bank-2" }) },
  anotherAmount: { _tag: "Confirmed", evidence: evidence({ reference: "bank-3", amount: Money.amount(4_999) }) },
  anotherOrder: { _tag: "Confirmed", evidence: evidence({ order: OrderId.make("app:order-2") }) },
  anotherChannel: { _tag: "Confirmed", evidence: evidence({ channel: "ecode" }) },
  credited: { _tag: "Credited", at: at("10:06") },
  creditDeclined: { _tag: "CreditDeclined" },
  written: { _tag: "WrittenToCard", at: at("12:00") },
  refundSent: { _tag: "RefundSent", at: at("11:00") },
  takenBack: { _tag: "TakenBack", at: at("11:00") }
} as const satisfies { readonly [name: string]: Recharge.Step }

// The next state · "=": it stays as it is · "-": the step is refused.
const life = {
  sent: { Created: "Paying", Paying: "Paying", Unknown: "Paying" },
  answerLost: { Created: "Unknown", Paying: "Unknown", Unknown: "=" },
  closed: { Created: "Expired", Paying: "Expired", Unknown: "Expired" },
  confirmed: {
    Created: "Paid",
    Paying: "Paid",
    Unknown: "Paid",
    Expired: "Paid",
    Paid: "=",
    Credited: "=",
    Written: "=",
    RefundDue: "=",
    Refunded: "=",
    Reversed: "="
  },
  secondPayment: { Created: "Paid", Paying: "Paid", Unknown: "Paid", Expired: "Paid" },
  anotherAmount: { Created: "RefundDue", Paying: "RefundDue", Unknown: "RefundDue", Expired: "RefundDue" },
  anotherOrder: {},
  anotherChannel: {},
  credited: { Paid: "Credited" },
  creditDeclined: { Paid: "RefundDue" },
  written: { Credited: "Written" },
  refundSent: { RefundDue: "Refunded" },
  takenBack: { Paid: "Reversed", RefundDue: "Reversed" }
} as const satisfies { readonly [S in keyof typeof steps]: { readonly [T in Recharge.Order["_tag"]]?: string } }
const lives = (Object.keys(life) as ReadonlyArray<keyof typeof life>).flatMap((step) =>
  (Object.keys(orders) as ReadonlyArray<Recharge.Order["_tag"]>).map((state) =>
    [state, step, (life[step] as { readonly [T in Recharge.Order["_tag"]]?: string })[state] ?? "-"] as const
  )
)

describe("R19-R26 D2 the life of an order: state × step", () => {
  it.each(lives)("D2 %s, %s: %s", (state, step, next) => {
    const order: Recharge.Order = orders[state]
    const result = Recharge.advance(order, steps[step], "credit")
    if (next === "-") {
      expect(result).toEqual(Result.fail({ _tag: "StepRefused", order: state, step: steps[step]._tag }))
    } else if (next === "=") expect(Result.getOrThrow(result)).toBe(order)
    else expect(Result.getOrThrow(result)._tag).toBe(next)
  })

  it("D2 a new order is created, unpaid, and knows when it expires", () => {
    const request = { ...ordered, holder: "own" } as const
    expect(Recharge.create(request, at("10:00"), at("10:30"))).toEqual(orders.Created)
  })

  it("D2 the straight way: created, paying, paid, credited, written", () => {
    const way = [steps.sent, steps.confirmed, steps.credited, steps.written]
    let order: Recharge.Order = orders.Created
    const passed = way.map((step) => (order = Result.getOrThrow(Recharge.advance(order, step, "credit"))))
    expect(passed).toEqual([orders.Paying, orders.Paid, orders.Credited, orders.Written])
  })

  it.each(
    [
      ["Created", "answerLost", { ...orders.Unknown, since: at("10:03") }],
      ["Unknown", "sent", orders.Paying],
      ["Unknown", "closed", orders.Expired],
      ["Unknown", "confirmed", orders.Paid],
      ["Expired", "confirmed", orders.Paid],
      ["Paid", "creditDeclined", orders.RefundDue],
      ["Paid", "takenBack", orders.Reversed],
      ["RefundDue", "refundSent", orders.Refunded],
      ["RefundDue", "takenBack", orders.Reversed],
      ["Paying", "anotherAmount", {
        _tag: "RefundDue",
        ...paid,
        reference: "bank-3",
        paidAmount: 4_999,
        reason: "mismatch"
      }]
    ] as const
  )("D2 %s, %s: nothing of the state before is left behind", (state, step, next) => {
    expect(Result.getOrThrow(Recharge.advance(orders[state], steps[step], "credit"))).toEqual(next)
  })
})

describe("D2 paid too late", () => {
  const inTime = { Paid: "Paid" } as const
  it.each(
    [
      ["Paying", "10:30:00", "credit", "Paid"],
      ["Paying", "10:30:00", "refund", "Paid"],
      ["Paying", "10:30:00.001", "credit", "Paid"],
      ["Paying", "10:30:00.001", "refund", "RefundDue"],
      ["Created", "10:31:00", "refund", "RefundDue"],
      ["Unknown", "10:31:00", "refund", "RefundDue"],
      ["Unknown", "10:29:59", "refund", "Paid"],
      ["Expired", "10:40:00", "credit", "Paid"],
      ["Expired", "10:40:00", "refund", "RefundDue"]
    ] as const
  )("D2 %s, paid at %s, late payments are %s: %s", (state, time, latePayment, next) => {
    const step: Recharge.Step = { _tag: "Confirmed", evidence: evidence({ paidAt: at(time) }) }
    expect(Result.getOrThrow(Recharge.advance(orders[state], step, latePayment))).toEqual({
      _tag: next,
      ...paid,
      paidAt: at(time),
      ...(next in inTime ? {} : { paidAmount: ordered.amount, reason: "late" })
    })
  })

  it("D2 another amount is sent back whatever the policy, and named as that", () => {
    const step: Recharge.Step = {
      _tag: "Confirmed",
      evidence: evidence({ paidAt: at("10:40"), amount: Money.amount(5_001) })
    }
    for (const latePayment of ["credit", "refund"] as const) {
      for (const state of ["Created", "Paying", "Unknown", "Expired"] as const) {
        expect(Result.getOrThrow(Recharge.advance(orders[state], step, latePayment))).toMatchObject({
          _tag: "RefundDue",
          reason: "mismatch",
          amount: 5_000,
          paidAmount: 5_001
        })
      }
    }
  })

  it("I3 the policy decides once: a confirmation that comes again changes nothing under another policy", () => {
    const step: Recharge.Step = { _tag: "Confirmed", evidence: evidence({ paidAt: at("10:40") }) }
    const due = Result.getOrThrow(Recharge.advance(orders.Expired, step, "refund"))
    expect(Result.getOrThrow(Recharge.advance(due, step, "credit"))).toBe(due)
  })
})

// Any steps in any order, also those of other payments, orders and amounts.
const anyStep: fc.Arbitrary<Recharge.Step> = fc.oneof(
  fc.constantFrom<Recharge.Step>(...Object.values(steps)),
  fc.record({
    order: fc.constantFrom(ordered.id, ordered.id, ordered.id, OrderId.make("app:order-2")),
    channel: fc.constantFrom("ccbApp", "ccbApp", "ccbApp", "ecode"),
    amount: fc.constantFrom(ordered.amount, ordered.amount, Money.amount(1)),
    paidAt: fc.constantFrom(at("10:05"), at("10:30"), at("10:31")),
    reference: fc.constantFrom("bank-1", "bank-2", "bank-3")
  }).map((paid): Recharge.Step => ({ _tag: "Confirmed", evidence: evidence(paid) }))
)
const walks = fc.array(anyStep, { maxLength: 25 })
const policies = fc.constantFrom("credit" as const, "refund" as const)
/** All orders on the way, the first included; a step that is refused leaves no trace. */
const walk = (steps: ReadonlyArray<Recharge.Step>, policy: "credit" | "refund") => {
  const passed: Array<{ readonly order: Recharge.Order; readonly step: Recharge.Step | undefined }> = [
    { order: orders.Created, step: undefined }
  ]
  for (const step of steps) {
    const result = Recharge.advance(passed.at(-1)!.order, step, policy)
    if (Result.isSuccess(result)) passed.push({ order: result.success, step })
  }
  return passed
}
const isOrder = Schema.decodeUnknownResult(Recharge.Order)

describe("D2 I3 for any steps in any order", () => {
  it("I3 money is credited, sent back or taken back: one of them, at most once", () => {
    fc.assert(
      fc.property(walks, policies, (steps, policy) => {
        const tags = walk(steps, policy).filter(({ order }, i, all) => order !== all[i - 1]?.order)
          .map(({ order }) => order._tag)
        const ends = tags.filter((tag) => tag === "Credited" || tag === "Refunded" || tag === "Reversed")
        expect(ends.length).toBeLessThanOrEqual(1)
        expect(tags.filter((tag) => tag === "Paid").length).toBeLessThanOrEqual(1)
        expect(tags.filter((tag) => tag === "RefundDue").length).toBeLessThanOrEqual(1)
        if (tags.includes("Credited")) expect(tags).not.toContain("RefundDue")
      }),
      { numRuns: 1_000 }
    )
  })

  it("D2 nothing is credited, sent back or taken back without evidence of a payment of this order at this channel", () => {
    fc.assert(fc.property(walks, policies, (steps, policy) => {
      const passed = walk(steps, policy)
      const first = passed.find(({ step }) => step?._tag === "Confirmed")?.step
      const last = passed.at(-1)!.order
      if (!("reference" in last)) expect(first).toBeUndefined()
      else {
        expect(first?._tag).toBe("Confirmed")
        if (first?._tag !== "Confirmed") return
        // The first confirmation stays; none after it replaces its payment.
        expect([first.evidence.order, first.evidence.channel]).toEqual([ordered.id, ordered.channel])
        expect([last.reference, last.paidAt]).toEqual([first.evidence.reference, first.evidence.paidAt])
        if (last._tag === "Paid" || last._tag === "Credited" || last._tag === "Written") {
          expect(first.evidence.amount).toBe(ordered.amount)
        }
        if ("paidAmount" in last) expect(last.paidAmount).toBe(first.evidence.amount)
      }
    }))
  })

  it("D2 every order on the way is well-formed, without a field too many, and still the order that was placed", () => {
    fc.assert(fc.property(walks, policies, (steps, policy) => {
      for (const { order } of walk(steps, policy)) {
        const decoded = Schema.decodeUnknownResult(Recharge.Order)(JSON.parse(JSON.stringify(order)), {
          onExcessProperty: "error"
        })
        expect(decoded).toEqual(Result.succeed(order))
        expect(order).toMatchObject(ordered)
      }
    }))
  })

  it("I3 a step that is given twice has the outcome of once, or is refused the second time", () => {
    fc.assert(fc.property(walks, anyStep, policies, (steps, step, policy) => {
      const once = Recharge.advance(walk(steps, policy).at(-1)!.order, step, policy)
      fc.pre(Result.isSuccess(once))
      const twice = Recharge.advance(once.success, step, policy)
      if (Result.isSuccess(twice)) expect(twice.success).toEqual(once.success)
      else expect(twice.failure).toEqual({ _tag: "StepRefused", order: once.success._tag, step: step._tag })
    }))
  })

  it("I12 a step changes nothing that it was given", () => {
    fc.assert(fc.property(walks, anyStep, policies, (steps, step, policy) => {
      const { order } = walk(steps, policy).at(-1)!
      const before = structuredClone(order)
      Recharge.advance(Object.freeze(order), step, policy)
      expect(order).toEqual(before)
    }))
  })

  it("D2 every state of the table is an order", () => {
    for (const order of Object.values(orders)) expect(isOrder(order)).toEqual(Result.succeed(order))
  })
})

describe("R27 D2 PaidEvidence is made by a channel alone", () => {
  const genuine = evidence()

  it("D2 a genuine one is known as one, and says what was paid", () => {
    expect(Recharge.PaidEvidence.is(genuine)).toBe(true)
    expect({ ...genuine }).toEqual({
      order: "app:order-1",
      channel: "ccbApp",
      amount: 5_000,
      paidAt: at("10:05"),
      reference: "bank-1"
    })
  })

  it.each(forgedKeys)("D2 with %s for a key there is none", (_, key) => {
    expect(() => new Recharge.PaidEvidence(key as MintKey, genuine)).toThrow(TypeError)
    expect(() => new Recharge.PaidEvidence(key as MintKey, genuine)).toThrow(
      "Recharge.PaidEvidence can only be made by"
    )
  })

  it.each(lookAlikes(genuine))("D2 %s is none", (_, value) => {
    expect(Recharge.PaidEvidence.is(value)).toBe(false)
  })

  it("D2 an heir of the class needs the key too", () => {
    class Forged extends Recharge.PaidEvidence {
      constructor() {
        super(Symbol() as unknown as MintKey, genuine)
      }
    }
    expect(() => new Forged()).toThrow(TypeError)
  })

  it("D2 a genuine one cannot be turned into one of more money", () => {
    // The compiler lets a readonly field be written through a type that is not readonly.
    const genuine = evidence()
    const loose: { amount: number } = genuine
    expect(() => {
      loose.amount = 1_000_000
    }).toThrow(TypeError)
    expect(Reflect.set(genuine, "order", "order-2")).toBe(false)
    expect(Reflect.defineProperty(genuine, "amount", { value: 1_000_000 })).toBe(false)
    expect(genuine.amount).toBe(5_000)
  })

  it("D2 no entry of the package exports the key", () => {
    const exported = Object.values(core).flatMap((module) => Object.values(module as object))
    expect(exported.length).toBeGreaterThan(100)
    expect(exported).not.toContain(mintKey)
  })
})

describe("What once broke elsewhere", () => {
  it("D2 the serial number of another channel's payment is not this one's, even when they are equal", () => {
    // Otherwise the other payment would be taken for a copy, and its money would belong to nobody.
    for (
      const order of [orders.Paid, orders.Credited, orders.Written, orders.RefundDue, orders.Refunded, orders.Reversed]
    ) {
      for (const step of [steps.anotherChannel, steps.anotherOrder]) {
        expect(step.evidence.reference).toBe(order.reference)
        expect(Result.isFailure(Recharge.advance(order, step, "credit"))).toBe(true)
      }
    }
  })

  it("R28 callback and query race: both say paid, one credit", () => {
    const passed = walk([steps.sent, steps.confirmed, steps.confirmed, steps.credited, steps.confirmed], "credit")
    expect(passed.map(({ order }) => order._tag)).toEqual(["Created", "Paying", "Paid", "Paid", "Credited", "Credited"])
  })

  it("D2 an order whose answer was lost and that was paid is credited, not parked", () => {
    const passed = walk([steps.answerLost, steps.answerLost, steps.confirmed, steps.credited], "credit")
    expect(passed.map(({ order }) => order._tag)).toEqual(["Created", "Unknown", "Unknown", "Paid", "Credited"])
  })
})
