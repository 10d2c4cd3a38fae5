import { Result } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { instant } from "../src/CivilTime.ts"
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
const decide = (state: RefusedScan.State | undefined) =>
  RefusedScan.decider.decide(state, refused, {
    profile: csmzxy,
    subject: "host:scan-1",
    caller: Id.CallerId.make("host"),
    id: Id.CommandId.make("scan-1"),
    now
  })

describe("a scan that was refused (D18, D23)", () => {
  it("D18 it is refused once, and is kept as it was refused", () => {
    const [event] = Result.getOrThrow(decide(undefined))
    if (event === undefined) throw new Error("It is refused")
    const { _tag, ...facts } = refused
    const state = RefusedScan.decider.evolve(undefined, event)
    expect(state).toEqual({ at: now, ...facts })
    expect(Result.getFailure(decide(state))).toMatchObject({ value: { _tag: "SubjectExists" } })
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
      fc.pre(!text.startsWith("YK:"))
      expect(RefusedScan.digest({ text })).toBe(none)
    }))
  })
})
