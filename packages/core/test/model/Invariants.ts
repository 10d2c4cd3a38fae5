/**
 * What must hold after every step, whatever happened: a watcher who reads only what was asked and answered, and shares
 * nothing with the model but the calendar. It goes along with the life, so that a step costs the same at its end as at
 * its beginning.
 */
import type { AccountEvent, Of } from "../../src/AccountEvent.ts"
import { transfers as transfersOf } from "../../src/AccountEvent.ts"
import type { AccountState } from "../../src/AccountState.ts"
import type { Answer } from "../../src/Answer.ts"
import type { Burned } from "../../src/BurnedCodes.ts"
import type { Envelope } from "../../src/Command.ts"
import { kept } from "./Codes.ts"
import { dayAt, dayMs, mealAt } from "./Dates.ts"
import { same } from "./Expected.ts"
import { type Model, undebited, unsent } from "./Model.ts"
import { schoolAt } from "./School.ts"

const holds = (invariant: string, so: boolean, detail: () => unknown): void => {
  if (!so) throw new Error(`${invariant} is broken: ${JSON.stringify(detail())}`)
}

type Purchase = Of<"Purchased" | "OfflinePurchaseRecorded">

const isOfDoor = ({ _tag }: Envelope["body"]): boolean =>
  _tag === "Identify" || _tag === "OpenByKeyRing" || _tag === "RecordPassage"

export class Watch {
  /** What every book holds by its transfers. */
  readonly #books = new Map<string, number>()
  /** What came in less what went out (I5). */
  #worth = 0
  readonly #bought = new Map<string, Purchase>()
  /** Fen that went back of each purchase. */
  readonly #returned = new Map<string, number>()
  readonly #lost = new Map<string, number>()
  readonly #completed = new Map<string, number>()
  readonly #claimed = new Set<string>()
  readonly #counted = new Map<string, number>()
  /** The codes that an account was shown, by pseudonym and counter, and the latest of each pseudonym (A22). */
  readonly #shown = new Set<string>()
  readonly #latest = new Map<string, Burned>()

  /** One command, its answer, and the account before and after. */
  see(envelope: Envelope, answer: Answer, before: AccountState | undefined, after: AccountState | undefined): void {
    this.#sawCode(envelope, answer, before, after)
    if (answer._tag === "Declined") return this.#sawDecline(answer.decline._tag, before, after)
    for (const event of answer.events) this.#sawEvent(event)
    if (isOfDoor(envelope.body)) {
      holds("I10", same(before?.pockets, after?.pockets) && same(before?.tallies, after?.tallies), () => answer)
    }
    this.#worth += this.#worthOf(envelope, answer)
    if (after !== undefined) this.#sawState(after)
  }

  /**
   * A22: a code that was shown never opens or pays again, whatever it was told then; the account knows of it until a day
   * after its authorisation has ended, and learns of no other.
   */
  #sawCode(
    envelope: Envelope,
    answer: Answer,
    before: AccountState | undefined,
    after: AccountState | undefined
  ): void {
    const { body, proofs, receivedAt } = envelope
    const code = "code" in body ? body.code : undefined
    const unjudged = answer._tag === "Declined" && answer.decline._tag === "CodeRequired"
    const isFact = body._tag === "RecordPassage"
    const isShown = isFact ? answer._tag === "Approved" : proofs?.code !== undefined && !unjudged
    if (code !== undefined && before !== undefined && isShown) {
      const key = `${code.pseudonym} ${code.counter}`
      const again = this.#shown.has(key)
      holds("A22", !again || isFact || answer._tag === "Declined", () => ({ envelope, answer }))
      this.#shown.add(key)
      const latest = this.#latest.get(code.pseudonym)
      if (latest === undefined || latest.counter < code.counter) this.#latest.set(code.pseudonym, code)
    } else holds("A22", same(before?.codes ?? [], after?.codes ?? []), () => ({ envelope, answer, before, after }))
    for (const [pseudonym, { counter, notAfter }] of this.#latest) {
      if (receivedAt - notAfter > dayMs) this.#latest.delete(pseudonym)
      else {
        const known = after?.codes.find((one) => one.pseudonym === pseudonym)
        holds("A22", known?.counter === counter, () => ({ envelope, pseudonym, counter, codes: after?.codes }))
      }
    }
  }

  /** I4, D13: a decline leaves all equal; a code is burnt, a wrong password or claim is counted, and that is all. */
  #sawDecline(tag: string, was: AccountState | undefined, after: AccountState | undefined): void {
    // Which codes the account knows is looked at above.
    const isBurnt = was !== undefined && after !== undefined && !same(was.codes, after.codes)
    const before = isBurnt ? { ...was, codes: after.codes, version: was.version + 1 } : was
    if ((tag !== "PasswordWrong" && tag !== "IdentityNotMatched") || before === undefined || after === undefined) {
      return holds("I4", same(before, after), () => ({ tag, before, after }))
    }
    const { password: one, version: _, ...rest } = before
    const { password: other, version: __, ...is } = after
    holds("I4", same(rest, is) && same({ ...one, tries: {} }, { ...other, tries: {} }), () => ({ before, after }))
  }

  #sawEvent(event: AccountEvent): void {
    for (const { amount, from, to } of transfersOf(event)) {
      holds("I1", Number.isSafeInteger(amount) && amount > 0 && from !== to, () => event)
      this.#books.set(from, (this.#books.get(from) ?? 0) - amount)
      this.#books.set(to, (this.#books.get(to) ?? 0) + amount)
    }
    switch (event._tag) {
      case "Purchased":
      case "OfflinePurchaseRecorded":
        return this.#sawPurchase(event)
      case "PurchaseReversed":
      case "PurchaseRefunded": {
        const bought = this.#bought.get(event.purchase)
        const before = this.#returned.get(event.purchase) ?? 0
        holds("I14", bought !== undefined && bought.amount >= before + event.amount, () => event)
        holds("I14", event._tag === "PurchaseRefunded" || before === 0, () => event)
        this.#returned.set(event.purchase, before + event.amount)
        const counts = bought?._tag === "Purchased" || bought?.borne === 0
        if (bought !== undefined && counts) this.#count({ ...bought, amount: event.amount }, -1)
        return
      }
      case "Admitted":
      case "PassageRecorded":
        return holds("I10", transfersOf(event).length === 0, () => event)
      case "CardReportedLost":
        this.#lost.set(event.card, event.at)
        return
      case "CardReportedFound":
        this.#lost.delete(event.card)
        return
      case "CardActivated":
        for (const old of event.replaces) this.#completed.set(old, event.at)
        return
      case "FrozenClaimed":
        for (const old of event.from) {
          holds("I7", !this.#claimed.has(old), () => event)
          const completed = this.#completed.get(old) ?? Infinity
          holds("I7", event.at >= schoolAt(event.at).claimableFrom(completed), () => ({ event, completed }))
          this.#claimed.add(old)
        }
    }
  }

  #sawPurchase(event: Purchase): void {
    this.#bought.set(event.purchase, event)
    // What the school bears after a loss does not meet the holder's limits.
    const counts = event._tag === "Purchased" || event.borne === 0
    const exceeds = counts && this.#count(event, 1)
    const { card } = event
    const since = card === undefined ? undefined : this.#lost.get(card)
    if (event._tag === "Purchased") {
      holds("I8", !exceeds, () => event)
      // A replaced card stays lost for ever: it is never found.
      holds("I9", since === undefined, () => event)
      return
    }
    const reported = (tag: string) => event.reports.some(({ _tag }) => _tag === tag)
    holds("I8", reported("LimitExceeded") === exceeds, () => event)
    if (since !== undefined && event.at >= since) holds("I9", reported("SpendAfterLoss"), () => event)
  }

  /** Counts a purchase in its day and its meal; whether one of them is above its hard limit now. */
  #count({ amount, at, cell }: Purchase, sign: 1 | -1): boolean {
    const { dayHard, mealHard } = schoolAt(at)
    const add = (key: string, limit: number): boolean => {
      const sum = (this.#counted.get(key) ?? 0) + sign * amount
      this.#counted.set(key, sum)
      return sum > limit
    }
    const day = dayAt(at)
    const meal = cell.category === "canteen" && cell.medium !== "alipayCode" &&
      add(`${day} ${mealAt(at)}`, mealHard)
    return add(`${day}`, dayHard) || meal
  }

  #sawState({ cards, pockets }: AccountState): void {
    let sum = 0
    for (const book of this.#books.values()) sum += book
    holds("I1", sum === 0, () => [...this.#books])
    let worth = 0
    for (const [pocket, fen] of Object.entries(pockets)) {
      holds("I2", Number.isSafeInteger(fen) && fen >= 0, () => pockets)
      const sign = pocket === "receivable" ? -1 : 1
      holds("I13", (this.#books.get(pocket) ?? 0) === sign * fen + 0, () => ({ pocket, pockets }))
      worth += sign * fen
    }
    holds("I5", worth === this.#worth, () => ({ pockets, flows: this.#worth }))
    const active = cards.filter(({ _tag }) => _tag === "Active").length
    holds("I6", active <= 1, () => cards)
    holds("no money on a chip that nobody holds", active === 1 || pockets.chip + pockets.held === 0, () => pockets)
  }

  /** What a command adds to what its holder owns less owes (I5), told by what was asked. */
  #worthOf({ body }: Envelope, { events }: Extract<Answer, { readonly _tag: "Approved" }>): number {
    switch (body._tag) {
      case "CreditRecharge":
      case "GrantSubsidy":
      case "RepayDebt":
      case "WriteOffDebt":
        return body.amount
      case "ExpireSubsidy": {
        const expired = events.at(-1)
        return expired?._tag === "SubsidyExpired" ? 0 - expired.amount : 0
      }
      case "CloseAccount":
        return 0 - movedOut(events, "subsidy")
      case "PayOut": {
        const paidOut = events.at(-1)
        return paidOut?._tag === "AccountPaidOut" ? 0 - paidOut.amount : NaN
      }
      case "PayByCard":
        return 0 - body.amount
      case "PayByCode":
        return body.medium === "alipayCode" ? 0 : 0 - body.amount
      case "RecordCardPurchase": {
        const posted = events.at(-1)
        if (posted?._tag === "PurchaseConfirmed") return 0
        return posted?._tag === "OfflinePurchaseRecorded" ? posted.borne - body.amount : NaN
      }
      case "ReversePurchase":
      case "RefundPurchase": {
        const bought = this.#bought.get(body.purchase)
        if (bought === undefined) return NaN
        const others = bought.medium === "alipayCode" || (bought._tag === "OfflinePurchaseRecorded" && bought.borne > 0)
        return others ? 0 : body._tag === "RefundPurchase" ? body.amount : bought.amount
      }
      default:
        return 0
    }
  }
}

const movedOut = (events: ReadonlyArray<AccountEvent>, pocket: string): number =>
  events.flatMap(transfersOf).reduce((sum, { amount, from }) => from === pocket ? sum + amount : sum, 0)

/**
 * The chip and the books: what the books say of a card, with a load that was really written and with what was never
 * debited, without slips nobody has uploaded and without what such slips took that the books had no more, is what is really on its chip. It holds in lives where every terminal is honest, as all in here are.
 */
export const agreeWithPlastic = (model: Model, { cards, pockets }: AccountState): void => {
  for (const plastic of model.cards) {
    const card = cards.find(({ id }) => id === plastic.id)
    if (card?._tag !== "Active" && card?._tag !== "Lost") continue
    const [chip, held] = card._tag === "Active" ? [pockets.chip, pockets.held] : [card.frozen - card.borne, card.held]
    const written = plastic.load?.written === true ? held : 0
    holds(
      "the chip is what the books say",
      plastic.balance >= 0 && plastic.short >= 0 &&
        chip + written + undebited(model, plastic) - unsent(model, plastic) - plastic.short === plastic.balance,
      () => ({ plastic, card, pockets, unsent: unsent(model, plastic), undebited: undebited(model, plastic) })
    )
  }
}

/** Whether state and model say the same of pockets and cards. */
export const agreeWithModel = (
  model: Model,
  { alipayBound, cards, codes, lots, password, pockets, transferBound, validFrom, wallet }: AccountState
): void => {
  holds("model: pockets", same({ ...pockets }, { ...model.pockets }), () => ({ pockets, model: model.pockets }))
  const told = cards.map((card) => ({
    id: card.id,
    standing: card._tag.toLowerCase(),
    frozen: card._tag === "Lost" || card._tag === "Replaced" ? card.frozen : 0,
    frozenLoad: card._tag === "Lost" ? card.held : 0,
    open: "load" in card ? card.load?.id : undefined
  }))
  const meant = model.cards.map(({ frozen, frozenLoad, id, load, standing }) => ({
    id,
    standing,
    frozen,
    frozenLoad,
    open: load?.id
  }))
  holds("model: cards", same(told, meant), () => ({ told, meant }))
  holds(
    "model: holder",
    same(
      { alipayBound, transferBound, wallet, validFrom, version: password.version, mustChange: password.mustChange },
      {
        alipayBound: model.alipayBound,
        transferBound: model.transferBound,
        wallet: model.wallet,
        validFrom: model.validFrom,
        ...model.password
      }
    ),
    () => ({ password, validFrom, wallet, model })
  )
  const byPseudonym = (list: ReadonlyArray<Burned>) =>
    list.toSorted((one, other) => one.pseudonym < other.pseudonym ? -1 : 1)
  holds("model: codes (A22)", same(byPseudonym(codes), byPseudonym(kept(model))), () => ({ codes, burnt: model.burnt }))
  const ofLots = (list: ReadonlyArray<{ readonly left: number }>) => list.map(({ left }) => left)
  holds("model: lots (D6)", same(ofLots(lots), ofLots(model.lots)), () => ({ lots, model: model.lots }))
  for (const channel of ["till", "kiosk", "counter", "remote", "claimedName", "claimedDocument"] as const) {
    holds("model: tries", password.tries[channel]?.wrong === model.wrong.get(channel)?.times, () => password)
  }
}
