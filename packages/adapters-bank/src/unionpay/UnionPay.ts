/**
 * UnionPay as a recharge channel 银联全渠道支付: a page in the payer's browser, a code that the payer scans, or one that the payer
 * shows.
 *
 * UnionPay knows a payment by its number and its time together, so the time is that of the attempt, and that of a refund is
 * the one since when it is due. A payment can not be closed: it ends by its time to pay, and until then "failed" and "not
 * found" may still change. Only success is notified. Source: 全渠道平台接入接口规范, 5.1.0; 网关支付 and 二维码支付 产品接口规范.
 */
import { Callback, CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Result } from "effect"
import * as Back from "./UnionPayBack.ts"
import * as Bills from "./UnionPayBills.ts"
import * as Calls from "./UnionPayCalls.ts"
import * as Certificate from "./UnionPayCertificate.ts"
import * as Gateway from "./UnionPayGateway.ts"
import * as Notice from "./UnionPayNotice.ts"
import * as Till from "./UnionPayTill.ts"

export type Settings = Calls.Settings

const milliseconds = (seconds: ReadonlyArray<number>) => seconds.map((each) => each * CivilTime.second)

/** For payments in browsers alone. */
export const frontPatience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: milliseconds(Gateway.frontQueries)
}
/** For codes that are scanned alone. */
export const backPatience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: milliseconds(Gateway.backQueries)
}
/** For both, one after the other. */
export const patience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: [...backPatience.asks, ...frontPatience.asks]
}

/** For codes that are shown: charged at once or never, so after two minutes what UnionPay does not know never came. */
export const codePatience: RechargeChannel.Patience = { ...backPatience, life: 2 * CivilTime.minute }

type Attempt = PaymentAttempt.Attempt
type Failed = Fault.ChannelFailed

const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** The channel. Keys of a sandbox are refused where the gateway is a real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { merId, name, serves } = settings
  const calls = yield* Calls.make(settings)
  const { failed, find, trust } = calls

  return RechargeChannel.make(name, (mint) => {
    const receipt = (done: Notice.Done, witness: "callback" | "query") => {
      const number = PaymentAttempt.numberIn(done.orderId)
      const { amount, queryId: reference, tracedAt, txnTime } = done
      return number === undefined
        ? undefined
        : mint({ number, amount, paidAt: tracedAt ?? txnTime, reference, witness })
    }

    const query = Effect.fnUntraced(function*(attempt: Attempt): Effect.fn.Return<RechargeChannel.Snapshot, Failed> {
      const told = yield* find("query", Till.nameOf(attempt), "payment")
      // A code that was shown is charged at once or never; the others may be tried again until their time has passed.
      const isOnce = attempt._tag === "Waiting" && attempt.instruction._tag === "Nothing"
      const isOver = (yield* now) > attempt.expiresAt
      switch (told.outcome) {
        case "done": {
          const paid = receipt(told.done, "query")
          return paid === undefined ? yield* failed("query", told) : { _tag: "Paid", receipt: paid }
        }
        case "declined":
          return { _tag: isOver || isOnce ? "Closed" : "Waiting" }
        case "notFound":
          return { _tag: isOver ? "NotFound" : "Waiting" }
        case "misconfigured":
          return yield* failed("query", told)
        case "tooMany":
        case "unknown":
          return { _tag: "Unclear" }
      }
    })

    const callback = Effect.fnUntraced(function*(
      { body, method }: Callback.Raw
    ): Effect.fn.Return<RechargeChannel.Notice, Fault.CallbackRefused> {
      const verifier = Certificate.verifier(trust, yield* now)
      const read = method === "POST"
        ? Notice.receive(body, verifier, merId)
        : Result.fail(Callback.refusal("unsupported", "the method"))
      if (Result.isFailure(read)) {
        const { reason, what } = read.failure
        yield* Effect.logDebug(`${name}: a notification is not believed: ${reason}, ${what}`)
        return yield* new Fault.CallbackRefused({ channel: name, reason, what })
      }
      const notice = read.success
      if (notice.kind !== "payment") return { _tag: "RefundNews", refund: notice.orderId }
      const paid = receipt(notice, "callback")
      return paid === undefined
        ? { _tag: "Other", what: "a payment that is not ours" }
        : { _tag: "Paid", receipt: paid }
    })

    return {
      ...(serves === undefined ? {} : { serves }),
      merchant: `unionpay:${merId}`,
      payers: settings.termId === undefined ? ["Browser", "Scan"] : ["Browser", "Scan", "PayCode"],
      patience: settings.patience ?? patience,
      codePatience: settings.codePatience ?? settings.patience ?? codePatience,
      create: Till.create(calls),
      query,
      refund: Back.give(calls, "refund"),
      queryRefund: (refund) => Back.query(calls, refund),
      callback,
      acknowledge: (taken) => ({
        status: taken === "taken" ? 200 : taken === "refused" ? 400 : 500,
        contentType: "text/plain",
        body: taken === "taken" ? "ok" : "fail"
      }),
      bill: Bills.make(calls, mint)
    }
  })
})

/** Gives all of a payment of the same day back 消费撤销, at once and without a fee; its number is a refund's. */
export const voiding = (settings: Settings) => Effect.map(Calls.make(settings), (calls) => Back.give(calls, "void"))
