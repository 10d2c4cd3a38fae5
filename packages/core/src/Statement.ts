/**
 * A holder's own transactions 交易明细 (R56): purchases and recharges and whatever else moved money, each with place, time,
 * medium, amount and status; told from the lines of the journal, newest first.
 *
 * Amounts are fen, above zero; `direction` says whether the holder has more or less by it, or has it in another pocket.
 * So a reversal is one line, in, and the load that writes it to the card (D5) another, within: no money stands here twice.
 */
import type { AccountEvent } from "./AccountEvent.ts"
import { type AccountState, openLoad } from "./AccountState.ts"
import type { Instant } from "./CivilTime.ts"
import * as Command from "./Command.ts"
import * as Correction from "./Correction.ts"
import type { OrderId, PointId, PurchaseId } from "./Id.ts"
import { into } from "./Ledger.ts"
import type { Medium } from "./Medium.ts"
import * as Money from "./Money.ts"
import type { Point } from "./Point.ts"
import * as Posted from "./Posted.ts"
import type { Order } from "./Recharge.ts"
import * as SchoolProfile from "./SchoolProfile.ts"
import { subsidyFund } from "./Wallet.ts"

/** What a line is about. */
export type Kind =
  | "purchase"
  | "reversal"
  | "refund"
  | "recharge"
  | "load"
  | "claim"
  | "transfer"
  | "subsidy"
  | "subsidyEnded"
  | "fee"
  | "payOut"
  | "debtRepaid"
  | "debtWrittenOff"

/**
 * `done`; `partlyReturned` and `returned`: of a purchase; `unknown`: a load that the next tap will settle; and of a recharge
 * order `waiting`: not paid or not credited yet, `lapsed`: it came to nothing, `refundDue` and `refunded`: it was paid and goes
 * or went back.
 */
export type Status =
  | "done"
  | "partlyReturned"
  | "returned"
  | "unknown"
  | "waiting"
  | "lapsed"
  | "refundDue"
  | "refunded"

/** Where it happened: the point's id, and its names where the profile of that time lists it. */
export interface Place {
  readonly point: PointId
  readonly zh?: string
  readonly en?: string
}

/** One line. `purchase`: what it is, or undoes; `order`: of a recharge. */
export interface Line {
  readonly sequence: number
  readonly kind: Kind
  readonly at: Instant
  readonly place: Place
  readonly medium?: Medium
  readonly amount: Money.Money
  readonly direction: "in" | "out" | "within"
  readonly status: Status
  readonly purchase?: PurchaseId
  readonly order?: OrderId
  readonly channel?: string
}

/**
 * Where a line of the journal comes from. `places`: the points of the profile of that time. `orders`: what became of a
 * recharge order; nothing where none was stored.
 */
export interface Source {
  readonly sequence: number
  readonly point: PointId
  readonly places: (point: PointId) => Point | undefined
  readonly orders: (order: OrderId) => Order["_tag"] | undefined
}

/** What of a line of the journal is looked at; `AccountStore.Entry` is one. */
export interface Told {
  readonly sequence: number
  readonly command: Pick<Command.Recorded, "at" | "body" | "point" | "receivedAt">
  readonly events: ReadonlyArray<AccountEvent>
}

/** The recharge orders on which the lines of a command depend. */
export const ordersIn = ({ events }: Told): ReadonlyArray<OrderId> =>
  events.flatMap((event) => event._tag === "RechargePlaced" ? [event.order] : [])

/** The lines of one command, the last thing that happened first. `account`: as it is now. `orders`: see {@link Source}. */
export const ofCommand = (
  profiles: SchoolProfile.History,
  account: AccountState,
  { command, events, sequence }: Told,
  orders: Source["orders"]
): ReadonlyArray<Line> => {
  if (events.length === 0) return []
  // A fact was decided by the profile of its own time (D16, D22).
  const decidedAt = Command.isFactual(command.body) ? command.at : command.receivedAt
  const profile = SchoolProfile.inForce(profiles, decidedAt)
  const source: Source = {
    sequence,
    point: command.point,
    places: (point) => SchoolProfile.pointOf(profile, point),
    orders
  }
  return events.flatMap((event) => linesOf(account, event, source)).reverse()
}

/** The lines that an event makes; most events that move no money make none. */
export const linesOf = (account: AccountState, event: AccountEvent, source: Source): ReadonlyArray<Line> => {
  const line = (
    kind: Kind,
    amount: Money.Money,
    direction: Line["direction"],
    more: Partial<Line> = {}
  ): ReadonlyArray<Line> =>
    amount === 0 ? [] : [{
      sequence: source.sequence,
      kind,
      at: event.at,
      place: placeOf(source.point, source),
      amount,
      direction,
      status: "done",
      ...more
    }]
  switch (event._tag) {
    case "Purchased":
    case "OfflinePurchaseRecorded":
      // What the school bears is not the holder's purchase; a chip that was found again gets back what is missing on it.
      return "borne" in event && event.borne > 0 ?
        line("transfer", into("transit", event.transfers), "within") :
        line("purchase", event.amount, "out", {
          place: placeOf(event.point, source),
          medium: event.medium,
          purchase: event.purchase,
          status: statusOf(account, event.purchase, event.amount)
        })
    case "PurchaseReversed":
      return line("reversal", event.amount, "in", { medium: event.cell.medium, purchase: event.purchase })
    case "PurchaseRefunded":
      // Without a cell it was no purchase of the holder's, and goes back to the school.
      return event.cell === undefined
        ? []
        : line("refund", event.amount, "in", { medium: event.cell.medium, purchase: event.purchase })
    case "RechargePlaced": {
      // What was credited has a line of its own, also before its order knows.
      const status = Posted.has(account.posted, Posted.ofOrder(event.order))
        ? undefined
        : placed(source.orders(event.order))
      return status === undefined
        ? []
        : line("recharge", event.amount, "in", { order: event.order, channel: event.channel, status })
    }
    case "CreditRecorded":
      return line("recharge", event.amount, "in", { order: event.order, channel: event.channel })
    case "DebitDisproved":
      return line("transfer", Money.plus(into("chip", event.transfers), into("frozen", event.transfers)), "within")
    case "LoadSettled":
      return line("load", into("chip", event.transfers), "within", { medium: "physicalCard" })
    case "LoadTorn":
      // Only the load that is still open; what settled it has a line of its own.
      return openLoad(account, event.card)?.id === event.load
        ? line("load", account.pockets.held, "within", { medium: "physicalCard", status: "unknown" })
        : []
    case "FrozenClaimed":
      return line("claim", event.amount, "within")
    case "MovedToTransit":
      return line("transfer", event.amount, "within")
    case "SubsidyGranted":
      return line("subsidy", event.amount, "in")
    case "SubsidyExpired":
      return line("subsidyEnded", event.amount, "out")
    case "AccountClosing":
      // What is left of a subsidy goes back to the school; all else stays the holder's (D7).
      return line("subsidyEnded", into(subsidyFund, event.transfers), "out")
    case "CardIssued":
      return line("fee", paid(event), "out")
    case "AccountOpened":
      return line("fee", paid(event), "out")
    case "AccountPaidOut":
      return line("payOut", event.amount, "out")
    case "DebtRepaid":
      return line("debtRepaid", event.amount, "in")
    case "DebtWrittenOff":
      return line("debtWrittenOff", event.amount, "in")
    default:
      return []
  }
}

const placed = (order: Order["_tag"] | undefined): Status | undefined => {
  switch (order) {
    case "Created":
    case "Paying":
    case "Unknown":
    case "Paid":
      return "waiting"
    case "Expired":
      return "lapsed"
    case "RefundDue":
      return "refundDue"
    case "Refunded":
    case "Reversed":
      return "refunded"
    case "Credited":
    case "Written":
    case undefined:
      return undefined
  }
}

/** What of a purchase went back since. */
const statusOf = (account: AccountState, purchase: PurchaseId, amount: Money.Money): Status => {
  const back = Correction.returned(account, purchase)
  if (back === 0) return "done"
  return back < amount ? "partlyReturned" : "returned"
}

const placeOf = (point: PointId, { places }: Source): Place => {
  const known = places(point)
  return known === undefined ? { point } : { point, zh: known.nameZh, en: known.nameEn }
}

type Moving = Extract<AccountEvent, { readonly transfers: unknown }>

const paid = ({ transfers }: Moving): Money.Money => Money.sum(transfers.map(({ amount }) => amount))
