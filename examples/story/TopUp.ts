/** Money comes in: a recharge from the order to the credit, as its payer, its channel and the school see it. */
import { type Command, Money, type Recharge, RechargeOrder, Recharging, SubjectStore } from "@yikatong/core"
import { Effect, Option, type Redacted } from "effect"
import type { Bank } from "./Bank.ts"
import { student } from "./Cast.ts"
import { office } from "./Channels.ts"
import type { Stage, Words } from "./Stage.ts"

export interface TopUp {
  readonly yuan: string
  readonly channel: "ecode" | "todayCampus"
  readonly source: "ccbCard" | "unionPayCard" | "weChat"
  readonly subject?: Command.Subject
  /** The channel's notice is lost on the way. */
  readonly isSilent?: boolean
}

/** What is typed into the bank's app, where it is not the holder's own. */
export interface Typed {
  readonly document?: Redacted.Redacted<string>
  readonly cardholder?: Redacted.Redacted<string>
}

/** The bank app's words for what a school answers. */
const codes: Readonly<Record<string, Words>> = {
  nameMismatch: ["建行 APP 提示：学号、姓名、证件不符", "the app says: number, name and document do not match"],
  notOwnCard: ["建行 APP 提示：仅限本人建行卡，钱已退回", "the app says: one's own card only; the money is back on it"]
}

export const make = (stage: Stage, bank: Bank) => {
  const isCredited = (order: Recharge.Order) =>
    Effect.map(
      Effect.flatMap(SubjectStore.SubjectStore, (store) => store.find(RechargeOrder.decider, order.id)),
      (found) => Option.isSome(found) && found.value._tag === "Credited"
    )

  /** Orders, pays by phone or by a bound card, and says what was answered. */
  const topUp = Effect.fnUntraced(function*(
    wish: Words,
    { channel, isSilent = false, source, subject, yuan }: TopUp
  ) {
    yield* bank.catchUp
    const point = channel === "ecode" ? "ecode" : "today-campus"
    const amount = Money.amount(Money.yuan(yuan))
    const body = { _tag: "PlaceRecharge", channel, source, holder: "own", amount } as const
    const placed = yield* Recharging.place(stage.statement(point, body, subject))
    if (placed._tag === "Refused") return yield* stage.hear(wish, placed.answer)
    if (isSilent) bank.box.rules.add({ operation: "notice", times: 100, does: { _tag: "Drop", after: false } })
    if (source !== "ccbCard") yield* bank.scan(placed.attempt)
    bank.box.rules.clear()
    if (isSilent) yield* stage.aside(["已付款，通知丢失，学校主动查询", "paid, and nobody told: the school asks"])
    // What the driver of recharges does when its time has come.
    if (!(yield* isCredited(placed.order))) yield* Recharging.confirm(placed.order, office)
    return yield* stage.say((yield* isCredited(placed.order)) ? "✓" : "?", wish)
  })

  /** Types it into the bank's app: the bank asks the school, takes the money, and tells the school. */
  const inBankApp = Effect.fnUntraced(function*(wish: Words, yuan: string, typed: Typed = {}) {
    yield* bank.catchUp
    const { document: { number: document }, name, number } = student
    const amount = Money.amount(Money.yuan(yuan))
    const code = yield* bank.deposit({ number, name, document, cardholder: name, amount, ...typed })
    yield* stage.say(code === "accepted" ? "✓" : "✗", wish)
    if (code !== "accepted") yield* stage.aside(codes[code] ?? [code, code])
  })
  return { topUp, inBankApp }
}
