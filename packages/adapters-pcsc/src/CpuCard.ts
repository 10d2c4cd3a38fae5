/**
 * A CPU card of the campus 校园 CPU 卡 at a terminal: what is on it, loading it, paying with it, stamping it.
 *
 * A tap from selection to debit takes eight commands: SELECT; INITIALIZE FOR PURCHASE and FOR LOAD of nothing (the
 * purse and both counters); READ of the campus file; GET CHALLENGE and UPDATE of the slot that is not in force;
 * INITIALIZE FOR PURCHASE; DEBIT. Whatever is refused before the last of them leaves the card as it was. Where loads
 * need a PIN, a line of the log is read as well, or more (`LoadCounter`): paying and reading never show the PIN.
 */
import type { Chip } from "@yikatong/core"
import { Effect } from "effect"
import type * as ApplicationFile from "./ApplicationFile.ts"
import * as Bcd from "./Bcd.ts"
import * as Bytes from "./Bytes.ts"
import * as CampusApplication from "./CampusApplication.ts"
import * as CampusFile from "./CampusFile.ts"
import type { CardChannel } from "./CardChannel.ts"
import { isLost } from "./CardFault.ts"
import { CardKeys } from "./CardKeys.ts"
import type { CardProblem } from "./CardProblem.ts"
import * as CpuSession from "./CpuSession.ts"
import * as EPurse from "./EPurse.ts"
import type { Failure } from "./Exchange.ts"
import type * as HolderFile from "./HolderFile.ts"
import type * as LogRecord from "./LogRecord.ts"
import * as PendingWrite from "./PendingWrite.ts"
import type { Debit, Load, PurseCard } from "./PurseCard.ts"
import * as Settling from "./Settling.ts"
import * as TornWrite from "./TornWrite.ts"

/**
 * What a terminal knows, and where it keeps what it is about to do. `keep`: called right before money is written; only
 * then can a terminal that loses its own power say at the next tap what became of it (`settle`). What it fails with,
 * nothing was written.
 */
export interface Options extends CpuSession.Settings {
  readonly keep?: TornWrite.Keep
}

export interface CpuCard extends PurseCard {
  readonly application: ApplicationFile.ApplicationFile
  /** Who holds it. */
  readonly holder: Effect.Effect<HolderFile.HolderFile, Failure>
  /** Shows the PIN by itself: for desks, where the log is read only after it, or nothing else tells the loads. */
  readonly showPin: NonNullable<PurseCard["showPin"]>
  /** Its own log, the newest line first. Bank cards show it only after the PIN (`showPin`). */
  readonly log: Effect.Effect<ReadonlyArray<LogRecord.LogRecord>, Failure>
}

/** The counters have two bytes, and the last value has no next. */
const lastCount = 0xffff
const mostMoney = 0xffff_ffff

const fail = (problem: CardProblem): Effect.Effect<never, CardProblem> => Effect.fail(problem)

/** Selects the application of the campus on the card that lies there. */
export const open = Effect.fnUntraced(function*(channel: CardChannel, options: Options) {
  const keys = yield* CardKeys
  const session = yield* CpuSession.begin(channel, options, keys)
  const { application, card } = session
  const { profile } = options
  const opened: CpuCard = {
    card,
    application,
    holder: CampusApplication.readHolder(channel, profile),
    log: CampusApplication.readLog(channel, profile),
    showPin: (pin) => CpuSession.showPin(session, pin),
    // A card that was pulled and lies there again is asked once more: reading changes nothing.
    reading: Effect.catchIf(
      CpuSession.read(session),
      isLost,
      () => Effect.andThen(CpuSession.resume(session), CpuSession.read(session))
    ),
    chip: CpuSession.chip(session),
    load: (request) => load(session, options, request),
    debit: (request) => debit(session, options, request),
    stamp: (stamped) => stamp(session, stamped),
    settle: (write) => settle(session, write)
  }
  return opened
})

const pendingOf = (
  { card, settings: { terminal } }: CpuSession.CpuSession,
  kind: PendingWrite.PendingWrite["kind"],
  { amount, at, before, reference }: Load
): PendingWrite.PendingWrite => ({
  kind,
  card,
  amount,
  at,
  before,
  terminal: Bytes.hex(terminal),
  ...(reference === undefined ? {} : { reference })
})

/** Makes sure that the purse reads as it did when something was decided. */
const unchanged = Effect.fnUntraced(function*(session: CpuSession.CpuSession, before: Chip.Reading) {
  if (!PendingWrite.isSame(yield* CpuSession.reading(session), before)) return yield* fail({ _tag: "CardChanged" })
})

const load = Effect.fnUntraced(function*(session: CpuSession.CpuSession, options: Options, request: Load) {
  const { amount, at, before, pin } = request
  const { application: { serial }, channel, keys, settings: { profile, terminal } } = session
  if (before.loadSequence >= lastCount) return yield* fail({ _tag: "CounterFull", counter: "load" })
  if (before.balance + amount > mostMoney) {
    return yield* fail({ _tag: "NoRoomOnCard", file: "purse", problem: "more than the purse can hold" })
  }
  yield* unchanged(session, before)
  yield* CpuSession.showPin(session, pin)
  const begun = yield* Effect.catchIf(
    EPurse.initialiseLoad(channel, { key: profile.keys.load, amount, terminal }),
    CpuSession.wantsPin,
    () => fail({ _tag: "PinNeeded" })
  )
  if (begun.balance !== before.balance || begun.counter !== before.loadSequence) {
    return yield* fail({ _tag: "CardChanged" })
  }
  const mac2 = yield* keys.load({ serial, terminal, amount, at, begun })
  // A load has no MAC of the card's for the terminal, only the TAC for the issuer.
  const send = Effect.map(EPurse.credit(channel, Bcd.stamp(at), mac2), (tac) => ({ tac, mac: new Uint8Array() }))
  return yield* TornWrite.commit(session, options, pendingOf(session, "load", request), send)
})

const debit = Effect.fnUntraced(function*(session: CpuSession.CpuSession, options: Options, request: Debit) {
  const { after, amount, at, before } = request
  const { application: { serial }, channel, keys, settings: { profile, terminal } } = session
  if (before.balance < amount) return yield* fail({ _tag: "BalanceShort", amount, balance: before.balance })
  if (before.purchaseSequence >= lastCount) return yield* fail({ _tag: "CounterFull", counter: "purchase" })
  const pending = pendingOf(session, "debit", request)
  if (
    after !== undefined &&
    (after.card !== session.card || !PendingWrite.isSame(after.purse, PendingWrite.done(pending)))
  ) {
    return yield* Effect.die(new RangeError("The chip after a debit is the chip before it without the amount"))
  }
  yield* unchanged(session, before)
  yield* writeCounters(session, before.purchaseSequence, after)
  const begun = yield* Effect.mapError(
    EPurse.initialisePurchase(channel, { key: profile.keys.purchase, amount, terminal }),
    (failure): Failure =>
      failure._tag === "CardRefused" && failure.status._tag === "BalanceShort"
        ? { _tag: "BalanceShort", amount, balance: before.balance }
        : failure
  )
  if (begun.balance !== before.balance || begun.counter !== before.purchaseSequence) {
    return yield* fail({ _tag: "CardChanged" })
  }
  const signed = yield* keys.purchase({ serial, terminal, amount, at, begun })
  const write = { ...pending, terminalSequence: Bytes.toNumber(signed.terminalSequence) }
  const send = EPurse.debit(channel, signed.terminalSequence, Bcd.stamp(at), signed.mac1)
  return yield* TornWrite.commit(session, options, write, send, signed.confirm)
})

/**
 * Before the debit, what its counters will be. `counter`: of the purse, as it is; `after`: left out where nobody knows
 * them.
 */
const writeCounters = Effect.fnUntraced(function*(
  session: CpuSession.CpuSession,
  counter: number,
  after: Chip.Chip | undefined
) {
  if (after !== undefined) {
    const slots = yield* CpuSession.file(session)
    const { windows } = session.settings
    const write = yield* Effect.fromResult(CampusFile.forDebit(slots, counter, after, windows))
    return yield* CpuSession.write(session, write)
  }
  const slots = yield* CpuSession.fileIfThere(session)
  const write = slots === undefined ? undefined : CampusFile.forBareDebit(slots, counter)
  if (write !== undefined) yield* CpuSession.write(session, write)
})

const stamp = Effect.fnUntraced(function*(session: CpuSession.CpuSession, stamped: CampusFile.Stamped) {
  const purse = yield* CpuSession.reading(session)
  const slots = yield* CpuSession.file(session)
  const { windows } = session.settings
  const write = yield* Effect.fromResult(CampusFile.forStamp(slots, purse, stamped, windows))
  yield* CpuSession.write(session, write)
})

const settle = Effect.fnUntraced(function*(session: CpuSession.CpuSession, write: PendingWrite.PendingWrite) {
  // Of a CPU card nobody keeps numbers that it can not have had.
  const { balance, loadSequence, purchaseSequence } = write.before
  const isPossible = balance + write.amount <= mostMoney && Math.max(loadSequence, purchaseSequence) < lastCount
  if (write.card !== session.card || !isPossible) return yield* fail({ _tag: "AnotherCard" })
  return Settling.judge(write, yield* TornWrite.look(session, write), { _tag: "CardChanged" })
})
