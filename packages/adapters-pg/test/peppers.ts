// What every database answers to peppers, on whichever it runs: a campus that opens with other keys than it was begun with.
import { Fault, PasswordHasher, Pin } from "@yikatong/core"
import type { Backend, Profiles } from "@yikatong/core"
import { Effect, type Layer, Result } from "effect"
import { expect } from "vitest"
import type { Peppers } from "../src/index.ts"

const former = "the key with which it was begun, of 32 bytes"
const other = "another key under the same id, of 32 bytes"
const pin = Result.getOrThrow(Pin.parse("730519"))

/** Opens one campus again and again with other peppers. `kept`: what the database holds of them, as text. */
export const reopening = async (
  open: (peppers: Peppers.Peppers) => Layer.Layer<Backend.Ports | Profiles.Profiles, Fault.Fault>,
  kept: () => Promise<string>
): Promise<void> => {
  const within = <A, E>(peppers: Peppers.Peppers, effect: Effect.Effect<A, E, Backend.Ports>) =>
    Effect.runPromise(Effect.result(Effect.provide(effect, open(peppers))))
  const hash = Effect.flatMap(PasswordHasher.PasswordHasher, ({ hash }) => hash(pin))
  const right = (stored: string) => Effect.flatMap(PasswordHasher.PasswordHasher, ({ verify }) => verify(pin, stored))

  const stored = Result.getOrThrow(await within({ current: "2026", keys: { "2026": former } }, hash))
  const begun = await kept()

  // Another key under the known id, current or not: the campus does not open, says which and what to do, and no key.
  for (
    const peppers of [
      { current: "2026", keys: { "2026": other } },
      { current: "2027", keys: { "2026": other, "2027": former } }
    ]
  ) {
    const refused = await within(peppers, right(stored))
    const fault = Result.isFailure(refused) ? refused.failure : undefined
    expect(fault).toBeInstanceOf(Fault.PepperRefused)
    const told = String(fault) + JSON.stringify(fault)
    expect(told).toContain("2026")
    expect(told).toContain("give the former key again")
    for (const key of [former, other]) expect(told).not.toContain(key)
    expect(await kept()).toBe(begun)
  }

  // The former key opens it still, and a new key comes under an id of its own.
  expect(await within({ current: "2026", keys: { "2026": former } }, right(stored))).toEqual(Result.succeed(true))
  const rotated = { current: "2027", keys: { "2026": former, "2027": other } }
  expect(await within(rotated, right(stored))).toEqual(Result.succeed(true))
  expect(await within(rotated, hash)).toMatchObject({ success: expect.stringContaining("$2027$") })
  expect(await within({ current: "2027", keys: { "2027": former } }, hash)).toMatchObject({
    failure: { _tag: "PepperRefused" }
  })
  for (const key of [former, other]) expect(await kept()).not.toContain(key)
}
