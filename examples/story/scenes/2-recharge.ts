/**
 * Money comes in by three channels: for the card into transit, for codes into the wallet. Each has its amounts, its
 * sources, and what has to be bound first (R19-R26, R67-R69, D1, D2). WeChat Pay, UnionPay and the bank are asked and
 * heard over sockets.
 */
import { Pin } from "@yikatong/core"
import { Effect, Result } from "effect"
import type { Bank } from "../Bank.ts"
import { student, trainee } from "../Cast.ts"
import type { Stage } from "../Stage.ts"
import * as TopUp from "../TopUp.ts"

const initialPin = Result.getOrThrow(Pin.parse("011250"))

export const recharge = (stage: Stage, bank: Bank) => {
  const { inBankApp, topUp } = TopUp.make(stage, bank)

  return stage.scene(
    ["三种充值", "three ways to recharge"],
    "一、(一), 三、(十一) · R19-R26, R67-R69",
    Effect.gen(function*() {
      stage.at("2026-03-02 10:30")
      yield* topUp(["今日校园微信充值 30.00，不在列表", "Today Campus, 30.00: not on the list"], {
        channel: "todayCampus",
        source: "weChat",
        yuan: "30.00"
      })
      yield* topUp(["今日校园微信充值 20.00", "Today Campus, WeChat, 20.00"], {
        channel: "todayCampus",
        source: "weChat",
        yuan: "20.00"
      })
      yield* topUp(["今日校园银联卡充值 10.00", "Today Campus, UnionPay card, 10.00"], {
        channel: "todayCampus",
        source: "unionPayCard",
        yuan: "10.00"
      })
      yield* inBankApp(["建行 APP，学号与身份证不符", "CCB app, number and identity card of two people"], "80.00", {
        document: trainee.document.number
      })
      yield* inBankApp(["建行 APP，用别人的建行卡", "CCB app, somebody else's card"], "80.00", {
        cardholder: trainee.name
      })
      yield* inBankApp(["建行 APP，本人建行卡充值 80.00", "CCB app, own card, 80.00"], "80.00")
      yield* topUp(["e码通微信充值", "e码通 by WeChat"], { channel: "ecode", source: "weChat", yuan: "30.00" })
      yield* topUp(["e码通银联充值", "e码通 by a UnionPay card"], {
        channel: "ecode",
        source: "unionPayCard",
        yuan: "30.00"
      })
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
      yield* topUp(["e码通银联充值 50.00", "e码通, UnionPay card, 50.00"], {
        channel: "ecode",
        source: "unionPayCard",
        yuan: "50.00",
        isSilent: true
      })
      stage.at("2026-03-02 10:50")
      yield* topUp(["今日校园建行卡转账，没绑卡", "Today Campus by bank transfer, no card bound"], {
        channel: "todayCampus",
        source: "ccbCard",
        yuan: "20.00"
      })
      yield* stage.ask(["自助圈存机绑定银行卡", "the kiosk binds bank card and campus account"], "kiosk-1", {
        _tag: "BindBankCard",
        purpose: "transfer"
      })
      yield* topUp(["今日校园建行卡转账 20.00", "Today Campus by bank transfer, 20.00"], {
        channel: "todayCampus",
        source: "ccbCard",
        yuan: "20.00"
      })
      yield* stage.aside(["钱已付，卡上还没有", "paid, but not yet on the card"])
    })
  )
}
