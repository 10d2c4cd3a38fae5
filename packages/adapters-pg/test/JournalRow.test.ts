// A line of the journal comes back as it was said, whatever was lived; what could not come back is not written (D22).
import { AccountEvent, type AccountStore } from "@yikatong/core"
import { AccountStoreLaws, MemoryAccountStore } from "@yikatong/core/testing"
import { Effect, Result, Stream } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import * as JournalRow from "../src/JournalRow.ts"
import { account } from "./commands.ts"
import { journalOf, lineOf, rowOf } from "./lived.ts"

let entries: ReadonlyArray<AccountStore.Entry>
beforeAll(async () => {
  entries = await journalOf(60)
})

const written = (entry: AccountStore.Entry) => Result.getOrThrow(JournalRow.write(lineOf(entry)))
const read = (entry: AccountStore.Entry) => JournalRow.entry(rowOf(written(entry), entry.sequence, entry.shape))

describe("the lines of sixty lives", () => {
  it("D22 I13 each is read as it was said, and so is its answer", () => {
    expect(entries.length).toBeGreaterThan(1_500)
    for (const entry of entries) {
      expect(Result.getOrThrow(read(entry))).toEqual(entry)
      const row = rowOf(written(entry), entry.sequence, entry.shape)
      expect(Result.getOrThrow(JournalRow.answer(row))).toEqual(entry.answer)
    }
  })

  it("I1 what is summed stands in the columns: the transfers of the events, and whose merchant's they are", () => {
    for (const entry of entries) {
      const { decline, merchant, transfers } = written(entry)
      expect(transfers).toEqual(entry.events.flatMap(AccountEvent.transfers))
      expect(decline).toBe(entry.answer._tag === "Declined" ? entry.answer.decline._tag : null)
      const books = transfers.flatMap(({ from, to }) => [from, to]).filter((book) => book.startsWith("merchant:"))
      expect(merchant).toBe(books[0]?.slice("merchant:".length) ?? null)
    }
  })

  it("only what was bought is packed, and of that nearly all", () => {
    const bought = entries.filter(({ answer, command }) =>
      (command.body._tag === "PayByCard" || command.body._tag === "PayByCode") && answer._tag === "Approved"
    )
    const isPacked = (entry: AccountStore.Entry) => written(entry).line.startsWith("[")
    const packed = entries.filter(isPacked)
    expect(bought.length).toBeGreaterThan(150)
    expect(packed.filter((entry) => !bought.includes(entry))).toEqual([])
    const share = packed.length / bought.length
    expect(share).toBeGreaterThan(0.8)
    // It is worth it: the line takes less than half of what it would take as it is.
    const plain = packed.map(({ answer, command, events }) => JSON.stringify({ answer, command, events }).length)
    const lengths = packed.map((entry) => written(entry).line.length)
    expect(sum(lengths)).toBeLessThan(0.4 * sum(plain))
  })
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((one, other) => one + other, 0)

describe("a line that nobody could read is not written", () => {
  let bought: AccountStore.Entry
  let opened: AccountStore.Entry
  beforeAll(async () => {
    const store = MemoryAccountStore.make(AccountStoreLaws.profiles)
    const { funded, pay } = account("lines")
    await Effect.runPromise(Effect.forEach([...funded(1_000), pay(100)], store.transact))
    const all = await Effect.runPromise(Stream.runCollect(store.journal()))
    const [first, last] = [all[0], all.at(-1)]
    if (first === undefined || last === undefined) throw new Error("something was lived")
    opened = first
    bought = last
    expect(written(bought).line).toMatch(/^\[/)
    expect(written(opened).line).toMatch(/^\{/)
  })

  const cases: ReadonlyArray<readonly [what: string, command: object]> = [
    ["a time of a terminal that is none", { at: Number.NaN }],
    ["a time of a terminal before 1992", { at: 0 }],
    ["half a millisecond", { at: 1_772_416_800_000.5 }],
    ["a place without a name", { point: "" }],
    ["a place with a blank", { point: "canteen 1" }],
    ["a caller with a slash", { caller: "a/b" }],
    ["a caller by the name of our own flows", { caller: "yikatong" }],
    ["an id that is too long", { id: "x".repeat(261) }],
    ["an id with a NUL", { id: "x\u0000" }],
    ["a retry of nothing", { retryOf: "" }]
  ]
  for (const [what, change] of cases) {
    it(what, () => {
      for (const entry of [bought, opened]) {
        const line = lineOf({ ...entry, command: { ...entry.command, ...change } as never })
        const refused = JournalRow.write(line)
        expect(refused).toMatchObject({ failure: { _tag: "StoreBroken" } })
      }
    })
  }

  const bodies: ReadonlyArray<readonly [what: string, body: object]> = [
    ["no amount", { amount: 0 }],
    ["half a fen", { amount: 0.5 }],
    ["more than may be bought", { amount: 1_000_000_001 }],
    ["a link that nobody knows", { link: "sideways" }],
    ["a medium that nobody knows", { medium: "cheque" }],
    ["a code that is a card", { medium: "physicalCard" }]
  ]
  for (const [what, change] of bodies) {
    it(`a purchase with ${what}`, () => {
      const { command, events } = bought
      // Event and transfer say the same, as they would if it were decided.
      const odd = events.map((event) => ({
        ...event,
        ...change,
        ...("cell" in event && "medium" in change ? { cell: { ...event.cell, ...change } } : {}),
        ...("transfers" in event && "amount" in change
          ? { transfers: event.transfers.map((one) => ({ ...one, ...change })) }
          : {})
      }))
      const line = lineOf(
        { ...bought, command: { ...command, body: { ...command.body, ...change } }, events: odd } as never
      )
      expect(JournalRow.write(line)).toMatchObject({ failure: { _tag: "StoreBroken" } })
    })
  }

  it("D22 a row of a newer shape, or that was damaged, is refused, and its error repeats nothing of it", () => {
    const row = rowOf(written(bought), 7, bought.shape)
    const damaged: ReadonlyArray<Partial<JournalRow.JournalRow>> = [
      { shape: row.shape + 1 },
      { line: "" },
      { line: "\"secret\"" },
      { line: "{\"secret\":1}" },
      { line: "[\"secret\"]" },
      { line: row.line.replace("[1,", "[2,") },
      { line: row.line.slice(0, -1) },
      { account: null },
      { account: "secret account" },
      { point: "secret point" },
      { caller: "secret caller" },
      { amount: 0n },
      { from_book: "secret" },
      { received_at: 0n },
      { act: "PayByCard" }
    ]
    for (const change of damaged) {
      const refused = JournalRow.entry({ ...row, ...change })
      if (Result.isSuccess(refused)) throw new Error(`misread: ${Object.keys(change).join()}`)
      expect(refused.failure.operation).toBe("read line 7 of the journal")
      expect(String(refused.failure.cause)).not.toContain("secret")
    }
  })
})
