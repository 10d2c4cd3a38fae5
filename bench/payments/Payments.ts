/**
 * The payments of a canteen hall: somebody puts a card on a till, the till reads its chip and asks for a few fen, as a new
 * command each time. They fit to what the chips have counted so far, and no limit is ever met.
 */
import { CivilTime, type Command, type Id, Money } from "@yikatong/core"
import { randomBytes } from "node:crypto"
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
        id: uuid() as Id.CommandId,
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

/** UUIDv7: 48 bits of time, 74 of chance. The chance is drawn in large pieces: a till makes one id, this process millions. */
export const uuid = (): string => {
  if (drawn + 10 > chance.length) {
    chance = randomBytes(16_384)
    drawn = 0
  }
  const time = Date.now().toString(16).padStart(12, "0")
  const random = chance.toString("hex", drawn, drawn += 10)
  const variant = "89ab"[Number.parseInt(random.slice(3, 4), 16) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${
    random.slice(7, 19)
  }`
}
let chance = randomBytes(0)
let drawn = 0
