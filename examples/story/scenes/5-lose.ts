/**
 * Lost on Tuesday, a new card, and three days later the frozen money at the kiosk, less a lunch that arrived late
 * (R39-R45, A1, A2).
 */
import { Id, Money } from "@yikatong/core"
import { Effect } from "effect"
import type { Stage } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"
import { tapToLoad } from "./3-load.ts"
import { tapToPay } from "./4-eat.ts"

export const secondCard = Id.CardId.make("card-2")

export const lose = (stage: Stage) =>
  stage.scene(
    ["丢卡、补办、三天后领取", "lost, replaced, claimed after three days"],
    "三、(五), (八) · R39-R42, R44, R45, R65",
    Effect.gen(function*() {
      stage.at("2026-03-03 12:10")
      const lunch = { amount: Money.amount(1_250), before: stage.read(firstCard).balance, at: stage.now() }
      stage.paid("canteen-1", firstCard, lunch.amount)
      yield* stage.aside([
        "食堂断网，脱机刷卡 12.50，流水稍后上传",
        "the canteen is cut off: 12.50 from the chip, its record comes later"
      ])
      stage.at("2026-03-03 15:00")
      yield* stage.ask(["今日校园挂失", "reported lost in the app"], "today-campus", {
        _tag: "ReportLost",
        reason: "lost"
      })
      stage.at("2026-03-03 15:05")
      yield* stage.ask(
        ["有人捡到卡去刷", "somebody who found it tries to pay"],
        "shop-1",
        { _tag: "PayByCard", card: firstCard, amount: Money.amount(300), link: "up", chip: stage.read(firstCard) },
        undefined,
        { _tag: "Card", card: firstCard }
      )
      yield* stage.ask(["本人在超市用 e码通付款 5.00", "the holder pays 5.00 in the shop by e码通"], "shop-1", {
        _tag: "PayByCode",
        medium: "ecodePayCode",
        amount: Money.amount(500),
        link: "up"
      })
      stage.at("2026-03-03 15:30")
      yield* stage.ask(["建行窗口领新卡", "a new card at the bank window"], "window-ccb", {
        _tag: "IssueCard",
        card: secondCard
      })
      stage.blank(secondCard)
      stage.at("2026-03-03 16:00")
      yield* stage.ask(["3 号窗口激活新卡，补办完成", "window 3 activates it"], "window-3", {
        _tag: "ActivateCard",
        card: secondCard
      })
      stage.at("2026-03-05 17:00")
      yield* stage.ask(["第二天领取冻结金额", "claiming on day two"], "kiosk-1", {
        _tag: "ClaimFrozen",
        card: secondCard
      })
      stage.at("2026-03-05 18:00")
      const late = stage.statement("canteen-1", {
        _tag: "RecordCardPurchase",
        card: firstCard,
        amount: lunch.amount,
        chipBefore: lunch.before,
        chipAfter: stage.read(firstCard).balance,
        purchaseSequence: stage.read(firstCard).purchaseSequence
      }, { _tag: "Card", card: firstCard })
      yield* stage.upload(["脱机流水到了：12.50", "the late record arrives: 12.50"], { ...late, at: lunch.at })
      stage.at("2026-03-06 16:00")
      yield* stage.ask(["第三天领取", "claiming on day three"], "kiosk-1", { _tag: "ClaimFrozen", card: secondCard })
      yield* tapToLoad(stage, ["自助机写入新卡", "the kiosk writes it to the new card"], "kiosk-1", secondCard)
      yield* stage.ask(["再领一次", "claiming again"], "kiosk-1", { _tag: "ClaimFrozen", card: secondCard })
      stage.at("2026-03-06 17:40")
      yield* tapToPay(stage, "canteen-1", secondCard, "13.00")
    })
  )
