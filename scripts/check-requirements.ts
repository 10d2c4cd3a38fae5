// Holds docs/requirements.md against the code: every number of the first release is named by a test, and the catalogue of declines lists exactly
// the declines that there are. A decline of later work stands there too, marked (later).
import { globSync, readFileSync } from "node:fs"
import { Decline } from "../packages/core/src/Decline.ts"
import { root } from "./packages.ts"

const page = "docs/requirements.md"
const text = readFileSync(root + page, "utf8")
const problems: Array<string> = []

/** The numbers in a text: `R49`, ranges as `R58-R61` or `R58–61`, and golden traces. */
const numbersIn = (text: string): ReadonlyArray<string> => {
  const numbers = [...text.matchAll(/\b([RADI])(\d+)(?:[–-]\1?(\d+))?\b/g)]
  const traces = [...text.matchAll(/\b(golden trace )(\d+)(?:[–-](\d+))?\b/gi)]
  return [...numbers, ...traces].flatMap(([, letter = "", from, to = from]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => letter.toLowerCase() + String(Number(from) + n))
  )
}

/** What a test says of itself: its titles, its groups and the rows of its tables are strings; comments are not. */
const stringsIn = (source: string): string =>
  [...source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, "").matchAll(/"(?:[^"\\\n]|\\.)*"|`[^`]*`/g)].join("\n")

const [, release = ""] = /^\| \*\*first release\*\* \|(.*)\|$/m.exec(text) ?? []
const promised = numbersIn(release.replaceAll("golden traces", "golden trace"))
if (promised.length === 0) problems.push(`${page} does not say what the first release holds`)
const tests = globSync("packages/*/test/**/*.ts", { cwd: root })
const named = new Set(tests.flatMap((file) => numbersIn(stringsIn(readFileSync(root + file, "utf8")))))
for (const number of promised) {
  if (!named.has(number)) problems.push(`no test names ${number.toUpperCase()}, which is of the first release`)
}

const [, catalogue = ""] = /^### 10\.1 (.*?)^### 10\.2 /ms.exec(text) ?? []
const listed = new Map<string, boolean>()
for (const [, tag = "", later] of catalogue.matchAll(/^\| `(\w+)`( \(later\))? \|/gm)) {
  if (listed.has(tag)) problems.push(`${page}, 10.1: ${tag} stands there twice`)
  listed.set(tag, later !== undefined)
}
const tags = new Set(Object.keys(Decline.cases))
for (const tag of tags) if (!listed.has(tag)) problems.push(`${page}, 10.1: ${tag} of Decline.ts is missing`)
for (const [tag, later] of listed) {
  if (tags.has(tag) === later) {
    problems.push(
      `${page}, 10.1: ${tag} is ${later ? "marked as later and exists" : "no decline, and not marked as later"}`
    )
  }
}

for (const problem of problems) console.error(`check-requirements: ${problem}`)
if (problems.length > 0) process.exit(1)
console.log(`check-requirements: ${promised.length} numbers are named by tests, ${tags.size} declines are listed`)
