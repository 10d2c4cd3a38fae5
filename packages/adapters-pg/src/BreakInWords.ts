/**
 * What an operator reads of a break 差错说明: where it is, and what does not agree there, in Chinese and in English. No full stop
 * at the end, as in the core's `Explanation`.
 */
import { type Explanation, Money } from "@yikatong/core"
import type { Break, Moved, Place } from "./Break.ts"

type Text = Explanation.Text

/** Says what a break is. */
export const explain = (one: Break): Text => {
  switch (one._tag) {
    case "MoneyMadeOrLost":
      return said(
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
    case "AnswerDiffers":
      return of(
        one.book,
        `第 ${one.sequence} 行答复与事件不符，答复中 ${yuan(one.told)} 元，按事件 ${yuan(one.byEvents)} 元`,
        `line ${one.sequence} told ${yuan(one.told)}, and by events it is ${yuan(one.byEvents)}`
      )
    case "EventsMissing":
      return of(one.account, "没有事件", "there are no events")
    case "AccountMissing":
      return of(one.account, "没有账户", "there is no account")
    case "AccountUnreadable":
      return of(one.account, `账户无法读取 (${one.problem})`, `the account can not be read (${one.problem})`)
    case "SubjectDiffers":
      return of(subjectOf(one), "状态与重放不符", "its state is not what a replay makes of it")
    case "SubjectReplayFailed":
      return of(subjectOf(one), noReplay.zh(one.sequence), noReplay.en(one.sequence))
    case "SubjectMissing":
      return of(subjectOf(one), "没有业务主体", "there is no such subject")
    case "SubjectUnreadable":
      return of(subjectOf(one), `状态无法读取 (${one.problem})`, `its state can not be read (${one.problem})`)
    case "SubjectVersionDiffers":
      return of(
        subjectOf(one),
        `版本为 ${one.stored}，事件有 ${one.byEvents} 个`,
        `its version is ${one.stored}, and it has ${one.byEvents} events`
      )
    case "LineUnreadable":
      return at(one, `无法读取 (${one.problem})`, `it can not be read (${one.problem})`)
    case "LineTwice":
      return at(one, "行号重复", "another line has the same number")
    case "LineOfNobody":
      return at(one, "账户编号无对应账户", "there is no account of its number")
    case "LineElsewhere":
      return at(one, `存放在其他月份的表 ${one.table} 中`, `it lies in ${one.table}, the table of another month`)
    case "ColumnDiffers":
      return at(
        one,
        `列 ${one.column} 与该行内容不符，列中 ${shown(one.stored)}，内容 ${shown(one.said)}`,
        `the column ${one.column} has ${shown(one.stored)}, and the line says ${shown(one.said)}`
      )
    case "MerchantDiffers":
      return at(
        one,
        `消费点 ${one.point} 的商户与配置不符，记为 ${one.stored}，配置中为 ${shown(one.said)}`,
        `the purchase at ${one.point} was paid to ${one.stored}, and the profile names ${shown(one.said)}`
      )
    case "TransferDiffers":
      return at(
        one,
        `第 ${one.ordinal} 笔转账与事件不符，表中 ${moved(one.stored)}，按事件 ${moved(one.said)}`,
        `transfer ${one.ordinal} is ${moved(one.stored)}, and by the events ${moved(one.said)}`
      )
    case "TransferWithoutLine":
      return at(one, "有转账而无此行", "it has transfers and is not there")
    case "FingerprintDiffers":
      return at(one, "指纹与指令不符", "the fingerprint is not that of the command")
    case "KeyMissing":
      return at(one, "未登记为已答复，可能被再次执行", "its key is not known as answered, so it could happen again")
    case "KeyDiffers":
      return at(
        one,
        `其指令登记在第 ${shown(one.stored)} 行`,
        `its key leads to line ${shown(one.stored)}`
      )
    case "KeyWithoutLine":
      return at(
        one,
        `指令 ${one.caller} ${one.id} 登记在此行，而此行不是它的或已不存在`,
        `the key ${one.caller} ${one.id} leads here, and its line is not here`
      )
    case "CardDiffers":
      return of(
        `card ${one.card}`,
        `卡片指向账户 ${shown(one.stored)}，按事件属于 ${shown(one.said)}`,
        `it leads to the account ${shown(one.stored)}, and by events it is of ${shown(one.said)}`
      )
    case "SealDiffers":
      return of(
        `seal ${one.seal}`,
        `${one.journal} 第 ${one.from} 至 ${one.to} 行与封签不符，封签时 ${one.sealed} 行，现有 ${one.lines} 行`,
        `the lines ${one.from} to ${one.to} of ${one.journal} are not those that were sealed, ${one.sealed} then and ${one.lines} now`
      )
    case "SealUnchained":
      return of(
        `seal ${one.seal}`,
        `与前一封签不衔接 (${one.column})`,
        `it does not follow the seal before it (${one.column})`
      )
    case "AnchorMissing":
      return said(
        "没有摘要相符的封签，封签已被改写或删除",
        "no seal has the digest that was kept: seals were rewritten or removed"
      )
  }
}

const said = (zh: string, en: string): Text => ({ zh, en })
/** Of what it is said, and the sentence. */
const of = (what: string, zh: string, en: string): Text => ({ zh: `${what}：${zh}`, en: `${what}: ${en}` })

const at = ({ journal, of: whose, sequence }: Place, zh: string, en: string): Text => {
  const owner = whose === undefined ? "" : ` (${whose})`
  return of(`${journal} ${sequence}${owner}`, zh, en)
}

const subjectOf = ({ kind, subject }: { readonly kind: string; readonly subject: string }): string =>
  `${kind} ${subject}`

const shown = (value: string | number | null): string => value === null ? "-" : String(value)
const moved = (one: Moved | null): string => one === null ? "-" : `${one.from} → ${one.to} ${yuan(one.amount)}`
/** A forger may write more than money can be. */
const yuan = (fen: number): string =>
  Number.isSafeInteger(fen) ? `${fen < 0 ? "-" : ""}${Money.format(Money.of(Math.abs(fen)))}` : `${fen / 100}`

const noReplay = {
  zh: (sequence: number): string => `无法重放，第 ${sequence} 行接不上前面的记录`,
  en: (sequence: number): string => `line ${sequence} can not follow the lines before it`
}
