import { CivilTime, Driving, type PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { describe, expect, it } from "vitest"
import * as UnionPay from "../../src/unionpay/UnionPay.ts"
import { Desk } from "./Desk.ts"

const { minute, second } = CivilTime
/** After codes and after our own requests: at most six questions. */
const back = [1, 2, 4, 8, 16, 32].map((seconds) => seconds * second)
/** After a payment in the browser. */
const front = [5, 10, 30, 60, 120].map((minutes) => minutes * minute)

/** When an attempt is asked about that was just opened and is never paid, up to the end of its grace; since it was opened. */
const questions = (attempt: PaymentAttempt.Attempt, patience: UnionPay.Settings["patience"]): ReadonlyArray<number> => {
  const channel = new Desk(patience === undefined ? {} : { patience }).channel
  const asked: Array<number> = []
  const over = CivilTime.later(attempt.expiresAt, channel.patience.grace + 1)
  for (let at = attempt.openedAt; at < over;) {
    const next = Driving.nextAsk(attempt, channel.patience, at, at)
    if (next === undefined) break
    at = next
    asked.push(at - attempt.openedAt)
  }
  return asked
}

/** An attempt that may be paid for so long. */
const lasting = (life: number): PaymentAttempt.Attempt => {
  const attempt = new Desk().attempt()
  return { ...attempt, expiresAt: CivilTime.later(attempt.openedAt, life) }
}
const grace = 5 * minute

describe("when UnionPay is asked about an attempt that nobody told about", () => {
  it.each<[string, UnionPay.Settings["patience"], number, ReadonlyArray<number>]>([
    ["by default", undefined, 180 * minute, [...back, ...front, 180 * minute]],
    ["by default, and not once more than its time lasts", undefined, 15 * minute, [
      ...back,
      ...front.slice(0, 2),
      15 * minute
    ]],
    ["by default, that lasts as long as the schedule", undefined, 120 * minute, [...back, ...front]],
    ["in the browser alone", UnionPay.frontPatience, 180 * minute, [...front, 180 * minute]],
    ["by codes alone", UnionPay.backPatience, 15 * minute, [...back, 15 * minute]]
  ])("%s", (_, patience, life, expected) => {
    expect(questions(lasting(life), patience)).toEqual([...expected, life + grace + 1])
  })

  it("a code that was shown: six times, and once more when its two minutes are over", () => {
    const { channel } = new Desk()
    const shown = lasting(UnionPay.codePatience.life ?? 0)
    const attempt: PaymentAttempt.Attempt = { ...shown, _tag: "Waiting", instruction: { _tag: "Nothing" } }
    const patience = RechargeChannel.patienceOf(channel, attempt)
    expect(patience).toBe(UnionPay.codePatience)
    expect(questions(attempt, patience)).toEqual([...back, 2 * minute, 2 * minute + grace + 1])
  })

  it("the default is that of the module, each question after the one before", () => {
    expect(new Desk().channel.patience).toBe(UnionPay.patience)
    expect(UnionPay.patience.asks).toEqual([...back, ...front])
    expect(UnionPay.patience.asks).toEqual([...new Set(UnionPay.patience.asks)].toSorted((one, other) => one - other))
  })

  it.each<[string, number, number]>([
    // paid, and found, so many milliseconds after it was opened
    ["at once by a code", 500, 1 * second],
    ["by a code that was looked at for a while", 20 * second, 32 * second],
    ["by a payer who had to look for his phone", 33 * second, 5 * minute],
    ["by a payer who typed for minutes", 7 * minute, 10 * minute]
  ])("a payment %s is found by the next question", async (_, paidAfter, foundAfter) => {
    const desk = new Desk()
    const attempt = desk.attempt()
    const code = await desk.run(desk.channel.create(attempt, { _tag: "Scan" }))
    if (code._tag !== "QrCode") throw new Error(code._tag)
    const found: Array<number> = []
    let isPaid = false
    for (const wait of desk.channel.patience.asks.filter((wait) => wait < 15 * minute)) {
      if (!isPaid && wait > paidAfter) {
        desk.now = CivilTime.later(attempt.openedAt, paidAfter)
        desk.pay(code.text)
        isPaid = true
      }
      desk.now = CivilTime.later(attempt.openedAt, wait)
      if (await desk.outcome(desk.channel.query(attempt)) === "Paid") found.push(wait)
    }
    expect(found[0]).toBe(foundAfter)
  })
})
