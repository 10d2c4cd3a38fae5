import { Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Category } from "../src/Point.ts"
import { csmzxy } from "../src/presets/Csmzxy.ts"
import * as Procedure from "../src/Procedure.ts"

// What is done where, as the manual says it; at any other kind of point it is not.
const table = [
  ["R8", "openAccount", ["office"]],
  ["R30", "issueCard", ["bankWindow"]],
  ["R31 R41", "activateCard", ["counter"]],
  ["R30", "cancelCard", ["counter", "bankWindow"]],
  ["R39", "reportLost", ["app"]],
  ["R43", "reportFound", ["counter"]],
  ["R40", "reportBankSideLost", ["bankWindow"]],
  ["R47", "extendValidity", ["counter"]],
  ["R37 R66", "changePassword", ["counter", "kiosk"]],
  ["R36", "resetPassword", ["counter"]],
  ["R22", "openWallet", ["app"]],
  ["R26", "bindTransfer", ["kiosk"]],
  ["R22", "bindWallet", ["app"]],
  ["R6", "bindAlipay", ["app"]],
  ["D2", "moveToTransit", ["app"]],
  ["R67-R69", "placeRecharge", ["app"]],
  ["D2", "creditRecharge", ["app", "office"]],
  ["D6", "grantSubsidy", ["office"]],
  ["D6", "expireSubsidy", ["office"]],
  ["R42 R65", "claimFrozen", ["kiosk"]],
  ["D7 A16", "closeAccount", ["counter", "office"]],
  ["D7", "payOut", ["office"]],
  ["D5", "reversePurchase", ["canteen", "shop"]],
  ["R55", "openTemporary", ["counter"]],
  ["R55 A15", "issueTemporary", ["counter"]],
  ["D5 R76", "refundPurchase", ["office"]],
  ["D10", "repayDebt", ["counter"]],
  ["D10", "writeOffDebt", ["office"]],
  ["R15", "grantAccess", ["office"]],
  ["R15", "revokeAccess", ["office"]],
  ["R16", "openByKeyRing", ["app"]],
  ["R10-R17", "identify", ["access"]]
] as const
const cases = table.flatMap(([number, procedure, places]) =>
  Category.literals.map((category) =>
    [number, procedure, category, (places as ReadonlyArray<string>).includes(category) ? "yes" : "no"] as const
  )
)

describe("R30-R47 R65 R66 办理地点: what is done where", () => {
  it.each(cases)("%s %s at %s: %s", (_, procedure, category, answer) => {
    const allowed = csmzxy.places[procedure]
    expect(Procedure.refuse(csmzxy.places, procedure, category)).toEqual(
      answer === "yes" ? undefined : { _tag: "ChannelNotAllowed", procedure, category, allowed }
    )
  })

  it("R75 the table leaves nothing out", () => {
    expect(table.map(([, procedure]) => procedure).toSorted()).toEqual([...Procedure.Procedure.literals].toSorted())
  })

  it("R43 a loss is reported in the app and taken back at the counter only, never the other way round", () => {
    expect(Procedure.refuse(csmzxy.places, "reportFound", "app")).toEqual({
      _tag: "ChannelNotAllowed",
      procedure: "reportFound",
      category: "app",
      allowed: ["counter"]
    })
    expect(Procedure.refuse(csmzxy.places, "reportLost", "app")).toBeUndefined()
  })
})

const places = fc.record(
  Object.fromEntries(
    Procedure.Procedure.literals.map((procedure) => [procedure, fc.subarray([...Category.literals])])
  ) as { [P in Procedure.Procedure]: fc.Arbitrary<Array<Category>> }
)

describe("A25 for any school", () => {
  it("R75 a procedure is refused exactly where the school does not list it, and the refusal says where it is done", () => {
    fc.assert(
      fc.property(
        places,
        fc.constantFrom(...Procedure.Procedure.literals),
        fc.constantFrom(...Category.literals),
        (places, procedure, category) => {
          const refusal = Procedure.refuse(places, procedure, category)
          expect(refusal === undefined).toBe(places[procedure].includes(category))
          if (refusal !== undefined) expect(refusal.allowed).toEqual(places[procedure])
          expect(Schema.is(Procedure.Places)(places)).toBe(true)
        }
      )
    )
  })

  it("R75 a school says for every procedure where it is done", () => {
    const is = Schema.is(Procedure.Places)
    expect(is(csmzxy.places)).toBe(true)
    for (const procedure of Procedure.Procedure.literals) {
      const { [procedure]: _, ...others } = csmzxy.places
      expect(is(others)).toBe(false)
    }
    expect(is({ ...csmzxy.places, reportLost: ["moon"] })).toBe(false)
  })
})
