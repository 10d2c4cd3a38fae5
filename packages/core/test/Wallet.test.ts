import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Ledger from "../src/Ledger.ts"
import { Medium } from "../src/Medium.ts"
import * as Money from "../src/Money.ts"
import * as Wallet from "../src/Wallet.ts"

const yuan = Money.yuan
/** Pockets by their yuan; what is left out is empty. */
const pockets = (held: { readonly [P in keyof Wallet.Pockets]?: string }): Wallet.Pockets => ({
  ...Wallet.empty,
  ...Object.fromEntries(Object.entries(held).map(([pocket, text]) => [pocket, yuan(text)]))
})
/** "chip → merchant:canteen-1 12.50" */
const shown = (transfers: ReadonlyArray<Ledger.Transfer>): ReadonlyArray<string> =>
  transfers.map(({ amount, from, to }) => `${from} → ${to} ${Money.format(amount)}`)
const shop = "merchant:shop-1"

describe("D1 who pays", () => {
  it.each(
    [
      ["physicalCard", true, "subsidyFirst", ["chip"]],
      ["physicalCard", false, "subsidyLast", ["chip"]],
      ["ecodePayCode", true, "subsidyFirst", ["subsidy", "wallet"]],
      ["ecodePayCode", true, "subsidyLast", ["wallet", "subsidy"]],
      ["ecodePayCode", false, "subsidyFirst", ["subsidy", "wallet"]],
      ["ecodePayCode", false, "subsidyLast", ["wallet", "subsidy"]],
      ["todayCampusCode", true, "subsidyFirst", ["subsidy", "transit", "wallet"]],
      ["todayCampusCode", true, "subsidyLast", ["transit", "wallet", "subsidy"]],
      ["todayCampusCode", false, "subsidyFirst", ["subsidy", "transit"]],
      ["todayCampusCode", false, "subsidyLast", ["transit", "subsidy"]],
      ["alipayCode", true, "subsidyFirst", []],
      ["ecodeIdentityCode", true, "subsidyFirst", []],
      ["keyRing", true, "subsidyLast", []]
    ] as const
  )("D1 D6 %s, wallet open %s, %s: %j", (medium, walletOpen, order, payers) => {
    expect(Wallet.payers(medium, walletOpen, order)).toEqual(payers)
  })

  it("D1 no code reaches the chip, and nothing reaches what is frozen or held", () => {
    for (const medium of Medium.literals) {
      for (const walletOpen of [true, false]) {
        for (const order of Wallet.SpendOrder.literals) {
          const payers = Wallet.payers(medium, walletOpen, order)
          expect(payers.includes("chip")).toBe(medium === "physicalCard")
          expect(payers.some((pocket) => pocket === "frozen" || pocket === "held")).toBe(false)
          expect(new Set(payers).size).toBe(payers.length)
        }
      }
    }
  })

  it("D3 what Alipay pays at a cut-off canteen comes from a channel, not from a pocket", () => {
    expect(Wallet.alipayClearing).toBe("channel:alipay")
    expect(Schema.is(Ledger.Outside)(Wallet.alipayClearing)).toBe(true)
  })
})

describe("D1 D6 D11 paying", () => {
  it.each(
    [
      // [pockets, in this order, amount, what moves, what is missing]
      [{ chip: "30.00" }, ["chip"], "12.50", ["chip → merchant:shop-1 12.50"], "0.00"],
      [{ chip: "30.00" }, ["chip"], "30.00", ["chip → merchant:shop-1 30.00"], "0.00"],
      [{ chip: "30.00" }, ["chip"], "30.01", ["chip → merchant:shop-1 30.00"], "0.01"],
      [{ transit: "50.00" }, ["chip"], "0.01", [], "0.01"],
      [
        { subsidy: "5.00", transit: "4.00", wallet: "3.00" },
        ["subsidy", "transit", "wallet"],
        "10.00",
        ["subsidy → merchant:shop-1 5.00", "transit → merchant:shop-1 4.00", "wallet → merchant:shop-1 1.00"],
        "0.00"
      ],
      [
        { subsidy: "5.00", transit: "4.00", wallet: "3.00" },
        ["transit", "wallet", "subsidy"],
        "12.00",
        ["transit → merchant:shop-1 4.00", "wallet → merchant:shop-1 3.00", "subsidy → merchant:shop-1 5.00"],
        "0.00"
      ],
      [
        { subsidy: "5.00", transit: "4.00", wallet: "3.00", chip: "99.00" },
        ["subsidy", "transit", "wallet"],
        "12.01",
        ["subsidy → merchant:shop-1 5.00", "transit → merchant:shop-1 4.00", "wallet → merchant:shop-1 3.00"],
        "0.01"
      ],
      // The first that suffices pays alone, an empty one pays nothing.
      [{ subsidy: "5.00", wallet: "5.00" }, ["subsidy", "wallet"], "5.00", ["subsidy → merchant:shop-1 5.00"], "0.00"],
      [{ wallet: "5.00" }, ["subsidy", "wallet"], "5.00", ["wallet → merchant:shop-1 5.00"], "0.00"],
      [{ wallet: "5.00" }, [], "5.00", [], "5.00"],
      [{ wallet: "5.00" }, ["wallet"], "0.00", [], "0.00"]
    ] as const
  )("D1 %j, %j pays %s: %j, missing %s", (held, from, amount, moves, missing) => {
    const [transfers, short] = Wallet.payUpTo(pockets(held), from, shop, yuan(amount))
    expect(shown(transfers)).toEqual(moves)
    expect(Money.format(short)).toBe(missing)
    const paid = Wallet.pay(pockets(held), from, shop, yuan(amount))
    expect(Option.map(paid, shown)).toEqual(missing === "0.00" ? Option.some(moves) : Option.none())
  })
})

describe("D10 the next credit repays the debt first", () => {
  it.each([
    ["0.00", "50.00", ["channel:ccb → transit 50.00"]],
    ["12.00", "50.00", ["channel:ccb → receivable 12.00", "channel:ccb → transit 38.00"]],
    ["50.00", "50.00", ["channel:ccb → receivable 50.00"]],
    ["50.01", "50.00", ["channel:ccb → receivable 50.00"]],
    ["49.99", "50.00", ["channel:ccb → receivable 49.99", "channel:ccb → transit 0.01"]],
    ["12.00", "0.00", []]
  ])("D10 a debt of %s and %s paid in: %j", (debt, amount, moves) => {
    expect(shown(Wallet.credit(yuan(debt), "channel:ccb", "transit", yuan(amount)))).toEqual(moves)
  })

  it("D6 D9 a subsidy and a claim too, each from where it comes and to where it belongs", () => {
    expect(shown(Wallet.credit(yuan("1.00"), "school:aid", "subsidy", yuan("3.00")))).toEqual([
      "school:aid → receivable 1.00",
      "school:aid → subsidy 2.00"
    ])
    expect(shown(Wallet.credit(yuan("1.00"), "frozen", "transit", yuan("3.00")))).toEqual([
      "frozen → receivable 1.00",
      "frozen → transit 2.00"
    ])
  })
})

describe("D2 what a load moves to the chip", () => {
  it.each([
    // [transit, subsidy, on the chip, ceiling, transit moves, subsidy moves]
    ["50.00", "0.00", "0.00", "1000.00", "50.00", "0.00"],
    ["50.00", "20.00", "0.00", "1000.00", "50.00", "20.00"],
    ["0.00", "20.00", "5.00", "1000.00", "0.00", "20.00"],
    ["0.00", "0.00", "5.00", "1000.00", "0.00", "0.00"],
    // Exactly full, a fen below and above.
    ["50.00", "20.00", "930.00", "1000.00", "50.00", "20.00"],
    ["50.00", "20.00", "930.01", "1000.00", "50.00", "19.99"],
    ["50.00", "20.00", "950.00", "1000.00", "50.00", "0.00"],
    ["50.00", "20.00", "950.01", "1000.00", "49.99", "0.00"],
    ["50.00", "20.00", "999.99", "1000.00", "0.01", "0.00"],
    ["50.00", "20.00", "1000.00", "1000.00", "0.00", "0.00"],
    // A ceiling that was lowered since.
    ["50.00", "20.00", "1500.00", "1000.00", "0.00", "0.00"]
  ])("D2 R27 transit %s, subsidy %s, chip %s, ceiling %s: %s and %s", (transit, subsidy, onChip, ceiling, ...moves) => {
    const moved = Wallet.loadable(pockets({ transit, subsidy, wallet: "77.00" }), yuan(onChip), yuan(ceiling))
    expect([Money.format(moved.transit), Money.format(moved.subsidy)]).toEqual(moves)
  })

  it("D2 the chip itself is believed, not the books", () => {
    const account = pockets({ chip: "999.00", transit: "50.00" })
    expect(Wallet.loadable(account, yuan("0.00"), yuan("1000.00"))).toEqual({ transit: 5_000, subsidy: 0 })
    expect(Wallet.loadable(account, yuan("999.00"), yuan("1000.00"))).toEqual({ transit: 100, subsidy: 0 })
  })
})

describe("I2 transfers are applied, and no pocket falls below zero", () => {
  const before = pockets({ chip: "10.00", transit: "5.00", receivable: "3.00" })
  const move = (from: Ledger.Book, to: Ledger.Book, text: string): Ledger.Transfer => ({
    from,
    to,
    amount: Money.amount(yuan(text))
  })

  it.each(
    [
      ["a purchase", [move("chip", shop, "4.00")], { chip: "6.00", transit: "5.00", receivable: "3.00" }],
      ["all of it", [move("chip", shop, "10.00")], { transit: "5.00", receivable: "3.00" }],
      ["a recharge", [move("channel:ccb", "transit", "4.00")], { chip: "10.00", transit: "9.00", receivable: "3.00" }],
      ["between pockets", [move("transit", "held", "5.00")], { chip: "10.00", held: "5.00", receivable: "3.00" }],
      ["to what was frozen", [move("chip", "frozen", "10.00")], {
        frozen: "10.00",
        transit: "5.00",
        receivable: "3.00"
      }],
      ["a debt arises", [move("receivable", shop, "1.00")], { chip: "10.00", transit: "5.00", receivable: "4.00" }],
      ["a debt is repaid", [move("channel:ccb", "receivable", "3.00")], { chip: "10.00", transit: "5.00" }],
      [
        "a debt is repaid out of a pocket",
        [move("transit", "receivable", "3.00")],
        { chip: "10.00", transit: "2.00" }
      ],
      [
        "the school pays for what is outside",
        [move("school:losses", shop, "9.00")],
        { chip: "10.00", transit: "5.00", receivable: "3.00" }
      ],
      [
        "one after the other",
        [move("channel:ccb", "wallet", "2.00"), move("wallet", "transit", "2.00"), move("transit", shop, "7.00")],
        { chip: "10.00", receivable: "3.00" }
      ]
    ] as const
  )("I2 D10 %s", (_, transfers, after) => {
    expect(Wallet.apply(before, transfers)).toEqual(pockets(after))
  })

  it.each([
    ["more than is there", [move("chip", shop, "10.01")]],
    ["from an empty pocket", [move("wallet", shop, "0.01")]],
    ["more than the debt", [move("channel:ccb", "receivable", "3.01")]],
    ["the second of two", [move("chip", shop, "6.00"), move("chip", shop, "4.01")]],
    ["before it came", [move("wallet", "transit", "2.00"), move("channel:ccb", "wallet", "2.00")]]
  ])("I2 %s is a defect, and changes nothing", (_, transfers) => {
    const copy = { ...before }
    expect(() => Wallet.apply(before, transfers)).toThrow(RangeError)
    expect(before).toEqual(copy)
  })

  it("I13 nothing to move leaves the very same pockets", () => {
    expect(Wallet.apply(before, [])).toBe(before)
    expect(Wallet.apply(before, [move("chip", shop, "1.00")])).not.toBe(before)
    expect(before).toEqual(pockets({ chip: "10.00", transit: "5.00", receivable: "3.00" }))
  })

  it("R70 a pocket that would hold more than money can be is refused", () => {
    const full = { ...Wallet.empty, wallet: Money.of(Number.MAX_SAFE_INTEGER) }
    expect(() => Wallet.apply(full, [move("channel:ccb", "wallet", "0.01")])).toThrow(RangeError)
  })
})

describe("I5 what an account is worth", () => {
  it("I5 a new account holds nothing and owes nothing", () => {
    expect(Wallet.empty).toEqual({ chip: 0, transit: 0, wallet: 0, subsidy: 0, frozen: 0, held: 0, receivable: 0 })
    expect(Wallet.worth(Wallet.empty)).toBe(0)
    expect(Wallet.pending(Wallet.empty)).toBe(0)
  })

  it("I5 all pockets less the debt", () => {
    const all = { chip: "1.00", transit: "0.20", wallet: "0.03", subsidy: "10.00", frozen: "200.00", held: "3000.00" }
    expect(Wallet.worth(pockets(all))).toBe(321_123)
    expect(Wallet.worth(pockets({ ...all, receivable: "0.01" }))).toBe(321_122)
    expect(Wallet.worth(pockets({ receivable: "12.00" }))).toBe(-1_200)
  })

  it("R27 D8 pending is what is paid and not yet on the card, also while nobody knows whether it is", () => {
    expect(Wallet.pending(pockets({ chip: "9.00", transit: "50.00", held: "0.07", wallet: "8.00", frozen: "5.00" })))
      .toBe(
        5_007
      )
  })

  it("R75 the order of spending is one of two", () => {
    expect(["subsidyFirst", "subsidyLast"].every((order) => Schema.is(Wallet.SpendOrder)(order))).toBe(true)
    expect(Schema.is(Wallet.SpendOrder)("subsidy")).toBe(false)
  })

  it("I2 pockets with a fraction, a debt below zero or a pocket missing are none", () => {
    const is = Schema.is(Wallet.Pockets)
    expect(is(pockets({ chip: "1.00" }))).toBe(true)
    expect(is({ ...Wallet.empty, chip: -1 })).toBe(false)
    expect(is({ ...Wallet.empty, receivable: -1 })).toBe(false)
    expect(is({ ...Wallet.empty, wallet: 0.5 })).toBe(false)
    const { held: _, ...rest } = Wallet.empty
    expect(is(rest)).toBe(false)
  })
})

const fen = fc.nat(1_000).map(Money.of)
const anyPockets = fc.record({
  chip: fen,
  transit: fen,
  wallet: fen,
  subsidy: fen,
  frozen: fen,
  held: fen,
  receivable: fen
})
const orders = fc.shuffledSubarray([...Ledger.Pocket.literals])
const outside = fc.constantFrom("merchant:m", "channel:c", "fees:f", "school:s") satisfies fc.Arbitrary<Ledger.Outside>
const books: fc.Arbitrary<Ledger.Book> = fc.oneof(
  fc.constantFrom(...Ledger.Pocket.literals, "receivable" as const),
  outside
)
const transfers = fc.array(
  fc.record({ from: books, to: books, amount: fc.integer({ min: 1, max: 400 }).map(Money.amount) }),
  { maxLength: 12 }
)
const isOutside = (book: Ledger.Book): boolean => book.includes(":")
/** Applies what can be applied, in order; what would leave a pocket below zero is left out. */
const applicable = (start: Wallet.Pockets, wanted: ReadonlyArray<Ledger.Transfer>) => {
  let now = start
  const done: Array<Ledger.Transfer> = []
  for (const transfer of wanted) {
    try {
      now = Wallet.apply(now, [transfer])
      done.push(transfer)
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError)
    }
  }
  return { done, now }
}

describe("I1 I2 I5 D1 for any pockets", () => {
  it("I1 whatever is moved, all books together hold nothing, and the pockets are what the transfers say", () => {
    fc.assert(fc.property(anyPockets, transfers, (start, wanted) => {
      const { done, now } = applicable(start, wanted)
      const balances = Ledger.fold(done)
      expect(Ledger.total(balances)).toBe(0)
      for (const pocket of Ledger.Pocket.literals) {
        expect(now[pocket]).toBe(start[pocket] + (balances.get(pocket) ?? 0))
      }
      expect(now.receivable).toBe(start.receivable - (balances.get("receivable") ?? 0))
      expect(Wallet.apply(start, done)).toEqual(now)
    }))
  })

  it("I5 an account's worth changes only by what comes from or goes to the outside", () => {
    fc.assert(fc.property(anyPockets, transfers, (start, wanted) => {
      const { done, now } = applicable(start, wanted)
      let expected = Wallet.worth(start)
      for (const { amount, from, to } of done) {
        if (isOutside(from) && !isOutside(to)) expected += amount
        if (!isOutside(from) && isOutside(to)) expected -= amount
      }
      expect(Wallet.worth(now)).toBe(expected)
    }))
  })

  it("I2 after whatever was moved every pocket is money", () => {
    fc.assert(fc.property(anyPockets, transfers, (start, wanted) => {
      expect(Schema.is(Wallet.Pockets)(applicable(start, wanted).now)).toBe(true)
    }))
  })

  it("I2 a transfer is refused exactly if it would leave a pocket or the debt below zero", () => {
    fc.assert(
      fc.property(
        anyPockets,
        books,
        books,
        fc.integer({ min: 1, max: 1_200 }).map(Money.amount),
        (start, from, to, amount) => {
          fc.pre(from !== to)
          const short = (from !== "receivable" && !isOutside(from) && start[from as Ledger.Pocket] < amount) ||
            (to === "receivable" && start.receivable < amount)
          const apply = () => Wallet.apply(start, [{ from, to, amount }])
          if (short) expect(apply).toThrow(RangeError)
          else expect(Schema.is(Wallet.Pockets)(apply())).toBe(true)
        }
      )
    )
  })

  it("D1 D11 paying takes all that is asked or all that is there, in the order given, and from nowhere else", () => {
    fc.assert(fc.property(anyPockets, orders, fen, (start, from, amount) => {
      const [transfers, missing] = Wallet.payUpTo(start, from, shop, amount)
      const available = from.reduce((sum, pocket) => sum + start[pocket], 0)
      expect(missing).toBe(Math.max(0, amount - available))
      const after = Wallet.apply(start, transfers)
      expect(Wallet.worth(after)).toBe(Wallet.worth(start) - (amount - missing))
      // A pocket is touched only once those before it are empty, and each at most once.
      const touched = transfers.map((transfer) => transfer.from)
      expect(touched).toEqual(from.filter((pocket) => touched.includes(pocket)))
      const last = transfers.at(-1)?.from
      for (const pocket of touched) if (pocket !== last) expect(after[pocket as Ledger.Pocket]).toBe(0)
      for (const { amount, to } of transfers) expect([to, amount > 0]).toEqual([shop, true])
      const paid = Wallet.pay(start, from, shop, amount)
      expect(paid).toEqual(missing === 0 ? Option.some(transfers) : Option.none())
    }))
  })

  it("D10 a credit moves all that came in, and leaves a debt only where it left the pocket empty-handed", () => {
    fc.assert(fc.property(anyPockets, fc.constantFrom(...Ledger.Pocket.literals), fen, (start, to, amount) => {
      const after = Wallet.apply(start, Wallet.credit(start.receivable, "channel:c", to, amount))
      expect(Wallet.worth(after)).toBe(Wallet.worth(start) + amount)
      expect(after.receivable).toBe(Math.max(0, start.receivable - amount))
      expect(after[to]).toBe(start[to] + Math.max(0, amount - start.receivable))
    }))
  })

  it("D2 a load never takes more than waits nor fills the chip above its ceiling, and leaves none that would fit", () => {
    fc.assert(fc.property(anyPockets, fen, fen, (start, onChip, ceiling) => {
      const { subsidy, transit } = Wallet.loadable(start, onChip, ceiling)
      expect(transit).toBe(Math.max(0, Math.min(start.transit, ceiling - onChip)))
      expect(subsidy).toBe(Math.max(0, Math.min(start.subsidy, ceiling - onChip - transit)))
      expect(Schema.is(Money.Money)(transit) && Schema.is(Money.Money)(subsidy)).toBe(true)
    }))
  })
})

describe("What once broke elsewhere", () => {
  it("R70 ten times 0.10 leaves nothing of 1.00, as floats would", () => {
    let now = pockets({ chip: "1.00" })
    for (let i = 0; i < 10; i++) {
      now = Wallet.apply(now, Option.getOrThrow(Wallet.pay(now, ["chip"], shop, yuan("0.10"))))
    }
    expect(now).toEqual(Wallet.empty)
  })

  it("I2 six times 10.00 out of 50.00 is five times, also when each was checked on its own", () => {
    let now = pockets({ wallet: "50.00" })
    const outcomes = Array.from({ length: 6 }, () => {
      const paid = Wallet.pay(now, ["wallet"], shop, yuan("10.00"))
      if (Option.isSome(paid)) now = Wallet.apply(now, paid.value)
      return Option.isSome(paid)
    })
    expect(outcomes).toEqual([true, true, true, true, true, false])
  })
})
