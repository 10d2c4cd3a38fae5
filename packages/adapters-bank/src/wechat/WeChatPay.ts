/**
 * WeChat Pay as a recharge channel 微信支付: a code that the payer scans (Native), a page or mini program (JSAPI), or
 * a code that the payer shows 付款码.
 *
 * The last is another channel of this module: it is charged at once, nobody is called back, and what is not paid
 * after 45 seconds is reversed 撤销, which gives back what was paid all the same. Source: WeChat Pay APIv3, Native
 * 支付, JSAPI 支付, 付款码支付, 退款.
 */
import { type Callback, type CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Redacted, Result } from "effect"
import { HttpClient } from "effect/http"
import { type KeyObject, randomBytes, type X509Certificate } from "node:crypto"
import * as Circuit from "../Circuit.ts"
import * as JsonBody from "../JsonBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import * as WeChatAnswer from "./WeChatAnswer.ts"
import type { Merchant } from "./WeChatAuthorization.ts"
import * as WeChatBills from "./WeChatBills.ts"
import * as WeChatCall from "./WeChatCall.ts"
import * as WeChatClock from "./WeChatClock.ts"
import type { Account, Row } from "./WeChatFundBill.ts"
import * as WeChatGateway from "./WeChatGateway.ts"
import type { WeChatKeys } from "./WeChatKeys.ts"
import * as WeChatNotice from "./WeChatNotice.ts"
import * as WeChatPaySign from "./WeChatPaySign.ts"
import * as WeChatRefund from "./WeChatRefund.ts"
import * as WeChatTransaction from "./WeChatTransaction.ts"

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

type Attempt = PaymentAttempt.Attempt

const failed = (operation: string, cause: unknown) => new Fault.ChannelFailed({ operation, cause })
const refused = (code: string, problem: string) => new Fault.ChannelRefused({ operation: "create", code, problem })
const unanswered = (operation: string) => Effect.mapError((cause: WeChatGateway.Failure) => failed(operation, cause))
const nothing: PaymentAttempt.Instruction = { _tag: "Nothing" }
const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** What an answer holds, if it is believed. Else its outcome is not known, also of a write. */
const believed = Effect.fnUntraced(function*<A>(read: JsonBody.Read<A>, operation: string) {
  if (Result.isSuccess(read)) return read.success
  const { reason, what } = read.failure
  yield* Effect.logWarning("An answer of WeChat Pay is not believed", operation, reason, what)
  return yield* failed(operation, `${reason}: ${what}`)
})

const unmade = Effect.fnUntraced(function*(operation: string, { code, outcome }: WeChatGateway.Said) {
  if (outcome.class === "permanent") yield* Effect.logError("WeChat Pay refuses us", operation, code, outcome.en)
  return yield* failed(operation, `${code}: ${outcome.en}`)
})

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

  const ordered = ({ amount, number }: Attempt) => ({
    appid,
    mchid,
    description: settings.description,
    out_trade_no: number,
    amount: { total: amount, currency: "CNY" as const }
  })
  const called = (attempt: Attempt) => ({
    ...ordered(attempt),
    time_expire: WeChatClock.format(attempt.expiresAt),
    notify_url: settings.notifyUrl
  })

  const callOf = (attempt: Attempt, payer: RechargeChannel.Payer): WeChatCall.WeChatCall | undefined => {
    if (scene === "payCode") {
      return payer._tag === "PayCode"
        ? WeChatCall.codePay({
          ...ordered(attempt),
          payer: { auth_code: Redacted.value(payer.code) },
          scene_info: { device_id: settings.device ?? name }
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

  const stateOf = Effect.fnUntraced(function*({ number }: Attempt) {
    const said = yield* unanswered("query")(gateway.ask(WeChatCall.query(mchid, number)))
    if (said.outcome.class === "notFound") return undefined
    if (said.outcome.class !== "done") return yield* unmade("query", said)
    const read = Result.flatMap(JsonBody.parse(said.body), WeChatTransaction.decode)
    return yield* believed(Result.flatMap(read, (told) => WeChatTransaction.compare(told, payee, number)), "query")
  })

  const create = Effect.fnUntraced(function*(attempt: Attempt, payer: RechargeChannel.Payer) {
    const call = callOf(attempt, payer)
    if (call === undefined) return yield* refused("PAYER", `this channel is not for payers who come by ${payer._tag}`)
    if (scene === "payCode" && !/^1[0-5]\d{16}$/.test(payer._tag === "PayCode" ? Redacted.value(payer.code) : "")) {
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
        yield* Effect.logError("WeChat Pay refuses an order", said.code)
        return yield* refused(said.code, said.outcome.en)
      case "terminal":
      case "numberUsed": {
        const told = yield* stateOf(attempt)
        if (told === undefined && said.outcome.class === "numberUsed") return yield* unmade("create", said)
        if (told !== undefined && (WeChatTransaction.isPaid(told) || told.trade_state === "USERPAYING")) return nothing
        // Under a used number it can still be paid, though nobody can be shown how.
        if (told?.trade_state === "NOTPAY" && said.outcome.class === "numberUsed") return yield* unmade("create", said)
        return yield* refused(said.code, said.outcome.en)
      }
      default:
        return yield* unmade("create", said)
    }
  })

  const close = Effect.fnUntraced(function*({ number, openedAt }: Attempt) {
    const isCode = scene === "payCode"
    if (isCode && (yield* now) < openedAt + WeChatClock.codePay.reverseFrom) {
      return yield* failed("close", "WeChat Pay reverses nothing within 15 seconds of a charge")
    }
    const call = isCode ? WeChatCall.reverse(appid, mchid, number) : WeChatCall.close(mchid, number)
    const said = yield* unanswered("close")(gateway.ask(call))
    // Whatever it is now, the channel is asked afterwards.
    if (["done", "paying", "terminal", "notFound"].includes(said.outcome.class)) return
    return yield* unmade("close", said)
  })

  const refunding = Effect.fnUntraced(function*(
    operation: string,
    said: WeChatGateway.Said,
    { amount, attempt, number }: RechargeChannel.Refund
  ) {
    const told = yield* believed(
      Result.flatMap(JsonBody.parse(said.body), (value) => WeChatRefund.ofAnswer(value, number)),
      operation
    )
    if (told.amount !== amount || told.number !== attempt.number || told.reference !== attempt.reference) {
      yield* Effect.logError("WeChat Pay tells of another refund under a number of ours", operation)
      return { _tag: "Unclear" } as const
    }
    if (told.state === "SUCCESS") return { _tag: "Done" } as const
    return told.state === "PROCESSING" ? { _tag: "Accepted" } as const : { _tag: "Abnormal", code: told.state } as const
  })

  const refund = Effect.fnUntraced(function*(wanted: RechargeChannel.Refund) {
    const { amount, attempt, number } = wanted
    const said = yield* unanswered("refund")(gateway.ask(WeChatCall.refund({
      out_trade_no: attempt.number,
      out_refund_no: number,
      notify_url: settings.notifyUrl,
      amount: { refund: amount, total: attempt.paidAmount, currency: "CNY" }
    })))
    if (said.outcome.class === "done") return yield* refunding("refund", said, wanted)
    // Such as of an order of which everything has gone back: no repetition helps.
    if (said.code === "INVALID_REQUEST" || said.code === "PARAM_ERROR" || said.outcome.class === "notFound") {
      return { _tag: "Abnormal", code: said.code } as const
    }
    return yield* unmade("refund", said)
  })

  const queryRefund = Effect.fnUntraced(function*(wanted: RechargeChannel.Refund) {
    const said = yield* unanswered("queryRefund")(gateway.ask(WeChatCall.queryRefund(wanted.number)))
    if (said.outcome.class === "notFound") return { _tag: "NotFound" } as const
    return said.outcome.class === "done"
      ? yield* refunding("queryRefund", said, wanted)
      : yield* unmade("queryRefund", said)
  })

  const callback = Effect.fnUntraced(function*(mint: RechargeChannel.Mint, raw: Callback.Raw) {
    const read = yield* unanswered("callback")(
      gateway.believe((keys, at) => WeChatNotice.read(raw, { apiKey, keys, payee }, at))
    )
    if (Result.isFailure(read)) {
      const { reason, what } = read.failure
      yield* Effect.logWarning("A callback is not believed", name, reason, what)
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
    patience: settings.patience ?? (scene === "payCode" ? payCodePatience : patience),
    create,
    query: Effect.fnUntraced(function*(attempt) {
      const told = yield* stateOf(attempt)
      if (told === undefined) return { _tag: "NotFound" } as const
      if (WeChatTransaction.isPaid(told)) {
        const payment = yield* believed(WeChatTransaction.payment(told, payee, attempt.number), "query")
        const receipt = mint({ ...payment, number: attempt.number, witness: "query" })
        return { _tag: told.trade_state === "REFUND" ? "GivenBack" : "Paid", receipt } as const
      }
      // A payment that failed may be tried once more, until the order ends.
      return { _tag: told.trade_state === "CLOSED" || told.trade_state === "REVOKED" ? "Closed" : "Waiting" } as const
    }),
    close,
    refund,
    queryRefund,
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
      return yield* new Fault.ChannelRefused({ operation: "selfTest", code: said.code, problem: said.outcome.en })
    }),
    fundFlow: (day, account = "BASIC") => WeChatBills.movements(bills, day, account)
  } satisfies WeChatPay as WeChatPay
})
