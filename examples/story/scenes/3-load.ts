/**
 * Two seconds on a canteen terminal write the money to the card; a torn write ends in all or nothing (R27, R28, D8).
 */
import { Chip, type Id, Loading, Money } from "@yikatong/core"
import { Effect, Option } from "effect"
import type { Stage, Words } from "../Stage.ts"
import { firstCard } from "./1-issue.ts"

/** How a terminal of this story writes a card. */
export const writing = (stage: Stage, card: Id.CardId): Loading.Write => (amount) =>
  Effect.sync(() => {
    stage.change(card, (chip) => Chip.load(chip, amount))
    return Option.some(stage.read(card))
  })

/** A tap to load. `torn`: the card is pulled away before the write. */
export const tapToLoad = Effect.fnUntraced(function*(
  stage: Stage,
  wish: Words,
  point: string,
  card: Id.CardId,
  torn = false
) {
  const { begun, settled } = yield* Loading.load(
    stage.statement(point, { _tag: "BeginLoad", card, chip: stage.read(card) }, { _tag: "Card", card }),
    torn ? () => Effect.succeedNone : writing(stage, card)
  )
  yield* stage.hear(wish, Option.getOrElse(settled, () => begun))
  const onChip = Money.format(stage.read(card).balance)
  yield* stage.aside(
    torn
      ? [
        `写卡结果未知，钱记为圈存未决，下次刷卡结清；芯片余额 ${onChip}`,
        `torn: held until the next tap; the chip holds ${onChip}`
      ]
      : [`芯片余额 ${onChip}`, `the chip holds ${onChip}`]
  )
})

export const load = (stage: Stage) =>
  stage.scene(
    ["圈存，第一次没放稳", "loading the card, pulled away the first time"],
    "三、(十一) 第四步 · R27-R29",
    Effect.gen(function*() {
      stage.at("2026-03-02 11:50")
      yield* stage.ask(
        ["没圈存就刷卡 12.00", "paying 12.00 before loading"],
        "canteen-1",
        { _tag: "PayByCard", card: firstCard, amount: Money.amount(1_200), link: "up", chip: stage.read(firstCard) },
        undefined,
        { _tag: "Card", card: firstCard }
      )
      yield* stage.ask(
        ["在超市放卡圈存", "a load at the shop's terminal"],
        "shop-1",
        { _tag: "BeginLoad", card: firstCard, chip: stage.read(firstCard) },
        undefined,
        { _tag: "Card", card: firstCard }
      )
      stage.at("2026-03-02 11:51")
      yield* tapToLoad(stage, ["放卡不到两秒就拿开", "pulled away before two seconds"], "canteen-1", firstCard, true)
      stage.at("2026-03-02 11:52")
      yield* tapToLoad(stage, ["再放一次", "once more"], "canteen-1", firstCard)
    })
  )
