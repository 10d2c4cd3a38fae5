import { CivilTime } from "@yikatong/core"
import { Redacted } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import { fmcos as standard } from "../src/CpuProfile.ts"
import * as PurseCrypto from "../src/PurseCrypto.ts"
import * as SeededRandom from "../src/SeededRandom.ts"
import * as VirtualCpuCard from "../src/VirtualCpuCard.ts"
import * as VirtualKeys from "../src/VirtualKeys.ts"
import {
  altered,
  credit,
  debit,
  entered,
  initialiseLoad,
  initialisePurchase,
  loads,
  of,
  pays,
  pinRight,
  say,
  select,
  signed,
  status
} from "./support/dialogue.ts"

const { day } = CivilTime
const key = (text: string) => Redacted.make(of(text))

describe("the dialogue of a real FMCOS card, byte for byte", () => {
  const real = (rest: Partial<VirtualCpuCard.Personalisation> = {}) =>
    entered({
      keys: {
        card: {
          ...VirtualKeys.testMasters,
          load: key("3F3F3F3F3F3F3F3F1122334455667788"),
          tac: key("34343434343434341122334455667788"),
          external: key("0102030405060708")
        }
      },
      ...rest
    }, () => of("4E066548"))

  it("B: MAC1, MAC2 taken, TAC, log with the counter after", () => {
    const card = real()
    expect(say(card, "80500002 0B 01 00000010 666666666666 10"))
      .toBe("00000000" + "0000" + "01" + "00" + "4E066548" + "0D39ADBB" + "9000")
    expect(say(card, "80520000 0B 20240411 212121 097E98FE 04")).toBe("A802863E9000")
    expect(say(card, "805C000204")).toBe("000000109000")
    expect(say(card, "00B201C417")).toBe("000100000000000010026666666666662024041121212190" + "00")
    // The proof bears the counter before, whatever the log says.
    expect(say(card, "805A000202 0000 08")).toBe("097E98FEA802863E9000")
    expect(say(card, "805A000202 0001 08")).toBe("9406")
  })

  it("B with a profile that logs the counter before, as the standard says", () => {
    const card = real({ profile: { ...standard, logged: "before" } })
    say(card, "80500002 0B 01 00000010 666666666666 10")
    say(card, "80520000 0B 20240411 212121 097E98FE 04")
    expect(say(card, "00B201C417")).toMatch(/^0000000000/)
  })

  it("D: the card's keys come from the masters by the last eight bytes of its serial number", () => {
    const masters = { ...VirtualKeys.testMasters, load: key("00112233445566778899AABBCCDDEEFF") }
    const memory = VirtualCpuCard.testCard({ keys: { masters }, serial: of("99991122334455667788") })
    expect(memory.keys.load).toBe("496BD7A3513644533100B54E71196528")
  })

  it("F: external authentication", () => {
    const card = altered(real(), {})
    const challenged = VirtualCpuCard.make({ memory: card.memory(), random: () => of("BB83BFF3") })
    say(challenged, select)
    expect(say(challenged, "0084000004")).toBe("BB83BFF39000")
    expect(say(challenged, "00820001 08 74B0047DD681D96C")).toBe("9000")
  })

  it("FCI with the 30 bytes of file 15", () => {
    const card = entered({
      issuer: of("1111222233330006"),
      serial: of("00061998081700000030"),
      dates: { from: day("1998-08-15"), until: day("1998-12-15") }
    })
    const file = "1111222233330006" + "0301" + "00061998081700000030" + "19980815" + "19981215" + "5566"
    expect(say(card, select)).toBe("6F2E8409A00000000386980701A5219F0C1E" + file + "9000")
    expect(say(card, "00B095001E")).toBe(file + "9000")
  })
})

describe("what is no command of this card", () => {
  it.each([
    ["nothing", "", "6700"],
    ["three bytes", "00A404", "6700"],
    ["half of its data", "00A4040009A000", "6700"],
    ["more than its data and a length", "0020000003123456 00 00", "6700"],
    ["extended length", "00A404 00 00 0009 A00000000386980701", "6700"],
    ["extended length to be answered", "00B09500 00 001E", "6700"],
    ["class", "90A4040000", "6E00"],
    ["class of another channel", "01A4040000", "6E00"],
    ["instruction", "00FF000000", "6D00"],
    ["INITIALIZE without its data", "805000020B", "6700"],
    ["VERIFY with the class of the purse", "8020000003123456", "6E00"],
    ["GET BALANCE with the class of files", "005C000204", "6E00"],
    ["GET RESPONSE over T=1", "00C0000004", "6D00"],
    ["UPDATE OVERDRAFT is not built", "8058000004 00000000", "6D00"],
    ["INITIALIZE FOR CAPP is not built", "8050030200", "6A86"],
    ["INITIALIZE FOR UNLOAD is not built", "8050050100", "6A86"],
    ["INITIALIZE FOR CASH is not built", "8050020100", "6A86"],
    ["UNLOAD is not built", "8054030000", "6A86"]
  ])("%s", (_, command, word) => {
    const card = entered({ balance: 50_00 })
    const before = card.memory()
    expect(say(card, command)).toBe(word)
    expect(card.memory()).toBe(before)
  })
})

describe("the next command only", () => {
  const between = [
    ["GET BALANCE", "805C000204"],
    ["GET CHALLENGE", "0084000004"],
    ["SELECT", select],
    ["an unknown instruction", "00FF000000"],
    ["no command at all", "80"],
    ["CREDIT with a wrong length", "8052000001 00 04"],
    ["DEBIT with wrong parameters", "805402000F 000000000000000000000000000000"]
  ] as const

  it.each(between)("%s between INITIALIZE and CREDIT or DEBIT forgets what was begun: 6901", (_, command) => {
    const card = entered({ balance: 50_00 })
    const begun = say(card, initialiseLoad(10))
    say(card, command)
    expect(say(card, credit(card, begun, 10))).toBe("6901")
    const bought = say(card, initialisePurchase(10))
    say(card, command)
    expect(say(card, debit(card, bought, 10))).toBe("6901")
    expect(say(card, "805C000204")).toBe("000013889000")
  })

  it("nothing was begun, another kind was begun, and what was done is not done twice: 6901", () => {
    const card = entered({ balance: 50_00 })
    const begun = say(card, initialiseLoad(10))
    const command = credit(card, begun, 10)
    expect(status(card, command)).toBe("9000")
    expect(say(card, command)).toBe("6901")
    const bought = say(card, initialisePurchase(10))
    expect(say(card, command)).toBe("6901")
    expect(say(card, debit(card, bought, 10))).toBe("6901")
    say(card, initialiseLoad(10))
    expect(say(card, debit(card, bought, 10))).toBe("6901")
  })

  it("6Cxx has done nothing, and forgets nothing: the same command may follow with the right length", () => {
    const card = entered({ balance: 50_00 })
    const command = credit(card, say(card, initialiseLoad(10)), 10)
    const before = card.memory()
    expect(say(card, `${command.slice(0, -2)}05`)).toBe("6C04")
    expect(card.memory()).toBe(before)
    expect(status(card, command)).toBe("9000")
    const payment = debit(card, say(card, initialisePurchase(10)), 10)
    expect(say(card, `${payment.slice(0, -2)}04`)).toBe("6C08")
    expect(status(card, payment)).toBe("9000")
  })

  it("a challenge is good once", () => {
    const card = entered()
    const write = signed(card, "04D69900", "AA")
    say(card, "805C000204")
    expect(say(card, write)).toBe("6984")
  })
})

describe("lengths of answers", () => {
  it.each([
    ["GET BALANCE, exact", "805C000204", "000013889000"],
    ["GET BALANCE, all there are", "805C000200", "000013889000"],
    ["GET BALANCE, none named", "805C0002", "000013889000"],
    ["GET BALANCE, too many", "805C000205", "6C04"],
    ["GET BALANCE, too few", "805C000203", "6C04"],
    ["INITIALIZE FOR LOAD, too many", "805000020B 01 00000000 666666666666 11", "6C10"],
    ["INITIALIZE FOR PURCHASE, too few", "805001020B 01 00000000 666666666666 0E", "6C0F"],
    ["READ BINARY, a part", "00B0950A0A", "000619980817000000309000"],
    ["READ BINARY beyond the end", "00B0951414", "6C0A"],
    ["READ BINARY after the end", "00B0951E01", "6B00"],
    ["READ BINARY, all of 256", "00B0990000", `${"00".repeat(256)}9000`],
    ["READ BINARY, none named", "00B0951C", "55669000"],
    ["GET CHALLENGE of 5", "0084000005", "6700"],
    ["GET CHALLENGE of all", "0084000000", "6700"]
  ])("%s", (_, command, answer) => expect(say(entered({ balance: 50_00 }), command)).toBe(answer))

  it("GET CHALLENGE of 4 and of 8", () => {
    expect(say(entered(), "0084000004")).toMatch(/^.{8}9000$/)
    expect(say(entered(), "0084000008")).toMatch(/^.{16}9000$/)
  })
})

describe("T=0: what was answered to data is fetched", () => {
  const t0 = () => entered({ balance: 50_00, protocol: "T=0" })

  it("61xx, then GET RESPONSE, also in parts", () => {
    const card = t0()
    expect(say(card, select)).toBe("6130")
    expect(say(card, "00C0000031")).toBe("6C30")
    expect(say(card, "00C0000004")).toBe("6F2E8409612C")
    expect(say(card, "00C000002C")).toMatch(/55669000$/)
    expect(say(card, "00C0000001")).toBe("6985")
  })

  it("what has waited is gone after another command", () => {
    const card = t0()
    say(card, select)
    say(card, "805C000204")
    expect(say(card, "00C0000030")).toBe("6985")
  })

  it("a wrong length is told", () => {
    expect(say(t0(), "805C000200")).toBe("6C04")
    expect(say(t0(), "805C0002")).toBe("6C04")
    expect(say(t0(), "00B0950000")).toBe("6C1E")
  })

  it("a load: what is fetched in between does not forget what was begun", () => {
    const card = t0()
    // With Le it is no command of T=0 (ISO/IEC 7816-3, 12.2): nothing is begun.
    expect(say(card, initialiseLoad(10))).toBe("6700")
    expect(say(card, initialiseLoad(10).slice(0, -2))).toBe("6110")
    const begun = say(card, "00C0000010")
    expect(say(card, credit(card, begun, 10).slice(0, -2))).toBe("6104")
    expect(say(card, "00C0000004")).toMatch(/^.{8}9000$/)
    expect(say(card, "805C000204")).toBe("000013929000")
  })

  it("its answer to reset is one of T=0", () => {
    expect(Bytes.hex(t0().atr)).toBe("3B0859494B41544F4E47")
    expect(Bytes.hex(entered().atr)).toBe("3B88810159494B41544F4E4700")
  })
})

describe("power", () => {
  it.each(["on", "off", "reset"] as const)("%s: the session is lost, the memory kept", (change) => {
    const card = entered({ balance: 50_00 })
    say(card, pinRight)
    const begun = say(card, initialisePurchase(10))
    const before = card.memory()
    card.power(change)
    expect(card.memory()).toBe(before)
    expect(say(card, "805C000204")).toBe("6A82")
    say(card, select)
    expect(say(card, "805C000104")).toBe("6982")
    expect(say(card, debit(card, begun, 10))).toBe("6901")
  })
})

describe("it tells what it keeps", () => {
  it("after every command that has written, and no other", () => {
    const kept: Array<number> = []
    const memory = VirtualCpuCard.testCard({ balance: 50_00 })
    const card = VirtualCpuCard.make({
      memory,
      random: SeededRandom.make(7),
      kept: ({ purses }) => kept.push(purses.ep.balance)
    })
    say(card, select)
    loads(card, 1)
    pays(card, 2)
    expect(kept).toEqual([50_01, 49_99])
  })
})

describe("bytes that make no sense", () => {
  it("5,000 random ones never throw, always answer two bytes at least, and never touch the purse", () => {
    const card = entered({ balance: 50_00 })
    const { log, proofs, purses } = card.memory()
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.tuple(
            fc.constantFrom(0x00, 0x04, 0x80, 0x84),
            fc.constantFrom(
              0xa4,
              0x84,
              0xb0,
              0xb2,
              0xd6,
              0x20,
              0x82,
              0x88,
              0x50,
              0x52,
              0x54,
              0x5a,
              0x5c,
              0x5e,
              0x24,
              0xc0
            ),
            fc.uint8Array({ maxLength: 24 })
          ).map(([cla, ins, rest]) => Bytes.join(cla, ins, rest)),
          fc.constant(of(select)),
          fc.constant(of("0084000004"))
        ),
        fc.boolean(),
        fc.nat(60),
        (bytes, whole, size) => {
          if (whole) expect(card.answer(bytes).length).toBeGreaterThanOrEqual(2)
          else card.interrupt(bytes, size)
          expect(card.memory().purses).toEqual(purses)
          expect(card.memory().log).toEqual(log)
          expect(card.memory().proofs).toEqual(proofs)
        }
      ),
      { numRuns: 5000 }
    )
  })

  it("every length of INITIALIZE, CREDIT, DEBIT and PROVE but the right one is 6700", () => {
    const card = entered({ balance: 50_00 })
    const before = card.memory()
    fc.assert(fc.property(
      fc.constantFrom(["80500002", 11], ["80500102", 11], ["805A0002", 2]),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      ([header, right], data) => {
        fc.pre(data.length !== right)
        expect(say(card, `${header}`, Bytes.hex(Bytes.join(data.length, data)))).toBe("6700")
        expect(card.memory()).toBe(before)
      }
    ))
  })
})

describe("SeededRandom", () => {
  it("the same seed gives the same, another gives another, zero is a seed as well", () => {
    const [one, same, other, zero] = [1, 1, 2, 0].map((seed) => Bytes.hex(SeededRandom.make(seed)(16)))
    expect(one).toBe(same)
    expect(new Set([one, other, zero, "00".repeat(16)]).size).toBe(4)
  })
  it("the seed that would be nothing but zeros is moved", () => {
    expect(Bytes.hex(SeededRandom.make(0x9e37_79b9)(16))).not.toBe("00".repeat(16))
  })
})

describe("internal authentication", () => {
  it("eight bytes, enciphered with the card's key; other numbers and lengths are refused", () => {
    const card = entered()
    const expected = PurseCrypto.authentication(of(card.memory().keys.internal), of("0102030405060708"))
    expect(say(card, "00880001 08 0102030405060708 08")).toBe(`${Bytes.hex(expected)}9000`)
    expect(say(card, "00880001 08 0102030405060708")).toBe(`${Bytes.hex(expected)}9000`)
    expect(say(card, "00880002 08 0102030405060708")).toBe("6A88")
    expect(say(card, "00880101 08 0102030405060708")).toBe("6A86")
    expect(say(card, "00880001 07 01020304050607")).toBe("6700")
  })
})
