import { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Result } from "effect"
import { describe, expect, it } from "vitest"
import * as Bcd from "../src/Bcd.ts"
import * as Bytes from "../src/Bytes.ts"
import * as CampusApplication from "../src/CampusApplication.ts"
import type { CardChannel } from "../src/CardChannel.ts"
import * as CardFiles from "../src/CardFiles.ts"
import * as CpuProfile from "../src/CpuProfile.ts"
import * as EPurse from "../src/EPurse.ts"
import type { Failure } from "../src/Exchange.ts"
import * as Script from "./support/script.ts"

const { of } = Bytes
const profile = CpuProfile.fmcos
const file15 = "1111222233330006 03 01 00061998081700000030 19980815 19981215 5566"
const fci = `6F2E 8409 A00000000386980701 A521 9F0C1E ${file15}`
const selecting = "00A40400 09 A00000000386980701 00"
const stamp = Bcd.stamp(CivilTime.instant("2024-04-11 21:21:21"))
const begin = { key: 1, amount: Money.of(16), terminal: of("666666666666") }
const pin = Redacted.make(of("123456"))
const sequence = of("00000001")

/** Bytes as hexadecimal, so that a table can hold them. */
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Bytes.hex(value)
    : Array.isArray(value)
    ? value.map(plain)
    : value !== null && typeof value === "object" && !Redacted.isRedacted(value)
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
    : value

type Ask = (channel: CardChannel) => Effect.Effect<unknown, Failure>

const ask = (script: Script.Script, command: Ask): unknown => {
  const channel = Script.card(script)
  const answer = Effect.runSync(Effect.result(command(channel)))
  expect(channel.sent).toHaveLength(script.length)
  return plain(Result.isSuccess(answer) ? answer.success : answer.failure)
}

const application = {
  issuer: "1111222233330006",
  kind: 3,
  version: 1,
  serial: "00061998081700000030",
  starts: CivilTime.day("1998-08-15"),
  expires: CivilTime.day("1998-12-15"),
  own: "5566"
}

describe("the commands of FMCOS 2.0, byte by byte", () => {
  it.each<[title: string, script: Script.Script, command: Ask, expected: unknown]>([
    [
      "SELECT brings file 15 along",
      [[selecting, `${fci} 9000`]],
      (channel) => CampusApplication.select(channel, profile),
      application
    ],
    [
      "SELECT without an answer",
      [[selecting, "9000"]],
      (channel) => CampusApplication.select(channel, profile),
      undefined
    ],
    [
      "READ BINARY of file 15",
      [["00B095001E", `${file15} 9000`]],
      (channel) => CampusApplication.readApplication(channel, profile),
      application
    ],
    [
      "READ RECORD, the newest first, up to the end",
      [
        ["00B201C417", "0001 000000 00000010 02 666666666666 20240411 212121 9000"],
        ["00B202C417", "6A83"]
      ],
      (channel) => CampusApplication.readLog(channel, profile),
      [{
        counter: 1,
        overdraft: 0,
        amount: 16,
        type: 2,
        terminal: "666666666666",
        at: CivilTime.instant("2024-04-11 21:21:21")
      }]
    ],
    [
      "READ RECORD of a log that is filled with zeros",
      [["00B201C417", `${"00".repeat(23)} 9000`]],
      (channel) => CampusApplication.readLog(channel, profile),
      []
    ],
    ["GET BALANCE", [["805C000204", "000003E8 9000"]], EPurse.balance, 1000],
    ["VERIFY PIN", [["0020000003123456", "9000"]], (channel) => CardFiles.verifyPin(channel, 0, pin), undefined],
    [
      "GET CHALLENGE",
      [["0084000004", "BB83BFF3 9000"]],
      (channel) => CardFiles.challenge(channel),
      "BB83BFF3"
    ],
    [
      "UPDATE BINARY of an open file",
      [["00D6998002 AABB", "9000"]],
      (channel) => CardFiles.updateBinary(channel, 0x19, 0x80, of("AABB")),
      undefined
    ],
    [
      "UPDATE BINARY with line protection: the length counts the signature",
      [["0084000004", "01020304 9000"], ["04D6998006 AABB 11223344", "9000"]],
      (channel) =>
        CardFiles.updateBinary(channel, 0x19, 0x80, of("AABB"), ({ challenge, command }) => {
          expect([Bytes.hex(challenge), Bytes.hex(command)]).toEqual(["01020304", "04D6998006AABB"])
          return Effect.succeed(of("11223344"))
        }),
      undefined
    ],
    [
      "INITIALIZE FOR LOAD",
      [["805000020B 01 00000010 666666666666 10", "00000000 0000 01 00 4E066548 0D39ADBB 9000"]],
      (channel) => EPurse.initialiseLoad(channel, begin),
      { balance: 0, counter: 0, keyVersion: 1, algorithm: 0, random: "4E066548", mac1: "0D39ADBB" }
    ],
    [
      "CREDIT FOR LOAD",
      [["805200000B 20240411 212121 097E98FE 04", "A802863E 9000"]],
      (channel) => EPurse.credit(channel, stamp, of("097E98FE")),
      "A802863E"
    ],
    [
      "INITIALIZE FOR PURCHASE",
      [["805001020B 01 00000010 666666666666 0F", "00001388 002A 000000 01 01 AABBCCDD 9000"]],
      (channel) => EPurse.initialisePurchase(channel, begin),
      { balance: 5000, counter: 42, overdraft: 0, keyVersion: 1, algorithm: 1, random: "AABBCCDD" }
    ],
    [
      "DEBIT FOR PURCHASE: first the TAC, then MAC2",
      [["805401000F 00000001 20240411 212121 11223344 08", "A1A2A3A4 B1B2B3B4 9000"]],
      (channel) => EPurse.debit(channel, sequence, stamp, of("11223344")),
      { tac: "A1A2A3A4", mac: "B1B2B3B4" }
    ],
    [
      "GET TRANSACTION PROVE: first the MAC, then the TAC",
      [["805A000602 002A 08", "B1B2B3B4 A1A2A3A4 9000"]],
      (channel) => EPurse.prove(channel, 6, 42),
      { tac: "A1A2A3A4", mac: "B1B2B3B4" }
    ]
  ])("%s", (_, script, command, expected) => expect(ask(script, command)).toEqual(expected))
})

describe("over T=0 (ISO/IEC 7816-3, 12.2)", () => {
  /** The same, to a channel that says what it speaks. */
  const over = (protocol: CardChannel["protocol"], script: Script.Script, command: Ask): unknown =>
    Effect.runSync(Effect.match(command({ ...Script.card(script), ...(protocol && { protocol }) }), {
      onFailure: (failure): unknown => failure,
      onSuccess: (value): unknown => value
    }))
  const loading = "805000020B 01 00000010 666666666666"
  const crediting = "805200000B 20240411 212121 097E98FE"
  const debiting = "805401000F 00000001 20240411 212121 11223344"
  const commands: ReadonlyArray<readonly [title: string, bytes: string, le: string, answer: string, command: Ask]> = [
    [
      "INITIALIZE FOR LOAD",
      loading,
      "10",
      "00000000 0000 01 00 4E066548 0D39ADBB",
      (channel) => EPurse.initialiseLoad(channel, begin)
    ],
    ["CREDIT FOR LOAD", crediting, "04", "A802863E", (channel) => EPurse.credit(channel, stamp, of("097E98FE"))],
    [
      "DEBIT FOR PURCHASE",
      debiting,
      "08",
      "A1A2A3A4 B1B2B3B4",
      (channel) => EPurse.debit(channel, sequence, stamp, of("11223344"))
    ],
    [
      "GET TRANSACTION PROVE",
      "805A000602 002A",
      "08",
      "B1B2B3B4 A1A2A3A4",
      (channel) => EPurse.prove(channel, 6, 42)
    ]
  ]
  it.each(commands)("%s brings data and no Le", (_, bytes, le, answer, command) => {
    const fetched = over("T=0", [[bytes, `61${le}`], [`00C00000${le}`, `${answer} 9000`]], command)
    expect(fetched).not.toHaveProperty("_tag")
    for (const protocol of ["T=1", "other", undefined] as const) {
      expect(over(protocol, [[`${bytes} ${le}`, `${answer} 9000`]], command)).toEqual(fetched)
    }
  })

  it("the answer of a DEBIT is fetched", () =>
    expect(ask([
      ["805401000F 00000001 20240411 212121 11223344 08", "6108"],
      ["00C0000008", "A1A2A3A4 B1B2B3B4 9000"]
    ], (channel) => EPurse.debit(channel, sequence, stamp, of("11223344")))).toEqual({
      tac: "A1A2A3A4",
      mac: "B1B2B3B4"
    }))

  it("D8: a CREDIT is not sent again, even where the card asks for another length", () =>
    expect(ask(
      [["805200000B 20240411 212121 097E98FE 04", "6C04"]],
      (channel) => EPurse.credit(channel, stamp, of("097E98FE"))
    )).toMatchObject({ _tag: "CardRefused", step: "credit" }))
})

const refused = (step: string, tag: string) => ({ _tag: "CardRefused", step, status: { _tag: tag } })

describe("what is no good answer has a type (Bad input)", () => {
  const initialise = "805001020B 01 00000010 666666666666 0F"
  const loading = "805000020B 01 00000010 666666666666 10"
  it.each<[title: string, script: Script.Script, command: Ask, expected: object]>([
    ["no such application", [[selecting, "6A82"]], (channel) => CampusApplication.select(channel, profile), {
      _tag: "NotACampusCard"
    }],
    ["a card that knows no SELECT", [[selecting, "6D00"]], (channel) => CampusApplication.select(channel, profile), {
      _tag: "NotACampusCard"
    }],
    ["a card that knows no class 00", [[selecting, "6E00"]], (channel) => CampusApplication.select(channel, profile), {
      _tag: "NotACampusCard"
    }],
    [
      "another application answers",
      [[selecting, "6F0A 8408 A000000632010105 9000"]],
      (channel) => CampusApplication.select(channel, profile),
      { _tag: "NotACampusCard" }
    ],
    ["the card is blocked", [[selecting, "6A81"]], (channel) => CampusApplication.select(channel, profile), {
      _tag: "CardBlocked",
      forEver: false
    }],
    ["the application is blocked", [[selecting, "6283"]], (channel) => CampusApplication.select(channel, profile), {
      _tag: "CardBlocked",
      forEver: false
    }],
    [
      "the application is locked for ever",
      [[selecting, "9303"]],
      (channel) => CampusApplication.select(channel, profile),
      {
        _tag: "CardBlocked",
        forEver: true
      }
    ],
    [
      "file 15 is too short",
      [["00B095001E", "1111 9000"]],
      (channel) => CampusApplication.readApplication(channel, profile),
      {
        _tag: "AnswerMalformed",
        bytes: 2,
        expected: 30
      }
    ],
    ["the wrong PIN", [["0020000003123456", "63C2"]], (channel) => CardFiles.verifyPin(channel, 0, pin), {
      _tag: "PinWrong",
      tries: 2
    }],
    ["the PIN is locked", [["0020000003123456", "6983"]], (channel) => CardFiles.verifyPin(channel, 0, pin), {
      _tag: "PinLocked"
    }],
    [
      "a PIN that can be none is not sent, and costs no try",
      [],
      (channel) => CardFiles.verifyPin(channel, 0, Redacted.make(of("12"))),
      { _tag: "KeyMissing", key: "PIN" }
    ],
    ["the counter is full", [[initialise, "9402"]], (channel) => EPurse.initialisePurchase(channel, begin), {
      _tag: "CounterFull",
      counter: "purchase"
    }],
    ["the online counter is full", [[loading, "9402"]], (channel) => EPurse.initialiseLoad(channel, begin), {
      _tag: "CounterFull",
      counter: "load"
    }],
    ["no key of this index", [[initialise, "9403"]], (channel) => EPurse.initialisePurchase(channel, begin), {
      _tag: "KeyNotOnCard",
      step: "initialisePurchase",
      index: 1
    }],
    [
      "too little money",
      [[initialise, "9401"]],
      (channel) => EPurse.initialisePurchase(channel, begin),
      refused("initialisePurchase", "BalanceShort")
    ],
    [
      "no PIN was shown",
      [[loading, "6982"]],
      (channel) => EPurse.initialiseLoad(channel, begin),
      refused("initialiseLoad", "NotAuthorised")
    ],
    ["an answer of no byte", [[initialise, "9000"]], (channel) => EPurse.initialisePurchase(channel, begin), {
      _tag: "AnswerMalformed",
      bytes: 0,
      expected: 15
    }],
    [
      "wrong MAC2",
      [["805200000B 20240411 212121 097E98FE 04", "9302"]],
      (channel) => EPurse.credit(channel, stamp, of("097E98FE")),
      { _tag: "MacRefused", step: "credit" }
    ],
    [
      "half a DEBIT answer",
      [["805401000F 00000001 20240411 212121 11223344 08", "A1A2A3A4 9000"]],
      (channel) => EPurse.debit(channel, sequence, stamp, of("11223344")),
      { _tag: "AnswerMalformed", step: "debit", bytes: 4, expected: 8 }
    ],
    [
      "less than two bytes",
      [["805200000B 20240411 212121 097E98FE 04", "90"]],
      (channel) => EPurse.credit(channel, stamp, of("097E98FE")),
      { _tag: "AnswerLost", how: "empty" }
    ],
    ["half a proof", [["805A000602 002A 08", "B1B2B3B4 9000"]], (channel) => EPurse.prove(channel, 6, 42), {
      _tag: "AnswerMalformed",
      step: "prove"
    }],
    [
      "a damaged line of the log",
      [["00B201C417", `${"AA".repeat(23)} 9000`]],
      (channel) => CampusApplication.readLog(channel, profile),
      { _tag: "FileDamaged", file: "18" }
    ],
    [
      "a wrong signature on a file",
      [["0084000004", "01020304 9000"], ["04D6990005 AA 11223344", "6988"]],
      (channel) => CardFiles.updateBinary(channel, 0x19, 0, of("AA"), () => Effect.succeed(of("11223344"))),
      {
        _tag: "MacRefused",
        step: "writeFile"
      }
    ]
  ])("%s", (_, script, command, expected) => expect(ask(script, command)).toMatchObject(expected))

  it.each([["9406"], ["6985"]])(
    "%s: the card has made no such transaction",
    (status) => expect(ask([["805A000602 002A 08", status]], (channel) => EPurse.prove(channel, 6, 42))).toBeUndefined()
  )
})
