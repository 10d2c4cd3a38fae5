/** What the lines of a statement are called 明细用语 (R56): as banks and wallets call them. */
import { formatMinute } from "../../CivilTime.ts"
import { format } from "../../Money.ts"
import type { SchoolProfile } from "../../SchoolProfile.ts"
import type { Kind, Line, Status } from "../../Statement.ts"
import { mediumOf } from "./Names.ts"
import { type Text, text } from "./Text.ts"

const kinds: Record<Kind, Text> = {
  purchase: text("消费", "purchase"),
  reversal: text("消费冲正", "purchase undone"),
  refund: text("消费退款", "refund"),
  recharge: text("充值", "top-up"),
  load: text("圈存到卡", "loaded onto the card"),
  claim: text("领取冻结金额", "frozen money claimed"),
  transfer: text("余额转移", "moved to another balance"),
  subsidy: text("补助", "subsidy"),
  subsidyEnded: text("补助到期收回", "subsidy ended"),
  fee: text("工本费", "fee"),
  payOut: text("销户退款", "paid out"),
  debtRepaid: text("还款", "debt repaid"),
  debtWrittenOff: text("欠款核销", "debt written off")
}

const statuses: Record<Status, Text> = {
  done: text("成功", "done"),
  partlyReturned: text("部分退回", "partly returned"),
  returned: text("已退回", "returned"),
  unknown: text("待下次刷卡确认", "settled by the next tap"),
  waiting: text("处理中", "waiting"),
  lapsed: text("已关闭", "closed"),
  refundDue: text("待退款", "to be refunded"),
  refunded: text("已退款", "refunded")
}

/**
 * A line in words. `medium`: what was shown, where something was; `at`: "2025-11-03 12:05"; `amount` in yuan with its sign:
 * "-18.00".
 */
export interface LineInWords {
  readonly what: Text
  readonly medium?: Text
  readonly place: Text
  readonly status: Text
  readonly at: string
  readonly amount: string
}

/** A place that its profile does not list any more goes by its id. */
export const ofLine = (
  { amount, at, direction, kind, medium, place: { en, point, zh }, status }: Line,
  profile: Pick<SchoolProfile, "mediumNames">
): LineInWords => ({
  what: kinds[kind],
  ...(medium === undefined ? {} : { medium: mediumOf(profile, medium) }),
  place: { zh: zh ?? point, en: en ?? point },
  status: statuses[status],
  at: formatMinute(at),
  amount: signs[direction] + format(amount)
})

/** What moves between the holder's own pockets has no sign. */
const signs = { in: "+", out: "-", within: "" }
