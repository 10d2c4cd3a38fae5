// What the commands say of a campus in a folder: its books, its journal, and what would have been.
import * as Embedded from "@yikatong/adapters-pg/embedded"
import { Csmzxy } from "@yikatong/core"
import { Effect, Layer } from "effect"
import { cpSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as JournalFile from "../src/JournalFile.ts"
import { personal, term } from "./support/campus.ts"
import { called } from "./support/inProcess.ts"
import { Folder, yikatong } from "./support/yikatong.ts"

const files = new Folder()
const folder = join(files.path, "campus")
const here = ["--folder", folder]
let journal = ""

/** The manual's school with a meal limit of ten yuan. */
const strict = files.file("strict.json", {
  ...Csmzxy.csmzxy,
  version: "strict",
  limits: [{ name: "meal", per: "meal", measure: "sum", hard: 1_000, scope: {} }]
})
const same = files.file("same.json", Csmzxy.csmzxy)

beforeAll(async () => {
  const peppers = { current: "a", keys: { a: "a pepper that stays where the data stay" } }
  await term(Embedded.backend({ dataDir: folder, peppers }))
  journal = files.file("journal.jsonl", (await yikatong(["journal", "export", ...here])).out)
}, 120_000)
afterAll(() => files.remove())

describe("yikatong on a campus", () => {
  it("I1, I13: books check says that they balance, for people and for machines", async () => {
    const told = await yikatong(["books", "check", ...here])
    expect(told).toMatchObject({ code: 0, err: "" })
    expect(told.out).toMatch(/^账平 \/ the books balance\n/)
    const { code, out } = await yikatong(["books", "check", "--json", ...here])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, accounts: 1, breaks: [] })
  })

  it("D23, D24: journal export writes every command, declined ones too, and nothing of the person", async () => {
    const { code, err, out } = await yikatong(["journal", "export", ...here])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    const entries = out.trimEnd().split("\n").map((line) => JSON.parse(line))
    expect(entries.map(({ answer }) => answer.decline?._tag ?? answer._tag)).toEqual([
      ...Array.from({ length: 7 }, () => "Approved"),
      "MealLimitExceeded",
      "UnknownAccount"
    ])
    for (const secret of personal) expect(out).not.toContain(secret)
  })

  it("D24: an exported line can be looked at on a terminal, and is the same line", async () => {
    const [first = ""] = readFileSync(journal, "utf8").split("\n")
    const entry = { ...JSON.parse(first), profile: `a${String.fromCharCode(0x9b)}2J${String.fromCharCode(0x202e)}b` }
    const line = JournalFile.line(entry)
    expect(line).toContain("\"a\\u009b2J\\u202eb\"")
    expect(JSON.parse(line)).toEqual(entry)
    expect(line.endsWith("}\n")).toBe(true)
  })

  it("D22: the same policy changes nothing, from the folder and from the file", async () => {
    for (const from of [here, ["--journal", journal]]) {
      const { code, err, out } = await yikatong(["what-if", "--profile", same, "--json", ...from])
      expect({ code, err }).toEqual({ code: 0, err: "" })
      expect(out.trimEnd().split("\n").map((line) => JSON.parse(line))).toEqual([
        { totals: expect.objectContaining({ commands: 9, changed: { accounts: 0, direct: 0, knockOn: 0 } }) }
      ])
    }
  })

  it("D22: a stricter one declines both lunches, as a table and as JSON", async () => {
    const asked = ["what-if", "--profile", strict, "--journal", journal]
    const { code, out } = await called(asked)
    expect(code).toBe(0)
    expect(out).toContain(
      "答复改变：1 个账户，3 条指令，其中直接改变 2 条，连带改变 1 条 / answered otherwise: 3 commands of 1 accounts, 2 directly and 1 as a consequence"
    )
    expect(out).toMatch(/PayByCode 0\.01 MealLimitExceeded -> Approved \(连带 a consequence\)\n/)
    expect(out).toMatch(/PayByCode +2 +30\.00 +1 +0\.01 +2 +1\.01 +3 +31\.00\n/)
    expect(out).toMatch(/2026-03-02 12:00:00 account-1 PayByCode 18\.00 Approved -> MealLimitExceeded\n/)
    const lines = (await called([...asked, "--json"])).out.trimEnd().split("\n").map((line) => JSON.parse(line))
    expect(lines.slice(0, -1).map(({ change }) => [change.amount, change.before, change.after, change.cause])).toEqual([
      [1_800, "Approved", "MealLimitExceeded", "direct"],
      [1_200, "Approved", "MealLimitExceeded", "direct"],
      [1, "MealLimitExceeded", "Approved", "knockOn"]
    ])
    expect(lines.at(-1)).toMatchObject({ totals: { changed: { accounts: 1, direct: 2, knockOn: 1 } } })
  })

  it("A25, D22: a policy that was changed and kept its name is told, and one that was not is not", async () => {
    const changed = {
      ...Csmzxy.csmzxy,
      limits: [{ name: "meal", per: "meal", measure: "sum", hard: 1_000, scope: {} }]
    }
    // The second is answered as before, and is another policy all the same.
    for (const [name, profile] of [["kept", changed], ["quiet", { ...Csmzxy.csmzxy, phone: "0731-1" }]] as const) {
      const file = files.file(`${name}.json`, profile)
      const { code, err } = await called(["what-if", "--profile", file, "--journal", journal, "--json"])
      expect(err).toMatch(/^yikatong: 注意：.*csmzxy-1.* \/ warning: .*another version\n$/)
      expect(code).toBe(0)
    }
    expect((await called(["what-if", "--profile", strict, "--journal", journal])).err).toBe("")
  })

  it("I1: books check counts the commands of orders as well, and says so", async () => {
    const { out } = await yikatong(["books", "check", ...here])
    const [, counted] = /指令 commands: (\d+) \(.*orders.*journal export.*\)/.exec(out) ?? []
    const exported = (await yikatong(["journal", "export", ...here])).out.trimEnd().split("\n").length
    expect(Number(counted)).toBeGreaterThan(exported)
  })

  it("A25: an older version stays in force before the new one's day", async () => {
    const later = files.file("later.json", {
      ...Csmzxy.csmzxy,
      version: "later",
      effectiveFrom: Date.parse("2026-03-03T00:00:00+08:00"),
      limits: []
    })
    const { code, out } = await called(["what-if", "--profile", later, "--profile", same, "--journal", journal])
    expect(code).toBe(0)
    expect(out).toContain("answered otherwise: 0 commands")
  })
})

describe("yikatong what-if on files that are none", () => {
  it.each([
    ["no journal at all", "{}\n", /:1: .*no entry of a journal/],
    ["no JSON", "\n\nhello\n", /:3: .*this is no JSON/],
    ["a binary file", Buffer.from([0xff, 0xfe, 10]), /:1: .*no text in UTF-8/],
    ["a line without end", Buffer.alloc(3_000_000, "x"), /:1: .*larger than 1048576 bytes/],
    ["another release's", "{\"shape\": 99}", /:1: .*another release/],
    ["a prototype", "{\"__proto__\": {\"sequence\": 1}}\n", /:1: .*no entry of a journal/]
  ])("D22: %s", async (_, content, says) => {
    const file = files.file("hostile.jsonl", content)
    const { code, err } = await called(["what-if", "--profile", same, "--journal", file])
    expect(err).toMatch(says)
    expect(err).toContain(file)
    expect(err.length).toBeLessThan(5_000)
    expect(code).toBe(1)
  })

  it("I13: a journal whose beginning is missing", async () => {
    const { out } = await yikatong(["journal", "export", ...here])
    const file = files.file("late.jsonl", out.split("\n").slice(1).join("\n"))
    const { code, err } = await called(["what-if", "--profile", same, "--journal", file])
    expect(err).toMatch(/lines of account account-1 are missing before line \d{6}0000000002\b/)
    expect(code).toBe(1)
  })

  it("R75: a flawed policy is told as by profile check", async () => {
    const flawed = files.file("flawed.json", { ...Csmzxy.csmzxy, purseCeiling: 0 })
    const { code, err } = await called(["what-if", "--profile", flawed, "--journal", journal])
    expect(err).toMatch(/flawed\.json:\d+:3: purseCeiling: /)
    expect(code).toBe(1)
  })

  it("a folder that somebody has open is left alone, and a folder that is no database is not made one", async () => {
    const empty = join(files.path, "empty")
    mkdirSync(empty)
    expect((await yikatong(["books", "check", "--folder", empty])).code).toBe(3)
    const open = join(files.path, "open")
    cpSync(folder, open, { recursive: true })
    const { code, err } = await Effect.runPromise(Effect.scoped(Effect.andThen(
      Layer.build(Embedded.layerClient({ dataDir: open })),
      Effect.promise(() => yikatong(["books", "check", "--folder", open]))
    )))
    expect(err).toContain(`${open} 已被打开（进程 ${process.pid}），请先在那里关闭`)
    expect(err).toContain(`${open} is open already, by process ${process.pid}: close it there first`)
    expect(err).not.toContain("sent again")
    expect(code).toBe(3)
    expect((await yikatong(["books", "check", "--folder", open])).code).toBe(0)
  })
})

describe("yikatong what-if on a journal that was cut or pasted", () => {
  type Change = (lines: ReadonlyArray<string>) => ReadonlyArray<string>
  const asked = async (change: Change) => {
    const lines = readFileSync(journal, "utf8").trimEnd().split("\n").map((line, at) => renumbered(line, at + 1))
    const file = files.file("changed.jsonl", `${change(lines).join("\n")}\n`)
    const ended = await called(["what-if", "--profile", same, "--journal", file])
    // Said of the file, in Chinese and English.
    for (const line of ended.err.trimEnd().split("\n").filter((line) => line !== "")) {
      expect(line).toMatch(/^yikatong: .*changed\.jsonl(:\d+)?: .*流水.* \/ .*journal/)
    }
    return ended
  }

  it.each<[title: string, change: Change, says: RegExp]>([
    ["a line twice", (lines) => lines.toSpliced(3, 0, lines[2] ?? ""), /:4: .*序号 3 重复 \/ .*has line 3 twice\n$/],
    ["the whole of it twice", (lines) => [...lines, ...lines], /:10: .*not in order: 1 stands after \d\n$/],
    [
      "two lines exchanged",
      (lines) => [...lines.slice(0, 5), ...lines.slice(5, 7).reverse()],
      /:7: .*6 stands after 7\n$/
    ],
    ["backwards", (lines) => lines.toReversed(), /:\d: .*次序不对.*not in order: \d stands after \d\n$/],
    ["a line of no account twice", (lines) => [...lines, lines.at(-1) ?? ""], /:10: .*序号 9 重复/],
    [
      "a number below the first",
      (lines) => lines.map((line, at) => at === 4 ? renumbered(line, -5) : line),
      /:5: .*-5 stands after 4\n$/
    ]
  ])("I13: %s: it is incomplete, and nothing is told of it", async (_, change, says) => {
    const { code, err, out } = await asked(change)
    expect(err).toMatch(says)
    expect(out).toBe("")
    expect(code).toBe(1)
  })

  it.each<[title: string, change: Change, says: RegExp]>([
    // The lunch that was declined: no other line misses it.
    [
      "a line that nothing follows from is missing",
      (lines) => lines.toSpliced(7, 1),
      /可能不完整：序号到 9，缺 1 个.*its numbers go up to 9, missing: 1 /
    ],
    [
      "a jump at the end",
      (lines) => lines.map((line, at) => at === 8 ? renumbered(line, 1_000) : line),
      /缺 991 个.* missing: 991 /
    ]
  ])("I13: %s: it may be incomplete, and is told with a warning", async (_, change, says) => {
    const { code, err, out } = await asked(change)
    expect(err).toMatch(says)
    expect(out).toContain("/ answered otherwise: 0 commands")
    expect(code).toBe(0)
  })

  it("a journal begins anew with each month, and nothing is missing between two", async () => {
    const months = (lines: ReadonlyArray<string>) =>
      lines.map((line, at) => renumbered(line, at < 4 ? 2_026_110_000_000_001 + at : 2_026_120_000_000_001 + at - 4))
    expect(await asked(months)).toMatchObject({ code: 0, err: "" })
    const { err } = await asked((lines) => months(lines).toSpliced(7, 1))
    expect(err).toMatch(/numbers go up to 2026120000000005, missing: 1 /)
  })

  it("D22: accounts one after another are a whole journal", async () => {
    const { code, err } = await asked((lines) => [lines.at(-1) ?? "", ...lines.slice(0, -1)])
    expect({ code, err }).toEqual({ code: 0, err: "" })
  })
})

/** The line under another number. */
const renumbered = (line: string, sequence: number): string => JSON.stringify({ ...JSON.parse(line), sequence })
