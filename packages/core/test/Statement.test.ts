import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AccountEvent } from "../src/AccountEvent.ts"
import { instant } from "../src/CivilTime.ts"
import { OrderId, PointId } from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import type { Order } from "../src/Recharge.ts"
import { pointOf } from "../src/SchoolProfile.ts"
import * as Statement from "../src/Statement.ts"
import { worth } from "../src/Wallet.ts"
import { csmzxy, Life, school, yuan } from "./support/Life.ts"
import { lived, Step, wholeStories } from "./support/lives.ts"

/** The journal's line at card-centre; what became of the orders is said where it matters. */
const source = (order?: Order["_tag"]): Statement.Source => ({
  sequence: 7,
  point: PointId.make("card-centre"),
  places: (point) => pointOf(csmzxy, point),
  orders: () => order
})

/** "out purchase 18.00 at canteen-1 by physicalCard, returned": what is usual is not said. */
const shown = ({ amount, direction, kind, medium, place, status }: Statement.Line): string =>
  [
    `${direction} ${kind} ${Money.format(amount)}`,
    ...(place.point === "card-centre" ? [] : [`at ${place.point}`]),
    ...(medium === undefined ? [] : [`by ${medium}`])
  ].join(" ") + (status === "done" ? "" : `, ${status}`)

const linesOf = (life: Life, event: AccountEvent, order?: Order["_tag"]) =>
  Statement.linesOf(life.state, event, source(order)).map(shown)

const last = (life: Life): AccountEvent => {
  const event = life.events.at(-1)
  if (event === undefined) throw new Error("nothing has happened")
  return event
}

const noon = "2025-11-03 12:00"
const card = () => Life.of(csmzxy, { chip: "100.00" }).at(noon)
const wallet = () => Life.of(csmzxy).withWallet("50.00").at(noon)
const bought = () => card().pay("card", "18.00")
/** Approved, and the card is gone before it is debited. */
const pulled = () => {
  const life = card()
  const before = life.chip()
  life.pay("card", "18.00").chips.set("card-1", before)
  return life
}
const torn = (really: "written" | "notWritten") => card().recharge("ccbApp", "50.00").tear(really)
const lostAndReplaced = () => card().replace("card-2").at("2025-11-06 12:00")

/**
 * What every kind of event tells its holder: the last one of such a life. Nothing stands there on purpose where no money
 * moves, or only within what waits.
 */
const told: {
  readonly [Tag in AccountEvent["_tag"]]: ReadonlyArray<
    readonly [what: string, life: () => Life, lines: ReadonlyArray<string>]
  >
} = {
  Purchased: [
    ["a tap", bought, ["out purchase 18.00 at canteen-1 by physicalCard"]],
    ["a code", () => wallet().pay("ecode", "18.00"), ["out purchase 18.00 at canteen-1 by ecodePayCode"]],
    [
      "Alipay, which paid it",
      () => card().bindAlipay().pay("alipay", "18.00", { link: "down" }),
      ["out purchase 18.00 at canteen-1 by alipayCode"]
    ],
    [
      "reversed since",
      () => bought().reverse(),
      ["out purchase 18.00 at canteen-1 by physicalCard, returned"]
    ],
    [
      "refunded in part",
      () => {
        const life = bought()
        return life.refund(life.lastPurchase, "17.99")
      },
      ["out purchase 18.00 at canteen-1 by physicalCard, partlyReturned"]
    ],
    [
      "refunded",
      () => {
        const life = bought()
        return life.refund(life.lastPurchase, "18.00")
      },
      ["out purchase 18.00 at canteen-1 by physicalCard, returned"]
    ]
  ],
  OfflinePurchaseRecorded: [
    [
      "a late record",
      () => card().cutOff("a", "18.00").arrives("a"),
      ["out purchase 18.00 at canteen-2 by physicalCard"]
    ],
    ["with a debt", () => card().inDebt("5.00"), ["out purchase 105.00 at canteen-2 by physicalCard"]],
    [
      "refunded",
      () => {
        const life = card().cutOff("a", "18.00").arrives("a")
        return life.refund(life.lastPurchase, "18.00")
      },
      ["out purchase 18.00 at canteen-2 by physicalCard, returned"]
    ],
    [
      "somebody else's, which the school bears",
      () => card().reportLost().later(60_000).record({ amount: "18.00", at: "2025-11-03 12:01" }),
      []
    ],
    [
      "the same, told once the card was found: what its chip lacks waits for a tap",
      () =>
        card().reportLost().later(120_000).reportFound("card-1").later(60_000)
          .record({ amount: "18.00", at: "2025-11-03 12:01" }).expectPockets({ chip: "82.00", transit: "18.00" }),
      ["within transfer 18.00"]
    ],
    [
      "by Alipay",
      () => card().recordAlipay("18.00"),
      ["out purchase 18.00 at canteen-2 by alipayCode"]
    ]
  ],
  PurchaseReversed: [
    ["of a tap", () => bought().reverse(), ["in reversal 18.00 by physicalCard"]],
    [
      "D5 with the card there: it is back, whatever becomes of the write",
      () => bought().reverse({ present: true, torn: true }),
      ["in reversal 18.00 by physicalCard"]
    ],
    ["of a code", () => wallet().pay("ecode", "18.00").reverse(), ["in reversal 18.00 by ecodePayCode"]]
  ],
  PurchaseRefunded: [
    [
      "a part",
      () => {
        const life = bought()
        return life.refund(life.lastPurchase, "5.00")
      },
      ["in refund 5.00 by physicalCard"]
    ],
    [
      "of what the school had borne: to the school",
      () => {
        const life = card().reportLost().later(60_000).record({ amount: "18.00", at: "2025-11-03 12:01" })
        return life.refund(life.lastPurchase, "18.00").expectApproved()
      },
      []
    ]
  ],
  RechargePlaced: [
    ["credited since: that has a line of its own", () => card().recharge("ccbApp", "50.00"), []],
    ["no order was stored", () => card().place("ccbApp", "ccbCard", "50.00"), []]
  ],
  CreditRecorded: [
    ["for the card", () => card().recharge("ccbApp", "50.00"), ["in recharge 50.00"]],
    ["for the wallet", () => wallet().recharge("ecode", "50.00"), ["in recharge 50.00"]],
    ["with a debt", () => card().inDebt("5.00").recharge("ccbApp", "50.00"), ["in recharge 50.00"]]
  ],
  LoadBegun: [["what became of it is told", () => card().recharge("ccbApp", "50.00").beginLoad(), []]],
  LoadTorn: [
    ["open still", () => torn("written"), ["within load 50.00 by physicalCard, unknown"]],
    ["written after all: settled by a tap", () => torn("written").load(), []],
    ["not written", () => torn("notWritten").load(), []],
    ["the card was lost since: it is frozen with the rest", () => torn("written").reportLost(), []]
  ],
  PurchaseConfirmed: [
    ["its record came as well", () => {
      const life = card()
      const { balance, purchaseSequence } = life.chip()
      life.pay("card", "18.00")
      return life.record({
        amount: "18.00",
        point: "canteen-1",
        chipBefore: balance,
        purchaseSequence: purchaseSequence + 1
      })
    }, []]
  ],
  DebitDisproved: [
    ["it was on the card all the time", () => pulled().reverse().load(), ["within transfer 18.00"]],
    [
      "it was on the card, which is lost by now",
      () => {
        const life = pulled().reverse().later(60_000).cutOff("slip", "5.00").later(60_000).reportLost()
        return life.arrives("slip")
      },
      ["within transfer 18.00"]
    ]
  ],
  LoadSettled: [
    ["written", () => card().recharge("ccbApp", "50.00").load(), ["within load 50.00 by physicalCard"]],
    ["with a subsidy", () => card().grantSubsidy("8.00").load(), ["within load 8.00 by physicalCard"]],
    ["not written: it waits as before", () => torn("notWritten").pay("card", "1.00"), []]
  ],
  FrozenClaimed: [["claimed", () => lostAndReplaced().claim(), ["within claim 100.00"]]],
  MovedToTransit: [["moved", () => wallet().moveToTransit("20.00"), ["within transfer 20.00"]]],
  SubsidyGranted: [
    ["granted", () => card().grantSubsidy("8.00"), ["in subsidy 8.00"]],
    ["with a debt", () => card().inDebt("5.00").grantSubsidy("8.00"), ["in subsidy 8.00"]]
  ],
  SubsidyExpired: [["expired", () => card().grantSubsidy("8.00").expireSubsidy(), ["out subsidyEnded 8.00"]]],
  AccountClosing: [
    ["all is frozen and stays the holder's", () => card().close(), []],
    ["but a subsidy", () => card().grantSubsidy("8.00").close(), ["out subsidyEnded 8.00"]]
  ],
  AccountPaidOut: [
    ["paid out", () => card().close().at("2025-11-06 12:00").payOut(), ["out payOut 100.00"]],
    ["nothing was left", () => Life.of(csmzxy).at(noon).close().at("2025-11-06 12:00").payOut(), []]
  ],
  DebtRepaid: [["repaid", () => card().inDebt("5.00").repay("4.00"), ["in debtRepaid 4.00"]]],
  DebtWrittenOff: [["given up", () => card().inDebt("5.00").writeOff("5.00"), ["in debtWrittenOff 5.00"]]],
  CardIssued: [
    ["free of charge", () => Life.of(csmzxy), []],
    [
      "for a fee",
      () => {
        const charging = school({ replacement: { ...csmzxy.replacement, fee: yuan("20.00") } })
        return Life.of(charging).at(noon).reportLost().issue("card-2", { fee: "20.00" }).expectApproved()
      },
      ["out fee 20.00"]
    ]
  ],
  AccountOpened: [
    ["a student's", () => Life.unborn(csmzxy).open(), []],
    ["a visitor's, for a fee", () => Life.unborn(csmzxy).openTemporary(), ["out fee 20.00"]]
  ],
  CardActivated: [["", () => Life.of(csmzxy), []]],
  CardCancelled: [["", () => card().reportLost().issue("card-2").cancel("card-2"), []]],
  CardReportedLost: [["its money is frozen", () => card().reportLost(), []]],
  CardReportedFound: [["its money is on the chip again", () => card().reportLost().reportFound("card-1"), []]],
  BankSideReportedLost: [["", () => card().reportLost().reportBankSideLost("card-1"), []]],
  ValidityExtended: [["", () => card().extend(), []]],
  PasswordSet: [["", () => card().resetPassword(), []]],
  PasswordTried: [["", () => card().pay("card", "1.00", { password: "wrong" }), []]],
  WalletOpened: [["", () => card().openWallet(), []]],
  BankCardBound: [["", () => card().bindTransfer(), []]],
  AlipayBound: [["", () => card().bindAlipay(), []]],
  CodeBurned: [["", () => card(), []]],
  AccessGranted: [["", () => card().grantAccess("room-1-101"), []]],
  AccessRevoked: [
    ["", () => {
      const life = card().grantAccess("room-1-101")
      return life.revokeAccess(life.lastGrant)
    }, []]
  ],
  Admitted: [["", () => card().show("card", "dorm-1"), []]],
  PassageRecorded: [["", () => card().recordPassage("dorm-1"), []]]
}

const cases = Object.entries(told).flatMap(([tag, list]) => list.map((one) => [tag, ...one] as const))

describe("what a holder sees of everything that happens (R56)", () => {
  it.each(cases)("R56 %s %s", (tag, _, build, lines) => {
    const life = build()
    // A code of ours is burned before its camera, which a life has none of: as the journal would have it.
    const burned = Schema.decodeSync(AccountEvent)({
      _tag: "CodeBurned",
      at: life.now,
      code: { pseudonym: "0123456789abcdef", counter: 1, notAfter: life.now }
    })
    const event = tag === "CodeBurned" ? burned : life.events.findLast(({ _tag }) => _tag === tag)
    if (event === undefined) throw new Error(`No ${tag} has happened`)
    expect(linesOf(life, event)).toEqual(lines)
  })

  it("R56 each with time, place in both languages, medium and status", () => {
    const life = bought()
    expect(Statement.linesOf(life.state, last(life), source())).toEqual([{
      sequence: 7,
      kind: "purchase",
      at: instant(noon),
      place: { point: "canteen-1", zh: "第一食堂 1 号机", en: "Canteen 1, terminal 1" },
      amount: yuan("18.00"),
      direction: "out",
      status: "done",
      medium: "physicalCard",
      purchase: life.lastPurchase
    }])
  })

  it("R56 a place that the profile of that time does not list is told by its id", () => {
    const life = bought()
    const [line] = Statement.linesOf(life.state, last(life), {
      ...source(),
      places: () => undefined
    })
    expect(line?.place).toEqual({ point: "canteen-1" })
  })

  it.each<readonly [Order["_tag"], string | undefined]>([
    ["Created", "waiting"],
    ["Paying", "waiting"],
    ["Unknown", "waiting"],
    ["Paid", "waiting"],
    ["Expired", "lapsed"],
    ["RefundDue", "refundDue"],
    ["Refunded", "refunded"],
    ["Reversed", "refunded"],
    ["Credited", undefined],
    ["Written", undefined]
  ])("R56 D21 a recharge order that is %s: %s", (order, status) => {
    const life = card().place("ccbApp", "ccbCard", "50.00")
    const [event] = life.decision.events
    if (event === undefined) throw new Error("not placed")
    expect(linesOf(life, event, order)).toEqual(status === undefined ? [] : [`in recharge 50.00, ${status}`])
    expect(Statement.linesOf(life.state, event, source(order)).map((line) => [line.order, line.channel])).toEqual(
      status === undefined ? [] : [[`host:${life.lastId}`, "ccbApp"]]
    )
  })

  it("R56 D21 credited, though its order does not know yet: one line, not two", () => {
    const life = card().place("ccbApp", "ccbCard", "50.00")
    const order = life.lastId
    const [placed] = life.decision.events
    life.credit("ccbApp", "50.00", { order }).expectApproved()
    const [credited] = life.decision.events
    if (placed === undefined || credited === undefined) throw new Error("not recharged")
    expect(linesOf(life, placed, "Paid")).toEqual([])
    expect(Statement.linesOf(life.state, credited, source())).toMatchObject([
      { kind: "recharge", status: "done", order: OrderId.make(`host:${order}`), channel: "ccbApp" }
    ])
  })
})

describe("in any life", () => {
  const fen = fc.integer({ min: 1, max: 2_000 }).map((n) => Money.format(Money.of(n)))
  const nth = fc.nat({ max: 20 })
  const more = fc.oneof(
    fc.record({ at: nth, percent: fc.integer({ min: 1, max: 100 }) }).map(({ at, percent }) =>
      new Step(`refund ${percent}% of ${at}`, (life) => {
        const all = life.events.flatMap((one) =>
          one._tag === "Purchased" || one._tag === "OfflinePurchaseRecorded" ? [one] : []
        )
        const one = all[at % Math.max(1, all.length)]
        if (one !== undefined) {
          life.refund(one.purchase, Money.format(Money.of(Math.ceil((one.amount * percent) / 100))))
        }
      })
    ),
    fen.map((amount) => new Step(`repay ${amount}`, (life) => life.repay(amount))),
    fen.map((amount) => new Step(`write off ${amount}`, (life) => life.writeOff(amount))),
    fen.map((amount) => new Step(`grant ${amount}`, (life) => life.grantSubsidy(amount, { batch: "autumn" }))),
    fc.constant(new Step("expire", (life) => life.expireSubsidy({ batch: "autumn" })))
  )
  const stories = fc.tuple(wholeStories(25), fc.array(more, { maxLength: 6 }), nth).map(([story, steps, at]) => [
    ...story.slice(0, at),
    ...steps,
    ...story.slice(at)
  ])

  const linesIn = (life: Life) =>
    life.events.flatMap((event) => Statement.linesOf(life.state, event, source("Expired")))

  it("R56 I5 what came in less what went out is what the holder owns less owes", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const life = lived(csmzxy, story)
        // Not of the account: what Alipay paid and got back, a fee that was paid at a desk, an order that came to nothing.
        const own = linesIn(life).filter(({ kind, medium, status }) =>
          medium !== "alipayCode" && kind !== "fee" && status !== "lapsed"
        )
        const sum = own.reduce(
          (sum, { amount, direction }) => sum + (direction === "in" ? amount : direction === "out" ? -amount : 0),
          0
        )
        expect(sum).toBe(worth(life.pockets()))
      }),
      { numRuns: 150 }
    )
  })

  it("R56 I14 no line is of nothing, and a purchase has gone back as far as its lines say", () => {
    fc.assert(
      fc.property(stories, (story) => {
        const lines = linesIn(lived(csmzxy, story))
        expect(lines.every(({ amount }) => amount > 0)).toBe(true)
        for (const { amount, kind, purchase, status } of lines) {
          if (kind !== "purchase") continue
          const back = Money.sum(
            lines.filter((one) => one.purchase === purchase && one.kind !== "purchase").map(({ amount }) => amount)
          )
          expect(status).toBe(back === 0 ? "done" : back < amount ? "partlyReturned" : "returned")
        }
        // Of loads whose outcome nobody knows there is one at most.
        expect(lines.filter(({ status }) => status === "unknown").length).toBeLessThanOrEqual(1)
      }),
      { numRuns: 150 }
    )
  })
})

describe("regressions", () => {
  it("R56 D8 a load that was torn long ago is not told as unknown because another one is", () => {
    const life = torn("written").load().recharge("ccbApp", "30.00").tear("notWritten")
    const all = life.events.flatMap((event) => (event._tag === "LoadTorn" ? linesOf(life, event) : []))
    expect(all).toEqual(["within load 30.00 by physicalCard, unknown"])
  })
})
