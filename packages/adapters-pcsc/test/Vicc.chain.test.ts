// A card of somebody else's: vicc of vsmartcard, an ISO/IEC 7816 card in Python, on the same chain.
import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import * as Obstacle from "../../../scripts/pcscd-obstacle.ts"
import { Bytes, Exchange } from "../src/index.ts"
import { PcscMini } from "../src/node/index.ts"
import { PcscReader } from "../src/PcscReader.ts"
import * as PcscReaders from "../src/PcscReader.ts"

const chain = inject("chain")
const reader = chain.readers[2] ?? ""
const port = chain.ports[2] ?? 0
const real = PcscReaders.layerWith({ commandTime: 5000 }).pipe(Layer.provide(PcscMini.layer))

/**
 * Debian's package does not run as it is: it lies on no path of Python's, it imports `Crypto` where Debian has `Cryptodome`, and its
 * lists of tags are joined as if they were no bytes. Mended in a copy, beside pcscd's configuration.
 */
const mended = (): string => {
  const packaged = Obstacle.viccPackage
  const path = join(chain.folder, "vicc")
  if (!existsSync(path)) {
    mkdirSync(path)
    cpSync(packaged, existsSync(join(packaged, "__init__.py")) ? join(path, "virtualsmartcard") : path, {
      recursive: true
    })
    symlinkSync(Obstacle.cryptodome, join(path, "Crypto"))
    const file = join(path, "virtualsmartcard", "TLVutils.py")
    const text = readFileSync(file, "utf8")
    expect(text).toContain("    return b\"\".join(result)\n")
    writeFileSync(file, text.replace("    return b\"\".join(result)\n", "    return bytes(result)\n"))
  }
  return path
}

/** The card lies there from now on, until the scope ends or it is taken away. */
const vicc: Effect.Effect<ChildProcess, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() =>
    spawn(Obstacle.vicc, ["--type", "iso7816", "--hostname", "127.0.0.1", "--port", String(port)], {
      stdio: "ignore",
      env: { PATH: process.env["PATH"], PYTHONPATH: mended() }
    })
  ),
  (card) => Effect.sync(() => void card.kill("SIGKILL"))
)

describe("vicc --type iso7816", () => {
  it.live("is told with its answer to reset, selects, gives random bytes, reads, refuses what is not there, and goes", () =>
    Effect.gen(function*() {
      const { insertion, readers, use } = yield* PcscReader
      const card = yield* vicc
      expect(Bytes.hex((yield* insertion({ reader })).atr)).toBe("3B951381018073FF01000B")
      yield* use(reader, (channel) =>
        Effect.gen(function*() {
          // With the file's description wanted: 61xx, fetched, or given at once.
          const file = yield* Exchange.send(channel, "select", {
            cla: 0,
            ins: 0xa4,
            p1: 0,
            p2: 0,
            data: Bytes.of("3F00"),
            expected: 256
          })
          expect(file.status).toBe(0x9000)
          expect(file.data[0]).toBe(0x6f)
          const one = yield* Exchange.data(channel, "challenge", { cla: 0, ins: 0x84, p1: 0, p2: 0, expected: 8 }, 8)
          const other = yield* Exchange.data(channel, "challenge", { cla: 0, ins: 0x84, p1: 0, p2: 0, expected: 8 }, 8)
          expect(Bytes.hex(one)).not.toBe(Bytes.hex(other))
          const missing = { cla: 0, ins: 0xa4, p1: 0, p2: 0x0c, data: Bytes.of("7F7F") }
          expect(yield* Effect.flip(Exchange.data(channel, "select", missing))).toEqual({ _tag: "NotACampusCard" })
          // Nothing is selected that could be read.
          const read = { cla: 0, ins: 0xb0, p1: 0, p2: 0, expected: 4 }
          expect(yield* Effect.flip(Exchange.data(channel, "readFile", read))).toMatchObject({
            _tag: "CardRefused",
            step: "readFile"
          })
          // It comes without files. CREATE FILE: 62 with a transparent file 82 of its own number 83, so long 81, with these bytes 53 from 54 on.
          const control = Bytes.of("62 15 82 01 01 83 02 01 02 81 02 00 04 54 02 00 00 53 04 CA FE BA BE")
          yield* Exchange.data(channel, "writeFile", { cla: 0, ins: 0xe0, p1: 0, p2: 0, data: control }, 0)
        }))
      // In another use: it was reset in between, and its file stays.
      yield* use(reader, (channel) =>
        Effect.gen(function*() {
          const read = (offset: number, expected: number) =>
            Exchange.data(channel, "readFile", { cla: 0, ins: 0xb0, p1: 0, p2: offset, expected }, expected)
          const choose = (file: string) =>
            Exchange.data(channel, "select", { cla: 0, ins: 0xa4, p1: 0x02, p2: 0x0c, data: Bytes.of(file) }, 0)
          yield* choose("0102")
          expect(Bytes.hex(yield* read(0, 4))).toBe("CAFEBABE")
          expect(Bytes.hex(yield* read(1, 2))).toBe("FEBA")
          // Beyond its end, and a file that is not there: told, and the one that was chosen stays so.
          expect(yield* Effect.flip(read(5, 1))).toMatchObject({ _tag: "CardRefused", step: "readFile" })
          expect(yield* Effect.flip(choose("0103"))).toEqual({ _tag: "NotACampusCard" })
          expect(Bytes.hex(yield* read(0, 4))).toBe("CAFEBABE")
        }))
      card.kill("SIGKILL")
      while ((yield* readers).find((state) => state.reader === reader)?.card._tag !== "None") yield* Effect.sleep(10)
      expect(yield* Effect.flip(use(reader, ({ transmit }) => transmit(Bytes.of("0084000008"))))).toMatchObject({
        _tag: "CardGone"
      })
    }).pipe(Effect.provide(real)))
})
