// How many readers pcscd has, asked of something that speaks as pcscd does, or does not. The real one: Reader.chain.test.ts.
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { endianness, tmpdir } from "node:os"
import { join } from "node:path"
import { ReaderCensus } from "../src/node/index.ts"

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  if (endianness() === "LE") bytes.writeUInt32LE(value)
  else bytes.writeUInt32BE(value)
  return bytes
}
const version = (major: number, minor: number, status: number) => Buffer.concat([major, minor, status].map(number))
const states = (names: ReadonlyArray<string>) =>
  Buffer.concat(Array.from({ length: 16 }, (_, at) => Buffer.from((names[at] ?? "").padEnd(184, "\0"))))

/** A socket that does this with whoever connects. */
const served = (answer: (socket: Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly path: string; readonly close: () => void }>((resume) => {
        const folder = mkdtempSync(join(tmpdir(), "yikatong-census-"))
        const path = join(folder, "comm")
        const server = createServer((socket) => {
          socket.on("error", () => {})
          answer(socket)
        })
        const close = () => {
          server.close()
          rmSync(folder, { recursive: true, force: true })
        }
        server.listen(path, () => resume(Effect.succeed({ path, close })))
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ path }) => path
  )

describe("the census", () => {
  const cases: ReadonlyArray<readonly [title: string, answer: (socket: Socket) => void, readers: number | undefined]> =
    [
      ["no readers", (socket) => socket.write(Buffer.concat([version(4, 4, 0), states([])])), 0],
      [
        "six of them",
        (socket) => socket.write(Buffer.concat([version(4, 4, 0), states(["a", "b", "c", "d", "e", "f"])])),
        6
      ],
      [
        "with gaps between them",
        (socket) => socket.write(Buffer.concat([version(4, 6, 0), states(["a", "", "c"])])),
        2
      ],
      ["in two pieces", (socket) => {
        socket.write(version(4, 4, 0))
        setTimeout(() => socket.write(states(["a"])), 30)
      }, 1],
      ["another major version", (socket) => socket.write(Buffer.concat([version(5, 0, 0), states(["a"])])), undefined],
      ["a refusal", (socket) => socket.end(version(4, 3, 0x8010001e)), undefined],
      [
        "an answer that ends too early",
        (socket) => socket.end(Buffer.concat([version(4, 4, 0), Buffer.alloc(100)])),
        undefined
      ],
      ["a hang-up", (socket) => socket.destroy(), undefined]
    ]
  it.live.each(cases)("%s", ([, answer, readers]) =>
    Effect.gen(function*() {
      const path = yield* served(answer)
      expect(yield* ReaderCensus.count(path)).toBe(readers)
    }))

  it.live("what is not there has no number; what is silent has none either, and is waited for no longer than a second", () =>
    Effect.gen(function*() {
      const silent = yield* served(() => {})
      const begun = performance.now()
      expect(yield* ReaderCensus.count(silent)).toBeUndefined()
      expect(performance.now() - begun).toBeLessThan(1900)
      expect(yield* ReaderCensus.state(silent)).toBe("silent")
      expect(yield* ReaderCensus.count(`${silent}-absent`)).toBeUndefined()
      expect(yield* ReaderCensus.state(`${silent}-absent`)).toBe("absent")
    }))

  it.live("one that drips a byte from time to time is silent, and is waited for no longer than a second either", () =>
    Effect.gen(function*() {
      const whole = Buffer.concat([version(4, 4, 0), states(["a"])])
      const path = yield* served((socket) => {
        let at = 0
        const drip = setInterval(() => socket.write(whole.subarray(at, ++at)), 100)
        socket.on("close", () => clearInterval(drip))
      })
      for (const ask of [ReaderCensus.count(path), ReaderCensus.state(path)]) {
        const begun = performance.now()
        expect([undefined, "silent"]).toContain(yield* ask)
        expect(performance.now() - begun).toBeLessThan(1500)
      }
    }))

  it.live.each(["", "99999", "80"])("a socket called %j is a path and no port", (path) =>
    Effect.gen(function*() {
      expect(yield* ReaderCensus.count(path)).toBeUndefined()
    }))
})
