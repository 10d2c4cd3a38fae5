/** The campus behind the terminal: an embedded PostgreSQL, one student, and a clock. In production this is a server of its own. */
import * as Embedded from "@yikatong/adapters-pg/embedded"
import {
  AccountStore,
  type Command,
  Csmzxy,
  Id,
  IdentityDocument,
  Money,
  Opening,
  type Person,
  RechargeChannel,
  Recharging,
  Submit
} from "@yikatong/core"
import { Clerk, SimulatedChannel } from "@yikatong/core/testing"
import { Effect, Layer, Option, Redacted, Result } from "effect"

export const profile = Csmzxy.csmzxy
export const point = Id.PointId.make("canteen-1")
const account = Id.AccountId.make("account-1")
const weChat = SimulatedChannel.make("todayCampus")

export const layer = Layer.merge(Embedded.layer(), RechargeChannel.RechargeChannels.layer([weChat.channel]))

const student: Person.Person = {
  id: Id.PersonId.make("person-1"),
  kind: "student",
  number: "20260001",
  name: Redacted.make("李华"),
  document: Result.getOrThrow(IdentityDocument.parse("residentId", "43010219990101125X"))
}

let commands = 0
/** What whoever sends a command says of it. */
export const named = () => ({
  caller: Id.CallerId.make("canteen-1"),
  id: Id.CommandId.make(`command-${++commands}`),
  point
})

const stated = Effect.fnUntraced(function*<Body extends Command.Command>(at: string, body: Body) {
  const statement: Submit.Statement<Body> = {
    ...named(),
    point: Id.PointId.make(at),
    at: yield* Submit.arrival,
    subject: { _tag: "Account", account },
    body,
    ...Clerk.at(profile, at, body)
  }
  return statement
})

/** A student comes, is handed this card, and has it activated. */
export const enrol = Effect.fn("enrol")(function*(card: Id.CardId) {
  const opening = { _tag: "OpenAccount", person: student.id, kind: student.kind, class: "regular" } as const
  yield* Opening.open(yield* stated("card-centre", opening), student)
  yield* Submit.submit(yield* stated("window-ccb", { _tag: "IssueCard", card }))
  yield* Submit.submit(yield* stated("window-3", { _tag: "ActivateCard", card }))
})

/** The student recharges by WeChat: the money waits for a tap. */
export const recharge = Effect.fn("recharge")(function*(yuan: string) {
  const amount = Money.amount(Money.yuan(yuan))
  const wish = { channel: "todayCampus", source: "weChat", holder: "own", amount } as const
  const placed = yield* Recharging.place(yield* stated("today-campus", { _tag: "PlaceRecharge", ...wish }))
  if (placed._tag === "Refused") return yield* Effect.die(placed.answer)
  weChat.pay(placed.order.id, amount, yield* Submit.arrival)
  yield* Recharging.confirm(placed.order, Id.PointId.make("card-centre"))
})

/** What the books say is on the chip, and what waits for it. */
export const pockets = Effect.gen(function*() {
  const found = yield* (yield* AccountStore.AccountStore).find({ _tag: "Account", account })
  return Option.getOrThrow(found).pockets
})
