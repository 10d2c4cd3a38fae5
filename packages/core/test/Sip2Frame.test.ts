// The standard, revision 2.12, prints no message as it stands on a line. What is tested with here stands in the tests of other people's
// systems, which are named beside it.
import { Option, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Frame from "../src/Sip2Frame.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (sent: Uint8Array | undefined): string | undefined => sent && new TextDecoder().decode(sent)
const problem = (line: Uint8Array | string) =>
  Option.getOrNull(Result.getFailure(Frame.read(typeof line === "string" ? bytes(line) : line, Frame.utf8)))?.problem
const read = (line: string) => Result.getOrThrow(Frame.read(bytes(line), Frame.utf8))

describe("R17 the checksum finds what the line has changed", () => {
  it.each(
    [
      ["folio-org/edge-sip2, ParserTests.java", "9300CNuser_id|COpassw0rd|AY1AZF594", 1],
      [
        "frankdsm/node-sip2, test/requests.js",
        "6300119980723    091905Y         AOInstitutionID|AAPatronID|BP00001|BQ00005|AY1AZEA83",
        1
      ],
      ["frankdsm/node-sip2, test/requests.js", "2300119960212    100239AOid_21|AA104000000105|AC|AD|AY2AZF271", 2],
      [
        "frankdsm/node-sip2, test/requests.js",
        "01N19960213    162352AO|ALCARD BLOCK TEST|AA104000000705|AC|AY2AZF02F",
        2
      ],
      [
        "frankdsm/node-sip2, test/requests.js",
        "09N19980821    085721                  APCertification Terminal Location|AOCertification Institute ID|ABCheckInBook|" +
        "ACTPWord|BIN|AY2AZD6A5",
        2
      ],
      ["frankdsm/node-sip2, test/responses.js", "941AY3AZFDFA", 3],
      ["Koha-Community/Koha, C4/SIP/Sip/Constants.pm", "97AZFEF5", "checksumOnly"],
      ["Koha-Community/Koha, C4/SIP/Sip/Constants.pm", "96AZFEF6", "checksumOnly"]
    ] as const
  )("R17 %s: %s", (_, line, detection) => {
    expect(read(`${line}\r`)).toEqual({ text: line.replace(/(AY.)?AZ....$/, ""), detection })
    expect(Frame.checksum(bytes(line.slice(0, -4)))).toBe(line.slice(-4))
    expect(text(Frame.write(read(`${line}\r`), Frame.utf8))).toBe(`${line}\r`)
  })

  it("R17 one off is wrong (folio-org/edge-sip2, ParserTests.java)", () => {
    expect(problem("9300CNuser_id|COpassw0rd|AY1AZF595\r")).toBe("ChecksumWrong")
  })

  it("R17 hexadecimal digits in small letters are the same digits", () => {
    expect(read("97AZfef5\r").detection).toBe("checksumOnly")
  })

  it("R17 it sums bytes; a system that sums characters is not understood (cap60552/php-sip2, issue 8)", () => {
    const line = (sum: string) =>
      `1812020120230316    145800AB0230200408766|AJAnam ċara :|AQYS|CRNONFICTR|BGYS|AH20230131    235900|AY3AZ${sum}\r`
    expect(problem(line("E5D1"))).toBe("ChecksumWrong")
    expect(read(line("E58D")).detection).toBe(3)
  })

  it.each(
    [
      [
        "AJLe Piège de Bogota|CK001|AQOSUL|APOSUL|BGOSUL|AH2011-10-28 23:59:59|CSPB LP DAL|AY7AZ",
        "30007008503046",
        "DCF8"
      ],
      [
        "AJMeurtre à Canton : (les dernières enquêtes du juge Ti)|CK001|AQOSUL|APOSUL|BGOSUL|AH2011-10-28 23:59:59|CSPB LP GUL|AY1AZ",
        "30007007632515",
        "CD67"
      ]
    ] as const
  )(
    "R17 letters and accents apart, as UTF-8 (evergreen-library-system/SIPServer, t/0001_checksum.t): %s",
    (rest, item, sum) => {
      expect(Frame.checksum(bytes(`1804020120110630    110249AB${item}|${rest}`.normalize("NFD")))).toBe(sum)
    }
  )

  it("R17 without error detection there is none", () => {
    expect(read("2300120060101    084237AOUWOLS|AAdjfiander|AD6789|AC|\r").detection).toBe("off")
    expect(text(Frame.write({ text: "97", detection: "off" }, Frame.utf8))).toBe("97\r")
  })

  it("R17 a sum of nothing is written with its zeroes", () => {
    expect(Frame.checksum(Uint8Array.of())).toBe("0000")
    expect(Frame.checksum(new Uint8Array(256).fill(255))).toBe("0100")
    expect(Frame.checksum(new Uint8Array(257).fill(255))).toBe("0001")
  })
})

describe("R17 what a line may bring", () => {
  it.each(
    [
      ["no carriage return", "97", "Unterminated"],
      ["nothing at all", "", "Unterminated"],
      ["a line feed alone", "97\n", "Unterminated"],
      ["a null", "23\0|\r", "ControlCharacter"],
      ["a bell", "23\x07|\r", "ControlCharacter"],
      ["delete", "23\x7f|\r", "ControlCharacter"],
      ["a control character of two bytes", "23\u0085|\r", "ControlCharacter"],
      ["a carriage return inside", "23\r|\r", "ControlCharacter"],
      ["a line feed inside", "23\n|\r", "ControlCharacter"],
      ["half a character", Uint8Array.of(0x32, 0x33, 0xe4, 0xbd, 0x0d), "Charset"],
      ["a letter of code page 850", Uint8Array.of(0x32, 0x33, 0x90, 0x0d), "Charset"],
      ["a letter made longer than it is", Uint8Array.of(0xc1, 0x81, 0x0d), "Charset"],
      ["half of a pair", Uint8Array.of(0xed, 0xa0, 0x80, 0x0d), "Charset"],
      ["one byte too many", `${"x".repeat(Frame.maxLength)}\r`, "TooLong"]
    ] as const
  )("R17 %s", (_, line, what) => {
    expect(problem(line)).toBe(what)
  })

  it("R17 the longest message, and a line feed behind", () => {
    expect(read(`${"x".repeat(Frame.maxLength - 1)}\r`).text).toHaveLength(Frame.maxLength - 1)
    expect(read("97AZFEF5\r\n")).toEqual({ text: "97", detection: "checksumOnly" })
  })

  it("R17 noise is told as such, whatever it made of the message", () => {
    expect(problem("9300CNuser\0id|COpassw0rd|AY1AZF594\r")).toBe("ChecksumWrong")
  })

  it("R17 other systems' character sets come from the host", () => {
    const shouting: Frame.Charset = {
      encode: (plain) => bytes(plain.toUpperCase()),
      decode: (sent) => text(sent)?.toLowerCase()
    }
    expect(Result.getOrThrow(Frame.read(bytes("ABC\r"), shouting)).text).toBe("abc")
    expect(text(Frame.write({ text: "abc", detection: "off" }, shouting))).toBe("ABC\r")
  })

  it("R17 what cannot be written is not written", () => {
    expect(Frame.write({ text: "\ud800", detection: "off" }, Frame.utf8)).toBeUndefined()
  })
})

describe("R17 fields with letters", () => {
  const fields = (line: string) => Frame.fieldsOf(line, "off", Frame.utf8)
  it("R17 in the order in which they stand, also twice and empty", () => {
    expect(Result.getOrThrow(fields("AAone|U1|AF读者|AFtwo|"))).toEqual([["AA", "one"], ["U1", ""], ["AF", "读者"], [
      "AF",
      "two"
    ]])
    expect(Result.getOrThrow(fields(""))).toEqual([])
  })
  it.each(
    [
      ["AAone", "Delimiter", "AA", false],
      ["AA", "Delimiter", "AA", false],
      ["|AAone|", "Field", "", false],
      ["aaone|", "Field", "", false],
      ["A", "Field", "", false],
      ["AAone|AY1AZ00", "ChecksumWrong", "AY", true],
      ["AZFEF|", "ChecksumWrong", "AZ", true],
      [`AA${"x".repeat(256)}|`, "TooLong", "AA", false],
      [`AA${"读".repeat(86)}|`, "TooLong", "AA", false]
    ] as const
  )("R17 %s is refused", (line, what, where, detection) => {
    expect(Option.getOrNull(Result.getFailure(fields(line)))).toEqual({
      _tag: "Sip2Malformed",
      problem: what,
      where,
      detection
    })
  })
  it("R17 255 bytes are a field, 85 Chinese characters", () => {
    expect(Result.getOrThrow(fields(`AA${"x".repeat(255)}|AE${"读".repeat(85)}|`))).toHaveLength(2)
  })
  it("R17 a fault in a checked message is answered with a checksum", () => {
    expect(Option.getOrNull(Result.getFailure(Frame.fieldsOf("AA", 3, Frame.utf8)))?.detection).toBe(true)
  })
})

describe("R17 what has arrived is cut at carriage returns", () => {
  const cut = (arrived: string) => {
    const { messages, rest } = Result.getOrThrow(Frame.split(bytes(arrived)))
    return [messages.map(text), text(rest)]
  }
  it.each(
    [
      ["", [], ""],
      ["97", [], "97"],
      ["97\r", ["97\r"], ""],
      ["97\r\n", ["97\r"], ""],
      ["97\r\n96\r\n9", ["97\r", "96\r"], "9"],
      ["\n97\r97\r", ["97\r", "97\r"], ""],
      ["\r", ["\r"], ""]
    ] as const
  )("R17 %j", (arrived, messages, rest) => {
    expect(cut(arrived)).toEqual([messages, rest])
  })
  it("R17 a line that never ends is not kept", () => {
    expect(Result.isFailure(Frame.split(new Uint8Array(Frame.maxLength).fill(0x41)))).toBe(true)
    expect(Result.isSuccess(Frame.split(new Uint8Array(Frame.maxLength - 1).fill(0x41)))).toBe(true)
  })
})

describe("R17 asking and sending again", () => {
  const first = { request: bytes("23 one AY1AZ0000\r"), response: bytes("24 one\r") }
  const asked = (line: string, detection: Frame.Detection, last?: Frame.Turn) =>
    text(Frame.repeated(last, { request: bytes(line), frame: { text: line.slice(0, 2), detection } }))

  it("R17 97 gets the last response once more, also when that was a 96", () => {
    expect(asked("97AZFEF5\r", "checksumOnly", first)).toBe("24 one\r")
    expect(asked("97\r", "off", { ...first, response: bytes("96AZFEF6\r") })).toBe("96AZFEF6\r")
  })
  it("R17 97 before anything was answered gets a 96", () => {
    expect(asked("97AZFEF5\r", "checksumOnly")).toBe("96AZFEF6\r")
    expect(asked("97\r", "off")).toBe("96\r")
  })
  it("R17 the same message with the same number gets the same response", () => {
    expect(asked("23 one AY1AZ0000\r", 1, first)).toBe("24 one\r")
  })
  it.each(
    [
      ["another message", "23 two AY1AZ0000\r", 1],
      ["a longer one", "23 one AY1AZ0000\r\n", 1],
      ["one without a number", "23 one AY1AZ0000\r", "off"]
    ] as const
  )("R17 %s is decided anew", (_, line, detection) => {
    expect(asked(line, detection, first)).toBeUndefined()
  })
  it("R17 the first message of a connection is decided", () => {
    expect(asked("23 one AY1AZ0000\r", 1)).toBeUndefined()
  })
  it("R17 what is not understood is asked for again, and a command of tomorrow gets no answer", () => {
    expect(text(Frame.answer(Frame.malformed("ChecksumWrong", "AZ", true)))).toBe("96AZFEF6\r")
    expect(text(Frame.answer(Frame.malformed("Missing", "AA")))).toBe("96\r")
    expect(Frame.answer(Frame.malformed("UnknownCommand"))).toBeUndefined()
  })
})

describe("R17 whatever comes", () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ maxLength: 80, unit: "binary" }).map((one) => bytes(`${one}\r`))
  )
  const detections = fc.constantFrom<Frame.Detection>("off", "checksumOnly", 0, 5, 9)
  const printable = fc.string({ maxLength: 100, unit: "grapheme" }).filter((one) => !/\p{Cc}|\p{Cs}/u.test(one))

  it("R17 a line is read or refused, never worse", () => {
    fc.assert(fc.property(line, (sent) => {
      const frame = Frame.read(sent, Frame.utf8)
      if (Result.isSuccess(frame)) expect(frame.success.text).not.toMatch(/\p{Cc}/u)
      else expect(frame.failure._tag).toBe("Sip2Malformed")
    }))
  })
  it("R17 what is written is read again", () => {
    fc.assert(fc.property(printable, detections, (plain, detection) => {
      const frame = { text: `${plain}|`, detection }
      const sent = Frame.write(frame, Frame.utf8)
      expect(sent).toBeDefined()
      expect(Frame.read(sent ?? bytes(""), Frame.utf8)).toEqual(Result.succeed(frame))
    }))
  })
  it("R17 one changed byte never goes unnoticed where error detection is in use", () => {
    fc.assert(fc.property(printable, fc.nat(), fc.integer({ min: 1, max: 255 }), (plain, where, by) => {
      const frame = { text: `${plain}|`, detection: 4 } as const
      const sent = Frame.write(frame, Frame.utf8) ?? bytes("")
      const at = where % (sent.length - 10)
      const noisy = sent.map((byte, i) => i === at ? (byte + by) % 256 : byte)
      expect(problem(noisy)).toBe("ChecksumWrong")
    }))
  })
  it("R17 UTF-8 is UTF-8", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (plain) => {
      expect(Frame.utf8.encode(plain)).toEqual(bytes(plain))
      expect(Frame.utf8.decode(bytes(plain))).toBe(plain)
    }))
  })
  it("R17 cut into pieces anywhere, the same messages arrive", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom("97AZFEF5", "9901202.00", "AA|", "读")), fc.nat(), (all, where) => {
      const stream = bytes(all.map((one) => `${one}\r\n`).join(""))
      const at = where % (stream.length + 1)
      const one = Result.getOrThrow(Frame.split(stream.slice(0, at)))
      const two = Result.getOrThrow(Frame.split(Uint8Array.of(...one.rest, ...stream.slice(at))))
      expect([...one.messages, ...two.messages].map(text)).toEqual(all.map((sent) => `${sent}\r`))
    }))
  })
})
