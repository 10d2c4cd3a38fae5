// The day book in the words of an office: on which day something stands, what went back, and what accounting takes away.
import { AccountStore, CivilTime, type Command, Id, Money, Profiles } from "@yikatong/core"
import { AccountStoreLaws } from "@yikatong/core/testing"
import { Effect, Layer, ManagedRuntime, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Embedded from "../src/embedded.ts"
import { PgAccountStore, PgDayBook } from "../src/index.ts"
import { account } from "./commands.ts"

const { profiles } = AccountStoreLaws
const runtime = ManagedRuntime.make(
  Layer.mergeAll(PgAccountStore.layer(), PgDayBook.layer()).pipe(
    Layer.provide([Embedded.layerClient(), Profiles.Profiles.layer(profiles)])
  )
)
afterAll(() => runtime.dispose())

const { card, credit, funded, id, say } = account("office")
const monday = CivilTime.day("2026-03-02")
const tuesday = CivilTime.addDays(monday, 1)
const at = (envelope: Command.Envelope, when: string): Command.Envelope => {
  const instant = CivilTime.instant(when)
  return { ...envelope, at: instant, receivedAt: instant }
}
const scan = (point: string, fen: number, as?: string) =>
  say(point, { _tag: "PayByCode", medium: "todayCampusCode", amount: Money.amount(fen), link: "up" }, as)
const wrong = scan("canteen-1", 700, "wrong")

beforeAll(() =>
  runtime.runPromise(Effect.gen(function*() {
    const store = yield* AccountStore.AccountStore
    const lives = [
      ...funded(5_000),
      credit(5_000),
      at(say("card-centre", { _tag: "GrantSubsidy", amount: Money.amount(300) }), "2026-03-02 10:30"),
      at(scan("canteen-1", 1_000), "2026-03-02 11:00"),
      at(wrong, "2026-03-02 11:30"),
      at(
        say("canteen-1", { _tag: "ReversePurchase", purchase: Id.PurchaseId.make("tests:wrong") }),
        "2026-03-02 11:35"
      ),
      at(scan("canteen-3", 200), "2026-03-02 23:59:59"),
      at(scan("canteen-2", 50), "2026-03-03 00:00"),
      at(scan("shop-1", 99_999), "2026-03-03 09:00")
    ]
    for (const [step, one] of lives.entries()) {
      const answer = yield* store.transact(one)
      expect(`${step} ${answer._tag}`).toBe(`${step} ${step === lives.length - 1 ? "Declined" : "Approved"}`)
    }
  })), 60_000)

const asked = <A, E>(ask: (book: PgDayBook.PgDayBook["Service"]) => Effect.Effect<A, E>) =>
  runtime.runPromise(Effect.flatMap(PgDayBook.PgDayBook, ask))

describe("the takings of a day (R76)", () => {
  it.each([
    ["Monday", monday, monday, [
      ["canteen-1", "canteen-1", 2, 1_700, 1, 700, 1_000],
      ["canteen-2", "canteen-3", 1, 200, 0, 0, 200]
    ]],
    ["Tuesday, which begins at midnight", tuesday, tuesday, [["canteen-2", "canteen-2", 1, 50, 0, 0, 50]]],
    ["both", monday, tuesday, [
      ["canteen-1", "canteen-1", 2, 1_700, 1, 700, 1_000],
      ["canteen-2", "canteen-3", 1, 200, 0, 0, 200],
      ["canteen-2", "canteen-2", 1, 50, 0, 0, 50]
    ]],
    ["the day before", CivilTime.addDays(monday, -1), CivilTime.addDays(monday, -1), []],
    ["days in the wrong order", tuesday, monday, []]
  ])("%s: merchant, terminal, purchases, fen, returns, fen, net", async (_, from, until, expected) => {
    const totals = await asked(({ takings }) => takings({ from, until }))
    expect(totals.map(({ merchant, net, point, purchases, returns }) => [
      merchant,
      point,
      purchases.count,
      purchases.amount,
      returns.count,
      returns.amount,
      net
    ])).toEqual(expected)
  })

  it("one merchant, and the terminals of each added up", async () => {
    const one = await asked(({ takings }) => takings({ from: monday, until: tuesday }, Id.MerchantId.make("canteen-2")))
    expect(one.map(({ point }) => point)).toEqual(["canteen-3", "canteen-2"])
    const all = await asked(({ takings }) => takings({ from: monday, until: monday }))
    expect(
      PgDayBook.byMerchant([...all, ...all]).map(({ merchant, net, purchases }) => [merchant, purchases.count, net])
    )
      .toEqual([["canteen-1", 4, 2_000], ["canteen-2", 2, 400]])
  })
})

describe("the statement of an account (R56)", () => {
  const kinds = (from: CivilTime.Day, until: CivilTime.Day, order: "newestFirst" | "oldestFirst") =>
    asked(({ statement }) => Stream.runCollect(statement(id, { from, until, order }))).then((lines) =>
      lines.map(({ amount, kind, status }) => `${kind} ${amount} ${status}`)
    )

  it("of two days, newest or oldest first, with what went back since", async () => {
    const oldest = [
      "recharge 5000 done",
      "recharge 5000 done",
      "subsidy 300 done",
      "purchase 1000 done",
      "purchase 700 returned",
      "reversal 700 done",
      "purchase 200 done",
      "purchase 50 done"
    ]
    expect(await kinds(monday, tuesday, "oldestFirst")).toEqual(oldest)
    expect(await kinds(monday, tuesday, "newestFirst")).toEqual([...oldest].reverse())
    expect(await kinds(tuesday, tuesday, "newestFirst")).toEqual(["purchase 50 done"])
  })
})

describe("what accounting takes away", () => {
  it("I1 postings as CSV: the line that was paid from two pockets has two", async () => {
    const csv = await asked(({ text }) => Stream.mkString(text("postings", { from: monday, until: monday }, "csv")))
    const [header, ...rows] = csv.split("\r\n").slice(0, -1).map((line) => line.split(","))
    expect(header).toEqual(["journal", "sequence", "ordinal", "day", "receivedAt", "from", "to", "amount"])
    const lunch = rows.filter(([, , , , receivedAt]) => receivedAt === "2026-03-02T03:00:00.000Z")
    expect(lunch.map(([journal, , ordinal, day, , from, to, amount]) => [journal, ordinal, day, from, to, amount]))
      .toEqual([
        ["account", "0", "2026-03-02", "office/subsidy", "merchant:canteen-1", "300"],
        ["account", "1", "2026-03-02", "office/transit", "merchant:canteen-1", "700"]
      ])
    expect(rows.some(([, , , day]) => day !== "2026-03-02")).toBe(false)
  })

  it("D23 lines as NDJSON: refused commands too, with why", async () => {
    const text = await asked(({ text }) => Stream.mkString(text("lines", { from: tuesday, until: tuesday }, "ndjson")))
    expect(text.split("\n").slice(0, -1).map((line) => JSON.parse(line))).toEqual([
      {
        sequence: expect.any(Number),
        account: "office",
        day: "2026-03-03",
        receivedAt: "2026-03-02T16:00:00.000Z",
        act: "PayByCode",
        decline: null,
        point: "canteen-2",
        merchant: "canteen-2",
        amount: 50,
        from: "transit",
        to: "merchant:canteen-2",
        caller: "tests",
        command: expect.any(String),
        profile: "laws"
      },
      expect.objectContaining({ decline: "InsufficientWallet", merchant: null, amount: null, from: null, to: null })
    ])
    expect(text).not.toContain(card)
  })
})
