/**
 * Judges the journals of a life that is over (invariants 6, 8 and 9): every order and every attempt moved along its table,
 * each step no earlier than the one before. The tables are written down here once more, from what a recharge may do, and not
 * read from the code that is judged.
 */
import { PaymentAttempt, RechargeOrder } from "@yikatong/core"
import { Effect } from "effect"
import { histories } from "./Books.ts"
import type { Invariant, Looks } from "./Broken.ts"

type Table = Readonly<Record<string, ReadonlyArray<string>>>

/** What may follow what; "" is the beginning. */
const order: Table = {
  "": ["Placed"],
  Placed: ["Sent", "AnswerLost", "Closed", "Paid", "RefundDue"],
  Sent: ["AnswerLost", "Closed", "Paid", "RefundDue"],
  AnswerLost: ["Sent", "Closed", "Paid", "RefundDue"],
  // Paid late, or paid after all.
  Closed: ["Paid", "RefundDue"],
  Paid: ["Credited", "CreditDeclined", "TakenBack"],
  Credited: ["WrittenToCard"],
  WrittenToCard: [],
  CreditDeclined: ["RefundSent", "TakenBack"],
  RefundDue: ["RefundSent", "TakenBack"],
  RefundSent: [],
  TakenBack: []
}
const attempt: Table = {
  "": ["Opened"],
  Opened: ["Sent", "AnswerLost", "Closed", "Paid"],
  AnswerLost: ["Sent", "Closed", "Paid"],
  Sent: ["Closed", "Paid"],
  Closed: ["Paid"],
  Paid: ["Kept", "ReturnDue"],
  Kept: ["TakenBack"],
  TakenBack: ["SeenTo"],
  SeenTo: [],
  ReturnDue: ["Returned", "ReturnFailed"],
  ReturnFailed: ["ReturnAgain", "Returned"],
  ReturnAgain: ["Returned", "ReturnFailed"],
  Returned: []
}

interface Happened {
  readonly _tag: string
  readonly at: number
}

const walk = (looks: Looks, table: Table, subject: string, life: ReadonlyArray<Happened>): void => {
  let [last, at] = ["", 0]
  for (const event of life) {
    const seen = { subject, life: life.map(({ _tag }) => _tag) }
    looks.holds(6, table[last]?.includes(event._tag) === true, `${event._tag} after ${last}`, seen)
    looks.holds(6, event.at >= at, `${event._tag} before ${last}`, seen)
    last = event._tag
    at = event.at
  }
}

/** Every sum of money in an event, however deep. */
const sums = (value: unknown, name = ""): ReadonlyArray<unknown> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => sums(inner, key))
    : /amount/i.test(name)
    ? [value]
    : []

export const judgeJournals = Effect.fnUntraced(function*(looks: Looks) {
  const orders = yield* histories(RechargeOrder.decider)
  const attempts = yield* histories(PaymentAttempt.decider)
  let [credited, written] = [0, 0]
  for (const [subject, life] of orders) {
    walk(looks, order, subject, life)
    const tags = life.map(({ _tag }) => _tag)
    const [placed] = life
    const amount = placed?._tag === "Placed" ? placed.amount : 0
    if (tags.includes("Credited")) credited += amount
    const writes = tags.filter((tag) => tag === "WrittenToCard").length
    if (writes > 0) written += amount
    looks.holds(8, writes <= 1 && (writes === 0 || tags.includes("Credited")), "written before it was credited", tags)
  }
  looks.holds(8, written <= credited, "more was written to the card than was credited", { written, credited })
  for (const [subject, life] of attempts) walk(looks, attempt, subject, life)
  const fen: Invariant = 9
  for (const amount of sums([...orders.values(), ...attempts.values()])) {
    looks.holds(fen, Number.isSafeInteger(amount) && Number(amount) > 0, "an amount is not whole", amount)
  }
})
