/** What the manual leaves out and every campus needs: a wrong charge put right, a subsidy in a batch (R76, D5, D6, I14). */
import { CivilTime, type Decline, Id, Money, Submit, Subsidies } from "@yikatong/core"
import { Effect, Option } from "effect"
import { account, type Stage, type Words } from "../Stage.ts"
import { tapToLoad } from "./3-load.ts"
import { tapToPay } from "./4-eat.ts"
import { secondCard } from "./5-lose.ts"

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
  return stage.scene(
    ["收错的钱退回，补助按批发放", "a wrong charge put right, subsidies in a batch"],
    "手册未写 not in the manual · R76, D5, D6",
    Effect.gen(function*() {
      stage.at("2026-07-06 11:40")
      const bought = yield* stage.ask(["食堂多刷了：28.00", "the canteen charges 28.00"], "canteen-1", {
        _tag: "PayByCard",
        card: secondCard,
        amount: Money.amount(2_800),
        link: "up",
        chip: stage.read(secondCard)
      })
      stage.paid("canteen-1", secondCard, Money.amount(2_800))
      const purchase = bought._tag === "Approved" ? stage.purchaseIn(bought) : Id.PurchaseId.make("story:none")
      stage.at("2026-07-07 10:00")
      const refund = (fen: number) => {
        const amount = Money.amount(fen)
        return stage.statement("card-centre", { _tag: "RefundPurchase", purchase, amount, reason: "wrongCharge" })
      }
      yield* stage.hear(
        ["本该 8.00，退 20.00", "it was 8.00: 20.00 go back"],
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
      yield* tapToLoad(stage, ["刷卡领取：退款和补助", "a tap loads refund and subsidy"], "canteen-1", secondCard)
      yield* tapToPay(stage, "canteen-1", secondCard, "9.00")
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
