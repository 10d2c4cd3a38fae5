import type { Callback } from "@yikatong/core"
import { Effect, Logger, References } from "effect"
import { describe, expect, it } from "vitest"
import { Chance } from "../../src/sandbox/Chance.ts"
import { House } from "../../src/sandbox/House.ts"
import { Rules } from "../../src/sandbox/Mischief.ts"
import { Names } from "../../src/sandbox/Names.ts"
import { SandboxClock } from "../../src/sandbox/SandboxClock.ts"
import type { Answer, Wire } from "../../src/sandbox/Wire.ts"
import * as WireDesk from "../../src/sandbox/WireDesk.ts"

const request: Callback.Raw = { method: "POST", url: "/pay", headers: {}, body: new TextEncoder().encode("secret") }

/** What the desk answers for a wire that gives this answer, and what it writes to the log. */
const served = (answer: Answer) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const log = Logger.make<unknown, void>(({ message }) => void lines.push([message].flat().join(" ")))
    const { name } = new Names(new Chance(0))
    const wire = { name: "till", route: () => ({ operation: "create", run: () => answer }) } as unknown as Wire
    const premises: WireDesk.Premises = {
      house: new House(name),
      rules: new Rules(),
      clock: yield* SandboxClock.make(),
      wires: [wire],
      name,
      origin: () => "http://127.0.0.1:1"
    }
    const outcome = yield* WireDesk.answer(premises, request).pipe(Effect.provide(Logger.layer([log])))
    return { lines, outcome }
  }).pipe(Effect.scoped, Effect.provideService(References.MinimumLogLevel, "All"), Effect.runPromise)

describe("the log of the sandbox", () => {
  it("has the one line that a wire leaves of what it refuses, and of what it answers none", async () => {
    const refused = { status: 401, headers: {}, body: new Uint8Array(), note: "The till refuses create: SIGN_ERROR" }
    const { lines, outcome } = await served(refused)
    expect(lines).toEqual(["The till refuses create: SIGN_ERROR"])
    expect(outcome).toMatchObject({ _tag: "Answer", answer: { status: 401 } })
    expect((await served({ status: 200, headers: {}, body: new Uint8Array() })).lines).toEqual([])
  })
})
