/**
 * WeChat Pay as a recharge channel 微信支付: a code that the payer scans (Native), a page or mini program (JSAPI), or
 * a code that the payer shows 付款码.
 *
 * The last is another channel of this module: it is charged at once, nobody is called back, and what is not paid after 45
 * seconds is asked about once more and then reversed 撤销. Source: WeChat Pay APIv3, Native 支付, JSAPI 支付, 付款码支付, 退款.
 */
import { type Callback, type CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Effect, Result } from "effect"
import { HttpClient } from "effect/http"
import { type KeyObject, randomBytes, type X509Certificate } from "node:crypto"
import * as Circuit from "../Circuit.ts"
import * as SandboxMark from "../SandboxMark.ts"
import type { Merchant } from "./WeChatAuthorization.ts"
import * as WeChatBills from "./WeChatBills.ts"
import * as WeChatCall from "./WeChatCall.ts"
import * as WeChatClock from "./WeChatClock.ts"
import type { Account, Row } from "./WeChatFundBill.ts"
import * as WeChatGateway from "./WeChatGateway.ts"
import type { WeChatKeys } from "./WeChatKeys.ts"
import * as WeChatNotice from "./WeChatNotice.ts"
import * as WeChatRefunds from "./WeChatRefunds.ts"
import * as WeChatTrades from "./WeChatTrades.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"
import { alarm, believed, problemOf, unanswered } from "./WeChatVerdict.ts"

/** What the school has agreed with WeChat Pay. Times in milliseconds. */
export interface Settings extends Pick<RechargeChannel.RechargeChannel, "name" | "serves"> {
  /** Whether payers come to us with a code of theirs, or WeChat Pay is opened by them. */
  readonly scene: "order" | "payCode"
  readonly merchant: Merchant
  readonly appid: string
  /** Other applications whose payments are this merchant's as well. */
  readonly appids?: ReadonlyArray<string>
  readonly apiKey: KeyObject
  /** WeChat Pay's public key 微信支付公钥; may be empty where certificates are fetched. */
  readonly keys: WeChatKeys
  readonly certificates?: { readonly issuer?: X509Certificate }
  /** Where callbacks go: without a query. */
  readonly notifyUrl: string
  /** What the payer reads on the phone. */
  readonly description: string
  /** The till where codes are scanned. */
  readonly device?: string
  readonly hosts?: ReadonlyArray<string>
  readonly nonce?: () => string
  readonly timeout?: number
  readonly policy?: Circuit.Policy
  readonly patience?: RechargeChannel.Patience
}

/** The channel, and what WeChat Pay has beside it. */
export interface WeChatPay extends RechargeChannel.RechargeChannel {
  /** Tests keys and signatures in both directions, without money 自检. */
  readonly selfTest: Effect.Effect<void, Fault.ChannelFailed | Fault.ChannelRefused>
  /** Every movement of a day 资金账单. */
  readonly fundFlow: (
    day: CivilTime.Day,
    account?: Account
  ) => Effect.Effect<ReadonlyArray<Row>, Fault.ChannelFailed | Fault.BillNotReady>
}

export const production: ReadonlyArray<string> = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"]
export const timeout = 10_000

/** Refunds are asked about a minute later at the earliest; codes and prepay ids live for two hours. */
export const patience: RechargeChannel.Patience = { ...RechargeChannel.patience, life: WeChatClock.prepayLife }

/** Asked every 10 seconds while a password is typed, and reversed after 45. */
export const payCodePatience: RechargeChannel.Patience = {
  asks: [5_000, 15_000, 25_000, 35_000],
  grace: 0,
  refunds: RechargeChannel.patience.refunds,
  life: WeChatClock.codePay.until
}

/** The channel. Keys of a sandbox are refused where a host is a real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { apiKey, appid, keys, merchant, name, scene, serves } = settings
  const { mchid } = merchant
  const hosts = settings.hosts ?? production
  for (const host of hosts) {
    const platform = Object.fromEntries([...keys].map(([serial, { key }]) => [`keys: ${serial}`, key]))
    const ours = { merchant: merchant.key, apiKey: apiKey.export() as Uint8Array }
    yield* Effect.fromResult(SandboxMark.refuse(host, { ...ours, ...platform }))
  }
  const nonce = settings.nonce ?? (() => randomBytes(16).toString("hex"))
  const gateway = yield* WeChatGateway.make(yield* HttpClient.HttpClient, {
    hosts,
    merchant,
    apiKey,
    keys,
    ...(settings.certificates === undefined ? {} : { certificates: settings.certificates }),
    nonce,
    timeout: settings.timeout ?? timeout,
    policy: settings.policy ?? Circuit.policy
  })
  const payee: WeChatTransaction.Payee = { mchid, appids: [appid, ...settings.appids ?? []] }
  const bills: WeChatBills.Source = { name, gateway, payee, hosts }

  const trades = WeChatTrades.make({
    gateway,
    scene,
    merchant,
    appid,
    payee,
    description: settings.description,
    notifyUrl: settings.notifyUrl,
    device: settings.device ?? name,
    nonce
  })
  const refunds = WeChatRefunds.make({ name, gateway, notifyUrl: settings.notifyUrl })

  const callback = Effect.fnUntraced(function*(mint: RechargeChannel.Mint, raw: Callback.Raw) {
    const read = yield* unanswered("callback")(
      gateway.believe((keys, at) => WeChatNotice.read(raw, { apiKey, keys, payee }, at))
    )
    if (Result.isFailure(read)) {
      const { reason, what } = read.failure
      yield* Effect.logDebug("A callback is not believed", name, reason, what)
      return yield* new Fault.CallbackRefused({ channel: name, reason, what })
    }
    const notice = read.success
    switch (notice._tag) {
      case "Paid": {
        const number = PaymentAttempt.numberIn(notice.payment.number)
        if (number === undefined) return { _tag: "Other", what: "a payment under a number that is not ours" } as const
        return { _tag: "Paid", receipt: mint({ ...notice.payment, number, witness: "callback" }) } as const
      }
      case "RefundEnded":
        return { _tag: "RefundNews", refund: notice.refund.refundNumber } as const
      case "Echo":
        return { _tag: "Other", what: "SECURITY_ECHO" } as const
      case "Other":
        return { _tag: "Other", what: notice.event } as const
    }
  })

  const channel = RechargeChannel.make(name, (mint) => ({
    ...(serves === undefined ? {} : { serves }),
    merchant: `wechat:${mchid}`,
    payers: scene === "payCode" ? ["PayCode"] : ["Scan", "InApp"],
    patience: settings.patience ?? (scene === "payCode" ? payCodePatience : patience),
    create: trades.create,
    query: Effect.fnUntraced(function*(attempt) {
      const told = yield* trades.find(attempt)
      if (told === undefined) return { _tag: "NotFound" } as const
      const back = WeChatTransaction.reversed(told)
      if (back !== undefined) {
        return { _tag: "GivenBack", receipt: mint({ ...back, number: attempt.number, witness: "query" }) } as const
      }
      if (!WeChatTransaction.isPaid(told)) {
        // A payment that failed may be tried once more, until the order ends.
        return { _tag: WeChatTransaction.isOver(told) ? "Closed" : "Waiting" } as const
      }
      const payment = yield* believed(WeChatTransaction.payment(told, payee, attempt.number), "query")
      const receipt = mint({ ...payment, number: attempt.number, witness: "query" })
      if (told.trade_state === "SUCCESS") return { _tag: "Paid", receipt } as const
      // Of what somebody else sent back nobody is told how much: a person or the bill has to say it.
      return (yield* refunds.isAllBack(attempt, payment))
        ? { _tag: "GivenBack", receipt } as const
        : { _tag: "Unclear" } as const
    }),
    close: trades.close,
    refund: refunds.refund,
    queryRefund: refunds.queryRefund,
    callback: (raw) => callback(mint, raw),
    acknowledge: (taken) =>
      taken === "taken"
        ? WeChatNotice.taken
        : taken === "refused"
        ? WeChatNotice.refused
        : WeChatNotice.unavailable,
    bill: (day) => WeChatBills.trades(bills, mint, day)
  }))
  return {
    ...channel,
    selfTest: Effect.gen(function*() {
      const call = WeChatCall.selfTest({ mchid, nonce: nonce() })
      const said = yield* unanswered("selfTest")(gateway.ask(call))
      if (said.outcome.class === "done") return
      yield* alarm("selfTest", said)
      return yield* new Fault.ChannelRefused({ operation: "selfTest", code: said.code, problem: problemOf(said) })
    }),
    fundFlow: (day, account = "BASIC") => WeChatBills.movements(bills, day, account)
  } satisfies WeChatPay as WeChatPay
})
