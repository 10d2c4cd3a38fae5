/**
 * A channel is compared with its orders and the books, and what differs is put right 对账流程 (D2, D21): the bill is fetched,
 * the differences are found, and each correction is a step that happens once, however often it is asked for.
 *
 * What a comparison costs: one pass over all attempts and one over the journal of the accounts, of which it keeps what is
 * about the day. So it belongs into the night, beside the close of the day.
 */
import { Effect, Option, Result, Stream } from "effect"
import type { BillRow } from "../BillRow.ts"
import type { Day } from "../CivilTime.ts"
import type * as Discrepancy from "../Discrepancy.ts"
import { ChannelMissing, type Fault } from "../Fault.ts"
import { CommandId, type OperatorId, type OrderId, type PointId } from "../Id.ts"
import { type CommandIdReused, MalformedCommand } from "../Misuse.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { type Bill, type RechargeChannel, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { Order } from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as Reconciliation from "../Reconciliation.ts"
import * as Suspense from "../Suspense.ts"
import * as Attempting from "./Attempting.ts"
import { caller } from "./Ordered.ts"
import * as Recharging from "./Recharging.ts"
import * as Submit from "./Submit.ts"

/** What is compared. `carried`: what the comparison of the day before said, none on the first day. */
export interface Request {
  readonly channel: string
  readonly day: Day
  readonly carried?: ReadonlyArray<Reconciliation.Carried>
  readonly terms?: Reconciliation.Terms
}

/** A day that was compared, with the bill that it was compared by. */
export interface Compared {
  readonly request: Request
  readonly bill: Bill
  readonly outcome: Reconciliation.Outcome
}

/** Fetches the bill of a day and compares it; nothing is changed. `BillNotReady`: ask again later. */
export const compare = Effect.fn("Reconciling.compare")(function*(request: Request) {
  const channel = yield* channelOf(request.channel)
  if (channel.bill === undefined) {
    return yield* new MalformedCommand({ flaws: [{ path: "channel", problem: "Expected a channel that has bills" }] })
  }
  const bill = yield* channel.bill(request.day)
  return { request, bill, outcome: yield* compareWith(request, bill, channel) } satisfies Compared
})

const channelOf = Effect.fnUntraced(function*(name: string) {
  const channel = (yield* RechargeChannels).find((one) => one.name === name)
  return channel ?? (yield* new ChannelMissing({ channel: name, lacks: "adapter" }))
})

const compareWith = Effect.fnUntraced(function*(request: Request, bill: Bill, channel: RechargeChannel) {
  const { carried = [], day, terms = Reconciliation.terms } = request
  const { attempts, elsewhere } = yield* attemptsOf({ carried, day, terms }, bill, channel)
  const rows = bill.rows.map(({ row }) => row)
  const receipted = new Set<BillRow>(bill.rows.flatMap(({ receipt, row }) => receipt === undefined ? [] : [row]))
  return Reconciliation.compare({
    channel: request.channel,
    day,
    rows,
    attempts,
    orders: yield* ordersOf(attempts),
    credits: yield* creditsOf({ attempts, elsewhere, day, terms }, channel),
    carried,
    suspended: yield* suspendedKeys,
    isReceipted: (row) => receipted.has(row),
    terms
  })
})

const paymentOf = (order: OrderId, reference: string): string => `${order} ${reference}`

/** The attempts of a channel that are about this day, and the payments of that time through other channels. */
const attemptsOf = Effect.fnUntraced(function*(
  { carried, day, terms }: Required<Pick<Request, "carried" | "day" | "terms">>,
  bill: Bill,
  channel: RechargeChannel
) {
  const channels = yield* RechargeChannels
  const named = new Set<string>([...bill.rows.map(({ row }) => row.number), ...carried.map(({ number }) => number)])
  const isNear = (at: Parameters<typeof Reconciliation.dayAt>[0]) =>
    Math.abs(Reconciliation.dayAt(at, terms) - day) <= 1
  const attempts: Array<PaymentAttempt.Attempt> = []
  const elsewhere = new Set<string>()
  yield* Stream.runForEach((yield* SubjectStore).all(PaymentAttempt.decider), ({ state: one }) =>
    Effect.sync(() => {
      const isPaidNow = PaymentAttempt.isPaid(one) && isNear(one.paidAt)
      const isBackNow = one._tag === "Returned" && isNear(one.returnedAt)
      if (!isPaidNow && !isBackNow && !named.has(one.number)) return
      if (serving(channels, one)?.name === channel.name) attempts.push(one)
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

/** The credits of these attempts, and those of the day through this channel of which nobody knows a payment. */
const creditsOf = Effect.fnUntraced(function*(
  { attempts, day, elsewhere, terms }: {
    readonly attempts: ReadonlyArray<PaymentAttempt.Attempt>
    readonly elsewhere: ReadonlySet<string>
    readonly day: Day
    readonly terms: Reconciliation.Terms
  },
  { name, serves }: RechargeChannel
) {
  const served = new Set(serves?.map(({ channel }) => channel) ?? [name])
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

/** What became of a difference. `reason`: why it could not be put right now, so that it is tried again. */
export type Corrected =
  | { readonly _tag: "Corrected"; readonly finding: Reconciliation.Finding }
  | { readonly _tag: "Suspended"; readonly finding: Reconciliation.Finding }
  /** A refund is on its way; it is asked about until it is there. */
  | { readonly _tag: "Waiting"; readonly finding: Reconciliation.Finding }
  | { readonly _tag: "Failed"; readonly finding: Reconciliation.Finding; readonly reason: string }

/** What became of all of them, and the day compared once more: for the report, and for the comparison of the next day. */
export interface Correction {
  readonly corrected: ReadonlyArray<Corrected>
  readonly after: Compared
}

/** A correction may show what nobody could see before, such as a second payment of an order; and no more than a few of those. */
const rounds = 4

/**
 * Does what is proposed, and compares again with the same bill. What still differs then waits for a person 挂账; what failed
 * because a channel did not answer is found again by the next comparison. `point`: on whose behalf credits are written.
 */
export const correct = Effect.fn("Reconciling.correct")(function*(compared: Compared, point: PointId) {
  const { bill, request } = compared
  const channel = yield* channelOf(request.channel)
  const tried = new Map<string, Corrected>()
  let { outcome } = compared
  for (let round = 0; round < rounds; round++) {
    const fresh = outcome.findings.filter(({ correction, key }) => correction._tag !== "Suspend" && !tried.has(key))
    if (fresh.length === 0) break
    for (const finding of fresh) tried.set(finding.key, yield* attempted(finding, bill, point))
    outcome = yield* compareWith(request, bill, channel)
  }
  const left: Array<Reconciliation.Finding> = []
  for (const finding of outcome.findings) {
    const before = tried.get(finding.key)
    const isWaiting = finding.correction._tag === "AskRefund"
    if (before?._tag === "Failed" || isWaiting) left.push(finding)
    else yield* suspend(request, finding)
    if (before?._tag === "Failed") continue
    tried.set(finding.key, { _tag: isWaiting ? "Waiting" : "Suspended", finding })
  }
  const suspended = outcome.suspended + outcome.findings.length - left.length
  return {
    corrected: [...tried.values()],
    after: { request, bill, outcome: { ...outcome, findings: left, suspended } }
  } satisfies Correction
})

/** One correction; that a person is needed shows when the day is compared again. */
const attempted = Effect.fnUntraced(function*(finding: Reconciliation.Finding, bill: Bill, point: PointId) {
  const done = yield* Effect.result(apply(finding, bill, point))
  if (Result.isSuccess(done)) return { _tag: "Corrected", finding } as const
  const fault: CommandIdReused | Fault | MalformedCommand = done.failure
  // The caller's mistake, such as a point where nothing may be credited: nobody has to look at an order for that.
  if (fault._tag === "MalformedCommand") return yield* fault
  return fault._tag === "PaymentUnmatched" || fault._tag === "CommandIdReused"
    ? { _tag: "Corrected", finding } as const
    : { _tag: "Failed", finding, reason: fault._tag } as const
})

const apply = Effect.fnUntraced(
  function*({ correction, difference }: Reconciliation.Finding, bill: Bill, point: PointId) {
    switch (correction._tag) {
      case "Confirm":
        return yield* believe(correction, difference, bill, point)
      case "AskChannel":
        return void (yield* Recharging.confirm({ id: correction.order }, point))
      case "GiveBack":
      case "GoOn":
        return void (yield* Recharging.pursue(correction.order, point))
      case "AskRefund": {
        const attempt = yield* Attempting.find(correction.number)
        const isFailed = Option.isSome(attempt) && attempt.value._tag === "ReturnFailed"
        if (isFailed) yield* Recharging.returnAgain(correction.number, point)
        else yield* Recharging.pursue(correction.order, point)
        return
      }
      case "Suspend":
        return
    }
  }
)

/** First the channel is asked, which may know that it was given back; then the row of its own bill is believed. */
const believe = Effect.fnUntraced(function*(
  { number, order }: Extract<Discrepancy.Correction, { readonly _tag: "Confirm" }>,
  difference: Discrepancy.Discrepancy,
  bill: Bill,
  point: PointId
) {
  yield* Recharging.confirm({ id: order }, point)
  const attempt = yield* Attempting.find(number)
  if (Option.isSome(attempt) && PaymentAttempt.isPaid(attempt.value)) return
  const row = "row" in difference ? difference.row : undefined
  const receipt = bill.rows.find((one) => one.row === row)?.receipt
  if (receipt !== undefined) yield* Recharging.settleReceipt(receipt, point)
})

const suspend = Effect.fnUntraced(function*({ channel, day }: Request, { difference, key }: Reconciliation.Finding) {
  return yield* submit(key, `suspend:${key}`, { _tag: "Open", channel, day, difference })
})

const submit = Effect.fnUntraced(function*(key: string, id: string, body: Suspense.Command) {
  const store = yield* SubjectStore
  const receivedAt = yield* Submit.arrival
  const command = { caller, id: CommandId.make(id), subject: key, receivedAt, body }
  // Found by two at once, or once more in other words: it waits already.
  yield* Effect.catchTag(store.transact(Suspense.decider, command), "CommandIdReused", () => Effect.void)
})

/** All that was ever suspended, with what came of it. */
export const suspended = Stream.unwrap(
  Effect.map(
    SubjectStore,
    (store) => Stream.map(store.all(Suspense.decider), ({ state, subject: key }) => ({ key, ...state }))
  )
)

/** A person has found out what it was. Who resolves it once more has the last word. */
export const resolve = Effect.fn("Reconciling.resolve")(function*(key: string, operator: OperatorId, note: string) {
  const store = yield* SubjectStore
  if (Option.isNone(yield* store.find(Suspense.decider, key))) {
    return yield* new MalformedCommand({
      flaws: [{ path: "key", problem: "Expected a difference that was suspended" }]
    })
  }
  const receivedAt = yield* Submit.arrival
  yield* submit(key, `resolve:${key}:${operator}:${receivedAt}`, { _tag: "Resolve", operator, note })
})
