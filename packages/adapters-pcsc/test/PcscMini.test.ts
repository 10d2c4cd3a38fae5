// pcsc-mini where there is no reader at hand: what its errors are called here, and what happens where it does not load. With pcscd:
// Reader.chain.test.ts.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { PcscMini } from "../src/node/index.ts"

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
})
