/** What happens at doors and in the office: rights, refunds, debts, batches of subsidies; and careless counters. */
import * as fc from "fast-check"
import type { Attendance } from "../../src/Attendance.ts"
import type { Day, Instant } from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Id from "../../src/Id.ts"
import * as Money from "../../src/Money.ts"
import { dayAt, dayMs, hour, minute } from "./Dates.ts"
import { doors } from "./Doors.ts"
import type { Model } from "./Model.ts"
import { show as showCode, showing } from "./Phones.ts"
import { type Does, does, pick, subjects, way } from "./Step.ts"

const door = fc.constantFrom(...Object.keys(doors))
const room = fc.constantFrom("room-1-101", "room-1-102", "room-1-101", "dorm-1", "canteen-1")

const grantAccess = fc.record({
  door: room,
  card: fc.constantFrom("active", "active", "none", "any" as const),
  n: fc.nat({ max: 99 }),
  from: fc.constantFrom(undefined, undefined, 0, 2 * hour),
  until: fc.constantFrom(undefined, undefined, 3 * hour, 20 * dayMs)
}).map((wish) =>
  does("grantAccess", wish, (model, life) => {
    const card = wish.card === "active" ? model.active : wish.card === "any" ? pick(model.cards, wish.n) : undefined
    return life.send("card-centre", {
      _tag: "GrantAccess",
      door: Id.PointId.make(wish.door),
      ...(card === undefined ? {} : { card: Id.CardId.make(card.id) }),
      ...(wish.from === undefined ? {} : { from: model.now + wish.from as Instant }),
      ...(wish.until === undefined ? {} : { until: model.now + wish.until as Instant })
    })
  })
)

const revokeAccess = fc.nat({ max: 99 }).map((n) =>
  does("revokeAccess", n, (model, life) => {
    const grant = Id.GrantId.make(pick(model.grants, n)?.id ?? "lives:no-grant")
    return life.send("card-centre", { _tag: "RevokeAccess", grant })
  })
)

/** A signed code at a gate: who somebody is, or what is left of a pay code. */
const showSigned = fc.record({
  door: fc.oneof({ weight: 4, arbitrary: fc.constant("dorm-1") }, { weight: 1, arbitrary: door }),
  medium: fc.constantFrom(
    "todayCampusCode",
    "todayCampusCode",
    "ecodeIdentityCode",
    "ecodeIdentityCode",
    "ecodePayCode" as const
  ),
  showing,
  by: subjects
}).map((wish) =>
  does("showSigned", wish, (model, life) => {
    const { code, proof } = showCode(model, wish.medium, "door", wish.showing)
    const body = { _tag: "Identify", medium: wish.medium, code } as const
    return life.send(wish.door, body, { subject: way(life, wish.by), code: proof })
  })
)

const show = fc.record({
  door,
  medium: fc.constantFrom(
    "physicalCard",
    "physicalCard",
    "physicalCard",
    "todayCampusCode",
    "ecodePayCode",
    "ecodeIdentityCode",
    "alipayCode",
    "keyRing" as const
  ),
  sense: fc.integer({ min: 0, max: 4 }).map((n) => n > 0),
  n: fc.nat({ max: 99 }),
  by: subjects
}).map((wish) =>
  does("show", wish, (model, life) => {
    const card = wish.sense ? model.active ?? model.cards.at(-1) : pick(model.cards, wish.n)
    const { medium } = wish
    return medium === "physicalCard"
      ? life.send(wish.door, { _tag: "Identify", medium, card: Id.CardId.make(card?.id ?? "nobodys-card") }, {
        subject: way(life, wish.by, card?.id)
      })
      : life.send(wish.door, { _tag: "Identify", medium }, { subject: way(life, wish.by, card?.id) })
  })
)

/** What a door did while it was cut off, told now or a week later; of few numbers a day, so that some come twice. */
const passed = fc.record({
  door: fc.oneof(door, door, door, fc.constant("canteen-1")),
  sequence: fc.integer({ min: 1, max: 9 }),
  opened: fc.boolean(),
  byCode: fc.boolean(),
  ago: fc.constantFrom(-2 * minute, -minute, 0, hour, dayMs, dayMs, 7 * dayMs, 7 * dayMs + 1),
  n: fc.nat({ max: 99 })
}).map((wish) =>
  does("passed", wish, (model, life) => {
    const card = Id.CardId.make(pick(model.cards, wish.n)?.id ?? "nobodys-card")
    const shown = wish.byCode ? { medium: "todayCampusCode" } as const : { medium: "physicalCard", card } as const
    const at = model.now - wish.ago
    const sequence = dayAt(at) * 10 + wish.sequence
    return life.send(wish.door, { _tag: "RecordPassage", sequence, opened: wish.opened, ...shown }, { at })
  })
)

/** A door that was granted, or any. */
const unlock = fc.record({
  door: fc.oneof(room, fc.constant("granted")),
  n: fc.nat({ max: 99 }),
  confirmed: fc.constantFrom(true, true, true, false)
}).map((wish) =>
  does("unlock", wish, (model, life) => {
    const door = wish.door === "granted" ? pick(model.grants, wish.n)?.door ?? "room-1-101" : wish.door
    return life.send("today-campus", {
      _tag: "OpenByKeyRing",
      door: Id.PointId.make(door),
      confirmed: wish.confirmed
    })
  })
)

/** Of a purchase of these days, all that is left, a part, or more. An older one is not wholly given back in here. */
const refund = fc.record({
  n: fc.nat({ max: 999 }),
  what: fc.constantFrom("all", "part", "part", "more" as const),
  known: fc.integer({ min: 0, max: 9 }).map((n) => n > 0)
}).map((wish) =>
  does("refund", wish, (model, life) => {
    const lately = model.purchases.filter(({ day }) => day >= dayAt(model.now) - 5)
    const bought = wish.known ? pick(lately, wish.n) : undefined
    const left = (bought?.amount ?? 1) - (bought?.returned ?? 0)
    const amount = wish.what === "more" ? left + 1 : wish.what === "all" ? left : Math.ceil(left / 2)
    const purchase = Id.PurchaseId.make(bought?.id ?? "lives:never-bought")
    return life.send("card-centre", {
      _tag: "RefundPurchase",
      purchase,
      amount: Money.amount(Math.max(1, amount)),
      reason: "wrongCharge"
    }, { original: purchase })
  })
)

/** Of a debt, all, a fen less or a fen more; where there is none, seldom. */
const debt = fc.record({
  what: fc.constantFrom("repay", "repay", "writeOff" as const),
  off: fc.constantFrom(0, 0, 1, -1),
  anyway: fc.integer({ min: 0, max: 9 }).map((n) => n === 0)
}).map((wish) =>
  does("debt", wish, async (model, life) => {
    if (model.pockets.receivable === 0 && !wish.anyway) return
    const amount = Money.amount(Math.max(1, model.pockets.receivable + wish.off))
    if (wish.what === "repay") await life.send("window-3", { _tag: "RepayDebt", amount, desk: "window-3" })
    else await life.send("card-centre", { _tag: "WriteOffDebt", amount, reason: "insolvent" })
  })
)

const batches = ["autumn", "winter"] as const

const subsidy = fc.record({
  fen: fc.integer({ min: 1, max: 3_000 }),
  batch: fc.constantFrom(undefined, ...batches),
  days: fc.constantFrom(undefined, 0, 3, 30),
  ends: fc.constantFrom(false, false, true)
}).map((wish) =>
  does("batch", wish, (model, life) => {
    // A batch is ended that there is, if there is one.
    const named = wish.ends ? pick(model.lots, wish.fen)?.batch ?? wish.batch : wish.batch
    const batch = named === undefined ? {} : { batch: Id.BatchId.make(named) }
    const until = wish.days === undefined ? {} : { until: dayAt(model.now) + wish.days as Day }
    const body: Command.Command = wish.ends
      ? { _tag: "ExpireSubsidy", ...batch }
      : { _tag: "GrantSubsidy", amount: Money.amount(wish.fen), ...batch, ...until }
    return life.send("card-centre", body)
  })
)

/** Who would attend there. */
const usual = {
  "window-3": { role: "clerk", department: "card-centre" },
  "window-ccb": { role: "teller", department: "ccb" },
  "card-centre": { role: "accountant", department: "finance" }
}

/** Counters at which nobody sits, a stranger, or somebody who has not seen the papers; and money given by nobody. */
const careless = fc.record({
  at: fc.constantFrom("window-3", "window-ccb", "card-centre"),
  who: fc.constantFrom("nobody", "stranger", "unseen" as const),
  writesOff: fc.boolean()
}).map((wish) =>
  does("careless", wish, (model: Model, life) => {
    const card = Id.CardId.make(model.active?.id ?? "nobodys-card")
    const { department, role } = usual[wish.at]
    const attendance: Attendance | "nobody" = wish.who === "nobody" ? "nobody" : {
      operator: Id.OperatorId.make("operator-1"),
      role: wish.who === "stranger" ? "warden" : role,
      department,
      presented: []
    }
    const office: Command.Command = wish.writesOff
      ? { _tag: "WriteOffDebt", amount: Money.amount(1), reason: "small" }
      : { _tag: "GrantSubsidy", amount: Money.amount(1) }
    const bodies: Record<typeof wish.at, Command.Command> = {
      "window-3": { _tag: "ExtendValidity", card },
      "window-ccb": { _tag: "ReportBankSideLost", card },
      "card-centre": office
    }
    return life.send(wish.at, bodies[wish.at], { attendance })
  })
)

export const office: fc.Arbitrary<Does> = fc.oneof(
  { weight: 7, arbitrary: grantAccess },
  { weight: 2, arbitrary: revokeAccess },
  { weight: 10, arbitrary: show },
  { weight: 6, arbitrary: showSigned },
  { weight: 9, arbitrary: unlock },
  { weight: 3, arbitrary: passed },
  { weight: 9, arbitrary: refund },
  { weight: 13, arbitrary: debt },
  { weight: 9, arbitrary: subsidy },
  { weight: 3, arbitrary: careless }
)
