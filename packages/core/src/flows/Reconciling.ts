/**
 * A channel is compared with its orders and the books, and what differs is put right 对账流程 (D2, D21): the bill is fetched,
 * the differences are found, and each correction is a step that happens once, however often it is asked for.
 *
 * What a comparison costs: one pass over all attempts and one over the journal of the accounts, of which it keeps what is
 * about the day. So it belongs into the night, beside the close of the day.
 */
import { Effect } from "effect"
import { ChannelMissing } from "../Fault.ts"
import type { PointId } from "../Id.ts"
import { MalformedCommand } from "../Misuse.ts"
import { type Bill, type RechargeChannel, RechargeChannels } from "../ports/RechargeChannel.ts"
import * as Reconciliation from "../Reconciliation.ts"
import * as Correcting from "./Correcting.ts"
import * as Gathering from "./Gathering.ts"
import * as Suspending from "./Suspending.ts"

export type { Corrected } from "./Correcting.ts"
export type { Request } from "./Gathering.ts"
export { resolve, suspended } from "./Suspending.ts"

/** A day that was compared, with the bill that it was compared by. */
export interface Compared {
  readonly request: Gathering.Request
  readonly bill: Bill
  readonly outcome: Reconciliation.Outcome
}

/**
 * Fetches the bill of a day and compares it; nothing is changed. Channels of one merchant have one bill: whichever of them is
 * named, the payments through all of them are compared. `BillNotReady`: ask again later. `ChannelFailed`: also where the
 * bill is of another day, or has a row that is none.
 */
export const compare = Effect.fn("Reconciling.compare")(function*(request: Gathering.Request) {
  const channel = yield* channelOf(request.channel)
  if (channel.bill === undefined) {
    return yield* new MalformedCommand({ flaws: [{ path: "channel", problem: "Expected a channel that has bills" }] })
  }
  const bill = yield* Gathering.believed(yield* channel.bill(request.day), request.day)
  return { request, bill, outcome: yield* compareWith(request, bill, channel) } satisfies Compared
})

const channelOf = Effect.fnUntraced(function*(name: string) {
  const channel = (yield* RechargeChannels).find((one) => one.name === name)
  return channel ?? (yield* new ChannelMissing({ channel: name, lacks: "adapter" }))
})

const compareWith = (request: Gathering.Request, bill: Bill, channel: RechargeChannel) =>
  Effect.map(Gathering.sides(request, bill, channel), Reconciliation.compare)

/** What became of all of them, and the day compared once more: for the report, and for the comparison of the next day. */
export interface Correction {
  readonly corrected: ReadonlyArray<Correcting.Corrected>
  readonly after: Compared
}

/** A correction may show what nobody could see before, such as a second payment of an order; and no more than a few of those. */
const rounds = 4

/**
 * Does what is proposed, and compares again with the same bill. What still differs then waits for a person 挂账; what failed
 * because a channel did not answer is found again by the next comparison; what was missing before and is in this bill waits
 * no more. `point`: on whose behalf credits are written.
 */
export const correct = Effect.fn("Reconciling.correct")(function*(compared: Compared, point: PointId) {
  const { bill, request } = compared
  const channel = yield* channelOf(request.channel)
  const tried = new Map<string, Correcting.Corrected>()
  let { outcome } = compared
  for (let round = 0; round < rounds; round++) {
    const fresh = outcome.findings.filter(({ correction, key }) => correction._tag !== "Suspend" && !tried.has(key))
    if (fresh.length === 0) break
    for (const finding of fresh) tried.set(finding.key, yield* Correcting.attempted(finding, bill, point))
    outcome = yield* compareWith(request, bill, channel)
  }
  const left: Array<Reconciliation.Finding> = []
  for (const finding of outcome.findings) {
    const before = tried.get(finding.key)
    const isWaiting = finding.correction._tag === "AskRefund"
    if (before?._tag === "Failed" || isWaiting) left.push(finding)
    else yield* Suspending.suspend(request, finding)
    if (before?._tag === "Failed") continue
    tried.set(finding.key, { _tag: isWaiting ? "Waiting" : "Suspended", finding })
  }
  for (const key of outcome.settled) yield* Suspending.settle(key, request.day)
  const suspended = outcome.suspended + outcome.findings.length - left.length
  return {
    corrected: [...tried.values()],
    after: { request, bill, outcome: { ...outcome, findings: left, suspended } }
  } satisfies Correction
})
