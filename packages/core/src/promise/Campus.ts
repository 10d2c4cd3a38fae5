/**
 * The campus for teams without Effect: the same flows, as promises of plain values.
 *
 * A promise is fulfilled with `Approved` or `Declined`: both are answers. It is rejected with a `Misuse` (the caller
 * contradicts itself) or a `Fault` (something is broken), both with a `_tag`. Money is whole fen, instants are
 * milliseconds since the Unix epoch, days are counted from 1970-01-01.
 *
 * @example
 * ```ts
 * import { Campus, csmzxy, memory } from "@yikatong/core/promise"
 *
 * const campus = await Campus.open({ backend: memory(), profile: csmzxy })
 * const answer = await campus.pay({ id: "tap-1", point: "canteen-1", card: "card-1", amount: 1_800 })
 * answer._tag === "Declined" && campus.explain(answer.decline).what.en // => "This card is not known here"
 * await campus.close()
 * ```
 */
import { Clock, Effect, Layer, ManagedRuntime, Option, Redacted, Result, Schema, Stream } from "effect"
import type { AccountState } from "../AccountState.ts"
import type * as Answered from "../Answer.ts"
import type { Reading } from "../Chip.ts"
import type * as Declines from "../Decline.ts"
import { explain, type Explanation } from "../Explanation.ts"
import { StoreUnavailable } from "../Fault.ts"
import * as Authorising from "../flows/Authorising.ts"
import * as Books from "../flows/Books.ts"
import * as Codes from "../flows/Codes.ts"
import * as Loading from "../flows/Loading.ts"
import * as Opening from "../flows/Opening.ts"
import * as Passwords from "../flows/Passwords.ts"
import * as Recharging from "../flows/Recharging.ts"
import * as Submit from "../flows/Submit.ts"
import * as Sweep from "../flows/Sweep.ts"
import { OrderId } from "../Id.ts"
import { type Medium } from "../Medium.ts"
import { MalformedCommand } from "../Misuse.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { type Backend, type Channel, type Ports, toChannel, toLayer } from "../ports/Backend.ts"
import { CodeIssuer } from "../ports/CodeIssuer.ts"
import * as HostClock from "../ports/HostClock.ts"
import { Profiles } from "../ports/Profiles.ts"
import { RechargeChannels } from "../ports/RechargeChannel.ts"
import type * as Recharge from "../Recharge.ts"
import type * as Revocations from "../Revocations.ts"
import * as SchoolProfile from "../SchoolProfile.ts"
import * as Input from "./Input.ts"

/** What a caller is told, as plain values. */
export type Answer = typeof Answered.Answer.Encoded
export type Approved = Extract<Answer, { readonly _tag: "Approved" }>
export type Declined = Extract<Answer, { readonly _tag: "Declined" }>
/** Why not, as plain values. */
export type Decline = typeof Declines.Decline.Encoded
/** An account as it is now, as plain values. */
export type Account = typeof AccountState.Encoded
/** A recharge order, as plain values. */
export type Order = typeof Recharge.Order.Encoded
/** What a reader reads from a chip. */
export type ChipReading = typeof Reading.Encoded

export interface Options {
  readonly backend: Backend
  /** The school's profile, or several versions of it; checked as a whole, and refused with all its flaws. */
  readonly profile: unknown
  readonly channels?: ReadonlyArray<Channel>
  /** Who issues the school's codes; nobody, if left out. */
  readonly issuer?: Input.IssuerInput
  /** The host's clock; the machine's, if left out. */
  readonly now?: () => number
}

/**
 * A purchase by card or by code. `amount` in fen; `chip`: what the terminal has just read; `pin`: the card password, if
 * typed.
 */
export type Payment =
  & Input.Stated
  & { readonly amount: number; readonly link?: "up" | "down"; readonly pin?: string }
  & (
    | { readonly card: string; readonly chip?: ChipReading }
    | { readonly medium: Exclude<Medium, "physicalCard">; readonly subject: Input.Subject }
  )

/** The code of a payment service, and none of ours: whether it pays, that service says. */
export type Foreign = Codes.Foreign
/** What a door is told of a code; there is no money in it. */
export type Passage =
  | {
    readonly _tag: "Opened"
    readonly account: string
    readonly door: string
    readonly at: number
    readonly passback: boolean
  }
  | { readonly _tag: "Refused"; readonly decline: Decline }
/** What a phone may show codes with, until `notAfter`. It is given `authorisation`; the host keeps `pseudonym`. */
export interface PhoneAuthorised {
  readonly _tag: "Authorised"
  readonly authorisation: string
  readonly account: string
  readonly pseudonym: string
  readonly notBefore: number
  readonly notAfter: number
}
/** What a terminal is told of the ended authorisations. */
export type RevocationUpdate =
  | { readonly _tag: "Whole"; readonly list: typeof Revocations.Revocations.Encoded }
  | { readonly _tag: "Changes"; readonly delta: typeof Revocations.Delta.Encoded }
  | { readonly _tag: "Current"; readonly version: number; readonly at: number }

/** The profile was refused: `flaws` says where and why. */
export class ProfileRejected extends Error {
  readonly _tag = "ProfileRejected"
  readonly flaws: SchoolProfile.ProfileRejected["flaws"]
  constructor({ flaws }: SchoolProfile.ProfileRejected) {
    super(`The profile contradicts itself: ${flaws.map(({ path, problem }) => `${path}: ${problem}`).join("; ")}`)
    this.flaws = flaws
  }
}

type Services = CodeIssuer | Ports | Profiles | RechargeChannels

/** One campus: a backend, a profile and a clock. */
export class Campus {
  readonly #runtime: ManagedRuntime.ManagedRuntime<Services, unknown>
  readonly #profiles: SchoolProfile.History
  readonly #now: () => number
  #open = true

  private constructor(
    runtime: ManagedRuntime.ManagedRuntime<Services, unknown>,
    profiles: SchoolProfile.History,
    now: () => number
  ) {
    this.#runtime = runtime
    this.#profiles = profiles
    this.#now = now
  }

  /** Opens a campus on a backend: the profile is checked, the backend is started. */
  static async open({ backend, channels = [], issuer, now, profile }: Options): Promise<Campus> {
    const versions = (Array.isArray(profile) ? profile : [profile]).map((version) =>
      orReject(SchoolProfile.load(version))
    )
    const profiles = orReject(SchoolProfile.history(versions))
    const layer = Layer.mergeAll(
      toLayer(backend),
      Layer.succeed(CodeIssuer, Input.issuer(issuer)),
      RechargeChannels.layer(channels.map(toChannel))
    ).pipe(Layer.provideMerge(Profiles.layer(profiles)))
    const runtime = ManagedRuntime.make(layer)
    await runtime.context()
    const machine = Effect.runSync(Clock.Clock)
    return new Campus(runtime, profiles, now ?? (() => machine.currentTimeMillisUnsafe()))
  }

  /** Any command, by its body. */
  submit(
    stated: Input.Stated & { readonly subject: Input.Subject },
    body: Input.Body,
    secrets: { readonly pin?: string; readonly claim?: Input.ClaimInput } = {}
  ): Promise<Answer> {
    return this.#run(() => Submit.submit(this.#read(stated, body), readSecrets(secrets)))
  }

  /** Buys something with a card or a code. */
  pay(payment: Payment): Promise<Answer> {
    return this.#run(() => {
      const { amount, link = "up", pin } = payment
      const secrets = readSecrets(pin === undefined ? {} : { pin })
      if ("card" in payment) {
        const { card, chip } = payment
        const body = { _tag: "PayByCard", card, amount, link, ...(chip === undefined ? {} : { chip }) } as const
        return Submit.submit(this.#read({ ...stated(payment), subject: { _tag: "Card", card } }, body), secrets)
      }
      const { medium, subject } = payment
      const body = { _tag: "PayByCode", medium, amount, link } as const
      return Submit.submit(this.#read({ ...stated(payment), subject }, body), secrets)
    })
  }

  /** Pays with what a camera saw. `retryOf`: the payment that wanted a password; it needs a new code. */
  payByScan(
    scan: Input.ScanInput & { readonly amount: number; readonly link?: "up" | "down"; readonly pin?: string }
  ): Promise<Answer | Foreign> {
    return this.#run(() =>
      Codes.pay(
        { ...Input.scan(scan, this.#now()), ...Input.payment(scan.amount, scan.link ?? "up") },
        readSecrets(scan.pin === undefined ? {} : { pin: scan.pin })
      )
    )
  }

  /** Shows what a camera saw to a door or a reader. */
  identifyByScan(scan: Input.ScanInput): Promise<Passage | Foreign> {
    return this.#run(() => Codes.identify(Input.scan(scan, this.#now())))
  }

  /** Authorises a phone to show codes, or renews that; the host knows whose phone it is. */
  authorisePhone(phone: Input.PhoneInput): Promise<PhoneAuthorised | Declined> {
    return this.#run(() => Authorising.authorise(Input.phone(phone)))
  }

  /** Ends a lost phone, or all phones of an account; what they show is refused from now on. */
  revokePhones(revocation: Input.RevocationInput): Promise<{ readonly _tag: "Approved" } | Declined> {
    return this.#run(() =>
      Effect.map(
        Authorising.revoke(Input.revocation(revocation)),
        (answer) => answer._tag === "Declined" ? answer : { _tag: "Approved" }
      )
    )
  }

  /** What a terminal is told that has this version of the list of ended authorisations; 0 if it has none. */
  revocations(since = 0): Promise<RevocationUpdate> {
    return this.#run(() => Authorising.revocationsSince(since))
  }

  /** Opens an account for a person. `oneTimePin`: told once, for people without a resident identity number (A13). */
  openAccount(
    request: Input.Stated & {
      readonly account: string
      readonly class?: "regular" | "temporary"
      readonly person: Input.PersonInput
    }
  ): Promise<{ readonly answer: Answer; readonly oneTimePin?: string }> {
    return this.#run(() => {
      const { account, class: accountClass = "regular" } = request
      const person = Input.person(request.person)
      const body = { _tag: "OpenAccount", person: person.id, kind: person.kind, class: accountClass } as const
      const read = this.#read({ ...stated(request), subject: { _tag: "Account", account } }, body)
      return Effect.map(Opening.open(read as Parameters<typeof Opening.open>[0], person), told)
    })
  }

  /**
   * Changes a password to one that its holder chose, with the card on the reader or shown at the counter; away from the
   * counter the old one is needed (R37).
   */
  changePassword(
    request: Input.Stated & { readonly card: string; readonly newPin: string; readonly oldPin?: string }
  ): Promise<Answer> {
    return this.#run(() => {
      const { card } = request
      const read = this.#read({ ...stated(request), subject: { _tag: "Card", card } }, { _tag: "ChangePassword", card })
      return Passwords.change(
        read as Parameters<typeof Passwords.change>[0],
        Input.pin(request.newPin, "newPin"),
        request.oldPin === undefined ? undefined : Input.pin(request.oldPin, "oldPin")
      )
    })
  }

  /** Resets a password to the initial one, for the card that is shown at the counter (R36, A12). */
  resetPassword(
    request: Input.Stated & { readonly card: string }
  ): Promise<{ readonly answer: Answer; readonly oneTimePin?: string }> {
    return this.#run(() => {
      const { card } = request
      const read = this.#read({ ...stated(request), subject: { _tag: "Card", card } }, { _tag: "ResetPassword", card })
      return Effect.map(Passwords.reset(read as Parameters<typeof Passwords.reset>[0]), told)
    })
  }

  /** Places a recharge: an order at its channel, or why not. Its order is named after caller and command, so no two are one. */
  recharge(
    request: Input.Stated & {
      readonly subject: Input.Subject
      readonly channel: string
      readonly source: Recharge.FundingSource
      readonly holder?: "own" | "other"
      readonly amount: number
      readonly claim?: Input.ClaimInput
    }
  ): Promise<
    { readonly placed: true; readonly order: Order } | {
      readonly placed: false
      readonly answer: Declined
    }
  > {
    return this.#run(() => {
      const { amount, channel, claim, holder = "own", source } = request
      const body = { _tag: "PlaceRecharge", channel, source, holder, amount } as const
      const read = this.#read({ ...stated(request), subject: request.subject }, body)
      const placed = Recharging.place(
        read as Parameters<typeof Recharging.place>[0],
        claim === undefined ? {} : { claim: Input.claim(claim) }
      )
      return Effect.map(placed, (outcome) =>
        outcome._tag === "Placed"
          ? { placed: true, order: outcome.order }
          : { placed: false, answer: outcome.answer })
    })
  }

  /**
   * Asks the channel whether an order was paid, and credits it if so; asking again changes nothing more. What counts is
   * the order as it is stored: its id says which. `answer`: what the account said, where it was credited now.
   */
  confirmRecharge(
    order: Order | Order["id"],
    point: string
  ): Promise<{ readonly order: Order; readonly answer?: Answer }> {
    return this.#run(() =>
      Effect.map(Recharging.confirm({ id: orderId(order) }, Input.point(point)), ({ answer, order }) => ({
        order,
        ...(Option.isSome(answer) ? { answer: answer.value } : {})
      }))
    )
  }

  /**
   * Loads a card at a terminal. `write` writes so many fen to a chip that still reads `before`,
   * and reads it again; nothing when the card was gone.
   */
  load(
    request: Input.Stated & {
      readonly card: string
      readonly chip: ChipReading
      readonly write: (amount: number, before: ChipReading) => Promise<ChipReading | undefined>
    }
  ): Promise<{ readonly begun: Answer; readonly settled?: Answer }> {
    return this.#run(() => {
      const { card, chip, write } = request
      const body = { _tag: "BeginLoad", card, chip } as const
      const read = this.#read({ ...stated(request), subject: { _tag: "Card", card } }, body)
      // A reader that fails says nothing about the card: the write is torn, and the next tap tells.
      const writing: Loading.Write = (amount, before) =>
        Effect.map(
          Effect.option(Effect.tryPromise(() => write(amount, before))),
          (reading) => Option.flatMap(reading, Input.readingIfAny)
        )
      return Effect.map(Loading.load(read as Parameters<typeof Loading.load>[0], writing), ({ begun, settled }) => ({
        begun,
        ...(Option.isSome(settled) ? { settled: settled.value } : {})
      }))
    })
  }

  /** The account that a subject stands for, as it is now. */
  find(subject: Input.Subject): Promise<Account | undefined> {
    return this.#run(() =>
      Effect.map(
        Effect.flatMap(AccountStore, (store) => store.find(Input.subject(subject))),
        Option.getOrUndefined
      )
    )
  }

  /** What a person reads: what is the matter, and what to do, in Chinese and English. */
  explain(decline: Decline): Explanation {
    const now = Input.instant(this.#now())
    return explain(Input.decline(decline), SchoolProfile.inForce(this.#profiles, now), now)
  }

  /** The accounts that are dormant today (R46). */
  dormant(): Promise<ReadonlyArray<{ readonly account: string; readonly since: number }>> {
    return this.#run(() => Stream.runCollect(Sweep.dormant))
  }

  /** Whether the books balance; `breaks` is empty when they do. */
  checkBooks(): Promise<Books.Report> {
    return this.#run(() => Books.check(...Books.house))
  }

  /** Ends the backend's connections; everything after it is refused as `StoreUnavailable`. */
  close(): Promise<void> {
    this.#open = false
    return this.#runtime.dispose()
  }

  #read(stated: Input.Stated & { readonly subject: Input.Subject }, body: Input.Body) {
    return Input.statement(stated, stated.subject, body, this.#now())
  }

  /** Runs a flow under the host's clock; bad input rejects like any other misuse. */
  #run<A, E>(flow: () => Effect.Effect<A, E, Services>): Promise<A> {
    if (!this.#open) {
      return Promise.reject(new StoreUnavailable({ operation: "ask", cause: new Error("This campus was closed") }))
    }
    const clocked = Effect.suspend((): Effect.Effect<A, E | MalformedCommand, Services> => {
      try {
        return flow()
      } catch (error) {
        // Up to here only what came in was read: whatever fails on it is malformed.
        return Effect.fail(
          error instanceof MalformedCommand
            ? error
            : new MalformedCommand({ flaws: [{ path: "", problem: "Expected an object with all its fields" }] })
        )
      }
    }).pipe(HostClock.provide(this.#now))
    return this.#runtime.runPromise(clocked)
  }
}

const stated = ({ at, attendance, caller, id, point, retryOf }: Input.Stated): Input.Stated => ({
  id,
  point,
  ...(attendance === undefined ? {} : { attendance }),
  ...(at === undefined ? {} : { at }),
  ...(caller === undefined ? {} : { caller }),
  ...(retryOf === undefined ? {} : { retryOf })
})

const readSecrets = (
  { claim, pin }: { readonly pin?: string; readonly claim?: Input.ClaimInput }
): Submit.Secrets => ({
  ...(pin === undefined ? {} : { pin: Input.pin(pin) }),
  ...(claim === undefined ? {} : { claim: Input.claim(claim) })
})

const told = ({ answer, oneTime }: Passwords.Issued): { readonly answer: Answer; readonly oneTimePin?: string } => ({
  answer,
  ...(Option.isSome(oneTime) ? { oneTimePin: Redacted.value(oneTime.value) } : {})
})

const isOrderId = Schema.is(OrderId)

const orderId = (order: Order | Order["id"]): OrderId => {
  if (typeof order !== "string") return Input.order(order).id
  if (!isOrderId(order)) {
    throw new MalformedCommand({ flaws: [{ path: "order", problem: "Expected the id of an order" }] })
  }
  return order
}

const orReject = <A>(result: Result.Result<A, SchoolProfile.ProfileRejected>): A => {
  if (Result.isFailure(result)) throw new ProfileRejected(result.failure)
  return result.success
}
