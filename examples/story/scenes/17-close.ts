/** Leaving the school: the account is closed, held for late records, and paid out to the owner's bank card (D7, R76). */
import { Effect } from "effect"
import type { Stage } from "../Stage.ts"

export const close = (stage: Stage) =>
  stage.scene(
    ["离校销户退款", "leaving: closed and paid out"],
    "手册未写 not in the manual · R76, D7",
    Effect.gen(function*() {
      stage.at("2026-09-01 10:00")
      yield* stage.ask(["3 号窗口销户", "closed at window 3"], "window-3", { _tag: "CloseAccount" })
      stage.at("2026-09-04 10:00")
      yield* stage.ask(["三天后余额退回本人银行卡", "three days later, to the owner's bank card"], "card-centre", {
        _tag: "PayOut",
        desk: "ccb"
      })
    })
  )
