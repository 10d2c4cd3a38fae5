/** A campus in memory whose phones show codes: a student with money, and a clock that the test moves. */
import { Effect, Layer, Option, Redacted, Result, Stream } from "effect"
import { type Instant, instant, later } from "../../src/CivilTime.ts"
import * as CodeKeys from "../../src/CodeKeys.ts"
import type { CodeMedium } from "../../src/CodeTerms.ts"
import type * as Command from "../../src/Command.ts"
import * as Authorising from "../../src/flows/Authorising.ts"
import * as Codes from "../../src/flows/Codes.ts"
import * as Opening from "../../src/flows/Opening.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import * as IdentityDocument from "../../src/IdentityDocument.ts"
import * as Money from "../../src/Money.ts"
import type { Person } from "../../src/Person.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import * as HostClock from "../../src/ports/HostClock.ts"
import { Profiles } from "../../src/ports/Profiles.ts"
import { SubjectStore } from "../../src/ports/SubjectStore.ts"
import * as PresentedCode from "../../src/PresentedCode.ts"
import * as RefusedScan from "../../src/RefusedScan.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import * as MemoryAccountStore from "../../src/testing/MemoryAccountStore.ts"
import * as MemoryCodeIssuer from "../../src/testing/MemoryCodeIssuer.ts"
import * as MemoryPorts from "../../src/testing/MemoryPorts.ts"
import { keys, secrets } from "../support/codes.ts"
import { applicationOf, school } from "../support/Life.ts"

export const profile = school({
  codes: { issuers: keys, signed: ["todayCampusCode", "ecodePayCode", "ecodeIdentityCode"] }
})
export const account = Id.AccountId.make("account-1")
export const holder: Command.Subject = { _tag: "Account", account }
export const caller = Id.CallerId.make("host")

const student: Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}

/** A phone, by the byte of which its secret key is made. It counts its codes, and keeps what it was authorised for. */
export class Phone {
  readonly #secret: CodeKeys.SecretKey
  readonly deviceKey: CodeKeys.PublicKey
  counter = 0
  authorisation: Extract<Authorising.Authorised, { readonly _tag: "Authorised" }> | undefined
  constructor(byte: number) {
    this.#secret = CodeKeys.secretKey(new Uint8Array(32).fill(byte))
    this.deviceKey = CodeKeys.publicKeyOf(this.#secret)
  }

  /** The code that it shows at this time. */
  show(now: Instant, point?: string): string {
    if (this.authorisation === undefined) throw new Error("The phone has no authorisation")
    return Result.getOrThrow(PresentedCode.present(this.authorisation.authorisation, this.#secret, {
      now,
      counter: ++this.counter,
      point: point === undefined ? undefined : Id.PointId.make(point)
    }))
  }
}

export class Campus {
  now: Instant = instant("2025-11-03 12:00:10")
  readonly layer
  #commands = 0

  constructor(rules = profile) {
    this.layer = Layer.mergeAll(
      MemoryAccountStore.layer,
      MemoryPorts.layer,
      MemoryCodeIssuer.layer(
        new Map([[CodeKeys.Kid.make(1), secrets.issuer], [CodeKeys.Kid.make(2), secrets.otherIssuer]])
      )
    ).pipe(Layer.provideMerge(Profiles.layer([rules])))
  }

  /** Runs one test on this campus. */
  run<A, E>(test: Effect.Effect<A, E, Layer.Success<Campus["layer"]>>): Promise<A> {
    return test.pipe(HostClock.provide(() => this.now), Effect.provide(this.layer), Effect.runPromise)
  }

  pass(milliseconds: number): void {
    this.now = later(this.now, milliseconds)
  }

  says<Body extends Command.Command>(point: string, body: Body, subject: Command.Subject = holder) {
    return {
      ...this.named(),
      at: this.now,
      point: Id.PointId.make(point),
      subject,
      body,
      ...Clerk.at(profile, point, body)
    } satisfies Submit.Statement<Body>
  }

  named() {
    return { caller, id: Id.CommandId.make(`test-${++this.#commands}`) }
  }

  /** What a camera saw at a point. */
  sees(point: string, text: string): Codes.Scan {
    return { ...this.named(), at: this.now, point: Id.PointId.make(point), text }
  }

  /** So much is paid with this text, at canteen 1 or as it is said. */
  pay(text: string, yuan = "1.00", point = "canteen-1") {
    return Codes.pay({ ...this.sees(point, text), amount: Money.amount(Money.yuan(yuan)), link: "up" })
  }

  /** A student with an account, and nothing else. */
  get opened() {
    const opening = { _tag: "OpenAccount", person: student.id, kind: "student", class: "regular" } as const
    return Opening.open(this.says("card-centre", opening), student)
  }

  /** A visitor until the end of the year, beside the student. */
  get visitor() {
    const visitor: Person = { ...student, id: Id.PersonId.make("person-2"), kind: "visitor", number: "v-1" }
    const application = applicationOf({ until: "2025-12-31" })
    const opening = {
      _tag: "OpenAccount",
      person: visitor.id,
      kind: "visitor",
      class: "temporary",
      application
    } as const
    const subject: Command.Subject = { _tag: "Account", account: Id.AccountId.make("account-2") }
    return Effect.as(Opening.open(this.says("window-3", opening, subject), visitor), subject)
  }

  /** A student with an active card and 100 yuan. */
  get furnished() {
    return Effect.gen({ self: this }, function*() {
      yield* this.opened
      const card = Id.CardId.make("card-1")
      yield* Submit.submit(this.says("window-ccb", { _tag: "IssueCard", card }))
      yield* Submit.submit(this.says("window-3", { _tag: "ActivateCard", card }))
      const amount = Money.amount(Money.yuan("100.00"))
      yield* Submit.submit(this.says("card-centre", { _tag: "GrantSubsidy", amount }))
    })
  }

  /** A phone of the student's, authorised for this medium. */
  phone(medium: CodeMedium, byte = 7) {
    return Effect.gen(function*() {
      const phone = new Phone(byte)
      yield* renew(phone, medium)
      return phone
    })
  }
}

/** The phone asks for a new authorisation, and keeps it. */
export const renew = Effect.fnUntraced(function*(phone: Phone, medium: CodeMedium) {
  const authorised = yield* Authorising.authorise({ subject: holder, medium, deviceKey: phone.deviceKey })
  if (authorised._tag === "Declined") throw new Error(authorised.decline._tag)
  phone.authorisation = authorised
})

/** Stores that let others go first before each answer, so many times as it is said in turn, as they do over a network. */
export const slow = (...turns: ReadonlyArray<number>) => <A, E, R>(test: Effect.Effect<A, E, R>) => {
  let calls = 0
  const late = <B, F, S>(answer: Effect.Effect<B, F, S>) =>
    Effect.gen(function*() {
      for (let left = turns[calls++ % turns.length] ?? 0; left > 0; left--) yield* Effect.yieldNow
      return yield* answer
    })
  return test.pipe(
    Effect.updateService(AccountStore, (store) => ({
      ...store,
      answered: (key) => late(store.answered(key)),
      find: (subject) => late(store.find(subject)),
      retire: (key) => late(store.retire(key)),
      transact: (envelope) => late(store.transact(envelope))
    })),
    Effect.updateService(SubjectStore, (store): SubjectStore["Service"] => ({
      ...store,
      find: (decider, subject) => late(store.find(decider, subject)),
      transact: (decider, submitted) => late(store.transact(decider, submitted))
    }))
  )
}

/** They let others go first once. */
export const busy = slow(1)

/** What was told, in one word. */
export const word = (
  told: { readonly _tag: string } | {
    readonly _tag: "Declined" | "Refused"
    readonly decline: { readonly _tag: string }
  }
): string => "decline" in told ? told.decline._tag : told._tag

/** All that is kept: the journal of the accounts, the account itself, and the refused scans. */
export const kept = Effect.gen(function*() {
  const store = yield* AccountStore
  const subjects = yield* SubjectStore
  return {
    lines: yield* Stream.runCollect(store.journal()),
    account: Option.getOrThrow(yield* store.find(holder)),
    refused: yield* Stream.runCollect(subjects.all(RefusedScan.decider))
  }
})
