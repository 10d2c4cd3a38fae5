/**
 * UnionPay as a recharge channel 银联全渠道支付: a page in the payer's browser, a code that the payer scans, or one that the payer
 * shows.
 *
 * UnionPay knows a payment by its number and its time together, so the time is that of the attempt, and that of a refund is
 * the one since when it is due. A payment can not be closed: it ends by its time to pay, and until then "failed" and "not
 * found" may still change. Only success is notified. Source: 全渠道平台接入接口规范, 5.1.0; 网关支付 and 二维码支付 产品接口规范.
 */
import { Callback, CivilTime, Fault, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Redacted, Result } from "effect"
import * as Answer from "./UnionPayAnswer.ts"
import * as Archive from "./UnionPayArchive.ts"
import * as Back from "./UnionPayBack.ts"
import * as Calls from "./UnionPayCalls.ts"
import * as Certificate from "./UnionPayCertificate.ts"
import * as Code from "./UnionPayCode.ts"
import * as File from "./UnionPayFile.ts"
import * as Gateway from "./UnionPayGateway.ts"
import type * as Message from "./UnionPayMessage.ts"
import * as Notice from "./UnionPayNotice.ts"
import * as Order from "./UnionPayOrder.ts"
import * as Signature from "./UnionPaySignature.ts"

export type Settings = Calls.Settings

const milliseconds = (seconds: ReadonlyArray<number>) => seconds.map((each) => each * CivilTime.second)

/** For payments in browsers alone. */
export const frontPatience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: milliseconds(Gateway.frontQueries)
}
/** For codes alone. */
export const backPatience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: milliseconds(Gateway.backQueries)
}
/** For both, one after the other. */
export const patience: RechargeChannel.Patience = {
  ...RechargeChannel.patience,
  asks: [...backPatience.asks, ...frontPatience.asks]
}

/** When the file of a day that is not there is believed to be none: UnionPay writes none where nobody paid. */
const fileDue = 2 * CivilTime.dayLength

type Attempt = PaymentAttempt.Attempt
type Failed = Fault.ChannelFailed

const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

/** By what UnionPay knows an attempt. */
const named = ({ number, openedAt }: Attempt): Order.Named => ({ orderId: number, txnTime: openedAt })
/** The channel. Keys of a sandbox are refused where the gateway is a real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { merId, name, notifyUrl, serves, signer } = settings
  const calls = yield* Calls.make(settings)
  const { ask, failed, find, gateway, merchant, submit, trust } = calls

  const refused = (code: string, problem: string) =>
    Effect.fail(new Fault.ChannelRefused({ operation: "create", code, problem }))

  const asked = (attempt: Attempt): Order.Asked => ({
    ...named(attempt),
    amount: attempt.amount,
    backUrl: notifyUrl
  })

  /** Nothing is sent: the payer's browser brings it, and until then UnionPay knows nothing of it. */
  const page = (attempt: Attempt, frontUrl: string): PaymentAttempt.Instruction => {
    const device = settings.device ?? "mobile"
    const message = Order.front(merchant, { ...asked(attempt), frontUrl, payTimeout: attempt.expiresAt, device })
    const fields = Object.fromEntries(Signature.sign(message, signer))
    return { _tag: "Page", method: "POST", url: gateway.front, fields }
  }

  /** Sends an order; what it is answered with, if it was taken. */
  const order = Effect.fnUntraced(function*(attempt: Attempt, message: Message.Message) {
    const submitted = yield* submit("create", message, named(attempt))
    const { outcome, respCode } = submitted
    switch (outcome) {
      case "accepted":
        return submitted
      case "declined":
      case "misconfigured":
        return yield* refused(respCode, Code.words(respCode, "en"))
      case "duplicate":
      case "unknown":
        return yield* failed("create", submitted)
    }
  })

  const create = Effect.fnUntraced(function*(
    attempt: Attempt,
    payer: RechargeChannel.Payer
  ): Effect.fn.Return<PaymentAttempt.Instruction, Failed | Fault.ChannelRefused> {
    switch (payer._tag) {
      case "Browser":
        return /^https?:\/\/[!-~]{1,250}$/.test(payer.returnTo)
          ? page(attempt, payer.returnTo)
          : yield* refused("returnTo", "the address to come back to is none")
      case "Scan": {
        const { qrCode } = yield* order(
          attempt,
          Order.qr(merchant, { ...asked(attempt), payTimeout: attempt.expiresAt })
        )
        return qrCode === undefined
          ? yield* failed("create", { outcome: "accepted without a code" })
          : { _tag: "QrCode", text: qrCode }
      }
      case "PayCode": {
        const { termId } = settings
        const qrNo = Redacted.value(payer.code)
        if (termId === undefined) return yield* refused("termId", "the settings of this channel name no terminal")
        if (!/^62\d{17}$/.test(qrNo)) return yield* refused("qrNo", "this is no code of UnionPay's")
        yield* order(attempt, Order.payCode(merchant, { ...asked(attempt), qrNo, termId }))
        return { _tag: "Nothing" }
      }
      case "InApp":
        return yield* refused("payer", "this channel has no app of its own: use a page or a code")
    }
  })

  return RechargeChannel.make(name, (mint) => {
    const receipt = (done: Notice.Done, witness: "callback" | "query") => {
      const number = PaymentAttempt.numberIn(done.orderId)
      const { amount, queryId: reference, tracedAt, txnTime } = done
      return number === undefined
        ? undefined
        : mint({ number, amount, paidAt: tracedAt ?? txnTime, reference, witness })
    }

    const query = Effect.fnUntraced(function*(attempt: Attempt): Effect.fn.Return<RechargeChannel.Snapshot, Failed> {
      const told = yield* find("query", named(attempt))
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
        yield* Effect.logWarning(`${name}: a notification is not believed: ${reason}, ${what}`)
        return yield* new Fault.CallbackRefused({ channel: name, reason, what })
      }
      const notice = read.success
      if (notice.kind !== "payment") return { _tag: "RefundNews", refund: notice.orderId }
      const paid = receipt(notice, "callback")
      return paid === undefined
        ? { _tag: "Other", what: "a payment that is not ours" }
        : { _tag: "Paid", receipt: paid }
    })

    const rowOf = (row: File.Row, day: CivilTime.Day): ReadonlyArray<RechargeChannel.Bill["rows"][number]> => {
      const billed = row.merId === merId ? File.toBillRow(row, day) : undefined
      if (billed === undefined) return []
      const number = billed.kind === "payment" ? PaymentAttempt.numberIn(billed.number) : undefined
      if (number === undefined) return [{ row: billed }]
      const { amount, reference } = billed
      return [{ row: billed, receipt: mint({ number, amount, paidAt: row.at, reference, witness: "statement" }) }]
    }

    const bill = Effect.fnUntraced(function*(day: CivilTime.Day) {
      const txnTime = yield* now
      const file = yield* ask("bill", {
        url: gateway.file,
        message: Order.file(merchant, { settleDay: day, txnTime }),
        isRepeatable: true,
        largest: Archive.largestMessage,
        read: (answer) => Answer.file(answer, merId)
      })
      if (file === "none") {
        return txnTime < CivilTime.later(CivilTime.startOf(day), fileDue)
          ? yield* new Fault.BillNotReady({ channel: name, day })
          : { day, rows: [] }
      }
      const rows = Result.flatMap(Archive.open(file.content), (files) =>
        Result.all(
          [...files].filter(([fileName]) => File.kindOf(fileName) === "ZM")
            .map(([, bytes]) => File.readZm(bytes, day, settings.layout))
        ))
      if (Result.isFailure(rows)) return yield* failed("bill", rows.failure)
      return { day, rows: rows.success.flat().flatMap((row) => rowOf(row, day)) }
    })

    return {
      ...(serves === undefined ? {} : { serves }),
      patience: settings.patience ?? patience,
      create,
      query,
      refund: Back.give(calls, "refund"),
      queryRefund: (refund) => Back.query(calls, refund),
      callback,
      acknowledge: (taken) => ({
        status: taken === "taken" ? 200 : taken === "refused" ? 400 : 500,
        contentType: "text/plain",
        body: taken === "taken" ? "ok" : "fail"
      }),
      bill
    }
  })
})

/** Gives all of a payment of the same day back 消费撤销, at once and without a fee; its number is a refund's. */
export const voiding = (settings: Settings) => Effect.map(Calls.make(settings), (calls) => Back.give(calls, "void"))
