// Runs every example that has its output beside it (main.ts and main.ts.out) and compares. `--write` writes the outputs anew.
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { root, sourceCondition } from "./packages.ts"

const write = process.argv.includes("--write")
const outputs = readdirSync(`${root}examples`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts.out") && !file.includes("node_modules"))
  .sort()
if (outputs.length === 0) {
  console.error("check-examples: no example has its output beside it (main.ts.out)")
  process.exit(1)
}

let failed = 0
for (const output of outputs) {
  const example = `examples/${output.slice(0, -".out".length)}`
  const { error, status, stderr, stdout } = spawnSync(
    process.execPath,
    [`--conditions=${sourceCondition}`, example],
    { cwd: root, encoding: "utf8" }
  )
  if (error !== undefined) throw error
  if (status !== 0) {
    console.error(`check-examples: ${example} ended with ${status}:\n${stdout}${stderr}`)
    failed++
  } else if (write) {
    writeFileSync(`${root}examples/${output}`, stdout)
    console.log(`check-examples: ${example}.out written`)
  } else if (stdout !== readFileSync(`${root}examples/${output}`, "utf8")) {
    console.error(`check-examples: ${example} says something else than ${example}.out:`)
    spawnSync("diff", ["-u", `examples/${output}`, "-"], {
      cwd: root,
      input: stdout,
      stdio: ["pipe", "inherit", "inherit"]
    })
    failed++
  } else {
    console.log(`check-examples: ${example} says what it should`)
  }
}
if (failed > 0) process.exit(1)
