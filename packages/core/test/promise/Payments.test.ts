import { describe, expect, it } from "vitest"
import { card, holder, said, School } from "./school.ts"

/** A student with 50.00 on the chip, who has just paid 12.00 by card at canteen 1. */
const paid = async () => {
  const school = await (await (await School.open()).furnished()).recharged(5_000)
  const blank = { balance: 0, loadSequence: 0, purchaseSequence: 0 }
  const write = (balance: number) => Promise.resolve({ ...blank, balance, loadSequence: 1 })
  await school.campus.load({ ...school.at("canteen-1"), card, chip: blank, write })
  const chip = { balance: 5_000, loadSequence: 1, purchaseSequence: 0 }
  const stated = school.at("canteen-1")
  expect(said(await school.campus.pay({ ...stated, card, chip, amount: 1_200 }))).toBe("Approved")
  return {
    school,
    purchase: `canteen-1:${stated.id}`,
    chip: { balance: 3_800, loadSequence: 1, purchaseSequence: 1 }
  }
}

describe("a purchase is undone at its terminal (D5)", () => {
  it("D5 with the card there it goes back to the chip, once, however often it is sent", async () => {
    const { chip, purchase, school } = await paid()
    const writes: Array<number> = []
    const reversal = {
      ...school.at("canteen-1"),
      purchase,
      card,
      chip,
      write: (amount: number) => {
        writes.push(amount)
        return Promise.resolve({ ...chip, balance: chip.balance + amount, loadSequence: 2 })
      }
    }
    const told = await school.campus.reverse(reversal)
    expect(told).toMatchObject({
      reversed: { _tag: "Approved" },
      settled: { _tag: "Approved", pockets: { chip: 5_000, held: 0, transit: 0 } }
    })
    expect(JSON.parse(JSON.stringify(told))).toEqual(told)
    await school.campus.reverse(reversal)
    expect(writes).toEqual([1_200])
    expect((await school.campus.reverse({ ...reversal, id: "again" })).reversed).toMatchObject({
      decline: { _tag: "NotReversible" }
    })
  })

  it("D5 D8 with a card that is pulled away it is open until the chip is read again", async () => {
    const { chip, purchase, school } = await paid()
    const write = () => Promise.reject(new Error("the card is gone"))
    const torn = await school.campus.reverse({ ...school.at("canteen-1"), purchase, card, chip, write })
    expect(torn.settled).toMatchObject({ _tag: "Approved", pockets: { chip: 3_800, held: 1_200 } })
    const bought = await school.campus.pay({ ...school.at("canteen-1"), card, chip, amount: 100 })
    expect(bought).toMatchObject({ _tag: "Approved", pockets: { chip: 3_700, held: 0, transit: 1_200 } })
  })

  it("D5 without the card it waits for the next tap", async () => {
    const { purchase, school } = await paid()
    const told = await school.campus.reverse({ ...school.at("canteen-1"), purchase, subject: holder })
    expect(told).toEqual({ reversed: expect.objectContaining({ _tag: "Approved" }) })
    expect(await school.campus.find(holder)).toMatchObject({ pockets: { chip: 3_800, transit: 1_200 } })
  })
})
