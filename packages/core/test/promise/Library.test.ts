import { Sip2, Sip2Session } from "@yikatong/core"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { card, School } from "./school.ts"

const furnished = async () => (await School.open()).furnished()
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const status = (patron: string) => `2300120260302    120000AOlib|AA${patron}|AC|AD|\r`
const none = " ".repeat(14)

const connected = (school: School, change: object = {}) => {
  const line = school.campus.library.connect({
    caller: "library",
    id: "line-1",
    point: "library-1",
    institution: "lib",
    ...change
  })
  return async (message: string) => text(await line.receive(bytes(message)))
}

describe("who borrows (R17, R18, R64)", () => {
  it("R17 D24 the library knows whose good card it is, and of a lost one only that", async () => {
    const school = await furnished()
    const lend = (id = card) => school.campus.library.lend({ ...school.at("library-1"), card: id })
    expect(await lend()).toEqual({
      standing: "good",
      holder: { account: "account-1", person: "person-1", known: { number: "20260001", name: "李华" } }
    })
    expect(await lend("card-9")).toEqual({ standing: { _tag: "UnknownCard" } })
    await school.says("today-campus", { _tag: "ReportLost", reason: "lost" })
    expect(await lend()).toEqual({
      standing: { _tag: "CardLost", reportedAt: school.now },
      holder: { account: "account-1", person: "person-1" }
    })
    expect(await school.campus.doors.attempts("library-1")).toHaveLength(3)
  })
})

describe("a library's terminal on its line (R17, SIP2)", () => {
  it("R17 patron status of a good card, whatever pieces it arrives in", async () => {
    const ask = connected(await furnished(), { names: true })
    const [one, two] = [status(card).slice(0, 20), status(card).slice(20)]
    expect(await ask(one)).toBe("")
    const answer = `24${none}00120260302    120000AOlib|AAcard-1|AE李华|BLY|\r`
    expect(await ask(two)).toBe(answer)
    expect(await ask(status(card) + status(card))).toBe(answer + answer)
  })

  it("D24 no name stands on the screen where nobody asked for one", async () => {
    expect(await connected(await furnished())(status(card))).not.toContain("李华")
  })

  it("R17 A6 a card that is reported lost in between is denied everything at once", async () => {
    const school = await furnished()
    const ask = connected(school)
    await ask(status(card))
    await school.says("today-campus", { _tag: "ReportLost", reason: "lost" })
    expect(await ask(status(card))).toContain("24YYYYY")
    // Also on a connection that bears the name of an older one.
    school.now += 1_000
    expect(await connected(school)(status(card))).toContain("24YYYYY")
  })

  it("R17 login and status are answered, what is asked again is said again, and a check-in is none of ours", async () => {
    const school = await furnished()
    const ask = connected(school)
    expect(await ask("9300CNterminal|COsecret|\r")).toBe("941\r")
    const online = await ask("9900802.00\r")
    const { message } = Result.getOrThrow(Sip2.parse(bytes(online)))
    expect(message).toMatchObject({
      _tag: "AcsStatus",
      online: true,
      checkout: false,
      abilities: Sip2Session.supported,
      institution: "lib"
    })
    expect(await ask("97\r")).toBe(online)
    expect(await ask("09N20260302    12000020260302    120000AP|AOlib|ABbook-1|AC|\r")).toBe("")
    expect(await school.campus.doors.attempts()).toEqual([])
  })

  it.each([
    ["noise", `${status(card).slice(0, -1)}AY1AZ0000\r`, "96AZFEF6\r"],
    ["a message that never ends", "2".repeat(9_000), "96\r"],
    ["a field that is no field", "23001\r", "96\r"]
  ])("R17 %s is asked for again, and the next message is answered", async (_, sent, expected) => {
    const ask = connected(await furnished())
    expect(await ask(sent)).toBe(expected)
    expect(await ask(status(card))).toContain("BLY")
  })

  it("R17 messages that arrive at the same time are answered in their order", async () => {
    const school = await furnished()
    const ask = connected(school)
    const patrons = ["card-1", "card-2", "card-3"]
    const answers = await Promise.all(patrons.map((patron) => ask(status(patron))))
    expect(answers.map((answer) => /AA([^|]*)/.exec(answer)?.[1])).toEqual(patrons)
    const attempts = await school.campus.doors.attempts("library-1")
    expect(attempts.map(({ verdict }) => verdict)).toEqual(["opened", "UnknownCard", "UnknownCard"])
  })

  it("D24 a line is refused that does not say where it stands", async () => {
    const school = await furnished()
    expect(() => connected(school, { point: "图书馆" })).toThrow(expect.objectContaining({
      _tag: "MalformedCommand",
      flaws: [expect.objectContaining({ path: "point" })]
    }))
  })
})
