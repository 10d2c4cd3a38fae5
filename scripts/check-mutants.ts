// Holds Stryker's report against docs/mutants.md: a mutant that survives must stand there, with the reason why it changes nothing; and what stands
// there must survive. A report on some of the files is compared with the rows of these files only.
import { readFileSync } from "node:fs"
import { root } from "./packages.ts"

const page = "docs/mutants.md"
const report = "reports/mutation.json"

interface Position {
  readonly line: number
  readonly column: number
}
interface Mutant {
  readonly status: string
  readonly replacement?: string
  readonly location: { readonly start: Position; readonly end: Position }
}
interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: ReadonlyArray<Mutant> }>>
}

const oneLine = (code: string): string => code.replaceAll(/\s+/g, " ").trim()
const cell = (code: string): string => `\`${code.replaceAll("|", "\\|")}\``
const row = (file: string, line: string, mutated: string): string => `| ${file} | ${cell(line)} | ${cell(mutated)} |`

/** The lines of a mutant as they stand and as it makes them; positions count from 1. */
const linesOf = (source: string, { location: { end, start }, replacement = "" }: Mutant): [string, string] => {
  const lines = source.split("\n").slice(start.line - 1, end.line)
  const head = (lines[0] ?? "").slice(0, start.column - 1)
  const tail = (lines.at(-1) ?? "").slice(end.column - 1)
  return [oneLine(lines.join("\n")), oneLine(head + replacement + tail)]
}

const { files }: Report = JSON.parse(readFileSync(root + report, "utf8"))
const names = new Map(Object.keys(files).map((file) => [file.replace(/^.*\//, ""), file]))
const withStatus = (...wanted: ReadonlyArray<string>): ReadonlySet<string> =>
  new Set(
    [...names].flatMap(([name, file]) => {
      const { mutants = [], source = "" } = files[file] ?? {}
      return mutants
        .filter(({ status }) => wanted.includes(status))
        .map((mutant) => row(name, ...linesOf(source, mutant)))
    })
  )
const survivors = withStatus("Survived", "NoCoverage")
// On a busy machine a mutant that changes nothing may run out of time: that proves neither.
const undecided = withStatus("Timeout")
const explained = new Set<string>()
const problems: Array<string> = []
for (
  const [, known = "", name = "", why = ""] of readFileSync(root + page, "utf8").matchAll(
    /^(\| (\w+\.ts) \| `.*` \|) (.*) \|$/gm
  )
) {
  if (!names.has(name)) continue
  if (why.trim() === "") problems.push(`${page} does not say why this mutant changes nothing:\n${known}`)
  if (!survivors.has(known) && !undecided.has(known)) {
    problems.push(`${page} lists a mutant that is found, or that there is no more:\n${known}`)
  }
  explained.add(known)
}
for (const survivor of survivors) {
  if (!explained.has(survivor)) {
    problems.push(`a mutant survives: add a test, or say why it changes nothing in ${page}:\n${survivor} … |`)
  }
}

for (const problem of problems) console.error(`check-mutants: ${problem}`)
if (problems.length > 0) process.exit(1)
console.log(`check-mutants: ${survivors.size} mutants survive in ${names.size} files, all of them explained`)
