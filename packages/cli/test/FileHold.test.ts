// Who has a file, and from when on nobody does: processes that die, containers that share a folder, clocks that are wrong,
// and names that are too long. A card is never two programs' at once, and never nobody's for ever (R28).
import { describe, expect, it } from "@effect/vitest"
import { Console, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"
import { Failed } from "../src/Failure.ts"
import * as FileHold from "../src/FileHold.ts"
import * as Holder from "../src/Holder.ts"
import { memory, remembered, soon } from "./support/cards.ts"
import { called } from "./support/inProcess.ts"
import { Folder, yikatong } from "./support/yikatong.ts"

const folder = new Folder()
afterAll(() => folder.remove())
let files = 0
const laid = (name = `${++files}.card`): string => folder.file(name, memory())
/** What of ours lies beside it; where its name is long, all that is ours there. */
const besides = (file: string): ReadonlyArray<string> =>
  readdirSync(dirname(file)).filter((name) =>
    name.endsWith(".yikatong") && (basename(file).length > 80 || name.startsWith(`.${basename(file)}.`))
  )

const quiet: Console.Console = Object.assign(Object.create(globalThis.console), { error: () => {} })
const unwritable = (cause: unknown) => new Failed({ message: String(cause) })
const acquired = (file: string, wait: number) =>
  Effect.provideService(FileHold.acquire({ file, path: file, wait, unwritable }), Console.Console, quiet)
const messageOf = (exit: Exit.Exit<unknown, unknown>): string => Exit.isFailure(exit) ? String(exit.cause) : ""

/** What this process signs with, for a moment. */
const signed = (): Holder.Holder => {
  const holder = Holder.sign()
  Holder.forgotten(holder)
  return holder
}
const dead = (): number => spawnSync(process.execPath, ["-e", ""]).pid
const left = (file: string, text: string): void => writeFileSync(FileHold.besideOf(file), text)

const isLinux = process.platform === "linux"

describe("a signature", () => {
  it("is read as it was written, and half of it is none", () => {
    const holder = signed()
    const text = Holder.write(holder)
    expect(Holder.parse(text)).toEqual(holder)
    for (let length = 0; length < text.length; length++) expect(Holder.parse(text.slice(0, length))).toBeUndefined()
  })

  it.each<[title: string, change: () => Partial<Holder.Holder>, fate: Holder.Fate]>([
    ["whose number is nobody's", () => ({ number: dead() }), "dead"],
    ["with our own number, from where starts are not known, that we did not give", () => ({ start: "-" }), "dead"],
    ["of another program whose start is not known", () => ({ number: process.ppid, start: "-" }), "alive"],
    ["of another space, though its number is nobody's here", () => ({ space: "other", number: dead() }), "elsewhere"],
    ["of another space, though its number is our own", () => ({ space: "other" }), "elsewhere"]
  ])("%s", (_, change, fate) => {
    expect(Holder.fateOf({ ...signed(), ...change() })).toBe(fate)
  })

  it("of our own lives until it is forgotten, also where starts are not known", () => {
    const holder = Holder.sign()
    expect(Holder.fateOf({ ...holder, start: "-" })).toBe("alive")
    Holder.forgotten(holder)
    expect(Holder.fateOf({ ...holder, start: "-" })).toBe("dead")
  })

  it.runIf(isLinux).each<[title: string, number: number]>([
    ["our own", process.pid],
    ["another's", process.ppid]
  ])("with a number that was given anew since, %s, is dead", (_, number) => {
    expect(Holder.fateOf({ ...signed(), number, start: "1" })).toBe("dead")
  })
})

describe("a hold", () => {
  it.effect("is one's at a time, and gone after that", () =>
    Effect.gen(function*() {
      const file = laid()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* acquired(file, 1)
        expect(Holder.parse(readFileSync(FileHold.besideOf(file), "utf8"))?.number).toBe(process.pid)
        const second = yield* Effect.forkChild(Effect.exit(Effect.scoped(acquired(file, 1))))
        yield* TestClock.adjust("2 seconds")
        expect(messageOf(yield* Fiber.join(second))).toContain(`process ${process.pid} uses it`)
      }))
      expect(besides(file)).toEqual([])
    }))

  it.effect.each<[title: string, text: () => string]>([
    ["a process that died", () => Holder.write({ ...signed(), number: dead() })],
    ["a killed process whose number is our own now", () => Holder.write({ ...signed(), start: isLinux ? "1" : "-" })]
  ])("of %s is taken over at once", ([, text]) =>
    Effect.gen(function*() {
      const file = laid()
      left(file, text())
      const taking = yield* Effect.forkChild(Effect.scoped(acquired(file, 1)))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(taking)
      expect(besides(file)).toEqual([])
    }))

  const silent: ReadonlyArray<readonly [title: string, text: () => string, mtime: number]> = [
    ["of another container", () => Holder.write({ ...signed(), space: "other" }), 0],
    ["that is empty, with a time to come", () => "", 4_000_000_000],
    ["that is half written", () => Holder.write(signed()).slice(0, 5), 0]
  ]
  it.effect.each(silent)(
    "%s is taken over once it was not touched for 5 s, however short the wait",
    ([, text, mtime]) =>
      Effect.gen(function*() {
        const file = laid()
        const theirs = text()
        left(file, theirs)
        utimesSync(FileHold.besideOf(file), mtime, mtime)
        const taking = yield* Effect.forkChild(Effect.scoped(acquired(file, 1)))
        yield* TestClock.adjust("4900 millis")
        expect(readFileSync(FileHold.besideOf(file), "utf8")).toBe(theirs)
        yield* TestClock.adjust("300 millis")
        yield* Fiber.join(taking)
        expect(besides(file)).toEqual([])
      })
  )

  it.effect("of another container that is touched stays its own, however long, and is told to be", () =>
    Effect.gen(function*() {
      const file = laid()
      const text = Holder.write({ ...signed(), number: 1, space: "other" })
      left(file, text)
      const waiting = yield* Effect.forkChild(Effect.exit(Effect.scoped(acquired(file, 20))))
      for (let second = 1; second <= 21; second++) {
        yield* TestClock.adjust("1 second")
        utimesSync(FileHold.besideOf(file), second, second)
      }
      expect(messageOf(yield* Fiber.join(waiting))).toContain("process 1 of another container or machine uses it")
      expect(readFileSync(FileHold.besideOf(file), "utf8")).toBe(text)
    }))

  it("is touched every second by whoever has it", async () => {
    const file = laid()
    await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      yield* acquired(file, 1)
      utimesSync(FileHold.besideOf(file), 1, 1)
      yield* Effect.sleep(1_500)
      expect(statSync(FileHold.besideOf(file)).mtimeMs).toBeGreaterThan(Date.now() - 2_000)
    })))
  })

  it.effect("that another has taken over is not deleted by the first", () =>
    Effect.gen(function*() {
      const file = laid()
      const theirs = Holder.write({ ...signed(), space: "other" })
      yield* Effect.scoped(Effect.andThen(acquired(file, 1), Effect.sync(() => left(file, theirs))))
      expect(readFileSync(FileHold.besideOf(file), "utf8")).toBe(theirs)
    }))

  it.each<[title: string, lay: (beside: string) => void]>([
    ["a folder", (beside) => void mkdirSync(beside)],
    ["a link that leads nowhere", (beside) => symlinkSync(join(folder.path, "nothing"), beside)]
  ])("in whose place is %s: its path is told, and the card can be read", async (_, lay) => {
    const file = laid()
    lay(FileHold.besideOf(file))
    const paid = await called(["reader", "pay", "1", "--virtual", file, "--wait", "1"])
    expect(paid).toMatchObject({ code: 1, out: "" })
    expect(paid.err).toContain(`${FileHold.besideOf(file)}: 不是普通文件，请移走 / this is no regular file`)
    const balance = await called(["reader", "balance", "--virtual", file, "--wait", "1"])
    expect(balance).toMatchObject({ code: 0, err: "" })
  })

  it.each<[title: string, name: string]>([
    ["in ASCII", "c".repeat(255)],
    ["in Chinese", "卡".repeat(85)]
  ])("of a card whose name is as long as names may be, %s: it is paid with, and nothing is left", async (_, name) => {
    const own = new Folder()
    try {
      const file = own.file(name, memory())
      expect(await called(["reader", "pay", "1", "--virtual", file])).toMatchObject({ code: 0, err: "" })
      expect(remembered(file).purses.ep.balance).toBe(4_900)
      expect(besides(file)).toEqual([])
      expect(Buffer.byteLength(basename(FileHold.besideOf(file)))).toBeLessThan(143)
    } finally {
      own.remove()
    }
  })
})

/** A program that takes the card, says so by a file, and does not end. */
const program = (file: string, said: string): string => `
  import { Effect } from "effect"
  import { writeFileSync } from "node:fs"
  const FileHold = await import(${JSON.stringify(fileURLToPath(new URL("../src/FileHold.ts", import.meta.url)))})
  const [file, said] = ${JSON.stringify([file, said])}
  await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
    yield* FileHold.acquire({ file, path: file, wait: 20, unwritable: (cause) => cause })
    writeFileSync(said, "")
    setInterval(() => {}, 1_000)
    yield* Effect.never
  })))`
const node = ["--conditions=yikatong-source", "--input-type=module", "-e"]

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => void child.once("exit", () => resolve()))

/** A process that has the card, by a command that runs Node; killed at the end, if not before. */
const holding = async (
  command: ReadonlyArray<string>,
  body: (file: string, kill: () => Promise<void>) => Promise<void>
): Promise<void> => {
  const file = laid()
  const said = join(folder.path, `${++files}.said`)
  const [first = process.execPath, ...others] = [...command, process.execPath, ...node, program(file, said)]
  const child = spawn(first, others, { stdio: "inherit", cwd: fileURLToPath(new URL("..", import.meta.url)) })
  const kill = () => {
    child.kill("SIGKILL")
    return ended(child)
  }
  try {
    await soon(said)
    await body(file, kill)
  } finally {
    await kill()
  }
}

const pay = (file: string, wait: string) => ["reader", "pay", "1", "--virtual", file, "--wait", wait]
/** As a container has it: its first process is 1, and dies with what started it. */
const contained = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
const canContain = isLinux && spawnSync("unshare", [...contained.slice(1), "true"]).status === 0

describe("processes", () => {
  it("that are killed (kill -9) leave a card that is anybody's at once; before, it is theirs alone", () =>
    holding([], async (file, kill) => {
      expect(await called(pay(file, "1"))).toMatchObject({ code: 3, err: expect.stringMatching(/process \d+ uses it/) })
      await kill()
      expect(besides(file)).toContain(basename(FileHold.besideOf(file)))
      const begun = Date.now()
      expect(await called(pay(file, "1"))).toMatchObject({ code: 0, err: "" })
      expect(Date.now() - begun).toBeLessThan(4_000)
      expect(remembered(file).purses.ep.balance).toBe(4_900)
    }))

  it.runIf(canContain)(
    "in two containers on one folder: a living one keeps its card, a killed one's is taken over",
    () =>
      holding(contained, async (file, kill) => {
        expect(Holder.parse(readFileSync(FileHold.besideOf(file), "utf8"))?.number).toBe(1)
        // Longer than the hold of a dead one lasts.
        const busy = await called(pay(file, "6"))
        expect(busy).toMatchObject({ code: 3, err: expect.stringContaining("process 1 of another container") })
        await kill()
        await sleep(100)
        expect(besides(file)).toContain(basename(FileHold.besideOf(file)))
        expect(await called(pay(file, "1"))).toMatchObject({ code: 0 })
        expect(remembered(file).purses.ep.balance).toBe(4_900)
      })
  )

  it("that pay at once after one was killed pay one after the other (R28)", () =>
    holding([], async (file, kill) => {
      await kill()
      const paid = await Promise.all([1, 2, 3].map(() => yikatong(pay(file, "20"))))
      expect(paid.map(({ code }) => code)).toEqual([0, 0, 0])
      expect(remembered(file).purses.ep.balance).toBe(4_700)
    }))
})
