// What is wrong with a file of --cards, in words: whatever a schema says of it, people are told what is expected, with an example.
import { CardSetup } from "@yikatong/adapters-pcsc"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import * as CardsFlaw from "../src/CardsFlaw.ts"

const flawsOf = (data: unknown) => {
  const decoded = CardSetup.decode(data)
  return Result.isFailure(decoded) ? decoded.failure.flaws.map(CardsFlaw.told) : []
}
const meal = { name: "lunch", from: 630, to: 810 }

describe("a flaw of a file of --cards", () => {
  it.each<[title: string, data: unknown, path: string, says: string]>([
    ["no object", [], "", "应为一个 JSON 对象，如 {"],
    [
      "a key that is none",
      { keys: { of: "school", load: "zz" } },
      "keys.load",
      "expected 32 hexadecimal digits in quotes"
    ],
    ["keys of nobody", { keys: {} }, "keys.of", "缺少此项，应为 \"school\"、\"card\" 之一"],
    [
      "keys of something else",
      { keys: { of: "town" } },
      "keys.of",
      "expected one of \"school\", \"card\", as \"school\""
    ],
    [
      "a factor too short",
      { keys: { of: "school", factors: ["00"] } },
      "keys.factors.0",
      "expected 16 hexadecimal digits"
    ],
    [
      "a file of no number",
      { cpu: { files: { log: 99 } } },
      "cpu.files.log",
      "expected a whole number from 1 to 30, as 25"
    ],
    ["a key of no number", { cpu: { keys: { load: "1" } } }, "cpu.keys.load", "a whole number from 0 to 255"],
    ["no number of the PIN", { cpu: { pin: {} } }, "cpu.pin.number", "this is missing: a whole number from 0 to 255"],
    ["another protection", { cpu: { protection: "x" } }, "cpu.protection", "one of \"mac\", \"none\""],
    ["windows without other", { windows: ["a"] }, "windows", "应为餐次名列表"],
    ["a window of no name", { windows: [1, "other"] }, "windows.0", "the name of a meal"],
    [
      "a meal without end",
      { meals: [{ name: "a", from: 1 }] },
      "meals.0.to",
      "缺少此项，应为 1 至 1440 的整数，如 810"
    ],
    ["a meal without a code", { meals: [meal], windows: ["other"] }, "", "each name in meals must stand in windows"],
    ["a terminal of another type", { terminal: 5 }, "terminal", "应为 12 位十六进制数字（加引号），如"],
    ["M1 cards without masters", { m1: {} }, "m1.masters", "this is missing: an object of JSON"],
    [
      "a sector twice",
      { m1: { masters: { A: "", B: "", seal: "" }, layout: { main: [1], backup: [1] } } },
      "m1.layout",
      "no sector twice"
    ],
    [
      "a field of ours that is none",
      { cpu: { protektion: "mac", x: 1 } },
      "cpu.x",
      "没有此项 / there is no such field"
    ],
    ["a name that is misspelt", { keys: { of: "school", purchas: "" } }, "keys.purchas", "did you mean purchase"]
  ])("%s: where, what is expected, and as an example", (_, data, path, says) => {
    const flaws = flawsOf(data)
    expect(flaws.find((flaw) => flaw.path === path)?.problem).toContain(says)
    // Whatever is told is told in both languages.
    for (const { problem } of flaws) expect(problem).toMatch(/[\u4E00-\u9FFF].* \/ [a-z]/)
  })
})
