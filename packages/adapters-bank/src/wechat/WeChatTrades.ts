/**
 * What a channel asks of WeChat Pay's orders 微信订单: to open one, what became of it, to end it.
 *
 * An order that is scanned or paid in an app is closed 关单, which moves no money. A payment by a shown code is reversed 撤销,
 * which sends back what was paid: so it is asked about first, and only one that is not paid when its time is over is reversed.
 * Source: WeChat Pay APIv3, Native 下单, JSAPI 下单, 付款码支付, 查询订单, 关闭订单, 撤销订单.
 */
import type { CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Redacted, Result } from "effect"
import * as AuthCode from "../AuthCode.ts"
import * as JsonBody from "../JsonBody.ts"
import * as WeChatAnswer from "./WeChatAnswer.ts"
import type { Merchant } from "./WeChatAuthorization.ts"
import * as WeChatCall from "./WeChatCall.ts"
import * as WeChatClock from "./WeChatClock.ts"
import type { WeChatGateway } from "./WeChatGateway.ts"
import * as WeChatPaySign from "./WeChatPaySign.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"
import { alarm, believed, failed, problemOf, refused, unanswered, unmade } from "./WeChatVerdict.ts"

/** Whose orders, and how their payers come. */
export interface Source {
  readonly gateway: WeChatGateway
  readonly scene: "order" | "payCode"
  readonly merchant: Merchant
  readonly appid: string
  readonly payee: WeChatTransaction.Payee
  readonly description: string
  readonly notifyUrl: string
  /** The till where codes are scanned. */
  readonly device: string
  readonly nonce: () => string
}

type Attempt = PaymentAttempt.Attempt

export interface WeChatTrades {
  readonly create: (
    attempt: Attempt,
    payer: RechargeChannel.Payer
  ) => Effect.Effect<PaymentAttempt.Instruction, Fault.ChannelFailed | Fault.ChannelRefused>
  /** The transaction; nothing where WeChat Pay knows none, as seen now. `operation`: of which this is a part. */
  readonly find: (
    attempt: Attempt,
    operation?: string
  ) => Effect.Effect<WeChatTransaction.WeChatTransaction | undefined, Fault.ChannelFailed>
  /** Closes an order, or reverses a payment by a shown code that is not paid in time. The channel is asked afterwards. */
  readonly close: (attempt: Attempt) => Effect.Effect<void, Fault.ChannelFailed>
}

/** How often a reversal is repeated that WeChat Pay wants to be asked again. */
const reversals = 3

const nothing: PaymentAttempt.Instruction = { _tag: "Nothing" }
const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** The orders of one channel. */
export const make = (source: Source): WeChatTrades => {
  const { appid, device, gateway, merchant, nonce, notifyUrl, payee, scene } = source
  const { mchid } = merchant

  const ordered = ({ amount, number }: Attempt) => ({
    appid,
    mchid,
    description: source.description,
    out_trade_no: number,
    amount: { total: amount, currency: "CNY" as const }
  })
  const called = (attempt: Attempt) => ({
    ...ordered(attempt),
    time_expire: WeChatClock.format(attempt.expiresAt),
    notify_url: notifyUrl
  })

  const callOf = (attempt: Attempt, payer: RechargeChannel.Payer): WeChatCall.WeChatCall | undefined => {
    if (scene === "payCode") {
      return payer._tag === "PayCode"
        ? WeChatCall.codePay({
          ...ordered(attempt),
          payer: { auth_code: Redacted.value(payer.code) },
          scene_info: { device_id: device }
        })
        : undefined
    }
    if (payer._tag === "Scan") return WeChatCall.native(called(attempt))
    return payer._tag === "InApp"
      ? WeChatCall.jsapi({ ...called(attempt), payer: { openid: Redacted.value(payer.openId) } })
      : undefined
  }

  const instructionOf = Effect.fnUntraced(function*(payer: RechargeChannel.Payer, body: Uint8Array) {
    if (payer._tag === "Scan") {
      return { _tag: "QrCode", text: yield* believed(WeChatAnswer.codeUrl(body), "create") } as const
    }
    if (payer._tag === "PayCode") return nothing
    const prepayId = yield* believed(WeChatAnswer.prepayId(body), "create")
    const signed = WeChatPaySign.sign(merchant.key, { appId: appid, prepayId }, { now: yield* now, nonce: nonce() })
    return { _tag: "AppParameters", parameters: { ...signed } } as const
  })

  const find = Effect.fnUntraced(function*({ number }: Attempt, operation = "query") {
    const said = yield* unanswered(operation)(gateway.ask(WeChatCall.query(mchid, number)))
    if (said.outcome.class === "notFound") return undefined
    if (said.outcome.class !== "done") return yield* unmade(operation, said)
    const read = Result.flatMap(JsonBody.parse(said.body), WeChatTransaction.decode)
    return yield* believed(Result.flatMap(read, (told) => WeChatTransaction.compare(told, payee, number)), operation)
  })

  const create = Effect.fnUntraced(function*(attempt: Attempt, payer: RechargeChannel.Payer) {
    const call = callOf(attempt, payer)
    if (call === undefined) return yield* refused("PAYER", `this channel is not for payers who come by ${payer._tag}`)
    if (payer._tag === "PayCode" && AuthCode.detect(Redacted.value(payer.code)) !== "weChat") {
      return yield* refused("AUTH_CODE_INVALID", "this is no pay code of WeChat")
    }
    const said = yield* unanswered("create")(gateway.ask(call, scene === "order"))
    switch (said.outcome.class) {
      case "done":
        return yield* instructionOf(payer, said.body)
      case "pending":
      case "paying":
        return nothing
      case "permanent":
        yield* alarm("create", said)
        return yield* refused(said.code, problemOf(said))
      case "terminal":
      case "numberUsed": {
        const told = yield* find(attempt)
        if (told === undefined && said.outcome.class === "numberUsed") return yield* unmade("create", said)
        if (told !== undefined && (WeChatTransaction.isPaid(told) || told.trade_state === "USERPAYING")) return nothing
        // Under a used number it can still be paid, though nobody can be shown how.
        if (told?.trade_state === "NOTPAY" && said.outcome.class === "numberUsed") return yield* unmade("create", said)
        return yield* refused(said.code, problemOf(said))
      }
      default:
        return yield* unmade("create", said)
    }
  })

  const close = Effect.fnUntraced(function*({ number }: Attempt) {
    const said = yield* unanswered("close")(gateway.ask(WeChatCall.close(mchid, number)))
    // Whatever it is now, the channel is asked afterwards.
    if (["done", "paying", "terminal", "notFound"].includes(said.outcome.class)) return
    return yield* unmade("close", said)
  })

  const reverse = Effect.fnUntraced(function*(attempt: Attempt) {
    const at = yield* now
    const { expiresAt, number, openedAt } = attempt
    if (at < openedAt + WeChatClock.codePay.reverseFrom) {
      return yield* failed("close", "WeChat Pay reverses nothing within 15 seconds of a charge")
    }
    if (at < Math.min(expiresAt, openedAt + WeChatClock.codePay.until)) {
      return yield* failed("close", "the payer still has time to type a password")
    }
    const before = yield* find(attempt, "close")
    // A reversal would send it back: whoever asks next is told that it is paid.
    if (before !== undefined && WeChatTransaction.isOver(before)) return
    for (let asked = 0; asked < reversals; asked++) {
      const said = yield* unanswered("close")(gateway.ask(WeChatCall.reverse(appid, mchid, number)))
      if (["paying", "terminal", "notFound"].includes(said.outcome.class)) return
      if (said.outcome.class !== "done") return yield* unmade("close", said)
      if ((yield* believed(WeChatAnswer.recall(said.body), "close")) === "N") return
    }
    return yield* failed("close", "WeChat Pay wants to be asked for the reversal again")
  })

  return { create, find, close: scene === "payCode" ? reverse : close }
}
