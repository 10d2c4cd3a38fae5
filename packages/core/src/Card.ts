/**
 * The life of one card 校园卡: issued → active ⇄ reported lost → replaced; or issued → cancelled; returned with its
 * account.
 *
 * Source: R30, R31 (issue, activate), R39-R45 (loss, found, replacement), R74. Each state holds only what is true in
 * it, and each step takes only the states it may start from: a replaced card cannot be reported found (R44), which is a
 * type error, not a check. The bank side of a co-branded card is a status of its own (R40).
 */
import { Option, Schema } from "effect"
import { Instant } from "./CivilTime.ts"
import type * as Decline from "./Decline.ts"
import { CardId } from "./Id.ts"
import * as Money from "./Money.ts"
import { OpenLoad } from "./OpenLoad.ts"

/** A time during which the card was reported lost; open while it still is. Half-open: `until` is no longer in it. */
const LostSpan = Schema.Struct({ from: Instant, until: Schema.optionalKey(Instant) })

const issued = {
  id: CardId,
  issuedAt: Instant,
  /** 银行卡状态: what the bank says of its half of the card (R40). */
  bank: Schema.Literals(["normal", "reportedLost"])
}
/** `short`: fen that its records have taken and the books had no more on it, so that they became a debt (D10, D11). */
const activated = {
  ...issued,
  activatedAt: Instant,
  lost: Schema.Array(LostSpan),
  short: Schema.optionalKey(Money.Money)
}

export const Card = Schema.TaggedUnion({
  /** Handed out at the bank window, not yet activated (R30). */
  Issued: issued,
  /** In use. At most one card of an account is (I6). */
  Active: { ...activated, load: Schema.optionalKey(OpenLoad) },
  /**
   * Reported lost 挂失. `frozen`: fen of its chip; `held`: fen of a load with unknown outcome, also frozen; `borne`: fen
   * spent after the loss at the school's cost.
   */
  Lost: {
    ...activated,
    reportedAt: Instant,
    frozen: Money.Money,
    held: Money.Money,
    borne: Money.Money,
    load: Schema.optionalKey(OpenLoad)
  },
  /** A new card took its place 补办. `frozen`: fen still to be claimed. */
  Replaced: {
    ...activated,
    reportedAt: Instant,
    by: CardId,
    completedAt: Instant,
    frozen: Money.Money,
    claimedAt: Schema.optionalKey(Instant)
  },
  /** Given back when its account was closed (D7). */
  Returned: { ...activated, returnedAt: Instant },
  /** Handed out by mistake and taken back before it was activated 注销. */
  Cancelled: { ...issued, cancelledAt: Instant }
})
export type Card = typeof Card.Type
export type Issued = typeof Card.cases.Issued.Type
export type Active = typeof Card.cases.Active.Type
export type Lost = typeof Card.cases.Lost.Type
export type Replaced = typeof Card.cases.Replaced.Type
export type Returned = typeof Card.cases.Returned.Type
export type Cancelled = typeof Card.cases.Cancelled.Type

/** Hands out a card (R30). */
export const issue = (id: CardId, at: Instant): Issued => ({ _tag: "Issued", id, issuedAt: at, bank: "normal" })

/** Activates it at window 3/4 (R31). */
export const activate = ({ bank, id, issuedAt }: Issued, at: Instant): Active => ({
  _tag: "Active",
  id,
  issuedAt,
  bank,
  activatedAt: at,
  lost: []
})

/** Takes back a card that was never activated. */
export const cancel = ({ bank, id, issuedAt }: Issued, at: Instant): Cancelled => ({
  _tag: "Cancelled",
  id,
  issuedAt,
  bank,
  cancelledAt: at
})

/** Reports it lost (R39): `frozen` is what its chip held. A load with unknown outcome goes with it (D8). */
export const reportLost = (card: Active, at: Instant, frozen: Money.Money, held: Money.Money): Lost => ({
  ...card,
  _tag: "Lost",
  reportedAt: at,
  lost: [...card.lost, { from: at }],
  frozen,
  held,
  borne: Money.zero
})

/** Reports it found (R43). */
export const reportFound = (card: Lost, at: Instant): Active => ({
  _tag: "Active",
  id: card.id,
  issuedAt: card.issuedAt,
  bank: card.bank,
  activatedAt: card.activatedAt,
  lost: card.lost.map((span) => span.until === undefined ? { from: span.from, until: at } : span),
  ...(card.load === undefined ? {} : { load: card.load }),
  ...(card.short === undefined ? {} : { short: card.short })
})

/** Whether the books still follow its chip: it is in use, or lost and may be found again. */
export const isFollowed = (card: Card): card is Active | Lost => card._tag === "Active" || card._tag === "Lost"

/** How many fen its records have taken that the books had no more on it. */
export const shortOf = (card: Card): Money.Money => "short" in card ? card.short ?? Money.zero : Money.zero

/** Its records took so much more of it than the books had on it. */
export const runShort = (card: Card, more: Money.Money): Card =>
  more > 0 && isFollowed(card) ? { ...card, short: Money.plus(shortOf(card), more) } : card

/** The books had so much less on it than its chip: of what was owed for that, so much was. */
export const mendShort = (card: Card, less: Money.Money): Card => {
  if (!isFollowed(card)) return card
  const { short = Money.zero, ...rest } = card
  return short <= less ? rest : { ...rest, short: Money.minus(short, less) }
}

/** A new card takes its place (R41): the three days begin. */
export const replace = (card: Lost, by: CardId, at: Instant): Replaced => ({
  _tag: "Replaced",
  id: card.id,
  issuedAt: card.issuedAt,
  bank: card.bank,
  activatedAt: card.activatedAt,
  lost: card.lost,
  reportedAt: card.reportedAt,
  by,
  completedAt: at,
  frozen: Money.plus(card.frozen, card.held)
})

/** Gives back a card of an account that is closed: nothing is frozen on it any more, the account holds it all (D7). */
export const giveBack = (card: Active | Lost | Replaced, at: Instant): Returned => ({
  _tag: "Returned",
  id: card.id,
  issuedAt: card.issuedAt,
  bank: card.bank,
  activatedAt: card.activatedAt,
  lost: card.lost,
  returnedAt: at
})

/** Its frozen money has been claimed, all of it and only once (I7). */
export const claim = (card: Replaced, at: Instant): Replaced => ({ ...card, frozen: Money.zero, claimedAt: at })

/**
 * Since when the card had been reported lost at that time; nothing when it had not. What was bought then is
 * `SpendAfterLoss` (D11).
 */
export const lostFrom = (card: Active | Lost | Replaced | Returned, at: Instant): Instant | undefined =>
  card.lost.find((span) => at >= span.from && (span.until === undefined || at < span.until))?.from

/** Why a card that is not active may not be used. */
export const refusal = (
  card: Exclude<Card, Active>
): Decline.Of<"CardNotActivated" | "CardLost" | "CardSuperseded" | "CardCancelled"> => {
  switch (card._tag) {
    case "Issued":
      return { _tag: "CardNotActivated" }
    case "Lost":
      return { _tag: "CardLost", reportedAt: card.reportedAt }
    case "Replaced":
      return { _tag: "CardSuperseded" }
    case "Returned":
    case "Cancelled":
      return { _tag: "CardCancelled" }
  }
}

/** The card with this id. */
export const find = (cards: ReadonlyArray<Card>, id: CardId): Option.Option<Card> =>
  Option.fromUndefinedOr(cards.find((card) => card.id === id))

/** The one active card, if there is one (I6). */
export const active = (cards: ReadonlyArray<Card>): Active | undefined =>
  cards.find((card): card is Active => card._tag === "Active")

/** The card that stands for the account when no card is at hand: the active one, else the one that came last. */
export const latest = (cards: ReadonlyArray<Card>): Card | undefined =>
  active(cards) ?? cards.filter(({ _tag }) => _tag !== "Cancelled").at(-1) ?? cards.at(-1)
