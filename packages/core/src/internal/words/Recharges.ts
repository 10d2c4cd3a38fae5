/**
 * Declines on topping up 充值 (R19-R26, R67-R69, A9).
 */
import { channelOf } from "../../SchoolProfile.ts"
import type { Declines } from "./Entry.ts"
import { yuan } from "./Figures.ts"
import { sources } from "./Names.ts"
import { call, nameOf, placeOf } from "./Places.ts"
import { topUp } from "./Pockets.ts"
import { anyOf, known, text } from "./Text.ts"

/** Topping up. */
export const recharges = {
  ChannelUnknown: (_, profile) => [text("没有该充值渠道", "No such way to top up"), topUp(profile)],
  FundingSourceNotAccepted: ({ accepted, channel, source }, profile) => {
    const found = channelOf(profile, channel)
    const ways = accepted.flatMap((one) => known(sources, one) ?? [])
    return [
      text(
        "{}不支持{}充值",
        "Top-up in {}: {} is not accepted",
        found === undefined ? text("该渠道", "this channel") : nameOf(found),
        known(sources, source) ?? text("该支付方式", "this way of paying")
      ),
      ways.length === 0 ? topUp(profile) : text("请选择{}", "Choose {}", anyOf(ways))
    ]
  },
  NotOwnBankCard: (_, { recharge }) => {
    const own = Object.values(recharge).flatMap((channel) => channel.sources).filter(({ holder }) => holder === "own")
    const cards = [...new Set(own.map(({ source }) => source))].map((source) => sources[source])
    return [
      text(
        "仅支持本人{}充值",
        "Only your own {} can be used",
        cards.length === 0 ? text("银行卡", "bank card") : anyOf(cards)
      ),
      text("请换用本人名下的卡", "Use a card in your own name")
    ]
  },
  BankCardNotBound: ({ channel }, profile) => {
    const bindings = channelOf(profile, channel)?.sources.map(({ binding }) => binding) ?? []
    return [
      text("尚未绑定银行卡", "No bank card is bound yet"),
      bindings.includes("wallet")
        ? text("请{}绑定银行卡", "Bind one {}", placeOf(profile, "bindWallet"))
        : text("请{}绑定银行卡和校园一卡通账号", "Bind one to the campus account {}", placeOf(profile, "bindTransfer"))
    ]
  },
  EWalletNotOpened: (_, profile) => [
    text("电子钱包尚未开通", "The e-wallet is not opened yet"),
    text(
      "请{}输入学号（工号）、校园卡密码和姓名，开通电子钱包",
      "Open it {} with your number, card password and name",
      placeOf(profile, "openWallet")
    )
  ],
  AmountNotAllowed: ({ amount, choices, max, min }) => [
    text("不能充值 {}", "{} cannot be topped up", yuan(amount)),
    choices === undefined || choices.length === 0
      ? text("请输入 {}至 {}之间的金额", "Choose an amount from {} to {}", yuan(min), yuan(max))
      : text("请选择 {}", "Choose {}", anyOf(choices.map(yuan)))
  ],
  OrderAlreadyCredited: () => [
    text("该充值订单已入账", "This top-up has been credited already"),
    text(
      "无需重复入账；如重复付款，请联系充值渠道退款",
      "Nothing more is needed. If it was paid twice, ask the channel for a refund"
    )
  ],
  NotPaid: (_, profile) => [
    text("尚未查到该订单的付款", "No payment of this order is known yet"),
    text(
      "如已扣款，请勿重复付款，稍后再查；仍未到账，{}",
      "If you have paid, do not pay again but look later. Still missing? {}",
      call(profile)
    )
  ]
} satisfies Partial<Declines>
