// An account comes back as it was, whatever it lived through; its standing is written only when it changes.
import { AccountState } from "@yikatong/core"
import { Result, Struct } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import * as AccountRow from "../src/AccountRow.ts"
import { accountRowOf, journalOf, livesOf } from "./lived.ts"

type State = AccountState.AccountState

/** What a store sees, step by step: the state that it read, and the one that a line made of it. */
interface Step {
  readonly before: State | undefined
  readonly after: State
}

/** The row of a state, as if all of it had been written just now. */
const rowOf = (state: State): AccountRow.AccountRow => {
  const { standing, ...rest } = Result.getOrThrow(AccountRow.write(state, undefined))
  if (standing === null) throw new Error("a new account has no standing")
  return accountRowOf({ ...rest, standing })
}
/** What is written over a row that holds this very state. */
const over = (state: State): AccountRow.Stored => {
  const { counters } = Result.getOrThrow(AccountRow.stored(rowOf(state)))
  const { posted, recent, tallies } = state
  return { account: state, counters: { ...counters, posted, recent, tallies } }
}
const written = (after: State, before: State | undefined) =>
  Result.getOrThrow(AccountRow.write(after, before === undefined ? undefined : over(before)))
/** The row after a write: what was not written is there from before. */
const stored = ({ after, before }: Step): AccountRow.AccountRow => {
  const { standing, ...rest } = written(after, before)
  const kept = standing ?? (before === undefined ? undefined : rowOf(before).standing)
  if (kept === undefined) throw new Error("a new account has no standing")
  return accountRowOf({ ...rest, standing: kept })
}
const read = (row: AccountRow.AccountRow) => Result.getOrThrow(AccountRow.read(row))

let steps: ReadonlyArray<Step>
beforeAll(async () => {
  const lives = livesOf(await journalOf(60))
  steps = lives.flatMap((lines) => {
    let before: State | undefined
    return lines.map((events) => {
      const after = events.reduce<State | undefined>(AccountState.evolve, before)
      if (after === undefined) throw new Error("events make a state")
      const step = { before, after }
      // A store decides on what it has read, never on what it has kept in mind.
      before = read(stored(step))
      return step
    })
  })
  expect(steps.length).toBeGreaterThan(1_000)
})

const changing = ["pockets", "tallies", "recent", "posted", "version"] as const

describe("the row of an account", () => {
  it("I13 is read as it was written, after every line of sixty lives", () => {
    for (const step of steps) expect(read(stored(step))).toEqual(step.after)
  })

  it("its standing is left out exactly where nothing changed but counters and pockets", () => {
    let left = 0
    for (const { after, before } of steps) {
      const { standing } = written(after, before)
      const isSame = before !== undefined &&
        JSON.stringify(Struct.omit(before, changing)) === JSON.stringify(Struct.omit(after, changing))
      // An event may put the same there anew: then it is written once too often, which does no harm.
      if (standing === null) expect(Struct.omit(after, changing)).toEqual(Struct.omit(before ?? after, changing))
      if (!isSame) expect(standing).not.toBeNull()
      if (standing === null) left++
    }
    expect(left).toBeGreaterThan(200)
  })

  it("a payment does not write the standing", () => {
    const bought = steps.filter(({ after, before }) =>
      before !== undefined && after.recent.length > before.recent.length && after.version === before.version + 1
    )
    expect(bought.length).toBeGreaterThan(50)
    for (const { after, before } of bought) {
      // The lots of a subsidy are part of it, and change where the subsidy pays.
      if (after.pockets.subsidy !== before?.pockets.subsidy) continue
      expect(written(after, before).standing).toBeNull()
    }
  })

  it("without a state before, all is written", () => {
    for (const { after } of steps) expect(written(after, undefined).standing).not.toBeNull()
  })
})

describe("a state that nobody could read is not written", () => {
  const cases: ReadonlyArray<readonly [what: string, change: (state: State) => object]> = [
    ["a pocket below zero", ({ pockets }) => ({ pockets: { ...pockets, chip: -1 } })],
    ["half a fen", ({ pockets }) => ({ pockets: { ...pockets, transit: 0.5 } })],
    ["more than a number holds", ({ pockets }) => ({ pockets: { ...pockets, transit: 2 ** 53 } })],
    ["no number", ({ pockets }) => ({ pockets: { ...pockets, held: undefined } })],
    ["a version that is none", () => ({ version: Number.NaN })],
    ["a day of purchase that is none", () => ({ tallies: { cells: [], before: 0.5 } })],
    ["a wallet that nobody knows", () => ({ wallet: "lent" })],
    ["a card that nobody knows", () => ({ cards: [{ _tag: "Folded", id: "secret" }] })],
    ["no person", () => ({ person: "" })]
  ]
  for (const [what, change] of cases) {
    it(what, () => {
      for (const { after } of steps.slice(-20)) {
        const refused = AccountRow.write({ ...after, ...change(after) } as State, over(after))
        if (Result.isSuccess(refused)) throw new Error("it was written")
        expect(refused.failure._tag).toBe("StoreBroken")
        expect(String(refused.failure.cause)).not.toContain("secret")
      }
    })
  }
})

describe("a row that was damaged is refused (D22)", () => {
  const cases: ReadonlyArray<readonly [what: string, change: Partial<AccountRow.AccountRow>]> = [
    ["a newer shape", { shape: 2 }],
    ["an older shape", { shape: 0 }],
    ["counters that are none", { counters: "secret" }],
    ["a standing that is none", { standing: "secret" }],
    ["a standing that lacks everything", { standing: "{\"secret\":1}" }],
    ["a pocket that no number holds", { wallet: 2n ** 53n }]
  ]
  for (const [what, change] of cases) {
    it(what, () => {
      for (const step of steps.slice(-20)) {
        const refused = AccountRow.read({ ...stored(step), ...change })
        if (Result.isSuccess(refused)) throw new Error("it was read")
        expect(refused.failure).toMatchObject({ _tag: "StoreBroken", operation: `read account ${step.after.id}` })
        expect(String(refused.failure.cause)).not.toContain("secret")
      }
    })
  }
})
