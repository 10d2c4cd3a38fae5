import { CivilTime, Money } from "@yikatong/core"
import { Redacted, Result } from "effect"
import * as fc from "fast-check"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as IsoAnswer from "../../src/iso8583/IsoAnswer.ts"
import * as IsoMac from "../../src/iso8583/IsoMac.ts"
import * as IsoMessage from "../../src/iso8583/IsoMessage.ts"
import * as IsoProfile from "../../src/iso8583/IsoProfile.ts"
import * as IsoReply from "../../src/iso8583/IsoReply.ts"
import * as IsoRequest from "../../src/iso8583/IsoRequest.ts"
import * as IsoTransfer from "../../src/iso8583/IsoTransfer.ts"
import * as PinBlock from "../../src/iso8583/PinBlock.ts"
import * as WorkingKeys from "../../src/iso8583/WorkingKeys.ts"
import * as Pan from "../../src/Pan.ts"
import { enciphered } from "../support/openssl.ts"

const pos = IsoProfile.unionPayPos
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase()
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>) => {
  const { reason, what } = Result.getOrThrow(Result.flip(read))
  return `${reason}: ${what}`
}

const pan = Result.getOrThrow(Pan.parse("6217000010000000003"))
const otherPan = Result.getOrThrow(Pan.parse("4111111111111111"))
const master = BlockCipher.key("des", bytes("1122334455667788 99AABBCCDDEEFF00"))
const pik = BlockCipher.key("des", bytes("0123456789ABCDEF FEDCBA9876543210"))
const mak = BlockCipher.key("des", bytes("A1B2C3D4E5F60718"))
const sm4 = (text: string) => BlockCipher.key("sm4", bytes(text))

describe("a PIN block of format 0", () => {
  it("is PIN and card number, added and enciphered: by openssl", () => {
    // 0 6 123456 FFFFFFFF added to 0000 and 001000000000, the twelve digits left of the check digit.
    const clear = bytes("06123456FFFFFFFF").map((byte, at) => byte ^ (bytes("0000001000000000")[at] ?? 0))
    expect(hex(Result.getOrThrow(PinBlock.make(Redacted.make("123456"), pan, pik)))).toBe(
      hex(enciphered("des-ede-ecb", BlockCipher.bytes(pik), clear))
    )
  })
  it("with SM4 both parts have sixteen bytes", () => {
    const key = sm4("0123456789ABCDEFFEDCBA9876543210")
    const clear = bytes("06123456FFFFFFFFFFFFFFFFFFFFFFFF").map((byte, at) =>
      byte ^ (bytes("00000000000000000000001000000000")[at] ?? 0)
    )
    expect(hex(Result.getOrThrow(PinBlock.make(Redacted.make("123456"), pan, key)))).toBe(
      hex(enciphered("sm4-ecb", BlockCipher.bytes(key), clear))
    )
  })
  it.each([["3DES", pik], ["SM4", sm4("0123456789ABCDEFFEDCBA9876543210")]])("%s: the bank reads it", (_, key) => {
    const pins = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 4, maxLength: 12 })
    fc.assert(fc.property(pins, (digits) => {
      const block = Result.getOrThrow(PinBlock.make(Redacted.make(digits), pan, key))
      expect(Redacted.value(Result.getOrThrow(PinBlock.open(block, pan, key)))).toBe(digits)
    }))
  })
  it.each([["of three digits", "123"], ["of thirteen", "1234567890123"], ["of letters", "12345a"], ["none", ""]])(
    "refused: a PIN %s",
    (_, digits) => expect(refusal(PinBlock.make(Redacted.make(digits), pan, pik))).toBe("malformed: the PIN")
  )
  it("another card number, another key and half a block give no PIN", () => {
    const block = Result.getOrThrow(PinBlock.make(Redacted.make("123456"), pan, pik))
    expect(refusal(PinBlock.open(block, otherPan, pik))).toBe("malformed: the PIN block")
    expect(refusal(PinBlock.open(block, pan, master))).toBe("malformed: the PIN block")
    expect(refusal(PinBlock.open(block.subarray(1), pan, pik))).toBe("malformed: the PIN block")
  })
})

describe("the keys of one day", () => {
  it("are enciphered under the master key, with their check values: by openssl", () => {
    const under = (key: BlockCipher.Key) =>
      hex(enciphered("des-ede-ecb", BlockCipher.bytes(master), BlockCipher.bytes(key)))
    expect(WorkingKeys.make({ pik, mak }, master, WorkingKeys.doubleLength)).toBe([
      under(pik),
      hex(enciphered("des-ede-ecb", BlockCipher.bytes(pik), new Uint8Array(8))).slice(0, 8),
      under(mak),
      "0000000000000000",
      hex(enciphered("des-ecb", BlockCipher.bytes(mak), new Uint8Array(8))).slice(0, 8)
    ].join(""))
  })
  it.each([
    ["single", WorkingKeys.singleLength, { pik: mak, mak }, master],
    ["double", WorkingKeys.doubleLength, { pik, mak }, master],
    ["double for both", WorkingKeys.doubleBoth, { pik, mak: master }, master],
    [
      "SM4",
      WorkingKeys.sm4,
      { pik: sm4("00".repeat(16)), mak: sm4("11".repeat(16)) },
      sm4("0123456789ABCDEFFEDCBA9876543210")
    ]
  ])("%s: the terminal reads them", (_, layout, keys, master) => {
    const read = Result.getOrThrow(WorkingKeys.open(WorkingKeys.make(keys, master, layout), master, layout))
    expect(hex(BlockCipher.bytes(read.pik))).toBe(hex(BlockCipher.bytes(keys.pik)))
    expect(hex(BlockCipher.bytes(read.mak))).toBe(hex(BlockCipher.bytes(keys.mak)))
  })
  it("a master key of its own, a bit that changed or another length is refused", () => {
    const field = WorkingKeys.make({ pik, mak }, master, WorkingKeys.doubleLength)
    const layout = WorkingKeys.doubleLength
    expect(refusal(WorkingKeys.open(field, pik, layout))).toBe("forged: the check value of the PIN key")
    const changed = field.slice(0, 40) + (field[40] === "0" ? "1" : "0") + field.slice(41)
    expect(refusal(WorkingKeys.open(changed, master, layout))).toBe("forged: the check value of the MAC key")
    expect(refusal(WorkingKeys.open(field.slice(2), master, layout))).toBe("malformed: the length of the working keys")
    expect(refusal(WorkingKeys.open("Z".repeat(80), master, layout))).toBe("malformed: the length of the working keys")
    expect(() => WorkingKeys.make({ pik: mak, mak }, master, layout)).toThrow(RangeError)
  })
})

const at = CivilTime.instant("2025-11-30 23:59:58")
const sender = { terminal: "10000001", merchant: "105421097080009", batch: 7, number: 42 }
const pin = {
  block: Redacted.make(Result.getOrThrow(PinBlock.make(Redacted.make("123456"), pan, pik))),
  security: IsoTransfer.security.double
}
const transfer: IsoTransfer.Transfer = {
  _tag: "Transfer",
  ...sender,
  pan,
  amount: Money.amount(5_000),
  account: "a-20250001",
  entry: "021",
  pin
}
const signing = { method: "ecb", key: mak } as const
const message = IsoTransfer.write(transfer)

describe("a transfer and its reversal", () => {
  it("the transfer is 0200 with 600000 and 91", () => {
    expect(IsoMessage.shown(message, pos)).toEqual({
      type: "0200",
      2: "hidden",
      3: "600000",
      4: "000000005000",
      11: "000042",
      22: "021",
      25: "91",
      26: "12",
      41: "10000001",
      42: "105421097080009",
      49: "156",
      52: "hidden",
      53: "2600000000000000",
      60: "45000007",
      62: "hidden"
    })
  })
  it("the reversal is 0400 with the same fields, a reason and the original, and no PIN", () => {
    const reversed = IsoTransfer.write(IsoTransfer.reversal(transfer, "98", at))
    expect(reversed.type).toBe("0400")
    for (const same of [2, 3, 4, 11, 22, 25, 41, 42, 49, 60, 62]) {
      expect(IsoMessage.get(reversed, same)).toBe(IsoMessage.get(message, same))
    }
    expect(IsoMessage.get(reversed, 39)).toBe("98")
    expect(IsoMessage.get(reversed, 61)).toBe("0000070000421130")
    expect(IsoMessage.present(reversed)).not.toContain(52)
  })
  it.each<IsoTransfer.Request>([
    { _tag: "SignIn", ...sender, operator: "001", keys: "003" },
    { _tag: "SignOut", ...sender },
    IsoTransfer.reversal(transfer, "96", at)
  ])("$_tag: the host reads what the terminal wrote", (request) => {
    const sent = Result.getOrThrow(IsoMessage.pack(IsoTransfer.write(request), pos))
    expect(Result.getOrThrow(IsoRequest.read(Result.getOrThrow(IsoMessage.unpack(sent, pos))))).toEqual(request)
  })
  it("Transfer: with card number and PIN", () => {
    const sent = Result.getOrThrow(IsoMac.seal(message, pos, signing))
    const read = Result.getOrThrow(IsoRequest.read(Result.getOrThrow(IsoMac.open(sent, pos, signing))))
    if (read._tag !== "Transfer" || read.pin === undefined) throw new Error("no transfer with a PIN")
    expect(read).toMatchObject({ ...sender, amount: 5_000, account: "a-20250001", entry: "021" })
    expect(Pan.digits(read.pan)).toBe(Pan.digits(pan))
    expect(Redacted.value(Result.getOrThrow(PinBlock.open(Redacted.value(read.pin.block), read.pan, pik)))).toBe(
      "123456"
    )
    expect(inspect(read, { depth: 9, showHidden: true })).not.toMatch(/6217|123456/)
  })
  it.each([
    ["another type", "0100", {}, "unsupported: the type of the message"],
    ["another processing code", "0200", { 3: "000000" }, "malformed: field 3"],
    ["another condition", "0200", { 25: "00" }, "malformed: field 25"],
    ["not in yuan", "0200", { 49: "840" }, "otherCurrency: field 49"],
    ["nothing", "0200", { 4: "000000000000" }, "malformed: field 4"],
    ["more than anybody moves", "0200", { 4: "999999999999" }, "malformed: field 4"],
    ["a card number whose check digit is wrong", "0200", { 2: "6217000010000000004" }, "malformed: the card number"],
    ["no account", "0200", { 62: undefined }, "malformed: field 62"],
    ["a PIN without its security", "0200", { 53: undefined }, "malformed: field 53"],
    ["number zero", "0200", { 11: "000000" }, "malformed: field 11"],
    ["a reversal without a reason", "0400", { 61: "0000070000421130" }, "malformed: field 39"],
    ["a reversal for no known reason", "0400", { 39: "00", 61: "0000070000421130" }, "malformed: field 39"],
    ["a reversal of another number", "0400", { 39: "98", 61: "0000070000431130" }, "malformed: field 61"]
  ])("the host refuses: %s", (_, type, changed, expected) => {
    const given = { ...Object.fromEntries(Redacted.value(message.fields)), ...changed }
    expect(refusal(IsoRequest.read(IsoMessage.make(type, given)))).toBe(expected)
  })
})

describe("the MAC of a message", () => {
  const sealed = Result.getOrThrow(IsoMac.seal(message, pos, signing))
  it("is of every bit", () => {
    fc.assert(fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
      const forged = sealed.slice()
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ 1 << bit % 8
      const read = IsoMac.open(forged, pos, signing)
      expect(Result.isFailure(read)).toBe(true)
      // Type and bitmap have to be read first; from then on it is forged and nothing else.
      if (bit >= 80) expect(refusal(read)).toBe("forged: the MAC")
    }))
  })
  it("is asked for", () => {
    const bare = Result.getOrThrow(IsoMessage.pack(message, pos))
    expect(refusal(IsoMac.open(bare, pos, signing))).toBe("forged: no MAC at the end")
    const head = bytes("0200 0000000000000001")
    expect(refusal(IsoMac.open(head, pos, signing))).toBe("forged: no MAC at the end")
  })
  it("of another key is forged", () => {
    const other = { method: "ecb", key: pik } as const
    expect(refusal(IsoMac.open(sealed, pos, other))).toBe("forged: the MAC")
  })
  it("is in the first bitmap, so nothing may come behind it", () => {
    const behind = IsoMessage.make("0200", { 3: "600000", 100: "12" })
    expect(refusal(IsoMac.seal(behind, IsoProfile.ascii, signing))).toBe("unsupported: fields behind the MAC")
  })
})

describe("an answer", () => {
  const answer = { code: "00", at, reference: "251130000042", settlementDay: CivilTime.day("2025-12-01") }
  const answered = IsoAnswer.write(message, answer)
  it("repeats what was asked, and says the day of settlement", () => {
    expect(answered.type).toBe("0210")
    expect(Result.getOrThrow(IsoAnswer.read(message, answered))).toEqual({
      reply: { code: "00", kind: "ok", zh: "成功", en: "done" },
      reference: "251130000042",
      settlementDay: "1201"
    })
    expect(IsoMessage.present(answered)).not.toContain(2)
  })
  it("to a sign-in has the keys", () => {
    const asked = IsoTransfer.write({ _tag: "SignIn", ...sender, operator: "001", keys: "003" })
    const keys = WorkingKeys.make({ pik, mak }, master, WorkingKeys.doubleLength)
    const wire = Result.getOrThrow(IsoMessage.pack(IsoAnswer.write(asked, { ...answer, keys }), pos))
    const read = Result.getOrThrow(IsoAnswer.read(asked, Result.getOrThrow(IsoMessage.unpack(wire, pos))))
    expect(read.keys).toBe(keys)
  })
  it.each([
    ["another type", "0410", {}, "malformed: an answer of another type"],
    ["another number", "0210", { 11: "000043" }, "malformed: field 11: of another request"],
    ["another amount", "0210", { 4: "000000500000" }, "malformed: field 4: of another request"],
    ["another terminal", "0210", { 41: "10000002" }, "malformed: field 41: of another request"],
    ["no amount", "0210", { 4: undefined }, "malformed: field 4: of another request"],
    ["no code", "0210", { 39: undefined }, "malformed: field 39"]
  ])("is refused: %s", (_, type, changed, expected) => {
    const given = { ...Object.fromEntries(Redacted.value(answered.fields)), ...changed }
    expect(refusal(IsoAnswer.read(message, IsoMessage.make(type, given)))).toBe(expected)
  })
})

describe("the codes of a host", () => {
  it.each([
    ["ok", ["00", "11", "A2", "A4", "A5", "A6"]],
    ["declined", ["05", "14", "51", "54", "55", "57", "61", "65", "75"]],
    ["duplicate", ["94"]],
    ["format", ["12", "13", "30", "40"]],
    ["keys", ["A0", "99"]],
    ["unknown", ["91", "96", "98", "68", "ZZ", "", "A1", "__proto__", "constructor"]]
  ])("%s", (kind, codes) => {
    for (const code of codes) {
      const reply = IsoReply.of(code)
      expect([code, reply.kind]).toEqual([code, kind])
      expect(reply.zh).not.toBe("")
      expect(reply.en).not.toBe("")
    }
  })
  it("a reversal ends when it is done, or when there is nothing to reverse", () => {
    expect(["00", "A6", "12", "25"].map((code) => IsoReply.endsReversal(IsoReply.of(code)))).toEqual([
      true,
      true,
      true,
      true
    ])
    expect(["05", "30", "96", "98", "A0", "94"].some((code) => IsoReply.endsReversal(IsoReply.of(code)))).toBe(false)
  })
})
