/**
 * One life on a store: each command goes to the model and to the store, and everything that must hold is looked at
 * before the next one.
 */
import { Effect, Option, Result, Stream } from "effect"
import * as Account from "../../src/Account.ts"
import { type AccountState, evolve } from "../../src/AccountState.ts"
import * as Answer from "../../src/Answer.ts"
import type { Attendance } from "../../src/Attendance.ts"
import type { Instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Id from "../../src/Id.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Money from "../../src/Money.ts"
import * as Original from "../../src/Original.ts"
import * as Password from "../../src/Password.ts"
import * as Person from "../../src/Person.ts"
import type { Weakness } from "../../src/Pin.ts"
import type { AccountStore } from "../../src/ports/AccountStore.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import type * as Recharge from "../../src/Recharge.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
import type { VerifiedCode } from "../../src/VerifiedCode.ts"
import { written } from "./Dates.ts"
import { agreeOnDormancy, agreeOnKeyRing, decideTwice, refusesAlike, servesOnce } from "./Decisions.ts"
import { type Expected, fits, frozen, same } from "./Expected.ts"
import { agreeWithModel, agreeWithPlastic, Watch } from "./Invariants.ts"
import { Model } from "./Model.ts"
import { answerTo } from "./Rules.ts"
import type { Statistics } from "./Statistics.ts"

export type Store = AccountStore["Service"]

/** How a command is sent otherwise than plainly. */
export interface Ways {
  readonly id?: string
  readonly at?: number
  readonly subject?: Command.Subject
  readonly password?: "right" | "wrong" | "stale" | undefined
  /** What was held against the register beside the number, and fitted; or that something did not. */
  readonly identity?: "name" | "wrongName" | "document" | "wrongDocument" | "both" | "wrong"
  readonly fresh?: { readonly weakness?: Weakness; readonly oneTime?: boolean }
  readonly evidence?: Recharge.PaidEvidence
  readonly retryOf?: string
  /** Who attends, where it is not the usual clerk with all papers on the desk. */
  readonly attendance?: Attendance | "nobody"
  /** The code that was judged. */
  readonly code?: VerifiedCode | undefined
  /** The purchase that was looked up, since it is to go back. */
  readonly original?: Id.PurchaseId
}

export class Life {
  readonly model: Model
  readonly #store: Store
  readonly #mirror: Store | undefined
  readonly #statistics: Statistics
  readonly #watch = new Watch()
  #state: AccountState | undefined
  #commands = 0

  /** `account`: an id that the store has not seen. `mirror`: another store that must give the same answers. */
  constructor(account: string, now: number, store: Store, statistics: Statistics, mirror?: Store) {
    this.model = new Model(account, now)
    this.#store = store
    this.#mirror = mirror
    this.#statistics = statistics
  }

  get own(): Command.Subject {
    return { _tag: "Account", account: Id.AccountId.make(this.model.account) }
  }

  get handle(): Id.Handle {
    return { kind: "number", value: this.model.account }
  }

  /** An id for the next command, order or card of this life. */
  name(of: string): string {
    return `${this.model.account}.${of}${++this.#commands}`
  }

  /** Sends a command, and holds its answer against the model. */
  async send(point: string, body: Command.Command, ways: Ways = {}): Promise<Answer.Answer> {
    const { account, now } = this.model
    const id = ways.id ?? this.name("c")
    const envelope = frozen({
      caller: Id.CallerId.make(body._tag === "CreditRecharge" ? "recharging" : "lives"),
      id: Id.CommandId.make(id),
      at: (ways.at ?? now) as Instant,
      receivedAt: now as Instant,
      point: Id.PointId.make(point),
      subject: ways.subject ?? this.own,
      body,
      proofs: this.#proofs(id, ways),
      ...(ways.evidence === undefined ? {} : { evidence: ways.evidence }),
      ...(ways.retryOf === undefined ? {} : { retryOf: Id.CommandId.make(ways.retryOf) }),
      ...(ways.attendance === undefined
        ? Clerk.at(csmzxy, point, body)
        : ways.attendance === "nobody"
        ? {}
        : { attendance: ways.attendance })
    }) as Command.Envelope
    const { subject } = envelope
    const found = subject._tag === "Account"
      ? subject.account === account
      : subject._tag === "Handle"
      ? subject.handle.value === account
      : this.model.card(subject.card) !== undefined
    const before = found ? this.#state : undefined
    const decision = decideTwice(before, envelope)
    if (refusesAlike(before, envelope, decision)) this.#statistics.count("I17")
    if (servesOnce(envelope, decision)) this.#statistics.count("A22")
    const expected = answerTo(this.model, envelope)
    const answer = await this.#transact(envelope)
    if (Result.isFailure(answer)) throw this.#wrong("a new command is misuse", envelope, expected, answer.failure)
    const told = answer.success
    if (!fits(expected, told)) throw this.#wrong("the answer is not what the model says", envelope, expected, told)
    if (!same(told, Answer.of(decision))) {
      throw this.#wrong("the store decides otherwise", envelope, Answer.of(decision), told)
    }
    this.model.history.push({ envelope, answer: told })
    this.#statistics.sent(envelope, told)
    if (told._tag === "Declined" && decision.events.some(({ _tag }) => _tag === "CodeBurned")) {
      this.#statistics.count("burnt by a refusal")
    }
    await this.#moveOn(decision.events.reduce<AccountState | undefined>(evolve, this.#state), envelope, told)
    return told
  }

  /**
   * Sends a command of old once more, later and with other proofs: it is told the same, and nothing changes (I3, D16).
   */
  async sendAgain({ answer, envelope }: Model["history"][number]): Promise<void> {
    const proofs = { password: new Password.Proof(mintKey, 1, false) }
    const again = frozen({ ...envelope, receivedAt: this.model.now as Instant, proofs }) as Command.Envelope
    const told = await this.#transact(again)
    if (Result.isFailure(told) || !same(told.success, answer)) {
      throw this.#wrong("I3: a retry is answered otherwise", again, answer, told)
    }
    this.#statistics.count("retry")
    await this.#moveOn(this.#state, again)
  }

  /** Sends another body under an id of old: that is misuse, and nothing changes (I3, D18). */
  async misuse({ envelope }: Model["history"][number]): Promise<void> {
    const { body } = envelope
    const other = "amount" in body
      ? { ...envelope, body: { ...body, amount: Money.amount(body.amount + 1) } }
      : { ...envelope, retryOf: Id.CommandId.make("another") }
    const told = await this.#transact(frozen({ ...other, receivedAt: this.model.now }) as Command.Envelope)
    if (Result.isSuccess(told)) throw this.#wrong("I3: misuse is answered", envelope, "CommandIdReused", told)
    this.#statistics.count("misuse")
    await this.#moveOn(this.#state, envelope)
  }

  /** Time goes on. */
  wait(until: number): void {
    if (until > this.model.now) this.model.now = until
    if (this.#state === undefined) return
    agreeOnDormancy(this.model, this.#state)
    if (agreeOnKeyRing(this.model, this.#state) > 0) this.#statistics.count("I18")
  }

  /** The number leads to the account from now on (D20). */
  async bind(): Promise<void> {
    const account = Id.AccountId.make(this.model.account)
    await Effect.runPromise(this.#store.bind(this.handle, account))
    if (this.#mirror !== undefined) await Effect.runPromise(this.#mirror.bind(this.handle, account))
  }

  /** The end: all events replayed from the first (I13). */
  async end(): Promise<void> {
    const account = Id.AccountId.make(this.model.account)
    const entries = await Effect.runPromise(Stream.runCollect(this.#store.journal({ account })))
    const replayed = Account.replay(entries.flatMap(({ events }) => events))
    if (!same(replayed, this.#state)) {
      throw new Error(`I13 is broken: ${JSON.stringify({ replayed, state: this.#state })}`)
    }
    const sequences = entries.map(({ sequence }) => sequence)
    if (sequences.some((sequence, at) => at > 0 && sequence <= (sequences[at - 1] ?? 0))) {
      throw new Error(`the journal is out of order: ${sequences.join()}`)
    }
    this.#statistics.lived(this.model.history.length)
  }

  async #transact(envelope: Command.Envelope): Promise<Result.Result<Answer.Answer, unknown>> {
    const told = await misuseAsResult(this.#store, envelope)
    if (this.#mirror !== undefined) {
      const mirrored = await misuseAsResult(this.#mirror, envelope)
      if (Result.isSuccess(told) !== Result.isSuccess(mirrored) || !same(valueOf(told), valueOf(mirrored))) {
        throw this.#wrong("the stores answer differently", envelope, mirrored, told)
      }
    }
    return told
  }

  /** The state moves on to `next`: the store must have the very same, and everything must hold. */
  async #moveOn(next: AccountState | undefined, envelope: Command.Envelope, answer?: Answer.Answer): Promise<void> {
    const before = this.#state
    const after = Option.getOrUndefined(await Effect.runPromise(this.#store.find(this.own)))
    if (!same(after, next)) throw this.#wrong("I13: the state is not what the events make", envelope, next, after)
    // The store's own object: from one step to the next only little of it is new, and frozen it cannot be written into.
    this.#state = frozen(after)
    if (answer !== undefined) this.#watch.see(envelope, answer, before, after)
    if (after === undefined) return
    agreeWithModel(this.model, after)
    agreeOnDormancy(this.model, after)
  }

  /** What is on the plastic is what the books say; asked once the terminal has done its part as well. */
  checkPlastic(): void {
    if (this.#state !== undefined) agreeWithPlastic(this.model, this.#state)
  }

  /** The purchase as the journal has it. */
  #original(purchase: Id.PurchaseId): Original.Original | undefined {
    const events = this.model.history.flatMap(({ answer }) => answer._tag === "Approved" ? answer.events : [])
    return Original.find(mintKey, Id.AccountId.make(this.model.account), events, purchase)
  }

  #proofs(id: string, { code, fresh, identity, original: bought, password }: Ways): Command.Proofs {
    const original = bought === undefined ? undefined : this.#original(bought)
    const version = this.model.password.version - (password === "stale" ? 1 : 0)
    return {
      ...(password === undefined ? {} : { password: new Password.Proof(mintKey, version, password !== "wrong") }),
      ...(code === undefined ? {} : { code }),
      ...(original === undefined ? {} : { original }),
      ...(identity === undefined ? {} : { identity: new Person.Match(mintKey, compared(identity)) }),
      ...(fresh === undefined ? {} : {
        fresh: new Password.Fresh(
          mintKey,
          Id.CredentialId.make(`lives/${id}`),
          fresh.weakness,
          fresh.oneTime ?? false
        )
      })
    }
  }

  #wrong(what: string, envelope: unknown, expected: Expected | unknown, actual: unknown): Error {
    const { cards, pockets } = this.model
    const lines = { now: written(this.model.now), envelope, expected, actual, model: { pockets, cards } }
    return new Error(
      `${what}\n${Object.entries(lines).map(([name, one]) => `${name}: ${JSON.stringify(one)}`).join("\n")}`
    )
  }
}

const compared = (identity: NonNullable<Ways["identity"]>): Person.Compared => ({
  ok: identity === "name" || identity === "document" || identity === "both",
  name: identity !== "document" && identity !== "wrongDocument",
  document: identity !== "name" && identity !== "wrongName"
})

/** An answer, or misuse; a fault ends the life. */
const misuseAsResult = (store: Store, envelope: Command.Envelope): Promise<Result.Result<Answer.Answer, string>> =>
  Effect.runPromise(
    store.transact(envelope).pipe(
      Effect.map((answer): Result.Result<Answer.Answer, string> => Result.succeed(answer)),
      Effect.catchTag("CommandIdReused", ({ id }) => Effect.succeed(Result.fail(`${id} was used before`)))
    )
  )

const valueOf = (result: Result.Result<unknown, unknown>): unknown =>
  Result.isSuccess(result) ? result.success : result.failure
