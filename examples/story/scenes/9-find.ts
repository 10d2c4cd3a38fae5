/** Reported lost in the app, found again, and taken back at window 3 only (R43, A11). */
import { Money } from "@yikatong/core"
import { Effect } from "effect"
import type { Stage } from "../Stage.ts"
import { tapToPay } from "./4-eat.ts"
import { thirdCard } from "./6-lose.ts"

export const find = (stage: Stage) =>
  stage.scene(
    ["挂失后找回，解挂", "reported lost, found again"],
    "三、(六) · R39, R43, A11",
    Effect.gen(function*() {
      stage.at("2026-06-11 10:00")
      yield* stage.ask(["今日校园挂失", "reported lost in the app"], "today-campus", {
        _tag: "ReportLost",
        reason: "lost"
      })
      stage.at("2026-06-11 11:40")
      yield* stage.ask(["e码通还能付 4.00", "e码通 still pays 4.00"], "canteen-1", {
        _tag: "PayByCode",
        medium: "ecodePayCode",
        amount: Money.amount(400),
        link: "up"
      })
      yield* stage.ask(["在 APP 解挂", "taken back in the app"], "today-campus", {
        _tag: "ReportFound",
        card: thirdCard
      })
      stage.at("2026-06-11 13:05")
      yield* stage.ask(["3 号窗口解挂", "taken back at window 3"], "window-3", {
        _tag: "ReportFound",
        card: thirdCard
      })
      yield* tapToPay(stage, "canteen-1", thirdCard, "6.00")
    })
  )
