/**
 * What the rules are called that are looked at for a command 规则名称 (R73, D14).
 */
import type { Rule, Step } from "../../Trace.ts"
import { joined, type Text, text } from "./Text.ts"

const names: Record<Rule, Text> = {
  point: text("业务点", "point"),
  clock: text("设备时间", "clock"),
  place: text("办理地点", "place"),
  operator: text("经办岗位", "operator"),
  documents: text("证件材料", "documents"),
  hours: text("办理时间", "opening hours"),
  desk: text("收付款台", "cash desk"),
  account: text("账户", "account"),
  closing: text("销户状态", "closing of the account"),
  code: text("出示码", "code shown"),
  eligibility: text("办卡资格", "who may hold it"),
  application: text("临时卡申请表", "application form"),
  newCard: text("新卡片", "new card"),
  card: text("卡状态", "card"),
  fee: text("费用", "fee"),
  hold: text("冻结期", "hold"),
  identity: text("身份核验", "identity"),
  password: text("卡密码", "password"),
  acceptance: text("受理范围", "acceptance"),
  holder: text("持有人可用方式", "media of the holder"),
  limits: text("消费限额", "limits"),
  money: text("余额", "balance"),
  repeat: text("重复刷卡", "repeated tap"),
  purchase: text("原消费", "original purchase"),
  age: text("流水时间", "time of the record"),
  meal: text("餐次", "meal"),
  once: text("流水去重", "copies of the record"),
  channel: text("充值渠道", "top-up channel"),
  source: text("资金来源", "source of the money"),
  binding: text("绑定", "binding"),
  amount: text("充值金额", "amount"),
  evidence: text("付款凭证", "evidence of payment"),
  order: text("充值订单", "top-up order"),
  subsidy: text("补助有效期", "end of the subsidy"),
  debt: text("欠款", "debt"),
  writer: text("圈存设备", "card writer"),
  load: text("圈存状态", "open load"),
  waiting: text("待圈存金额", "money to be loaded"),
  door: text("门", "door"),
  shown: text("出示卡片", "card shown"),
  medium: text("开门方式", "media of the door"),
  confirmation: text("开门确认", "confirmation"),
  doorHours: text("开放时段", "hours of the door"),
  grant: text("门禁授权", "grant"),
  window: text("授权时段", "window of the grant"),
  passback: text("反潜回", "anti-passback"),
  verification: text("验码", "check of the code"),
  offline: text("脱机限制", "limits while cut off"),
  subject: text("单据状态", "state of the entry")
}

/** Rules of one verdict, by their names; nothing where there are none. */
const those = (steps: ReadonlyArray<Step>, verdict: Step["verdict"], head: Text): ReadonlyArray<Text> => {
  const told = steps.filter((step) => step.verdict === verdict).map(({ rule }) => names[rule])
  return told.length === 0 ? [] : [text("{}：{}", "{}: {}", head, joined(told, "、", ", "))]
}

/** "未通过：消费限额。已通过：业务点、……。未检查：卡密码、余额" */
export const inOrder = (steps: ReadonlyArray<Step>): Text =>
  joined(
    [
      ...those(steps, "refused", text("未通过", "Refused by")),
      ...those(steps, "passed", text("已通过", "Passed")),
      ...those(steps, "notReached", text("未检查", "Not looked at"))
    ],
    "。",
    ". "
  )
