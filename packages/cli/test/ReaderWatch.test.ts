// `yikatong reader watch`: with a virtual reader; and on this machine, whatever it is.
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { Failed } from "../src/Failure.ts"
import * as FileHold from "../src/FileHold.ts"
import { leaks, memory, soon } from "./support/cards.ts"
import { called } from "./support/inProcess.ts"
import { Folder, yikatong } from "./support/yikatong.ts"

const folder = new Folder()
afterAll(() => folder.remove())
const file = folder.file("card", memory())
const name = "Yikatong Virtual Reader 00 00"
const atr = "3B88810159494B41544F4E4700"

describe("yikatong reader watch", () => {
  it("tells how things stand, an event a line with its time, and ends when it was told to", async () => {
    const { code, err, out } = await yikatong(["reader", "watch", "--seconds", "1", "--virtual", file])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    const lines = out.trimEnd().split("\n")
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d .* \/ .*$/)
    expect(lines[0]).toContain("the smart card service answers")
    expect(lines[1]).toContain(`reader attached: ${name}`)
    expect(lines[2]).toContain(`card inserted: ${name} (ATR ${atr})`)
  })

  it("tells machines the same as JSON, and no secret of the card", async () => {
    const ended = await called(["reader", "watch", "--seconds", "1", "--json", "--virtual", file])
    expect(ended).toMatchObject({ code: 0, err: "" })
    expect(leaks(ended)).toEqual([])
    const at = expect.any(Number)
    expect(ended.out.trimEnd().split("\n").map((line) => JSON.parse(line))).toEqual([
      { at, tag: "ServiceUp" },
      { at, tag: "ReaderAttached", reader: name },
      { at, tag: "CardInserted", reader: name, atr, insertion: expect.any(Number) }
    ])
  })

  it("has no virtual card for itself: others pay with it meanwhile", async () => {
    const card = folder.file("watched", memory())
    const watching = called(["reader", "watch", "--seconds", "2", "--virtual", card])
    const paid = await called(["reader", "pay", "1", "--wait", "1", "--virtual", card])
    expect(paid).toMatchObject({ code: 0, err: "" })
    expect((await watching).code).toBe(0)
  })

  it("watches a card that another program has, and leaves it to it", async () => {
    const card = folder.file("taken", memory())
    const before = readFileSync(card, "utf8")
    const unwritable = (cause: unknown) => new Failed({ message: String(cause) })
    await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      yield* FileHold.acquire({ file: card, path: card, wait: 1, unwritable })
      const hold = readFileSync(FileHold.besideOf(card), "utf8")
      const ended = yield* Effect.promise(() => called(["reader", "watch", "--seconds", "1", "--virtual", card]))
      expect(ended).toMatchObject({ code: 0, err: "", out: expect.stringContaining("card inserted") })
      expect(readFileSync(FileHold.besideOf(card), "utf8")).toBe(hold)
    })))
    expect(readFileSync(card, "utf8")).toBe(before)
  })

  it.each<[code: number, title: string, lay: (card: string) => void]>([
    [1, "the file is no card", (card) => writeFileSync(card, "{}")],
    [3, "another program has the file, and does not make it", () => {}]
  ])("ends with code %i where %s, and its help says so", async (code, _, lay) => {
    const card = join(folder.path, `code-${code}`)
    lay(card)
    const unwritable = (cause: unknown) => new Failed({ message: String(cause) })
    await Effect.runPromise(Effect.scoped(Effect.gen(function*() {
      yield* FileHold.acquire({ file: card, path: card, wait: 1, unwritable })
      const ended = yield* Effect.promise(() => called(["reader", "watch", "--seconds", "1", "--virtual", card]))
      expect(ended).toMatchObject({ code, out: "" })
    })))
    const { out } = await called(["reader", "watch", "--help"])
    expect(out.replaceAll(/\s+/g, " ")).toMatch(
      new RegExp(`exit codes: .*\\b${code} (the file of|another program has)`)
    )
  })

  it("goes on until a signal comes", async () => {
    const made = join(folder.path, "new.card")
    let begun = 0
    const { code, out } = await yikatong(
      ["reader", "watch", "--virtual", made],
      {},
      (signal) =>
        void soon(made).then(() => {
          begun = Date.now()
          setTimeout(() => signal("SIGINT"), 2_000)
        })
    )
    expect(code).toBe(130)
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1_990)
    expect(out).toContain("card inserted")
  })

  it("on this machine tells whether the service answers, or why it does not, and the time is over all the same", async () => {
    const { code, err, out } = await yikatong(["reader", "watch", "--seconds", "1", "--json"])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    const [first, ...others] = out.trimEnd().split("\n").map((line) => JSON.parse(line))
    if (first.tag === "ServiceUp") return expect(others.every(({ tag }) => typeof tag === "string")).toBe(true)
    expect(first).toMatchObject({
      tag: "ServiceDown",
      fault: { tag: expect.stringMatching(/^(ServiceGone|AccessDenied)$/), message: expect.stringContaining(" / ") }
    })
  })

  it.each<[title: string, args: ReadonlyArray<string>]>([
    ["no time", ["--seconds", "0"]],
    ["more than an hour", ["--seconds", "3601"]],
    ["no number", ["--seconds", "soon"]]
  ])("%s is wrong use", async (_, args) => {
    const { code, err, out } = await called(["reader", "watch", ...args])
    expect(code).toBe(2)
    expect(out + err).toContain("--seconds")
  })
})
