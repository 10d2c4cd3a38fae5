/**
 * How many commands a second reach a card (`npm run bench:cards`), through pcsc-mini, pcscd and vpcd, beside a C loop over libpcsclite on the
 * same chain in the same run; and what a whole tap takes. The card is a program in a process of its own.
 *
 * They run one after the other in several rounds, and the round in the middle counts: trust the ratios, not the figures. As root on Linux,
 * with pcscd, vpcd, gcc and the headers of libpcsclite.
 */
import { type CardChannel, CpuCard, PcscReader, TillAlone } from "@yikatong/adapters-pcsc"
import { PcscMini } from "@yikatong/adapters-pcsc/node"
import { HostClock, Money } from "@yikatong/core"
import { Effect, Layer } from "effect"
import { execFileSync, fork, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { obstacleToReaders } from "../scripts/pcscd-obstacle.ts"
import * as Pcscd from "../scripts/pcscd.ts"
import * as School from "./cards/School.ts"

const size = process.env["YIKATONG_BENCH"] === "small"
  ? { rounds: 3, commands: 1_000, taps: 50 }
  : { rounds: 7, commands: 5_000, taps: 300 }
/** GET CHALLENGE: the smallest command with an answer. */
const challenge = Uint8Array.of(0x00, 0x84, 0x00, 0x00, 0x04)
const aim = 0.5

const missing = obstacleToReaders()
if (missing !== undefined) {
  console.error(`bench:cards: ${missing}`)
  process.exit(1)
}
const work = mkdtempSync(join(tmpdir(), "yikatong-bench-"))
const floor = join(work, "floor")
const compiled = spawnSync("gcc", [
  "-O2",
  "-o",
  floor,
  fileURLToPath(new URL("cards/floor.c", import.meta.url)),
  "-I/usr/include/PCSC",
  "-lpcsclite"
], { encoding: "utf8" })
if (compiled.status !== 0) {
  console.error(`bench:cards: no C loop to compare with: ${compiled.stderr ?? "gcc is missing"}`)
  process.exit(1)
}

const { chain, close } = await Pcscd.open()
const [reader = ""] = chain.readers
const card = fork(fileURLToPath(new URL("cards/Card.ts", import.meta.url)), [String(chain.ports[0])])

/** Microseconds of each command. */
type Times = ReadonlyArray<number>

const middle = (values: Times): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const perSecond = (times: Times): number => 1e6 * times.length / times.reduce((sum, time) => sum + time, 0)

const byC = (): Times =>
  execFileSync(floor, [reader, String(size.commands), Buffer.from(challenge).toString("hex")], { encoding: "utf8" })
    .trim().split("\n").map(Number)

const timed = (channel: CardChannel.CardChannel, times: number) =>
  Effect.gen(function*() {
    const taken: Array<number> = []
    for (let at = 0; at < times; at++) {
      const start = performance.now()
      yield* channel.transmit(challenge)
      taken.push(1e3 * (performance.now() - start))
    }
    return taken
  })

/** A whole tap of a till that is cut off: take the card, select, read, decide, write the record, debit, let go. Milliseconds and commands. */
const tap = Effect.gen(function*() {
  const { use } = yield* PcscReader.PcscReader
  let commands = 0
  const start = performance.now()
  yield* use(reader, (channel) =>
    Effect.gen(function*() {
      const counted: CardChannel.CardChannel = {
        ...channel,
        transmit: (command) => Effect.suspend(() => (commands++, channel.transmit(command)))
      }
      const opened = yield* CpuCard.open(counted, School.settings)
      const sold = yield* TillAlone.sell(opened, {
        profile: School.profile,
        memory: School.memory,
        clock: School.noon,
        amount: Money.amount(1),
        append: () => Effect.void
      })
      if (sold._tag !== "Sold") return yield* Effect.die(new Error(`The tap ended as ${JSON.stringify(sold)}`))
    }))
  return { milliseconds: performance.now() - start, commands }
})

const measured = Effect.gen(function*() {
  const { insertion, use } = yield* PcscReader.PcscReader
  yield* insertion({ reader })
  const ours = (times: number) => use(reader, (channel) => timed(channel, times))
  // Both are warm before anything counts.
  yield* ours(Math.ceil(size.commands / 2))
  byC()
  const rounds: Array<{ readonly c: Times; readonly ours: Times }> = []
  for (let round = 0; round < size.rounds; round++) rounds.push({ c: byC(), ours: yield* ours(size.commands) })
  const taps: Array<Effect.Success<typeof tap>> = []
  for (let at = 0; at < size.taps; at++) taps.push(yield* tap)
  return { rounds, taps }
})

const shown = (value: number): string => value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en")

try {
  const { rounds, taps } = await measured.pipe(
    HostClock.provide(() => School.noon),
    Effect.provide(Layer.merge(PcscReader.layer.pipe(Layer.provide(PcscMini.layer)), School.keys)),
    Effect.runPromise
  )
  const ratio = middle(rounds.map(({ c, ours }) => perSecond(ours) / perSecond(c)))
  const report = {
    commandsPerSecond: {
      c: middle(rounds.map(({ c }) => perSecond(c))),
      ours: middle(rounds.map(({ ours }) => perSecond(ours)))
    },
    microseconds: {
      c: middle(rounds.map(({ c }) => middle(c))),
      ours: middle(rounds.map(({ ours }) => middle(ours)))
    },
    ratio,
    aim,
    tap: {
      commands: middle(taps.map(({ commands }) => commands)),
      milliseconds: middle(taps.map(({ milliseconds }) => milliseconds))
    }
  }
  const { commandsPerSecond, microseconds } = report
  const lines = [
    `GET CHALLENGE through ${
      chain.preload === undefined ? "vpcd with Nagle's delay" : "vpcd"
    }, ${size.rounds} rounds of ${shown(size.commands)}:`,
    `  C over libpcsclite  ${shown(commandsPerSecond.c)}/s, ${shown(microseconds.c)} us`,
    `  PcscReader          ${shown(commandsPerSecond.ours)}/s, ${shown(microseconds.ours)} us`,
    `  ratio               ${ratio.toFixed(2)} (aim: at least ${aim})`,
    `A whole tap (take the card, select, read, decide, write the record, debit, let go), ${size.taps} times:`,
    `  ${report.tap.commands} commands, ${shown(report.tap.milliseconds)} ms`
  ]
  console.log(lines.join("\n"))
  mkdirSync("reports", { recursive: true })
  writeFileSync("reports/cards.json", `${JSON.stringify(report, null, 2)}\n`)
} finally {
  card.disconnect()
  await close()
  rmSync(work, { recursive: true, force: true })
}
process.exit()
