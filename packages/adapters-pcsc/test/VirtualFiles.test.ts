import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { fmcos } from "../src/CpuProfile.ts"
import { entered, loads, of, pinRight, say, select } from "./support/dialogue.ts"

const rootFci = "6F15840E315041592E5359532E4444463031A5038801019000"

describe("SELECT", () => {
  it.each([
    ["the root by its number", "00A40000023F00", rootFci],
    ["the root by nothing", "00A40000", rootFci],
    ["the root by its name", "00A404000E315041592E5359532E4444463031", rootFci],
    ["the root, with the length that is due", "00A40000023F0017", rootFci],
    ["the root, with a wrong length", "00A40000023F0018", "6C17"],
    ["file 15 by its number", "00A40000020015", "9000"],
    ["the purse by its number", "00A40000020002", "9000"],
    ["the ED by its number", "00A40000020001", "9000"],
    ["a file that is not there", "00A4000002001A", "6A82"],
    ["half a number", "00A400000115", "6700"],
    ["another application", "00A4040007A0000000031010", "6A82"],
    ["the beginning of its name", "00A4040005A000000003", "6A82"],
    ["no name", "00A40400", "6700"],
    ["a name that is too long", "00A40400110102030405060708090A0B0C0D0E0F1011", "6700"],
    ["a P1 that means nothing", "00A40100023F00", "6A86"],
    ["a P2 that means nothing", "00A4000C023F00", "6A86"]
  ])("%s", (_, command, answer) => expect(say(entered(), command)).toBe(answer))

  it("the application by its number is the same as by its name", () => {
    const card = entered()
    const byName = say(card, select)
    say(card, "00A40000023F00")
    expect(say(card, "00A40000023F01")).toBe(byName)
    expect(byName).toMatch(/9000$/)
  })

  it("what is not there leaves everything as it was", () => {
    const card = entered()
    say(card, pinRight)
    expect(say(card, "00A4040002DF01")).toBe("6A82")
    expect(say(card, "805C000104")).toBe("000000009000")
  })

  it("another name of the application, as the profile says", () => {
    const card = entered({ profile: { ...fmcos, application: of("DF03") } })
    expect(say(card, select)).toBe("6A82")
    expect(say(card, "00A4040002DF03")).toMatch(/^6F278402DF03A521/)
  })
})

describe("READ BINARY", () => {
  it.each([
    ["file 16, the holder", "00B0960027", `${"AB".repeat(39)}9000`],
    ["file 19, the campus's", "00B0990003", "C0FFEE9000"],
    ["a file that is not there", "00B09A0001", "6A82"],
    ["the log", "00B0980017", "6981"],
    ["the purse", "00B0820004", "6981"],
    ["no file is selected", "00B0000001", "6986"],
    ["a P1 that means nothing", "00B0C00001", "6A86"],
    ["with data", "00B0950001AA01", "6700"]
  ])("%s", (_, command, answer) => {
    const card = entered({ holder: Redacted.make(of("AB".repeat(39))), campusFile: of("C0FFEE") })
    expect(say(card, command)).toBe(answer)
  })

  it("of the file that was selected, or named before, with an offset of two bytes", () => {
    const card = entered({ campusFile: of("C0FFEE") })
    say(card, "00A40000020019")
    expect(say(card, "00B0000102")).toBe("FFEE9000")
    expect(say(card, "00B0010001")).toBe("6B00")
    say(card, "00B0950001")
    expect(say(card, "00B0001C02")).toBe("55669000")
  })

  it("a holder with a long number has 55 bytes", () => {
    const card = entered({ holder: Redacted.make(of("AB".repeat(55))) })
    expect(say(card, "00B0960000")).toBe(`${"AB".repeat(55)}9000`)
  })

  it("files by the numbers that the profile says", () => {
    const files = { application: 0x05, holder: 0x06, log: 0x07, campus: 0x08 }
    const card = entered({ profile: { ...fmcos, files }, campusFile: of("C0FFEE") })
    expect(say(card, "00B0880003")).toBe("C0FFEE9000")
    expect(say(card, "00B0950001")).toBe("6A82")
    loads(card, 5)
    expect(say(card, "00B2013C17")).toMatch(/9000$/)
  })
})

describe("READ RECORD", () => {
  it.each([
    ["a line that is not there yet", "00B201C417", "6A83"],
    ["a file of bytes", "00B201AC1E", "6981"],
    ["a file that is not there", "00B201D417", "6A82"],
    ["no file is selected", "00B2010417", "6986"],
    ["a P2 that means nothing", "00B201C517", "6A86"],
    ["with data", "00B201C401AA17", "6700"]
  ])("%s", (_, command, answer) => expect(say(entered(), command)).toBe(answer))

  it("a wrong length is told; none named gives all", () => {
    const card = entered()
    loads(card, 5)
    expect(say(card, "00B201C410")).toBe("6C17")
    expect(say(card, "00B201C400")).toBe(say(card, "00B201C4"))
    say(card, "00A40000020018")
    expect(say(card, "00B2010417")).toBe(say(card, "00B201C417"))
  })

  it("the log needs the PIN where the issuer wants it", () => {
    const card = entered({ logNeedsPin: true })
    loads(card, 5)
    expect(say(card, "00B201C417")).toBe("6982")
    say(card, pinRight)
    expect(say(card, "00B201C417")).toMatch(/9000$/)
  })

  it("the directory in the root names the application", () => {
    const card = entered()
    say(card, "00A40000")
    expect(say(card, "00B2010C00")).toBe("701361114F09A0000000038698070150" + "0450424F439000")
    expect(say(card, "00B2020C00")).toBe("6A83")
    expect(say(card, "00B0950001")).toBe("6A82")
    expect(say(card, "00B0810001")).toBe("6981")
  })
})
