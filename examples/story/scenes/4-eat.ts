/**
 * Lunch up to the meal limit, the day up to the day limit, and what happens while the terminal is cut off (R7, R49,
 * R50, D3).
 */
import { type Id, Money } from "@yikatong/core"
import { Effect } from "effect"
import type { Stage } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"

/** A tap to pay; an approved payment is debited from the chip. */
export const tapToPay = Effect.fnUntraced(
  function*(stage: Stage, point: "canteen-1" | "shop-1", card: Id.CardId, yuan: string) {
    const amount = Money.amount(Money.yuan(yuan))
    const place = point === "shop-1" ? ["超市", "shop"] : ["食堂", "canteen"]
    const answer = yield* stage.ask(
      [`${place[0]}刷卡 ${yuan}`, `${place[1]}, by card, ${yuan}`],
      point,
      { _tag: "PayByCard", card, amount, link: "up", chip: stage.read(card) },
      undefined,
      { _tag: "Card", card }
    )
    if (answer._tag === "Approved") stage.paid(point, card, amount)
  }
)

export const eat = (stage: Stage) =>
  stage.scene(
    ["吃饭，到餐限，到日限", "meals, up to the meal limit and the day limit"],
    "一、(二), 三、(九) · R1-R7, R49, R50, R58-R61",
    Effect.gen(function*() {
      stage.at("2026-03-02 12:05")
      yield* tapToPay(stage, "canteen-1", firstCard, "18.00")
      stage.at("2026-03-02 12:20")
      yield* tapToPay(stage, "canteen-1", firstCard, "12.01")
      yield* tapToPay(stage, "canteen-1", firstCard, "12.00")
      yield* tapToPay(stage, "canteen-1", firstCard, "0.01")
      stage.at("2026-03-02 15:10")
      yield* stage.ask(["超市 e码通付款码 15.00", "shop, e码通 code, 15.00"], "shop-1", {
        _tag: "PayByCode",
        medium: "ecodePayCode",
        amount: Money.amount(1_500),
        link: "up"
      })
      stage.at("2026-03-02 17:40")
      yield* stage.ask(["食堂支付宝付款，联网", "canteen, Alipay, link up"], "canteen-1", {
        _tag: "PayByCode",
        medium: "alipayCode",
        amount: Money.amount(500),
        link: "up"
      })
      yield* tapToPay(stage, "canteen-1", firstCard, "5.00")
      yield* tapToPay(stage, "canteen-1", firstCard, "0.01")
    })
  )
