import { Result, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
import type { Decline } from "../src/Decline.ts"
import * as ForeignCode from "../src/ForeignCode.ts"
import * as Id from "../src/Id.ts"
import * as RefusedScan from "../src/RefusedScan.ts"
import { csmzxy } from "./support/Life.ts"

const now = instant("2025-11-03 12:00")
const refused: RefusedScan.Command = {
  _tag: "Refuse",
  point: Id.PointId.make("canteen-1"),
  purpose: "pay",
  scanned: RefusedScan.digest({ text: "no code" }),
  decline: { _tag: "CodeMalformed" }
}
const passedOn: RefusedScan.Command = {
  _tag: "PassOn",
  point: Id.PointId.make("canteen-1"),
  purpose: "pay",
  scanned: RefusedScan.digest({ text: "134567890123456789" }),
  wallet: "weChat"
}
const decide = (state: RefusedScan.State | undefined, command: RefusedScan.Command) =>
  RefusedScan.decider.decide(state, command, {
    profile: csmzxy,
    subject: "host:scan-1",
    caller: Id.CallerId.make("host"),
    id: Id.CommandId.make("scan-1"),
    now
  })

const commands = fc.record({
  point: fc.constantFrom("canteen-1", "dorm-1").map((point) => Id.PointId.make(point)),
  purpose: fc.constantFrom("pay" as const, "identify" as const),
  scanned: fc.string().map((text) => RefusedScan.digest({ text })),
  said: fc.oneof(
    fc.constantFrom("weChat" as const, "longPay" as const, "unionPay" as const, "alipay" as const),
    fc.constantFrom<Decline>(
      { _tag: "CodeMalformed" },
      { _tag: "BadSignature", by: "device" },
      { _tag: "WrongCodeKind", medium: "ecodePayCode" }
    )
  )
}).map(({ said, ...scan }): RefusedScan.Command =>
  typeof said === "string" ? { _tag: "PassOn", ...scan, wallet: said } : { _tag: "Refuse", ...scan, decline: said }
)

/** What comes out of a database into which it was written. */
const stored = <A>(schema: Schema.Codec<A, unknown>, value: A): A =>
  Schema.decodeUnknownSync(schema)(JSON.parse(JSON.stringify(Schema.encodeSync(schema)(value))))

describe("a scan that was refused or passed on (D18, D23)", () => {
  it.each([
    ["refused", refused, passedOn],
    ["passed on", passedOn, refused]
  ])("D18 R7 it is %s once, and is kept as that", (_, command, other) => {
    const [event] = Result.getOrThrow(decide(undefined, command))
    if (event === undefined) throw new Error("It is answered")
    const { _tag, ...facts } = command
    const state = RefusedScan.decider.evolve(undefined, event)
    expect(state).toEqual({ at: now, ...facts })
    for (const again of [command, other]) {
      expect(Result.getFailure(decide(state, again))).toMatchObject({ value: { _tag: "SubjectExists" } })
    }
  })

  it("D18 D21 commands, events and states are the same again when a store reads what it wrote", () => {
    const { command, event, state } = RefusedScan.decider
    fc.assert(fc.property(commands, (body) => {
      const [happened] = Result.getOrThrow(decide(undefined, body))
      if (happened === undefined) throw new Error("It is answered")
      expect(stored(command, body)).toEqual(body)
      expect(stored(event, happened)).toEqual(happened)
      const after = RefusedScan.decider.evolve(undefined, happened)
      expect(stored(state, after)).toEqual(after)
      expect("wallet" in after).toBe(body._tag === "PassOn")
    }))
  })

  it.each(["campus", "unknown"])("R7 nothing is passed on to %s, which is no wallet", (wallet) => {
    const is = Schema.is(RefusedScan.Command)
    expect([is({ ...passedOn, wallet }), is(passedOn)]).toEqual([false, true])
  })

  it.each<[string, Record<string, unknown>, boolean]>([
    ["the same again", { text: "YK:1", amount: 100 }, true],
    ["in another order", { amount: 100, text: "YK:1" }, true],
    ["another code", { text: "YK:2", amount: 100 }, false],
    ["another sum", { text: "YK:1", amount: 101 }, false]
  ])("D18 a retry is known by what was asked: %s", (_, asked, same) => {
    const first = RefusedScan.digest({ text: "YK:1", amount: 100 })
    expect(RefusedScan.digest({ text: "", ...asked }) === first).toBe(same)
  })

  it("D24 of what does not look like a code of ours nothing is kept, whatever it is", () => {
    const none = RefusedScan.digest({ text: "" })
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      fc.pre(ForeignCode.recognise(text) === "unknown")
      expect(RefusedScan.digest({ text })).toBe(none)
    }))
  })

  it("D24 R7 of the code of another wallet nothing is kept but whose it is", () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`))
    const ofWallets = fc.tuple(
      digits(16).map((rest) => `13${rest}`),
      digits(12).map((rest) => `6210105${rest}`),
      digits(14).map((rest) => `6292222${rest}`.slice(0, 19)),
      digits(14).map((rest) => `28${rest}`)
    )
    const digests = (texts: ReadonlyArray<string>) => texts.map((text) => RefusedScan.digest({ text }))
    fc.assert(fc.property(ofWallets, ofWallets, (some, others) => {
      expect(digests(some)).toEqual(digests(others))
      expect(new Set(digests([...some, "no code", "YK:weChat"])).size).toBe(6)
    }))
  })
})
