// Builds every package: an empty dist, declarations and their check by tsc, JavaScript by tsup.
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { packages, root } from "./packages.ts"

const run = (command: string, ...args: ReadonlyArray<string>): void => {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: "inherit" })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

// Neither tsc nor tsup takes away the output of a module that was deleted.
for (const { path } of packages) rmSync(`${path}/dist`, { recursive: true, force: true })
run("tsc", "-b", ...packages.map(({ path }) => path))
run("tsup", "--silent")
