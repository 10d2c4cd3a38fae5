import { CallbackServer, WeChatPay } from "@yikatong/adapters-bank"
import { Sandbox, WeChatWire } from "@yikatong/adapters-bank/sandbox"
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { Command, Csmzxy, Id, IdentityDocument, Money, Opening, type Person, RechargeChannel, Recharging, Submit } from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { Console, Effect, Layer, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"

const office = Id.PointId.make("card-centre")
const account = Id.AccountId.make("account-1")
const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}

let commands = 0
const stated = <Body extends Command.Command>(point: string, body: Body): Effect.Effect<Submit.Statement<Body>> =>
  Effect.map(Submit.arrival, (at) => ({
    caller: Id.CallerId.make("example"),
    id: Id.CommandId.make(`example-${++commands}`),
    at,
    point: Id.PointId.make(point),
    subject: { _tag: "Account", account },
    body,
    ...Clerk.at(Csmzxy.csmzxy, point, body)
  }))

/** A recharge, paid by 小明 at the sandbox's page, and told to us by the sandbox's callback. */
const recharge = Effect.fn("recharge")(function*(box: Sandbox.Sandbox) {
  yield* CallbackServer.make({ port: 8787, point: office })
  const opening = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
  yield* Opening.open(yield* stated("card-centre", opening), student)
  const card = Id.CardId.make("card-1")
  yield* Submit.submit(yield* stated("window-ccb", { _tag: "IssueCard", card }))
  yield* Submit.submit(yield* stated("window-3", { _tag: "ActivateCard", card }))
  const asked = { channel: "todayCampus", source: "weChat", holder: "own", amount: Money.amount(5_000) } as const
  const placed = yield* Recharging.place(yield* stated("today-campus", { _tag: "PlaceRecharge", ...asked }))
  if (placed._tag === "Refused") return yield* Effect.die(placed.answer)
  yield* Console.log(placed.attempt) // Waiting, with the text of a QR code

  // What a person does at the page of the payment:
  const [trade] = box.house.all
  if (trade !== undefined) yield* Console.log(`pay at ${box.pageOf(trade.token)}`)
  if (trade !== undefined) box.house.pay(trade.token, "小明", box.clock.now())

  yield* Effect.sleep("1 second") // the callback comes
  const { order } = yield* Recharging.confirm(placed.order, office)
  yield* Console.log(order._tag) // Credited
})

export const tried = Effect.gen(function*() {
  const box = yield* Sandbox.start({ payers: { 小明: 50_000 } })
  const weChat = yield* WeChatPay.make(WeChatWire.settingsOf(box.terms()["wechat"] ?? {}, {
    name: "weChat",
    serves: [{ channel: "todayCampus", source: "weChat" }],
    scene: "order",
    description: "校园卡充值",
    notifyUrl: "http://127.0.0.1:8787/recharge/weChat"
  }))
  const campus = Layer.merge(Embedded.layer(), RechargeChannel.RechargeChannels.layer([weChat]))
  yield* Effect.provide(recharge(box), campus)
  yield* Console.log(box.house.purses.isWhole)
  yield* Console.log(box.sent().map(({ notice: _, ...rest }) => rest))
}).pipe(Effect.scoped, Effect.provide(FetchHttpClient.layer))
