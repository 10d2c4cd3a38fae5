// Calls that name no command, or none that there is: exit codes, help, and secrets that never come out again.
import { Csmzxy } from "@yikatong/core"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"
import { called } from "./support/inProcess.ts"
import { Folder, yikatong } from "./support/yikatong.ts"

const folder = new Folder()
afterAll(() => folder.remove())
const preset = folder.file("preset.json", Csmzxy.csmzxy)

/** Two lines up, the line cleared, a line of its own, and from right to left; and how that is told. */
const hostile = `${String.fromCharCode(0x1b)}[2A${String.fromCharCode(0x9b)}2K\nall is good${
  String.fromCharCode(0x202e)
}`
const parsed = "\\x1b[2A\\u009b2K\\u000aall is good\\u202e"
const told = "\\u001b[2A\\u009b2K\\u000aall is good\\u202e"
const unseen = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u

const secret = "hunter2"
const url = `postgres://campus:${secret}@localhost:1/campus`

const table: ReadonlyArray<{
  readonly title: string
  readonly args: ReadonlyArray<string>
  readonly code: number
  readonly says: string | RegExp
}> = [
  { title: "its version", args: ["--version"], code: 0, says: /^yikatong v\d+\.\d+\.\d+\n$/ },
  { title: "help", args: ["--help"], code: 0, says: "校园一卡通" },
  {
    title: "the form of an address",
    args: ["books", "check", "--help"],
    code: 0,
    says: "postgres://user:password@host:5432/name; also"
  },
  { title: "nothing: the commands that there are", args: [], code: 0, says: "what-if" },
  {
    title: "the schema that is meant where none is given, and the exit codes",
    args: ["books", "check", "--help"],
    code: 0,
    says:
      /exit codes: 0 good, 1 [^]*2 wrong use, 3 nothing is known[^]*默认 campus \/ the schema of the campus, campus unless told/
  },
  {
    title: "what migrate does",
    args: ["migrate", "--help"],
    code: 0,
    says: "0 done or nothing to do, 2 wrong use, 3 not done"
  },
  { title: "migrate without a database", args: ["migrate"], code: 2, says: "say where the campus is" },
  { title: "migrate where no server is", args: ["migrate", "--database", url], code: 3, says: "can not be reached" },
  {
    title: "a seal that may take no time",
    args: ["books", "seal", "--seconds", "0", "--database", url],
    code: 2,
    says: "--seconds: it is 1 to 3600"
  },
  { title: "an unknown command", args: ["wat"], code: 2, says: "Unknown subcommand" },
  { title: "an unknown flag", args: ["profile", "check", "--jsn", "x"], code: 2, says: "Unrecognized flag: --jsn" },
  { title: "no file", args: ["profile", "check"], code: 2, says: "Missing required argument" },
  { title: "an unknown preset", args: ["profile", "show", "elsewhere"], code: 2, says: "csmzxy" },
  {
    title: "no campus",
    args: ["books", "check"],
    code: 2,
    says: /请给出 --database 或 --folder \/ say where the campus is: --database or --folder/
  },
  {
    title: "two campuses",
    args: ["books", "check", "--folder", ".", "--database", url],
    code: 2,
    says: "not both"
  },
  {
    title: "a schema that is none",
    args: ["books", "check", "--folder", ".", "--schema", "x\"; DROP"],
    code: 2,
    says: "can not name a schema"
  },
  {
    title: "an address that is none",
    args: ["books", "check", "--database", `x${secret}`],
    code: 2,
    says: "no address as postgres://user:password@host:5432/name\n"
  },
  {
    title: "another kind of address",
    args: ["books", "check", "--database", `mysql://u:${secret}@h/x`],
    code: 2,
    says: "no address"
  },
  {
    title: "a server that is not there",
    args: ["books", "check", "--database", url],
    code: 3,
    says: "can not be reached"
  },
  { title: "an address in the wrong place", args: ["books", "check", url], code: 2, says: "postgres://***@" },
  {
    title: "an address under the wrong flag",
    args: ["books", "check", `--databse=${url}`],
    code: 2,
    says: "--databse"
  },
  { title: "an address as a command", args: [url], code: 2, says: "Unknown subcommand" },
  { title: "an address as a file", args: ["profile", "check", url], code: 1, says: "there is no such file" },
  {
    title: "a folder without a campus",
    args: ["books", "check", "--folder", "/"],
    code: 3,
    says: "no embedded database"
  },
  { title: "no preset", args: ["profile", "show"], code: 2, says: "csmzxy" },
  {
    title: "what-if without a campus",
    args: ["what-if", "--profile", preset],
    code: 2,
    says: /请给出 --journal 或 --database 或 --folder \/ .*--journal or --database or --folder/
  },
  { title: "what-if without a policy", args: ["what-if", "--folder", "."], code: 2, says: "profile" }
]

describe("yikatong", () => {
  it.each(table)("$title: exit code $code", async ({ args, code, says }) => {
    const ended = await called(args)
    const all = ended.out + ended.err
    expect(all).toMatch(says)
    expect(ended.code).toBe(code)
    // D24: neither a password nor a stack.
    expect(all).not.toContain(secret)
    expect(all).not.toMatch(/\n\s+at .*:\d+:\d+/)
  })

  it.each<[title: string, args: ReadonlyArray<string>, says: string]>([
    ["a file", ["profile", "check", `no${hostile}`], `no${told}: 文件不存在`],
    ["a journal", ["what-if", "--profile", preset, "--journal", `no${hostile}`], `no${told}: 文件不存在`],
    ["a folder", ["books", "check", "--folder", `no${hostile}`], `no${told}: 没有内嵌数据库`],
    ["an unknown flag", ["profile", "check", `--no${hostile}`], `Unrecognized flag: --no${parsed}`],
    ["the value of an unknown flag", ["profile", "check", "x", `--no=no${hostile}`], "Unrecognized flag: --no"],
    ["an unknown command", [`no${hostile}`], `Unknown subcommand "no${parsed}"`],
    ["a preset", ["profile", "show", `no${hostile}`], `"no${parsed}". Expected: "csmzxy"`]
  ])("D24: %s whose name moves the cursor and forges a line", async (_, args, says) => {
    const { code, err, out } = await called(args)
    expect(out + err).toContain(says)
    expect(out + err).not.toMatch(/^all is good/m)
    expect(out + err).not.toMatch(unseen)
    expect(code).not.toBe(0)
  })

  it.each<[code: number, args: ReadonlyArray<string>]>([
    [0, ["--version"]],
    [1, ["profile", "check", "/nowhere"]],
    [2, ["profile", "check"]],
    [3, ["books", "check", "--folder", "/"]]
  ])("exit code %i is that of its process, which tells the same there", async (code, args) => {
    const ended = await yikatong(args)
    expect(ended).toEqual(await called(args))
    expect(ended.code).toBe(code)
  })

  it("the help keeps its colours on a terminal that has them", async () => {
    const { out } = await yikatong(["--help"], { NO_COLOR: "", FORCE_COLOR: "1" })
    expect(out).toContain(`${String.fromCharCode(0x1b)}[1m`)
    expect(out).not.toContain("\\u001b")
  })

  it("D24: takes the address from the environment, and keeps its secret as well", async () => {
    const { code, err } = await yikatong(["books", "check"], { YIKATONG_DATABASE: url })
    expect(err).toContain("can not be reached")
    expect(err).not.toContain(secret)
    expect(code).toBe(3)
  })
})

describe("what can not be written is not taken for good news", () => {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url))
  const schema = `'${process.execPath}' --conditions=yikatong-source '${main}' profile schema`

  it.runIf(existsSync("/dev/full"))("a disk that is full: exit code 3, and a word to the operator", () => {
    const { status, stderr } = spawnSync("sh", ["-c", `${schema} > /dev/full`], { encoding: "utf8" })
    expect(stderr).toContain("what is said here can not be written (ENOSPC)")
    expect(status).toBe(3)
  })

  it("a reader that has gone: the exit code of a broken pipe", () => {
    const { stderr, stdout } = spawnSync("sh", ["-c", `{ ${schema}; echo $? >&2; } | true`], { encoding: "utf8" })
    expect([stdout, stderr]).toEqual(["", "141\n"])
  })
})
