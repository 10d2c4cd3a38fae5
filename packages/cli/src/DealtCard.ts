/**
 * What became of money that was written to a chip, or taken from it, in words 写卡结果.
 */
import type { Outcome, PendingWrite, PurseCard } from "@yikatong/adapters-pcsc"
import { type Chip, type Id, Money } from "@yikatong/core"
import * as CardFailure from "./CardFailure.ts"
import { both } from "./Failure.ts"

/**
 * `uncounted`: why the counters of the chip were not written along with a payment. `standing`: of a card that has paid
 * although no till would have let it.
 */
export interface DealtCard {
  readonly reader: string
  readonly kind: PendingWrite.PendingWrite["kind"]
  readonly card: Id.CardId
  readonly amount: Money.Amount
  readonly before: Chip.Reading
  readonly outcome: Outcome.Outcome
  readonly uncounted: PurseCard.Failure | undefined
  readonly standing: Exclude<Chip.Chip["standing"], "active"> | undefined
}

/** The purse and its counters on one line. */
export const purse = ({ balance, loadSequence, purchaseSequence }: Chip.Reading): string =>
  `余额 balance: ${Money.format(balance)}，圈存次数 loads: ${loadSequence}，消费次数 purchases: ${purchaseSequence}`

const headlines = {
  load: {
    Done: "已写入芯片 loaded",
    NotDone: "未写入 not loaded",
    Unknown: "不明是否写入 not known whether it was loaded"
  },
  debit: {
    Done: "已从芯片扣款 paid",
    NotDone: "未扣款 not paid",
    Unknown: "不明是否扣款 not known whether it was paid"
  }
} satisfies Record<DealtCard["kind"], Record<Outcome.Outcome["_tag"], string>>

const causeOf = (outcome: Outcome.Outcome): PurseCard.Failure | undefined => {
  if (outcome._tag === "Done") return undefined
  return outcome._tag === "NotDone" ? outcome.cause : outcome.evidence.cause
}

/** What the chip says now, where it could be read. */
const readingOf = (outcome: Outcome.Outcome): Chip.Reading | undefined =>
  outcome._tag === "Unknown" ? outcome.evidence.after : outcome.reading

const standings = {
  notActivated: both("注意：此卡未激活，消费机会拒收", "mind: the card is not activated, no till would take it"),
  blocked: both("注意：此卡已停用，消费机会拒收", "mind: the card is blocked, no till would take it")
}

/** For people. */
export const lines = (
  { amount, before, card, kind, outcome, reader, standing, uncounted }: DealtCard
): ReadonlyArray<string> => {
  const cause = causeOf(outcome)
  const reading = readingOf(outcome)
  return [
    `${headlines[kind][outcome._tag]}: ${Money.format(amount)}，卡 card ${card}`,
    ...(reading === undefined
      ? [`  写前 before: ${purse(before)}`]
      : [`  ${purse(reading)}`]),
    ...(outcome._tag === "Done" && outcome.tac !== undefined ? [`  TAC: ${outcome.tac}`] : []),
    ...(outcome._tag === "Done" ? [] : [`  读卡器 reader: ${reader}`]),
    ...(cause === undefined ? [] : [
      `  原因 cause: ${CardFailure.what(cause)}`,
      ...(CardFailure.isFault(cause) ? [] : [`    ${CardFailure.remedy(cause)}`])
    ]),
    ...(outcome._tag === "Unknown"
      ? [`  ${both("请再次放卡，用 reader balance 核对余额和次数", "lay the card again: reader balance tells")}`]
      : []),
    ...(uncounted === undefined ? [] : [
      `  ${both("限额累计读不出，未写入卡片", "the counters of the card can not be read, and were not written")}: ${
        CardFailure.what(uncounted)
      }`
    ]),
    ...(standing === undefined ? [] : [`  ${standings[standing]}`]),
    `  ${both("只写卡片芯片，账目未动", "this was the chip alone: no books have moved")}`
  ]
}

/** For machines; money in fen. */
export const plain = ({ amount, before, card, kind, outcome, reader, standing, uncounted }: DealtCard): object => {
  const cause = causeOf(outcome)
  return {
    ok: outcome._tag === "Done",
    kind: kind === "debit" ? "pay" : kind,
    chipAlone: true,
    reader,
    card,
    amount,
    outcome: outcome._tag,
    before,
    after: readingOf(outcome) ?? null,
    ...(outcome._tag === "Done" && outcome.tac !== undefined ? { tac: outcome.tac } : {}),
    ...(outcome._tag === "Unknown" ? { proof: outcome.evidence.proof } : {}),
    ...(cause === undefined ? {} : { cause: CardFailure.plain(cause) }),
    ...(uncounted === undefined ? {} : { uncounted: CardFailure.plain(uncounted) }),
    ...(standing === undefined ? {} : { standing })
  }
}
