import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Bytes from "../src/Bytes.ts"
import * as CardProblem from "../src/CardProblem.ts"
import type * as Exchange from "../src/Exchange.ts"
import * as MifareClassic from "../src/MifareClassic.ts"
import * as ReaderProfile from "../src/ReaderProfile.ts"
import * as StatusWord from "../src/StatusWord.ts"
import * as VirtualMifare from "../src/VirtualMifare.ts"
import { over } from "./support/MifareChannel.ts"

const uid = Bytes.of("11223344")
const delivered = Redacted.make(Bytes.of("FFFFFFFFFFFF"))
const wrong = Redacted.make(Bytes.of("000000000000"))
const data = Bytes.of("000102030405060708090A0B0C0D0E0F")

const lay = (profile: ReaderProfile.ReaderProfile = ReaderProfile.acs, size: "1K" | "4K" = "1K") =>
  over(VirtualMifare.make(VirtualMifare.blank(size, uid), profile))

/** A card whose sector 1 is open with key A. */
const opened = Effect.fnUntraced(function*(profile: ReaderProfile.ReaderProfile = ReaderProfile.acs) {
  const on = lay(profile)
  const card = yield* MifareClassic.open(on.channel, profile)
  yield* card.loadKey("A", delivered)
  yield* card.authenticate(1, "A")
  on.sent.length = 0
  return { on, card }
})

describe("what is sent, byte by byte", () => {
  const { acs, generic, identiv } = ReaderProfile
  const old = { ...acs, authentication: "obsolete" } as const
  const omnikey = { ...generic, structure: 0x20 }
  it.effect.each(
    [
      ["ACS", acs, "FF82000006FFFFFFFFFFFF", "FF860000050100046000", "FF82000106FFFFFFFFFFFF", "FF860000050100046101"],
      [
        "Identiv",
        identiv,
        "FF82006006FFFFFFFFFFFF",
        "FF860000050100046001",
        "FF82006106FFFFFFFFFFFF",
        "FF860000050100046101"
      ],
      [
        "PC/SC part 3",
        generic,
        "FF82000006FFFFFFFFFFFF",
        "FF860000050100046000",
        "FF82000106FFFFFFFFFFFF",
        "FF860000050100046101"
      ],
      ["old ACS", old, "FF82000006FFFFFFFFFFFF", "FF8800046000", "FF82000106FFFFFFFFFFFF", "FF8800046101"],
      [
        "another structure",
        omnikey,
        "FF82200006FFFFFFFFFFFF",
        "FF860000050100046000",
        "FF82200106FFFFFFFFFFFF",
        "FF860000050100046101"
      ]
    ] as const
  )("keys: %s", ([, profile, loadA, proveA, loadB, proveB]) =>
    Effect.gen(function*() {
      const on = lay(profile)
      const card = yield* MifareClassic.open(on.channel, profile)
      expect(card).toMatchObject({ size: "1K", uid })
      for (const kind of ["A", "B"] as const) {
        yield* card.loadKey(kind, delivered)
        // As delivered key B is data, and opens nothing for reading; proving it works all the same.
        yield* card.authenticate(1, kind)
      }
      // The command names the first block of the sector.
      expect(on.sent).toStrictEqual(["FFCA000000", loadA, proveA, loadB, proveB])
    }))

  it.effect.each(
    [
      [
        "ACS",
        acs,
        ["FFD6000510640000009BFFFFFF6400000005FA05FA"],
        ["FFD7000505010000001E"],
        ["FFD70005050200000064"],
        ["FFB1000504"],
        ["FFD70005020306"]
      ],
      [
        "Identiv",
        identiv,
        ["FFD6000510640000009BFFFFFF6400000005FA05FA"],
        ["FFF0000506C0051E000000"],
        ["FFF0000506C10564000000"],
        ["FFB0000510"],
        ["FFB0000510", "FFD60006101E000000E1FFFFFF1E00000005FA05FA"]
      ],
      [
        "PC/SC part 3",
        generic,
        ["FFD6000510640000009BFFFFFF6400000005FA05FA"],
        ["FFB0000510", "FFD6000510820000007DFFFFFF8200000005FA05FA"],
        ["FFB0000510", "FFD60005101E000000E1FFFFFF1E00000005FA05FA"],
        ["FFB0000510"],
        ["FFB0000510", "FFD60006101E000000E1FFFFFF1E00000005FA05FA"]
      ]
    ] as const
  )("values: %s", ([, profile, store, increment, decrement, read, restore]) =>
    Effect.gen(function*() {
      const { card, on } = yield* opened(profile)
      const sends = Effect.fnUntraced(function*<A>(does: Effect.Effect<A, Exchange.Failure>) {
        on.sent.length = 0
        const result = yield* does
        return [result, [...on.sent]] as const
      })
      expect(yield* sends(card.store(5, { value: 100, address: 5 }))).toStrictEqual([undefined, store])
      expect(yield* sends(card.increment(5, 30))).toStrictEqual([undefined, increment])
      expect(yield* sends(card.decrement(5, 100))).toStrictEqual([undefined, decrement])
      expect(yield* sends(card.readValue(5))).toStrictEqual([30, read])
      expect(yield* sends(card.restore(5, 6))).toStrictEqual([undefined, restore])
      expect(yield* card.readValue(6)).toBe(30)
    }))

  it.effect("blocks", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      yield* card.update(5, data)
      expect(yield* card.read(5)).toStrictEqual(data)
      expect(on.sent).toStrictEqual(["FFD6000510" + Bytes.hex(data), "FFB0000510"])
    }))

  it.effect("a sector that is open is not asked again, another one is", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      yield* card.authenticate(1, "A")
      yield* card.authenticate(2, "A")
      yield* card.authenticate(1, "A")
      yield* card.loadKey("A", delivered)
      yield* card.authenticate(1, "A")
      const [second, first, loading] = ["FF860000050100086000", "FF860000050100046000", "FF82000006FFFFFFFFFFFF"]
      expect(on.sent).toStrictEqual([second, first, loading, first])
    }))
})

describe("refusals", () => {
  const refused = (step: CardProblem.Step, word: number) => ({
    _tag: "CardRefused",
    step,
    status: StatusWord.of(word)
  })
  const unsuited = (step: CardProblem.Step, word: number) => ({
    _tag: "ReaderUnsuited",
    step,
    status: StatusWord.of(word)
  })
  const gone = { _tag: "AnswerLost", how: "empty" }
  const malformed = (step: CardProblem.Step, bytes: number, expected: number) => ({
    _tag: "AnswerMalformed",
    step,
    bytes,
    expected
  })
  it.effect.each(
    [
      ["loadKey", "FF82", "6300", unsuited("loadKey", 0x6300)],
      ["loadKey", "FF82", "6984", unsuited("loadKey", 0x6984)],
      ["loadKey", "FF82", "6988", unsuited("loadKey", 0x6988)],
      ["loadKey", "FF82", "90", gone],
      ["authenticate", "FF86", "6300", { _tag: "SectorKeyWrong", sector: 2 }],
      ["authenticate", "FF86", "6982", { _tag: "SectorKeyWrong", sector: 2 }],
      ["authenticate", "FF86", "6984", unsuited("authenticate", 0x6984)],
      ["authenticate", "FF86", "6986", unsuited("authenticate", 0x6986)],
      ["authenticate", "FF86", "6D00", unsuited("authenticate", 0x6d00)],
      ["authenticate", "FF86", "6581", refused("authenticate", 0x6581)],
      ["authenticate", "FF86", "", gone],
      ["read", "FFB0", "6300", refused("readBlock", 0x6300)],
      ["read", "FFB0", "6982", refused("readBlock", 0x6982)],
      ["read", "FFB0", "6986", unsuited("readBlock", 0x6986)],
      ["read", "FFB0", "", gone],
      ["read", "FFB0", "00", gone],
      ["read", "FFB0", "9000", malformed("readBlock", 0, 16)],
      ["read", "FFB0", "009000", malformed("readBlock", 1, 16)],
      ["read", "FFB0", "00".repeat(17) + "9000", malformed("readBlock", 17, 16)],
      ["update", "FFD6", "6300", refused("writeBlock", 0x6300)],
      ["update", "FFD6", "6581", refused("writeBlock", 0x6581)],
      ["update", "FFD6", "9", gone],
      ["increment", "FFD7", "6300", refused("value", 0x6300)],
      ["increment", "FFD7", "6D00", unsuited("value", 0x6d00)],
      ["readValue", "FFB1", "9000", malformed("value", 0, 4)],
      ["readValue", "FFB1", "0000019000", malformed("value", 3, 4)]
    ] as const
  )("%s: %s answered by '%s'", ([does, command, answer, expected]) =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      on.answer = (sent) => sent.startsWith(command) ? answer === "9" ? "90" : answer : undefined
      const tried = {
        loadKey: card.loadKey("A", delivered),
        authenticate: card.authenticate(2, "A"),
        read: Effect.asVoid(card.read(5)),
        update: card.update(5, data),
        increment: card.increment(5, 1),
        readValue: Effect.asVoid(card.readValue(5))
      }[does]
      expect(yield* Effect.flip(tried)).toMatchObject(expected)
      // Whatever it was, the card is of use again.
      on.answer = () => undefined
      yield* card.loadKey("A", delivered)
      yield* card.authenticate(1, "A")
      expect(yield* card.read(5)).toStrictEqual(new Uint8Array(16))
    }))

  it.effect("a wrong key: the card is selected anew before anything else, and the right key opens it", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      yield* card.loadKey("B", wrong)
      on.sent.length = 0
      expect(yield* Effect.flip(card.authenticate(1, "B"))).toStrictEqual({ _tag: "SectorKeyWrong", sector: 1 })
      yield* card.authenticate(1, "A")
      yield* card.read(5)
      expect(on.sent).toStrictEqual(["FF860000050100046101", "FFCA000000", "FF860000050100046000", "FFB0000510"])
    }))

  it.effect("the virtual card insists on it: without that nothing works after a wrong key", () =>
    Effect.sync(() => {
      const card = VirtualMifare.make(VirtualMifare.blank("1K", uid))
      const says = (command: string) => Bytes.hex(card.answer(Bytes.of(command)))
      expect(says("FF82000006000000000000")).toBe("9000")
      expect(says("FF860000050100046000")).toBe("6300")
      expect(says("FF82000006FFFFFFFFFFFF")).toBe("9000")
      expect(says("FF860000050100046000")).toBe("6300")
      expect(says("FFCA000000")).toBe("6300")
      card.power("reset")
      expect(says("FF860000050100046000")).toBe("9000")
    }))

  it.effect.each([0, 3, 7, 63])("block %d is never written as data", (block) =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      const reserved = { _tag: "BlockReserved", block }
      expect(yield* Effect.flip(card.update(block, data))).toStrictEqual(reserved)
      expect(yield* Effect.flip(card.store(block, { value: 1, address: 1 }))).toStrictEqual(reserved)
      expect(yield* Effect.flip(card.increment(block, 1))).toStrictEqual(reserved)
      expect(yield* Effect.flip(card.decrement(block, 1))).toStrictEqual(reserved)
      expect(yield* Effect.flip(card.restore(4, block))).toStrictEqual(reserved)
      expect(on.sent).toStrictEqual([])
    }))

  it.effect("a trailer is written by its own function", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      yield* card.updateTrailer(1, Bytes.of("A0A1A2A3A4A5 787788 69 B0B1B2B3B4B5"))
      expect(on.sent).toStrictEqual(["FFD6000710A0A1A2A3A4A578778869B0B1B2B3B4B5"])
      yield* card.loadKey("B", Redacted.make(Bytes.of("B0B1B2B3B4B5")))
      yield* card.authenticate(1, "B")
      yield* card.update(4, data)
      yield* card.loadKey("A", Redacted.make(Bytes.of("A0A1A2A3A4A5")))
      yield* card.authenticate(1, "A")
      expect(yield* card.read(4)).toStrictEqual(data)
      expect(yield* Effect.flip(card.update(4, data))).toStrictEqual(refused("writeBlock", 0x6982))
    }))

  it.effect.each(
    [ReaderProfile.acs, ReaderProfile.identiv, ReaderProfile.generic].map((profile) => [profile.name, profile] as const)
  )(
    "%s: no value block, or no room for the sum",
    ([, profile]) =>
      Effect.gen(function*() {
        const { card } = yield* opened(profile)
        const problems = ["CardRefused", "FileDamaged"]
        const again = Effect.andThen(card.loadKey("A", delivered), card.authenticate(1, "A"))
        const fails = Effect.fnUntraced(function*<A>(does: Effect.Effect<A, Exchange.Failure>) {
          yield* again
          expect(problems).toContain((yield* Effect.flip(does))._tag)
        })
        yield* fails(card.readValue(5))
        yield* fails(card.increment(5, 1))
        yield* fails(card.restore(5, 6))
        yield* again
        yield* card.store(5, { value: 2_147_483_647, address: 5 })
        yield* fails(card.increment(5, 1))
        yield* again
        expect(yield* card.readValue(5)).toBe(2_147_483_647)
      })
  )

  it.effect("another card that was laid down meanwhile is not touched, and the first one may come back", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      const first = on.card
      const other = VirtualMifare.make(VirtualMifare.blank("1K", Bytes.of("55667788")))
      on.tear = { at: 0, how: "unsent", back: false }
      expect(yield* Effect.flip(card.read(5))).toMatchObject({ _tag: "AnswerLost" })
      expect(yield* Effect.flip(card.read(5))).toMatchObject({ _tag: "CardGone" })
      on.card = other
      on.tear = undefined
      for (const does of [card.authenticate(1, "A"), card.update(5, data)]) {
        expect(yield* Effect.flip(does)).toStrictEqual({ _tag: "AnotherCard" })
      }
      expect(other.memory()).toStrictEqual(VirtualMifare.blank("1K", Bytes.of("55667788")))
      on.card = first
      yield* card.authenticate(1, "A")
      yield* card.update(5, data)
    }))

  it.effect("after a lost answer a sector is opened again, although it was open before", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      on.tear = { at: 0, how: "unanswered", back: true }
      expect(yield* Effect.flip(card.read(5))).toMatchObject({ _tag: "AnswerLost" })
      yield* card.authenticate(1, "A")
      expect(yield* card.read(5)).toStrictEqual(new Uint8Array(16))
      expect(on.sent).toStrictEqual(["FFB0000510", "FFCA000000", "FF860000050100046000", "FFB0000510"])
    }))

  it.effect("no M1 card: nothing is sent", () =>
    Effect.gen(function*() {
      const on = lay()
      const atr = Bytes.of("3B959540FFD000030201")
      expect(yield* Effect.flip(MifareClassic.open({ ...on.channel, atr }, ReaderProfile.acs))).toStrictEqual({
        _tag: "UnknownCardType",
        atr: "3B959540FFD000030201"
      })
      expect(on.sent).toStrictEqual([])
    }))

  it.effect.each([["9000", 0], ["1122339000", 3], ["11223344559000", 5]] as const)(
    "a UID that is none: %s",
    ([answer, bytes]) =>
      Effect.gen(function*() {
        const on = lay()
        on.answer = () => answer
        expect(yield* Effect.flip(MifareClassic.open(on.channel, ReaderProfile.acs)))
          .toStrictEqual(malformed("uid", bytes, 4))
      })
  )

  it.effect("a card that somebody left refused is selected anew", () =>
    Effect.gen(function*() {
      const on = lay()
      for (const command of ["FF82000006000000000000", "FF860000050100046000"]) on.card?.answer(Bytes.of(command))
      const card = yield* MifareClassic.open(on.channel, ReaderProfile.acs)
      expect(card.uid).toStrictEqual(uid)
    }))

  it.effect("keys show themselves nowhere", () =>
    Effect.gen(function*() {
      const { card, on } = yield* opened()
      const secret = Redacted.make(Bytes.of("A5A5A5A5A5"))
      const short = yield* Effect.flip(card.loadKey("A", secret))
      expect(short).toStrictEqual({ _tag: "KeyMissing", key: "M1 key A" })
      on.answer = () => "6300"
      const refusal = yield* Effect.flip(card.loadKey("A", Redacted.make(Bytes.of("A5A5A5A5A5A5"))))
      expect(JSON.stringify(refusal)).not.toMatch(/A5A5|165/iu)
    }))

  it.effect("a card of 4 KB to its last block", () =>
    Effect.gen(function*() {
      const on = lay(ReaderProfile.acs, "4K")
      const card = yield* MifareClassic.open(on.channel, ReaderProfile.acs)
      yield* card.loadKey("A", delivered)
      yield* card.authenticate(39, "A")
      yield* card.update(254, data)
      expect(yield* card.read(254)).toStrictEqual(data)
      expect(on.sent.slice(-3)).toStrictEqual([
        "FF860000050100F06000",
        "FFD600FE10" + Bytes.hex(data),
        "FFB000FE10"
      ])
    }))

  it("each of these problems has words and a remedy", () => {
    for (const one of [{ _tag: "SectorKeyWrong", sector: 2 }, { _tag: "BlockReserved", block: 7 }] as const) {
      const { remedy, what } = CardProblem.explain(one)
      expect([what.zh, what.en, remedy.zh, remedy.en].every((text) => text.length > 3)).toBe(true)
    }
    const said = CardProblem.explain({ _tag: "ReaderUnsuited", step: "loadKey", status: StatusWord.of(0x6988) })
    expect(said.what.en).toBe("the reader does not take this command (loadKey 6988)")
  })
})
