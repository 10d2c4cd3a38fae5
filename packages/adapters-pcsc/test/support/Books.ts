/**
 * The campus behind the tills of the tests: in memory, with one student whose card is the virtual one; a clock that the test moves, and a bank
 * that pays what it is told.
 */
import {
  AccountStore,
  CivilTime,
  Csmzxy,
  HostClock,
  Id,
  IdentityDocument,
  Money,
  Opening,
  Profiles,
  RechargeChannel,
  Recharging,
  Submit
} from "@yikatong/core"
import type { AccountState, Command, Person } from "@yikatong/core"
import { Clerk, MemoryAccountStore, MemoryPorts, SimulatedChannel } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Option, Redacted, Result } from "effect"
import type * as Till from "../../src/Till.ts"

export const profile = Csmzxy.csmzxy
const account = Id.AccountId.make("account-1")
const holder: Command.Subject = { _tag: "Account", account }
const document = "43010219990101125X"
const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", document))
}

type Services = Layer.Success<ReturnType<typeof layerOf>>

const layerOf = (channel: RechargeChannel.RechargeChannel) =>
  Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer).pipe(
    Layer.merge(RechargeChannel.RechargeChannels.layer([channel])),
    Layer.provideMerge(Profiles.Profiles.layer([profile]))
  )

export class Books {
  now: CivilTime.Instant = CivilTime.instant("2026-03-02 10:00")
  readonly card: Id.CardId
  readonly #bank = SimulatedChannel.make("todayCampus")
  readonly #runtime = ManagedRuntime.make(layerOf(this.#bank.channel))
  #commands = 0

  constructor(card: Id.CardId) {
    this.card = card
  }

  /** Runs on this campus, by its clock. */
  run<A, E>(effect: Effect.Effect<A, E, Services>): Promise<A> {
    return this.#runtime.runPromise(this.clock(effect))
  }

  /** By its clock. */
  readonly clock = HostClock.provide(() => this.now)

  /** Opens the account, hands the card out and activates it. */
  open(): Promise<void> {
    return this.run(Effect.gen({ self: this }, function*() {
      const opening = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      yield* Opening.open(this.says("card-centre", opening), student)
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card: this.card }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card: this.card }))
    }))
  }

  /** So many fen are recharged, and wait for the card. */
  recharge(fen: number): Promise<void> {
    return this.run(Effect.gen({ self: this }, function*() {
      const amount = Money.amount(fen)
      const wish = { channel: "todayCampus", source: "weChat", holder: "own", amount } as const
      const placed = yield* Recharging.place(this.says("today-campus", { _tag: "PlaceRecharge", ...wish }))
      if (placed._tag === "Refused") throw new Error(JSON.stringify(placed.answer))
      this.#bank.pay(placed.order.id, amount, this.now)
      yield* Recharging.confirm(placed.order, Id.PointId.make("card-centre"))
    }))
  }

  /** The account as it is now. */
  account(): Promise<AccountState.AccountState> {
    return this.run(Effect.gen(function*() {
      return Option.getOrThrow(yield* (yield* AccountStore.AccountStore).find(holder))
    }))
  }

  /** A new command of the student's, at a point. */
  says<Body extends Command.Command>(point: string, body: Body): Submit.Statement<Body> {
    return { ...this.tap(point), at: this.now, subject: holder, body, ...Clerk.at(profile, point, body) }
  }

  /** A new tap at a till. */
  tap(point = "canteen-1"): Till.Named {
    return {
      caller: Id.CallerId.make("tills"),
      id: Id.CommandId.make(`tap-${++this.#commands}`),
      point: Id.PointId.make(point)
    }
  }

  later(milliseconds: number): void {
    this.now = CivilTime.later(this.now, milliseconds)
  }
}
