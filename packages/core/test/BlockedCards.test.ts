import { Option, Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { AccountEvent } from "../src/AccountEvent.ts"
import * as BlockedCards from "../src/BlockedCards.ts"
import { dayOf, hour, instant, later } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import * as Standing from "../src/Standing.ts"
import { csmzxy, Life } from "./support/Life.ts"
import { lived, wholeStories } from "./support/lives.ts"

const account = Id.AccountId.make("account-1")
const asOf = instant("2025-11-03 12:00")

/** The journal of a life, one line for each event. */
const journalOf = (life: Life): ReadonlyArray<BlockedCards.Line> =>
  life.events.map((event, at) => ({ sequence: at + 1, account, events: [event] }))
const listOf = (life: Life) => journalOf(life).reduce(BlockedCards.take, BlockedCards.none)
const fresh = () => Life.of(csmzxy, { chip: "50.00" }).at("2025-11-03 10:00")
/** "card-1 lost, card-2 cancelled". */
const shown = (list: BlockedCards.Listing): string =>
  list.cards.map(({ card, reason }) => `${card} ${reason}`).join(", ")

describe("R39 I9 who stands on the list", () => {
  it.each<readonly [string, (life: Life) => Life, string, string | undefined]>([
    ["an active card does not", (life) => life, "", undefined],
    ["a lost one does", (life) => life.reportLost(), "card-1 lost", "CardLost"],
    ["so does a damaged one", (life) => life.reportLost("damaged"), "card-1 lost", "CardLost"],
    ["found again, no more", (life) => life.reportLost().reportFound("card-1"), "", undefined],
    ["lost again, again", (life) => life.reportLost().reportFound("card-1").reportLost(), "card-1 lost", "CardLost"],
    [
      "a new card that is not activated changes nothing",
      (life) => life.reportLost().issue("card-2"),
      "card-1 lost",
      "CardLost"
    ],
    [
      "replaced, for good",
      (life) => life.reportLost().issue("card-2").activate("card-2"),
      "card-1 superseded",
      "CardSuperseded"
    ],
    [
      "also once its money was claimed",
      (life) => life.reportLost().issue("card-2").activate("card-2").at("2025-11-10 10:00").claim("card-2"),
      "card-1 superseded",
      "CardSuperseded"
    ],
    [
      "taken back before it was activated",
      (life) => life.reportLost().issue("card-2").cancel("card-2"),
      "card-1 lost, card-2 cancelled",
      "CardLost"
    ],
    ["all cards of an account that is being closed", (life) => life.close(), "card-1 accountClosed", "AccountClosed"]
  ])("R39 %s", (_, happens, listed, decline) => {
    const life = happens(fresh())
    const list = BlockedCards.full(listOf(life), asOf)
    expect(shown(list)).toBe(listed)
    expect(BlockedCards.refuse(list, Id.CardId.make("card-1"))?._tag).toBe(decline)
  })

  it("R39 a refusal says since when", () => {
    const list = BlockedCards.full(listOf(fresh().reportLost()), asOf)
    expect(BlockedCards.refuse(list, Id.CardId.make("card-1"))).toEqual({
      _tag: "CardLost",
      reportedAt: instant("2025-11-03 10:00")
    })
  })

  it("I9 whatever happens in a life, the list refuses what the counter refuses, and nothing else", () => {
    fc.assert(fc.property(wholeStories(), (story) => {
      const life = lived(csmzxy, story)
      const list = BlockedCards.full(listOf(life), asOf)
      for (const { id } of life.state.cards) {
        const online = Standing.ofShown(life.state, id)
        // A card that is not activated says so itself: its chip does.
        const expected = online?._tag === "CardNotActivated" ? undefined : online
        expect(BlockedCards.refuse(list, id)).toEqual(expected)
      }
    }))
  })
})

describe("I9 the list has versions", () => {
  const lost = (card: string): AccountEvent => ({
    _tag: "CardReportedLost",
    at: asOf,
    card: Id.CardId.make(card),
    reason: "lost",
    transfers: []
  })
  const found = (card: string): AccountEvent => ({
    _tag: "CardReportedFound",
    at: asOf,
    card: Id.CardId.make(card),
    transfers: []
  })
  const line = (sequence: number, ...events: ReadonlyArray<AccountEvent>): BlockedCards.Line => ({
    sequence,
    account,
    events
  })
  const journal = [line(3, lost("card-a")), line(7, lost("card-b")), line(8), line(12, found("card-a"))]
  const list = journal.reduce(BlockedCards.take, BlockedCards.none)

  it.each([
    // since, blocked, released
    [0, ["card-b"], ["card-a"]],
    [3, ["card-b"], ["card-a"]],
    [7, [], ["card-a"]],
    [11, [], ["card-a"]],
    [12, [], []]
  ])("I9 since version %i: %j, and %j may pay again", (from, blocked, released) => {
    const delta = Option.getOrThrow(BlockedCards.since(list, from, asOf))
    expect({ ...delta, blocked: delta.blocked.map(({ card }) => card) }).toEqual({
      from,
      to: 12,
      asOf,
      blocked,
      released
    })
  })

  it("I9 the version is the newest line of the journal, whatever stood there; an older line is nothing new", () => {
    expect(journal.map((_, at) => journal.slice(0, at + 1).reduce(BlockedCards.take, BlockedCards.none).version))
      .toEqual([
        3,
        7,
        8,
        12
      ])
    expect(BlockedCards.take(list, line(7, lost("card-z")))).toBe(list)
    expect(BlockedCards.take(list, line(12, lost("card-z")))).toBe(list)
    expect(BlockedCards.take(list, { sequence: 13, events: [] }).version).toBe(13)
    expect(Option.getOrThrow(BlockedCards.changedAt(list, Id.CardId.make("card-b")))).toBe(7)
    expect(Option.isNone(BlockedCards.changedAt(list, Id.CardId.make("card-c")))).toBe(true)
  })

  it("I9 a change takes cards off the list of a terminal, puts cards on it, and says anew why", () => {
    const held = BlockedCards.full(journal.slice(0, 2).reduce(BlockedCards.take, BlockedCards.none), asOf)
    expect(shown(held)).toBe("card-a lost, card-b lost")
    const replaced: AccountEvent = {
      _tag: "CardActivated",
      at: asOf,
      day: dayOf(asOf),
      card: Id.CardId.make("card-c"),
      replaces: [Id.CardId.make("card-b")]
    }
    const later = [line(13, replaced), line(14, lost("card-0"))].reduce(BlockedCards.take, list)
    const delta = Option.getOrThrow(BlockedCards.since(later, 7, asOf))
    expect(shown(Result.getOrThrow(BlockedCards.apply(held, delta)))).toBe("card-0 lost, card-b superseded")
  })

  it("I9 a version that this journal never had, and a change that does not follow on: the whole list is due", () => {
    expect(Option.isNone(BlockedCards.since(list, 13, asOf))).toBe(true)
    const held = BlockedCards.full(BlockedCards.none, asOf)
    const delta = Option.getOrThrow(BlockedCards.since(list, 7, asOf))
    expect(BlockedCards.apply(held, delta)).toEqual(Result.fail({ _tag: "DeltaDoesNotFollow", have: 0, from: 7 }))
  })

  it("I9 the age of a list counts from when it was asked for, not from its last change", () => {
    const held = BlockedCards.full(list, asOf)
    expect(BlockedCards.age(held, later(asOf, 6 * hour))).toBe(6 * hour)
    const delta = Option.getOrThrow(BlockedCards.since(list, held.version, later(asOf, hour)))
    expect(BlockedCards.age(Result.getOrThrow(BlockedCards.apply(held, delta)), later(asOf, 6 * hour))).toBe(5 * hour)
  })

  it("I9 the whole list, and an older one with what has changed since, are the same", () => {
    fc.assert(fc.property(wholeStories(40), fc.array(fc.nat({ max: 100 }), { maxLength: 4 }), (story, cuts) => {
      const lines = journalOf(lived(csmzxy, story))
      let folded = BlockedCards.none
      let held = BlockedCards.full(folded, asOf)
      for (const line of lines) {
        folded = BlockedCards.take(folded, line)
        if (!cuts.includes(line.sequence) && line !== lines.at(-1)) continue
        const delta = Option.getOrThrow(BlockedCards.since(folded, held.version, asOf))
        expect(Schema.is(BlockedCards.Delta)(delta)).toBe(true)
        held = Result.getOrThrow(BlockedCards.apply(held, delta))
        expect(held).toEqual(BlockedCards.full(folded, asOf))
      }
      expect(Schema.is(BlockedCards.Listing)(held)).toBe(true)
    }))
  })
})
