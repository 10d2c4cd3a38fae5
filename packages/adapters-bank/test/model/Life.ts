/** One life from its first act to its last bill: lived, settled, judged, reconciled, and judged again. */
import { CivilTime, Money, PaymentAttempt, Recharging } from "@yikatong/core"
import { Effect } from "effect"
import { returned } from "../../src/sandbox/Trade.ts"
import { drive, office } from "../support/campus.ts"
import { billed, type Life } from "./Acts.ts"
import { attempts } from "./Books.ts"
import type { Looks } from "./Broken.ts"
import { judgeHearing } from "./Hearing.ts"
import { judgeJournals } from "./JournalJudge.ts"
import { numberOf, sidesOf } from "./Ledger.ts"
import { judgeMoney } from "./MoneyJudge.ts"
import { daysFrom, reconciled } from "./Morning.ts"
import { Player } from "./Player.ts"
import { Town } from "./Town.ts"

const { dayLength, hour } = CivilTime

/** What a person sends back by hand, and says so: what its channel can not. */
const sendByHand = Effect.fnUntraced(function*({ campus, net }: Town, all: boolean) {
  for (const attempt of yield* attempts) {
    const isByHand = attempt._tag === "Returning" && attempt.source === "ccbCard"
    if (!isByHand && !(all && attempt._tag === "ReturnFailed")) continue
    const trade = net.house.all.find((one) => one.state === "paid" && numberOf(one) === attempt.number)
    const left = trade === undefined ? 0 : trade.amount - returned(trade)
    if (trade !== undefined && left > 0) {
      // Of what others gave back in part, the rest; else it is our refund, made by hand.
      const number = returned(trade) > 0 ? "office-rest" : PaymentAttempt.refundNumberOf(attempt.number)
      net.house.refund(trade, { number, amount: Money.amount(left) }, campus.now)
    }
    yield* Recharging.returned(attempt.number, office)
  }
})

/** All is well again: what was lost comes again, and what a person has to see to is seen to. */
const settle = Effect.fnUntraced(function*(town: Town, looks: Looks) {
  const { campus, net } = town
  net.rules.clear()
  net.house.stuckPayers.clear()
  for (let round = 0; round < 5; round++) {
    yield* net.deliver(office)
    // People take their time: a refund is never tried again in the millisecond in which it failed.
    campus.wait(1_000)
    for (const attempt of yield* attempts) {
      if (attempt._tag === "ReturnFailed") yield* Effect.ignore(Recharging.returnAgain(attempt.number, office))
    }
    yield* sendByHand(town, round === 4)
    campus.wait(3 * hour)
    for (const { outcome } of yield* drive()) town.confidences.hear(outcome)
  }
  // What went back at last is told, too.
  yield* net.deliver(office)
  looks.holds(3, net.pending.length === 0, "a notice is taken by nobody", net.pending)
  // A day later a person ends what its channel says nothing final about.
  campus.wait(dayLength)
  for (const stuck of yield* Recharging.stuck) {
    looks.holds(3, stuck.can.length > 0, "nobody can do anything about it", stuck)
    if (stuck._tag === "Undecided") yield* Recharging.giveUp(stuck.number, office)
  }
  for (const { outcome } of yield* drive()) town.confidences.hear(outcome)
})

/** Nothing is left to be done; what others gave back is a refund that may wait for the bill that shows it. */
const judgeOpen = Effect.fnUntraced(function*({ ledger }: Town, looks: Looks, isBilled: boolean) {
  const { attempts: open, orders } = yield* Recharging.open
  const given = new Set(ledger.payments.filter((one) => sidesOf(one).others.length > 0).map(({ number }) => number))
  const left = open.filter(({ _tag, number }) => isBilled || _tag !== "Returning" || !given.has(number))
  looks.holds(3, left.length + orders.length === 0, "something is open for ever", { left, orders })
})

/** However often money is asked to go back, and whatever became of the answer: under the one number of its attempt. */
const judgeNumbers = Effect.fnUntraced(function*({ net }: Town, looks: Looks) {
  const ours = new Set<string>((yield* attempts).map(({ number }) => PaymentAttempt.refundNumberOf(number)))
  for (const { operation, raw, wire } of net.seen) {
    if (operation !== "refund") continue
    const words = Buffer.from(raw.body).toString().replaceAll(/%[0-9A-F]{2}/g, " ").split(/[^0-9A-Za-z]+/)
    looks.holds(4, words.some((word) => ours.has(word)), "a refund was asked for under a fresh number", wire)
  }
})

/** What came about, for whoever counts. */
export interface Lived {
  readonly kept: number
  readonly back: number
  readonly told: number
  readonly found: number
}

export const live = ({ acts, flaws, latePayment }: Life, looks: Looks): Promise<Lived> => {
  const town = new Town(latePayment)
  const { campus, confidences, ledger, net } = town
  net.witness = judgeHearing(looks, confidences)
  const player = new Player(town)
  return campus.run(
    Effect.gen(function*() {
      yield* campus.furnished
      for (const one of acts) yield* player.perform(one)
      yield* settle(town, looks)
      yield* judgeOpen(town, looks, false)
      const ends = yield* judgeMoney(ledger, looks)
      yield* judgeJournals(looks)
      const days = daysFrom(town.began, campus.now)
      campus.wait(3 * dayLength)
      for (const { flaw, name } of flaws) net.rules.add({ wire: name, operation: "bill", does: { _tag: "Bill", flaw } })
      const found = yield* reconciled(billed, days, looks)
      const isAsked = flaws.length > 0 || ends.told > 0
      looks.holds(3, isAsked || found === 0, "a difference was found where nobody made one", found)
      net.rules.clear()
      const after = yield* judgeMoney(ledger, looks)
      const isSame = after.kept === ends.kept && after.back === ends.back && after.told === ends.told
      looks.holds(1, isSame, "a bill changed what had ended", { ends, after })
      // A row that the first bill left out may be the only one to tell of what was given back elsewhere.
      const isLate = flaws.some(({ flaw }) => flaw === "omitRow" || flaw === "shiftDay") && ends.told > 0
      if (isLate) yield* reconciled(billed, days, looks)
      // Once more: nothing is found but what waits for a person already.
      looks.holds(3, (yield* reconciled(billed, days, looks)) === 0, "a second run finds something")
      yield* judgeOpen(town, looks, true)
      yield* judgeMoney(ledger, looks)
      yield* judgeJournals(looks)
      yield* judgeNumbers(town, looks)
      confidences.judge(looks)
      return { ...ends, found }
    }).pipe(Effect.provide(confidences.logger))
  )
}
