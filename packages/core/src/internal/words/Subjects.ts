/**
 * Declines of other subjects 订单、终端、日结、补助批次 (D21): read by clerks and programs rather than by holders.
 *
 * Kinds, states and steps come as names from other modules; one that has no words here is told in general.
 */
import { formatDay, formatMinute } from "../../CivilTime.ts"
import type { Order } from "../../Recharge.ts"
import type { State as SubsidyBatch } from "../../SubsidyBatch.ts"
import type { Declines } from "./Entry.ts"
import { known, type Text, text } from "./Text.ts"

const kinds: Readonly<Record<string, Text>> = {
  rechargeOrder: text("充值订单", "top-up order"),
  suspense: text("挂账", "difference that waits for a person"),
  terminal: text("终端", "terminal"),
  settlement: text("商户结算账", "settlement of a merchant"),
  subsidyBatch: text("补助批次", "subsidy batch"),
  purse: text("卡内流水链", "chain of purchases of a card")
}

const orders: Readonly<Record<Order["_tag"], Text>> = {
  Created: text("已下单", "placed"),
  Paying: text("付款中", "being paid"),
  Unknown: text("付款结果未知", "paid or not, nobody knows yet"),
  Paid: text("已付款", "paid"),
  Credited: text("已入账", "credited"),
  Written: text("已写卡", "written to the card"),
  Expired: text("已关闭", "closed"),
  RefundDue: text("待退款", "to be refunded"),
  Refunded: text("已退款", "refunded"),
  Reversed: text("已被渠道撤回", "taken back by its channel")
}

const batches: Readonly<Record<SubsidyBatch["stage"], Text>> = {
  drafted: text("已制单", "drafted"),
  withdrawn: text("已撤回", "withdrawn"),
  approved: text("已审批", "approved"),
  granted: text("已发放", "granted"),
  ended: text("已收回", "ended")
}

const kindOf = (kind: string): Text => known(kinds, kind) ?? text("记录", "entry")

/** Other subjects. */
export const subjects = {
  UnknownSubject: ({ kind }) => [
    text("未查到该{}", "No such {}", kindOf(kind)),
    text("请核对编号后重试", "Check its number and try again")
  ],
  SubjectExists: ({ kind }) => [
    text("该{}已存在", "This {} exists already", kindOf(kind)),
    text("无需重复建立", "Nothing more is needed")
  ],
  OrderStepRefused: ({ order }) => [
    text(
      "充值订单{}，不能执行此操作",
      "This step does not fit a top-up order that is {}",
      known(orders, order) ?? text("状态不符", "in another state")
    ),
    text("请刷新订单状态后再操作", "Look at its state again before anything else")
  ],
  TerminalNotSignedIn: () => [
    text("终端尚未签到", "This terminal has not signed in"),
    text("请先签到，再继续操作", "Sign in first, then go on")
  ],
  GapNotOpen: ({ from, to }) => [
    text("流水 {} 至 {} 不是待说明的缺口", "The records from {} to {} are no gap that is open", from, to),
    text("请按待处理缺口清单逐条说明", "Explain what the list of open gaps shows, one after the other")
  ],
  RecordNotSuspended: () => [
    text("该流水不在待处理之列", "This record does not wait to be posted"),
    text("请重新查看待处理流水", "Look at the list of waiting records again")
  ],
  RecordsMissing: () => [
    text(
      "账务流水少于已结算金额，暂停该商户日结",
      "The journal holds less than was settled: this merchant is not closed"
    ),
    text("请先恢复缺失的流水，再日结", "Restore the missing records first, then close the day")
  ],
  DayNotOver: ({ day }) => [
    text("{} 尚未结束，不能日结", "{} is not over and cannot be closed yet", formatDay(day)),
    text("请次日再日结", "Close it on the day after")
  ],
  DayAlreadyClosed: ({ closedAt, day }) => [
    text("{} 已于 {} 日结", "{} was closed at {}", formatDay(day), formatMinute(closedAt)),
    text("无需重复日结", "Nothing more is needed")
  ],
  DayBeforeOpen: ({ day }) => [
    text("{} 尚未日结", "{} is not closed yet", formatDay(day)),
    text("请先日结该日，再日结之后的日期", "Close that day first, then those after it")
  ],
  BatchStepRefused: ({ batch }) => [
    text(
      "补助批次{}，不能执行此操作",
      "This step does not fit a subsidy batch that is {}",
      known(batches, batch) ?? text("状态不符", "in another state")
    ),
    text("请刷新批次状态后再操作", "Look at its state again before anything else")
  ],
  BatchNamesTwice: () => [
    text("名单中有账户重复", "An account stands on the list twice"),
    text("请删去重复的一行，重新提交", "Take the second line out and hand the list in again")
  ],
  SameOperator: () => [
    text("经办人不能审批自己的单据", "Who made it may not approve it"),
    text("请由另一位工作人员审批", "Have somebody else approve it")
  ]
} satisfies Partial<Declines>
