/**
 * A flaw of a file of `--cards`, in words 卡片设置错误: what is expected at its place, with an example, in Chinese and
 * English. A schema's own words are for programmers, and English alone.
 */
import type { Flaw } from "@yikatong/core"
import { both } from "./Failure.ts"

interface Expected {
  readonly zh: string
  readonly en: string
  /** As it stands in the file. */
  readonly example: string
}

const expected = (zh: string, en: string, example: string): Expected => ({ zh, en, example })
const choice = (...values: ReadonlyArray<string>): Expected => {
  const quoted = values.map((value) => `"${value}"`)
  return expected(`${quoted.join("、")} 之一`, `one of ${quoted.join(", ")}`, quoted[0] ?? "")
}
const number = (least: number, most: number, example: number): Expected =>
  expected(`${least} 至 ${most} 的整数`, `a whole number from ${least} to ${most}`, String(example))
const digits = (count: number, example: string): Expected =>
  expected(`${count} 位十六进制数字（加引号）`, `${count} hexadecimal digits in quotes`, `"${example}"`)

// The digits of nobody's key.
const key = digits(32, "000102030405060708090A0B0C0D0E0F")
const sectors = expected("扇区号列表", "a list of sector numbers", "[1, 2]")

/** By the place: names joined by dots, `*` for any one, or for any position in a list. */
const table: Readonly<Record<string, Expected>> = {
  "": expected("一个 JSON 对象", "an object of JSON", "{\"terminal\": \"000000000001\"}"),
  $schema: expected("文本", "a text", "\"cards.schema.json\""),
  cpu: expected("一个 JSON 对象", "an object of JSON", "{\"protection\": \"mac\"}"),
  "cpu.application": expected(
    "10 至 32 位十六进制数字（加引号），应用名",
    "10 to 32 hexadecimal digits in quotes, the name of the application",
    "\"A00000000386980701\""
  ),
  "cpu.files": expected("一个 JSON 对象", "an object of JSON", "{\"campus\": 25}"),
  "cpu.files.*": number(1, 30, 25),
  "cpu.keys": expected("一个 JSON 对象", "an object of JSON", "{\"load\": 1, \"purchase\": 1}"),
  "cpu.keys.*": number(0, 255, 1),
  "cpu.pin": expected("一个 JSON 对象", "an object of JSON", "{\"number\": 0, \"digits\": \"135790\"}"),
  "cpu.pin.number": number(0, 255, 0),
  "cpu.pin.digits": expected("4 至 12 位数字（加引号）", "4 to 12 digits in quotes", "\"135790\""),
  "cpu.protection": choice("mac", "none"),
  "cpu.logged": choice("after", "before"),
  windows: expected(
    "餐次名列表，至多 256 个，各不相同，含 \"other\"",
    "a list of 256 names of meals at most, all different, with \"other\" among them",
    "[\"lunch\", \"dinner\", \"other\"]"
  ),
  "windows.*": expected("餐次名", "the name of a meal", "\"lunch\""),
  meals: expected(
    "餐次列表",
    "a list of meals",
    "[{\"name\": \"lunch\", \"from\": 630, \"to\": 810}]"
  ),
  "meals.*": expected("一个餐次", "a meal", "{\"name\": \"lunch\", \"from\": 630, \"to\": 810}"),
  "meals.*.name": expected("餐次名，1 至 128 个字符", "a name of 1 to 128 characters", "\"lunch\""),
  "meals.*.from": number(0, 1439, 630),
  "meals.*.to": number(1, 1440, 810),
  terminal: digits(12, "000000000001"),
  keys: expected("一个 JSON 对象", "an object of JSON", "{\"of\": \"school\", \"purchase\": \"...\"}"),
  "keys.of": choice("school", "card"),
  "keys.factors": expected("分散因子列表", "a list of factors", "[\"0001020304050607\"]"),
  "keys.factors.*": digits(16, "0001020304050607"),
  "keys.*": key,
  m1: expected(
    "一个 JSON 对象",
    "an object of JSON",
    "{\"masters\": {\"A\": \"...\", \"B\": \"...\", \"seal\": \"...\"}}"
  ),
  "m1.masters": expected("一个 JSON 对象", "an object of JSON", "{\"A\": \"...\", \"B\": \"...\", \"seal\": \"...\"}"),
  "m1.masters.*": key,
  "m1.layout": expected(
    "两组扇区号 main 和 backup，都不为空，互不重复",
    "two lists of sectors, main and backup, none empty and no sector twice",
    "{\"main\": [1, 2], \"backup\": [3, 4]}"
  ),
  "m1.layout.*": sectors,
  "m1.layout.*.*": expected("扇区号", "the number of a sector", "1"),
  "m1.reader": choice("acs", "identiv", "generic")
}

/** What is expected there: by the place itself, or by one with `*`. */
const expectedAt = (path: string): Expected | undefined => {
  if (Object.hasOwn(table, path)) return table[path]
  const parts = path.split(".")
  const fits = (place: string): boolean => {
    const names = place.split(".")
    return names.length === parts.length && names.every((name, at) => name === "*" || name === parts[at])
  }
  const place = Object.keys(table).find(fits)
  return place === undefined ? undefined : table[place]
}

const uncoded = both(
  "meals 中每个 name 都应列在 windows 中",
  "each name in meals must stand in windows, as {\"windows\": [\"lunch\", \"other\"], \"meals\": [{\"name\": \"lunch\", ...}]}"
)
const unknown = both("没有此项", "there is no such field")

/** The flaw in words for people. One that has them already keeps them. */
export const told = (flaw: Flaw.Flaw): Flaw.Flaw => {
  const { path, problem } = flaw
  if (problem.includes(" / ")) return flaw
  if (problem.includes("excess")) return { path, problem: unknown }
  if (path === "" && problem.includes("for every meal")) return { path, problem: uncoded }
  const expected = expectedAt(path)
  if (expected === undefined) return flaw
  const { en, example, zh } = expected
  // Between Chinese and anything else stands a space.
  const due = /^[!-~]/.test(zh) ? `应为 ${zh}` : `应为${zh}`
  return {
    path,
    problem: problem === "Missing key"
      ? both(`缺少此项，${due}，如 ${example}`, `this is missing: ${en}, as ${example}`)
      : both(`${due}，如 ${example}`, `expected ${en}, as ${example}`)
  }
}
