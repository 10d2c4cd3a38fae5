/**
 * A channel compared with the orders and the books 对账, and what waits for a person since it did not agree 挂账 (D2).
 */
import { Effect, Schema, Stream } from "effect"
import { Day } from "../CivilTime.ts"
import * as Reconciling from "../flows/Reconciling.ts"
import { OperatorId, Words } from "../Id.ts"
import * as Reconcile from "../Reconciliation.ts"
import type * as Suspense from "../Suspense.ts"
import type { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import type { Plain } from "./Plain.ts"

/**
 * `carried`: what the reconciliation of the day before has carried; left out on the first day, since an empty list says that
 * nothing was. `correctAt`: a point on whose behalf late credits are written; without it nothing is changed. `terms`: when the
 * channel's day ends; midnight, if left out.
 */
export interface ReconcileInput {
  readonly carried?: ReadonlyArray<Carried> | undefined
  readonly correctAt?: string | undefined
  readonly terms?: Terms | undefined
}

/** What goes over into the next day. */
export type Carried = Plain<Reconcile.Carried>
/** How a channel cuts its days. */
export type Terms = Plain<Reconcile.Terms>
/** What each side has of the day, which rows agree, what differs, and what is carried. */
export type DayCompared = Plain<Reconcile.Outcome>
/** What became of a difference. */
export type Corrected = Plain<Reconciling.Corrected>

/** `outcome`: as things stand at the end. `corrected`: what was done, where that was asked for. */
export type Reconciled =
  | { readonly _tag: "Reconciled"; readonly outcome: DayCompared; readonly corrected: ReadonlyArray<Corrected> }
  /** The channel has no bill of this day yet. */
  | { readonly _tag: "BillNotReady"; readonly channel: string; readonly day: number }

/** A difference that waits for a person, or what came of it. */
export type Suspended = Plain<Suspense.Suspense> & { readonly key: string }

const CarriedList = Schema.Array(Reconcile.Carried)

/** Compares a day of a channel, and puts right what can be. */
export const reconcile = (
  host: Host,
  channel: string,
  day: number,
  { carried, correctAt, terms }: ReconcileInput = {}
): Promise<Reconciled> =>
  host.run(() => {
    const request: Reconciling.Request = {
      channel: Input.decode(Words, channel, "channel"),
      day: Input.decode(Day, day, "day"),
      ...(carried === undefined ? {} : { carried: Input.decode(CarriedList, carried, "carried") }),
      ...(terms === undefined ? {} : { terms: Input.decode(Reconcile.Terms, terms, "terms") })
    }
    const point = correctAt === undefined ? undefined : Input.point(correctAt)
    const reconciled = Effect.gen(function*() {
      const compared = yield* Reconciling.compare(request)
      if (point === undefined) return { _tag: "Reconciled", outcome: compared.outcome, corrected: [] } as const
      const { after, corrected } = yield* Reconciling.correct(compared, point)
      return { _tag: "Reconciled", outcome: after.outcome, corrected } as const
    })
    return Effect.catchTag(reconciled, "BillNotReady", ({ channel, day }) =>
      Effect.succeed({ _tag: "BillNotReady", channel, day } as const))
  })

/** All that was ever suspended. */
export const suspended = (host: Host): Promise<ReadonlyArray<Suspended>> =>
  host.run(() => Stream.runCollect(Reconciling.suspended))

/** Writes down what came of it. */
export const resolve = (host: Host, key: string, operator: string, note: string): Promise<void> =>
  host.run(() =>
    Reconciling.resolve(
      Input.decode(Words, key, "key"),
      Input.decode(OperatorId, operator, "operator"),
      Input.decode(Words, note, "note")
    )
  )
