// Writes docs/manual.md: from each requirement R1-R76 to its place in the manual, its code, its tests and what a person reads when the campus says
// no. `node --conditions=yikatong-source scripts/manual.ts --write` writes it; without --write it fails if the page is not what would be written.
import { Csmzxy, Decline, Explanation } from "@yikatong/core"
import { Schema } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { headings, type Rule, rules } from "./manual-rules.ts"
import { samples } from "./manual-samples.ts"
import { root } from "./packages.ts"
import { numbersIn, page, rows, tests, text } from "./requirements.ts"

const manual = "docs/manual.md"
const problems: Array<string> = []
const numbers: Readonly<Record<string, object>> = samples
const tags = Object.keys(Decline.Decline.cases) as ReadonlyArray<Decline.Decline["_tag"]>

/** By decline, the numbers that section 10.1 of the page gives it. */
const catalogue = new Map<string, string>()
for (const [, tag = "", rule = ""] of text.matchAll(/^\| `(\w+)` \| .* \| (.*) \|$/gm)) catalogue.set(tag, rule)

const requirements = rows.filter(({ number }) => number.startsWith("r"))

/** A rule's files are there and name it, and it knows the declines that the page promises. */
const check = (id: string, { declines, files }: Rule): void => {
  for (const file of files) {
    const path = `packages/core/src/${file}.ts`
    if (!existsSync(root + path)) problems.push(`${id}: there is no ${path}`)
    else if (!numbersIn(readFileSync(root + path, "utf8")).includes(id.toLowerCase())) {
      problems.push(`${id}: ${path} does not name it`)
    }
  }
  const row = requirements.find(({ number }) => number === id.toLowerCase())?.cells.join(" ") ?? ""
  const number = id.toLowerCase()
  for (const tag of tags) {
    const promised = row.includes(`\`${tag}\``) || numbersIn(catalogue.get(tag) ?? "").includes(number)
    if (promised && !declines.includes(tag)) {
      problems.push(`${id}: ${page} promises ${tag}, scripts/manual-rules.ts does not`)
    }
  }
}

for (let n = 1; n <= 76; n++) {
  const id = `R${n}`
  if (!requirements.some(({ number }) => number === `r${n}`)) problems.push(`${page} has no row for ${id}`)
  if (!tests.has(`r${n}`)) problems.push(`no test names ${id}`)
  const rule = rules[id]
  if (rule === undefined) problems.push(`scripts/manual-rules.ts has nothing about ${id}`)
  else check(id, rule)
}
for (const id of Object.keys(rules)) if (!/^R([1-9]|[1-6]\d|7[0-6])$/.test(id)) problems.push(`${id} is no requirement`)

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ")
/** As GitHub makes the anchor of a heading. */
const anchor = (heading: string): string => heading.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(/\s/g, "-")
/** The section of the manual and what is quoted from it, a line each; what is not the manual's own is told in both languages. */
const place = (source: string): string =>
  cell(source)
    .replaceAll(/\bFAQ\b/g, "三 FAQ")
    .replaceAll("(opening)", "开头 (opening)")
    .replaceAll(/\bnote\b/g, "注 note")
    .replace(/^inferred\b/, "推断 inferred")
    .replace("manual, last line", "手册末行 last line")
    .replaceAll(/ ?「/g, "<br>「")
const named = (tag: string): string => `[\`${tag}\`](#${tag.toLowerCase()})`
const tested = (number: string): string => {
  const all = tests.get(number) ?? []
  const files = all.some((file) => file.endsWith(".test.ts")) ? all.filter((file) => file.endsWith(".test.ts")) : all
  return files.map((file) => {
    const name = file.replace(/^packages\/core\/test\//, "").replace(/^packages\//, "").replace(/(\.test)?\.ts$/, "")
    return `[${name}](../${file})`
  }).join("<br>")
}
const line = (id: string, { declines, en, files, zh }: Rule, source: string): string =>
  `| <a id="${id.toLowerCase()}"></a>${id} | ${place(source)} | ${cell(zh)}<br>${cell(en)} | ${
    files.map((file) => `[${file}](../packages/core/src/${file}.ts)`).join("<br>")
  } | ${tested(id.toLowerCase())} | ${declines.map(named).join("<br>")} |`

const lines: Array<string> = [
  "# 手册逐条对照 / The manual, rule by rule",
  "",
  "<!-- Written by scripts/manual.ts from docs/requirements.md, scripts/manual-rules.ts, the tests and Explanation.ts. Do not edit it. -->",
  "",
  "《长沙民政职业技术学院校园一卡通操作手册》的每条规则：手册出处、一句话说明、代码、测试，以及被拒绝时的原因。原因在屏幕上怎么说，见[页末的表](#words)。",
  "编号与详细说明见 [requirements.md](./requirements.md)。",
  "",
  "Each rule of the school's manual: its place there, one line of what it says, the code that holds it, the tests that name it, and the declines that a person",
  "meets. How they read on a screen stands [at the end](#words). The numbers and the rules in full are those of [requirements.md](./requirements.md).",
  "`npm run docs` fails when this page is out of date, or when a rule has no test."
]
let heading = ""
for (const row of requirements) {
  const id = row.number.toUpperCase()
  const rule = rules[id]
  if (rule === undefined) continue
  if (row.heading !== heading) {
    heading = row.heading
    const zh = headings[heading]
    if (zh === undefined) problems.push(`scripts/manual-rules.ts has no Chinese for the heading "${heading}"`)
    const plain = heading.replace(/^[\d.]+ /, "")
    lines.push(
      "",
      `## ${zh ?? ""} ${plain}`,
      "",
      `[${page.replace("docs/", "")}, ${heading}](./requirements.md#${anchor(heading)})`,
      "",
      "| 编号 | 手册 in the manual | 规则 rule | 代码 code | 测试 tests | 被拒时 declines |",
      "| --- | --- | --- | --- | --- | --- |"
    )
  }
  lines.push(line(id, rule, row.cells.at(-1) ?? ""))
}

lines.push(
  "",
  "## <a id=\"words\"></a>屏幕上的话 What a person reads",
  "",
  "本校（预设配置）的用语；数字、日期为示例。先说情况，再说办法。",
  "",
  "In the words and places of the preset; numbers and dates are samples. First the fact, then what to do.",
  "",
  "| 原因 decline | 中文 | English | 编号 numbers |",
  "| --- | --- | --- | --- |"
)
for (const tag of tags) {
  const sample = Schema.decodeUnknownSync(Decline.Decline)({ _tag: tag, ...numbers[tag] })
  const { remedy, what } = Explanation.explain(sample, Csmzxy.csmzxy)
  const linked = cell(catalogue.get(tag) ?? "").replaceAll(
    /\bR(\d+)\b/g,
    (id: string) => `[${id}](#${id.toLowerCase()})`
  )
  lines.push(
    `| <a id="${tag.toLowerCase()}"></a>\`${tag}\` | ${cell(what.zh)}。<br>${cell(remedy.zh)}。 | ${
      cell(what.en)
    }.<br>${cell(remedy.en)}. | ${linked} |`
  )
}
lines.push("")

const written = lines.join("\n")
if (process.argv.includes("--write")) writeFileSync(root + manual, written)
else if (!existsSync(root + manual) || readFileSync(root + manual, "utf8") !== written) {
  problems.push(`${manual} is out of date: npm run manual`)
}
for (const problem of problems) console.error(`manual: ${problem}`)
if (problems.length > 0) process.exit(1)
console.log(`manual: ${requirements.length} requirements and ${tags.length} declines`)
