import { Deferred, Effect, Exit, Fiber, Result, Scope } from "effect"
import * as Net from "node:net"
import { type Duplex, duplexPair } from "node:stream"
import { describe, expect, it } from "vitest"
import * as BankClient from "../src/BankClient.ts"
import * as BankLine from "../src/BankLine.ts"
import * as LengthPrefix from "../src/LengthPrefix.ts"

const prefix: LengthPrefix.Prefix = { form: "digits", size: 4, countsItself: false, largest: 64 }
const manners: BankLine.Manners = { prefix, most: 2, idle: 150, within: 100, grace: 500 }
const patience: BankClient.Patience = { prefix, connect: 500, answer: 150, firstWait: 60, longestWait: 200 }
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))
const text = (got: Uint8Array): string => Buffer.from(got).toString()
/** Says what it hears, in capitals; nothing to "quiet". */
const echo: BankLine.Answering<never> = (message) =>
  Effect.succeed(text(message) === "quiet" ? undefined : bytes(text(message).toUpperCase()))
const run = <A, E>(test: Effect.Effect<A, E, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(test))
const lost = (asked: Result.Result<unknown, BankClient.LineLost>) => {
  const { isSent, why } = Result.getOrThrow(Result.flip(asked))
  return `${why} ${isSent ? "after" : "before"}`
}

/** A client whose other end is in the test's hands. */
const paired = Effect.fnUntraced(function*(onOpen: (far: Duplex) => void) {
  let opened = 0
  const client = yield* BankClient.client(
    Effect.sync(() => {
      opened++
      const [near, far] = duplexPair()
      onOpen(far)
      return near
    }),
    patience
  )
  return { client, opened: () => opened }
})

describe("a connection that is served, over a stream in memory", () => {
  const frame = (message: string): Uint8Array => LengthPrefix.write(prefix, bytes(message))
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<Uint8Array>, string, string]> = [
    ["nothing for a while", [], "Idle", ""],
    ["a message and then nothing", [frame("one")], "Idle", "0003ONE"],
    ["two in one piece", [Buffer.concat([frame("one"), frame("two")])], "Idle", "0003ONE0003TWO"],
    ["one that has no answer", [frame("quiet"), frame("two")], "Idle", "0003TWO"],
    ["half a message", [frame("one").subarray(0, 5)], "Slow", ""],
    ["half a length behind a message", [frame("one"), bytes("00")], "Slow", "0003ONE"],
    ["a length that is none", [frame("one"), bytes("12x4")], "Refused", "0003ONE"],
    ["a length beyond the limit", [bytes("0065")], "Refused", ""]
  ]
  it.each(cases)("%s", async (_, pieces, end, heard) => {
    const [near, far] = duplexPair()
    let got = ""
    far.on("data", (piece: Buffer) => void (got += piece.toString()))
    for (const piece of pieces) far.write(piece)
    const ended = await Effect.runPromise(BankLine.attend(near, manners, echo))
    expect([ended._tag, got]).toEqual([end, heard])
    expect(near.destroyed).toBe(true)
  })
  it("byte by byte is too slow, however often one comes", async () => {
    const [near, far] = duplexPair()
    const began = Date.now()
    let sent = 0
    const drip = setInterval(() => far.write(bytes("0064aaaaaaaaaaaa".charAt(sent++ % 16))), 20)
    const ended = await Effect.runPromise(BankLine.attend(near, { ...manners, idle: 10_000 }, echo))
    clearInterval(drip)
    expect(ended._tag).toBe("Slow")
    expect(Date.now() - began).toBeLessThan(1_000)
  })
  it("a peer that does not take its answer is let go", async () => {
    const [near, far] = duplexPair({ highWaterMark: 8 })
    far.write(frame("a".repeat(60)))
    far.write(frame("b".repeat(60)))
    const ended = await Effect.runPromise(BankLine.attend(near, { ...manners, idle: 10_000 }, echo))
    expect(ended._tag).toBe("NotTaken")
  })
  it("closed by the peer", async () => {
    const [near, far] = duplexPair()
    far.end()
    expect((await Effect.runPromise(BankLine.attend(near, manners, echo)))._tag).toBe("Closed")
  })
})

describe("a client, over a stream in memory", () => {
  const serving = (far: Duplex) => void Effect.runFork(BankLine.attend(far, { ...manners, idle: 10_000 }, echo))
  it("asks one thing at a time, over one connection", () =>
    run(Effect.gen(function*() {
      const { client, opened } = yield* paired(serving)
      const words = ["one", "two", "three", "four"]
      const answers = yield* Effect.forEach(words, (word) => client.ask(bytes(word)), { concurrency: "unbounded" })
      expect(answers.map(text)).toEqual(["ONE", "TWO", "THREE", "FOUR"])
      expect(opened()).toBe(1)
    })))
  const ways: ReadonlyArray<readonly [string, (far: Duplex) => void, string]> = [
    ["nothing comes", (far) => void far.resume(), "timeout after"],
    ["the line ends", (far) => void far.once("data", () => far.destroy()), "closed after"],
    ["half an answer comes", (far) => void far.once("data", () => far.write(bytes("0003ON"))), "timeout after"],
    ["what comes is no length", (far) => void far.once("data", () => far.write(bytes("HTTP/1.1 200"))), "framing after"]
  ]
  it.each(ways)(
    "%s: nobody knows, and the next question has a line of its own",
    (_, onOpen, why) =>
      run(Effect.gen(function*() {
        let times = 0
        const { client, opened } = yield* paired((far) => times++ === 0 ? onOpen(far) : serving(far))
        expect(lost(yield* Effect.result(client.ask(bytes("one"))))).toBe(why)
        expect(text(yield* client.ask(bytes("two")))).toBe("TWO")
        expect(opened()).toBe(2)
      }))
  )
  it("an answer that comes too late is not that of the next question", () =>
    run(Effect.gen(function*() {
      let times = 0
      const { client } = yield* paired((far) => {
        if (times++ > 0) return serving(far)
        far.once("data", () => void setTimeout(() => far.write(LengthPrefix.write(prefix, bytes("ONE"))), 200))
      })
      expect(lost(yield* Effect.result(client.ask(bytes("one"))))).toBe("timeout after")
      yield* Effect.sleep(100)
      expect(text(yield* client.ask(bytes("two")))).toBe("TWO")
    })))
  it("an answer that nobody asked for ends the connection", () =>
    run(Effect.gen(function*() {
      let times = 0
      const { client, opened } = yield* paired((far) => {
        if (times++ > 0) return serving(far)
        const twice = Buffer.concat([
          LengthPrefix.write(prefix, bytes("ONE")),
          LengthPrefix.write(prefix, bytes("TWO"))
        ])
        far.once("data", () => far.write(twice))
      })
      expect(text(yield* client.ask(bytes("one")))).toBe("ONE")
      expect(text(yield* client.ask(bytes("three")))).toBe("THREE")
      expect(opened()).toBe(2)
    })))
  it("that is not let in waits longer each time, and says that nothing was sent", () =>
    run(Effect.gen(function*() {
      let tries = 0
      const client = yield* BankClient.client(Effect.suspend(() => Effect.fail(`try ${++tries}`)), patience)
      expect(lost(yield* Effect.result(client.ask(bytes("one"))))).toBe("notConnected before")
      expect(lost(yield* Effect.result(client.ask(bytes("one"))))).toBe("notConnected before")
      expect(tries).toBe(1)
      yield* Effect.sleep(70)
      yield* Effect.result(client.ask(bytes("one")))
      yield* Effect.sleep(70)
      yield* Effect.result(client.ask(bytes("one")))
      expect(tries).toBe(2)
    })))
})

describe("over loopback", () => {
  const local = { host: "127.0.0.1", port: 0 }
  it("serves several, and lets no more in than it may", () =>
    run(Effect.gen(function*() {
      const { port } = yield* BankLine.serve(local, { ...manners, idle: 5_000 }, () => echo)
      const dial = BankClient.dial({ host: "127.0.0.1", port })
      const clients = yield* Effect.forEach([1, 2, 3], () => BankClient.client(dial, patience))
      const asked = yield* Effect.forEach(clients, (client) => Effect.result(client.ask(bytes("one"))))
      expect(asked.map((one) => Result.isSuccess(one))).toEqual([true, true, false])
      yield* clients[0]!.hangUp
      yield* Effect.sleep(50)
      expect(text(yield* clients[2]!.ask(bytes("three")))).toBe("THREE")
    })))
  it("goes on for others while one sends garbage and one sends nothing", () =>
    run(Effect.gen(function*() {
      const listening = yield* BankLine.serve(local, { ...manners, most: 10 }, () => echo)
      const { connected, port } = listening
      const sockets = ["GET / HTTP/1.1\r\n\r\n", "", "00", "9999"].map((garbage) => {
        const socket = Net.connect(port, "127.0.0.1", () => void socket.write(garbage))
        return socket.on("error", () => {}).resume()
      })
      const client = yield* BankClient.client(BankClient.dial({ host: "127.0.0.1", port }), patience)
      expect(text(yield* client.ask(bytes("one")))).toBe("ONE")
      yield* client.hangUp
      yield* Effect.sleep(400)
      expect(yield* connected).toBe(0)
      expect(sockets.every(({ closed }) => closed)).toBe(true)
    })))
  it("ends when who is in the midst of something is done, and lets the idle go", async () => {
    const begun = Deferred.makeUnsafe<void>()
    const scope = Scope.makeUnsafe()
    const slow: BankLine.Answering<never> = (message) =>
      Deferred.succeed(begun, undefined).pipe(Effect.andThen(Effect.sleep(100)), Effect.as(message))
    const answered = await run(Effect.gen(function*() {
      const { port } = yield* Scope.provide(BankLine.serve(local, { ...manners, idle: 60_000 }, () => slow), scope)
      const dial = BankClient.dial({ host: "127.0.0.1", port })
      const idle = Net.connect(port, "127.0.0.1").on("error", () => {}).resume()
      const client = yield* BankClient.client(dial, { ...patience, answer: 2_000 })
      const asking = yield* Effect.forkChild(client.ask(bytes("one")))
      yield* Deferred.await(begun)
      const before = Date.now()
      yield* Scope.close(scope, Exit.void)
      expect(Date.now() - before).toBeLessThan(450)
      yield* Effect.sleep(20)
      expect(idle.closed).toBe(true)
      const late = yield* BankClient.client(dial, patience)
      expect(lost(yield* Effect.result(late.ask(bytes("two"))))).toBe("notConnected before")
      return yield* Fiber.join(asking)
    }))
    expect(text(answered)).toBe("one")
  })
  it("a port that is taken is said", () =>
    run(Effect.gen(function*() {
      const { port } = yield* BankLine.serve(local, manners, () => echo)
      const second = yield* Effect.result(BankLine.serve({ host: "127.0.0.1", port }, manners, () => echo))
      expect(Result.getOrThrow(Result.flip(second)).code).toBe("EADDRINUSE")
    })))
})
