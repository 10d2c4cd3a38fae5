import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AccountEvent } from "../src/AccountEvent.ts"
import type * as Command from "../src/Command.ts"
import * as Correction from "../src/Correction.ts"
import { AccountId, CommandId, PurchaseId } from "../src/Id.ts"
import { mintKey } from "../src/internal/mint.ts"
import * as Money from "../src/Money.ts"
import * as Original from "../src/Original.ts"
import type { Pockets } from "../src/Wallet.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

type Holds = Partial<Record<keyof Pockets, string>>

/** A life in which 18.00 were bought on Monday, 2025-11-03 at noon, and what that purchase is called. */
interface Bought {
  readonly life: Life
  readonly purchase: string
}
const bought = (life: Life): Bought => ({ life: life.expectApproved(), purchase: life.lastPurchase })

const noon = "2025-11-03 12:00"
const card = () => Life.of(csmzxy, { chip: "100.00" }).at(noon)
const last = school({ spendOrder: "subsidyLast" })

/**
 * Each kind of purchase: what the pockets hold after it, and after 5.00 of it, 9.00 of it and all of it went back, as the
 * table of a canteen manager would have it. The last payer gets it first, and a debt before anybody.
 */
const kinds: ReadonlyArray<readonly [string, () => Bought, Holds, Holds, Holds, Holds]> = [
  [
    "a tap of the card",
    () => bought(card().pay("card", "18.00")),
    { chip: "82.00" },
    { chip: "82.00", transit: "5.00" },
    { chip: "82.00", transit: "9.00" },
    { chip: "82.00", transit: "18.00" }
  ],
  [
    "a tap at a terminal that was cut off",
    () => bought(card().cutOff("slip", "18.00").later(60_000).arrives("slip")),
    { chip: "82.00" },
    { chip: "82.00", transit: "5.00" },
    { chip: "82.00", transit: "9.00" },
    { chip: "82.00", transit: "18.00" }
  ],
  [
    "such a tap with 8.00 more than the card had: a debt",
    () => bought(Life.of(csmzxy, { chip: "10.00" }).at(noon).record({ amount: "18.00", chipBefore: yuan("18.00") })),
    { receivable: "8.00" },
    { receivable: "3.00" },
    { transit: "1.00" },
    { transit: "10.00" }
  ],
  [
    "the same, and the debt repaid since",
    () => {
      const { life, purchase } = bought(
        Life.of(csmzxy, { chip: "10.00" }).at(noon).record({ amount: "18.00", chipBefore: yuan("18.00") })
      )
      return { life: life.repay("8.00").expectApproved(), purchase }
    },
    {},
    { transit: "5.00" },
    { transit: "9.00" },
    { transit: "18.00" }
  ],
  [
    "a tap of the card that was lost, replaced and claimed since",
    () => {
      const { life, purchase } = bought(card().pay("card", "18.00"))
      life.at("2025-11-04 10:00").replace("card-2").at("2025-11-07 10:00").claim().expectApproved()
      return { life, purchase }
    },
    { transit: "82.00" },
    { transit: "87.00" },
    { transit: "91.00" },
    { transit: "100.00" }
  ],
  [
    "a late record that the frozen money paid",
    () => bought(card().cutOff("slip", "18.00").later(60_000).reportLost().later(60_000).arrives("slip")),
    { frozen: "82.00" },
    { frozen: "82.00", transit: "5.00" },
    { frozen: "82.00", transit: "9.00" },
    { frozen: "82.00", transit: "18.00" }
  ],
  [
    "somebody else's, after the loss, at the school's cost",
    () => bought(card().reportLost().later(60_000).record({ amount: "18.00", at: "2025-11-03 12:01" })),
    { frozen: "100.00" },
    { frozen: "100.00" },
    { frozen: "100.00" },
    { frozen: "100.00" }
  ],
  [
    "the same, told once the card was found: its chip's loss waits for a tap",
    () =>
      bought(
        card().reportLost().later(120_000).reportFound("card-1").later(60_000)
          .record({ amount: "18.00", at: "2025-11-03 12:01" })
      ),
    { chip: "82.00", transit: "18.00" },
    { chip: "82.00", transit: "18.00" },
    { chip: "82.00", transit: "18.00" },
    { chip: "82.00", transit: "18.00" }
  ],
  [
    "the e码通 code",
    () => bought(Life.of(csmzxy).withWallet("50.00").at(noon).pay("ecode", "18.00")),
    { wallet: "32.00" },
    { wallet: "37.00" },
    { wallet: "41.00" },
    { wallet: "50.00" }
  ],
  [
    "the 今日校园 code, first what waits for the card, then the wallet",
    () => bought(Life.of(csmzxy).withWallet("50.00").recharge("ccbApp", "10.00").at(noon).pay("today", "18.00")),
    { wallet: "42.00" },
    { wallet: "47.00" },
    { wallet: "50.00", transit: "1.00" },
    { wallet: "50.00", transit: "10.00" }
  ],
  [
    "a code with the subsidy first",
    () => bought(Life.of(csmzxy).withWallet("50.00").grantSubsidy("10.00").at(noon).pay("ecode", "18.00")),
    { wallet: "42.00" },
    { wallet: "47.00" },
    { wallet: "50.00", subsidy: "1.00" },
    { wallet: "50.00", subsidy: "10.00" }
  ],
  [
    "a code with the subsidy last",
    () => bought(Life.of(last).withWallet("10.00").grantSubsidy("20.00").at(noon).pay("ecode", "18.00")),
    { subsidy: "12.00" },
    { subsidy: "17.00" },
    { subsidy: "20.00", wallet: "1.00" },
    { subsidy: "20.00", wallet: "10.00" }
  ],
  [
    "Alipay at a canteen without a link",
    () => bought(card().bindAlipay().pay("alipay", "18.00", { link: "down" })),
    { chip: "100.00" },
    { chip: "100.00" },
    { chip: "100.00" },
    { chip: "100.00" }
  ],
  [
    "Alipay, told later",
    () => bought(card().bindAlipay().recordAlipay("18.00", { at: "2025-11-03 11:00" })),
    { chip: "100.00" },
    { chip: "100.00" },
    { chip: "100.00" },
    { chip: "100.00" }
  ]
]

const weekLater = "2025-11-10 10:00"
const halfYearLater = "2026-05-06 10:00"

describe("all or a part goes back where it came from, a debt first (R76, D5, D10)", () => {
  describe.each(kinds)("%s", (_, buy, before, five, nine, all) => {
    it("R76 D5 all of it, a part of it, two parts of it", () => {
      const { life, purchase } = buy()
      life.expectPockets(before).at(weekLater)
      life.fork().refund(purchase, "18.00").expectApproved().expectEvents("PurchaseRefunded").expectPockets(all)
      life.fork().refund(purchase, "5.00").expectApproved().expectPockets(five)
      life.fork().refund(purchase, "9.00").expectApproved().expectPockets(nine)
      life.refund(purchase, "5.00").refund(purchase, "4.00").expectApproved().expectPockets(nine)
      life.refund(purchase, "9.00").expectApproved().expectPockets(all)
    })

    it("I14 never a fen more, and nothing twice", () => {
      const { life, purchase } = buy()
      life.at(weekLater)
      const no = (text: string, reason: string, left: string) =>
        life.refund(purchase, text).expectDeclined("NotRefundable", { purchase, reason, left })
      no("18.01", "aboveOriginal", "18.00").expectPockets(before)
      life.refund(purchase, "5.00").expectApproved()
      no("13.01", "aboveOriginal", "13.00").expectPockets(five)
      life.refund(purchase, "13.00").expectApproved()
      no("0.01", "returned", "0.00")
      no("18.00", "returned", "0.00").expectPockets(all)
    })

    it("R76 half a year later as well", () => {
      const { life, purchase } = buy()
      life.at(halfYearLater).refund(purchase, "18.00").expectApproved().expectPockets(all)
    })

    it("R76 D5 nothing without its own evidence", () => {
      const { life, purchase } = buy()
      life.at(weekLater)
      const unknown = { purchase, reason: "unknown", left: "0.00" }
      life.refund(purchase, "1.00", { original: "none" }).expectDeclined("NotRefundable", unknown)
      life.refund(purchase, "1.00", { original: "host:cmd-1" }).expectDeclined("NotRefundable", unknown)
      const [envelope] = life.envelopes.slice(-1)
      if (envelope === undefined) throw new Error("nothing was sent")
      const id = PurchaseId.make(purchase)
      const evidence = (account: string, event: AccountEvent) => {
        const original = Original.find(mintKey, AccountId.make(account), [event], id)
        if (original === undefined) throw new Error("no purchase")
        return original
      }
      const event = life.events.find((one) => "purchase" in one && one.purchase === purchase)
      if (event === undefined) throw new Error("no purchase")
      const send = (next: number, original: Original.Original) =>
        life.send({ ...envelope, id: CommandId.make(`own-${next}`), proofs: { original } } as Command.Envelope)
      // Of another account, and of what only looks like evidence.
      send(1, evidence("acc-2", event)).expectDeclined("NotRefundable", unknown)
      const own = evidence("acc-1", event)
      send(2, { purchase: own.purchase } as Original.Original).expectDeclined("NotRefundable", unknown)
      send(3, own).expectApproved()
    })

    it("R76 D5 the merchant pays, and each payer gets back no more than it paid", () => {
      const { life, purchase } = buy()
      const [event] = life.events.filter((one) => "purchase" in one && one.purchase === purchase)
      life.at(weekLater).refund(purchase, "18.00").expectApproved()
      const [refunded] = life.decision.events
      if (refunded?._tag !== "PurchaseRefunded") throw new Error("not refunded")
      const merchant = event !== undefined && "merchant" in event ? event.merchant : "none"
      expect(refunded).toMatchObject({ purchase, merchant, amount: 1_800, reason: "wrongCharge", whole: true })
      expect(refunded.transfers.map(({ from }) => from)).toEqual(refunded.transfers.map(() => `merchant:${merchant}`))
      expect(Money.sum(refunded.transfers.map(({ amount }) => amount))).toBe(1_800)
    })

    it("D7 not once the account is closed", () => {
      const { life, purchase } = buy()
      life.at(weekLater).close().expectApproved().refund(purchase, "1.00").expectDeclined("AccountClosed")
    })
  })

  it("D3 D11 what Alipay or the school had paid goes back there", () => {
    const books = kinds.slice(-2).concat(kinds.filter(([title]) => title.startsWith("somebody")))
      .map(([, buy]) => {
        const { life, purchase } = buy()
        const [event] = life.at(weekLater).refund(purchase, "18.00").expectApproved().decision.events
        return event !== undefined && "transfers" in event ? event.transfers.map(({ to }) => to) : []
      })
    expect(books).toEqual([["channel:alipay"], ["channel:alipay"], ["school:after-loss"]])
  })

  it("D10 a debt of another purchase is repaid first as well", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    life.inDebt("7.00").expectPockets({ receivable: "7.00" })
    life.fork().refund(purchase, "6.99").expectPockets({ receivable: "0.01" })
    life.refund(purchase, "18.00").expectApproved().expectPockets({ transit: "11.00" })
  })
})

describe("a reversal and a refund do not add up to more (I14)", () => {
  it("I14 what was reversed at the terminal has gone back", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    life.reverse({ purchase }).expectApproved()
    life.refund(purchase, "0.01").expectDeclined("NotRefundable", { reason: "returned", left: "0.00" })
  })

  it.each(["0.01", "5.00", "18.00"])("I14 what was refunded by %s is not reversed any more", (part) => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    life.refund(purchase, part).expectApproved()
    for (const present of [true, false]) {
      const reason = part === "18.00" ? "alreadyReversed" : "partlyReturned"
      life.reverse({ purchase, present }).expectDeclined("NotReversible", { reason })
    }
    expect(Correction.returned(life.state, PurchaseId.make(purchase))).toBe(yuan(part))
  })
})

describe("what went back does not count (A5, A7, D17)", () => {
  /** Lunch is bought up to the limit of 30.00: 18.00, and 12.00. */
  const lunch = () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    return { life: life.pay("card", "12.00").expectApproved(), purchase }
  }

  it.each([["18.00", "18.00", "18.01"], ["5.00", "5.00", "5.01"], ["0.01", "0.01", "0.02"]])(
    "A5 A7 of a full lunch %s go back: %s may be bought again, %s not",
    (back, fits, above) => {
      const { life, purchase } = lunch()
      life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { remaining: "0.00" })
      life.refund(purchase, back).expectApproved()
      life.pay("card", above).expectDeclined("MealLimitExceeded", { remaining: fits })
      life.pay("card", fits).expectApproved()
      life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { remaining: "0.00" })
    }
  )

  it("A7 a purchase counts as one until all of it has gone back", () => {
    const twice = school({
      limits: [...csmzxy.limits, { name: "taps", per: "meal", measure: "count", hard: 2, scope: {} }]
    })
    const { life, purchase } = bought(Life.of(twice, { chip: "100.00" }).at(noon).pay("card", "8.00"))
    life.pay("card", "1.00").expectApproved().refund(purchase, "7.99").expectApproved()
    life.pay("card", "1.00").expectDeclined("CountLimitExceeded")
    life.refund(purchase, "0.01").expectApproved().pay("card", "1.00").expectApproved()
    life.pay("card", "1.00").expectDeclined("CountLimitExceeded")
  })

  it("A5 a refund of another day gives today nothing", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    life.at("2025-11-04 12:00").pay("card", "30.00").expectApproved().refund(purchase, "18.00").expectApproved()
    life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { used: "30.00" })
  })

  it("D11 nor does what the school had borne", () => {
    const life = card().pay("card", "30.00").reportLost().later(60_000)
    const { purchase } = bought(life.record({ amount: "18.00", at: "2025-11-03 12:01" }))
    life.refund(purchase, "18.00").expectApproved().reportFound("card-1").expectApproved()
    life.pay("card", "0.01").expectDeclined("MealLimitExceeded", { used: "30.00", remaining: "0.00" })
  })

  it.each([["18.00", "2026-01-15"], ["17.99", "2026-03-31"]])(
    "A5 D17 the last purchase of 18.00 goes back by %s: dormant from %s",
    (back, since) => {
      const life = Life.of(csmzxy, { chip: "100.00" }).at("2025-10-15 12:00").pay("card", "1.00").expectApproved()
      const { purchase } = bought(life.at("2025-12-31 12:00").pay("card", "18.00"))
      life.at("2026-01-05 10:00").refund(purchase, back).expectApproved()
      life.at("2026-04-30 12:00").pay("card", "1.00").expectDeclined("CardFrozenDormant", { since })
    }
  )

  it("R76 a refund after years, with many purchases since, changes nothing of today", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    for (const day of ["2025-12-20 12:00", "2026-02-10 12:00", "2026-04-01 12:00"]) {
      life.at(day).pay("card", "1.00").expectApproved()
    }
    const { tallies } = life.state
    life.refund(purchase, "18.00").expectApproved()
    expect(life.state.tallies).toEqual(tallies)
  })
})

describe("who gives it back, and where", () => {
  it("R72 R76 the office, not a till, a counter or an app", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    for (const point of ["canteen-1", "window-3", "kiosk-1", "today-campus"]) {
      life.refund(purchase, "18.00", { point }).expectDeclined("ChannelNotAllowed", { procedure: "refundPurchase" })
    }
  })

  it("R76 D5 the evidence of one purchase is none for another of the same account", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    const other = life.pay("card", "2.00").expectApproved().lastPurchase
    life.refund(purchase, "1.00", { original: other })
      .expectDeclined("NotRefundable", { purchase, reason: "unknown", left: "0.00" })
    life.refund(other, "2.01").expectDeclined("NotRefundable", {
      purchase: other,
      reason: "aboveOriginal",
      left: "2.00"
    })
  })

  it("D20 an account that nobody knows is told first", () => {
    Life.unborn(csmzxy).refund("host:cmd-1", "1.00", { original: "none" }).expectDeclined("UnknownAccount")
  })
})

describe("the purchase in the journal", () => {
  const { life, purchase } = bought(card().pay("card", "18.00"))
  const events = life.reverse({ purchase }).events
  const own = AccountId.make("acc-1")
  const id = PurchaseId.make(purchase)
  const find = (all: Iterable<AccountEvent>, name = id) => Original.find(mintKey, own, all, name)

  it("R76 D5 is found among everything that happened, by its name", () => {
    expect(find(events)?.purchase).toMatchObject({ account: own, purchase, merchant: "canteen-1", amount: 1_800 })
    expect(Original.Original.is(find(events))).toBe(true)
  })

  it("R76 is none where there is none", () => {
    expect(find([])).toBeUndefined()
    expect(find(events, PurchaseId.make("host:cmd-1"))).toBeUndefined()
    expect(find(events.filter(({ _tag }) => _tag !== "Purchased"))).toBeUndefined()
  })

  it("D22 evidence is minted by a flow, and nobody changes what counts as such", () => {
    const original = find(events)
    expect(original === undefined ? [] : [Object.isFrozen(original), Object.isFrozen(Original.Original)]).toEqual([
      true,
      true
    ])
    expect(() => Reflect.construct(Original.Original, [{}, original?.purchase])).toThrow("Original")
    for (const other of [undefined, null, {}, { purchase: original?.purchase }, "Original"]) {
      expect(Original.Original.is(other)).toBe(false)
    }
  })
})

describe("whatever is refunded, in whatever parts", () => {
  const anyKind = fc.constantFrom(...kinds)
  const parts = fc.array(fc.integer({ min: 1, max: 1_900 }), { minLength: 1, maxLength: 6 })

  it("I14 a part goes back where so much is left, and all parts together as if it had been one", () => {
    fc.assert(
      fc.property(anyKind, parts, ([, buy, , , , all], amounts) => {
        const { life, purchase } = buy()
        life.at(weekLater)
        let left = 1_800
        for (const amount of amounts) {
          life.refund(purchase, Money.format(Money.of(amount)))
          if (amount <= left) {
            left -= amount
            life.expectApproved()
          } else life.expectDeclined("NotRefundable", { left: Money.format(Money.of(left)) })
        }
        expect(Correction.returned(life.state, PurchaseId.make(purchase))).toBe(1_800 - left)
        if (left > 0) life.refund(purchase, Money.format(Money.of(left))).expectApproved()
        life.expectPockets(all)
      }),
      { numRuns: 60 }
    )
  })

  it("I4 I5 I14 in any life, what is left of any purchase goes back, and nothing more", () => {
    fc.assert(
      fc.property(stories(20), fc.nat({ max: 30 }), fc.nat({ max: 100 }), (story, at, percent) => {
        const life = lived(csmzxy, story)
        const purchases = life.events.flatMap((event) =>
          event._tag === "Purchased" || event._tag === "OfflinePurchaseRecorded" ? [event] : []
        )
        const one = purchases[at % Math.max(1, purchases.length)]
        fc.pre(one !== undefined)
        const left = one.amount - Correction.returned(life.state, one.purchase)
        const part = Math.floor((left * percent) / 100)
        const refund = (fen: number) => life.refund(one.purchase, Money.format(Money.of(fen)))
        for (const fen of [part, left - part]) if (fen > 0) refund(fen).expectApproved()
        refund(1).expectDeclined("NotRefundable", { reason: "returned", left: "0.00" })
      }),
      { numRuns: 150 }
    )
  })
})

describe("regressions", () => {
  it("I12 D16 a purchase whose day was dropped while a clock was ahead, and began anew, can go back", () => {
    const { life, purchase } = bought(card().pay("card", "18.00"))
    life.at("2025-11-20 12:00").pay("card", "1.00").expectApproved()
    life.at("2025-11-03 12:30").pay("card", "1.00").expectApproved()
    life.fork().refund(purchase, "5.00").expectApproved().refund(purchase, "13.00").expectApproved()
    life.refund(purchase, "18.00").expectApproved().expectPockets({ chip: "80.00", transit: "18.00" })
  })
})
