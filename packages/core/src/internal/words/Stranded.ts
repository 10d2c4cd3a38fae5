/**
 * Recharges that wait for a person 待人工处理的充值 (D2): read by the office each morning. First how it stands, then what to do.
 */
import { formatMinute } from "../../CivilTime.ts"
import type { Stuck } from "../../StuckRecharge.ts"
import type { Entry } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { text } from "./Text.ts"

type Words = { readonly [Tag in Stuck["_tag"]]: (it: Extract<Stuck, { readonly _tag: Tag }>) => Entry }

export const stranded: Words = {
  ReturnFailed: ({ amount, can }) => [
    text("渠道退款失败 {}", "The channel could not send {} back", yuan(amount)),
    can.includes("returnAgain")
      ? text(
        "请在渠道商户平台查明原因：已解决的再次退款；退不了的线下退款后登记「已退」",
        "Find the cause in the channel's back office. Gone: try again. Else send it back by hand, then say so"
      )
      : text("请线下退款后登记「已退」", "Send it back by hand, then say so")
  ],
  ReturnByHand: ({ amount }) => [
    text("应退款 {}，该渠道不支持自动退款", "{} has to go back, and this channel makes no refunds", yuan(amount)),
    text("请线下退款后登记「已退」", "Send it back by hand, then say so")
  ],
  NotCredited: ({ amount, since }) => [
    text(
      "{} 已收款 {}，账户拒绝入账",
      "Paid at {}: {}, and the account would not take it",
      formatMinute(since),
      yuan(amount)
    ),
    text(
      "请在渠道商户平台退款，然后登记「已撤回」",
      "Give it back in the channel's back office, then tell that it was taken back"
    )
  ],
  TakenBack: ({ amount, since }) => [
    text(
      "已入账的 {}于 {} 被银行撤回",
      "Credited, and then taken back by the bank: {}, at {}",
      yuan(amount),
      formatMinute(since)
    ),
    text(
      "请核对银行账单，联系持卡人补缴，办结后结束该单；账户余额不会自动扣回",
      "Look at the bank's bill, have the holder pay it again, then end it: nothing takes it from the account"
    )
  ],
  Undecided: ({ amount, since }) => [
    text(
      "{}未付款，渠道一直未给出结果（{} 到期）",
      "{} is not paid as far as we know: the channel says nothing final since {}",
      yuan(amount),
      formatMinute(since)
    ),
    text(
      "请查渠道账单：确无收款的结束该单；有收款的先对账",
      "Look at the channel's bill. No payment: give it up. A payment: reconcile that day"
    )
  ]
}
