import { Array as Arr, Effect, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../../src/CivilTime.ts"
import type * as Command from "../../src/Command.ts"
import * as Doors from "../../src/flows/Doors.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import { AccountStore } from "../../src/ports/AccountStore.ts"
import { account, Campus, card, holder } from "./campus.ts"

const gate = Id.PointId.make("dorm-1")
const room = Id.PointId.make("room-1-101")
const ofCard = (id: string): Command.Subject => ({ _tag: "Card", card: Id.CardId.make(id) })

const show = (campus: Campus, door: string, id: string = card) =>
  Doors.identify(campus.says(door, { _tag: "Identify", medium: "physicalCard", card: Id.CardId.make(id) }, ofCard(id)))
const scan = (campus: Campus, door: string, medium: Command.Of<"Identify">["medium"], subject = holder) =>
  Doors.identify(campus.says(door, { _tag: "Identify", medium }, subject))
const unlock = (campus: Campus, door: string, confirmed = true) =>
  Doors.openByKeyRing(
    campus.says("today-campus", { _tag: "OpenByKeyRing", door: Id.PointId.make(door), confirmed })
  )
const grant = (campus: Campus, terms: Partial<Command.Of<"GrantAccess">> = {}) =>
  Submit.submit(campus.says("card-centre", { _tag: "GrantAccess", door: room, ...terms }))
const logged = (door?: Id.PointId) => Stream.runCollect(Doors.attempts(door))

describe("what a door is told (R10-R17)", () => {
  it("R11 R12 R13 the gate opens for card and codes, and hears who came and nothing of money (I10, A22)", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const opened = { _tag: "Opened", account, door: gate, at: campus.now, passback: false }
      // Exactly this: no pockets, no name, no number, no event.
      expect(yield* show(campus, "dorm-1")).toEqual(opened)
      expect(yield* scan(campus, "dorm-1", "todayCampusCode")).toEqual(opened)
      expect(yield* scan(campus, "dorm-1", "ecodeIdentityCode")).toEqual(opened)
      expect(yield* scan(campus, "dorm-1", "ecodePayCode")).toEqual({
        _tag: "Refused",
        decline: { _tag: "WrongCodeKind", medium: "ecodePayCode" }
      })
      const store = yield* AccountStore
      expect([...(yield* store.balances)]).toEqual([])
    }))
  })

  it("R15 R16 I18 the key ring lists what was granted, and that opens", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      expect(yield* Doors.keyRing(holder)).toEqual([])
      expect(yield* unlock(campus, "room-1-101")).toEqual({ _tag: "Refused", decline: { _tag: "NoGrantForDoor" } })
      yield* grant(campus, { from: CivilTime.later(campus.now, CivilTime.hour) })
      expect(yield* Doors.keyRing(holder)).toEqual([])
      campus.now = CivilTime.later(campus.now, CivilTime.hour)
      expect(yield* Doors.keyRing(holder)).toEqual([room])
      expect(yield* Doors.keyRing(ofCard(card))).toEqual([room])
      expect(yield* unlock(campus, "room-1-101", false)).toEqual({ _tag: "Refused", decline: { _tag: "NotConfirmed" } })
      expect(yield* unlock(campus, "room-1-101")).toMatchObject({ _tag: "Opened", door: room, at: campus.now })
      // Granted to the key ring and to no card.
      expect(yield* show(campus, "room-1-101")).toEqual({ _tag: "Refused", decline: { _tag: "NoGrantForDoor" } })
    }))
  })
  it("R16 a stranger's key ring is empty, and no fault", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      expect(yield* Doors.keyRing(ofCard("card-9"))).toEqual([])
    }))
  })
  it("D11 what a cut-off lock did is logged once, when it was there, whether it opened or not", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const told = (sequence: number, opened: boolean, id: string = card) =>
        campus.says(
          "room-1-101",
          { _tag: "RecordPassage", medium: "physicalCard", card: Id.CardId.make(id), sequence, opened } as const,
          ofCard(id)
        )
      const there = [told(1, true), told(2, false), told(3, true, "card-9")]
      const at = campus.now
      campus.now = CivilTime.later(campus.now, CivilTime.dayLength)
      for (const one of there) yield* Submit.submit(one)
      // A second copy under another name is no attempt. What the account declines is one: it happened all the same.
      yield* Submit.submit({ ...told(1, true), at })
      const [early, late] = [CivilTime.later(campus.now, CivilTime.hour), CivilTime.later(at, -8 * CivilTime.dayLength)]
      yield* Submit.submit({ ...told(4, true), at: early })
      yield* Submit.submit({ ...told(5, true), at: late })
      const attempt = { sequence: expect.any(Number), at, door: room, medium: "physicalCard", account }
      expect(yield* logged(room)).toEqual([
        { ...attempt, verdict: "opened" },
        { ...attempt, verdict: "refused" },
        { ...attempt, account: undefined, verdict: "opened" },
        { ...attempt, at: early, verdict: "opened" },
        { ...attempt, at: late, verdict: "opened" }
      ])
      expect(yield* logged(gate)).toEqual([])
    }))
  })
  it("D18 the same attempt sent again gets the first answer, and is logged once", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const statement = campus.says("dorm-1", { _tag: "Identify", medium: "physicalCard", card } as const, ofCard(card))
      const first = yield* Doors.identify(statement)
      campus.now = CivilTime.later(campus.now, CivilTime.minute)
      expect(yield* Doors.identify(statement)).toEqual(first)
      expect(yield* logged()).toHaveLength(1)
    }))
  })
})

describe("every attempt is logged with its verdict (R10-R17, D23)", () => {
  it("R10 D23 opened and refused, known and unknown, in their order", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      const start = campus.now
      const steps: ReadonlyArray<Effect.Effect<Doors.Verdict, unknown, Effect.Services<ReturnType<typeof show>>>> = [
        show(campus, "dorm-1"),
        show(campus, "dorm-1", "card-9"),
        scan(campus, "dorm-1", "ecodePayCode"),
        scan(campus, "dorm-1", "ecodeIdentityCode", {
          _tag: "Handle",
          handle: { kind: "code", value: "nobody's pseudonym" }
        }),
        show(campus, "room-1-101"),
        unlock(campus, "room-1-101", false),
        show(campus, "dorm-9"),
        show(campus, "canteen-1"),
        unlock(campus, "canteen-1")
      ]
      const verdicts = yield* Effect.forEach(steps, (step) => {
        campus.now = CivilTime.later(campus.now, CivilTime.second)
        return step
      })
      const expected = [
        ["dorm-1", "physicalCard", account, "opened"],
        ["dorm-1", "physicalCard", undefined, "UnknownCard"],
        ["dorm-1", "ecodePayCode", account, "WrongCodeKind"],
        ["dorm-1", "ecodeIdentityCode", undefined, "UnknownHandle"],
        ["room-1-101", "physicalCard", account, "NoGrantForDoor"],
        ["room-1-101", "keyRing", account, "NoGrantForDoor"],
        ["dorm-9", "physicalCard", account, "UnknownPoint"],
        ["canteen-1", "physicalCard", account, "ChannelNotAllowed"],
        ["canteen-1", "keyRing", account, "NotAnAccessPoint"]
      ]
      const attempts = yield* logged()
      expect(attempts.map(({ account, door, medium, verdict }) => [door, medium, account, verdict])).toEqual(
        expected.with(5, ["room-1-101", "keyRing", account, "NotConfirmed"])
      )
      expect(attempts.map(({ at }) => at)).toEqual(
        attempts.map((_, n) => CivilTime.later(start, (n + 1) * CivilTime.second))
      )
      // The log says what each door was told.
      expect(attempts.map(({ verdict }) => verdict)).toEqual(
        verdicts.map((verdict) => verdict._tag === "Opened" ? "opened" : verdict.decline._tag)
      )
      expect(yield* logged(gate)).toEqual(attempts.slice(0, 4))
      expect(yield* logged(room)).toEqual(attempts.slice(4, 6))
      expect(yield* logged(Id.PointId.make("library-1"))).toEqual([])
    }))
  })
  it("D24 it names nobody: neither a name, nor a student number, nor what stood in a code", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      yield* scan(campus, "dorm-1", "ecodeIdentityCode", {
        _tag: "Handle",
        handle: { kind: "number", value: "20260001" }
      })
      yield* scan(campus, "dorm-1", "ecodeIdentityCode", {
        _tag: "Handle",
        handle: { kind: "code", value: "stranger" }
      })
      const attempts = yield* logged()
      expect(attempts.map(({ verdict }) => verdict)).toEqual(["opened", "UnknownHandle"])
      expect(JSON.stringify(attempts)).not.toMatch(/20260001|李华|stranger/)
    }))
  })
  it("R10 what is done elsewhere is no attempt at a door", () => {
    const campus = new Campus()
    return campus.run(Effect.gen(function*() {
      yield* campus.furnished
      yield* grant(campus)
      expect(Arr.fromIterable(yield* logged())).toEqual([])
    }))
  })
})
