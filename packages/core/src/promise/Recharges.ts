/**
 * Money comes in 充值: an order is placed, confirmed and credited, and a tap loads the card 圈存 (R19-R28).
 */
import { Effect, Option, Result, Schema, Stream } from "effect"
import * as Explanation from "../Explanation.ts"
import * as Loading from "../flows/Loading.ts"
import * as Recharging from "../flows/Recharging.ts"
import { OrderId, OrderNumber } from "../Id.ts"
import type * as PaymentAttempt from "../PaymentAttempt.ts"
import * as Recharge from "../Recharge.ts"
import type * as Stuck from "../StuckRecharge.ts"
import { type ChipReading, type Write, writing, type Written, written } from "./Chips.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import { type CallbackInput, payer, type PayerInput, raw } from "./Payers.ts"
import type { Plain } from "./Plain.ts"
import type { Answer, Declined, Order } from "./Told.ts"

/**
 * A recharge that is wanted. `holder`: whose bank card, as the channel says; another's, if left out (R23). `payer`: scans a
 * code that is shown, if left out.
 */
export type RechargeInput = Input.Stated & {
  readonly subject: Input.Subject
  readonly channel: string
  readonly source: Recharge.FundingSource
  readonly holder?: "own" | "other" | undefined
  readonly amount: number
  readonly payer?: PayerInput | undefined
  readonly claim?: Input.ClaimInput | undefined
}

/** One try to pay an order, under the merchant order number by which its channel knows it. */
export type RechargeAttempt = typeof PaymentAttempt.Attempt.Encoded
/** What a payer has to be shown. */
export type Instruction = typeof PaymentAttempt.Instruction.Encoded

/**
 * The order that was placed, or why there is none. `number`: by which the channel knows it. `instruction`: what the payer has
 * to be shown; none where the channel did not answer, and none once it was paid or is over.
 */
export type Placed =
  | { readonly placed: true; readonly order: Order; readonly number: string; readonly instruction?: Instruction }
  | { readonly placed: false; readonly answer: Declined }

/** As {@link Placed}. `over`: the payer came too late, since the order is paid or its time is over: place another one. */
export type Turned = Placed | { readonly placed: false; readonly over: Order }

/** The order as it stands. `answer`: what the account said, where it was credited now. */
export interface Confirmed {
  readonly order: Order
  readonly answer?: Answer
}

/** A card on the reader, and how to write to it. */
export type LoadInput = Input.Stated & {
  readonly card: string
  readonly chip: ChipReading
  readonly write: Write
}

/** What became of a load. */
export interface Loaded extends Written {
  readonly begun: Answer
}

/** What became of an order that was asked about. `reason`: why it was not, so that it is asked again. */
export type Driven =
  | { readonly _tag: "Asked"; readonly order: Order; readonly answer?: Answer }
  | { readonly _tag: "Failed"; readonly order: string; readonly reason: string }

/**
 * A recharge that waits for a person: how it stands, since when (milliseconds), how much (fen), and what somebody `can` do.
 * `words`: the same for whoever reads the list.
 */
export type StuckRecharge = Plain<Stuck.Stuck> & { readonly words: Explanation.Explanation }

/** What goes back to a channel for its callback. */
export interface Reply {
  readonly status: number
  readonly contentType?: string
  readonly body: string
}

/** What became of a callback. `order`: of which it spoke, as it stands. `problem`: why it was not taken, for a log. */
export interface Heard {
  readonly reply: Reply
  readonly order?: Order
  readonly problem?: string
}

/** What the host knows of an order and its channel does not say. */
export type RechargeNews = typeof News.Type

const stated = (host: Host, request: RechargeInput) => {
  const { amount, channel, claim, holder = "other", source, subject } = request
  return {
    statement: host.read(request, subject, { _tag: "PlaceRecharge", channel, source, holder, amount }),
    secrets: claim === undefined ? {} : { claim: Input.claim(claim) },
    payer: payer(request.payer)
  }
}

const told = (outcome: Recharging.Placed): Placed => {
  if (outcome._tag === "Refused") return { placed: false, answer: outcome.answer }
  const { attempt, order } = outcome
  return {
    placed: true,
    order,
    number: attempt.number,
    ...(attempt._tag === "Waiting" ? { instruction: attempt.instruction } : {})
  }
}
const toldToTurn = (outcome: Recharging.Turned): Turned =>
  outcome._tag === "Over" ? { placed: false, over: outcome.order } : told(outcome)

/** Places a recharge. */
export const place = (host: Host, request: RechargeInput): Promise<Placed> =>
  host.run(() => {
    const { payer, secrets, statement } = stated(host, request)
    return Effect.map(Recharging.place(statement, secrets, payer), told)
  })

/** Turns to another source, or tries once more. */
export const turn = (host: Host, order: Order | Order["id"], request: RechargeInput): Promise<Turned> =>
  host.run(() => {
    const { payer, secrets, statement } = stated(host, request)
    return Effect.map(Recharging.turn({ id: orderId(order) }, statement, secrets, payer), toldToTurn)
  })

/** Takes a callback of a channel. */
export const hear = (host: Host, channel: string, callback: CallbackInput, point: string): Promise<Heard> =>
  host.run(() =>
    Effect.map(Recharging.hear(channel, raw(callback), Input.point(point)), ({ outcome, reply }): Heard => {
      if (Result.isFailure(outcome)) return { reply, problem: outcome.failure.message }
      return outcome.success === undefined ? { reply } : { reply, order: outcome.success }
    })
  )

/** Tries once more to send back what a channel could not. */
export const returnAgain = (host: Host, number: string, point: string): Promise<RechargeAttempt> =>
  host.run(() => Recharging.returnAgain(Input.decode(OrderNumber, number, "number"), Input.point(point)))

/** Writes down that a person sent money back by hand. */
export const returned = (host: Host, number: string, point: string): Promise<RechargeAttempt> =>
  host.run(() => Recharging.returned(Input.decode(OrderNumber, number, "number"), Input.point(point)))

/** Ends an attempt of which nobody knows. */
export const giveUp = (host: Host, number: string, point: string): Promise<RechargeAttempt> =>
  host.run(() => Recharging.giveUp(Input.decode(OrderNumber, number, "number"), Input.point(point)))

/** What waits for a person. */
export const stuck = (host: Host): Promise<ReadonlyArray<StuckRecharge>> =>
  host.run(() => Effect.map(Recharging.stuck, (all) => all.map((one) => ({ ...one, words: Explanation.ofStuck(one) }))))

/** Asks the channel whether an order was paid. */
export const confirm = (host: Host, order: Order | Order["id"], point: string): Promise<Confirmed> =>
  host.run(() =>
    Effect.map(Recharging.confirm({ id: orderId(order) }, Input.point(point)), ({ answer, order }) => ({
      order,
      ...(Option.isSome(answer) ? { answer: answer.value } : {})
    }))
  )

/** Loads a card at a terminal. */
export const load = (host: Host, request: LoadInput): Promise<Loaded> =>
  host.run(() => {
    const { card, chip, write } = request
    const statement = host.read(request, { _tag: "Card", card }, { _tag: "BeginLoad", card, chip })
    return Effect.map(Loading.load(statement, writing(write)), ({ begun, settled }) => ({ begun, ...written(settled) }))
  })

/** The orders that are not over. */
export const unfinished = (host: Host): Promise<ReadonlyArray<Order>> =>
  host.run(() => Stream.runCollect(Recharging.unfinished))

/** Asks the channels about all orders that are not over. */
export const drive = (host: Host, point: string): Promise<ReadonlyArray<Driven>> =>
  host.run(() =>
    Effect.map(
      Stream.runCollect(Recharging.drive(Input.point(point))),
      (all) =>
        all.map(({ order, outcome }): Driven => {
          if (Result.isFailure(outcome)) return { _tag: "Failed", order, reason: outcome.failure._tag }
          const { answer, order: confirmed } = outcome.success
          return {
            _tag: "Asked",
            order: confirmed,
            ...(Option.isSome(answer) ? { answer: answer.value } : {})
          }
        })
    )
  )

/** Tells what became of an order elsewhere. */
export const tell = (host: Host, order: Order | Order["id"], what: RechargeNews): Promise<Order> =>
  host.run(() => Recharging.tell({ id: orderId(order) }, Input.decode(News, what, "what")))

const News = Schema.Literals(["Closed", "RefundSent", "TakenBack", "WrittenToCard"])
const isOrderId = Schema.is(OrderId)

const orderId = (order: Order | Order["id"]): OrderId => {
  if (typeof order !== "string") return Input.decode(Recharge.Order, order).id
  if (!isOrderId(order)) throw Input.malformed("order", "Expected the id of an order")
  return order
}
