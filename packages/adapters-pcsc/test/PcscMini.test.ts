// pcsc-mini where there is no reader at hand: what its errors are called here, and what happens where it does not load. With pcscd:
// Reader.chain.test.ts.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { PcscMini } from "../src/node/index.ts"
import { collect } from "./support/Collector.ts"

describe("pcsc-mini", () => {
  it.each([
    ["NoService", "NoService"],
    ["Shutdown", "ServiceStopped"],
    ["NoSmartCard", "NoCard"],
    ["RemovedCard", "RemovedCard"],
    ["ResetCard", "ResetCard"],
    ["SharingViolation", "SharingViolation"],
    ["SecurityViolation", "AccessDenied"],
    ["CardIsBusy", "Busy"],
    // The service's own, which may come after a command was sent.
    ["ServerTooBusy", "Other"],
    ["TooManyCardConnections", "HandlesExhausted"],
    ["NoCardConnection", "InvalidHandle"],
    ["TransactionAlreadyInProgress", "Other"],
    ["StatusEventBufferOverflow", "Other"]
  ])("its %s is %s here, and its own word is kept", (detail, code) => {
    expect(PcscMini.failure("connect", Object.assign(new Error("secret"), { code: detail }))).toMatchObject({
      operation: "connect",
      code,
      detail
    })
  })

  it.each([undefined, null, "text", new Error("without a code")])("%s is an unknown failure", (cause) => {
    expect(PcscMini.failure("connect", cause)).toMatchObject({ code: "Other", detail: "Unknown" })
  })

  it.effect("does not load on this platform: told when it is opened, with the reason, and not when it is imported", () =>
    Effect.gen(function*() {
      const binding = PcscMini.make(() =>
        Promise.reject(new Error("Required addon dependency not found (@pcsc-mini/plan9)\nmore"))
      )
      const failure = yield* Effect.flip(Effect.scoped(binding.open({ changed: () => {}, died: () => {} })))
      expect(failure).toMatchObject({ _tag: "PcscError", operation: "load pcsc-mini", code: "Other" })
      expect(failure.detail).toContain("@pcsc-mini/plan9")
      expect(failure.detail).not.toContain("more")
    }))

  /** pcsc-mini, as far as a card on one reader needs it; it speaks what `spoken` says, and is stopped by `stop`. */
  const fake = (spoken: () => number, stop: (client: object) => void = () => {}) => {
    const card = { protocol: spoken }
    const reader = { name: () => "R", on: () => reader, connect: () => Promise.resolve(card) }
    class Client {
      on(event: string, tell: (reader: object) => void) {
        if (event === "reader") tell(reader)
        return this
      }
      start() {
        return this
      }
      stop() {
        stop(this)
      }
    }
    return PcscMini.make(() =>
      Promise.resolve({
        Client,
        CardMode: { SHARED: 2, EXCLUSIVE: 1 },
        CardDisposition: {},
        Protocol: { T0: 1, T1: 2, RAW: 4 }
      })
    )
  }

  it.live.each<[title: string, spoken: () => number, protocol: string]>([
    ["T=0", () => 1, "T=0"],
    ["T=1", () => 2, "T=1"],
    ["the raw protocol", () => 4, "other"],
    ["a handle that is gone", () => {
      throw Object.assign(new Error(), { code: "NoCardConnection" })
    }, "other"]
  ])("what is spoken to a card: %s", ([, spoken, protocol]) =>
    Effect.scoped(Effect.gen(function*() {
      const client = yield* fake(spoken).open({ changed: () => {}, died: () => {} })
      expect((yield* client.connect("R", "shared")).protocol()).toBe(protocol)
    })))

  it.live("what is spoken is asked anew each time: after a reset it may be another protocol", () =>
    Effect.scoped(Effect.gen(function*() {
      let spoken = 1
      const client = yield* fake(() => spoken).open({ changed: () => {}, died: () => {} })
      const card = yield* client.connect("R", "shared")
      const first = card.protocol()
      spoken = 2
      expect([first, card.protocol()]).toEqual(["T=0", "T=1"])
    })))

  // Freed, pcsc-mini stops it once more, and what that throws is an uncaught exception.
  it.live.each<[title: string, stop: () => void, isFreed: boolean]>([
    ["was stopped is freed", () => {}, true],
    ["could not be stopped is not", () => {
      throw Object.assign(new Error(), { code: "NoService" })
    }, false]
  ])("a client that %s", ([, stop, isFreed]) =>
    Effect.gen(function*() {
      let stopped: WeakRef<object> | undefined
      const binding = fake(() => 1, (client) => {
        stopped = new WeakRef(client)
        stop()
      })
      yield* Effect.scoped(binding.open({ changed: () => {}, died: () => {} }))
      // What a WeakRef was made of lives until the turn's end at least.
      yield* Effect.sleep(1)
      yield* collect
      expect(stopped).toBeInstanceOf(WeakRef)
      expect(stopped?.deref() === undefined).toBe(isFreed)
    }))
})
