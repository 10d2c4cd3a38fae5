// R75: `yikatong profile` on good files, flawed ones and hostile ones.
import { Csmzxy } from "@yikatong/core"
import { afterAll, describe, expect, it } from "vitest"
import { called } from "./support/inProcess.ts"
import { Folder } from "./support/yikatong.ts"

type Fields = Record<string, unknown>

const folder = new Folder()
afterAll(() => folder.remove())

const preset = (change: (profile: Fields) => unknown = () => {}): Fields => {
  const profile: Fields = JSON.parse(JSON.stringify(Csmzxy.csmzxy))
  change(profile)
  return profile
}
/** Two lines up, and a line of its own, from right to left; and how that is told. */
const turned = String.fromCharCode(0x202e)
const hostile = `${String.fromCharCode(0x1b)}[2A\nall is good${turned}`
const shown = "\\u001b[2A\\u000aall is good\\u202e"
const unseen = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u
const good = folder.file("good.json", preset())
const [limit] = Csmzxy.csmzxy.limits
const { name } = limit ?? { name: "" }

/** What a file holds, and what `profile check` says of it. */
const table: ReadonlyArray<readonly [title: string, content: unknown, code: number, says: string | RegExp]> = [
  ["the manual's school is good", preset(), 0, /: 正确 good\n {2}学校 school: .*\n {2}版本 version: /],
  ["an editor's $schema is no flaw", { $schema: "./school-profile.schema.json", ...preset() }, 0, "good"],
  ["a byte order mark is none either", `\uFEFF${JSON.stringify(preset())}`, 0, "good"],
  ["a ceiling of nothing, with its line", preset((it) => it["purseCeiling"] = 0), 1, /:\d+:3: purseCeiling: /],
  ["a field that nobody knows", preset((it) => it["discount"] = 1), 1, /:\d+:3: discount: /],
  ["a field that is missing, at its object", preset((it) => delete it["phone"]), 1, /:1:1: phone: /],
  [
    "a contradiction, at the limit that it names",
    preset((it) => it["limits"] = [{ ...limit, password: (limit?.hard ?? 0) + 1 }]),
    1,
    new RegExp(`:\\d+:5: limits\\.${name}: .* / .*`)
  ],
  ["its desks are told", preset(), 0, "收付款台 desks: 5: window-3, window-4, window-ccb, ccb, bank\n"],
  [
    "a desk by the name of a recharge channel, with its line",
    preset((it) => it["desks"] = ["window-3", "ecode"]),
    1,
    /:\d+:5: desks\.1: .* \/ a recharge channel has this book/
  ],
  [
    "a door of an unknown class, with those that there are",
    preset((it) => it["points"] = { gate: { ...Csmzxy.csmzxy.points["dorm-1"], door: { class: "dormgate" } } }),
    1,
    /:\d+:7: points\.gate\.door: .*现有：dormGate, roomLock, library \/ .*known: dormGate, roomLock, library\n/
  ],
  ["nothing at all", "", 1, /:1:1: .*ends too early/],
  ["half a file", JSON.stringify(preset()).slice(0, 100), 1, /:1:101: .*ends too early/],
  ["a trailing comma", "{\n  \"version\": \"a\",\n}", 1, /:3:1: .*unexpected character/],
  ["a comment", "// a school\n{}", 1, /:1:1: /],
  ["a line break within a text", "{\"version\": \"a\nb\"}", 1, /:\d+:\d+: .*this is no JSON/],
  ["a name twice", "{\n  \"version\": \"a\",\n  \"version\": \"b\"\n}", 1, /:3:3: version: .*twice/],
  ["a list", [], 1, /:1:1: /],
  ["nothing said", "null", 1, /:1:1: /],
  ["a prototype", `{"__proto__": {"version": "x"}, ${JSON.stringify(preset()).slice(1)}`, 1, /:1:2: __proto__: /],
  ["a constructor", `{"constructor": {}, ${JSON.stringify(preset()).slice(1)}`, 1, /:1:2: constructor: /],
  ["a deep file", "[".repeat(1_000_000), 1, /:1:101: .*deeper than 100/],
  ["a deep file that ends", `${"[".repeat(200_000)}${"]".repeat(200_000)}`, 1, /:1:101: .*deeper than 100/],
  ["a long text", `"${"x".repeat(3_000_000)}"`, 1, /:1:1: /],
  ["an overlong file", Buffer.alloc(5_000_000, " "), 1, "larger than 4194304 bytes"],
  ["a binary file", Buffer.from([0xff, 0xfe, 0x00, 0x80]), 1, "no text in UTF-8"],
  ["zeros", Buffer.alloc(100), 1, /:1:1: .*this is no JSON/]
]

describe("yikatong profile check", () => {
  it.each(table)("R75: %s", async (title, content, code, says) => {
    const file = folder.file(`${table.findIndex(([one]) => one === title)}.json`, content)
    const ended = await called(["profile", "check", file])
    expect(ended.out + ended.err).toMatch(says)
    expect(ended.out + ended.err).toContain(file)
    expect(ended.code).toBe(code)
    // What is wrong is not printed again: not the text, and no stack.
    expect((ended.out + ended.err).length).toBeLessThan(20_000)
    expect(ended.err).not.toMatch(/\n\s+at /)
  })

  it.each([
    ["a file that is not there", "/nowhere/profile.json", "there is no such file"],
    ["a folder", folder.path, "this is a folder"],
    ["a file that never ends", "/dev/zero", "larger than"]
  ])("R75: %s", async (_, file, says) => {
    const { code, err, out } = await called(["profile", "check", file])
    expect(err).toContain(`${file}: `)
    expect(err).toContain(says)
    expect(out).toBe("")
    expect(code).toBe(1)
  })

  it.each<[title: string, content: unknown, code: number, says: string]>([
    ["the school", preset((it) => it["school"] = { zh: hostile, en: "x" }), 0, `学校 school: ${shown} / x`],
    ["a version", preset((it) => it["version"] = `a${turned}`), 0, "版本 version: a\\u202e\n"],
    ["a field that nobody knows", preset((it) => it[hostile] = 1), 1, `: ${shown}: `],
    [
      "a point",
      preset((it) => it["points"] = { [hostile]: Csmzxy.csmzxy.points["canteen-1"] }),
      1,
      `points.${shown}: `
    ],
    ["a channel", preset((it) => it["recharge"] = { [hostile]: {} }), 1, `recharge.${shown}`],
    ["a limit", preset((it) => it["limits"] = [{ ...limit, name: hostile }]), 1, "limits.0.name: "],
    ["a name twice", `{${JSON.stringify(hostile)}: 1, ${JSON.stringify(hostile)}: 2}`, 1, `${shown}: 名称重复`]
  ])("D24: %s whose name moves the cursor and forges a line", async (_, content, code, says) => {
    const file = folder.file("hostile.json", content)
    const told = await called(["profile", "check", file])
    expect(told).toMatchObject({ code, err: "", out: expect.stringContaining(says) })
    const json = await called(["profile", "check", "--json", file])
    expect(JSON.parse(json.out)).toMatchObject({ ok: code === 0 })
    for (const text of [told.out, json.out]) {
      expect(text).not.toMatch(/^all is good/m)
      expect(text).not.toMatch(unseen)
    }
  })

  it("D24: nor does one forge a line of what-if", async () => {
    const file = folder.file("hostile.json", preset((it) => it[hostile] = 1))
    const { code, err, out } = await called(["what-if", "--journal", "/nowhere", "--profile", file])
    expect({ code, out }).toEqual({ code: 1, out: "" })
    expect(err).toMatch(/^[^\n]*hostile\.json:\d+:3: \\u001b\[2A\\u000aall is good[^\n]*\n$/)
  })

  it("R75: tells a procedure that no point does, with its line, and the profile is good all the same", async () => {
    const hinted = folder.file(
      "hinted.json",
      preset((it) => {
        it["places"] = { ...Csmzxy.csmzxy.places, openWallet: ["access"], identify: ["access"] }
        it["points"] = { "canteen-1": Csmzxy.csmzxy.points["canteen-1"] }
      })
    )
    const { code, err, out } = await called(["profile", "check", hinted])
    expect({ code, err }).toEqual({ code: 0, err: "" })
    expect(out).toContain(`${hinted}: 正确 good\n`)
    expect(out).toMatch(
      /\n.*hinted\.json:\d+:5: places\.openWallet: 提示 hint: 没有业务点可办 openWallet \/ no point of this profile does openWallet\n/
    )
    const json = JSON.parse((await called(["profile", "check", "--json", hinted])).out)
    expect(json).toMatchObject({ ok: true, files: [{ ok: true, flaws: [] }] })
    expect(json.files[0].hints).toContainEqual({
      path: "places.identify",
      line: expect.any(Number),
      column: 5,
      problem: "没有业务点可办 identify / no point of this profile does identify"
    })
  })

  it("A25: several files are the versions of one profile", async () => {
    const next = folder.file(
      "next.json",
      preset((it) => Object.assign(it, { version: "next", effectiveFrom: Csmzxy.csmzxy.effectiveFrom + 1 }))
    )
    expect(await called(["profile", "check", good, next])).toMatchObject({ code: 0, err: "" })
    const { code, out } = await called(["profile", "check", good, next, good])
    expect(code).toBe(1)
    expect(out.split("\n").filter((line) => /:\d+:\d+: /.test(line))).toEqual([
      expect.stringMatching(/good\.json:2:3: version: /),
      expect.stringMatching(/good\.json:3:3: effectiveFrom: /)
    ])
  })

  it("R75: tells machines the same as JSON", async () => {
    const bad = folder.file("bad.json", preset((it) => it["purseCeiling"] = 0))
    const { code, out } = await called(["profile", "check", "--json", good, bad])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({
      ok: false,
      files: [
        {
          file: good,
          ok: true,
          version: Csmzxy.csmzxy.version,
          effectiveFrom: Csmzxy.csmzxy.effectiveFrom,
          flaws: [],
          hints: []
        },
        {
          file: bad,
          ok: false,
          flaws: [{ path: "purseCeiling", line: expect.any(Number), column: 3, problem: expect.any(String) }],
          hints: []
        }
      ]
    })
  })
})

describe("yikatong profile show, schema", () => {
  it("R75: what show prints is a good profile again", async () => {
    const { code, out } = await called(["profile", "show", "csmzxy"])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(preset())
    expect((await called(["profile", "check", folder.file("shown.json", out)])).code).toBe(0)
  })

  it("R75: schema prints a JSON Schema of draft 2020-12", async () => {
    const { code, out } = await called(["profile", "schema"])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      required: expect.arrayContaining(["version", "limits"])
    })
  })
})
