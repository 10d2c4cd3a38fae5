/** Judges each answer to a callback as it is given (invariant 7). */
import { type Id, PaymentAttempt, SubjectStore } from "@yikatong/core"
import { Effect, Option, Result } from "effect"
import type { Heard } from "../support/inProcess.ts"
import type { Looks } from "./Broken.ts"
import type { Confidences } from "./Confidences.ts"
import { numberOf } from "./Ledger.ts"

/** What every wire can falsify so that nobody may believe it, and what some can beside that. */
const forged: ReadonlyArray<string> = ["otherKey", "tamper", "otherMerchant"]
const alsoForged: Readonly<Record<string, ReadonlyArray<string>>> = {
  wechat: ["unknownKey", "skewPast", "skewFuture"],
  unionpay: ["unknownKey", "ownCertificate"]
}
const isForgery = (wire: string, how: string): boolean => forged.includes(how) || (alsoForged[wire] ?? []).includes(how)

export const judgeHearing = (looks: Looks, confidences: Confidences) =>
  Effect.fnUntraced(function*({ copy, happening, isFirstTaken, isTaken, mischief, outcome, reply }: Heard) {
    const seen = { happening: happening.what, number: happening.trade.number, mischief, reply, copy }
    if (Result.isFailure(outcome)) {
      confidences.hear(outcome.failure)
      const why = outcome.failure as { readonly what?: string; readonly message?: string }
      const isLeaked = [why.what, why.message].some((word) =>
        word !== undefined && word !== "" && reply.body.includes(word)
      )
      looks.holds(7, !isTaken, "what was not taken was answered as taken", seen)
      looks.holds(7, !isLeaked, "a sender was told why", seen)
    }
    if (mischief?._tag === "Forge" && isForgery(happening.trade.wire, mischief.how)) {
      looks.holds(7, !isTaken, "a notice that is forged was taken", seen)
    }
    if (copy > 0) looks.holds(7, isTaken || !isFirstTaken, "a copy was not answered as the first", seen)
    const isGenuine = mischief === undefined || mischief._tag === "Duplicate" || mischief._tag === "Reorder"
    if (!isTaken || !isGenuine || happening.what !== "paid") return
    const store = yield* SubjectStore.SubjectStore
    const attempt = yield* store.find(PaymentAttempt.decider, numberOf(happening.trade) as Id.OrderNumber)
    const isDurable = Option.isSome(attempt) && PaymentAttempt.isPaid(attempt.value)
    looks.holds(7, isDurable, "a payment was taken that is not written down", seen)
  }, Effect.orDie)
