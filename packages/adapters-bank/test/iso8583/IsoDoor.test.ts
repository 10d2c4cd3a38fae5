// Frames that are no frames, and messages that no profile has: refused with a reason, and the connection is made anew where
// nobody knows any more where the next frame begins.
import { Money } from "@yikatong/core"
import { Effect, Result, type Scope } from "effect"
import * as fc from "fast-check"
import { type Duplex, duplexPair } from "node:stream"
import { describe, expect, it } from "vitest"
import * as BankClient from "../../src/BankClient.ts"
import * as BlockCipher from "../../src/BlockCipher.ts"
import * as IsoFrame from "../../src/iso8583/IsoFrame.ts"
import * as IsoMac from "../../src/iso8583/IsoMac.ts"
import * as IsoMessage from "../../src/iso8583/IsoMessage.ts"
import * as IsoProfile from "../../src/iso8583/IsoProfile.ts"
import * as IsoTransfer from "../../src/iso8583/IsoTransfer.ts"
import * as Pan from "../../src/Pan.ts"

const framing = { ...IsoFrame.unionPayPos, largest: 512 }
const prefix = { form: "binary", size: 2, countsItself: false, largest: framing.largest } as const
const profile = IsoProfile.unionPayPos
const key = BlockCipher.key("des", Buffer.from("0123456789ABCDEFFEDCBA9876543210", "hex"))
const signing = { method: "ecb", key } as const
const digits = "6217000010000000003"
const transfer = {
  _tag: "Transfer",
  terminal: "00000001",
  merchant: "000000000000001",
  batch: 1,
  number: 7,
  pan: Result.getOrThrow(Pan.parse(digits)),
  amount: Money.amount(5_000),
  account: "account-1",
  entry: "012"
} as const
const plain = Result.getOrThrow(IsoMessage.pack(IsoTransfer.write(transfer), profile))
const sealed = Result.getOrThrow(IsoMac.seal(IsoTransfer.write(transfer), profile, signing))
const refusal = (read: Result.Result<unknown, { readonly reason: string; readonly what: string }>): string =>
  Result.match(read, { onFailure: ({ reason, what }) => `${reason}: ${what}`, onSuccess: () => "read" })
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"))
/** The bytes with others in some places. */
const changed = (bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  for (const [at, byte] of Object.entries(changes)) copy[Number(at)] = byte
  return copy
}

describe("a message that the profile does not have", () => {
  // Type 0200, bitmap, then field 2: length 19, and ten bytes of digits.
  const cases: ReadonlyArray<readonly [string, Uint8Array, refused: string]> = [
    ["nothing", new Uint8Array(), "malformed: the type of the message"],
    ["half a bitmap", plain.subarray(0, 6), "malformed: the bitmap: cut off"],
    [
      "a field that the profile lacks",
      changed(plain, { 2: (plain[2] ?? 0) | 0x08 }),
      "unsupported: field 5: not in the profile"
    ],
    ["a type of letters", changed(plain, { 0: 0xab }), "malformed: the type of the message"],
    ["a card number of letters", changed(plain, { 12: 0xfe }), "malformed: field 2: a half byte that is no digit"],
    ["a length of letters", changed(plain, { 10: 0xaf }), "malformed: field 2: its length"],
    ["a length beyond the field's", changed(plain, { 10: 0x20 }), "malformed: field 2: its length"],
    [
      "a card number that is too long for its message",
      changed(plain, { 10: 0x19 }).subarray(0, 15),
      "malformed: field 2: cut off"
    ],
    [
      "a half byte that is left over and not empty",
      changed(plain, { 20: (plain[20] ?? 0) | 0x05 }),
      "malformed: field 2: a half byte that is no digit"
    ],
    ["a last field that is cut off", plain.subarray(0, -1), "malformed: field 62: cut off"],
    ["something behind the last field", Buffer.concat([plain, hex("00")]), "malformed: bytes behind the last field"]
  ]
  it.each(cases)("%s", (_, bytes, refused) => expect(refusal(IsoMessage.unpack(bytes, profile))).toBe(refused))

  it("nobody without the key reaches the reader", () => {
    for (let at = 0; at < sealed.length; at++) {
      const told = refusal(IsoMac.open(changed(sealed, { [at]: (sealed[at] ?? 0) ^ 0x10 }), profile, signing))
      expect(told).toMatch(
        /^(forged: (the MAC|no MAC at the end)|malformed: |unsupported: field \d+: not in the profile)/
      )
    }
    expect(refusal(IsoMac.open(sealed, profile, signing))).toBe("read")
  })
  it("whatever comes is read or refused, and no refusal repeats a digit of the card", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 96 }), fc.nat(plain.length), (garbage, from) => {
      const told = refusal(IsoMessage.unpack(Buffer.concat([plain.subarray(0, from), garbage]), profile))
      expect(told).not.toContain(digits.slice(0, 6))
    }))
  })
})

describe("a frame that is none", () => {
  const cases: ReadonlyArray<readonly [string, Uint8Array, refused: string]> = [
    ["without a message", framing.tpdu, "malformed: a frame without a message"],
    ["shorter than its TPDU", hex("60 00"), "malformed: a frame without a message"],
    ["of another TPDU", Buffer.concat([hex("61 00 03 00 00"), plain]), "malformed: the TPDU of a frame"]
  ]
  it.each(cases)("%s", (_, bytes, refused) => expect(refusal(IsoFrame.read(framing, bytes))).toBe(refused))
  it("beyond the limit is refused as soon as its length is read, before its bytes come", () => {
    const { messages, refusal } = IsoFrame.reader(framing).push(hex("0201"))
    expect([messages, refusal]).toEqual([[], { _tag: "Refusal", reason: "tooLarge", what: "the length of a message" }])
  })
})

describe("where the framing is lost", () => {
  const good = IsoFrame.write(framing, sealed)
  const lies: ReadonlyArray<readonly [string, (far: Duplex) => void, why: string]> = [
    ["an answer beyond the limit", (far) => void far.write(hex("FFFF 60")), "framing"],
    ["two answers", (far) => void far.write(Buffer.concat([good, good])), "answered"],
    ["an answer that announces more than it has", (far) => void far.write(changed(good, { 0: 1 })), "timeout"],
    ["an answer that is cut off by the end", (far) => void far.end(good.subarray(0, 20)), "closed"]
  ]
  const run = <A, E>(test: Effect.Effect<A, E, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(test))
  it.each(lies)("by %s, the next question has a connection of its own", (_, lie, why) =>
    run(Effect.gen(function*() {
      let opened = 0
      const open = Effect.sync(() => {
        const [near, far] = duplexPair()
        const isFirst = opened++ === 0
        far.on("error", () => {})
        far.once("data", () => isFirst ? lie(far) : void far.write(good))
        return near
      })
      const patience = { ...BankClient.patience, prefix, answer: 100, firstWait: 1 }
      const client = yield* BankClient.client(open, patience)
      const first = yield* Effect.result(client.ask(sealed))
      expect(Result.match(first, { onFailure: ({ why }) => why, onSuccess: () => "answered" })).toBe(why)
      const second = yield* client.ask(sealed)
      expect(
        refusal(Result.flatMap(IsoFrame.read(framing, second), ({ message }) => IsoMac.open(message, profile, signing)))
      ).toBe("read")
      expect(opened).toBe(2)
    })))
})
