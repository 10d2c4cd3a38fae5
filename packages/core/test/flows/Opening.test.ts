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
import type { Application } from "../../src/TemporaryCard.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemoryPorts from "../../src/testing/MemoryPorts.ts"
import { applicationOf } from "../support/Life.ts"

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
  /** The form, where it is not a complete one. */
  readonly application?: Application
  readonly point?: string
  /** Who the command says that it is. */
  readonly stated?: { readonly person?: Id.PersonId; readonly kind?: Person["kind"] }
}

const open = (person: Person, { account = "acc-1", class: accountClass = "regular", ...how }: Otherwise = {}) =>
  Opening.open({
    caller: Id.CallerId.make("host"),
    id: Id.CommandId.make(how.id ?? "open-1"),
    at: now,
    point: Id.PointId.make(how.point ?? at[accountClass]),
    subject: { _tag: "Account", account: Id.AccountId.make(account) },
    body: {
      _tag: "OpenAccount",
      person: person.id,
      kind: person.kind,
      ...how.stated,
      class: accountClass,
      ...(accountClass === "temporary"
        ? { application: how.application ?? applicationOf({ until: "2026-06-30" }) }
        : {})
    },
    ...Clerk.at(csmzxy, how.point ?? at[accountClass])
  }, person)

/** A regular account is opened by the office, a temporary one at window 3 (R55). */
const at = { regular: "card-centre", temporary: "window-3" }

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

/** An account is closed at window 3. */
const close = (account: string) =>
  Effect.flatMap(AccountStore, (store) =>
    store.transact({
      caller: Id.CallerId.make("host"),
      id: Id.CommandId.make(`close-${account}`),
      at: now,
      receivedAt: now,
      point: Id.PointId.make("window-3"),
      subject: { _tag: "Account", account: Id.AccountId.make(account) },
      body: { _tag: "CloseAccount" },
      ...Clerk.at(csmzxy, "window-3")
    }))

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

describe("whose number leads where (R8, R22, R74, D20)", () => {
  const visitor: Person = { ...li, kind: "visitor" }
  const temporary = { class: "temporary" } as const

  it.each(
    [
      ["visitor", [temporary], ["acc-1"]],
      ["trainee", [temporary], ["acc-1"]],
      ["staff", [temporary], [undefined]],
      ["staff", [temporary, { class: "regular" }], ["acc-2"]],
      ["staff", [{ class: "regular" }, temporary], ["acc-1"]],
      ["student", [{ class: "regular" }], ["acc-1"]]
    ] as const
  )("R8 R74 a %s with %j: %s", (kind, classes, leads) =>
    on(Effect.gen(function*() {
      for (const [n, one] of classes.entries()) {
        const { answer } = yield* open({ ...li, kind }, { ...one, id: `open-${n + 1}`, account: `acc-${n + 1}` })
        expect(answer._tag).toBe("Approved")
      }
      expect((yield* known).leads.slice(0, 1)).toEqual(leads)
    })))

  it("R74 a visitor has one temporary account at a time", () =>
    on(Effect.gen(function*() {
      yield* open(visitor, temporary)
      const before = yield* known
      const misuse = yield* Effect.flip(open(visitor, { ...temporary, id: "b", account: "acc-2" }))
      expect(misuse).toMatchObject({ _tag: "HandleTaken", kind: "number" })
      expect(yield* known).toEqual(before)
    })))

  // Whoever had visited the school once could never be invited again.
  it("R8 R22 a visitor who comes again: the number of the closed account leads to the new one", () =>
    on(Effect.gen(function*() {
      yield* open(visitor, temporary)
      yield* close("acc-1")
      const again = { ...temporary, id: "open-2", account: "acc-2" }
      expect((yield* open(visitor, again)).answer).toMatchObject({ _tag: "Approved", account: "acc-2" })
      expect(yield* known).toMatchObject({ leads: ["acc-2", undefined], accounts: ["acc-1", "acc-2"] })
      // Sent again it is the same, and a third one beside it is none.
      expect((yield* open(visitor, again)).answer).toMatchObject({ _tag: "Approved", account: "acc-2" })
      yield* Effect.flip(open(visitor, { ...temporary, id: "open-3", account: "acc-3" }))
      expect(yield* known).toMatchObject({ leads: ["acc-2", undefined], accounts: ["acc-1", "acc-2"], lines: 3 })
    })))

  it("R74 who leaves and comes back has a regular account again", () =>
    on(Effect.gen(function*() {
      yield* open(li)
      yield* close("acc-1")
      yield* open(li, { id: "open-2", account: "acc-2" })
      expect((yield* known).leads).toEqual(["acc-2", undefined])
    })))

  it("D13 declined, the number goes on leading to the closed account", () =>
    on(Effect.gen(function*() {
      yield* open(visitor, temporary)
      yield* close("acc-1")
      const { answer } = yield* open(visitor, { ...temporary, id: "open-2", account: "acc-2", point: "kiosk-1" })
      expect(answer).toMatchObject({ _tag: "Declined", decline: { _tag: "ChannelNotAllowed" } })
      expect((yield* known).leads).toEqual(["acc-1", undefined])
    })))

  it("A13 a visitor with a passport is given a one-time password, told once; one with an identity card is not", () =>
    on(Effect.gen(function*() {
      const passport = Result.getOrThrow(IdentityDocument.parse("passport", "E12345678"))
      const first = yield* open({ ...visitor, document: passport }, temporary)
      expect(Option.map(first.oneTime, Redacted.value)).toEqual(Option.some("200000"))
      const again = yield* open({ ...visitor, document: passport }, temporary)
      expect(again).toEqual({ answer: first.answer, oneTime: Option.none() })
    })))

  it("R53 R54 D13 a form without its stamp enrols nobody", () =>
    on(Effect.gen(function*() {
      const { answer } = yield* open(visitor, {
        ...temporary,
        application: applicationOf({ stamped: false, until: "2026-06-30" })
      })
      expect(answer).toMatchObject({ decline: { _tag: "DocumentMissing", missing: ["formStamped"] } })
      expect(yield* known).toEqual({ people: [], leads: [undefined, undefined], accounts: [], lines: 1 })
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

  it.each(["unbind", "bind"] as const)("D18 R8 between the closed account and the new one, at %s", (step) => {
    let broken = false
    const once = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.suspend((): Effect.Effect<A, E | StoreUnavailable> => {
        if (!broken) return effect
        broken = false
        return Effect.fail(new StoreUnavailable({ operation: step, cause: new Error("cut off") }))
      })
    return on(
      Effect.gen(function*() {
        yield* open({ ...li, kind: "visitor" }, { class: "temporary" })
        yield* close("acc-1")
        const again = open({ ...li, kind: "visitor" }, { class: "temporary", id: "open-2", account: "acc-2" })
        broken = true
        expect(yield* Effect.flip(again)).toMatchObject({ _tag: "StoreUnavailable" })
        expect((yield* again).answer).toMatchObject({ _tag: "Approved", account: "acc-2" })
        expect(yield* known).toMatchObject({ leads: ["acc-2", undefined], accounts: ["acc-1", "acc-2"], lines: 3 })
      }),
      (layer) => {
        const change = Effect.map(AccountStore, (store) =>
          Layer.succeed(AccountStore, {
            ...store,
            bind: (handle, account) =>
              step === "bind" ? once(store.bind(handle, account)) : store.bind(handle, account),
            unbind: (handle) => step === "unbind" ? once(store.unbind(handle)) : store.unbind(handle)
          }))
        return Layer.provideMerge(Layer.unwrap(change), layer)
      }
    )
  })

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
