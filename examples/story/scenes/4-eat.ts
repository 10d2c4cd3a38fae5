/**
 * Lunch up to the meal limit, the day up to the day limit; and on the next morning, what pays while the terminals are cut
 * off (R1-R7, R49, R50, R58-R61, D3).
 */
import { Acceptance, type Command, Csmzxy, type Id, type Medium, Money } from "@yikatong/core"
import { Effect } from "effect"
import { student } from "../Cast.ts"
import type { Stage, Words } from "../Stage.ts"
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

/** A cut-off terminal debits the chip. Its record, to be uploaded later. */
export const tapCutOff = (stage: Stage, point: "canteen-1" | "shop-1", card: Id.CardId, yuan: string) => {
  const amount = Money.amount(Money.yuan(yuan))
  const { balance: chipBefore } = stage.read(card)
  stage.paid(point, card, amount)
  const { balance: chipAfter, purchaseSequence } = stage.read(card)
  const body = { _tag: "RecordCardPurchase", card, amount, chipBefore, chipAfter, purchaseSequence } as const
  return stage.statement(point, body, { _tag: "Card", card })
}

export const eat = (stage: Stage) => {
  const scan = (
    wish: Words,
    point: "canteen-1" | "shop-1",
    medium: Command.Of<"PayByCode">["medium"],
    yuan: string,
    link: "up" | "down" = "up"
  ) => stage.ask(wish, point, { _tag: "PayByCode", medium, amount: Money.amount(Money.yuan(yuan)), link })
  /** What a cut-off terminal says by itself, from the table of the school. */
  const alone = (wish: Words, place: "canteen" | "shop", medium: Medium.Medium) => {
    const refused = Acceptance.refuse(Csmzxy.csmzxy.acceptance, medium, place, "down")
    return refused === undefined
      ? stage.say("✓", wish)
      : Effect.andThen(stage.say("✗", wish), stage.declined(refused))
  }
  return stage.scene(
    ["吃饭，到餐限，到日限；断网时怎么付", "meals, up to the limits, and while the link is down"],
    "一、(二), 三、(九) · R1-R7, R49, R50, R58-R61",
    Effect.gen(function*() {
      stage.at("2026-03-02 12:05")
      yield* tapToPay(stage, "canteen-1", firstCard, "18.00")
      stage.at("2026-03-02 12:20")
      yield* tapToPay(stage, "canteen-1", firstCard, "12.01")
      yield* scan(
        ["食堂今日校园付款码 12.00", "canteen, Today Campus code, 12.00"],
        "canteen-1",
        "todayCampusCode",
        "12.00"
      )
      yield* tapToPay(stage, "canteen-1", firstCard, "0.01")
      stage.at("2026-03-02 15:10")
      yield* scan(["超市支付宝付款", "shop, Alipay"], "shop-1", "alipayCode", "10.00")
      yield* scan(["超市 e码通身份码", "shop, e码通 identity code"], "shop-1", "ecodeIdentityCode", "10.00")
      yield* scan(["超市 e码通付款码 10.00", "shop, e码通 pay code, 10.00"], "shop-1", "ecodePayCode", "10.00")
      yield* tapToPay(stage, "shop-1", firstCard, "5.00")
      stage.at("2026-03-02 17:40")
      yield* scan(["食堂支付宝付款，联网", "canteen, Alipay, link up"], "canteen-1", "alipayCode", "5.00")
      yield* tapToPay(stage, "canteen-1", firstCard, "5.00")
      yield* tapToPay(stage, "canteen-1", firstCard, "0.01")
      stage.at("2026-03-03 07:20")
      yield* alone(["食堂断网：e码通付款码", "canteen cut off: e码通 pay code"], "canteen", "ecodePayCode")
      // Alipay asks us by its own line, with what the terminal says of its link.
      yield* scan(
        ["食堂断网：支付宝，没做校园卡认证", "canteen cut off: Alipay, campus card not bound"],
        "canteen-1",
        "alipayCode",
        "6.00",
        "down"
      )
      yield* stage.ask(
        ["在完美校园完成校园卡认证", "the campus card is bound in 完美校园"],
        "alipay",
        { _tag: "BindAlipay" },
        { claim: { ...stage.claim, document: student.document } }
      )
      yield* alone(["食堂断网：支付宝 6.00", "canteen cut off: Alipay, 6.00"], "canteen", "alipayCode")
      const alipay = stage.statement("canteen-1", {
        _tag: "RecordAlipayPurchase",
        reference: "alipay-20260303-1",
        amount: Money.amount(600)
      })
      stage.at("2026-03-03 08:00")
      yield* alone(["超市断网：支付宝", "shop cut off: Alipay"], "shop", "alipayCode")
      yield* alone(["超市断网：刷卡 2.00", "shop cut off: by card, 2.00"], "shop", "physicalCard")
      const card = tapCutOff(stage, "shop-1", firstCard, "2.00")
      stage.at("2026-03-03 10:00")
      yield* stage.upload(["网络恢复，支付宝流水到了：6.00", "the link is back, Alipay's record: 6.00"], alipay)
      yield* stage.upload(["超市刷卡流水到了：2.00", "the shop's record: 2.00"], card)
    })
  )
}
