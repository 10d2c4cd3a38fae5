import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Debt from "../src/Debt.ts"
import * as Money from "../src/Money.ts"
import { worth } from "../src/Wallet.ts"
import { csmzxy, Life } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

/** Somebody who owes 12.00, on Monday, 2025-11-03 at noon. */
const owing = () => Life.of(csmzxy).at("2025-11-03 12:00").inDebt("12.00").expectPockets({ receivable: "12.00" })
/** The same, the account closed since, and paid out: there was nothing. */
const closed = () => owing().close().expectApproved()
const paidOut = () => closed().at("2025-11-06 12:00").payOut().expectApproved().expectPockets({ receivable: "12.00" })

const ways = [
  ["repaid", (life: Life, text: string) => life.repay(text), "DebtRepaid", "channel:window-3"],
  ["written off", (life: Life, text: string) => life.writeOff(text), "DebtWrittenOff", Debt.writtenOff]
] as const

describe.each(
  [
    ["in use", owing],
    ["being closed", closed],
    ["paid out", paidOut]
  ] as const
)("what the holder of an account %s owes (D7, D10)", (_, before) => {
  describe.each(ways)("is %s", (_, settle, event, book) => {
    it.each([["0.01", "11.99"], ["5.00", "7.00"], ["11.99", "0.01"], ["12.00", undefined]])(
      "D10 %s of 12.00: %s is left",
      (amount, left) => {
        const life = settle(before(), amount).expectApproved().expectEvents(event)
        life.expectPockets(left === undefined ? {} : { receivable: left })
        expect(life.decision.events).toMatchObject([
          { amount: Money.yuan(amount), transfers: [{ from: book, to: "receivable", amount: Money.yuan(amount) }] }
        ])
      }
    )

    it("D10 I2 never a fen more than is owed, and not twice", () => {
      const life = settle(before(), "12.01").expectDeclined("DebtSmaller", { amount: "12.01", debt: "12.00" })
      life.expectPockets({ receivable: "12.00" })
      settle(settle(life, "12.00"), "0.01").expectDeclined("DebtSmaller", { amount: "0.01", debt: "0.00" })
    })
  })

  it("D10 a part is repaid, the school gives up the rest", () => {
    const life = before().repay("5.00").writeOff("7.01").expectDeclined("DebtSmaller", { debt: "7.00" })
    life.writeOff("7.00").expectApproved().expectPockets({})
  })
})

describe("where, and by whom", () => {
  it("R72 D10 repaid at a counter; given up by the office", () => {
    for (const point of ["card-centre", "kiosk-1", "canteen-1", "today-campus"]) {
      owing().repay("1.00", { point }).expectDeclined("ChannelNotAllowed", { allowed: ["counter"] })
    }
    for (const point of ["window-3", "kiosk-1", "canteen-1", "today-campus"]) {
      owing().writeOff("1.00", { point }).expectDeclined("ChannelNotAllowed", { allowed: ["office"] })
    }
  })

  it("D20 whoever has no account owes nothing", () => {
    Life.unborn(csmzxy).repay("1.00").expectDeclined("UnknownAccount")
    Life.of(csmzxy).repay("0.01").expectDeclined("DebtSmaller", { debt: "0.00" })
    Life.of(csmzxy).writeOff("0.01").expectDeclined("DebtSmaller", { debt: "0.00" })
  })
})

describe("in any life", () => {
  const share = fc.nat({ max: 100 })
  const what = fc.constantFrom("repay" as const, "writeOff" as const)

  it("I5 what is repaid or written off is what the holder is worth more, and all of it leaves no debt", () => {
    fc.assert(
      fc.property(wholeStories(15), fc.integer({ min: 1, max: 5_000 }), what, share, (story, debt, way, percent) => {
        const life = lived(csmzxy, story)
        // More than there is behind the first card, whatever has become of it.
        const amount = Money.format(Money.of(debt + worth(life.pockets()) + life.pockets().receivable))
        life.record({ card: "card-1", amount, chipBefore: Money.yuan(amount), purchaseSequence: 999 })
        const { receivable } = life.pockets()
        fc.pre(receivable > 0)
        const before = worth(life.pockets())
        const settle = (fen: number) => fen === 0 ? life : life[way](Money.format(Money.of(fen))).expectApproved()
        const part = Math.floor((receivable * percent) / 100)
        settle(part)
        expect(worth(life.pockets())).toBe(before + part)
        settle(receivable - part)
        expect(life.pockets().receivable).toBe(0)
        life[way]("0.01").expectDeclined("DebtSmaller", { debt: "0.00" })
      }),
      { numRuns: 60 }
    )
  })
})
