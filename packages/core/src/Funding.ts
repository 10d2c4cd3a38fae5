/**
 * Money that comes to an account or moves between its pockets 入账: recharges, transfers from the wallet, subsidies (D2,
 * D6, D10).
 */
import { Result } from "effect"
import type { AccountState } from "./AccountState.ts"
import * as Card from "./Card.ts"
import { dayOf, lastDay } from "./CivilTime.ts"
import { type Of, orderOf } from "./Command.ts"
import type * as Decline from "./Decline.ts"
import * as Enrolment from "./Enrolment.ts"
import { transfer } from "./Ledger.ts"
import * as Posted from "./Posted.ts"
import * as Recharge from "./Recharge.ts"
import { channelOf, type SchoolProfile } from "./SchoolProfile.ts"
import type { Outcome, Setting } from "./Setting.ts"
import * as Spending from "./Spending.ts"
import * as Subsidy from "./Subsidy.ts"
import * as TemporaryCard from "./TemporaryCard.ts"
import * as Wallet from "./Wallet.ts"

/**
 * Whether a recharge may be paid: card, identity, source and amount are looked at before any money moves (D2, R67-R69).
 * Money for the card needs an active card; money for the wallet only an account in use.
 */
export const placeRecharge = (account: AccountState, body: Of<"PlaceRecharge">, setting: Setting): Outcome => {
  const { now, profile } = setting
  const channel = channelOf(profile, body.channel)
  const bare = channel?.endsIn === "wallet" ? undefined : withoutPlastic(profile, account)
  if (bare !== undefined) return Result.fail(bare)
  const card = channel?.endsIn === "wallet" ? undefined : Card.latest(account.cards)
  const refusal = card === undefined
    ? Spending.refuseCode(profile, account, "ecodePayCode", dayOf(now))
    : Spending.refuseCard(profile, account, card.id, dayOf(now))
  if (refusal !== undefined) return Result.fail(refusal)
  const identified: Outcome = channel?.checksIdentity === true
    ? Enrolment.identify(account, setting, "document")
    : Result.succeed([])
  if (Result.isFailure(identified)) return identified
  const refused = Recharge.refuse(channel, account, body)
  if (refused !== undefined) return Result.fail(refused)
  // What is paid otherwise was placed before.
  if (body.instead !== undefined) return identified
  const { amount, channel: name, source } = body
  const order = orderOf(setting.envelope)
  return Result.succeed([
    ...identified.success,
    { _tag: "RechargePlaced", at: now, order, channel: name, source, amount }
  ])
}

/** Money for a card is of no use to somebody who holds codes only (R8, A15). */
const withoutPlastic = (
  { temporary }: SchoolProfile,
  account: AccountState
): Decline.Of<"NoPlasticForHolder"> | undefined =>
  TemporaryCard.hasPlastic(temporary, account) ? undefined : { _tag: "NoPlasticForHolder", kind: account.kind }

/**
 * Credits a paid order to the pocket of its channel, the debt first (D10). Money that was paid all the same is credited
 * even where placing it would be refused by now (D2). What counts is the evidence, which must say what the command
 * says.
 */
export const credit = (account: AccountState, body: Of<"CreditRecharge">, setting: Setting): Outcome => {
  const { envelope, now, profile } = setting
  const { amount, channel, order, paidAt, reference } = body
  const { evidence } = envelope
  if (
    !Recharge.PaidEvidence.is(evidence) || evidence.order !== order || evidence.channel !== channel ||
    evidence.amount !== amount || evidence.paidAt !== paidAt || evidence.reference !== reference
  ) return Result.fail({ _tag: "NotPaid" })
  const known = channelOf(profile, channel)
  if (known === undefined) return Result.fail({ _tag: "ChannelUnknown", channel })
  if (Posted.has(account.posted, Posted.ofOrder(order))) {
    return Result.fail({ _tag: "OrderAlreadyCredited" })
  }
  const transfers = Wallet.credit(account.pockets.receivable, `channel:${channel}`, known.endsIn, amount)
  return Result.succeed([{ _tag: "CreditRecorded", at: now, order, channel, amount, paidAt, reference, transfers }])
}

/** Moves money from the wallet to transit, so that the next tap can write it to the card (D2). */
export const moveToTransit = (
  account: AccountState,
  { amount }: Of<"MoveToTransit">,
  { now, profile }: Setting
): Outcome => {
  const refusal = withoutPlastic(profile, account) ??
    Spending.refuseCode(profile, account, "ecodePayCode", dayOf(now))
  if (refusal !== undefined) return Result.fail(refusal)
  const { pockets } = account
  return pockets.wallet < amount
    ? Result.fail({
      _tag: "InsufficientWallet",
      amount,
      available: pockets.wallet,
      elsewhere: Spending.elsewhere(pockets)
    })
    : Result.succeed([{ _tag: "MovedToTransit", at: now, amount, transfers: transfer("wallet", "transit", amount) }])
}

/** Grants a subsidy out of the school's fund (D6), unless it would have ended before. */
export const grantSubsidy = (
  { pockets }: AccountState,
  { amount, batch, until }: Of<"GrantSubsidy">,
  { now }: Setting
): Outcome => {
  if (until !== undefined && until < dayOf(now)) {
    return Result.fail({ _tag: "EndDateNotAllowed", until, latest: lastDay })
  }
  return Result.succeed([{
    _tag: "SubsidyGranted",
    at: now,
    amount,
    ...(batch === undefined ? {} : { batch }),
    ...(until === undefined ? {} : { until }),
    transfers: Wallet.credit(pockets.receivable, Wallet.subsidyFund, "subsidy", amount)
  }])
}

/**
 * Gives back to the fund what is left of a batch, once its last day is over, or of all subsidies (D6); nothing happens
 * where nothing is left.
 */
export const expireSubsidy = (
  { lots }: AccountState,
  { batch }: Of<"ExpireSubsidy">,
  { now }: Setting
): Outcome => {
  const until = batch === undefined ? undefined : Subsidy.lastDay(lots, batch)
  if (until !== undefined && dayOf(now) <= until) return Result.fail({ _tag: "SubsidyNotEnded", until })
  const amount = Subsidy.left(lots, batch)
  return Result.succeed(
    amount === 0 ? [] : [{
      _tag: "SubsidyExpired",
      at: now,
      amount,
      ...(batch === undefined ? {} : { batch }),
      transfers: transfer("subsidy", Wallet.subsidyFund, amount)
    }]
  )
}
