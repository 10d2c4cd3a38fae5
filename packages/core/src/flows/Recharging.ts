/**
 * A recharge from order to credit 充值流程, step by step: each step is idempotent by the name of the one before, so that
 * whoever is cut off in the middle simply goes on (D2, D21).
 *
 * Place asks the account before any money moves, stores the order and an attempt to pay it, and opens that at its channel. A
 * callback tells of a payment, or the channel is asked; what it confirms is credited under a name made of the order's: twice
 * confirmed is once credited. Whatever else was paid goes back, under one number each. Nobody guesses: an attempt that
 * nobody knows about is asked about until its channel says what became of it.
 */
import { Effect, Option, Result, Stream } from "effect"
import type { Answer } from "../Answer.ts"
import type * as Callback from "../Callback.ts"
import { later } from "../CivilTime.ts"
import { type Of, orderOf } from "../Command.ts"
import { ChannelMissing, PaymentUnmatched } from "../Fault.ts"
import type { OrderId, OrderNumber, PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { amount as asAmount } from "../Money.ts"
import * as PaymentAttempt from "../PaymentAttempt.ts"
import { type Payer, type RechargeChannel, RechargeChannels, serving } from "../ports/RechargeChannel.ts"
import { SubjectStore } from "../ports/SubjectStore.ts"
import type { Receipt } from "../Receipt.ts"
import type * as Recharge from "../Recharge.ts"
import * as RechargeOrder from "../RechargeOrder.ts"
import * as Attempting from "./Attempting.ts"
import * as Ordered from "./Ordered.ts"
import * as Submit from "./Submit.ts"

/** An order that was placed, with what its payer has to be shown, or why it was not. */
export type Placed =
  | { readonly _tag: "Placed"; readonly order: Recharge.Order; readonly attempt: PaymentAttempt.Attempt }
  | { readonly _tag: "Refused"; readonly answer: Extract<Answer, { readonly _tag: "Declined" }> }

/** What an order is called; the order itself will do, since only its name is read. */
export interface Named {
  readonly id: OrderId
}

type Statement = Submit.Statement<Of<"PlaceRecharge">>

/**
 * Asks the account whether this recharge may be paid, stores its order, and opens it at its channel. `ChannelRefused`: the
 * channel would not have it; the payer may turn to another.
 */
export const place = Effect.fn("Recharging.place")(function*(
  statement: Statement,
  secrets: Submit.Secrets = {},
  payer: Payer = { _tag: "Scan" }
) {
  const answer = yield* Submit.submit(statement, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Placed
  const { amount, channel: name, source } = statement.body
  const id = orderOf(statement)
  // Before the order is stored: one that nobody can open at its channel would only wait.
  const channel = yield* Attempting.channelOf({ channel: name, source })
  yield* Ordered.submit(id, { _tag: "Place", account: answer.account, channel: name, source, amount: asAmount(amount) })
  return yield* begin(yield* Ordered.stored(id), 1, source, payer, channel)
})

/**
 * The payer of an order that is not paid turns to another source of the same channel, or tries the same once more where the
 * first try is over. The account is asked as for a new order. What was opened before is closed where that can be; should
 * both be paid all the same, the order keeps the first and the other goes back.
 */
export const turn = Effect.fn("Recharging.turn")(function*(
  { id }: Named,
  statement: Statement,
  secrets: Submit.Secrets = {},
  payer: Payer = { _tag: "Scan" }
) {
  const order = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  const { amount, channel: name, source } = statement.body
  if (amount !== order.amount) return yield* flawed("amount", "Expected the amount of the order")
  if (name !== order.channel) return yield* flawed("channel", "Expected the channel of the order")
  const answer = yield* Submit.submit({ ...statement, body: { ...statement.body, instead: id } }, secrets)
  if (answer._tag === "Declined") return { _tag: "Refused", answer } satisfies Placed
  if (answer.account !== order.account) return yield* flawed("subject", "Expected the account of the order")
  const channel = yield* Attempting.channelOf({ channel: name, source })
  const attempts = yield* Attempting.ofOrder(order)
  const same = attempts.find((attempt) => attempt.source === source && isUnpaid(attempt))
  const index = same?.index ?? attempts.length + 1
  const last = attempts.at(-1)
  if (!isOrdered(order) && last !== undefined) return { _tag: "Placed", order, attempt: last } satisfies Placed
  const placed = yield* begin(order, index, source, payer, channel)
  yield* Effect.forEach(attempts, (attempt) => attempt.index === index ? Effect.void : letGo(attempt))
  return placed
})

/** Nothing more than politeness: what the channel says of it counts, and is asked for later. */
const letGo = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt) {
  const channel = serving(yield* RechargeChannels, attempt)
  if (isUnpaid(attempt) && channel?.close !== undefined) yield* Effect.ignore(channel.close(attempt))
})

const begin = Effect.fnUntraced(function*(
  order: Recharge.Order,
  index: number,
  source: Recharge.FundingSource,
  payer: Payer,
  channel: RechargeChannel
) {
  const opened = yield* openFree(order, index, source, channel)
  if (order._tag !== "Created" && order._tag !== "Unknown" && opened._tag !== "Opened") {
    return { _tag: "Placed", order, attempt: opened } satisfies Placed
  }
  const { attempt, refusal } = yield* Attempting.send(opened, payer, channel)
  if (refusal !== undefined) return yield* refusal
  const step = attempt._tag === "Unknown" ? { _tag: "AnswerLost" } as const : { _tag: "Sent" } as const
  return {
    _tag: "Placed",
    attempt,
    // Whoever confirmed it meanwhile knows more than the one who only sent it.
    order: yield* Effect.catchTag(Ordered.go(order, step), "PaymentUnmatched", () => Ordered.stored(order.id))
  } satisfies Placed
})

/** Its attempt of this source; where another was faster to write down one of another source, the next one after it. */
const openFree = Effect.fnUntraced(function*(
  order: Recharge.Order,
  from: number,
  source: Recharge.FundingSource,
  channel: RechargeChannel
) {
  for (let index = from;; index++) {
    const opened = yield* Attempting.open(order, index, source, channel)
    if (opened.source === source) return opened
  }
})

/** An order as it stands. `answer`: what the account said; none where nothing was credited now. */
export interface Confirmed {
  readonly order: Recharge.Order
  readonly answer: Option.Option<Answer>
}

/**
 * Asks the channels whether the order was paid, and credits it if so. What counts is the order as it is stored. `point`: on
 * whose behalf the credit is written.
 */
export const confirm = Effect.fn("Recharging.confirm")(function*({ id }: Named, point: PointId) {
  const attempts = yield* Attempting.ofOrder(yield* Ordered.stored(id))
  let answer = Option.none<Answer>()
  for (const attempt of attempts) {
    const told = yield* ask(attempt, point)
    if (Option.isSome(told)) answer = told
  }
  return { order: yield* concluded(id), answer } satisfies Confirmed
})

/**
 * Takes a callback: verified, believed, credited, and only then answered as taken. Never fails: what goes back to the channel
 * says whether it has to come again, and `outcome` says why, for a log.
 */
export const hear = Effect.fn("Recharging.hear")(function*(name: string, raw: Callback.Raw, point: PointId) {
  const channel = (yield* RechargeChannels).find((channel) => channel.name === name)
  if (channel?.callback === undefined || channel.acknowledge === undefined) {
    const missing = new ChannelMissing({ channel: name, lacks: "adapter" })
    return { reply: { status: 404, body: "" } satisfies Callback.Reply, outcome: Result.fail(missing) }
  }
  const outcome = yield* Effect.result(Effect.flatMap(channel.callback(raw), (notice) => believe(notice, point)))
  const taken = Result.isSuccess(outcome) ? "taken" : outcome.failure._tag === "CallbackRefused" ? "refused" : "failed"
  return { reply: channel.acknowledge(taken), outcome: Result.map(outcome, (order) => order) }
})

/** What a verified callback changes: the order it speaks of, where it speaks of one. */
const believe = Effect.fnUntraced(function*(
  notice: Effect.Success<ReturnType<NonNullable<RechargeChannel["callback"]>>>,
  point: PointId
) {
  if (notice._tag === "Other") return undefined
  const number = notice._tag === "Paid"
    ? notice.receipt.number
    : notice._tag === "TakenBack"
    ? notice.number
    : PaymentAttempt.numberOfRefund(notice.refund)
  // A refund that was made elsewhere, such as in the channel's back office: its bill will show it.
  if (number === undefined) return undefined
  const attempt = yield* known(number)
  if (notice._tag === "Paid") yield* settle(attempt, notice.receipt, point)
  if (notice._tag === "RefundNews") yield* ask(attempt, point)
  return notice._tag === "TakenBack" ? yield* tell({ id: attempt.order }, "TakenBack") : yield* concluded(attempt.order)
})

/** Takes a receipt that came with a channel's statement, as a callback is taken that was believed. */
export const settleReceipt = Effect.fn("Recharging.settleReceipt")(function*(receipt: Receipt, point: PointId) {
  const attempt = yield* known(receipt.number)
  yield* settle(attempt, receipt, point)
  return yield* concluded(attempt.order)
})

const known = Effect.fnUntraced(function*(number: OrderNumber) {
  const attempt = yield* Attempting.find(number)
  return Option.isSome(attempt)
    ? attempt.value
    : yield* flawed("number", "Expected the number of an order that was placed here")
})

/** What a channel does on its own, or a tap. */
type News = "Closed" | "RefundSent" | "TakenBack" | "WrittenToCard"

/**
 * Tells what the channel did on its own, or what a tap did to the card; the same again changes nothing, however far the
 * order has come since. What the bank took back after it was credited is `PaymentUnmatched`: the account keeps it until a
 * person has looked.
 */
export const tell = Effect.fn("Recharging.tell")(function*({ id }: Named, what: News) {
  const known = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  if (what === "RefundSent") yield* sentBack(known)
  const order = what === "TakenBack" && known._tag === "Paid" ? yield* Ordered.closedToCredit(known) : known
  const told = yield* Effect.catchTag(
    Ordered.go(order, { _tag: what }),
    "PaymentUnmatched",
    (fault) => unlessOld(fault, what)
  )
  yield* Effect.forEach(yield* Attempting.ofOrder(told), (attempt) =>
    what === "Closed" && isUnpaid(attempt)
      ? Attempting.step(attempt, { _tag: "Closed" })
      : conclude(attempt, told))
  return told
})

/** Before the order knows: were it the other way round, a cut between the two would have it sent back once more. */
const sentBack = Effect.fnUntraced(function*(order: Recharge.Order) {
  if (order._tag !== "RefundDue") return
  yield* Effect.forEach(
    yield* Attempting.ofOrder(order),
    (attempt) =>
      PaymentAttempt.isPaid(attempt) && attempt.reference === order.reference
        ? Effect.flatMap(conclude(attempt, order), (due) => Attempting.step(due, { _tag: "Returned" }))
        : Effect.void
  )
})

/** The order as it is by now, where this happened to it before. */
const unlessOld = Effect.fnUntraced(function*(unmatched: PaymentUnmatched, what: News) {
  const { order } = unmatched
  const entries = yield* Stream.runCollect((yield* SubjectStore).journal(RechargeOrder.decider, order))
  const isOld = entries.some(({ answer }) =>
    answer._tag === "Approved" && answer.events.some(({ _tag }) => _tag === what)
  )
  return isOld ? yield* Ordered.stored(order) : yield* unmatched
})

/** A person has seen to a refund that its channel could not make, and it is tried again, under its own number. */
export const returnAgain = Effect.fn("Recharging.returnAgain")(function*(number: OrderNumber, point: PointId) {
  const attempt = yield* Attempting.step(yield* known(number), { _tag: "ReturnAgain" })
  yield* ask(attempt, point)
  return yield* known(number)
})

/** The orders that are not over yet: those that the channel has to be asked about, and those whose money must go back. */
export const unfinished = Stream.unwrap(
  Effect.map(SubjectStore, (store) =>
    store.all(RechargeOrder.decider).pipe(
      Stream.filter(({ state }) => RechargeOrder.isOpen(state)),
      Stream.map(({ state }) => state)
    ))
)

/** The attempts that are not over yet. */
export const openAttempts = Stream.unwrap(
  Effect.map(SubjectStore, (store) =>
    store.all(PaymentAttempt.decider).pipe(
      Stream.filter(({ state }) => PaymentAttempt.isOpen(state)),
      Stream.map(({ state }) => state)
    ))
)

/**
 * What can be led on now: the orders that are not over, and the attempts of which a channel has still to be asked. What waits
 * for a person is not among them.
 */
export const open = Effect.gen(function*() {
  const channels = yield* RechargeChannels
  const orders = yield* Stream.runCollect(unfinished)
  const attempts = yield* Stream.runCollect(openAttempts)
  return {
    orders: yield* Effect.filter(orders, (order) => order._tag === "RefundDue" ? isBack(order) : Effect.succeed(true)),
    // What its channel can not send back is waited for: a person tells.
    attempts: attempts.filter((attempt) =>
      attempt._tag !== "Returning" || serving(channels, attempt)?.refund !== undefined
    )
  }
})

/** Whether the money of this order is back, and whoever sent it was cut off before the order knew. */
const isBack = (order: Recharge.Order) =>
  Effect.map(Attempting.ofOrder(order), (attempts) => attempts.some((attempt) => bears(attempt, order)))

const bears = (attempt: PaymentAttempt.Attempt, order: Recharge.Order): boolean =>
  attempt._tag === "Returned" && "reference" in order && attempt.reference === order.reference

/**
 * Confirms each order of which a channel has to be asked, and sends back what has to go back; what fails of one is told
 * beside it and stops no other. Run it again and again: nothing that was accepted is ever parked.
 */
export const drive = (point: PointId) =>
  // Collected first, since a store may have no second connection while it is still telling.
  Stream.unwrap(Effect.map(toDrive, (orders) => Stream.fromIterable(orders))).pipe(
    Stream.mapEffect((order) => Effect.map(Effect.result(pursue(order, point)), (outcome) => ({ order, outcome })))
  )

const toDrive = Effect.map(
  open,
  ({ attempts, orders }) => new Set([...orders.map(({ id }) => id), ...attempts.map(({ order }) => order)])
)

/** One round for an order: each attempt that is open is asked about, and one that nobody can pay any more is over. */
export const pursue = Effect.fn("Recharging.pursue")(function*(id: OrderId, point: PointId) {
  const order = yield* Ordered.stored(id)
  let answer = Option.none<Answer>()
  let failed: Effect.Error<ReturnType<typeof ask>> | undefined
  for (const attempt of yield* Attempting.ofOrder(order)) {
    if (!PaymentAttempt.isOpen(attempt)) continue
    const told = yield* Effect.result(ask(attempt, point))
    // One channel that does not answer does not keep another from being asked.
    if (Result.isFailure(told)) failed ??= told.failure
    else if (Option.isSome(told.success)) answer = told.success
  }
  if (failed !== undefined) return yield* failed
  return { order: yield* concluded(id), answer } satisfies Confirmed
})

/** One round for an attempt alone, and what follows for its order. The attempt as it is afterwards. */
export const inquire = Effect.fn("Recharging.inquire")(function*(number: OrderNumber, point: PointId) {
  const attempt = yield* known(number)
  if (PaymentAttempt.isOpen(attempt)) yield* ask(attempt, point)
  yield* concluded(attempt.order)
  return yield* known(number)
})

/** Asks the channel about one attempt, and does what follows. */
const ask = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, point: PointId) {
  const nothing = Option.none<Answer>()
  const channel = yield* Attempting.channelOf(attempt)
  if (attempt._tag === "Returning") {
    yield* Attempting.giveBack(attempt, channel)
    return nothing
  }
  if (attempt._tag === "Returned" || attempt._tag === "ReturnFailed") return nothing
  const isOver = (yield* Submit.arrival) > later(attempt.expiresAt, channel.patience.grace)
  let told = yield* channel.query(attempt)
  if (told._tag === "Waiting" && isOver && channel.close !== undefined) {
    yield* channel.close(attempt)
    // It may have been paid before it was closed.
    told = yield* channel.query(attempt)
  }
  switch (told._tag) {
    case "Paid":
      return yield* settle(attempt, told.receipt, point)
    case "GivenBack":
      yield* takenBack(attempt, told.receipt)
      return nothing
    case "Closed":
      yield* Attempting.step(attempt, { _tag: "Closed" })
      return nothing
    case "NotFound":
      // Before its end it may be on its way.
      if (isOver) yield* Attempting.step(attempt, { _tag: "Closed" })
      return nothing
    case "Waiting":
    case "Unclear":
      return nothing
  }
})

/** A payment that its channel has confirmed: credited to the account of its order, or on its way back. */
const settle = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, receipt: Receipt, point: PointId) {
  const order = yield* Ordered.stored(attempt.order)
  yield* Ordered.mayCredit(order, point)
  const paid = yield* Attempting.confirm(attempt, receipt, order)
  const evidence = PaymentAttempt.evidence(paid, receipt)
  const after = yield* Effect.catchTag(Ordered.pay(order, evidence), "PaymentUnmatched", (fault) =>
    // Another payment of this order was first, and this one goes back.
    Effect.filterOrFail(
      Ordered.stored(order.id),
      (now) => PaymentAttempt.isPaid(paid) && PaymentAttempt.fateOf(paid, now) === "duplicate",
      () => fault
    ))
  if (after._tag !== "Paid" || after.reference !== receipt.reference) {
    yield* conclude(paid, after)
    return Option.none<Answer>()
  }
  const credited = yield* Ordered.credit(evidence, order.account, point)
  // The bank took it back, and whoever told so may have been cut off before the order knew.
  if (Option.isNone(credited)) {
    yield* conclude(paid, yield* Ordered.go(after, { _tag: "TakenBack" }))
    return credited
  }
  const step = Ordered.stepAfter(credited.value)
  // Paid, and neither credited nor to be sent back: the order stays Paid, and a person has to look.
  if (step === undefined) return yield* new PaymentUnmatched({ order: order.id, state: "Paid", step: "Credited" })
  yield* conclude(paid, yield* Ordered.go(after, step))
  return credited
})

/** Somebody gave a payment back in the channel's back office: it must be credited to nobody. */
const takenBack = Effect.fnUntraced(function*(attempt: PaymentAttempt.Attempt, receipt: Receipt) {
  if (attempt._tag === "Kept") {
    return yield* new PaymentUnmatched({ order: attempt.order, state: "Credited", step: "TakenBack" })
  }
  const order = yield* Ordered.stored(attempt.order)
  const paid = yield* Attempting.confirm(attempt, receipt, order)
  const evidence = PaymentAttempt.evidence(paid, receipt)
  const after = yield* Effect.catchTag(Ordered.pay(order, evidence), "PaymentUnmatched", () => Effect.succeed(order))
  const closed = after._tag === "Paid" ? yield* Ordered.closedToCredit(after) : after
  const isOurs = "reference" in closed && closed.reference === receipt.reference
  return yield* conclude(paid, isOurs ? yield* Ordered.go(closed, { _tag: "TakenBack" }) : closed, true)
})

/**
 * What becomes of a paid attempt, by its order: kept, or sent back. `isBack`: its money is back already, by whoever sent it.
 */
const conclude = Effect.fnUntraced(function*(
  attempt: PaymentAttempt.Attempt,
  order: Recharge.Order,
  isBack = false
) {
  const fate = attempt._tag === "Paid" ? PaymentAttempt.fateOf(attempt, order) : undefined
  if (fate === undefined) return attempt
  if (fate === "kept") return yield* Attempting.step(attempt, { _tag: "Kept" })
  const due = yield* Attempting.step(attempt, { _tag: "ReturnDue", reason: fate })
  if (isBack || fate === "takenBack") return yield* Attempting.step(due, { _tag: "Returned" })
  const channel = serving(yield* RechargeChannels, attempt)
  if (due._tag !== "Returning" || channel === undefined) return due
  // It is written down and asked for again: a channel that does not answer now is no fault of this step.
  return yield* Effect.catchTag(Attempting.giveBack(due, channel), "ChannelFailed", () => Effect.succeed(due))
})

/** The order with all that follows from its attempts: those who were cut off left some of it to whoever comes next. */
const concluded = Effect.fnUntraced(function*(id: OrderId) {
  let order = yield* Ordered.caughtUp(yield* Ordered.stored(id))
  const attempts = yield* Attempting.ofOrder(order)
  for (const attempt of attempts) {
    const now = yield* conclude(attempt, order)
    if (order._tag === "RefundDue" && bears(now, order)) order = yield* Ordered.go(order, { _tag: "RefundSent" })
  }
  // One that was cut off before its first attempt ends like one whose attempts have.
  const ends = attempts.every(({ _tag }) => _tag === "Closed")
  // Until then its payer may turn to another source.
  return isOrdered(order) && ends && (yield* Submit.arrival) > order.expiresAt
    ? yield* Ordered.go(order, { _tag: "Closed" })
    : order
})

const isOrdered = ({ _tag }: Recharge.Order): boolean => _tag === "Created" || _tag === "Paying" || _tag === "Unknown"

const isUnpaid = ({ _tag }: PaymentAttempt.Attempt): boolean =>
  _tag === "Opened" || _tag === "Waiting" || _tag === "Unknown"

const flawed = (path: string, problem: string) => new MalformedCommand({ flaws: [{ path, problem }] })
