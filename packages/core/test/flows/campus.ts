/** A campus in memory with one student, for tests of the flows: a clock that the test moves, and a channel that it pays. */
import { Effect, Layer, Option, Redacted, Result } from "effect"
import { type Instant, instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as IdentityDocument from "../../src/IdentityDocument.ts"
import type { Person } from "../../src/Person.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { type RechargeChannel, RechargeChannels } from "../../src/ports/RechargeChannel.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import type { SchoolProfile } from "../../src/SchoolProfile.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemoryPorts from "../../src/testing/MemoryPorts.ts"

export const account = Id.AccountId.make("account-1")
export const card = Id.CardId.make("card-1")
export const holder: Command.Subject = { _tag: "Account", account }

export const student: Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}

const layerOf = (profile: SchoolProfile, channels: ReadonlyArray<RechargeChannel>) =>
  Layer.merge(MemoryAccountStore.layer, MemoryPorts.layer).pipe(
    Layer.merge(RechargeChannels.layer(channels)),
    Layer.provideMerge(Profiles.layer([profile]))
  )

export class Campus {
  now: Instant = instant("2026-03-02 12:00")
  #commands = 0
  #layer

  constructor(...channels: ReadonlyArray<RechargeChannel>) {
    this.#layer = layerOf(csmzxy, channels)
  }

  /** The campus of another school. */
  static under(profile: SchoolProfile, ...channels: ReadonlyArray<RechargeChannel>): Campus {
    const campus = new Campus(...channels)
    campus.#layer = layerOf(profile, channels)
    return campus
  }

  /** Runs one test on this campus. */
  run<A, E>(test: Effect.Effect<A, E, Layer.Success<Campus["layer"]>>): Promise<A> {
    return test.pipe(HostClock.provide(() => this.now), Effect.provide(this.#layer), Effect.runPromise)
  }

  get layer() {
    return this.#layer
  }

  /** A new command at a point, by the campus' clock. */
  says<Body extends Command.Command>(
    point: string,
    body: Body,
    subject: Command.Subject = holder
  ): Submit.Statement<Body> {
    return {
      caller: Id.CallerId.make("test"),
      id: Id.CommandId.make(`test-${++this.#commands}`),
      at: this.now,
      point: Id.PointId.make(point),
      subject,
      body,
      ...Clerk.at(csmzxy, point, body)
    }
  }

  /** A student with an active card. */
  get furnished() {
    return Effect.gen({ self: this }, function*() {
      const opening = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
      yield* Opening.open(this.says("card-centre", opening), student)
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card }))
    })
  }
}

/** What the account holds now. */
export const pockets = Effect.gen(function*() {
  const found = yield* (yield* AccountStore).find(holder)
  return Option.getOrThrow(found).pockets
})
