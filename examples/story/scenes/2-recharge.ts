/**
 * Money comes in by three channels: for the card into transit, for codes into the wallet. Each has its amounts, its
 * sources, and what has to be bound first (R19-R26, R67-R69, D1, D2).
 */
import { Id, Money, Pin, Recharging, type Submit } from "@yikatong/core"
import { SimulatedChannel } from "@yikatong/core/testing"
import { Effect, Option, Result } from "effect"
import { student, trainee } from "../Cast.ts"
import type { Stage, Words } from "../Stage.ts"

/**
 * The channels' other sides only pretend here: they confirm what the story pays. Everything after the payment is real.
 */
export const channels = {
  todayCampus: SimulatedChannel.make("todayCampus"),
  ecode: SimulatedChannel.make("ecode"),
  ccbApp: SimulatedChannel.make("ccbApp")
}

const initialPin = Result.getOrThrow(Pin.parse("011250"))

export const recharge = (stage: Stage) => {
  const pay = Effect.fnUntraced(function*(
    wish: Words,
    channel: keyof typeof channels,
    source: "weChat" | "unionPayCard" | "ccbCard",
    yuan: string,
    secrets?: Submit.Secrets,
    holder: "own" | "other" = "own"
  ) {
    const point = { todayCampus: "today-campus", ecode: "ecode", ccbApp: "today-campus" }[channel]
    const amount = Money.amount(Money.yuan(yuan))
    const placed = yield* Recharging.place(
      stage.statement(point, { _tag: "PlaceRecharge", channel, source, holder, amount }),
      secrets
    )
    if (placed._tag === "Refused") return yield* stage.hear(wish, placed.answer)
    channels[channel].pay(placed.order.id, amount, stage.now())
    const { answer } = yield* Recharging.confirm(placed.order, Id.PointId.make("card-centre"))
    if (Option.isSome(answer)) yield* stage.hear(wish, answer.value)
  })

  return stage.scene(
    ["三种充值", "three ways to recharge"],
    "一、(一), 三、(十一) · R19-R26, R67-R69",
    Effect.gen(function*() {
      stage.at("2026-03-02 10:30")
      yield* pay(
        ["今日校园微信充值 30.00，不在列表", "Today Campus, 30.00: not on the list"],
        "todayCampus",
        "weChat",
        "30.00"
      )
      yield* pay(["今日校园微信充值 20.00", "Today Campus, WeChat, 20.00"], "todayCampus", "weChat", "20.00")
      yield* pay(
        ["今日校园银联卡充值 10.00", "Today Campus, UnionPay card, 10.00"],
        "todayCampus",
        "unionPayCard",
        "10.00"
      )
      const own = { claim: { number: student.number, document: student.document } }
      yield* pay(
        ["建行 APP，学号与身份证不符", "CCB app, number and identity card of two people"],
        "ccbApp",
        "ccbCard",
        "80.00",
        { claim: { ...own.claim, document: trainee.document } }
      )
      yield* pay(
        ["建行 APP，用别人的建行卡", "CCB app, somebody else's card"],
        "ccbApp",
        "ccbCard",
        "80.00",
        own,
        "other"
      )
      yield* pay(["建行 APP，本人建行卡充值 80.00", "CCB app, own card, 80.00"], "ccbApp", "ccbCard", "80.00", own)
      yield* pay(["e码通微信充值", "e码通 by WeChat"], "ecode", "weChat", "30.00")
      yield* pay(["e码通银联充值", "e码通 by a UnionPay card"], "ecode", "unionPayCard", "30.00")
      stage.at("2026-03-02 10:40")
      yield* stage.ask(
        ["凭卡密码和姓名开通电子钱包", "card password and name open the wallet"],
        "ecode",
        { _tag: "OpenWallet" },
        { pin: initialPin, claim: { number: student.number, name: student.name } }
      )
      yield* stage.ask(["绑定银行卡", "a bank card is bound to it"], "ecode", {
        _tag: "BindBankCard",
        purpose: "wallet"
      })
      yield* pay(["e码通银联充值 50.00", "e码通, UnionPay card, 50.00"], "ecode", "unionPayCard", "50.00")
      stage.at("2026-03-02 10:50")
      yield* pay(
        ["今日校园建行卡转账，没绑卡", "Today Campus by bank transfer, no card bound"],
        "todayCampus",
        "ccbCard",
        "20.00"
      )
      yield* stage.ask(["自助圈存机绑定银行卡", "the kiosk binds bank card and campus account"], "kiosk-1", {
        _tag: "BindBankCard",
        purpose: "transfer"
      })
      yield* pay(
        ["今日校园建行卡转账 20.00", "Today Campus by bank transfer, 20.00"],
        "todayCampus",
        "ccbCard",
        "20.00"
      )
      yield* stage.aside(["钱已付，卡上还没有", "paid, but not yet on the card"])
    })
  )
}
