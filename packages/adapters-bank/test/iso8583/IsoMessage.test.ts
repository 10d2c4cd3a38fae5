import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import iso8583 from "iso_8583"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import type { IsoField } from "../../src/iso8583/IsoField.ts"
import * as IsoFrame from "../../src/iso8583/IsoFrame.ts"
import * as IsoMessage from "../../src/iso8583/IsoMessage.ts"
import * as IsoProfile from "../../src/iso8583/IsoProfile.ts"

const pos = IsoProfile.unionPayPos
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase()
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>) => {
  const { reason, what } = Result.getOrThrow(Result.flip(read))
  return `${reason}: ${what}`
}
const fields = (message: IsoMessage.IsoMessage) => Object.fromEntries(Redacted.value(message.fields))

describe("one field as 银联POS writes it", () => {
  it.each([
    ["digits, fixed", 3, "600000", "600000"],
    ["a length of digits, filled on the right", 2, "6217000010000000003", "19 6217000010000000003 0"],
    ["an even length", 2, "4111111111111111", "16 4111111111111111"],
    ["three digits, filled on the right", 22, "051", "0510"],
    ["three digits, filled on the left", 23, "051", "0051"],
    ["a stripe, whose sign is D", 35, "621700D2512", "11 621700D25120"],
    ["characters", 39, "A6", "4136"],
    ["characters, and their length", 44, "AB", "02 4142"],
    ["bytes, and their length", 55, "9F1E", "0002 9F1E"],
    ["digits, and a length of three digits", 60, "45000001003", "0011 450000010030"],
    ["Chinese, its length in bytes", 63, "余额", "0004 D3E0B6EE"]
  ])("%s", (_, at, value, expected) => {
    const packed = Result.getOrThrow(IsoMessage.pack(IsoMessage.make("0200", { [at]: value }), pos))
    expect(hex(packed.subarray(10))).toBe(expected.replaceAll(" ", ""))
    expect(fields(Result.getOrThrow(IsoMessage.unpack(packed, pos)))).toEqual({ [at]: value })
  })

  it.each([
    ["too short", 3, "60000", "malformed: field 3: its length"],
    ["too long", 2, "62170000100000000031", "malformed: field 2: its length"],
    ["a letter among digits", 4, "00000000010x", "malformed: field 4: a character that it does not have"],
    ["a control character", 41, "1234567\n", "malformed: field 41: a character that it does not have"],
    ["small hexadecimal", 64, "abcdefabcdefabcd", "malformed: field 64: a character that it does not have"],
    ["half a byte", 55, "9F1", "malformed: field 55: a character that it does not have"],
    ["a character that GBK lacks", 63, "😀", "malformed: field 63: a character that GBK lacks"],
    ["a field that is not agreed on", 99, "1", "unsupported: field 99: not in the profile"],
    ["the second bitmap as a field", 1, "1", "unsupported: field 1: not in the profile"]
  ])("not written: %s", (_, at, value, expected) => {
    expect(refusal(IsoMessage.pack(IsoMessage.make("0200", { [at]: value }), pos))).toBe(expected)
  })
})

const map = (...numbers: ReadonlyArray<number>): string => {
  const bits = Buffer.alloc(8)
  for (const at of numbers) bits[(at - 1) >> 3] = (bits[(at - 1) >> 3] ?? 0) | 0x80 >> (at - 1) % 8
  return bits.toString("hex")
}

describe("bytes that are no message", () => {
  it.each([
    ["nothing", "", "malformed: the type of the message"],
    ["half a type", "02", "malformed: the type of the message"],
    ["a type that is no number", `0A00${map()}`, "malformed: the type of the message"],
    ["a bitmap that is cut off", "0200 30200000", "malformed: the bitmap: cut off"],
    ["a second bitmap that is cut off", `0200${map(1)}00`, "malformed: the bitmap: cut off"],
    ["a second bitmap that names nothing", `0200${map(1)}${map()}`, "malformed: the second bitmap"],
    ["a field behind the end", `0200${map(3)}6000`, "malformed: field 3: cut off"],
    ["a length behind the end", `0200${map(2)}`, "malformed: field 2: cut off"],
    ["half a length of three digits", `0200${map(60)}00`, "malformed: field 60: cut off"],
    ["a length that says more than there is", `0200${map(2)}19 6217`, "malformed: field 2: cut off"],
    ["a length beyond the field's", `0200${map(2)}20 62170000100000000030`, "malformed: field 2: its length"],
    ["a length that is no number", `0200${map(2)}1F 6217000010000000003F`, "malformed: field 2: its length"],
    ["half a byte that is no digit", `0200${map(3)}60000F`, "malformed: field 3: a half byte that is no digit"],
    ["a fill that is not zero", `0200${map(22)}051F`, "malformed: field 22: a half byte that is no digit"],
    ["a control character", `0200${map(39)}300A`, "malformed: field 39: a character that it does not have"],
    ["bytes that are no GBK", `0200${map(63)}0002FFFF`, "charset: text in GBK"],
    ["a field that is not agreed on", `0200${map(9)}00000000`, "unsupported: field 9: not in the profile"],
    ["a byte too many", `0200${map(3)}60000000`, "malformed: bytes behind the last field"]
  ])("%s", (_, text, expected) => {
    expect(refusal(IsoMessage.unpack(bytes(text), pos))).toBe(expected)
  })
})

const value = ({ content, largest, size }: IsoField): fc.Arbitrary<string> => {
  const minLength = size === "fixed" ? largest : 0
  const of = (characters: string, factor = 1) =>
    fc.string({
      unit: fc.constantFrom(...characters),
      minLength: minLength * factor,
      maxLength: largest * factor
    })
  switch (content) {
    case "n":
      return of("0123456789")
    case "z":
      return of("0123456789D")
    case "a":
      return of("aZ")
    case "an":
      return of("aZ09 ")
    case "ans":
      return of("aZ09 -~*")
    case "gbk":
      return fc.string({ unit: fc.constantFrom("余", "额", "a", "|"), maxLength: Math.floor(largest / 2) })
    case "b":
      return fc.uint8Array({ minLength, maxLength: largest }).map(hex)
  }
}

const messages = (profile: IsoProfile.IsoProfile): fc.Arbitrary<IsoMessage.IsoMessage> =>
  fc.tuple(
    fc.constantFrom("0200", "0210", "0400", "0800"),
    fc.record(Object.fromEntries(Object.entries(profile.fields).map(([at, field]) => [at, value(field)])), {
      requiredKeys: []
    })
  ).map(([type, fields]) => IsoMessage.make(type, fields as Record<number, string>))

describe("any message", () => {
  it.each([["BCD", pos], ["ASCII", IsoProfile.ascii], ["SM4", IsoProfile.withSm4(pos)]])(
    "%s: what is read back is what was written",
    (_, profile) => {
      fc.assert(fc.property(messages(profile), (message) => {
        const packed = Result.getOrThrow(IsoMessage.pack(message, profile))
        const read = Result.getOrThrow(IsoMessage.unpack(packed, profile))
        expect(read.type).toBe(message.type)
        expect(fields(read)).toEqual(fields(message))
      }))
    }
  )
  it("cut off anywhere, it is refused", () => {
    fc.assert(fc.property(messages(pos), fc.nat(), (message, at) => {
      const packed = Result.getOrThrow(IsoMessage.pack(message, pos))
      expect(Result.isFailure(IsoMessage.unpack(packed.subarray(0, at % packed.length), pos))).toBe(true)
    }))
  })
  it("of any bytes, what is read is written again as the same bytes", () => {
    fc.assert(
      fc.property(messages(pos), fc.nat(), fc.nat(255), (message, at, to) => {
        const packed = Result.getOrThrow(IsoMessage.pack(message, pos))
        packed[at % packed.length] = to
        const read = IsoMessage.unpack(packed, pos)
        if (Result.isFailure(read)) return
        expect(hex(Result.getOrThrow(IsoMessage.pack(read.success, pos)))).toBe(hex(packed))
      }),
      { numRuns: 500 }
    )
  })
})

describe("the library iso_8583 is the judge of the ASCII profile", () => {
  const ours = {
    2: "6217000010000000003",
    3: "600000",
    4: "000000005000",
    7: "0911131411",
    11: "000042",
    12: "131411",
    13: "0911",
    22: "021",
    25: "91",
    32: "01020304",
    37: "250911000042",
    39: "00",
    41: "12345678",
    42: "105421097080009",
    49: "156",
    52: "7434F67813BAE545"
  }
  const judge = (type: string, given: Record<number, string>) => ({ 0: type, ...given })
  const formats = { 12: { ContentType: "n", Label: "time", LenType: "fixed", MaxLen: 6 } }

  it.each([
    ["fields of the first bitmap", "0200", ours],
    ["fields of both bitmaps", "0400", { ...ours, 90: "0".repeat(42), 100: "12345678901" }]
  ])("%s", (_, type, given) => {
    const packed = Result.getOrThrow(IsoMessage.pack(IsoMessage.make(type, given), IsoProfile.ascii))
    const theirs = new iso8583(judge(type, given), formats).getRawMessage()
    expect(Buffer.isBuffer(theirs)).toBe(true)
    expect(hex(packed)).toBe(hex(theirs as Buffer))
    const read = new iso8583({}, formats).getIsoJSON(Buffer.from(packed), { lenHeader: false }) as Record<
      string,
      string
    >
    // It writes bytes in small hexadecimal.
    expect({ ...read, 52: read["52"]?.toUpperCase() }).toEqual(judge(type, given))
    expect(fields(Result.getOrThrow(IsoMessage.unpack(theirs as Buffer, IsoProfile.ascii)))).toEqual(given)
  })
})

it("where two bitmaps were agreed on, one is refused", () => {
  const one = Result.getOrThrow(
    IsoMessage.pack(IsoMessage.make("0200", {}), { ...IsoProfile.ascii, secondMap: "whenNeeded" })
  )
  expect(refusal(IsoMessage.unpack(one, IsoProfile.ascii))).toBe("malformed: the second bitmap")
})

describe("what a log may show", () => {
  const message = IsoMessage.make("0200", { 2: "4111111111111111", 4: "000000000100", 52: "7434F67813BAE545" })
  it("hides the card number and the PIN", () => {
    expect(IsoMessage.shown(message, pos)).toEqual({ type: "0200", 2: "hidden", 4: "000000000100", 52: "hidden" })
    expect(inspect(message, { depth: 9, showHidden: true }) + JSON.stringify(message)).not.toContain("4111")
  })
})

describe("a frame", () => {
  const framing = IsoFrame.unionPayPos
  it("is length, TPDU, header and message", () => {
    const header = bytes("603100000000")
    expect(hex(IsoFrame.write({ ...framing, header }, bytes("0800")))).toBe("000D60000300006031000000000800")
    expect(hex(IsoFrame.write(framing, bytes("0800")))).toBe("000760000300000800")
  })
  it("comes back with the address the other way round", () => {
    const read = Result.getOrThrow(IsoFrame.read(framing, bytes("6000030001 0800")))
    expect(hex(read.message)).toBe("0800")
    expect(hex(IsoFrame.write(framing, read.message, IsoFrame.returned(read.tpdu)))).toBe("000760000100030800")
  })
  it.each([
    ["without a message", "6000030000", "malformed: a frame without a message"],
    ["with another TPDU", "6100030000 0800", "malformed: the TPDU of a frame"]
  ])("refused: %s", (_, text, expected) => {
    expect(refusal(IsoFrame.read(framing, bytes(text)))).toBe(expected)
  })
  it("longer than the line allows is refused by its length alone", () => {
    expect(IsoFrame.reader(framing).push(bytes("1001")).refusal?.reason).toBe("tooLarge")
  })
})
