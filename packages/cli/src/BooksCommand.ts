/**
 * `yikatong books check` 对账: every balance computed again from its transfers, every account replayed from its events.
 */
import { Books, Money } from "@yikatong/core"
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Campus from "./Campus.ts"
import { both, Flawed, ofFault } from "./Failure.ts"
import * as Output from "./Output.ts"

const check = Command.make(
  "check",
  {
    ...Campus.flags,
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("以 JSON 输出 / print JSON for machines"),
      Flag.withDefault(false)
    )
  },
  ({ json, ...flags }) =>
    Effect.gen(function*() {
      const { balances, breaks, ...counts } = yield* Effect.mapError(Books.check(...Books.house), ofFault)
      if (json) {
        yield* Output.json({ ok: breaks.length === 0, ...counts, balances: Object.fromEntries(balances), breaks })
      } else {
        yield* Output.lines(
          breaks.length === 0
            ? both("账平", "the books balance")
            : both(`账不平，共 ${breaks.length} 处`, `the books do not balance: ${breaks.length}`),
          `  账户 accounts: ${counts.accounts}`,
          `  业务主体（订单、终端等） other subjects, as orders and terminals: ${counts.subjects}`,
          `  指令 commands: ${counts.commands} (含订单、终端等业务主体的；journal export 只导出账户的 / with those of orders, terminals and the like; journal export writes those of accounts)`,
          `  事件 events: ${counts.events}`,
          `  转账 transfers: ${counts.transfers}`,
          ...breaks.map((one) => `  ${told(one)}`)
        )
      }
      if (breaks.length > 0) return yield* new Flawed()
    }).pipe(Effect.provide(Campus.layer(flags)))
).pipe(Command.withDescription("对账 / check that the books balance; exit code 1 when one does not"))

export const books = Command.make("books").pipe(
  Command.withDescription("账簿 / the books of a campus"),
  Command.withSubcommands([check])
)

const yuan = (fen: number): string => `${fen < 0 ? "-" : ""}${Money.format(Money.of(Math.abs(fen)))}`

const told = (one: Books.Break): string => {
  switch (one._tag) {
    case "MoneyMadeOrLost":
      return both(
        `总额不为零，合计 ${yuan(one.total)} 元`,
        `all books together hold ${yuan(one.total)} instead of nothing`
      )
    case "BookDiffers":
      return of(
        one.book,
        `转账与事件不符，按转账 ${yuan(one.byTransfers)} 元，按事件 ${yuan(one.byEvents)} 元`,
        `${yuan(one.byTransfers)} by transfers, ${yuan(one.byEvents)} by events`
      )
    case "PocketDiffers":
      return of(
        one.book,
        `账户与事件不符，账户中 ${yuan(one.state)} 元，按事件 ${yuan(one.byEvents)} 元`,
        `${yuan(one.state)} in the account, ${yuan(one.byEvents)} by events`
      )
    case "StateDiffers":
      return of(one.account, `${one.field} 与重放不符`, `${one.field} is not what a replay makes of it`)
    case "ReplayFailed":
      return of(one.account, noReplay.zh(one.sequence), noReplay.en(one.sequence))
    case "EventsMissing":
      return of(one.account, "没有事件", "there are no events")
    case "AccountMissing":
      return of(one.account, "没有账户", "there is no account")
    case "SubjectDiffers":
      return of(subjectOf(one), "状态与重放不符", "its state is not what a replay makes of it")
    case "SubjectReplayFailed":
      return of(subjectOf(one), noReplay.zh(one.sequence), noReplay.en(one.sequence))
    case "SubjectMissing":
      return of(subjectOf(one), "没有业务主体", "there is no such subject")
  }
}

/** Of what it is said, and the sentence. */
const of = (what: string, zh: string, en: string): string => `${what}: ${both(zh, en)}`

const subjectOf = ({ kind, subject }: { readonly kind: string; readonly subject: string }): string =>
  `${kind} ${subject}`

const noReplay = {
  zh: (sequence: number): string => `无法重放，第 ${sequence} 行接不上前面的记录`,
  en: (sequence: number): string => `line ${sequence} can not follow the lines before it`
}
