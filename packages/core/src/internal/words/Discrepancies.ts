/**
 * Differences between a channel's bill, the orders and the books 对账差异 (D2): read by whoever reconciles in the morning.
 */
import { formatDay, formatMinute } from "../../CivilTime.ts"
import type { Discrepancy, Group, Of } from "../../Discrepancy.ts"
import type { Entry } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { type Text, text } from "./Text.ts"

/** What each group is called where books are kept. */
export const groups: Readonly<Record<Group, Text>> = {
  long: text("长款", "in the bill only"),
  short: text("短款", "not in the bill"),
  amount: text("金额不符", "another amount"),
  repeated: text("重复", "twice"),
  ledger: text("记账差异", "in the books"),
  day: text("跨日", "across days"),
  refund: text("退款差异", "refund")
}

const person = text(
  "已挂账：请向渠道核实，查明后填写处理说明",
  "It is suspended: find out at the channel, then write down what came of it"
)

type Words = { readonly [Tag in Discrepancy["_tag"]]: (it: Of<Tag>) => Entry }

/** First what does not agree, then what is done about it. */
export const differences: Words = {
  Unrecorded: ({ row }) => [
    text("账单有收款 {}，本校订单未付款", "The bill has a payment of {}, the order is not paid here", yuan(row.amount)),
    text("向渠道查询后补单入账", "Ask the channel, then credit it late")
  ],
  UnknownNumber: ({ row }) => [
    row.kind === "payment"
      ? text(
        "账单有收款 {}，单号不是本校的",
        "The bill has a payment of {} under a number that is not ours",
        yuan(row.amount)
      )
      : text(
        "账单有退款 {}，单号不是本校的",
        "The bill has a refund of {} under a number that is not ours",
        yuan(row.amount)
      ),
    person
  ],
  NotInBill: ({ amount, at }) => [
    text(
      "{} 已收款 {}，账单没有",
      "Paid at {}: {}, and the bill does not have it",
      formatMinute(at),
      yuan(amount)
    ),
    text(
      "向渠道查询；仍不一致的挂账，由人工处理",
      "Ask the channel; what still does not agree is suspended for a person"
    )
  ],
  AmountDiffers: ({ recorded, row }) => [
    text("账单金额 {}，本校记录 {}", "The bill says {}, the order says {}", yuan(row.amount), yuan(recorded)),
    text(
      "不自动入账：渠道确认的按规定退回，其余挂账",
      "It is credited to nobody: what the channel confirms goes back, the rest is suspended"
    )
  ],
  RepeatedRow: ({ row }) => [
    text("账单重复列出同一笔交易 {}", "The bill has the same transaction of {} more than once", yuan(row.amount)),
    person
  ],
  PaidTwice: ({ amount }) => [
    text("同一订单又付款 {}", "An order was paid once more: {}", yuan(amount)),
    text("保留先到的一笔，其余退回", "The first is kept, the other goes back")
  ],
  SharedReference: ({ amount, numbers }) => [
    text(
      "渠道的同一笔交易出现在 {} 个单号下：{}",
      "One transaction of the channel stands under {} numbers: {}",
      numbers.length,
      yuan(amount)
    ),
    text(
      "不自动入账；已挂账：请向渠道核实属于哪一单",
      "Nothing is credited for it; it is suspended: find out at the channel whose it is"
    )
  ],
  OtherDay: ({ recordedOn, row }) => [
    text(
      "账单 {} 列有收款 {}，本校记在 {}，不在跨日待对清单",
      "The bill of {} has a payment of {} that is of {} here, and nobody waited for it",
      formatDay(row.day),
      yuan(row.amount),
      formatDay(recordedOn)
    ),
    text(
      "已挂账：请核对前后两日账单是否重复列出",
      "It is suspended: see whether the bills of two days have it"
    )
  ],
  Unfinished: ({ amount }) => [
    text("已收款 {}，未入账也未退款", "Paid: {}, and neither credited nor sent back", yuan(amount)),
    text("继续处理该订单；重复执行不会重复入账", "The order goes on; however often, it is credited once")
  ],
  LedgerDiffers: ({ credited, recorded }) => [
    text(
      "账户入账 {}，订单应为 {}",
      "The account was credited {}, by the order it should be {}",
      yuan(credited),
      yuan(recorded)
    ),
    text("已挂账：请核对账户流水与订单", "It is suspended: look at the account's journal and the order")
  ],
  RefundDiffers: ({ billed, recorded, side }) => [
    side === "bill"
      ? text("账单有退款 {}，本校尚无结果", "The bill has a refund of {}, here it is not done", yuan(billed))
      : side === "orders"
      ? text("本校已退款 {}，账单没有", "Sent back here: {}, and the bill does not have it", yuan(recorded))
      : text("账单退款 {}，本校退款 {}", "The bill has a refund of {}, here it is {}", yuan(billed), yuan(recorded)),
    side === "bill"
      ? text(
        "以账单为准，记为已退款，不再退；处理中的按原退款单号查询",
        "The bill is believed and nothing more is sent; one that is under way is asked about under its own number"
      )
      : person
  ],
  RefundUnasked: ({ row }) => [
    text(
      "账单有退款 {}，不是本校发起的",
      "The bill has a refund of {} that nobody here asked for",
      yuan(row.amount)
    ),
    text(
      "未付款的订单向渠道查询；其余挂账：请核实商户后台退款，并处理账户余额",
      "Of an order that is not credited the channel is asked; else it is suspended: find out who sent it, and see to the account"
    )
  ]
}
