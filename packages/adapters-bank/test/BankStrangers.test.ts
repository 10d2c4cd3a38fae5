// Anybody can connect to the port of the bank: strangers have few places and little time, and the bank gets its answer.
import { Effect, Result, type Scope } from "effect"
import * as Net from "node:net"
import { describe, expect, it } from "vitest"
import * as BankClient from "../src/BankClient.ts"
import * as BankLine from "../src/BankLine.ts"
import type * as DoorLog from "../src/DoorLog.ts"
import * as LengthPrefix from "../src/LengthPrefix.ts"
import { allowing, Strangers } from "../src/Strangers.ts"

const prefix: LengthPrefix.Prefix = { form: "digits", size: 4, countsItself: false, largest: 64 }
const manners: BankLine.Manners = { ...BankLine.manners, prefix, idle: 5_000, within: 1_000, grace: 200 }
const patience: BankClient.Patience = { ...BankClient.patience, prefix, answer: 1_000 }
const local = { host: "127.0.0.1", port: 0 }
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))
const frame = (text: string): Uint8Array => LengthPrefix.write(prefix, bytes(text))
/** Believes whoever says "bank". */
const guarded = (message: Uint8Array) =>
  Effect.succeed(Buffer.from(message).toString().startsWith("bank") ? bytes("yes") : undefined)
const run = <A, E>(test: Effect.Effect<A, E, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(test))

/** A server, and the reasons that its log heard. */
const served = Effect.fnUntraced(function*(own: Partial<BankLine.Manners> = {}) {
  const heard: Array<DoorLog.Reason> = []
  const log: DoorLog.DoorLog = { refused: ({ reason }) => Effect.sync(() => void heard.push(reason)) }
  const listening = yield* BankLine.serve(local, { ...manners, ...own }, () => guarded, log)
  return { ...listening, heard }
})

/** One who connects and sends this. */
const knock = (port: number, says?: Uint8Array) =>
  Effect.acquireRelease(
    Effect.callback<Net.Socket>((resume) => {
      const socket = Net.connect(port, "127.0.0.1", () => {
        if (says !== undefined) socket.write(says)
        resume(Effect.succeed(socket))
      })
      socket.on("error", () => {}).resume()
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )
const bank = (port: number) => BankClient.client(BankClient.dial({ host: "127.0.0.1", port }), patience)
const answered = (client: BankClient.Client) =>
  Effect.map(Effect.result(client.ask(bytes("bank"))), (got) => Result.isSuccess(got))

describe("strangers", () => {
  const crowds: ReadonlyArray<readonly [string, Uint8Array | undefined]> = [
    ["say nothing", undefined],
    ["send garbage", bytes("GET / HTTP/1.1")],
    ["send half a message", frame("half").subarray(0, 6)],
    ["send messages that are not believed", frame("liar")]
  ]
  it.each(crowds)("two hundred who %s do not keep the bank out", (_, says) =>
    run(Effect.gen(function*() {
      const { connected, heard, port } = yield* served({ strangers: 20 })
      const early = yield* bank(port)
      expect(yield* answered(early)).toBe(true)
      yield* Effect.replicateEffect(knock(port, says), 200, { concurrency: 50 })
      const late = yield* bank(port)
      // Who was connected before is not ended for them, and who comes after them gets a place.
      expect([yield* answered(late), yield* answered(early)]).toEqual([true, true])
      expect(yield* connected).toBeLessThanOrEqual(22)
      expect(heard.length).toBeGreaterThan(0)
    })))
  it("the one who has waited longest is ended for the next", () =>
    run(Effect.gen(function*() {
      const { heard, port } = yield* served({ strangers: 2 })
      const [first, second] = [yield* knock(port), yield* knock(port)]
      yield* knock(port)
      yield* Effect.sleep(50)
      expect([first.closed, second.closed, heard]).toEqual([true, false, ["crowded"]])
    })))
  const short: ReadonlyArray<readonly [string, Partial<BankLine.Manners>, Uint8Array | undefined, DoorLog.Reason]> = [
    ["who says nothing has less time than the bank", { first: 50 }, undefined, "silent"],
    ["whose messages are not believed has it too", { first: 50 }, frame("liar"), "silent"],
    ["whose fifth message is not believed is ended", {}, bytes("0004liar".repeat(5)), "disbelieved"],
    ["who sends an empty message is ended", {}, bytes("0000"), "malformed"],
    ["who sends no length is ended", {}, bytes("abcd"), "malformed"],
    ["who announces too much is ended", {}, bytes("9999"), "tooLarge"],
    ["whom the settings do not allow is ended", { allow: ["10.1.0.0/16", "::1"] }, frame("bank"), "notAllowed"]
  ]
  it.each(short)("one %s, and told of once", (_, own, says, reason) =>
    run(Effect.gen(function*() {
      const { connected, heard, port } = yield* served(own)
      const socket = yield* knock(port, says)
      yield* Effect.sleep(150)
      expect([heard, socket.closed, yield* connected]).toEqual([[reason], true, 0])
    })))
  it("four messages that are not believed, and one that is, are none", () =>
    run(Effect.gen(function*() {
      const { connected, heard, port } = yield* served()
      yield* knock(port, Buffer.concat([bytes("0004liar".repeat(4)), frame("bank"), bytes("0004liar".repeat(4))]))
      yield* Effect.sleep(100)
      expect([heard, yield* connected]).toEqual([[], 1])
    })))
  it("whom the settings allow is let in", () =>
    run(Effect.gen(function*() {
      const { port } = yield* served({ allow: ["127.0.0.0/8"] })
      expect(yield* answered(yield* bank(port))).toBe(true)
    })))
  it("who asks faster than he is answered waits: nothing more is read meanwhile", () =>
    run(Effect.gen(function*() {
      let most = 0
      let now = 0
      const slow = (message: Uint8Array) =>
        Effect.sync(() => void (most = Math.max(most, ++now))).pipe(
          Effect.andThen(Effect.sleep(1)),
          Effect.andThen(Effect.sync(() => void now--)),
          Effect.as(message)
        )
      const { port } = yield* BankLine.serve(local, manners, () => slow)
      yield* knock(port, bytes("0004bank".repeat(100)))
      yield* Effect.sleep(300)
      expect(most).toBe(1)
    })))
})

describe("places", () => {
  const at = () => ({ peer: "10.0.0.1", end: () => {} })
  it("are the bank's as soon as it has shown who it is, and no more than there are", () => {
    const places = new Strangers(1, 1)
    const [one, other] = [at(), at()]
    expect(places.admit(one)).toBeUndefined()
    expect([places.prove(one), places.isFull]).toEqual([true, true])
    expect(places.admit(other)).toBeUndefined()
    expect([places.prove(other), places.size]).toEqual([false, 1])
    places.leave(one)
    expect([places.isFull, places.size]).toEqual([false, 0])
  })
  it.each(
    [
      [undefined, "10.9.9.9", true],
      [[], "10.9.9.9", false],
      [["10.9.9.9"], "10.9.9.9", true],
      [["10.9.0.0/16"], "10.9.9.9", true],
      [["10.8.0.0/16"], "10.9.9.9", false],
      [["fd00::/8"], "fd00::1", true],
      [["fd00::/8"], "fe80::1", false]
    ] as const
  )("of a list %j for %s: %s", (allow, peer, is) => expect(allowing(allow)(peer)).toBe(is))
})
