import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { fmcos } from "../src/CpuProfile.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"
import type { VirtualCpuCard } from "../src/VirtualCpuCard.ts"
import { entered, of, pays, say, select, signed, spoilt, status } from "./support/dialogue.ts"

const campus = (card: VirtualCpuCard): string => card.memory().files.campus
const open = { ...fmcos, protection: "none" } as const

describe("writing to a file", () => {
  it("signed, by short name and in the selected file, at any offset", () => {
    const card = entered()
    expect(say(card, signed(card, "04D69902", "AABB"))).toBe("9000")
    expect(say(card, "00B0990005")).toBe("0000AABB009000")
    expect(say(card, "00A40000020019")).toBe("9000")
    expect(say(card, signed(card, "04D600FF", "CC"))).toBe("9000")
    expect(say(card, "00B099FF01")).toBe("CC9000")
  })

  it("the largest that one command holds, 251 bytes", () => {
    const card = entered()
    const data = "5A".repeat(251)
    expect(say(card, signed(card, "04D69905", data))).toBe("9000")
    expect(campus(card)).toBe("00".repeat(5) + data)
  })

  it("files 15 and 16 take signed writes, and the FCI follows", () => {
    const card = entered()
    expect(say(card, signed(card, "04D6951C", "ABCD"))).toBe("9000")
    expect(say(card, select)).toMatch(/ABCD9000$/)
    expect(say(card, signed(card, "04D69600", "01"))).toBe("9000")
  })

  it("a profile without protection takes unsigned writes to the campus file, to no other", () => {
    const card = entered({ profile: open })
    expect(say(card, "00D6990002AABB")).toBe("9000")
    expect(campus(card).slice(0, 6)).toBe("AABB00")
    expect(say(card, "00D6950002AABB")).toBe("6987")
    expect(say(card, signed(card, "04D69900", "CC"))).toBe("9000")
  })

  it.each<[title: string, plain: string, word: string, header?: string, data?: string]>([
    ["unsigned", "00D6990002AABB", "6987"],
    ["no room for a signature", "04D6990003AABBCC", "6987"],
    ["no challenge was asked for", "04D6990006AABB00000000", "6984"],
    ["beyond the end", "", "6A84", "04D699FF", "AABB"],
    ["nothing but a signature", "", "6700", "04D69900", ""],
    ["offset after the end", "", "6B00", "04D6951E", "AA"],
    ["a file that is not there", "", "6A82", "04D69A00", "AA"],
    ["the log", "", "6981", "04D69800", "AA"],
    ["no file is selected", "", "6986", "04D60000", "AA"],
    ["a P1 that means nothing", "", "6A86", "04D6F900", "AA"]
  ])("refused, and nothing written: %s", (_, plain, word, header, data) => {
    const card = entered()
    const before = card.memory()
    expect(say(card, header === undefined ? plain : signed(card, header, data ?? ""))).toBe(word)
    expect(card.memory()).toBe(before)
  })

  it("a challenge of eight bytes is none for a signature", () => {
    const card = entered()
    const challenge = card.answer(of("0084000008")).slice(0, 4)
    const message = of("04D6990005AA")
    const mac = PurseCrypto.commandMac(of(card.memory().keys.maintenance), challenge, message)
    expect(say(card, Bytes.hex(Bytes.join(message, mac)))).toBe("6984")
  })

  it("a right signature over other bytes is wrong", () => {
    fc.assert(fc.property(fc.constantFrom(2, 3, 5, 6, 7, 8, 9, 10), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const card = entered()
      const command = of(signed(card, "04D69900", "AABB")).map((byte, index) => index === at ? byte ^ change : byte)
      expect(Bytes.hex(card.answer(command))).not.toBe("9000")
      expect(card.memory().files).toEqual(entered().memory().files)
    }))
  })
})

describe("wrong signatures", () => {
  const wrong = (card: VirtualCpuCard): string => say(card, spoilt(signed(card, "04D69900", "AA")))

  it("the third in a row locks the application for ever (9303), the purse with it", () => {
    const card = entered({ balance: 50_00 })
    expect([wrong(card), wrong(card), wrong(card)]).toEqual(["6988", "6988", "9303"])
    expect(say(card, select)).toBe("9303")
    expect(pays(card, 10)).toBe("9303")
    for (const command of ["805C000204", "00B095001E", "0084000004", "84180000 04 00000000", "00A40000020015"]) {
      expect(say(card, command)).toBe("9303")
    }
    card.power("reset")
    expect(say(card, select)).toBe("9303")
    expect(campus(card)).toBe("00".repeat(256))
  })

  it("a right one in between gives the tries back", () => {
    const card = entered()
    const right = (): string => say(card, signed(card, "04D69900", "AA"))
    expect([wrong(card), wrong(card), right(), wrong(card), wrong(card), right()])
      .toEqual(["6988", "6988", "9000", "6988", "6988", "9000"])
  })

  it("the tries outlast the power", () => {
    const card = entered()
    const answers = [1, 2, 3].map(() => {
      card.power("off")
      say(card, select)
      return wrong(card)
    })
    expect(answers).toEqual(["6988", "6988", "9303"])
  })

  it("honest writes that are cut off never lock the card", () => {
    const card = entered()
    for (let n = 0; n < 12; n++) {
      card.interrupt(of(signed(card, "04D69900", "AABB")), n % 4)
      say(card, select)
    }
    expect(say(card, signed(card, "04D69900", "AABB"))).toBe("9000")
  })
})

describe("D11: a write that is cut off is written up to there, byte by byte", () => {
  it.each([0, 1, 2, 3, 4, 5])("after %i bytes", (n) => {
    const card = entered({ campusFile: of("11111111") })
    const command = of(signed(card, "04D69900", "AABBCCDD"))
    expect(card.footprint(command)).toBe(4)
    card.interrupt(command, n)
    expect(campus(card).slice(0, 8)).toBe("AABBCCDD".slice(0, 2 * n) + "11".repeat(Math.max(0, 4 - n)))
    expect(say(card, "00B0990001")).toBe("6A82")
  })

  it("the tries of signatures are restored last", () => {
    const card = entered()
    say(card, spoilt(signed(card, "04D69900", "AA")))
    const command = of(signed(card, "04D69900", "AABB"))
    expect(card.footprint(command)).toBe(3)
    card.interrupt(command, 2)
    expect(campus(card).slice(0, 4)).toBe("AABB")
    expect(card.memory().macTries).toBe(2)
  })
})

describe("APPLICATION BLOCK and UNBLOCK, CARD BLOCK", () => {
  const send = (card: VirtualCpuCard, header: string): string => say(card, signed(card, header, ""))

  it("blocked: it can be entered (6A81) and unblocked, nothing else", () => {
    const card = entered({ balance: 50_00 })
    expect(send(card, "841E0000")).toBe("9000")
    expect(say(card, select)).toBe("6A81")
    for (const command of ["805C000204", "00B095001E", "0020000003123456", "00A40000020015"]) {
      expect(say(card, command)).toBe("6A81")
    }
    expect(pays(card, 10)).toBe("6A81")
    card.power("reset")
    expect(say(card, select)).toBe("6A81")
    expect(send(card, "84180000")).toBe("9000")
    expect(say(card, "805C000204")).toBe("000013889000")
  })

  it("blocked for ever: 9303, and no unblocking", () => {
    const card = entered()
    expect(send(card, "841E0001")).toBe("9000")
    expect(say(card, select)).toBe("9303")
    expect(say(card, "84180000 04 00000000")).toBe("9303")
    expect(say(card, "841E0000 04 00000000")).toBe("9303")
  })

  it("three wrong ones to unblock lock it for ever", () => {
    const card = entered()
    send(card, "841E0000")
    const answers = [1, 2, 3].map(() => say(card, spoilt(signed(card, "84180000", ""))))
    expect([...answers, say(card, select)]).toEqual(["6988", "6988", "9303", "9303"])
  })

  it("a blocked card answers nothing but 6A81, also after a reset", () => {
    const card = entered({ balance: 50_00 })
    expect(send(card, "84160000")).toBe("9000")
    card.power("reset")
    for (const command of [select, "0084000004", "00A40000023F00", "FF", "805C000204"]) {
      expect(say(card, command)).toBe("6A81")
    }
    expect(card.memory().purses.ep.balance).toBe(50_00)
  })

  it("the card is blocked from its root as well; the application is not", () => {
    const card = entered()
    say(card, "00A40000023F00")
    expect(send(card, "841E0000")).toBe("6A82")
    expect(send(card, "84160000")).toBe("9000")
  })

  it.each([
    ["P1", "841E0100 04 00000000", "6A86"],
    ["P2 of BLOCK", "841E0002 04 00000000", "6A86"],
    ["P2 of UNBLOCK", "84180001 04 00000000", "6A86"],
    ["data before the signature", "84160000 05 0000000000", "6700"],
    ["no signature", "84160000", "6700"],
    ["no challenge", "84160000 04 00000000", "6984"]
  ])("refused: %s", (_, command, word) => {
    const card = entered()
    const before = card.memory()
    expect(say(card, command)).toBe(word)
    expect(card.memory()).toBe(before)
    expect(status(card, select)).toBe("9000")
  })
})
