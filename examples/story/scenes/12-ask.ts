/** When the hall is open, where the money is, what was bought, and what may still be (R32-R34, R50, R56, R57, A19, A20). */
import {
  AccountStore,
  CivilTime,
  Csmzxy,
  Explanation,
  Holdings,
  Money,
  ServiceDesk,
  type Statement,
  Statements
} from "@yikatong/core"
import { Effect, Option } from "effect"
import { holder, type Stage } from "../Stage.ts"

const { csmzxy } = Csmzxy

/** One line for a person: when, what, how much, where. */
const words = (line: Statement.Line): readonly [string, string] => {
  const { place, status, what } = Explanation.ofLine(line)
  const sum = { in: "+", out: "-", within: "" }[line.direction] + Money.format(line.amount)
  const told = (language: "en" | "zh") => `${what[language]} ${sum} ${status[language]} ${place[language]}`
  return [`${CivilTime.formatMinute(line.at)} ${told("zh")}`, told("en")]
}

export const ask = (stage: Stage) =>
  stage.scene(
    ["服务时间、余额、交易明细", "opening hours, balances, transactions"],
    "三、(十二)(十三) · R32-R34, R50, R56, R57",
    Effect.gen(function*() {
      for (const time of ["2026-07-03 12:10", "2026-07-03 17:29", "2026-07-03 17:30"]) {
        stage.at(time)
        const status = ServiceDesk.statusAt(csmzxy, stage.now())
        const until = status._tag === "Open" ? Option.some(status.until) : status.opensAt
        const when = Option.match(until, { onNone: () => "", onSome: CivilTime.formatMinute })
        yield* stage.aside(
          status._tag === "Open"
            ? [`服务大厅办理中，至 ${when}`, `the hall is open until ${when}`]
            : [`服务大厅休息，${when} 开放`, `the hall is closed, and opens ${when}`]
        )
      }
      yield* stage.aside([`电话 ${csmzxy.phone}，网页 ${csmzxy.website}`, "phone and web page"])
      const account = Option.getOrThrow(yield* (yield* AccountStore.AccountStore).find(holder))
      const { card, waiting, wallet } = Holdings.of(csmzxy, account, stage.now())
      for (const { amount, name, next } of [card, waiting, wallet]) {
        yield* stage.aside([
          `${name.zh} ${Money.format(amount)}：${next.zh}`,
          `${name.en} ${Money.format(amount)}: ${next.en}`
        ])
      }
      for (const { name, remaining } of yield* quotas) {
        yield* stage.aside([`${name.zh}还剩 ${Money.format(Money.of(remaining))}`, `left of ${name.en}`])
      }
      const first = yield* Statements.page(holder, { limit: 4 })
      for (const line of first.lines) yield* stage.aside(words(line))
      const second = yield* Statements.page(holder, {
        limit: 4,
        ...(first.next === undefined ? {} : { cursor: first.next })
      })
      yield* stage.aside([`下一页 ${second.lines.length} 条`, `${second.lines.length} more on the next page`])
    })
  )

const quotas = Effect.map(
  Statements.remaining(holder, { category: "canteen", medium: "physicalCard" }),
  (all) => all.map((quota) => ({ name: Explanation.ofQuota(quota), remaining: quota.remaining }))
)
