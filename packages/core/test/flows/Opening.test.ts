import { Effect, Layer, Option, Redacted, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import { instant } from "../../src/CivilTime.ts"
import { StoreUnavailable } from "../../src/Fault.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Id from "../../src/Id.ts"
import * as IdentityDocument from "../../src/IdentityDocument.ts"
import type { AccountClass, Person } from "../../src/Person.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import type { Ports } from "../../src/ports/Backend.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { PersonRegister } from "../../src/ports/PersonRegister.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemoryPorts from "../../src/testing/MemoryPorts.ts"

const now = instant("2026-03-02 10:00")
const document = (number: string) => Result.getOrThrow(IdentityDocument.parse("residentId", number))
const li: Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: document("43010219990101125X")
}
const teacher: Person = { ...li, kind: "staff" }

/** What is said otherwise than "person-1 opens the regular account acc-1, at the card centre". */
interface Otherwise {
  readonly id?: string
  readonly account?: string
  readonly class?: AccountClass
  readonly point?: string
  /** Who the command says that it is. */
  readonly stated?: { readonly person?: Id.PersonId; readonly kind?: Person["kind"] }
}

const open = (person: Person, { account = "acc-1", class: accountClass = "regular", ...how }: Otherwise = {}) =>
  Opening.open({
    caller: Id.CallerId.make("host"),
    id: Id.CommandId.make(how.id ?? "open-1"),
    at: now,
    point: Id.PointId.make(how.point ?? "card-centre"),
    subject: { _tag: "Account", account: Id.AccountId.make(account) },
    body: { _tag: "OpenAccount", person: person.id, kind: person.kind, ...how.stated, class: accountClass }
  }, person)

/** All that is known: people, accounts, where the numbers lead, and how long the journal is. */
const known = Effect.gen(function*() {
  const register = yield* PersonRegister
  const store = yield* AccountStore
  const numberOf = (value: string) => store.find({ _tag: "Handle", handle: { kind: "number", value } })
  const people = yield* Effect.forEach(["person-1", "person-2"], (id) => register.find(Id.PersonId.make(id)))
  const leads = yield* Effect.forEach(["20260001", "20260002"], numberOf)
  return {
    people: people.flatMap((person) => Option.toArray(person)),
    leads: leads.map((account) => Option.getOrUndefined(account)?.id),
    accounts: (yield* Stream.runCollect(store.accounts)).map(({ id }) => id),
    lines: (yield* Stream.runCollect(store.journal())).length
  }
})

/** On a campus of its own. */
const on = <A, E>(
  story: Effect.Effect<A, E, Ports>,
  change: (layer: Layer.Layer<Ports>) => Layer.Layer<Ports> = (layer) => layer
): Promise<A> => {
  const ports = MemoryAccountStore.layer.pipe(
    Layer.merge(MemoryPorts.layer),
    Layer.provide(Profiles.layer([csmzxy]))
  )
  return Effect.runPromise(story.pipe(HostClock.provide(() => now), Effect.provide(change(ports))))
}

describe("an account is opened (R35, D20)", () => {
  it("D20 the person is enrolled, and the number leads to the account", () =>
    on(Effect.gen(function*() {
      const { answer, oneTime } = yield* open(li)
      expect(answer).toMatchObject({ _tag: "Approved", account: "acc-1" })
      expect(Option.isNone(oneTime)).toBe(true)
      expect(yield* known).toEqual({ people: [li], leads: ["acc-1", undefined], accounts: ["acc-1"], lines: 1 })
    })))

  it("I3 opened twice by one command: one account, one person, one line", () =>
    on(Effect.gen(function*() {
      const first = yield* open(li)
      const before = yield* known
      expect(yield* open({ ...li, name: Redacted.make(" 李华 ") })).toEqual(first)
      expect(yield* known).toEqual(before)
    })))

  it("R74 a teacher has a temporary account beside the regular one, and the number leads to the regular one", () =>
    on(Effect.gen(function*() {
      yield* open(teacher, { id: "a", account: "acc-t", class: "temporary" })
      expect((yield* known).leads).toEqual([undefined, undefined])
      yield* open(teacher, { id: "b" })
      yield* open(teacher, { id: "c", account: "acc-u", class: "temporary" })
      expect(yield* known).toMatchObject({ leads: ["acc-1", undefined], accounts: ["acc-t", "acc-1", "acc-u"] })
    })))
})

describe("D13 what is declined or misuse changes nothing", () => {
  it.each(
    [
      ["at a kiosk", li, { point: "kiosk-1" }, "ChannelNotAllowed"],
      ["at no point of this school", li, { point: "nowhere-1" }, "UnknownPoint"],
      ["a student's temporary one", li, { class: "temporary" }, "NotEligibleForTempCard"],
      ["a visitor's regular one", { ...li, kind: "visitor" }, {}, "NotEligibleForRegularCard"]
    ] as const
  )(
    "D13 declined, %s: nobody is enrolled, and the number is free",
    (_, person, how, decline) =>
      on(Effect.gen(function*() {
        const { answer } = yield* open(person, how)
        expect(answer).toMatchObject({ _tag: "Declined", decline: { _tag: decline } })
        expect(yield* known).toEqual({ people: [], leads: [undefined, undefined], accounts: [], lines: 1 })
        // Declined once is declined for good under this id, and another id is free to succeed.
        yield* open(person, how)
        expect((yield* known).people).toEqual([])
        expect(yield* open(li, { id: "open-2" })).toMatchObject({ answer: { _tag: "Approved" } })
      }))
  )

  it.each(
    [
      ["name", { name: Redacted.make("李明") }],
      ["number", { number: "20260002" }],
      ["document", { document: document("11010519491231002X") }],
      ["kind", { kind: "staff" }]
    ] as const
  )(
    "D13 a person who is known with another %s is not replaced, whatever would be answered",
    (field, other) =>
      on(Effect.gen(function*() {
        yield* open(li)
        const before = yield* known
        const ways: ReadonlyArray<Otherwise> = [
          {},
          { id: "b", account: "acc-2" },
          { id: "c", account: "acc-2", class: "temporary" },
          { id: "d", account: "acc-2", point: "kiosk-1" }
        ]
        for (const way of ways) {
          const misuse = yield* Effect.flip(open({ ...li, ...other }, way))
          expect(misuse).toMatchObject({ _tag: "PersonDiffers", person: li.id, differs: [field] })
          expect(misuse.message).toBe(`Person person-1 is stated with another ${field} than is known`)
        }
        expect(yield* known).toEqual(before)
      }))
  )

  it.each(
    [
      ["id", { person: Id.PersonId.make("person-2") }],
      ["kind", { kind: "staff" }]
    ] as const
  )("D13 the command states another %s than the person has", (field, stated) =>
    on(Effect.gen(function*() {
      const misuse = yield* Effect.flip(open(li, { stated }))
      expect(misuse).toMatchObject({ _tag: "PersonDiffers", differs: [field] })
      expect(yield* known).toEqual({ people: [], leads: [undefined, undefined], accounts: [], lines: 0 })
    })))

  it("D24 the misuse repeats nothing of the person", () =>
    on(Effect.gen(function*() {
      yield* open(li)
      const other = { ...li, name: Redacted.make("李明"), document: document("11010519491231002X"), number: "20260002" }
      const misuse = yield* Effect.flip(open(other))
      expect(misuse).toMatchObject({ differs: ["number", "name", "document"] })
      expect(`${misuse.message}${JSON.stringify(misuse)}`).not.toMatch(/李|2026000|002X|125X/)
    })))

  it("R74 one person has one regular account", () =>
    on(Effect.gen(function*() {
      yield* open(li)
      const before = yield* known
      const misuse = yield* Effect.flip(open(li, { id: "b", account: "acc-2" }))
      expect(misuse).toMatchObject({ _tag: "HandleTaken", kind: "number" })
      expect(yield* known).toEqual(before)
    })))

  it.each(["regular", "temporary"] as const)(
    "D20 another person has the number already: no %s account",
    (accountClass) =>
      on(Effect.gen(function*() {
        const register = yield* PersonRegister
        yield* register.enrol({ ...teacher, id: Id.PersonId.make("person-2") })
        const before = yield* known
        const misuse = yield* Effect.flip(open(teacher, { class: accountClass }))
        expect(misuse).toMatchObject({ _tag: "HandleTaken", kind: "number" })
        expect(yield* known).toEqual(before)
      }))
  )
})

describe("D18 cut off in the middle, the same command does the rest", () => {
  /** A campus whose named step fails the first time. */
  const failing = (step: "enrol" | "bind") => (layer: Layer.Layer<Ports>): Layer.Layer<Ports> => {
    let broken = true
    const once = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => {
        if (!broken) return effect
        broken = false
        return Effect.fail(new StoreUnavailable({ operation: step, cause: new Error("cut off") }))
      })
    const change = Effect.gen(function*() {
      const store = yield* AccountStore
      const register = yield* PersonRegister
      return Layer.mergeAll(
        Layer.succeed(AccountStore, {
          ...store,
          ...(step === "bind" ? { bind: (handle, account) => once(store.bind(handle, account)) } : {})
        }),
        Layer.succeed(PersonRegister, {
          ...register,
          ...(step === "enrol" ? { enrol: (person) => once(register.enrol(person)) } : {})
        })
      )
    })
    return Layer.provideMerge(Layer.unwrap(change), layer)
  }

  it.each(
    [
      ["before the person is enrolled", "enrol", [], [undefined, undefined]],
      ["before the number is bound", "bind", [li], [undefined, undefined]]
    ] as const
  )("D18 %s", (_, step, people, leads) =>
    on(
      Effect.gen(function*() {
        expect(yield* Effect.flip(open(li))).toMatchObject({ _tag: "StoreUnavailable" })
        expect(yield* known).toEqual({ people, leads, accounts: ["acc-1"], lines: 1 })
        const { answer } = yield* open(li)
        expect(answer).toMatchObject({ _tag: "Approved", account: "acc-1" })
        expect(yield* known).toEqual({ people: [li], leads: ["acc-1", undefined], accounts: ["acc-1"], lines: 1 })
      }),
      failing(step)
    ))
})
