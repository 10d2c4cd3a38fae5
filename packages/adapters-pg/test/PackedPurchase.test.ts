// An approved purchase is packed when nothing of it is lost by that; with anything unusual it is kept as it is.
import { type AccountStore, CivilTime, type Command, type Id } from "@yikatong/core"
import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Result, Stream, Struct } from "effect"
import * as fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import * as JournalRow from "../src/JournalRow.ts"
import * as PackedPurchase from "../src/PackedPurchase.ts"
import { account } from "./commands.ts"
import { journalOf, lineOf } from "./lived.ts"

type Said = PackedPurchase.Said
type Bought = Said & { readonly columns: PackedPurchase.Columns }

let byCode: Bought
let byCard: Bought
let signed: Bought
beforeAll(async () => {
  const store = MemoryAccountStore.make(AccountStoreLaws.profiles)
  const { funded, pay } = account("packed")
  await Effect.runPromise(Effect.forEach([...funded(2_000), pay(100)], store.transact))
  const first = (await Effect.runPromise(Stream.runCollect(store.journal()))).at(-1)
  const lived = await journalOf(60)
  const of = (isOne: (body: Command.Command) => boolean) => {
    const found = [first, ...lived].find((entry) =>
      entry !== undefined && isOne(entry.command.body) && entry.answer._tag === "Approved" && isPacked(entry)
    )
    if (found === undefined) throw new Error("nobody bought in that way")
    return bought(found)
  }
  byCode = of(({ _tag }) => _tag === "PayByCode")
  byCard = of((body) => body._tag === "PayByCard" && body.chip !== undefined)
  signed = of((body) => body._tag === "PayByCode" && body.code !== undefined)
})

const isPacked = (entry: AccountStore.Entry) => Result.getOrThrow(JournalRow.write(lineOf(entry))).line.startsWith("[")

/** A line with its columns, as they are written. */
const bought = (entry: AccountStore.Entry): Bought => {
  const { account, answer, command, events } = entry
  const { merchant, transfers } = Result.getOrThrow(JournalRow.write(lineOf(entry)))
  return {
    command,
    events,
    answer,
    columns: {
      account: account as Id.AccountId,
      caller: command.caller,
      id: command.id,
      receivedAt: command.receivedAt,
      point: command.point,
      merchant: merchant ?? "",
      act: command.body._tag,
      transfer: transfers.length === 1 ? transfers[0] : undefined
    }
  }
}

const pack = ({ columns, ...said }: Bought) => PackedPurchase.pack(said, columns)
const through = (one: Bought) =>
  PackedPurchase.unpack(JSON.parse(pack(one) ?? "it is not packed") as ReadonlyArray<unknown>, one.columns)

describe("a purchase", () => {
  it("by code is packed as it always was, and comes back", () => {
    expect(pack(byCode)).toBe(
      `[1,0,0,0,0,"todayCampusCode","up",0,0,"other",0,"canteen",[0,1900,0,0,0,0,0],[]]`
    )
    expect(through(byCode)).toEqual(Struct.omit(byCode, ["columns"]))
  })

  it("by card comes back with what the chip said, and a signed code with its number", () => {
    for (const one of [byCard, signed]) expect(through(one)).toEqual(Struct.omit(one, ["columns"]))
    expect(byCard.events).toHaveLength(1)
    expect(signed.events.map(({ _tag }) => _tag)).toEqual(["CodeBurned", "Purchased"])
  })
})

describe("a purchase with anything unusual is kept as it is", () => {
  const change = (one: Bought, part: "command" | "answer", by: object): Bought => ({
    ...one,
    [part]: { ...one[part], ...by }
  })
  const event = (one: Bought, by: object): Bought => ({
    ...one,
    events: one.events.map((event) => ({ ...event, ...by }) as never)
  })
  const cell = (one: Bought, by: object): Bought => {
    const [purchased] = one.events
    if (purchased?._tag !== "Purchased") throw new Error("it was bought")
    return event(one, { cell: { ...purchased.cell, ...by } })
  }
  const cases: ReadonlyArray<readonly [what: string, make: () => Bought]> = [
    ["a refusal", () => ({ ...byCode, answer: { _tag: "Declined", decline: { _tag: "UnknownAccount" } } })],
    ["somebody who attends", () => change(byCode, "command", { attendance: { operator: "o", role: "clerk" } })],
    ["a retry under another name", () => change(byCode, "command", { retryOf: "before" })],
    ["a report of something out of order", () => change(byCode, "answer", { reports: [{ _tag: "PocketEmptied" }] })],
    ["the answer of another account", () => change(byCode, "answer", { account: "another" })],
    [
      "another account that asked",
      () => change(byCode, "command", { subject: { _tag: "Account", account: "another" } })
    ],
    ["another card that asked", () => change(byCard, "command", { subject: { _tag: "Card", card: "another" } })],
    ["a number that led to nobody", () => change(byCode, "command", { subject: { _tag: "Nobody", kind: "number" } })],
    ["another command", () => change(byCode, "command", { body: { _tag: "ReportLost", reason: "lost" } })],
    ["no event", () => ({ ...byCode, events: [] })],
    ["two events", () => ({ ...byCode, events: [...byCode.events, ...byCode.events] })],
    ["an event of another time", () => event(byCode, { at: byCode.columns.receivedAt + 1 })],
    ["an event of another name", () => event(byCode, { purchase: "tests:another" })],
    ["an event of another place", () => event(byCode, { point: "canteen-2" })],
    ["an event of another merchant", () => event(byCode, { merchant: "another" })],
    ["an event of another amount", () => event(byCode, { amount: 101 })],
    ["an event over another link", () => event(byCode, { link: "down" })],
    ["an event by another medium", () => event(byCode, { medium: "ecodePayCode" })],
    ["an event with a card that was not shown", () => event(byCode, { card: "packed.card" })],
    ["an event without the card that was shown", () => event(byCard, { card: undefined })],
    [
      "an event of another reading",
      () => event(byCard, { chip: { balance: 1, loadSequence: 0, purchaseSequence: 0 } })
    ],
    ["an event without the reading", () => event(byCard, { chip: undefined })],
    ["a cell of another day", () => cell(byCode, { day: CivilTime.day("2026-03-03") })],
    ["a cell of another medium", () => cell(byCode, { medium: "ecodePayCode" })],
    ["a transfer of another amount", () => ({
      ...byCode,
      columns: { ...byCode.columns, transfer: { from: "transit", to: "merchant:m", amount: 99 } }
    })],
    ["a code that was burned and not shown", () => ({ ...byCode, events: signed.events })],
    ["a code that was shown and another burned", () => {
      const [burned] = signed.events
      if (burned?._tag !== "CodeBurned") throw new Error("it was burned")
      const other = { ...burned, code: { ...burned.code, counter: burned.code.counter + 1 } }
      return { ...signed, events: [other as typeof burned, ...signed.events.slice(1)] }
    }],
    ["a code that was shown and not burned", () => {
      const { command } = byCode
      return change(byCode, "command", {
        body: { ...command.body, code: { pseudonym: "p", counter: 1, notAfter: command.receivedAt } }
      })
    }]
  ]
  for (const [what, make] of cases) {
    it(what, () => {
      // It is this that stands in the way, and nothing else.
      expect(pack(byCode)).toBeDefined()
      expect(pack(byCard)).toBeDefined()
      expect(pack(signed)).toBeDefined()
      expect(pack(make())).toBeUndefined()
    })
  }

  it("whatever one value from outside is, what is packed comes back as it was", () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, true, "", "up", "down", "physicalCard", 0, 1, -1, 0.5, [], {}),
      fc.string(),
      fc.integer(),
      fc.constant({ balance: 1, loadSequence: 2, purchaseSequence: 3 })
    )
    const fields = {
      command: ["caller", "id", "at", "receivedAt", "point", "subject", "retryOf", "attendance", "nothing"],
      body: ["_tag", "amount", "link", "nothing"],
      bodyOfCard: ["card", "chip"],
      bodyOfCode: ["medium", "code"],
      subject: ["_tag", "card", "account", "nothing"],
      event: ["_tag", "at", "purchase", "point", "merchant", "amount", "medium", "link", "card", "chip", "nothing"],
      cell: ["day", "medium", "nothing"]
    }
    const places = Object.entries(fields).flatMap(([part, names]) => names.map((name) => [part, name] as const))
    let packed = 0
    let kept = 0
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2), fc.constantFrom(...places), value, (which, [part, name], value) => {
        const one = [byCode, byCard, signed][which] ?? byCode
        const purchased = one.events.at(-1)
        // An unknown field would not compile: see PackedPurchase. Nothing is changed instead.
        const by = name === "nothing" ? {} : { [name]: value }
        const { command } = one
        // What the other kind of purchase says is no field of this one.
        fc.pre(!part.startsWith("bodyOf") || part === (command.body._tag === "PayByCard" ? "bodyOfCard" : "bodyOfCode"))
        fc.pre(part !== "subject" || !["card", "account"].includes(name) || name in command.subject)
        const last = part === "event"
          ? { ...purchased, ...by }
          : part === "cell" && purchased?._tag === "Purchased"
          ? { ...purchased, cell: { ...purchased.cell, ...by } }
          : purchased
        const changed = {
          columns: one.columns,
          command: part === "command"
            ? { ...command, ...by }
            : part.startsWith("body")
            ? { ...command, body: { ...command.body, ...by } }
            : part === "subject"
            ? { ...command, subject: { ...command.subject, ...by } }
            : command,
          events: [...one.events.slice(0, -1), last],
          answer: { ...one.answer, events: [...one.events.slice(0, -1), last] }
        } as unknown as Bought
        // Its columns are those of its command.
        const { caller, id, point, receivedAt } = changed.command
        const act = changed.command.body._tag
        const all = { ...changed, columns: { ...one.columns, caller, id, point, receivedAt, act } }
        let isPacked = false
        try {
          isPacked = pack(all) !== undefined
        } catch {
          // A command that no type allows and that breaks its own decision: it fails alone.
        }
        if (!isPacked) return void kept++
        packed++
        expect(through(all)).toEqual(Struct.omit(all, ["columns"]))
      }),
      { numRuns: 3_000 }
    )
    expect(Math.min(packed, kept)).toBeGreaterThan(300)
  })
})
