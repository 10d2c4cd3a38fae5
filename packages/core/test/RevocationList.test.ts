import { Option, Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { dayLength, hour, type Instant, instant, later } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import { Pseudonym } from "../src/Pseudonym.ts"
import * as RevocationList from "../src/RevocationList.ts"
import * as Revocations from "../src/Revocations.ts"
import { csmzxy } from "./support/Life.ts"

const morning = instant("2025-11-03 06:00")
const evening = later(morning, 12 * hour)
const a = Pseudonym.make("aaaaaaaaaaaaaaaa")
const b = Pseudonym.make("bbbbbbbbbbbbbbbb")
const entry = (pseudonym: Pseudonym, version = 1, until: Instant = later(morning, dayLength)): Revocations.Revoked => ({
  pseudonym,
  version,
  until
})

const decide = (state: RevocationList.State | undefined, revoked: ReadonlyArray<Revocations.Revoked>, now: Instant) =>
  Result.getOrThrow(RevocationList.decider.decide(state, { _tag: "Revoke", revoked }, {
    profile: csmzxy,
    subject: RevocationList.subject,
    caller: Id.CallerId.make("host"),
    id: Id.CommandId.make("command"),
    now
  }))

/** The list after these revocations, each a change of its own. */
const after = (
  ...steps: ReadonlyArray<readonly [Instant, ...ReadonlyArray<Revocations.Revoked>]>
): RevocationList.State | undefined => {
  let state: RevocationList.State | undefined
  for (const [now, ...revoked] of steps) {
    for (const event of decide(state, revoked, now)) state = RevocationList.decider.evolve(state, event)
  }
  return state
}
const listed = (state: RevocationList.State | undefined, now = morning) =>
  RevocationList.list(Option.fromUndefinedOr(state), now)

describe("the school's list of ended authorisations (R4, R5, A22, D21)", () => {
  it.each<[string, ReadonlyArray<Revocations.Revoked>, number, number]>([
    // what is revoked when a is ended up to version 3, events, version of the list
    ["another pseudonym", [entry(b)], 1, 2],
    ["the same again", [entry(a, 3)], 0, 1],
    ["an earlier version of it", [entry(a, 2)], 0, 1],
    ["a later version of it", [entry(a, 4)], 1, 2],
    ["the same version, which ends later", [entry(a, 3, later(morning, dayLength + hour))], 1, 2],
    ["one that ended the day before yesterday", [entry(b, 1, later(morning, -dayLength - 1))], 0, 1],
    ["one that ended a day ago", [entry(b, 1, later(morning, -dayLength))], 1, 2],
    ["two, of which one is known", [entry(a, 3), entry(b)], 1, 2],
    ["nothing", [], 0, 1]
  ])("R4 revoked: %s", (_, revoked, events, version) => {
    const known = after([morning, entry(a, 3)])
    expect(decide(known, revoked, morning)).toHaveLength(events)
    expect(listed(after([morning, entry(a, 3)], [morning, ...revoked])).version).toBe(version)
  })

  it.each<[string, number, string, ReadonlyArray<string>]>([
    // the version of a terminal, when the list is at 2: what it is told, and what is new to it
    ["that has nothing", 0, "Changes", ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]],
    ["that has the first change", 1, "Changes", ["bbbbbbbbbbbbbbbb"]],
    ["that has all", 2, "Current", []],
    ["of another school, or before a loss of data", 3, "Whole", ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]],
    ["that says something impossible", -1, "Whole", ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]],
    ["that says half a version", 0.5, "Whole", ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]]
  ])("R4 a terminal %s", (_, from, tag, told) => {
    const state = Option.fromUndefinedOr(after([morning, entry(a)], [morning, entry(b)]))
    const update = RevocationList.update(state, from, evening)
    expect(update._tag).toBe(tag)
    const revoked = update._tag === "Changes"
      ? update.delta.added
      : update._tag === "Whole"
      ? update.list.revoked
      : []
    expect(revoked.map(({ pseudonym }) => pseudonym)).toEqual(told)
    expect(update._tag === "Changes" ? update.delta.at : update._tag === "Whole" ? update.list.at : update.at).toBe(
      evening
    )
  })

  it("R4 an entry leaves the list a day after its authorisation has ended, with the next change", () => {
    const state = after([morning, entry(a)], [
      later(morning, 2 * dayLength + 1),
      entry(b, 1, later(morning, 3 * dayLength))
    ])
    expect(listed(state).revoked.map(({ pseudonym }) => pseudonym)).toEqual([b])
  })
})

describe("however often a terminal asks", () => {
  const change = fc.array(
    fc.record({
      pseudonym: fc.constantFrom(a, b, Pseudonym.make("cccccccccccccccc"), Pseudonym.make("dddddddddddddddd")),
      version: fc.integer({ min: 1, max: 4 }),
      hours: fc.integer({ min: 0, max: 23 })
      // A later version of an authorisation ends later.
    }).map(({ hours, pseudonym, version }) => ({
      pseudonym,
      version,
      until: later(morning, (version * 24 - 72 + hours) * hour)
    })),
    { maxLength: 4 }
  )

  it("R4 it has what the school has, when it has taken what it was told", () => {
    fc.assert(fc.property(fc.array(fc.tuple(change, fc.boolean()), { maxLength: 12 }), (steps) => {
      let state: RevocationList.State | undefined
      let terminal = Revocations.none(morning)
      steps.forEach(([revoked, asks], step) => {
        const now = later(morning, step * hour)
        for (const event of decide(state, revoked, now)) state = RevocationList.decider.evolve(state, event)
        if (!asks) return
        const update = RevocationList.update(Option.fromUndefinedOr(state), terminal.version, now)
        expect(update._tag).not.toBe("Whole")
        if (update._tag === "Changes") terminal = Result.getOrThrow(Revocations.apply(terminal, update.delta))
        const { revoked: all, version } = listed(state)
        expect(terminal.version).toBe(version)
        // Neither forgets what could still be shown; what has ended may leave the one before the other.
        const live = (list: ReadonlyArray<Revocations.Revoked>) =>
          list.filter(({ until }) => now - until <= dayLength)
            .map(({ pseudonym, until, version }) => `${pseudonym} ${version} ${until}`).sort()
        expect(live(terminal.revoked)).toEqual(live(all))
      })
    }))
  })
})
