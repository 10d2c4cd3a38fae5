/**
 * 龙支付 as a recharge channel: the cashier of China Construction Bank, to which the payer's browser or phone is sent.
 *
 * The bank hears of an order when its payer opens the address. What it says then it says once, to the school's server: the
 * notice that comes back through the payer's browser is never believed, though it is signed. The basic contract has neither
 * a query nor a refund: what was not told waits until a person has looked, and money goes back by hand. With the
 * contract for shown codes 被扫 those can be asked about. The bank gives no number of its own and no time: the reference is
 * the order's number, and paid is when we heard of it. Source: 建设银行网上支付商户接口规范.
 */
import { Callback, CivilTime, Fault, type Id, PaymentAttempt, RechargeChannel } from "@yikatong/core"
import { Clock, Effect, Redacted, Result } from "effect"
import { HttpClient } from "effect/http"
import * as AuthCode from "../AuthCode.ts"
import * as Circuit from "../Circuit.ts"
import type { Charset } from "../FormBody.ts"
import * as SandboxMark from "../SandboxMark.ts"
import type * as CcbPay from "./CcbPay.ts"
import type { LoongpayKey } from "./LoongpayKey.ts"
import * as LoongpayNotice from "./LoongpayNotice.ts"
import * as LoongpayOrder from "./LoongpayOrder.ts"
import * as LoongpayTill from "./LoongpayTill.ts"

/** The contract for codes that payers show. `times`: questions about one payment; `longestWait`: between two of them. */
export interface ShownCodes {
  readonly address?: string
  readonly further?: ReadonlyArray<readonly [string, string]>
  /** The wallets that the contract takes. */
  readonly kinds?: ReadonlyArray<CcbPay.CodeKind>
  readonly times?: number
  readonly longestWait?: number
}

/** What the school has agreed with the bank. Times in milliseconds. */
export interface Settings extends Pick<RechargeChannel.RechargeChannel, "name" | "serves"> {
  readonly merchant: string
  readonly pos: string
  readonly branch: string
  readonly key: LoongpayKey
  /** What the payer reads. */
  readonly title: string
  readonly bank?: string
  /** What the bank answers to the address of a code, by its own numbering. */
  readonly returnType?: string
  readonly charset?: Charset
  readonly shownCodes?: ShownCodes
  readonly timeout?: number
  readonly policy?: Circuit.Policy
  readonly patience?: RechargeChannel.Patience
}

export const production = "https://ibsbjstar.ccb.com.cn/CCBIS/ccbMain"
export const productionTill = "https://ibsbjstar.ccb.com.cn/CCBIS/B2CMainPlat_00_BEPAY"
export const timeout = 10_000
/** Without a question to the bank there is little sense in looking again: once a day, until a person gives it up. */
export const patience: RechargeChannel.Patience = { ...RechargeChannel.patience, most: CivilTime.dayLength }

const kindOf: Readonly<Record<AuthCode.Wallet, CcbPay.CodeKind>> = { ccb: "1", weChat: "2", alipay: "3", unionPay: "4" }
const allKinds: ReadonlyArray<CcbPay.CodeKind> = ["1", "2", "3", "4"]

type Attempt = PaymentAttempt.Attempt
type Failed = Fault.ChannelFailed

/** The channel. Keys of a sandbox are refused where the bank is the real one. */
export const make = Effect.fnUntraced(function*(settings: Settings) {
  const { branch, charset, key, merchant, name, pos, shownCodes, title } = settings
  const bank = settings.bank ?? production
  const till = shownCodes?.address ?? productionTill
  yield* Effect.fromResult(SandboxMark.refuse(bank, { key: key.verifying }))
  if (shownCodes !== undefined) yield* Effect.fromResult(SandboxMark.refuse(till, { key: key.verifying }))
  const pay = yield* LoongpayTill.make(yield* HttpClient.HttpClient, {
    address: till,
    merchant,
    pos,
    branch,
    key,
    further: shownCodes?.further ?? [],
    timeout: settings.timeout ?? timeout,
    policy: settings.policy ?? Circuit.policy
  })
  const now = Effect.map(Clock.currentTimeMillis, (at) => at as CivilTime.Instant)

  const failed = (operation: string, cause: unknown, why = "it is not clear"): Effect.Effect<never, Failed> =>
    Effect.andThen(
      Effect.logWarning(`${name}: ${operation} has no outcome: ${why}`),
      Effect.fail(new Fault.ChannelFailed({ operation, cause }))
    )
  const ask = (operation: string, asked: CcbPay.CcbPay) =>
    Effect.catch(pay(asked), (cause) => failed(operation, cause, cause._tag === "Unanswered" ? cause.why : cause._tag))
  const refused = (code: string, problem: string) =>
    Effect.fail(new Fault.ChannelRefused({ operation: "create", code, problem }))

  const addressOf = (attempt: Attempt, by: "Scan" | "Page") => {
    const shared = { merchant, pos, branch, order: attempt.number, amount: attempt.amount, remark1: "", remark2: "" }
    // By the second, as the bank writes it.
    const end = CivilTime.format(attempt.expiresAt).replaceAll(/\D/g, "").slice(0, 14)
    const order: LoongpayOrder.LoongpayOrder = by === "Scan"
      ? { _tag: "Scan", ...shared, returnType: settings.returnType ?? "0", timeout: end }
      : { _tag: "Page", ...shared, gateway: "", clientIp: "", registrant: "", product: title, referer: "" }
    return Effect.catch(
      Effect.fromResult(LoongpayOrder.address(bank, order, key)),
      ({ what }) => refused("MAC", `the settings of this channel are wrong: ${what}`)
    )
  }

  /** A code is charged once, and asked about until it is final; what stays unclear is for whoever asks later. */
  const charge = Effect.fnUntraced(function*(
    { amount, number: order }: Attempt,
    code: string,
    kind: CcbPay.CodeKind
  ): Effect.fn.Return<PaymentAttempt.Instruction, Failed | Fault.ChannelRefused> {
    const nothing: PaymentAttempt.Instruction = { _tag: "Nothing" }
    const first = yield* Effect.result(ask("create", { _tag: "Pay", order, code, amount }))
    // Where that never arrived, "not paid" may be said of what is still on its way.
    const isKnown = Result.isSuccess(first)
    let last = first
    for (let times = 1;; times++) {
      const outcome = Result.isSuccess(last) ? last.success.outcome : "unknown"
      if (outcome === "paid") return nothing
      if (outcome === "failed" && isKnown) {
        return yield* refused(Result.isSuccess(last) ? last.success.code ?? "N" : "N", "the payer did not pay")
      }
      if (times > (shownCodes?.times ?? 6)) break
      const wait = Result.isSuccess(last) ? last.success.wait : 5_000
      yield* Effect.sleep(Math.min(wait, shownCodes?.longestWait ?? 10_000))
      last = yield* Effect.result(ask("query", { _tag: "Poll", order, times, kind }))
    }
    if (kind === "2" || kind === "3") {
      yield* Effect.ignore(ask("close", { _tag: "Close", order, kind }))
      const { outcome } = yield* ask("query", { _tag: "Look", order, kind })
      if (outcome === "paid") return nothing
      if (outcome === "failed" && isKnown) return yield* refused("N", "the payer did not pay in time: show a new code")
    }
    return yield* failed("create", { _tag: "Unclear" })
  })

  return RechargeChannel.make(name, (mint) => {
    const receipt = (number: Id.OrderNumber, amount: Attempt["amount"], witness: "callback" | "query") =>
      Effect.map(now, (paidAt) => mint({ number, amount, paidAt, reference: number, witness }))

    return {
      ...(settings.serves === undefined ? {} : { serves: settings.serves }),
      payers: shownCodes === undefined ? ["Scan", "Browser"] : ["Scan", "Browser", "PayCode"],
      patience: settings.patience ?? patience,
      create: (attempt, payer) => {
        switch (payer._tag) {
          case "Scan":
            return Effect.map(addressOf(attempt, "Scan"), (text) => ({ _tag: "QrCode", text }))
          case "Browser":
            return Effect.map(addressOf(attempt, "Page"), (url) => ({ _tag: "Page", method: "GET", url, fields: {} }))
          case "InApp":
            return refused("InApp", "this channel sends payers to a page or takes codes")
          case "PayCode": {
            const code = Redacted.value(payer.code)
            const wallet = AuthCode.detect(code)
            const kind = wallet === undefined ? undefined : kindOf[wallet]
            return kind !== undefined && shownCodes !== undefined && (shownCodes.kinds ?? allKinds).includes(kind)
              ? charge(attempt, code, kind)
              : refused("QRCODE", "this contract does not take this payment code")
          }
        }
      },
      query: Effect.fnUntraced(function*(attempt): Effect.fn.Return<RechargeChannel.Snapshot, Failed> {
        const isSent = attempt._tag === "Waiting" && attempt.instruction._tag !== "Nothing"
        // There is no question for these: the bank's notice says that it was paid, or a person.
        if (shownCodes === undefined || isSent) return { _tag: "Waiting" }
        let isFailed = true
        for (const kind of shownCodes.kinds ?? allKinds) {
          // Whose code it was is not kept.
          const { amount, outcome } = yield* ask("query", { _tag: "Poll", order: attempt.number, times: 1, kind })
          if (outcome === "paid" && amount !== undefined) {
            return { _tag: "Paid", receipt: yield* receipt(attempt.number, amount, "query") }
          }
          isFailed &&= outcome === "failed"
        }
        return { _tag: isFailed ? "NotFound" : "Unclear" }
      }),
      callback: Effect.fnUntraced(function*(raw: Callback.Raw) {
        const read = Result.flatMap(
          LoongpayNotice.read(raw, key, charset),
          (notice) => LoongpayNotice.forMerchant(notice, { pos, branch })
        ).pipe(Result.flatMap((notice) =>
          notice.cameBy === "server"
            ? Result.succeed(notice)
            : Result.fail(Callback.refusal("unsupported", "a notice that came through the payer's browser"))
        ))
        if (Result.isFailure(read)) {
          const { reason, what } = read.failure
          yield* Effect.logDebug(`${name}: a notice is not believed: ${reason}: ${what}`)
          return yield* new Fault.CallbackRefused({ channel: name, reason, what })
        }
        const { amount, isPaid, order } = read.success
        if (!isPaid) return { _tag: "Other", what: "not paid" } as const
        const number = PaymentAttempt.numberIn(order)
        return number === undefined
          ? { _tag: "Other", what: "a payment of another system" } as const
          : { _tag: "Paid", receipt: yield* receipt(number, amount, "callback") } as const
      }),
      acknowledge: (taken) =>
        taken === "taken"
          ? { status: 200, contentType: "text/plain", body: "success" }
          : { status: taken === "refused" ? 400 : 500, contentType: "text/plain", body: "fail" }
    }
  })
})
