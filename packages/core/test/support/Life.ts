/**
 * The life of one campus account, told step by step, over the pure `Account.decide`: no store, no clock, no Effect.
 *
 * A life keeps the state, all events, the plastic cards with what is really on their chips, and the last answer. After every step it holds the
 * account against the invariants itself (I1, I2, I4, I5, I6, I12, I13, D13), so a test only says what happened and what is expected.
 * Money is written in yuan ("18.00"), time in Shanghai's ("2025-11-03 12:10").
 */
import { Result, Schema } from "effect"
import { expect } from "vitest"
import type { terms } from "../../src/AccessGrant.ts"
import * as Account from "../../src/Account.ts"
import { AccountEvent, transfers as transfersOf } from "../../src/AccountEvent.ts"
import { AccountState, evolve, openLoad, replay } from "../../src/AccountState.ts"
import type { Attendance } from "../../src/Attendance.ts"
import * as Card from "../../src/Card.ts"
import * as CardLoad from "../../src/CardLoad.ts"
import type * as Chip from "../../src/Chip.ts"
import * as CivilTime from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import { Decline, type Of as DeclineOf } from "../../src/Decline.ts"
import * as Id from "../../src/Id.ts"
import { mintKey } from "../../src/internal/mint.ts"
import * as Ledger from "../../src/Ledger.ts"
import type { Quota } from "../../src/LimitPolicy.ts"
import * as Money from "../../src/Money.ts"
import * as Original from "../../src/Original.ts"
import * as Password from "../../src/Password.ts"
import * as Person from "../../src/Person.ts"
import type { Weakness } from "../../src/Pin.ts"
import type { Link } from "../../src/Point.ts"
import * as Recharge from "../../src/Recharge.ts"
import type { Report } from "../../src/Report.ts"
import * as SchoolProfile from "../../src/SchoolProfile.ts"
import * as Subsidy from "../../src/Subsidy.ts"
import type { Application } from "../../src/TemporaryCard.ts"
import * as Wallet from "../../src/Wallet.ts"

import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as Clerk from "../../src/testing/Clerk.ts"
export { csmzxy }

/** The manual's school with another reading of something; checked as a profile of a real school would be. */
export const school = (change: Partial<SchoolProfile.SchoolProfile>): SchoolProfile.SchoolProfile =>
  Result.getOrThrowWith(
    SchoolProfile.load({ ...csmzxy, ...change }),
    ({ flaws }) => new Error(flaws.map(({ path, problem }) => `${path}: ${problem}`).join("\n"))
  )

/** Yuan as they are written: "18.00". */
export const yuan = Money.yuan
const amount = (text: string): Money.Amount => Money.amount(Money.yuan(text))

/** What is held to the terminal. */
export type Shown = "card" | "today" | "ecode" | "identity" | "alipay" | "keyRing"
const codes = {
  today: "todayCampusCode",
  ecode: "ecodePayCode",
  identity: "ecodeIdentityCode",
  alipay: "alipayCode",
  keyRing: "keyRing"
} as const

/** What was claimed, and whether it was true. */
type Claimed = boolean | "name" | "wrongName" | "document" | "wrongDocument" | "number"

/** How a step is done otherwise than usual. */
export interface How {
  readonly point?: string
  readonly caller?: string
  readonly link?: Link
  readonly card?: string
  /** What the maker's clock says, where it is not the host's. */
  readonly made?: string
  readonly password?: "right" | "wrong" | "stale"
  /** Whether number, document and name belonged together; or what alone was held against the register, and fitted or not. */
  readonly identity?: Claimed
  /** What the chip says, where it is not what the life knows; "unread" when nobody read it. */
  readonly chip?: Chip.Reading | "unread"
  readonly retryOf?: string
  /** A new password. */
  readonly fresh?: { readonly weakness?: Weakness; readonly oneTime?: boolean }
  /** Who attends at a counter with which papers, where it is not the usual clerk with all of them; "nobody" for none. */
  readonly attendance?: Partial<Attendance> | "nobody"
  /** The purchase that a refund is tied to, where it is not the one that it names; "none" for no evidence. */
  readonly original?: string | "none"
}

/** Whoever sits at the counters of this department, with everything on the desk that could be asked for. */
export const attends = (department: string): Attendance => ({
  operator: Id.OperatorId.make(`operator-${department}`),
  role: department === "ccb" ? "teller" : "clerk",
  department,
  presented: [{ _tag: "IdentityDocument", kind: "residentId" }, { _tag: "CampusCard" }]
})

/** A form on which a temporary card is opened: complete, paid, and good for a month; or as it is said. */
export const applicationOf = (
  { fee = "20.00", until = "2025-10-01", ...form }: {
    readonly filled?: boolean
    readonly signed?: boolean
    readonly stamped?: boolean
    readonly fee?: string | "none"
    readonly until?: string
    readonly applicant?: "clerk" | "unit"
  } = {}
): Application => ({
  form: { filled: form.filled ?? true, signed: form.signed ?? true, stamped: form.stamped ?? true },
  applicant: form.applicant ?? "clerk",
  unit: "School of Social Work",
  ...(fee === "none" ? {} : { fee: { amount: Money.yuan(fee), desk: "window-3" } }),
  until: CivilTime.day(until)
})

/** An offline purchase as it stands in a terminal's memory. */
export interface Slip {
  readonly card: string
  readonly amount: string
  readonly at: string
  readonly point: string
  readonly chipBefore: Money.Money
  readonly chipAfter: Money.Money
  readonly purchaseSequence: number
  readonly window?: string
}

/** The numbers of a decline, those of its quota beside them; money, days and instants as they are written. */
type Numbers<Tag extends Decline["_tag"]> = {
  readonly [K in Exclude<keyof DeclineOf<Tag> | keyof QuotaOf<Tag>, "_tag" | "quota">]?: unknown
}
type QuotaOf<Tag extends Decline["_tag"]> = DeclineOf<Tag> extends { readonly quota: Quota } ? Quota : unknown

const isEvent = Schema.is(AccountEvent)
const isState = Schema.is(AccountState)
const isDecline = Schema.is(Decline)

/** What a claim comes to. A number alone may fit, but nothing else was compared. */
export const compared = (identity: Claimed): Person.Compared => ({
  ok: identity !== false && identity !== "wrongName" && identity !== "wrongDocument",
  name: typeof identity === "boolean" || identity === "name" || identity === "wrongName",
  document: typeof identity === "boolean" || identity === "document" || identity === "wrongDocument"
})

const blank: Chip.Reading = { balance: Money.zero, loadSequence: 0, purchaseSequence: 0 }

const deepFreeze = <A>(value: A): A => {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}

/** "18.00" is fen, "2025-11-03" a day, "2025-11-03 12:10" an instant; everything else is itself. */
const read = (written: unknown): unknown => {
  if (typeof written === "object" && written !== null && !Array.isArray(written)) {
    return Object.fromEntries(Object.entries(written).map(([name, field]) => [name, read(field)]))
  }
  if (typeof written !== "string") return written
  if (/^\d+\.\d\d$/.test(written)) return Money.yuan(written)
  if (/^\d{4}-\d\d-\d\d$/.test(written)) return CivilTime.day(written)
  return /^\d{4}-\d\d-\d\d /.test(written) ? CivilTime.instant(written) : written
}

export class Life {
  readonly events: Array<AccountEvent> = []
  /** All that was asked or told, in order. */
  readonly envelopes: Array<Command.Envelope> = []
  /** What stands on the plastic, whether the books know it yet or not. */
  readonly chips = new Map<string, Chip.Reading>()
  readonly slips = new Map<string, Slip>()
  account: AccountState | undefined
  #last: Account.Decision | undefined
  #lastId = ""
  #now: CivilTime.Instant
  #count = 0
  #profiles: SchoolProfile.History

  private constructor(profiles: SchoolProfile.History, now: CivilTime.Instant) {
    this.#profiles = deepFreeze(profiles)
    this.#now = now
  }

  /** Nobody yet. */
  static unborn(...profiles: SchoolProfile.History): Life {
    return new Life(profiles, CivilTime.instant("2025-09-01 09:30"))
  }

  /** A student with an activated, empty card `card-1` since Monday, 2025-09-01 09:30, or as it is said. */
  static of(
    profile: SchoolProfile.SchoolProfile,
    { chip, since = "2025-09-01 09:30" }: { readonly chip?: string; readonly since?: string } = {}
  ): Life {
    const life = Life.unborn(profile).at(since).open().expectApproved()
    life.issue("card-1").expectApproved().activate("card-1").expectApproved()
    if (chip !== undefined && chip !== "0.00") life.recharge("ccbApp", chip).load().expectApproved()
    return life
  }

  // Time and state

  at(text: string): this {
    return this.atInstant(CivilTime.instant(text))
  }

  atInstant(now: CivilTime.Instant): this {
    this.#now = now
    return this
  }

  later(milliseconds: number): this {
    return this.atInstant(CivilTime.later(this.#now, milliseconds))
  }

  get now(): CivilTime.Instant {
    return this.#now
  }

  /** The last answer. */
  get decision(): Account.Decision {
    if (this.#last === undefined) throw new Error("Nothing has happened yet")
    return this.#last
  }

  /** The id of the last command. */
  get lastId(): string {
    return this.#lastId
  }

  get state(): AccountState {
    if (this.account === undefined) throw new Error("There is no account")
    return this.account
  }

  pockets(): Wallet.Pockets {
    return this.state.pockets
  }

  card(id: string): Card.Card {
    const card = this.state.cards.find((card) => card.id === id)
    if (card === undefined) throw new Error(`There is no ${id}`)
    return card
  }

  chip(id = this.cardAtHand()): Chip.Reading {
    return this.chips.get(id) ?? blank
  }

  /** The card that its holder would take out: the active one, else the latest. */
  cardAtHand(): string {
    return (this.account === undefined ? undefined : Card.latest(this.account.cards)?.id) ?? "card-1"
  }

  /** Another life that begins as this one is now. */
  fork(): Life {
    const other = new Life(this.#profiles, this.#now)
    other.account = this.account
    other.events.push(...this.events)
    other.envelopes.push(...this.envelopes)
    for (const [id, chip] of this.chips) other.chips.set(id, chip)
    for (const [id, slip] of this.slips) other.slips.set(id, slip)
    other.#last = this.#last
    other.#lastId = this.#lastId
    other.#count = this.#count
    return other
  }

  // Account and cards

  open(kind: Person.Kind = "student", accountClass: Person.AccountClass = "regular", how: How = {}): this {
    const body = {
      _tag: "OpenAccount",
      person: Id.PersonId.make("person-1"),
      kind,
      class: accountClass
    } as const
    return this.step("card-centre", body, { fresh: {}, ...how })
  }

  /** A temporary account, opened at window 3 on an application; "none" for no form at all. */
  openTemporary(
    kind: Person.Kind = "visitor",
    application: Application | "none" = applicationOf(),
    how: How = {}
  ): this {
    const body = {
      _tag: "OpenAccount",
      person: Id.PersonId.make("person-1"),
      kind,
      class: "temporary",
      ...(application === "none" ? {} : { application })
    } as const
    return this.step("window-3", body, { fresh: {}, ...how })
  }

  // Doors

  /** Grants the right to open a door: for the card at hand, or for the key ring only. */
  grantAccess(
    door: string,
    given: Partial<{ -readonly [K in keyof typeof terms]: (typeof terms)[K]["Type"] }> & How & {
      readonly keyRingOnly?: boolean
    } = {}
  ): this {
    const { card, from, keyRingOnly = false, until, windows, ...how } = given
    const id = Id.CardId.make(card ?? this.cardAtHand())
    const body = {
      _tag: "GrantAccess",
      door: Id.PointId.make(door),
      ...(keyRingOnly ? {} : { card: id }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...(windows === undefined ? {} : { windows })
    } as const
    return this.step("card-centre", body, how)
  }

  revokeAccess(grant: string, how: How = {}): this {
    return this.step("card-centre", { _tag: "RevokeAccess", grant: Id.GrantId.make(grant) }, how)
  }

  /** Something is held to the reader of a door. */
  show(shown: Shown, door: string, how: How = {}): this {
    const medium = shown === "card" ? "physicalCard" : codes[shown]
    const card = shown === "card" ? { card: Id.CardId.make(how.card ?? this.cardAtHand()) } : {}
    return this.step(door, { _tag: "Identify", medium, ...card }, how)
  }

  /** A door is picked on the key ring, and confirmed. */
  unlock(door: string, how: How & { readonly confirmed?: boolean } = {}): this {
    const { confirmed = true } = how
    return this.step("today-campus", { _tag: "OpenByKeyRing", door: Id.PointId.make(door), confirmed }, how)
  }

  // Corrections

  /** The purchase that the last command made. */
  get lastPurchase(): string {
    return `host:${this.#lastId}`
  }

  /** The load that the last command opened. */
  get lastLoad(): string {
    return `host:${this.#lastId}`
  }

  /** The grant that the last command gave. */
  get lastGrant(): string {
    return `host:${this.#lastId}`
  }

  /** Gives back a part of a purchase, or says why not; the flow has found it in the journal, or not. */
  refund(
    purchase: string,
    text: string,
    how: How & { readonly reason?: Command.Of<"RefundPurchase">["reason"] } = {}
  ): this {
    const { reason = "wrongCharge" } = how
    const body = {
      _tag: "RefundPurchase",
      purchase: Id.PurchaseId.make(purchase),
      amount: amount(text),
      reason
    } as const
    return this.step("card-centre", body, { original: purchase, ...how })
  }

  /** So much is bought by a terminal that was cut off, more than the books have on the chip: a debt arises (D10). */
  inDebt(text: string): this {
    const more = Money.format(Money.plus(this.pockets().chip, Money.yuan(text)))
    return this.record({
      amount: more,
      chipBefore: Money.yuan(more),
      chipAfter: Money.zero,
      purchaseSequence: this.chip().purchaseSequence + 900
    }).expectApproved()
  }

  repay(text: string, how: How = {}): this {
    return this.step("window-3", { _tag: "RepayDebt", amount: amount(text), desk: "window-3" }, how)
  }

  writeOff(text: string, how: How = {}): this {
    return this.step("card-centre", { _tag: "WriteOffDebt", amount: amount(text), reason: "insolvent" }, how)
  }

  issue(card: string, how: How & { readonly fee?: string } = {}): this {
    const fee = how.fee === undefined ? {} : { fee: { amount: Money.yuan(how.fee), desk: "window-ccb" } }
    return this.step("window-ccb", { _tag: "IssueCard", card: Id.CardId.make(card), ...fee }, how)
  }

  activate(card: string, how: How = {}): this {
    return this.step("window-3", { _tag: "ActivateCard", card: Id.CardId.make(card) }, how)
  }

  cancel(card: string, how: How = {}): this {
    return this.step("window-3", { _tag: "CancelCard", card: Id.CardId.make(card) }, how)
  }

  reportLost(reason: "lost" | "damaged" = "lost", how: How = {}): this {
    return this.step("today-campus", { _tag: "ReportLost", reason }, how)
  }

  reportFound(card: string, how: How = {}): this {
    return this.step("window-3", { _tag: "ReportFound", card: Id.CardId.make(card) }, how)
  }

  reportBankSideLost(card: string, how: How = {}): this {
    return this.step("window-ccb", { _tag: "ReportBankSideLost", card: Id.CardId.make(card) }, how)
  }

  extend(card = this.cardAtHand(), how: How = {}): this {
    return this.step("window-3", { _tag: "ExtendValidity", card: Id.CardId.make(card) }, how)
  }

  claim(card = this.cardAtHand(), how: How = {}): this {
    return this.step("kiosk-1", { _tag: "ClaimFrozen", card: Id.CardId.make(card) }, how)
  }

  /** Closes the account (D7). */
  close(how: How = {}): this {
    return this.step("window-3", { _tag: "CloseAccount" }, how)
  }

  payOut(desk = "ccb", how: How = {}): this {
    return this.step("card-centre", { _tag: "PayOut", desk }, how)
  }

  /** Loss, a new card from the window, its activation: all at once. */
  replace(by: string): this {
    return this.reportLost().expectApproved().issue(by).expectApproved().activate(by).expectApproved()
  }

  // What its holder sets up

  changePassword(how: How = {}): this {
    const card = Id.CardId.make(how.card ?? this.cardAtHand())
    return this.step("kiosk-1", { _tag: "ChangePassword", card }, { fresh: {}, password: "right", ...how })
  }

  resetPassword(how: How = {}): this {
    const card = Id.CardId.make(how.card ?? this.cardAtHand())
    return this.step("window-3", { _tag: "ResetPassword", card }, { fresh: {}, ...how })
  }

  openWallet(how: How = {}): this {
    return this.step("ecode", { _tag: "OpenWallet" }, { password: "right", identity: true, ...how })
  }

  bindWallet(how: How = {}): this {
    return this.step("ecode", { _tag: "BindBankCard", purpose: "wallet" }, how)
  }

  bindTransfer(how: How = {}): this {
    return this.step("kiosk-1", { _tag: "BindBankCard", purpose: "transfer" }, how)
  }

  bindAlipay(how: How = {}): this {
    return this.step("alipay", { _tag: "BindAlipay" }, { identity: true, ...how })
  }

  // Money comes in

  /** Asks whether a recharge may be paid. */
  place(
    channel: string,
    source: Recharge.FundingSource,
    text: string,
    how: How & { readonly holder?: "own" | "other" } = {}
  ): this {
    const { holder = "own" } = how
    const body = { _tag: "PlaceRecharge", channel, source, holder, amount: Money.yuan(text) } as const
    return this.step("today-campus", body, { identity: true, ...how })
  }

  /** The bank says that this was paid. */
  credit(
    channel: string,
    text: string,
    how: How & { readonly order?: string; readonly evidence?: Partial<Recharge.Paid> | "none" } = {}
  ): this {
    const paid: Recharge.Paid = {
      order: Id.OrderId.make(`host:${how.order ?? `order-${this.#count}`}`),
      channel,
      amount: amount(text),
      paidAt: this.#now,
      reference: `bank-${this.#count}`
    }
    const { evidence = {} } = how
    const proof = evidence === "none"
      ? { ...paid } as Recharge.PaidEvidence
      : new Recharge.PaidEvidence(mintKey, { ...paid, ...evidence })
    return this.step("card-centre", { _tag: "CreditRecharge", ...paid }, how, proof)
  }

  /** Placed, paid and credited; a refusal to place it ends it. */
  recharge(channel: "ccbApp" | "todayCampus" | "ecode", text: string, how: How = {}): this {
    const source = { ccbApp: "ccbCard", todayCampus: "weChat", ecode: "unionPayCard" } as const
    this.place(channel, source[channel], text, how)
    return this.decision._tag === "Declined" ? this : this.credit(channel, text)
  }

  /** A wallet with so much in it. */
  withWallet(text: string): this {
    this.openWallet().expectApproved().bindWallet().expectApproved()
    return this.recharge("ecode", text).expectApproved()
  }

  moveToTransit(text: string, how: How = {}): this {
    return this.step("ecode", { _tag: "MoveToTransit", amount: amount(text) }, how)
  }

  /** Grants a subsidy: of a batch, with a last day, or neither. */
  grantSubsidy(text: string, how: How & { readonly batch?: string; readonly until?: string } = {}): this {
    const { batch, until } = how
    const body = {
      _tag: "GrantSubsidy",
      amount: amount(text),
      ...(batch === undefined ? {} : { batch: Id.BatchId.make(batch) }),
      ...(until === undefined ? {} : { until: CivilTime.day(until) })
    } as const
    return this.step("card-centre", body, how)
  }

  /** Takes back what is left: of this batch, or of all. */
  expireSubsidy(how: How & { readonly batch?: string } = {}): this {
    const { batch } = how
    const named = batch === undefined ? {} : { batch: Id.BatchId.make(batch) }
    return this.step("card-centre", { _tag: "ExpireSubsidy", ...named }, how)
  }

  // At the terminal

  pay(shown: Shown, text: string, how: How = {}): this {
    const { link = "up" } = how
    if (shown !== "card") {
      return this.step("canteen-1", { _tag: "PayByCode", medium: codes[shown], amount: amount(text), link }, how)
    }
    const card = how.card ?? this.cardAtHand()
    const body = { _tag: "PayByCard", card: Id.CardId.make(card), amount: amount(text), link } as const
    this.step("canteen-1", { ...body, ...this.#reading(card, how) }, how)
    if (this.decision._tag === "Approved") this.#debit(card, amount(text))
    return this
  }

  /** A tap to load begins: the terminal may write what the answer says. */
  beginLoad(how: How = {}): this {
    const card = how.card ?? this.cardAtHand()
    const { chip = this.chip(card) } = how
    if (chip === "unread") throw new Error("A tap to load reads the chip")
    return this.step("canteen-1", { _tag: "BeginLoad", card: Id.CardId.make(card), chip }, how)
  }

  settleLoad(how: How & { readonly load?: string } = {}): this {
    const card = how.card ?? this.cardAtHand()
    const load = Id.LoadId.make(how.load ?? openLoad(this.state, Id.CardId.make(card))?.id ?? "host:no-load")
    return this.step(
      "canteen-1",
      { _tag: "SettleLoad", card: Id.CardId.make(card), load, ...this.#reading(card, how) },
      how
    )
  }

  /** The whole two seconds: all that waits is on the card afterwards. */
  load(how: How = {}): this {
    this.beginLoad(how)
    return this.#write(how) ? this.settleLoad(how) : this
  }

  /** The card is pulled away before it answered. Only the life knows whether it was written. */
  tear(really: "written" | "notWritten", how: How = {}): this {
    return this.beginLoad(how).expectApproved().letGo(really, how).expectApproved()
  }

  /** The end of a write that was begun: the card is gone, with the money on it or without. */
  letGo(really: "written" | "notWritten", how: How = {}): this {
    if (really === "written") this.#write(how)
    return this.settleLoad({ ...how, chip: "unread" })
  }

  /**
   * Undoes a purchase, the last command unless another is said; with the card at the terminal, or without. What goes to
   * the chip is written and settled as a load; `torn`: the card is pulled away before that, and nobody has said so yet.
   */
  reverse(
    how: How & {
      readonly purchase?: string
      readonly present?: boolean
      readonly torn?: boolean
      readonly unpaid?: boolean
      readonly unasked?: boolean
    } = {}
  ): this {
    const purchase = Id.PurchaseId.make(how.purchase ?? this.lastPurchase)
    const { present = false, purchase: _, torn = false, unasked = false, unpaid = false, ...usual } = how
    const reading = {
      ...(present ? { chip: this.chip(how.card ?? this.cardAtHand()) } : {}),
      ...(unpaid ? { unpaid } : {}),
      ...(unasked ? { unasked } : {})
    }
    const proofs = present ? { original: purchase } : {}
    this.step("canteen-1", { _tag: "ReversePurchase", purchase, ...reading }, { ...proofs, ...how })
    return !torn && this.#write(usual) ? this.settleLoad(usual) : this
  }

  /** A terminal that is cut off debits the chip now; nobody hears of it until the slip arrives. */
  cutOff(slip: string, text: string, how: How & { readonly window?: string } = {}): this {
    const card = how.card ?? this.cardAtHand()
    const before = this.chip(card)
    this.#debit(card, amount(text))
    this.slips.set(slip, {
      card,
      amount: text,
      at: this.#written(),
      point: how.point ?? "canteen-2",
      chipBefore: before.balance,
      chipAfter: this.chip(card).balance,
      purchaseSequence: before.purchaseSequence + 1,
      ...(how.window === undefined ? {} : { window: how.window })
    })
    return this
  }

  /** The slip of a terminal that was cut off arrives now. */
  arrives(slip: string): this {
    const found = this.slips.get(slip)
    if (found === undefined) throw new Error(`There is no slip ${slip}`)
    return this.record(found)
  }

  /** A record of an offline purchase by card arrives now; what is not said is as the chip has it. */
  record(slip: Partial<Slip> & { readonly amount: string; readonly tac?: string }): this {
    const card = slip.card ?? this.cardAtHand()
    const chipBefore = slip.chipBefore ?? this.chip(card).balance
    const { tac, window } = slip
    const body = {
      _tag: "RecordCardPurchase",
      card: Id.CardId.make(card),
      amount: amount(slip.amount),
      chipBefore,
      chipAfter: slip.chipAfter ?? Money.of(Math.max(0, chipBefore - amount(slip.amount))),
      purchaseSequence: slip.purchaseSequence ?? this.chip(card).purchaseSequence + 1,
      ...(window === undefined ? {} : { window }),
      ...(tac === undefined ? {} : { tac })
    } as const
    return this.step(slip.point ?? "canteen-2", body, slip.at === undefined ? {} : { made: slip.at })
  }

  /** A record of an Alipay purchase at a cut-off canteen arrives now. */
  recordAlipay(
    text: string,
    how: { readonly reference?: string; readonly at?: string; readonly window?: string; readonly point?: string } = {}
  ): this {
    const { at, point = "canteen-2", reference = `ali-${this.#count}`, window } = how
    const body = { _tag: "RecordAlipayPurchase", reference, amount: amount(text) } as const
    return this.step(
      point,
      window === undefined ? body : { ...body, window },
      at === undefined ? {} : { made: at }
    )
  }

  /** What a cut-off door did alone arrives now: a card, unless said otherwise. */
  recordPassage(
    door: string,
    how: How & {
      readonly shown?: Shown
      readonly sequence?: number
      readonly opened?: boolean
      readonly code?: Command.Of<"RecordPassage">["code"]
    } = {}
  ): this {
    const { code, opened = true, sequence = this.#count + 1, shown = "card", ...rest } = how
    const medium = shown === "card" ? "physicalCard" : codes[shown]
    const card = shown === "card" ? { card: Id.CardId.make(how.card ?? this.cardAtHand()) } : {}
    const body = { _tag: "RecordPassage", medium, ...card, sequence, opened } as const
    return this.step(door, code === undefined ? body : { ...body, code }, rest)
  }

  // What is expected

  expectApproved(): this {
    const { decision } = this
    expect(decision._tag === "Declined" ? decision.decline : "Approved").toBe("Approved")
    return this
  }

  expectDeclined<Tag extends Decline["_tag"]>(tag: Tag, numbers: Numbers<Tag> = {}): this {
    const { decision } = this
    expect(decision._tag === "Declined" ? decision.decline._tag : "Approved").toBe(tag)
    if (decision._tag === "Declined") {
      const { decline } = decision
      expect({ ...decline, ...("quota" in decline ? decline.quota : {}) }).toMatchObject(read(numbers) as object)
    }
    return this
  }

  /** All pockets in yuan; what is not named is empty. */
  expectPockets(expected: Partial<Record<keyof Wallet.Pockets, string>>): this {
    const written = Object.fromEntries(
      (Object.entries(this.pockets()) as ReadonlyArray<[string, Money.Money]>)
        .filter(([, fen]) => fen > 0)
        .map(([name, fen]) => [name, Money.format(fen)])
    )
    expect(written).toEqual(expected)
    return this
  }

  /** What was out of order about the fact that was just posted, and nothing else was. */
  expectReported(...expected: ReadonlyArray<{ readonly _tag: Report["_tag"] } & Record<string, unknown>>): this {
    const last = this.expectApproved().decision.events.at(-1)
    expect(["OfflinePurchaseRecorded", "PassageRecorded"]).toContain(last?._tag)
    const reports = last?._tag === "OfflinePurchaseRecorded" || last?._tag === "PassageRecorded" ? last.reports : []
    expect(reports.map(({ _tag }) => _tag)).toEqual(expected.map(({ _tag }) => _tag))
    expect(reports).toMatchObject(expected.map(read))
    return this
  }

  expectEvents(...tags: ReadonlyArray<AccountEvent["_tag"]>): this {
    expect(this.decision.events.map(({ _tag }) => _tag)).toEqual(tags)
    return this
  }

  expectCard(id: string, tag: Card.Card["_tag"], fields: Record<string, unknown> = {}): this {
    expect(this.card(id)).toMatchObject({ _tag: tag, ...read(fields) as object })
    return this
  }

  /** What is left of the limits after the purchase that was just approved, in yuan by name. */
  expectRemaining(expected: Record<string, string>): this {
    const { decision } = this.expectApproved()
    const quotas = decision._tag === "Approved" ? decision.remaining : []
    expect(Object.fromEntries(quotas.map(({ limit, remaining }) => [limit, Money.format(Money.of(remaining))])))
      .toEqual(
        expected
      )
    return this
  }

  // One step

  /** Any command, at any point. */
  step(usual: string, body: Command.Command, how: How = {}, evidence?: Recharge.PaidEvidence): this {
    this.#count += 1
    this.#lastId = `cmd-${this.#count}`
    const { caller = "host", made, point = usual, retryOf } = how
    const envelope = {
      caller: Id.CallerId.make(caller),
      id: Id.CommandId.make(this.#lastId),
      at: made === undefined ? this.#now : CivilTime.instant(made),
      receivedAt: this.#now,
      point: Id.PointId.make(point),
      subject: "card" in body && body.card !== undefined && body._tag !== "GrantAccess"
        ? { _tag: "Card", card: body.card }
        : { _tag: "Account", account: Id.AccountId.make("acc-1") },
      body,
      proofs: this.#proofs(how),
      ...(evidence === undefined ? {} : { evidence }),
      ...(retryOf === undefined ? {} : { retryOf: Id.CommandId.make(retryOf) }),
      ...this.#attendance(point, body, how)
    } as Command.Envelope
    return this.send(envelope)
  }

  /** A command as it is. */
  send(envelope: Command.Envelope): this {
    const before = this.account
    this.envelopes.push(deepFreeze(envelope))
    const decision = Account.decide(this.#profiles, before, envelope)
    expect(Account.decide(this.#profiles, before, envelope), "I12 decided again").toStrictEqual(decision)
    expect(decision.events.every((event) => isEvent(event)), "events fit their schema").toBe(true)
    expect(JSON.parse(JSON.stringify(decision.events)), "events survive the journal").toStrictEqual(decision.events)
    this.events.push(...decision.events)
    this.account = deepFreeze(decision.account)
    this.#last = deepFreeze(decision)
    if (decision._tag === "Declined") checkDecline(before, decision)
    if (this.account !== undefined) checkState(this.account, before, decision.events, this.events)
    return this
  }

  /** Who attends, where somebody has to: the usual clerk for it with everything on the desk. */
  #attendance(point: string, body: Command.Command, { attendance }: How): { readonly attendance?: Attendance } {
    if (attendance === "nobody") return {}
    const profile = SchoolProfile.inForce(this.#profiles, this.#now)
    const usual = Clerk.at(profile, point, body)
    if (attendance === undefined) return usual
    const department = SchoolProfile.pointOf(profile, point)?.department ?? "card-centre"
    return { attendance: { ...attends(department), ...usual.attendance, ...attendance } }
  }

  /** The purchase as the journal has it. */
  #original(purchase: string): Original.Original | undefined {
    return Original.find(mintKey, this.state.id, this.events, Id.PurchaseId.make(purchase))
  }

  #proofs({ fresh, identity, original: tiedTo, password }: How): Command.Proofs {
    const original = tiedTo === undefined || tiedTo === "none" ? undefined : this.#original(tiedTo)
    const version = (this.account?.password.version ?? 1) - (password === "stale" ? 1 : 0)
    return {
      ...(password === undefined ? {} : { password: new Password.Proof(mintKey, version, password !== "wrong") }),
      ...(identity === undefined ? {} : { identity: new Person.Match(mintKey, compared(identity)) }),
      ...(original === undefined ? {} : { original }),
      ...(fresh === undefined ? {} : {
        fresh: new Password.Fresh(
          mintKey,
          Id.CredentialId.make(`host/cmd-${this.#count}`),
          fresh.weakness,
          fresh.oneTime ?? false
        )
      })
    }
  }

  #reading(card: string, { chip = this.chip(card) }: How): { readonly chip?: Chip.Reading } {
    return chip === "unread" ? {} : { chip }
  }

  #debit(card: string, fen: Money.Amount): void {
    const { balance, loadSequence, purchaseSequence } = this.chip(card)
    // A chip that the books let go below nothing is a test's mistake in the plastic, not in the books.
    this.chips.set(card, {
      balance: Money.of(Math.max(0, balance - fen)),
      loadSequence,
      purchaseSequence: purchaseSequence + 1
    })
  }

  /** Writes what the last decision has begun to write; whether it has begun anything. */
  #write(how: How): boolean {
    const opened = CardLoad.opened(this.decision.events)
    if (opened === undefined) return false
    const card = how.card ?? opened.card
    const { balance, loadSequence, purchaseSequence } = this.chip(card)
    this.chips.set(card, {
      balance: Money.plus(balance, opened.amount),
      loadSequence: loadSequence + 1,
      purchaseSequence
    })
    return true
  }

  #written(): string {
    return `${CivilTime.format(this.#now)}.${String(this.#now % 1_000).padStart(3, "0")}`
  }
}

/** D13, I4: a refusal leaves money, counters and cards equal; it may only say that a password or a claim was tried. */
const checkDecline = (before: AccountState | undefined, decision: Account.Declined): void => {
  expect(isDecline(decision.decline), "a decline is data (R73)").toBe(true)
  const { _tag: tag } = decision.decline
  const wrong = decision.events.flatMap((event) =>
    event._tag === "PasswordTried" && !event.right ? [event.channel] : []
  )
  const claimed = ["claimedName", "claimedDocument"].filter((part) => wrong.some((channel) => channel === part))
  if (tag === "IdentityNotMatched") expect(wrong, "D15 the parts of the claim").toEqual(claimed)
  else expect([wrong.length, claimed.length], "D15").toEqual([tag === "PasswordWrong" ? 1 : 0, 0])
  const tried = wrong.map(() => "PasswordTried")
  const burnt = decision.events.filter(({ _tag }) => _tag === "CodeBurned").map(({ _tag }) => _tag)
  expect(decision.events.map(({ _tag }) => _tag), "D13").toEqual([...burnt, ...tried])
  if (before === undefined || decision.account === undefined) {
    expect(decision.account, "D13").toBe(before)
    return
  }
  const { codes: _, password: __, version: ___, ...after } = decision.account
  const { codes: ____, password: _____, version: ______, ...untouched } = before
  expect(after, "D13").toStrictEqual(untouched)
  expect({ ...decision.account.password, tries: {} }, "D13").toStrictEqual({ ...before.password, tries: {} })
}

const checkState = (
  account: AccountState,
  before: AccountState | undefined,
  fresh: ReadonlyArray<AccountEvent>,
  all: ReadonlyArray<AccountEvent>
): void => {
  const { cards, pockets } = account
  expect(fresh.reduce<AccountState | undefined>(evolve, before), "the state after is what the events make")
    .toStrictEqual(
      account
    )
  expect(replay(all), "I13").toStrictEqual(account)
  expect(account.version).toBe(all.length)
  expect(isState(account), "the state fits its schema").toBe(true)

  // I1, I2, D10: every pocket is what its transfers add up to, none is below zero, and nothing was made or lost.
  const balances = Ledger.fold(all.flatMap(transfersOf))
  expect(Ledger.total(balances), "I1").toBe(0)
  for (const pocket of Ledger.Pocket.literals) expect(balances.get(pocket) ?? 0, `I1 ${pocket}`).toBe(pockets[pocket])
  expect(balances.get("receivable") ?? 0, "D10").toBe(0 - pockets.receivable)
  for (const [pocket, fen] of Object.entries(pockets)) expect(fen, `I2 ${pocket}`).toBeGreaterThanOrEqual(0)

  // I5, told by what the events mean rather than by their transfers.
  expect(Wallet.worth(pockets), "I5").toBe(all.reduce((worth, event) => worth + worthOf(event), 0))

  expect(Subsidy.left(account.lots, undefined), "D6 the lots are what the pocket holds").toBe(pockets.subsidy)
  for (const event of fresh) {
    // I14: all that went back of a purchase, by reversal and refunds, is never more than was paid.
    if (event._tag !== "PurchaseReversed" && event._tag !== "PurchaseRefunded") continue
    const paid = all.find((one) =>
      (one._tag === "Purchased" || one._tag === "OfflinePurchaseRecorded") && one.purchase === event.purchase
    )
    const back = Money.sum(
      all.flatMap((one) =>
        (one._tag === "PurchaseReversed" || one._tag === "PurchaseRefunded") && one.purchase === event.purchase
          ? [one.amount]
          : []
      )
    )
    expect(paid !== undefined && "amount" in paid ? paid.amount : 0, "I14").toBeGreaterThanOrEqual(back)
  }
  for (const event of fresh) if (isOfDoor(event)) expect(transfersOf(event), "I10").toEqual([])

  const active = cards.filter(({ _tag }) => _tag === "Active")
  expect(active.length, "I6").toBeLessThanOrEqual(1)
  expect(cards.filter(({ _tag }) => _tag === "Issued").length, "R74").toBeLessThanOrEqual(1)
  if (active.length === 0) expect(pockets.chip, "no chip without an active card").toBe(0)

  const frozen = cards.map((card) => {
    if (card._tag === "Lost") return Money.plus(card.frozen, card.held)
    return card._tag === "Replaced" ? card.frozen : Money.zero
  })
  // Once it is being closed, the account itself holds all (D7).
  if (account.closing === undefined) expect(pockets.frozen, "frozen is what the cards say").toBe(Money.sum(frozen))
  const loading = active.some((card) => card._tag === "Active" && card.load !== undefined)
  if (!loading) expect(pockets.held, "held only while a load is open (D8)").toBe(0)
}

const isOfDoor = ({ _tag }: AccountEvent): boolean => _tag === "Admitted" || _tag === "PassageRecorded"

/** What an event adds to what its holder owns less owes (I5). */
const worthOf = (event: AccountEvent): number => {
  switch (event._tag) {
    case "CreditRecorded":
    case "SubsidyGranted":
      return event.amount
    case "SubsidyExpired":
    case "AccountPaidOut":
      return 0 - event.amount
    // What is left of a subsidy goes back to the school (D6, D7).
    case "AccountClosing":
      return 0 - Money.sum(event.transfers.filter(({ from }) => from === "subsidy").map(({ amount }) => amount))
    case "Purchased":
      return event.medium === "alipayCode" ? 0 : 0 - event.amount
    case "OfflinePurchaseRecorded":
      return event.medium === "alipayCode" ? 0 : event.borne - event.amount
    case "PurchaseReversed":
      return event.cell.medium === "alipayCode" ? 0 : event.amount
    // What Alipay or the school had paid goes back there.
    case "PurchaseRefunded":
      return Money.sum(event.transfers.filter(({ to }) => !to.includes(":")).map(({ amount }) => amount))
    case "DebtRepaid":
    case "DebtWrittenOff":
      return event.amount
    default:
      return 0
  }
}
