// `yikatong reader doctor` on this machine, whatever it is: which findings there are depends on it, their form does not.
import { describe, expect, it } from "vitest"
import { called } from "./support/inProcess.ts"
import { type Ended, yikatong } from "./support/yikatong.ts"

const codes: Readonly<Record<string, number>> = { good: 0, wrong: 1, unknown: 3 }
const unseen = /[^\P{Cc}\n]|[\u202A-\u202E\u2066-\u2069]/u

const calm = ({ code, err, out }: Ended): void => {
  expect([0, 1, 3]).toContain(code)
  // Where nothing is known, a sentence says so; what is wrong is said on the output alone.
  expect(err).toMatch(code === 3 ? /^yikatong: .* \/ .*\n$/ : /^$/)
  expect(out).not.toMatch(unseen)
  expect(out).not.toMatch(/undefined|\[object|NaN|node_modules/)
}

describe("yikatong reader doctor", () => {
  it("says at first whether cards can be read, then what is wrong with its remedy, then what was found", async () => {
    const ended = await yikatong(["reader", "doctor"])
    calm(ended)
    const [headline = "", ...lines] = ended.out.trimEnd().split("\n")
    expect(headline).toMatch(
      ended.code === 0
        ? /^可以读卡 \/ /
        : ended.code === 1
        ? /^读卡有问题，共 \d+ 处 \/ .*: \d+$/
        : /^无法判断能否读卡 \/ /
    )
    const at = lines.indexOf("查到 / what was found")
    const findings = lines.slice(0, at)
    expect(findings.filter((line) => line.startsWith("  问题 wrong: "))).toHaveLength(
      ended.code === 1 ? Number(headline.split(": ")[1]) : 0
    )
    for (const line of findings) {
      expect(line).toMatch(/^ {2}(问题 wrong|提示 hint|不明 unknown): .+ \/ .+$|^ {4}\S.* \/ .+$|^ {6}\S/)
    }
    const found = lines.slice(at + 1)
    for (const line of found) expect(line).toMatch(/^ {2}\S.*: \S/)
    for (
      const fact of [
        "系统 system",
        "服务在运行 service runs",
        "绑定 binding",
        "驱动 drivers",
        "可用读卡器 readers seen"
      ]
    ) {
      expect(found.filter((line) => line.startsWith(`  ${fact}: `))).toHaveLength(1)
    }
    expect(found[0]).toContain(`Node ${process.versions.node}`)
  })

  it("tells machines the same as JSON", async () => {
    const ended = await yikatong(["reader", "doctor", "--json"])
    calm(ended)
    expect(ended.out.trimEnd().split("\n")).toHaveLength(1)
    const told = JSON.parse(ended.out)
    expect(codes[told.verdict]).toBe(ended.code)
    expect(told).toMatchObject({
      ok: ended.code === 0,
      machine: {
        system: { platform: process.platform, architecture: process.arch, node: process.versions.node },
        binding: { name: "pcsc-mini", version: expect.stringMatching(/^\d/) }
      }
    })
    for (const finding of told.findings) {
      expect(finding).toEqual({
        cause: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        severity: expect.stringMatching(/^(wrong|note|unknown)$/),
        what: { zh: expect.any(String), en: expect.any(String) },
        remedy: { zh: expect.any(String), en: expect.any(String) },
        commands: expect.any(Array)
      })
    }
    const severities = told.findings.map(({ severity }: { readonly severity: string }) => severity)
    expect(severities.includes("wrong")).toBe(told.verdict === "wrong")
  })

  it.each<[title: string, args: ReadonlyArray<string>, code: number, says: string]>([
    [
      "its help tells the exit codes",
      ["reader", "doctor", "--help"],
      0,
      "0 good, 1 something is wrong, 2 wrong use, 3 nothing is known"
    ],
    ["reader alone tells what there is", ["reader"], 0, "doctor"],
    ["an unknown flag is wrong use", ["reader", "doctor", "--fix"], 2, "--fix"],
    ["an unknown command is wrong use", ["reader", "heal"], 2, "heal"]
  ])("%s", async (_, args, code, says) => {
    const ended = await called(args)
    expect(ended.out + ended.err).toContain(says)
    expect(ended.code).toBe(code)
  })
})
