// What a stranger writes in TypeScript, type-checked against the packed packages.
import { WeChatPay } from "@yikatong/adapters-bank"
import { Sandbox, WeChatWire } from "@yikatong/adapters-bank/sandbox"
import {
  Bytes,
  CpuCard,
  CpuProfile,
  PcscReader,
  SeededRandom,
  SoftwareKeys,
  VirtualCpuCard,
  VirtualKeys,
  VirtualPcsc
} from "@yikatong/adapters-pcsc"
import { PcscMini, ReaderCensus } from "@yikatong/adapters-pcsc/node"
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
  RechargeChannel,
  SchoolProfile,
  Submit
} from "@yikatong/core"
import { type Answer, Campus, csmzxy, memory } from "@yikatong/core/promise"
import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Layer, Ref, Result } from "effect"
import { FetchHttpClient } from "effect/http"

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

// A virtual card on a virtual reader: its purse is read, and pays what its keys sign.
const school = SoftwareKeys.layer(
  { of: "school", purchase: VirtualKeys.testMasters.purchase },
  SoftwareKeys.counting(Ref.makeUnsafe(1))
)
const left = await Effect.runPromise(
  Effect.gen(function*() {
    const hands = yield* VirtualPcsc.VirtualPcsc
    const readers = yield* PcscReader.PcscReader
    const memory = VirtualCpuCard.testCard({ balance: 2_000 })
    yield* hands.insert("counter", VirtualCpuCard.make({ memory, random: SeededRandom.make(1) }))
    const { reader } = yield* readers.insertion()
    return yield* readers.use(reader, (channel) =>
      Effect.gen(function*() {
        const terminal = Bytes.of("112233445566")
        const card = yield* CpuCard.open(channel, { profile: CpuProfile.fmcos, terminal, windows: ["other"] })
        const before = yield* card.reading
        return yield* card.debit({ amount: Money.amount(250), before, at: now })
      }))
  }).pipe(
    Effect.provide(school),
    Effect.provide(Layer.provideMerge(PcscReader.layer, VirtualPcsc.layer({ readers: ["counter"] })))
  )
)
if (left._tag !== "Done" || left.reading.balance !== 1_750 || left.tac === undefined) {
  throw new Error(`the virtual card did not pay: ${JSON.stringify(left)}`)
}

// Real readers, where there are some: without a service nobody knows how many, and nothing fails.
const census = await Effect.runPromise(ReaderCensus.count())
if (census !== undefined && census < 0) throw new Error("fewer than no readers")
if (PcscMini.make().most.readers < 1) throw new Error("the binding sees no readers at all")

// A channel that takes money, beside the sandbox that pays it.
const can = await Effect.runPromise(
  Effect.scoped(Effect.gen(function*() {
    const sandbox = yield* Sandbox.start()
    const terms = sandbox.terms()["wechat"] ?? {}
    const settings = WeChatWire.settingsOf(terms, {
      name: "todayCampus",
      scene: "order",
      description: "校园卡充值",
      notifyUrl: `${sandbox.origin}/nobody`
    })
    const channel = yield* WeChatPay.make(settings)
    yield* channel.selfTest
    return RechargeChannel.capabilities(channel)
  })).pipe(Effect.provide(FetchHttpClient.layer))
)
if (!can.refund || !can.callback) throw new Error("the channel can not do what it should")

for (const part of [PgAccountStore, PgCampus, Submit]) {
  if (Object.keys(part).length === 0) throw new Error("an empty namespace")
}
