/**
 * What the office of the card centre does when the hall is closed 后台: the audit, the close of a day, what is owed, and the
 * nightly sweep (R46, R72, R76).
 */
import { Effect, Schema, Stream } from "effect"
import { Day } from "../CivilTime.ts"
import * as Auditing from "../flows/Auditing.ts"
import * as Owing from "../flows/Receivables.ts"
import * as Settling from "../flows/Settling.ts"
import * as Sweep from "../flows/Sweep.ts"
import * as Id from "../Id.ts"
import type * as Settled from "../Settlement.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Plain } from "./Plain.ts"
import * as Recharges from "./Recharges.ts"
import * as Reconciliations from "./Reconciliations.ts"
import type { Decline, Order } from "./Told.ts"

/** One act at a counter, or one that needs a person wherever it is done, approved or refused (R72). */
export type AuditEntry = Omit<Plain<Auditing.AuditEntry>, "account"> & { readonly account?: string }
/** What one merchant is paid for one day, in fen. */
export type Settlement = Plain<Settled.DayClosed>
/** Something that does not agree about a merchant: a person has to look. */
export type SettlementBreak = Plain<Settling.Break>
/** What became of a day. `breaks` is empty when all agrees. */
export type DayClosing =
  | {
    readonly _tag: "Closed"
    readonly day: number
    readonly settlements: ReadonlyArray<Settlement>
    readonly breaks: ReadonlyArray<SettlementBreak>
  }
  | { readonly _tag: "Refused"; readonly decline: Decline }
/** Who owes how much, since when, and how old the debts are (D10). */
export type Receivables = Plain<Owing.Report>
/** An account that is dormant, and since which day. */
export interface Dormant {
  readonly account: string
  readonly since: number
}
/** What was over: closed, due to be paid out, or taken back. */
export type Over = Plain<Sweep.Over>

export interface Office {
  /**
   * Who did what at the counters, all of it or that of one operator (R72). `which`: what was done for one account, or after
   * an entry that was read before.
   */
  readonly audit: (operator?: string, which?: Input.Which) => Promise<ReadonlyArray<AuditEntry>>
  /** Closes a day for all merchants; a day that is closed already gives the same again (R76). */
  readonly settle: (day: number) => Promise<DayClosing>
  /** The settlements of a merchant, day by day. */
  readonly settlements: (merchant: string) => Promise<ReadonlyArray<Settlement>>
  /** Whether all that was ever settled agrees with records and books; empty when it does. */
  readonly checkSettlements: () => Promise<ReadonlyArray<SettlementBreak>>
  /** All that is owed to the school, summed by age in days: 0, 30, 90 and 365, if left out (D10). */
  readonly receivables: (ages?: ReadonlyArray<number>) => Promise<Receivables>
  /** The accounts that are dormant today (R46). */
  readonly dormant: () => Promise<ReadonlyArray<Dormant>>
  /**
   * Closes temporary accounts whose last day is past, lists what may be paid out, and takes back subsidies that have ended
   * (D6, D7, A16). `point`: where a program may close accounts, such as the office. Once a night, and again if it was cut
   * off.
   */
  readonly sweep: (point: string) => Promise<ReadonlyArray<Over>>
  /** The recharge orders that are not over: unpaid or not credited yet, or paid and to be sent back (R19-R28). */
  readonly unfinishedRecharges: () => Promise<ReadonlyArray<Order>>
  /**
   * Asks the channels about every order that may have been paid, and credits what was. Every few minutes: nothing that was
   * paid is ever forgotten, whatever notice got lost. One that fails stops no other.
   */
  readonly driveRecharges: (point: string) => Promise<ReadonlyArray<Recharges.Driven>>
  /**
   * A person has seen to money that a channel could not send back, and it is tried again, under its own number. `number`: of
   * the attempt, by which the channel knows the payment.
   */
  readonly returnRecharge: (number: string, point: string) => Promise<Recharges.RechargeAttempt>
  /** What of all recharges waits for a person, what has waited longest first, with what can be done and words for it. */
  readonly stuckRecharges: () => Promise<ReadonlyArray<Recharges.StuckRecharge>>
  /**
   * A person has sent money back by hand, of `ReturnFailed` or `ReturnByHand` among {@link stuckRecharges}. `number`: as it
   * stands there. Anything else is `MalformedCommand`.
   */
  readonly rechargeReturned: (number: string, point: string) => Promise<Recharges.RechargeAttempt>
  /**
   * A person has looked at the channel's bill, and ends an `Undecided` one of {@link stuckRecharges}: nobody asks about it any
   * more, and a payment that comes all the same is believed. Or a `TakenBack` one, once the holder has paid it again or never
   * will.
   */
  readonly giveUpRecharge: (number: string, point: string) => Promise<Recharges.RechargeAttempt>
  /**
   * Says what became of an order elsewhere, such as that the bank took a payment back. What it took back after it was
   * credited is `PaymentUnmatched`: the account keeps it, and it stands in {@link stuckRecharges} until a person has looked.
   */
  readonly tellRecharge: (order: Order | Order["id"], what: Recharges.RechargeNews) => Promise<Order>
  /**
   * Compares a channel's bill of a day with the orders and the books, and with `correctAt` puts right what can be; what a
   * person has to look at is suspended. The same day again finds nothing new.
   */
  readonly reconcile: (
    channel: string,
    day: number,
    options?: Reconciliations.ReconcileInput
  ) => Promise<Reconciliations.Reconciled>
  /** Differences with channels that wait for a person, and those that a person has resolved. */
  readonly suspended: () => Promise<ReadonlyArray<Reconciliations.Suspended>>
  /** Says what came of a suspended difference. */
  readonly resolveSuspended: (key: string, operator: string, note: string) => Promise<void>
}

const Ages = Schema.Array(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)))

export const office = (host: Host): Office => ({
  audit: (operator, which) =>
    host.run(() => {
      const who = operator === undefined ? undefined : Input.decode(Id.OperatorId, operator, "operator")
      const lines = Input.which(which)
      return Effect.map(Stream.runCollect(Auditing.entries(who, lines)), (entries) =>
        entries.map(({ account, ...entry }) => account === undefined ? entry : { ...entry, account }))
    }),
  settle: (day) => host.run(() => Settling.close(Input.decode(Day, day, "day"))),
  settlements: (merchant) =>
    host.run(() => Stream.runCollect(Settling.settlements(Input.decode(Id.MerchantId, merchant, "merchant")))),
  checkSettlements: () => host.run(() => Settling.check()),
  receivables: (ages) =>
    host.run(() => Owing.report(ages === undefined ? undefined : Input.decode(Ages, ages, "ages"))),
  dormant: () => host.run(() => Stream.runCollect(Sweep.dormant)),
  sweep: (point) => host.run(() => Stream.runCollect(Sweep.ended(Input.point(point)))),
  unfinishedRecharges: () => Recharges.unfinished(host),
  driveRecharges: (point) => Recharges.drive(host, point),
  returnRecharge: (number, point) => Recharges.returnAgain(host, number, point),
  stuckRecharges: () => Recharges.stuck(host),
  rechargeReturned: (number, point) => Recharges.returned(host, number, point),
  giveUpRecharge: (number, point) => Recharges.giveUp(host, number, point),
  tellRecharge: (order, what) => Recharges.tell(host, order, what),
  reconcile: (channel, day, options) => Reconciliations.reconcile(host, channel, day, options),
  suspended: () => Reconciliations.suspended(host),
  resolveSuspended: (key, operator, note) => Reconciliations.resolve(host, key, operator, note)
})
