/**
 * The school's side of the story: one student, two channels, and the address where channels tell of payments. In
 * production the settings come from the school's contracts, the address is behind the school's own TLS, and the clock
 * is the machine's.
 */
import { CallbackServer, UnionPay, WeChatPay } from "@yikatong/adapters-bank"
import { type Sandbox, UnionPayWire, WeChatWire } from "@yikatong/adapters-bank/sandbox"
import * as Core from "@yikatong/core"
import { Clerk } from "@yikatong/core/testing"
import { Effect, Layer, type Option, Redacted, Result } from "effect"
import { FetchHttpClient } from "effect/http"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const account = Core.Id.AccountId.make("account-1")
/** On whose behalf what was paid is credited. */
export const office = Core.Id.PointId.make("card-centre")

/** A port that nobody has; a school has one that it was given. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** Which source of the profile's channel is paid through which of these. */
const serves = (source: "unionPayCard" | "weChat") => [{ channel: "todayCampus", source }]

/** WeChat Pay and UnionPay, as the sandbox's terms have it. */
const channels = (terms: ReturnType<Sandbox.Sandbox["terms"]>, toldAt: string) => {
  const common = <Name extends string>(name: Name, source: Parameters<typeof serves>[0]) => ({
    name,
    notifyUrl: `${toldAt}${name}`,
    serves: serves(source)
  })
  return Effect.all([
    WeChatPay.make(WeChatWire.settingsOf(terms["wechat"] ?? {}, {
      ...common("weChatPay", "weChat"),
      scene: "order",
      description: "校园卡充值"
    })),
    UnionPay.make(UnionPayWire.settingsOf(terms["unionpay"] ?? {}, common("unionPay", "unionPayCard")))
  ]).pipe(Effect.provide(FetchHttpClient.layer))
}

/** The channels, and the server that hears of payments, as long as the scope. */
export const layer = (box: Sandbox.Sandbox) =>
  Layer.unwrap(Effect.gen(function*() {
    const port = yield* freePort
    const made = yield* channels(box.terms(), `http://127.0.0.1:${port}/recharge/`)
    const server = Layer.effectDiscard(CallbackServer.listen({ port, point: office }))
    return Layer.provideMerge(server, Core.RechargeChannel.RechargeChannels.layer(made))
  }))

let commands = 0
/** A command as its caller states it, by the sandbox's clock. */
const stated = <Body extends Core.Command.Command>(
  at: Core.CivilTime.Instant,
  point: string,
  body: Body
): Core.Submit.Statement<Body> => ({
  caller: Core.Id.CallerId.make("example"),
  id: Core.Id.CommandId.make(`example-${++commands}`),
  at,
  point: Core.Id.PointId.make(point),
  subject: { _tag: "Account", account },
  body,
  ...Clerk.at(Core.Csmzxy.csmzxy, point, body)
})

const student: Core.Person.Person = {
  id: Core.Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(Core.IdentityDocument.parse("residentId", "43010219990101125X"))
}

/** The student gets an account and a card. */
export const enrol = Effect.fnUntraced(function*(at: Core.CivilTime.Instant) {
  const card = Core.Id.CardId.make("card-1")
  const opening = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
  yield* Core.Opening.open(stated(at, "card-centre", opening), student)
  yield* Core.Submit.submit(stated(at, "window-ccb", { _tag: "IssueCard", card }))
  yield* Core.Submit.submit(stated(at, "window-3", { _tag: "ActivateCard", card }))
})

/** The student recharges 50.00; `instead`: and pays an order from another source than was said first. */
export const recharge = Effect.fnUntraced(function*(
  at: Core.CivilTime.Instant,
  source: "unionPayCard" | "weChat",
  instead?: Core.Recharge.Order
) {
  const amount = Core.Money.amount(Core.Money.yuan("50.00"))
  const wanted = { _tag: "PlaceRecharge", channel: "todayCampus", source, holder: "own", amount } as const
  const statement = stated(at, "today-campus", wanted)
  const placed = yield* (instead === undefined
    ? Core.Recharging.place(statement)
    : Core.Recharging.turn(instead, statement))
  return placed._tag === "Placed" ? placed : yield* Effect.die(placed)
})

const stored = <A>(found: Effect.Effect<Option.Option<A>, Core.Fault.Fault>) => Effect.flatMap(found, Effect.fromOption)

/** What became of an order, of an attempt to pay it, and what the account has. */
export const orderOf = ({ id }: Core.Recharge.Order) =>
  Effect.flatMap(Core.SubjectStore.SubjectStore, (store) => stored(store.find(Core.RechargeOrder.decider, id)))
export const attemptOf = ({ number }: Core.PaymentAttempt.Attempt) =>
  Effect.flatMap(Core.SubjectStore.SubjectStore, (store) => stored(store.find(Core.PaymentAttempt.decider, number)))
export const credited = Effect.map(
  Effect.flatMap(Core.AccountStore.AccountStore, (store) => stored(store.find({ _tag: "Account", account }))),
  ({ pockets }) => Core.Money.format(pockets.transit)
)
