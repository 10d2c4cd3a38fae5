/**
 * The purchase that goes back 原始交易 (R76, D5), found in the journal of its account: an account remembers what went back,
 * not what was bought.
 */
import { Effect, Option, Stream } from "effect"
import type { Command, Of, Subject } from "../Command.ts"
import { mintKey } from "../internal/mint.ts"
import * as Original from "../Original.ts"
import { AccountStore } from "../ports/AccountStore.ts"

/** A command that may give back what its account knows no more: asked first, since the others, by far the most, read nothing. */
export type Giving = Of<"RefundPurchase"> | Of<"ReversePurchase">
export const isGiving = (body: Command): body is Giving =>
  body._tag === "RefundPurchase" || (body._tag === "ReversePurchase" && body.chip !== undefined)

/**
 * What this command gives back: of a refund always; of a reversal only what its card may show to be unpaid, and the account
 * knows no more. Nothing where the account has no such purchase.
 */
export const behind = Effect.fn("Originals.behind")(function*(subject: Subject, { _tag, purchase }: Giving) {
  const store = yield* AccountStore
  const found = yield* store.find(subject)
  if (Option.isNone(found)) return undefined
  const { id, recent } = found.value
  if (_tag === "ReversePurchase" && recent.some((one) => one.purchase === purchase)) return undefined
  const bought = yield* store.journal({ account: id }).pipe(
    Stream.flatMap(({ events }) => Stream.fromIterable(events)),
    Stream.filter((event) => "purchase" in event && event.purchase === purchase),
    Stream.runCollect
  )
  return Original.find(mintKey, id, bought, purchase)
})
