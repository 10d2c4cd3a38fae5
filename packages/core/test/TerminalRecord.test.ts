import { Schema } from "effect"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Money from "../src/Money.ts"
import * as TerminalRecord from "../src/TerminalRecord.ts"

const purchase = {
  _tag: "RecordCardPurchase",
  card: Id.CardId.make("card-1"),
  amount: Money.amount(1_200),
  chipBefore: Money.of(2_000),
  chipAfter: Money.of(800),
  purchaseSequence: 8
} as const
const record: TerminalRecord.TerminalRecord = {
  device: 41,
  station: Id.PointId.make("canteen-1"),
  terminal: 12,
  at: instant("2025-11-03 12:00"),
  fact: { _tag: "CardPurchase", purchase, loadSequence: 1 }
}
const alipay = (payer: string, reference = "2025110322001"): TerminalRecord.TerminalRecord => ({
  ...record,
  fact: {
    _tag: "AlipayPurchase",
    purchase: { _tag: "RecordAlipayPurchase", reference, amount: Money.amount(1_200) },
    payer: { kind: "alipay", value: payer }
  }
})
const { digest } = TerminalRecord

describe("I15 a digest tells a copy from another record", () => {
  it("I15 it never changes: uploads of last year are compared with it", () => {
    // SHA-256 by another implementation, over the fields in the order of their names.
    const text =
      "{\"at\":1762142400000,\"device\":41,\"fact\":{\"_tag\":\"CardPurchase\",\"loadSequence\":1,\"purchase\":" +
      "{\"_tag\":\"RecordCardPurchase\",\"amount\":1200,\"card\":\"card-1\",\"chipAfter\":800,\"chipBefore\":2000," +
      "\"purchaseSequence\":8}},\"station\":\"canteen-1\",\"terminal\":12}"
    expect(digest(record)).toBe(createHash("sha256").update(text).digest("hex").slice(0, 32))
    expect(Schema.is(TerminalRecord.Digest)(digest(record))).toBe(true)
  })

  it.each<readonly [string, TerminalRecord.TerminalRecord]>([
    ["another number", { ...record, device: 42 }],
    ["another number at the station", { ...record, terminal: 13 }],
    ["another station", { ...record, station: Id.PointId.make("canteen-2") }],
    ["another time", { ...record, at: instant("2025-11-03 12:00:01") }],
    ["another amount", {
      ...record,
      fact: { _tag: "CardPurchase", purchase: { ...purchase, amount: Money.amount(1_201) } }
    }],
    ["no load counter", { ...record, fact: { _tag: "CardPurchase", purchase } }],
    ["another kind", { ...record, fact: { _tag: "Other", kind: "tornCard" } }]
  ])("I15 %s", (_, other) => {
    expect(digest(other)).not.toBe(digest(record))
  })

  it("D24 it says nothing about who paid by Alipay, and all about which payment it was", () => {
    expect(digest(alipay("someone"))).toBe(digest(alipay("somebody else")))
    expect(digest(alipay("someone", "2025110322002"))).not.toBe(digest(alipay("someone")))
  })

  it("I15 any record that went through JSON is the same record", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_294_967_295 }),
        fc.integer({ min: 1, max: 9_999 }),
        (device, terminal) => {
          const one = { ...record, device, terminal }
          const copy = Schema.decodeUnknownSync(TerminalRecord.TerminalRecord)(JSON.parse(JSON.stringify(one)))
          expect(digest(copy)).toBe(digest(one))
        }
      )
    )
  })
})

describe("D11 what a terminal may upload", () => {
  it.each([
    ["a card purchase", record, true],
    ["an Alipay purchase", alipay("someone"), true],
    ["a torn card", { ...record, fact: { _tag: "Other", kind: "tornCard" } }, true],
    ["an unknown kind", { ...record, fact: { _tag: "Other", kind: "coffee" } }, false],
    ["number 0", { ...record, device: 0 }, false],
    ["number 4294967296", { ...record, device: 4_294_967_296 }, false],
    ["half a fen", { ...record, fact: { _tag: "CardPurchase", purchase: { ...purchase, amount: 0.5 } } }, false],
    ["no time", { ...record, at: undefined }, false]
  ])("D11 %s: %#", (_, input, expected) => {
    expect(Schema.is(TerminalRecord.TerminalRecord)(input)).toBe(expected)
  })
})
