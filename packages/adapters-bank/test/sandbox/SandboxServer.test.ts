// The sandbox's door over real sockets: what the rules do to a request, and what rubbish comes to.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { createServer } from "node:http"
import { connect } from "node:net"
import type { AddressInfo } from "node:net"
import type { Mischief, Rule } from "../../src/sandbox/Mischief.ts"
import * as Sandbox from "../../src/sandbox/Sandbox.ts"
import * as SandboxServer from "../../src/sandbox/SandboxServer.ts"
import { calling, sandbox } from "./support/merchant.ts"
import * as TillWire from "./support/TillWire.ts"

/** Writes to a socket and reads all that comes until it is closed. `pieces`: one each 50 ms. */
const raw = (origin: string, ...pieces: ReadonlyArray<string>) =>
  Effect.callback<string>((resume) => {
    const { host, port } = new URL(origin)
    const socket = connect(Number(port), "127.0.0.1")
    let text = ""
    const rest = pieces.map((piece) => piece.replaceAll("HOST", host))
    const timer = setInterval(() => {
      const piece = rest.shift()
      if (piece !== undefined && !socket.destroyed) socket.write(piece)
    }, 50)
    socket.on("data", (bytes: Buffer) => text += bytes.toString("latin1"))
    socket.on("error", () => {})
    socket.on("close", () => {
      clearInterval(timer)
      resume(Effect.succeed(text))
    })
  })

const request = (path: string, head = "") => `GET ${path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n${head}\r\n`

const rule = (does: Mischief, operation = "create"): Rule => ({ operation, does })

const order = (origin: string) => {
  const body = JSON.stringify({ number: "N1", amount: 1_250 })
  return raw(
    origin,
    `POST /till/orders HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  )
}

describe("a request that a wire knows", () => {
  it.live("is answered as the wire answers it", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const told = yield* order(box.origin)
      expect(told).toMatch(/^HTTP\/1\.1 200 /)
      expect(told).toContain("\"state\":\"waiting\"")
      expect(box.house.all).toHaveLength(1)
    }))

  it.live.each<[does: Mischief, told: RegExp, isDone: boolean]>([
    [{ _tag: "Drop", after: false }, /^$/, false],
    [{ _tag: "Drop", after: true }, /^$/, true],
    [{ _tag: "Error", after: false }, /^HTTP\/1\.1 500 /, false],
    [{ _tag: "Error", after: true }, /^HTTP\/1\.1 500 /, true],
    [{ _tag: "Limit" }, /^HTTP\/1\.1 429 [^]*retry-after: 1/i, false],
    [{ _tag: "Truncate", bytes: 5 }, /^HTTP\/1\.1 200 [^]*content-length: \d\d+[^]*\r\n\r\n\{"num$/i, true],
    [{ _tag: "Truncate", bytes: 0 }, /^HTTP\/1\.1 200 [^]*content-length: \d\d+[^]*\r\n\r\n$/i, true],
    [{ _tag: "Truncate", bytes: 100_000 }, /^HTTP\/1\.1 200 [^]*\r\n\r\n\{[^]*\}$/i, true],
    [{ _tag: "Forge", how: "otherKey" }, /"sign":"otherKey"/, true],
    [{ _tag: "Bill", flaw: "omitRow" }, /"flaw":"omitRow"/, true]
  ])("under %j once, and then is answered as ever", ([does, told, isDone]) =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      box.rules.add(rule(does))
      const answer = yield* order(box.origin)
      expect(answer).toMatch(told)
      expect(box.house.all).toHaveLength(isDone ? 1 : 0)
      const [, length = ""] = /content-length: (\d+)/i.exec(answer) ?? []
      if (does._tag === "Truncate") expect(Number(length)).toBeGreaterThan(answer.split("\r\n\r\n")[1]?.length ?? 0)
      expect(yield* order(box.origin)).toContain("\"sign\":\"genuine\"")
    }))

  it.live("is done at once and answered late, by the sandbox's clock", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      box.rules.add(rule({ _tag: "Delay", milliseconds: 3_600_000 }))
      const answer = yield* Effect.forkChild(order(box.origin))
      while (box.house.all.length === 0) yield* Effect.sleep(5)
      yield* Effect.sleep(100)
      expect(answer.pollUnsafe()).toBeUndefined()
      yield* box.clock.advance(3_600_000)
      while (answer.pollUnsafe() === undefined) yield* Effect.sleep(5)
      expect(answer.pollUnsafe()).toMatchObject({ value: expect.stringMatching(/^HTTP\/1\.1 200/) })
    }))

  it.live("uses up no rule that is for notices, or for bills", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const { call } = calling(box)
      for (const does of [{ _tag: "Duplicate", times: 2 }, { _tag: "Reorder" }, { _tag: "Replay" }] as const) {
        box.rules.add({ does })
      }
      box.rules.add({ does: { _tag: "Bill", flaw: "extraRow" } })
      expect(yield* order(box.origin)).toContain("HTTP/1.1 200")
      expect(box.rules.left).toHaveLength(4)
      expect((yield* call("/till/bill")).json()).toEqual({ flaw: "extraRow" })
      expect(box.rules.left).toHaveLength(3)
    }))

  it.live("by a wire that is broken is 500, and the next is answered", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const { call } = calling(box)
      expect((yield* call("/till/broken")).status).toBe(500)
      expect((yield* call("/till/thrown")).status).toBe(500)
      expect((yield* call("/till/bill")).status).toBe(200)
    }))
})

describe("rubbish", () => {
  it.live.each<[title: string, pieces: ReadonlyArray<string>, told: RegExp]>([
    ["an unknown path", [request("/nowhere")], / 404 /],
    ["no HTTP", ["hello\r\n\r\n"], / 400 /],
    ["a way up", [request("/till/../__sandbox/status")], / 404 /],
    ["a way up, escaped", [request("/till/%2e%2e/__sandbox/status")], / 404 /],
    ["a slash, escaped", [request("/__sandbox%2fstatus")], / 404 /],
    ["a backslash", [request("/__sandbox\\status")], / 404 /],
    ["two slashes", [request("//__sandbox/status")], / 404 /],
    ["no byte", [request("/pay/%00")], / 404 /],
    ["a whole address", [request("http://example.com/till/orders")], / 404 /],
    ["an escaped escape", [request("/till/%252e")], / 404 /],
    ["another host", ["GET /till/bill HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"], / 421 /],
    ["no host", ["GET /till/bill HTTP/1.0\r\n\r\n"], / 421 /],
    ["another method", ["TRACE /till/bill HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"], / 405 /],
    ["too many headers", [request("/till/bill", `x: ${"y".repeat(20_000)}\r\n`)], / 431 /],
    ["more than it may be, as it says", [request("/till/bill", "Content-Length: 1048577\r\n")], / 413 /],
    ["two lengths", [request("/till/bill", "Content-Length: 1\r\nContent-Length: 2\r\n")], / 400 /]
  ])("%s is refused", ([, pieces, told]) =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      expect(yield* raw(box.origin, ...pieces)).toMatch(told)
      expect((yield* calling(box).call("/till/bill")).status).toBe(200)
    }))

  it.live("that turns out to be more than it may be is cut off", () =>
    Effect.gen(function*() {
      const box = yield* sandbox()
      const piece = `${(400_000).toString(16)}\r\n${"x".repeat(400_000)}\r\n`
      const head = "POST /till/orders HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n"
      expect(yield* raw(box.origin, head, piece, piece, piece, piece)).toMatch(/^(HTTP\/1\.1 413 [^]*)?$/)
      expect(box.house.all).toHaveLength(0)
      expect((yield* calling(box).call("/till/bill")).status).toBe(200)
    }))

  it.live("that comes a letter at a time is cut off, in its headers or in its body", () =>
    Effect.gen(function*() {
      const origin = yield* SandboxServer.make({
        port: 0,
        handle: () => Effect.die("not reached"),
        patience: { headers: 300, all: 600, check: 50 }
      })
      const letters = Array.from({ length: 200 }, () => "x")
      const [inHead, inBody] = yield* Effect.all([
        raw(origin, "GET / HTTP/1.1\r\nHost: HOST\r\nX: ", ...letters),
        raw(origin, "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 200\r\n\r\n", ...letters)
      ], { concurrency: 2 })
      expect(inHead).toMatch(/^HTTP\/1\.1 408 /)
      expect(inBody).toMatch(/^(HTTP\/1\.1 408 [^]*)?$/)
    }))
})

describe("the door", () => {
  it.live("is at the loopback address, and closes with its scope", () =>
    Effect.gen(function*() {
      const { origin } = yield* Effect.scoped(sandbox())
      expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
      const after = yield* Effect.exit(Effect.tryPromise(() => fetch(origin)))
      expect(Exit.isFailure(after)).toBe(true)
    }))

  it.live("does not open where somebody listens already, and says so", () =>
    Effect.gen(function*() {
      const other = createServer()
      yield* Effect.acquireRelease(
        Effect.callback<void>((resume) => void other.listen(0, "127.0.0.1", () => resume(Effect.void))),
        () => Effect.sync(() => other.close())
      )
      const { port } = other.address() as AddressInfo
      const refused = yield* Effect.flip(Sandbox.start({ port, wires: [TillWire.make()] }))
      expect(refused).toEqual({ _tag: "PortTaken", port, code: "EADDRINUSE" })
    }))
})
