/** Does what a life says, one act after the other. What may come of a call to a channel that is out of order is no matter. */
import { Id, Money, type PaymentAttempt, type Recharge, Recharging, Submit } from "@yikatong/core"
import { Effect } from "effect"
import { returned } from "../../src/sandbox/Trade.ts"
import { drive, office } from "../support/campus.ts"
import { type Act, sourceOf } from "./Acts.ts"
import type { Town } from "./Town.ts"

export class Player {
  readonly #town: Town
  readonly #orders: Array<Recharge.Order> = []
  #given = 0
  #cards = 0

  constructor(town: Town) {
    this.#town = town
  }

  readonly perform = Effect.fnUntraced(function*(this: Player, one: Act) {
    const { campus, net } = this.#town
    switch (one.act) {
      case "place": {
        const placed = yield* this.#heard(campus.place(sourceOf[one.name], one.fen))
        if (placed === undefined) return
        this.#orders.push(placed.order)
        return yield* this.#shown(placed.attempt)
      }
      case "turn": {
        const order = pick(this.#orders, one.which)
        if (order === undefined) return
        const placed = yield* this.#heard(campus.turn(order, sourceOf[one.name]))
        return placed === undefined ? undefined : yield* this.#shown(placed.attempt)
      }
      case "payer": {
        const { token } = pick(net.house.all.filter(({ state }) => state === "waiting"), one.which) ?? { token: "" }
        if (one.how === "isAsked") {
          net.house.ask(token, campus.now)
          yield* this.#heard(drive())
        }
        const isPaid = one.how === "pays" || (one.how === "isAsked" && one.which % 2 === 0)
        if (isPaid) net.house.pay(token, "alice", campus.now)
        else net.house.decline(token, campus.now)
        return
      }
      case "spoil":
        return net.rules.add({ wire: one.name, operation: one.operation, does: one.does, times: one.times })
      case "deliver":
        return void (yield* net.deliver(office))
      case "drive":
        return void (yield* this.#heard(drive()))
      case "wait":
        return campus.wait(one.ms)
      case "close":
        return one.isSo ? void (yield* this.#heard(campus.closeAccount)) : undefined
      case "card": {
        if (!one.isSo) return
        const lost = yield* this.#heard(
          Submit.submit(campus.says("today-campus", { _tag: "ReportLost", reason: "lost" }))
        )
        if (one.how === "lose" || lost?._tag !== "Approved") return
        // It is cancelled by the one that takes its place.
        const next = Id.CardId.make(`card-next-${++this.#cards}`)
        for (const [point, _tag] of [["window-ccb", "IssueCard"], ["window-3", "ActivateCard"]] as const) {
          yield* this.#heard(Submit.submit(campus.says(point, { _tag, card: next })))
        }
        return
      }
      case "stuck":
        return one.isSo ? void net.house.stuckPayers.add("alice") : undefined
      case "office":
        return one.isSo ? this.#gives(one.which, one.parts) : undefined
      case "write": {
        const order = pick(this.#orders, one.which)
        if (order === undefined) return
        const tells = Effect.replicateEffect(Recharging.tell(order, "WrittenToCard"), one.times)
        return void (yield* this.#heard(tells))
      }
    }
  })

  /** What came of it; nothing where it was refused or failed, and then nobody is told a secret. */
  #heard<A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A | undefined, never, R> {
    return Effect.catchCause(effect, (cause) =>
      Effect.sync(() => {
        this.#town.confidences.hear(cause)
        return undefined
      }))
  }

  #shown(attempt: PaymentAttempt.Attempt) {
    const isPage = attempt._tag === "Waiting" && attempt.source === "ccbCard" && attempt.instruction._tag === "QrCode"
    return isPage ? this.#town.opens(attempt.instruction.text) : Effect.void
  }

  /** The channel's own office gives back a part of a payment; that of a wire that has none of its own is left out. */
  #gives(which: number, parts: number): void {
    const { campus, net } = this.#town
    const paid = net.house.all.filter(({ state, wire }) => state === "paid" && (wire === "wechat" || wire === "alipay"))
    const trade = pick(paid, which)
    if (trade === undefined) return
    const amount = Math.min(Math.ceil(trade.amount / parts), trade.amount - returned(trade))
    if (amount > 0) {
      net.house.refund(trade, { number: `office${++this.#given}`, amount: Money.amount(amount) }, campus.now)
    }
  }
}

const pick = <A>(all: ReadonlyArray<A>, at: number): A | undefined => all[at % Math.max(all.length, 1)]
