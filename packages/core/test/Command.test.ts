import { Option, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
import * as Command from "../src/Command.ts"
import * as Id from "../src/Id.ts"
import { mintKey } from "../src/internal/mint.ts"
import * as Password from "../src/Password.ts"
import { csmzxy, Life } from "./support/Life.ts"
import { lived, stories } from "./support/lives.ts"

const decodes = Schema.decodeUnknownOption(Command.Command, { onExcessProperty: "error" })
const takes = (body: unknown): boolean => Option.isSome(decodes(body))
const chip = { balance: 2_000, loadSequence: 1, purchaseSequence: 0 }

describe("what a caller may say (R70, D20)", () => {
  const good = {
    OpenAccount: { person: "p-1", kind: "student", class: "regular" },
    IssueCard: { card: "card-1", fee: { amount: 0, desk: "window-ccb" } },
    ReportLost: { reason: "lost" },
    PayByCard: { card: "card-1", amount: 1_250, link: "up", chip },
    PayByCode: { medium: "ecodePayCode", amount: 1_250, link: "up" },
    RecordCardPurchase: {
      card: "card-1",
      amount: 1_250,
      chipBefore: 2_000,
      chipAfter: 750,
      purchaseSequence: 1,
      window: "lunch",
      tac: "A1B2C3D4"
    },
    RecordAlipayPurchase: { reference: "2025110322001", amount: 1_250 },
    RecordPassage: { medium: "physicalCard", card: "card-1", sequence: 1, opened: true },
    ReversePurchase: { purchase: "canteen-1:cmd-1" },
    PlaceRecharge: { channel: "ccbApp", source: "ccbCard", holder: "own", amount: 5_000 },
    CreditRecharge: {
      order: "app:o-1",
      channel: "ccbApp",
      amount: 5_000,
      paidAt: instant("2025-11-03 10:00"),
      reference: "b-1"
    },
    MoveToTransit: { amount: 1_000 },
    GrantSubsidy: { amount: 1_000 },
    BeginLoad: { card: "card-1", chip },
    SettleLoad: { card: "card-1", load: "canteen-1:cmd-1" },
    ClaimFrozen: { card: "card-1" },
    ChangePassword: { card: "card-1" },
    ResetPassword: { card: "card-1" }
  } as const

  it.each(Object.entries(good))("D20 %s is taken", (_tag, fields) => {
    expect(takes({ _tag, ...fields })).toBe(true)
  })

  it.each(Object.entries(good))("D24 %s takes nothing beside: no proof, no evidence, no operator", (_tag, fields) => {
    for (const extra of ["proofs", "evidence", "operator", "receivedAt", "password"]) {
      expect(takes({ _tag, ...fields, [extra]: {} })).toBe(false)
    }
  })

  const noAmounts = [
    0,
    -1,
    -0,
    0.5,
    12.5,
    Number.NaN,
    Infinity,
    -Infinity,
    1e21,
    1_000_000_001,
    2 ** 53,
    "1250",
    null,
    1n
  ]
  const moving = [
    "PayByCard",
    "PayByCode",
    "RecordCardPurchase",
    "RecordAlipayPurchase",
    "CreditRecharge",
    "MoveToTransit"
  ] as const
  it.each(moving.flatMap((tag) => noAmounts.map((amount) => [tag, amount] as const)))(
    "R70 %s of %s fen is refused",
    (_tag, amount) => {
      expect(takes({ _tag, ...good[_tag], amount })).toBe(false)
    }
  )

  it.each([-1, 0.5, Number.NaN, 1e21, "0", undefined])("R70 a chip of %s fen is refused", (balance) => {
    expect(takes({ _tag: "BeginLoad", card: "card-1", chip: { ...chip, balance } })).toBe(false)
    expect(takes({ _tag: "RecordCardPurchase", ...good.RecordCardPurchase, chipBefore: balance })).toBe(false)
    expect(takes({ _tag: "RecordCardPurchase", ...good.RecordCardPurchase, chipAfter: balance })).toBe(false)
  })

  it.each([-1, 0.5, Number.NaN, 1e21, "1"])("D11 a sequence of %s is refused", (sequence) => {
    expect(takes({ _tag: "BeginLoad", card: "card-1", chip: { ...chip, loadSequence: sequence } })).toBe(false)
    expect(takes({ _tag: "RecordCardPurchase", ...good.RecordCardPurchase, purchaseSequence: sequence })).toBe(false)
  })

  it("D11 the first purchase of a chip counts 1", () => {
    expect(takes({ _tag: "RecordCardPurchase", ...good.RecordCardPurchase, purchaseSequence: 0 })).toBe(false)
    expect(takes({ _tag: "BeginLoad", card: "card-1", chip: { ...chip, purchaseSequence: 0 } })).toBe(true)
  })

  const noIds = [
    "",
    " ",
    "-card",
    ".card",
    "card 1",
    "card/1",
    "卡片",
    "card\n",
    "card\u0000",
    "a".repeat(65),
    "card;drop table",
    7,
    null,
    ["card-1"],
    {}
  ]
  it.each(noIds.map((card) => ({ card })))("D20 D24 $card is no card id", ({ card }) => {
    expect(takes({ _tag: "ClaimFrozen", card })).toBe(false)
    expect(takes({ _tag: "PayByCard", ...good.PayByCard, card })).toBe(false)
  })

  it.each(
    [
      ["PayByCode", { medium: "physicalCard" }],
      ["PayByCode", { medium: "cash" }],
      ["PayByCard", { link: "sideways" }],
      ["ReportLost", { reason: "stolen" }],
      ["OpenAccount", { kind: "dean" }],
      ["OpenAccount", { class: "golden" }],
      ["PlaceRecharge", { holder: "nobody" }],
      ["PlaceRecharge", { source: "cash" }],
      ["PlaceRecharge", { amount: -1 }],
      ["IssueCard", { fee: { amount: -1, desk: "window-ccb" } }],
      ["IssueCard", { fee: { amount: 0, desk: "fees:other desk" } }],
      ["CreditRecharge", { paidAt: 0 }],
      ["CreditRecharge", { paidAt: "2025-11-03 10:00" }],
      ["RecordCardPurchase", { tac: "" }],
      ["RecordPassage", { sequence: 0 }],
      ["RecordPassage", { opened: "yes" }],
      ["RecordPassage", { medium: "face" }]
    ] as const
  )("R70 %s with %j is refused", (_tag, wrong) => {
    expect(takes({ _tag, ...good[_tag], ...wrong })).toBe(false)
  })

  const none = [{ _tag: "Payout" }, { _tag: "constructor" }, {}, null, [], "PayByCard", { ...good.PayByCard }]
  it.each(none.map((body) => ({ body })))("D20 $body is no command", ({ body }) => {
    expect(takes(body)).toBe(false)
  })
})

describe("what is decided when it arrives, and what when it happened (D11, D16)", () => {
  it("D11 only offline records are facts", () => {
    const facts = Object.keys(Command.Command.cases).filter((_tag) => Command.isFactual({ _tag } as Command.Command))
    expect(facts.toSorted()).toEqual(["RecordAlipayPurchase", "RecordCardPurchase", "RecordPassage"])
  })

  it("D16 a payment that its channel confirmed may be told later, but is decided at its arrival", () => {
    const credit = { _tag: "CreditRecharge" } as Command.Command
    expect([Command.isToldLater(credit), Command.isFactual(credit)]).toEqual([true, false])
    expect(Command.isToldLater({ _tag: "PayByCard" } as Command.Command)).toBe(false)
  })
})

/** An envelope that was really decided, anywhere in a life. */
const envelopes = fc.tuple(stories(15), fc.nat()).map(([story, at]) => {
  const { envelopes } = lived(csmzxy, story)
  return envelopes[at % envelopes.length] as Command.Envelope
})

const reordered = (value: unknown, order: (names: Array<string>) => Array<string>): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
      order(Object.keys(value)).map((name) => [name, reordered((value as Record<string, unknown>)[name], order)])
    )
    : value

/** All values that differ from this one in one field, at any depth. */
const variants = (value: unknown): ReadonlyArray<unknown> => {
  if (typeof value === "number") return [value + 1]
  if (typeof value === "string") return [`${value}x`]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([name, field]) => [
    ...variants(field).map((changed) => ({ ...value, [name]: changed })),
    Object.fromEntries(Object.entries(value).filter(([other]) => other !== name))
  ])
}

describe("by what a retry is known (D15, D16, D18)", () => {
  it("D18 the order of fields is no matter, at any depth, nor does the journal change it", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const backwards = reordered(envelope, (names) => names.toReversed()) as Command.Envelope
        expect(Command.fingerprint(backwards)).toBe(Command.fingerprint(envelope))
        const kept = JSON.parse(JSON.stringify(Command.record(envelope, undefined))) as Command.Envelope
        expect(Command.fingerprint(kept)).toBe(Command.fingerprint(envelope))
      }),
      { numRuns: 50 }
    )
  })

  it("D18 whatever is stated otherwise gives another text", () => {
    fc.assert(
      fc.property(envelopes, ({ at, body, point, subject }) => {
        // A request is decided at its arrival, so its own time is no part of it; a fact is one by its time.
        const when = Command.isToldLater(body) ? { at } : {}
        // Of a payment that a channel confirmed only the payment counts, whoever tells of it.
        const { paidAt: _, ...payment } = body as Command.Of<"CreditRecharge">
        const stated = body._tag === "CreditRecharge"
          ? { body: payment, subject }
          : { ...when, point, body, subject, retryOf: "cmd-0" }
        const one = Command.fingerprint(stated as Command.Envelope)
        for (const other of variants(stated) as ReadonlyArray<Command.Envelope>) {
          if (other.body !== undefined) expect(Command.fingerprint(other)).not.toBe(one)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("D15 D16 the arrival and the proofs are no part of it; caller and id are the key beside it", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const again = {
          ...envelope,
          receivedAt: envelope.receivedAt + 1,
          proofs: { password: new Password.Proof(mintKey, 7, false) },
          caller: "another",
          id: "another",
          evidence: undefined
        } as unknown as Command.Envelope
        expect(Command.fingerprint(again)).toBe(Command.fingerprint(envelope))
      }),
      { numRuns: 50 }
    )
  })

  it("D18 a retry with a password is a command of its own that names the first", () => {
    const life = Life.of(csmzxy, { chip: "50.00" }).at("2025-11-03 12:00").pay("card", "10.00")
    const first = life.envelopes.at(-1) as Command.Envelope
    life.pay("card", "10.00", { password: "right", retryOf: first.id, chip: life.chip() })
    const second = life.envelopes.at(-1) as Command.Envelope
    expect(Command.fingerprint({ ...second, body: first.body } as Command.Envelope)).not.toBe(
      Command.fingerprint(first)
    )
    expect(Command.record(second, undefined)).toMatchObject({ retryOf: first.id })
    expect(Command.record(first, undefined)).not.toHaveProperty("retryOf")
  })

  it("D18 one text is one meaning: no field can be smuggled into another's text", () => {
    const pay = (window: string, tac: string | undefined) =>
      Command.fingerprint({
        body: { _tag: "RecordCardPurchase", window, ...(tac === undefined ? {} : { tac }) }
      } as unknown as Command.Envelope)
    expect(pay("lunch\",\"tac\":\"A1", undefined)).not.toBe(pay("lunch", "A1"))
  })
})

describe("what the journal keeps of a command (D23)", () => {
  it("D23 all that was stated and when it arrived; no proof, no evidence", () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        const recorded = Command.record(envelope, undefined)
        const { evidence: _, proofs: __, ...stated } = { evidence: undefined, proofs: undefined, ...envelope }
        expect(recorded).toEqual(stated)
        const read = Schema.decodeUnknownOption(Command.Recorded, { onExcessProperty: "error" })
        expect(read(JSON.parse(JSON.stringify(recorded)))).toEqual(Option.some(recorded))
      }),
      { numRuns: 50 }
    )
  })

  it("D24 a handle, which may name a person, is not kept: the account that it led to is, or that it led to none", () => {
    const life = Life.of(csmzxy).pay("today", "1.00")
    const envelope = {
      ...life.envelopes.at(-1),
      subject: { _tag: "Handle", handle: { kind: "number", value: "202301010101" } }
    } as Command.Envelope
    const account = Id.AccountId.make("acc-1")
    expect(Command.record(envelope, account).subject).toEqual({ _tag: "Account", account })
    expect(Command.record(envelope, undefined).subject).toEqual({ _tag: "Nobody", kind: "number" })
    expect(JSON.stringify(Command.record(envelope, undefined))).not.toContain("202301010101")
  })
})
