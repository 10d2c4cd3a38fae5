import { Option, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Access from "../src/Access.ts"
import type { AccessGrant } from "../src/AccessGrant.ts"
import type { AccessRule } from "../src/AccessRule.ts"
import type { Calendar } from "../src/Calendar.ts"
import * as CivilTime from "../src/CivilTime.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import type { Medium } from "../src/Medium.ts"
import type { Door, Point } from "../src/Point.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import type { Window } from "../src/WeeklySchedule.ts"
import { applicationOf, csmzxy, Life, school, type Shown } from "./support/Life.ts"

const clock = (hours: number, minutes = 0): number => hours * 60 + minutes
const daily: ReadonlyArray<number> = [1, 2, 3, 4, 5, 6, 7]

/** What a door says to this person with this in the hand. */
const shown = (life: Life, what: Shown, door: string): Decline["_tag"] | "opens" => {
  const { decision } = what === "keyRing" ? life.unlock(door) : life.show(what, door)
  return decision._tag === "Approved" ? "opens" : decision.decline._tag
}

describe("who may come in with what (R10-R18, R62-R64)", () => {
  const matrix = [
    // what is shown, dormitory gate, room lock without and with a grant, library
    ["card", "opens", "NoGrantForDoor", "opens", "opens"],
    ["today", "opens", "MediumNotForDoor", "MediumNotForDoor", "MediumNotForDoor"],
    ["ecode", "WrongCodeKind", "MediumNotForDoor", "MediumNotForDoor", "MediumNotForDoor"],
    ["identity", "opens", "MediumNotForDoor", "MediumNotForDoor", "MediumNotForDoor"],
    ["alipay", "MediumNotForDoor", "MediumNotForDoor", "MediumNotForDoor", "MediumNotForDoor"],
    ["keyRing", "MediumNotForDoor", "NoGrantForDoor", "opens", "MediumNotForDoor"]
  ] as const
  it.each(matrix)("R62 R63 R64 R11-R17 %s: gate %s, room %s, granted room %s, library %s", (what, ...expected) => {
    const life = Life.of(csmzxy, { chip: "50.00" }).bindAlipay().expectApproved()
    const granted = life.fork().grantAccess("room-1-101").expectApproved()
    expect([
      shown(life, what, "dorm-1"),
      shown(life, what, "room-1-101"),
      shown(granted, what, "room-1-101"),
      shown(life, what, "library-1")
    ]).toEqual(expected)
    // A grant for a room opens no other, and changes nothing at gate and library.
    expect(shown(granted, what, "room-1-102")).toBe(shown(life, what, "room-1-102"))
    expect(shown(granted, what, "dorm-1")).toBe(expected[0])
    expect(shown(granted, what, "library-1")).toBe(expected[3])
    granted.expectPockets({ chip: "50.00" })
  })

  it("R14 what is refused says what would do", () => {
    const life = Life.of(csmzxy)
    life.show("identity", "room-1-101").expectDeclined("MediumNotForDoor", {
      medium: "ecodeIdentityCode",
      class: "roomLock",
      allowed: ["physicalCard", "keyRing"]
    })
    life.show("ecode", "dorm-1").expectDeclined("WrongCodeKind", { medium: "ecodePayCode" })
  })

  it("golden trace 7: identity code at a till, pay code at the gate, 今日校园 code at the gate (R12, R13, R58, R62, I10)", () => {
    const life = Life.of(csmzxy, { chip: "20.00" }).withWallet("30.00").at("2025-11-03 12:00")
    const before = life.state
    life.pay("identity", "10.00").expectDeclined("WrongCodeKind", { medium: "ecodeIdentityCode" })
    life.show("ecode", "dorm-1").expectDeclined("WrongCodeKind", { medium: "ecodePayCode" })
    expect(life.state).toBe(before)
    life.show("today", "dorm-1").expectApproved().expectEvents("Admitted")
    expect(life.decision.events).toEqual([{
      _tag: "Admitted",
      at: life.now,
      door: "dorm-1",
      medium: "todayCampusCode",
      passback: false
    }])
    expect(life.state).toEqual({ ...before, version: before.version + 1 })
  })

  it.each(
    [
      ["a door that is not there", "dorm-9", "UnknownPoint"],
      ["a till", "canteen-1", "ChannelNotAllowed"],
      ["a kiosk", "kiosk-1", "ChannelNotAllowed"],
      ["the app", "today-campus", "ChannelNotAllowed"]
    ] as const
  )("I10 R10 nobody is identified at %s", (_, door, decline) => {
    Life.of(csmzxy).show("card", door).expectDeclined(decline)
  })
  it("I10 R10 nor where the school lets its tills identify and gives them no door", () => {
    const profile = school({ places: { ...csmzxy.places, identify: ["access", "canteen"] } })
    Life.of(profile).show("card", "canteen-1").expectDeclined("NotAnAccessPoint", { category: "canteen" })
  })
  it.each(
    [["a till", "canteen-1", "NotAnAccessPoint"], ["a door that is not there", "room-9", "UnknownPoint"]] as const
  )(
    "R16 the key ring does not open %s",
    (_, door, decline) => {
      Life.of(csmzxy).unlock(door).expectDeclined(decline)
    }
  )
  it("R16 nothing opens without a confirmation, not even what is granted", () => {
    const life = Life.of(csmzxy).grantAccess("room-1-101").expectApproved()
    life.unlock("room-1-101", { confirmed: false }).expectDeclined("NotConfirmed").expectEvents()
    // And at the lock itself nobody can show a key ring.
    life.show("keyRing", "room-1-101").expectDeclined("NotConfirmed")
    life.unlock("room-1-101").expectApproved().expectEvents("Admitted")
  })
  it("R10 a class that the profile does not have opens to nobody, whatever it is called", () => {
    const life = Life.of(csmzxy)
    for (const name of ["sauna", "toString", "__proto__"]) {
      expect(Result.merge(decideAt(life, { class: name }))).toEqual({ _tag: "NotAnAccessPoint", category: "access" })
    }
  })
})

/** The answer of a door that is like this, to a card. */
const decideAt = (life: Life, door: Door, access: SchoolProfile["access"] = csmzxy.access) => {
  const card = Id.CardId.make(life.cardAtHand())
  const point: Point = { category: "access", nameZh: "门", nameEn: "door", loads: false, pinPad: false, door }
  const view = Access.viewOf(csmzxy, life.state, "physicalCard", card, life.now)
  const attempt = { door: Id.PointId.make("door-1"), point, card, confirmed: false, now: life.now } as const
  return Access.decide({ access, calendar: csmzxy.calendar }, view, { ...attempt, medium: "physicalCard" })
}

describe("R15 grants are for a card on a lock, or for the key ring", () => {
  const of = () => Life.of(csmzxy)
  const room = "room-1-101"
  it.each(
    [
      ["nothing", of, "NoGrantForDoor", "NoGrantForDoor"],
      ["this card", () => of().grantAccess(room), "opens", "opens"],
      ["the key ring only", () => of().grantAccess(room, { keyRingOnly: true }), "NoGrantForDoor", "opens"],
      ["another room", () => of().grantAccess("room-1-102"), "NoGrantForDoor", "NoGrantForDoor"],
      [
        "a grant that was taken back",
        () => {
          const life = of().grantAccess(room)
          return life.revokeAccess(life.lastGrant).expectApproved()
        },
        "NoGrantForDoor",
        "NoGrantForDoor"
      ],
      [
        "two, of which one was taken back",
        () => {
          const life = of().grantAccess(room)
          return life.grantAccess(room, { keyRingOnly: true }).revokeAccess("host:cmd-4").expectApproved()
        },
        "NoGrantForDoor",
        "opens"
      ],
      [
        "the card that was lost: its grants are the new card's",
        () => of().grantAccess(room).replace("card-2"),
        "opens",
        "opens"
      ],
      ["the lost card, before it is found again", () => of().grantAccess(room).reportLost(), "CardLost", "opens"],
      [
        "the lost card, which was found",
        () => of().grantAccess(room).reportLost().reportFound("card-1"),
        "opens",
        "opens"
      ]
    ] as const
  )("R15 R16 A11 granted: %s", (_, live, byCard, byKeyRing) => {
    const life = live().expectApproved()
    expect([shown(life, "card", room), shown(life, "keyRing", room)]).toEqual([byCard, byKeyRing])
  })
  it("R15 a card whose grants went over to its successor opens nothing", () => {
    const life = Life.of(csmzxy).grantAccess(room).expectApproved().replace("card-2")
    life.show("card", room, { card: "card-1" }).expectDeclined("CardSuperseded")
    life.show("card", room, { card: "card-2" }).expectApproved()
  })
})

describe("A6 the lost and the dormant, by class and by door", () => {
  const states = {
    dormant: () => Life.of(csmzxy).at("2025-12-01 08:00"),
    lost: () => Life.of(csmzxy).reportLost().expectApproved(),
    both: () => Life.of(csmzxy).reportLost().expectApproved().at("2025-12-01 08:00")
  }
  type Exempt = Pick<AccessRule, "dormant" | "lost">
  const none: Exempt = { dormant: "refused", lost: "refused" }
  const all: Exempt = { dormant: "admitted", lost: "admitted" }
  it.each(
    [
      // which card, the class of the door, this very door, what it says
      ["dormant", none, {}, "CardFrozenDormant"],
      ["dormant", { ...none, dormant: "admitted" }, {}, "Admitted"],
      ["dormant", { ...none, lost: "admitted" }, {}, "CardFrozenDormant"],
      ["dormant", none, { dormant: "admitted" }, "Admitted"],
      ["dormant", all, { dormant: "refused" }, "CardFrozenDormant"],
      ["dormant", none, { lost: "admitted" }, "CardFrozenDormant"],
      ["lost", none, {}, "CardLost"],
      ["lost", { ...none, lost: "admitted" }, {}, "Admitted"],
      ["lost", { ...none, dormant: "admitted" }, {}, "CardLost"],
      ["lost", none, { lost: "admitted" }, "Admitted"],
      ["lost", all, { lost: "refused" }, "CardLost"],
      ["both", none, {}, "CardLost"],
      ["both", { ...none, lost: "admitted" }, {}, "CardFrozenDormant"],
      ["both", { ...none, dormant: "admitted" }, {}, "CardLost"],
      ["both", all, {}, "Admitted"],
      ["both", none, { dormant: "admitted", lost: "admitted" }, "Admitted"]
    ] as const
  )("A6 R46 R39 a card that is %s: class %j, door %j: %s", (which, rule, door, expected) => {
    const { dormGate } = csmzxy.access
    if (dormGate === undefined) throw new Error("The preset has a gate")
    const decided = decideAt(states[which](), { class: "dormGate", ...door }, { dormGate: { ...dormGate, ...rule } })
    expect(Result.merge(decided)._tag).toBe(expected)
  })

  it.each(
    [
      [
        "handed out and not yet activated",
        () => Life.of(csmzxy).reportLost().issue("card-2"),
        "card-2",
        "CardNotActivated"
      ],
      ["replaced", () => Life.of(csmzxy).replace("card-2"), "card-1", "CardSuperseded"],
      ["taken back", () => Life.of(csmzxy).reportLost().issue("card-2").cancel("card-2"), "card-2", "CardCancelled"],
      ["somebody else's", () => Life.of(csmzxy), "card-9", "UnknownCard"],
      ["of an account that was closed", () => Life.of(csmzxy).close(), "card-1", "AccountClosed"]
    ] as const
  )("A6 no exemption helps a card that is %s", (_, live, card, expected) => {
    const profile = Object.fromEntries(Object.entries(csmzxy.access).map(([name, rule]) => [name, { ...rule, ...all }]))
    const life = live().expectApproved()
    const id = Id.CardId.make(card)
    const point = csmzxy.points["dorm-1"]
    if (point === undefined) throw new Error("The preset has a gate")
    const decided = Access.decide(
      { access: profile, calendar: csmzxy.calendar },
      Access.viewOf(csmzxy, life.state, "physicalCard", id, life.now),
      { door: Id.PointId.make("dorm-1"), point, medium: "physicalCard", card: id, confirmed: false, now: life.now }
    )
    expect(Option.getOrNull(Result.getFailure(decided))?._tag).toBe(expected)
  })

  it("A11 D17 codes and key ring work while the card is lost; dormant they do not", () => {
    const life = Life.of(csmzxy).grantAccess("room-1-101").expectApproved().reportLost().expectApproved()
    expect([shown(life, "today", "dorm-1"), shown(life, "keyRing", "room-1-101")]).toEqual(["opens", "opens"])
    life.at("2025-12-01 08:00")
    expect([shown(life, "today", "dorm-1"), shown(life, "keyRing", "room-1-101")]).toEqual([
      "CardFrozenDormant",
      "CardFrozenDormant"
    ])
  })
  it("A11 where a loss freezes the account, neither does", () => {
    const profile = school({ replacement: { ...csmzxy.replacement, lossFreezes: "account" } })
    const life = Life.of(profile).grantAccess("room-1-101").expectApproved().reportLost().expectApproved()
    expect([shown(life, "today", "dorm-1"), shown(life, "keyRing", "room-1-101")]).toEqual(["CardLost", "CardLost"])
    expect(Access.keyRing(profile, life.state, life.now)).toEqual([])
  })
})

describe("temporary accounts and outsiders (A16, R8)", () => {
  const temporary = (kind: "staff" | "visitor" | "trainee") =>
    Life.unborn(csmzxy).openTemporary(kind, applicationOf({ until: "2025-10-01" })).expectApproved()

  it.each(
    [
      // who, what is shown, the gate without and with a grant
      ["visitor", "identity", "NoGrantForDoor", "opens"],
      ["visitor", "ecode", "WrongCodeKind", "WrongCodeKind"],
      ["visitor", "today", "MediumNotForHolder", "MediumNotForHolder"],
      ["trainee", "identity", "NoGrantForDoor", "opens"],
      ["trainee", "today", "MediumNotForHolder", "MediumNotForHolder"],
      ["staff", "identity", "NoGrantForDoor", "opens"],
      ["staff", "today", "NoGrantForDoor", "opens"]
    ] as const
  )("A16 R8 %s, %s at the gate: %s, granted: %s", (kind, what, without, granted) => {
    const life = temporary(kind)
    expect(shown(life, what, "dorm-1")).toBe(without)
    life.grantAccess("dorm-1", { keyRingOnly: true }).expectApproved()
    expect(shown(life, what, "dorm-1")).toBe(granted)
  })

  it("A16 good through its last day, and not a millisecond longer", () => {
    const life = temporary("visitor").grantAccess("dorm-1", { keyRingOnly: true }).expectApproved()
    life.at("2025-10-01 23:59:59.999")
    expect(shown(life, "identity", "dorm-1")).toBe("opens")
    life.at("2025-10-02 00:00").show("identity", "dorm-1").expectDeclined("CardExpired", { until: "2025-10-01" })
    expect(Access.keyRing(csmzxy, life.state, life.now)).toEqual([])
  })

  it("R8 a card that a visitor borrowed is looked at as that card, and is not his", () => {
    const card = Id.CardId.make("card-1")
    const { decision, now, state } = temporary("visitor")
    expect(decision._tag).toBe("Approved")
    expect(Access.viewOf(csmzxy, state, "physicalCard", card, now)).toMatchObject({
      unheld: { _tag: "MediumNotForHolder" },
      standing: [{ _tag: "UnknownCard" }]
    })
  })
})

const night: Window = { weekdays: daily, from: clock(22, 30), to: clock(6), holidays: "open" }
const weekdays: Window = { weekdays: [1, 2, 3, 4, 5], from: clock(8), to: clock(17), holidays: "closed" }
const festival: Window = { weekdays: daily, from: clock(10), to: clock(12), holidays: "only" }
/** 2025-10-01 to 03 are holidays, Sunday 2025-09-28 and Saturday 2025-10-11 are worked for it. */
const calendar: Calendar = {
  holidays: ["2025-10-01", "2025-10-02", "2025-10-03"].map(CivilTime.day),
  workdays: ["2025-09-28", "2025-10-11"].map(CivilTime.day)
}
const gate = (hours: ReadonlyArray<Window>): SchoolProfile => {
  const { dormGate } = csmzxy.access
  if (dormGate === undefined) throw new Error("The preset has a gate")
  return school({ calendar, access: { ...csmzxy.access, dormGate: { ...dormGate, hours } } })
}

describe("hours of a door and windows of a grant", () => {
  const by = (text: string) => text === "never" ? undefined : CivilTime.instant(text)
  const table = [
    // when, whether it is open then, when it opens again
    ["night", [night], "2025-09-03 22:29:59.999", "2025-09-03 22:30"],
    ["night", [night], "2025-09-03 22:30", "open"],
    ["night, past midnight", [night], "2025-09-04 05:59:59.999", "open"],
    ["night, in the morning", [night], "2025-09-04 06:00", "2025-09-04 22:30"],
    ["working days", [weekdays], "2025-09-05 17:00", "2025-09-08 08:00"],
    ["a Saturday", [weekdays], "2025-09-06 09:00", "2025-09-08 08:00"],
    ["a Sunday that is worked", [weekdays], "2025-09-28 07:59:59.999", "2025-09-28 08:00"],
    ["a Sunday that is worked", [weekdays], "2025-09-28 08:00", "open"],
    ["before the holidays", [weekdays], "2025-09-30 17:00", "2025-10-06 08:00"],
    ["on a holiday", [weekdays], "2025-10-01 09:00", "2025-10-06 08:00"],
    ["on holidays only", [festival], "2025-09-03 10:00", "2025-10-01 10:00"],
    ["on holidays only", [festival], "2025-10-03 11:59:59.999", "open"],
    ["after the last holiday that is known", [festival], "2025-10-03 12:00", "never"],
    ["a night that began on a holiday", [{ ...night, holidays: "only" }], "2025-10-04 05:00", "open"],
    ["a night that began on no holiday", [{ ...night, holidays: "closed" }], "2025-10-01 05:00", "open"],
    ["the first of two windows", [weekdays, festival], "2025-09-30 17:00", "2025-10-01 10:00"]
  ] as const
  it.each(table)("R10 A19 hours: %s, %j, at %s: %s", (_, hours, at, expected) => {
    const life = Life.of(gate(hours)).at(at)
    if (expected === "open") life.show("card", "dorm-1").expectApproved()
    else {
      life.show("card", "dorm-1").expectDeclined("DoorClosed")
      expect(opensAt(life)).toBe(by(expected))
    }
  })
  it.each(table)("R15 windows: %s, %j, at %s: %s", (_, windows, at, expected) => {
    const life = Life.of(school({ calendar })).grantAccess("room-1-101", { windows }).expectApproved().at(at)
    if (expected === "open") life.show("card", "room-1-101").expectApproved()
    else {
      life.show("card", "room-1-101").expectDeclined("OutsideGrantWindow")
      expect(opensAt(life)).toBe(by(expected))
    }
  })

  const from = CivilTime.instant("2025-09-10 12:00")
  const until = CivilTime.instant("2025-09-12 12:00")
  it.each(
    [
      ["2025-09-10 11:59:59.999", "OutsideGrantWindow", from],
      ["2025-09-10 12:00", "opens", undefined],
      ["2025-09-12 11:59:59.999", "opens", undefined],
      ["2025-09-12 12:00", "OutsideGrantWindow", undefined]
    ] as const
  )("R15 a grant from noon until noon, at %s: %s", (at, expected, opens) => {
    const life = Life.of(csmzxy).grantAccess("room-1-101", { from, until }).expectApproved().at(at)
    expect(shown(life, "card", "room-1-101")).toBe(expected)
    expect(opensAt(life)).toBe(opens)
    expect(shown(life, "keyRing", "room-1-101")).toBe(expected)
    expect(Access.keyRing(csmzxy, life.state, life.now)).toEqual(expected === "opens" ? ["room-1-101"] : [])
  })
  it("R15 the first of several grants is told", () => {
    const life = Life.of(csmzxy).grantAccess("room-1-101", { from: until }).grantAccess("room-1-101", { from })
    life.show("card", "room-1-101").expectDeclined("OutsideGrantWindow", { opensAt: "2025-09-10 12:00" })
  })
  it("R15 who has a grant is told when the door lets him in, not when one of the two would", () => {
    const { roomLock } = csmzxy.access
    if (roomLock === undefined) throw new Error("The preset has locks")
    const profile = school({ calendar, access: { ...csmzxy.access, roomLock: { ...roomLock, hours: [weekdays] } } })
    const evening = { weekdays: daily, from: clock(16), to: clock(23), holidays: "open" } as const
    const life = Life.of(profile).grantAccess("room-1-101", { windows: [evening] }).expectApproved()
    // Friday night: the grant holds, and the door opens on Monday morning; both agree on Monday afternoon.
    life.at("2025-09-05 18:00").show("card", "room-1-101").expectDeclined("DoorClosed", { opensAt: "2025-09-08 16:00" })
    life.at("2025-09-08 09:00").show("card", "room-1-101").expectDeclined("OutsideGrantWindow", {
      opensAt: "2025-09-08 16:00"
    })
    life.at("2025-09-08 16:00").show("card", "room-1-101").expectApproved()
    // Whoever has no grant is not told to come back.
    const other = Life.of(profile).at("2025-09-05 18:00")
    other.show("card", "room-1-101").expectDeclined("DoorClosed")
    expect(opensAt(other)).toBeUndefined()
    other.at("2025-09-08 09:00").show("card", "room-1-101").expectDeclined("NoGrantForDoor")
  })
})

/** When the last answer says that it opens. */
const opensAt = ({ decision }: Life): CivilTime.Instant | undefined =>
  decision._tag === "Declined" && "opensAt" in decision.decline ? decision.decline.opensAt : undefined

describe("anti-passback 反潜回 (R10)", () => {
  const forgetAfter = 12 * CivilTime.hour
  const reader = (area: string, side: "in" | "out", rule = "gate"): Point => ({
    category: "access",
    nameZh: "闸机",
    nameEn: "Turnstile",
    loads: false,
    pinPad: false,
    door: { class: rule, area, side }
  })
  const guarded = (mode: "soft" | "hard"): SchoolProfile => {
    const { dormGate } = csmzxy.access
    if (dormGate === undefined) throw new Error("The preset has a gate")
    return school({
      points: {
        ...csmzxy.points,
        "a-in": reader("a", "in"),
        "a-in-2": reader("a", "in"),
        "a-out": reader("a", "out"),
        "a-exit": reader("a", "out", "dormGate"),
        "b-in": reader("b", "in")
      },
      access: { ...csmzxy.access, gate: { ...dormGate, passback: { mode, forgetAfter } } }
    })
  }
  const start = "2025-09-03 08:00"
  const paths = [
    // the way of one person, a minute between the steps; what the last reader says
    [["a-in"], "opens"],
    [["a-out"], "opens"],
    [["a-in", "a-in"], "passback"],
    [["a-in", "a-in-2"], "passback"],
    [["a-out", "a-out"], "passback"],
    [["a-in", "a-out", "a-in"], "opens"],
    [["a-in", "a-exit", "a-in"], "opens"],
    [["a-in", "b-in"], "opens"],
    [["a-in", "b-in", "a-in"], "passback"],
    [["a-in", "dorm-1", "library-1", "a-in"], "passback"],
    [["a-exit", "a-exit"], "opens"]
  ] as const
  const walk = (life: Life, path: ReadonlyArray<string>): Life => {
    for (const door of path) life.later(CivilTime.minute).show("card", door)
    return life
  }
  it.each(paths)("R10 hard, %j: %s", (path, expected) => {
    const life = walk(Life.of(guarded("hard")).at(start), path)
    if (expected === "opens") life.expectApproved()
    else life.expectDeclined("AntiPassback").expectEvents()
  })
  it.each(paths)("R10 soft, %j: admitted, and marked where the order is wrong: %s", (path, expected) => {
    const { decision } = walk(Life.of(guarded("soft")).at(start), path).expectApproved()
    expect(decision.events).toMatchObject([{ _tag: "Admitted", door: path.at(-1), passback: expected === "passback" }])
  })
  it("R10 it says on which side and since when", () => {
    const life = walk(Life.of(guarded("hard")).at(start), ["a-in", "a-in"])
    life.expectDeclined("AntiPassback", { side: "in", since: "2025-09-03 08:01" })
  })
  it("R10 an entry is forgotten after its time, to the millisecond", () => {
    const life = Life.of(guarded("hard")).at(start).show("card", "a-in").expectApproved()
    life.later(forgetAfter - 1).show("card", "a-in").expectDeclined("AntiPassback")
    life.later(1).show("card", "a-in").expectApproved()
  })
  it("R10 a refused attempt leaves no trace of presence", () => {
    const life = Life.of(guarded("hard")).at(start).show("card", "a-in").expectApproved()
    const { presence } = life.state
    life.later(CivilTime.minute).show("card", "a-in").expectDeclined("AntiPassback")
    life.show("alipay", "a-out").expectDeclined("MediumNotForDoor")
    life.show("card", "a-out", { card: "card-9" }).expectDeclined("UnknownCard")
    expect(life.state.presence).toEqual(presence)
    // So the time does not begin anew.
    life.at(start).later(forgetAfter).show("card", "a-in").expectApproved()
  })
  it("R10 whoever goes in with the card is in for codes too, and a new card does not change it", () => {
    const life = Life.of(guarded("hard")).at(start).show("card", "a-in").expectApproved()
    life.show("identity", "a-in").expectDeclined("AntiPassback")
    life.replace("card-2").show("card", "a-in").expectDeclined("AntiPassback")
  })
  it("R10 only the last side of each area is kept", () => {
    const life = walk(Life.of(guarded("hard")).at(start), ["a-in", "b-in", "a-out", "a-in", "a-out"])
    expect(life.state.presence).toEqual([
      { area: "b", side: "in", at: CivilTime.instant("2025-09-03 08:02") },
      { area: "a", side: "out", at: CivilTime.instant("2025-09-03 08:05") }
    ])
  })
})

describe("the first refusal wins", () => {
  const { roomLock } = csmzxy.access
  if (roomLock === undefined) throw new Error("The preset has locks")
  const rule: AccessRule = { ...roomLock, hours: [weekdays], passback: { mode: "hard", forgetAfter: CivilTime.hour } }
  const now = CivilTime.instant("2025-09-03 09:00")
  const closed = CivilTime.instant("2025-09-03 07:00")
  const door = Id.PointId.make("room-1-101")
  const grant: AccessGrant = { id: Id.GrantId.make("host:g1"), door }
  const elapsed: AccessGrant = { ...grant, until: CivilTime.instant("2025-09-02 09:00") }
  const view: Access.View = {
    class: "regular",
    unheld: { _tag: "MediumNotForHolder", medium: "keyRing", kind: "visitor", allowed: [] },
    standing: [{ _tag: "CardLost", reportedAt: closed }],
    grants: [],
    presence: [{ area: "a", side: "in", at: CivilTime.instant("2025-09-03 06:30") }]
  }
  const wrong = {
    rule,
    view,
    medium: "alipayCode" as Medium,
    confirmed: false,
    now: closed,
    door: { class: "nothing", area: "a", side: "in" } as Door
  }
  const steps: ReadonlyArray<readonly [Access.Refusal["_tag"] | "Admitted", (it: typeof wrong) => typeof wrong]> = [
    ["NotAnAccessPoint", (it) => it],
    ["MediumNotForDoor", (it) => ({ ...it, door: { ...it.door, class: "lock" } })],
    ["NotConfirmed", (it) => ({ ...it, medium: "keyRing" })],
    ["MediumNotForHolder", (it) => ({ ...it, confirmed: true })],
    ["CardLost", (it) => ({ ...it, view: { ...it.view, unheld: undefined } })],
    ["DoorClosed", (it) => ({ ...it, view: { ...it.view, standing: [] } })],
    ["NoGrantForDoor", (it) => ({ ...it, now })],
    ["OutsideGrantWindow", (it) => ({ ...it, view: { ...it.view, grants: [elapsed] } })],
    ["Admitted", (it) => ({ ...it, view: { ...it.view, grants: [elapsed, grant] } })],
    [
      "AntiPassback",
      (it) => ({ ...it, rule: { ...rule, passback: { mode: "hard", forgetAfter: CivilTime.dayLength } } })
    ]
  ]
  it.each(steps.map(([tag], at) => [tag, at] as const))("D14 I17 after %i mended faults: %s", (tag, at) => {
    const it = steps.slice(0, at + 1).reduce((before, [, mend]) => mend(before), wrong)
    const decided = Access.decide(
      { access: { lock: it.rule }, calendar },
      it.view,
      {
        door,
        point: { category: "access", nameZh: "门", nameEn: "door", loads: false, pinPad: false, door: it.door },
        medium: it.medium,
        card: undefined,
        confirmed: it.confirmed,
        now: it.now
      }
    )
    expect(Result.merge(decided)._tag).toBe(tag)
  })
})

describe("whatever hours and windows there are", () => {
  const minuteOfDay = fc.integer({ min: 0, max: 47 }).map((n) => n * 30)
  const windows = fc.record({
    weekdays: fc.subarray([...daily], { minLength: 1 }),
    from: minuteOfDay,
    to: fc.integer({ min: 1, max: 48 }).map((n) => n * 30),
    holidays: fc.constantFrom("open", "closed", "only" as const)
  }).filter(({ from, to }) => from !== to)
  const schedules = fc.array(windows, { minLength: 1, maxLength: 3 })
  const begin = CivilTime.instant("2025-09-24 00:00")
  const instants = fc.integer({ min: 0, max: 30 * 48 }).map((n) => CivilTime.later(begin, n * 30 * CivilTime.minute))
  const opt = <A>(arbitrary: fc.Arbitrary<A>) => fc.option(arbitrary, { nil: undefined })
  const door = Id.PointId.make("door-1")
  const grants = fc.array(
    fc.record({ from: instants, until: instants, windows: schedules }, { requiredKeys: [] }).map((
      terms
    ): AccessGrant => ({
      id: Id.GrantId.make("host:g1"),
      door,
      ...terms
    })),
    { maxLength: 3 }
  )
  const point: Point = {
    category: "access",
    nameZh: "门",
    nameEn: "door",
    loads: false,
    pinPad: false,
    door: { class: "lock" }
  }
  const asked = (
    hours: ReadonlyArray<Window> | undefined,
    view: Pick<Access.View, "class" | "grants">,
    now: CivilTime.Instant
  ) => {
    const rule: AccessRule = {
      nameZh: "锁",
      nameEn: "Lock",
      media: ["keyRing"],
      regular: "granted",
      temporary: "everybody",
      dormant: "refused",
      lost: "refused",
      ...(hours === undefined ? {} : { hours })
    }
    return Result.merge(Access.decide(
      { access: { lock: rule }, calendar },
      { unheld: undefined, standing: [], presence: [], ...view },
      { door, point, medium: "keyRing", card: undefined, confirmed: true, now }
    ))
  }

  it("R15 what a refusal tells as the opening time is the first instant at which it opens", () => {
    fc.assert(
      fc.property(
        opt(schedules),
        fc.record({ class: fc.constantFrom("regular", "temporary" as const), grants }),
        instants,
        (hours, view, now) => {
          const answer = asked(hours, view, now)
          if (answer._tag !== "DoorClosed" && answer._tag !== "OutsideGrantWindow") return
          const half = 30 * CivilTime.minute
          if (answer.opensAt === undefined) {
            // Everything here repeats weekly from the middle of October on, so two months show all.
            for (let n = 0; n < 60 * 48; n++) {
              expect(asked(hours, view, CivilTime.later(now, n * half))._tag).not.toBe("Admitted")
            }
            return
          }
          expect(answer.opensAt).toBeGreaterThan(now)
          expect(asked(hours, view, answer.opensAt)._tag).toBe("Admitted")
          expect(asked(hours, view, CivilTime.later(answer.opensAt, -1))._tag).not.toBe("Admitted")
          // All begins and ends at half hours: it opens at none that lies between.
          for (let at = now; at < answer.opensAt; at = CivilTime.later(at, half)) {
            expect(asked(hours, view, at)._tag).not.toBe("Admitted")
          }
        }
      ),
      { numRuns: 200 }
    )
  })

  it("I12 it is total and deterministic, whatever is shown where", () => {
    const exempt = fc.constantFrom("admitted", "refused" as const)
    const doors: fc.Arbitrary<Door> = fc.record({
      class: fc.constantFrom("dormGate", "roomLock", "library", "nothing"),
      area: fc.constant("a"),
      side: fc.constantFrom("in", "out" as const),
      dormant: exempt,
      lost: exempt
    }, { requiredKeys: ["class"] })
    const life = Life.of(csmzxy).grantAccess("room-1-101").expectApproved()
    const media = fc.constantFrom<Medium>(...Object.values(csmzxy.temporary.media).flat())
    fc.assert(fc.property(doors, media, grants, instants, fc.boolean(), (door, medium, granted, now, confirmed) => {
      const card = medium === "physicalCard" ? Id.CardId.make("card-1") : undefined
      const view = { ...Access.viewOf(csmzxy, life.state, medium, card, now), grants: granted }
      const attempt = { door: Id.PointId.make("door-1"), point: { ...point, door }, medium, card, confirmed, now }
      const decided = Access.decide(csmzxy, view, attempt)
      expect(Access.decide(csmzxy, view, attempt)).toStrictEqual(decided)
      // R12 I10 no answer says anything about money.
      expect(JSON.stringify(decided)).not.toMatch(/amount|transfers|pockets|balance|fen/i)
    }))
  })
})
