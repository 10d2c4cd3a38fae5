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
import { holder, type Stage, type Words } from "../Stage.ts"

const { csmzxy } = Csmzxy

/** One line for a person: when, what, how much, where. */
const words = (line: Statement.Line): Words => {
  const { amount, at, place, status, what } = Explanation.ofLine(line, csmzxy)
  const told = (language: "en" | "zh") => `${what[language]} ${amount} ${status[language]} ${place[language]}`
  return [`${at} ${told("zh")}`, told("en")]
}

/** Whether somebody sits in the hall, and until when, or from when on. */
const hall = (at: CivilTime.Instant): Words => {
  const status = ServiceDesk.statusAt(csmzxy, at)
  const until = status._tag === "Open" ? Option.some(status.until) : status.opensAt
  const when = Option.match(until, { onNone: () => "", onSome: CivilTime.formatMinute })
  return status._tag === "Open"
    ? [`服务大厅办理中，至 ${when}`, `the hall is open until ${when}`]
    : [`服务大厅休息，${when} 开放`, `the hall is closed, and opens ${when}`]
}

export const ask = (stage: Stage) =>
  stage.scene(
    ["服务时间、余额、交易明细", "opening hours, balances, transactions"],
    "三、(十二)(十三) · R32-R34, R50, R56, R57",
    Effect.gen(function*() {
      for (const time of ["2026-07-03 12:10", "2026-07-03 17:29", "2026-07-03 17:30"]) {
        stage.at(time)
        yield* stage.aside(hall(stage.now()))
      }
      const [zh, en] = hall(CivilTime.instant("2026-07-20 10:00"))
      yield* stage.aside([`暑假里也一样，2026-07-20 10:00：${zh}`, `the same in vacation, 2026-07-20 10:00: ${en}`])
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
