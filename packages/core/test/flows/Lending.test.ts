import { Effect, type Layer, Redacted, Result, Stream } from "effect"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../../src/CivilTime.ts"
import { Command } from "../../src/Command.ts"
import * as Doors from "../../src/flows/Doors.ts"
import * as Lending from "../../src/flows/Lending.ts"
import * as Submit from "../../src/flows/Submit.ts"
import * as Id from "../../src/Id.ts"
import { PersonRegister } from "../../src/ports/PersonRegister.ts"
import { csmzxy } from "../../src/presets/Csmzxy.ts"
import * as Sip2 from "../../src/Sip2.ts"
import { account, Campus, card, student } from "./campus.ts"

const library = Id.PointId.make("library-1")
let commands = 0
const nextId = () => Id.CommandId.make(`library-${++commands}`)

/** A card on the reader at the library, or elsewhere. */
const borrow = (campus: Campus, id: string = card, point: string = library) =>
  Lending.borrow({
    caller: Id.CallerId.make("library"),
    id: nextId(),
    at: campus.now,
    point: Id.PointId.make(point),
    card: Id.CardId.make(id)
  })

/** What happens to the card, once it has been activated. */
const happenings = {
  "in order": () => Effect.void,
  lost: (campus: Campus) => Submit.submit(campus.says("today-campus", { _tag: "ReportLost", reason: "lost" })),
  closed: (campus: Campus) => Submit.submit(campus.says("window-3", { _tag: "CloseAccount" })),
  replaced: (campus: Campus) =>
    Effect.gen(function*() {
      const second = Id.CardId.make("card-2")
      yield* happenings.lost(campus)
      yield* Submit.submit(campus.says("window-ccb", { _tag: "IssueCard", card: second }))
      yield* Submit.submit(campus.says("window-3", { _tag: "ActivateCard", card: second }))
    }),
  dormant: (campus: Campus) =>
    Effect.sync(() => {
      campus.now = CivilTime.instant("2026-06-02 12:00")
    }),
  "its person erased": () => Effect.flatMap(PersonRegister, (register) => register.erase(student.id))
} as const
type Happening = keyof typeof happenings

/** A campus on which this has happened to the student's card. */
const after = <A, E>(
  happening: Happening,
  test: (campus: Campus) => Effect.Effect<A, E, Layer.Success<Campus["layer"]>>
) => {
  const campus = new Campus()
  return campus.run(
    Effect.gen(function*() {
      yield* campus.furnished
      yield* happenings[happening](campus)
      return yield* test(campus)
    })
  )
}

describe("R17 R18 R64 who borrows", () => {
  it.each(
    [
      // what has happened to the card, its standing, whether the library learns who it is
      ["in order", "good", true],
      ["dormant", "CardFrozenDormant", true],
      ["lost", "CardLost", false],
      ["replaced", "CardSuperseded", false],
      ["closed", "AccountClosed", false],
      ["its person erased", "good", false]
    ] as const
  )(
    "R17 D24 a card %s: %s, known: %s",
    (happening, standing, known) =>
      after(happening, (campus) =>
        Effect.gen(function*() {
          const patron = yield* borrow(campus)
          expect(patron.standing === "good" ? "good" : patron.standing._tag).toBe(standing)
          expect(patron.holder).toEqual({
            account,
            person: student.id,
            known: known ? { number: "20260001", name: student.name } : undefined
          })
          expect(JSON.stringify(patron)).not.toContain("李华")
        }))
  )

  it("R17 a card that nobody has is nobody's, at any reader", () =>
    after("in order", (campus) =>
      Effect.gen(function*() {
        const nobody = { standing: { _tag: "UnknownCard" }, holder: undefined }
        expect(yield* borrow(campus, "card-9")).toEqual(nobody)
        // Also where something else would have been the matter with it.
        expect(yield* borrow(campus, "card-9", "library-9")).toEqual(nobody)
      })))
  it.each([["library-9", "UnknownPoint"], ["canteen-1", "ChannelNotAllowed"]] as const)(
    "D24 whoever reads a card at %s is told nothing of its holder",
    (point, decline) =>
      after("in order", (campus) =>
        Effect.gen(function*() {
          const { holder, standing } = yield* borrow(campus, card, point)
          expect(standing === "good" ? "good" : standing._tag).toBe(decline)
          expect(holder?.known).toBeUndefined()
        }))
  )
  it("R17 D23 every card on the library's reader is logged as at any door", () =>
    after("in order", (campus) =>
      Effect.gen(function*() {
        yield* borrow(campus)
        yield* borrow(campus, "card-9")
        const attempts = yield* Stream.runCollect(Doors.attempts(library))
        expect(attempts.map(({ verdict }) => verdict)).toEqual(["opened", "UnknownCard"])
      })))
  it("R18 A23 giving a book back asks for nobody: no command says so, and a check-in is no message of ours", () => {
    const tags = Object.keys(Command.cases)
    expect(tags).toContain("Identify")
    expect(tags.filter((tag) => /return|checkin|giveback|book/i.test(tag))).toEqual([])
    expect(Object.entries(csmzxy.places).flatMap(([what, where]) => where.includes("access") ? [what] : [])).toEqual([
      "identify"
    ])
    const checkin = "09N20260302    12000020260302    120000AP|AOlibrary-1|ABbook-1|AC|\r"
    expect(Result.getOrThrow(Result.flip(Sip2.parse(new TextEncoder().encode(checkin)))).problem).toBe("UnknownCommand")
  })
})

describe("R17 a library's terminal asks", () => {
  const terminal = {
    caller: Id.CallerId.make("library"),
    point: library,
    institution: "lib",
    names: true,
    language: "zh",
    characters: "utf8"
  } as const
  const line = (text: string): Sip2.Message =>
    Result.getOrThrow(Sip2.parse(new TextEncoder().encode(`${text}\r`))).message
  const status = (patron: string) => line(`2300120260302    120000AOlib|AA${patron}|AC|AD|`)
  const information = (patron: string) => line(`6301920260302    120000          AOlib|AA${patron}|`)
  /** The answer as it stands on the line. */
  const asks = (message: Sip2.Message, change: Partial<Lending.Terminal> = {}) =>
    Effect.gen(function*() {
      if (message._tag !== "PatronStatusRequest" && message._tag !== "PatronInformation") throw new Error(message._tag)
      const answer = yield* Lending.answer(message, { ...terminal, id: nextId(), ...change })
      return new TextDecoder().decode(Result.getOrThrow(Sip2.format({ message: answer, detection: "off" }))).trimEnd()
    })
  const none = " ".repeat(14)
  const denied = "YYYY".padEnd(14)
  const lost = "YYYYY".padEnd(14)

  it.each(
    [
      // what has happened to the card, the answer up to its words
      ["in order", "card-1", `24${none}00120260302    120000AOlib|AAcard-1|AE李华|BLY|`],
      ["its person erased", "card-1", `24${none}00120260302    120000AOlib|AAcard-1|AE|BLY|`],
      ["dormant", "card-1", `24${denied}00120260602    120000AOlib|AAcard-1|AE李华|BLY|AF`],
      ["lost", "card-1", `24${lost}00120260302    120000AOlib|AAcard-1|AE|BLY|AF`],
      ["replaced", "card-1", `24${denied}00120260302    120000AOlib|AAcard-1|AE|BLN|AF`],
      ["replaced", "card-2", `24${none}00120260302    120000AOlib|AAcard-2|AE李华|BLY|`],
      ["closed", "card-1", `24${denied}00120260302    120000AOlib|AAcard-1|AE|BLN|AF`],
      ["in order", "card-9", `24${denied}00120260302    120000AOlib|AAcard-9|AE|BLN|AF`],
      ["in order", "not the id of a card!", `24${denied}00120260302    120000AOlib|AAnot the id of a card!|AE|BLN|AF`],
      ["in order", "", `24${denied}00120260302    120000AOlib|AA|AE|BLN|AF`]
    ] as const
  )(
    "R17 A6 patron status of a card %s (%s)",
    (happening, patron, expected) =>
      after(happening, () =>
        Effect.gen(function*() {
          const answer = yield* asks(status(patron))
          expect(answer.slice(0, expected.length)).toBe(expected)
          if (!expected.endsWith("AF")) expect(answer).toBe(expected)
        }))
  )

  it("R17 what cannot be the id of a card is asked of nobody, and is no attempt", () =>
    after("in order", () =>
      Effect.gen(function*() {
        for (const patron of ["not the id of a card!", "", "卡", "1".repeat(65)]) yield* asks(status(patron))
        expect(yield* Stream.runCollect(Doors.attempts())).toEqual([])
        yield* asks(status("1".repeat(64)))
        expect(yield* Stream.runCollect(Doors.attempts())).toHaveLength(1)
      })))

  it("R17 patron information, in Chinese, and without a name where none is wanted", () =>
    after("in order", () =>
      Effect.gen(function*() {
        const head = `64${none}01920260302    120000${" ".repeat(24)}AOlib|AAcard-1|`
        expect(yield* asks(information(card))).toBe(`${head}AE李华|BLY|`)
        expect(yield* asks(information(card), { names: false })).toBe(`${head}AE|BLY|`)
        expect(yield* asks(information(card), { characters: "ascii" })).toBe(
          `${head.replace("019", "001")}AE|BLY|`
        )
      })))
  it("R17 D24 the terminal's own date and institution decide nothing", () =>
    after("in order", () =>
      Effect.gen(function*() {
        const answer = yield* asks(line("2300119990101    000000AOsomebody|AAcard-1|AC|AD|"))
        expect(answer).toBe(`24${none}00120260302    120000AOlib|AAcard-1|AE李华|BLY|`)
      })))
  it("D15 R17 a password is not looked at, so nothing is said of it", () =>
    after("in order", () =>
      Effect.gen(function*() {
        expect(yield* asks(line("2300120260302    120000AOlib|AAcard-1|AC|AD01125X|"))).not.toContain("CQ")
      })))
  it("D18 the same question under the same id gets the same answer, and is one attempt", () =>
    after("in order", () =>
      Effect.gen(function*() {
        const id = nextId()
        const first = yield* asks(status(card), { id })
        expect(yield* asks(status(card), { id })).toBe(first)
        expect(yield* Stream.runCollect(Doors.attempts(library))).toHaveLength(1)
      })))
  it("R17 a name that could break a line does not", () =>
    after("in order", () =>
      Effect.gen(function*() {
        const register = yield* PersonRegister
        yield* register.enrol({ ...student, name: Redacted.make("李|AFok\r华") })
        expect(yield* asks(status(card))).toBe(`24${none}00120260302    120000AOlib|AAcard-1|AE李 AFok 华|BLY|`)
      })))
})
