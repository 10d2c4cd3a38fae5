import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Command } from "../src/Command.ts"
import { AccountId } from "../src/Id.ts"
import * as Ledger from "../src/Ledger.ts"
import * as Money from "../src/Money.ts"

const account = (text: string): AccountId => AccountId.make(text)
const isBook = Schema.is(Ledger.Book)

describe("I1 books 科目", () => {
  it.each([
    ["chip", true],
    ["transit", true],
    ["wallet", true],
    ["subsidy", true],
    ["frozen", true],
    ["held", true],
    ["receivable", true],
    ["merchant:canteen-1", true],
    ["channel:alipay", true],
    ["fees:replacement", true],
    ["school:losses", true],
    ["merchant:a:b.c_d-e", true],
    ["merchant:9", true],
    [`merchant:${"a".repeat(64)}`, true],
    [`merchant:${"a".repeat(65)}`, false],
    ["", false],
    ["cash", false],
    ["Chip", false],
    [" chip", false],
    ["merchant", false],
    ["merchant:", false],
    ["bank:ccb", false],
    ["merchant:第一食堂", false],
    ["merchant:-a", false],
    ["merchant:a b", false],
    ["merchant:a/b", false],
    ["merchant:a\n", false],
    ["\nmerchant:a", false],
    ["x merchant:a", false],
    ["receivable:a", false]
  ])("I1 %j is a book: %s", (text, is) => {
    expect(isBook(text)).toBe(is)
    expect(Schema.is(Ledger.Outside)(text)).toBe(is && text.includes(":"))
    expect(Schema.is(Ledger.Pocket)(text)).toBe(is && !text.includes(":") && text !== "receivable")
  })

  it.each(
    [
      ["chip", "a1/chip"],
      ["receivable", "a1/receivable"],
      ["merchant:canteen-1", "merchant:canteen-1"],
      ["channel:alipay", "channel:alipay"]
    ] as const
  )("I1 in the books of the campus %s of account a1 is %s", (book, name) => {
    expect(Ledger.absolute(account("a1"), book)).toBe(name)
  })

  it("I1 the books of two accounts are never one, nor ever a book outside", () => {
    const ids = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,8}$/).map(account)
    const books = fc.constantFrom(...Ledger.Pocket.literals, "receivable" as const, "merchant:a" as const)
    fc.assert(fc.property(ids, books, ids, books, (a, one, b, other) => {
      const same = one === other && (a === b || one.includes(":"))
      expect(Ledger.absolute(a, one) === Ledger.absolute(b, other)).toBe(same)
    }))
  })

  it("I1 every merchant, desk and channel that a command or profile may name has a book", () => {
    // A name of 65 characters once passed the command and then had no book.
    const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,130}$/)
    fc.assert(fc.property(names, fc.constantFrom(63, 64, 65, 66, 128, 129), (text, length) => {
      const name = text.padEnd(length, "x")
      const book = isBook(`school:${name}`)
      expect(Schema.is(Command)({ _tag: "PayOut", desk: name })).toBe(book)
      expect(Schema.is(Command)({ _tag: "IssueCard", card: "c", fee: { amount: 0, desk: name } })).toBe(book)
    }))
  })
})

describe("I1 transfers", () => {
  it.each([
    ["12.50", [{ from: "chip", to: "merchant:canteen-1", amount: 1_250 }]],
    ["0.01", [{ from: "chip", to: "merchant:canteen-1", amount: 1 }]],
    ["0.00", []]
  ])("I1 %s yuan from the chip to a canteen: %j", (amount, transfers) => {
    expect(Ledger.transfer("chip", "merchant:canteen-1", Money.yuan(amount))).toEqual(transfers)
  })

  it.each([
    ["a transfer", { from: "chip", to: "merchant:a", amount: 1 }, true],
    ["nothing", { from: "chip", to: "merchant:a", amount: 0 }, false],
    ["less than nothing", { from: "chip", to: "merchant:a", amount: -1 }, false],
    ["a fraction", { from: "chip", to: "merchant:a", amount: 0.5 }, false],
    ["not a number", { from: "chip", to: "merchant:a", amount: Number.NaN }, false],
    ["from nowhere", { to: "merchant:a", amount: 1 }, false],
    ["to nowhere", { from: "chip", to: "", amount: 1 }, false]
  ])("I1 R70 %s is written down: %s", (_, value, is) => {
    expect(Schema.is(Ledger.Transfer)(value)).toBe(is)
  })
})

describe("I1 what every book holds", () => {
  const day = [
    { from: "channel:ccb", to: "a1/transit", amount: 5_000 },
    { from: "a1/transit", to: "a1/held", amount: 5_000 },
    { from: "a1/held", to: "a1/chip", amount: 5_000 },
    { from: "a1/chip", to: "merchant:canteen-1", amount: 1_250 },
    { from: "a2/chip", to: "merchant:canteen-1", amount: 800 },
    { from: "merchant:canteen-1", to: "a2/transit", amount: 800 }
  ]

  it("I1 a morning in the books", () => {
    expect(Object.fromEntries(Ledger.fold(day))).toEqual({
      "channel:ccb": -5_000,
      "a1/transit": 0,
      "a1/held": 0,
      "a1/chip": 3_750,
      "merchant:canteen-1": 1_250,
      "a2/chip": -800,
      "a2/transit": 800
    })
    expect(Ledger.total(Ledger.fold(day))).toBe(0)
  })

  it("I1 the transfers of an account as the books of the campus write them", () => {
    const transfers = [
      ...Ledger.transfer("channel:ccb", "receivable", Money.yuan("12.00")),
      ...Ledger.transfer("channel:ccb", "transit", Money.yuan("38.00"))
    ]
    expect(Ledger.postings(account("a1"), transfers)).toEqual([
      { from: "channel:ccb", to: "a1/receivable", amount: 1_200 },
      { from: "channel:ccb", to: "a1/transit", amount: 3_800 }
    ])
  })

  it("I1 posting goes on where the balances stand", () => {
    const balances = new Map(Ledger.fold(day.slice(0, 2)))
    Ledger.post(balances, day.slice(2))
    expect(balances).toEqual(Ledger.fold(day))
  })

  it("I1 no transfers, no books", () => {
    expect(Ledger.fold([]).size).toBe(0)
    expect(Ledger.total(new Map())).toBe(0)
  })

  it("I1 money that was made or lost shows", () => {
    expect(Ledger.total(new Map([["channel:ccb", -5_000], ["a1/transit", 5_001]]))).toBe(1)
    expect(Ledger.total(new Map([["channel:ccb", -5_000]]))).toBe(-5_000)
  })

  it("I1 a book that pays itself holds what it held", () => {
    expect([...Ledger.fold([{ from: "a1/chip", to: "a1/chip", amount: 5 }])]).toEqual([["a1/chip", 0]])
  })

  const transfers = fc.array(fc.record({
    from: fc.constantFrom("a1/chip", "a1/transit", "a2/chip", "merchant:m", "channel:c"),
    to: fc.constantFrom("a1/chip", "a1/transit", "a2/chip", "merchant:m", "channel:c"),
    amount: fc.integer({ min: 1, max: 1_000_000_000 })
  }))

  it("I1 whatever is transferred, the sum of all books is nothing", () => {
    fc.assert(fc.property(transfers, (all) => {
      expect(Ledger.total(Ledger.fold(all))).toBe(0)
    }))
  })

  it("I1 each book holds what came in less what went out, in any order and from any iterable", () => {
    fc.assert(fc.property(transfers, (all) => {
      const balances = Ledger.fold(all)
      const sum = (side: "from" | "to", book: string) =>
        all.filter((transfer) => transfer[side] === book).reduce((sum, { amount }) => sum + amount, 0)
      for (const [book, balance] of balances) expect(balance).toBe(sum("to", book) - sum("from", book))
      expect(new Set(balances.keys())).toEqual(new Set(all.flatMap(({ from, to }) => [from, to])))
      const backwards = function*() {
        yield* all.toReversed()
      }
      expect(new Map(Ledger.fold(backwards()))).toEqual(new Map(balances))
    }))
  })
})
