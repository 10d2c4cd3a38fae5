/**
 * Where a holder's money is 我的余额, as a holder thinks of it, and what to do next with each part (R56, D1, D2).
 *
 * Three pockets, also when they are empty: on the card (卡余额), paid and waiting for a tap (过渡余额, with a load whose
 * outcome is not known yet), and on the server (电子钱包). Beside them, where there is any: subsidy, frozen money with the
 * instant from which it may be had, and debt. Together they are what the account is worth, no fen more or less.
 *
 * It decides nothing and changes nothing; what is said here is said in the words and places of the school, as {@link
 * Explanation} says it. The name of a part stands alone, and a sentence without its full stop.
 *
 * Unit: fen.
 */
import type { AccountState } from "./AccountState.ts"
import { holdEnds } from "./Calendar.ts"
import * as Card from "./Card.ts"
import { dayOf, type Instant } from "./CivilTime.ts"
import * as Closure from "./Closure.ts"
import type * as Decline from "./Decline.ts"
import { explain } from "./Explanation.ts"
import { fullMinute } from "./internal/words/Figures.ts"
import { mediumOf } from "./internal/words/Names.ts"
import { placeOf, visit } from "./internal/words/Places.ts"
import { tap, topUp, topUpAndTap } from "./internal/words/Pockets.ts"
import { type Phrase, spaced, type Text, text } from "./internal/words/Text.ts"
import * as Money from "./Money.ts"
import type { SchoolProfile } from "./SchoolProfile.ts"
import * as Standing from "./Standing.ts"
import * as Subsidy from "./Subsidy.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as Wallet from "./Wallet.ts"

/** One part of the money. `next`: what its holder does next. */
export interface Holding {
  readonly amount: Money.Money
  readonly name: Text
  readonly next: Text
}

/** Frozen money. `from`: when it may be had at the earliest; left out while a new card has to come first. */
export interface Frozen extends Holding {
  readonly from?: Instant
}

/** All of it. */
export interface Holdings {
  readonly card: Holding
  readonly waiting: Holding
  readonly wallet: Holding
  readonly subsidy?: Holding
  readonly frozen: ReadonlyArray<Frozen>
  readonly debt?: Holding
}

/** Where the money of this account is at an instant. */
export const of = (profile: SchoolProfile, account: AccountState, now: Instant): Holdings => {
  const { pockets } = account
  const asked: Asked = {
    profile,
    account,
    card: cardRefusal(profile, account, now),
    code: Standing.refuse(Standing.ofCode(profile, account, "todayCampusCode", dayOf(now)))
  }
  return {
    card: holding(pockets.chip, text("卡余额", "On the card"), nextOfCard(asked)),
    waiting: holding(
      Wallet.pending(pockets),
      text("过渡余额（待圈存）", "Paid, waiting for a tap of the card"),
      nextOfWaiting(asked)
    ),
    wallet: holding(pockets.wallet, text("电子钱包", "E-wallet"), nextOfWallet(asked)),
    ...(pockets.subsidy === 0
      ? {}
      : { subsidy: holding(pockets.subsidy, text("补助", "Subsidy"), nextOfSubsidy(asked, now)) }),
    frozen: frozenOf(asked, now),
    ...(pockets.receivable === 0
      ? {}
      : { debt: holding(pockets.receivable, text("欠款", "Debt"), nextOfDebt(asked)) })
  }
}

/** What every answer asks: whose money, and why the card or the codes do not work, if they do not. */
interface Asked {
  readonly profile: SchoolProfile
  readonly account: AccountState
  readonly card: Decline.Decline | undefined
  readonly code: Decline.Decline | undefined
}

const holding = (amount: Money.Money, name: Text, next: Phrase): Holding => ({ amount, name, next: spaced(next) })

/** Why the card that stands for the account does not work, or why there is none. */
const cardRefusal = (profile: SchoolProfile, account: AccountState, now: Instant): Decline.Decline | undefined => {
  const { kind } = account
  if (!TemporaryCard.hasPlastic(profile.temporary, account)) return { _tag: "NoPlasticForHolder", kind }
  const card = Card.latest(account.cards)
  return card === undefined ? undefined : Standing.refuse(Standing.ofCard(profile, account, card.id, dayOf(now)))
}

/** What puts the card, or the codes, in order; nothing where they are. Who has no card yet gets one first, if any. */
const mend = ({ account, profile }: Asked, refusal: Decline.Decline | undefined): Phrase | undefined => {
  const closed = Closure.refuse(account)
  if (closed !== undefined) return explain(closed, profile).remedy
  if (account.cards.length === 0 && TemporaryCard.hasPlastic(profile.temporary, account)) {
    return visit(profile, "issueCard", text("领取校园卡", "Get a campus card"))
  }
  return refusal === undefined ? undefined : explain(refusal, profile).remedy
}

const nextOfCard = (asked: Asked): Phrase => {
  const { account: { pockets }, profile } = asked
  const mended = mend(asked, asked.card)
  if (mended !== undefined) return mended
  if (pockets.chip > 0) return text("刷卡即可消费", "Tap the card to pay")
  return Wallet.pending(pockets) > 0 ? tap(profile) : topUpAndTap(profile)
}

const nextOfWaiting = (asked: Asked): Phrase => {
  const { account: { pockets }, code, profile } = asked
  const { purseCeiling: ceiling } = profile
  const waiting = Wallet.pending(pockets)
  const mended = mend(asked, asked.card)
  if (mended !== undefined) {
    // A lost card stops the card and not its holder (A11).
    return code === undefined && pockets.transit > 0
      ? text("可用{}付款；{}", "Pay with {}. {}", mediumOf(profile, "todayCampusCode"), mended)
      : mended
  }
  if (waiting === 0) return topUpAndTap(profile)
  return pockets.chip >= ceiling && pockets.held === 0
    ? explain({ _tag: "PurseCeiling", ceiling, chip: pockets.chip, waiting }, profile).remedy
    : tap(profile)
}

const nextOfWallet = (asked: Asked): Phrase => {
  const { account: { pockets, wallet }, profile } = asked
  const mended = mend(asked, asked.code)
  if (mended !== undefined) return mended
  if (wallet === "none") return explain({ _tag: "EWalletNotOpened" }, profile).remedy
  if (pockets.wallet > 0) {
    return text(
      "可用{}付款，也可{}转到卡上",
      "Pay with {}, or move it to the card {}",
      mediumOf(profile, "ecodePayCode"),
      placeOf(profile, "moveToTransit")
    )
  }
  return wallet === "bound"
    ? topUp(profile, "wallet")
    : text("请{}绑定银行卡", "Bind a bank card {}", placeOf(profile, "bindWallet"))
}

const nextOfSubsidy = (asked: Asked, now: Instant): Phrase => {
  const { profile } = asked
  if (Subsidy.usable(asked.account.lots, dayOf(now)) === 0) {
    return text("已到期，由学校收回", "It has ended, and goes back to the school")
  }
  const mended = mend(asked, asked.card)
  if (mended === undefined) return tap(asked.profile)
  return asked.code === undefined
    ? text("可用{}付款；{}", "Pay with {}. {}", mediumOf(profile, "todayCampusCode"), mended)
    : mended
}

const nextOfDebt = ({ account, profile }: Asked): Phrase => {
  const place = placeOf(profile, "repayDebt")
  return account.closing === undefined
    ? text("下次入账时先行扣还，也可{}还款", "The next money that comes in repays it first, or pay it {}", place)
    : text("请{}还款", "Pay it {}", place)
}

/** The money of each card that is gone, and of an account that is being closed. */
const frozenOf = ({ account, profile }: Asked, now: Instant): ReadonlyArray<Frozen> => {
  const { calendar, replacement } = profile
  const { cards, closing, pockets } = account
  if (closing !== undefined) {
    return ripening(
      pockets.frozen,
      holdEnds(calendar, replacement.hold, closing.since),
      now,
      text("销户待退余额", "To be paid out when the account is closed"),
      text("请{}办理退款", "Have it paid out {}", placeOf(profile, "payOut"))
    )
  }
  return cards.flatMap((card): ReadonlyArray<Frozen> => {
    switch (card._tag) {
      case "Lost": {
        const amount = Money.plus(card.frozen, card.held)
        const waiting = cards.some(({ _tag }) => _tag === "Issued")
        const { remedy } = explain(waiting ? { _tag: "CardAwaitingActivation" } : Card.refusal(card), profile)
        return amount === 0 ? [] : [holding(amount, frozenName, remedy)]
      }
      case "Replaced":
        return ripening(
          card.frozen,
          holdEnds(calendar, replacement.hold, card.completedAt),
          now,
          frozenName,
          text("请用新卡{}领取冻结金额", "Claim it with the new card {}", placeOf(profile, "claimFrozen"))
        )
      default:
        return []
    }
  })
}

const frozenName = text("冻结金额", "Frozen, of a card that is gone")

/** Frozen money that may be had from an instant on, if there is any. */
const ripening = (
  amount: Money.Money,
  from: Instant,
  now: Instant,
  name: Text,
  next: Phrase
): ReadonlyArray<Frozen> => {
  if (amount === 0) return []
  const then = now >= from ? next : text("{} 起，{}", "From {} on: {}", fullMinute(from), next)
  return [{ ...holding(amount, name, then), from }]
}
