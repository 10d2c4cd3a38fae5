/**
 * What the manual leaves out and every campus needs: a wrong charge undone at the terminal or put right by the office,
 * a subsidy in a batch (R76, D5, D6, I14).
 */
import { CivilTime, type Decline, Id, Money, Reversing, Submit, Subsidies } from "@yikatong/core"
import { Effect, Option } from "effect"
import { account, type Stage, type Words } from "../Stage.ts"
import { tapToLoad, writing } from "./3-load.ts"
import { tapToPay } from "./4-eat.ts"
import { thirdCard } from "./6-lose.ts"

const batch = Id.BatchId.make("summer-2026")

export const correct = (stage: Stage) => {
  const asked = (id: string, operator: string) => ({
    caller: Id.CallerId.make("finance"),
    id: Id.CommandId.make(id),
    batch,
    operator: Id.OperatorId.make(operator)
  })
  /** What became of a step of the batch. */
  const hear = (wish: Words, outcome: { readonly _tag: string } | { readonly decline: Decline.Decline }) =>
    "decline" in outcome
      ? Effect.andThen(stage.say("✗", wish), stage.declined(outcome.decline))
      : stage.say("✓", wish)
  /** A tap that charges too much; the purchase that it made. */
  const charge = Effect.fnUntraced(function*(yuan: string, wish: Words) {
    const amount = Money.amount(Money.yuan(yuan))
    const bought = yield* stage.ask(wish, "canteen-1", {
      _tag: "PayByCard",
      card: thirdCard,
      amount,
      link: "up",
      chip: stage.read(thirdCard)
    })
    if (bought._tag === "Declined") return yield* Effect.die(bought.decline)
    stage.paid("canteen-1", thirdCard, amount)
    return stage.purchaseIn(bought)
  })
  /** Undone at the same terminal: with the card in its reader the money goes back to the chip. */
  const reverse = Effect.fnUntraced(function*(wish: Words, purchase: Id.PurchaseId, card: "here" | "gone") {
    const chip = card === "here" ? { chip: stage.read(thirdCard) } : {}
    const { reversed, settled } = yield* Reversing.reverse(
      stage.statement("canteen-1", { _tag: "ReversePurchase", purchase, ...chip }),
      writing(stage, thirdCard)
    )
    yield* stage.hear(wish, Option.getOrElse(settled, () => reversed))
    if (reversed._tag === "Approved") {
      const [onChip, waits] = [stage.read(thirdCard).balance, reversed.pockets.transit].map((fen) => Money.format(fen))
      yield* stage.aside([`芯片余额 ${onChip}，过渡余额 ${waits}`, `the chip holds ${onChip}, in transit ${waits}`])
    }
  })
  return stage.scene(
    ["收错的钱冲正或退回，补助按批发放", "a wrong charge reversed or refunded, subsidies in a batch"],
    "手册未写 not in the manual · R76, D5, D6",
    Effect.gen(function*() {
      stage.at("2026-07-06 11:40")
      const purchase = yield* charge("28.00", ["食堂刷卡 28.00，本该 8.00", "canteen: 28.00 instead of 8.00"])
      stage.at("2026-07-06 17:30")
      yield* reverse(["晚饭时冲正午饭", "lunch reversed at dinner"], purchase, "here")
      const wrong = yield* charge("18.00", ["食堂刷卡 18.00，本该 8.00", "canteen: 18.00 instead of 8.00"])
      yield* reverse(["当场冲正 18.00，卡在机上", "18.00 reversed, the card still there"], wrong, "here")
      yield* tapToPay(stage, "canteen-1", thirdCard, "8.00")
      const twice = yield* charge("8.00", ["又刷了一次 8.00", "8.00 once more, by mistake"])
      yield* reverse(["人和卡已走，冲正 8.00", "8.00 reversed, the card is gone"], twice, "gone")
      yield* reverse(["再冲正一次", "reversed again"], twice, "gone")
      stage.at("2026-07-07 10:00")
      const refund = (fen: number) => {
        const amount = Money.amount(fen)
        return stage.statement("card-centre", { _tag: "RefundPurchase", purchase, amount, reason: "wrongCharge" })
      }
      yield* stage.hear(
        ["校园卡管理中心退 20.00", "the card centre gives 20.00 back"],
        yield* Submit.submit(refund(2_000))
      )
      yield* stage.hear(["再退 8.01", "another 8.01"], yield* Submit.submit(refund(801)))
      stage.at("2026-07-07 10:30")
      const rows = [{ account, amount: 1_500 }]
      const draft = { rows, until: CivilTime.day("2026-07-31"), point: "card-centre" }
      yield* hear(["拟定补助批次", "a batch is drafted"], yield* Subsidies.draft(asked("draft", "zhang"), draft))
      yield* hear(["同一人审批", "approved by the same person"], yield* Subsidies.approve(asked("approve-1", "zhang")))
      yield* hear(["另一人审批", "approved by another"], yield* Subsidies.approve(asked("approve-2", "li")))
      yield* hear(["发放", "granted"], yield* Subsidies.grant(batch))
      stage.at("2026-07-07 11:50")
      yield* tapToLoad(
        stage,
        ["刷卡领取：冲正的 8.00、退款、补助", "a tap loads the 8.00, the refund, the subsidy"],
        "canteen-1",
        thirdCard
      )
      yield* tapToPay(stage, "canteen-1", thirdCard, "9.00")
      stage.at("2026-08-01 02:00")
      yield* hear(["到期收回", "ended"], yield* Subsidies.end(batch))
      const report = yield* Subsidies.report(batch)
      yield* Option.match(report, {
        onNone: () => Effect.void,
        onSome: ({ granted, returned, spent }) => {
          const [given, used, back] = [granted, spent, returned].map((fen) => Money.format(fen))
          return stage.aside([
            `发放 ${given}，已用 ${used}，收回 ${back}`,
            `granted ${given}, spent ${used}, returned ${back}`
          ])
        }
      })
    })
  )
}
