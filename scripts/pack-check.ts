// Are the packages fit to be published? Their manifests (publint), their types for every resolution (attw), and a stranger's project that
// installs them. Needs a build.
import { spawnSync } from "node:child_process"
import { packages } from "./packages.ts"

for (const { name, path } of packages) {
  for (
    const [command, ...args] of [["publint", "--strict"], ["attw", "--pack", ".", "--profile", "esm-only"]] as const
  ) {
    console.log(`\n${name}: ${[command, ...args].join(" ")}`)
    const { error, status } = spawnSync(command, args, { cwd: path, stdio: "inherit" })
    if (error !== undefined) throw error
    if (status !== 0) process.exit(status ?? 1)
  }
}

await import("./consumer-check.ts")
