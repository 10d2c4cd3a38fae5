import { CivilTime, Money } from "@yikatong/core"
import { Effect, Redacted, Ref, Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import * as Bytes from "../src/Bytes.ts"
import * as CardKeys from "../src/CardKeys.ts"
import type { Failure } from "../src/Exchange.ts"
import * as Psam from "../src/Psam.ts"
import * as SoftwareKeys from "../src/SoftwareKeys.ts"
import * as VirtualPsam from "../src/VirtualPsam.ts"
import * as Campus from "./support/campus.ts"
import * as ProgramChannel from "./support/ProgramChannel.ts"
import * as Script from "./support/script.ts"

const { of } = Bytes
const key = (text: string) => Redacted.make(of(text))
const run = <A>(effect: Effect.Effect<A, Failure>): A => Effect.runSync(effect)
const failed = (effect: Effect.Effect<unknown, Failure>): unknown =>
  Result.getOrUndefined(Result.flip(Effect.runSync(Effect.result(effect))))

/** The real FMCOS card of its own keys, not diversified. */
const real: SoftwareKeys.KeyFile = {
  of: "card",
  load: key("3F3F3F3F3F3F3F3F 1122334455667788"),
  tac: key("3434343434343434 1122334455667788")
}
const dealing = {
  serial: of("00000000000000000000"),
  terminal: of("666666666666"),
  amount: Money.of(16),
  at: CivilTime.instant("2024-04-11 21:21:21")
}
const loadBegun = {
  balance: Money.of(0),
  counter: 0,
  keyVersion: 1,
  algorithm: 0,
  random: of("4E066548"),
  mac1: of("0D39ADBB")
}
const signed: CardKeys.Signed = { ...dealing, _tag: "Load", counter: 0, balance: Money.of(16) }

describe("software keys: what a real card signed", () => {
  const keys = Campus.keys(real)
  it("MAC1 of the card is right, and MAC2 is what it wants", () =>
    expect(Bytes.hex(run(keys.load({ ...dealing, begun: loadBegun })))).toBe("097E98FE"))
  it("another MAC1 is a forged card: nothing is signed", () =>
    expect(failed(keys.load({ ...dealing, begun: { ...loadBegun, mac1: of("0D39ADBA") } }))).toEqual({
      _tag: "MacWrong",
      step: "initialiseLoad"
    }))
  it.each([["A802863E", "right"], ["A802863F", "wrong"]])(
    "the TAC %s is %s",
    (tac, verdict) => expect(run(keys.judgeTac(signed, of(tac)))).toBe(verdict)
  )
  it("without a key for it, a TAC is unknown", () =>
    expect(run(Campus.keys({ of: "card" }).judgeTac(signed, of("A802863E")))).toBe("unknown"))
  it.each([
    [
      "purchase",
      (keys: CardKeys.Keys) => keys.purchase({ ...dealing, begun: { ...loadBegun, overdraft: Money.of(0) } })
    ],
    ["load", (keys: CardKeys.Keys) => keys.load({ ...dealing, begun: loadBegun })],
    [
      "file",
      (keys: CardKeys.Keys) =>
        keys.fileMac({ serial: dealing.serial, challenge: of("01020304"), command: of("04D6990005AA") })
    ]
  ])(
    "without a key for it, %s is refused",
    (name, ask) => expect(failed(ask(Campus.keys({ of: "card" })))).toEqual({ _tag: "KeyMissing", key: name })
  )
})

describe("master keys are diversified by the serial number, level by level", () => {
  const master = "00112233445566778899AABBCCDDEEFF"
  const file = { serial: of("0000 1122334455667788"), challenge: of("01020304"), command: of("04D6990005AA") }
  const mac = (keys: SoftwareKeys.KeyFile): string => Bytes.hex(run(Campus.keys(keys).fileMac(file)))
  it("one level: the key of the card", () =>
    expect(mac({ of: "school", file: key(master) })).toBe(
      mac({ of: "card", file: key("496BD7A3513644533100B54E71196528") })
    ))
  it("two levels: first the branch, then the card", () =>
    expect(mac({ of: "school", factors: [of("1122334455667788")], file: key(master) })).toBe(
      mac({ of: "school", file: key("496BD7A3513644533100B54E71196528") })
    ))
})

describe("a key file", () => {
  const decode = Schema.decodeUnknownResult(SoftwareKeys.KeyFile)
  const secret = "00112233445566778899AABBCCDDEEFF"
  it("holds hexadecimal keys, which nobody sees again", () => {
    const read = Result.getOrThrow(decode({ of: "school", purchase: secret, factors: ["1122334455667788"] }))
    expect(read.purchase !== undefined && Bytes.hex(Redacted.value(read.purchase))).toBe(secret)
    expect(`${JSON.stringify(read)}${String(read.purchase)}`).not.toContain("11223344556677")
  })
  it.each([
    ["a short key", { of: "school", purchase: secret.slice(2) }],
    ["a key that is no hexadecimal", { of: "school", purchase: `${secret.slice(2)}XY` }],
    ["keys of nobody knows what", { of: "bank", purchase: secret }],
    ["a factor of seven bytes", { of: "school", factors: ["11223344556677"] }]
  ])("%s is refused, and not repeated", (_, file) => {
    const read = decode(file)
    expect(Result.isFailure(read)).toBe(true)
    expect(String(Result.isFailure(read) && read.failure)).not.toContain("DDEEF")
  })
})

const purchase: CardKeys.PurchaseRequest = {
  ...dealing,
  serial: of("00061998081700000030"),
  begun: {
    balance: Money.of(5_000),
    counter: 42,
    overdraft: Money.of(0),
    keyVersion: 1,
    algorithm: 0,
    random: of("AABBCCDD")
  }
}

describe("the transaction counter of a terminal", () => {
  it("counts each purchase, and begins anew after four bytes", () => {
    const ref = Ref.makeUnsafe(0xffff_fffe)
    const keys = SoftwareKeys.make(Campus.keyFile, SoftwareKeys.counting(ref))
    const sequences = [1, 2, 3].map(() => Bytes.hex(run(keys.purchase(purchase)).terminalSequence))
    expect(sequences).toEqual(["FFFFFFFE", "FFFFFFFF", "00000000"])
    expect(Effect.runSync(Ref.get(ref))).toBe(1)
  })
})

describe("a PSAM: 80 70 and 80 72", () => {
  const asked = "8070 0000 1C AABBCCDD 002A 00000010 06 20240411 212121 01 00 1998081700000030 08"
  it.each([["9000", "right"], ["9302", "wrong"]])("byte by byte; %s: %s", (status, verdict) => {
    const channel = Script.card([
      ["00A4040009 A00000000386980701 00", "9000"],
      [asked, "00000007 11223344 9000"],
      ["8072000004 55667788", status]
    ])
    const psam = run(Psam.open(channel, { application: of("A00000000386980701") }))
    const signed = run(psam.purchase(purchase))
    expect([Bytes.hex(signed.terminalSequence), Bytes.hex(signed.mac1)]).toEqual(["00000007", "11223344"])
    expect(run(signed.confirm(of("55667788")))).toBe(verdict)
    // It has forgotten it by now.
    expect(run(signed.confirm(of("55667788")))).toBe("unknown")
    expect(channel.sent).toHaveLength(3)
  })

  it.each([
    ["no key of this version", "9403", { _tag: "CardRefused", step: "psam", status: { _tag: "KeyIndexUnknown" } }],
    ["half an answer", "0000 9000", { _tag: "AnswerMalformed", step: "psam", bytes: 2, expected: 8 }],
    ["no byte: it is not the card whose answer was lost", "90", { _tag: "KeysUnreachable", key: "purchase" }]
  ])("%s", (_, answer, problem) => {
    const psam = run(Psam.open(Script.card([[asked, answer]])))
    expect(failed(psam.purchase(purchase))).toMatchObject(problem)
  })

  const virtual = () =>
    VirtualPsam.make({
      purchase: Campus.keyFile.purchase ?? key("00".repeat(16)),
      terminal: Campus.terminal,
      application: of("A00000000386980701"),
      sequence: 1
    })

  it("a later purchase takes the place of one that was never confirmed", () => {
    const psam = run(Psam.open(ProgramChannel.make(virtual())))
    const first = run(psam.purchase(purchase))
    run(psam.purchase(purchase))
    expect(run(first.confirm(of("55667788")))).toBe("unknown")
  })

  it("signs as the school's own keys do, and knows nothing else", () => {
    const psam = run(Psam.open(ProgramChannel.make(virtual())))
    const request = { ...purchase, terminal: Campus.terminal }
    const bySchool = run(Campus.keys().purchase(request))
    const byPsam = run(psam.purchase(request))
    expect(byPsam.mac1).toEqual(bySchool.mac1)
    const keys = { ...CardKeys.none, ...psam }
    expect(failed(keys.load({ ...dealing, begun: loadBegun }))).toEqual({ _tag: "KeyMissing", key: "load" })
  })

  it("R3: a till with a PSAM pays, and the school's host signs its loads", () => {
    const card = Campus.cardOf(5_000, { profile: { ...Campus.profile, protection: "none" } })
    const psam = run(Psam.open(ProgramChannel.make(virtual())))
    const host = Campus.keys()
    const keys = { ...CardKeys.none, ...psam, load: host.load }
    const channel = ProgramChannel.make(card)
    const outcomes = run(Effect.gen(function*() {
      const profile = { ...Campus.profile, protection: "none" } as const
      const opened = yield* Campus.open(channel, { profile }, keys)
      const chip = yield* opened.chip
      const amount = Money.amount(1_250)
      const paid = yield* opened.debit({
        amount,
        before: chip.purse,
        at: Campus.at,
        after: Campus.afterLunch(chip, amount)
      })
      const loaded = yield* opened.load({ amount: Money.amount(300), before: yield* opened.reading, at: Campus.at })
      return [paid._tag, loaded._tag]
    }))
    expect(outcomes).toEqual(["Done", "Done"])
    expect(Campus.purseOf(card)).toEqual({ balance: 4_050, loadSequence: 1, purchaseSequence: 1 })
  })
})
