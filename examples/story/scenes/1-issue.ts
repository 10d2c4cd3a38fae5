/** The bank window hands out the card, window 3 makes it work (R30, R31, R35). */
import { Id, Money, Opening, Pin } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import { student } from "../Cast.ts"
import type { Stage } from "../Stage.ts"

export const firstCard = Id.CardId.make("card-1")

export const issue = (stage: Stage) =>
  stage.scene(
    ["领卡与激活", "the card at the bank window, activated at window 3"],
    "三、(一) · R30, R31, R35",
    Effect.gen(function*() {
      stage.at("2026-03-02 09:40")
      const body = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
      const { answer } = yield* Opening.open(stage.statement("card-centre", body), student)
      yield* stage.hear(["校园卡管理中心开户", "the card centre opens the account"], answer)
      const initial = Pin.initial(student.document)
      const digits = initial._tag === "FromDocument" ? Redacted.value(initial.pin) : "?"
      yield* stage.aside([
        `初始密码是身份证后 6 位，X 用 0 代替：${digits}`,
        "the first password: the last six of the identity number, X becomes 0"
      ])
      stage.at("2026-03-02 09:55")
      yield* stage.ask(["建行窗口领卡", "the bank window hands out the card"], "window-ccb", {
        _tag: "IssueCard",
        card: firstCard
      })
      stage.blank(firstCard)
      stage.at("2026-03-02 10:05")
      yield* stage.ask(["还没激活就充值", "a recharge before activation"], "today-campus", {
        _tag: "PlaceRecharge",
        channel: "todayCampus",
        source: "weChat",
        holder: "own",
        amount: Money.amount(5_000)
      })
      stage.at("2026-03-02 10:10")
      yield* stage.ask(["3 号窗口激活", "window 3 activates it"], "window-3", { _tag: "ActivateCard", card: firstCard })
    })
  )
