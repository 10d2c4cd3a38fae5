/**
 * The payments of a canteen hall: somebody puts a card on a till, the till reads its chip and asks for a few fen, as a new
 * command each time. They fit to what the chips have counted so far, and no limit is ever met.
 */
import { Uuid7 } from "@yikatong/adapters-pg"
import { CivilTime, type Command, type Id, Money } from "@yikatong/core"
import * as Holder from "./Holder.ts"
import { tills } from "./School.ts"

/** Who pays where: all alike; 80 % at one merchant; half of all payments by 1 % of the accounts. */
export type Crowd = "uniform" | "oneMerchant" | "fewAccounts"

/** What a chip holds and has counted. */
export interface Chip {
  balance: number
  purchases: number
}

export interface Options {
  readonly crowd: Crowd
  readonly chips: ReadonlyArray<Chip>
  /** Business time of the first payment, in milliseconds. */
  readonly from: number
  /** How many processes make payments at once: together they eat three times a day. */
  readonly processes: number
}

export interface Payments {
  readonly next: () => Command.Envelope
  /** Business time, in milliseconds. */
  readonly now: () => number
}

const mealsADay = 3
const terminals = 40

export const make = ({ chips, crowd, from, processes }: Options): Payments => {
  const few = Math.max(1, Math.floor(chips.length / 100))
  // Those who eat most do so three times a day, and the rest seldom.
  const aDay = crowd === "fewAccounts" ? 2 * few * mealsADay : chips.length * mealsADay
  const step = CivilTime.dayLength / aDay * processes
  let made = 0
  const now = () => from + Math.floor(made * step)
  return {
    now,
    next: () => {
      made++
      const n = crowd === "fewAccounts" && Math.random() < 0.5 ? below(few) : below(chips.length)
      const till = crowd === "oneMerchant" && Math.random() < 0.8 ? 0 : below(tills.length)
      const chip = chips[n]
      if (chip === undefined) throw new Error("there is nobody who pays")
      const at = now() as CivilTime.Instant
      const amount = 1 + below(20)
      const card = Holder.cardOf(n)
      const read = { balance: Money.amount(chip.balance), loadSequence: 1, purchaseSequence: chip.purchases }
      chip.balance -= amount
      chip.purchases++
      return {
        caller: `till-${till + tills.length * below(terminals / tills.length)}` as Id.CallerId,
        id: Uuid7.make() as Id.CommandId,
        at,
        receivedAt: at,
        point: tills[till] as Id.PointId,
        subject: { _tag: "Card", card },
        body: { _tag: "PayByCard", card, amount: amount as Money.Amount, link: "up", chip: read }
      }
    }
  }
}

const below = (bound: number): number => Math.floor(Math.random() * bound)
