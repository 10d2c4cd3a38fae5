/**
 * What the three sides say of a day of a channel, gathered for a comparison 对账取数 (D2): one pass over all attempts and one over
 * the journal of the accounts, of which it keeps what is about the day.
 */
import { Effect, Option, Schema, Stream } from "effect"
import { BillRow } from "../BillRow.ts"
import type { Day, Instant } from "../CivilTime.ts"
import { ChannelFailed } from "../Fault.ts"
import type { OrderId } from "../Id.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { type Bill, isSameMerchant, type RechargeChannel, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { Order } from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as Reconciliation from "../Reconciliation.ts"
import * as Suspense from "../Suspense.ts"

/** Which day of which channel. `carried`: what the comparison of the day before said; none where there was none. */
export interface Request {
  readonly channel: string
  readonly day: Day
  readonly carried?: ReadonlyArray<Reconciliation.Carried> | undefined
  readonly terms?: Reconciliation.Terms | undefined
}

const isRow = Schema.is(BillRow)

/** The bill, if it is one of this day, of rows that can be kept: an adapter is not the last that reads it. */
export const believed = Effect.fnUntraced(function*(bill: Bill, day: Day) {
  const odd = bill.rows.findIndex(({ row }) => !isRow(row))
  const flaw = bill.day !== day
    ? "the bill is of another day"
    : odd >= 0
    ? `row ${odd + 1} of the bill is none: it lacks a number, or its amount is none`
    : undefined
  return flaw === undefined ? bill : yield* new ChannelFailed({ operation: "bill", cause: new Error(flaw) })
})

/** A row with the receipt that came with it, if that speaks of the same payment. */
export const receiptOf = (bill: Bill, row: BillRow) => {
  const receipt = bill.rows.find((one) => one.row === row)?.receipt
  const isSame = receipt?.number === row.number && receipt.amount === row.amount && receipt.reference === row.reference
  return row.kind === "payment" && isSame ? receipt : undefined
}

/** The three sides of a day. */
export const sides = Effect.fnUntraced(function*(request: Request, bill: Bill, channel: RechargeChannel) {
  const { carried, day, terms = Reconciliation.terms } = request
  const rows = bill.rows.map(({ row }) => row)
  const about = { numbers: new Set<string>(), references: new Set<string>() }
  for (const { kind, number, reference } of rows) {
    about.numbers.add(number)
    if (kind === "payment") about.references.add(reference)
  }
  for (const { number } of carried ?? []) about.numbers.add(number)
  const { attempts, elsewhere } = yield* attemptsOf({ ...about, day, terms }, channel)
  const sides: Reconciliation.Sides = {
    channel: request.channel,
    merchant: channel.merchant,
    day,
    rows,
    attempts,
    orders: yield* ordersOf(attempts),
    credits: yield* creditsOf({ attempts, elsewhere, day, terms }, channel),
    carried,
    suspended: yield* suspendedKeys,
    isReceipted: (row) => receiptOf(bill, row) !== undefined,
    terms
  }
  return sides
})

const paymentOf = (order: OrderId, reference: string): string => `${order} ${reference}`

/** The attempts of a merchant that are about this day, and the payments of that time to others. */
const attemptsOf = Effect.fnUntraced(function*(
  { day, numbers, references, terms }: {
    readonly day: Day
    readonly terms: Reconciliation.Terms
    readonly numbers: ReadonlySet<string>
    readonly references: ReadonlySet<string>
  },
  channel: RechargeChannel
) {
  const channels = yield* RechargeChannels
  const isNear = (at: Instant) => Math.abs(Reconciliation.dayAt(at, terms) - day) <= 1
  const isAbout = (one: PaymentAttempt.Attempt): boolean =>
    numbers.has(one.number)
    || (PaymentAttempt.isPaid(one) && (isNear(one.paidAt) || references.has(one.reference)))
    || (one._tag === "Returned" && isNear(one.returnedAt))
  const attempts: Array<PaymentAttempt.Attempt> = []
  const elsewhere = new Set<string>()
  yield* Stream.runForEach((yield* SubjectStore).all(PaymentAttempt.decider), ({ state: one }) =>
    Effect.sync(() => {
      if (!isAbout(one)) return
      const by = serving(channels, one)
      if (by !== undefined && isSameMerchant(by, channel)) attempts.push(one)
      else if (PaymentAttempt.isPaid(one)) elsewhere.add(paymentOf(one.order, one.reference))
    }))
  return { attempts, elsewhere }
})

/** The orders of which it matters how they stand. */
const ordersOf = Effect.fnUntraced(function*(attempts: ReadonlyArray<PaymentAttempt.Attempt>) {
  const store = yield* SubjectStore
  const orders = new Map<OrderId, Order>()
  for (const { _tag, order } of attempts) {
    const found = _tag === "Paid" ? yield* store.find(RechargeOrder.decider, order) : Option.none()
    if (Option.isSome(found)) orders.set(order, found.value)
  }
  return orders
})

/** The credits of these attempts, and those of the day through this merchant's channels of which nobody knows a payment. */
const creditsOf = Effect.fnUntraced(function*(
  { attempts, day, elsewhere, terms }: {
    readonly attempts: ReadonlyArray<PaymentAttempt.Attempt>
    readonly elsewhere: ReadonlySet<string>
    readonly day: Day
    readonly terms: Reconciliation.Terms
  },
  channel: RechargeChannel
) {
  const family = (yield* RechargeChannels).filter((one) => isSameMerchant(one, channel))
  const served = new Set(family.flatMap(({ name, serves }) => serves?.map((one) => one.channel) ?? [name]))
  const ours = new Set<string>(
    attempts.flatMap((one) => PaymentAttempt.isPaid(one) ? [paymentOf(one.order, one.reference)] : [])
  )
  const credits: Array<Reconciliation.Credit> = []
  yield* Stream.runForEach((yield* AccountStore).journal(), ({ events }) =>
    Effect.sync(() => {
      for (const event of events) {
        if (event._tag !== "CreditRecorded") continue
        const { amount, channel, order, paidAt, reference } = event
        const payment = paymentOf(order, reference)
        const isOrphan = served.has(channel) && Reconciliation.dayAt(paidAt, terms) === day && !elsewhere.has(payment)
        if (ours.has(payment) || isOrphan) credits.push({ order, amount, reference, paidAt })
      }
    }))
  return credits
})

const suspendedKeys = Effect.gen(function*() {
  const all = yield* Stream.runCollect((yield* SubjectStore).all(Suspense.decider))
  return new Set(all.map(({ subject }) => subject))
})
