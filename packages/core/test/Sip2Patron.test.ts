import { Option, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as CivilTime from "../src/CivilTime.ts"
import type * as Decline from "../src/Decline.ts"
import * as Explanation from "../src/Explanation.ts"
import * as Sip2 from "../src/Sip2.ts"
import { type Flag, flags } from "../src/Sip2Field.ts"
import * as Frame from "../src/Sip2Frame.ts"
import * as Patron from "../src/Sip2Patron.ts"
import { csmzxy, school } from "./support/Life.ts"

const now = CivilTime.instant("2025-11-30 10:00:05")
const bytes = (line: string): Uint8Array => new TextEncoder().encode(line)
const ask = (line: string) => Result.getOrThrow(Sip2.parse(bytes(`${line}\r`))).message
const status = (language = "001") =>
  ask(`23${language}20251130    100000AOold|AAcard-1|AC|AD|`) as Sip2.PatronStatusRequest
const information = ask("6300120251130    100000Y         AOlib|AAcard-1|AC|AD|") as Sip2.PatronInformation

const view: Patron.View = { institution: "lib", standing: "good", language: "zh", characters: "utf8" }
const told = (change: Partial<Patron.View>, language = "001", profile = csmzxy) =>
  Patron.status(profile, status(language), { ...view, ...change }, now)
const line = (message: Sip2.Message) =>
  new TextDecoder().decode(Result.getOrThrow(Sip2.format({ message, detection: 2 }))).replace(/\r$/, "")

const lost: Decline.Decline = { _tag: "CardLost", reportedAt: CivilTime.instant("2025-11-29 18:00") }
const dormant: Decline.Decline = { _tag: "CardFrozenDormant", since: CivilTime.day("2025-11-03"), months: 3 }
const denied: ReadonlyArray<Flag> = ["chargeDenied", "renewalDenied", "recallDenied", "holdDenied"]

describe("R17 R18 what a campus card is to the library", () => {
  it.each(
    [
      ["in order", "good", [], true],
      ["lost", lost, [...denied, "cardReportedLost"], true],
      ["dormant: it cannot borrow (A6)", dormant, denied, true],
      ["not activated yet (R31)", { _tag: "CardNotActivated" }, denied, true],
      ["replaced (R44)", { _tag: "CardSuperseded" }, denied, false],
      ["cancelled", { _tag: "CardCancelled" }, denied, false],
      ["of a closed account (D7)", { _tag: "AccountClosed", since: lost.reportedAt }, denied, false],
      ["nobody's", { _tag: "UnknownCard" }, denied, false],
      ["of no account", { _tag: "UnknownAccount" }, denied, false],
      ["a number of nobody", { _tag: "UnknownHandle", kind: "number" }, denied, false],
      ["something that no library asks", { _tag: "NothingToLoad" }, denied, true]
    ] as const
  )("R17 R18 a card that is %s", (_, standing, set, valid) => {
    expect(told({ standing })).toMatchObject({ status: set, validPatron: valid })
    expect(Patron.flagsOf(standing)).toEqual(set)
    expect(Patron.isPatron(standing)).toBe(valid)
  })

  it("R17 on the line, all in order", () => {
    expect(line(told({ name: "张三" }, "019"))).toMatch(
      /^24 {14}01920251130 {4}100005AOlib\|AAcard-1\|AE张三\|BLY\|AY2AZ[0-9A-F]{4}$/
    )
  })

  it("R17 on the line, reported lost: nobody's name, and what to do", () => {
    expect(line(told({ standing: lost, name: "张三" }))).toMatch(
      /^24YYYYY {9}00120251130 {4}100005AOlib\|AAcard-1\|AE\|BLY\|AFCampus card reported lost at 2025-11-29 18:00\|AFFound: /
    )
  })

  it("R17 a card that nobody has, as Koha answers it (C4/SIP/Sip/MsgType.pm): YYYY, no name, BLN", () => {
    expect(line(told({ standing: { _tag: "UnknownCard" }, name: "张三" }))).toMatch(
      /^24YYYY {10}001.{18}AOlib\|AAcard-1\|AE\|BLN\|AF/
    )
  })

  it("R17 patron information has the same, and counts nothing", () => {
    const answer = Patron.information(csmzxy, information, { ...view, name: "张三", standing: dormant }, now)
    expect(line(answer)).toMatch(
      /^64YYYY {10}00120251130 {4}100005 {24}AOlib\|AAcard-1\|AE张三\|BLY\|AFCampus card expired/
    )
  })
})

describe("R17 D24 what is said of a person is what the host says", () => {
  it("R17 D24 no name unless the host gives one", () => {
    expect(told({}).name).toBe("")
    expect(told({ name: "Li Lei" }).name).toBe("Li Lei")
    expect(told({ name: "Li Lei", standing: dormant }).name).toBe("Li Lei")
    expect(told({ name: "Li Lei", standing: { _tag: "CardCancelled" } }).name).toBe("")
  })
  it.each([[undefined, undefined], ["wrong", false], ["verified", true]] as const)(
    "R17 a password that is %s: CQ %s",
    (password, valid) => {
      const answer = told(password === undefined ? {} : { password })
      expect(answer.validPassword).toBe(valid)
      expect(line(answer).includes("|CQ")).toBe(password !== undefined)
    }
  )
  it("R18 A23 a check-in (09), which gives a book back, is none of our messages: it gets no answer from here", () => {
    const line =
      "09N19980821    085721                  APCertification Terminal Location|AOCertification Institute ID|ABCheckInBook|BIN|\r"
    const refused = Option.getOrThrow(Result.getFailure(Sip2.parse(bytes(line))))
    expect(refused.problem).toBe("UnknownCommand")
    expect(Frame.answer(refused)).toBeUndefined()
  })
  it("R17 the library is called as both sides agreed, not as the terminal says", () => {
    expect(told({}).institution).toBe("lib")
  })
})

describe("R17 R73 what the screen says", () => {
  const said = Explanation.explain(lost, csmzxy)
  const sentences = (language: "zh" | "en") => [said.what[language], ...said.remedy[language].split(/。|\. /)]
  it.each([["001", "en"], ["024", "en"], ["002", "en"], ["019", "zh"], ["027", "zh"]] as const)(
    "R17 R73 asked in language %s it speaks %s",
    (asked, language) => {
      const answer = told({ standing: lost }, asked)
      expect(answer.screen).toEqual(sentences(language))
      expect(answer.language).toBe(language === "zh" ? "019" : "001")
    }
  )
  it("R17 R73 asked in none, the host's", () => {
    expect(told({ standing: lost }, "000").language).toBe("019")
    expect(told({ standing: lost, language: "en" }, "000").language).toBe("001")
  })
  it("R17 where all is in order there is nothing to say", () => {
    expect(told({}).screen).toEqual([])
  })

  it("R17 a terminal that knows ASCII alone is spoken to in English, with a plain dash", () => {
    const { language, name, screen } = told({ standing: lost, characters: "ascii", name: "张三" }, "019")
    expect([language, name]).toEqual(["001", ""])
    expect(screen).toEqual(sentences("en").map((sentence) => sentence.replaceAll("–", "-")))
    expect(screen.join()).toContain("Mon-Fri 9:30-12:00")
    expect(told({ characters: "ascii", name: "Li Lei" }).name).toBe("Li Lei")
  })
  it("R17 a line that ASCII would spoil is left out, the others stay", () => {
    const points = { ...csmzxy.points, "window-3": { ...csmzxy.points["window-3"]!, nameEn: "阳光 hall, window 3" } }
    const answer = told({ standing: dormant, characters: "ascii" }, "001", school({ points }))
    expect(answer.screen).toEqual([
      Explanation.explain(dormant, csmzxy).what.en,
      "Open Mon-Fri 9:30-12:00, 13:00-17:30, phone 0731-82804313"
    ])
    const money = told({ standing: { _tag: "FeeUnpaid", fee: 2_000 as never }, characters: "ascii" })
    expect(money.screen[0]).toBe("A fee of CNY 20.00 is due")
  })
  it("R17 what a profile says cannot become another field, nor a line too long", () => {
    const points = {
      ...csmzxy.points,
      "window-3": { ...csmzxy.points["window-3"]!, nameEn: `hall|AFgo\r${"ahead ".repeat(60)}` }
    }
    const answer = told({ standing: dormant }, "001", school({ points }))
    expect(answer.screen.length).toBeGreaterThan(2)
    expect(answer.screen.join("")).toContain("hall AFgo ahead")
    expect(line(answer)).not.toContain("|AFgo")
  })
  it("R17 a long name is cut, between characters", () => {
    expect(told({ name: "读".repeat(100) }).name).toBe("读".repeat(85))
  })
})

describe("R17 whatever is asked", () => {
  const standings = fc.constantFrom<Patron.View["standing"]>(
    "good",
    lost,
    dormant,
    { _tag: "CardNotActivated" },
    { _tag: "CardSuperseded" },
    { _tag: "UnknownCard" },
    { _tag: "PasswordLocked" }
  )
  const views = fc.record({
    institution: fc.constant("lib"),
    standing: standings,
    name: fc.string({ unit: "binary", maxLength: 400 }),
    password: fc.constantFrom("verified", "wrong" as const),
    language: fc.constantFrom("zh", "en" as const),
    characters: fc.constantFrom("utf8", "ascii" as const)
  })

  it("R17 R18 every answer can be sent; who is not in order may do nothing", () => {
    fc.assert(fc.property(views, fc.constantFrom("000", "001", "019", "013"), (seen, language) => {
      const answer = Patron.status(csmzxy, status(language), seen, now)
      const sent = line(answer)
      expect(Result.getOrThrow(Sip2.parse(bytes(`${sent}\r`))).message).toEqual(answer)
      expect(answer.status.length === 0).toBe(seen.standing === "good")
      if (seen.standing !== "good") expect(answer.status).toEqual(expect.arrayContaining([...denied]))
      if (seen.characters === "ascii") expect(sent).toMatch(/^[\x20-\x7e]*$/)
      expect(answer.validPassword).toBe(seen.password === "verified")
      expect(flags).toEqual(expect.arrayContaining([...answer.status]))
    }))
  })
})
