/**
 * Lost on Tuesday, a new card, and three days later the frozen money at the kiosk, less a lunch that arrived late; a week
 * later the new card breaks, and goes the same way (R39-R42, R44, R45, R65, A1, A2).
 */
import { Id, Money } from "@yikatong/core"
import { Effect } from "effect"
import type { Stage, Words } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"
import { tapToLoad } from "./3-load.ts"
import { tapCutOff, tapToPay } from "./4-eat.ts"

const secondCard = Id.CardId.make("card-2")
/** The card of the rest of the story. */
export const thirdCard = Id.CardId.make("card-3")

export const lose = (stage: Stage) => {
  /** Bank window and window 3, from one card to the next (R40, R41). */
  const replace = Effect.fnUntraced(function*(old: Id.CardId, next: Id.CardId, day: string) {
    stage.at(`${day} 15:30`)
    yield* stage.ask(["建行窗口办理银行卡挂失", "the bank window reports its half lost"], "window-ccb", {
      _tag: "ReportBankSideLost",
      card: old
    })
    yield* stage.ask(["建行窗口领新卡", "a new card at the bank window"], "window-ccb", {
      _tag: "IssueCard",
      card: next
    })
    stage.blank(next)
    stage.at(`${day} 16:00`)
    yield* stage.ask(["3 号窗口激活新卡，补办完成", "window 3 activates it"], "window-3", {
      _tag: "ActivateCard",
      card: next
    })
  })
  const claim = (wish: Words, card: Id.CardId) => stage.ask(wish, "kiosk-1", { _tag: "ClaimFrozen", card })
  return stage.scene(
    ["丢卡、卡坏，补办、三天后领取", "lost, later broken: replaced, claimed after three days"],
    "三、(五), (八) · R39-R42, R44, R45, R65",
    Effect.gen(function*() {
      stage.at("2026-03-03 12:10")
      const lunch = tapCutOff(stage, "canteen-1", firstCard, "12.50")
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
      yield* replace(firstCard, secondCard, "2026-03-03")
      stage.at("2026-03-05 17:00")
      yield* stage.ask(["老卡找到了，去 3 号窗口解挂", "the old card turns up: taken back at window 3?"], "window-3", {
        _tag: "ReportFound",
        card: firstCard
      })
      stage.at("2026-03-05 17:10")
      yield* claim(["第二天领取冻结金额", "claiming on day two"], secondCard)
      yield* claim(["用老卡领取", "claiming with the old card"], firstCard)
      stage.at("2026-03-05 18:00")
      yield* stage.upload(["脱机流水到了：12.50", "the late record arrives: 12.50"], lunch)
      stage.at("2026-03-06 16:00")
      yield* claim(["第三天领取", "claiming on day three"], secondCard)
      yield* tapToLoad(stage, ["自助机写入新卡", "the kiosk writes it to the new card"], "kiosk-1", secondCard)
      yield* claim(["再领一次", "claiming again"], secondCard)
      stage.at("2026-03-06 17:40")
      yield* tapToPay(stage, "canteen-1", secondCard, "13.00")
      stage.at("2026-03-09 14:00")
      yield* stage.ask(["卡折断了，今日校园挂失", "the card breaks: reported in the app"], "today-campus", {
        _tag: "ReportLost",
        reason: "damaged"
      })
      yield* replace(secondCard, thirdCard, "2026-03-09")
      stage.at("2026-03-09 17:40")
      yield* stage.ask(["新卡还没钱，e码通付 6.00", "nothing on the new card yet: e码通, 6.00"], "canteen-1", {
        _tag: "PayByCode",
        medium: "ecodePayCode",
        amount: Money.amount(600),
        link: "up"
      })
      stage.at("2026-03-12 16:00")
      yield* claim(["第三天领取坏卡的余额", "the money of the broken card, on day three"], thirdCard)
      yield* tapToLoad(stage, ["自助机写入新卡", "the kiosk writes it to the new card"], "kiosk-1", thirdCard)
    })
  )
}
