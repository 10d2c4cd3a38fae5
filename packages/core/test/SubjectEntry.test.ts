import { Option, Result, Schema, SchemaTransformation } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant, later } from "../src/CivilTime.ts"
import * as Id from "../src/Id.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as SubjectEntry from "../src/SubjectEntry.ts"
import * as Vouchers from "../src/testing/Vouchers.ts"

const batches = Vouchers.decider("vouchers", { from: "school:vouchers", to: "merchant:canteen-1" })
const at = instant("2026-03-02 10:00")
const nextTerm = instant("2026-09-01 00:00")
const profiles = [csmzxy, { ...csmzxy, version: "next-term", effectiveFrom: nextTerm }] as const

const sent = (body: Vouchers.Command, receivedAt = at): SubjectEntry.Submitted<Vouchers.Command> => ({
  caller: Id.CallerId.make("office"),
  id: Id.CommandId.make("command-1"),
  subject: "batch-1",
  receivedAt,
  body
})
const issue = (vouchers: number): Vouchers.Command => ({ _tag: "Issue", vouchers })
const redeem = (vouchers: number, note?: string): Vouchers.Command => ({
  _tag: "Redeem",
  vouchers,
  note: Option.fromUndefinedOr(note)
})

/** A batch of which 7 are left, as a store keeps it. */
const kept = { json: { left: 7, redeemed: 3, last: { _tag: "Some", value: "lunch" } } }

const decide = (before: { readonly json: unknown } | undefined, body: Vouchers.Command, receivedAt = at) =>
  SubjectEntry.decide(profiles, batches, before, sent(body, receivedAt))
const decided = (...about: Parameters<typeof decide>) => Result.getOrThrow(decide(...about))

describe("what a store does with a command to a subject (D18, D21, D22, D23)", () => {
  it.each<readonly [string, { readonly json: unknown } | undefined, Vouchers.Command, string, number, number]>([
    // what is asked, the batch before, the command, the answer, its events, fen posted
    ["a batch is issued", undefined, issue(10), "Approved", 1, 0],
    ["a batch that is not there", undefined, redeem(1), "UnknownSubject", 0, 0],
    ["a batch that is there already", kept, issue(10), "SubjectExists", 0, 0],
    ["the last seven", kept, redeem(7), "Approved", 1, 7],
    ["one more than there are", kept, redeem(8), "InsufficientWallet", 0, 0],
    ["none at all", kept, redeem(0), "Approved", 0, 0]
  ])("D21 %s", (_, before, body, told, events, fen) => {
    const { answer, postings, state, ...written } = decided(before, body)
    expect(answer._tag === "Approved" ? answer._tag : answer.decline._tag).toBe(told)
    expect(written.events).toBe(events)
    expect(postings.reduce((sum, { amount }) => sum + amount, 0)).toBe(fen)
    // Only what happened changes the subject (D13).
    expect(state === undefined).toBe(events === 0)
  })

  it("D23 the line tells the command and its answer as JSON, and reads as it was", () => {
    const { answer, line } = decided(kept, redeem(2, "dinner"))
    const json = JSON.parse(JSON.stringify({ ...line, sequence: 4 }))
    const entry = Result.getOrThrow(SubjectEntry.readEntry(batches, json))
    expect(entry).toEqual({ ...sent(redeem(2, "dinner")), sequence: 4, profile: csmzxy.version, answer })
    expect(answer).toMatchObject({ events: [{ _tag: "Redeemed", note: Option.some("dinner"), subject: "batch-1" }] })
  })

  it("I3 the first answer is what every later one will be: a field that no schema knows is told to nobody", () => {
    const talkative: typeof batches = {
      ...batches,
      decide: (...about) => Result.map(batches.decide(...about), (events) => events.map((one) => ({ ...one, more: 1 })))
    }
    const { answer, line } = Result.getOrThrow(SubjectEntry.decide(profiles, talkative, kept, sent(redeem(2))))
    expect(answer).toEqual(Result.getOrThrow(SubjectEntry.readEntry(batches, { ...line, sequence: 1 })).answer)
    expect(answer).toEqual(decided(kept, redeem(2)).answer)
  })

  it.each(
    [
      ["the last moment before it", later(nextTerm, -1), csmzxy.version],
      ["its first moment", nextTerm, "next-term"]
    ] as const
  )("D22 the version of the profile by the arrival: %s", (_, receivedAt, version) => {
    expect(decided(kept, redeem(1), receivedAt).line.profile).toBe(version)
  })

  it("D18 D16 a command is known by subject and body, not by its arrival", () => {
    const of = (submitted: SubjectEntry.Submitted<Vouchers.Command>) =>
      Result.getOrThrow(SubjectEntry.fingerprint(batches, submitted))
    const first = of(sent(redeem(2, "dinner")))
    expect(of(sent(redeem(2, "dinner"), nextTerm))).toBe(first)
    expect(of(sent(redeem(2)))).not.toBe(first)
    expect(of(sent(redeem(3, "dinner")))).not.toBe(first)
    expect(of({ ...sent(redeem(2, "dinner")), subject: "batch-2" })).not.toBe(first)
  })

  it("I13 whatever is decided is read as it was decided", () => {
    fc.assert(fc.property(fc.nat(20), fc.option(fc.nat(20), { nil: undefined }), (vouchers, left) => {
      const before = left === undefined ? undefined : { json: { left, redeemed: 0, last: { _tag: "None" } } }
      for (const body of [issue(vouchers), redeem(vouchers, "lunch")]) {
        const { answer, line, state } = decided(before, body)
        expect(Result.getOrThrow(SubjectEntry.readEntry(batches, { ...line, sequence: 1 })).answer).toEqual(answer)
        if (state !== undefined) {
          const read = Result.getOrThrow(SubjectEntry.readState(batches, "batch-1", state.json))
          expect(read.left).toBe(body._tag === "Issue" ? vouchers : (left ?? 0) - vouchers)
        }
      }
    }))
  })
})

describe("what cannot be is refused before it is written", () => {
  const failureOf = (result: Result.Result<unknown, { readonly message: string }>) =>
    Result.isFailure(result) ? result.failure : undefined

  /** A number that is written as words and cannot be read from them. */
  const OneWay = Schema.Struct({
    left: Schema.String.pipe(
      Schema.decodeTo(Schema.Int, SchemaTransformation.transform({ decode: (): number => 0.5, encode: String }))
    ),
    redeemed: Schema.Int,
    last: Schema.Option(Schema.String)
  })

  it("D22 a state that could be written and not read", () => {
    const odd = { ...batches, state: OneWay }
    expect(failureOf(SubjectEntry.decide(profiles, odd, undefined, sent(issue(10))))).toMatchObject({
      _tag: "StoreBroken"
    })
  })

  it.each([
    ["no fen", { from: "school:a", to: "school:b", amount: 0 }],
    ["half a fen", { from: "school:a", to: "school:b", amount: 0.5 }],
    ["more than a number can tell", { from: "school:a", to: "school:b", amount: 2 ** 53 }],
    ["a book that is the same", { from: "school:a", to: "school:a", amount: 1 }],
    ["a book without a name", { from: "", to: "school:a", amount: 1 }],
    ["a pocket of an account", { from: "account-1/wallet", to: "school:a", amount: 1 }],
    ["a debt of an account", { from: "school:a", to: "account-1/receivable", amount: 1 }]
  ])("I1 I5 a posting that moves %s", (_, posting) => {
    const odd = { ...batches, postings: () => [posting] }
    expect(failureOf(SubjectEntry.decide(profiles, odd, undefined, sent(issue(10))))).toMatchObject({
      _tag: "StoreBroken",
      operation: "post for vouchers"
    })
  })

  it("D24 what is refused is told by its place, and its value is not repeated", () => {
    const state = SubjectEntry.readState(batches, "batch-1", { ...kept.json, left: "13800138000" })
    const entry = SubjectEntry.readEntry(batches, {
      ...decided(kept, redeem(1)).line,
      sequence: 1,
      body: "13800138000"
    })
    for (const failure of [failureOf(state), failureOf(entry)]) {
      expect(failure).toMatchObject({ _tag: "StoreBroken" })
      expect(JSON.stringify(failure)).not.toContain("13800138000")
    }
    expect(String((failureOf(state) as { readonly cause?: unknown }).cause)).toContain("left")
  })
})
