/**
 * The smallest campus: wire a store, open an account, hand out a card, take money in, sell a lunch. Copy it and go on
 * from here.
 *
 * Run it here with `npx node --conditions=yikatong-source examples/wiring.ts`, or in a project of yours with Node 22.18
 * or newer; what it prints stands in wiring.ts.out.
 */
import * as Embedded from "@yikatong/adapters-pg/embedded"
import * as Core from "@yikatong/core"
import { Clerk, SimulatedChannel } from "@yikatong/core/testing"
import { Effect, Layer, Redacted, Result } from "effect"

// A clock that stands still at noon; leave HostClock away and it is the machine's.
const noon = Core.CivilTime.instant("2026-03-02 12:00")
// In production: a RechargeChannel that speaks to WeChat. It alone can say that something was paid.
const weChat = SimulatedChannel.make("todayCampus")

const campus = Layer.merge(Embedded.layer(), Core.RechargeChannel.RechargeChannels.layer([weChat.channel]))

const account = Core.Id.AccountId.make("account-1")
const card = Core.Id.CardId.make("card-1")
const yuan = (text: string) => Core.Money.amount(Core.Money.yuan(text))

let commands = 0
/** A command as its caller states it: who, where, when, on which account. Its id makes it happen once. */
const stated = <Body extends Core.Command.Command>(point: string, body: Body): Core.Submit.Statement<Body> => ({
  caller: Core.Id.CallerId.make("example"),
  id: Core.Id.CommandId.make(`example-${++commands}`),
  at: noon,
  point: Core.Id.PointId.make(point),
  subject: { _tag: "Account", account },
  body,
  // At a counter somebody attends: in production, whoever has signed on there.
  ...Clerk.at(Core.Csmzxy.csmzxy, point, body)
})

const student: Core.Person.Person = {
  id: Core.Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(Core.IdentityDocument.parse("residentId", "43010219990101125X"))
}

const program = Effect.gen(function*() {
  const opening = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
  yield* Core.Opening.open(stated("card-centre", opening), student)
  yield* Core.Submit.submit(stated("window-ccb", { _tag: "IssueCard", card }))
  yield* Core.Submit.submit(stated("window-3", { _tag: "ActivateCard", card }))

  const recharge = { channel: "todayCampus", source: "weChat", holder: "own", amount: yuan("50.00") } as const
  const placed = yield* Core.Recharging.place(stated("today-campus", { _tag: "PlaceRecharge", ...recharge }))
  if (placed._tag === "Refused") return yield* Effect.die(placed.answer)
  weChat.pay(placed.order.id, recharge.amount, noon)
  yield* Core.Recharging.confirm(placed.order, Core.Id.PointId.make("card-centre"))

  for (const lunch of ["18.00", "12.01"]) {
    const pay = { _tag: "PayByCode", medium: "todayCampusCode", amount: yuan(lunch), link: "up" } as const
    const answer = yield* Core.Submit.submit(stated("canteen-1", pay))
    console.log(
      answer._tag === "Approved"
        ? `${lunch}: approved, ${Core.Money.format(answer.pockets.transit)} left`
        : `${lunch}: ${Core.Explanation.inWords(Core.Explanation.explain(answer.decline, Core.Csmzxy.csmzxy))}`
    )
  }
  const { breaks, transfers } = yield* Core.Books.check(...Core.Books.house)
  console.log(`${transfers} transfers, ${breaks.length} breaks in the books`)
})

await program.pipe(Core.HostClock.provide(() => noon), Effect.provide(campus), Effect.runPromise)
