/**
 * The purchase that a refund is tied to 原始交易 (R76, D5), found in the journal of its account: an account remembers what
 * went back, not what was bought.
 */
import { Effect, Option, Stream } from "effect"
import type { Subject } from "../Command.ts"
import type { PurchaseId } from "../Id.ts"
import { mintKey } from "../internal/mint.ts"
import * as Original from "../Original.ts"
import { AccountStore } from "../ports/AccountStore.ts"

/** The purchase of this name; nothing where the account has none. */
export const find = Effect.fn("Originals.find")(function*(subject: Subject, purchase: PurchaseId) {
  const store = yield* AccountStore
  const found = yield* store.find(subject)
  if (Option.isNone(found)) return undefined
  const { id } = found.value
  const bought = yield* store.journal({ account: id }).pipe(
    Stream.flatMap(({ events }) => Stream.fromIterable(events)),
    Stream.filter((event) => "purchase" in event && event.purchase === purchase),
    Stream.runCollect
  )
  return Original.find(mintKey, id, bought, purchase)
})
