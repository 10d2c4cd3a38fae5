// Runs every fenced example in the doc comments of the packages. A line that ends with `// => value` must give that value. Each example becomes
// a module of its own; all are type-checked before one is run, so that an example cannot drift from what it shows. The snippets of the
// recipes are type-checked likewise, each alone, as whoever copies one has it; they are not run, since some open ports and databases.
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { root, sourceCondition } from "./packages.ts"

const folder = `${root}scripts/.docs`
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

/** The code of the fences in the doc comments of a file. */
const examplesIn = (source: string): ReadonlyArray<string> =>
  [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(([comment]) =>
    [...comment.matchAll(/^ *\* ```ts\n([\s\S]*?)^ *\* ```$/gm)].map(([, code = ""]) => code.replace(/^ *\* ?/gm, ""))
  )

const marker = /^(.*?) \/\/ => (.*)$/
/** An example as a module that fails where a shown value is not the one that comes. */
const moduleOf = (code: string): string => {
  const lines = code.split("\n").map((line) => {
    const [, expression, value] = marker.exec(line) ?? []
    return expression === undefined ? line : `deepStrictEqual(${expression}, ${value})`
  })
  return `import { deepStrictEqual } from "node:assert"\n${lines.join("\n")}`
}

const files: Array<readonly [example: string, file: string]> = []
let shown = 0
for (const file of globSync("packages/*/src/**/*.ts", { cwd: root }).sort()) {
  const source = readFileSync(`${root}${file}`, "utf8")
  const fences = (source.match(/^ *\* @example$/gm) ?? []).length
  const examples = examplesIn(source)
  if (examples.length < fences) {
    console.error(`check-docs: ${file} has ${fences} @example and ${examples.length} of them in a fence of ts`)
    process.exitCode = 1
  }
  for (const [at, code] of examples.entries()) {
    const example = `${file.replace(/[/\\]/g, "_").replace(/\.ts$/, "")}_${at}.ts`
    const values = code.split("\n").filter((line) => marker.test(line)).length
    if (values === 0) {
      console.error(`check-docs: example ${at + 1} of ${file} shows no value (// => value)`)
      process.exitCode = 1
    }
    shown += values
    writeFileSync(`${folder}/${example}`, moduleOf(code))
    files.push([example, file])
  }
}

let snippets = 0
for (const file of globSync("docs/recipes/*.md", { cwd: root }).sort()) {
  for (const [, code = ""] of readFileSync(`${root}${file}`, "utf8").matchAll(/^```ts\n([\s\S]*?)^```$/gm)) {
    writeFileSync(`${folder}/${file.replace(/[/\\]/g, "_")}_${++snippets}.ts`, code)
  }
}

// The types of assertions make a value that cannot be equal an error already here.
writeFileSync(
  `${folder}/tsconfig.json`,
  JSON.stringify({
    extends: "../../tsconfig.tools.json",
    include: ["*.ts"],
    exclude: [],
    compilerOptions: { noEmit: true, noUnusedLocals: false, incremental: false, plugins: [] },
    references: [
      { path: "../../packages/core" },
      { path: "../../packages/adapters-pg" },
      { path: "../../packages/adapters-pcsc" },
      { path: "../../packages/adapters-bank" }
    ]
  })
)
const checked = spawnSync("tsc", ["-p", folder], { cwd: root, encoding: "utf8" })
if (checked.status !== 0) {
  console.error(`check-docs: types\n${checked.stdout}${checked.stderr}`)
  process.exitCode = 1
}

for (const [example, file] of files) {
  const { status, stderr } = spawnSync(process.execPath, [`--conditions=${sourceCondition}`, `${folder}/${example}`], {
    cwd: root,
    encoding: "utf8"
  })
  if (status === 0) continue
  console.error(`check-docs: an example of ${file} does not hold:\n${stderr}`)
  process.exitCode = 1
}
if (process.exitCode === undefined) {
  rmSync(folder, { recursive: true })
  console.log(
    `check-docs: ${files.length} examples hold, ${shown} values shown; ${snippets} snippets of the recipes compile`
  )
}
