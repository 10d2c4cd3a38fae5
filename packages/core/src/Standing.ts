/**
 * Whether a card or its holder is in order 卡状态: activated, not lost, not replaced, not ended, not dormant (R31, R39, R44,
 * R46, A16). What pays and what opens doors ask the same questions here; a door may admit the lost and the dormant (A6).
 */
import { Option } from "effect"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import type { Day } from "./CivilTime.ts"
import * as Closure from "./Closure.ts"
import type * as Decline from "./Decline.ts"
import * as Dormancy from "./Dormancy.ts"
import type { CardId } from "./Id.ts"
import type { Medium } from "./Medium.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as TemporaryCard from "./TemporaryCard.ts"

/** Why something is not in order. */
export type Refusal = Decline.Of<
  | "UnknownCard"
  | "AccountClosed"
  | "CardNotActivated"
  | "CardLost"
  | "CardSuperseded"
  | "CardCancelled"
  | "CardExpired"
  | "CardFrozenDormant"
  | "AlipayNotBound"
>

/** What is the matter, in the order in which it is told; nothing where all is in order. */
export type Standing = ReadonlyArray<Refusal>

/** The first thing that is the matter, but for what is exempted. */
export const refuse = (
  standing: Standing,
  { dormant, lost }: { readonly dormant: boolean; readonly lost: boolean } = { dormant: false, lost: false }
): Refusal | undefined =>
  standing.find(({ _tag }) => !(dormant && _tag === "CardFrozenDormant") && !(lost && _tag === "CardLost"))

/** The standing of this card: what is shown, then how long it is good for. */
export const ofCard = (profile: SchoolProfile, account: AccountState, id: CardId, today: Day): Standing => {
  const shown = ofShown(account, id)
  return shown === undefined ? validity(profile, account, today) : [shown, ...validity(profile, account, today)]
}

/**
 * Why this card is not the active one of its account, or nothing: what its holder brings to the counter or the kiosk,
 * dormant or not (R36, R37, R47).
 */
export const ofShown = (account: AccountState, id: CardId): Refusal | undefined => {
  const card = Option.getOrUndefined(Card.find(account.cards, id))
  if (card === undefined) return { _tag: "UnknownCard" }
  if (account.closing !== undefined) return Closure.refuse(account)
  return card._tag === "Active" ? undefined : Card.refusal(card)
}

/**
 * Why this card does not stand for its holder at a counter or a kiosk, or nothing. Holders of codes only have none to show
 * (R8, A15): for them the account itself stands.
 */
export const ofPresented = (
  { temporary }: Pick<SchoolProfile, "temporary">,
  account: AccountState,
  card: CardId | undefined
): Refusal | undefined => {
  if (card !== undefined) return ofShown(account, card)
  return TemporaryCard.hasPlastic(temporary, account) ? { _tag: "UnknownCard" } : Closure.refuse(account)
}

/** Why a temporary account is over, or nothing (A16). */
export const ofEnded = (account: AccountState, today: Day): Decline.Of<"CardExpired"> | undefined =>
  account.until !== undefined && today > account.until ? { _tag: "CardExpired", until: account.until } : undefined

/**
 * The standing of a holder who shows a code or picks a key. They work once a card was activated (R31), also while the
 * card is lost unless the profile freezes the whole account (A11); dormancy blocks them too (D17).
 */
export const ofCode = (profile: SchoolProfile, account: AccountState, medium: Medium, today: Day): Standing => {
  const closed = Closure.refuse(account)
  if (closed !== undefined) return [closed]
  if (account.validFrom === undefined) return [{ _tag: "CardNotActivated" }]
  const standing: Array<Refusal> = []
  if (profile.replacement.lossFreezes === "account") {
    const lost = account.cards.find((card): card is Card.Lost => card._tag === "Lost")
    if (lost !== undefined) standing.push({ _tag: "CardLost", reportedAt: lost.reportedAt })
  }
  if (medium === "alipayCode" && !account.alipayBound) standing.push({ _tag: "AlipayNotBound" })
  standing.push(...validity(profile, account, today))
  return standing
}

/** A temporary card past its last day (A16), or a dormant one. */
const validity = (profile: SchoolProfile, account: AccountState, today: Day): Standing => {
  const ended = ofEnded(account, today)
  if (ended !== undefined) return [ended]
  const dormant = Dormancy.refuse(profile, account, today)
  return dormant === undefined ? [] : [dormant]
}
