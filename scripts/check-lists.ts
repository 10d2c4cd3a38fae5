// Lists that must say the same: a package that is missing from one of them would be neither checked nor published, and nobody would notice.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { packages, root, sourceCondition } from "./packages.ts"

const problems: Array<string> = []
const read = (file: string): string => readFileSync(root + file, "utf8")

// tsconfig.json refers to every package and its tests.
const solution = read("tsconfig.json")
for (const { folder } of packages) {
  for (const project of [`packages/${folder}`, `packages/${folder}/tsconfig.test.json`]) {
    if (!solution.includes(`"${project}"`)) {
      problems.push(`tsconfig.json does not refer to ${project}: it would not be checked`)
    }
  }
}

// Every entry point has its source, its dist beside it, and is used by the consumer check.
for (const { entryPoints, folder, name, path } of packages) {
  const { exports } = JSON.parse(read(`packages/${folder}/package.json`))
  for (const { source, specifier } of entryPoints) {
    if (!existsSync(source)) problems.push(`${specifier}: ${source.slice(root.length)} does not exist`)
    const target = exports[`.${specifier.slice(name.length)}`]
    const module = source.slice(`${path}/src/`.length, -".ts".length)
    const expected = {
      types: `./dist/${module}.d.ts`,
      [sourceCondition]: `./src/${module}.ts`,
      default: `./dist/${module}.js`
    }
    // The order counts: the first condition that fits wins.
    if (JSON.stringify(target) !== JSON.stringify(expected)) {
      problems.push(`${specifier}: exports must be ${JSON.stringify(expected)}, in this order`)
    }
    for (const file of readdirSync(`${root}scripts/consumer`).filter((file) => /\.(ts|mjs|cjs)$/.test(file))) {
      if (!read(`scripts/consumer/${file}`).includes(`"${specifier}"`)) {
        problems.push(`scripts/consumer/${file} does not use ${specifier}`)
      }
    }
  }
}

// Every test file belongs to a project of vitest: a test elsewhere would not run.
for (const { folder, path } of packages) {
  if (!read("vitest.config.ts").includes(`"packages/${folder}/test/**/*.test.ts"`)) {
    problems.push(`vitest.config.ts does not include packages/${folder}/test`)
  }
  for (const file of readdirSync(path, { recursive: true, encoding: "utf8" })) {
    if (/\.(test|spec)\.[cm]?[jt]sx?$/.test(file) && !/^(test\/.*\.test\.ts|node_modules\/.*|dist\/.*)$/.test(file)) {
      problems.push(`packages/${folder}/${file} is not run: tests are test/**/*.test.ts`)
    }
  }
}

// The recipes are found by their list.
const recipes = read("docs/recipes/README.md")
for (const file of readdirSync(`${root}docs/recipes`)) {
  if (file !== "README.md" && !recipes.includes(`(${file})`)) {
    problems.push(`docs/recipes/README.md does not name ${file}`)
  }
}

// An installation without scripts leaves the compiler unpatched: it would report no floating effect, and nobody would notice.
const compiler = spawnSync(`${root}node_modules/.bin/tsc`, ["--version"], { encoding: "utf8" })
if (!compiler.stdout?.includes("effect-tsgo")) problems.push("tsc does not know Effect: npm run prepare")

for (const problem of problems) console.error(`check-lists: ${problem}`)
if (problems.length > 0) process.exit(1)
