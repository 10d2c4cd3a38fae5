/** The control desk's payments 控制接口之交易: payers and their money, and what a payer does with a payment. Money is in fen. */
import { Money } from "@yikatong/core"
import { Result, Schema } from "effect"
import { decode, type Doing, doing, Nothing, type Refusal, refused, type Told } from "./ControlDoing.ts"
import { type Desk, payersOf } from "./Desk.ts"
import type { Refused } from "./House.ts"
import type { Trade } from "./Trade.ts"

const Payer = Schema.Struct({
  name: Schema.String.check(Schema.isPattern(/^[\p{L}\p{N}_.-]{1,64}$/u)),
  amount: Schema.optionalKey(Money.Amount),
  stuck: Schema.optionalKey(Schema.Boolean)
})
const Paying = Schema.Struct({ payer: Schema.String })

export const doings: ReadonlyArray<Doing> = [
  doing(
    "GET",
    "purses",
    ["谁有多少钱", "who has how much"],
    ({ desk: { house: { purses } } }) =>
      Result.succeed({ isWhole: purses.isWhole, purses: Object.fromEntries(purses.all) })
  ),
  doing("GET", "payers", ["付款人", "the payers"], ({ desk }) => Result.succeed(payersOf(desk))),
  doing(
    "POST",
    "payers",
    [
      "给付款人钱，或使其退款卡住",
      "gives a payer money, or makes refunds to one stick",
      `{"name":"小明","amount":50000}`
    ],
    ({ body, desk }) =>
      Result.map(decode(Payer, body), ({ amount, name, stuck }) => {
        if (amount !== undefined) desk.house.purses.put(name, amount)
        if (stuck === true) desk.house.stuckPayers.add(name)
        if (stuck === false) desk.house.stuckPayers.delete(name)
        return { name, has: desk.house.purses.has(`payer:${name}`), stuck: desk.house.stuckPayers.has(name) }
      })
  ),
  doing(
    "GET",
    "trades",
    ["交易及其付款页面，可按 ?wire= 与 ?number= 查", "payments and their pages; by ?wire= and ?number="],
    ({ desk, query }) =>
      Result.succeed(
        desk.house.all
          .filter((trade) => (query.get("wire") ?? trade.wire) === trade.wire)
          .filter((trade) => (query.get("number") ?? trade.number) === trade.number)
          .map(shown(desk))
      )
  ),
  doing("GET", "trades/TOKEN", ["一笔交易", "one payment"], ({ desk, parts: [token = ""] }) => {
    const trade = desk.house.byToken(token)
    return trade === undefined ? notThere : Result.succeed(shown(desk)(trade))
  }),
  doing(
    "POST",
    "trades/TOKEN/pay",
    ["付款", "pays it", `{"payer":"小明"}`],
    ({ body, desk, parts: [token = ""] }) =>
      Result.flatMap(decode(Paying, body), ({ payer }) => settled(desk, desk.house.pay(token, payer, desk.clock.now())))
  ),
  doing(
    "POST",
    "trades/TOKEN/decline",
    ["付款人拒绝", "the payer says no"],
    ({ body, desk, parts: [token = ""] }) =>
      Result.flatMap(decode(Nothing, body), () => {
        const declined = desk.house.decline(token, desk.clock.now())
        // To be declined is what was asked for.
        return Result.isFailure(declined) && declined.failure._tag === "Declined"
          ? Result.succeed(shown(desk)(declined.failure.trade))
          : settled(desk, declined)
      })
  ),
  doing(
    "POST",
    "trades/TOKEN/ask",
    ["付款人正在输密码", "the payer is asked for a password"],
    ({ body, desk, parts: [token = ""] }) =>
      Result.flatMap(decode(Nothing, body), () => settled(desk, desk.house.ask(token, desk.clock.now())))
  )
]

const notThere = refused(404, "没有这笔交易", "there is no such trade")

const shown = ({ origin }: Desk) => (trade: Trade) => ({ ...trade, page: `${origin()}/pay/${trade.token}` })

const settled = (desk: Desk, done: Result.Result<Trade, Refused>): Told =>
  Result.mapBoth(done, { onSuccess: shown(desk), onFailure: inWords })

const inWords = (refusal: Refused): Refusal => {
  const [status, zh, en] = words[refusal._tag]
  if (refusal._tag !== "Declined") return { status, zh, en }
  return refusal.why === "declined" ? { status, zh, en } : { status, zh: "余额不足", en: "the payer has too little" }
}

const words: Readonly<Record<Refused["_tag"], readonly [number, string, string]>> = {
  NumberUsed: [409, "订单号已使用", "the number is used"],
  NotThere: [404, "没有这笔交易", "there is no such trade"],
  AlreadyPaid: [409, "已支付", "it is paid already"],
  AlreadyClosed: [409, "已关闭或已过期", "it is closed or too late"],
  NotPaid: [409, "尚未支付", "it is not paid"],
  Declined: [409, "付款人已拒绝", "the payer declined"],
  TooMuch: [409, "超过可退金额", "that is more than was paid"],
  RefundDiffers: [409, "退款号已用于其他金额", "the refund's number is used for another amount"]
}
