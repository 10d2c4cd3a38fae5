// Holds docs/requirements.md against the code: every number of the release stands in one row of the page and is named by a test, and the
// catalogue of declines lists exactly the declines that there are.
import { Decline } from "../packages/core/src/Decline.ts"
import { numbersIn, page, rows, tests, text } from "./requirements.ts"

const problems: Array<string> = []

const [, release = ""] = /^\| \*\*the release\*\* \|(.*)\|$/m.exec(text) ?? []
const promised = numbersIn(release.replaceAll("golden traces", "golden trace"))
if (promised.length === 0) problems.push(`${page} does not say what the release holds`)
for (const number of promised) {
  if (!tests.has(number)) problems.push(`no test names ${number.toUpperCase()}`)
}
const standing = rows.map(({ number }) => number)
for (const number of new Set([...promised, ...standing])) {
  const times = standing.filter((one) => one === number).length
  if (times !== 1) problems.push(`${page}: ${number.toUpperCase()} is the id of ${times} rows, not of one`)
  if (!promised.includes(number)) problems.push(`${page}, 1.3: ${number.toUpperCase()} is missing`)
}

const [, catalogue = ""] = /^### 10\.1 (.*?)^### 10\.2 /ms.exec(text) ?? []
const listed = [...catalogue.matchAll(/^\| `(\w+)` \|/gm)].map(([, tag = ""]) => tag)
const tags = Object.keys(Decline.cases)
for (const tag of new Set([...tags, ...listed])) {
  if (!tags.includes(tag)) problems.push(`${page}, 10.1: ${tag} is no decline`)
  const times = listed.filter((one) => one === tag).length
  if (times !== 1) problems.push(`${page}, 10.1: ${tag} stands there ${times} times, not once`)
}
if (/\((?:later|deferred)\)/i.test(text)) problems.push(`${page} promises something for later`)

for (const problem of problems) console.error(`check-requirements: ${problem}`)
if (problems.length > 0) process.exit(1)
console.log(`check-requirements: ${promised.length} numbers are named by tests, ${tags.length} declines are listed`)
