// Who is turned away is told in one line, and whoever comes again and again fills no log.
import { Effect, Logger, References } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import * as DoorLog from "../src/DoorLog.ts"

/** The lines that are told meanwhile. */
const lines = (test: (log: DoorLog.DoorLog) => Effect.Effect<unknown>, options?: DoorLog.Options) => {
  const told: Array<string> = []
  const catching = Logger.make(({ message }) => void told.push(String(message)))
  return Effect.gen(function*() {
    yield* Effect.scoped(Effect.flatMap(DoorLog.make("callbacks", options), test))
    return told
  }).pipe(
    Effect.provide(Logger.layer([catching])),
    Effect.provideService(References.MinimumLogLevel, "All"),
    Effect.provide(TestClock.layer()),
    Effect.runPromise
  )
}
const forged = { reason: "forged", peer: "10.0.0.1", channel: "weChat", what: "the signature" } as const
const line = "Turned away at the door (callbacks, weChat) from 10.0.0.1: forged: the signature"

describe("the log of a door", () => {
  it("tells the first at once, and says where, who and why", async () => {
    expect(await lines((log) => log.refused(forged))).toEqual([line])
  })
  it("counts the same peer and reason, and tells the number once an interval", async () => {
    const told = await lines((log) =>
      Effect.gen(function*() {
        yield* Effect.replicateEffect(log.refused(forged), 500)
        yield* TestClock.adjust(60_000)
        yield* Effect.replicateEffect(log.refused(forged), 3)
        yield* TestClock.adjust(60_000)
        yield* TestClock.adjust(600_000)
        yield* log.refused(forged)
      })
    )
    expect(told).toEqual([
      line,
      `${line}; 499 times since the last line about it`,
      `${line}; 3 times since the last line about it`,
      line
    ])
  })
  it("what is counted at the end is told then", async () => {
    const told = await lines((log) => Effect.replicateEffect(log.refused(forged), 5))
    expect(told).toEqual([line, `${line}; 4 times since the last line about it`])
  })
  it("another peer and another reason have lines of their own", async () => {
    const told = await lines((log) =>
      Effect.all([
        log.refused(forged),
        log.refused({ ...forged, peer: "10.0.0.2" }),
        log.refused({
          ...forged,
          reason: "stale"
        })
      ])
    )
    expect(told).toHaveLength(3)
  })
  it("of ten thousand peers no more are told of, and remembered, than the options say", async () => {
    const told = await lines(
      (log) =>
        Effect.forEach(
          Array.from({ length: 10_000 }, (_, at) => `10.0.${at >> 8}.${at % 256}`),
          (peer) => log.refused({ reason: "malformed", peer })
        ),
      { most: 10, interval: 1_000 }
    )
    expect(told).toHaveLength(12)
    expect(told.at(-1)).toBe(
      "Turned away at the door (callbacks) from others: malformed; 9989 times since the last line about it"
    )
  })
  it("an address of IPv4 over IPv6 is one of IPv4", () => {
    expect([DoorLog.peerOf("::ffff:10.0.0.1"), DoorLog.peerOf("fe80::1"), DoorLog.peerOf(undefined)])
      .toEqual(["10.0.0.1", "fe80::1", "unknown"])
  })
})
