// What a stranger writes in TypeScript, type-checked against the packed packages.
import { PgAccountStore, PgCampus } from "@yikatong/adapters-pg"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import {
  Account,
  Books,
  CivilTime,
  Csmzxy,
  type Decline,
  Explanation,
  Id,
  Money,
  SchoolProfile,
  Submit
} from "@yikatong/core"
import { type Answer, Campus, csmzxy, memory } from "@yikatong/core/promise"
import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Result } from "effect"

// The promise door: no Effect in sight.
const campus: Campus = await Campus.open({ backend: memory(), profile: csmzxy })
const declined: Answer = await campus.pay({ id: "tap-1", point: "canteen-1", card: "nobody", amount: 1_800 })
if (declined._tag !== "Declined" || declined.decline._tag !== "UnknownCard") {
  throw new Error("an unknown card was approved")
}
const words: string = campus.explain(declined.decline).what.zh
if (words.length === 0) throw new Error("a decline without words")
await campus.close()

// The pure core: a decision without a store.
const history = Result.getOrThrow(SchoolProfile.history([Csmzxy.csmzxy]))
const now = CivilTime.instant("2026-03-02 12:00")
const decision = Account.decide(history, undefined, {
  caller: Id.CallerId.make("consumer"),
  id: Id.CommandId.make("consumer-1"),
  at: now,
  receivedAt: now,
  point: Id.PointId.make("canteen-1"),
  subject: { _tag: "Card", card: Id.CardId.make("nobody") },
  body: { _tag: "PayByCard", card: Id.CardId.make("nobody"), amount: Money.amount(1), link: "up" }
})
const why: Decline.Decline | undefined = decision._tag === "Declined" ? decision.decline : undefined
if (why === undefined || Explanation.explain(why, Csmzxy.csmzxy).remedy.en === "") {
  throw new Error("no reason was given")
}

// The laws, on a store of the stranger's own.
const store = MemoryAccountStore.make(AccountStoreLaws.profiles)
for (const law of AccountStoreLaws.laws) {
  await Effect.runPromise(law.check({ one: store, other: store, token: "consumer" }))
}

// The Effect door, on the embedded database.
const report = await Effect.runPromise(Effect.provide(Books.check(), Embedded.layer()))
if (report.breaks.length > 0) throw new Error("an empty campus does not balance")

for (const part of [PgAccountStore, PgCampus, Submit]) {
  if (Object.keys(part).length === 0) throw new Error("an empty namespace")
}
