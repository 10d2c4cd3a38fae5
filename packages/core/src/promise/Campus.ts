/**
 * The campus for teams without Effect 校园: the same flows, as promises of plain values.
 *
 * A promise is fulfilled with `Approved` or `Declined`: both are answers. Every method rejects with one of these, which have
 * a `_tag`: a `Misuse` (the caller contradicts itself) or a `Fault` (something is broken). What only reads what it is given
 * (`explain`, `trace`, `library.connect`) throws its `MalformedCommand` at once. Money is whole fen, instants are milliseconds
 * since the Unix epoch, days are counted from 1970-01-01.
 *
 * Paying, recharging, loading, accounts, passwords and phones have methods of the campus itself; what belongs to one place
 * has a part of its own: `doors`, `holder`, `office`, `subsidies`, `terminals` and `library`. All other commands, such as
 * those of a counter, are told by their body: `submit`.
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
import { Effect, Option, Result, Schema } from "effect"
import { Answer as Answered } from "../Answer.ts"
import { explain, type Explanation } from "../Explanation.ts"
import * as Flaw from "../Flaw.ts"
import * as Books from "../flows/Books.ts"
import * as Submit from "../flows/Submit.ts"
import { AccountStore } from "../ports/AccountStore.ts"
import { type Step, trace } from "../Trace.ts"
import * as Accounts from "./Accounts.ts"
import { type Doors, doors, type Passage } from "./Doors.ts"
import * as Hall from "./Hall.ts"
import { type Holder, holder } from "./Holder.ts"
import { Host } from "./Host.ts"
import * as Input from "./Input.ts"
import { type Library, library } from "./Library.ts"
import { type Dormant, type Office, office } from "./Office.ts"
import type { Options } from "./Options.ts"
import type { CallbackInput } from "./Payers.ts"
import * as Payments from "./Payments.ts"
import * as Phones from "./Phones.ts"
import type { Plain } from "./Plain.ts"
import * as Recharges from "./Recharges.ts"
import { type Subsidies, subsidies } from "./Subsidies.ts"
import { type Terminals, terminals } from "./Terminals.ts"
import type { Account, Answer, Decline, Declined, Done, Order } from "./Told.ts"

/** Whether the books balance; `breaks` is empty when they do. */
export type BooksReport = Omit<Books.Report, "breaks"> & { readonly breaks: ReadonlyArray<Plain<Books.Break>> }

const anything = Schema.optionalKey(Schema.Unknown)
const readOptions = Schema.decodeUnknownResult(Schema.Struct(
  {
    backend: Schema.Unknown,
    profile: Schema.Unknown,
    channels: anything,
    issuer: anything,
    now: anything
  } satisfies Record<keyof Options, unknown>
))

/** What a campus was to be opened with was refused: `flaws` says which option is missing or unknown, and which was meant. */
export class OptionsRejected extends Error {
  readonly _tag = "OptionsRejected"
  readonly flaws: ReadonlyArray<Flaw.Flaw>
  constructor(flaws: ReadonlyArray<Flaw.Flaw>) {
    super(`These options open no campus: ${Flaw.told(flaws)}`)
    this.flaws = flaws
  }
}

/** One campus: a backend, a profile and a clock. */
export class Campus {
  readonly #host: Host
  /** Doors, gates and readers (R10-R18). */
  readonly doors: Doors
  /** What a holder asks of the own account (R50, R56). */
  readonly holder: Holder
  /** The audit, the close of a day, what is owed, and the nightly sweep (R46, R72, R76). */
  readonly office: Office
  /** Subsidies in batches (D6, R76). */
  readonly subsidies: Subsidies
  /** Terminals that can be cut off (D11, D21). */
  readonly terminals: Terminals
  /** The library (R17, R18). */
  readonly library: Library

  private constructor(host: Host) {
    this.#host = host
    this.doors = doors(host)
    this.holder = holder(host)
    this.office = office(host)
    this.subsidies = subsidies(host)
    this.terminals = terminals(host)
    this.library = library(host)
  }

  /**
   * Opens a campus on a backend: the profile is checked, the backend is started. It rejects also with `OptionsRejected` and
   * `ProfileRejected`.
   */
  static async open(options: Options): Promise<Campus> {
    const read = readOptions(options, { errors: "all", onExcessProperty: "error" })
    if (Result.isFailure(read)) throw new OptionsRejected(Flaw.of(read.failure))
    return new Campus(await Host.open(options))
  }

  /**
   * Any command, by its body. What has no method of its own is done by it:
   *
   * - cards: `IssueCard`, `ActivateCard`, `CancelCard`, `ReportLost`, `ReportFound`, `ReportBankSideLost`, `ExtendValidity`
   * - money: `ClaimFrozen`, `MoveToTransit`, `RefundPurchase`, `RepayDebt`, `WriteOffDebt`, `GrantSubsidy`, `ExpireSubsidy`
   * - rights: `GrantAccess`, `RevokeAccess`, `OpenWallet`, `BindBankCard`, `BindAlipay`
   * - the end: `CloseAccount`, `PayOut`
   *
   * `secrets`: what was typed, to be checked, where a command wants the password or who the holder is said to be.
   *
   * @example
   * ```ts
   * import { Campus, csmzxy, memory } from "@yikatong/core/promise"
   *
   * const campus = await Campus.open({ backend: memory(), profile: csmzxy })
   * await campus.openAccount({
   *   id: "open-1",
   *   point: "card-centre",
   *   account: "account-1",
   *   person: {
   *     id: "person-1",
   *     kind: "student",
   *     number: "20260001",
   *     name: "李华",
   *     document: { kind: "residentId", number: "43010219990101125X" }
   *   }
   * })
   * const handedOut = await campus.submit(
   *   {
   *     id: "issue-1",
   *     point: "window-ccb",
   *     subject: { _tag: "Account", account: "account-1" },
   *     attendance: {
   *       operator: "li",
   *       role: "teller",
   *       department: "ccb",
   *       presented: [{ _tag: "IdentityDocument", kind: "residentId" }]
   *     }
   *   },
   *   { _tag: "IssueCard", card: "card-1" }
   * )
   * handedOut._tag // => "Approved"
   * await campus.close()
   * ```
   */
  submit(
    stated: Input.Stated & { readonly subject: Input.Subject },
    body: Input.Body,
    secrets: Input.SecretInput = {}
  ): Promise<Answer> {
    return this.#host.run(() => Submit.submit(this.#host.read(stated, stated.subject, body), Input.secrets(secrets)))
  }

  /** Buys something with a card or a code. */
  pay(payment: Payments.Payment): Promise<Answer> {
    return Payments.pay(this.#host, payment)
  }

  /** Pays with what a camera saw. `retryOf`: the payment that wanted a password; it needs a new code. */
  payByScan(scan: Payments.ScanPayment): Promise<Answer | Payments.Foreign> {
    return Payments.payByScan(this.#host, scan)
  }

  /** Undoes a purchase at its terminal, on the same day and in the same meal, once (D5). */
  reverse(reversal: Payments.Reversal): Promise<Payments.Reversed> {
    return Payments.reverse(this.#host, reversal)
  }

  /** Shows what a camera saw to a door or a reader. */
  identifyByScan(scan: Payments.ScanInput): Promise<Passage | Payments.Foreign> {
    return this.doors.identifyByScan(scan)
  }

  /** Authorises a phone to show codes, or renews that; the host knows whose phone it is. */
  authorisePhone(phone: Phones.PhoneInput): Promise<Phones.PhoneAuthorised | Declined> {
    return Phones.authorise(this.#host, phone)
  }

  /** Ends a lost phone, or all phones of an account; what they show is refused from now on. */
  revokePhones(revocation: Phones.RevocationInput): Promise<Done> {
    return Phones.revoke(this.#host, revocation)
  }

  /** What a terminal is told that has this version of the list of ended authorisations; 0 if it has none. */
  revocations(since = 0): Promise<Phones.RevocationUpdate> {
    return Phones.revocations(this.#host, since)
  }

  /**
   * Opens an account for a person; a temporary one on an application (R52-R54). `oneTimePin`: told once, for people
   * without a resident identity number (A13).
   */
  openAccount(request: Accounts.OpeningInput): Promise<Accounts.Issued> {
    return Accounts.open(this.#host, request)
  }

  /**
   * Changes a password to one that its holder chose, with the card on the reader or shown at the counter; away from the
   * counter the old one is needed (R37). Who holds codes only is named by `subject` (A15).
   */
  changePassword(request: Accounts.PasswordInput): Promise<Answer> {
    return Accounts.changePassword(this.#host, request)
  }

  /**
   * Resets a password to the initial one, for the card that is shown at the counter (R36, A12); for who holds codes only,
   * by `subject`.
   */
  resetPassword(request: Input.Stated & Input.Presented): Promise<Accounts.Issued> {
    return Accounts.resetPassword(this.#host, request)
  }

  /** Places a recharge: an order at its channel, or why not. Its order is named after caller and command, so no two are one. */
  recharge(request: Recharges.RechargeInput): Promise<Recharges.Placed> {
    return Recharges.place(this.#host, request)
  }

  /**
   * The payer of an order turns to another source of its channel, or tries once more: channel, amount and account are those
   * of the order. Should both be paid all the same, the order keeps the first and the other goes back.
   */
  turnRecharge(order: Order | Order["id"], request: Recharges.RechargeInput): Promise<Recharges.Turned> {
    return Recharges.turn(this.#host, order, request)
  }

  /**
   * Takes a callback of a channel, verifies it, and credits what was paid. It is fulfilled whatever came in: send `reply` back
   * as it is, and log `problem`. `channel`: as it is called, such as by the path to which it was sent. `point`: on whose
   * behalf the credit is written.
   */
  hearRecharge(channel: string, callback: CallbackInput, point: string): Promise<Recharges.Heard> {
    return Recharges.hear(this.#host, channel, callback, point)
  }

  /**
   * Asks the channel whether an order was paid, and credits it if so; asking again changes nothing more. What counts is
   * the order as it is stored: its id says which. `answer`: what the account said, where it was credited now.
   */
  confirmRecharge(order: Order | Order["id"], point: string): Promise<Recharges.Confirmed> {
    return Recharges.confirm(this.#host, order, point)
  }

  /** Loads a card at a terminal: sent again after it was cut off, it writes what is still to be written, once. */
  load(request: Recharges.LoadInput): Promise<Recharges.Loaded> {
    return Recharges.load(this.#host, request)
  }

  /** The account that a subject stands for, as it is now. */
  find(subject: Input.Subject): Promise<Account | undefined> {
    return this.#host.run(() => {
      const known = Input.subject(subject)
      return Effect.map(Effect.flatMap(AccountStore, (store) => store.find(known)), Option.getOrUndefined)
    })
  }

  /**
   * What a person reads: what is the matter, and what to do, in Chinese and English.
   * @throws MalformedCommand when it is no decline.
   */
  explain(decline: Decline): Explanation {
    const now = Input.instant(this.#host.now)
    return explain(Input.decline(decline), this.#host.profileAt(now), now)
  }

  /**
   * Which rules were looked at for a command, in their order, and which one said no (R73, D14).
   * @throws MalformedCommand when it is no command, or no answer.
   */
  trace(
    stated: Input.Stated & { readonly subject: Input.Subject },
    body: Input.Body,
    answer: Answer
  ): ReadonlyArray<Step> {
    return Result.getOrThrow(
      Input.reading(() => trace(this.#host.read(stated, stated.subject, body), Input.decode(Answered, answer)))
    )
  }

  /** Whether the service hall is open now, or at another instant (R32, R33, A20). */
  hallStatus(at?: number): Promise<Hall.HallStatus> {
    return Hall.status(this.#host, at)
  }

  /** The accounts that are dormant today (R46). */
  dormant(): Promise<ReadonlyArray<Dormant>> {
    return this.office.dormant()
  }

  /** Whether the books balance; `breaks` is empty when they do. */
  checkBooks(): Promise<BooksReport> {
    return this.#host.run(() => Books.check(...Books.house))
  }

  /** Ends the backend's connections; everything after it is refused as `StoreUnavailable`. */
  close(): Promise<void> {
    return this.#host.close()
  }
}
