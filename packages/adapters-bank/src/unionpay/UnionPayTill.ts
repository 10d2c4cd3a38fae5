/**
 * Money asked of a payer by UnionPay 收款: by a page in the browser, by a code that the payer scans, or by one that the payer
 * shows.
 *
 * UnionPay knows a payment by its number and its time together, so the time is that of the attempt.
 */
import { Fault, type PaymentAttempt, type RechargeChannel } from "@yikatong/core"
import { Effect, Redacted } from "effect"
import type { UnionPayCalls } from "./UnionPayCalls.ts"
import * as Code from "./UnionPayCode.ts"
import type * as Message from "./UnionPayMessage.ts"
import * as Order from "./UnionPayOrder.ts"
import * as Signature from "./UnionPaySignature.ts"

type Attempt = PaymentAttempt.Attempt

/** By what UnionPay knows an attempt. */
export const nameOf = ({ number, openedAt }: Attempt): Order.Named => ({ orderId: number, txnTime: openedAt })

const refused = (code: string, problem: string) =>
  Effect.fail(new Fault.ChannelRefused({ operation: "create", code, problem }))

/** Opens an attempt, as the payer wants to pay. */
export const create = ({ failed, gateway, merchant, settings, submit }: UnionPayCalls) => {
  const { notifyUrl, signer } = settings

  const asked = (attempt: Attempt): Order.Asked => ({
    ...nameOf(attempt),
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
  const order = Effect.fnUntraced(function*(message: Message.Message) {
    const submitted = yield* submit("create", message)
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

  return Effect.fnUntraced(function*(
    attempt: Attempt,
    payer: RechargeChannel.Payer
  ): Effect.fn.Return<PaymentAttempt.Instruction, Fault.ChannelFailed | Fault.ChannelRefused> {
    switch (payer._tag) {
      case "Browser":
        return /^https?:\/\/[!-~]{1,250}$/.test(payer.returnTo)
          ? page(attempt, payer.returnTo)
          : yield* refused("returnTo", "the address to come back to is none")
      case "Scan": {
        const { qrCode } = yield* order(Order.qr(merchant, { ...asked(attempt), payTimeout: attempt.expiresAt }))
        return qrCode === undefined
          ? yield* failed("create", { outcome: "accepted without a code" })
          : { _tag: "QrCode", text: qrCode }
      }
      case "PayCode": {
        const { termId } = settings
        const qrNo = Redacted.value(payer.code)
        if (termId === undefined) return yield* refused("termId", "the settings of this channel name no terminal")
        if (!/^62\d{17}$/.test(qrNo)) return yield* refused("qrNo", "this is no code of UnionPay's")
        yield* order(Order.payCode(merchant, { ...asked(attempt), qrNo, termId }))
        return { _tag: "Nothing" }
      }
      case "InApp":
        return yield* refused("payer", "this channel has no app of its own: use a page or a code")
    }
  })
}
