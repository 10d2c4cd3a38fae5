/**
 * A campus in memory with one student, for tests of the channels: a clock that the test moves, and every source of money
 * open to the student.
 */
import {
  AccountStore,
  Books,
  CivilTime,
  type Command,
  Csmzxy,
  HostClock,
  Id,
  IdentityDocument,
  Money,
  Opening,
  PaymentAttempt,
  type Person,
  Profiles,
  type Recharge,
  RechargeChannel,
  RechargeOrder,
  Recharging,
  type SchoolProfile,
  SubjectStore,
  Submit
} from "@yikatong/core"
import { Clerk, MemoryAccountStore, MemoryPorts } from "@yikatong/core/testing"
import { Effect, Layer, Option, Redacted, Result, Stream } from "effect"

/** What the profile calls the channel of all sources; an adapter `serves` it with one or more of them. */
export const rechargedBy = "todayCampus"
export const account = Id.AccountId.make("account-1")
export const office = Id.PointId.make("card-centre")
export const holder: Command.Subject = { _tag: "Account", account }

const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}

const source = (source: Recharge.FundingSource): Recharge.Source => ({ source, holder: "anyone", binding: "none" })

/** Any amount, from any source. `latePayment`: as the test wants it. */
export const profile = (latePayment: Recharge.Channel["latePayment"] = "credit"): SchoolProfile.SchoolProfile => {
  const { choices: _, ...open } = Csmzxy.csmzxy.recharge[rechargedBy] as Recharge.Channel
  const sources = (["unionPayCard", "ccbCard", "weChat", "alipay"] as const).map(source)
  const channel = { ...open, sources, latePayment, max: Money.amount(100_000) }
  return { ...Csmzxy.csmzxy, recharge: { [rechargedBy]: channel } }
}

/** What an adapter of one source says that it takes. */
export const serves = (...sources: ReadonlyArray<Recharge.FundingSource>) =>
  sources.map((source) => ({ channel: rechargedBy, source }))

export class Campus {
  now: CivilTime.Instant = CivilTime.instant("2026-03-02 12:00")
  readonly profile: SchoolProfile.SchoolProfile
  #commands = 0
  readonly #layer

  constructor(
    channels: ReadonlyArray<RechargeChannel.RechargeChannel>,
    school: SchoolProfile.SchoolProfile = profile()
  ) {
    this.profile = school
    this.#layer = Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer).pipe(
      Layer.merge(RechargeChannel.RechargeChannels.layer(channels)),
      Layer.provideMerge(Profiles.Profiles.layer([school]))
    )
  }

  /** So many milliseconds go by. */
  wait(milliseconds: number): void {
    this.now = CivilTime.later(this.now, milliseconds)
  }

  /** Runs one test here. */
  run<A, E>(test: Effect.Effect<A, E, Layer.Success<Campus["layer"]>>): Promise<A> {
    return test.pipe(HostClock.provide(() => this.now), Effect.provide(this.#layer), Effect.runPromise)
  }

  get layer() {
    return this.#layer
  }

  /** A new command at a point, by the campus' clock. */
  says<Body extends Command.Command>(point: string, body: Body): Submit.Statement<Body> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`test-${++this.#commands}`),
      at: this.now,
      point: Id.PointId.make(point),
      subject: holder,
      body,
      ...Clerk.at(this.profile, point, body)
    }
  }

  /** A student with an active card. */
  get furnished() {
    return Effect.gen({ self: this }, function*() {
      const opening = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      yield* Opening.open(this.says("card-centre", opening), student)
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card: Id.CardId.make("card-1") }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card: Id.CardId.make("card-1") }))
    })
  }

  #asks(source: Recharge.FundingSource, fen: number) {
    const amount = Money.amount(fen)
    const body = { _tag: "PlaceRecharge", channel: rechargedBy, source, holder: "own", amount } as const
    return this.says("today-campus", body)
  }

  /** The student recharges so many fen. */
  place(source: Recharge.FundingSource, fen: number, payer: RechargeChannel.Payer = { _tag: "Scan" }) {
    return Effect.map(Recharging.place(this.#asks(source, fen), {}, payer), placed)
  }

  /** The student turns to another source for an order. */
  turn(order: Recharge.Order, source: Recharge.FundingSource, payer: RechargeChannel.Payer = { _tag: "Scan" }) {
    return Effect.map(Recharging.turn(order, this.#asks(source, order.amount), {}, payer), placed)
  }

  /** The student closes the account; what comes then has to go back. */
  get closeAccount() {
    return Effect.suspend(() => Submit.submit(this.says("window-3", { _tag: "CloseAccount" })))
  }
}

const placed = (placed: Recharging.Turned) => {
  if (placed._tag !== "Placed") throw new Error(JSON.stringify(placed))
  return placed
}

/** One round of the driver: every order that is open, with what became of it. `point`: on whose behalf. */
export const drive = (point = office) => Stream.runCollect(Recharging.drive(point))

/** An order as it is stored. */
export const orderOf = Effect.fnUntraced(function*(id: Id.OrderId) {
  return Option.getOrThrow(yield* (yield* SubjectStore.SubjectStore).find(RechargeOrder.decider, id))
})

/** An attempt as it is stored. */
export const attemptOf = Effect.fnUntraced(function*(number: Id.OrderNumber) {
  return Option.getOrThrow(yield* (yield* SubjectStore.SubjectStore).find(PaymentAttempt.decider, number))
})

/** What the account holds now. */
export const pockets = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* AccountStore.AccountStore).find(holder)).pockets
})

/** All books of the school, which must hold nothing together and agree with every event. */
export const books = Effect.gen(function*() {
  const report = yield* Books.check(...Books.house, Books.kind(PaymentAttempt.decider))
  if (report.breaks.length > 0) throw new Error(JSON.stringify(report.breaks))
  let sum = 0
  for (const held of report.balances.values()) sum += held
  if (sum !== 0) throw new Error(`The books hold ${sum}`)
  return report.balances
})
