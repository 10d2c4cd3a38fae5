/** A terminal in its canteen that is cut off and uploads, for tests of what becomes of its records. */
import { Effect, Layer, Option, Result, Stream } from "effect"
import type { Chip } from "../../src/Chip.ts"
import { dayLength, dayOf, later, minute } from "../../src/CivilTime.ts"
import * as Command from "../../src/Command.ts"
import { StoreUnavailable } from "../../src/Fault.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Uploading from "../../src/flows/Uploading.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import * as OfflineTerminal from "../../src/OfflineTerminal.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import type * as SuspendedRecord from "../../src/SuspendedRecord.ts"
import * as Tally from "../../src/Tally.ts"
import * as Terminal from "../../src/Terminal.ts"
import { TerminalId } from "../../src/TerminalEvent.ts"
import * as TerminalMemory from "../../src/TerminalMemory.ts"
import type { Sent, TerminalRecord } from "../../src/TerminalRecord.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemorySubjectStore from "../../src/testing/MemorySubjectStore.ts"
import { Campus, card } from "./campus.ts"

export const host = Id.CallerId.make("host")
export const terminal = TerminalId.make("device-1")
export const station = Id.PointId.make("canteen-1")

const subjects = () => MemorySubjectStore.layer.pipe(Layer.provide(Profiles.layer([csmzxy])))

/** A terminal in its canteen and a card with 100.00 on it, both as they are themselves. */
export class Canteen {
  readonly campus = new Campus()
  memory: TerminalMemory.TerminalMemory = {
    station,
    device: 0,
    terminal: 0,
    unsent: 0,
    list: { version: 0, asOf: this.campus.now, cards: [] },
    recent: []
  }
  chip: Chip = {
    card,
    standing: "active",
    purse: { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 },
    tallies: Tally.none,
    validUntil: dayOf(later(this.campus.now, 60 * dayLength))
  }
  readonly #batches: Array<string> = []

  /** The holder has an active card with 100.00, and the terminal has signed in. */
  get opened() {
    return Effect.gen({ self: this }, function*() {
      const { campus } = this
      yield* campus.furnished
      yield* Submit.submit(campus.says("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(10_000) }))
      const tap = campus.says("canteen-1", { _tag: "BeginLoad", card, chip: this.chip.purse })
      yield* Submit.submit(tap)
      this.chip = { ...this.chip, purse: { ...this.chip.purse, balance: Money.of(10_000), loadSequence: 1 } }
      const load = Command.loadOf(tap)
      yield* Submit.submit(campus.says("canteen-1", { _tag: "SettleLoad", card, load, chip: this.chip.purse }))
      yield* this.signedIn
    })
  }

  get signedIn() {
    return Effect.gen({ self: this }, function*() {
      const answer = yield* (yield* SubjectStore).transact(Terminal.decider, {
        caller: host,
        id: Id.CommandId.make(`sign-in-${this.campus.now}`),
        subject: terminal,
        receivedAt: this.campus.now,
        body: { _tag: "SignIn", clock: this.campus.now, holds: { profile: csmzxy.version, list: 0 }, newestList: 0 }
      })
      const [event] = answer._tag === "Approved" ? answer.events : []
      if (event?._tag !== "SignedIn") throw new Error("not signed in")
      this.memory = TerminalMemory.signedIn(this.memory, event, this.memory.list)
    })
  }

  /** A meal while the terminal is cut off. */
  eats(yuan: string): TerminalRecord {
    this.campus.now = later(this.campus.now, minute)
    const tap = { clock: this.campus.now, chip: this.chip, amount: Money.amount(Money.yuan(yuan)) }
    const { chip, memory, record } = Result.getOrThrow(OfflineTerminal.take(csmzxy, tap, this.memory))
    this.chip = chip
    this.memory = memory
    return record
  }

  /** A batch under a name of its own, or under one that was used before. */
  uploads(records: ReadonlyArray<Sent>, id = `batch-${this.#batches.push("")}`) {
    const [first, ...rest] = records
    if (first === undefined) throw new Error("nothing to upload")
    return Uploading.upload({ caller: host, id: Id.CommandId.make(id), terminal, records: [first, ...rest] })
  }

  run<A, E>(test: Effect.Effect<A, E, Layer.Success<Campus["layer"]> | SubjectStore>): Promise<A> {
    return this.campus.run(test.pipe(Effect.provide(subjects())))
  }
}

/** "RecordAccepted TapKnown Approved": what each step said of a record. */
export const told = (uploaded: Uploading.Uploaded): ReadonlyArray<string> => {
  if (uploaded._tag === "Declined") return [uploaded.decline._tag]
  return uploaded.outcomes.map((one) => {
    if (one._tag === "Refused") return one.refusal._tag
    if (one._tag === "Early") return "Early"
    if (one._tag === "Waiting") return `Waiting ${one.decline._tag}`
    if (one._tag === "Explained") return "Explained"
    if (one._tag === "Noted") return `${one.verdict._tag} Noted`
    const purse = Option.match(one.purse, {
      onNone: () => "-",
      onSome: (answer) =>
        answer._tag === "Approved" ? answer.events.map(({ _tag }) => _tag).join() : answer.decline._tag
    })
    return `${one.verdict._tag} ${purse} ${one.answer._tag === "Approved" ? "Approved" : one.answer.decline._tag}`
  })
}
export const safe = (uploaded: Uploading.Uploaded) =>
  uploaded._tag === "Uploaded" ? uploaded.outcomes.map(Uploading.isSafe) : []
export const waiting = Effect.map(
  Stream.runCollect(Uploading.openTerminals),
  (all) => all.flatMap(({ suspended }) => suspended.map(({ attempts, decline }) => [decline._tag, attempts]))
)
export const asked = Effect.gen(function*() {
  const lines = yield* Stream.runCollect((yield* AccountStore).journal())
  return lines.filter(({ command }) => command.id.startsWith("record:")).length
})
/** A clerk says what became of a record, by the clock under an id of its own. */
export const explain = ({ device, digest }: SuspendedRecord.Key) =>
  Effect.gen(function*() {
    return yield* Uploading.explain({
      _tag: "ExplainRecord",
      caller: Id.CallerId.make("office"),
      id: Id.CommandId.make(`explain-${yield* Submit.arrival}`),
      terminal,
      device,
      digest,
      reason: "paid to the merchant by hand",
      operator: Id.OperatorId.make("operator-1")
    })
  })
/** A campus whose profile the test may change. */
export const under = (profiles: readonly [typeof csmzxy]) =>
  Effect.provide(Layer.fresh(MemoryAccountStore.layer).pipe(Layer.provideMerge(Profiles.layer(profiles))))

/** Stores with something about each step that writes. */
const around =
  (about: <A, E>(step: Effect.Effect<A, E>) => Effect.Effect<A, E | StoreUnavailable>) =>
  <A, E, R>(test: Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const accounts = yield* AccountStore
      const others = yield* SubjectStore
      return yield* test.pipe(
        Effect.provideService(AccountStore, {
          ...accounts,
          transact: (one) => about(accounts.transact(one)),
          retire: (key) => about(accounts.retire(key))
        }),
        Effect.provideService(SubjectStore, {
          ...others,
          transact: (decider, one) => about(others.transact(decider, one))
        })
      )
    })

/** Stores that break at the given steps, before or after they have written. */
export const breaking = (steps: ReadonlySet<number>, after: boolean) => {
  let step = 0
  const fault = new StoreUnavailable({ operation: "transact", cause: new Error("cut off") })
  return around(<A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
    Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => {
      if (!steps.has(step++)) return effect
      return after ? Effect.andThen(effect, Effect.fail(fault)) : Effect.fail(fault)
    })
  )
}

/** Stores that do something else once, just before this step. */
export const interrupted = (step: number, by: Effect.Effect<unknown>) => {
  let at = 0
  return around((effect) => Effect.suspend(() => at++ === step ? Effect.andThen(by, effect) : effect))
}
