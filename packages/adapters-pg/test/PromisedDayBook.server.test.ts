// The day book for teams without Effect: the same answers as promises, beside a campus that is open.
import { PgCampus, PromisedDayBook } from "@yikatong/adapters-pg"
import { csmzxy, day } from "@yikatong/core/promise"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import { describe, expect, inject, it } from "vitest"
import { School } from "../../core/test/promise/school.ts"
import { freshSchema } from "./clients.ts"

const url = () => {
  const server = inject("postgres")
  return server.kind === "url"
    ? server.url
    : `postgres://${server.username}@localhost/${server.database}?host=${encodeURIComponent(server.host)}`
}
const monday = { from: day("2026-03-02"), until: day("2026-03-02") }

describe("the day book, as promises", () => {
  it("R50 R56 R76 tells what was taken, bought and left, and writes it out", async () => {
    const schema = freshSchema()
    const peppers = { current: "a", keys: { a: "a pepper for tests, 32 bytes at least" } }
    const school = await School.open({ backend: PgCampus.backend({ url: url(), schema, peppers }) })
    const book = await PromisedDayBook.open({ url: url(), schema, profile: csmzxy })
    try {
      await (await school.furnished()).recharged(5_000)
      await school.buys(1_800)
      const sale = { count: 1, amount: 1_800 }
      expect(await book.takings(monday)).toEqual([{
        day: monday.from,
        merchant: "canteen-1",
        point: "canteen-1",
        purchases: sale,
        returns: { count: 0, amount: 0 },
        net: 1_800
      }])
      expect(await book.takings(monday, "shop-1")).toEqual([])
      const subject = { _tag: "Account", account: "account-1" } as const
      expect(await book.statement("account-1", monday)).toEqual(await school.campus.holder.statement(subject))
      const first = await book.statement("account-1", { ...monday, order: "oldestFirst" }, { limit: 1 })
      expect(first.lines).toMatchObject([{ kind: "recharge", amount: 5_000 }])
      const rest = { limit: 1, ...(first.next === undefined ? {} : { cursor: first.next }) }
      expect((await book.statement("account-1", { ...monday, order: "oldestFirst" }, rest)).lines).toMatchObject([
        { kind: "purchase", amount: 1_800 }
      ])
      const spending = { category: "canteen", medium: "physicalCard" } as const
      expect(await book.remaining("account-1", spending, school.now)).toEqual(
        await school.campus.holder.remaining(subject, spending)
      )
      const csv = await text(Readable.from(book.text("postings", monday, "csv")))
      expect(csv).toMatch(/,account-1\/\w+,merchant:canteen-1,1800\r\n/)
      const ndjson = await text(Readable.from(book.text("lines", monday, "ndjson")))
      expect(ndjson.split("\n").slice(0, -1).map((line) => JSON.parse(line).act)).toContain("PayByCode")

      const refused: ReadonlyArray<[string, () => Promise<unknown>]> = [
        ["merchant", () => book.takings(monday, "食堂")],
        ["until", () => book.takings({ from: 1.5, until: 20_000.5 })],
        ["account", () => book.statement("", monday)],
        ["limit", () => book.statement("account-1", monday, { limit: 0 })],
        ["at", () => book.remaining("account-1", spending, Number.NaN)],
        ["format", () => text(Readable.from(book.text("lines", monday, "xlsx" as "csv")))]
      ]
      for (const [path, asked] of refused) {
        await expect(asked()).rejects.toMatchObject({
          _tag: "MalformedCommand",
          flaws: expect.arrayContaining([expect.objectContaining({ path })])
        })
      }
    } finally {
      await book.close()
      await school.campus.close()
    }
  })

  it.each([
    ["without a URL", { profile: csmzxy }, { _tag: "OptionsRejected", flaws: [{ path: "url" }] }],
    ["misspelt", { url: "postgres://a@b/c", shema: "x", profile: csmzxy }, { _tag: "OptionsRejected" }],
    ["with a profile that is none", { url: "postgres://a@b/c", profile: {} }, { _tag: "ProfileRejected" }],
    [
      "where nobody answers",
      { url: "postgres://a@127.0.0.1:1/c", profile: csmzxy },
      { _tag: "StoreUnavailable" }
    ]
  ])("does not open %s", async (_, options, fault) => {
    await expect(PromisedDayBook.open(options as PromisedDayBook.Options)).rejects.toMatchObject(fault)
  })

  it("is as closed as it says", async () => {
    const book = await PromisedDayBook.open({ url: url(), schema: freshSchema(), profile: csmzxy })
    await book.close()
    const closed = { _tag: "StoreUnavailable" }
    await expect(book.takings(monday)).rejects.toMatchObject(closed)
    await expect(text(Readable.from(book.text("lines", monday, "csv")))).rejects.toMatchObject(closed)
  })
})
