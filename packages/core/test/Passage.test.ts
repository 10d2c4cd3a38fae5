import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Access from "../src/Access.ts"
import { transfers } from "../src/AccountEvent.ts"
import type { AccountState } from "../src/AccountState.ts"
import * as CivilTime from "../src/CivilTime.ts"
import type { Command } from "../src/Command.ts"
import type { Decline } from "../src/Decline.ts"
import * as Id from "../src/Id.ts"
import type { Point } from "../src/Point.ts"
import * as Posted from "../src/Posted.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import type { SchoolProfile } from "../src/SchoolProfile.ts"
import { applicationOf, csmzxy, Life, school, type Shown } from "./support/Life.ts"
import { lived, meals, pauses, Step, wholeStories } from "./support/lives.ts"

const room = "room-1-101"
const card1 = Id.CardId.make("card-1")
const card2 = Id.CardId.make("card-2")
const card9 = Id.CardId.make("card-9")

describe("D11 what a cut-off door did is a fact", () => {
  const reader = { nameZh: "读卡器", nameEn: "reader", category: "access", loads: false, pinPad: false } as const
  const profile = school({
    points: {
      ...csmzxy.points,
      "gate-in": { ...reader, door: { class: "gate", area: "a", side: "in" } },
      "gate-out": { ...reader, door: { class: "gate", area: "a", side: "out" } }
    },
    access: {
      ...csmzxy.access,
      gate: {
        nameZh: "门",
        nameEn: "gate",
        media: ["physicalCard"],
        regular: "everybody",
        temporary: "everybody",
        dormant: "refused",
        lost: "refused",
        passback: { mode: "hard", forgetAfter: CivilTime.dayLength }
      }
    }
  })
  const noon = "2025-11-03 12:00"
  const evening = "2025-11-03 18:00"
  const against = (reason: string) => [{ _tag: "OpenedAgainstRule", reason }] as const

  it.each(
    [
      ["in order", (life: Life) => life.grantAccess(room).at(evening).recordPassage(room, { made: noon }), []],
      [
        "refused without a grant",
        (life: Life) => life.at(evening).recordPassage(room, { made: noon, opened: false }),
        []
      ],
      [
        "opened without a grant",
        (life: Life) => life.at(evening).recordPassage(room, { made: noon }),
        against("NoGrantForDoor")
      ],
      [
        "after the loss",
        (life: Life) => life.at("2025-11-03 11:00").reportLost().at(evening).recordPassage("dorm-1", { made: noon }),
        against("CardLost")
      ],
      [
        "before the loss",
        (life: Life) => life.at("2025-11-03 13:00").reportLost().at(evening).recordPassage("dorm-1", { made: noon }),
        []
      ],
      [
        "before the loss of a card that is replaced by now",
        (life: Life) =>
          life.at("2025-11-03 13:00").replace("card-2").at(evening).recordPassage("dorm-1", {
            made: noon,
            card: "card-1"
          }),
        []
      ],
      [
        "with a medium that the door does not take",
        (life: Life) => life.at(evening).recordPassage(room, { made: noon, shown: "today" }),
        against("MediumNotForDoor")
      ],
      [
        "before this card was activated",
        (life: Life) =>
          life.at("2025-11-03 13:00").replace("card-2").at(evening).recordPassage("dorm-1", {
            made: noon,
            card: "card-2"
          }),
        against("CardNotActivated")
      ],
      [
        "a code, before any card was activated",
        () =>
          Life.unborn(csmzxy).at("2025-11-03 11:00").open().issue("card-1").at("2025-11-03 13:00").activate("card-1")
            .at(evening).recordPassage("dorm-1", { made: noon, shown: "identity" }),
        against("CardNotActivated")
      ],
      [
        "before the closing",
        (life: Life) => life.at("2025-11-03 13:00").close().at(evening).recordPassage("dorm-1", { made: noon }),
        []
      ],
      [
        "after the closing",
        (life: Life) => life.at("2025-11-03 11:00").close().at(evening).recordPassage("dorm-1", { made: noon }),
        against("AccountClosed")
      ]
    ] as const
  )("D11 R10 R39 written down as it was, and reported where it should not have opened: %s", (_, live, reports) => {
    const life = live(Life.of(csmzxy).at("2025-11-03 10:00"))
    life.expectReported(...reports).expectEvents("PassageRecorded")
    expect(life.decision.events.flatMap(transfers), "I10").toEqual([])
    expect(life.decision.events).toMatchObject([{ at: CivilTime.instant(noon), receivedAt: life.now }])
  })

  it.each(
    [
      ["a copy", "dorm-1", { made: noon, sequence: 7 }, "RecordAlreadyPosted"],
      ["from the future", "dorm-1", { made: "2025-11-03 18:01:01" }, "RecordDatedInFuture"],
      ["older than copies are known", "dorm-1", { made: "2025-10-27 17:59" }, "RecordTooOld"],
      ["at a till", "canteen-1", { made: noon }, "NotAnAccessPoint"],
      ["a card of nobody here", "dorm-1", { made: noon, card: "card-9" }, "UnknownCard"]
    ] as const
  )("D11 D16 what cannot be true, or was told already: %s", (_, door, how, decline) => {
    const life = Life.of(csmzxy).at(evening).recordPassage("dorm-1", { made: noon, sequence: 7 }).expectApproved()
    const { presence } = life.state
    life.recordPassage(door, how).expectDeclined(decline).expectEvents()
    expect(life.state.presence).toEqual(presence)
  })

  it("D16 D11 a reader's clock that is a moment ahead loses nothing: it was now", () => {
    const life = Life.of(csmzxy).at(evening).recordPassage("dorm-1", { made: "2025-11-03 18:01" }).expectReported()
    expect(life.decision.events).toMatchObject([{ at: life.now, receivedAt: life.now }])
  })

  it("D11 another reader may give the same number", () => {
    Life.of(csmzxy).at(evening).recordPassage("dorm-1", { made: noon, sequence: 7 }).expectApproved()
      .recordPassage("library-1", { made: noon, sequence: 7 }).expectApproved()
  })

  it("R10 D11 who came in is in, unless a door has told something later since then", () => {
    const life = Life.of(profile).at(noon)
    const inside = life.fork().at(evening).recordPassage("gate-in", { made: noon })
    inside.expectReported().show("card", "gate-in").expectDeclined("AntiPassback")
    const refused = life.fork().at(evening).recordPassage("gate-in", { made: noon, opened: false }).expectReported()
    expect(refused.state.presence).toEqual([])
    const out = life.fork().at("2025-11-03 13:00").show("card", "gate-out").expectApproved().at(evening)
    const { presence } = out.state
    out.recordPassage("gate-in", { made: noon }).expectReported()
    expect(out.state.presence).toEqual(presence)
    // Two doors that did not hear of each other: twice in is no reproach.
    inside.recordPassage("gate-in", { made: "2025-11-03 14:00" }).expectReported()
    expect(inside.state.presence).toMatchObject([{ side: "in", at: CivilTime.instant("2025-11-03 14:00") }])
  })

  it("A22 D11 a code that a cut-off gate took is burned; one that was burned before is reported", () => {
    const code = {
      pseudonym: Pseudonym.make("00112233aabbccdd"),
      counter: 5,
      notAfter: CivilTime.instant("2025-11-04 06:00")
    }
    const how = { made: noon, shown: "identity", code } as const
    const life = Life.of(csmzxy).at(evening).recordPassage("dorm-1", how).expectReported()
    expect(life.state.codes).toEqual([code])
    life.recordPassage("dorm-1", how).expectReported(...against("CodeAlreadyUsed"))
  })

  it.each<[string, "card" | "identity", string]>([
    ["with a card", "card", "2025-11-04 06:00"],
    ["of an authorisation that could not be", "identity", "2025-11-06 06:00"]
  ])("A22 D20 a code %s burns nothing", (_, shown, notAfter) => {
    const pseudonym = Pseudonym.make("00112233aabbccdd")
    const code = { pseudonym, counter: 5, notAfter: CivilTime.instant(notAfter) }
    const life = Life.of(csmzxy).at(evening).recordPassage("dorm-1", { made: noon, shown, code })
    expect(life.expectDeclined("CodeMalformed").state.codes).toEqual([])
  })

  it("D11 D12 A6 a lock decides with the view that it keeps, as the server would have, and what it did posts without a report", () => {
    const life = Life.of(csmzxy).at("2025-11-03 10:00").grantAccess(room).expectApproved()
    // What the lock is sent while it is connected. It is a plain value: it goes over the wire and into a memory.
    const sent = Access.viewOf(csmzxy, life.state, "physicalCard", card1, life.now)
    const view: Access.View = JSON.parse(JSON.stringify(sent))
    expect(view).toEqual(sent)
    const point = csmzxy.points[room]
    if (point === undefined) throw new Error("the preset has this room")
    const attempt = {
      door: Id.PointId.make(room),
      point,
      medium: "physicalCard",
      card: card1,
      confirmed: false,
      now: CivilTime.instant(noon)
    } as const
    const decided = Access.decide(csmzxy, view, attempt)
    expect(decided).toMatchObject({ _tag: "Success", success: { door: room, at: attempt.now, passback: false } })
    const opened = Result.isSuccess(decided)
    life.at(evening).recordPassage(room, { made: noon, opened }).expectReported()
    // It does not hear of a loss: it opens, and that comes to light.
    const late = life.at("2025-11-04 08:00").reportLost().at("2025-11-04 18:00")
    expect(Result.isSuccess(Access.decide(csmzxy, view, { ...attempt, now: CivilTime.instant("2025-11-04 12:00") })))
      .toBe(true)
    late.recordPassage(room, { made: "2025-11-04 12:00", card: "card-1" }).expectReported(...against("CardLost"))
  })
})

describe("R15 rights are granted and taken back", () => {
  it("R15 a grant is named after its command and stands on the account as it was given", () => {
    const terms = {
      from: CivilTime.instant("2025-09-01 10:00"),
      until: CivilTime.instant("2026-07-01 00:00"),
      windows: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1_380, holidays: "open" }]
    } as const
    const life = Life.of(csmzxy).grantAccess(room, terms).expectApproved()
    const grant = { id: life.lastGrant, door: room, card: "card-1", ...terms }
    expect(life.decision.events).toEqual([{ _tag: "AccessGranted", at: life.now, grant }])
    expect(life.state.grants).toEqual([grant])
    life.revokeAccess(grant.id).expectApproved()
    expect(life.decision.events).toEqual([{ _tag: "AccessRevoked", at: life.now, grant: grant.id }])
    expect(life.state.grants).toEqual([])
    life.revokeAccess(grant.id).expectDeclined("UnknownGrant")
  })

  it.each(
    [
      ["a door that is not there", () => Life.of(csmzxy), "room-9", {}, "UnknownPoint"],
      ["a till", () => Life.of(csmzxy), "canteen-1", {}, "NotAnAccessPoint"],
      ["a card that is not this account's", () => Life.of(csmzxy), room, { card: card9 }, "UnknownCard"],
      ["a card that was replaced", () => Life.of(csmzxy).replace("card-2"), room, { card: card1 }, "CardSuperseded"],
      [
        "a card that was taken back",
        () => Life.of(csmzxy).reportLost().issue("card-2").cancel("card-2"),
        room,
        { card: card2 },
        "CardCancelled"
      ],
      ["somebody whose account is closed", () => Life.of(csmzxy).close(), room, {}, "AccountClosed"],
      ["a place that grants nothing", () => Life.of(csmzxy), room, { point: "kiosk-1" }, "ChannelNotAllowed"]
    ] as const
  )("R15 no grant: %s", (_, live, door, given, decline) => {
    live().expectApproved().grantAccess(door, given).expectDeclined(decline).expectEvents()
  })

  it("R15 a card that waits for its activation has its rights ready", () => {
    const life = Life.of(csmzxy).reportLost().issue("card-2").grantAccess(room, { card: card2 }).expectApproved()
    life.show("card", room, { card: "card-2" }).expectDeclined("CardNotActivated")
    life.activate("card-2").show("card", room, { card: "card-2" }).expectApproved()
  })
  it("R15 R44 rights that a lost card was given go to its successor; those of the key ring stay", () => {
    const life = Life.of(csmzxy).reportLost().grantAccess(room, { card: card1 }).expectApproved()
    const byCard = life.lastGrant
    life.grantAccess("room-1-102", { keyRingOnly: true }).expectApproved()
    const byKeyRing = life.lastGrant
    life.issue("card-2").activate("card-2").expectApproved()
    expect(life.state.grants).toEqual([
      { id: byCard, door: room, card: "card-2" },
      { id: byKeyRing, door: "room-1-102" }
    ])
    life.replace("card-3")
    expect(life.state.grants[0]).toEqual({ id: byCard, door: room, card: "card-3" })
    // The right keeps its name, whichever card has it.
    life.revokeAccess(byCard).expectApproved()
    life.show("card", room).expectDeclined("NoGrantForDoor")
  })
})

/** What comes with a code, whose holder was found by it. */
const codeAt = ({ now, state }: Life, door: string) => ({
  caller: Id.CallerId.make("gates"),
  at: now,
  receivedAt: now,
  point: Id.PointId.make(door),
  subject: { _tag: "Account", account: state.id } as const
})

describe("R10-R17 who came in is written down", () => {
  it("R11 R17 the card, the door and the time, and nothing about anybody's money", () => {
    const life = Life.of(csmzxy, { chip: "50.00" }).at("2025-09-03 08:00").show("card", "library-1").expectApproved()
    expect(life.decision.events).toEqual([{
      _tag: "Admitted",
      at: CivilTime.instant("2025-09-03 08:00"),
      door: "library-1",
      medium: "physicalCard",
      card: "card-1",
      passback: false
    }])
  })
  it("R16 the key ring has no card, even if the grant is for one", () => {
    const life = Life.of(csmzxy).grantAccess(room).unlock(room).expectApproved()
    expect(life.decision.events).toEqual([{
      _tag: "Admitted",
      at: life.now,
      door: room,
      medium: "keyRing",
      passback: false
    }])
  })
  it("R13 A11 with a code nobody looks at a card, were it lost or another's", () => {
    const life = Life.of(csmzxy).reportLost().expectApproved()
    for (const card of [card1, card9]) {
      const body = { _tag: "Identify", medium: "ecodeIdentityCode", card } as const
      life.send({ ...codeAt(life, "dorm-1"), id: Id.CommandId.make(`code-${card}`), body }).expectApproved()
      expect(life.decision.events).toEqual([
        { _tag: "Admitted", at: life.now, door: "dorm-1", medium: "ecodeIdentityCode", passback: false }
      ])
    }
  })
  it("D11 a card that nobody read identifies nobody", () => {
    const life = Life.of(csmzxy)
    life.step("dorm-1", { _tag: "Identify", medium: "physicalCard" }).expectDeclined("UnknownCard")
  })
  it("A23 R18 no command takes a book back, and at the library nothing is done but to identify", () => {
    const done = Object.entries(csmzxy.places).filter(([, where]) => where.includes("access")).map(([what]) => what)
    expect(done).toEqual(["identify"])
    const life = Life.of(csmzxy, { chip: "50.00" })
    life.extend("card-1", { point: "library-1" }).expectDeclined("ChannelNotAllowed")
  })
})

describe("I10 nothing is bought at a door, and nobody comes in at a till", () => {
  const doors = Object.entries(csmzxy.points).filter(([, { door }]) => door !== undefined).map(([id]) => id)
  it.each(doors)("I10 at %s nothing is paid, loaded or recorded", (point) => {
    const life = Life.of(csmzxy, { chip: "50.00" }).withWallet("50.00").bindAlipay().expectApproved()
    for (const link of ["up", "down"] as const) {
      for (const what of ["card", "today", "ecode", "alipay"] as const) {
        life.pay(what, "1.00", { point, link }).expectDeclined("MediumNotAcceptedHere", { category: "access" })
      }
      life.pay("identity", "1.00", { point, link })
      expect(life.decision._tag).toBe("Declined")
    }
    life.recharge("todayCampus", "10.00").expectApproved()
    life.beginLoad({ point })
    expect(life.decision._tag).toBe("Declined")
    life.record({ amount: "1.00", point }).expectDeclined("MediumNotAcceptedHere", { category: "access" })
    life.recordAlipay("1.00", { point }).expectDeclined("MediumNotAcceptedHere", { category: "access" })
    life.expectPockets({ chip: "50.00", wallet: "50.00", transit: "10.00" })
  })
})

// A campus with a guarded area and a hall with hours, beside what the preset has.
const turnstile = (area: string, side: "in" | "out"): Point => ({
  category: "access",
  nameZh: "闸机",
  nameEn: "Turnstile",
  loads: false,
  pinPad: false,
  door: { class: "gym", area, side }
})
const campus: SchoolProfile = school({
  points: {
    ...csmzxy.points,
    "gym-in": turnstile("gym", "in"),
    "gym-out": turnstile("gym", "out"),
    "room-1-103": {
      category: "access",
      nameZh: "青年公寓 1 栋 103",
      nameEn: "Room 103",
      loads: false,
      pinPad: false,
      door: { class: "roomLock", dormant: "admitted", lost: "admitted" }
    }
  },
  access: {
    ...csmzxy.access,
    gym: {
      nameZh: "体育馆",
      nameEn: "Gym",
      media: ["physicalCard", "keyRing", "todayCampusCode"],
      regular: "everybody",
      temporary: "granted",
      dormant: "refused",
      lost: "refused",
      hours: [{ weekdays: [1, 2, 3, 4, 5], from: 480, to: 1_320, holidays: "open" }],
      passback: { mode: "hard", forgetAfter: 3 * CivilTime.hour }
    }
  }
})
const points = Object.keys(campus.points)
const rooms = fc.constantFrom("room-1-101", "room-1-102", "room-1-103", "gym-in", "dorm-1", "canteen-1")
const anything = fc.constantFrom<Shown>("card", "card", "today", "ecode", "identity", "alipay", "keyRing")
const cards = fc.constantFrom("card-1", "card-2", "card-3").map((id) => Id.CardId.make(id))
const hours = fc.integer({ min: 0, max: 23 })

const doorSteps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ door: rooms, card: cards, keyRingOnly: fc.boolean(), from: hours, days: fc.integer({ min: -1, max: 9 }) })
    .map(({ card, days, door, from, keyRingOnly }) =>
      new Step(
        `grantAccess(${door}, ${keyRingOnly ? "key ring" : card}, from ${from}:00, ${days} days)`,
        (life) =>
          life.grantAccess(door, {
            card,
            keyRingOnly,
            ...(days < 0 ? {} : { until: CivilTime.later(life.now, days * CivilTime.dayLength) }),
            ...(from % 3 === 0 ? {} : {
              windows: [{
                weekdays: [1, 2, 3, 4, 5, 6, 7],
                from: from * 60,
                to: (from + 9) % 24 * 60 + 30,
                holidays: "open"
              }]
            })
          })
      )
    ),
  fc.nat({ max: 3 }).map((nth) =>
    new Step(`revokeAccess(${nth})`, (life) => life.revokeAccess(life.state.grants[nth]?.id ?? "host:none"))
  ),
  fc.record({ what: anything, door: fc.constantFrom(...points, "nowhere"), card: cards }).map(({ card, door, what }) =>
    new Step(`show(${what} ${card}, ${door})`, (life) => unmoved(life, () => life.show(what, door, { card })))
  ),
  fc.record({ door: fc.constantFrom(...points, "nowhere"), confirmed: fc.boolean() }).map(({ confirmed, door }) =>
    new Step(`unlock(${door}, ${confirmed})`, (life) => unmoved(life, () => life.unlock(door, { confirmed })))
  ),
  fc.record({
    what: anything,
    door: fc.constantFrom(...points, "nowhere"),
    card: cards,
    sequence: fc.integer({ min: 1, max: 5 }),
    opened: fc.boolean()
  }).map(({ card, door, opened, sequence, what }) =>
    new Step(`recordPassage(${what} ${card}, ${door} ${sequence} ${opened})`, (life) => {
      const before = life.state
      life.recordPassage(door, { card, shown: what, sequence, opened })
      // What is known of a copy, and who is where; nothing else.
      expect({ ...kept(life.state), posted: [] }, "I10").toEqual({ ...kept(before), posted: [] })
      const record = `door:${door}:${sequence}`
      const told = life.decision._tag === "Approved"
      if (told) expect(life.state.posted.at(-1)?.record, "D11").toBe(record)
      else expect(life.state, "D13").toBe(before)
      expect(told && Posted.has(before.posted, record), "I3").toBe(false)
    })
  )
)

/** What a door may change: who is where, and nothing else. */
const kept = ({ presence: _, version: __, ...rest }: AccountState) => rest
const unmoved = (life: Life, step: () => unknown): void => {
  const before = life.state
  step()
  expect(kept(life.state), "I10").toEqual(kept(before))
  const { events } = life.decision
  expect(events.flatMap(transfers), "I10").toEqual([])
  expect(events.map(({ _tag }) => _tag)).toEqual(life.decision._tag === "Approved" ? ["Admitted"] : [])
  if (events.length === 0) expect(life.state, "a refused attempt leaves no trace").toBe(before)
}

/** The doors that open from the key ring now, tried one by one. */
const opened = (life: Life): ReadonlyArray<string> =>
  points.filter((door) => life.fork().unlock(door).decision._tag === "Approved")
const listed = (life: Life): ReadonlyArray<string> => Access.keyRing(campus, life.state, life.now)

describe("I18 I10 I12 whatever happens in a life", () => {
  const stories = fc.array(wholeStories(4), { minLength: 2, maxLength: 5 }).chain((chapters) =>
    fc.array(doorSteps, { minLength: chapters.length * 3, maxLength: chapters.length * 3 }).map((at) =>
      chapters.flatMap((chapter, n) => [...at.slice(n * 3, n * 3 + 3), ...chapter])
    )
  )
  it("I18 the key ring lists exactly the doors that open; I10 no door moves money or counts for a limit", () => {
    let some = 0
    fc.assert(
      fc.property(stories, doorSteps, (story, last) => {
        const life = lived(campus, story)
        last.take(life)
        const doors = listed(life)
        some += doors.length
        expect(doors).toEqual(opened(life))
      }),
      { numRuns: 120 }
    )
    expect(some, "some key rings have keys").toBeGreaterThan(20)
  })

  it("I18 R16 likewise for a temporary account, whose end comes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("staff", "visitor" as const),
        fc.array(fc.tuple(pauses, doorSteps), { minLength: 1, maxLength: 8 }),
        (kind, steps) => {
          const life = Life.unborn(campus).openTemporary(kind, applicationOf({ until: "2025-09-20" })).expectApproved()
          life.grantAccess(room, { keyRingOnly: true }).expectApproved()
          for (const [pause, { take }] of steps) {
            take(life.later(pause))
            expect(listed(life)).toEqual(opened(life))
          }
        }
      ),
      { numRuns: 60 }
    )
  })
})

describe("I17 who is refused learns nothing of money", () => {
  /** The same person with so much on the card and in the wallet. */
  const holding = (chip: string, wallet: string): Life => {
    const life = Life.of(campus).openWallet().bindWallet().bindAlipay().expectApproved()
    if (chip !== "0.00") life.grantSubsidy(chip).expectApproved().load().expectApproved()
    if (wallet !== "0.00") life.recharge("ecode", wallet).expectApproved()
    return life.grantAccess(room).expectApproved().at("2025-09-03 12:00")
  }
  const told = ({ decision }: Life): Decline | "opens" => decision._tag === "Declined" ? decision.decline : "opens"
  const refusals: ReadonlySet<Decline["_tag"]> = new Set([
    "AlipayOnlyWhenTerminalOffline",
    "NotAcceptedOffline",
    "MediumNotAcceptedHere",
    "WrongCodeKind"
  ])
  const ways = fc.record({
    what: anything,
    door: fc.constantFrom(...points),
    link: fc.constantFrom("up", "down" as const),
    amount: meals
  })
  const means = fc.tuple(fc.constantFrom("0.00", "0.01", "100.00"), fc.constantFrom("0.00", "0.01", "500.00"))

  it("I17 I10 no door's answer depends on what its holder has", () => {
    fc.assert(
      fc.property(ways, means, ({ door, what }, [chip, wallet]) => {
        const poor = holding("0.00", "0.00")
        const rich = holding(chip, wallet)
        expect(told(rich.show(what, door))).toEqual(told(poor.show(what, door)))
        expect(told(rich.unlock(door))).toEqual(told(poor.unlock(door)))
      }),
      { numRuns: 100 }
    )
  })
  it("I17 D14 nor does a till's, where it does not take what is shown", () => {
    let refused = 0
    fc.assert(
      fc.property(ways, means, ({ amount, door: point, link, what }, [chip, wallet]) => {
        const poor = told(holding("0.00", "0.00").pay(what, amount, { point, link }))
        const rich = told(holding(chip, wallet).pay(what, amount, { point, link }))
        const isRefused = (answer: typeof poor) => answer !== "opens" && refusals.has(answer._tag)
        expect(isRefused(rich)).toBe(isRefused(poor))
        if (!isRefused(poor)) return
        refused += 1
        expect(rich).toEqual(poor)
      }),
      { numRuns: 150 }
    )
    expect(refused).toBeGreaterThan(30)
  })
  it("I17 what the journal keeps of an attempt has no money in it", () => {
    const life = holding("100.00", "500.00").show("card", room).expectApproved()
    const bodies: ReadonlyArray<Command> = life.envelopes.map(({ body }) => body)
    expect(JSON.stringify([bodies.at(-1), life.decision.events])).not.toMatch(/amount|balance|chip|pockets/)
  })
})
