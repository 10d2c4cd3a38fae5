/** Three months without a purchase freeze the validity; the counter extends it (R46-R48, A3, A4). */
import { CivilTime, Sweep } from "@yikatong/core"
import { Effect, Stream } from "effect"
import type { Stage } from "../Stage.ts"
import { tapToPay } from "./4-eat.ts"
import { thirdCard } from "./6-lose.ts"

export const sleep = (stage: Stage) => {
  const sweep = Effect.gen(function*() {
    const dormant = yield* Stream.runCollect(Sweep.dormant)
    const [zh, en] = dormant.length === 0
      ? ["没有过期的卡", "nobody is dormant"]
      : dormant.map((
        { since }
      ) => [`1 张卡自 ${CivilTime.formatDay(since)} 起过期`, `1 account, dormant since ${CivilTime.formatDay(since)}`])[
        0
      ] ?? ["", ""]
    yield* stage.aside([`夜间扫描：${zh}`, `the nightly sweep: ${en}`])
  })
  return stage.scene(
    ["三个月没消费，卡过期，延期", "dormant after three months, and extended"],
    "三、(七) · R46-R48",
    Effect.gen(function*() {
      stage.at("2026-06-08 23:30")
      yield* sweep
      stage.at("2026-06-09 00:30")
      yield* sweep
      stage.at("2026-06-09 12:00")
      yield* tapToPay(stage, "canteen-1", thirdCard, "6.00")
      stage.at("2026-06-09 13:05")
      yield* stage.ask(["3 号窗口修改有效期", "window 3 extends the validity"], "window-3", {
        _tag: "ExtendValidity",
        card: thirdCard
      })
      stage.at("2026-06-09 17:40")
      yield* tapToPay(stage, "canteen-1", thirdCard, "6.00")
    })
  )
}
